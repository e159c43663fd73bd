/* SPDX-License-Identifier: ISC */
/* cli/write-file.h - a new file that only its owner may read: never an existing one, never half of one.
 *
 * Bytes:   0600; what cannot be written whole is taken away again.
 * Threads: any. Fails: CLI_ERROR_FAILED, with what to do. */
#ifndef SENIM_CLI_WRITE_FILE_H
#define SENIM_CLI_WRITE_FILE_H

#include <glib.h>

/* FALSE where the name is taken: to be asked before a case is opened for it. */
gboolean write_file_check(const char *path, GError **error);
gboolean write_file_new(const char *path, const void *data, gsize size, GError **error);
/* The same from two pieces. */
gboolean write_file_two(const char *path, const void *head, gsize head_size, const void *data, gsize size, GError **error);

/* The same piece by piece: a descriptor, or -1; ended by write_file_end(), which takes the file away where done is FALSE,
 * and *error set already. */
int write_file_begin(const char *path, GError **error);
gboolean write_file_end(const char *path, int fd, gboolean done, GError **error);

#endif
