/* SPDX-License-Identifier: ISC */
/* cli/tui-edit.h - what is typed in the officer's screen: one line, and the form of a case's row.
 *
 * What is typed lies in memory that is wiped when it goes; a line holds TUI_EDIT_MOST octets.
 * Ownership: results (transfer full). Threads: one. */
#ifndef SENIM_CLI_TUI_EDIT_H
#define SENIM_CLI_TUI_EDIT_H

#include "base/record.h"
#include "cli/row.h"

#define TUI_EDIT_MOST 4096

/* A question below what the screen shows, and one line typed. NULL: left with Esc; an empty line is "". */
WipeText *tui_edit_line(const char *question);

/* The columns of a row that are still empty, each with its suggestions; draft: what was typed before, {column: text}, or
 * NULL. {column: text} of what she filled in, when she saves it; NULL: she left it, and *draft holds what she had typed. */
json_t *tui_edit_form(const Row *row, const Record *card, gboolean resolution, json_t **draft);

#endif
