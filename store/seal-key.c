/* SPDX-License-Identifier: ISC */
#include "store/seal-key.h"

#include <string.h>

#include "store/hkdf.h"
#include "store/slab.h"

struct SealKey {
	guint8 *file_key; /* in the slab */
	guint8 place[SEAL_CASE + 1]; /* case id || part: the salt of the key check */
};

/* The sealing side's errors as this room's callers know them. */
static void take_age_error(GError *inner, GError **error)
{
	SealErrorCode code = SEAL_ERROR_FORM;
	if (inner->domain != AGE_ERROR) { /* a token's: a sentence of its own */
		g_propagate_error(error, inner);
		return;
	}
	if (inner->code == AGE_ERROR_MEMORY)
		code = SEAL_ERROR_MEMORY;
	else if (inner->code == AGE_ERROR_NO_MATCH || inner->code == AGE_ERROR_RECIPIENT ||
	         inner->code == AGE_ERROR_IDENTITY)
		code = SEAL_ERROR_KEY;
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", inner->message);
	g_error_free(inner);
}

static SealKey *key_at(SealPart part, const guint8 case_id[SEAL_CASE], GError **error)
{
	guint8 *slot = slab_take();
	if (slot == NULL) {
		g_set_error(error, SEAL_ERROR, SEAL_ERROR_MEMORY, SLAB_ADVICE);
		return NULL;
	}
	SealKey *key = g_new0(SealKey, 1);
	key->file_key = slot;
	memcpy(key->place, case_id, SEAL_CASE);
	key->place[SEAL_CASE] = (guint8)part;
	return key;
}

SealKey *seal_key_new(SealPart part, const guint8 case_id[SEAL_CASE], GError **error)
{
	SealKey *key = key_at(part, case_id, error);
	if (key != NULL)
		randombytes_buf(key->file_key, AGE_FILE_KEY);
	return key;
}

SealKey *seal_key_unwrap(SealPart part, const guint8 case_id[SEAL_CASE], const char *header, gsize header_size,
                         const char *identity, GError **error)
{
	GError *inner = NULL;
	gsize used;
	g_autoptr(AgeHeader) read = age_header_read(header, header_size, &used, &inner);
	if (read == NULL) {
		take_age_error(inner, error);
		return NULL;
	}
	if (used != header_size || !age_header_is_one(read, "X25519")) {
		g_set_error(error, SEAL_ERROR, SEAL_ERROR_FORM, "the header is not of one reader alone");
		return NULL;
	}
	g_autoptr(SealKey) key = key_at(part, case_id, error);
	if (key == NULL)
		return NULL;
	g_autoptr(AgeIdentity) reader = age_identity_parse(identity, &inner);
	if (reader == NULL || !age_header_unwrap(read, reader, key->file_key, &inner)) {
		take_age_error(inner, error);
		return NULL;
	}
	return g_steal_pointer(&key);
}

SealKey *seal_key_of(SealPart part, const guint8 case_id[SEAL_CASE], const guint8 file_key[AGE_FILE_KEY], GError **error)
{
	SealKey *key = key_at(part, case_id, error);
	if (key != NULL)
		memcpy(key->file_key, file_key, AGE_FILE_KEY);
	return key;
}

void seal_key_free(SealKey *key)
{
	if (key == NULL)
		return;
	slab_give(key->file_key);
	g_free(key);
}

SealPart seal_key_part(const SealKey *key)
{
	return (SealPart)key->place[SEAL_CASE];
}

const guint8 *seal_key_octets(const SealKey *key)
{
	return key->file_key;
}

PayloadCipher *seal_key_cipher(const SealKey *key, const guint8 nonce[PAYLOAD_NONCE], GError **error)
{
	GError *inner = NULL;
	PayloadCipher *cipher = payload_cipher_new(key->file_key, nonce, &inner);
	if (cipher == NULL)
		take_age_error(inner, error);
	return cipher;
}

PayloadReader *seal_key_reader(const SealKey *key)
{
	return payload_reader_new(key->file_key);
}

char *seal_key_header(const SealKey *key, const char *recipient, GError **error)
{
	GError *inner = NULL;
	const char *const recipients[] = {recipient, NULL};
	char *header = age_header_write(key->file_key, recipients, NULL, &inner);
	if (header == NULL)
		take_age_error(inner, error);
	return header;
}

void seal_key_check(const SealKey *key, guint8 out[32])
{
	hkdf_sha256(out, 32, key->file_key, AGE_FILE_KEY, key->place, sizeof key->place, "senim/key-check/1");
}

void seal_key_text_key(const SealKey *key, guint8 out[SEAL_TEXT_KEY])
{
	hkdf_sha256(out, SEAL_TEXT_KEY, key->file_key, AGE_FILE_KEY, key->place, SEAL_CASE, "senim/body-check/1");
}

void seal_key_body_check_init(const SealKey *key, crypto_generichash_state *state)
{
	guint8 check[SEAL_TEXT_KEY];
	seal_key_text_key(key, check);
	crypto_generichash_init(state, check, sizeof check, 32);
	sodium_memzero(check, sizeof check);
}
