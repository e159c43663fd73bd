/* SPDX-License-Identifier: ISC */
#include "store/payload.h"

#include <sodium.h>
#include <string.h>

#include "store/hkdf.h"
#include "store/slab.h"

#define KEY crypto_aead_chacha20poly1305_ietf_KEYBYTES

struct PayloadCipher {
	guint8 *key; /* in the slab */
	guint64 counter;
};

guint64 payload_size(guint64 plain)
{
	guint64 chunks = plain / PAYLOAD_CHUNK + (plain % PAYLOAD_CHUNK != 0 || plain == 0);
	return PAYLOAD_NONCE + plain + PAYLOAD_TAG * chunks;
}

gboolean payload_plain_size(guint64 sealed, guint64 *plain)
{
	if (sealed < PAYLOAD_NONCE + PAYLOAD_TAG)
		return FALSE;
	guint64 rest = sealed - PAYLOAD_NONCE;
	guint64 chunks = rest / PAYLOAD_SEALED_CHUNK + (rest % PAYLOAD_SEALED_CHUNK != 0);
	if (rest < chunks * PAYLOAD_TAG)
		return FALSE;
	*plain = rest - chunks * PAYLOAD_TAG;
	return payload_size(*plain) == sealed;
}

PayloadCipher *payload_cipher_new(const guint8 file_key[AGE_FILE_KEY], const guint8 nonce[PAYLOAD_NONCE],
                                  GError **error)
{
	guint8 *key = slab_take();
	if (key == NULL) {
		g_set_error(error, AGE_ERROR, AGE_ERROR_MEMORY, SLAB_ADVICE);
		return NULL;
	}
	hkdf_sha256(key, KEY, file_key, AGE_FILE_KEY, nonce, PAYLOAD_NONCE, "payload");
	PayloadCipher *cipher = g_new0(PayloadCipher, 1);
	cipher->key = key;
	return cipher;
}

void payload_cipher_free(PayloadCipher *cipher)
{
	if (cipher == NULL)
		return;
	slab_give(cipher->key);
	g_free(cipher);
}

/* counter[11], big-endian, || last[1]. 2^64 chunks are more than there is disk. */
static void chunk_nonce(const PayloadCipher *cipher, gboolean last, guint8 nonce[12])
{
	guint64 counter = GUINT64_TO_BE(cipher->counter);
	memset(nonce, 0, 12);
	memcpy(nonce + 3, &counter, sizeof counter);
	nonce[11] = last ? 1 : 0;
}

void payload_cipher_seal(PayloadCipher *cipher, guint8 *chunk, gsize size, gboolean last)
{
	guint8 nonce[12];
	g_assert(size <= PAYLOAD_CHUNK && (last || size == PAYLOAD_CHUNK));
	chunk_nonce(cipher, last, nonce);
	cipher->counter++;
	crypto_aead_chacha20poly1305_ietf_encrypt(chunk, NULL, chunk, size, NULL, 0, NULL, nonce, cipher->key);
}

gboolean payload_cipher_open(PayloadCipher *cipher, const guint8 *chunk, gsize size, gboolean last, guint8 *plain)
{
	guint8 nonce[12];
	if (size < PAYLOAD_TAG || size > PAYLOAD_SEALED_CHUNK || (!last && size != PAYLOAD_SEALED_CHUNK))
		return FALSE;
	/* An empty chunk has a place only where it is all there is. */
	if (size == PAYLOAD_TAG && cipher->counter > 0)
		return FALSE;
	chunk_nonce(cipher, last, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, chunk, size, NULL, 0, nonce, cipher->key) != 0)
		return FALSE;
	cipher->counter++;
	return TRUE;
}

/* --- push --------------------------------------------------------------------------------------------------------- */

struct PayloadReader {
	guint8 *file_key;      /* in the slab; given back when the nonce is there */
	PayloadCipher *cipher; /* NULL until then */
	gboolean failed;
	gsize got;             /* of the nonce, then of the chunk */
	guint8 chunk[PAYLOAD_SEALED_CHUNK];
};

PayloadReader *payload_reader_new(const guint8 file_key[AGE_FILE_KEY])
{
	PayloadReader *reader = g_malloc(sizeof *reader);
	memset(reader, 0, offsetof(PayloadReader, chunk));
	reader->file_key = slab_take();
	if (reader->file_key != NULL)
		memcpy(reader->file_key, file_key, AGE_FILE_KEY);
	return reader;
}

void payload_reader_free(PayloadReader *reader)
{
	if (reader == NULL)
		return;
	slab_give(reader->file_key);
	payload_cipher_free(reader->cipher);
	sodium_memzero(reader, sizeof *reader);
	g_free(reader);
}

static gboolean fail(PayloadReader *reader, const char *what, GError **error)
{
	reader->failed = TRUE;
	g_set_error(error, AGE_ERROR, AGE_ERROR_PAYLOAD, "%s", what);
	return FALSE;
}

static gboolean start(PayloadReader *reader, GError **error)
{
	if (reader->file_key == NULL) {
		reader->failed = TRUE;
		g_set_error(error, AGE_ERROR, AGE_ERROR_MEMORY, SLAB_ADVICE);
		return FALSE;
	}
	reader->cipher = payload_cipher_new(reader->file_key, reader->chunk, error);
	reader->failed = reader->cipher == NULL;
	g_clear_pointer(&reader->file_key, slab_give);
	reader->got = 0;
	return !reader->failed;
}

/* Opens the chunk at the end of out, where it stays only if its tag checks. */
static gboolean open_chunk(PayloadReader *reader, gboolean last, GByteArray *out)
{
	guint before = out->len;
	gsize size = reader->got >= PAYLOAD_TAG ? reader->got - PAYLOAD_TAG : 0;
	g_byte_array_set_size(out, before + (guint)size);
	guint8 *plain = size > 0 ? out->data + before : NULL; /* an empty array has no data */
	if (payload_cipher_open(reader->cipher, reader->chunk, reader->got, last, plain))
		return TRUE;
	g_byte_array_set_size(out, before);
	return FALSE;
}

/* A full chunk with something behind it. One that was sealed as the last is given out: it is what it was, and the
 * failure is of what follows. */
static gboolean open_full_chunk(PayloadReader *reader, GByteArray *out, GError **error)
{
	if (open_chunk(reader, FALSE, out)) {
		reader->got = 0;
		return TRUE;
	}
	if (open_chunk(reader, TRUE, out))
		return fail(reader, "something stands behind the payload's end", error);
	return fail(reader, "the payload was altered", error);
}

gboolean payload_reader_write(PayloadReader *reader, const void *data, gsize size, GByteArray *out, GError **error)
{
	const guint8 *octets = data;
	if (reader->failed)
		return fail(reader, "the payload has failed already", error);
	while (size > 0) {
		gsize whole = reader->cipher != NULL ? PAYLOAD_SEALED_CHUNK : PAYLOAD_NONCE;
		/* A full chunk is known not to be the last one only when one more octet is there. */
		if (reader->cipher != NULL && reader->got == whole && !open_full_chunk(reader, out, error))
			return FALSE;
		gsize step = MIN(size, whole - reader->got);
		memcpy(reader->chunk + reader->got, octets, step);
		reader->got += step;
		octets += step;
		size -= step;
		if (reader->cipher == NULL && reader->got == whole && !start(reader, error))
			return FALSE;
	}
	return TRUE;
}

gboolean payload_reader_finish(PayloadReader *reader, GByteArray *out, GError **error)
{
	if (reader->failed)
		return fail(reader, "the payload has failed already", error);
	reader->failed = TRUE; /* nothing may follow */
	if (reader->cipher == NULL) {
		g_set_error(error, AGE_ERROR, AGE_ERROR_HEADER, "the file ends before its payload begins");
		return FALSE;
	}
	if (open_chunk(reader, TRUE, out))
		return TRUE;
	/* The same the other way round: a whole chunk, and the last one is missing. */
	if (reader->got == PAYLOAD_SEALED_CHUNK && open_chunk(reader, FALSE, out))
		return fail(reader, "the payload's end is missing", error);
	return fail(reader, "the payload is cut, or was altered at its end", error);
}
