/* SPDX-License-Identifier: ISC */
#include "cli/messages.h"

#include <string.h>

#include "cli/format.h"
#include "cli/output.h"

void messages_free(Messages *messages)
{
	if (messages == NULL)
		return;
	g_clear_pointer(&messages->rows, g_ptr_array_unref);
	g_free(messages);
}

/* 1 where the option is not there. */
static gboolean read_number(const Options *options, guint *number, GError **error)
{
	guint64 read = 1;
	const char *text = options_value(options, "message");
	if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 1, 999999999, &read, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--message takes the number of a message: show CASE lists them"));
	*number = (guint)read;
	return TRUE;
}

gboolean messages_check_options(const Options *options, GError **error)
{
	guint number;
	return read_number(options, &number, error);
}

static gboolean take_rows(Messages *messages, const Case *c, json_t *answer, GError **error)
{
	gsize i;
	guint64 earlier;
	json_t *list = desk_get_array(answer, "messages", error), *item;
	if (list == NULL || !desk_get_uint(answer, "earlier", &earlier, error))
		return FALSE;
	messages->first = (guint)earlier + 2;
	json_array_foreach(list, i, item) {
		Case *row = case_read_message(c, item, error);
		if (row == NULL)
			return FALSE;
		g_ptr_array_add(messages->rows, row);
	}
	return TRUE;
}

static gboolean choose(Messages *messages, const Case *c, GError **error)
{
	if (messages->chosen == 1)
		return TRUE;
	guint i = messages->chosen - messages->first;
	if (messages->chosen < messages->first || i >= messages->rows->len)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has no message %u: show CASE lists them"), c->name, messages->chosen);
	messages->message = messages->rows->pdata[i];
	if (messages->message->elsewhere)
		return cli_fail(error, CLI_ERROR_REFUSED, _("nobody could say whom that message names: it waits for the next level of leadership, at most a day"));
	return TRUE;
}

Messages *messages_fetch(Session *session, const Case *c, GError **error)
{
	g_autoptr(Messages) messages = g_new0(Messages, 1);
	messages->rows = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	messages->first = 2;
	if (!read_number(session->cli->options, &messages->chosen, error))
		return NULL;
	if (c->followups > 0) {
		json_t *body = json_pack("{s:s, s:I}", "mailbox", c->mailbox, "seq", (json_int_t)c->seq);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/messages", body, NULL, error);
		if (answer == NULL || !take_rows(messages, c, answer, error))
			return NULL;
	}
	return choose(messages, c, error) ? g_steal_pointer(&messages) : NULL;
}

static const Case *row_of(const Messages *messages, const Case *c, guint number)
{
	return number == 1 ? c : messages->rows->pdata[number - messages->first];
}

/* What it came to, where that is not the acknowledgement. */
static const char *letter_of(const Case *row)
{
	return g_strcmp0(row->answers, "notice") == 0     ? _("to an urgent notice")
	       : g_strcmp0(row->answers, "redirect") == 0 ? _("to a letter to law enforcement")
	                                                  : "";
}

char *messages_line(const Messages *messages, const Case *c, guint number, GTimeZone *zone)
{
	const Case *row = row_of(messages, c, number);
	if (row->elsewhere)
		return g_strdup_printf("%u  %s", number, _("given to another officer"));
	const char *automatic = case_fact(row, "automatic");
	g_autofree char *received = format_time(row->received, zone);
	g_autofree char *kind = format_word(row->erased != 0               ? "erased"
	                                    : strcmp(automatic, "-") != 0 ? automatic
	                                                                  : case_fact(row, "verdict"));
	gboolean new = number > 1 && row->unread;
	const char *letter = letter_of(row);
	return g_strdup_printf("%u  %s  %s%s%s%s%s%s%s", number, received, kind, *letter != '\0' ? ", " : "", letter,
	                       new ? ", " : "", new ? _("not read yet") : "", row->flood ? ", " : "",
	                       row->flood ? _("one of very many that day") : "");
}

json_t *messages_json(const Messages *messages, const Case *c, GTimeZone *zone)
{
	static const char *const facts[] = {"channel", "language", "verdict", "automatic"};
	json_t *list = json_array();
	for (guint i = 0; i <= messages->rows->len; i++) {
		guint number = i == 0 ? 1 : messages->first + i - 1;
		const Case *row = row_of(messages, c, number);
		g_autofree char *received = row->elsewhere ? NULL : format_time_iso(row->received, zone);
		json_t *object = json_pack("{s:i, s:b, s:b, s:b, s:o}", "number", (int)number, "elsewhere", row->elsewhere, "unread",
		                           number > 1 && row->unread, "flood", row->flood, "received", output_value(received));
		json_object_set_new(object, "answers", output_value(row->answers));
		json_object_set_new(object, "erased", json_boolean(row->erased != 0));
		for (gsize k = 0; k < G_N_ELEMENTS(facts); k++)
			json_object_set_new(object, facts[k], row->elsewhere ? json_null() : output_value(case_fact(row, facts[k])));
		json_array_append_new(list, object);
	}
	return list;
}
