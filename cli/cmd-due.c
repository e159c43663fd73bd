/* SPDX-License-Identifier: ISC */
/* senim due: what is overdue, due today, this week, later; what has no date stands before that, and first of all an erasure that was
 * ordered and is not carried out yet. */
#include <string.h>

#include "cli/case-list.h"
#include "cli/erasures.h"
#include "cli/format.h"
#include "cli/moment.h"
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

/* What another reads is not hers to keep in mind. */
static void drop_elsewhere(GPtrArray *cases)
{
	for (guint i = cases->len; i > 0; i--)
		if (((const Case *)cases->pdata[i - 1])->elsewhere || case_is_over(cases->pdata[i - 1]))
			g_ptr_array_remove_index(cases, i - 1);
}

/* Answers that went out and have no outgoing number yet: their cases, closed or not, for the register's eighth column. */
static GPtrArray *unnumbered_of(Session *session, const GPtrArray *cases)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < cases->len; i++)
		if (((const Case *)cases->pdata[i])->reply.unnumbered)
			g_ptr_array_add(names, case_shown(cases->pdata[i], session->desk));
	return names;
}

/* One term of one case. */
typedef struct {
	const Case *c;
	const char *term; /* a word */
	const char *date; /* YYYY-MM-DD, or NULL: it is not known */
} Due;

static gboolean is_passed_on(const Case *c)
{
	return c->resolved || case_is_passed_on(c);
}

/* What still has to be done by a day: of the other terms only those that have one. */
static void add_terms(const Case *c, GArray *list)
{
	const Due terms[] = {
		{c, "consider", c->due},
		{c, "forward", is_passed_on(c) ? NULL : c->forward},
		{c, "acknowledge", strcmp(c->ack_state, "sent") != 0 ? c->acknowledge : NULL},
		{c, "answer", c->answer},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(terms); i++)
		if (i == 0 || terms[i].date != NULL)
			g_array_append_val(list, terms[i]);
}

/* Dates of this form compare as text. */
static DueWhen when_of(const char *date, const char *today, const char *sunday)
{
	if (date == NULL)
		return DUE_UNDATED;
	if (strcmp(date, today) < 0)
		return DUE_OVERDUE;
	if (strcmp(date, today) == 0)
		return DUE_TODAY;
	return strcmp(date, sunday) <= 0 ? DUE_WEEK : DUE_LATER;
}

static gint by_date(gconstpointer a, gconstpointer b)
{
	const Due *one = a, *two = b;
	int order = g_strcmp0(one->date, two->date); /* what has none comes first */
	return order != 0 ? order : one->c->received < two->c->received ? -1 : one->c->received > two->c->received;
}

/* Of each case the array of its terms, by date (the table owns it). */
static GHashTable *json_terms(const GArray *list, const char *today, const char *sunday)
{
	GHashTable *terms = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)json_decref);
	for (guint i = 0; i < list->len; i++) {
		const Due *due = &g_array_index(list, Due, i);
		if (!g_hash_table_contains(terms, due->c))
			g_hash_table_insert(terms, (gpointer)due->c, json_array());
		json_array_append_new(g_hash_table_lookup(terms, due->c),
		                      json_pack("{s:s, s:o, s:s}", "term", due->term, "date", output_value(due->date), "when",
		                                whens[when_of(due->date, today, sunday)].word));
	}
	return terms;
}

/* One object a case; `due` and `when` are those of its consideration. */
static gboolean print_json(Session *session, const GArray *list, const GPtrArray *unnumbered, const GPtrArray *erasures, const char *today,
                           const char *sunday, GError **error)
{
	json_t *cases = json_array(), *names = json_array();
	for (guint i = 0; i < unnumbered->len; i++)
		json_array_append_new(names, output_value(unnumbered->pdata[i]));
	g_autoptr(GHashTable) terms = json_terms(list, today, sunday);
	for (guint i = 0; i < list->len; i++) {
		const Due *due = &g_array_index(list, Due, i);
		if (strcmp(due->term, "consider") != 0)
			continue;
		const Case *c = due->c;
		g_autofree char *name = case_shown(c, session->desk);
		json_array_append_new(cases, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:O}", "case", output_value(name), "mailbox",
		                                       output_value(c->mailbox), "official_date", output_value(c->official_date), "due",
		                                       output_value(c->due), "prolonged", output_value(c->prolonged), "told",
		                                       output_value(c->told), "state",
		                                       output_value(c->state), "when", whens[when_of(c->due, today, sunday)].word, "terms",
		                                       g_hash_table_lookup(terms, c)));
	}
	return output_json(json_pack("{s:s, s:o, s:o, s:o}", "today", today, "cases", cases, "unnumbered", names, "erasures",
	                             erasures_json(session, erasures)), error);
}

static void add_row(Session *session, const Due *due, FormatTable *table)
{
	static const struct {
		const char *word, *label;
	} labels[] = {
		{"consider", N_("consider")},
		{"forward", N_("forward, where it is for somebody else")},
		{"acknowledge", N_("acknowledge (Directive 2019/1937)")},
		{"answer", N_("answer (Directive 2019/1937)")},
	};
	const Case *c = due->c;
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *shown = g_strconcat("  ", name, NULL);
	g_autofree char *state = format_word(c->state);
	g_autofree char *from = g_strdup_printf(_("counts from %s"), c->official_date != NULL ? c->official_date : "-");
	gboolean moved = c->told != NULL && g_strcmp0(c->told, c->official_date) != 0;
	g_autofree char *told = moved ? g_strdup_printf(_(", the reporter was told %s"), c->told) : g_strdup("");
	g_autofree char *more = g_strconcat(from, c->prolonged != NULL ? ", " : "", c->prolonged != NULL ? _("prolonged") : "", told, NULL);
	gboolean main = strcmp(due->term, "consider") == 0;
	format_table_cell(table, shown);
	format_table_cell(table, due->date != NULL ? due->date : "-");
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (strcmp(labels[i].word, due->term) == 0)
			format_table_cell(table, _(labels[i].label));
	format_table_cell(table, main ? state : "");
	format_table_cell(table, main ? more : "");
}

/* The days in the future of the lesser terms are left to `why`: what is near is what she has to see. */
static gboolean is_shown(const Due *due, DueWhen when)
{
	return strcmp(due->term, "consider") == 0 || when != DUE_LATER;
}

static void add_rows(Session *session, const GArray *list, DueWhen when, const char *today, const char *sunday, WipeBuffer *out)
{
	g_autoptr(FormatTable) table = format_table_new(5);
	guint n = 0;
	for (guint i = 0; i < list->len; i++) {
		const Due *due = &g_array_index(list, Due, i);
		if (when_of(due->date, today, sunday) != when || !is_shown(due, when))
			continue;
		add_row(session, due, table);
		n++;
	}
	if (n == 0)
		return;
	wipe_buffer_add_text(out, _(whens[when].head));
	wipe_buffer_add_text(out, "\n");
	format_table_fold(table, output_width());
	format_table_write(table, FALSE, out);
}

static void add_unnumbered(const GPtrArray *unnumbered, WipeBuffer *out)
{
	for (guint i = 0; i < unnumbered->len; i++) {
		if (i == 0) {
			wipe_buffer_add_text(out, _("ANSWERS WITHOUT OUTGOING NUMBER"));
			wipe_buffer_add_text(out, "\n");
		}
		wipe_buffer_add_text(out, "  ");
		wipe_buffer_add_text(out, unnumbered->pdata[i]);
		wipe_buffer_add_text(out, "\n");
	}
}

static gboolean print_text(Session *session, const GArray *list, const GPtrArray *unnumbered, const GPtrArray *erasures, const char *today,
                           const char *sunday, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2048);
	if (erasures->len > 0)
		wipe_buffer_add_text(out, _("NEEDS A DECISION: ERASURE BY ORDER"));
	wipe_buffer_add_text(out, erasures->len > 0 ? "\n" : "");
	for (guint i = 0; i < erasures->len; i++)
		erasures_add(session, erasures->pdata[i], out);
	for (DueWhen when = DUE_UNDATED; when <= DUE_LATER; when++)
		add_rows(session, list, when, today, sunday, out);
	add_unnumbered(unnumbered, out);
	if (list->len == 0 && unnumbered->len == 0)
		wipe_buffer_add_text(out, _("No case is open: nothing is due.\n"));
	return output_text(out, error);
}

gboolean cmd_due(Cli *cli, GError **error)
{
	g_autofree char *today = NULL, *sunday = NULL;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(GPtrArray) cases = session != NULL ? case_list_fetch(session, "due", NULL, error) : NULL;
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Due));
	g_autoptr(GPtrArray) erasures = cases != NULL ? erasures_fetch(session, error) : NULL;
	if (erasures == NULL)
		return FALSE;
	g_autoptr(GPtrArray) unnumbered = unnumbered_of(session, cases);
	drop_elsewhere(cases);
	for (guint i = 0; i < cases->len; i++)
		add_terms(cases->pdata[i], list);
	today = moment_today(desk_client_zone(session->desk), &sunday);
	g_array_sort(list, by_date);
	return options_flag(cli->options, "json") ? print_json(session, list, unnumbered, erasures, today, sunday, error)
	                                          : print_text(session, list, unnumbered, erasures, today, sunday, error);
}
