/* SPDX-License-Identifier: ISC */
/* store/archiver.h - the archive of every mailbox by itself: on the first working day of a month, behind the day's work
 * (store/archive.h), and when the host's keeper asks for it.
 *
 * It looks once an hour whether the month before stands in the archive yet; one that was missed is made up for on the next
 * working day, and a run that failed is tried again an hour later. When all mailboxes are archived the time of <state-directory>/
 * archived says so; its text is the month before it.
 * Threads: one of its own; archiver_demand() and archiver_state() from any. Ownership: borrows the registry. */
#ifndef SENIM_STORE_ARCHIVER_H
#define SENIM_STORE_ARCHIVER_H

#include "store/registry.h"

#define ARCHIVER_MARK "archived"

typedef struct Archiver Archiver;

typedef struct {
	/* Is that moment (microseconds UTC) on a working day of the mailbox? */
	gboolean (*is_working_day)(const Config *config, const ConfigMailbox *mailbox, gint64 moment, gpointer user);
	gpointer user;
} ArchiverHooks;

Archiver *archiver_start(Registry *registry, const ArchiverHooks *hooks);
/* A run that is under way ends where it is; the next one goes on. NULL is harmless. */
void archiver_stop(Archiver *archiver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archiver, archiver_stop)

/* A run as soon as may be, whatever the day: its number. */
guint64 archiver_demand(Archiver *archiver);

typedef struct {
	guint64 ended;   /* number of the last run that ended */
	char *fault;     /* why it failed; NULL: it did not */
	guint months;    /* that it wrote, all mailboxes together */
	guint64 payloads;
	guint damage;    /* faults that it found with earlier months */
} ArchiverState;
void archiver_state(Archiver *archiver, ArchiverState *state);
void archiver_state_clear(ArchiverState *state);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiverState, archiver_state_clear)

/* A seam for tests: microseconds between two looks, the first too; 0: the usual ones. */
extern gint64 archiver_test_wait;

#endif
