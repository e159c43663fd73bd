/* SPDX-License-Identifier: ISC */
/* cli/letter-to.h - to whom a letter of a case goes: the registrar does not know it, so the officer opens the card and says.
 *
 * Threads: one. Fails: NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_LETTER_TO_H
#define SENIM_CLI_LETTER_TO_H

#include "cli/opening.h"

/* {to, message_id, language}: --to or the letter's envelope sender (transfer full). */
json_t *letter_to(const Cli *cli, const Opening *card, GError **error);

#endif
