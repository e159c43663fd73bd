/* SPDX-License-Identifier: ISC */
#include "parser/plain.h"

#include <string.h>

#include "parser/charset.h"

#define BASE64_LEAST 20 /* characters of a line that may be base64 */
#define RUN_MAX 65536   /* octets that are decoded together */

typedef struct {
	GString *out;
	GString *base64;  /* of the lines that are being gathered */
	GString *octets;  /* of plain lines, quoted-printable undone */
} Look;

/* Octets of an unknown charset. */
static void flush(GString *octets, GString *out)
{
	if (octets->len == 0 || out->len >= PLAIN_MAX) {
		g_string_truncate(octets, 0);
		return;
	}
	CharsetResult result;
	GString *text = charset_to_utf8(octets->str, octets->len, NULL, PLAIN_MAX - out->len, &result);
	g_string_append_len(out, text->str, (gssize)text->len);
	g_string_append_c(out, '\n');
	g_string_free(text, TRUE);
	g_string_truncate(octets, 0);
}

static void flush_base64(Look *look)
{
	if (look->base64->len >= BASE64_LEAST) {
		g_string_truncate(look->base64, look->base64->len & ~(gsize)3);
		gsize size;
		g_autofree guchar *data = g_base64_decode(look->base64->str, &size);
		g_autoptr(GString) decoded = g_string_new_len((const char *)data, (gssize)size);
		flush(look->octets, look->out);
		flush(decoded, look->out);
	}
	g_string_truncate(look->base64, 0);
}

static gboolean is_base64(const char *line, gsize size)
{
	gsize n = 0;
	while (n < size && (g_ascii_isalnum(line[n]) || line[n] == '+' || line[n] == '/'))
		n++;
	while (n < size && line[n] == '=')
		n++;
	return n == size && size > 0;
}

/* =D0=90, and the _ of an encoded word; a soft line break joins. TRUE: the line ends with one. */
static gboolean add_line(GString *out, const char *line, gsize size)
{
	gboolean tag = FALSE;
	for (gsize i = 0; i < size; i++) {
		if (line[i] == '<' && i + 1 < size && (g_ascii_isalpha(line[i + 1]) || line[i + 1] == '/')) {
			tag = memchr(line + i, '>', size - i) != NULL;
			g_string_append_c(out, ' ');
		}
		if (tag) {
			tag = line[i] != '>';
			continue;
		}
		if (line[i] == '=' && i + 2 < size && g_ascii_isxdigit(line[i + 1]) && g_ascii_isxdigit(line[i + 2])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(line[i + 1]) << 4 | g_ascii_xdigit_value(line[i + 2])));
			i += 2;
		} else if (line[i] == '=' && i + 1 == size) {
			return TRUE;
		} else {
			g_string_append_c(out, line[i] == '_' || line[i] == '\0' ? ' ' : line[i]);
		}
	}
	return FALSE;
}

/* The base64 of encoded words: =?utf-8?B?…?= */
static void add_encoded_words(Look *look, const char *line, gsize size)
{
	for (gsize i = 0; i + 4 < size; i++) {
		if (line[i] != '?' || g_ascii_toupper(line[i + 1]) != 'B' || line[i + 2] != '?')
			continue;
		const char *from = line + i + 3, *end = memchr(from, '?', size - i - 3);
		if (end == NULL)
			return;
		g_autofree char *word = g_strndup(from, (gsize)(end - from));
		gsize n;
		g_autofree guchar *data = g_base64_decode(word, &n);
		g_autoptr(GString) decoded = g_string_new_len((const char *)data, (gssize)n);
		flush(decoded, look->out);
		i = (gsize)(end - line);
	}
}

static void read_line(Look *look, const char *line, gsize size)
{
	if (is_base64(line, size) && (size >= BASE64_LEAST || look->base64->len > 0)) {
		g_string_append_len(look->base64, line, (gssize)size);
		if (look->base64->len >= RUN_MAX)
			flush_base64(look);
		return;
	}
	flush_base64(look);
	add_encoded_words(look, line, size);
	if (!add_line(look->octets, line, size))
		g_string_append_c(look->octets, '\n');
	if (look->octets->len >= RUN_MAX)
		flush(look->octets, look->out);
}

GString *plain_text(const guint8 *data, gsize size)
{
	g_autoptr(GString) base64 = g_string_new(NULL), octets = g_string_new(NULL);
	Look look = {g_string_new(NULL), base64, octets};
	const char *at = (const char *)data, *end = at + size;
	while (at < end && look.out->len < PLAIN_MAX) {
		const char *lf = memchr(at, '\n', (gsize)(end - at));
		gsize length = (gsize)((lf != NULL ? lf : end) - at);
		gsize bare = length > 0 && at[length - 1] == '\r' ? length - 1 : length;
		read_line(&look, at, bare);
		at = lf != NULL ? lf + 1 : end;
	}
	flush_base64(&look);
	flush(octets, look.out);
	return look.out;
}
