/* SPDX-License-Identifier: ISC */
#include "cli/tui-plain.h"

#include <string.h>

#include "cli/case-list.h"
#include "cli/category.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/tui-actions.h"
#include "cli/tui-list.h"

typedef struct {
	Cli *cli;
	Session *session;
	GPtrArray *cases, *names; /* and what the cases are called */
	gboolean all;
} Plain;

static void plain_clear(Plain *plain)
{
	g_ptr_array_unref(plain->cases);
	g_ptr_array_unref(plain->names);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plain, plain_clear)

/* --- the list -------------------------------------------------------------------------------------------------------- */

static void add_line(const TuiLine *line, guint *n, GPtrArray *order, WipeBuffer *out)
{
	g_autofree char *numbered = line->c != NULL ? g_strdup_printf("%u. %s\n", ++*n, g_strchug(line->text))
	                                            : g_strdup_printf("\n%s\n", line->text);
	wipe_buffer_add_text(out, numbered);
	if (line->c != NULL)
		g_ptr_array_add(order, (gpointer)line->c);
}

/* Reads the list out; order: the cases by their numbers (borrowed from plain). */
static GPtrArray *list(Plain *plain, GError **error)
{
	GTimeZone *zone = desk_client_zone(plain->session->desk);
	g_autoptr(Session) session = session_open(plain->cli, error);
	GPtrArray *cases = session != NULL ? case_list_fetch(session, plain->all ? "all" : "open", NULL, error) : NULL;
	if (cases == NULL)
		return NULL;
	g_ptr_array_unref(plain->cases);
	plain->cases = cases;
	g_ptr_array_set_size(plain->names, 0);
	for (guint i = 0; i < cases->len; i++)
		g_ptr_array_add(plain->names, case_shown(cases->pdata[i], plain->session->desk));
	g_autoptr(GDateTime) now = g_date_time_new_now(zone);
	g_autofree char *today = g_date_time_format(now, "%Y-%m-%d");
	g_autoptr(GPtrArray) lines = tui_list_lines(cases, (const char *const *)plain->names->pdata, &(TuiListed){zone, today, category_label});
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	GPtrArray *order = g_ptr_array_new();
	guint n = 0;
	for (guint i = 0; i < lines->len; i++)
		add_line(lines->pdata[i], &n, order, out);
	if (n == 0)
		wipe_buffer_add_text(out, _("There is no such case.\n"));
	if (output_text(out, error))
		return order;
	g_ptr_array_unref(order);
	return NULL;
}

/* --- what is done ---------------------------------------------------------------------------------------------------- */

static void run_action(const Plain *plain, const TuiAction *action, const char *shown)
{
	g_autoptr(GError) error = NULL;
	char **words = tui_actions_words(action, shown, desk_client_zone(plain->session->desk));
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
		run_menu(plain, menu, _(action->label), NULL);
	else if (action != NULL)
		run_action(plain, action, shown);
}

/* Read out once, then one action after another, until she goes back. */
static void run_case(const Plain *plain, const Case *c)
{
	static const char *const ways[] = {N_("Read it"), N_("Something else with it"), N_("Back to the list")};
	g_autofree char *shown = case_shown(c, plain->session->desk);
	g_autofree char *title = g_strdup_printf(_("Case %s"), shown);
	for (;;) {
		const char *labels[G_N_ELEMENTS(ways)];
		for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
			labels[i] = _(ways[i]);
		int way = form_choose(title, labels, G_N_ELEMENTS(labels), G_N_ELEMENTS(labels));
		if (way == 0)
			run_action(plain, &tui_action_open, shown);
		else if (way == 1)
			run_menu(plain, tui_case_actions, title, c);
		else
			return;
	}
}

/* --- the screen ------------------------------------------------------------------------------------------------------ */

/* A number is a case; a word, in her language or by its first letter in English, is one of these. */
static gboolean take(Plain *plain, const char *answer, const GPtrArray *order, gboolean *over)
{
	guint64 number;
	if (g_ascii_string_to_unsigned(answer, 10, 1, order->len, &number, NULL))
		run_case(plain, order->pdata[number - 1]);
	else if (strcmp(answer, "0") == 0 || strcmp(answer, "q") == 0)
		*over = TRUE;
	else if (strcmp(answer, "+") == 0)
		plain->all = !plain->all;
	else if (strcmp(answer, "*") == 0)
		run_menu(plain, tui_office_actions, _("Office"), NULL);
	else if (strcmp(answer, "/") == 0)
		language_next();
	else if (strcmp(answer, "?") == 0) {
		g_autofree char *help = tui_help_plain();
		return output_said(help, NULL);
	}
	return TRUE;
}

gboolean tui_plain_run(Cli *cli, Session *session, GError **error)
{
	g_auto(Plain) plain = {cli, session, g_ptr_array_new(), g_ptr_array_new_with_free_func(g_free), FALSE};
	gboolean over = FALSE;
	g_setenv("PAGER", "", TRUE); /* everything is written, and nothing waits for a key */
	while (!over) {
		g_autoptr(GError) cause = NULL;
		g_autoptr(GPtrArray) order = list(&plain, error);
		if (order == NULL)
			return FALSE;
		g_autoptr(WipeText) answer =
			form_line(_("The number of a case, * office, + all cases, / language, ? help, 0 leave: "), &cause);
		if (cause != NULL && g_error_matches(cause, CLI_ERROR, CLI_ERROR_REFUSED)) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
		if (cause != NULL)
			return TRUE;
		take(&plain, answer != NULL ? answer : "", order, &over);
	}
	return TRUE;
}
