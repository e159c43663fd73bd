/* SPDX-License-Identifier: ISC */
#include "store/seal.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/payload.h"
#include "store/seal-key.h"
#include "store/seal-plain.h"
#include "store/slab.h"

#define ROOM_FIRST 4096 /* most reports are padded to this */
G_STATIC_ASSERT(SEAL_CHUNK == PAYLOAD_CHUNK);

G_DEFINE_QUARK(senim-seal-error, seal_error)

struct SealBody {
	crypto_generichash_state digest, check; /* first: aligned to 64 */
	SealSink sink;
	gpointer user;
	SealKey *key;
	PayloadCipher *cipher;
	guint8 nonce[PAYLOAD_NONCE];
	guint8 *buffer;  /* nonce || plaintext of the chunk || tag */
	gsize room;      /* for plaintext */
	gsize used;      /* of it */
	gboolean spilled, finished, failed;
	guint64 before;  /* octets of the plaintext before the message */
	guint64 message; /* octets of the message */
	guint64 sealed;  /* octets of the payload so far */
};

void seal_result_clear(SealResult *result)
{
	g_clear_pointer(&result->payload, g_bytes_unref);
	sodium_memzero(result, sizeof *result);
}

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- a body's buffer ---------------------------------------------------------------------------------------------- */

static void wipe_buffer(guint8 *buffer, gsize room)
{
	if (buffer == NULL)
		return;
	sodium_memzero(buffer, PAYLOAD_NONCE + room + PAYLOAD_TAG);
	g_free(buffer);
}

/* Not realloc(): it would leave plaintext behind. */
static void make_room(SealBody *body, gsize wanted)
{
	if (wanted <= body->room)
		return;
	gsize room = MAX(body->room, ROOM_FIRST);
	while (room < wanted)
		room *= 2;
	guint8 *buffer = g_malloc(PAYLOAD_NONCE + room + PAYLOAD_TAG);
	memcpy(buffer, body->nonce, PAYLOAD_NONCE);
	if (body->used > 0)
		memcpy(buffer + PAYLOAD_NONCE, body->buffer + PAYLOAD_NONCE, body->used);
	wipe_buffer(body->buffer, body->room);
	body->buffer = buffer;
	body->room = room;
}

/* Seals the chunk in place and hands it to the sink, the first time with the nonce in front. */
static gboolean spill(SealBody *body, gboolean last, GError **error)
{
	guint8 *chunk = body->buffer + PAYLOAD_NONCE;
	payload_cipher_seal(body->cipher, chunk, body->used, last);
	const guint8 *from = body->spilled ? chunk : body->buffer;
	gsize size = (gsize)(chunk - from) + body->used + PAYLOAD_TAG;
	g_autoptr(GError) inner = NULL;
	crypto_generichash_update(&body->digest, from, size);
	body->sealed += size;
	body->used = 0;
	body->spilled = TRUE;
	if (body->sink(from, size, body->user, &inner))
		return TRUE;
	return fail(SEAL_ERROR_SINK, inner != NULL ? inner->message : "the sealed report cannot be written", error);
}

static gboolean append(SealBody *body, const guint8 *data, gsize size, GError **error)
{
	while (size > 0) {
		/* A full chunk goes out only when one more octet is there: whether it is the last is part of its nonce. */
		if (body->used == PAYLOAD_CHUNK && !spill(body, FALSE, error))
			return FALSE;
		gsize step = MIN(size, PAYLOAD_CHUNK - body->used);
		make_room(body, body->used + step);
		memcpy(body->buffer + PAYLOAD_NONCE + body->used, data, step);
		body->used += step;
		data += step;
		size -= step;
	}
	return TRUE;
}

/* --- a body ------------------------------------------------------------------------------------------------------- */

SealBody *seal_body_new(const SealFields *fields, SealSink sink, gpointer user, GError **error)
{
	SealBody *body = g_aligned_alloc0(1, sizeof *body, 64);
	body->sink = sink;
	body->user = user;
	randombytes_buf(body->nonce, sizeof body->nonce);
	body->key = seal_key_new(SEAL_PART_BODY, fields->case_id, error);
	if (body->key != NULL)
		body->cipher = seal_key_cipher(body->key, body->nonce, error);
	if (body->cipher == NULL) {
		seal_body_free(body);
		return NULL;
	}
	crypto_generichash_init(&body->digest, NULL, 0, SEAL_DIGEST);
	seal_key_body_check_init(body->key, &body->check);
	GString *text = seal_plain_fields(fields);
	body->before = text->len;
	gboolean good = append(body, (const guint8 *)text->str, text->len, error);
	sodium_memzero(text->str, text->len);
	g_string_free(text, TRUE);
	if (!good)
		g_clear_pointer(&body, seal_body_free);
	return body;
}

void seal_body_free(SealBody *body)
{
	if (body == NULL)
		return;
	wipe_buffer(body->buffer, body->room);
	payload_cipher_free(body->cipher);
	seal_key_free(body->key);
	sodium_memzero(body, sizeof *body);
	g_aligned_free(body);
}

gboolean seal_body_write(SealBody *body, const void *data, gsize size, GError **error)
{
	if (body->failed || body->finished)
		return fail(SEAL_ERROR_FORM, "this report was ended already, or has failed", error);
	if (size == 0)
		return TRUE;
	crypto_generichash_update(&body->check, data, size);
	body->message += size;
	body->failed = !append(body, data, size, error);
	return !body->failed;
}

guint64 seal_body_message_size(const SealBody *body)
{
	return body->message;
}

static gboolean append_end(SealBody *body, GError **error)
{
	static const guint8 zeros[4096];
	char trailer[SEAL_TRAILER];
	guint64 whole = body->before + body->message + SEAL_TRAILER;
	guint64 padding = seal_padded_size(SEAL_PART_BODY, whole) - whole;
	while (padding > 0) {
		gsize step = (gsize)MIN(padding, sizeof zeros);
		if (!append(body, zeros, step, error))
			return FALSE;
		padding -= step;
	}
	seal_plain_trailer(body->message, trailer);
	return append(body, (const guint8 *)trailer, sizeof trailer, error);
}

/* nonce || sealed chunk, where that is all; the plaintext is left where it is. */
static GBytes *seal_one(PayloadCipher *cipher, const guint8 nonce[PAYLOAD_NONCE], const guint8 *plain, gsize size,
                        guint8 digest[SEAL_DIGEST])
{
	gsize whole = PAYLOAD_NONCE + size + PAYLOAD_TAG;
	guint8 *payload = g_malloc(whole);
	memcpy(payload, nonce, PAYLOAD_NONCE);
	memcpy(payload + PAYLOAD_NONCE, plain, size);
	payload_cipher_seal(cipher, payload + PAYLOAD_NONCE, size, TRUE);
	crypto_generichash(digest, SEAL_DIGEST, payload, whole, NULL, 0);
	return g_bytes_new_take(payload, whole);
}

gboolean seal_body_finish(SealBody *body, SealResult *result, GError **error)
{
	memset(result, 0, sizeof *result);
	if (body->failed || body->finished)
		return fail(SEAL_ERROR_FORM, "this report was ended already, or has failed", error);
	body->finished = TRUE;
	body->failed = !append_end(body, error) || (body->spilled && !spill(body, TRUE, error));
	if (body->failed)
		return FALSE;
	if (body->spilled) {
		crypto_generichash_final(&body->digest, result->digest, SEAL_DIGEST);
	} else {
		result->payload =
		    seal_one(body->cipher, body->nonce, body->buffer + PAYLOAD_NONCE, body->used, result->digest);
		body->sealed = g_bytes_get_size(result->payload);
	}
	result->size = body->sealed;
	result->message_size = body->message;
	seal_key_check(body->key, result->key_check);
	crypto_generichash_final(&body->check, result->body_check, sizeof result->body_check);
	return TRUE;
}

char *seal_body_header(const SealBody *body, const char *recipient, GError **error)
{
	return seal_key_header(body->key, recipient, error);
}

/* --- the message once more ---------------------------------------------------------------------------------------- */

struct SealReplay {
	const SealBody *body;
	int fd;
	PayloadCipher *cipher; /* NULL: from memory */
	guint64 offset;        /* of the next chunk in the payload */
	guint64 skip, left;    /* octets before the message, and of it, still to come */
	guint8 chunk[];
};

SealReplay *seal_replay_new(const SealBody *body, int fd)
{
	gsize room = body->spilled ? PAYLOAD_SEALED_CHUNK : 0;
	SealReplay *replay = g_malloc(sizeof *replay + room);
	memset(replay, 0, sizeof *replay);
	replay->body = body;
	replay->fd = fd;
	replay->offset = PAYLOAD_NONCE;
	replay->skip = body->before;
	replay->left = body->message;
	return replay;
}

void seal_replay_free(SealReplay *replay)
{
	if (replay == NULL)
		return;
	payload_cipher_free(replay->cipher);
	sodium_memzero(replay, sizeof *replay + (replay->body->spilled ? PAYLOAD_SEALED_CHUNK : 0));
	g_free(replay);
}

static gboolean read_whole(int fd, guint8 *data, gsize size, guint64 offset)
{
	while (size > 0) {
		gssize got = pread(fd, data, size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return FALSE;
		data += got;
		offset += (guint64)got;
		size -= (gsize)got;
	}
	return TRUE;
}

/* The next chunk's plaintext at replay->chunk; 0 where it does not come back as it was written. */
static gsize next_chunk(SealReplay *replay, GError **error)
{
	gsize size = (gsize)MIN(replay->body->sealed - replay->offset, PAYLOAD_SEALED_CHUNK);
	gboolean last = replay->offset + size == replay->body->sealed;
	if (replay->cipher == NULL)
		replay->cipher = seal_key_cipher(replay->body->key, replay->body->nonce, error);
	if (replay->cipher == NULL)
		return 0;
	if (!read_whole(replay->fd, replay->chunk, size, replay->offset)) {
		fail(SEAL_ERROR_SINK, "the sealed report cannot be read back", error);
		return 0;
	}
	replay->offset += size;
	if (!payload_cipher_open(replay->cipher, replay->chunk, size, last, replay->chunk)) {
		fail(SEAL_ERROR_FORM, "the sealed report does not come back as it was written", error);
		return 0;
	}
	return size - PAYLOAD_TAG;
}

int seal_replay_next(SealReplay *replay, const guint8 **data, gsize *size, GError **error)
{
	const SealBody *body = replay->body;
	if (!body->finished || body->failed) {
		fail(SEAL_ERROR_FORM, "a report that was not ended cannot be read back", error);
		return -1;
	}
	if (replay->left == 0)
		return 0;
	const guint8 *plain = body->spilled ? replay->chunk : body->buffer + PAYLOAD_NONCE;
	gsize got = body->spilled ? next_chunk(replay, error) : body->used;
	while (body->spilled && got > 0 && got <= replay->skip) {
		replay->skip -= got;
		got = next_chunk(replay, error);
	}
	if (got == 0)
		return -1;
	*data = plain + replay->skip;
	*size = (gsize)MIN(got - replay->skip, replay->left);
	replay->skip = 0;
	replay->left -= *size;
	return 1;
}

/* --- a card ------------------------------------------------------------------------------------------------------- */

struct SealCard {
	SealKey *key;
};

SealCard *seal_card_new(const guint8 case_id[SEAL_CASE], const Record *card, SealResult *result, GError **error)
{
	gsize size;
	guint8 nonce[PAYLOAD_NONCE];
	memset(result, 0, sizeof *result);
	g_autoptr(SealCard) sealed = g_new0(SealCard, 1);
	sealed->key = seal_key_new(SEAL_PART_CARD, case_id, error);
	if (sealed->key == NULL)
		return NULL;
	randombytes_buf(nonce, sizeof nonce);
	g_autoptr(PayloadCipher) cipher = seal_key_cipher(sealed->key, nonce, error);
	if (cipher == NULL)
		return NULL;
	char *plain = seal_plain_card(case_id, card, &size);
	if (plain == NULL) {
		fail(SEAL_ERROR_FORM, "the card is longer than a card may be", error);
		return NULL;
	}
	result->payload = seal_one(cipher, nonce, (const guint8 *)plain, size, result->digest);
	sodium_memzero(plain, size);
	g_free(plain);
	result->size = g_bytes_get_size(result->payload);
	seal_key_check(sealed->key, result->key_check);
	return g_steal_pointer(&sealed);
}

void seal_card_free(SealCard *card)
{
	if (card == NULL)
		return;
	seal_key_free(card->key);
	g_free(card);
}

char *seal_card_header(const SealCard *card, const char *recipient, GError **error)
{
	return seal_key_header(card->key, recipient, error);
}

/* --- the retry's message digest ----------------------------------------------------------------------------------- */

struct SealMessageDigest {
	crypto_generichash_state state;
	gboolean in_body;
};

SealMessageDigest *seal_message_digest_new(void)
{
	SealMessageDigest *digest = g_aligned_alloc0(1, sizeof *digest, 64);
	crypto_generichash_init(&digest->state, NULL, 0, SEAL_DIGEST);
	return digest;
}

void seal_message_digest_free(SealMessageDigest *digest)
{
	if (digest == NULL)
		return;
	sodium_memzero(digest, sizeof *digest);
	g_aligned_free(digest);
}

/* What the way of a message adds anew each time it is tried. */
static gboolean differs_on_retry(const char *name)
{
	static const char *const names[] = {"Received", "Return-Path", "Delivered-To", "X-Original-To",
	                                    "Authentication-Results"};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	return FALSE;
}

void seal_message_digest_field(SealMessageDigest *digest, const char *name, const void *data, gsize size)
{
	if (!differs_on_retry(name))
		crypto_generichash_update(&digest->state, data, size);
}

static void begin_body(SealMessageDigest *digest)
{
	if (!digest->in_body)
		crypto_generichash_update(&digest->state, (const guint8 *)"\r\n", 2);
	digest->in_body = TRUE;
}

void seal_message_digest_body(SealMessageDigest *digest, const void *data, gsize size)
{
	begin_body(digest);
	if (size > 0)
		crypto_generichash_update(&digest->state, data, size);
}

void seal_message_digest_finish(SealMessageDigest *digest, guint8 out[SEAL_DIGEST])
{
	begin_body(digest);
	crypto_generichash_final(&digest->state, out, SEAL_DIGEST);
}
