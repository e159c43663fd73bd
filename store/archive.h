/* SPDX-License-Identifier: ISC */
/* store/archive.h - the archive of one mailbox: its months, what is said of them, and whether they are whole (KMO 15).
 *
 *   DIRECTORY/MAILBOX/                     0700; the mailbox as in its origin
 *     manifest                             a note signed by the log's key: which months, and the digest of each one's manifest
 *     2026-10/                             a month that is over; changes no more
 *       manifest · digests · entries · checkpoint · payloads/SEQ.body · payloads/SEQ.card
 *     2026-11-part-4711/                   the month that runs, as far as the last run went; the next run replaces it
 *     custody-4711-XXXXXXXX.age            records and headers of all months (store/archive-custody.h)
 *   DIRECTORY/store/                       senim.conf, log.pub, officers' and recovery public halves, keys.age
 * doc/formats.md, "The archive", has the octets; `b2sum -l 256 -c digests` checks a month without us.
 *
 * A run: what is there is checked; months that are missing or damaged are written into .new directories and named when they are
 * durable; then custody-….age; then `manifest` is replaced in one step, and what it does not name goes. A kill at any point leaves
 * the archive of the last run whole, and the next run begins where this one was cut off.
 *
 * Ownership: as said at each. Threads: one archive belongs to one thread at a time. Fails: *error in ARCHIVE_ERROR. */
#ifndef SENIM_STORE_ARCHIVE_H
#define SENIM_STORE_ARCHIVE_H

#include "base/config.h"
#include "store/archive-custody.h"
#include "store/ledger.h"
#include "store/note.h"

typedef enum {
	ARCHIVE_ERROR_FILE, /* the disk, or its rights: the message says which file and why */
	ARCHIVE_ERROR_FORM, /* not an archive, or a damaged one */
	ARCHIVE_ERROR_STOPPED,
} ArchiveError;
#define ARCHIVE_ERROR (archive_error_quark())
GQuark archive_error_quark(void);

#define ARCHIVE_MANIFEST "manifest"
#define ARCHIVE_DIGESTS "digests"
#define ARCHIVE_ENTRIES "entries"
#define ARCHIVE_CHECKPOINT "checkpoint"
#define ARCHIVE_PAYLOADS "payloads"
#define ARCHIVE_STORE "store"

/* A month as the manifest names it. */
typedef struct {
	char *name; /* of its directory */
	guint64 begin, end; /* entries begin … end - 1 */
	guint8 digest[ARCHIVE_DIGEST]; /* of its manifest */
} ArchiveMonth;

typedef struct {
	guint8 store_id[16];
	char *mailbox, *origin;
	gint64 made; /* microseconds UTC */
	guint64 size; /* entries of the register when it was made */
	char *custody; /* file name */
	guint8 custody_digest[ARCHIVE_DIGEST];
	guint8 custody_key[CUSTODY_ID]; /* id of the key on the sheet that opens it */
	GArray *months; /* ArchiveMonth */
} ArchiveManifest;
void archive_manifest_free(ArchiveManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveManifest, archive_manifest_free)

/* directory: that of the mailbox. The signature is checked. */
ArchiveManifest *archive_manifest_read(const char *directory, const NoteVerifier *verifier, GError **error);
/* The text that is signed (transfer full). */
char *archive_manifest_text(const ArchiveManifest *manifest);
/* "2026-10": a month that is over; "2026-11-part-4711": one that is not. NULL: neither (transfer full: the month). */
char *archive_month_of(const char *name, gboolean *whole);
/* DIRECTORY/MAILBOX (transfer full). */
char *archive_mailbox_path(const char *directory, const char *mailbox);
/* Mailboxes whose archive lies there, as they are spelled (transfer full). */
GPtrArray *archive_mailboxes(const char *directory, GError **error);
/* Digest of a file; FALSE and *error where it cannot be read. size may be NULL. */
gboolean archive_digest_file(const char *path, guint8 digest[ARCHIVE_DIGEST], guint64 *size, GError **error);

/* --- checking: needs no secret ------------------------------------------------------------------------------------ */

typedef struct {
	const char *directory; /* of the mailbox */
	const NoteVerifier *verifier;
	guint64 known_size;    /* of a checkpoint that is kept elsewhere; 0: none */
	guint8 known_root[NOTE_ROOT];
	gboolean (*go_on)(gpointer user); /* FALSE: ends with ARCHIVE_ERROR_STOPPED; NULL */
	gpointer user;
} ArchiveQuestion;

/* What is wrong is in out->faults, a sentence each, and, in *damaged (char *, names of months; may be NULL), where. */
gboolean archive_check(const ArchiveQuestion *question, LedgerCheck *out, GPtrArray *damaged, GError **error);

/* --- making: store/archive-run.c ------------------------------------------------------------------------------------ */

typedef struct {
	Ledger *ledger;
	const char *directory; /* archive-directory */
	const char *mailbox;   /* address */
	GTimeZone *zone;
	gint64 now;            /* microseconds UTC */
	const NoteVerifier *verifier;
	gboolean (*go_on)(gpointer user); /* or NULL */
	gpointer user;
} ArchiveRun;

typedef struct {
	guint months;       /* written in this run */
	guint64 payloads;   /* sealed objects in these */
	GPtrArray *damage;  /* what was found wrong with earlier months, a sentence each (char *) */
} ArchiveResult;
void archive_result_clear(ArchiveResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveResult, archive_result_clear)

gboolean archive_run(const ArchiveRun *run, ArchiveResult *result, GError **error);
/* The month that was over last, "2026-10" (transfer full). */
char *archive_month_before(gint64 now, GTimeZone *zone);
/* DIRECTORY/store: configuration, public keys and escrow, as they are now. */
gboolean archive_copy_store(const Config *config, const char *directory, GError **error);

/* A seam for tests: called with the name of each step of a run. */
extern void (*archive_test_step)(const char *step);

#endif
