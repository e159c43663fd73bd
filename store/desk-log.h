/* SPDX-License-Identifier: ISC */
/* store/desk-log.h - who may read which acts of the log of a mailbox.
 *
 * A supervisor reads all of it, and each reading is an entry (LOG_READ) that names the period and, where she asked for one,
 * the officer. Where a mailbox has no supervisor in force, the higher leadership does her part. Everybody else reads what
 * she did herself, and what was done about her key.
 *
 *   an entry's record is handed out   to the log's reader: every act, every refusal, every incident; never what tells of a
 *                                     report (RECEIVED and what follows it by itself), never a text but a ground's
 *                                     to anybody else: her own, unless it is of a case that is elsewhere by now
 *   the entry's 104 octets            to everybody, so that one proof holds for the whole range and nothing is left out
 *
 * The escalation, reading in the supervisor's place, is not shown who was kept from a case and to whom it was given: it
 * may have been she.
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_LOG_H
#define SENIM_STORE_DESK_LOG_H

#include "store/desk-place.h"

/* Does she read the whole log of that mailbox? */
gboolean desk_log_is_reader(const DeskPlace *place);
/* The first entry of that day (seconds, UTC midnight) or a later one: their days never run backwards. */
gboolean desk_log_find_day(Ledger *ledger, gint64 day, guint64 *seq, GError **error);

#endif
