/* SPDX-License-Identifier: ISC */
/* base/process.h - what every main does before its first line of work.
 *
 * process_harden() comes first in each main (execve resets it): no core dump, not dumpable, no ptrace by equals,
 * umask 077, SIGPIPE ignored. process_warn_root() says once that root runs what a unit would run as its own user.
 * process_lock() takes the flock of a pid file and keeps the descriptor for the process's life.
 * process_set_pace() is for a thread of its own, at any time. Threads: all else before the first thread. */
#ifndef SENIM_BASE_PROCESS_H
#define SENIM_BASE_PROCESS_H

#include <glib.h>

void process_harden(void);
void process_warn_root(const char *program);
/* Raises RLIMIT_NOFILE to its hard limit (root: to at least wanted); returns what is in force. */
guint64 process_raise_descriptors(guint64 wanted);
/* FALSE and *error (G_FILE_ERROR) where another process holds it; the message says what to do. */
gboolean process_lock(const char *path, GError **error);

typedef enum {
	PROCESS_QUICK, /* little to do, and somebody waits for it: it goes before whoever computes at length */
	PROCESS_BATCH, /* takes a processor from nobody; where all are taken it waits for the clock's next tick */
	PROCESS_LAST,  /* computes at length, and gives way to the intake; a thread does not come back from it */
} ProcessPace;
/* How the calling thread is scheduled. A kernel that knows nothing of it, or a unit that forbids it, changes nothing. */
void process_set_pace(ProcessPace pace);

#endif
