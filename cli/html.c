/* SPDX-License-Identifier: ISC */
#include "cli/html.h"

#include "base/escape.h"

void html_add(WipeBuffer *out, const char *text)
{
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_TEXT), marked = g_markup_escape_text(safe, -1);
	wipe_buffer_add_text(out, marked);
}

void html_add_element(WipeBuffer *out, const char *open, const char *text, const char *close)
{
	wipe_buffer_add_text(out, open);
	html_add(out, text);
	wipe_buffer_add_text(out, close);
}
