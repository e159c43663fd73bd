/* SPDX-License-Identifier: ISC */
/* store/reminders.h - at the fixed hours of working days (`notice-hours` of senim.conf(5)) officers are asked by mail to open
 * their screen.
 *
 * Who:       by `notice = always` every officer with a mail address at each hour, whether or not anything came, so that the mail
 *            hosts on the way learn neither when a report arrived nor that one did; by `when-needed` only whom something waits for.
 *            The deputy at the first hour of a day, while a report that she may read was opened by nobody for a whole working day
 *            or a term ends within REMINDERS_DUE working days; at every hour, like the officer, while she stands in for one. Nobody
 *            for what is kept from her, and what arrived behind the hour is the next one's.
 * Letter:    the one fixed sentence (store/notices.h); with `notice-counts` and two figures, of one size all the same.
 * Promise:   each is an entry NOTICE with `hour` and its letter in the same commit: no crash asks anybody twice, or not at all
 *            while the day lasts. An hour that was missed is made good later on its day; one before she came, or before the last of
 *            several that were missed, is not. Letters: at most officers times hours a day.
 * Ownership: everything borrowed. Threads: the outbox's. */
#ifndef SENIM_STORE_REMINDERS_H
#define SENIM_STORE_REMINDERS_H

#include "store/registry.h"

#define REMINDERS_DUE 3      /* working days */
#define REMINDERS_COUNT 999 /* figures go no further, or the letter would grow */

typedef struct {
	/* Is that moment (microseconds UTC) on a working day of the mailbox? */
	gboolean (*is_working_day)(const Config *config, const ConfigMailbox *mailbox, gint64 moment, gpointer user);
	/* When a whole working day has passed since that arrival. */
	gint64 (*day_after)(const Config *config, const ConfigMailbox *mailbox, gint64 received, gpointer user);
	/* Does the case's term end within so many working days of that moment's, or has it ended? */
	gboolean (*is_due)(const Config *config, const ConfigMailbox *mailbox, const LedgerCase *c, gint64 moment, guint days,
	                   gpointer user);
	gpointer user;
} ReminderHooks;

/* Enters what is due for one mailbox. *last: the hour that was served last, 0 none; the caller keeps it. Returns when to come
 * back; after a failure, which the log has, soon. */
gint64 reminders_serve(Registry *registry, const ReminderHooks *hooks, const Config *config, const ConfigMailbox *mailbox,
                       Ledger *ledger, gint64 *last);

#endif
