/* SPDX-License-Identifier: ISC */
#include "store/paper-key.h"

#include <sodium.h>
#include <string.h>

#include "store/base64.h"
#include "store/bech32.h"

#define SECRET 32
#define AGE_PREFIX "AGE-SECRET-KEY-"
#define SIGN_PREFIX "SENIM-SIGN-"
#define SIGN_COMMENT "# senim-sign: "
#define TYPED_MAX 4096

static const char *const prefixes[] = {AGE_PREFIX, AGE_PREFIX, SIGN_PREFIX};

static gboolean fail(GError **error, const char *what)
{
	g_set_error_literal(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM, what);
	return FALSE;
}

static void wipe_text(char *text)
{
	if (text != NULL)
		sodium_memzero(text, strlen(text));
	g_free(text);
}

void paper_key_clear(PaperKey *paper)
{
	for (gsize i = 0; i < G_N_ELEMENTS(paper->spelled); i++)
		wipe_text(g_steal_pointer(&paper->spelled[i]));
}

/* --- on paper ----------------------------------------------------------------------------------------------------- */

/* The prefix and its separator whole, then groups of four. */
static char *in_groups(const char *spelling, const char *prefix)
{
	gsize head = strlen(prefix) + 1, size = strlen(spelling);
	GString *out = g_string_sized_new(2 * size);
	g_string_append_len(out, spelling, (gssize)head);
	for (gsize i = head; i < size; i++) {
		if ((i - head) % 4 == 0)
			g_string_append_c(out, ' ');
		g_string_append_c(out, spelling[i]);
	}
	return g_string_free(out, FALSE);
}

static char *spell_sign(const Keyfile *keys)
{
	gsize size;
	guint8 seed[KEYFILE_SEED];
	g_autoptr(GBytes) text = keyfile_text(keys);
	const char *data = g_bytes_get_data(text, &size);
	const char *at = g_strstr_len(data, (gssize)size, SIGN_COMMENT);
	char *spelled = NULL;
	if (at != NULL && base64_read_exactly(at + strlen(SIGN_COMMENT), 44, TRUE, seed, sizeof seed))
		spelled = bech32_encode(SIGN_PREFIX, seed, sizeof seed);
	sodium_memzero(seed, sizeof seed);
	return spelled;
}

gboolean paper_key_make(const Keyfile *keys, PaperKey *paper, GError **error)
{
	memset(paper, 0, sizeof *paper);
	if (!g_str_has_prefix(keyfile_body_identity(keys), AGE_PREFIX))
		return fail(error, "the body identity stays in its token and cannot be written on paper");
	char *sign = spell_sign(keys);
	paper->spelled[0] = in_groups(keyfile_body_identity(keys), AGE_PREFIX);
	paper->spelled[1] = in_groups(keyfile_card_identity(keys), AGE_PREFIX);
	paper->spelled[2] = sign != NULL ? in_groups(sign, SIGN_PREFIX) : NULL;
	wipe_text(sign);
	return paper->spelled[2] != NULL || fail(error, "this key file has no signing key");
}

/* --- typed back --------------------------------------------------------------------------------------------------- */

/* The text of a key file from its three secrets. */
static Keyfile *assemble(const guint8 secrets[3][SECRET], GError **error)
{
	char sign[sodium_base64_ENCODED_LEN(SECRET, sodium_base64_VARIANT_ORIGINAL)];
	char *body = bech32_encode(AGE_PREFIX, secrets[0], SECRET), *card = bech32_encode(AGE_PREFIX, secrets[1], SECRET);
	sodium_bin2base64(sign, sizeof sign, secrets[2], SECRET, sodium_base64_VARIANT_ORIGINAL);
	char *text = g_strdup_printf("%s\n%s\n" SIGN_COMMENT "%s\n", body, card, sign);
	Keyfile *keys = keyfile_parse(text, strlen(text), error);
	wipe_text(body);
	wipe_text(card);
	wipe_text(text);
	sodium_memzero(sign, sizeof sign);
	return keys;
}

/* Where the n-th spelling ends: at the head of the next one, or at the end. No character of a spelling is a 1, but the one
 * behind its prefix. */
static char *next_head(char *from, guint n)
{
	return n < 2 ? strstr(from, n == 0 ? "AGESECRETKEY1" : "SENIMSIGN1") : from + strlen(from);
}

static gboolean take_all(char *plain, guint8 secrets[3][SECRET], GError **error)
{
	static const char *const which[] = {"the first key (body) has a slip: compare it group by group",
	                                    "the second key (card) has a slip: compare it group by group",
	                                    "the third key (signature) has a slip: compare it group by group"};
	char *at = plain;
	for (guint i = 0; i < 3; i++) {
		char *end = *at != '\0' ? next_head(at + 1, i) : NULL;
		if (end == NULL)
			return fail(error, "three keys stand on the paper, AGE-SECRET-KEY-1 twice and SENIM-SIGN-1: type all three");
		char kept = *end;
		*end = '\0';
		gboolean good = bech32_decode_typed(prefixes[i], at, secrets[i], SECRET);
		*end = kept;
		if (!good)
			return fail(error, which[i]);
		at = end;
	}
	return TRUE;
}

Keyfile *paper_key_read(const char *text, gsize size, GError **error)
{
	guint8 secrets[3][SECRET];
	if (size > TYPED_MAX) {
		fail(error, "that is more than stands on the paper");
		return NULL;
	}
	if (g_strstr_len(text, (gssize)size, SIGN_COMMENT) != NULL)
		return keyfile_parse(text, size, error);
	char *plain = g_malloc(size + 1);
	gsize n = 0;
	for (gsize i = 0; i < size; i++)
		if (g_ascii_isalnum(text[i]))
			plain[n++] = g_ascii_toupper(text[i]);
	plain[n] = '\0';
	Keyfile *keys = take_all(plain, secrets, error) ? assemble((const guint8(*)[SECRET])secrets, error) : NULL;
	sodium_memzero(secrets, sizeof secrets);
	sodium_memzero(plain, size + 1);
	g_free(plain);
	return keys;
}
