/* SPDX-License-Identifier: ISC */
/* senim acknowledge CASE: the letter that was held back goes out. The registrar does not know to whom: the officer opens
 * the card (an entry) and hands over address and Message-ID. */
#include <string.h>

#include "cli/answer.h"
#include "cli/letter-to.h"
#include "cli/output.h"

/* Asked before the ground, so that no card is opened in vain. */
static gboolean may_be_sent(const Case *c, GError **error)
{
	if (strcmp(c->ack_state, "queued") != 0 && strcmp(c->ack_state, "sent") != 0)
		return !case_is_unsafe(c) || answer_ask(answer_unsafe(c), error);
	return cli_fail(error, CLI_ERROR_FAILED, _("%s has its acknowledgement already, or it is on its way: nothing is left to send"),
	                c->name);
}

gboolean cmd_acknowledge(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL && may_be_sent(c, error) ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	g_autoptr(Opening) opening = opening_open(session, c, SEAL_PART_CARD, "acknowledge", ground, NULL, error);
	json_t *body = opening != NULL ? letter_to(cli, opening, error) : NULL;
	if (body == NULL)
		return FALSE;
	if (!opening_act(session, c, ENTRY_RELEASED, "/v1/acknowledge", body, NULL, ground, NULL, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:s}", "case", output_value(name), "acknowledgement", "queued"), error);
	g_autofree char *line = g_strdup_printf(_("The acknowledgement of %s waits to be sent.\n"), name);
	return output_said(line, error);
}
