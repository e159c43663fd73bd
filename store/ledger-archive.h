/* SPDX-License-Identifier: ISC */
/* store/ledger-archive.h - what an archive takes out of a mailbox's books while they are in use, and what a restore makes of it.
 *
 * Reading goes in slices between commits, as every reading job does; unsealing happens in the caller's thread. A copy is of
 * entries that were committed when it was asked for, so that it never holds more of custody.db than register.db tells of.
 *
 * Ownership: as said at each. Threads: any for the first part; the second part makes new books, one thread.
 * Fails:     FALSE or NULL and *error in LEDGER_ERROR. */
#ifndef SENIM_STORE_LEDGER_ARCHIVE_H
#define SENIM_STORE_LEDGER_ARCHIVE_H

#include "store/custody.h"
#include "store/ledger.h"

#define LEDGER_COPIES_MOST 64

/* One header, opened from under the custody key: an age header, for its reader alone. */
typedef struct {
	guint part;
	guint32 version;
	guint8 recipient[CUSTODY_ID];
	guint8 object[16]; /* case id, or the text's */
	GBytes *text;
} LedgerCopyHeader;

/* What custody.db holds of one entry. */
typedef struct {
	guint64 seq;
	GBytes *opening;  /* salt || record; NULL where it was destroyed */
	GPtrArray *headers; /* LedgerCopyHeader */
} LedgerCopy;

/* Of the entries from `from` to `to` - 1, at most LEDGER_COPIES_MOST (transfer full, elements LedgerCopy). */
GPtrArray *ledger_copies(Ledger *ledger, guint64 from, guint64 to, GError **error);
/* The message-id keys of earlier custody keys, 32 octets each: old letters are answered by them (transfer full, elements
 * GBytes). The last one is that of the key in use. */
GPtrArray *ledger_copy_tokens(Ledger *ledger, GError **error);
/* The first entry whose moment is at or behind this one (microseconds UTC); the register's size where there is none. */
gboolean ledger_find_moment(Ledger *ledger, gint64 moment, guint64 *seq, GError **error);
/* The moment of an entry; of one whose record was destroyed its day. */
gboolean ledger_moment_of(Ledger *ledger, guint64 seq, gint64 *moment, GError **error);
/* A note under this log's key (transfer full). text must not be a checkpoint's: its first line is no origin. */
char *ledger_sign(const Ledger *ledger, const char *text, GError **error);
const char *ledger_origin(const Ledger *ledger);
const guint8 *ledger_store_id(const Ledger *ledger);
const CustodyKey *ledger_custody_key(const Ledger *ledger);
/* Who opens an archive: recovery and escalation in force, and the sheet of the safe (transfer full, NULL-terminated). */
GPtrArray *ledger_archive_recipients(Ledger *ledger, GError **error);

/* --- new books out of an archive ------------------------------------------------------------------------------------ */

typedef struct LedgerBuild LedgerBuild;
/* Empty books in options->directory, which must not be there or be empty. */
LedgerBuild *ledger_build_new(const LedgerOptions *options, GError **error);
/* Throws away what was not ended. NULL is harmless. */
void ledger_build_free(LedgerBuild *build);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LedgerBuild, ledger_build_free)
/* The next entry; object_id: of a RECEIVED or FOLLOWUP, else NULL. */
gboolean ledger_build_entry(LedgerBuild *build, const guint8 data[ENTRY_SIZE], GError **error);
/* The checkpoint over all entries so far: its signature and root are checked. */
gboolean ledger_build_checkpoint(LedgerBuild *build, const char *note, GError **error);
/* Of an entry that is there: its commitment is checked. */
gboolean ledger_build_opening(LedgerBuild *build, guint64 seq, GBytes *opening, GError **error);
gboolean ledger_build_header(LedgerBuild *build, guint64 seq, const LedgerCopyHeader *header, GError **error);
gboolean ledger_build_token(LedgerBuild *build, GBytes *key, GError **error);
/* Behind the openings of all entries: what a later one sealed anew is left out. A payload of one chunk becomes a row, a larger one a file of the vault. fd is read to its end. */
gboolean ledger_build_payload(LedgerBuild *build, guint64 seq, SealPart part, int fd, GError **error);
guint64 ledger_build_size(const LedgerBuild *build);
/* All of it durable; the books can be opened. Once. */
gboolean ledger_build_finish(LedgerBuild *build, GError **error);

/* --- going on behind them ------------------------------------------------------------------------------------------- */

/* The entry RESTORED: what is known outside of what was lost. highest: "2026/17" or "2026/X-5", NULL-terminated, each the
 * highest number that anybody knows of in its series: none of them is given once more. checkpoint: the newest signed
 * checkpoint that anybody has of this log, or NULL: the books' own. */
gboolean ledger_resume(Ledger *ledger, const char *const *highest, const char *checkpoint, GError **error);

#endif
