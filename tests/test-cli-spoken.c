/* SPDX-License-Identifier: ISC */
/* Six words for a hash: lists that can be heard, and words that are known by their first letters. */
#include <glib.h>
#include <string.h>

#include "cli/spoken.h"

static void assert_list(const char *const list[SPOKEN_WORDS])
{
	g_autoptr(GHashTable) heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < SPOKEN_WORDS; i++) {
		g_assert_true(g_utf8_validate(list[i], -1, NULL));
		g_assert_cmpint(g_utf8_strlen(list[i], -1), >=, 4);
		g_assert_cmpint(g_utf8_strlen(list[i], -1), <=, 9);
		if (!g_hash_table_add(heads, g_utf8_substring(list[i], 0, 4)))
			g_error("%s begins like another word", list[i]);
	}
}

static void no_two_words_are_alike_in_their_first_four_letters(void)
{
	assert_list(spoken_kk);
	assert_list(spoken_ru);
}

static void each_bit_of_the_first_sixty_counts(void)
{
	guint8 hash[32] = {0};
	g_autofree char *none = spoken_say(spoken_kk, hash);
	for (guint bit = 0; bit < 60; bit++) {
		hash[bit / 8] ^= (guint8)(0x80 >> bit % 8);
		g_autofree char *words = spoken_say(spoken_kk, hash);
		g_assert_cmpstr(words, !=, none);
		g_assert_true(spoken_is(hash, words));
		g_assert_false(spoken_is(hash, none));
		hash[bit / 8] ^= (guint8)(0x80 >> bit % 8);
	}
}

static void what_is_typed_may_differ_in_case_blanks_and_endings_and_in_nothing_else(void)
{
	guint8 hash[32];
	for (guint i = 0; i < sizeof hash; i++)
		hash[i] = (guint8)(37 * i + 11);
	g_autofree char *words = spoken_say(spoken_ru, hash), *upper = g_utf8_strup(words, -1);
	g_auto(GStrv) list = g_strsplit(words, " ", -1);
	g_autofree char *spread = g_strjoinv(",  ", list);
	g_assert_true(spoken_is(hash, upper) && spoken_is(hash, spread));
	g_autofree char *ending = g_strconcat(words, "ами", NULL), *more = g_strconcat(words, " якорь", NULL);
	g_assert_true(spoken_is(hash, ending));
	g_assert_false(spoken_is(hash, more));
	char *first = list[0];
	list[0] = list[1];
	list[1] = first;
	g_autofree char *turned = g_strjoinv(" ", list);
	g_assert_false(spoken_is(hash, turned));
	g_assert_false(spoken_is(hash, ""));
	g_assert_false(spoken_is(hash, "\xff"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/spoken/no two words are alike in their first four letters",
	                no_two_words_are_alike_in_their_first_four_letters);
	g_test_add_func("/spoken/each bit of the first sixty counts", each_bit_of_the_first_sixty_counts);
	g_test_add_func("/spoken/what is typed may differ in case, blanks and endings, and in nothing else",
	                what_is_typed_may_differ_in_case_blanks_and_endings_and_in_nothing_else);
	return g_test_run();
}
