/* SPDX-License-Identifier: ISC */
/* cli/tui-form.h - the form of a case's row in the officer's screen, with the letter below it.
 *
 * Ownership: results (transfer full), wiped as jansson's memory is. Threads: one. */
#ifndef SENIM_CLI_TUI_FORM_H
#define SENIM_CLI_TUI_FORM_H

#include "base/record.h"
#include "cli/row.h"

typedef struct {
	const Row *row;
	const Record *card;  /* NULL: no suggestions */
	gboolean resolution; /* which of the two forms */
	const char *beside;  /* the letter as it was shown, folded; NULL: it was not opened */
} TuiForm;

/* The columns of the row that are still empty, each with its suggestions. What may be an abbreviation or a name is said
 * before it is saved. draft: what was typed before, {column: text}, or NULL. {column: text} of what she filled in, when she
 * saves it; NULL: she left it, and *draft holds what she had typed. */
json_t *tui_form_ask(const TuiForm *form, json_t **draft);

#endif
