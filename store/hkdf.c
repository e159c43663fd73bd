/* SPDX-License-Identifier: ISC */
#include "store/hkdf.h"

#include <sodium.h>
#include <string.h>

/* HMAC takes any key; libsodium wants the pointer to be valid even where the size is 0. */
static void hmac_init(crypto_auth_hmacsha256_state *state, const void *key, gsize size)
{
	static const guint8 none[1];
	crypto_auth_hmacsha256_init(state, size > 0 ? key : none, size);
}

void hkdf_sha256(guint8 *out, gsize size, const void *key, gsize key_size, const void *salt, gsize salt_size,
                 const char *info)
{
	crypto_auth_hmacsha256_state state;
	guint8 extracted[crypto_auth_hmacsha256_BYTES], block[crypto_auth_hmacsha256_BYTES];
	g_assert(size <= 255 * sizeof block);
	hmac_init(&state, salt, salt_size);
	if (key_size > 0)
		crypto_auth_hmacsha256_update(&state, key, key_size);
	crypto_auth_hmacsha256_final(&state, extracted);
	for (guint8 counter = 1; size > 0; counter++) {
		hmac_init(&state, extracted, sizeof extracted);
		if (counter > 1)
			crypto_auth_hmacsha256_update(&state, block, sizeof block);
		crypto_auth_hmacsha256_update(&state, (const guint8 *)info, strlen(info));
		crypto_auth_hmacsha256_update(&state, &counter, 1);
		crypto_auth_hmacsha256_final(&state, block);
		gsize step = MIN(size, sizeof block);
		memcpy(out, block, step);
		out += step;
		size -= step;
	}
	sodium_memzero(&state, sizeof state);
	sodium_memzero(extracted, sizeof extracted);
	sodium_memzero(block, sizeof block);
}
