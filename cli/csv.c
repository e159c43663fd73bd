/* SPDX-License-Identifier: ISC */
#include "cli/csv.h"

#include "base/escape.h"

/* What a spreadsheet takes for a formula, also behind blanks and in the wide forms of the signs. */
static gboolean is_formula(const char *text)
{
	while (*text == ' ' || *text == '\n' || g_str_has_prefix(text, "\xc2\xa0"))
		text += *text == '\xc2' ? 2 : 1;
	return g_utf8_strchr("=+-@\t\r＝＋－＠", -1, g_utf8_get_char(text)) != NULL && *text != '\0';
}

void csv_add_field(WipeBuffer *out, const char *text, gboolean last)
{
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, is_formula(safe) ? "\"'" : "\"");
	for (const char *p = safe; *p != '\0'; p++) {
		wipe_buffer_add(out, p, 1);
		if (*p == '"')
			wipe_buffer_add(out, p, 1);
	}
	wipe_buffer_add_text(out, last ? "\"\r\n" : "\",");
}
