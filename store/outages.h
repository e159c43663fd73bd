/* SPDX-License-Identifier: ISC */
/* store/outages.h - what the registrar sees of outages: its own, the milter's, the nursery's, the MTA's, and of the clock.
 *
 * Once a minute the file `alive` in the state-directory says that the registrar lives: a record of a fixed size that takes
 * the place of the last one. At a start that is what its own outage is computed from: by the clock that never leaps where the
 * host was not started anew, else by the wall clock. What lasts longer than an hour is entered in each register as an incident
 * (store/incident.h), and its end, when it comes. What cannot be entered (a full disk, a wrong clock) stays in the file and
 * is tried again each minute, through restarts; nothing is entered twice.
 *
 *   what       since                                        until
 *   registrar  the last minute in which it lived            its start
 *   milter     its last ALIVE, when three minutes are over   the next; one that never sent any is not missed
 *   nursery    an ALIVE that says that there is none         one that says that there is
 *   mta        a letter that found nobody to take it         a letter that was taken
 *   refused    a report that was put off                     a report that was registered
 *   clock      a leap of more than an hour between two minutes, or while the registrar was not there
 *
 * Threads:   outages_…() below outages_start() from any thread; they only note, and never wait for a disk.
 * Ownership: a Outages borrows its registry, which outlives it. */
#ifndef SENIM_STORE_OUTAGES_H
#define SENIM_STORE_OUTAGES_H

#include "store/registry.h"

#define OUTAGES_MARK "alive" /* in the state-directory */

typedef struct Outages Outages;

typedef struct {
	gint64 (*uptime)(void); /* microseconds that never leap; NULL: CLOCK_BOOTTIME */
	const char *boot;       /* which start of the host this is; NULL: the kernel's boot_id */
} OutagesOptions;

/* Reads what the last process left. options NULL: the system's. */
Outages *outages_new(Registry *registry, const OutagesOptions *options);
/* And lets a thread look once a minute, the first time at once. */
void outages_start(Outages *outages);
/* Says in the file that it ended in order. NULL is harmless. */
void outages_stop(Outages *outages);

/* One look: what is due is entered, and the file written. The thread's, and tests'. */
void outages_look(Outages *outages);

void outages_milter(Outages *outages, gboolean nursery, guint64 put_off); /* an ALIVE: put_off since the last one */
void outages_report(Outages *outages, gboolean taken);
void outages_mta(Outages *outages, gboolean reached);

#endif
