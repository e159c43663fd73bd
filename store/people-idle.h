/* SPDX-License-Identifier: ISC */
/* store/people-idle.h - when an officer's access ends because she does not use it (R28).
 *
 * Counted are the days since her last sign-in on which there was something to read: from it where a case waits that nobody
 * has opened, else from the first that came after it. Days of a leave (`officer cover`) do not count. Whom it concerns:
 * officers and deputies; the escalation, the supervisor and the recovery are called in rarely.
 * The last who could open new cases keeps her access, however long: people_is_last().
 * Threads: as the ledger's. */
#ifndef SENIM_STORE_PEOPLE_IDLE_H
#define SENIM_STORE_PEOPLE_IDLE_H

#include "store/ledger.h"

/* The moment (microseconds) past which she is blocked, as things are now; 0: none. */
gint64 people_idle_end(Ledger *ledger, const PeoplePerson *person, guint days, gint64 now);

#endif
