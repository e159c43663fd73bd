/* SPDX-License-Identifier: ISC */
/* store/receipt.h - a receipt: what proves to anybody, without us, that an entry stands in the log (C2SP tlog-proof).
 *
 *   c2sp.org/tlog-proof@v1 LF
 *   extra BASE64 LF            entry[104] || salt[32] || record, or of a bare one entry[104] alone
 *   index DECIMAL LF
 *   BASE64 LF ...              the audit path, leaf side first
 *   LF
 *   the signed checkpoint
 *
 * Lines in front of the first are a word to whoever holds it; nothing covers them, and they are passed over.
 * The reader trusts nothing in it: it recomputes commitment and leaf, and believes what the checkpoint's signature covers.
 * Ownership: texts are (transfer full); a Receipt owns what it holds, receipt_clear() wipes the record.
 * Threads:   pure.
 * Fails:     FALSE and *error (RECEIPT_ERROR, NOTE_ERROR, ENTRY_ERROR). */
#ifndef SENIM_STORE_RECEIPT_H
#define SENIM_STORE_RECEIPT_H

#include "store/entry.h"
#include "store/note.h"

#define RECEIPT_MAX (256 * 1024) /* octets that a reader takes */

typedef enum {
	RECEIPT_ERROR_FORM,  /* not a receipt */
	RECEIPT_ERROR_PROOF, /* the entry does not stand in the tree of its checkpoint */
} ReceiptError;
#define RECEIPT_ERROR (receipt_error_quark())
GQuark receipt_error_quark(void);

typedef struct {
	guint8 entry[ENTRY_SIZE];
	guint8 salt[ENTRY_SALT];
	GBytes *record;    /* NULL: a bare receipt, which says that there is an entry, of which kind and day */
	GBytes *inclusion; /* hashes of 32 octets */
	char *note;
	guint64 size;      /* of the tree that was signed */
} Receipt;
void receipt_clear(Receipt *receipt);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Receipt, receipt_clear)

/* inclusion and note as ledger_prove() gives them; size is not looked at. */
char *receipt_write(const Receipt *receipt);
/* Reads and verifies everything: signature and origin, inclusion, commitment. *receipt must be clear. */
gboolean receipt_read(const char *text, gsize size, const NoteVerifier *verifier, Receipt *receipt, GError **error);

#endif
