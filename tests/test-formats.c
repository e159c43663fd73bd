/* SPDX-License-Identifier: ISC */
/* doc/formats.md against the code: every kind of entry with its number, what it concerns and the keys of its record.
 *
 * `tests/test-formats --kinds` prints the table as the code would have it. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "store/entry.h"

static char *keys_of(guint kind)
{
	const RecordField *schema = entry_schema(kind);
	g_autoptr(GString) out = g_string_new(NULL);
	for (; schema != NULL && schema->key != NULL; schema++)
		g_string_append_printf(out, "%s`%s`%s", out->len > 0 ? ", " : "", schema->key,
		                       schema->max > 1    ? "\\*"
		                       : schema->min == 0 ? "?"
		                                          : "");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *table(void)
{
	GString *out = g_string_new("| kind | name | concerns | keys of the record |\n| --- | --- | --- | --- |\n");
	for (guint kind = 0; kind < 256; kind++) {
		if (entry_kind_name(kind) == NULL)
			continue;
		g_autofree char *keys = keys_of(kind);
		g_string_append_printf(out, "| %u | %s | %s | %s |\n", kind, entry_kind_name(kind),
		                       entry_kind_concerns(kind) ? "an entry" : "", keys);
	}
	return g_string_free(out, FALSE);
}

static void the_page_has_every_kind_as_the_code_has_it(void)
{
	g_autofree char *page = NULL, *wanted = table();
	g_autoptr(GError) error = NULL;
	g_file_get_contents(PAGE, &page, NULL, &error);
	g_assert_no_error(error);
	if (strstr(page, wanted) == NULL)
		g_error("doc/formats.md lacks this table:\n%s", wanted);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--kinds") == 0) {
		g_autofree char *text = table();
		fputs(text, stdout);
		return 0;
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/formats.md/the page has every kind as the code has it", the_page_has_every_kind_as_the_code_has_it);
	return g_test_run();
}
