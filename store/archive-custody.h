/* SPDX-License-Identifier: ISC */
/* store/archive-custody.h - the one secret file of an archive: all records and headers, as lines in an age file.
 *
 * It is written anew at each run under a file key of its own, sealed to the recovery and escalation recipients and to the sheet
 * in the safe (an X25519 identity derived from the custody key that stands there): an officer's key opens none of it, and
 * another custody key later closes none of it. Stock `age -d` gives its lines (doc/formats.md, "The archive").
 *
 * Promise:   memory is one chunk and one line; a file is durable when archive_custody_finish() is TRUE. The reader hands out
 *            whole lines, each only after its chunk's tag was checked; that the file ends where it was ended is known only
 *            when archive_custody_read() is TRUE.
 * Ownership: lines are borrowed. Threads: one. Fails: FALSE or NULL and *error (AGE_ERROR, G_FILE_ERROR). */
#ifndef SENIM_STORE_ARCHIVE_CUSTODY_H
#define SENIM_STORE_ARCHIVE_CUSTODY_H

#include "store/age.h"
#include "store/custody.h"

#define ARCHIVE_DIGEST 32

/* The identity that the sheet's custody key stands for (transfer full). */
AgeIdentity *archive_custody_identity(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], GError **error);

typedef struct ArchiveCustody ArchiveCustody;
/* A new file, 0600; one that is there is replaced. recipients: "age1…", NULL-terminated. */
ArchiveCustody *archive_custody_create(const char *path, const char *const *recipients, GError **error);
void archive_custody_free(ArchiveCustody *custody); /* NULL is harmless; an unfinished file stays */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveCustody, archive_custody_free)
gboolean archive_custody_line(ArchiveCustody *custody, const char *line, GError **error);
/* Last chunk and fsync; digest: Digest of the file. Once. */
gboolean archive_custody_finish(ArchiveCustody *custody, guint8 digest[ARCHIVE_DIGEST], GError **error);

/* Every line in order, without its LF. Ends where line() is FALSE with its *error. */
gboolean archive_custody_read(const char *path, const AgeIdentity *identity,
                              gboolean (*line)(const char *text, gpointer user, GError **error), gpointer user, GError **error);

#endif
