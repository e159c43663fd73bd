/* SPDX-License-Identifier: ISC */
/* senim list: facts only; with --cards, under a ground, also sender, name and subject. */
#include <string.h>

#include "base/escape.h"
#include "cli/case-list.h"
#include "cli/format.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/pager.h"

#define COLUMN_STATE 6

static const char *filter_of(const Options *options, GError **error)
{
	static const char *const names[] = {"open", "due", "review", "all", "calls"};
	const char *chosen = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (!options_flag(options, names[i]))
			continue;
		if (chosen != NULL) {
			cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), chosen, names[i]);
			return NULL;
		}
		chosen = names[i];
	}
	if (!options_flag(options, "cards") && options_flag(options, "ground")) {
		cli_fail(error, CLI_ERROR_USAGE, _("--ground belongs to --cards: the list alone opens nothing"));
		return NULL;
	}
	return chosen != NULL ? chosen : "open";
}

/* The open ones whose call nobody has written down yet: the desk's list, and what is left of it. */
static GPtrArray *fetch(Session *session, const char *filter, GPtrArray **alarms, GError **error)
{
	gboolean calls = strcmp(filter, "calls") == 0;
	GPtrArray *cases = case_list_fetch(session, calls ? "open" : filter, alarms, error);
	for (guint i = cases != NULL && calls ? cases->len : 0; i > 0; i--)
		if (!case_is_unheard(cases->pdata[i - 1]))
			g_ptr_array_remove_index(cases, i - 1);
	return cases;
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

/* "NUMBER SOURCE" */
static json_t *phone_of(const Record *card)
{
	const char *phone = record_get(card, "phone");
	return phone != NULL ? output_string(phone, strcspn(phone, " ")) : json_null();
}

/* "TYPE SIZE NAME" */
static json_t *attachments_of(const Record *card)
{
	json_t *list = json_array();
	const char *line;
	for (guint i = 0; (line = record_get_nth(card, "attachment", i)) != NULL; i++) {
		gsize type = strcspn(line, " "), size = line[type] != '\0' ? type + 1 : type;
		gsize name = size + strcspn(line + size, " ");
		guint64 octets = g_ascii_strtoull(line + size, NULL, 10);
		json_array_append_new(list, json_pack("{s:o, s:o, s:I}", "name",
		                                      output_value(line[name] != '\0' ? line + name + 1 : ""), "type",
		                                      output_string(line, type), "size", (json_int_t)octets));
	}
	return list;
}

/* "WHAT SOURCE VALUE" */
static json_t *suggested_of(const Record *card)
{
	json_t *list = json_array();
	const char *line;
	for (guint i = 0; (line = record_get_nth(card, "suggested", i)) != NULL; i++)
		json_array_append_new(list, output_suggestion(line));
	return list;
}

/* The officers from whom it is kept; null where that is not hers to know. */
static json_t *withheld_of(const Case *c)
{
	json_t *names = c->elsewhere ? json_null() : json_array();
	for (char **name = c->withheld; name != NULL && *name != NULL; name++)
		json_array_append_new(names, output_value(*name));
	return names;
}

static json_t *classes_of(const Case *c)
{
	json_t *list = json_array();
	g_auto(GStrv) classes = case_classes(c);
	for (guint i = 0; classes[i] != NULL; i++)
		json_array_append_new(list, output_value(classes[i]));
	return list;
}

/* Null where nobody answered. */
static json_t *answer_of(const Session *session, const Case *c)
{
	if (c->reply.entry == 0)
		return json_null();
	g_autofree char *time = format_time_iso(c->reply.time, desk_client_zone(session->desk));
	return json_pack("{s:s, s:s, s:o, s:o, s:b}", "kind", c->reply.kind, "by", c->reply.by, "state", output_value(c->reply.state),
	                 "time", output_value(time), "unnumbered", c->reply.unnumbered);
}

static json_t *json_of(Session *session, const Case *c, const Record *card)
{
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *received =
		c->elsewhere ? NULL : format_time_iso(c->received, desk_client_zone(session->desk));
	json_t *object = json_object();
	json_object_set_new(object, "case", output_value(name));
	json_object_set_new(object, "mailbox", output_value(c->mailbox));
	json_object_set_new(object, "elsewhere", json_boolean(c->elsewhere));
	json_object_set_new(object, "withheld", withheld_of(c));
	json_object_set_new(object, "received", output_value(received));
	json_object_set_new(object, "official_date", output_value(c->official_date));
	json_object_set_new(object, "due", output_value(c->due));
	json_object_set_new(object, "prolonged", output_value(c->prolonged));
	json_object_set_new(object, "notified", output_value(c->notified));
	json_object_set_new(object, "answer", answer_of(session, c));
	json_object_set_new(object, "unsafe", c->elsewhere ? json_null() : json_boolean(case_is_unsafe(c)));
	json_object_set_new(object, "lost", c->elsewhere ? json_null() : json_boolean(c->lost));
	static const char *const facts[] = {"channel", "language", "verdict"};
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		json_object_set_new(object, facts[i], output_value(case_fact(c, facts[i])));
	json_object_set_new(object, "class", c->elsewhere ? json_null() : classes_of(c));
	json_object_set_new(object, "urgent", c->elsewhere ? json_null() : json_boolean(case_is_urgent(c)));
	json_object_set_new(object, "state", output_value(c->state));
	json_object_set_new(object, "category", output_value(c->category));
	json_object_set_new(object, "assigned", output_value(c->assigned));
	json_object_set_new(object, "result", output_value(c->result));
	json_object_set_new(object, "held", c->elsewhere ? json_null() : json_boolean(c->held));
	json_object_set_new(object, "unheard", c->elsewhere ? json_null() : json_boolean(case_is_unheard(c)));
	json_object_set_new(object, "messages", c->elsewhere ? json_null() : json_integer((json_int_t)c->followups + 1));
	json_object_set_new(object, "unread", c->elsewhere ? json_null() : json_boolean(c->unread));
	json_object_set_new(object, "automatic", output_value(case_fact(c, "automatic")));
	json_object_set_new(object, "forwarding",
	                    c->forwarded_to == NULL ? json_null()
	                                            : json_pack("{s:o, s:o}", "state", output_value(c->forwarded), "to",
	                                                        output_value(c->forwarded_to)));
	json_object_set_new(object, "redirection",
	                    c->redirected == NULL ? json_null()
	                                          : json_pack("{s:o, s:o}", "state", output_value(c->redirected), "to",
	                                                      output_value(c->redirected_to)));
	json_object_set_new(object, "acknowledgement",
	                    c->elsewhere ? json_null()
	                                 : json_pack("{s:o, s:o}", "state", output_value(c->ack_state), "reason",
	                                             output_value(c->ack_reason)));
	json_object_set_new(object, "sender",
	                    card == NULL ? json_null()
	                                 : json_pack("{s:o, s:o, s:o}", "name", output_value(record_get(card, "from-name")),
	                                             "address", output_value(record_get(card, "from-address")), "phone",
	                                             phone_of(card)));
	json_object_set_new(object, "suggested", card == NULL ? json_null() : suggested_of(card));
	json_object_set_new(object, "subject", card == NULL ? json_null() : output_value(record_get(card, "subject")));
	json_object_set_new(object, "attachments", card == NULL ? json_null() : attachments_of(card));
	return object;
}

static json_t *alarms_json(Session *session, const GPtrArray *alarms)
{
	json_t *list = json_array();
	for (guint i = 0; i < alarms->len; i++) {
		const CaseAlarm *alarm = alarms->pdata[i];
		g_autofree char *time = format_time_iso(alarm->time, desk_client_zone(session->desk));
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "mailbox", output_value(alarm->mailbox), "officer",
		                                      output_value(alarm->officer), "time", output_value(time)));
	}
	return list;
}

static gboolean print_json(Session *session, const GPtrArray *cases, const GPtrArray *alarms, Record *const *cards,
                           GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < cases->len; i++)
		json_array_append_new(list, json_of(session, cases->pdata[i], cards[i]));
	return output_json(json_pack("{s:o, s:o}", "cases", list, "alarms", alarms_json(session, alarms)), error);
}

/* --- a table -------------------------------------------------------------------------------------------------------- */

static void cell_word(FormatTable *table, const char *word)
{
	g_autofree char *shown = format_word(word);
	format_table_cell(table, shown);
}

/* "URGENT: reporter at risk", "redirect: threat to life, …" */
static void cell_verdict(FormatTable *table, const Case *c)
{
	gboolean danger;
	g_auto(GStrv) classes = case_classes(c);
	guint others;
	const char *class_name = case_main_class(classes, &danger, &others);
	g_autofree char *verdict = format_word(case_fact(c, "verdict")), *word = format_word(class_name);
	g_autofree char *cell = g_strdup_printf("%s%s%s%s", danger && case_is_urgent(c) ? _("URGENT") : verdict,
	                                        class_name != NULL ? ": " : "", class_name != NULL ? word : "",
	                                        others > 0 ? ", …" : "");
	format_table_cell(table, cell);
}

/* "held back (unexamined)": the state, and why */
static void cell_acknowledgement(FormatTable *table, const Case *c)
{
	g_autofree char *state = format_word(c->ack_state);
	g_autofree char *reason = format_word(c->ack_reason);
	g_autofree char *both = c->ack_reason != NULL ? g_strdup_printf("%s (%s)", state, reason) : NULL;
	format_table_cell(table, both != NULL ? both : state);
}

static gboolean is_lost(const Case *c)
{
	return g_strcmp0(c->notified, "unsent") == 0 || g_strcmp0(c->notified, "returned") == 0;
}

/* "open, on hold, new answer, redirected to police: went out, fuel (not for dana)": what was not read yet, what came of its
 * redirection, what it is counted under, and from whom it is kept. */
static void cell_state(FormatTable *table, const Case *c)
{
	g_autofree char *word = format_word(c->state);
	g_autofree char *category = format_word(c->category);
	g_autofree char *redirection = case_redirection(c), *answer = case_answer(c), *forwarding = case_forwarding(c);
	g_autofree char *state = g_strconcat(word, c->held ? ", " : "", c->held ? _("on hold") : "", c->unread ? ", " : "",
	                                     c->unread ? _("new answer") : "", case_is_unheard(c) ? ", " : "",
	                                     case_is_unheard(c) ? _("call not written down") : "", is_lost(c) ? ", " : "",
	                                     is_lost(c) ? _("the letter of the prolonged term was not delivered") : "", redirection != NULL ? ", " : "",
	                                     redirection != NULL ? redirection : "", forwarding != NULL ? ", " : "",
	                                     forwarding != NULL ? forwarding : "", answer != NULL ? ", " : "", answer != NULL ? answer : "",
	                                     c->unsafe ? ", " : "", c->unsafe ? _("no letter to the address") : "", c->category != NULL ? ", " : "",
	                                     c->category != NULL ? category : "", NULL);
	g_autofree char *names = c->withheld != NULL && c->withheld[0] != NULL ? g_strjoinv(", ", c->withheld) : NULL;
	g_autofree char *both = names != NULL ? g_strdup_printf(_("%s (not for %s)"), state, names) : NULL;
	format_table_cell(table, both != NULL ? both : state);
}

/* The number and why there is no more of it, in the column of the state. */
static void row_elsewhere(FormatTable *table, Session *session, const Case *c, guint columns)
{
	g_autofree char *name = case_shown(c, session->desk);
	format_table_cell(table, name);
	const char *where = c->with_officers ? _("with the officers") : _("given to another officer");
	for (guint i = 1; i < columns; i++)
		format_table_cell(table, i == COLUMN_STATE ? where : "-");
}

static void row_of(FormatTable *table, Session *session, const Case *c, const Record *card, gboolean with_cards)
{
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *received = format_time(c->received, desk_client_zone(session->desk));
	const char *automatic = case_fact(c, "automatic");
	format_table_cell(table, name);
	format_table_cell(table, received);
	format_table_cell(table, c->official_date != NULL ? c->official_date : "-");
	cell_word(table, case_fact(c, "channel"));
	cell_word(table, case_fact(c, "language"));
	if (strcmp(automatic, "-") != 0)
		cell_word(table, automatic);
	else
		cell_verdict(table, c);
	cell_state(table, c);
	cell_acknowledgement(table, c);
	if (!with_cards)
		return;
	const char *from_name = card != NULL ? record_get(card, "from-name") : "-";
	const char *address = card != NULL ? record_get(card, "from-address") : "-";
	g_autoptr(WipeText) sender =
		strcmp(from_name, "-") != 0 ? g_strdup_printf("%s <%s>", from_name, address) : g_strdup(address);
	format_table_cell(table, sender);
	format_table_cell(table, card != NULL ? record_get(card, "subject") : "-");
}

/* Before the table, a sentence for each. */
static void add_alarms(Session *session, const GPtrArray *alarms, WipeBuffer *out)
{
	for (guint i = 0; i < alarms->len; i++) {
		const CaseAlarm *alarm = alarms->pdata[i];
		g_autofree char *time = format_time(alarm->time, desk_client_zone(session->desk));
		g_autofree char *sentence = g_strdup_printf(
			_("%s, %s: more than five messages within a day were kept from %s, since they are about her. Look whether somebody "
		      "wants to shut her out; nothing changes by itself, and senim grant gives her a case.\n"),
			alarm->mailbox, time, alarm->officer);
		g_autoptr(WipeText) safe = escape_text(sentence, -1, ESCAPE_TEXT);
		wipe_buffer_add_text(out, safe);
	}
	wipe_buffer_add_text(out, alarms->len > 0 ? "\n" : "");
}

static gboolean print_table(Session *session, const GPtrArray *cases, const GPtrArray *alarms, Record *const *cards,
                            gboolean with_cards, GError **error)
{
	const char *const heads[] = {_("CASE"),    _("RECEIVED"), _("COUNTS FROM"),     _("CHANNEL"), _("LANGUAGE"),
	                             _("VERDICT"), _("STATE"),    _("ACKNOWLEDGEMENT"), _("SENDER"),  _("SUBJECT")};
	guint columns = with_cards ? 10 : 8;
	g_autoptr(FormatTable) table = format_table_new(columns);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	for (guint i = 0; i < columns; i++)
		format_table_cell(table, heads[i]);
	for (guint i = 0; i < cases->len; i++) {
		const Case *c = cases->pdata[i];
		if (c->elsewhere)
			row_elsewhere(table, session, c, columns);
		else
			row_of(table, session, c, cards[i], with_cards);
	}
	add_alarms(session, alarms, out);
	format_table_fold(table, output_width());
	if (cases->len > 0)
		format_table_write(table, pager_on_terminal(), out);
	else
		wipe_buffer_add_text(out, _("There is no such case.\n"));
	return output_text(out, error);
}

static void free_cards(Record **cards, guint n)
{
	for (guint i = 0; i < n; i++)
		record_free(cards[i]);
	g_free(cards);
}

gboolean cmd_list(Cli *cli, GError **error)
{
	const char *filter = filter_of(cli->options, error);
	gboolean with_cards = options_flag(cli->options, "cards");
	g_autoptr(Session) session = filter != NULL ? session_open(cli, error) : NULL;
	if (session == NULL)
		return FALSE;
	g_autoptr(WipeText) ground = with_cards ? session_ground(session, error) : NULL;
	if (with_cards && ground == NULL)
		return FALSE;
	g_autoptr(GPtrArray) alarms = NULL;
	g_autoptr(GPtrArray) cases = fetch(session, filter, &alarms, error);
	if (cases == NULL)
		return FALSE;
	Record **cards = g_new0(Record *, cases->len + 1);
	if (with_cards)
		session_warn_host(session);
	gboolean done = !with_cards || case_list_cards(session, cases, ground, cards, error);
	if (done && options_flag(cli->options, "json"))
		done = print_json(session, cases, alarms, cards, error);
	else if (done)
		done = print_table(session, cases, alarms, cards, with_cards, error);
	free_cards(cards, cases->len);
	return done;
}
