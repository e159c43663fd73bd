/* SPDX-License-Identifier: ISC */
/* The management's report as one HTML file with its charts (SVG) in it; no script, nothing fetched. */
#include <string.h>

#include "cli/html.h"
#include "cli/report.h"

static const char style[] =
	"@page{size:A4;margin:15mm 12mm 15mm 25mm}"
	"body{margin:0 auto;max-width:190mm;padding:6mm;font:10pt/1.35 'DejaVu Sans',Arial,'Liberation Sans',sans-serif;color:#000}"
	"h1{font-size:14pt;text-align:center}h2{font-size:11pt;margin:6mm 0 2mm}"
	"table{border-collapse:collapse;width:100%;font-size:9pt}td,th{border:.2mm solid #999;padding:.6mm 1.2mm;text-align:right}"
	"td:first-child,th:first-child{text-align:left;font-weight:normal}thead th{white-space:nowrap;font-size:8pt}tr.head th{text-align:left;font-weight:bold;background:#eee}"
	"td:last-child,thead th:last-child{font-weight:bold}tr{break-inside:avoid}"
	"figure{margin:4mm 0;break-inside:avoid}figcaption{font-weight:bold;margin-bottom:1mm}svg{max-width:100%;height:auto}"
	".words{break-before:page;white-space:pre-line}.notes{font-size:8.5pt}"
	"@media print{body{padding:0;max-width:none}}";

static void add_printf(WipeBuffer *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_printf(WipeBuffer *out, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	wipe_buffer_add_text(out, text);
}

/* --- charts -------------------------------------------------------------------------------------------------------------------- */

static double largest(const GArray *values)
{
	double most = 1;
	for (guint i = 0; i < values->len; i++)
		most = MAX(most, g_array_index(values, double, i));
	return most;
}

/* A column for each month, its number above it; the month of the report is the dark one. */
static void add_columns(const Report *report, const char *caption, const GArray *values, int digits, WipeBuffer *out)
{
	double most = largest(values);
	guint width = 90;
	html_add_element(out, "<figure><figcaption>", caption, "</figcaption>");
	add_printf(out, "<svg viewBox=\"0 0 %u 150\" width=\"%u\" height=\"150\" role=\"img\" font-size=\"12\" text-anchor=\"middle\">",
	           report->n * width, report->n * width);
	for (guint i = 0; i < values->len; i++) {
		double value = g_array_index(values, double, i), height = value > 0 ? value / most * 100 : 0;
		g_autofree char *shown = value < 0 ? g_strdup("–") : g_strdup_printf("%.*f", digits, value);
		guint middle = i * width + width / 2;
		add_printf(out, "<rect x=\"%u\" y=\"%.1f\" width=\"50\" height=\"%.1f\" fill=\"%s\"/>", middle - 25, 125 - height, height,
		           i + 1 == values->len ? "#234f7d" : "#9db6cf");
		add_printf(out, "<text x=\"%u\" y=\"%.1f\">%s</text><text x=\"%u\" y=\"142\">", middle, 120 - height, shown, middle);
		html_add_element(out, "", report->months[i], "</text>");
	}
	add_printf(out, "<line x1=\"0\" y1=\"125\" x2=\"%u\" y2=\"125\" stroke=\"#000\"/></svg></figure>\n", report->n * width);
}

static void add_bars(const Report *report, const char *caption, WipeBuffer *out)
{
	double most = 1;
	for (guint i = 0; i < report->bars->len; i++)
		most = MAX(most, ((ReportBar *)report->bars->pdata[i])->value);
	if (report->bars->len == 0)
		return;
	html_add_element(out, "<figure><figcaption>", caption, "</figcaption>");
	add_printf(out, "<svg viewBox=\"0 0 640 %u\" width=\"640\" height=\"%u\" role=\"img\" font-size=\"12\">", report->bars->len * 34 + 4,
	           report->bars->len * 34 + 4);
	for (guint i = 0; i < report->bars->len; i++) {
		const ReportBar *bar = report->bars->pdata[i];
		add_printf(out, "<text x=\"0\" y=\"%u\">", i * 34 + 12);
		html_add_element(out, "", bar->label, "</text>");
		add_printf(out, "<rect x=\"0\" y=\"%u\" width=\"%.1f\" height=\"14\" fill=\"#234f7d\"/><text x=\"%.1f\" y=\"%u\">%.0f</text>",
		           i * 34 + 16, bar->value / most * 580, bar->value / most * 580 + 6, i * 34 + 28, bar->value);
	}
	wipe_buffer_add_text(out, "</svg></figure>\n");
}

/* --- the page ------------------------------------------------------------------------------------------------------------------- */

static void add_table(const Report *report, WipeBuffer *out)
{
	wipe_buffer_add_text(out, "<table><thead><tr><th></th>");
	for (guint i = 0; i < report->n; i++)
		html_add_element(out, "<th scope=\"col\">", report->months[i], "</th>");
	wipe_buffer_add_text(out, "</tr></thead><tbody>\n");
	for (guint r = 0; r < report->rows->len; r++) {
		const ReportRow *row = report->rows->pdata[r];
		if (row->values == NULL) {
			add_printf(out, "<tr class=\"head\"><th colspan=\"%u\">", report->n + 1);
			html_add_element(out, "", row->label, "</th></tr>\n");
			continue;
		}
		html_add_element(out, "<tr><th scope=\"row\">", row->label, "</th>");
		for (guint i = 0; i < report->n; i++)
			html_add_element(out, "<td>", row->values[i], "</td>");
		wipe_buffer_add_text(out, "</tr>\n");
	}
	wipe_buffer_add_text(out, "</tbody></table>\n");
}

WipeBuffer *report_html(const Report *report)
{
	WipeBuffer *out = wipe_buffer_new(32768);
	g_autofree char *title = report_title(report);
	wipe_buffer_add_text(out, "<!DOCTYPE html>\n<html lang=\"");
	wipe_buffer_add_text(out, language_shown());
	wipe_buffer_add_text(out, "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	                          "'none'; style-src 'unsafe-inline'\"><meta name=\"referrer\" content=\"no-referrer\">");
	html_add_element(out, "<title>", title, "</title><style>");
	wipe_buffer_add_text(out, style);
	html_add_element(out, "</style></head><body>\n<p>", report->organisation, ", ");
	html_add_element(out, "", report->mailbox, "</p>");
	html_add_element(out, "<h1>", title, "</h1>\n");
	add_columns(report, _("Reports by month"), report->totals, 0, out);
	add_bars(report, _("What they are about, in this month"), out);
	add_columns(report, _("Days until the result, half of the reports less than"), report->answers, 1, out);
	add_table(report, out);
	for (guint i = 0; report_notes[i] != NULL; i++)
		html_add_element(out, "<p class=\"notes\">", _(report_notes[i]), "</p>");
	if (report->words != NULL) {
		html_add_element(out, "<section class=\"words\"><h2>", _("Causes and proposals"), "</h2>");
		html_add_element(out, "<p>", report->words, "</p></section>");
	}
	wipe_buffer_add_text(out, "</body></html>\n");
	return out;
}
