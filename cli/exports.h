/* SPDX-License-Identifier: ISC */
/* cli/exports.h - what was taken out of the store into files, until `senim purge` has destroyed it.
 *
 * Kept in ~/.local/state/senim/exports, 0600, replaced whole under a lock. A line is a mailbox, the number of the export's
 * entry in its register, and the path: no case number, no officer, no ground. The path is hers to choose; which case it
 * was is known to whoever may read the register.
 * Ownership: results (transfer full).
 * Threads:   one; two processes share the file safely.
 * Fails:     CLI_ERROR_FAILED, with what to do. */
#ifndef SENIM_CLI_EXPORTS_H
#define SENIM_CLI_EXPORTS_H

#include <glib.h>

typedef struct {
	char *mailbox, *path; /* path absolute */
	guint64 entry;
} Export;
void exports_free(GPtrArray *list); /* elements Export */

/* May an export go there? Refused without even_so for a file system of a network, or one whose place is not known
 * (FUSE). *seen_by_others: the directory can be entered by other users of the machine. */
gboolean exports_check_place(const char *path, gboolean even_so, gboolean *seen_by_others, GError **error);
/* Before the file is written: one that is listed and not there harms nobody, the reverse does. */
gboolean exports_add(const char *mailbox, guint64 entry, const char *path, GError **error);
/* All of them; empty where there is no list. */
GPtrArray *exports_load(GError **error);
/* Forgets those of this list. */
gboolean exports_forget(const GPtrArray *list, GError **error);
/* How many wait for purge; 0 also where the list cannot be read. */
guint exports_count(void);
/* Says on the face how many those are, where there are any: at the beginning of a sitting, and after each that was added. */
void exports_say(void);
/* Overwrites and unlinks it, never through a symbolic link. *gone: there was no such file any more. */
gboolean exports_destroy(const Export *one, gboolean *gone, GError **error);

#endif
