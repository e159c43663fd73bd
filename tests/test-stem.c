/* SPDX-License-Identifier: ISC */
/* Words as they are looked for: what finds what, in three languages and their spellings. */
#include "policy/stem.h"

#include <locale.h>
#include <string.h>

static StemQuery *query_of(const char *words)
{
	StemFault fault;
	StemQuery *query = stem_query_new(words, &fault);
	if (query == NULL)
		g_error("“%s” is no query: %d", words, fault);
	return query;
}

static gboolean finds(const char *words, const char *text)
{
	g_autoptr(StemQuery) query = query_of(words);
	GString *folded = stem_fold(text, strlen(text));
	gboolean found = stem_query_find(query, folded->str, folded->len, NULL) == stem_query_all(query);
	stem_wipe(folded);
	return found;
}

static const struct {
	const char *words, *text;
} found[] = {
	/* Kazakh: plural, possession and case, one behind another */
	{"мектеп", "Облыстағы мектептерімізде жөндеу болмады."},
	{"мектептерінен", "біздің мектепте"},
	{"мектебінде", "жаңа мектеп салынды"},
	{"пара", "директор параны алды"},
	{"параның", "пара сұрады"},
	{"тендерлердің", "Тендер жарияланбады"},
	{"тендер", "тендерлерге қатысты"},
	{"бастығының", "бастық келді"},
	{"бастық", "бастығымыз айтты"},
	{"халық", "халқына"},
	{"орын", "орнында отыр"},
	{"жұмысшылардың", "жұмысшы"},
	{"қызметкерлерінің", "бір қызметкер"},
	{"ақшаны", "ақша берді"},
	{"акша", "ақшасын алды"},
	{"сатып алуды", "сатып алу туралы"},
	{"көлік", "көлігімен келді"},
	/* typed without the letters of Kazakh, or in Latin ones */
	{"кызметкер", "қызметкердің"},
	{"жумыс", "жұмыста"},
	{"jumys", "жұмыста"},
	{"zhumys", "жұмысқа"},
	{"mektep", "мектебіміз"},
	{"Айгуль", "Айгүлден"},
	{"serikova", "Серікованың"},
	/* Russian */
	{"взятка", "требовал взятку"},
	{"взятку", "речь о взятках"},
	{"взятки", "он взяточник"},
	{"директора", "Директором был другой"},
	{"директор", "нашему директору"},
	{"закупками", "Закупка топлива"},
	{"школы", "в школе № 5"},
	{"больницами", "больница"},
	{"хищение", "о хищениях"},
	{"заявления", "заявление подано"},
	{"требовал", "требование денег"},
	{"рынок", "на рынке"},
	{"рынка", "рынок закрыт"},
	{"подарок", "подарками"},
	{"главный бухгалтер", "ГЛАВНОГО бухгалтера уволили"},
	{"Ахметовым", "Ахметов"},
	{"akhmetov", "у Ахметова"},
	{"суда", "в судах"},
	/* English, and what is written another way */
	{"contract", "the contracts were signed"},
	{"Vzyatka", "взятку"},
	{"ёлка", "елку"},
	/* numbers */
	{"87011234567", "звоните +7 (701) 123-45-67"},
	{"+7 701 123 45 67", "тел. 8-701-123-45-67, спросить Асель"},
	{"1234567", "тел. 8-701-123-45-67"},
	{"123-45-67", "8 701 1234567"},
	{"900101300123", "ИИН 900101 300123"},
	{"askar@example.kz", "From: Askar <askar@example.kz>"},
	{"договор 451", "по договору №451 от мая"},
	/* phrases, also across the end of a line */
	{"\"сатып алу\"", "мемлекеттік сатып\nалуға"},
	{"\"главный бухгалтер\" взятка", "взятку получил главный\r\nбухгалтер"},
};

static const struct {
	const char *words, *text;
} missed[] = {
	{"мектеп", "мемлекет"},
	{"взятка", "взвешивание"},
	{"школа", "ИШКОЛ"}, /* a word begins there, or it is none */
	{"взятка директор", "только взятка"},
	{"\"бухгалтер главный\"", "главный бухгалтер"},
	{"\"сатып алу\"", "сатып бәрін алу"},
	{"суда", "судоходство"}, /* a short stem goes on with endings alone */
	{"87011234568", "8 701 123 45 67"},
	{"директор", "направление"},
};

static void test_found(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(found); i++)
		if (!finds(found[i].words, found[i].text)) {
			g_test_message("“%s” does not find “%s”", found[i].words, found[i].text);
			g_test_fail();
		}
}

static void test_missed(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(missed); i++)
		if (finds(missed[i].words, missed[i].text)) {
			g_test_message("“%s” finds “%s”", missed[i].words, missed[i].text);
			g_test_fail();
		}
}

static void test_lines(void)
{
	static const char text[] = "Тақырып: мектеп\n\nДиректор пара алды.\nПара туралы мектеп біледі.\n";
	g_autoptr(StemQuery) query = query_of("мектеп пара");
	g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(StemLine));
	GString *folded = stem_fold(text, strlen(text));
	g_assert_cmpuint(stem_query_find(query, folded->str, folded->len, lines), ==, 3);
	static const StemLine expected[] = {{0, 1}, {2, 2}, {3, 3}};
	g_assert_cmpuint(lines->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < lines->len; i++) {
		g_assert_cmpuint(g_array_index(lines, StemLine, i).line, ==, expected[i].line);
		g_assert_cmpuint(g_array_index(lines, StemLine, i).terms, ==, expected[i].terms);
	}
	stem_wipe(folded);
}

static void test_faults(void)
{
	static const struct {
		const char *words;
		StemFault fault;
	} rows[] = {{"", STEM_NOTHING}, {" … \"\"", STEM_NOTHING}, {"ал", STEM_SHORT}, {"12", STEM_SHORT}, {"взятка и пара", STEM_SHORT},
	            {"абак обак убак абал обал убал абан обан убан абар обар убар абас обас убас абат обат", STEM_MANY}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		StemFault fault;
		g_assert_null(stem_query_new(rows[i].words, &fault));
		g_assert_cmpint(fault, ==, rows[i].fault);
	}
}

/* Nothing that stands in a text, and nothing that is typed, leads outside of it. */
static void test_any(void)
{
	static const char *const bits[] = {"\n", " ", "\"", "8 ", "+7", "(", "пара", "ы", "\xff", "\xd0", "x", "1234567890123456789", "-", "ß", "\u200b"};
	GRand *rand = g_rand_new_with_seed(6);
	for (guint round = 0; round < 3000; round++) {
		g_autoptr(GString) text = g_string_new(NULL), words = g_string_new("взя ");
		StemFault fault;
		for (gint i = g_rand_int_range(rand, 0, 24); i > 0; i--)
			g_string_append(text, bits[g_rand_int_range(rand, 0, G_N_ELEMENTS(bits))]);
		for (gint i = g_rand_int_range(rand, 0, 12); i > 0; i--)
			g_string_append(words, bits[g_rand_int_range(rand, 0, G_N_ELEMENTS(bits))]);
		g_autoptr(StemQuery) query = stem_query_new(words->str, &fault);
		GString *folded = stem_fold(text->str, text->len);
		g_assert_true(folded->len == 0 || folded->str[folded->len - 1] == '\n');
		g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(StemLine));
		if (query != NULL)
			g_assert_cmpuint(stem_query_find(query, folded->str, folded->len, lines), ==,
			                 stem_query_find(query, folded->str, folded->len, NULL));
		stem_wipe(folded);
	}
	g_rand_free(rand);
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "C.UTF-8"); /* what was not found is said in its own letters */
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/stem/a word is found in whatever case, number and spelling it stands", test_found);
	g_test_add_func("/stem/and not where it does not stand", test_missed);
	g_test_add_func("/stem/each line is named with what stands in it", test_lines);
	g_test_add_func("/stem/what cannot be looked for is said", test_faults);
	g_test_add_func("/stem/any text and any words can be taken", test_any);
	return g_test_run();
}
