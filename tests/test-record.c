/* SPDX-License-Identifier: ISC */
/* Records and bundles: what goes out comes back; what is not canonical is refused. */
#include <glib.h>
#include <string.h>

#include "base/finding.h"
#include "base/bundle.h"

static void any_value_comes_back_as_it_was(void)
{
	const char *values[] = {"", "қазақша", "a\nb\r\t%41\x7f", "\xff\xc0\x80 raw", "ends with %", " blanks "};
	g_autoptr(Record) out = record_new();
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
		record_add(out, "v", values[i]);
	gsize size;
	g_autofree char *text = record_write(out, &size);
	g_assert_true(g_utf8_validate(text, (gssize)size, NULL));
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) in = record_read(text, size, 0, NULL, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
		g_assert_cmpstr(record_get_nth(in, "v", (guint)i), ==, values[i]);
}

static void another_spelling_of_a_value_is_refused(void)
{
	const char *bad[] = {"a: %41\n", "a: %0A\n", "a: %00\n", "a: %d2%9b\n", "a: \x01\n", "a: \xff\n", "a:b\n", "A: b\n",
	                     ": b\n", "a: b", "a: %4\n", "a: %\n", "\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(record_read(bad[i], strlen(bad[i]), 0, NULL, &error));
		g_assert_error(error, RECORD_ERROR, RECORD_ERROR_FORM);
	}
}

static void a_schema_holds_order_and_number(void)
{
	static const RecordField schema[] = {{"one", 1, 1}, {"list", 0, 2}, {"end", 0, 1}, {NULL, 0, 0}};
	static const struct {
		const char *text;
		gboolean good;
	} rows[] = {
		{"one: 1\n", TRUE},
		{"one: 1\nlist: a\nlist: b\nend: x\n", TRUE},
		{"list: a\none: 1\n", FALSE},
		{"one: 1\none: 1\n", FALSE},
		{"one: 1\nlist: a\nlist: b\nlist: c\n", FALSE},
		{"one: 1\nother: x\n", FALSE},
		{"", FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Record) record = record_read(rows[i].text, strlen(rows[i].text), 0, schema, NULL);
		g_assert_cmpint(record != NULL, ==, rows[i].good);
	}
}

static void a_bundle_cut_at_every_octet_is_refused(void)
{
	g_autoptr(Bundle) out = bundle_new();
	record_add(bundle_record(out), "mailbox", "senim@kmo.kz");
	bundle_add_copy(out, "card", "\0\n\n", 3);
	bundle_add_copy(out, "header/body/aigul", "", 0);
	g_autoptr(GBytes) octets = bundle_write(out);
	gsize size;
	const char *data = g_bytes_get_data(octets, &size);
	g_autoptr(Bundle) in = bundle_read(data, size, NULL, NULL);
	g_assert_nonnull(in);
	g_assert_cmpuint(g_bytes_get_size(bundle_part(in, "card")), ==, 3);
	g_assert_cmpstr(record_get(bundle_record(in), "mailbox"), ==, "senim@kmo.kz");
	for (gsize cut = 0; cut < size; cut++) {
		g_autoptr(Bundle) none = bundle_read(data, cut, NULL, NULL);
		g_assert_null(none);
	}
}

/* Values are looked at in pieces: no character may fall between two of them. */
static void long_values_stand_as_they_are_wherever_they_are_cut(void)
{
	for (gsize shift = 0; shift < 600; shift++) {
		g_autoptr(GString) value = g_string_new(NULL);
		for (gsize i = 0; i < shift; i++)
			g_string_append_c(value, 'a');
		for (guint i = 0; i < 300; i++)
			g_string_append(value, i % 3 == 0 ? "ә" : i % 3 == 1 ? "€" : "😀");
		gsize plain = value->len, size;
		g_string_append(value, "\xff\xff%");
		g_autoptr(Record) record = record_new();
		record_add(record, "subject", value->str);
		g_autofree char *text = record_write(record, &size);
		g_assert_cmpuint(size, ==, strlen("subject: \n") + plain + strlen("%ff%ff%25"));
		g_autoptr(Record) read = record_read(text, size, 0, NULL, NULL);
		g_assert_nonnull(read);
		g_assert_cmpstr(record_get(read, "subject"), ==, value->str);
	}
}

/* All facts stand in one entry of the register: a child that writes novels into them must not keep its message out. */
static void facts_are_words_and_not_novels(void)
{
	g_autofree char *longest = g_strnfill(FINDING_FACT_MAX, 'a'), *longer = g_strnfill(FINDING_FACT_MAX + 1, 'a');
	g_autoptr(Record) good = finding_unexamined_facts(), bad = finding_unexamined_facts();
	record_add(good, "reference", longest);
	record_add(bad, "reference", longer);
	g_assert_true(finding_check_facts(good, NULL));
	g_assert_false(finding_check_facts(bad, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/record/any value comes back as it was", any_value_comes_back_as_it_was);
	g_test_add_func("/record/another spelling of a value is refused", another_spelling_of_a_value_is_refused);
	g_test_add_func("/record/a schema holds order and number", a_schema_holds_order_and_number);
	g_test_add_func("/bundle/a bundle cut at every octet is refused", a_bundle_cut_at_every_octet_is_refused);
	g_test_add_func("/record/long values stand as they are wherever they are cut",
	                long_values_stand_as_they_are_wherever_they_are_cut);
	g_test_add_func("/finding/facts are words and not novels", facts_are_words_and_not_novels);
	return g_test_run();
}
