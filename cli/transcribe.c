/* SPDX-License-Identifier: ISC */
#include "cli/transcribe.h"

#include <ncurses.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/tui-edit.h"

#define LINE_MOST 4096 /* octets of one typed line */
#define SKIP 5        /* seconds back or on */
#define LOOK_EVERY 250 /* ms: where the recording is */
#define TOP 3         /* the first row of the text, below title and recording */
#define CONTROL(letter) ((letter) & 0x1f)

/* --- where the recording is --------------------------------------------------------------------------------------------- */

/* "1:05"; "-:--" where it is not known. */
static char *clock_of(double seconds)
{
	return seconds < 0 ? g_strdup("-:--") : g_strdup_printf("%d:%02d", (int)seconds / 60, (int)seconds % 60);
}

static char *place_of(Player *player)
{
	PlayerState state = player_look(player);
	g_autofree char *position = clock_of(state.position), *length = clock_of(state.length);
	const char *what = state.over ? _("the player has ended: save, and begin again") : state.paused ? _("waits") : _("plays");
	return g_strdup_printf(_("%s of %s   %s"), position, length, what);
}

/* --- on the screen ------------------------------------------------------------------------------------------------------- */

typedef struct {
	Player *player;
	const char *title, *before;
	gboolean kept, leaving;
	TuiEdit *edit;
	const char *remark; /* N_() */
} Desk;

static void draw(Desk *desk)
{
	guint end = tui_terminal_frame(desk->title, _("F2 save  F4 play or wait  F5 back 5 s  F6 on 5 s  Esc leave"),
	                               desk->remark != NULL ? _(desk->remark) : NULL);
	g_autofree char *place = place_of(desk->player);
	tui_terminal_put(1, 0, place, TUI_STRONG);
	tui_edit_put(desk->edit, TOP, end);
	tui_terminal_refresh(TRUE);
}

/* Function keys, and for a terminal that keeps them to itself letters with Ctrl. FALSE: it is none of the recording's. */
static gboolean player_key(Desk *desk, TuiKey key)
{
	gboolean letter = key.code == 0;
	if (key.code == KEY_F(4) || (letter && key.c == CONTROL('P')))
		player_toggle(desk->player);
	else if (key.code == KEY_F(5) || (letter && key.c == CONTROL('B')))
		player_skip(desk->player, -SKIP);
	else if (key.code == KEY_F(6) || (letter && key.c == CONTROL('F')))
		player_skip(desk->player, SKIP);
	else
		return FALSE;
	return TRUE;
}

static gboolean is_changed(const Desk *desk)
{
	g_autoptr(WipeText) text = tui_edit_text(desk->edit);
	return strcmp(text, desk->before) != 0;
}

/* TRUE: it can be saved as it is. */
static gboolean may_save(Desk *desk)
{
	g_autoptr(WipeText) text = tui_edit_text(desk->edit);
	gsize size = strlen(g_strstrip(text));
	desk->remark = size == 0                 ? N_("Nothing is written yet: Esc leaves it.")
	             : size >= TRANSCRIBE_MOST   ? N_("The text is too long for one entry: shorten it.")
	                                         : NULL;
	return desk->remark == NULL;
}

/* TRUE: she leaves. What is not saved is left at the second Esc alone. */
static gboolean may_leave(Desk *desk)
{
	if (desk->leaving || !is_changed(desk))
		return TRUE;
	desk->leaving = TRUE;
	desk->remark = desk->kept ? N_("Nothing is saved. Esc once more leaves it; what you typed stands here until you leave senim.")
	                          : N_("Nothing is saved. Esc once more leaves it, and what you typed is forgotten.");
	return FALSE;
}

static void take_key(Desk *desk, TuiKey key)
{
	desk->leaving = FALSE;
	desk->remark = NULL;
	if (key.code == KEY_RESIZE)
		tui_terminal_clear();
	else if (!player_key(desk, key))
		tui_edit_text_key(desk->edit, key);
}

static gboolean run(Desk *desk)
{
	draw(desk);
	for (;;) {
		TuiKey key = tui_terminal_key_within(LOOK_EVERY);
		if (key.code == TUI_KEY_ENDED || (key.code == TUI_KEY_BACK && may_leave(desk)))
			return FALSE;
		if (key.code == KEY_F(2) && may_save(desk))
			return TRUE;
		if (key.code != TUI_KEY_TICK && key.code != TUI_KEY_BACK && key.code != KEY_F(2))
			take_key(desk, key);
		draw(desk);
	}
}

gboolean transcribe_screen(Player *player, const char *title, gboolean kept, WipeText **text)
{
	g_autoptr(WipeText) before = *text != NULL ? *text : g_strdup("");
	Desk desk = {.player = player, .title = title, .before = before, .kept = kept, .edit = tui_edit_new(TUI_EDIT_TEXT)};
	tui_edit_set(desk.edit, before);
	gboolean saved = run(&desk);
	*text = tui_edit_text(desk.edit);
	tui_edit_free(desk.edit);
	return saved;
}

/* --- line by line -------------------------------------------------------------------------------------------------------- */

/* Takes the last line back. */
static void shorten(GString *text)
{
	if (text->len > 0)
		g_string_truncate(text, text->len - 1);
	const char *end = strrchr(text->str, '\n');
	gsize left = end != NULL ? (gsize)(end + 1 - text->str) : 0;
	explicit_bzero(text->str + left, text->len - left);
	g_string_truncate(text, left);
}

/* TRUE: that was the last of it. */
static gboolean take_line(Player *player, const char *line, GString *text)
{
	if (*line == '\0')
		player_toggle(player);
	else if (strcmp(line, "-") == 0)
		player_skip(player, -SKIP);
	else if (strcmp(line, "+") == 0)
		player_skip(player, SKIP);
	else if (strcmp(line, "*") == 0)
		shorten(text);
	else if (strcmp(line, ".") != 0)
		g_string_append_printf(text, "%s\n", line);
	return strcmp(line, ".") == 0;
}

gboolean transcribe_lines(Player *player, const char *title, WipeText **text, GError **error)
{
	g_autoptr(GError) cause = NULL;
	GString *typed = g_string_sized_new(2 * TRANSCRIBE_MOST); /* not copied on the way */
	gboolean over = FALSE;
	g_autoptr(WipeText) head = g_strdup_printf("%s\n%s\n%s", title,
		_("Each line is a line of the text. Enter alone plays or waits, - goes back 5 seconds, + on, * takes the last line back, and a dot alone saves."),
		*text != NULL ? *text : "");
	if (*text != NULL && **text != '\0')
		g_string_append_printf(typed, "%s%s", *text, g_str_has_suffix(*text, "\n") ? "" : "\n");
	g_clear_pointer(text, wipe_text_free);
	g_autoptr(WipeText) safe = escape_text(head, -1, ESCAPE_TEXT);
	output_said(safe, NULL);
	while (!over && cause == NULL && typed->len + LINE_MOST < TRANSCRIBE_MOST) {
		player_look(player);
		g_usleep(LOOK_EVERY * 1000 / 2); /* its answer: nothing is shown anew before the next line */
		g_autofree char *place = place_of(player), *question = g_strdup_printf("%s > ", place);
		g_autoptr(WipeText) line = form_line(question, &cause);
		over = cause == NULL && take_line(player, line != NULL ? line : "", typed);
	}
	*text = g_string_free(typed, FALSE);
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return cause == NULL;
}
