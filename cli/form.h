/* SPDX-License-Identifier: ISC */
/* cli/form.h - a form on the terminal, one line after another, without an editor and without a file.
 *
 * Each empty column is asked for; beside it stand the suggestions of the card, each with where it was found. Tab alone takes
 * the first, a number before it that one; Enter alone leaves the column empty; Ctrl-D leaves the rest. What may be an
 * abbreviation or a name (cli/lint.h) is said before anything is entered. A day may be written 31.12.2026.
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
/* The same with what stands there already: on a screen it can be changed, line by line an empty line takes it. */
WipeText *form_line_from(const char *question, const char *preset, GError **error);
/* A text of many lines; NULL without *error: she left it empty. Line by line an empty line ends it. */
WipeText *form_text(const char *question, GError **error);

/* One of n labels by its number; preset (n or more: none) is what an empty line takes. -1: none. */
int form_choose(const char *title, const char *const *labels, guint n, guint preset);

/* The suggestions of the card (NULL: none) for a column: "WHAT SOURCE VALUE" lines, borrowed; and the value of one. */
GPtrArray *form_suggestions(const Record *card, const RowColumn *column);
const char *form_suggested_value(const char *line);

#endif
