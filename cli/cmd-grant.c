/* SPDX-License-Identifier: ISC */
/* senim grant CASE --to NAME, senim withhold CASE --from NAME: who reads a case. */
#include "base/escape.h"
#include "cli/opening.h"
#include "cli/output.h"

/* One act: `option` names the officer, and stands in request and record by the same name. */
typedef struct {
	const char *option, *target;
	guint kind;
} Change;

/* The case as it is called (transfer full); NULL where the act failed. */
static char *change(Cli *cli, const Change *what, const char *name, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return NULL;
	g_autoptr(Record) own = record_new();
	record_add(own, what->option, name);
	json_t *body = json_pack("{s:s}", what->option, name);
	return opening_act(session, c, what->kind, what->target, body, own, ground, NULL, error) ? case_shown(c, session->desk)
	                                                                                         : NULL;
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
