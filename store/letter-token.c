/* SPDX-License-Identifier: ISC */
#include "store/letter-token.h"

#include <sodium.h>
#include <string.h>

#define TAG 16
#define PLAIN 20
#define TOKEN (TAG + PLAIN)

G_STATIC_ASSERT((TOKEN * 8 + 4) / 5 == LETTER_TOKEN_TEXT);

char *letter_token_base32(const guint8 *data, gsize size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	GString *text = g_string_sized_new((size * 8 + 4) / 5 + 1);
	guint bits = 0, have = 0;
	for (gsize i = 0; i < size; i++) {
		bits = (bits << 8 | data[i]) & 0xfff;
		for (have += 8; have >= 5; have -= 5)
			g_string_append_c(text, alphabet[bits >> (have - 5) & 31]);
	}
	if (have > 0)
		g_string_append_c(text, alphabet[bits << (5 - have) & 31]);
	return g_string_free(text, FALSE);
}

/* FALSE unless text is the one spelling of TOKEN octets (the bits left over are zero). */
static gboolean read_base32(const char *text, guint8 out[TOKEN])
{
	guint bits = 0, have = 0;
	gsize n = 0;
	if (strlen(text) != LETTER_TOKEN_TEXT)
		return FALSE;
	for (const char *p = text; *p != '\0'; p++) {
		char c = g_ascii_toupper(*p);
		if (!(c >= 'A' && c <= 'Z') && !(c >= '2' && c <= '7'))
			return FALSE;
		bits = (bits << 5 | (guint)(c >= 'A' ? c - 'A' : c - '2' + 26)) & 0xfff;
		have += 5;
		if (have >= 8 && n < TOKEN) {
			have -= 8;
			out[n++] = (guint8)(bits >> have);
		}
	}
	return n == TOKEN && (bits & ((1u << have) - 1)) == 0;
}

static void keyed(const guint8 key[32], guint8 what, const guint8 *data, gsize size, guint8 out[32])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, key, 32);
	crypto_auth_hmacsha256_update(&state, &what, 1);
	crypto_auth_hmacsha256_update(&state, data, size);
	crypto_auth_hmacsha256_final(&state, out);
	sodium_memzero(&state, sizeof state);
}

static void mask(const guint8 key[32], const guint8 tag[TAG], guint8 plain[PLAIN])
{
	guint8 stream[32];
	keyed(key, 0x02, tag, TAG, stream);
	for (gsize i = 0; i < PLAIN; i++)
		plain[i] ^= stream[i];
	sodium_memzero(stream, sizeof stream);
}

char *letter_token_make(const guint8 key[32], const guint8 case_id[16], guint32 letter)
{
	guint8 token[TOKEN], tag[32], *plain = token + TAG;
	guint32 number = GUINT32_TO_BE(letter);
	memcpy(plain, case_id, 16);
	memcpy(plain + 16, &number, 4);
	keyed(key, 0x01, plain, PLAIN, tag);
	memcpy(token, tag, TAG);
	mask(key, token, plain);
	g_autofree char *upper = letter_token_base32(token, sizeof token);
	return g_ascii_strdown(upper, -1);
}

gboolean letter_token_read(const guint8 key[32], const char *text, guint8 case_id[16], guint32 *letter)
{
	guint8 token[TOKEN], tag[32], *plain = token + TAG;
	guint32 number;
	if (!read_base32(text, token))
		return FALSE;
	mask(key, token, plain);
	keyed(key, 0x01, plain, PLAIN, tag);
	if (sodium_memcmp(tag, token, TAG) != 0)
		return FALSE;
	memcpy(case_id, plain, 16);
	memcpy(&number, plain + 16, 4);
	*letter = GUINT32_FROM_BE(number);
	return TRUE;
}
