/* SPDX-License-Identifier: ISC */
#include "store/armor.h"

#include <string.h>

#include "store/age.h"
#include "store/base64.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define END "-----END AGE ENCRYPTED FILE-----"
#define COLUMNS 64
#define OCTETS (COLUMNS / 4 * 3)

typedef struct {
	const char *at;
	gsize left;
} Input;

/* The next line without LF or CR LF; the last one may lack it. FALSE at the end. */
static gboolean next_line(Input *input, const char **line, gsize *size)
{
	if (input->left == 0)
		return FALSE;
	const char *end = memchr(input->at, '\n', input->left);
	gsize whole = end != NULL ? (gsize)(end - input->at) + 1 : input->left;
	*line = input->at;
	*size = end != NULL ? whole - 1 : whole;
	if (*size > 0 && (*line)[*size - 1] == '\r')
		--*size;
	input->at += whole;
	input->left -= whole;
	return TRUE;
}

static gboolean is_blank(const char *text, gsize size)
{
	while (size > 0 && g_ascii_isspace(text[size - 1]))
		size--;
	return size == 0;
}

static gboolean is(const char *line, gsize size, const char *text)
{
	return size == strlen(text) && memcmp(line, text, size) == 0;
}

static gboolean skip_to_begin(Input *input)
{
	const char *line;
	gsize size;
	while (next_line(input, &line, &size))
		if (!is_blank(line, size))
			return is(line, size, BEGIN);
	return FALSE;
}

gboolean armor_is(const void *data, gsize size)
{
	Input input = {data, size};
	return skip_to_begin(&input);
}

static gboolean read_lines(Input *input, GByteArray *out)
{
	const char *line;
	gsize size, got = OCTETS;
	while (next_line(input, &line, &size)) {
		guint8 octets[OCTETS];
		if (is(line, size, END))
			return is_blank(input->at, input->left);
		/* A short line is the last one. */
		if (got < OCTETS || size == 0 || size > COLUMNS ||
		    !base64_read(line, size, TRUE, octets, sizeof octets, &got))
			return FALSE;
		g_byte_array_append(out, octets, (guint)got);
	}
	return FALSE;
}

GBytes *armor_read(const void *data, gsize size, GError **error)
{
	Input input = {data, size};
	g_autoptr(GByteArray) out = g_byte_array_new();
	if (!skip_to_begin(&input) || !read_lines(&input, out)) {
		g_set_error(error, AGE_ERROR, AGE_ERROR_ARMOR, "this is not an armored age file, or it is cut or altered");
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
