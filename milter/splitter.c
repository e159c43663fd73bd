/* SPDX-License-Identifier: ISC */
#include "milter/splitter.h"

#include <string.h>

struct Splitter {
	Session *session;
	GByteArray *field; /* of the header field so far, whole lines as they came */
	GByteArray *line;  /* of the line so far */
	gboolean in_body, any_line, after_cr;
};

Splitter *splitter_new(Session *session)
{
	Splitter *splitter = g_new0(Splitter, 1);
	splitter->session = session;
	splitter->field = g_byte_array_new();
	splitter->line = g_byte_array_new();
	return splitter;
}

static void wipe(GByteArray *array)
{
	if (array->len > 0)
		explicit_bzero(array->data, array->len);
	g_byte_array_set_size(array, 0);
}

void splitter_free(Splitter *splitter)
{
	if (splitter == NULL)
		return;
	wipe(splitter->field);
	wipe(splitter->line);
	g_byte_array_unref(splitter->field);
	g_byte_array_unref(splitter->line);
	g_free(splitter);
}

/* --- the body ------------------------------------------------------------------------------- */

/* Every LF without its CR gets one; all else is left as it is. */
static void write_body(Splitter *splitter, const guint8 *data, gsize size)
{
	const guint8 *end = data + size;
	while (data < end) {
		const guint8 *lf = memchr(data, '\n', (gsize)(end - data));
		const guint8 *stop = lf != NULL ? lf : end;
		if (stop > data) {
			session_body(splitter->session, data, (gsize)(stop - data));
			splitter->after_cr = stop[-1] == '\r';
		}
		if (lf != NULL) {
			session_body(splitter->session, splitter->after_cr ? "\n" : "\r\n", splitter->after_cr ? 1 : 2);
			splitter->after_cr = FALSE;
		}
		data = lf != NULL ? lf + 1 : end;
	}
}

static void begin_body(Splitter *splitter)
{
	splitter->in_body = TRUE;
	session_end_of_fields(splitter->session);
}

/* --- the header ------------------------------------------------------------------------------- */

/* RFC 5322 3.6.8: printable US-ASCII but for the colon; blanks before the colon are the obsolete syntax's. */
static gsize name_length(const guint8 *line, gsize size)
{
	gsize length = 0;
	while (length < size && line[length] > ' ' && line[length] < 0x7f && line[length] != ':')
		length++;
	gsize colon = length;
	while (colon < size && (line[colon] == ' ' || line[colon] == '\t'))
		colon++;
	return length > 0 && colon < size && line[colon] == ':' ? colon : 0;
}

static void end_field(Splitter *splitter)
{
	GByteArray *field = splitter->field;
	if (field->len == 0)
		return;
	gsize colon = name_length(field->data, field->len), size = field->len;
	g_autofree char *name = g_strndup((const char *)field->data, colon);
	size -= size > colon + 1 && field->data[size - 1] == '\n' ? 1 : 0;
	size -= size > colon + 1 && field->data[size - 1] == '\r' ? 1 : 0;
	session_field(splitter->session, name, (const char *)field->data + colon + 1, size - colon - 1);
	wipe(field);
}

static void take_line(Splitter *splitter)
{
	GByteArray *line = splitter->line;
	gboolean first = !splitter->any_line;
	gboolean empty = (line->len == 1 && line->data[0] == '\n') || (line->len == 2 && memcmp(line->data, "\r\n", 2) == 0);
	splitter->any_line = TRUE;
	if (first && line->len > 5 && memcmp(line->data, "From ", 5) == 0)
		return;
	if (!empty && splitter->field->len > 0 && (line->data[0] == ' ' || line->data[0] == '\t')) {
		g_byte_array_append(splitter->field, line->data, line->len);
		return;
	}
	end_field(splitter);
	if (!empty && name_length(line->data, line->len) > 0) {
		g_byte_array_append(splitter->field, line->data, line->len);
		return;
	}
	begin_body(splitter);
	if (!empty)
		write_body(splitter, line->data, line->len);
}

/* More than a field may have: what is there so far is body. */
static void give_up_header(Splitter *splitter)
{
	begin_body(splitter);
	write_body(splitter, splitter->field->data, splitter->field->len);
	write_body(splitter, splitter->line->data, splitter->line->len);
	wipe(splitter->field);
	wipe(splitter->line);
}

static gsize write_header(Splitter *splitter, const guint8 *data, gsize size)
{
	const guint8 *lf = memchr(data, '\n', size);
	gsize taken = lf != NULL ? (gsize)(lf - data) + 1 : size;
	g_byte_array_append(splitter->line, data, (guint)taken);
	if (splitter->field->len + splitter->line->len > SPLITTER_FIELD_MAX) {
		give_up_header(splitter);
	} else if (lf != NULL) {
		take_line(splitter);
		wipe(splitter->line);
	}
	return taken;
}

void splitter_write(Splitter *splitter, const void *data, gsize size)
{
	const guint8 *next = data;
	while (size > 0 && !splitter->in_body) {
		gsize taken = write_header(splitter, next, size);
		next += taken;
		size -= taken;
	}
	if (size > 0)
		write_body(splitter, next, size);
}

void splitter_finish(Splitter *splitter)
{
	if (splitter->in_body)
		return;
	if (splitter->line->len > 0)
		take_line(splitter);
	wipe(splitter->line);
	if (splitter->in_body)
		return;
	end_field(splitter);
	begin_body(splitter);
}
