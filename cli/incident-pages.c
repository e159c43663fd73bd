/* SPDX-License-Identifier: ISC */
/* The emergency journal in the form of annex 7 of SIO: its six parts and a seventh, for paper, page and terminal. */
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/html.h"
#include "cli/incident.h"
#include "cli/output.h"
#include "cli/page.h"

#define COLUMNS 6

static const char *const column_heads[COLUMNS] = {N_("No."),
                                                  N_("Actions"),
                                                  N_("Time needed (max)"),
                                                  N_("Responsible person"),
                                                  N_("Beginning, date and time"),
                                                  N_("End, date and time")};

/* --- rows ------------------------------------------------------------------------------------------------------------- */

static void row_free(gpointer data)
{
	JournalRow *row = data;
	g_free(row->actions);
	g_free(row->needed);
	g_free(row->responsible);
	g_free(row->from);
	g_free(row->to);
	g_free(row);
}

/* The part where it stands: what nobody completed under the last, or where it was entered by hand. */
static const char *part_of(const Incident *incident)
{
	const IncidentCompletion *completion = incident_completion(incident);
	if (completion != NULL)
		return completion->part;
	return incident->part != NULL ? incident->part : "mail";
}

static gboolean is_of_year(const Journal *journal, gint64 moment, guint year)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = utc != NULL ? g_date_time_to_timezone(utc, journal->zone) : NULL;
	return year == 0 || (here != NULL && (guint)g_date_time_get_year(here) == year);
}

/* What was done, what it was, and why. */
static char *actions_of(const Journal *journal, const Incident *incident)
{
	const IncidentCompletion *completion = incident_completion(incident);
	const IncidentPlan *plan = incident_book_planned(journal->book, incident, journal->now);
	g_autofree char *what = incident_what(incident);
	g_autoptr(GString) text = g_string_new(NULL);
	if (completion != NULL)
		g_string_append_printf(text, "%s\n", completion->measures);
	g_string_append_printf(text, _("What happened: %s."), what);
	if (completion != NULL)
		g_string_append_printf(text, _("\nCause: %s."), completion->cause);
	if (plan != NULL)
		g_string_append_printf(text, _("\nPlanned work, announced beforehand: %s."), plan->work);
	else if (completion == NULL)
		g_string_append(text, _("\nNot completed yet."));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *moment_of(const Journal *journal, gint64 moment)
{
	return moment != 0 ? format_time(moment, journal->zone) : g_strdup(_("lasts"));
}

static JournalRow *row_of(const Journal *journal, const Incident *incident)
{
	const IncidentCompletion *completion = incident_completion(incident);
	JournalRow *row = g_new0(JournalRow, 1);
	row->actions = actions_of(journal, incident);
	row->needed = g_strdup(completion != NULL && completion->needed != NULL ? completion->needed : "");
	row->responsible = g_strdup(completion != NULL && completion->responsible != NULL ? completion->responsible : "");
	row->from = moment_of(journal, incident->from);
	row->to = moment_of(journal, incident->to);
	return row;
}

GPtrArray *incident_rows(const Journal *journal, guint part, guint year)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	for (guint i = 0; i < journal->book->incidents->len; i++) {
		const Incident *incident = journal->book->incidents->pdata[i];
		if (strcmp(part_of(incident), incident_parts[part]) == 0 && is_of_year(journal, incident->from, year))
			g_ptr_array_add(rows, row_of(journal, incident));
	}
	return rows;
}

GPtrArray *incident_rows_of_period(const Journal *journal, gint64 from, gint64 to)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	for (guint i = 0; i < journal->book->incidents->len; i++) {
		const Incident *incident = journal->book->incidents->pdata[i];
		if (incident->from < to && (incident->to == 0 || incident->to >= from))
			g_ptr_array_add(rows, row_of(journal, incident));
	}
	return rows;
}

char *incident_title(guint year)
{
	return year == 0 ? g_strdup(_("Emergency journal")) : g_strdup_printf(_("Emergency journal, %u"), year);
}

static char *heading_of(guint part)
{
	return g_strdup_printf("%u. %s:", part + 1, incident_part_heading(incident_parts[part]));
}

/* The row's cells, the number first (each transfer full). */
static void cells_of(const JournalRow *row, guint number, const char *cells[COLUMNS], char **shown)
{
	*shown = g_strdup_printf("%u", number);
	const char *all[COLUMNS] = {*shown, row->actions, row->needed, row->responsible, row->from, row->to};
	memcpy(cells, all, sizeof all);
}

/* --- PDF ------------------------------------------------------------------------------------------------------------------ */

static void page_part(const Journal *journal, guint part, guint year, Page *page)
{
	static const guint weights[COLUMNS] = {3, 20, 6, 8, 7, 7};
	g_autofree char *heading = heading_of(part);
	g_autoptr(GPtrArray) rows = incident_rows(journal, part, year);
	page_heading(page, heading);
	page_table(page, weights, COLUMNS, 1, TRUE);
	for (guint i = 0; i < COLUMNS; i++)
		page_cell(page, PAGE_SMALL | PAGE_BOLD | PAGE_CENTRE, _(column_heads[i]));
	for (guint r = 0; r < rows->len; r++) {
		const char *cells[COLUMNS];
		g_autofree char *number = NULL;
		cells_of(rows->pdata[r], r + 1, cells, &number);
		for (guint i = 0; i < COLUMNS; i++)
			page_cell(page, PAGE_SMALL, cells[i]);
	}
	for (guint i = 0; rows->len == 0 && i < COLUMNS; i++)
		page_cell(page, PAGE_SMALL | PAGE_CENTRE, "–");
	page_space(page, 2);
}

/* What was announced, where anything was. */
static void page_plans(const Journal *journal, guint year, Page *page)
{
	static const guint weights[] = {3, 34, 7, 7};
	guint n = 0;
	for (guint i = 0; i < journal->book->plans->len; i++) {
		const IncidentPlan *plan = journal->book->plans->pdata[i];
		if (!is_of_year(journal, plan->from, year))
			continue;
		g_autofree char *number = g_strdup_printf("%u", ++n), *from = moment_of(journal, plan->from), *to = moment_of(journal, plan->to);
		if (n == 1) {
			const char *const heads[] = {_(column_heads[0]), _("Work"), _(column_heads[4]), _(column_heads[5])};
			page_heading(page, _("Planned work that was announced:"));
			page_table(page, weights, G_N_ELEMENTS(weights), 1, TRUE);
			for (gsize k = 0; k < G_N_ELEMENTS(heads); k++)
				page_cell(page, PAGE_SMALL | PAGE_BOLD | PAGE_CENTRE, heads[k]);
		}
		guint struck = plan->cancelled != 0 ? PAGE_STRUCK : 0;
		page_cell(page, PAGE_SMALL, number);
		page_cell(page, PAGE_SMALL | struck, plan->work);
		page_cell(page, PAGE_SMALL | struck, from);
		page_cell(page, PAGE_SMALL | struck, to);
	}
}

GBytes *incident_pdf(const Journal *journal, guint year, GError **error)
{
	g_autofree char *title = incident_title(year), *printed = format_time(journal->now, journal->zone);
	g_autofree char *footer = g_strdup_printf("%s · %s", journal->mailbox, printed);
	g_autoptr(Page) page = page_new(PAGE_LANDSCAPE, footer);
	page_text(page, PAGE_CENTRE, journal->organisation);
	page_title(page, title);
	for (guint part = 0; incident_parts[part] != NULL; part++)
		page_part(journal, part, year, page);
	page_plans(journal, year, page);
	page_space(page, 4);
	page_signature(page, "", "", _("post, signature, surname, date"));
	return page_render(page, error);
}

/* --- text ----------------------------------------------------------------------------------------------------------------- */

static void text_row(const JournalRow *row, guint number, guint width, WipeBuffer *out)
{
	const char *cells[COLUMNS];
	g_autofree char *shown = NULL;
	cells_of(row, number, cells, &shown);
	for (guint i = 0; i < COLUMNS; i++) {
		g_auto(GStrv) lines = g_strsplit(*cells[i] != '\0' ? cells[i] : "-", "\n", -1);
		g_autofree char *joined = g_strjoinv("\n      ", lines);
		g_autofree char *line = g_strdup_printf("%s%s: %s\n", i == 0 ? "  " : "    ", _(column_heads[i]), joined);
		g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
		format_fold(safe, width, 6, out);
	}
}

WipeBuffer *incident_text(const Journal *journal, guint year, guint width)
{
	WipeBuffer *out = wipe_buffer_new(4096);
	g_autofree char *title = incident_title(year), *head = g_strdup_printf("%s, %s\n%s\n", journal->organisation, journal->mailbox, title);
	g_autofree char *safe = escape_text(head, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, safe);
	for (guint part = 0; incident_parts[part] != NULL; part++) {
		g_autofree char *heading = heading_of(part);
		g_autoptr(GPtrArray) rows = incident_rows(journal, part, year);
		wipe_buffer_add_text(out, "\n");
		wipe_buffer_add_text(out, heading);
		wipe_buffer_add_text(out, rows->len == 0 ? " –\n" : "\n");
		for (guint r = 0; r < rows->len; r++)
			text_row(rows->pdata[r], r + 1, width, out);
	}
	return out;
}

/* --- HTML ----------------------------------------------------------------------------------------------------------------- */

static const char style[] =
	"@page{size:A4 landscape;margin:15mm 12mm 15mm 25mm}"
	"body{margin:0 auto;max-width:270mm;padding:6mm;font:10pt/1.35 'DejaVu Sans',Arial,'Liberation Sans',sans-serif;color:#000}"
	"h1{font-size:14pt;text-align:center}h2{font-size:11pt;margin:6mm 0 2mm;break-after:avoid}p{text-align:center}"
	"section{break-inside:avoid}table{border-collapse:collapse;width:100%;font-size:9pt}td,th{border:.2mm solid #000;padding:.8mm 1.5mm;text-align:left;"
	"vertical-align:top;white-space:pre-line}tr{break-inside:avoid}td:first-child{width:4%}td:nth-child(2){width:40%}"
	"@media print{body{padding:0;max-width:none}}";

static void html_part(const Journal *journal, guint part, guint year, WipeBuffer *out)
{
	g_autofree char *heading = heading_of(part);
	g_autoptr(GPtrArray) rows = incident_rows(journal, part, year);
	html_add_element(out, "<section><h2>", heading, "</h2>\n<table><thead><tr>");
	for (guint i = 0; i < COLUMNS; i++)
		html_add_element(out, "<th>", _(column_heads[i]), "</th>");
	wipe_buffer_add_text(out, "</tr></thead><tbody>\n");
	for (guint r = 0; r < rows->len; r++) {
		const char *cells[COLUMNS];
		g_autofree char *number = NULL;
		cells_of(rows->pdata[r], r + 1, cells, &number);
		wipe_buffer_add_text(out, "<tr>");
		for (guint i = 0; i < COLUMNS; i++)
			html_add_element(out, "<td>", cells[i], "</td>");
		wipe_buffer_add_text(out, "</tr>\n");
	}
	if (rows->len == 0)
		wipe_buffer_add_text(out, "<tr><td>–</td><td></td><td></td><td></td><td></td><td></td></tr>\n");
	wipe_buffer_add_text(out, "</tbody></table></section>\n");
}

WipeBuffer *incident_html(const Journal *journal, guint year)
{
	WipeBuffer *out = wipe_buffer_new(8192);
	g_autofree char *title = incident_title(year), *head = g_strdup_printf("<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
	                                                                       "<style>%s</style>", language_shown(), style);
	wipe_buffer_add_text(out, head);
	html_add_element(out, "<title>", title, "</title></head><body>\n");
	html_add_element(out, "<p>", journal->organisation, "</p>");
	html_add_element(out, "<h1>", title, "</h1>\n");
	for (guint part = 0; incident_parts[part] != NULL; part++)
		html_part(journal, part, year, out);
	wipe_buffer_add_text(out, "</body></html>\n");
	return out;
}

/* --- JSON ----------------------------------------------------------------------------------------------------------------- */

static json_t *json_moment(const Journal *journal, gint64 moment)
{
	g_autofree char *text = moment != 0 ? format_time_iso(moment, journal->zone) : NULL;
	return output_value(text);
}

static json_t *json_incident(const Journal *journal, const Incident *incident)
{
	const IncidentCompletion *c = incident_completion(incident);
	const IncidentPlan *plan = incident_book_planned(journal->book, incident, journal->now);
	return json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (int)incident->number,
	                 "entry", (json_int_t)incident->seq, "what", output_value(incident->what), "how", output_value(incident->how), "by",
	                 output_value(incident->by), "from", json_moment(journal, incident->from), "to", json_moment(journal, incident->to),
	                 "put_off", (json_int_t)incident->refused, "waits", incident_book_waits(journal->book, incident, journal->now),
	                 "planned", plan != NULL, "part", output_value(c != NULL ? c->part : incident->part), "cause",
	                 output_value(c != NULL ? c->cause : incident->cause), "measures", output_value(c != NULL ? c->measures : NULL), "needed",
	                 output_value(c != NULL ? c->needed : NULL), "responsible", output_value(c != NULL ? c->responsible : NULL),
	                 "completed_by", output_value(c != NULL ? c->by : NULL));
}

WipeBuffer *incident_json(const Journal *journal)
{
	WipeBuffer *out = wipe_buffer_new(4096);
	json_t *incidents = json_array(), *plans = json_array();
	for (guint i = 0; i < journal->book->incidents->len; i++)
		json_array_append_new(incidents, json_incident(journal, journal->book->incidents->pdata[i]));
	for (guint i = 0; i < journal->book->plans->len; i++) {
		const IncidentPlan *plan = journal->book->plans->pdata[i];
		json_array_append_new(plans, json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:b}", "number", (int)plan->number, "entry",
		                                       (json_int_t)plan->seq, "by", output_value(plan->by), "from", json_moment(journal, plan->from),
		                                       "to", json_moment(journal, plan->to), "work", output_value(plan->work), "cancelled",
		                                       plan->cancelled != 0));
	}
	json_t *object = json_pack("{s:i, s:o, s:o, s:o}", "schema", 1, "mailbox", output_value(journal->mailbox), "incidents", incidents, "plans", plans);
	char *text = json_dumps(object, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	wipe_buffer_add_text(out, text);
	wipe_buffer_add_text(out, "\n");
	free(text);
	json_decref(object);
	return out;
}
