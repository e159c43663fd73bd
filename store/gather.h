/* SPDX-License-Identifier: ISC */
/* store/gather.h - a VFS of SQLite that writes what a commit adds to the WAL in one piece.
 *
 * SQLite writes each page of a commit with two calls, a frame's head and the page. Here they are gathered in memory and
 * written when the commit syncs the WAL, or when it is read, cut or closed. Files other than WALs are SQLite's own.
 *
 * Promise:   what xSync reported as done is on disk, as with SQLite's own VFS: nothing is gathered behind a sync. A write
 *            that fails fails the sync, and with it the commit.
 * Threads:   gather_vfs() from any; a file belongs to its connection.
 * Fails:     never: without SQLite's own VFS there is no SQLite. */
#ifndef SENIM_STORE_GATHER_H
#define SENIM_STORE_GATHER_H

/* The name for sqlite3_open_v2(), registered at the first call. */
const char *gather_vfs(void);

#endif
