/* SPDX-License-Identifier: ISC */
/* The register as one HTML file: no script, nothing fetched, each sheet a page of A4 on paper. */
#include <string.h>

#include "cli/html.h"
#include "cli/register-render.h"

static const char style[] =
	"@page{size:A4 landscape;margin:0}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:#ddd;color:#000;font:8pt/1.16 'DejaVu Sans',Arial,'Liberation Sans',sans-serif}"
	/* 30 mm on the left for the lace */
	".sheet{position:relative;width:297mm;min-height:209mm;margin:4mm auto;padding:12mm 12mm 10mm 30mm;background:#fff;"
	"box-shadow:0 1mm 3mm #888;break-after:page;overflow-wrap:anywhere}"
	".sheet:last-child{break-after:auto}"
	"header{margin-bottom:2mm}h1{font-size:10pt;margin:0 0 1mm;text-align:center}header p,footer p{margin:0 0 .5mm}"
	".what{display:flex;justify-content:space-between}"
	"table{border-collapse:collapse;width:255mm;table-layout:fixed}"
	"th,td{border:.2mm solid #000;padding:.7mm 1mm;vertical-align:top;text-align:left;font-weight:normal;white-space:pre-line}"
	"th{text-align:center;vertical-align:middle}tr{break-inside:avoid}"
	"s{text-decoration-thickness:.3mm}small{display:block;font-size:6.5pt}"
	"footer{margin-top:2mm;font-family:'DejaVu Sans Mono',monospace;font-size:7pt}"
	".closing p{font-size:10pt;margin:0 0 3mm}pre{font:8pt 'DejaVu Sans Mono',monospace;white-space:pre-wrap;overflow-wrap:anywhere}"
	".sign{display:flex;gap:10mm;margin-top:14mm;font-size:10pt}.sign div{flex:1;border-top:.2mm solid #000;padding-top:1mm;"
	"text-align:center}.seal{width:45mm;height:45mm;border:.2mm dashed #888;border-radius:50%;margin-top:10mm;display:flex;"
	"align-items:center;justify-content:center;color:#666}"
	".cover{display:flex;flex-direction:column;justify-content:center;text-align:center;font-size:14pt}.cover h1{font-size:22pt;"
	"margin:8mm 0}"
	"@media print{body{background:#fff}.sheet{margin:0;box-shadow:none}}"
	"@media screen and (max-width:297mm){.sheet{margin:0}}";

typedef struct {
	const RegisterPrint *print;
	RegisterCount count;
} Html;

static gboolean leave(const Html *html, const WipeBuffer *out, GError **error)
{
	return html->print->write(wipe_buffer_data(out), wipe_buffer_size(out), html->print->user, error);
}

/* A note is a block of its own: behind it no line needs to be ended. */
static void add_run(const Html *html, const RegisterRun *run, gboolean first, WipeBuffer *out)
{
	g_autoptr(WipeText) words = register_run_words(run);
	g_autofree char *note = register_run_note(html->print->book, run);
	wipe_buffer_add_text(out, first ? "" : "\n");
	html_add_element(out, run->struck != 0 ? "<s>" : "", words, run->struck != 0 ? "</s>" : "");
	if (note != NULL)
		html_add_element(out, "<small>", note, "</small>");
}

static void add_head(const Html *html, WipeBuffer *out)
{
	guint n;
	const RegisterColumn *columns = register_columns(html->print->scope->form, &n);
	wipe_buffer_add_text(out, "<table><colgroup>");
	for (guint i = 0; i < n; i++) {
		g_autofree char *col = g_strdup_printf("<col style=\"width:%umm\">", columns[i].width);
		wipe_buffer_add_text(out, col);
	}
	wipe_buffer_add_text(out, "</colgroup><thead><tr>");
	for (guint i = 0; i < n; i++)
		html_add_element(out, "<th scope=\"col\">", _(columns[i].title), "</th>");
	wipe_buffer_add_text(out, "</tr><tr>");
	for (guint i = 0; i < n; i++) {
		g_autofree char *number = g_strdup_printf("<th>%u</th>", i + 1);
		wipe_buffer_add_text(out, number);
	}
	wipe_buffer_add_text(out, "</tr></thead><tbody>\n");
}

static void add_row(const Html *html, const RegisterLine *line, guint columns, WipeBuffer *out)
{
	wipe_buffer_add_text(out, "<tr>");
	for (guint i = 0; i < columns; i++) {
		wipe_buffer_add_text(out, "<td>");
		for (guint k = 0; k < line->cells[i]->len; k++) {
			const RegisterRun *before = k > 0 ? line->cells[i]->pdata[k - 1] : NULL;
			add_run(html, line->cells[i]->pdata[k], before == NULL || (before->struck != 0 && before->tail), out);
		}
		wipe_buffer_add_text(out, "</td>");
	}
	wipe_buffer_add_text(out, "</tr>\n");
}

static void add_header(const Html *html, const RegisterPage *page, WipeBuffer *out)
{
	g_autofree char *what = register_subtitle(html->print), *line = register_page_line(page);
	html_add_element(out, "<section class=\"sheet\"><header><p>", html->print->organisation, "</p>");
	html_add_element(out, "<h1>", register_title(html->print->scope->form), "</h1>");
	html_add_element(out, "<div class=\"what\"><p>", what, "</p>");
	html_add_element(out, "<p>", line, "</p></div></header>");
}

static gboolean take(const RegisterPage *page, gpointer user, GError **error)
{
	Html *html = user;
	guint columns;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	g_autofree char *code = register_digest_line(page), *before = register_before_line(page);
	if (!register_is_wanted(html->print, page))
		return TRUE;
	register_count(&html->count, page);
	register_columns(html->print->scope->form, &columns);
	add_header(html, page, out);
	add_head(html, out);
	for (guint i = 0; i < page->lines->len; i++)
		add_row(html, page->lines->pdata[i], columns, out);
	html_add_element(out, "</tbody></table><footer><p>", code, "</p>");
	if (before != NULL)
		html_add_element(out, "<p>", before, "</p>");
	wipe_buffer_add_text(out, "</footer></section>\n");
	return leave(html, out, error);
}

static gboolean begin(const Html *html, GError **error)
{
	const RegisterPrint *print = html->print;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(8192);
	g_autofree char *what = register_subtitle(print);
	wipe_buffer_add_text(out, "<!DOCTYPE html>\n<html lang=\"");
	wipe_buffer_add_text(out, language_shown());
	wipe_buffer_add_text(out, "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	                          "'none'; style-src 'unsafe-inline'\"><meta name=\"referrer\" content=\"no-referrer\">");
	html_add_element(out, "<title>", what, "</title><style>");
	wipe_buffer_add_text(out, style);
	wipe_buffer_add_text(out, "</style></head><body>\n");
	if (print->closing) {
		html_add_element(out, "<section class=\"sheet cover\"><p>", print->organisation, "</p>");
		html_add_element(out, "<h1>", register_title(print->scope->form), "</h1>");
		html_add_element(out, "<p>", what, "</p></section>\n");
	}
	return leave(html, out, error);
}

static gboolean finish(const Html *html, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	wipe_buffer_add_text(out, "<section class=\"sheet closing\">");
	for (guint i = 0;; i++) {
		g_autofree char *line = register_closing_line(html->print, &html->count, i);
		if (line == NULL)
			break;
		html_add_element(out, "<p>", line, "</p>");
	}
	html_add_element(out, "<pre>", html->print->checkpoint, "</pre>");
	html_add_element(out, "<div class=\"sign\"><div>", _("post, signature"), "</div>");
	html_add_element(out, "<div>", _("surname, initials"), "</div>");
	html_add_element(out, "<div>", _("date"), "</div></div>");
	html_add_element(out, "<div class=\"seal\">", _("place of the seal"), "</div></section>\n</body></html>\n");
	return leave(html, out, error);
}

gboolean register_html(const RegisterPrint *print, GError **error)
{
	Html html = {print, {0}};
	gboolean done = begin(&html, error) && register_pages(print->book, print->scope, take, &html, error) && finish(&html, error);
	register_count_clear(&html.count);
	return done;
}
