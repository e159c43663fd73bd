/* SPDX-License-Identifier: ISC */
/* senim accept CASE: an arrival that was none by its form alone becomes a report, with a number of its own. */
#include <string.h>

#include "base/escape.h"
#include "cli/opening.h"
#include "cli/output.h"

gboolean cmd_accept(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	if (c == NULL)
		return FALSE;
	if (strstr(c->name, "/X-") == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has its number as a report already: there is nothing to accept"),
		                c->name);
	g_autoptr(WipeText) ground = session_ground(session, error);
	g_autofree char *number = NULL;
	if (ground == NULL ||
	    !opening_act(session, c, ENTRY_ACCEPTED, "/v1/accept", json_object(), NULL, ground, &number, error))
		return FALSE;
	if (number == NULL)
		return desk_form_error(error, "number");
	g_autofree char *was = case_shown(c, session->desk);
	g_free(c->name);
	c->name = g_steal_pointer(&number);
	g_autofree char *is = case_shown(c, session->desk);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "accepted", output_value(was), "case", output_value(is)), error);
	g_autofree char *line = g_strdup_printf(_("%s is accepted as the report %s.\n"), was, is);
	g_autofree char *shown = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}
