/* SPDX-License-Identifier: ISC */
/* cli/tui-terminal.h - the terminal as the officer's screen sees it: lines, keys, a text to read, a choice.
 *
 * ncurses with wide characters; no colour and no mouse, so that it looks the same on every terminal, over ssh, and to who
 * sees no colours. Columns are those of the terminal; texts are UTF-8 that passed escape_text(), and end in "…" where the
 * edge cuts them.
 * Row 0 is the title, the last row the help line, the rows above it the remark.
 *
 * A key is one value: a character, or one of ncurses' KEY_ codes, or one of those below. ^C, ^Z and ^\ are no signals here:
 * ^C goes back as Esc does, the others nothing.
 * Threads: one. Fails: tui_terminal_begin() alone, where TERM names no terminal that can do this. */
#ifndef SENIM_CLI_TUI_TERMINAL_H
#define SENIM_CLI_TUI_TERMINAL_H

#include <glib.h>

#define TUI_IDLE_SECONDS 600 /* as long as the registrar keeps a session */
#define TUI_TICK_SECONDS 60  /* a list that waits for a key looks again as often */

typedef struct {
	int code;     /* 0: a character; KEY_…, TUI_KEY_… */
	gunichar c;
} TuiKey;
enum { TUI_KEY_BACK = -20, TUI_KEY_ENDED, TUI_KEY_TICK, TUI_KEY_FIND };

gboolean tui_terminal_begin(GError **error);
/* Everything off the terminal, which is as it was. */
void tui_terminal_end(void);
/* Another program takes the terminal, and gives it back. */
void tui_terminal_aside(gboolean away);

/* The next key. TUI_KEY_ENDED, from then on for ever: a signal, or TUI_IDLE_SECONDS without one (tui_terminal_idle()).
 * TUI_KEY_TICK: another minute has passed; where ticks is FALSE it is not given. Enter, Backspace and Esc come as KEY_ENTER,
 * KEY_BACKSPACE and TUI_KEY_BACK from every terminal; a changed size as KEY_RESIZE. */
TuiKey tui_terminal_key(gboolean ticks);
gboolean tui_terminal_idle(void);
/* The same, but TUI_KEY_TICK after so many milliseconds: for what moves by itself. */
TuiKey tui_terminal_key_within(guint milliseconds);
/* The sign that an English keyboard has on the key of this character, small: her keyboard may be Kazakh or Russian just now.
 * '\0': none. */
char tui_terminal_sign(TuiKey key);
/* The signs 1 to 9, 0 as the function keys F1 to F10, which many terminals keep for themselves; '/' and 'n' as
 * TUI_KEY_FIND. */
int tui_terminal_function(TuiKey key);

guint tui_terminal_rows(void);
guint tui_terminal_columns(void);

typedef enum { TUI_PLAIN, TUI_STRONG, TUI_CHOSEN } TuiLook;
void tui_terminal_clear(void);
/* One row, from that column to the edge. */
void tui_terminal_put(guint row, guint column, const char *text, TuiLook look);
/* The title, the help line and the remark above it; each may be NULL. Returns the first row that is not free for a text. */
guint tui_terminal_frame(const char *title, const char *help, const char *remark);
/* A text folded into the rows above row `last`; returns the first of them. Into those from row `first` on; returns the one
 * behind them. */
guint tui_terminal_above(const char *text, guint last);
guint tui_terminal_below(const char *text, guint first);
void tui_terminal_cursor(guint row, guint column); /* where the next refresh shows it, whatever is put in between */
void tui_terminal_refresh(gboolean cursor);

/* A text to be scrolled, until a key that it does not take: Esc, Enter, a function key, TUI_KEY_ENDED. The text is folded
 * already (cli/format.h). */
TuiKey tui_terminal_read(const char *title, const char *help, const char *remark, const char *text);
/* One of n labels by arrows and Enter, or by the key before it: a character of keys each, NULL for those of
 * TUI_CHOICE_KEYS in their order; -1: none. */
#define TUI_CHOICE_KEYS "123456789abcdefghijklmnopqrstuvwxyz"
int tui_terminal_choose(const char *title, const char *help, const char *const *labels, const char *keys, guint n, guint preset);

#endif
