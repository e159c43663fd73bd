/* SPDX-License-Identifier: ISC */
/* store/registrar-dates.h - where the registrar meets policy/'s calendar: from which day a case counts, when it is due.
 *
 * The calendars that the configuration names are read at the start and at each reload, all of them or none. A calendar that
 * cannot be read at the start never stops the intake: its mailbox then has no dates, and the log says so.
 * Part of the program, not of the library: the store itself does not know policy/.
 * Threads: any; registrar_dates_load() may run beside the others. */
#ifndef SENIM_STORE_REGISTRAR_DATES_H
#define SENIM_STORE_REGISTRAR_DATES_H

#include <jansson.h>

#include "base/config.h"
#include "store/desk.h"

/* FALSE and *error where a calendar is missing or bad: the ones in force stay. What --check-config runs, too. */
gboolean registrar_dates_load(const Config *config, GError **error);

/* Says in the log each day that counts otherwise by the calendars in force than by those of the last time, of which a copy lies
 * in the state directory; keep: of these from now on. A calendar that changes moves dates that reporters were told: each case
 * shows its own difference (senim why). */
void registrar_dates_compare(const Config *config, gboolean keep);

/* DeskHooks.dates: the official date, and the last day of the term; each invalid where the calendar does not know. */
void registrar_dates_of(const Config *config, const ConfigMailbox *mailbox, gint64 received, GDate *official, GDate *due,
                        gpointer user);
/* ArchiverHooks.is_working_day: by the calendar; where that does not know, any day but Saturday and Sunday. */
gboolean registrar_dates_is_working_day(const Config *config, const ConfigMailbox *mailbox, gint64 moment, gpointer user);
/* ReminderHooks.day_after: at the same time of the working day behind the one from which it counts, from the opening on. */
gint64 registrar_dates_day_after(const Config *config, const ConfigMailbox *mailbox, gint64 received, gpointer user);
/* ReminderHooks.is_due: by the day to which the term was prolonged, else by the calendar; where that does not know, FALSE. */
gboolean registrar_dates_is_due(const Config *config, const ConfigMailbox *mailbox, const LedgerCase *c, gint64 moment, guint days,
                                gpointer user);
/* AlarmsHooks.calendar_ends: or cannot be read at all. */
gboolean registrar_dates_calendar_ends(const Config *config, gint64 now, guint days, gpointer user);
/* DeskHooks.terms. */
void registrar_dates_terms(const Config *config, const ConfigMailbox *mailbox, gint64 received, gint64 acknowledged,
                           DeskTerms *terms, gpointer user);
/* DeskHooks.explain: what /v1/why answers (doc/architecture.md). */
json_t *registrar_dates_explain(const Config *config, const ConfigMailbox *mailbox, gint64 received, const GDate *until,
                                gpointer user);

#endif
