/* SPDX-License-Identifier: ISC */
/* store/age.h - the age v1 file format (c2sp.org/age) on libsodium: keys, headers, whole small files.
 *
 * X25519 recipients for everything that is stored; scrypt (a passphrase) or a token's plug-in for key files. The payload's stream is
 * store/payload.h, the text form store/armor.h.
 *
 * Promise:   the reader takes what the specification allows and nothing else: every other spelling of a header is
 *            refused, a low-order share is refused, nothing of a file is given out before the header's MAC is checked.
 *            It passes the C2SP/CCTV test kit (tests/test-age.c).
 * Ownership: as said at each. Secret keys lie in the slab (store/slab.h); what is transient is wiped.
 * Threads:   every object belongs to one thread at a time; functions without an object are safe from any.
 * Fails:     NULL or FALSE and *error (AGE_ERROR). Messages never hold a byte of the input. */
#ifndef SENIM_STORE_AGE_H
#define SENIM_STORE_AGE_H

#include <glib.h>

typedef enum {
	AGE_ERROR_HEADER,    /* not an age header, or a stanza of a known type in another form */
	AGE_ERROR_NO_MATCH,  /* well formed; no stanza is for this identity or passphrase */
	AGE_ERROR_MAC,       /* the header was altered */
	AGE_ERROR_PAYLOAD,   /* cut, altered, or something stands behind it */
	AGE_ERROR_ARMOR,
	AGE_ERROR_RECIPIENT, /* not "age1…" of X25519 */
	AGE_ERROR_IDENTITY,  /* not "AGE-SECRET-KEY-1…" */
	AGE_ERROR_MEMORY,    /* no locked memory, or none for scrypt */
	AGE_ERROR_WORK,      /* the passphrase's work factor is above what the caller takes */
	AGE_ERROR_TOKEN,     /* what unwraps with a token is not there; else its own domain is handed on */
} AgeErrorCode;
#define AGE_ERROR (age_error_quark())
GQuark age_error_quark(void);

#define AGE_FILE_KEY 16
#define AGE_X25519 32
#define AGE_WORK_WRITE 18 /* scrypt: log2 of N; 256 MiB and about a second */
#define AGE_WORK_READ 20

/* --- keys --------------------------------------------------------------------------------------------------------- */

typedef struct AgeIdentity AgeIdentity;
AgeIdentity *age_identity_generate(GError **error);
/* text: "AGE-SECRET-KEY-1…", exactly. */
AgeIdentity *age_identity_parse(const char *text, GError **error);
void age_identity_free(AgeIdentity *identity); /* wipes; NULL is harmless */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgeIdentity, age_identity_free)
/* Both borrowed, valid as long as the identity. The first is a secret and lies in the slab. */
const char *age_identity_text(const AgeIdentity *identity);
const char *age_identity_recipient(const AgeIdentity *identity);
/* An identity that is in a token: text is "AGE-PLUGIN-NAME-1…", no secret; recipient may be NULL. It unwraps through
 * age_token_use() alone. age_identity_parse() takes the text too, where that was called. */
AgeIdentity *age_identity_token(const char *text, const char *recipient, GError **error);
gboolean age_identity_is_token(const AgeIdentity *identity);
/* Who speaks with tokens, once, before any use: the officer's program; in every other one a token is refused. A stanza is
 * as it stands in a header: "-> TYPE ARGUMENT…", LF, its body's lines. unwrap() sets file_key from stanzas that were
 * checked, its MAC is checked afterwards. wrap() makes the one stanza of a recipient or identity (transfer full). */
typedef struct {
	gboolean (*unwrap)(const char *identity, const char *const *stanzas, guint8 file_key[AGE_FILE_KEY], gpointer user,
	                   GError **error);
	char *(*wrap)(const char *whom, const guint8 file_key[AGE_FILE_KEY], gpointer user, GError **error);
} AgeToken;
void age_token_use(const AgeToken *token, gpointer user);
/* FALSE and *error where text is not the one spelling of an X25519 recipient, or names a point of low order. */
gboolean age_recipient_parse(const char *text, guint8 point[AGE_X25519], GError **error);

/* --- headers ------------------------------------------------------------------------------------------------------ */

/* The header of a file for these recipients, one stanza each, at least one (transfer full; size may be NULL). Anything
 * but an X25519 recipient is a token's, and refused without age_token_use(). */
char *age_header_write(const guint8 file_key[AGE_FILE_KEY], const char *const *recipients, gsize *size, GError **error);
/* The header of a file sealed by a passphrase: one scrypt stanza. work: log2 of N. */
char *age_header_write_passphrase(const guint8 file_key[AGE_FILE_KEY], const char *passphrase, gsize passphrase_size,
                                  guint work, gsize *size, GError **error);

typedef struct AgeHeader AgeHeader;
/* Reads the header at the front of data; *used is its size, the payload begins there. NULL where it is not whole. */
AgeHeader *age_header_read(const void *data, gsize size, gsize *used, GError **error);
void age_header_free(AgeHeader *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgeHeader, age_header_free)
/* TRUE where the header is exactly one stanza of that type ("X25519", "scrypt"). */
gboolean age_header_is_one(const AgeHeader *header, const char *type);
/* The file key, after the MAC was checked. file_key: preferably in a slab slot. */
gboolean age_header_unwrap(const AgeHeader *header, const AgeIdentity *identity, guint8 file_key[AGE_FILE_KEY],
                           GError **error);
/* work_max: AGE_WORK_READ. */
gboolean age_header_unwrap_passphrase(const AgeHeader *header, const char *passphrase, gsize passphrase_size,
                                      guint work_max, guint8 file_key[AGE_FILE_KEY], GError **error);

/* --- whole small files (key files, the escrow): in memory, results wipe themselves -------------------------------- */

GBytes *age_file_seal(const void *data, gsize size, const char *const *recipients, GError **error);
GBytes *age_file_seal_passphrase(const void *data, gsize size, const char *passphrase, gsize passphrase_size,
                                 GError **error);
GBytes *age_file_open(const void *file, gsize size, const AgeIdentity *identity, GError **error);
GBytes *age_file_open_passphrase(const void *file, gsize size, const char *passphrase, gsize passphrase_size,
                                 GError **error);
/* TRUE where it is an age file, and a passphrase opens it. */
gboolean age_file_takes_passphrase(const void *file, gsize size);
/* TRUE where data begins as an age file does, binary or armored: to be asked before a key file is read as text. */
gboolean age_file_is(const void *data, gsize size);

#endif
