/* SPDX-License-Identifier: ISC */
/* senim acknowledge CASE: the letter that was held back goes out. The registrar does not know to whom: the officer opens
 * the card (an entry) and hands over address and Message-ID. */
#include <string.h>

#include "cli/opening.h"
#include "cli/output.h"

/* The addressee: --to, or the letter's envelope sender. */
static const char *addressee(const Cli *cli, const Record *card, GError **error)
{
	const char *to = options_value(cli->options, "to");
	if (to == NULL)
		to = record_get(card, "envelope-from");
	if (to != NULL && to[0] != '\0' && strcmp(to, "-") != 0)
		return to;
	cli_fail(error, CLI_ERROR_FAILED, _("the letter names no address for an answer: name one with --to, if the report gives one"));
	return NULL;
}

static const char *or_dash(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "-";
}

/* Asked before the ground, so that no card is opened in vain. */
static gboolean may_be_sent(const Case *c, GError **error)
{
	if (strcmp(c->ack_state, "queued") != 0 && strcmp(c->ack_state, "sent") != 0)
		return TRUE;
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
	const char *to = opening != NULL ? addressee(cli, opening->card, error) : NULL;
	if (to == NULL)
		return FALSE;
	json_t *body = json_pack("{s:o, s:o, s:s}", "to", output_string(to, strlen(to)), "message_id",
	                         json_string(or_dash(record_get(opening->card, "message-id"))), "language",
	                         or_dash(record_get(opening->registered, "language")));
	if (body == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("the letter names no address for an answer: name one with --to, if the report gives one"));
	if (!opening_act(session, c, ENTRY_RELEASED, "/v1/acknowledge", body, NULL, ground, NULL, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:s}", "case", output_value(name), "acknowledgement", "queued"), error);
	g_autofree char *line = g_strdup_printf(_("The acknowledgement of %s waits to be sent.\n"), name);
	return output_said(line, error);
}
