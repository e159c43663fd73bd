/* SPDX-License-Identifier: ISC */
/* What stands around an officer's words in a letter to a reporter: the shipped templates, and the list of state bodies. */
#include <glib.h>
#include <string.h>

#include "policy/answer.h"
#include "policy/bodies.h"

static char *shipped(const char *name)
{
	g_autofree char *path = g_build_filename(SHIPPED, name, NULL);
	char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static AnswerFacts some_facts(void)
{
	AnswerFacts facts = {.organisation = "«Қазмедиа»", .mailbox = "senim@kmo.kz", .post = "комплаенс", .number = "2026/17",
	                     .outgoing = "07-03/179", .code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", .body = "Сот {text}", .text = "Шара қолданылды.\n\nЕкінші {азат} жол."};
	g_date_set_dmy(&facts.date, 20, G_DATE_NOVEMBER, 2026);
	g_date_set_dmy(&facts.issued, 22, G_DATE_NOVEMBER, 2026);
	return facts;
}

static void every_shipped_template_is_good_and_says_all_of_it(void)
{
	static const char *const kinds[] = {"answer", "advice"}, *const languages[] = {"kk", "ru", "en"};
	for (gsize i = 0; i < 6; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *name = g_strdup_printf("%s.%s.txt", kinds[i / 3], languages[i % 3]);
		g_autofree char *template = shipped(name);
		g_assert_true(answer_check_template(kinds[i / 3], template, &error));
		g_assert_no_error(error);
		const AnswerFacts facts = some_facts();
		g_autofree char *letter = answer_compose(template, &facts, &error);
		g_assert_no_error(error);
		const char *const words[] = {"«Қазмедиа»", "2026/17", "20.11.2026", "Шара қолданылды.\n\nЕкінші {азат} жол.", "комплаенс", "07-03/179",
		                             "22.11.2026", facts.code};
		for (gsize k = 0; k < G_N_ELEMENTS(words); k++)
			g_assert_nonnull(strstr(letter, words[k]));
		g_assert_true((strstr(letter, "Сот {text}") != NULL) == (i / 3 == 1)); /* a value is no template */
		g_assert_true(g_str_has_suffix(letter, "\n") && !g_str_has_suffix(letter, "\n\n"));
		g_assert_null(strstr(letter, "#"));
		g_assert_null(strstr(letter, "senim@kmo.kz")); /* a letter is replied to … */
		AnswerFacts paper = facts;
		paper.paper = TRUE;
		g_autofree char *sheet = answer_compose(template, &paper, &error);
		g_assert_nonnull(strstr(sheet, "senim@kmo.kz")); /* … a sheet is not */
	}
}

static void what_there_is_none_of_leaves_nothing(void)
{
	g_autofree char *template = shipped("advice.ru.txt");
	AnswerFacts facts = some_facts();
	facts.outgoing = facts.text = facts.code = NULL;
	facts.post = "";
	g_date_clear(&facts.issued, 1);
	g_autofree char *letter = answer_compose(template, &facts, NULL);
	g_assert_nonnull(strstr(letter, "Сот"));
	g_assert_null(strstr(letter, "Исх."));
	g_assert_null(strstr(letter, "\n\n\n"));
	g_assert_true(g_str_has_suffix(letter, "С уважением,\n«Қазмедиа»\n"));
}

static void a_template_that_says_nothing_is_refused(void)
{
	static const struct {
		const char *kind, *text, *names;
	} rows[] = {
		{"answer", "Hello {number}", "{text}"},
		{"answer", "{?text:{text}}", "{text}"},
		{"advice", "{text}", "{body}"},
		{"answer", "{text} {nobody}", "line 1"},
		{"answer", "{text}\n}", "line 2"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(answer_check_template(rows[i].kind, rows[i].text, &error));
		g_assert_nonnull(strstr(error->message, rows[i].names));
	}
}

static void the_shipped_bodies_are_good_and_other_is_the_program_s_word(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = shipped("bodies.conf");
	g_autoptr(Labels) bodies = bodies_read(text, strlen(text), &error);
	g_assert_no_error(error);
	g_assert_nonnull(labels_find(bodies, "prosecutor"));
	for (guint i = 0; i < labels_count(bodies); i++)
		g_assert_cmpstr(labels_nth(bodies, i)->label[LABELS_KK], !=, labels_nth(bodies, i)->label[LABELS_RU]);
	static const char off[] = "[a]\nkk = а\nru = б\nen = c\noff = yes\n", other[] = "[other]\nkk = а\nru = б\nen = c\n",
	                  bad[] = "[a]\nkk = а\nru = б\nen = c\noff = maybe\n";
	g_autoptr(Labels) one = bodies_read(off, strlen(off), NULL);
	g_assert_cmpuint(labels_find(one, "a")->marks, ==, BODIES_OFF);
	g_assert_null(bodies_read(other, strlen(other), &error));
	g_assert_nonnull(strstr(error->message, "[other]"));
	g_assert_null(bodies_read(bad, strlen(bad), NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/answer/every shipped template is good and says all of it", every_shipped_template_is_good_and_says_all_of_it);
	g_test_add_func("/answer/what there is none of leaves nothing", what_there_is_none_of_leaves_nothing);
	g_test_add_func("/answer/a template that says nothing is refused", a_template_that_says_nothing_is_refused);
	g_test_add_func("/answer/the shipped bodies are good, and other is the program's word",
	                the_shipped_bodies_are_good_and_other_is_the_program_s_word);
	return g_test_run();
}
