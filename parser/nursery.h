/* SPDX-License-Identifier: ISC */
/* parser/nursery.h - keeps caged children waiting, one for each message (doc/architecture.md, "senim-milter and its
 * nursery").
 *
 * The caller has loaded whatever the work needs; children inherit it by fork and load nothing themselves.
 * A child:   holds one descriptor, its socket; reads EXAMINE and the message; answers one FINDING; _exit. It never
 *            serves a second message, so that no report meets the memory of another.
 * Promise:   `workers` children wait at any time (a fork that fails is tried again); a taken child lives at most
 *            `wall_ms`; when the control socket ends, or the nursery dies, all children end with it.
 * Threads:   single-threaded, for good: it forks.
 * Fails:     nursery_run() returns FALSE and *error where it cannot go on; TRUE when the control socket ended. */
#ifndef SENIM_PARSER_NURSERY_H
#define SENIM_PARSER_NURSERY_H

#include "base/record.h"

#define NURSERY_ERROR (nursery_error_quark())
GQuark nursery_error_quark(void);

#define NURSERY_WALL_MS 15000
#define NURSERY_WORKERS_MAX 256
#define NURSERY_MESSAGE_MAX (200u << 20)

/* EXAMINE's record, as doc/architecture.md lists it. */
extern const RecordField nursery_examine_schema[];

/* One message's work, in the child, which may change the octets. The result is FINDING's body (transfer full), NULL where there is none to give (the
 * child then ends without an answer). */
typedef GBytes *(*NurseryWork)(const Record *job, guint8 *message, gsize size, gpointer user);

typedef struct {
	int control;   /* descriptor 3 of senim-examine --nursery */
	guint workers; /* 1 .. NURSERY_WORKERS_MAX */
	guint wall_ms;
	guint taken_max; /* how many may be at work at a time: past it no child is handed out until one has ended */
	NurseryWork work;
	gpointer user;
} NurseryOptions;

gboolean nursery_run(const NurseryOptions *options, GError **error);

#endif
