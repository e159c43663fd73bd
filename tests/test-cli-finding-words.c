/* SPDX-License-Identifier: ISC */
/* The examination's words on paper: each class of the shipped rules has its own, and a reason is a sentence. */
#include <string.h>

#include "cli/finding-words.h"

static void each_class_of_the_rules_has_its_words(void)
{
	static const char *const files[] = {"kk", "ru", "en"};
	const char *source = g_getenv("srcdir");
	guint n = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_strdup_printf("%s/policy/rules/%s.txt", source != NULL ? source : ".", files[i]);
		g_autofree char *text = NULL;
		g_autoptr(GError) error = NULL;
		g_file_get_contents(path, &text, NULL, &error);
		g_assert_no_error(error);
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		for (guint k = 0; lines[k] != NULL; k++) {
			g_auto(GStrv) rule = g_strsplit(lines[k], " ", -1); /* rule NAME VERDICT CLASS */
			if (g_strv_length(rule) != 4 || strcmp(rule[0], "rule") != 0)
				continue;
			n++;
			for (guint language = 0; language < FINDING_WORDS_LANGUAGES; language++) {
				g_test_message("%s", rule[3]);
				g_assert_cmpstr(finding_words_say(rule[3], language), !=, rule[3]);
				g_assert_cmpstr(finding_words_say(rule[2], language), !=, rule[2]);
			}
		}
	}
	g_assert_cmpuint(n, >=, 30);
}

static void a_reason_is_a_sentence_that_quotes_its_words(void)
{
	static const char text[] = "Начальник, я тебя убью\nсегодня";
	gsize from = strlen("Начальник, "), to = strlen("Начальник, я тебя убью\nсегодня");
	g_autofree char *line = g_strdup_printf("ru.threat.life threat.life redirect %zu-%zu text -", from, to);
	g_autoptr(WipeText) ru = finding_words_reason(line, text, strlen(text), NULL, FINDING_WORDS_RU);
	g_autoptr(WipeText) kk = finding_words_reason(line, text, strlen(text), NULL, FINDING_WORDS_KK);
	g_assert_cmpstr(ru, ==, "В тексте: угроза жизни – «я тебя убью сегодня».");
	g_assert_cmpstr(kk, ==, "Мәтінде: өмірге қатер төндіру – «я тебя убью сегодня».");
	g_autoptr(WipeText) subject =
		finding_words_reason("ru.abuse abuse review 0-4 subject -", text, strlen(text), "тварь", FINDING_WORDS_RU);
	g_assert_cmpstr(subject, ==, "В теме: оскорбление – «тв».");
}

static void places_that_are_none_of_the_text_are_not_quoted(void)
{
	static const char *const lines[] = {"ru.abuse abuse review 1-4 text -", "ru.abuse abuse review 0-4000 text -",
	                                    "ru.abuse abuse review 4-4 text -", "ru.abuse abuse review 0-4 subject -"};
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(WipeText) said = finding_words_reason(lines[i], "Мразь", strlen("Мразь"), NULL, FINDING_WORDS_RU);
		g_assert_nonnull(said);
		g_assert_null(strstr(said, "«"));
	}
}

static void what_carries_no_mark_is_no_reason(void)
{
	static const char *const lines[] = {"ru.threat.life threat.life clean 0-4 text quoted", "model likeness review 0-4 text -", "",
	                                    "a b c", "ru.abuse abuse review x text -"};
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
		g_assert_null(finding_words_reason(lines[i], "Мразь", strlen("Мразь"), NULL, FINDING_WORDS_KK));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/finding-words/each class of the rules has its words", each_class_of_the_rules_has_its_words);
	g_test_add_func("/finding-words/a reason is a sentence that quotes its words",
	                a_reason_is_a_sentence_that_quotes_its_words);
	g_test_add_func("/finding-words/places that are none of the text are not quoted",
	                places_that_are_none_of_the_text_are_not_quoted);
	g_test_add_func("/finding-words/what carries no mark is no reason", what_carries_no_mark_is_no_reason);
	return g_test_run();
}
