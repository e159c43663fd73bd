/* SPDX-License-Identifier: ISC */
#include "store/seal-writer.h"

#include <string.h>

#define ROOM_FIRST 4096 /* most reports are padded to this */
G_STATIC_ASSERT(SEAL_CHUNK == PAYLOAD_CHUNK);

gboolean seal_writer_init(SealWriter *writer, const SealKey *key, const guint8 *nonce, SealSink sink, gpointer user,
                          GError **error)
{
	memset(writer, 0, sizeof *writer);
	writer->sink = sink;
	writer->user = user;
	if (nonce != NULL)
		memcpy(writer->nonce, nonce, sizeof writer->nonce);
	else
		randombytes_buf(writer->nonce, sizeof writer->nonce);
	writer->cipher = seal_key_cipher(key, writer->nonce, error);
	crypto_generichash_init(&writer->digest, NULL, 0, SEAL_DIGEST);
	return writer->cipher != NULL;
}

static void wipe_buffer(guint8 *buffer, gsize room)
{
	if (buffer == NULL)
		return;
	sodium_memzero(buffer, PAYLOAD_NONCE + room + PAYLOAD_TAG);
	g_free(buffer);
}

void seal_writer_clear(SealWriter *writer)
{
	wipe_buffer(writer->buffer, writer->room);
	payload_cipher_free(writer->cipher);
	sodium_memzero(writer, sizeof *writer);
}

/* Not realloc(): it would leave plaintext behind. */
static void make_room(SealWriter *writer, gsize wanted)
{
	if (wanted <= writer->room)
		return;
	gsize room = MAX(writer->room, ROOM_FIRST);
	while (room < wanted)
		room *= 2;
	guint8 *buffer = g_malloc(PAYLOAD_NONCE + room + PAYLOAD_TAG);
	memcpy(buffer, writer->nonce, PAYLOAD_NONCE);
	if (writer->used > 0)
		memcpy(buffer + PAYLOAD_NONCE, writer->buffer + PAYLOAD_NONCE, writer->used);
	wipe_buffer(writer->buffer, writer->room);
	writer->buffer = buffer;
	writer->room = room;
}

/* Seals the chunk in place and hands it to the sink, the first time with the nonce in front. */
static gboolean spill(SealWriter *writer, gboolean last, GError **error)
{
	guint8 *chunk = writer->buffer + PAYLOAD_NONCE;
	payload_cipher_seal(writer->cipher, chunk, writer->used, last);
	const guint8 *from = writer->spilled ? chunk : writer->buffer;
	gsize size = (gsize)(chunk - from) + writer->used + PAYLOAD_TAG;
	g_autoptr(GError) inner = NULL;
	crypto_generichash_update(&writer->digest, from, size);
	writer->sealed += size;
	writer->used = 0;
	writer->spilled = TRUE;
	if (writer->sink == NULL || writer->sink(from, size, writer->user, &inner))
		return TRUE;
	g_set_error(error, SEAL_ERROR, SEAL_ERROR_SINK, "%s",
	            inner != NULL ? inner->message : "the sealed report cannot be written");
	return FALSE;
}

gboolean seal_writer_add(SealWriter *writer, const void *octets, gsize size, GError **error)
{
	const guint8 *data = octets;
	while (size > 0) {
		/* A full chunk goes out only when one more octet is there: whether it is the last is part of its nonce. */
		if (writer->used == PAYLOAD_CHUNK && !spill(writer, FALSE, error))
			return FALSE;
		gsize step = MIN(size, PAYLOAD_CHUNK - writer->used);
		make_room(writer, writer->used + step);
		memcpy(writer->buffer + PAYLOAD_NONCE + writer->used, data, step);
		writer->used += step;
		data += step;
		size -= step;
	}
	return TRUE;
}

/* nonce || sealed chunk, where that is all; the plaintext is left where it is. */
static GBytes *seal_one(SealWriter *writer)
{
	gsize whole = PAYLOAD_NONCE + writer->used + PAYLOAD_TAG;
	guint8 *payload = g_malloc(whole);
	memcpy(payload, writer->nonce, PAYLOAD_NONCE);
	if (writer->used > 0)
		memcpy(payload + PAYLOAD_NONCE, writer->buffer + PAYLOAD_NONCE, writer->used);
	payload_cipher_seal(writer->cipher, payload + PAYLOAD_NONCE, writer->used, TRUE);
	crypto_generichash_update(&writer->digest, payload, whole);
	writer->sealed = whole;
	return g_bytes_new_take(payload, whole);
}

gboolean seal_writer_end(SealWriter *writer, SealResult *result, GError **error)
{
	memset(result, 0, sizeof *result);
	if (writer->spilled && !spill(writer, TRUE, error))
		return FALSE;
	if (!writer->spilled)
		result->payload = seal_one(writer);
	crypto_generichash_final(&writer->digest, result->digest, SEAL_DIGEST);
	result->size = writer->sealed;
	return TRUE;
}
