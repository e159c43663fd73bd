/* SPDX-License-Identifier: ISC */
/* store/escrow.h - what would be lost with the mail host: the custody key and the logs' signing keys, kept twice.
 *
 * recovery/keys.age is a record sealed as one age file to the recovery and escalation recipients; stock `age -d`
 * opens it. The sheet is the same on paper, for the safe.
 *
 * Bytes:     the record's keys: `senim-escrow: 1`, `store` (hex), `made` (RFC 3339), `custody` (its spelling,
 *            store/custody.h), `log`* = "ORIGIN BASE64-OF-SEED".
 * Ownership: an Escrow owns what it holds, seeds in the slab.
 * Threads:   an Escrow belongs to one thread at a time.
 * Fails:     NULL or FALSE and *error (AGE_ERROR where a file does not open, ESCROW_ERROR for its content). */
#ifndef SENIM_STORE_ESCROW_H
#define SENIM_STORE_ESCROW_H

#include <glib.h>

#include "store/custody.h"

typedef enum {
	ESCROW_ERROR_FORM, /* opened, but not an escrow */
	ESCROW_ERROR_MEMORY,
} EscrowErrorCode;
#define ESCROW_ERROR (escrow_error_quark())
GQuark escrow_error_quark(void);

#define ESCROW_SEED 32 /* Ed25519 (RFC 8032) */

typedef struct Escrow Escrow;
/* made: POSIX seconds. Takes a copy of the custody key. */
Escrow *escrow_new(const guint8 store_id[CUSTODY_STORE], gint64 made, const CustodyKey *custody, GError **error);
gboolean escrow_add_log(Escrow *escrow, const char *origin, const guint8 seed[ESCROW_SEED], GError **error);
void escrow_free(Escrow *escrow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Escrow, escrow_free)

const guint8 *escrow_store_id(const Escrow *escrow);
const CustodyKey *escrow_custody(const Escrow *escrow);
/* The i-th log: TRUE while there is one; both borrowed. */
gboolean escrow_log(const Escrow *escrow, guint i, const char **origin, const guint8 **seed);
/* TRUE where both hold the same: how `init` proves that what was opened is what was sealed. */
gboolean escrow_equal(const Escrow *a, const Escrow *b);

/* One age file to all recipients ("age1…", NULL-terminated). */
GBytes *escrow_seal(const Escrow *escrow, const char *const *recipients, GError **error);
/* identity: "AGE-SECRET-KEY-1…". */
Escrow *escrow_open(const void *file, gsize size, const char *identity, GError **error);

/* The sheet as plain text, in Kazakh, Russian and English: a secret (transfer full), to be wiped by the caller. */
char *escrow_sheet(const Escrow *escrow);
/* The same back from the sheet as it was printed or typed again: the store's id, the custody key, and each log's key behind the
 * line that ends in its origin; other lines do not matter. made is lost. */
Escrow *escrow_read_sheet(const char *text, GError **error);
/* A log's key as typed from the sheet; FALSE where a letter of it is wrong. The custody key: custody_key_parse(). */
gboolean escrow_seed_parse(const char *text, guint8 seed[ESCROW_SEED]);

#endif
