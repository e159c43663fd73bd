/* SPDX-License-Identifier: ISC */
/* Which letters of ours a message names, by their form. */
#include <string.h>

#include "base/finding.h"
#include "policy/reference.h"

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwxyz"
#define DETAIL "abcdefghijklmnopqrstuvwxyz"
G_STATIC_ASSERT(sizeof TOKEN == 59 && sizeof DETAIL == 27);

typedef struct {
	const char *id, *address, *subject, *text;
	const char *found; /* joined with blanks */
	gboolean by_id;
} Row;

static GPtrArray *one(const char *value)
{
	GPtrArray *array = g_ptr_array_new();
	if (value != NULL)
		g_ptr_array_add(array, (gpointer)value);
	return array;
}

static void check(const Row *row)
{
	g_autoptr(GPtrArray) ids = one(row->id), addresses = one(row->address), tags = one("kmo.kz");
	const ReferenceQuestion question = {.ids = ids, .tags = tags, .addresses = addresses, .subject = row->subject,
	                                    .text = row->text, .size = row->text != NULL ? strlen(row->text) : 0};
	g_autoptr(References) references = reference_find(&question);
	g_ptr_array_add(references->found, NULL);
	g_autofree char *found = g_strjoinv(" ", (char **)references->found->pdata);
	g_test_message("%s%s", row->subject != NULL ? row->subject : "", row->text != NULL ? row->text : "");
	g_assert_cmpstr(found, ==, row->found);
	g_assert_cmpint(references->by_id, ==, row->by_id);
}

static void a_message_id_of_ours_is_found_wherever_it_stands(void)
{
	static const Row rows[] = {
		{.id = TOKEN "@kmo.kz", .found = TOKEN, .by_id = TRUE},
		{.id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ@KMO.KZ", .found = TOKEN, .by_id = TRUE},
		{.text = "--- Below this line is a copy of the message.\n\nMessage-ID: <" TOKEN "@kmo.kz>\n", .found = TOKEN, .by_id = TRUE},
		{.text = "> References: <x@y> <" TOKEN "@kmo.kz>", .found = TOKEN, .by_id = TRUE},
		{.text = TOKEN "@kmo.kz " TOKEN "@kmo.kz", .found = TOKEN, .by_id = TRUE},
		{.id = TOKEN "@kmo.kz.example.org", .found = ""},
		{.id = TOKEN "@kmo.kzz", .found = ""},
		{.id = TOKEN "@example.org", .found = ""},
		{.id = "b" TOKEN "@kmo.kz", .found = ""},
		{.id = "someone@kmo.kz", .found = ""},
		{.text = "@@@@kmo.kz", .found = ""},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		check(&rows[i]);
}

static void a_number_with_its_word_is_found_as_people_copy_it(void)
{
	static const Row rows[] = {
		{.subject = "Re: 2026/17-KOTAMEHI", .found = "2026/17-KOTAMEHI"},
		{.text = "> 2026/17-KOTAMEHI болып тіркелді", .found = "2026/17-KOTAMEHI"},
		{.text = "менің хатым 2026/17-котамені.", .found = "2026/17-KOTAMEHI"},
		{.text = "№ 2026/17-КОТАМЕНІ", .found = "2026/17-KOTAMEHI"},   /* Cyrillic throughout */
		{.text = "№2026/17 – kotamehi, толықтыру", .found = "2026/17-KOTAMEHI"},
		{.text = "2026/X-5-KOTAMEHI", .found = "2026/X-5-KOTAMEHI"},
		{.text = "2026/Х-5-КОТАМЕНІ", .found = "2026/X-5-KOTAMEHI"},
		{.text = "2026/17-KOTAMEHI и 2026/18-MOTAMEHI", .found = "2026/17-KOTAMEHI 2026/18-MOTAMEHI"},
		{.subject = "2026/17-KOTAMEHI", .text = "2026/17-KOTAMEHI", .found = "2026/17-KOTAMEHI"},
		{.text = "2026/17-KOTAMEH", .found = ""},
		{.text = "2026/17-KOTAMEHIX", .found = ""},
		{.text = "2026/17-KOTA2EHI", .found = ""},
		{.text = "12026/17-KOTAMEHI", .found = ""},
		{.text = "26/17-KOTAMEHI", .found = ""},
		{.text = "2026/017-KOTAMEHI", .found = ""},
		{.text = "2026/1234567890-KOTAMEHI", .found = ""},
		{.text = "2026/17 KOTAMEHI", .found = ""},
		{.text = "2026/", .found = ""},
		{.text = "2026/X-", .found = ""},
		{.text = "/", .found = ""},
		{.text = "2026/17-\xff\xfe", .found = ""},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		check(&rows[i]);
}

static void the_detail_of_the_address_is_found(void)
{
	static const Row rows[] = {
		{.address = "senim+" DETAIL "@kmo.kz", .found = DETAIL},
		{.address = "SENIM+ABCDEFGHIJKLMNOPQRSTUVWXYZ@KMO.KZ", .found = DETAIL},
		{.address = "senim+case@kmo.kz", .found = ""},
		{.address = "x" DETAIL "@kmo.kz", .found = ""},
		{.address = DETAIL "@kmo.kz", .found = ""},
		{.address = "senim+" DETAIL, .found = ""},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		check(&rows[i]);
}

static void no_more_are_found_than_a_finding_takes(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 1; i <= 10000; i++)
		g_string_append_printf(text, "2026/%u-KOTAMEHI ", i);
	const ReferenceQuestion question = {.text = text->str, .size = text->len};
	g_autoptr(References) references = reference_find(&question);
	g_assert_cmpuint(references->found->len, ==, FINDING_LIST_MAX);
	g_assert_true(references->more);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/reference/" #name, name)
	ADD(a_message_id_of_ours_is_found_wherever_it_stands);
	ADD(a_number_with_its_word_is_found_as_people_copy_it);
	ADD(the_detail_of_the_address_is_found);
	ADD(no_more_are_found_than_a_finding_takes);
	return g_test_run();
}
