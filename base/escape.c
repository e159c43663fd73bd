/* SPDX-License-Identifier: ISC */
#include "base/escape.h"

#include <string.h>

/* Zl and Zp end a line as well; unassigned and private characters show as the font likes and harm nothing. */
static gboolean drives_or_hides(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SURROGATE:
		return TRUE;
	default:
		return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 || c == 0x3164 || c == 0xffa0;
	}
}

static gboolean stays(gunichar c, EscapeMode mode)
{
	return (mode == ESCAPE_TEXT && (c == '\n' || c == '\t')) || !drives_or_hides(c);
}

char *escape_text(const char *text, gssize size, EscapeMode mode)
{
	const char *end = text + (size < 0 ? strlen(text) : (gsize)size);
	GString *out = g_string_sized_new((gsize)(end - text) + 1);
	while (text < end) {
		gunichar c = g_utf8_get_char_validated(text, end - text);
		if (c == (gunichar)-1 || c == (gunichar)-2 || (c == 0 && *text != '\0')) {
			g_string_append_printf(out, "\\x{%02X}", (guint8)*text++);
			continue;
		}
		const char *next = g_utf8_next_char(text);
		if (mode == ESCAPE_TEXT && c == '\r' && next < end && *next == '\n')
			; /* the LF that follows ends the line */
		else if (stays(c, mode))
			g_string_append_len(out, text, next - text);
		else
			g_string_append_printf(out, "\\u{%04X}", c);
		text = next;
	}
	return g_string_free(out, FALSE);
}
