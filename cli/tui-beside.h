/* SPDX-License-Identifier: ISC */
/* cli/tui-beside.h - a text to look at in the rows beside what is typed: the letter, or what is about to leave.
 *
 * PgUp and PgDn turn its pages, and nothing else does. It is folded for the terminal as it is wide now; its lines are wiped
 * with it. Of a letter it begins with what was written, below its head.
 * Ownership: the text is borrowed as long as the TuiBeside lives. Threads: one. */
#ifndef SENIM_CLI_TUI_BESIDE_H
#define SENIM_CLI_TUI_BESIDE_H

#include "cli/tui-terminal.h"
#include "cli/wipe.h"

typedef struct {
	const char *text;  /* passed escape_text(); NULL: there is none, and nothing is shown */
	gboolean letter;   /* it is the reporter's, else something that she was shown */
	char **lines;
	guint columns;     /* for which they are folded */
	guint top, rows;   /* the first line that is shown, and how many fit */
} TuiBeside;
void tui_beside_clear(TuiBeside *beside);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TuiBeside, tui_beside_clear)

/* In the rows from `from` to `end`, where they are enough to be worth it. */
void tui_beside_put(TuiBeside *beside, guint from, guint end);
/* FALSE: the key is none of its own, or nothing is shown. */
gboolean tui_beside_key(TuiBeside *beside, TuiKey key);

#endif
