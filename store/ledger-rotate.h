/* SPDX-License-Identifier: ISC */
/* store/ledger-rotate.h - one mailbox's custody.db under another custody key, and whether all of it opens.
 *
 * Both work on books that no registrar keeps open, and take the registrar's own lock for their time.
 *
 * Promise:   ledger_rotate() is one transaction: after a kill at any point every row lies under the old key, or every row
 *            under the new one, and which of them is seen by trying entry 0. When it returns TRUE nothing of the old rows
 *            is left in custody.db or its WAL (secure_delete, and a WAL of no octets). The log's old message-id key stays,
 *            sealed under the new custody key: answers to letters that were sent before must still find their case.
 * Threads:   one.
 * Fails:     FALSE and *error (LEDGER_ERROR). */
#ifndef SENIM_STORE_LEDGER_ROTATE_H
#define SENIM_STORE_LEDGER_ROTATE_H

#include "store/ledger.h"

typedef struct {
	guint64 openings, headers, letters; /* and what else rests there: counted with the openings */
	GPtrArray *faults;                  /* sentences (char *); of the check alone */
} LedgerCustody;
void ledger_custody_clear(LedgerCustody *custody);

/* options->custody is the old key. TRUE also where all of it lies under `next` already; *count is then zero. */
gboolean ledger_rotate(const LedgerOptions *options, const CustodyKey *next, LedgerCustody *count, GError **error);
/* Every header, opening, letter and cached row opened once; nothing is changed. */
gboolean ledger_custody_check(const LedgerOptions *options, LedgerCustody *custody, GError **error);

#endif
