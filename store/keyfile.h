/* SPDX-License-Identifier: ISC */
/* store/keyfile.h - an officer's key file, and its public half.
 *
 * FILE is an age identity file (FORMATS "Key files"): the body and the card identity, a line each, and the Ed25519
 * signing seed as a comment. In clear, or sealed by a passphrase or to a token as an age file that stock `age -d` opens.
 * FILE.pub is a record.
 *
 * Bytes:     # public key: age1… / AGE-SECRET-KEY-1… (body), the same for card, then `# senim-sign: ` base64 of the
 *            seed. Other comment lines are let through; any other line is refused. A body identity that stays in a
 *            token stands as AGE-PLUGIN-NAME-1…, and its public key is then taken from the line before it.
 * Promise:   files are written whole or not at all, FILE 0600, FILE.pub 0644; an existing file is replaced by
 *            keyfile_replace() alone. A key file that others may read is refused, and one on another host's disk.
 * Ownership: a Keyfile holds its secrets in the slab; keyfile_free() wipes them.
 * Threads:   a Keyfile does not change once made: any thread.
 * Fails:     NULL or FALSE and *error (KEYFILE_ERROR), the message ready to print. */
#ifndef SENIM_STORE_KEYFILE_H
#define SENIM_STORE_KEYFILE_H

#include "base/record.h"
#include "store/age.h"

typedef enum {
	KEYFILE_ERROR_FILE,       /* cannot be read, written, exists already, or others may read it */
	KEYFILE_ERROR_FORM,       /* not a key file */
	KEYFILE_ERROR_PASSPHRASE, /* sealed by a passphrase and none was given: ask and come again */
	KEYFILE_ERROR_TOKEN,      /* sealed to a token and none was named: keyfile_read_token() */
	KEYFILE_ERROR_WRONG,      /* the passphrase, or the token, is another */
	KEYFILE_ERROR_MEMORY,
} KeyfileErrorCode;
#define KEYFILE_ERROR (keyfile_error_quark())
GQuark keyfile_error_quark(void);

#define KEYFILE_SIGN 32      /* Ed25519 public key */
#define KEYFILE_SEED 32
#define KEYFILE_SIGNATURE 64

/* --- the public half ---------------------------------------------------------------------------------------------- */

typedef struct {
	char *body, *card;         /* age recipients; card and sign are unused in a recovery recipient */
	guint8 sign[KEYFILE_SIGN];
	gint64 expires;            /* POSIX seconds of the end of that day, UTC; 0 never */
} KeyfilePublic;

void keyfile_public_free(KeyfilePublic *half);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyfilePublic, keyfile_public_free)
/* The record `senim-pub: 1`, body, card, sign (base64), expires (YYYY-MM-DD or `-`). */
Record *keyfile_public_record(const KeyfilePublic *half);
KeyfilePublic *keyfile_public_from_record(const Record *record, GError **error);
KeyfilePublic *keyfile_public_parse(const void *data, gsize size, GError **error);
KeyfilePublic *keyfile_public_read(const char *path, GError **error);
gboolean keyfile_public_write(const KeyfilePublic *half, const char *path, GError **error);
/* "YYYY-MM-DD", or "-": FALSE where it is neither. */
gboolean keyfile_public_parse_expires(const char *text, gint64 *expires);

/* --- the key file ------------------------------------------------------------------------------------------------- */

typedef struct Keyfile Keyfile;
Keyfile *keyfile_generate(GError **error);
/* The same, the body identity staying in a token: its "AGE-PLUGIN-NAME-1…" and its X25519 recipient. */
Keyfile *keyfile_generate_token(const char *identity, const char *recipient, GError **error);
/* Sealed to a token: whom is its recipient or identity. */
gboolean keyfile_write_token(const Keyfile *keys, const char *path, const char *whom, GError **error);
/* passphrase NULL: in clear. */
gboolean keyfile_write(const Keyfile *keys, const char *path, const char *passphrase, gsize passphrase_size,
                       GError **error);
/* The same over an existing file, in one step: whatever fails, the old one stands. */
gboolean keyfile_replace(const Keyfile *keys, const char *path, const char *passphrase, gsize passphrase_size,
                         GError **error);
Keyfile *keyfile_read(const char *path, const char *passphrase, gsize passphrase_size, GError **error);
/* The same for a file that is sealed to a token: identity is that token's, "AGE-PLUGIN-NAME-1…" (age_token_use()). Errors
 * of the token's side are handed on in their own domain. */
Keyfile *keyfile_read_token(const char *path, const char *identity, GError **error);
/* What the file holds, in clear: a secret in locked memory that wipes itself. For what seals it another way (shares, paper). */
GBytes *keyfile_text(const Keyfile *keys);
/* The same from memory: what a token's plug-in opened. */
Keyfile *keyfile_parse(const void *text, gsize size, GError **error);
void keyfile_free(Keyfile *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keyfile, keyfile_free)

/* "AGE-SECRET-KEY-1…", borrowed, in the slab: what seal_opener_new() takes. */
const char *keyfile_body_identity(const Keyfile *keys);
const char *keyfile_card_identity(const Keyfile *keys);
/* (transfer full) */
KeyfilePublic *keyfile_public(const Keyfile *keys, gint64 expires);

/* --- Ed25519, detached (RFC 8032) --------------------------------------------------------------------------------- */

void keyfile_sign(const Keyfile *keys, const void *data, gsize size, guint8 signature[KEYFILE_SIGNATURE]);
gboolean keyfile_public_verify(const guint8 sign[KEYFILE_SIGN], const void *data, gsize size,
                               const guint8 signature[KEYFILE_SIGNATURE]);

#endif
