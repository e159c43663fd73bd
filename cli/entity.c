/* SPDX-License-Identifier: ISC */
#include "cli/entity.h"

#include <string.h>

/* Lines of 76 (RFC 2045, 6.8). */
static void add_base64(WipeBuffer *out, const void *data, gsize size)
{
	const guint8 *octets = data;
	for (gsize at = 0; at < size; at += 57) {
		g_autoptr(WipeText) line = g_base64_encode(octets + at, MIN(57, size - at));
		wipe_buffer_add_text(out, line);
		wipe_buffer_add_text(out, "\r\n");
	}
}

static gboolean is_token(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("-_.", *p) == NULL)
			return FALSE;
	return *name != '\0';
}

/* As it is where it is a token, else in the extended form of RFC 2231, 4. */
static char *disposition(const char *name)
{
	if (is_token(name))
		return g_strdup_printf("Content-Disposition: attachment; filename=%s\r\n", name);
	g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
	return g_strdup_printf("Content-Disposition: attachment;\r\n filename*=utf-8''%s\r\n", escaped);
}

void entity_multipart(WipeBuffer *out, const char *type, const char *boundary)
{
	g_autofree char *head = g_strdup_printf("Content-Type: multipart/%s; boundary=%s\r\n\r\n", type, boundary);
	wipe_buffer_add_text(out, head);
}

void entity_alone(WipeBuffer *out, const char *type, const void *data, gsize size)
{
	g_autofree char *head = g_strdup_printf("Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n", type);
	wipe_buffer_add_text(out, head);
	add_base64(out, data, size);
}

void entity_part(WipeBuffer *out, const char *boundary, const char *type, const char *name, const void *data, gsize size)
{
	g_autofree char *head = g_strdup_printf("--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", boundary, type);
	wipe_buffer_add_text(out, head);
	if (name != NULL) {
		g_autoptr(WipeText) line = disposition(name);
		wipe_buffer_add_text(out, line);
	}
	wipe_buffer_add_text(out, "\r\n");
	add_base64(out, data, size);
}

void entity_end(WipeBuffer *out, const char *boundary)
{
	g_autofree char *line = g_strdup_printf("--%s--\r\n", boundary);
	wipe_buffer_add_text(out, line);
}
