/* SPDX-License-Identifier: ISC */
/* Any octets give a text of valid UTF-8, and a finding and a view that pass the checks of those who read them. */
#include <glib.h>
#include <string.h>

#include "base/finding.h"
#include "parser/examine.h"
#include "parser/message.h"
#include "parser/view.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static gboolean is_utf8_but_for_nul(const GString *text)
{
	const char *at = text->str, *end = text->str + text->len;
	while (at < end) {
		gsize run = strlen(at);
		if (!g_utf8_validate_len(at, MIN(run, (gsize)(end - at)), NULL))
			return FALSE;
		at += run + 1;
	}
	return TRUE;
}

static void check_finding(const Message *message)
{
	g_autoptr(Record) job = record_new();
	ExamineWords words = {.automatic = "-", .verdict = "clean"};
	g_autoptr(GError) error = NULL;
	record_add(job, "mailbox", "senim@kmo.kz");
	record_add(job, "envelope-from", "");
	record_add(job, "telephone-system", "-");
	g_autoptr(Bundle) built = examine_finding(job, message, &words);
	g_autoptr(GBytes) octets = bundle_write(built);
	g_assert_cmpuint(g_bytes_get_size(octets), <=, FINDING_MAX);
	g_autoptr(Bundle) finding = bundle_read(g_bytes_get_data(octets, NULL), g_bytes_get_size(octets), NULL, &error);
	g_assert_no_error(error);
	g_autoptr(Record) facts = bundle_part_record(finding, "facts", finding_facts_schema, &error);
	g_assert_no_error(error);
	g_assert_true(finding_check_facts(facts, &error));
	g_autoptr(Record) card = bundle_part_record(finding, "card", finding_card_schema, &error);
	g_assert_no_error(error);
	g_assert_nonnull(card);
}

static void check_view(const Message *message)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Bundle) built = view_new(message);
	g_autoptr(GBytes) octets = bundle_write(built);
	g_autoptr(Bundle) view = bundle_read(g_bytes_get_data(octets, NULL), g_bytes_get_size(octets), view_schema, &error);
	g_assert_no_error(error);
	g_assert_nonnull(view);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static gboolean loaded;
	if (!loaded)
		message_load();
	loaded = TRUE;
	g_autofree guint8 *copy = g_memdup2(data, size);
	g_autoptr(Message) message = message_read(copy, size, MESSAGE_FOR_VIEW);
	g_assert_cmpuint(message->text->len, <=, MESSAGE_TEXT_MAX);
	g_assert_true(is_utf8_but_for_nul(message->text));
	g_assert_true(message->subject == NULL || g_utf8_validate(message->subject, -1, NULL));
	for (guint i = 0; i < message->attachments->len; i++)
		g_assert_true(g_utf8_validate(g_array_index(message->attachments, MessageAttachment, i).name, -1, NULL));
	check_finding(message);
	check_view(message);
	for (guint i = 1; i <= MIN(message->attachments->len, 3); i++) {
		g_autofree guint8 *again = g_memdup2(data, size);
		g_autoptr(GBytes) part = message_read_part(again, size, i);
		g_assert_nonnull(part);
	}
	return 0;
}
