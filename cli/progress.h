/* SPDX-License-Identifier: ISC */
/* cli/progress.h - one line on a terminal that says how far a long download is.
 *
 *   12 MiB of 48 MiB (25 %)
 *
 * Only where standard error is a terminal and the whole is at least PROGRESS_LEAST; ten times a second at most; gone
 * when it ends. Threads: one. Fails: never. */
#ifndef SENIM_CLI_PROGRESS_H
#define SENIM_CLI_PROGRESS_H

#include <glib.h>

#define PROGRESS_LEAST (1024 * 1024)

typedef struct {
	guint64 all, done;
	gint64 shown; /* monotonic; 0: never yet */
	gboolean proving; /* of cases: what was made is tried */
} Progress;

void progress_add(Progress *progress, guint64 more);
/* The same for cases, of which `all` are to be done. */
void progress_case(Progress *progress, guint64 more);
/* The same for entries of the register. */
void progress_register(Progress *progress, guint64 more);
void progress_end(Progress *progress);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Progress, progress_end)

#endif
