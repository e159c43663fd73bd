/* SPDX-License-Identifier: ISC */
/* Whom a letter is about: found in every spelling, and never where she is greeted, addressed, quoted or thanked. */
#include <glib.h>
#include <string.h>

#include "policy/names.h"

static Names *people(void)
{
	Names *names = names_new();
	names_add_name(names, "aigul", "Айгүл Серікова");
	names_add_name(names, "aigul", "Серикова А.");
	names_add_post(names, "aigul", "комплаенс жөніндегі жауапты қызметкер");
	names_add_name(names, "deputy", "Динара Қасымова");
	names_add_name(names, "chair", "Ахметов Нұрлан Болатұлы");
	names_add_post(names, "chair", "басқарма төрағасы");
	return names;
}

static char *about(const Names *names, const char *subject, const char *text)
{
	g_autoptr(GPtrArray) ids = names_find(names, subject, text, strlen(text));
	g_ptr_array_add(ids, NULL);
	return ids->len == 1 ? g_strdup("-") : g_strjoinv(" ", (char **)ids->pdata);
}

typedef struct {
	guint letters, wrong;
} Count;

static const char *const languages[] = {"kk", "ru", "en"};

static gsize language_of(const char *word)
{
	gsize i = 0;
	while (i < G_N_ELEMENTS(languages) && strcmp(languages[i], word) != 0)
		i++;
	g_assert_cmpuint(i, <, G_N_ELEMENTS(languages));
	return i;
}

/* The table: nobody who is greeted, addressed, quoted or thanked may lose a letter; of those accused one in twenty may be
 * missed. */
static void test_table(void)
{
	g_autoptr(Names) names = people();
	g_autofree char *table = NULL;
	Count greeted[G_N_ELEMENTS(languages)] = {{0, 0}}, accused[G_N_ELEMENTS(languages)] = {{0, 0}};
	g_assert_true(g_file_get_contents(TABLE, &table, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (lines[i][0] == '#' || lines[i][0] == '\0')
			continue;
		g_auto(GStrv) columns = g_strsplit(lines[i], "\t", 4);
		g_assert_cmpuint(g_strv_length(columns), ==, 4);
		g_autofree char *text = g_strcompress(columns[3]);
		g_autofree char *found = about(names, NULL, text);
		Count *count = &(strcmp(columns[2], "accuse") == 0 ? accused : greeted)[language_of(columns[0])];
		count->letters++;
		if (strcmp(found, columns[1]) != 0) {
			count->wrong++;
			g_printerr("names.tsv:%u: about %s, found %s\n", i + 1, columns[1], found);
		}
	}
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
		g_test_message("%s: %u letters that greet, quote, thank: %u wrong; %u that accuse: %u missed", languages[i],
		               greeted[i].letters, greeted[i].wrong, accused[i].letters, accused[i].wrong);
		g_assert_cmpuint(greeted[i].letters, >=, 10);
		g_assert_cmpuint(accused[i].letters, >=, 10);
		g_assert_cmpuint(greeted[i].wrong, ==, 0);
		g_assert_cmpuint(accused[i].wrong * 20, <=, accused[i].letters);
	}
}

/* Every way of writing one name, each in a sentence that holds something against her. */
static void test_spellings(void)
{
	static const char *const spellings[] = {
		"Айгүл Серікова", "Серікова Айгүл", "А. Серікова", "А.Серікова", "Серікова А.", "Серикова А.М.", "А.М. Серикова",
		"Айгуль Серикова", "СЕРИКОВА АЙГУЛЬ", "серикова айгуль", "Айгул Серикова", "Айгүл Маратқызы Серікова",
		"Серикова Айгуль Маратовна", "Aigul Serikova", "Aygul Serikova", "Aigül Serıkova", "Serikova A.", "Sericova Aygül",
		"Сериковой", "Серикову", "Сериковою", "Серіковаға", "Серікованың", "Серікованы", "Серіковадан", "Серіковамен",
		"Серікованікі", "Серіковалар", "Сериковага", "Serikovanyn", "Serikova's", "Се\u00adри\u200bкова", "Сeрикoвa", "Айгүл Серікова-ға",
	};
	g_autoptr(Names) names = people();
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
		g_autofree char *text = g_strdup_printf("Цехта бәрі біледі. Кеше көрдік, %s деген адам туралы пара.", spellings[i]);
		g_autofree char *found = about(names, NULL, text);
		g_test_message("%s", spellings[i]);
		g_assert_cmpstr(found, ==, "aigul");
	}
}

static void test_others(void)
{
	static const char *const spellings[] = {"Серік", "Серіков", "Сериковым", "Серикбаева", "Марат Серикова", "Серикова Д.",
	                                        "Б.К. Серикова", "Динара Серикова", "серик", "Айгүл", "комплаенс", "төраға",
	                                        "Ахметова Гүлнара", "жауапты қызметкер"};
	g_autoptr(Names) names = people();
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
		g_autofree char *text = g_strdup_printf("Цехта бәрі біледі. Кеше көрдік, %s деген пара алды.", spellings[i]);
		g_autofree char *found = about(names, NULL, text);
		g_test_message("%s", spellings[i]);
		g_assert_cmpstr(found, ==, "-");
	}
}

static void test_subject(void)
{
	g_autoptr(Names) names = people();
	static const char *const rows[][2] = {
		{"Жалоба на Серикову А.", "aigul"}, {"Серікованың үстінен шағым", "aigul"}, {"Серикова берёт взятки", "aigul"},
		{"About Aigul Serikova", "aigul"},  {"Сериковой А.", "-"},                  {"Для Айгуль Сериковой", "-"},
		{"Re: хат", "-"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *found = about(names, rows[i][0], "Тіркемені қараңыз.");
		g_test_message("%s", rows[i][0]);
		g_assert_cmpstr(found, ==, rows[i][1]);
	}
}

/* A name that is a word of every day finds nothing by itself, and is reported. */
static void test_common(void)
{
	g_autoptr(Names) names = names_new();
	names_add_name(names, "bek", "Бек");
	names_add_name(names, "moroz", "Иван Мороз");
	names_add_name(names, "fine", "Айгүл Серікова");
	names_add_post(names, "boss", "директор");
	names_add_post(names, "fine", "комплаенс-офицер");
	g_autoptr(GPtrArray) common = names_too_common(names);
	g_assert_cmpuint(common->len, ==, 3);
	g_assert_cmpstr(common->pdata[0], ==, "bek Бек");
	g_assert_cmpstr(common->pdata[1], ==, "moroz Иван Мороз");
	g_assert_cmpstr(common->pdata[2], ==, "boss директор");
	g_autofree char *nobody = about(names, NULL, "На улице мороз, бек директор берёт взятки.");
	g_assert_cmpstr(nobody, ==, "-");
	g_autofree char *somebody = about(names, NULL, "Мастер Мороз Иван берёт взятки.");
	g_assert_cmpstr(somebody, ==, "moroz");
}

/* Whatever comes: nothing is read past its end, and it takes the time of reading. */
static void test_hostile(void)
{
	g_autoptr(Names) names = people();
	g_autoptr(GString) text = g_string_new(NULL);
	static const char *const pieces[] = {"Серикова А.", "комплаенс офицер ", "«", "> ", "\xff\xfe", "А.", "\n", "Вы, "};
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	while (text->len < 1u << 20)
		g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
	gint64 begun = g_get_monotonic_time();
	g_autoptr(GPtrArray) ids = names_find(names, text->str, text->str, text->len);
	g_test_message("%" G_GINT64_FORMAT " ms for 2 MiB", (g_get_monotonic_time() - begun) / 1000);
	g_assert_cmpuint(ids->len, <=, 3);
	for (gsize size = 0; size < 400; size++) {
		g_autofree char *exact = g_memdup2(text->str, size + 1);
		exact[size] = '\0';
		g_autoptr(GPtrArray) some = names_find(names, exact, exact, size);
		g_assert_nonnull(some);
	}
}

/* What one passport writes with one letter, and the next with another. */
static void test_passports(void)
{
	static const char *const spellings[][2] = {
		{"bekzat", "Толегенов"}, {"bekzat", "Тулегенова"}, {"bekzat", "Tulegenov"}, {"bekzat", "Төлегеновтің"},
		{"gulnar", "Джумабаева"}, {"gulnar", "Zhumabayeva"}, {"gulnar", "Жумабаевой"}, {"gulnar", "Dzhumabaeva"},
	};
	g_autoptr(Names) names = names_new();
	names_add_name(names, "bekzat", "Бекзат Төлегенов");
	names_add_name(names, "gulnar", "Жұмабаева Гүлнар");
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
		g_autofree char *text = g_strdup_printf("Цехта бәрі біледі. Кеше көрдік, %s деген адам туралы пара.", spellings[i][1]);
		g_autofree char *found = about(names, NULL, text);
		g_test_message("%s", spellings[i][1]);
		g_assert_cmpstr(found, ==, spellings[i][0]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/names/none who is greeted, quoted or thanked loses a letter, and who is accused does", test_table);
	g_test_add_func("/names/a name is found in each of its spellings", test_spellings);
	g_test_add_func("/names/a name is found as each passport writes it", test_passports);
	g_test_add_func("/names/somebody else's name is not hers", test_others);
	g_test_add_func("/names/a subject is about her where it says so", test_subject);
	g_test_add_func("/names/a word of every day excludes nobody, and is reported", test_common);
	g_test_add_func("/names/whatever comes is looked through once", test_hostile);
	return g_test_run();
}
