/* SPDX-License-Identifier: ISC */
/* cli/tui-edit.h - what is typed in the officer's screen: one line, a text of many, and what a form's fields are made of.
 *
 * What is typed lies in memory that is wiped when it goes.
 * Ownership: results (transfer full). Threads: one. */
#ifndef SENIM_CLI_TUI_EDIT_H
#define SENIM_CLI_TUI_EDIT_H

#include "cli/tui-beside.h"
#include "cli/wipe.h"

#define TUI_EDIT_LINE 2048  /* characters of a line or a field */
#define TUI_EDIT_TEXT 32768 /* of a text */

typedef struct {
	guint n, at, most; /* characters, before which of them the cursor stands, and how many there may be */
	gunichar text[];
} TuiEdit;

TuiEdit *tui_edit_new(guint most);
void tui_edit_free(TuiEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuiEdit, tui_edit_free)
void tui_edit_set(TuiEdit *edit, const char *text); /* the cursor behind it */
WipeText *tui_edit_text(const TuiEdit *edit);
/* FALSE: the key is none of a text's own. */
gboolean tui_edit_key(TuiEdit *edit, TuiKey key);
void tui_edit_insert(TuiEdit *edit, gunichar c);

/* In rows of so many columns: where the row that begins at `from` ends, without cutting a word; what is shown of it; how
 * many columns a part takes. */
guint tui_edit_row_end(const TuiEdit *edit, guint from, guint columns);
WipeText *tui_edit_part(const TuiEdit *edit, guint from, guint to);
guint tui_edit_columns(const TuiEdit *edit, guint from, guint to);
/* Has the row from..to the cursor? A row's end is the next one's beginning, but for the last. */
gboolean tui_edit_holds_cursor(const TuiEdit *edit, guint from, guint to);
/* The cursor one row up or down; FALSE: it stands in the first or the last. */
gboolean tui_edit_step(TuiEdit *edit, guint columns, gboolean down);
/* The cursor to the begin or the end of its row. */
void tui_edit_edge(TuiEdit *edit, guint columns, gboolean end);

/* A text of many lines in the rows from `top` to `end`, so that its cursor is seen; and a key of hers in it: Enter is a new
 * line, the arrows go from row to row. */
void tui_edit_put(const TuiEdit *edit, guint top, guint end);
void tui_edit_text_key(TuiEdit *edit, TuiKey key);

/* A question below what the screen shows, or below a text that she turns the pages of (beside, NULL: none), and one line typed;
 * preset: what stands there already, or NULL. NULL: left with Esc; an empty line is "". */
WipeText *tui_edit_line(const char *question, const char *preset, TuiBeside *beside);
/* A question, a text of many lines below it, and below that what she looks at meanwhile. *draft: what was typed before and not
 * saved, or NULL; taken, and given back where she leaves it. NULL: she left it. */
WipeText *tui_edit_page(const char *question, TuiBeside *beside, WipeText **draft);

#endif
