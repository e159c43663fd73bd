/* SPDX-License-Identifier: ISC */
#include "cli/tui.h"

#include <ncurses.h>
#include <string.h>

#include "cli/case-list.h"
#include "cli/category.h"
#include "cli/drafts.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/moment.h"
#include "cli/review.h"
#include "cli/session.h"
#include "cli/tui-actions.h"
#include "cli/tui-edit.h"
#include "cli/tui-form.h"
#include "cli/tui-list.h"
#include "cli/tui-plain.h"
#include "cli/tui-terminal.h"

#define REMARK_MOST 500 /* octets and lines of what stands above the help line; more of it is a text to read */
#define REMARK_LINES 3

typedef struct {
	Cli *cli;
	Session *session;
	GPtrArray *cases, *lines; /* Case; TuiLine, which borrows them */
	GPtrArray *names;         /* of the cases, as she types them */
	guint chosen, top;        /* lines */
	gboolean all, over;
	guint64 next;             /* the case that stood behind the chosen one before it was worked on, 0 none */
	char *next_mailbox;
	GString *remark;
	const TuiAction *running; /* what is done just now, or NULL */
	char *running_of;         /* and with which case, or NULL */
	int pending;              /* a function key that ended a text: it is for the list */
	json_t *draft;            /* what was typed into a form that was not saved */
	char *draft_of;           /* the case and the kind of form */
	gboolean warned;          /* that what she typed and did not send is forgotten when she leaves */
	WipeText *letter;         /* the letter that was read last: it stands beside what is typed of it */
	char *letter_of;          /* of which case */
	WipeText *shown;          /* what the running action has shown last, for its question */
} Tui;

static Tui *tui; /* a face has no other way to it */

/* --- the list -------------------------------------------------------------------------------------------------------- */

static const TuiLine *line_at(guint i)
{
	return i < tui->lines->len ? tui->lines->pdata[i] : NULL;
}

static const Case *chosen_case(void)
{
	const TuiLine *line = line_at(tui->chosen);
	return line != NULL ? line->c : NULL;
}

static void remark(const char *text)
{
	g_string_assign(tui->remark, text);
}

/* The lines anew, of the same cases: the words of another language, another day. */
static void write_lines(void)
{
	GTimeZone *zone = desk_client_zone(tui->session->desk);
	g_autofree char *today = moment_today(zone, NULL);
	g_ptr_array_set_size(tui->names, 0);
	for (guint i = 0; i < tui->cases->len; i++)
		g_ptr_array_add(tui->names, case_shown(tui->cases->pdata[i], tui->session->desk));
	g_ptr_array_unref(tui->lines);
	tui->lines = tui_list_lines(tui->cases, (const char *const *)tui->names->pdata, &(TuiListed){zone, today, category_label, tui->session->incidents, FALSE});
}

static gboolean is_case(const Case *c, guint64 seq, const char *mailbox)
{
	return c != NULL && c->seq == seq && g_strcmp0(c->mailbox, mailbox) == 0 && !c->elsewhere;
}

static gboolean choose_case(guint64 seq, const char *mailbox)
{
	for (guint i = 0; i < tui->lines->len; i++)
		if (is_case(line_at(i)->c, seq, mailbox)) {
			tui->chosen = i;
			return TRUE;
		}
	return FALSE;
}

/* What stands behind the chosen case: work may move that one to another group, and she goes on where she was. */
static void remember_next(void)
{
	const TuiLine *line;
	guint i = tui->chosen + 1;
	while ((line = line_at(i)) != NULL && (line->c == NULL || line->c->elsewhere))
		i++;
	tui->next = line != NULL ? line->c->seq : 0;
	g_free(tui->next_mailbox);
	tui->next_mailbox = line != NULL ? g_strdup(line->c->mailbox) : NULL;
}

/* The line of the same case as before; the first one where it has gone. */
static void choose_again(guint64 seq, const char *mailbox)
{
	tui->chosen = tui->lines->len > 1 ? 1 : 0;
	if (!choose_case(seq, mailbox))
		remember_next();
}

static gboolean list_again(GError **error)
{
	const Case *before = chosen_case();
	guint64 seq = before != NULL ? before->seq : 0;
	g_autofree char *mailbox = before != NULL ? g_strdup(before->mailbox) : NULL;
	g_autoptr(Session) session = session_open(tui->cli, error); /* the kept one, signed in anew where it had ended */
	GPtrArray *cases = session != NULL ? case_list_fetch(session, tui->all ? "all" : "open", NULL, error) : NULL;
	if (cases == NULL)
		return FALSE;
	g_ptr_array_set_size(tui->lines, 0); /* they borrow from the cases */
	g_ptr_array_unref(tui->cases);
	tui->cases = cases;
	write_lines();
	choose_again(seq, mailbox);
	return TRUE;
}

static void list_or_say(void)
{
	g_autoptr(GError) error = NULL;
	if (!list_again(&error))
		remark(error->message);
}

/* --- what a command says and asks ------------------------------------------------------------------------------------ */

static const char *help_of_text(void)
{
	return _("↑↓ scroll  Esc back  F2 actions  F3 form  F5 print  F6 next");
}

static guint face_width(void)
{
	return tui_terminal_columns();
}

static guint lines_of(const char *text, gsize size)
{
	guint n = 0;
	for (gsize i = 0; i + 1 < size; i++)
		n += text[i] == '\n';
	return n + 1;
}

/* "2026/17: The row of the register" */
static char *title_of_running(void)
{
	g_autofree char *title = tui->running_of != NULL ? g_strdup_printf(_("Case %s"), tui->running_of) : NULL;
	const char *label = tui->running != NULL && tui->running != &tui_action_open ? _(tui->running->label) : NULL;
	if (title != NULL && label != NULL)
		return g_strdup_printf("%s: %s", title, label);
	return g_strdup(title != NULL ? title : label != NULL ? label : "senim");
}

/* Form and editor show the letter again: what is told of it is told with the letter before her. */
static void keep_shown(const char *text, gsize size)
{
	wipe_text_free(tui->shown);
	tui->shown = g_strndup(text, size);
	if (tui->running != &tui_action_open)
		return;
	wipe_text_free(tui->letter);
	g_free(tui->letter_of);
	tui->letter = g_strndup(text, size);
	tui->letter_of = g_strdup(tui->running_of);
}

/* The letter of the case that the running action is about; borrowed, NULL where she has not opened it. */
static const char *letter_before_her(void)
{
	return tui->running_of != NULL && g_strcmp0(tui->letter_of, tui->running_of) == 0 ? tui->letter : NULL;
}

static gboolean face_show(const char *text, gsize size, GError **error G_GNUC_UNUSED)
{
	if (size <= REMARK_MOST && lines_of(text, size) <= REMARK_LINES) {
		g_autoptr(WipeText) line = g_strndup(text, size);
		g_string_append_printf(tui->remark, "%s%s", tui->remark->len > 0 ? "  " : "", g_strchomp(line));
		return TRUE;
	}
	g_autofree char *title = title_of_running();
	keep_shown(text, size);
	TuiKey key = tui_terminal_read(title, help_of_text(), tui->remark->len > 0 ? tui->remark->str : NULL, text);
	remark("");
	if (key.code >= KEY_F(2) && key.code <= KEY_F(10))
		tui->pending = key.code;
	return TRUE;
}

static void face_warned(const char *sentence)
{
	g_string_append_printf(tui->remark, "%s%s", tui->remark->len > 0 ? "\n" : "", sentence);
}

static void face_progress(const char *line)
{
	guint rows = tui_terminal_rows();
	tui_terminal_put(rows > 1 ? rows - 2 : 0, 0, line, TUI_STRONG);
	tui_terminal_refresh(FALSE);
}

static const char *help_of_choice(void)
{
	return _("↑↓ and Enter, or its key   Esc leaves it");
}

static int face_choose(const char *title, const char *const *labels, guint n, guint preset)
{
	return tui_terminal_choose(title, help_of_choice(), labels, NULL, n, preset);
}

static gboolean left(GError **error)
{
	return cli_fail(error, CLI_ERROR_FAILED, _("you broke it off: nothing was entered"));
}

static WipeText *face_line(const char *question, const char *preset, GError **error)
{
	g_auto(TuiBeside) beside = {.text = tui->shown};
	WipeText *line = tui_edit_line(question, preset, &beside);
	if (line == NULL)
		left(error);
	if (line != NULL && *line == '\0')
		g_clear_pointer(&line, wipe_text_free);
	return line;
}

static WipeText *face_text(const char *question, GError **error)
{
	g_autoptr(WipeText) draft = drafts_take(question);
	g_auto(TuiBeside) beside = {.text = letter_before_her(), .letter = TRUE};
	if (beside.text == NULL && tui->running_of != NULL)
		beside.text = _("Once you have opened the letter it stands here: Esc keeps what you typed, Enter in the list opens it.");
	WipeText *text = tui_edit_page(question, &beside, &draft);
	if (text != NULL)
		return text;
	gboolean empty = *g_strstrip(draft) == '\0';
	if (empty || !drafts_keep(question, draft))
		left(error);
	else
		cli_fail(error, CLI_ERROR_FAILED, _("nothing was entered; what you typed stands there again until you leave senim"));
	return NULL;
}

static void face_keep(const char *question, const char *text)
{
	drafts_keep(question, text);
}

static json_t *face_form(const Row *row, const Record *card, gboolean resolution, GError **error)
{
	const Case *c = chosen_case();
	g_autofree char *key = g_strdup_printf("%s %" G_GUINT64_FORMAT " %d", c != NULL ? c->mailbox : "", c != NULL ? c->seq : 0, resolution);
	if (g_strcmp0(key, tui->draft_of) != 0) {
		g_clear_pointer(&tui->draft, json_decref);
		g_free(tui->draft_of);
		tui->draft_of = g_steal_pointer(&key);
	}
	const TuiForm form = {row, card, resolution, letter_before_her()};
	json_t *filled = tui_form_ask(&form, &tui->draft);
	if (filled == NULL && json_object_size(tui->draft) > 0)
		cli_fail(error, CLI_ERROR_FAILED, _("nothing was entered; what you typed stands in the form until you leave senim"));
	else if (filled == NULL)
		left(error);
	return filled;
}

static const Face full = {
	.width = face_width, .show = face_show, .warn = face_warned, .progress = face_progress, .choose = face_choose, .line = face_line,
	.text = face_text, .keep = face_keep, .form = face_form, .aside = tui_terminal_aside,
};

/* --- commands -------------------------------------------------------------------------------------------------------- */

static const char *help_of_list(void)
{
	return _("Enter open F1 help F2 actions F3 form F5 print F6 next F7 office F9 қаз F10 leave");
}

static void draw(void)
{
	g_autofree char *now = format_time(g_get_real_time(), desk_client_zone(tui->session->desk));
	g_autofree char *title = g_strdup_printf("senim   %s   %s   %s", desk_client_officer(tui->session->desk), now,
	                                         tui->all ? _("all cases") : _("open cases"));
	guint end = tui_terminal_frame(title, help_of_list(), tui->remark->len > 0 ? tui->remark->str : NULL);
	g_autofree char *head = tui_list_head();
	guint page = MAX(end, 3) - 2;
	tui_terminal_put(1, 0, head, TUI_PLAIN);
	if (tui->chosen < tui->top || tui->chosen >= tui->top + page)
		tui->top = tui->chosen >= page ? tui->chosen - page + 1 : 0;
	if (tui->chosen == 1)
		tui->top = 0; /* the head of the first group too */
	for (guint i = 0; i < page && tui->top + i < tui->lines->len; i++) {
		const TuiLine *line = line_at(tui->top + i);
		TuiLook look = tui->top + i == tui->chosen ? TUI_CHOSEN : line->c == NULL || line->strong ? TUI_STRONG : TUI_PLAIN;
		tui_terminal_put(2 + i, 0, line->text, look);
	}
	if (tui->lines->len == 0)
		tui_terminal_put(3, 2, _("There is no such case."), TUI_PLAIN);
	tui_terminal_refresh(FALSE);
}

static void run_words(char **words)
{
	g_autoptr(GError) error = NULL;
	gboolean form = strcmp(words[1], "note") == 0 || strcmp(words[1], "resolve") == 0;
	remark(_("One moment …"));
	draw();
	remark("");
	if (tui_actions_run(words, tui->cli, &error) && form) {
		g_clear_pointer(&tui->draft, json_decref);
		g_clear_pointer(&tui->draft_of, g_free);
	}
	if (error != NULL)
		face_warned(error->message);
}

/* The case that came since: what she has just added is what she works on. */
static void choose_added(guint64 newest)
{
	for (guint i = 0; i < tui->cases->len; i++) {
		const Case *c = tui->cases->pdata[i];
		if (c->seq > newest && !c->elsewhere && choose_case(c->seq, c->mailbox)) {
			newest = c->seq;
			remember_next();
		}
	}
}

static guint64 newest_case(void)
{
	guint64 newest = 0;
	for (guint i = 0; i < tui->cases->len; i++)
		newest = MAX(newest, ((const Case *)tui->cases->pdata[i])->seq);
	return newest;
}

static void run_action(const TuiAction *action)
{
	const Case *c = chosen_case();
	gboolean of_case = strstr(action->words, "{case}") != NULL, adds = g_str_has_prefix(action->words, "add ");
	guint64 newest = newest_case();
	g_autofree char *shown = c != NULL && of_case ? case_shown(c, tui->session->desk) : NULL;
	if (shown == NULL && of_case) {
		remark(_("There is no case to do it with."));
		return;
	}
	tui->running = action;
	tui->running_of = shown;
	char **words = tui_actions_words(action, c, shown, desk_client_zone(tui->session->desk));
	if (words != NULL)
		run_words(words);
	tui->running = NULL;
	tui->running_of = NULL;
	g_clear_pointer(&tui->shown, wipe_text_free);
	g_autoptr(GError) error = NULL;
	if (!list_again(&error))
		face_warned(error->message);
	else if (adds)
		choose_added(newest);
}

static void run_menu(const TuiAction *table, const char *title, const Case *c)
{
	g_autoptr(GPtrArray) offered = tui_actions_offered(table, tui->cli, c);
	g_autoptr(GPtrArray) labels = g_ptr_array_new();
	g_autofree char *keys = tui_actions_keys(table, offered);
	for (guint i = 0; i < offered->len; i++)
		g_ptr_array_add(labels, (gpointer)_(((const TuiAction *)offered->pdata[i])->label));
	int chosen = tui_terminal_choose(title, help_of_choice(), (const char *const *)labels->pdata, keys, labels->len, 0);
	const TuiAction *action = chosen >= 0 ? offered->pdata[chosen] : NULL;
	const TuiAction *menu = action != NULL ? tui_actions_menu(action) : NULL;
	if (menu != NULL)
		run_menu(menu, _(action->label), c);
	else if (action != NULL)
		run_action(action);
}

/* --- keys of the list ------------------------------------------------------------------------------------------------ */

/* By n lines, over heads, and no further than there are cases. */
static void go(int n)
{
	int step = n < 0 ? -1 : 1;
	for (int to = (int)tui->chosen + step; n != 0 && line_at((guint)MAX(to, 0)) != NULL && to >= 0; to += step)
		if (line_at((guint)to)->c != NULL) {
			tui->chosen = (guint)to;
			n -= step;
		}
	remember_next();
}

static void key_up(void) { go(-1); }
static void key_down(void) { go(1); }
static void key_page_up(void) { go(-(int)MAX(tui_terminal_rows() / 2, 1)); }
static void key_page_down(void) { go((int)MAX(tui_terminal_rows() / 2, 1)); }
static void key_home(void) { go(-(int)tui->lines->len); }
static void key_end(void) { go((int)tui->lines->len); }
static void key_open(void) { run_action(&tui_action_open); }
static void key_form(void) { run_action(&tui_action_form); }
static void key_print(void) { run_action(&tui_action_print); }
static void key_office(void) { run_menu(tui_office_actions, _("Office"), NULL); }
static void key_ended(void) { tui->over = TRUE; }
static void key_again(void) { list_or_say(); }

/* Drafts are in memory alone: she is told before they go. */
static void key_leave(void)
{
	if (drafts_count() == 0 || tui->warned) {
		tui->over = TRUE;
		return;
	}
	tui->warned = TRUE;
	remark(_("What you typed and did not send is in memory alone: F10 once more leaves senim and forgets it."));
}

/* The one that stood behind it, wherever the case itself stands by now. */
static void key_next(void)
{
	if (tui->next != 0 && choose_case(tui->next, tui->next_mailbox)) {
		remember_next();
		key_open();
	} else {
		remark(_("This is the last case of the list."));
	}
}

/* To a case by its number, also to a closed one. */
static void key_find(void)
{
	gboolean several;
	GTimeZone *zone = desk_client_zone(tui->session->desk);
	g_autoptr(WipeText) typed = tui_edit_line(_("Number of the case, as 12 or 2026/12: "), NULL, NULL);
	if (typed == NULL || *typed == '\0')
		return;
	const Case *c = case_list_named(tui->cases, typed, zone, &several);
	if (c == NULL && !several && !tui->all) {
		tui->all = TRUE;
		list_or_say();
		c = case_list_named(tui->cases, typed, zone, &several);
	}
	if (c != NULL && choose_case(c->seq, c->mailbox))
		remember_next();
	else
		remark(several ? _("Several cases are called so: write the mailbox too, as it stands in the list.") : _("There is no such case."));
}

static void key_actions(void)
{
	const Case *c = chosen_case();
	g_autofree char *shown = c != NULL ? case_shown(c, tui->session->desk) : NULL;
	g_autofree char *title = shown != NULL ? g_strdup_printf(_("Case %s"), shown) : NULL;
	if (title != NULL)
		run_menu(tui_case_actions, title, c);
	else
		remark(_("There is no case to do it with."));
}

static void key_all(void)
{
	tui->all = !tui->all;
	list_or_say();
}

static void key_language(void)
{
	language_next();
	write_lines();
}

static void key_help(void)
{
	g_autofree char *help = tui_help();
	tui_terminal_read(_("Help"), _("Esc back"), NULL, help);
}

static const struct {
	int code;
	void (*run)(void);
} keys[] = {
	{KEY_UP, key_up},       {KEY_DOWN, key_down},     {KEY_PPAGE, key_page_up}, {KEY_NPAGE, key_page_down},
	{KEY_HOME, key_home},   {KEY_END, key_end},       {KEY_ENTER, key_open},    {KEY_RIGHT, key_open},
	{KEY_F(1), key_help},   {KEY_F(2), key_actions},  {KEY_F(3), key_form},     {KEY_F(4), key_again},
	{KEY_F(5), key_print},  {KEY_F(6), key_next},     {KEY_F(7), key_office},   {KEY_F(8), key_all},
	{KEY_F(9), key_language}, {KEY_F(10), key_leave}, {TUI_KEY_FIND, key_find}, {TUI_KEY_TICK, key_again}, {TUI_KEY_ENDED, key_ended},
};

static void press(int code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (keys[i].code == code) {
			if (code != TUI_KEY_TICK)
				remark("");
			tui->warned = tui->warned && (code == TUI_KEY_TICK || code == KEY_F(10));
			keys[i].run();
			return;
		}
}

static void talk(void)
{
	while (!tui->over) {
		int code = tui->pending;
		tui->pending = 0;
		if (code == 0) {
			draw();
			code = tui_terminal_function(tui_terminal_key(TRUE));
		}
		press(code);
	}
}

/* --- the screen ------------------------------------------------------------------------------------------------------ */

static void tui_clear(Tui *one)
{
	g_ptr_array_unref(one->lines);
	g_ptr_array_unref(one->cases);
	g_ptr_array_unref(one->names);
	g_string_free(one->remark, TRUE);
	json_decref(one->draft);
	g_free(one->draft_of);
	g_free(one->next_mailbox);
	drafts_forget();
	wipe_text_free(one->letter);
	wipe_text_free(one->shown);
	g_free(one->letter_of);
}

/* What is due once a year. That it cannot be asked is said where something is asked for. */
static void remind(Session *session)
{
	const char *mailbox, *origin;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		gboolean due;
		gint64 last;
		if (!review_is_due(session, mailbox, &due, &last, NULL, NULL) || !due)
			continue;
		g_autofree char *sentence = review_sentence(session, mailbox, last);
		face_warn(sentence);
	}
}

static gboolean run_full(Tui *one, GError **error)
{
	tui = one;
	if (!tui_terminal_begin(error))
		return FALSE;
	face_use(&full);
	g_autoptr(GError) first = NULL;
	if (list_again(&first)) {
		remind(one->session);
		talk();
	}
	face_use(NULL);
	tui_terminal_end();
	if (first != NULL) {
		g_propagate_error(error, g_steal_pointer(&first));
		return FALSE;
	}
	if (tui_terminal_idle())
		return cli_fail(error, CLI_ERROR_REFUSED, _("ten minutes without a key: signed out, start senim again"));
	return TRUE;
}

gboolean tui_run(Cli *cli, GError **error)
{
	gboolean plain = g_strcmp0(cli->settings->screen, "plain") == 0 || g_strcmp0(g_getenv("TERM"), "dumb") == 0;
	if (cli->settings->language == NULL)
		language_use("kk"); /* whatever the locale says */
	Session *session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	session_keep(session);
	category_learn(session);
	Tui one = {.cli = cli, .session = session, .cases = g_ptr_array_new(), .lines = g_ptr_array_new(),
	           .names = g_ptr_array_new_with_free_func(g_free), .remark = g_string_new(NULL)};
	if (plain)
		remind(session);
	gboolean done = plain ? tui_plain_run(cli, session, error) : run_full(&one, error);
	tui_clear(&one);
	session_keep(NULL);
	return done;
}
