/* SPDX-License-Identifier: ISC */
#include "cli/report.h"

#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/page.h"

#define MONTHS 6

const char *const report_notes[] = {
	N_("A report counts in the month of the day from which it counts; what became of it is as of today."),
	N_("A category of fewer than three reports in a month is not named for that month; in the year it is, once it reaches three."),
	NULL,
};

static void row_free(gpointer data)
{
	ReportRow *row = data;
	g_free(row->label);
	g_strfreev(row->values);
	g_free(row);
}

static void bar_free(gpointer data)
{
	g_free(((ReportBar *)data)->label);
	g_free(data);
}

void report_free(Report *report)
{
	if (report == NULL)
		return;
	g_free(report->mailbox);
	g_free(report->organisation);
	g_free(report->month);
	g_strfreev(report->months);
	g_ptr_array_unref(report->rows);
	g_array_unref(report->totals);
	g_array_unref(report->answers);
	g_ptr_array_unref(report->bars);
	wipe_text_free(report->words);
	json_decref(report->answer);
	g_free(report);
}

char *report_title(const Report *report)
{
	return g_strdup_printf(_("Report on the reports received, %s"), report->month);
}

/* --- rows ---------------------------------------------------------------------------------------------------------------- */

typedef struct {
	Report *report;
	json_t *months;     /* of the answer */
	json_t *categories; /* the list, for its labels */
} Filling;

static ReportRow *add_row(const Filling *filling, const char *label)
{
	ReportRow *row = g_new0(ReportRow, 1);
	row->label = g_strdup(label);
	g_ptr_array_add(filling->report->rows, row);
	return row;
}

static void add_number(const Filling *filling, const char *label, const char *key)
{
	ReportRow *row = add_row(filling, label);
	const json_t *month;
	gsize i;
	row->values = g_new0(char *, filling->report->n + 1);
	json_array_foreach(filling->months, i, month)
		row->values[i] = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(month, key)));
}

/* "3 h", "2.5 days" */
static char *length_of(const json_t *seconds)
{
	if (!json_is_integer(seconds))
		return g_strdup("–");
	double hours = (double)json_integer_value(seconds) / 3600;
	return hours < 48 ? g_strdup_printf(_("%.1f h"), hours) : g_strdup_printf(_("%.1f days"), hours / 24);
}

static void add_times(const Filling *filling, const char *label, const char *key, const char *which)
{
	ReportRow *row = add_row(filling, label);
	const json_t *month;
	gsize i;
	row->values = g_new0(char *, filling->report->n + 1);
	json_array_foreach(filling->months, i, month)
		row->values[i] = length_of(json_object_get(json_object_get(month, key), which));
}

static char *category_label(const json_t *list, const char *id)
{
	const json_t *item;
	gsize i;
	json_array_foreach(list, i, item) {
		const char *label = json_string_value(json_object_get(item, language_shown()));
		if (g_strcmp0(json_string_value(json_object_get(item, "id")), id) == 0 && label != NULL)
			return escape_text(label, -1, ESCAPE_LINE);
	}
	return escape_text(id, -1, ESCAPE_LINE);
}

static char *label_of(const Filling *filling, const char *word, gboolean category)
{
	if (strcmp(word, "merged") == 0)
		return g_strdup(_("categories of fewer than three"));
	if (strcmp(word, "elsewhere") == 0)
		return g_strdup(_("of cases that another officer reads"));
	if (strcmp(word, "-") == 0)
		return g_strdup(category ? _("without a category yet") : _("not known"));
	return category ? category_label(filling->categories, word) : format_word(word);
}

/* Words that are no name of anything stand at the end. */
static gint by_word(gconstpointer a, gconstpointer b)
{
	const char *one = *(const char *const *)a, *other = *(const char *const *)b;
	static const char *const last[] = {"merged", "elsewhere", "-", NULL};
	int first = g_strv_contains(last, one), second = g_strv_contains(last, other);
	return first != second ? first - second : strcmp(one, other);
}

/* A heading, and a row for each word that stands in any of the months. */
static void add_words(const Filling *filling, const char *heading, const char *key, gboolean category)
{
	const json_t *month;
	gsize i;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	json_array_foreach(filling->months, i, month) {
		const char *word;
		json_t *number;
		json_object_foreach(json_object_get(month, key), word, number)
			if (g_hash_table_add(seen, (gpointer)word))
				g_ptr_array_add(words, (gpointer)word);
	}
	g_ptr_array_sort(words, by_word);
	add_row(filling, heading);
	for (guint w = 0; w < words->len; w++) {
		const char *word = words->pdata[w];
		g_autofree char *label = label_of(filling, word, category);
		ReportRow *row = add_row(filling, label);
		row->values = g_new0(char *, filling->report->n + 1);
		json_array_foreach(filling->months, i, month)
			row->values[i] = g_strdup_printf("%" JSON_INTEGER_FORMAT,
			                                 json_integer_value(json_object_get(json_object_get(month, key), word)));
	}
}

/* The running year's categories, in the column of the month. */
static void add_year(const Filling *filling)
{
	const char *word;
	json_t *number;
	Report *report = filling->report;
	g_autofree char *heading = g_strdup_printf(_("Categories in the year %.4s, up to this month"), report->month);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	json_t *year = json_object_get(report->answer, "year_categories");
	json_object_foreach(year, word, number)
		g_ptr_array_add(words, (gpointer)word);
	g_ptr_array_sort(words, by_word);
	add_row(filling, heading);
	for (guint w = 0; w < words->len; w++) {
		g_autofree char *label = label_of(filling, words->pdata[w], TRUE);
		ReportRow *row = add_row(filling, label);
		row->values = g_new0(char *, report->n + 1);
		for (guint i = 0; i < report->n; i++)
			row->values[i] = i + 1 < report->n ? g_strdup("")
			                                   : g_strdup_printf("%" JSON_INTEGER_FORMAT,
			                                                     json_integer_value(json_object_get(year, words->pdata[w])));
	}
}

/* The largest first; of equal ones by their names. */
static gint by_size(gconstpointer a, gconstpointer b)
{
	const ReportBar *one = *(const ReportBar *const *)a, *other = *(const ReportBar *const *)b;
	return one->value != other->value ? (one->value < other->value ? 1 : -1) : strcmp(one->label, other->label);
}

static void fill_charts(const Filling *filling)
{
	Report *report = filling->report;
	const json_t *month;
	gsize i;
	json_array_foreach(filling->months, i, month) {
		double total = (double)json_integer_value(json_object_get(month, "total"));
		const json_t *median = json_object_get(json_object_get(month, "to_answer"), "median");
		double days = json_is_integer(median) ? (double)json_integer_value(median) / 86400 : -1;
		g_array_append_val(report->totals, total);
		g_array_append_val(report->answers, days);
	}
	const char *word;
	json_t *number;
	json_object_foreach(json_object_get(json_array_get(filling->months, report->n - 1), "categories"), word, number) {
		ReportBar *bar = g_new0(ReportBar, 1);
		bar->label = label_of(filling, word, TRUE);
		bar->value = (double)json_integer_value(number);
		g_ptr_array_add(report->bars, bar);
	}
	g_ptr_array_sort(report->bars, by_size);
}

static void fill(const Filling *filling)
{
	add_row(filling, _("How many"));
	add_number(filling, _("reports"), "total");
	add_number(filling, _("other arrivals (automatic letters, spam)"), "aside");
	add_words(filling, _("How they came"), "channels", FALSE);
	add_words(filling, _("What they are about"), "categories", TRUE);
	add_year(filling);
	add_words(filling, _("Mark of the screening"), "verdicts", FALSE);
	add_words(filling, _("Language"), "languages", FALSE);
	add_words(filling, _("What became of them"), "outcomes", FALSE);
	add_row(filling, _("Acknowledgements"));
	add_number(filling, _("sent"), "acknowledged");
	add_number(filling, _("held back"), "held");
	add_times(filling, _("time until then, half of them less than"), "to_acknowledge", "median");
	add_times(filling, _("the longest"), "to_acknowledge", "longest");
	add_row(filling, _("Terms"));
	add_number(filling, _("brought to an end"), "answered");
	add_number(filling, _("of these within the term"), "in_term");
	add_number(filling, _("overdue: the term ended that month without a result"), "overdue");
	add_times(filling, _("time until then, half of them less than"), "to_answer", "median");
	add_times(filling, _("the longest"), "to_answer", "longest");
	add_row(filling, _("Answers to the reporters"));
	add_number(filling, _("answered, by mail, on paper or in person"), "replied");
	add_number(filling, _("of these told which body to turn to"), "advised");
	add_number(filling, _("no answer is due"), "no_answer");
	add_times(filling, _("time until then, half of them less than"), "to_reply", "median");
	add_times(filling, _("the longest"), "to_reply", "longest");
	add_row(filling, _("To law enforcement, and to others"));
	add_number(filling, _("redirected that month"), "redirected");
	add_number(filling, _("of these wrongly, as was found later"), "wrongly_redirected");
	add_number(filling, _("made ready that month and not sent yet: no outgoing number"), "redirections_prepared");
	add_number(filling, _("forwarded that month"), "forwarded");
	add_row(filling, _("Erasure by order"));
	add_number(filling, _("ordered that month"), "erasures_ordered");
	add_number(filling, _("stopped that month"), "erasures_stopped");
	add_number(filling, _("carried out that month"), "erasures_carried_out");
	add_row(filling, _("The works"));
	add_number(filling, _("incidents of the emergency journal"), "incidents");
	add_number(filling, _("times that the mail server's log was compared"), "reconciled");
	add_number(filling, _("messages found there and not in the register"), "unregistered");
	fill_charts(filling);
}

Report *report_fetch(Session *session, const char *mailbox, const char *month, WipeText *words, GError **error)
{
	g_autoptr(Report) report = g_new0(Report, 1);
	report->mailbox = g_strdup(mailbox);
	report->organisation = g_strdup(desk_client_organisation(session->desk));
	report->month = g_strdup(month);
	report->rows = g_ptr_array_new_with_free_func(row_free);
	report->bars = g_ptr_array_new_with_free_func(bar_free);
	report->totals = g_array_new(FALSE, FALSE, sizeof(double));
	report->answers = g_array_new(FALSE, FALSE, sizeof(double));
	report->words = words;
	json_t *body = json_pack("{s:s, s:s, s:i}", "mailbox", mailbox, "month", month, "months", MONTHS);
	report->answer = desk_client_post(session->desk, "/v1/report", body, NULL, error);
	json_t *months = report->answer != NULL ? desk_get_array(report->answer, "months", error) : NULL;
	g_autoptr(json_t) list = months != NULL ? desk_client_post(session->desk, "/v1/categories", json_object(), NULL, error) : NULL;
	json_t *categories = list != NULL ? desk_get_array(list, "categories", error) : NULL;
	if (categories == NULL)
		return NULL;
	report->n = (guint)json_array_size(months);
	report->months = g_new0(char *, report->n + 1);
	for (guint i = 0; i < report->n; i++) {
		const char *name = desk_get_text(json_array_get(months, i), "month", error);
		if (name == NULL)
			return NULL;
		report->months[i] = escape_text(name, -1, ESCAPE_LINE);
	}
	if (report->n == 0)
		return desk_form_error(error, "months"), NULL;
	report->whole = json_is_true(json_object_get(report->answer, "whole"));
	const Filling filling = {report, months, categories};
	fill(&filling);
	return g_steal_pointer(&report);
}

/* --- text, JSON, PDF ---------------------------------------------------------------------------------------------------------- */

static void add_head(const Report *report, WipeBuffer *out)
{
	g_autofree char *title = report_title(report);
	g_autofree char *head = g_strdup_printf("%s, %s\n%s\n\n", report->organisation, report->mailbox, title);
	g_autofree char *safe = escape_text(head, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, safe);
}

WipeBuffer *report_text(const Report *report, guint width)
{
	WipeBuffer *out = wipe_buffer_new(8192);
	g_autoptr(FormatTable) table = format_table_new(report->n + 1);
	add_head(report, out);
	format_table_cell(table, "");
	for (guint i = 0; i < report->n; i++)
		format_table_cell(table, report->months[i]);
	for (guint r = 0; r < report->rows->len; r++) {
		const ReportRow *row = report->rows->pdata[r];
		g_autofree char *label = g_strconcat(row->values != NULL ? "  " : "", row->label, NULL);
		format_table_cell(table, label);
		for (guint i = 0; i < report->n; i++)
			format_table_cell(table, row->values != NULL ? row->values[i] : "");
	}
	format_table_fold(table, width);
	format_table_write(table, FALSE, out);
	for (guint i = 0; report_notes[i] != NULL; i++) {
		wipe_buffer_add_text(out, i == 0 ? "\n" : "");
		wipe_buffer_add_text(out, _(report_notes[i]));
		wipe_buffer_add_text(out, "\n");
	}
	g_autoptr(WipeText) words = report->words != NULL ? escape_text(report->words, -1, ESCAPE_TEXT) : NULL;
	if (words != NULL) {
		wipe_buffer_add_text(out, "\n");
		wipe_buffer_add_text(out, _("Causes and proposals"));
		wipe_buffer_add_text(out, "\n\n");
		wipe_buffer_add_text(out, words);
		wipe_buffer_add_text(out, "\n");
	}
	return out;
}

WipeBuffer *report_json(const Report *report)
{
	WipeBuffer *out = wipe_buffer_new(8192);
	json_t *object = json_pack("{s:i, s:o, s:s, s:O, s:O, s:b, s:o}", "schema", 1, "mailbox", output_value(report->mailbox), "month",
	                           report->month, "months", json_object_get(report->answer, "months"), "year_categories",
	                           json_object_get(report->answer, "year_categories"), "whole", report->whole, "words",
	                           report->words != NULL ? output_string(report->words, strlen(report->words)) : json_null());
	char *text = json_dumps(object, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	wipe_buffer_add_text(out, text);
	wipe_buffer_add_text(out, "\n");
	explicit_bzero(text, strlen(text));
	free(text);
	json_decref(object);
	return out;
}

static void page_rows(const Report *report, Page *page)
{
	guint weights[PAGE_COLUMNS_MAX] = {9};
	for (guint i = 0; i < report->n; i++)
		weights[i + 1] = 2;
	page_table(page, weights, report->n + 1, 1, TRUE);
	page_cell(page, PAGE_SMALL, "");
	for (guint i = 0; i < report->n; i++)
		page_cell(page, PAGE_SMALL | PAGE_RIGHT | (i + 1 == report->n ? PAGE_BOLD : 0), report->months[i]);
	for (guint r = 0; r < report->rows->len; r++) {
		const ReportRow *row = report->rows->pdata[r];
		page_cell(page, PAGE_SMALL | (row->values == NULL ? PAGE_BOLD : 0), row->label);
		if (row->values == NULL)
			page_row_leads(page);
		for (guint i = 0; i < report->n; i++)
			page_cell(page, PAGE_SMALL | PAGE_RIGHT | (i + 1 == report->n ? PAGE_BOLD : 0),
			          row->values != NULL ? row->values[i] : "");
	}
}

/* A bar for each month, the month of the report the dark one. */
static void page_months(const Report *report, Page *page, const char *caption, const GArray *values, int digits)
{
	double most = 1;
	for (guint i = 0; i < values->len; i++)
		most = MAX(most, g_array_index(values, double, i));
	page_heading(page, caption);
	for (guint i = 0; i < values->len; i++) {
		double value = g_array_index(values, double, i);
		g_autofree char *shown = value < 0 ? g_strdup("–") : g_strdup_printf("%.*f", digits, value);
		page_bar(page, report->months[i], MAX(value, 0) / most, i + 1 == values->len, shown);
	}
	page_space(page, 2);
}

static void page_categories(const Report *report, Page *page)
{
	double most = 1;
	for (guint i = 0; i < report->bars->len; i++)
		most = MAX(most, ((const ReportBar *)report->bars->pdata[i])->value);
	if (report->bars->len > 0)
		page_heading(page, _("What they are about, in this month"));
	for (guint i = 0; i < report->bars->len; i++) {
		const ReportBar *bar = report->bars->pdata[i];
		g_autofree char *shown = g_strdup_printf("%.0f", bar->value);
		page_bar(page, bar->label, bar->value / most, TRUE, shown);
	}
	page_space(page, 2);
}

GBytes *report_pdf(const Report *report, GError **error)
{
	g_autofree char *title = report_title(report), *footer = g_strdup_printf("%s · %s", report->mailbox, report->month);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, footer);
	page_text(page, PAGE_CENTRE, report->organisation);
	page_title(page, title);
	page_months(report, page, _("Reports by month"), report->totals, 0);
	page_categories(report, page);
	page_months(report, page, _("Days until the result, half of the reports less than"), report->answers, 1);
	page_rows(report, page);
	for (guint i = 0; report_notes[i] != NULL; i++)
		page_text(page, PAGE_SMALL, _(report_notes[i]));
	if (report->words != NULL) {
		page_break(page);
		page_heading(page, _("Causes and proposals"));
		page_text(page, 0, report->words);
	}
	page_signature(page, "", "", _("post, signature, surname, date"));
	return page_render(page, error);
}
