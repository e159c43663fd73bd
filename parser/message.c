/* SPDX-License-Identifier: ISC */
#include "parser/message.h"

#include <gmime/gmime.h>
#include <string.h>

#include "parser/autocleanups.h"
#include "parser/charset.h"
#include "parser/header.h"
#include "parser/html.h"
#include "parser/language.h"
#include "parser/prescan.h"
#include "parser/walk.h"

#define HEADERS_MAX (256u << 10)

/* --- the message ------------------------------------------------------------------ */

static void address_clear(gpointer data)
{
	MessageAddress *row = data;
	g_free(row->name);
	g_free(row->address);
}

static void field_clear(gpointer data)
{
	MessageField *row = data;
	g_free(row->name);
	g_free(row->value);
}

static void attachment_clear(gpointer data)
{
	MessageAttachment *row = data;
	g_free(row->type);
	g_free(row->name);
}

static GArray *rows_new(guint size, GDestroyNotify clear)
{
	GArray *rows = g_array_new(FALSE, FALSE, size);
	g_array_set_clear_func(rows, clear);
	return rows;
}

static Message *message_new(void)
{
	Message *message = g_new0(Message, 1);
	message->fields = rows_new(sizeof(MessageField), field_clear);
	message->from = rows_new(sizeof(MessageAddress), address_clear);
	message->reply_to = rows_new(sizeof(MessageAddress), address_clear);
	message->to = rows_new(sizeof(MessageAddress), address_clear);
	message->cc = rows_new(sizeof(MessageAddress), address_clear);
	message->attachments = rows_new(sizeof(MessageAttachment), attachment_clear);
	message->references = g_ptr_array_new_with_free_func(g_free);
	message->charsets = g_ptr_array_new_with_free_func(g_free);
	message->notes = g_ptr_array_new();
	message->text = g_string_sized_new(1024);
	message->headers = g_string_new(NULL);
	return message;
}

void message_free(Message *message)
{
	if (message == NULL)
		return;
	g_array_unref(message->fields);
	g_array_unref(message->from);
	g_array_unref(message->reply_to);
	g_array_unref(message->to);
	g_array_unref(message->cc);
	g_array_unref(message->attachments);
	g_ptr_array_unref(message->references);
	g_ptr_array_unref(message->charsets);
	g_ptr_array_unref(message->notes);
	g_string_free(message->text, TRUE);
	g_string_free(message->headers, TRUE);
	g_free(message->content_type);
	g_free(message->report_type);
	g_free(message->subject);
	g_free(message->date);
	g_free(message->message_id);
	g_free(message);
}

void message_note(Message *message, const char *word)
{
	if (!g_ptr_array_find_with_equal_func(message->notes, word, g_str_equal, NULL))
		g_ptr_array_add(message->notes, (gpointer)word);
}

void message_note_limit(Message *message, const char *word)
{
	message->partial = TRUE;
	message_note(message, word);
}

/* --- the message's own header ----------------------------------------------------------------- */

/* RFC 5322, 3.3. */
static void read_moment(Message *message)
{
	g_autoptr(GDateTime) moment = message->date != NULL ? g_mime_utils_header_decode_date(message->date) : NULL;
	gint64 seconds = moment != NULL ? g_date_time_to_unix(moment) : 0;
	if (seconds <= 0)
		return;
	message->dated = seconds;
	message->dated_offset = g_date_time_get_utc_offset(moment) / G_TIME_SPAN_SECOND;
}

static void read_header(Message *message, GMimeMessage *parsed, MessagePurpose purpose)
{
	GMimeObject *object = GMIME_OBJECT(parsed), *content = g_mime_message_get_mime_part(parsed);
	guint n;
	gboolean all = header_addresses(object, "From", message->from);
	all &= header_addresses(object, "Reply-To", message->reply_to);
	all &= header_addresses(object, "To", message->to);
	all &= header_addresses(object, "Cc", message->cc);
	if (!all)
		message_note_limit(message, "addresses");
	if (message->from->len > 1)
		message_note(message, "several-from");
	message->subject = header_text(object, "Subject", &n);
	if (n > 1)
		message_note(message, "several-subjects");
	message->date = header_text(object, "Date", NULL);
	read_moment(message);
	message->message_id = header_text(object, "Message-Id", NULL);
	header_message_ids(object, "In-Reply-To", message->references, MESSAGE_REFERENCES_MAX);
	header_message_ids(object, "References", message->references, MESSAGE_REFERENCES_MAX);
	header_fields(object, message->fields);
	if (content != NULL)
		header_fields(content, message->fields); /* GMime keeps Content-... with the part that they describe */
	if (purpose == MESSAGE_FOR_VIEW && (!header_lines(object, message->headers, HEADERS_MAX) ||
	                                    (content != NULL && !header_lines(content, message->headers, HEADERS_MAX))))
		message_note_limit(message, "header");
	if (content != NULL) {
		const char *report = g_mime_object_get_content_type_parameter(content, "report-type");
		message->content_type = header_type(content);
		message->report_type = report != NULL ? g_ascii_strdown(report, -1) : NULL;
	}
}

static void note_twice(Message *message, const char *name)
{
	guint n = 0;
	for (guint i = 0; i < message->fields->len; i++)
		n += g_ascii_strcasecmp(g_array_index(message->fields, MessageField, i).name, name) == 0;
	if (n > 1)
		message_note(message, "ambiguous-structure");
}

static void note_prescan(Message *message, const Prescan *scan)
{
	static const struct {
		PrescanFlags flag;
		const char *word;
	} words[] = {
		{PRESCAN_HEADER_CUT, "header"}, {PRESCAN_FIELD_CUT, "field"}, {PRESCAN_BODY_CUT, "parts"},
		{PRESCAN_NUL, "nul"},           {PRESCAN_NO_HEADER, "no-header"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if ((scan->flags & words[i].flag) != 0)
			message_note(message, words[i].word);
	message->partial |= (scan->flags & PRESCAN_PARTIAL) != 0;
}

static Message *read_message(guint8 *data, gsize size, MessagePurpose purpose, guint wanted, GBytes **found)
{
	Prescan scan;
	Message *message = message_new();
	prescan_tame(data, size, &scan);
	note_prescan(message, &scan);
	GByteArray *octets = g_byte_array_new_take(scan.message, scan.size);
	g_autoptr(GMimeMessage) parsed = (scan.flags & PRESCAN_NO_HEADER) == 0 ? walk_parse(octets) : NULL;
	if (parsed != NULL) {
		read_header(message, parsed, purpose);
		note_twice(message, "Content-Type");
		note_twice(message, "Content-Transfer-Encoding");
	}
	*found = walk_parts(message, parsed, octets, wanted);
	g_clear_object(&parsed); /* it refers to the octets */
	g_byte_array_free(octets, FALSE); /* the caller's */
	return message;
}

Message *message_read(guint8 *data, gsize size, MessagePurpose purpose)
{
	GBytes *none;
	return read_message(data, size, purpose, 0, &none);
}

GBytes *message_read_part(guint8 *data, gsize size, guint index)
{
	GBytes *found = NULL;
	message_free(index > 0 ? read_message(data, size, MESSAGE_FOR_PART, index, &found) : NULL);
	return found;
}

/* --- loading -------------------------------------------------------------------------------------- */

void message_load(void)
{
	static const char sample[] =
		"Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0500\r\nDate: Thu, 1 Jan 2026 00:00:00 +0500 (ALMT)\r\n"
		"From: =?koi8-r?B?9MXT1A==?= <a@example.org>\r\nTo: g: b@example.org;\r\nSubject: =?utf-8?q?=D3=99?=\r\n"
		"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
		"--b\r\nContent-Type: text/html; charset=windows-1251\r\nContent-Transfer-Encoding: base64\r\n\r\n0uXx8g==\r\n"
		"--b\r\nContent-Disposition: attachment; filename*=utf-8''%D3%99\r\n\r\nx\r\n"
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n--b--\r\n";
	g_mime_init();
	charset_load();
	language_load();
	html_load();
	g_autofree guint8 *copy = g_memdup2(sample, sizeof sample - 1);
	g_autoptr(Message) message = message_read(copy, sizeof sample - 1, MESSAGE_FOR_VIEW);
	language_of(message->text->str, message->text->len);
}
