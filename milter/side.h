/* SPDX-License-Identifier: ISC */
/* milter/side.h - what one senim-milter has once: the configuration in force, the counters, the time that a message has.
 *
 * Snapshot:  a configuration with its recipient matcher, immutable and counted. A connection keeps the one that it met
 *            to its end; a reload puts another in its place for those that come later.
 * Counters:  connections, against max-connections before the descriptors run out (libmilter spins silently when they
 *            do); reports between the final dot and their verdict, which SIGTERM waits for.
 * Intake:    a few connections to the registrar, kept from one report to the next. Each keeps its place there, so the
 *            one that rested last is taken first, and no new one is made while any rests.
 * Ownership: a Side is freed by the one who made it, after every connection ended.
 * Threads:   every function from any thread; times and paths are set before the first one starts. */
#ifndef SENIM_MILTER_SIDE_H
#define SENIM_MILTER_SIDE_H

#include "base/config.h"
#include "milter/intake-client.h"
#include "milter/nursery-client.h"
#include "milter/recipient.h"

typedef struct {
	Config *config;
	RecipientMatcher *matcher;
	gatomicrefcount references;
} Snapshot;

Snapshot *side_snapshot_new(Config *config); /* takes a reference */
Snapshot *side_snapshot_ref(Snapshot *snapshot);
void side_snapshot_unref(Snapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, side_snapshot_unref)

/* Microseconds. Sendmail gives up after 10 s of silence and, whatever the case, after 300 s (MILTER-FACTS in doc/). */
typedef struct {
	gint64 total;       /* end of message: all of it */
	gint64 child;       /* waiting for a child of the nursery */
	gint64 examination; /* a child's work, and what it takes to see it killed */
	gint64 registrar;   /* READERS and COMMIT of all mailboxes */
	gint64 file;        /* FILE in the middle of a message: while we wait the MTA cannot write on */
	gint64 life;        /* a message, from MAIL */
	gint64 progress;    /* between two signs of life */
	gint64 retry;       /* between two attempts to reach the registrar */
	gint64 rest;        /* a connection to the registrar, from one report to the next; 0: none is kept */
} SideTimes;

extern const SideTimes side_times;

typedef struct Side Side;

/* nursery NULL: nothing is examined. Borrowed. */
Side *side_new(Config *config, NurseryClient *nursery, const SideTimes *times);
void side_free(Side *side);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Side, side_free)

const SideTimes *side_get_times(const Side *side);
NurseryClient *side_nursery(const Side *side);
/* The snapshot in force (transfer full). */
Snapshot *side_snapshot(Side *side);
/* Puts another in its place. */
void side_reload(Side *side, Config *config);

typedef enum {
	SIDE_WELCOME,
	SIDE_OVER,    /* above max-connections: reports are put off, other mail passes */
	SIDE_REFUSED, /* above twice that: not served at all, and not counted */
} SideConnection;

SideConnection side_connect(Side *side);
void side_disconnect(Side *side);
/* Descriptors that the caps can use up together: what RLIMIT_NOFILE has to admit. */
guint64 side_descriptors(const Config *config);

/* A connection to the registrar for one report: one that rested, else one that is still to be made (transfer full). */
IntakeClient *side_take_intake(Side *side, const Snapshot *snapshot);
/* Its report is registered: takes the connection, and keeps it for another one where it can serve one. NULL is none. */
void side_give_intake(Side *side, IntakeClient *client);

/* A report was taken, or put off: for the alarm (milter/watch.h). now: microseconds of the system's clock. */
void side_note_intake(Side *side, gboolean taken, gint64 now);
gboolean side_intake_stands(Side *side, gint64 now);

/* A message was answered 451 for a reason of ours: counted until the registrar was told of it. */
void side_put_off(Side *side);
guint64 side_count_put_off(Side *side);
void side_told_put_off(Side *side, guint64 n);

/* A report's end of message: FALSE where the daemon is stopping. */
gboolean side_enter(Side *side);
void side_leave(Side *side);
gboolean side_stopping(Side *side);
/* From now on nobody enters; waits until all have left, at most that long (microseconds). FALSE: some had not. */
gboolean side_drain(Side *side, gint64 patience);

#endif
