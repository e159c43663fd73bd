/* SPDX-License-Identifier: ISC */
#include "cli/letter-to.h"

#include <string.h>

#include "cli/output.h"
#include "policy/letter.h"

static const char *or_dash(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "-";
}

json_t *letter_to(const Cli *cli, const Opening *card, GError **error)
{
	const char *to = options_value(cli->options, "to");
	if (to != NULL && !letter_address_is_valid(to)) {
		cli_fail(error, CLI_ERROR_USAGE, _("a letter cannot be sent to that address: it takes one like name@example.kz"));
		return NULL;
	}
	if (to == NULL)
		to = or_dash(record_get(card->card, "envelope-from"));
	json_t *letter = strcmp(to, "-") == 0
	                     ? NULL
	                     : json_pack("{s:o, s:s, s:s}", "to", output_string(to, strlen(to)), "message_id",
	                                 or_dash(record_get(card->card, "message-id")), "language",
	                                 or_dash(record_get(card->registered, "language")));
	if (letter == NULL)
		cli_fail(error, CLI_ERROR_FAILED, _("the letter names no address for an answer: name one with --to, if the report gives one"));
	return letter;
}
