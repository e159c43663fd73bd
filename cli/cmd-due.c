/* SPDX-License-Identifier: ISC */
/* senim due: what is overdue, due today, this week, later; what has no date stands first of all. */
#include <string.h>

#include "cli/case-list.h"
#include "cli/format.h"
#include "cli/output.h"

typedef enum { DUE_UNDATED, DUE_OVERDUE, DUE_TODAY, DUE_WEEK, DUE_LATER } DueWhen;

static const struct {
	const char *word, *head;
} whens[] = {
	[DUE_UNDATED] = {"undated", N_("WITHOUT A DATE: the calendar does not cover them")},
	[DUE_OVERDUE] = {"overdue", N_("OVERDUE")},
	[DUE_TODAY] = {"today", N_("DUE TODAY")},
	[DUE_WEEK] = {"week", N_("DUE THIS WEEK")},
	[DUE_LATER] = {"later", N_("LATER")},
};

/* A closed case whose new answer stands in the list has no term any more. */
static gboolean is_over(const Case *c)
{
	return strcmp(c->state, "closed") == 0 || strcmp(c->state, "set-aside") == 0;
}

/* What another reads is not hers to keep in mind. */
static void drop_elsewhere(GPtrArray *cases)
{
	for (guint i = cases->len; i > 0; i--)
		if (((const Case *)cases->pdata[i - 1])->elsewhere || is_over(cases->pdata[i - 1]))
			g_ptr_array_remove_index(cases, i - 1);
}

/* "YYYY-MM-DD" of today, and of this week's Sunday, in the organisation's zone. */
static void today_of(Session *session, char **today, char **sunday)
{
	g_autoptr(GDateTime) now = g_date_time_new_now(desk_client_zone(session->desk));
	g_autoptr(GDateTime) end = g_date_time_add_days(now, 7 - g_date_time_get_day_of_week(now));
	*today = g_date_time_format(now, "%Y-%m-%d");
	*sunday = g_date_time_format(end, "%Y-%m-%d");
}

/* Dates of this form compare as text. */
static DueWhen when_of(const Case *c, const char *today, const char *sunday)
{
	if (c->due == NULL)
		return DUE_UNDATED;
	if (strcmp(c->due, today) < 0)
		return DUE_OVERDUE;
	if (strcmp(c->due, today) == 0)
		return DUE_TODAY;
	return strcmp(c->due, sunday) <= 0 ? DUE_WEEK : DUE_LATER;
}

static gint by_due(gconstpointer a, gconstpointer b)
{
	const Case *one = *(Case *const *)a, *two = *(Case *const *)b;
	int order = g_strcmp0(one->due, two->due); /* what has none comes first */
	return order != 0 ? order : one->received < two->received ? -1 : one->received > two->received;
}

static gboolean print_json(Session *session, const GPtrArray *cases, const char *today, const char *sunday, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < cases->len; i++) {
		const Case *c = cases->pdata[i];
		g_autofree char *name = case_shown(c, session->desk);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "case", output_value(name), "mailbox",
		                                      output_value(c->mailbox), "official_date", output_value(c->official_date), "due",
		                                      output_value(c->due), "state", output_value(c->state), "when",
		                                      whens[when_of(c, today, sunday)].word));
	}
	return output_json(json_pack("{s:s, s:o}", "today", today, "cases", list), error);
}

static void add_rows(Session *session, const GPtrArray *cases, DueWhen when, const char *today, const char *sunday,
                     WipeBuffer *out)
{
	g_autoptr(FormatTable) table = format_table_new(4);
	guint n = 0;
	for (guint i = 0; i < cases->len; i++) {
		const Case *c = cases->pdata[i];
		if (when_of(c, today, sunday) != when)
			continue;
		g_autofree char *name = case_shown(c, session->desk);
		g_autofree char *shown = g_strconcat("  ", name, NULL);
		g_autofree char *state = format_word(c->state);
		g_autofree char *from = g_strdup_printf(_("counts from %s"), c->official_date != NULL ? c->official_date : "-");
		format_table_cell(table, shown);
		format_table_cell(table, c->due);
		format_table_cell(table, state);
		format_table_cell(table, from);
		n++;
	}
	if (n == 0)
		return;
	wipe_buffer_add_text(out, _(whens[when].head));
	wipe_buffer_add_text(out, "\n");
	format_table_fold(table, output_width());
	format_table_write(table, FALSE, out);
}

static gboolean print_text(Session *session, const GPtrArray *cases, const char *today, const char *sunday, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2048);
	for (DueWhen when = DUE_UNDATED; when <= DUE_LATER; when++)
		add_rows(session, cases, when, today, sunday, out);
	if (cases->len == 0)
		wipe_buffer_add_text(out, _("No case is open: nothing is due.\n"));
	return output_text(out, error);
}

gboolean cmd_due(Cli *cli, GError **error)
{
	g_autofree char *today = NULL, *sunday = NULL;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(GPtrArray) cases = session != NULL ? case_list_fetch(session, "due", NULL, error) : NULL;
	if (cases == NULL)
		return FALSE;
	drop_elsewhere(cases);
	today_of(session, &today, &sunday);
	g_ptr_array_sort(cases, by_due);
	return options_flag(cli->options, "json") ? print_json(session, cases, today, sunday, error)
	                                          : print_text(session, cases, today, sunday, error);
}
