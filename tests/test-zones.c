/* SPDX-License-Identifier: ISC */
/* What in a letter is its writer's own, and what is quoted, spoken by others, greeting or signature. */
#include <glib.h>
#include <string.h>

#include "policy/zones.h"

/* In each text the words between { and } are the zone. */
static const struct {
	ZoneKind kind;
	const char *text;
} rows[] = {
	{ZONE_MAIL_QUOTE, "See below.\n{> I will kill you\n> really\n}Help."},
	{ZONE_MAIL_QUOTE, "See below.\n\n{-----Original Message-----\nFrom: x\nI will kill you\n}"},
	{ZONE_MAIL_QUOTE, "Посмотрите.\n{-------- Пересылаемое сообщение --------\nУбью\n}"},
	{ZONE_MAIL_QUOTE, "Қараңыздар.\n{2026 ж. 3 мамыр, Асқар <a@b.kz> жазды:\nӨлтіремін\n}"},
	{ZONE_MAIL_QUOTE, "Смотрите.\n{От: Иван\nОтправлено: 3 мая\nУбью\n}"},
	{ZONE_QUOTATION, "Ол {«Өлтіремін. Күт!»} деді."},
	{ZONE_QUOTATION, "Он сказал: {«Где „Астана“? Убью»} и ушёл."},
	{ZONE_QUOTATION, "He said {\"I'll kill you\"} twice."},
	{ZONE_QUOTATION, "He said {'I will kill you'} twice."},
	{ZONE_QUOTATION, "He said {“I will. Kill you.”} twice."},
	{ZONE_DIALOGUE, "Он пришёл.\n{— Убью тебя, — сказал он.}\nЯ ушёл."},
	{ZONE_SALUTATION, "{Құрметті Асқар Маратұлы!} Сізге жазамын."},
	{ZONE_SALUTATION, "{Уважаемый Аскар Маратович,}\nпишу вам."},
	{ZONE_SALUTATION, "{Dear Mr Askarov,}\nI write."},
	{ZONE_SIGNATURE, "Я пишу.\n{С уважением,\nИванов}"},
	{ZONE_SIGNATURE, "I write.\n{-- \nIvanov}"},
	{ZONE_OWN, "{Я тебя найду и убью.}"},
	{ZONE_OWN, "{I don't care, you're dead, that's it.}"},
	{ZONE_OWN, "{A lone \" mark}\n\nanother \" one"},
};

static void test_rows(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) text = g_string_new(rows[i].text);
		gsize from = (gsize)(strchr(text->str, '{') - text->str);
		g_string_erase(text, (gssize)from, 1);
		gsize to = (gsize)(strchr(text->str, '}') - text->str);
		g_string_erase(text, (gssize)to, 1);
		g_autoptr(GArray) zones = zones_find(text->str, text->len);
		for (gsize at = from; at < to; at++)
			if (zones_at(zones, at) != rows[i].kind)
				g_error("%s: octet %zu is of kind %d", rows[i].text, at, zones_at(zones, at));
		if (rows[i].kind != ZONE_OWN && from > 0)
			g_assert_cmpint(zones_at(zones, from - 1), !=, rows[i].kind);
		if (rows[i].kind != ZONE_OWN && to < text->len)
			g_assert_cmpint(zones_at(zones, to), !=, rows[i].kind);
	}
}

static void test_order(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	static const char *const pieces[] = {"« ", "» ", "\"a", "b\" ", "'a", "b' ", "“", "”", "\n", "> x\n", "\xff", "— y\n", "Dear z,\n"};
	for (guint i = 0, n = 1; i < 20000; i++, n = n * 1103515245 + 12345)
		g_string_append(text, pieces[(n >> 16) % G_N_ELEMENTS(pieces)]);
	g_autoptr(GArray) zones = zones_find(text->str, text->len);
	gsize end = 0;
	for (guint i = 0; i < zones->len; i++) {
		const Zone *zone = &g_array_index(zones, Zone, i);
		g_assert_cmpuint(zone->from, >=, end);
		g_assert_cmpuint(zone->to, >, zone->from);
		end = zone->to;
	}
	g_assert_cmpuint(zones->len, >, 100);
	g_assert_cmpuint(end, <=, text->len);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/zones/each part of a letter is what it looks like", test_rows);
	g_test_add_func("/zones/zones stand in order and never overlap", test_order);
	return g_test_run();
}
