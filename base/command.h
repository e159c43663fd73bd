/* SPDX-License-Identifier: ISC */
/* base/command.h - runs a program and waits for its end, for so long and no longer.
 *
 * No shell; an environment of its own (PATH and LC_ALL alone); no descriptor of ours but the one that it reads; what it says is
 * thrown away; signals as a program expects them, not as our threads have them.
 * Threads: any, beside others that wait for children of their own. */
#ifndef SENIM_BASE_COMMAND_H
#define SENIM_BASE_COMMAND_H

#include <glib.h>

/* input: its standard input, borrowed; -1 nothing. Killed after that many seconds. Returns 0 and *status as of waitpid(2), or the
 * errno of a start that failed. */
int command_run(char *const *argv, int input, guint seconds, int *status);

#endif
