/* SPDX-License-Identifier: ISC */
/* store/alarms.h - tells whoever keeps the host what would stop the intake, before it does (base/alarm.h), and keeps the reserve
 * (store/reserve.h).
 *
 * Looks once a minute, and soon after a report was put off. A letter is an entry NOTICE with `alarm` and `state` in the first mailbox's register that takes it, and goes
 * through the outbox like all that leaves; where no register takes an entry (a wrong clock, a disk that fails) it goes to the MTA
 * without one. From these entries a start knows what was told, so that a restart tells nothing twice. Commands are run beside; that
 * for `intake` is senim-milter's to run, which also sees a registrar that is gone.
 * Promise:   no word of a case: word and state are of two short lists.
 * Threads:   one of its own. Ownership: borrows the registry and the hooks' user. */
#ifndef SENIM_STORE_ALARMS_H
#define SENIM_STORE_ALARMS_H

#include "store/outbox.h"

typedef struct Alarms Alarms;

typedef struct {
	/* Does a mailbox's calendar end within so many days of now (microseconds UTC)? */
	gboolean (*calendar_ends)(const Config *config, gint64 now, guint days, gpointer user);
	/* A row was added to the outbox. */
	void (*wake)(gpointer user);
	/* As the outbox's, for what goes without an entry. */
	char *(*compose)(const OutboxLetter *letter, gpointer user, gsize *size, GError **error);
	gpointer user;
} AlarmsHooks;

#define ALARMS_DAYS 30         /* before calendar or key end */

/* Without a thread: whoever calls alarms_look() is it. What was told before is known, and the reserve is there. */
Alarms *alarms_new(Registry *registry, const AlarmsHooks *hooks);
Alarms *alarms_start(Registry *registry, const AlarmsHooks *hooks);
/* NULL is harmless. */
void alarms_stop(Alarms *alarms);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Alarms, alarms_stop)

/* A look soon. */
void alarms_wake(Alarms *alarms);
/* One look at everything; what the thread does once a minute. */
void alarms_look(Alarms *alarms);

#endif
