/* SPDX-License-Identifier: ISC */
/* What the register's row is warned of: abbreviations (KMO 18), and names in the brief content; and of what it is not. */
#include <string.h>

#include "cli/lint.h"

/* "abbreviation:WORD name:WORD" of one column's text. */
static char *warned(const char *column, const char *text, const Record *card)
{
	g_autoptr(Row) row = row_new();
	g_autoptr(json_t) filled = json_object();
	json_object_set_new(filled, column, json_string(text));
	g_autoptr(json_t) warnings = lint_row(row, card, filled);
	g_autoptr(GString) out = g_string_new(NULL);
	const json_t *one;
	gsize i;
	json_array_foreach(warnings, i, one) {
		g_assert_cmpstr(json_string_value(json_object_get(one, "column")), ==, column);
		g_string_append_printf(out, "%s%s:%s", out->len > 0 ? " " : "", json_string_value(json_object_get(one, "warning")),
		                       json_string_value(json_object_get(one, "word")));
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

typedef struct {
	const char *column, *text, *warnings;
} Case;

static void check(const Case *rows, gsize n, const Record *card)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *got = warned(rows[i].column, rows[i].text, card);
		g_test_message("%s", rows[i].text);
		g_assert_cmpstr(got, ==, rows[i].warnings);
	}
}

static void entries_are_made_without_abbreviation(void)
{
	static const Case rows[] = {
		{"brief", "Қоймада жанар-жағармай жоғалады.", ""},
		{"brief", "Абай көш. қоймада жанармай жоғалады", "abbreviation:көш."},
		{"brief", "Бензин, дизель т.б. жоғалады", "abbreviation:т.б."},
		{"brief", "Похищено топлива на 5 млн тенге и т.д", "abbreviation:млн abbreviation:т.д"},
		{"brief", "Директор ТОО требует 10 тыс. тенге", "abbreviation:ТОО abbreviation:тыс."},
		{"brief", "За II квартал дано десять тысяч тенге.", ""},
		{"brief", "ТРЕБУЮТ ДЕНЬГИ", ""},
		{"brief", "Он мың теңге алды. Барлығы мың.", ""},
		{"address", "г. Алматы, ул. Абая, 5", "abbreviation:г. abbreviation:ул."},
		{"address", "Алматы қаласы, Абай даңғылы, 5", ""},
		{"surname", "А.Б.", "abbreviation:А.Б."},
		{"legal_name", "«АТФ» және серіктестер", ""},
		{"legal_form", "ЖШС", ""}, /* nothing but capitals: it may be how she writes */
		{"legal_form", "ЖШС түрінде", "abbreviation:ЖШС"},
		{"outgoing_number", "07-03/179", ""},
		{"resolution_by", "Бас директордың орынб.", "abbreviation:орынб."},
		{"measures", "Зам. директора объявлен выговор", "abbreviation:Зам."},
		{"brief", "Отдел кадров г.Алматы, работа по ул.Абая", "abbreviation:г.Алматы abbreviation:ул.Абая"},
		{"brief", "Главный инженер и гл.бухгалтер, см. п. 5 договора", "abbreviation:гл.бухгалтер abbreviation:см. abbreviation:п."},
	};
	check(rows, G_N_ELEMENTS(rows), NULL);
}

static void the_brief_content_names_nobody(void)
{
	static const Case rows[] = {
		{"brief", "Қойма меңгерушісі Ахметов жанармай сатады", "name:Ахметов"},
		{"brief", "Қойма меңгерушісі Ахметовтың айтуынша", "name:Ахметовтың"},
		{"brief", "Требует деньги начальник склада Ахметовым", "name:Ахметовым"},
		{"brief", "Деньги взял Иван Сергеевич", "name:Сергеевич"},
		{"brief", "Ақшаны Ерлан Болатұлы алды", "name:Болатұлы"},
		{"brief", "Ақшаны Динара Серікқызына берді", "name:Серікқызына"},
		{"brief", "Деньги взял К. Никитин", "abbreviation:К. name:Никитин"},
		{"brief", "Основа жалобы: похищение топлива в городе Петропавловске", ""},
		{"brief", "Магазин в Астане торгует похищенным", ""},
		{"brief", "Қойма Қарағанды қаласында, Бұқар жырау ауданында", ""},
		{"brief", "Заведующий складом Ким продаёт бензин", "name:Ким"},
		{"brief", "Мастер участка Ли берёт деньги", "name:Ли"},
		{"brief", "Инженер Шевченко подписал акт", "name:Шевченко"},
		{"brief", "Прокурор Кожемякин закрыл глаза", "name:Кожемякин"},
		{"brief", "Инженер Нұрлан пара алды", "name:Нұрлан"},
		{"brief", "Начальник отдела требует деньги за приём на работу", ""},
		{"brief", "Начальник Талгарского отдела, директор Департамента закупок", ""},
		{"brief", "Директор «Рассвета» и инженер ТОО «Алатау»", "abbreviation:ТОО"},
		{"brief", "Қала әкімі Алматы қаласында кездесті", ""},
		{"brief", "Аким города Талгара", ""},
		{"brief", "Сотрудник управления Петровского района Саратовской области", ""},
		{"note", "Ахметовқа телефон соғылды", ""},
		{"surname", "Ахметов", ""},
	};
	check(rows, G_N_ELEMENTS(rows), NULL);
}

static void nor_whom_the_card_names(void)
{
	static const Case rows[] = {
		{"brief", "Айгүлдің айтуынша, Смит ақша алады", "name:Айгүлдің name:Смит"},
		{"brief", "Смита видели на складе", "name:Смита"},
		{"brief", "Смитте", "name:Смитте"},
		{"brief", "Қоймада жанармай жоғалады", ""},
	};
	g_autoptr(Record) card = record_new();
	record_add(card, "from-name", "Айгүл");
	record_add(card, "suggested", "surname text Смит");
	record_add(card, "suggested", "phone text +77012223344");
	check(rows, G_N_ELEMENTS(rows), card);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli-lint/entries are made without abbreviation", entries_are_made_without_abbreviation);
	g_test_add_func("/cli-lint/the brief content names nobody", the_brief_content_names_nobody);
	g_test_add_func("/cli-lint/nor whom the card names", nor_whom_the_card_names);
	return g_test_run();
}
