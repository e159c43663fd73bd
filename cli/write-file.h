/* SPDX-License-Identifier: ISC */
/* cli/write-file.h - a new file that only its owner may read: never an existing one, never half of one.
 *
 * Until it is whole and durable the file has no name (O_TMPFILE): what a crash interrupts is not there. Where the file system
 * knows no such files it has its name from the beginning, and is taken away again where it does not become whole.
 *
 * Bytes:   0600.
 * Threads: any. Fails: CLI_ERROR_FAILED, with what to do. */
#ifndef SENIM_CLI_WRITE_FILE_H
#define SENIM_CLI_WRITE_FILE_H

#include <glib.h>

/* FALSE where the name is taken: to be asked before a case is opened for it. */
gboolean write_file_check(const char *path, GError **error);
gboolean write_file_new(const char *path, const void *data, gsize size, GError **error);

/* The same piece by piece. */
typedef struct WriteFile WriteFile;
WriteFile *write_file_begin(const char *path, GError **error);
gboolean write_file_add(WriteFile *file, const void *data, gsize size, GError **error);
/* It is whole: durable, and under its name. */
gboolean write_file_end(WriteFile *file, GError **error);
/* Takes it away again, unless it is whole. */
void write_file_free(WriteFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WriteFile, write_file_free)

#endif
