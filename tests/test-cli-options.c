/* SPDX-License-Identifier: ISC */
/* The command line and officer.conf: options before and after words, what is wrong is named, grounds leave argv. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "cli/cli.h"

/* A line as the shell would hand it over, in memory that may be written. */
static Options *parse(const char *line, GError **error)
{
	int argc;
	char **argv;
	g_assert_true(g_shell_parse_argv(line, &argc, &argv, NULL));
	Options *options = options_parse(options_table, argc, argv, error);
	g_strfreev(argv);
	return options;
}

static void options_stand_before_and_after_their_words(void)
{
	static const char *const lines[] = {
		"senim --officer a --ground g show 2026/17 --json",
		"senim show --json 2026/17 --ground=g --officer=a",
		"senim show 2026/17 --json --officer a --ground g",
		"senim --json --ground g --officer a -- show 2026/17",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(Options) options = parse(lines[i], NULL);
		g_assert_nonnull(options);
		g_assert_cmpuint(options_words(options), ==, 2);
		g_assert_cmpstr(options_word(options, 0), ==, "show");
		g_assert_cmpstr(options_word(options, 1), ==, "2026/17");
		g_assert_null(options_word(options, 2));
		g_assert_cmpstr(options_value(options, "ground"), ==, "g");
		g_assert_cmpstr(options_value(options, "officer"), ==, "a");
		g_assert_true(options_flag(options, "json"));
		g_assert_false(options_flag(options, "raw"));
	}
}

static void a_list_keeps_its_order_and_a_dash_is_a_value(void)
{
	g_autoptr(Options) options = parse("senim init DIR --officer a=A --officer b=B --ground - -o -x", NULL);
	g_assert_cmpstr(options_nth(options, "officer", 0), ==, "a=A");
	g_assert_cmpstr(options_nth(options, "officer", 1), ==, "b=B");
	g_assert_null(options_nth(options, "officer", 2));
	g_assert_cmpstr(options_value(options, "ground"), ==, "-");
	g_assert_cmpstr(options_value(options, "output"), ==, "-x");
	g_assert_cmpstr(options_given(options, 3), ==, "output");
	g_assert_null(options_given(options, 4));
}

static void what_is_wrong_is_named(void)
{
	static const struct {
		const char *line, *named;
	} rows[] = {
		{"senim list --jason", "--jason"},      {"senim list -x", "-x"},
		{"senim list --json=yes", "--json"},    {"senim show 1 --ground", "--ground"},
		{"senim --config a --config b list", "--config"}, {"senim list --\033[2J", "\\u{001B}"},
		{"senim list -hx", "-hx"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(parse(rows[i].line, &error));
		g_assert_error(error, CLI_ERROR, CLI_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, rows[i].named));
		g_assert_nonnull(strstr(error->message, ": "));
	}
}

static void what_may_name_a_person_leaves_argv(void)
{
	char ground[] = "Askar Serikov complained", to[] = "--to=askar@example.kz";
	char program[] = "senim", option[] = "--ground";
	char *argv[] = {program, option, ground, to, NULL};
	g_autoptr(Options) options = options_parse(options_table, 4, argv, NULL);
	g_assert_cmpstr(options_value(options, "ground"), ==, "Askar Serikov complained");
	g_assert_cmpstr(options_value(options, "to"), ==, "askar@example.kz");
	g_assert_null(strstr(ground, "Askar"));
	g_assert_null(strstr(to, "askar"));
	g_assert_nonnull(strstr(to, "--to="));
}

static Settings *load(const char *text, GError **error)
{
	g_autofree char *directory = g_dir_make_tmp("senim-settings-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "officer.conf", NULL);
	if (text != NULL)
		g_assert_true(g_file_set_contents(path, text, -1, NULL));
	Settings *settings = settings_load(path, error);
	g_unlink(path);
	g_rmdir(directory);
	return settings;
}

static void officer_conf_is_overruled_by_options(void)
{
	g_autoptr(Settings) settings = load("[senim]\nconfig = /etc/senim.conf\nofficer = aigul\nlog-pub = ~/log.pub\n", NULL);
	g_autoptr(Options) options = parse("senim list --desk /run/desk.sock --identity k", NULL);
	g_autofree char *home = g_build_filename(g_get_home_dir(), "log.pub", NULL);
	g_assert_cmpstr(settings->config, ==, "/etc/senim.conf");
	g_assert_true(settings_overrule(settings, options, NULL));
	g_assert_null(settings->config);
	g_assert_cmpstr(settings->desk, ==, "/run/desk.sock");
	g_assert_cmpstr(settings->officer, ==, "aigul");
	g_assert_cmpstr(settings->identity, ==, "k");
	g_assert_cmpstr(settings->log_pub, ==, home);
}

static void a_missing_officer_conf_is_none(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Settings) settings = load(NULL, &error);
	g_assert_no_error(error);
	g_assert_null(settings->officer);
}

static void a_bad_officer_conf_is_named(void)
{
	static const struct {
		const char *text, *named;
	} rows[] = {
		{"[senim]\noficer = a\n", "oficer"}, {"[senim]\nofficer =\n", "officer"}, {"[other]\nofficer = a\n", "[senim]"},
		{"[senim]\nconfig = a\ndesk = b\n", "desk"}, {"no key file", "officer.conf"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(load(rows[i].text, &error));
		g_assert_error(error, CLI_ERROR, CLI_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, rows[i].named));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/options/options-stand-before-and-after-their-words", options_stand_before_and_after_their_words);
	g_test_add_func("/cli/options/a-list-keeps-its-order-and-a-dash-is-a-value", a_list_keeps_its_order_and_a_dash_is_a_value);
	g_test_add_func("/cli/options/what-is-wrong-is-named", what_is_wrong_is_named);
	g_test_add_func("/cli/options/what-may-name-a-person-leaves-argv", what_may_name_a_person_leaves_argv);
	g_test_add_func("/cli/settings/officer-conf-is-overruled-by-options", officer_conf_is_overruled_by_options);
	g_test_add_func("/cli/settings/a-missing-officer-conf-is-none", a_missing_officer_conf_is_none);
	g_test_add_func("/cli/settings/a-bad-officer-conf-is-named", a_bad_officer_conf_is_named);
	return g_test_run();
}
