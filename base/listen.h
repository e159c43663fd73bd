/* SPDX-License-Identifier: ISC */
/* base/listen.h - a Unix stream socket that is never there with the wrong mode.
 *
 * The socket is bound under another name, gets its mode and, where that group exists and may be given, its group, and
 * is renamed into place: a client meets the finished socket or none. A stale socket of an earlier run is replaced, so
 * the caller holds its lock (process_lock) first.
 * Threads: listen_unix() before the first thread (it changes the umask).
 * Fails:   -1 and *error (G_FILE_ERROR), the message ready to print. */
#ifndef SENIM_BASE_LISTEN_H
#define SENIM_BASE_LISTEN_H

#include <glib.h>

/* group: its name, or NULL. The descriptor is close-on-exec and non-blocking. */
int listen_unix(const char *path, guint mode, const char *group, GError **error);
/* The peer's user of an accepted connection; FALSE where there is none to be had. */
gboolean listen_peer(int socket, guint *uid, GError **error);

#endif
