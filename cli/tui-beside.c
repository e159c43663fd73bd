/* SPDX-License-Identifier: ISC */
#include "cli/tui-beside.h"

#include <ncurses.h>
#include <string.h>

#include "cli/format.h"
#include "cli/language.h"

#define ROWS_LEAST 4 /* of a text that are worth showing */

static void lines_wipe(TuiBeside *beside)
{
	for (char **line = beside->lines; line != NULL && *line != NULL; line++)
		explicit_bzero(*line, strlen(*line));
	g_clear_pointer(&beside->lines, g_strfreev);
}

void tui_beside_clear(TuiBeside *beside)
{
	lines_wipe(beside);
}

/* The letter's own text: the block with its subject, and what stands above that, she has seen. */
static guint begin_of(char **lines)
{
	g_autofree char *subject = g_strconcat(_("Subject"), ":", NULL);
	gboolean below = FALSE;
	for (guint i = 0; lines[i] != NULL; i++) {
		below = below || g_str_has_prefix(lines[i], subject);
		if (below && lines[i][0] == '\0')
			return i + 1;
	}
	return 0;
}

static void fold(TuiBeside *beside)
{
	if (beside->lines != NULL && beside->columns == tui_terminal_columns())
		return;
	lines_wipe(beside);
	beside->columns = tui_terminal_columns();
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	format_fold(beside->text, beside->columns, 0, out);
	beside->lines = g_strsplit(wipe_buffer_data(out), "\n", -1);
	beside->top = beside->letter ? begin_of(beside->lines) : 0;
}

void tui_beside_put(TuiBeside *beside, guint from, guint end)
{
	beside->rows = beside->text != NULL && end > from + ROWS_LEAST ? end - from - 1 : 0;
	if (beside->rows == 0)
		return;
	fold(beside);
	guint n = g_strv_length(beside->lines);
	beside->top = MIN(beside->top, n > beside->rows ? n - beside->rows : 0);
	tui_terminal_put(from, 0, beside->letter ? _("— The letter: PgUp, PgDn —") : _("— What was shown: PgUp, PgDn —"), TUI_STRONG);
	for (guint i = 0; i < beside->rows; i++)
		tui_terminal_put(from + 1 + i, 0, beside->top + i < n ? beside->lines[beside->top + i] : "", TUI_PLAIN);
}

gboolean tui_beside_key(TuiBeside *beside, TuiKey key)
{
	if (beside->rows == 0 || (key.code != KEY_PPAGE && key.code != KEY_NPAGE))
		return FALSE;
	guint by = MAX(beside->rows, 2) - 1;
	beside->top = key.code == KEY_NPAGE ? beside->top + by : beside->top - MIN(by, beside->top);
	return TRUE;
}
