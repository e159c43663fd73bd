/* SPDX-License-Identifier: ISC */
#include "cli/spoken.h"

#include <string.h>

#define BITS 10
#define LETTERS 4 /* by which a word is known */

static guint place_of(const guint8 hash[32], guint i)
{
	guint bit = i * BITS, at = bit / 8, shift = 24 - BITS - bit % 8;
	guint window = (guint)hash[at] << 16 | (guint)hash[at + 1] << 8 | hash[at + 2];
	return window >> shift & (SPOKEN_WORDS - 1);
}

char *spoken_say(const char *const list[SPOKEN_WORDS], const guint8 hash[32])
{
	GString *words = g_string_new(NULL);
	for (guint i = 0; i < SPOKEN_COUNT; i++)
		g_string_append_printf(words, "%s%s", i > 0 ? " " : "", list[place_of(hash, i)]);
	return g_string_free(words, FALSE);
}

/* Folded, its first letters. */
static char *head_of(const char *word)
{
	g_autofree char *whole = g_utf8_normalize(word, -1, G_NORMALIZE_DEFAULT_COMPOSE);
	g_autofree char *folded = whole != NULL ? g_utf8_casefold(whole, -1) : g_strdup("");
	return g_utf8_substring(folded, 0, MIN(LETTERS, g_utf8_strlen(folded, -1)));
}

static gboolean is_in(const char *const list[SPOKEN_WORDS], const guint8 hash[32], const GPtrArray *heads)
{
	for (guint i = 0; i < SPOKEN_COUNT; i++) {
		g_autofree char *wanted = head_of(list[place_of(hash, i)]);
		if (strcmp(wanted, heads->pdata[i]) != 0)
			return FALSE;
	}
	return TRUE;
}

gboolean spoken_is(const guint8 hash[32], const char *typed)
{
	if (!g_utf8_validate(typed, -1, NULL))
		return FALSE;
	g_auto(GStrv) words = g_strsplit_set(typed, " \t\n\r,;.", -1);
	g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; words[i] != NULL; i++)
		if (words[i][0] != '\0')
			g_ptr_array_add(heads, head_of(words[i]));
	return heads->len == SPOKEN_COUNT && (is_in(spoken_kk, hash, heads) || is_in(spoken_ru, hash, heads));
}
