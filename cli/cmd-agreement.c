/* SPDX-License-Identifier: ISC */
/* senim agreement: the text on whose terms officers use the mailbox, and with --accept her acceptance. */
#include "cli/agreement.h"
#include "cli/output.h"

static gboolean print_json(const Agreement *agreement, gboolean accepted, GError **error)
{
	return output_json(json_pack("{s:o, s:o, s:b}", "text", output_value(agreement->text), "check",
	                             output_value(agreement->digest), "accepted", accepted),
	                   error);
}

gboolean cmd_agreement(Cli *cli, GError **error)
{
	g_auto(Agreement) agreement = {0};
	g_autoptr(Session) session = session_begin(cli, error);
	if (session == NULL || !agreement_fetch(session, &agreement, error))
		return FALSE;
	gboolean json = options_flag(cli->options, "json");
	gboolean accepted = agreement.open[0] == NULL;
	if (agreement.text == NULL)
		return json ? print_json(&agreement, accepted, error)
		            : output_said(_("The organisation has named no agreement.\n"), error);
	if (!accepted && options_flag(cli->options, "accept")) {
		if (!agreement_accept(session, &agreement, error))
			return FALSE;
		accepted = TRUE;
	}
	if (json)
		return print_json(&agreement, accepted, error);
	return agreement_show(&agreement, error) &&
	       output_said(accepted ? _("\nYou have accepted it.\n") : _("\nYou have not accepted it yet: senim agreement --accept\n"),
	                   error);
}
