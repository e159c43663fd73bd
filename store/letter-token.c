/* SPDX-License-Identifier: ISC */
#include "store/letter-token.h"

#include <sodium.h>
#include <string.h>

#define TAG 16
#define PLAIN 20
#define TOKEN (TAG + PLAIN)

#define ID 16
#define HALF (ID / 2)
#define ROUNDS 4

G_STATIC_ASSERT((ID * 8 + 4) / 5 == LETTER_TOKEN_REPLY);
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

/* FALSE unless text is the one spelling of that many octets (the bits left over are zero). */
static gboolean read_base32(const char *text, guint8 *out, gsize size)
{
	guint bits = 0, have = 0;
	gsize n = 0;
	if (strlen(text) != (size * 8 + 4) / 5)
		return FALSE;
	for (const char *p = text; *p != '\0'; p++) {
		char c = g_ascii_toupper(*p);
		if (!(c >= 'A' && c <= 'Z') && !(c >= '2' && c <= '7'))
			return FALSE;
		bits = (bits << 5 | (guint)(c >= 'A' ? c - 'A' : c - '2' + 26)) & 0xfff;
		have += 5;
		if (have >= 8 && n < size) {
			have -= 8;
			out[n++] = (guint8)(bits >> have);
		}
	}
	return n == size && (bits & ((1u << have) - 1)) == 0;
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

#define KIND_SHIFT 30

guint32 letter_token_entry(guint64 letter)
{
	return (guint32)letter & ((1u << KIND_SHIFT) - 1);
}

guint32 letter_token_number(LetterTokenKind kind, guint64 entry)
{
	return (guint32)kind << KIND_SHIFT | letter_token_entry(entry);
}

const char *letter_token_kind(guint32 letter)
{
	static const char *const words[4] = {"acknowledgement", "notice", "redirect", "letter"};
	return words[letter >> KIND_SHIFT];
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
	if (!read_base32(text, token, sizeof token))
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

/* --- the word --------------------------------------------------------------------------------------------------------- */

static const char consonants[] = "BCHKMPTX", vowels[] = "AEIOY";

char *letter_token_word(const guint8 key[32], const guint8 case_id[16])
{
	guint8 drawn[32];
	guint64 rest = 0;
	char *word = g_malloc0(LETTER_TOKEN_WORD + 1);
	keyed(key, 0x03, case_id, ID, drawn);
	for (gsize i = 0; i < sizeof rest; i++)
		rest = rest << 8 | drawn[i];
	for (gsize i = 0; i < LETTER_TOKEN_WORD; i++) {
		const char *letters = i % 2 == 0 ? consonants : vowels;
		gsize n = strlen(letters);
		word[i] = letters[rest % n];
		rest /= n;
	}
	sodium_memzero(drawn, sizeof drawn);
	return word;
}

gboolean letter_token_is_word(const guint8 key[32], const guint8 case_id[16], const char *word)
{
	g_autofree char *ours = letter_token_word(key, case_id);
	return strlen(word) == LETTER_TOKEN_WORD && sodium_memcmp(ours, word, LETTER_TOKEN_WORD) == 0;
}

/* --- the reply address -------------------------------------------------------------------------------------------------- */

static void feistel_round(const guint8 key[32], guint8 round, const guint8 half[HALF], guint8 other[HALF])
{
	guint8 in[1 + HALF], out[32];
	in[0] = round;
	memcpy(in + 1, half, HALF);
	keyed(key, 0x04, in, sizeof in, out);
	for (gsize i = 0; i < HALF; i++)
		other[i] ^= out[i];
	sodium_memzero(out, sizeof out);
}

char *letter_token_reply(const guint8 key[32], const guint8 case_id[16])
{
	guint8 token[ID];
	memcpy(token, case_id, ID);
	for (guint8 i = 0; i < ROUNDS; i++)
		feistel_round(key, i, token + (i % 2) * HALF, token + (1 - i % 2) * HALF);
	g_autofree char *upper = letter_token_base32(token, sizeof token);
	return g_ascii_strdown(upper, -1);
}

gboolean letter_token_read_reply(const guint8 key[32], const char *token, guint8 case_id[16])
{
	if (!read_base32(token, case_id, ID))
		return FALSE;
	for (guint8 i = ROUNDS; i-- > 0;)
		feistel_round(key, i, case_id + (i % 2) * HALF, case_id + (1 - i % 2) * HALF);
	return TRUE;
}
