/* SPDX-License-Identifier: ISC */
/* store/custody.h - the custody key: what makes a stolen disk useless even beside a stolen officer key.
 *
 * It encrypts nothing itself: HKDF(custody key, salt = store id, info = "senim/custody/PURPOSE/1") gives one key per
 * purpose (FORMATS "Header in custody.db"). Its spelling, in files, on the escrow sheet and when asked for, is Bech32
 * with the prefix "SENIM-CUSTODY-": a slip of the pen does not pass.
 *
 * Ownership: a CustodyKey owns 32 octets in the slab; custody_key_free() wipes them. Results of custody_open() and
 *            custody_header_unwrap() wipe themselves.
 * Threads:   a CustodyKey does not change once made: any thread.
 * Fails:     NULL or FALSE and *error (CUSTODY_ERROR); the message names the file or credential, never a secret. */
#ifndef SENIM_STORE_CUSTODY_H
#define SENIM_STORE_CUSTODY_H

#include <glib.h>

typedef enum {
	CUSTODY_ERROR_SOURCE, /* the key is not where it was said to be, is open to others, or has another form */
	CUSTODY_ERROR_MEMORY, /* no locked memory */
	CUSTODY_ERROR_FORM,   /* not a blob of this module */
	CUSTODY_ERROR_KEY,    /* sealed under another custody key */
	CUSTODY_ERROR_OTHER,  /* it does not open: another store, object, reader, version or purpose, or altered */
} CustodyErrorCode;
#define CUSTODY_ERROR (custody_error_quark())
GQuark custody_error_quark(void);

#define CUSTODY_KEY 32
#define CUSTODY_ID 8
#define CUSTODY_STORE 16
#define CUSTODY_PREFIX "SENIM-CUSTODY-"

typedef struct CustodyKey CustodyKey;

CustodyKey *custody_key_generate(GError **error);
/* From its octets (which the caller wipes), or from its spelling: any case, blanks and dashes between groups allowed;
 * 64 hexadecimal digits are taken too. */
CustodyKey *custody_key_new(const guint8 octets[CUSTODY_KEY], GError **error);
CustodyKey *custody_key_parse(const char *text, GError **error);
/* source as configured: "credential:NAME" ($CREDENTIALS_DIRECTORY/NAME), "file:PATH" (0400 or 0600, ours), "ask" (the
 * terminal). The content is the spelling, or 32 raw octets. */
CustodyKey *custody_key_load(const char *source, GError **error);
/* A new file, 0400, in that spelling and a line feed; an existing file is never replaced. */
gboolean custody_key_save(const CustodyKey *key, const char *path, GError **error);
void custody_key_free(CustodyKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CustodyKey, custody_key_free)
/* The spelling: a secret (transfer full), to be wiped by the caller. */
char *custody_key_text(const CustodyKey *key);
/* Hash("senim/custody/1\n" || Hash(key))[:8]: says which key, and nothing of it. */
void custody_key_id(const CustodyKey *key, guint8 id[CUSTODY_ID]);
/* Hash("senim/recipient/1\n" || recipient)[:8]. */
void custody_recipient_id(const char *recipient, guint8 id[CUSTODY_ID]);

typedef enum {
	CUSTODY_HEADER,     /* senim/custody/header/1 */
	CUSTODY_OUTBOX,     /* …/outbox/1 */
	CUSTODY_TOKEN,      /* …/token/1 */
	CUSTODY_OPENING,    /* …/opening/1 */
	CUSTODY_MESSAGE_ID, /* …/message-id/1 */
	CUSTODY_ARCHIVE,    /* …/archive/1: an X25519 identity, by which the sheet of the safe opens an archive */
} CustodyPurpose;
/* The purpose's key itself, for HMACs and tokens; the caller wipes it. */
void custody_derive(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                    guint8 out[CUSTODY_KEY]);

/* --- headers: "SNH1" ---------------------------------------------------------------------------------------------- */

/* Where a header belongs: all of it is bound into the blob. */
typedef struct {
	const guint8 *store_id;  /* 16 */
	const guint8 *object_id; /* 16: the case id */
	guint8 part;             /* SealPart */
	const char *recipient;   /* "age1…" */
	guint32 version;         /* from 1 */
} CustodyPlace;

GBytes *custody_header_wrap(const CustodyKey *key, const CustodyPlace *place, const void *header, gsize size);
GBytes *custody_header_unwrap(const CustodyKey *key, const CustodyPlace *place, const void *blob, gsize size,
                              GError **error);

/* The same header under another custody key, whoever its reader is: nothing but the key changes. next NULL: it is only
 * opened, to see that it does (an empty result). place->recipient is not looked at. */
GBytes *custody_header_turn(const CustodyKey *key, const CustodyKey *next, const CustodyPlace *place, const void *blob,
                            gsize size, GError **error);

/* The same where the reader's string is not known, but her recipient id is (the archive's business). */
GBytes *custody_header_wrap_for(const CustodyKey *key, const CustodyPlace *place, const guint8 recipient[CUSTODY_ID],
                                const void *header, gsize size);
GBytes *custody_header_unwrap_of(const CustodyKey *key, const CustodyPlace *place, const void *blob, gsize size, GError **error);

/* --- small blobs under a purpose's key: openings, outbox rows, cached state --------------------------------------- */

/* A row whose header has no octets (store/desk-spoiled.c). */
#define CUSTODY_HEADER_EMPTY (28 + CUSTODY_SEALED_MORE)
#define CUSTODY_SEALED_MORE (24 + 16) /* nonce[24] || XChaCha20-Poly1305 */
/* about: additional data, which the caller builds so that no blob can stand in another's place. */
GBytes *custody_seal(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                     const void *about, gsize about_size, const void *data, gsize size);
GBytes *custody_open(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                     const void *about, gsize about_size, const void *blob, gsize blob_size, GError **error);

#endif
