/* SPDX-License-Identifier: ISC */
/* How things look: nothing that drives a terminal passes, columns stand under each other in any script, moments are the
 * organisation's. Names of cases as typed; the catalogues that the build made. */
#include <glib.h>
#include <string.h>

#include "cli/case.h"
#include "cli/format.h"
#include "cli/language.h"

static void a_table_escapes_and_aligns_its_cells(void)
{
	g_autoptr(FormatTable) table = format_table_new(3);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(0);
	const char *cells[] = {"A", "B", "C", "өтініш", "日本", "x\033[2J\n", "", "", ""};
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
		format_table_cell(table, cells[i]);
	format_table_write(table, FALSE, out);
	g_assert_cmpstr(wipe_buffer_data(out), ==, "A       B     C\nөтініш  日本  x\\u{001B}[2J\\u{000A}\n\n");
}

static void a_long_cell_is_cut_but_in_the_last_column(void)
{
	g_autoptr(FormatTable) table = format_table_new(2);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(0);
	g_autofree char *wide = g_strnfill(100, 'w');
	format_table_cell(table, wide);
	format_table_cell(table, wide);
	format_table_write(table, FALSE, out);
	g_auto(GStrv) cells = g_strsplit(g_strchomp((char *)wipe_buffer_data(out)), "  ", 2);
	g_assert_cmpuint(format_width(cells[0]), ==, 60);
	g_assert_true(g_str_has_suffix(cells[0], "…"));
	g_assert_cmpstr(cells[1], ==, wide);
}

/* The terminal would cut words where its edge is. */
static void a_table_wider_than_the_terminal_goes_on_below_its_second_column(void)
{
	g_autoptr(FormatTable) table = format_table_new(4);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(0);
	const char *cells[] = {"A", "B", "C", "D", "өтініш", "жаңа", "жіберілді", "a subject that is long", "x", "y", "", "z"};
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
		format_table_cell(table, cells[i]);
	format_table_fold(table, 21);
	format_table_write(table, FALSE, out);
	g_assert_cmpstr(wipe_buffer_data(out), ==,
	                "A       B\n        C\n        D\n\n"
	                "өтініш  жаңа\n        жіберілді\n        a subject\n        that is long\n\n"
	                "x       y\n        z\n");
	g_autoptr(WipeBuffer) whole = wipe_buffer_new(0);
	format_table_fold(table, 23);
	format_table_write(table, FALSE, whole);
	g_assert_true(g_str_has_prefix(wipe_buffer_data(whole), "A       B     C\n        D\nөтініш  жаңа  жіберілді\n"));
}

static void a_word_is_not_cut_at_the_edge_of_the_terminal(void)
{
	static const struct {
		const char *text, *folded;
		guint width, hang;
	} rows[] = {
		{"жіберетін ештеңе қалмады\n", "жіберетін\nештеңе\nқалмады\n", 10, 0},
		{"жіберетін ештеңе қалмады\n", "жіберетін ештеңе қалмады\n", 0, 0},
		{"ab cd ef\n  gh ij kl\n", "ab\n   cd\n   ef\n  gh\n  ij\n  kl\n", 6, 3}, /* the first word stands in column 3 */
		{"a\n\n b  c\n", "a\n\n b  c\n", 20, 0},
		{"aaaaaaaaaaaa b", "aaaaaaaaaaaa b", 8, 0}, /* the terminal cuts it, and b still fits behind it */
		{"\033[1mab cd\033[0m", "\033[1mab cd\033[0m", 5, 0},
		{"", "", 5, 0},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(WipeBuffer) out = wipe_buffer_new(0);
		format_fold(rows[i].text, rows[i].width, rows[i].hang, out);
		g_assert_cmpstr(wipe_buffer_data(out), ==, rows[i].folded);
	}
}

static void a_moment_is_shown_in_the_organisations_zone(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	gint64 moment = G_GINT64_CONSTANT(1795288140) * G_USEC_PER_SEC; /* 2026-11-21T18:29:00Z */
	g_autofree char *short_form = format_time(moment, zone), *iso = format_time_iso(moment, zone);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) there = g_date_time_to_timezone(utc, zone);
	g_autofree char *expected = g_date_time_format(there, "%Y-%m-%dT%H:%M:%S%:z");
	g_assert_cmpstr(iso, ==, expected);
	g_assert_true(g_str_has_suffix(iso, ":00") && strlen(iso) == strlen("2026-11-21T23:29:00+05:00"));
	g_assert_cmpint(short_form[10], ==, ' ');
	g_assert_cmpmem(short_form, 10, iso, 10);
}

static void a_size_has_its_unit(void)
{
	static const struct {
		guint64 size;
		const char *shown;
	} rows[] = {{0, "0 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1536, "1.5 KiB"}, {5 << 20, "5.0 MiB"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = format_size(rows[i].size);
		g_assert_cmpstr(shown, ==, rows[i].shown);
	}
}

static void a_word_that_is_not_known_is_escaped(void)
{
	g_autofree char *known = format_word("withheld"), *unknown = format_word("x\033"), *none = format_word(NULL);
	g_assert_cmpstr(known, !=, "withheld");
	g_assert_cmpstr(unknown, ==, "x\\u{001B}");
	g_assert_cmpstr(none, ==, "-");
}

static void a_case_is_what_was_typed_or_it_is_not(void)
{
	static const struct {
		const char *typed, *mailbox, *name;
		gboolean same;
	} rows[] = {
		{"2026/17", "senim@kmo.kz", "2026/17", TRUE},       {"17", "senim@kmo.kz", "2026/17", TRUE},
		{"X-5", "senim@kmo.kz", "2026/X-5", TRUE},          {"senim:17", "senim@kmo.kz", "2026/17", TRUE},
		{"senim@kmo.kz:2026/X-5", "senim@kmo.kz", "2026/X-5", TRUE},
		{"SENIM:17", "senim@kmo.kz", "2026/17", TRUE},      {"17", "senim@kmo.kz", "2025/17", FALSE},
		{"17", "senim@kmo.kz", "2026/X-17", FALSE},         {"17", "senim@kmo.kz", "2026/170", FALSE},
		{"sen:17", "senim@kmo.kz", "2026/17", FALSE},       {"2026/17", "senim@kmo.kz", "2026/18", FALSE},
		/* an arrival that was given a number: the registered record says whether it is that one */
		{"X-5", "senim@kmo.kz", "2026/17", TRUE},           {"sen:X-5", "senim@kmo.kz", "2026/17", FALSE},
		{"X-5", "senim@kmo.kz", "2026/X-6", FALSE},
	};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	gint64 now = G_GINT64_CONSTANT(1795288140) * G_USEC_PER_SEC;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		Case c = {.mailbox = (char *)rows[i].mailbox, .name = (char *)rows[i].name};
		g_assert_cmpint(case_is_named(&c, rows[i].typed, zone, now), ==, rows[i].same);
		gboolean renamed = rows[i].same && strcmp(rows[i].typed, "X-5") == 0 && strcmp(rows[i].name, "2026/17") == 0;
		g_assert_cmpstr(c.asked, ==, renamed ? "2026/X-5" : NULL);
		g_free(c.asked);
	}
}

static void this_year_is_the_organisations(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	gint64 eve = G_GINT64_CONSTANT(1798744200) * G_USEC_PER_SEC; /* 2026-12-31T19:10:00Z: 2027 in Almaty */
	Case c = {.mailbox = (char *)"senim@kmo.kz", .name = (char *)"2027/1"};
	g_assert_true(case_is_named(&c, "1", zone, eve));
}

static void what_names_no_case_is_said(void)
{
	static const char *const bad[] = {"", "0", "017", "2026", "2026/", "26/17", "2026/x-5", "2026/X-0", ":17", "17 ",
	                                  "2026/17/1", "2026/-1", "2026/9999999999", "a b", "X-"};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		gboolean good = case_check_name(bad[i], &error);
		if (strcmp(bad[i], "2026") == 0) /* the 2026th of this year */
			g_assert_true(good);
		else
			g_assert_false(good);
	}
}

/* Run in a child, since a process has one language. */
static void speaks(const char *language, const char *expected)
{
	if (g_test_subprocess()) {
		g_setenv("LANGUAGE", "", TRUE);
		g_setenv("LC_ALL", "C", TRUE);
		language_init(CATALOGUES, language);
		g_print("%s\n", _("sent"));
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_autofree char *pattern = g_strdup_printf("*%s*", expected);
	g_test_trap_assert_stdout(pattern);
}

static void kazakh_is_spoken_without_its_locale(void)
{
	speaks("kk", "жіберілді");
}

static void russian_is_spoken_without_its_locale(void)
{
	speaks("ru", "отправлено");
}

static void english_is_spoken_where_nothing_is_asked(void)
{
	speaks(NULL, "sent");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/format/a-table-escapes-and-aligns-its-cells", a_table_escapes_and_aligns_its_cells);
	g_test_add_func("/cli/format/a-long-cell-is-cut-but-in-the-last-column", a_long_cell_is_cut_but_in_the_last_column);
	g_test_add_func("/cli/format/a-table-wider-than-the-terminal-goes-on-below-its-second-column",
	                a_table_wider_than_the_terminal_goes_on_below_its_second_column);
	g_test_add_func("/cli/format/a-word-is-not-cut-at-the-edge-of-the-terminal", a_word_is_not_cut_at_the_edge_of_the_terminal);
	g_test_add_func("/cli/format/a-moment-is-shown-in-the-organisations-zone", a_moment_is_shown_in_the_organisations_zone);
	g_test_add_func("/cli/format/a-size-has-its-unit", a_size_has_its_unit);
	g_test_add_func("/cli/format/a-word-that-is-not-known-is-escaped", a_word_that_is_not_known_is_escaped);
	g_test_add_func("/cli/case/a-case-is-what-was-typed-or-it-is-not", a_case_is_what_was_typed_or_it_is_not);
	g_test_add_func("/cli/case/this-year-is-the-organisations", this_year_is_the_organisations);
	g_test_add_func("/cli/case/what-names-no-case-is-said", what_names_no_case_is_said);
	g_test_add_func("/cli/language/kazakh-is-spoken-without-its-locale", kazakh_is_spoken_without_its_locale);
	g_test_add_func("/cli/language/russian-is-spoken-without-its-locale", russian_is_spoken_without_its_locale);
	g_test_add_func("/cli/language/english-is-spoken-where-nothing-is-asked", english_is_spoken_where_nothing_is_asked);
	return g_test_run();
}
