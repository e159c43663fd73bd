/* SPDX-License-Identifier: ISC */
#include "parser/body.h"

#include <string.h>

#include "parser/autocleanups.h"

const char *body_raw(GMimePart *part, gsize *size)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	*size = 0;
	if (stream == NULL || !GMIME_IS_STREAM_MEM(stream))
		return "";
	GByteArray *buffer = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	gint64 begin = stream->bound_start, end = stream->bound_end >= 0 ? stream->bound_end : (gint64)buffer->len;
	if (begin < 0 || end > (gint64)buffer->len || begin >= end)
		return "";
	*size = (gsize)(end - begin);
	return (const char *)buffer->data + begin;
}

static GByteArray *decode_uu(GMimePart *part)
{
	g_autoptr(GMimeStream) out = g_mime_stream_mem_new();
	GByteArray *array = g_byte_array_new();
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(out), array);
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), out);
	return array;
}

/* Just as large: an array that is made large grows to the next power of two, which the cage has no room for. */
static GByteArray *array_of(gsize size)
{
	return g_byte_array_new_take(g_malloc(size), size);
}

static GByteArray *decode_base64(const char *raw, gsize size)
{
	gint state = 0;
	guint save = 0;
	GByteArray *out = array_of(size / 4 * 3 + 6);
	gsize n = g_base64_decode_step(raw, size, out->data, &state, &save);
	g_byte_array_set_size(out, (guint)n);
	return out;
}

static GByteArray *decode_quoted(const char *raw, gsize size)
{
	int state = 0;
	guint32 save = 0;
	GByteArray *out = array_of(size + 16);
	gsize n = g_mime_encoding_quoted_decode_step((const unsigned char *)raw, size, out->data, &state, &save);
	g_byte_array_set_size(out, (guint)n);
	return out;
}

GByteArray *body_decode_as(GMimeContentEncoding encoding, const char *raw, gsize size)
{
	if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		return decode_base64(raw, size);
	if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return decode_quoted(raw, size);
	GByteArray *out = array_of(size + 1);
	memcpy(out->data, raw, size);
	g_byte_array_set_size(out, (guint)size);
	return out;
}

GByteArray *body_decode(GMimePart *part, gsize most, gboolean *cut)
{
	gsize size;
	const char *raw = body_raw(part, &size);
	GMimeContentEncoding encoding = g_mime_part_get_content_encoding(part);
	gsize raw_most = encoding == GMIME_CONTENT_ENCODING_BASE64             ? most / 3 * 4 + most / 16
	                 : encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ? most * 3
	                                                                     : most;
	*cut = size > raw_most;
	GByteArray *out = encoding == GMIME_CONTENT_ENCODING_UUENCODE ? decode_uu(part)
	                                                              : body_decode_as(encoding, raw, MIN(size, raw_most));
	if (out->len > most) {
		*cut = TRUE;
		g_byte_array_set_size(out, (guint)most);
	}
	return out;
}

static guint64 base64_size(const char *raw, gsize size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	guint8 counts[256] = {0};
	guint64 characters = 0, padding = 0;
	for (const char *c = alphabet; *c != '\0'; c++)
		counts[(guint8)*c] = 1;
	for (gsize i = 0; i < size; i++) {
		characters += counts[(guint8)raw[i]];
		padding += raw[i] == '=';
	}
	return characters / 4 * 3 - MIN(padding, characters / 4 * 3);
}

static guint64 stream_size(GMimePart *part)
{
	g_autoptr(GMimeStream) nowhere = g_mime_stream_null_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), nowhere);
	return GMIME_STREAM_NULL(nowhere)->written;
}

guint64 body_size(GMimePart *part)
{
	gsize size;
	const char *raw = body_raw(part, &size);
	GMimeContentEncoding encoding = g_mime_part_get_content_encoding(part);
	if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		return base64_size(raw, size); /* GMime's decoder may stop at padding */
	if (size > 0 && (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE || encoding == GMIME_CONTENT_ENCODING_UUENCODE))
		return stream_size(part);
	return size;
}
