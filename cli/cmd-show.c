/* SPDX-License-Identifier: ISC */
/* senim show CASE: one letter, as text: first to whom else it went, then who wrote, then what. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/addressees.h"
#include "cli/format.h"
#include "cli/marks.h"
#include "cli/messages.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/row-show.h"
#include "cli/view.h"
#include "cli/write-file.h"

typedef struct {
	Session *session;
	const Case *c;
	const Opening *opening;
	const Bundle *view;
	const Messages *messages;
	GPtrArray *others; /* addresses to which the letter also went */
	const Row *row;     /* where a call was written down, else NULL */
	const Record *card; /* where the screening has something to explain, else NULL */
} Show;

/* --- for a person --------------------------------------------------------------------------------------------------- */

/* A row of a block: "Label:" and its value, in two columns. */
static void add_field(FormatTable *block, const char *label, const char *value)
{
	g_autofree char *head = g_strconcat(label, ":", NULL);
	format_table_cell(block, head);
	format_table_cell(block, value != NULL ? value : "-");
}

static void add_list(const Show *show, FormatTable *block, const char *label, const char *key)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(bundle_record(show->view), key, i)) != NULL; i++)
		add_field(block, label, line);
}

static void add_text(WipeBuffer *out, GBytes *part)
{
	gsize size;
	const char *data = g_bytes_get_data(part, &size);
	g_autoptr(WipeText) escaped = escape_text(data != NULL ? data : "", (gssize)size, ESCAPE_TEXT);
	wipe_buffer_add_text(out, escaped);
	if (escaped[0] != '\0' && !g_str_has_suffix(escaped, "\n"))
		wipe_buffer_add_text(out, "\n");
}

/* A statutory warning (R40): who else knows already. One sentence, before anything else. */
static void add_others(const Show *show, WipeBuffer *out)
{
	gboolean bold = pager_on_terminal() && show->others->len > 0;
	g_autoptr(WipeText) sentence = addressees_sentence(show->others);
	g_autoptr(WipeText) escaped = escape_text(sentence, -1, ESCAPE_LINE);
	wipe_buffer_add_text(out, bold ? "\033[1m" : "");
	wipe_buffer_add_text(out, escaped);
	wipe_buffer_add_text(out, bold ? "\033[0m\n" : "\n");
}

/* Where there is more than the report: all of them, and which one this is. A reference that joined nothing is a hint. */
static void add_messages(const Show *show, FormatTable *block)
{
	const Messages *messages = show->messages;
	GTimeZone *zone = desk_client_zone(show->session->desk);
	if (messages->rows->len == 0) {
		if (record_get(show->opening->registered, "reference") != NULL)
			add_field(block, _("Refers to"), _("a letter of ours, says the writer; it is none that is known here"));
		return;
	}
	for (guint i = 0; i <= messages->rows->len; i++) {
		guint number = i == 0 ? 1 : messages->first + i - 1;
		g_autofree char *line = messages_line(messages, show->c, number, zone);
		add_field(block, number == messages->chosen ? _("This message") : _("Message"), line);
	}
}

static void add_facts(const Show *show, FormatTable *block)
{
	const Record *registered = show->opening->registered;
	g_autofree char *name = case_shown(show->c, show->session->desk);
	const Case *message = show->messages->message != NULL ? show->messages->message : show->c;
	g_autofree char *received = format_time(message->received, desk_client_zone(show->session->desk));
	g_autofree char *channel = format_word(record_get(registered, "channel"));
	g_autofree char *verdict = format_word(record_get(registered, "verdict"));
	const char *automatic = record_get(registered, "automatic");
	add_field(block, _("Case"), name);
	add_field(block, _("Received"), received);
	if (show->c->official_date != NULL)
		add_field(block, _("Counts from"), show->c->official_date);
	if (show->c->due != NULL)
		add_field(block, _("Answer by"), show->c->due);
	add_field(block, _("Channel"), channel);
	add_field(block, _("Verdict"), verdict);
	g_autofree char *redirection = case_redirection(show->c);
	if (redirection != NULL)
		add_field(block, _("Redirection"), redirection);
	g_autofree char *forwarding = case_forwarding(show->c);
	if (forwarding != NULL)
		add_field(block, _("Forwarding"), forwarding);
	if (automatic != NULL && strcmp(automatic, "-") != 0) {
		g_autofree char *kind = format_word(automatic);
		add_field(block, _("Automatic"), kind);
	}
	add_messages(show, block);
}

static gboolean add_parts(const Show *show, FormatTable *block, GError **error)
{
	g_autoptr(GPtrArray) parts = view_parts(show->view, error);
	if (parts == NULL)
		return FALSE;
	for (guint i = 0; i < parts->len; i++) {
		const ViewPart *part = parts->pdata[i];
		g_autofree char *size = format_size(part->size);
		g_autoptr(WipeText) line = g_strdup_printf("%u  %s  %s  %s", part->index, part->type, size, part->name);
		add_field(block, _("Attachment"), line);
	}
	return TRUE;
}

static void add_notes(const Show *show, FormatTable *block)
{
	const char *word;
	for (guint i = 0; (word = record_get_nth(bundle_record(show->view), "note", i)) != NULL; i++) {
		g_autofree char *sentence = format_note(word);
		add_field(block, _("Remark"), sentence);
	}
}

static void add_letter(const Show *show, FormatTable *block)
{
	const Record *view = bundle_record(show->view);
	add_list(show, block, _("From"), "from");
	add_list(show, block, _("Reply to"), "reply-to");
	add_list(show, block, _("To"), "to");
	add_list(show, block, _("Copy to"), "cc");
	add_field(block, _("Date"), record_get(view, "date"));
	add_field(block, _("Subject"), record_get(view, "subject"));
}

/* What the reporter says of himself: offered beside empty fields, with where it stands, and taken by nobody but the officer. */
static void add_suggestions(const Show *show, FormatTable *block)
{
	const char *line, *wish;
	for (guint i = 0; (wish = record_get_nth(bundle_record(show->view), "wish", i)) != NULL; i++) {
		g_autofree char *word = format_word(wish);
		add_field(block, _("Wish"), word);
	}
	for (guint i = 0; (line = record_get_nth(bundle_record(show->view), "suggested", i)) != NULL; i++) {
		g_auto(GStrv) parts = g_strsplit(line, " ", 3);
		if (g_strv_length(parts) != 3)
			continue;
		g_autofree char *what = format_word(parts[0]);
		g_autofree char *source = format_word(parts[1]);
		g_autoptr(WipeText) value = g_strdup_printf("%s (%s)", parts[2], source);
		add_field(block, what, value);
	}
}

static void add_marks(const Show *show, WipeBuffer *out)
{
	gsize size;
	const char *text = g_bytes_get_data(bundle_part(show->view, "text"), &size);
	marks_add_card(out, show->opening->registered, show->card, text != NULL ? text : "", size,
	               record_get(bundle_record(show->view), "subject"));
}

static gboolean print_person(const Show *show, gboolean headers, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(64 * 1024);
	g_autoptr(FormatTable) block = format_table_new(2);
	add_others(show, out);
	wipe_buffer_add_text(out, "\n");
	if (show->card != NULL)
		add_marks(show, out);
	add_facts(show, block);
	if (!headers) {
		format_table_cell(block, ""); /* an empty line */
		format_table_cell(block, "");
		add_letter(show, block);
	}
	if (!add_parts(show, block, error))
		return FALSE;
	add_suggestions(show, block);
	add_notes(show, block);
	format_table_fold(block, output_width());
	format_table_write(block, FALSE, out);
	wipe_buffer_add_text(out, "\n");
	if (headers) {
		add_text(out, bundle_part(show->view, "headers"));
		wipe_buffer_add_text(out, "\n");
	}
	add_text(out, bundle_part(show->view, "text"));
	for (guint i = 0; show->row != NULL && i < row_calls(show->row)->len; i++) {
		wipe_buffer_add_text(out, "\n");
		row_show_call(show->session, row_calls(show->row)->pdata[i], out);
	}
	return output_text(out, error);
}

/* --- for a program -------------------------------------------------------------------------------------------------- */

static json_t *json_list(const Record *view, const char *key)
{
	json_t *list = json_array();
	const char *line;
	for (guint i = 0; (line = record_get_nth(view, key, i)) != NULL; i++)
		json_array_append_new(list, output_string(line, strlen(line)));
	return list;
}

static json_t *json_part(const Bundle *view, const char *name)
{
	gsize size;
	const char *data = g_bytes_get_data(bundle_part(view, name), &size);
	return output_string(data != NULL ? data : "", size);
}

static json_t *json_attachments(const GPtrArray *parts)
{
	json_t *list = json_array();
	for (guint i = 0; i < parts->len; i++) {
		const ViewPart *part = parts->pdata[i];
		json_array_append_new(list, json_pack("{s:i, s:o, s:o, s:I}", "part", (int)part->index, "name",
		                                      output_string(part->name, strlen(part->name)), "type",
		                                      output_string(part->type, strlen(part->type)), "size",
		                                      (json_int_t)part->size));
	}
	return list;
}

static gboolean print_json(const Show *show, gboolean headers, GError **error)
{
	static const char *const lists[][2] = {{"from", "from"}, {"reply_to", "reply-to"}, {"to", "to"}, {"cc", "cc"},
	                                       {"notes", "note"}};
	static const char *const facts[] = {"channel", "language", "verdict", "automatic"};
	const Record *view = bundle_record(show->view);
	g_autoptr(GPtrArray) parts = view_parts(show->view, error);
	if (parts == NULL)
		return FALSE;
	g_autofree char *name = case_shown(show->c, show->session->desk);
	const Case *message = show->messages->message != NULL ? show->messages->message : show->c;
	g_autofree char *received = format_time_iso(message->received, desk_client_zone(show->session->desk));
	json_t *object = json_object(), *others = json_array();
	for (guint i = 0; i < show->others->len; i++)
		json_array_append_new(others, output_value(show->others->pdata[i]));
	json_object_set_new(object, "case", output_value(name));
	json_object_set_new(object, "mailbox", output_value(show->c->mailbox));
	json_object_set_new(object, "message", json_integer(show->messages->chosen));
	json_object_set_new(object, "messages", messages_json(show->messages, show->c, desk_client_zone(show->session->desk)));
	json_object_set_new(object, "received", output_value(received));
	json_object_set_new(object, "official_date", output_value(show->c->official_date));
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		json_object_set_new(object, facts[i], output_value(record_get(show->opening->registered, facts[i])));
	json_object_set_new(object, "class", json_list(show->opening->registered, "class"));
	json_object_set_new(object, "reasons", show->card != NULL ? json_list(show->card, "reason") : json_array());
	json_object_set_new(object, "other_recipients", others);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		json_object_set_new(object, lists[i][0], json_list(view, lists[i][1]));
	json_t *suggested = json_array();
	const char *line;
	for (guint i = 0; (line = record_get_nth(view, "suggested", i)) != NULL; i++)
		json_array_append_new(suggested, output_suggestion(line));
	json_object_set_new(object, "suggested", suggested);
	json_object_set_new(object, "wishes", json_list(view, "wish"));
	json_object_set_new(object, "date", output_value(record_get(view, "date")));
	json_object_set_new(object, "subject", output_value(record_get(view, "subject")));
	json_object_set_new(object, "headers", headers ? json_part(show->view, "headers") : json_null());
	json_object_set_new(object, "text", json_part(show->view, "text"));
	json_object_set_new(object, "attachments", json_attachments(parts));
	json_object_set_new(object, "calls", show->row != NULL ? row_show_calls_json(show->session, show->row) : json_array());
	return output_json(object, error);
}

/* --- the command ---------------------------------------------------------------------------------------------------- */

static gboolean check_options(const Options *options, GError **error)
{
	static const char *const forms[] = {"headers", "raw", "row", "sealed"};
	const char *chosen = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (!options_flag(options, forms[i]))
			continue;
		if (chosen != NULL)
			return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), chosen, forms[i]);
		chosen = forms[i];
	}
	if (options_flag(options, "card") && !options_flag(options, "sealed"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--card belongs to --sealed FILE: name the file"));
	if (options_flag(options, "json") && (options_flag(options, "raw") || options_flag(options, "sealed")))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "json", chosen);
	if (options_flag(options, "raw") && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("a letter as it came is not written to a terminal, which it could drive: send it into a pipe or a file"));
	const char *sealed = options_value(options, "sealed");
	return sealed == NULL || write_file_check(sealed, error);
}

static gboolean print_view(Session *session, const Case *c, const Messages *messages, const Opening *opening,
                           const Record *card, const Row *row, GError **error)
{
	const Options *options = session->cli->options;
	g_autoptr(Bundle) view = opening_view(session, messages->message != NULL ? messages->message : c, opening, error);
	if (view == NULL)
		return FALSE;
	Show show = {session, c, opening, view, messages, NULL, row, card};
	show.others = addressees_others(view, opening->fields, c->mailbox);
	gboolean headers = options_flag(options, "headers");
	gboolean done =
		options_flag(options, "json") ? print_json(&show, headers, error) : print_person(&show, headers, error);
	g_ptr_array_unref(show.others);
	return done;
}

gboolean cmd_show(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	if (!case_check_name(options_word(options, 1), error) || !check_options(options, error) ||
	    !messages_check_options(options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	gboolean traces = options_flag(options, "headers") || options_flag(options, "raw"); /* a ground of their own */
	g_autoptr(Messages) messages = c != NULL ? messages_fetch(session, c, error) : NULL;
	g_autoptr(WipeText) ground = messages == NULL ? NULL : traces ? session_ground_anew(session, error) : session_ground(session, error);
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	if (options_flag(options, "row")) {
		g_autoptr(Row) row = casework_row(session, c, ground, error);
		return row != NULL && row_show(session, c, row, error);
	}
	gboolean raw = options_flag(options, "raw"), sealed = options_flag(options, "sealed");
	const char *act = raw ? "raw" : sealed ? "sealed" : options_flag(options, "headers") ? "headers" : "show";
	SealPart part = options_flag(options, "card") ? SEAL_PART_CARD : SEAL_PART_BODY;
	const Case *message = messages->message != NULL ? messages->message : c;
	g_autoptr(WriteFile) file = sealed ? write_file_begin(options_value(options, "sealed"), error) : NULL;
	if (sealed && file == NULL)
		return FALSE;
	g_autoptr(Opening) opening = opening_open(session, message, part, act, ground, file, error);
	if (opening == NULL)
		return FALSE;
	if (sealed) /* it was opened only to be checked */
		return write_file_end(file, error);
	if (raw) {
		opening_index(session, message, opening);
		return pager_write(opening->message, opening->message_size, error);
	}
	/* the screening's reasons stand in the card, and are asked for where there are some */
	gboolean marked = marks_has(opening->registered);
	g_autoptr(Opening) card = marked ? opening_open(session, message, SEAL_PART_CARD, act, ground, NULL, error) : NULL;
	if (marked && card == NULL)
		return FALSE;
	g_autoptr(Row) row = c->transcript ? casework_row(session, c, ground, error) : NULL;
	if (c->transcript && row == NULL)
		return FALSE;
	return print_view(session, c, messages, opening, marked ? card->card : NULL, row, error);
}
