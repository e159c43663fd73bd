/* SPDX-License-Identifier: ISC */
/* What says who wrote a report is nowhere in its new text, however it is dressed up; what says nothing of it stays as it is. */
#include <glib.h>
#include <string.h>
#include <time.h>

#include "policy/name-lists.h"
#include "policy/redact.h"
#include "policy/wish.h"

static const char *const nobody[] = {NULL};

static Redaction *redact(const char *text, const char *const *names, const char *const *values, const char *const *words)
{
	const RedactQuestion question = {names, values, words, "ru"};
	return redact_text(&question, text, strlen(text));
}

/* --- by their form -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *text, *redacted;
} forms[] = {
	/* identity numbers */
	{"ИИН 850101300123", "ИИН [ИИН/БИН]"},
	{"мой номер 900615350018 в базе", "мой номер [ИИН/БИН] в базе"},
	{"мой номер 900615 350018 в базе", "мой номер [ИИН/БИН] в базе"},
	{"мой номер 9006-1535-0018 в базе", "мой номер [ИИН/БИН] в базе"},
	{"мой номер 9 0 0 6 1 5 3 5 0 0 1 8", "мой номер [ИИН/БИН]"},
	{"номер ９００６１５３５００１８", "номер [ИИН/БИН]"},
	{"номер 900615\u00a0350018", "номер [ИИН/БИН]"},
	{"номер 900615\u200b350018", "номер [ИИН/БИН]"},
	{"ЖСН900615350018", "ЖСН[ИИН/БИН]"},
	{"накладная 900615350019", "накладная 900615350019"}, /* its check digit is wrong */
	{"сумма 850 000 000 000 тенге", "сумма 850 000 000 000 тенге"},
	{"12.05.2026 14:30 и 2026-05-12 1430", "12.05.2026 14:30 и 2026-05-12 1430"},
	/* telephones */
	{"звоните 87011234567", "звоните [телефон]"},
	{"+7 (701) 123-45-67, вечером", "[телефон], вечером"},
	{"8-701-123-45-67", "[телефон]"},
	{"+7.701.123.45.67", "[телефон]"},
	{"701 123 45 67", "[телефон]"},
	{"тел. 251122", "тел. [телефон]"},
	{"Из Берлина: +49 30 901820", "Из Берлина: [телефон]"},
	{"ИИН 900615350018 87011234567", "ИИН [ИИН/БИН] [телефон]"},
	{"договор 251122 от 2026 года", "договор 251122 от 2026 года"},
	{"украли 87 012 345 тенге", "украли 87 012 345 тенге"},
	/* accounts and cards */
	{"счёт KZ86125KZT5004100100 банка", "счёт [номер счёта] банка"},
	{"KZ86 125K ZT50 0410 0100", "[номер счёта]"},
	{"kz86125kzt5004100100", "[номер счёта]"},
	{"КZ86125КZТ5004100100", "[номер счёта]"}, /* К and Т are Cyrillic */
	{"модель KZ87125KZT5004100100", "модель KZ87125KZT5004100100"},
	{"счёт KZ87125KZT5004100100", "счёт [номер счёта]"}, /* a slip of the pen */
	{"DE89 3704 0044 0532 0130 00", "[номер счёта]"},
	{"карта 4400 4301 2345 6789, Kaspi", "карта [номер карты], Kaspi"},
	{"карта 4400 4301 2345 6785", "карта 4400 4301 2345 6785"},
	{"4400430123456789", "[номер карты]"},
	/* mail, messengers */
	{"пишите: a.b@mail.kz.", "пишите: [электронный адрес]."},
	{"aigul (at) mail (dot) kz", "[электронный адрес]"},
	{"aigul собака mail.kz", "[электронный адрес]"},
	{"aigul @ mail.kz", "[электронный адрес]"},
	{"телеграм @aigul_kz", "телеграм [электронный адрес]"},
	{"https://t.me/aigul_kz, там", "[электронный адрес] там"},
	{"по 500 тг @ 3 шт", "по 500 тг @ 3 шт"},
	/* where somebody lives */
	{"дверь: ул. Абая 12, кв. 5. Дальше", "дверь: [адрес]. Дальше"},
	{"Алматы қ., Абай даңғылы 5, 12-пәтер деп", "[адрес] деп"},
	{"г. Алматы, мкр. Самал-2, дом 33", "[адрес]"},
	{"050000, Алматы, ул. Абая, 5", "[адрес]"},
	{"Абай көшесінде ұрлық болды", "Абай көшесінде ұрлық болды"},
	{"на улице Абая строят без тендера", "на улице Абая строят без тендера"},
	{"Мекенжайым: Қарасай ауылы, орталық 7", "Мекенжайым: [адрес]"},
	/* who says who he is, and who signs */
	{"Меня зовут Динара Касымова, я работаю на складе. Касымовой угрожали.",
	 "Меня зовут [имя], я работаю на складе. [имя] угрожали."},
	{"Анонимно. Меня зовут Динара Касымова, не называйте моё имя.", "Анонимно. Меня зовут [имя], не называйте моё имя."},
	{"Воруют бензин.\n\nС уважением,\nСерік Жұмағұлов, водитель\n", "Воруют бензин.\n\nС уважением,\n[имя], водитель\n"},
	{"Смотрите ниже.\n\n-----Original Message-----\nFrom: Айгүл Серікова <a@b.kz>\nTo: boss@kmo.kz\n\nТекст\n",
	 "Смотрите ниже.\n\n-----Original Message-----\nFrom: [имя]\nTo: [электронный адрес]\n\nТекст\n"},
	/* nothing of it */
	{"Директор Иванов берёт 10 % с каждого договора № 45-17/2026.", "Директор Иванов берёт 10 % с каждого договора № 45-17/2026."},
	{"Бастық 2 500 000 теңге алды, 2026 жылғы 5 мамырда.\r\n\r\nБітті", "Бастық 2 500 000 теңге алды, 2026 жылғы 5 мамырда.\r\n\r\nБітті"},
	{"площадь 120 кв. м, кабинет 305", "площадь 120 кв. м, кабинет 305"},
	{"\xff\xfe broken \xc3 octets", "\xff\xfe broken \xc3 octets"},
	{"", ""},
};

static void what_says_who_it_is_goes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		g_autoptr(Redaction) redaction = redact(forms[i].text, nobody, nobody, nobody);
		g_assert_cmpstr(redaction->text->str, ==, forms[i].redacted);
		g_assert_cmpuint(redaction->rows->len > 0, ==, strcmp(forms[i].text, forms[i].redacted) != 0);
	}
}

/* --- the card's name, in whatever spelling -------------------------------------------------------------------------- */

static const char *const reporter[] = {"Айгүл Маратқызы Серікова", NULL};

static const char *const spellings[] = {
	"Серікова",   "Серикова",   "СЕРІКОВА",  "серікова",    "Сериковой",   "Серікованың", "Серіковаға", "Серіковадан", "Serikova",
	"SERIKOVA",   "Serıkova",   "Sеrіkova",  "С.е.р.и.к.о.в.а", "с е р и к о в а", "Серииикова", "Сер\u200bікова",  "Се\u0301рікова",
	"Айгүл",      "Айгуль",     "Айгүлге",   "Айгүлдің",    "Айгулем",     "Aigul",       "Aygul",      "Aigül",       "А й г ү л ь",
	"Маратқызы",  "Маратовна",  "Маратовны", "Маратовной",  "Maratovna",   "Maratkyzy",   "С*рикова",   "С3рикова",
};

static void a_name_goes_in_every_spelling(void)
{
	static const char *const around[] = {"Вчера %s сказала мне.", "Кеше %s келді.", "«%s»", "(%s), да", "Это %s!"};
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++)
		for (gsize k = 0; k < G_N_ELEMENTS(around); k++) {
			g_auto(GStrv) parts = g_strsplit(around[k], "%s", 2);
			g_autofree char *text = g_strconcat(parts[0], spellings[i], parts[1], NULL);
			g_autofree char *hidden = g_strconcat(parts[0], "[имя]", parts[1], NULL);
			g_autoptr(Redaction) redaction = redact(text, reporter, nobody, nobody);
			g_assert_cmpstr(redaction->text->str, ==, hidden);
		}
}

static void what_was_redacted_is_redacted(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++)
		g_string_append_printf(text, "Кеше %s келді. ", spellings[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
		g_string_append_printf(text, "%s\n", forms[i].text);
	g_autoptr(Redaction) once = redact(text->str, reporter, nobody, nobody);
	g_autoptr(Redaction) twice = redact(once->text->str, reporter, nobody, nobody);
	g_assert_cmpstr(twice->text->str, ==, once->text->str);
	g_assert_cmpuint(twice->rows->len, ==, 0);
}

static void a_mark_does_not_tell_how_long_a_name_is(void)
{
	static const char *const names[] = {"Ли", "Ерлан Ли", "Ахметов Ерлан Болатұлы", "А. Б. Ахметов", "Ахметов А.Б.", NULL};
	static const char *const card[] = {"Ахметов Ерлан Болатұлы", "Ерлан Ли", NULL};
	for (guint i = 1; names[i] != NULL; i++) {
		g_autofree char *text = g_strdup_printf("Начальник обидел %s, и вот.", names[i]);
		g_autoptr(Redaction) redaction = redact(text, card, nobody, nobody);
		g_assert_cmpstr(redaction->text->str, ==, "Начальник обидел [имя], и вот.");
		g_assert_cmpuint(redaction->rows->len, ==, 1);
	}
}

/* Әділ is fair, болатын was to be: a report would be full of holes. */
static void a_word_of_every_day_stays_and_is_named(void)
{
	static const char *const card[] = {"Әділ Болат", NULL};
	g_autoptr(Redaction) redaction = redact("Бұл әділ болатын. Әділ Болат келді. Істі әділ қараңыз.", card, nobody, nobody);
	g_assert_cmpstr(redaction->text->str, ==, "Бұл әділ болатын. [имя] келді. Істі әділ қараңыз.");
	g_assert_cmpuint(redaction->left->len, ==, 2);
	g_assert_cmpstr(redaction->left->pdata[0], ==, "әділ");
	/* Who writes without capitals means the name as often. */
	g_autoptr(Redaction) small = redact("кеше әділ келді. содан әділ кетті", card, nobody, nobody);
	g_assert_cmpstr(small->text->str, ==, "кеше [имя] келді. содан [имя] кетті");
	g_assert_cmpuint(small->left->len, ==, 0);
}

static void others_names_stay(void)
{
	static const char text[] = "Берік Сериков пен Айнұр Маратова, Ивановтың орынбасары, Серіктің көлігі.";
	static const char *const card[] = {"Айгүл Жұмабаева", NULL};
	g_autoptr(Redaction) redaction = redact(text, card, nobody, nobody);
	g_assert_cmpstr(redaction->text->str, ==, text);
}

static void what_the_card_has_goes(void)
{
	static const char *const values[] = {"+77172251122", "aigul.serikova@mail.kz", "Қарасай 7", NULL};
	g_autoptr(Redaction) redaction =
		redact("Номер 25-11-22 и 2251122. Скажите Сериковой. Дом Қарасай 7 там.", nobody, values, nobody);
	g_assert_cmpstr(redaction->text->str, ==, "Номер [телефон] и [телефон]. Скажите [имя]. Дом [адрес] там.");
}

static void marked_words_go(void)
{
	static const char *const words[] = {"склад № 7", "Ромашка", "777ABC02", NULL};
	g_autoptr(Redaction) redaction =
		redact("В «Ромашке» и Romashka, Р о м а ш к а; машина 777abc02; на складе № 7 и складом.", nobody, nobody, words);
	g_assert_cmpstr(redaction->text->str, ==, "В «[скрыто]» и [скрыто]; машина [скрыто]; на [скрыто] № 7 и [скрыто].");
	for (guint i = 0; i < redaction->rows->len; i++)
		g_assert_cmpstr(redact_kind_word(g_array_index(redaction->rows, RedactRow, i).kind), ==, "word");
}

static void each_language_has_its_marks(void)
{
	static const char *const languages[] = {"kk", "ru", "en"};
	for (guint kind = 0; kind < REDACT_KINDS; kind++)
		for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
			const char *mark = redact_mark((RedactKind)kind, languages[i]);
			g_assert_true(mark[0] == '[' && g_str_has_suffix(mark, "]"));
		}
	g_assert_cmpstr(redact_mark(REDACT_NAME, "-"), ==, "[имя]");
}

static void bodies_are_known_by_their_names(void)
{
	static const struct {
		const char *name, *text;
		gboolean there;
	} rows[] = {
		{"Ішкі аудит департаменті", "Ішкі аудит департаментінің басшысы", TRUE},
		{"Департамент внутреннего аудита", "начальник департамента внутреннего аудита берёт", TRUE},
		{"Департамент внутреннего аудита", "аудит внутренний, департамент другой", FALSE},
		{"Казмедиа", "в Казмедиа и у вас", TRUE},
		{"Казмедиа", "в газете", FALSE},
		{"", "что угодно", FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_true(redact_mentions(rows[i].name, rows[i].text, strlen(rows[i].text)) == rows[i].there);
}

static void a_surname_that_the_card_does_not_have_goes_with_the_first_name(void)
{
	static const char *const askar[] = {"Askar", NULL}, *const whole[] = {"Асқар Ахметов", NULL};
	static const struct {
		const char *text, *redacted;
		const char *const *names;
	} rows[] = {
		{"Қоймадан ұрлап жатыр. Телефоным жоқ. Асқар Ахметов", "Қоймадан ұрлап жатыр. Телефоным жоқ. [имя]", askar},
		{"Бұл туралы мен, Асқар Ахметов, бұрын да жазғанмын.", "Бұл туралы мен, [имя], бұрын да жазғанмын.", askar},
		{"Со мной, Аскаром Ахметовым, говорил директор Омаров.", "Со мной, [имя], говорил директор Омаров.", askar},
		{"Мен Асқар. Омаров ұрлап жатыр.", "Мен [имя]. Омаров ұрлап жатыр.", askar},
		{"Асқар Омаров бастық, Ахметов емес.", "[имя] Омаров бастық, [имя] емес.", whole},
		{"Директор берёт взятки. Ольга Петрова.", "Директор берёт взятки. [имя].", nobody},
		{"Директор берёт взятки. Серик Омарович", "Директор берёт взятки. [имя]", nobody},
		{"Взятки берёт Серик Омаров", "Взятки берёт Серик Омаров", nobody},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Redaction) redaction = redact(rows[i].text, rows[i].names, nobody, nobody);
		g_assert_cmpstr(redaction->text->str, ==, rows[i].redacted);
	}
}

/* --- how people say who they are -------------------------------------------------------------------------------------- */

static gboolean is_named(const Redaction *redaction, const char *name)
{
	for (guint i = 0; i < redaction->named->len; i++)
		if (strstr(redaction->named->pdata[i], name) != NULL)
			return TRUE;
	return FALSE;
}

/* A row of the table: how many of the writer's names are hidden, of how many. */
static void try_writer(char **row, guint *hidden, guint *all)
{
	g_autofree char *text = g_strcompress(row[3]);
	g_auto(GStrv) names = g_strsplit(row[1], " ", -1), others = g_strsplit(row[2], " ", -1);
	const RedactQuestion question = {nobody, nobody, nobody, row[0]};
	g_autoptr(Redaction) redaction = redact_text(&question, text, strlen(text));
	for (guint i = 0; names[i] != NULL; i++) {
		const gboolean stays = strstr(redaction->text->str, names[i]) != NULL;
		*all += 1;
		*hidden += !stays;
		if (stays && !is_named(redaction, names[i])) {
			g_printerr("%s leaves unsaid in: %s\n", names[i], redaction->text->str);
			g_test_fail();
		}
	}
	for (guint i = 0; others[i] != NULL; i++)
		if (strstr(redaction->text->str, others[i]) == NULL) {
			g_printerr("%s was hidden in: %s\n", others[i], redaction->text->str);
			g_test_fail();
		}
}

static void no_writer_leaves_unsaid(void)
{
	g_autofree char *table = NULL;
	guint hidden = 0, all = 0, texts = 0;
	g_assert_true(g_file_get_contents(WRITERS, &table, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) row = g_strsplit(lines[i], "\t", 4);
		if (lines[i][0] == '#' || lines[i][0] == '\0')
			continue;
		g_assert_cmpuint(g_strv_length(row), ==, 4);
		try_writer(row, &hidden, &all);
		texts++;
	}
	g_test_message("%u texts, %u names of writers, %u hidden, the others said", texts, all, hidden);
	g_assert_cmpuint(texts, >=, 80);
	g_assert_cmpuint(100 * hidden, >=, 95 * all);
}

/* Of what a stranger writes to keep her waiting; processor time, since others compute beside. */
static void a_long_text_takes_no_longer_than_its_length(void)
{
	static const char *const pieces[] = {"ИВАНОВА ГУЛЬНАРА ", "Меня зовут Абв Где. ", "я, я, ", "Я, а а а а а а а а ", "А Б В Г ", "А\n", "от а б в г д "};
	for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 200000)
			g_string_append(text, pieces[i]);
		const clock_t began = clock();
		g_autoptr(Redaction) redaction = redact(text->str, reporter, nobody, nobody);
		g_assert_cmpuint(redaction->text->len, >, 0);
		g_assert_cmpfloat((double)(clock() - began) / CLOCKS_PER_SEC, <, 5);
	}
}

static void a_persons_name_is_told_from_a_bodys(void)
{
	static const char *const people[] = {"Мұрат Оспанов", "Оспанов М.", "Серікова Айгүл Маратқызы"};
	static const char *const bodies[] = {"Ішкі аудит қызметі", "Служба внутреннего аудита", "Мұнай қоры"};
	for (gsize i = 0; i < G_N_ELEMENTS(people); i++)
		g_assert_true(redact_is_person(people[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
		g_assert_false(redact_is_person(bodies[i]));
}

/* Each beginning of a text that holds every kind: nothing reads past it. */
static void a_text_may_end_anywhere(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i += 3)
		g_string_append_printf(text, "%s\n", forms[i].text);
	for (gsize size = 0; size < text->len; size += 7) {
		g_autofree char *exact = g_memdup2(text->str, MAX(size, 1));
		const RedactQuestion question = {reporter, nobody, nobody, "kk"};
		g_autoptr(Redaction) redaction = redact_text(&question, exact, size);
		g_assert_nonnull(redaction->text);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	name_lists_load();
	wishes_load();
	g_test_add_func("/redact/what says who it is goes, and nothing else", what_says_who_it_is_goes);
	g_test_add_func("/redact/a name goes in every spelling", a_name_goes_in_every_spelling);
	g_test_add_func("/redact/what was redacted is redacted", what_was_redacted_is_redacted);
	g_test_add_func("/redact/a mark does not tell how long a name is", a_mark_does_not_tell_how_long_a_name_is);
	g_test_add_func("/redact/a word of every day stays, and is named", a_word_of_every_day_stays_and_is_named);
	g_test_add_func("/redact/others' names stay", others_names_stay);
	g_test_add_func("/redact/what the card has goes", what_the_card_has_goes);
	g_test_add_func("/redact/marked words go", marked_words_go);
	g_test_add_func("/redact/each language has its marks", each_language_has_its_marks);
	g_test_add_func("/redact/bodies are known by their names", bodies_are_known_by_their_names);
	g_test_add_func("/redact/a surname that the card does not have goes with the first name",
	                a_surname_that_the_card_does_not_have_goes_with_the_first_name);
	g_test_add_func("/redact/no writer leaves unsaid, and who is accused stays", no_writer_leaves_unsaid);
	g_test_add_func("/redact/a long text takes no longer than its length", a_long_text_takes_no_longer_than_its_length);
	g_test_add_func("/redact/a person's name is told from a body's", a_persons_name_is_told_from_a_bodys);
	g_test_add_func("/redact/a text may end anywhere", a_text_may_end_anywhere);
	return g_test_run();
}
