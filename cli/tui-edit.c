/* SPDX-License-Identifier: ISC */
#include "cli/tui-edit.h"

#include <ncurses.h>
#include <string.h>

#include "base/escape.h"
#include "cli/form.h"
#include "cli/language.h"

#define CLEAR_LINE ('U' & 0x1f)

/* --- a text that is typed -------------------------------------------------------------------------------------------- */

TuiEdit *tui_edit_new(guint most)
{
	TuiEdit *edit = g_malloc0(sizeof(TuiEdit) + (gsize)most * sizeof(gunichar));
	edit->most = most;
	return edit;
}

void tui_edit_free(TuiEdit *edit)
{
	if (edit == NULL)
		return;
	explicit_bzero(edit, sizeof(TuiEdit) + (gsize)edit->most * sizeof(gunichar));
	g_free(edit);
}

void tui_edit_set(TuiEdit *edit, const char *text)
{
	edit->n = 0;
	for (const char *at = text; *at != '\0' && edit->n < edit->most; at = g_utf8_next_char(at))
		edit->text[edit->n++] = g_utf8_get_char(at);
	edit->at = edit->n;
}

static WipeText *text_of(const TuiEdit *edit, guint from, guint to)
{
	char *text = g_malloc((gsize)(to - from) * 6 + 1), *end = text;
	for (guint i = from; i < to; i++)
		end += g_unichar_to_utf8(edit->text[i], end);
	*end = '\0';
	return text;
}

WipeText *tui_edit_text(const TuiEdit *edit)
{
	return text_of(edit, 0, edit->n);
}

void tui_edit_insert(TuiEdit *edit, gunichar c)
{
	if (edit->n == edit->most)
		return;
	memmove(edit->text + edit->at + 1, edit->text + edit->at, (edit->n - edit->at) * sizeof(gunichar));
	edit->text[edit->at++] = c;
	edit->n++;
}

static void edit_remove(TuiEdit *edit, guint at)
{
	if (at >= edit->n)
		return;
	memmove(edit->text + at, edit->text + at + 1, (edit->n - at - 1) * sizeof(gunichar));
	edit->n--;
}

gboolean tui_edit_key(TuiEdit *edit, TuiKey key)
{
	switch (key.code) {
	case 0:
		if (key.c == CLEAR_LINE)
			edit->n = edit->at = 0;
		else if (g_unichar_isprint(key.c))
			tui_edit_insert(edit, key.c);
		return TRUE;
	case KEY_LEFT: edit->at -= edit->at > 0; return TRUE;
	case KEY_RIGHT: edit->at += edit->at < edit->n; return TRUE;
	case KEY_HOME: edit->at = 0; return TRUE;
	case KEY_END: edit->at = edit->n; return TRUE;
	case KEY_DC: edit_remove(edit, edit->at); return TRUE;
	case KEY_BACKSPACE:
		if (edit->at > 0)
			edit_remove(edit, --edit->at);
		return TRUE;
	default: return FALSE;
	}
}

/* --- in rows --------------------------------------------------------------------------------------------------------- */

static guint columns_of(gunichar c)
{
	return c == '\n' || g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

guint tui_edit_row_end(const TuiEdit *edit, guint from, guint columns)
{
	guint used = 0, blank = 0, i = from;
	for (; i < edit->n && used + columns_of(edit->text[i]) < columns; i++) { /* one column is the cursor's */
		if (edit->text[i] == '\n')
			return i + 1;
		used += columns_of(edit->text[i]);
		if (edit->text[i] == ' ')
			blank = i + 1;
	}
	return i == edit->n ? i : blank > from ? blank : MAX(i, from + 1);
}

WipeText *tui_edit_part(const TuiEdit *edit, guint from, guint to)
{
	g_autoptr(WipeText) raw = text_of(edit, from, to > from && edit->text[to - 1] == '\n' ? to - 1 : to);
	return escape_text(raw, -1, ESCAPE_LINE);
}

guint tui_edit_columns(const TuiEdit *edit, guint from, guint to)
{
	guint used = 0;
	for (guint i = from; i < to; i++)
		used += columns_of(edit->text[i]);
	return used;
}

/* A text that ends in a line feed has one more row, which is empty. */
static gboolean is_last(const TuiEdit *edit, guint from, guint to)
{
	return to == edit->n && (to == from || edit->text[to - 1] != '\n');
}

gboolean tui_edit_holds_cursor(const TuiEdit *edit, guint from, guint to)
{
	return edit->at >= from && (edit->at < to || is_last(edit, from, to));
}

/* As far into the row as columns go. */
static guint place_in(const TuiEdit *edit, guint from, guint to, guint columns)
{
	guint at = from;
	while (at < to && edit->text[at] != '\n' && tui_edit_columns(edit, from, at) < columns)
		at++;
	return at == to && !is_last(edit, from, to) && at > from ? at - 1 : at;
}

gboolean tui_edit_step(TuiEdit *edit, guint columns, gboolean down)
{
	guint before = 0, from = 0, to = tui_edit_row_end(edit, 0, columns);
	while (!tui_edit_holds_cursor(edit, from, to)) {
		before = from;
		from = to;
		to = tui_edit_row_end(edit, from, columns);
	}
	guint column = tui_edit_columns(edit, from, edit->at);
	if (down ? is_last(edit, from, to) : from == 0)
		return FALSE;
	edit->at = down ? place_in(edit, to, tui_edit_row_end(edit, to, columns), column) : place_in(edit, before, from, column);
	return TRUE;
}

void tui_edit_edge(TuiEdit *edit, guint columns, gboolean end)
{
	guint from = 0, to = tui_edit_row_end(edit, 0, columns);
	while (!tui_edit_holds_cursor(edit, from, to)) {
		from = to;
		to = tui_edit_row_end(edit, from, columns);
	}
	edit->at = !end ? from : is_last(edit, from, to) ? to : to - 1;
}

/* --- one line -------------------------------------------------------------------------------------------------------- */

/* The question in the rows above the line, which shows what stands around the cursor. */
static void put_line(const char *question, const TuiEdit *edit, TuiBeside *beside)
{
	guint columns = tui_terminal_columns(), last = tui_terminal_rows() - 1, from = 0;
	while (tui_edit_columns(edit, from, edit->at) + 1 >= columns)
		from++;
	guint first = tui_terminal_above(question, last - 1);
	if (beside != NULL)
		tui_beside_put(beside, 0, first);
	g_autoptr(WipeText) shown = tui_edit_part(edit, from, edit->n);
	tui_terminal_put(last - 1, 0, shown, TUI_PLAIN);
	tui_terminal_put(last, 0, _("Enter takes the line   Esc leaves it"), TUI_CHOSEN);
	tui_terminal_cursor(last - 1, tui_edit_columns(edit, from, edit->at));
	tui_terminal_refresh(TRUE);
}

WipeText *tui_edit_line(const char *question, const char *preset, TuiBeside *beside)
{
	g_autoptr(TuiEdit) edit = tui_edit_new(TUI_EDIT_LINE);
	WipeText *text = NULL;
	TuiKey key;
	if (preset != NULL)
		tui_edit_set(edit, preset);
	do {
		put_line(question, edit, beside);
		key = tui_terminal_key(FALSE);
		if (key.code == KEY_ENTER)
			text = tui_edit_text(edit);
		else if (beside == NULL || !tui_beside_key(beside, key))
			tui_edit_key(edit, key);
		if (key.code == KEY_RESIZE)
			tui_terminal_clear();
	} while (text == NULL && key.code != TUI_KEY_BACK && key.code != TUI_KEY_ENDED);
	return text != NULL ? g_strstrip(text) : NULL;
}

/* --- a text of many lines -------------------------------------------------------------------------------------------- */

void tui_edit_put(const TuiEdit *edit, guint top, guint end)
{
	guint columns = tui_terminal_columns(), page = end > top ? end - top : 1, cursor = 0, rows = 0;
	for (guint from = 0, to; ; from = to, rows++) {
		to = tui_edit_row_end(edit, from, columns);
		if (tui_edit_holds_cursor(edit, from, to))
			cursor = rows;
		if (is_last(edit, from, to))
			break;
	}
	guint skip = cursor >= page ? cursor - page + 1 : 0, row = 0;
	for (guint from = 0, to; row < skip + page; from = to, row++) {
		to = tui_edit_row_end(edit, from, columns);
		g_autoptr(WipeText) shown = tui_edit_part(edit, from, to);
		if (row >= skip)
			tui_terminal_put(top + row - skip, 0, shown, TUI_PLAIN);
		if (row == cursor)
			tui_terminal_cursor(top + row - skip, tui_edit_columns(edit, from, edit->at));
		if (is_last(edit, from, to))
			break;
	}
}

void tui_edit_text_key(TuiEdit *edit, TuiKey key)
{
	if (key.code == KEY_ENTER)
		tui_edit_insert(edit, '\n');
	else if (key.code == KEY_UP || key.code == KEY_DOWN)
		tui_edit_step(edit, tui_terminal_columns(), key.code == KEY_DOWN);
	else if (key.code == KEY_HOME || key.code == KEY_END)
		tui_edit_edge(edit, tui_terminal_columns(), key.code == KEY_END);
	else
		tui_edit_key(edit, key);
}

/* Half of the rows are the letter's where there is one: she answers what she sees. */
static void put_page(const char *question, const TuiEdit *edit, TuiBeside *beside)
{
	guint end = tui_terminal_frame(NULL, _("F2 save  Enter new line  Esc leave"), NULL);
	guint top = tui_terminal_below(question, 0) + 1, half = beside->text != NULL && end > top ? top + (end - top + 1) / 2 : end;
	tui_edit_put(edit, top, half);
	tui_beside_put(beside, half, end);
	tui_terminal_refresh(TRUE);
}

WipeText *tui_edit_page(const char *question, TuiBeside *beside, WipeText **draft)
{
	g_autoptr(TuiEdit) edit = tui_edit_new(TUI_EDIT_TEXT);
	TuiKey key;
	if (*draft != NULL)
		tui_edit_set(edit, *draft);
	g_clear_pointer(draft, wipe_text_free);
	do {
		put_page(question, edit, beside);
		key = tui_terminal_key(FALSE);
		if (!tui_beside_key(beside, key))
			tui_edit_text_key(edit, key);
	} while (key.code != KEY_F(2) && key.code != TUI_KEY_BACK && key.code != TUI_KEY_ENDED);
	WipeText *text = tui_edit_text(edit);
	if (key.code == KEY_F(2))
		return text;
	*draft = text;
	return NULL;
}
