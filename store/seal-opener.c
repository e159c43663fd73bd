/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "store/seal-key.h"
#include "store/seal.h"

#define ROOM_MAX (512u * 1024 * 1024)

struct SealOpener {
	crypto_generichash_state digest; /* first: aligned to 64 */
	SealExpect expect;
	SealKey *key;
	PayloadReader *reader;
	guint64 got;
};

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

SealOpener *seal_opener_new(const char *header, gsize header_size, const char *identity, const SealExpect *expect,
                            GError **error)
{
	guint8 check[32];
	g_autoptr(SealKey) key = seal_key_unwrap(expect->part, expect->case_id, header, header_size, identity, error);
	if (key == NULL)
		return NULL;
	seal_key_check(key, check);
	if (sodium_memcmp(check, expect->key_check, sizeof check) != 0) {
		fail(SEAL_ERROR_KEY, "the key in this header is not the one that the register names for this case", error);
		return NULL;
	}
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
	seal_key_free(opener->key);
	sodium_memzero(opener, sizeof *opener);
	g_aligned_free(opener);
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

gboolean seal_opener_write(SealOpener *opener, const void *data, gsize size, GByteArray *out, GError **error)
{
	GError *inner = NULL;
	if (size > opener->expect.size - opener->got)
		return fail(SEAL_ERROR_DIGEST, "what is stored is larger than what was registered", error);
	if (opener->got == 0)
		make_room(out, opener->expect.size);
	opener->got += size;
	crypto_generichash_update(&opener->digest, data, size);
	return payload_reader_write(opener->reader, data, size, out, &inner) || take_reader_error(inner, error);
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
	return payload_reader_finish(opener->reader, out, &inner) || take_reader_error(inner, error);
}

gboolean seal_opener_body_check(const SealOpener *opener, const void *message, gsize size, const guint8 expected[32],
                                GError **error)
{
	crypto_generichash_state state;
	guint8 check[32];
	seal_key_body_check_init(opener->key, &state);
	if (size > 0)
		crypto_generichash_update(&state, message, size);
	crypto_generichash_final(&state, check, sizeof check);
	sodium_memzero(&state, sizeof state);
	return sodium_memcmp(check, expected, sizeof check) == 0 ||
	       fail(SEAL_ERROR_DIGEST, "this is not the message that was registered", error);
}
