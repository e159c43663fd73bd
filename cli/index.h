/* SPDX-License-Identifier: ISC */
/* cli/index.h - what an officer may search: texts of what she has opened, in two files that are sealed to her alone.
 *
 * In ~/.local/state/senim/, 0600, NAME being of the store and the officer, KEY of her card key:
 *   search-NAME-KEY.index    all of it; rewritten when the other is full, after a search, and where something was dropped
 *   search-NAME-KEY.recent   what was opened since: small, so that opening a case stays quick
 *   search-NAME.lock         held while one of them is read or written; its time is that of the last question to the registrar
 * Bytes:     each is an age file to her card key (store/age.h), whose content is, integers big-endian:
 *              0  8  "SENIMIX1"
 *              8 64  her Ed25519 signature of "senim-index/1" LF store LF index|recent LF hex Digest(octets 72 to 87 + n) LF
 *             72  8  n: octets of the documents
 *             80  8  when the registrar was last asked what of it is hers no longer, microseconds; 0 never
 *             88  n  documents, then 0x00 up to a power of two, at least 64 KiB
 *            A document: u32 octets behind this field, u64 case, u64 entry, u64 received and u64 added (microseconds), u8 part,
 *            u8 and u32 and u32 lengths of mailbox, text and folded text (policy/stem.h), then these three.
 * Other keys: each key of hers has files of its own, so that she may use both while she changes them. `senim rekey` puts the older
 *            one's into the newer one's (index_take_over()); where a machine has missed that, the index begins anew, and she is
 *            told. What an older key left goes 30 days after its last change.
 * Promise:   a file is replaced in one step: whatever fails, an old one stands, whole. What is not hers, altered, cut, or of
 *            another store is not taken. A thief of the machine learns the size to a factor of two, and when it was last written.
 * Limits:    INDEX_TEXT_MAX octets of each text; past INDEX_MAX the documents that were added first go.
 * Ownership: an Index owns its octets and wipes them; what it hands out is borrowed from it.
 * Threads:   one; two processes share the files safely.
 * Fails:     FALSE or NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_INDEX_H
#define SENIM_CLI_INDEX_H

#include <glib.h>

#include "cli/wipe.h"
#include "store/keyfile.h"

#define INDEX_TEXT_MAX 16384
#define INDEX_MAX (60u * 1024 * 1024)
#define INDEX_RECENT_MAX (2u * 1024 * 1024)

typedef enum { INDEX_CARD = 1, INDEX_BODY = 2, INDEX_ROW = 3 } IndexPart;

typedef struct {
	guint64 seq, entry; /* the case; the message, or the case itself for its row */
	gint64 received, added;
	IndexPart part;
	const char *mailbox; /* not NUL-terminated, nor are the others */
	const char *text, *folded;
	gsize mailbox_size, text_size, folded_size;
} IndexDoc;

/* Whose it is; borrowed by every function. */
typedef struct {
	const char *directory; /* NULL: the usual one */
	const char *store, *officer;
	const Keyfile *keys;
} IndexPlace;

typedef struct Index Index;

/* All of it, the recent before what it replaces. Where there is none yet it is empty. */
Index *index_read(const IndexPlace *place, GError **error);
void index_free(Index *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Index, index_free)
const GArray *index_docs(const Index *index); /* IndexDoc */
gint64 index_checked(const Index *index);
gboolean index_doc_is_of(const IndexDoc *doc, const char *mailbox, guint64 seq);

/* A text as a document (to be given to index_add()): folds it, and cuts what is too long. */
typedef struct IndexText IndexText;
IndexText *index_text_new(const char *mailbox, guint64 seq, guint64 entry, gint64 received, IndexPart part, const char *text,
                          gsize size);
void index_text_free(IndexText *text);
/* Puts them (elements IndexText) in, each in the place of an older one of the same part; nothing is written where all of them
 * are there already. */
gboolean index_add(const IndexPlace *place, const GPtrArray *texts, GError **error);

/* Was the registrar asked within that time, as the lock's own time says? Cheap: nothing is decrypted. What is signed is
 * index_checked(). */
gboolean index_checked_within(const IndexPlace *place, gint64 microseconds);
/* Rewrites all of it without the cases that `gone` says are hers no longer (NULL: none). checked: 0 leaves that moment. */
typedef gboolean (*IndexGone)(const IndexDoc *doc, gpointer user);
gboolean index_rewrite(const IndexPlace *place, IndexGone gone, gpointer user, gint64 checked, GError **error);

/* Puts what an older key of hers opened into hers, and removes all that lies under other keys of hers. */
gboolean index_take_over(const IndexPlace *place, const Index *older, GError **error);

/* Overwrites and unlinks every index of this directory, whoever's; *n: how many files there were. Needs no key. */
gboolean index_destroy(const char *directory, guint *n, GError **error);

#endif
