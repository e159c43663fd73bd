/* SPDX-License-Identifier: ISC */
/* store/seal-key.h - the file key of one sealed object, and all that is derived from it. Private to store/seal*.c.
 *
 * One key, one object: part and case id are bound to it here, once.
 * Ownership: the key lies in the slab; seal_key_free() wipes it.
 * Threads:   one object belongs to one thread at a time.
 * Fails:     NULL and *error (SEAL_ERROR). */
#ifndef SENIM_STORE_SEAL_KEY_H
#define SENIM_STORE_SEAL_KEY_H

#include <sodium.h>

#include "store/payload.h"
#include "store/seal.h"

typedef struct SealKey SealKey;

/* A fresh one. */
SealKey *seal_key_new(SealPart part, const guint8 case_id[SEAL_CASE], GError **error);
/* That of a header, which must hold exactly one X25519 stanza and nothing behind it. */
SealKey *seal_key_unwrap(SealPart part, const guint8 case_id[SEAL_CASE], const char *header, gsize header_size,
                         const char *identity, GError **error);
/* That of an object's arrival, as an object that was sealed anew keeps it. */
SealKey *seal_key_of(SealPart part, const guint8 case_id[SEAL_CASE], const guint8 file_key[AGE_FILE_KEY], GError **error);
void seal_key_free(SealKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealKey, seal_key_free)

SealPart seal_key_part(const SealKey *key);
/* Borrowed, in the slab. */
const guint8 *seal_key_octets(const SealKey *key);
PayloadCipher *seal_key_cipher(const SealKey *key, const guint8 nonce[PAYLOAD_NONCE], GError **error);
PayloadReader *seal_key_reader(const SealKey *key);
char *seal_key_header(const SealKey *key, const char *recipient, GError **error);
/* HKDF(file key, salt = case id || part, "senim/key-check/1"). */
void seal_key_check(const SealKey *key, guint8 out[32]);
/* HKDF(file key, salt = case id, "senim/body-check/1"): the check key of a body's text. */
void seal_key_text_key(const SealKey *key, guint8 out[SEAL_TEXT_KEY]);
/* BLAKE2b-256 keyed with that. */
void seal_key_body_check_init(const SealKey *key, crypto_generichash_state *state);

/* The key and nonce under which the object of that opener arrived: its own, or those that it keeps (borrowed). */
const SealKey *seal_opener_origin(const SealOpener *opener, guint8 nonce[PAYLOAD_NONCE]);

#endif
