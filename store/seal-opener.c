/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "store/seal-anew.h"
#include "store/seal-key.h"
#include "store/seal-writer.h"
#include "store/seal.h"

#define ROOM_MAX (512u * 1024 * 1024)

struct SealOpener {
	crypto_generichash_state digest; /* first: aligned to 64 */
	SealWriter again; /* of what was sealed anew: as it arrived */
	SealExpect expect;
	SealKey *key;
	SealKey *arrival; /* of what was sealed anew, once its line is read */
	PayloadReader *reader;
	guint8 nonce[PAYLOAD_NONCE]; /* of the arrival */
	guint64 got;
};

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

const guint8 *seal_expect_id(const SealExpect *expect)
{
	return expect->anew ? expect->anew_id : expect->case_id;
}

static gboolean check_key(const SealKey *key, const guint8 expected[32], GError **error)
{
	guint8 check[32];
	seal_key_check(key, check);
	return sodium_memcmp(check, expected, sizeof check) == 0 ||
	       fail(SEAL_ERROR_KEY, "the key in this header is not the one that the register names for this case", error);
}

SealOpener *seal_opener_new(const char *header, gsize header_size, const char *identity, const SealExpect *expect,
                            GError **error)
{
	g_autoptr(SealKey) key = seal_key_unwrap(expect->part, seal_expect_id(expect), header, header_size, identity, error);
	if (key == NULL || !check_key(key, expect->key_check, error))
		return NULL;
	SealOpener *opener = g_aligned_alloc0(1, sizeof *opener, 64);
	opener->expect = *expect;
	opener->key = g_steal_pointer(&key);
	opener->reader = seal_key_reader(opener->key);
	crypto_generichash_init(&opener->digest, NULL, 0, SEAL_DIGEST);
	return opener;
}

void seal_opener_free(SealOpener *opener)
{
	if (opener == NULL)
		return;
	payload_reader_free(opener->reader);
	seal_writer_clear(&opener->again);
	seal_key_free(opener->arrival);
	seal_key_free(opener->key);
	sodium_memzero(opener, sizeof *opener);
	g_aligned_free(opener);
}

const SealKey *seal_opener_origin(const SealOpener *opener, guint8 nonce[PAYLOAD_NONCE])
{
	memcpy(nonce, opener->nonce, PAYLOAD_NONCE);
	return opener->expect.anew ? opener->arrival : opener->key;
}

static gboolean take_reader_error(GError *inner, GError **error)
{
	fail(inner->code == AGE_ERROR_MEMORY ? SEAL_ERROR_MEMORY : SEAL_ERROR_FORM, inner->message, error);
	g_error_free(inner);
	return FALSE;
}

/* Room for all of it, where nothing is in there yet. */
static void make_room(GByteArray *out, guint64 size)
{
	if (out->len > 0 || size > ROOM_MAX)
		return;
	g_byte_array_set_size(out, (guint)size);
	g_byte_array_set_size(out, 0);
}

/* --- what was sealed anew ----------------------------------------------------------------------------------------- */

/* Key and nonce of the arrival out of the line, which goes from out. */
static gboolean take_line(SealOpener *opener, GByteArray *out, guint from, GError **error)
{
	opener->arrival = seal_anew_read_line(opener->expect.part, opener->expect.case_id, out->data + from, out->len - from,
	                                      opener->nonce, error);
	if (opener->arrival == NULL || !check_key(opener->arrival, opener->expect.arrival.key_check, error))
		return FALSE;
	memmove(out->data + from, out->data + from + SEAL_ANEW_LINE, out->len - from - SEAL_ANEW_LINE);
	sodium_memzero(out->data + out->len - SEAL_ANEW_LINE, SEAL_ANEW_LINE);
	g_byte_array_set_size(out, out->len - SEAL_ANEW_LINE);
	return seal_writer_init(&opener->again, opener->arrival, opener->nonce, NULL, NULL, error);
}

/* What came out behind `from`: under the key of its arrival once more. */
static gboolean seal_again(SealOpener *opener, GByteArray *out, guint from, GError **error)
{
	if (!opener->expect.anew || out->len == from)
		return TRUE;
	if (opener->arrival == NULL && !take_line(opener, out, from, error))
		return FALSE;
	return seal_writer_add(&opener->again, out->data + from, out->len - from, error);
}

static gboolean check_arrival(SealOpener *opener, GError **error)
{
	SealResult result;
	if (!opener->expect.anew)
		return TRUE;
	if (opener->arrival == NULL)
		return fail(SEAL_ERROR_FORM, "what was sealed anew does not say how it arrived", error);
	if (!seal_writer_end(&opener->again, &result, error))
		return FALSE;
	gboolean same = result.size == opener->expect.arrival.size &&
	                sodium_memcmp(result.digest, opener->expect.arrival.digest, SEAL_DIGEST) == 0;
	seal_result_clear(&result);
	return same || fail(SEAL_ERROR_DIGEST, "what was sealed anew is not what arrived", error);
}

/* --- octets in ---------------------------------------------------------------------------------------------------- */

/* What does not prove its arrival is not given out. */
static gboolean take_back(GByteArray *out, guint from)
{
	sodium_memzero(out->data + from, out->len - from);
	g_byte_array_set_size(out, from);
	return FALSE;
}

static void keep_nonce(SealOpener *opener, const void *data, gsize size)
{
	if (!opener->expect.anew && opener->got < PAYLOAD_NONCE)
		memcpy(opener->nonce + opener->got, data, MIN(size, PAYLOAD_NONCE - (gsize)opener->got));
}

gboolean seal_opener_write(SealOpener *opener, const void *data, gsize size, GByteArray *out, GError **error)
{
	GError *inner = NULL;
	if (size > opener->expect.size - opener->got)
		return fail(SEAL_ERROR_DIGEST, "what is stored is larger than what was registered", error);
	if (opener->got == 0)
		make_room(out, opener->expect.size);
	keep_nonce(opener, data, size);
	opener->got += size;
	guint from = out->len;
	crypto_generichash_update(&opener->digest, data, size);
	if (!payload_reader_write(opener->reader, data, size, out, &inner))
		return take_reader_error(inner, error);
	return seal_again(opener, out, from, error) || take_back(out, from);
}

gboolean seal_opener_finish(SealOpener *opener, GByteArray *out, GError **error)
{
	guint8 digest[SEAL_DIGEST];
	GError *inner = NULL;
	crypto_generichash_final(&opener->digest, digest, sizeof digest);
	if (opener->got != opener->expect.size)
		return fail(SEAL_ERROR_DIGEST, "what is stored is smaller than what was registered", error);
	if (sodium_memcmp(digest, opener->expect.digest, sizeof digest) != 0)
		return fail(SEAL_ERROR_DIGEST, "what is stored is not what was registered", error);
	guint from = out->len;
	if (!payload_reader_finish(opener->reader, out, &inner))
		return take_reader_error(inner, error);
	return (seal_again(opener, out, from, error) && check_arrival(opener, error)) || take_back(out, from);
}

void seal_opener_text_key(const SealOpener *opener, guint8 key[SEAL_TEXT_KEY])
{
	guint8 nonce[PAYLOAD_NONCE];
	seal_key_text_key(seal_opener_origin(opener, nonce), key);
}

gboolean seal_text_check(const guint8 key[SEAL_TEXT_KEY], const void *message, gsize size, const guint8 expected[32])
{
	guint8 check[32];
	crypto_generichash(check, sizeof check, message, size, key, SEAL_TEXT_KEY);
	return sodium_memcmp(check, expected, sizeof check) == 0;
}

gboolean seal_opener_body_check(const SealOpener *opener, const void *message, gsize size, const guint8 expected[32],
                                GError **error)
{
	guint8 key[SEAL_TEXT_KEY];
	seal_opener_text_key(opener, key);
	gboolean same = seal_text_check(key, message, size, expected);
	sodium_memzero(key, sizeof key);
	return same ||
	       fail(SEAL_ERROR_DIGEST, "this is not the message that was registered", error);
}
