/* SPDX-License-Identifier: ISC */
/* base/files.h - the files of one directory that end alike, whole and in the order of their names.
 *
 * Ownership: (transfer full). Threads: any.
 * Fails:     G_FILE_ERROR: no such directory, none that ends so, one that cannot be read, or more than `most` octets. */
#ifndef SENIM_BASE_FILES_H
#define SENIM_BASE_FILES_H

#include <glib.h>

typedef struct {
	char *path;
	char *data; /* NUL behind it */
	gsize size;
} FilesFile;

/* Elements FilesFile, at least one. Hidden files are no part of it. */
GPtrArray *files_read(const char *directory, const char *suffix, gsize most, GError **error);

#endif
