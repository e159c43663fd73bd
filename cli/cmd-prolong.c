/* SPDX-License-Identifier: ISC */
/* senim prolong CASE: its term ends later; why is sealed with the entry, and how the reporter was told stands in it. */
#include <string.h>

#include "base/day.h"
#include "base/escape.h"
#include "cli/casework.h"
#include "cli/form.h"
#include "cli/letter-to.h"
#include "cli/outgoing.h"
#include "cli/output.h"
#include "cli/write-file.h"
#include "policy/letter.h"
#include "store/casework.h"

typedef struct {
	const char *until, *notice;
	const char *output; /* the letter on paper, or NULL */
	gboolean notify;    /* the letter by mail */
	GDate day;
	WipeText *reason;
} Prolonged;

static void prolonged_clear(Prolonged *what)
{
	wipe_text_free(what->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Prolonged, prolonged_clear)

static gboolean check_notice(const Prolonged *what, GError **error)
{
	g_autofree char *word = what->notice != NULL ? g_strdup_printf(" %s ", what->notice) : NULL;
	if (what->notify && what->output != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "notify", "output");
	if ((what->notify && strcmp(what->notice, "mail") != 0) || (what->output != NULL && strcmp(what->notice, "paper") != 0))
		return cli_fail(error, CLI_ERROR_USAGE, _("--notify is a letter by mail, --output one on paper: leave --notice out"));
	if (word == NULL || strchr(what->notice, ' ') != NULL || strstr(CASEWORK_NOTICES, word) == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "notice", CASEWORK_NOTICES);
	return TRUE;
}

static gboolean read_options(const Options *options, Prolonged *what, GError **error)
{
	what->until = options_value(options, "until");
	what->notify = options_flag(options, "notify");
	what->output = options_value(options, "output");
	what->notice = options_value(options, "notice");
	if (what->notice == NULL)
		what->notice = what->notify ? "mail" : what->output != NULL ? "paper" : NULL;
	if (what->until == NULL || !day_read(what->until, &what->day))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes a day: YYYY-MM-DD"), "until");
	return check_notice(what, error) && (what->output == NULL || write_file_check(what->output, error));
}

static gboolean take_reason(const Options *options, Prolonged *what, GError **error)
{
	g_autoptr(GError) cause = NULL;
	what->reason = casework_stdin(options, 2, &cause);
	if (what->reason == NULL && cause == NULL)
		what->reason = form_line(_("Why is the term prolonged? "), &cause);
	if (what->reason == NULL && cause == NULL)
		cli_fail(&cause, CLI_ERROR_USAGE, _("without a reason no term is prolonged"));
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return what->reason != NULL;
}

/* --- the letter ------------------------------------------------------------------------------------------------------------ */

/* What stands against a letter, said before anything is opened; the registrar asks once more. */
static gboolean may_be_told(const Case *c, GError **error)
{
	if (case_is_unsafe(c))
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s: no letter is to go to the reporter's address, or he wishes no answer: tell him in another way"), c->name);
	if (strcmp(c->ack_state, "withheld") == 0)
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s: the acknowledgement is held back, so no other letter goes there: release it first, with senim acknowledge"), c->name);
	if (strcmp(c->ack_state, "bounced") == 0)
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s: the acknowledgement came back, so no other letter goes there: tell the reporter in another way"), c->name);
	return TRUE;
}

/* null without --notify (transfer full); NULL and *error. */
static json_t *ask_letter(Session *session, const Case *c, const Prolonged *what, const char *ground, GError **error)
{
	if (!what->notify)
		return json_null();
	g_autoptr(Opening) card = opening_open(session, c, SEAL_PART_CARD, "prolong", ground, NULL, error);
	return card != NULL ? letter_to(session->cli, card, error) : NULL;
}

/* The same words on paper: for a reporter who came by telephone, on paper or in person. */
static gboolean write_letter(const Session *session, const Case *c, const Prolonged *what, GError **error)
{
	const LetterFacts facts = {.organisation = desk_client_organisation(session->desk), .mailbox = c->mailbox, .number = c->name,
	                           .language = case_fact(c, "language"), .until = what->day};
	g_autoptr(GError) cause = NULL;
	g_autofree char *text = letter_prolonged_text(&facts, &cause);
	if (text == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("the letter cannot be made: %s"), cause->message);
	const OutgoingPaper paper = {.organisation = facts.organisation, .mailbox = facts.mailbox, .name = c->name, .text = text,
	                             .language = facts.language};
	return outgoing_print(&paper, what->output, error);
}

/* --- the act --------------------------------------------------------------------------------------------------------------- */

static gboolean enter(Session *session, Case *c, const Prolonged *what, const char *ground, GError **error)
{
	json_t *letter = ask_letter(session, c, what, ground, error);
	if (letter == NULL)
		return FALSE;
	g_autoptr(Record) own = record_new();
	record_add(own, "until", what->until);
	record_add(own, "notice", what->notice);
	record_add(own, "letter", what->notify ? "queued" : "-");
	const CaseworkAct act = {.kind = ENTRY_PROLONGED, .target = "/v1/prolong", .own = own, .takes_text = TRUE,
	                         .text = what->reason,
	                         .body = json_pack("{s:s, s:s, s:o}", "until", what->until, "notice", what->notice, "letter", letter)};
	return casework_act(session, c, &act, ground, error);
}

static gboolean say_done(Session *session, const Case *c, const Prolonged *what, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:s, s:o, s:s, s:b}", "case", output_value(name), "entry", (json_int_t)c->last,
		                             "due", what->until, "was", output_value(c->due), "notice", what->notice, "letter",
		                             what->notify), error);
	g_autofree char *line = g_strdup_printf(what->notify ? _("The term of %s ends on %s now; the letter that says so to the reporter waits to be sent.\n")
	                                                     : _("The term of %s ends on %s now.\n"), name, what->until);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

gboolean cmd_prolong(Cli *cli, GError **error)
{
	g_auto(Prolonged) what = {0};
	const char *word = options_word(cli->options, 2);
	if (!read_options(cli->options, &what, error) || (word != NULL && !take_reason(cli->options, &what, error)))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL && (!what.notify || may_be_told(c, error)) ? session_ground(session, error) : NULL;
	if (ground == NULL || (word == NULL && !take_reason(cli->options, &what, error)))
		return FALSE;
	return enter(session, c, &what, ground, error) && (what.output == NULL || write_letter(session, c, &what, error)) &&
	       say_done(session, c, &what, error);
}
