/* SPDX-License-Identifier: ISC */
/* senim prolong CASE: its term ends later; why is sealed with the entry, and how the reporter was told stands in it. */
#include <string.h>

#include "base/day.h"
#include "base/escape.h"
#include "cli/casework.h"
#include "cli/form.h"
#include "cli/output.h"
#include "store/casework.h"

typedef struct {
	const char *until, *notice;
	WipeText *reason;
} Prolonged;

static void prolonged_clear(Prolonged *what)
{
	wipe_text_free(what->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Prolonged, prolonged_clear)

static gboolean read_options(const Options *options, Prolonged *what, GError **error)
{
	GDate day;
	what->until = options_value(options, "until");
	what->notice = options_value(options, "notice");
	if (what->until == NULL || !day_read(what->until, &day))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes a day: YYYY-MM-DD"), "until");
	g_autofree char *word = what->notice != NULL ? g_strdup_printf(" %s ", what->notice) : NULL;
	if (word == NULL || strchr(what->notice, ' ') != NULL || strstr(CASEWORK_NOTICES, word) == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "notice", CASEWORK_NOTICES);
	return TRUE;
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

static gboolean enter(Session *session, Case *c, const Prolonged *what, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "until", what->until);
	record_add(own, "notice", what->notice);
	const CaseworkAct act = {.kind = ENTRY_PROLONGED, .target = "/v1/prolong", .own = own, .takes_text = TRUE,
	                         .text = what->reason,
	                         .body = json_pack("{s:s, s:s}", "until", what->until, "notice", what->notice)};
	return casework_act(session, c, &act, ground, error);
}

static gboolean say_done(Session *session, const Case *c, const Prolonged *what, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:s, s:o, s:s}", "case", output_value(name), "entry", (json_int_t)c->last,
		                             "due", what->until, "was", output_value(c->due), "notice", what->notice), error);
	g_autofree char *line = g_strdup_printf(_("The term of %s ends on %s now.\n"), name, what->until);
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
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL || (word == NULL && !take_reason(cli->options, &what, error)))
		return FALSE;
	return enter(session, c, &what, ground, error) && say_done(session, c, &what, error);
}
