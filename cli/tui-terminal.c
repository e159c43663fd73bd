/* SPDX-License-Identifier: ISC */
#include "cli/tui-terminal.h"

#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/format.h"
#include "cli/wipe.h"

#define ESCAPE_WAIT 50 /* ms after which an Esc is one, and no function key */

static volatile sig_atomic_t hung_up;
static gboolean idle;
static gint64 last_key; /* monotonic */
static const int ends[] = {SIGHUP, SIGTERM};
static struct sigaction before[G_N_ELEMENTS(ends)];
static SCREEN *screen;

static void hang_up(int signal_number)
{
	(void)signal_number;
	hung_up = 1;
}

/* --- begin and end --------------------------------------------------------------------------------------------------- */

gboolean tui_terminal_begin(GError **error)
{
	struct sigaction ending = {.sa_handler = hang_up};
	set_escdelay(ESCAPE_WAIT);
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("this terminal cannot show the screen: set TERM to its kind, or “screen = plain” in officer.conf"));
	set_term(screen);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	last_key = g_get_monotonic_time();
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		sigaction(ends[i], &ending, &before[i]);
	return TRUE;
}

void tui_terminal_end(void)
{
	erase(); /* what was shown stays neither on the terminal nor in ncurses' memory of it */
	refresh();
	endwin();
	delscreen(screen);
	screen = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		sigaction(ends[i], &before[i], NULL);
}

void tui_terminal_aside(gboolean away)
{
	if (away) {
		erase();
		refresh();
		def_prog_mode();
		endwin();
	} else {
		reset_prog_mode();
		clearok(stdscr, TRUE);
	}
}

gboolean tui_terminal_idle(void)
{
	return idle;
}

guint tui_terminal_rows(void)
{
	return (guint)MAX(getmaxy(stdscr), 1);
}

guint tui_terminal_columns(void)
{
	return (guint)MAX(getmaxx(stdscr), 1);
}

/* --- keys ------------------------------------------------------------------------------------------------------------ */

static TuiKey key_of(int kind, wint_t c)
{
	static const struct {
		wint_t c;
		int code;
	} characters[] = {{'\r', KEY_ENTER}, {'\n', KEY_ENTER}, {0x7f, KEY_BACKSPACE}, {'\b', KEY_BACKSPACE},
	                  {0x1b, TUI_KEY_BACK}, {'C' & 0x1f, TUI_KEY_BACK}};
	if (kind == KEY_CODE_YES)
		return (TuiKey){(int)c, 0};
	for (gsize i = 0; i < G_N_ELEMENTS(characters); i++)
		if (characters[i].c == c)
			return (TuiKey){characters[i].code, 0};
	return (TuiKey){0, (gunichar)c};
}

/* tick: microseconds; 0: none. */
static TuiKey wait_key(gint64 tick)
{
	gint64 begun = g_get_monotonic_time();
	timeout(tick > 0 && tick < G_USEC_PER_SEC ? (int)(tick / 1000) : 1000);
	while (!hung_up && !idle) {
		wint_t c;
		struct pollfd input = {STDIN_FILENO, POLLIN, 0};
		int kind = get_wch(&c);
		gint64 now = g_get_monotonic_time();
		if (kind != ERR) {
			last_key = now;
			return key_of(kind, c);
		}
		if (poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR)) != 0)
			hung_up = 1;
		idle = now - last_key >= TUI_IDLE_SECONDS * G_USEC_PER_SEC;
		if (tick > 0 && now - begun >= tick)
			return (TuiKey){TUI_KEY_TICK, 0};
	}
	return (TuiKey){TUI_KEY_ENDED, 0};
}

TuiKey tui_terminal_key(gboolean ticks)
{
	return wait_key(ticks ? TUI_TICK_SECONDS * G_USEC_PER_SEC : 0);
}

TuiKey tui_terminal_key_within(guint milliseconds)
{
	return wait_key((gint64)milliseconds * 1000);
}

/* Where a Kazakh or Russian keyboard has its letters, an English one has these: the key is the same. The Kazakh one has
 * letters on its digits too. */
char tui_terminal_sign(TuiKey key)
{
	static const char there[] = "йцукенгшщзфывапролдячсмитьәіңғүұқ", here[] = "qwertyuiopasdfghjklzxcvbnm2345890";
	static const struct {
		gunichar c;
		char sign;
	} marks[] = {{'"', '1'}, {',', '6'}, {'.', '7'}, {0x2116, '/'}}; /* №; of the Kazakh keyboard */
	if (key.code != 0)
		return '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (marks[i].c == key.c)
			return marks[i].sign;
	const char *at = g_utf8_strchr(there, -1, g_unichar_tolower(key.c));
	if (at != NULL && key.c != 0)
		return here[g_utf8_pointer_to_offset(there, at)];
	return key.c > ' ' && key.c < 0x7f ? (char)g_ascii_tolower((char)key.c) : '\0';
}

int tui_terminal_function(TuiKey key)
{
	char sign = tui_terminal_sign(key);
	if (sign >= '0' && sign <= '9')
		return KEY_F(sign == '0' ? 10 : sign - '0');
	return sign == '/' || sign == 'n' ? TUI_KEY_FIND : key.code;
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

void tui_terminal_clear(void)
{
	erase();
}

/* The octets of the text that fit in so many columns; *used: the columns that they take. */
static gsize fitting(const char *text, guint columns, guint *used)
{
	const char *at = text;
	*used = 0;
	while (*at != '\0') {
		const char *next = g_utf8_next_char(at);
		g_autofree char *one = g_strndup(at, (gsize)(next - at));
		guint width = format_width(one);
		if (*used + width > columns)
			break;
		*used += width;
		at = next;
	}
	return (gsize)(at - text);
}

void tui_terminal_put(guint row, guint column, const char *text, TuiLook look)
{
	static const attr_t looks[] = {[TUI_PLAIN] = A_NORMAL, [TUI_STRONG] = A_BOLD, [TUI_CHOSEN] = A_REVERSE};
	guint used, columns = tui_terminal_columns();
	if (row >= tui_terminal_rows() || column >= columns)
		return;
	gsize size = fitting(text, columns - column, &used);
	gboolean cut = text[size] != '\0' && columns - column > 1;
	if (cut) /* it is said that there is more */
		size = fitting(text, columns - column - 1, &used);
	attrset(looks[look]);
	mvaddnstr((int)row, (int)column, text, (int)size);
	if (cut) {
		addstr("…");
		used++;
	}
	for (guint i = column + used; i < columns; i++)
		addch(' ');
	attrset(A_NORMAL);
}

static guint cursor_row, cursor_column;

void tui_terminal_cursor(guint row, guint column)
{
	cursor_row = row;
	cursor_column = column;
}

void tui_terminal_refresh(gboolean cursor)
{
	curs_set(cursor ? 1 : 0);
	if (cursor)
		move((int)cursor_row, (int)cursor_column); /* what was put behind it moved it */
	refresh();
}

/* Its rows without empty ones at the end; *n: how many. */
static char **fold_rows(const char *text, guint *n)
{
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(256);
	format_fold(text, tui_terminal_columns(), 0, folded);
	char **rows = g_strsplit(wipe_buffer_data(folded), "\n", -1);
	for (*n = g_strv_length(rows); *n > 0 && rows[*n - 1][0] == '\0';)
		--*n;
	return rows;
}

guint tui_terminal_below(const char *text, guint first)
{
	guint n;
	g_auto(GStrv) rows = fold_rows(text, &n);
	for (guint i = 0; i < n; i++)
		tui_terminal_put(first + i, 0, rows[i], TUI_STRONG);
	return first + n;
}

guint tui_terminal_above(const char *text, guint last)
{
	guint n;
	g_auto(GStrv) rows = fold_rows(text, &n);
	n = MIN(n, last > 2 ? last - 2 : 0);
	for (guint i = 0; i < n; i++)
		tui_terminal_put(last - n + i, 0, rows[i], TUI_STRONG);
	return last - n;
}

guint tui_terminal_frame(const char *title, const char *help, const char *remark)
{
	guint last = tui_terminal_rows() - 1;
	erase();
	if (title != NULL)
		tui_terminal_put(0, 0, title, TUI_CHOSEN);
	if (help != NULL)
		tui_terminal_put(last, 0, help, TUI_CHOSEN);
	return remark != NULL ? tui_terminal_above(remark, last) : last;
}

/* --- scrolling ------------------------------------------------------------------------------------------------------- */

/* Moves *top within 0 and most by a key of scrolling; FALSE: it is none. */
static gboolean scroll_by(TuiKey key, guint page, guint most, guint *top)
{
	gint64 to = *top;
	switch (key.code == 0 && key.c == ' ' ? KEY_NPAGE : key.code) {
	case KEY_UP: to -= 1; break;
	case KEY_DOWN: to += 1; break;
	case KEY_PPAGE: to -= page; break;
	case KEY_NPAGE: to += page; break;
	case KEY_HOME: to = 0; break;
	case KEY_END: to = most; break;
	case KEY_RESIZE: break;
	default: return FALSE;
	}
	*top = (guint)CLAMP(to, 0, (gint64)most);
	return TRUE;
}

/* The text in rows of the terminal: what is read must be read whole, so that nothing of a line is cut away. */
static GPtrArray *rows_of(const char *text, guint columns)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(2 * strlen(text) + 1);
	format_fold(text, columns, 0, folded);
	const char *at = wipe_buffer_data(folded), *end = at + wipe_buffer_size(folded);
	while (at < end) {
		guint used;
		gsize line = strcspn(at, "\n"), size = MIN(fitting(at, columns, &used), line);
		if (size == 0) /* an empty line, or a terminal of no width */
			size = line;
		g_ptr_array_add(rows, g_strndup(at, size));
		at += size;
		if (size == line && at < end)
			at++;
	}
	return rows;
}

TuiKey tui_terminal_read(const char *title, const char *help, const char *remark, const char *text)
{
	g_autoptr(GPtrArray) rows = NULL;
	guint top = 0, columns = 0;
	TuiKey key;
	do {
		guint end = tui_terminal_frame(title, help, remark), page = MAX(end, 2) - 1;
		if (rows == NULL || columns != tui_terminal_columns()) {
			g_clear_pointer(&rows, g_ptr_array_unref);
			rows = rows_of(text, columns = tui_terminal_columns());
		}
		guint n = rows->len, most = n > page ? n - page : 0;
		top = MIN(top, most);
		for (guint i = 0; i < page && top + i < n; i++)
			tui_terminal_put(1 + i, 0, rows->pdata[top + i], TUI_PLAIN);
		if (most > 0) { /* where she is in it, at the right of the title */
			g_autofree char *place = g_strdup_printf(" %u%% ", 100 * top / most);
			tui_terminal_put(0, columns > 7 ? columns - 7 : 0, place, TUI_CHOSEN);
		}
		tui_terminal_refresh(FALSE);
		key = tui_terminal_key(FALSE);
		if (!scroll_by(key, page, most, &top) && key.code != 0)
			break;
	} while (TRUE);
	return key;
}

/* --- a choice -------------------------------------------------------------------------------------------------------- */

static void put_choices(const char *const *labels, const char *keys, guint n, guint chosen, guint top, guint page)
{
	for (guint i = top; i < n && i < top + page; i++) {
		char key = i < strlen(keys) ? keys[i] : ' ';
		gboolean more = (i == top && top > 0) || (i + 1 == top + page && i + 1 < n); /* the list goes on there */
		g_autofree char *line = g_strdup_printf("%s %c  %s", more ? i == top ? "↑" : "↓" : " ", key, labels[i]);
		tui_terminal_put(2 + i - top, 0, line, i == chosen ? TUI_CHOSEN : TUI_PLAIN);
	}
}

int tui_terminal_choose(const char *title, const char *help, const char *const *labels, const char *keys, guint n, guint preset)
{
	guint chosen = preset < n ? preset : 0, top = 0;
	keys = keys != NULL ? keys : TUI_CHOICE_KEYS;
	while (n > 0) {
		guint end = tui_terminal_frame(title, help, NULL), page = end > 3 ? end - 2 : 1;
		top = chosen < top ? chosen : chosen >= top + page ? chosen - page + 1 : top;
		put_choices(labels, keys, n, chosen, top, page);
		tui_terminal_refresh(FALSE);
		TuiKey key = tui_terminal_key(FALSE);
		char sign = tui_terminal_sign(key);
		const char *place = sign != '\0' ? strchr(keys, sign) : NULL;
		if (place != NULL && place < keys + n)
			return (int)(place - keys);
		if (key.code == KEY_ENTER)
			return (int)chosen;
		if (!scroll_by(key, page, n - 1, &chosen) && key.code != 0)
			return -1;
	}
	return -1;
}
