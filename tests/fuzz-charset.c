/* SPDX-License-Identifier: ISC */
/* Any octets under any label (the first line) become valid UTF-8 within the limit. */
#include <glib.h>
#include <string.h>

#include "parser/charset.h"
#include "parser/html.h"
#include "parser/language.h"

#define MOST 5000

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void check(const GString *text, gsize most)
{
	g_assert_cmpuint(text->len, <=, most);
	for (gsize at = 0; at < text->len; at += strlen(text->str + at) + 1)
		g_assert_true(g_utf8_validate(text->str + at, -1, NULL));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	CharsetResult charset;
	HtmlResult html;
	const guint8 *lf = size > 0 ? memchr(data, '\n', size) : NULL;
	gsize line = lf != NULL ? (gsize)(lf - data) : 0;
	g_autofree char *label = g_strndup((const char *)data, line);
	const char *octets = (const char *)data + line;
	charset_load();
	html_load();
	g_autoptr(GString) text = charset_to_utf8(octets, size - line, *label != '\0' ? label : NULL, MOST, &charset);
	check(text, MOST);
	g_autoptr(GString) seen = html_to_text(text->str, text->len, MOST, &html);
	check(seen, 4 * MOST + 8192);
	language_of(text->str, text->len);
	return 0;
}
