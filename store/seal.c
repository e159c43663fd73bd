/* SPDX-License-Identifier: ISC */
#include "store/seal.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/payload.h"
#include "store/seal-key.h"
#include "store/seal-plain.h"
#include "store/seal-writer.h"
#include "store/slab.h"

G_DEFINE_QUARK(senim-seal-error, seal_error)

struct SealBody {
	crypto_generichash_state check; /* first: aligned to 64 */
	SealWriter writer;
	SealKey *key;
	gboolean finished, failed;
	guint64 before;  /* octets of the plaintext before the message */
	guint64 message; /* octets of the message */
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

/* --- a body ------------------------------------------------------------------------------------------------------- */

SealBody *seal_body_new(const SealFields *fields, SealSink sink, gpointer user, GError **error)
{
	SealBody *body = g_aligned_alloc0(1, sizeof *body, 64);
	body->key = seal_key_new(SEAL_PART_BODY, fields->case_id, error);
	if (body->key == NULL || !seal_writer_init(&body->writer, body->key, NULL, sink, user, error)) {
		seal_body_free(body);
		return NULL;
	}
	seal_key_body_check_init(body->key, &body->check);
	GString *text = seal_plain_fields(fields);
	body->before = text->len;
	gboolean good = seal_writer_add(&body->writer, text->str, text->len, error);
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
	seal_writer_clear(&body->writer);
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
	body->failed = !seal_writer_add(&body->writer, data, size, error);
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
		if (!seal_writer_add(&body->writer, zeros, step, error))
			return FALSE;
		padding -= step;
	}
	seal_plain_trailer(body->message, trailer);
	return seal_writer_add(&body->writer, trailer, sizeof trailer, error);
}

gboolean seal_body_finish(SealBody *body, SealResult *result, GError **error)
{
	memset(result, 0, sizeof *result);
	if (body->failed || body->finished)
		return fail(SEAL_ERROR_FORM, "this report was ended already, or has failed", error);
	body->finished = TRUE;
	body->failed = !append_end(body, error) || !seal_writer_end(&body->writer, result, error);
	if (body->failed)
		return FALSE;
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
	gsize room = body->writer.spilled ? PAYLOAD_SEALED_CHUNK : 0;
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
	sodium_memzero(replay, sizeof *replay + (replay->body->writer.spilled ? PAYLOAD_SEALED_CHUNK : 0));
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
	gsize size = (gsize)MIN(replay->body->writer.sealed - replay->offset, PAYLOAD_SEALED_CHUNK);
	gboolean last = replay->offset + size == replay->body->writer.sealed;
	if (replay->cipher == NULL)
		replay->cipher = seal_key_cipher(replay->body->key, replay->body->writer.nonce, error);
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
	const guint8 *plain = body->writer.spilled ? replay->chunk : body->writer.buffer + PAYLOAD_NONCE;
	gsize got = body->writer.spilled ? next_chunk(replay, error) : body->writer.used;
	while (body->writer.spilled && got > 0 && got <= replay->skip) {
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

/* What fits one chunk. */
static gboolean seal_at_once(const SealKey *key, const char *plain, gsize size, SealResult *result, GError **error)
{
	SealWriter *writer = g_aligned_alloc0(1, sizeof *writer, 64);
	gboolean good = seal_writer_init(writer, key, NULL, NULL, NULL, error) && seal_writer_add(writer, plain, size, error) &&
	                seal_writer_end(writer, result, error);
	seal_key_check(key, result->key_check);
	seal_writer_clear(writer);
	g_aligned_free(writer);
	return good;
}

SealCard *seal_card_new(const guint8 case_id[SEAL_CASE], const Record *card, SealResult *result, GError **error)
{
	gsize size;
	g_autoptr(SealCard) sealed = g_new0(SealCard, 1);
	memset(result, 0, sizeof *result);
	sealed->key = seal_key_new(SEAL_PART_CARD, case_id, error);
	if (sealed->key == NULL)
		return NULL;
	char *plain = seal_plain_card(case_id, card, &size);
	if (plain == NULL) {
		fail(SEAL_ERROR_FORM, "the card is longer than a card may be", error);
		return NULL;
	}
	gboolean good = seal_at_once(sealed->key, plain, size, result, error);
	sodium_memzero(plain, size);
	g_free(plain);
	return good ? g_steal_pointer(&sealed) : NULL;
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
