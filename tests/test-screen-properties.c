/* SPDX-License-Identifier: ISC */
/* What holds of every text: the fixtures joined, quoted and cut at random, under the shipped rules and model. */
#include <glib.h>
#include <string.h>

#include "base/files.h"
#include "policy/screen.h"
#include "tests/shipped-rules.h"

#define ROUNDS 3 /* of the fixtures, each with other neighbours */

static Rules *rules;
static GPtrArray *threats[3], *clean[3]; /* texts by language; threats that are redirected as they stand */
static const char *const languages[] = {"kk", "ru", "en"};

static Verdict *verdict_of(const char *text)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	return screen_text(rules, &question);
}

static RulesVerdict word_of(const char *text)
{
	g_autoptr(Verdict) verdict = verdict_of(text);
	return verdict->verdict;
}

static void load_texts(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = files_read(FIXTURES, ".tsv", 4u << 20, &error);
	g_assert_no_error(error);
	for (guint l = 0; l < G_N_ELEMENTS(languages); l++) {
		threats[l] = g_ptr_array_new_with_free_func(g_free);
		clean[l] = g_ptr_array_new_with_free_func(g_free);
	}
	for (guint f = 0; f < files->len; f++) {
		g_auto(GStrv) lines = g_strsplit(((const FilesFile *)files->pdata[f])->data, "\n", -1);
		for (char **line = lines; *line != NULL; line++) {
			g_auto(GStrv) row = g_strsplit(*line, "\t", 4);
			for (guint l = 0; g_strv_length(row) == 4 && l < G_N_ELEMENTS(languages); l++) {
				if (strcmp(row[0], languages[l]) != 0)
					continue;
				if (strcmp(row[1], "redirect") == 0 && word_of(row[3]) == RULES_REDIRECT)
					g_ptr_array_add(threats[l], g_strdup(row[3]));
				else if (strcmp(row[1], "clean") == 0)
					g_ptr_array_add(clean[l], g_strdup(row[3]));
			}
		}
	}
}

static const char *any(GPtrArray *texts, GRand *chance)
{
	return texts->pdata[g_rand_int_range(chance, 0, (gint32)texts->len)];
}

typedef void (*Property)(guint language, const char *threat, GRand *chance);

static void for_each_threat(Property holds)
{
	g_autoptr(GRand) chance = g_rand_new_with_seed(7);
	guint n = 0;
	for (guint round = 0; round < ROUNDS; round++)
		for (guint l = 0; l < G_N_ELEMENTS(languages); l++)
			for (guint i = 0; i < threats[l]->len; i++, n++)
				holds(l, threats[l]->pdata[i], chance);
	g_test_message("%u texts", n);
	g_assert_cmpuint(n, >, 1000);
}

static void complain(const char *what, const char *text)
{
	g_test_message("%s: %s", what, text);
	g_test_fail();
}

/* A line's end ends a sentence where no mail program would have broken the line: below 60 characters with the next word. Between
 * that and the 80 past which none breaks any more nobody can tell, and an empty line stands. */
static const char *line_between(const char *text, const char *next)
{
	glong wide = g_utf8_strlen(text, -1) + 1 + g_utf8_strlen(next, (gssize)strcspn(next, " \n"));
	gboolean ended = *text != '\0' && strchr(".!?", text[strlen(text) - 1]) != NULL;
	return ended || wide <= 60 || g_utf8_strlen(text, -1) > 80 ? "\n" : "\n\n";
}

static void joined(guint language, const char *threat, GRand *chance)
{
	const char *first = any(clean[language], chance), *last = any(clean[language], chance);
	g_autofree char *before = g_strconcat(any(clean[language], chance), "\n\n", threat, NULL);
	g_autofree char *after = g_strconcat(threat, "\n\n", any(clean[language], chance), NULL);
	g_autofree char *between = g_strconcat(first, line_between(first, threat), threat, line_between(threat, last), last, NULL);
	const char *const texts[] = {before, after, between};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (word_of(texts[i]) == RULES_CLEAN)
			complain("clean", texts[i]);
}

static void clean_text_joined_to_a_threat_does_not_make_it_clean(void)
{
	for_each_threat(joined);
}

/* A threat that holds quotation marks of its own is not one quotation. */
static void quoted(guint language, const char *threat, GRand *chance)
{
	static const char *const frames[3][4] = {
		{"Бастығым маған «%s» деп қорқытты, куәгерлер бар.", "«%s» деген хабарлама келді, скриншотын тіркедім.",
		 "Директор: «%s», – деді.", "> %s\n\nБұл хатты маған мердігер жазды, тексеруді сұраймын."},
		{"Начальник сказал мне: «%s». Есть свидетели.", "«%s» - так он мне и сказал по телефону.",
		 "Мне прислали сообщение «%s», скриншот прилагаю.", "> %s\n\nЭто письмо мне прислал подрядчик, прошу защиты."},
		{"My manager told me: “%s” There are witnesses.", "“%s” he shouted in front of two colleagues.",
		 "I got a message \"%s\" and attach a screenshot.", "> %s\n\nThe contractor sent me this letter, please help."},
	};
	if (strpbrk(threat, "\"'“”") != NULL || strstr(threat, "«") != NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(frames[language]); i++) {
		g_auto(GStrv) parts = g_strsplit(frames[language][i], "%s", 2);
		g_autofree char *text = g_strconcat(parts[0], threat, parts[1], NULL);
		g_autofree char *report = g_strconcat(any(clean[language], chance), "\n", text, NULL);
		if (word_of(text) == RULES_REDIRECT)
			complain("redirected", text);
		if (word_of(report) == RULES_REDIRECT)
			complain("redirected", report);
	}
}

static void a_threat_that_a_report_quotes_redirects_nothing(void)
{
	for_each_threat(quoted);
}

/* Cut anywhere, in a character too: places stay within, on whole characters, and twice is the same. */
static void cut(guint language, const char *threat, GRand *chance)
{
	g_autofree char *whole = g_strconcat(any(clean[language], chance), " ", threat, NULL);
	gsize size = (gsize)g_rand_int_range(chance, 0, (gint32)strlen(whole));
	g_autofree char *text = g_strndup(whole, size);
	ScreenQuestion question = {.text = text, .size = size};
	g_autoptr(Verdict) verdict = screen_text(rules, &question), again = screen_text(rules, &question);
	g_autofree char *one = verdict_json(verdict, rules, &question), *other = verdict_json(again, rules, &question);
	g_assert_cmpstr(one, ==, other);
	for (guint i = 0; i < verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, i);
		g_assert_cmpuint(hit->from, <=, hit->to);
		g_assert_cmpuint(hit->to, <=, size);
		g_assert_cmpuint((guint8)text[hit->from] & 0xc0, !=, 0x80);
		g_assert_cmpuint((guint8)text[hit->to] & 0xc0, !=, 0x80);
	}
}

static void places_are_whole_characters_and_the_same_text_has_the_same_verdict(void)
{
	for_each_threat(cut);
}

/* What comes behind the end of the text is no part of it, wherever the end is. */
static void ended(guint language, const char *threat, GRand *chance)
{
	g_autofree char *with_more = g_strconcat(threat, any(clean[language], chance), NULL);
	ScreenQuestion alone = {.text = threat, .size = strlen(threat)}, part = {.text = with_more, .size = strlen(threat)};
	g_autoptr(Verdict) one = screen_text(rules, &alone), other = screen_text(rules, &part);
	g_autofree char *first = verdict_json(one, rules, &alone), *second = verdict_json(other, rules, &part);
	g_assert_cmpstr(first, ==, second);
}

static void nothing_behind_the_end_of_a_text_is_read(void)
{
	for_each_threat(ended);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autoptr(GError) error = NULL;
	rules = shipped_rules(RULES, &error);
	g_assert_no_error(error);
	load_texts();
	g_test_add_func("/screen properties/clean text joined to a threat does not make it clean",
	                clean_text_joined_to_a_threat_does_not_make_it_clean);
	g_test_add_func("/screen properties/a threat that a report quotes redirects nothing",
	                a_threat_that_a_report_quotes_redirects_nothing);
	g_test_add_func("/screen properties/places are whole characters and the same text has the same verdict",
	                places_are_whole_characters_and_the_same_text_has_the_same_verdict);
	g_test_add_func("/screen properties/nothing behind the end of a text is read", nothing_behind_the_end_of_a_text_is_read);
	int result = g_test_run();
	for (guint l = 0; l < G_N_ELEMENTS(languages); l++) {
		g_ptr_array_unref(threats[l]);
		g_ptr_array_unref(clean[l]);
	}
	rules_free(rules);
	return result;
}
