/* SPDX-License-Identifier: ISC */
/* store/ledger-offline.h - the books of one mailbox checked while no registrar keeps them, without a key.
 *
 * What anybody can check who holds the files and log.pub: that the entries are whole, in order and in the tree, that every
 * checkpoint is signed with the log's key and says what the tree said at that size, that there are not more cosignatures than
 * entries that may hold one, and that each sealed body is the one that was registered. Openings and cards lie under the custody key: only the registrar's own check reads those.
 *
 * Promise:   nothing in the databases is changed; no row is read twice; memory does not grow with the log.
 * Ownership: a LedgerCheck is cleared with ledger_check_clear().
 * Threads:   one.
 * Fails:     FALSE and *error (LEDGER_ERROR, DATABASE_ERROR) where the books cannot be read at all, or are in use. What is
 *            wrong in them stands in check->faults. */
#ifndef SENIM_STORE_LEDGER_OFFLINE_H
#define SENIM_STORE_LEDGER_OFFLINE_H

#include "store/ledger.h"
#include "store/note.h"

typedef struct {
	const char *directory;        /* <state-directory>/<mailbox> */
	const NoteVerifier *verifier; /* the log's key, from log.pub */
	guint64 known_size;           /* of a checkpoint that somebody has kept; 0 none */
	guint8 known_root[NOTE_ROOT];
} LedgerOffline;

gboolean ledger_offline_check(const LedgerOffline *question, LedgerCheck *check, GError **error);

#endif
