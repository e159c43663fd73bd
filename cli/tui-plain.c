/* SPDX-License-Identifier: ISC */
#include "cli/tui-plain.h"

#include <string.h>

#include "cli/case-list.h"
#include "cli/category.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/tui-actions.h"
#include "cli/tui-list.h"

typedef struct {
	Cli *cli;
	Session *session;
	GPtrArray *cases;  /* as they are now */
	GPtrArray *names;  /* and what they are called */
	gboolean all;
} Plain;

static void plain_clear(Plain *plain)
{
	g_ptr_array_unref(plain->cases);
	g_ptr_array_unref(plain->names);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plain, plain_clear)

/* --- the list -------------------------------------------------------------------------------------------------------- */

static gboolean fetch(Plain *plain, GError **error)
{
	g_autoptr(Session) session = session_open(plain->cli, error);
	GPtrArray *cases = session != NULL ? case_list_fetch(session, plain->all ? "all" : "open", NULL, error) : NULL;
	if (cases == NULL)
		return FALSE;
	g_ptr_array_unref(plain->cases);
	plain->cases = cases;
	g_ptr_array_set_size(plain->names, 0);
	for (guint i = 0; i < cases->len; i++)
		g_ptr_array_add(plain->names, case_shown(cases->pdata[i], plain->session->desk));
	return TRUE;
}

/* That case as it is now; NULL where it has gone from the list. */
static const Case *case_now(const Plain *plain, guint64 seq, const char *mailbox)
{
	for (guint i = 0; i < plain->cases->len; i++) {
		const Case *c = plain->cases->pdata[i];
		if (c->seq == seq && strcmp(c->mailbox, mailbox) == 0)
			return c;
	}
	return NULL;
}

/* A case begins with its number in the register, the one that she types. */
static void add_line(const TuiLine *line, gboolean whole, WipeBuffer *out)
{
	g_autofree char *shown = line->c != NULL ? g_strdup_printf("%s\n", g_strchug(line->text))
	                                         : g_strdup_printf("%s%s\n", whole ? "\n" : "", line->text);
	if (line->c == NULL || whole)
		wipe_buffer_add_text(out, shown);
}

/* Reads the list out, whole or only how many there are in each group: who hears it wants it once. */
static gboolean list(Plain *plain, gboolean whole, GError **error)
{
	if (!fetch(plain, error))
		return FALSE;
	GTimeZone *zone = desk_client_zone(plain->session->desk);
	g_autofree char *today = moment_today(zone, NULL);
	g_autoptr(GPtrArray) lines = tui_list_lines(plain->cases, (const char *const *)plain->names->pdata,
	                                            &(TuiListed){zone, today, category_label, plain->session->incidents, TRUE});
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	for (guint i = 0; i < lines->len; i++)
		add_line(lines->pdata[i], whole, out);
	if (lines->len == 0)
		wipe_buffer_add_text(out, _("There is no such case.\n"));
	return output_text(out, error);
}

/* --- what is done ---------------------------------------------------------------------------------------------------- */

static void run_action(const Plain *plain, const TuiAction *action, const Case *c, const char *shown)
{
	g_autoptr(GError) error = NULL;
	char **words = tui_actions_words(action, c, shown, desk_client_zone(plain->session->desk));
	if (words == NULL)
		return;
	if (!tui_actions_run(words, plain->cli, &error))
		face_say_error(error->message);
}

static void run_menu(const Plain *plain, const TuiAction *table, const char *title, const Case *c)
{
	g_autoptr(GPtrArray) offered = tui_actions_offered(table, plain->cli, c);
	g_autoptr(GPtrArray) labels = g_ptr_array_new();
	for (guint i = 0; i < offered->len; i++)
		g_ptr_array_add(labels, (gpointer)_(((const TuiAction *)offered->pdata[i])->label));
	g_autofree char *shown = c != NULL ? case_shown(c, plain->session->desk) : NULL;
	int chosen = form_choose(title, (const char *const *)labels->pdata, labels->len, 0);
	const TuiAction *action = chosen >= 0 ? offered->pdata[chosen] : NULL, *menu = action != NULL ? tui_actions_menu(action) : NULL;
	if (menu != NULL)
		run_menu(plain, menu, _(action->label), c);
	else if (action != NULL)
		run_action(plain, action, c, shown);
}

/* Read out once, then one action after another, until she goes back. */
static gboolean run_case(Plain *plain, const Case *c, GError **error)
{
	static const struct {
		const char *label;
		const TuiAction *action;
	} ways[] = {{N_("Read it"), &tui_action_open}, {N_("Form: who reported, and what"), &tui_action_form},
	            {N_("Something else with it"), NULL}, {N_("Back to the list"), NULL}};
	guint64 seq = c->seq;
	g_autofree char *mailbox = g_strdup(c->mailbox);
	for (; c != NULL; c = case_now(plain, seq, mailbox)) {
		const char *labels[G_N_ELEMENTS(ways)];
		g_autofree char *shown = case_shown(c, plain->session->desk);
		g_autofree char *title = g_strdup_printf(_("Case %s"), shown);
		for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
			labels[i] = _(ways[i].label);
		int way = form_choose(title, labels, G_N_ELEMENTS(labels), G_N_ELEMENTS(labels));
		if (way < 0 || way == G_N_ELEMENTS(ways) - 1)
			return TRUE;
		if (ways[way].action != NULL)
			run_action(plain, ways[way].action, c, shown);
		else
			run_menu(plain, tui_case_actions, title, c);
		if (!fetch(plain, error))
			return FALSE;
	}
	return TRUE;
}

/* --- the screen ------------------------------------------------------------------------------------------------------ */

/* The case that she typed, also a closed one; where none is called so, or several are, that is said. */
static gboolean take_case(Plain *plain, const char *typed, GError **error)
{
	gboolean several;
	GTimeZone *zone = desk_client_zone(plain->session->desk);
	const Case *c = case_list_named(plain->cases, typed, zone, &several);
	if (c == NULL && !several && !plain->all) {
		plain->all = TRUE;
		if (!fetch(plain, error))
			return FALSE;
		c = case_list_named(plain->cases, typed, zone, &several);
	}
	if (c != NULL)
		return run_case(plain, c, error);
	face_say_error(several ? _("Several cases are called so: write the mailbox too, as it stands in the list.") : _("There is no such case."));
	return TRUE;
}

/* A number is a case, a sign one of these; whole: the list is read out once more. */
static gboolean take(Plain *plain, const char *answer, gboolean *whole, gboolean *over, GError **error)
{
	*whole = FALSE;
	if (strcmp(answer, "0") == 0 || strcmp(answer, "q") == 0)
		*over = TRUE;
	else if (case_check_name(answer, NULL))
		return take_case(plain, answer, error);
	else if (strcmp(answer, "*") == 0)
		run_menu(plain, tui_office_actions, _("Office"), NULL);
	else if (strcmp(answer, "?") == 0) {
		g_autofree char *help = tui_help_plain();
		return output_said(help, error);
	} else {
		*whole = TRUE;
		if (strcmp(answer, "+") == 0)
			plain->all = !plain->all;
		else if (strcmp(answer, "/") == 0)
			language_next();
	}
	return TRUE;
}

gboolean tui_plain_run(Cli *cli, Session *session, GError **error)
{
	g_auto(Plain) plain = {cli, session, g_ptr_array_new(), g_ptr_array_new_with_free_func(g_free), FALSE};
	gboolean over = FALSE, whole = TRUE;
	g_setenv("PAGER", "", TRUE); /* everything is written, and nothing waits for a key */
	while (!over) {
		g_autoptr(GError) cause = NULL;
		if (!list(&plain, whole, error))
			return FALSE;
		g_autoptr(WipeText) answer =
			form_line(_("Number of the case, as 12 or 2026/12; Enter the list, * office, + all cases, / language, ? help, 0 leave: "), &cause);
		if (cause != NULL && g_error_matches(cause, CLI_ERROR, CLI_ERROR_REFUSED)) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		if (cause != NULL)
			return TRUE;
		if (!take(&plain, answer != NULL ? answer : "", &whole, &over, error))
			return FALSE;
	}
	return TRUE;
}
