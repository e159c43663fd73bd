/* SPDX-License-Identifier: ISC */
/* cli/form.h - a form on the terminal, one line after another, without an editor and without a file.
 *
 * Each empty column is asked for; beside it stand the suggestions of the card, each with where it was found. Tab alone takes
 * the first, a number before it that one; Enter alone leaves the column empty; Ctrl-D leaves the rest.
 * Ownership: results (transfer full), wiped as jansson's memory is. Threads: one.
 * Fails:     NULL and *error: CLI_ERROR_USAGE without a terminal, CLI_ERROR_FAILED where she broke it off. */
#ifndef SENIM_CLI_FORM_H
#define SENIM_CLI_FORM_H

#include "base/record.h"
#include "cli/row.h"

/* {column: text} of what she filled in, maybe none. card NULL: no suggestions. */
json_t *form_ask(const Row *row, const Record *card, gboolean resolution, GError **error);
/* One line; NULL without *error: she left it empty. No terminal: CLI_ERROR_USAGE. */
WipeText *form_line(const char *question, GError **error);

#endif
