/* SPDX-License-Identifier: ISC */
#include "parser/view.h"

#include "parser/sheet.h"

const RecordField view_schema[] = {
	{"from", 0, VIEW_FROM_MAX},       {"to", 0, VIEW_LIST_MAX},   {"cc", 0, VIEW_LIST_MAX},
	{"reply-to", 0, VIEW_LIST_MAX},   {"date", 1, 1},             {"subject", 1, 1},
	{"attachment", 0, VIEW_LIST_MAX}, {"note", 0, VIEW_LIST_MAX}, {NULL, 0, 0},
};

static void add_addresses(Sheet *sheet, const char *key, const GArray *rows, guint most)
{
	guint n = 0;
	for (guint i = 0; i < rows->len && sheet_may_add(sheet, &n, most); i++) {
		const MessageAddress *row = &g_array_index(rows, MessageAddress, i);
		g_autofree char *both = *row->name == '\0'      ? g_strdup(row->address)
		                        : *row->address == '\0' ? g_strdup(row->name)
		                                                : g_strdup_printf("%s <%s>", row->name, row->address);
		sheet_add(sheet, key, both);
	}
}

static void add_attachments(Sheet *sheet, const Message *message)
{
	guint n = 0;
	for (guint i = 0; i < message->attachments->len && sheet_may_add(sheet, &n, VIEW_LIST_MAX); i++) {
		const MessageAttachment *row = &g_array_index(message->attachments, MessageAttachment, i);
		g_autofree char *line =
			g_strdup_printf("%u %s %" G_GUINT64_FORMAT " %s", i + 1, row->type, row->size, row->name);
		sheet_add(sheet, "attachment", line);
	}
}

#define SUGGESTIONS 16384 /* octets that senim-examine adds */

static Sheet sheet_of(const Message *message, gsize most)
{
	Sheet sheet = {record_new(), most, message->partial};
	add_addresses(&sheet, "from", message->from, VIEW_FROM_MAX);
	add_addresses(&sheet, "to", message->to, VIEW_LIST_MAX);
	add_addresses(&sheet, "cc", message->cc, VIEW_LIST_MAX);
	add_addresses(&sheet, "reply-to", message->reply_to, VIEW_LIST_MAX);
	sheet_add_or_dash(&sheet, "date", message->date);
	sheet_add_or_dash(&sheet, "subject", message->subject);
	add_attachments(&sheet, message);
	sheet_add_strings(&sheet, "note", message->notes, 32);
	if (message->opaque)
		record_add(sheet.record, "note", "opaque");
	if (sheet.cut)
		record_add(sheet.record, "note", "partial");
	return sheet;
}

Bundle *view_new(const Message *message)
{
	Bundle *view = NULL;
	for (gsize most = SHEET_VALUE_MAX; view == NULL; most /= 2) {
		Sheet sheet = sheet_of(message, most);
		if (most <= SHEET_VALUE_LEAST || sheet_fits(&sheet, RECORD_MAX - SUGGESTIONS)) {
			const char *key, *value;
			view = bundle_new();
			for (guint i = 0; record_line(sheet.record, i, &key, &value); i++)
				record_add(bundle_record(view), key, value);
		}
		sheet_clear(&sheet);
	}
	bundle_add_copy(view, "text", message->text->str, message->text->len);
	bundle_add_copy(view, "headers", message->headers->str, message->headers->len);
	return view;
}
