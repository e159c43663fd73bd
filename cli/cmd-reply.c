/* SPDX-License-Identifier: ISC */
/* senim reply CASE, senim advise CASE: the reporter is answered, by mail, on paper or in person; or told which state body to turn
 * to. The entry holds the whole letter, sealed, and the letter leaves in the same commit; the chancellery's number may come
 * later. No answer on the substance, with its reason, and the mark of an address that is not safe, are entries too. */
#include <string.h>

#include "base/day.h"
#include "base/escape.h"
#include "cli/answer.h"
#include "cli/casework.h"
#include "cli/messages.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "store/casework.h"

/* What an act says of itself, in the record as in the request. */
typedef struct {
	guint kind;
	const char *act, *by, *own, *number, *date; /* own: `reason` of REPLIED, `to` of ADVISED; NULL stands for '-' */
	guint64 of;
	const GPtrArray *despite; /* or NULL */
	json_t *letter;           /* taken, or NULL */
	const char *text;         /* or NULL */
} Said;

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static gboolean enter(Session *session, Case *c, const Said *said, const char *ground, GError **error)
{
	gboolean advised = said->kind == ENTRY_ADVISED;
	const char *own_key = advised ? "to" : "reason";
	g_autoptr(Record) own = record_new();
	record_add(own, "act", said->act);
	record_add(own, "by", or_dash(said->by));
	record_add(own, own_key, or_dash(said->own));
	record_add(own, "number", or_dash(said->number));
	record_add(own, "date", or_dash(said->date));
	record_add_uint(own, "of", said->of);
	json_t *despite = answer_despite(said->despite, own);
	record_add(own, "letter", said->letter != NULL ? "queued" : "-");
	const CaseworkAct act = {
		.kind = said->kind, .target = advised ? "/v1/advise" : "/v1/reply", .own = own, .takes_text = TRUE, .text = said->text,
		.body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "act", said->act, "by", or_dash(said->by), own_key,
		                  or_dash(said->own), "number", or_dash(said->number), "date", or_dash(said->date), "of",
		                  (json_int_t)said->of, "despite", despite, "letter", said->letter != NULL ? said->letter : json_null())};
	return casework_act(session, c, &act, ground, error);
}

static gboolean say_done(Session *session, const Case *c, const char *act, const char *by, const char *line, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:s, s:o}", "case", output_value(name), "entry", (json_int_t)c->last, "answer", act,
		                             "by", output_value(by)), error);
	g_autofree char *shown = g_strdup_printf("%s: %s\n", name, line);
	g_autofree char *safe = escape_text(shown, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

/* --- what is given ------------------------------------------------------------------------------------------------------------- */

static const char *given_line(const Answer *answer)
{
	if (strcmp(answer->by, "mail") == 0)
		return answer->number != NULL ? _("the letter waits to be sent.")
		                              : _("the letter waits to be sent; enter its outgoing number when the chancellery has given it.");
	if (strcmp(answer->by, "person") == 0)
		return _("entered: the reporter read the answer in person.");
	return answer->number != NULL ? _("the answer on paper is entered.")
	                              : _("the answer on paper is entered; enter its outgoing number when the chancellery has given it.");
}

static gboolean attach_files(Answer *answer, const Options *options, GError **error)
{
	const char *path;
	for (guint i = 0; (path = options_nth(options, "attach", i)) != NULL; i++)
		if (!outgoing_attach(&answer->letter, path, error))
			return FALSE;
	return TRUE;
}

/* From the card to what leaves: everything that can be declined comes before the act. */
static gboolean prepare(Answer *answer, const Options *options, WipeText *given, GError **error)
{
	g_autoptr(WipeText) text = given;
	gboolean mail = strcmp(answer->by, "mail") == 0;
	const char *wanted = options_value(options, answer->advice ? "address" : "to");
	if (!attach_files(answer, options, error) || !answer_begin(answer, options, error) || !answer_warn(answer, error) ||
	    (answer->advice && !answer_choose_body(answer, options_value(options, "to"), error)) ||
	    (mail && !answer_choose_address(answer, wanted, error)))
		return FALSE;
	if (!mail && wanted != NULL)
		answer->to = g_strdup(wanted);
	return answer_ask_number(answer, error) && answer_write(answer, g_steal_pointer(&text), error) && (!mail || answer_confirm(answer, error));
}

static gboolean give(Answer *answer, Case *c, const Options *options, WipeText *given, GError **error)
{
	const char *output = options_value(options, "output");
	if (!prepare(answer, options, given, error))
		return FALSE;
	g_autoptr(WipeText) record = answer_record(answer, error);
	gboolean mail = strcmp(answer->by, "mail") == 0;
	json_t *letter = record != NULL && mail ? outgoing_json(&answer->letter, error) : NULL;
	if (record == NULL || (mail && letter == NULL))
		return FALSE;
	const Said said = {.kind = answer->advice ? ENTRY_ADVISED : ENTRY_REPLIED, .act = "given", .by = answer->by, .own = answer->body,
	                   .number = answer->number, .date = answer->date, .despite = answer->despite, .letter = letter, .text = record};
	return enter(answer->session, c, &said, answer->ground, error) && (output == NULL || answer_print(answer, output, error)) &&
	       say_done(answer->session, c, "given", answer->by, given_line(answer), error);
}

/* --- what is entered alone -------------------------------------------------------------------------------------------------------- */

static gboolean enter_number(Session *session, Case *c, const char *number, const char *date, GError **error)
{
	if (!c->reply.unnumbered)
		return cli_fail(error, CLI_ERROR_FAILED,
		                c->reply.entry == 0 ? _("%s was not answered yet: name how with --by, or answer it by mail")
		                                    : _("%s has no answer without outgoing number: a wrong one is changed with senim strike"), c->name);
	g_autoptr(WipeText) ground = session_ground(session, error);
	if (ground == NULL)
		return FALSE;
	const Said said = {.kind = strcmp(c->reply.kind, "advised") == 0 ? ENTRY_ADVISED : ENTRY_REPLIED, .act = "numbered",
	                   .number = number, .date = date, .of = c->reply.entry};
	g_autofree char *line = g_strdup_printf(_("the answer went out under number %s of %s."), number, date);
	return enter(session, c, &said, ground, error) && say_done(session, c, "numbered", NULL, line, error);
}

static gboolean enter_word(Session *session, Case *c, const char *act, const char *reason, const char *text, const char *line,
                           GError **error)
{
	g_autoptr(WipeText) ground = session_ground(session, error);
	const Said said = {.kind = ENTRY_REPLIED, .act = act, .own = reason, .text = text};
	return ground != NULL && enter(session, c, &said, ground, error) && say_done(session, c, act, NULL, line, error);
}

static gboolean enter_mark(Session *session, Case *c, gboolean unsafe, const char *text, GError **error)
{
	if (c->unsafe == unsafe)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s: the address is marked so already"), c->name);
	return enter_word(session, c, unsafe ? "unsafe" : "safe", NULL, text,
	                  unsafe ? _("no letter goes to the reporter's address without a question.") : _("letters may go to the reporter's address again."),
	                  error);
}

/* --- the commands -------------------------------------------------------------------------------------------------------------------- */

static gboolean check_by(const char *by, const Options *options, GError **error)
{
	g_autofree char *word = g_strdup_printf(" %s ", by);
	gboolean mail = strcmp(by, "mail") == 0;
	if (strchr(by, ' ') != NULL || strstr(" mail paper person ", word) == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "by", " mail paper person");
	if (!mail && options_value(options, "attach") != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--attach goes with a letter by mail: leave it out"));
	return strcmp(by, "paper") == 0 || options_value(options, "output") == NULL ||
	       cli_fail(error, CLI_ERROR_USAGE, _("--output makes the letter on paper: it goes with --by paper"));
}

static gboolean check_options(const Options *options, GError **error)
{
	const char *number = options_value(options, "number"), *date = options_value(options, "date"), *by = options_value(options, "by");
	const char *none = options_value(options, "no-answer"), *unsafe = options_value(options, "unsafe");
	const char *output = options_value(options, "output");
	g_autofree char *reason = none != NULL ? g_strdup_printf(" %s ", none) : NULL;
	GDate day;
	if ((number == NULL) != (date == NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--number and --date belong together: name both, as the chancellery gave them"));
	if (date != NULL && !day_read(date, &day))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes a day: YYYY-MM-DD"), "date");
	if ((none != NULL) + (unsafe != NULL) + (by != NULL || number != NULL || options_value(options, "to") != NULL) > 1)
		return cli_fail(error, CLI_ERROR_USAGE, _("--no-answer and --unsafe stand alone: nothing is sent with them"));
	if (reason != NULL && (strchr(none, ' ') != NULL || strstr(CASEWORK_NO_ANSWERS, reason) == NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "no-answer", CASEWORK_NO_ANSWERS);
	if (unsafe != NULL && strcmp(unsafe, "yes") != 0 && strcmp(unsafe, "no") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "unsafe", " yes no");
	return check_by(by != NULL ? by : "mail", options, error) && (output == NULL || write_file_check(output, error)) &&
	       messages_check_options(options, error);
}

static gboolean run(Cli *cli, gboolean advice, GError **error)
{
	const Options *options = cli->options;
	const char *number = options_value(options, "number"), *by = options_value(options, "by");
	const char *none = options_value(options, "no-answer"), *unsafe = options_value(options, "unsafe");
	g_autoptr(GError) cause = NULL;
	if (!case_check_name(options_word(options, 1), error) || !check_options(options, error))
		return FALSE;
	g_autoptr(WipeText) text = casework_stdin(options, 2, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	if (c == NULL)
		return FALSE;
	if (number != NULL && !moment_check_issued(options_value(options, "date"), case_moment(c), desk_client_zone(session->desk), error))
		return FALSE;
	if (number != NULL && !answer_ask_used(session, c, number, options_value(options, "date"), error))
		return FALSE;
	if (none != NULL)
		return enter_word(session, c, "none", none, text, _("entered: no answer on the substance is due."), error);
	if (unsafe != NULL)
		return enter_mark(session, c, strcmp(unsafe, "yes") == 0, text, error);
	if (number != NULL && by == NULL && text == NULL)
		return enter_number(session, c, number, options_value(options, "date"), error);
	g_autoptr(Messages) messages = answer_may_be(c, error) ? messages_fetch(session, c, error) : NULL;
	if (messages == NULL)
		return FALSE;
	g_auto(Answer) answer = {.session = session, .c = c, .message = messages->message != NULL ? messages->message : c,
	                         .advice = advice, .by = by != NULL ? by : "mail", .number = number,
	                         .date = options_value(options, "date")};
	return give(&answer, c, options, g_steal_pointer(&text), error);
}

gboolean cmd_reply(Cli *cli, GError **error)
{
	return run(cli, FALSE, error);
}

gboolean cmd_advise(Cli *cli, GError **error)
{
	return run(cli, TRUE, error);
}
