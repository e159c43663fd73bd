/* SPDX-License-Identifier: ISC */
/* senim.conf(5) against the table of keys: each key has its entry there, with what it takes, its default and whether a
 * reload takes it, word for word; the page has no entry besides; its examples are configurations.
 *
 * `tests/test-manpage --entries` prints the entries as the table would have them. Sentences may follow an entry. */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "installed.h"

/* roff's own characters, and those that it would turn into typographic ones. */
static char *escape_roff(const char *text)
{
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p++) {
		switch (*p) {
		case '\\': g_string_append(out, "\\e"); break;
		case '~': g_string_append(out, "\\(ti"); break;
		case '^': g_string_append(out, "\\(ha"); break;
		case '`': g_string_append(out, "\\(ga"); break;
		case '\'': g_string_append(out, "\\(aq"); break;
		case '-': g_string_append(out, "\\-"); break;
		default: g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, FALSE);
}

/* Paths that configure chose stand in the page by the name of the choice. */
static char *preset_on_page(const ConfigKey *key)
{
	const char *preset = key->preset != NULL ? key->preset : key->preset_words;
	if (preset == NULL)
		return g_strdup("none, the key must be there");
	if (*preset == '\0')
		return g_strdup("nothing");
	static const char *const places[][2] = {
		{PKGDATADIR "/", "datadir"}, {PKGLIBEXECDIR "/", "libexecdir"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_str_has_prefix(preset, places[i][0]))
			return g_strdup_printf("senim/%s in %s", preset + strlen(places[i][0]), places[i][1]);
	return g_strdup(preset);
}

static char *entry(const ConfigKey *key)
{
	g_autofree char *takes = config_key_takes(key);
	g_autofree char *preset = preset_on_page(key);
	g_autofree char *safe_takes = escape_roff(takes), *safe_preset = escape_roff(preset), *name = escape_roff(key->key);
	return g_strdup_printf(".It Ic %s\n%s.\nIt takes %s.\nDefault: %s.\n%s\n", name, key->meaning, safe_takes, safe_preset,
	                       key->reload ? "A reload takes it." : "A change waits for a restart.");
}

static char *read_page(void)
{
	char *page = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(PAGE, &page, NULL, &error);
	g_assert_no_error(error);
	return page;
}

/* From ".Ss HEADING" to the next section. */
static char *subsection(const char *page, const char *heading)
{
	g_autofree char *line = g_strdup_printf("\n.Ss %s\n", heading);
	const char *from = strstr(page, line);
	if (from == NULL)
		g_error("senim.conf.5 has no subsection %s", heading);
	const char *next = strstr(from + 1, "\n.S");
	return g_strndup(from, next != NULL ? (gsize)(next + 1 - from) : strlen(from));
}

static const char *const headings[CONFIG_SECTIONS] = {
	[CONFIG_SENIM] = "Section [senim]",
	[CONFIG_MAILBOX] = "Sections [mailbox ADDRESS]",
	[CONFIG_OFFICER] = "Sections [officer NAME]",
	[CONFIG_RECOVERY] = "Sections [recovery NAME]",
	[CONFIG_ADDRESSEE] = "Sections [addressee NAME]",
	[CONFIG_PERSON] = "Sections [person NAME]",
	[CONFIG_TRUSTEE] = "Sections [trustee NAME]",
};

static void the_page_has_each_key_as_the_table_has_it(void)
{
	g_autofree char *page = read_page();
	guint n;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *part = subsection(page, headings[keys[i].section]);
		g_autofree char *wanted = entry(&keys[i]);
		if (strstr(part, wanted) == NULL)
			g_error("under \"%s\" senim.conf.5 lacks:\n%s", headings[keys[i].section], wanted);
	}
}

static void the_page_has_no_other_key(void)
{
	g_autofree char *page = read_page();
	guint n, found = 0;
	config_keys(&n);
	for (const char *p = page; (p = strstr(p, "\n.It Ic ")) != NULL; p++)
		found++;
	g_assert_cmpuint(found, ==, n);
}

static void assert_loads(const char *text)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("test-manpage-XXXXXX", &path, NULL);
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = config_load(path, &error);
	g_unlink(path);
	g_assert_no_error(error);
}

static void each_example_is_a_configuration(void)
{
	g_autofree char *page = read_page();
	const char *p = strstr(page, "\n.Sh EXAMPLES\n");
	guint examples = 0;
	g_assert_nonnull(p);
	for (; (p = strstr(p, "\n.Bd -literal")) != NULL; examples++) {
		const char *from = strchr(p + 1, '\n') + 1, *to = strstr(p, "\n.Ed");
		g_assert_nonnull(to);
		g_autofree char *raw = g_strndup(from, (gsize)(to + 1 - from));
		g_autoptr(GString) text = g_string_new(raw);
		g_string_replace(text, "\\-", "-", 0);
		g_assert_null(strchr(text->str, '\\'));
		assert_loads(text->str);
		p = to;
	}
	g_assert_cmpuint(examples, >, 0);
}

static void print_entries(void)
{
	guint n;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *text = entry(&keys[i]);
		if (i == 0 || keys[i - 1].section != keys[i].section)
			printf("%s.Ss %s\n.Bl -tag -width Ds\n", i > 0 ? ".El\n" : "", headings[keys[i].section]);
		printf("%s", text);
	}
	printf(".El\n");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--entries") == 0) {
		print_entries();
		return 0;
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/senim.conf.5/the page has each key as the table has it", the_page_has_each_key_as_the_table_has_it);
	g_test_add_func("/senim.conf.5/the page has no other key", the_page_has_no_other_key);
	g_test_add_func("/senim.conf.5/each example is a configuration", each_example_is_a_configuration);
	return g_test_run();
}
