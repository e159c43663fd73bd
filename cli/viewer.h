/* SPDX-License-Identifier: ISC */
/* cli/viewer.h - a file of a memory room, shown by a program that the officer chose, and gone when that ends.
 *
 * The program gets the file's path, a home of its own within the room (thumbnails, lists of recent files and temporary
 * files land there and go with it), no session bus, and, where the kernel lets it, no network (unshare(1): user and
 * network namespace). A keeper stands between it and senim: it waits for all that the program started, and when senim is
 * killed, even by SIGKILL, ends the program and takes the room away.
 * Waiting:   until the viewer is closed. ^C belongs to it.
 * Fails:     CLI_ERROR_FAILED: no such program, or it ended badly at once. */
#ifndef SENIM_CLI_VIEWER_H
#define SENIM_CLI_VIEWER_H

#include "cli/memory-room.h"

/* The command for a type out of "TYPE: COMMAND; TYPE: COMMAND" (transfer full); NULL: none is named. The first that fits
 * counts; TYPE may end with a star. */
char *viewer_command(const char *viewers, const char *type);
/* Is every piece of the list of that form? */
gboolean viewer_check(const char *viewers);
/* May a program be started without a network here? Tried, by unshare(1) itself. */
gboolean viewer_may_cut_off(void);
/* Adds the words before a command that start it so. */
void viewer_add_cut_off(GPtrArray *argv);
/* Takes the room: it is gone when this returns. */
gboolean viewer_show(const char *command, MemoryRoom *room, const char *path, gboolean cut_off, GError **error);

#endif
