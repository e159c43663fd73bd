/* SPDX-License-Identifier: ISC */
/* senim grant CASE --to NAME, senim withhold CASE --from NAME: who reads a case. */
#include "base/escape.h"
#include "cli/output.h"
#include "cli/rewrap.h"

/* One act: `option` names the officer, and stands in request and record by the same name. */
typedef struct {
	const char *option, *target;
	guint kind;
} Change;

/* The entry stands; where the other never had a header of it, she gets one in the same breath. */
static gboolean seal_to(Session *session, Case *c, const char *name, const char *ground, GError **error)
{
	g_autoptr(GError) cause = NULL;
	RewrapDone done;
	const RewrapBatch batch = {.mailbox = c->mailbox, .cases = &c, .n_cases = 1};
	if (rewrap_seal(session, &batch, name, ground, &done, &cause))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("%s is given to %s, but is not sealed to her yet (%s): let another of its readers give it to her"),
	                c->name, name, cause->message);
}

static gboolean enter(Session *session, Case *c, const Change *what, const char *name, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, what->option, name);
	g_autoptr(Act) act = act_begin(session, c->mailbox, ground, error);
	json_t *body = json_pack("{s:s, s:I}", what->option, name, "seq", (json_int_t)c->seq);
	g_autoptr(json_t) answer = act != NULL ? act_post(act, what->target, body, error) : (json_decref(body), NULL);
	const LookAct expected = {.kind = what->kind, .cases = &c->seq, .n_cases = 1, .own = own};
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	return !json_is_false(json_object_get(answer, "sealed")) || seal_to(session, c, name, ground, error);
}

/* The case as it is called (transfer full); NULL where the act failed. */
static char *change(Cli *cli, const Change *what, const char *name, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	Case *(*find)(Session *, const char *, GError **) = what->kind == ENTRY_GRANTED ? session_find_to_grant : session_find;
	g_autoptr(Case) c = session != NULL ? find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return NULL;
	return enter(session, c, what, name, ground, error) ? case_shown(c, session->desk) : NULL;
}

static gboolean run(Cli *cli, const Change *what, GError **error)
{
	const char *name = options_value(cli->options, what->option);
	if (name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no officer is named: write --%s NAME"), what->option);
	g_autofree char *shown = change(cli, what, name, error);
	if (shown == NULL)
		return FALSE;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "case", output_value(shown), what->option, output_value(name)), error);
	g_autofree char *line = what->kind == ENTRY_GRANTED ? g_strdup_printf(_("%s is given to %s.\n"), shown, name)
	                                                    : g_strdup_printf(_("%s is kept from %s from now on.\n"), shown, name);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

gboolean cmd_grant(Cli *cli, GError **error)
{
	static const Change grant = {"to", "/v1/grant", ENTRY_GRANTED};
	return run(cli, &grant, error);
}

gboolean cmd_withhold(Cli *cli, GError **error)
{
	static const Change withhold = {"from", "/v1/withhold", ENTRY_WITHHELD_FROM};
	return run(cli, &withhold, error);
}
