/* SPDX-License-Identifier: ISC */
/* The register through cli/page: each sheet one page of A4, sideways. */
#include <string.h>

#include "cli/page.h"
#include "cli/register-render.h"

typedef struct {
	const RegisterPrint *print;
	RegisterCount count;
	Page *page;
} Pdf;

static void add_cell(Page *page, const RegisterBook *book, const GPtrArray *cell)
{
	if (cell->len == 0)
		page_cell(page, PAGE_SMALL, "");
	for (guint i = 0; i < cell->len; i++) {
		const RegisterRun *run = cell->pdata[i];
		g_autoptr(WipeText) words = register_run_words(run);
		g_autofree char *note = register_run_note(book, run);
		(i == 0 ? page_cell : page_more)(page, PAGE_SMALL | (run->struck != 0 ? PAGE_STRUCK : 0), words);
		if (note != NULL)
			page_more(page, PAGE_SMALL, note);
	}
}

void register_pdf_table(Page *page, RegisterForm form)
{
	guint weights[REGISTER_COLUMNS_MAX], columns;
	const RegisterColumn *column = register_columns(form, &columns);
	for (guint i = 0; i < columns; i++)
		weights[i] = column[i].width;
	page_table(page, weights, columns, 2, TRUE);
	for (guint i = 0; i < columns; i++)
		page_cell(page, PAGE_SMALL | PAGE_CENTRE, _(column[i].title));
	for (guint i = 0; i < columns; i++) {
		g_autofree char *number = g_strdup_printf("%u", i + 1);
		page_cell(page, PAGE_SMALL | PAGE_CENTRE, number);
	}
}

void register_pdf_line(Page *page, const RegisterBook *book, RegisterForm form, const RegisterLine *line)
{
	guint columns;
	register_columns(form, &columns);
	for (guint k = 0; k < columns; k++)
		add_cell(page, book, line->cells[k]);
}

static gboolean take(const RegisterPage *page, gpointer user, GError **error)
{
	Pdf *pdf = user;
	RegisterForm form = pdf->print->scope->form;
	g_autofree char *what = register_subtitle(pdf->print), *line = register_page_line(page);
	g_autofree char *code = register_digest_line(page), *before = register_before_line(page);
	g_autofree char *title = g_strdup_printf("%s. %s", pdf->print->organisation, register_title(pdf->print->scope->form));
	g_autofree char *number = g_strdup_printf("%u", page->number);
	if (!register_is_wanted(pdf->print, page))
		return TRUE;
	if (pdf->count.sheets >= PAGE_COUNT_MAX - 2)
		return cli_fail(error, CLI_ERROR_FAILED, _("more than %d sheets are no PDF: take --format html, or a part of the register"),
		                PAGE_COUNT_MAX - 2);
	if (pdf->count.sheets > 0 || pdf->print->closing)
		page_break(pdf->page);
	register_count(&pdf->count, page);
	page_footer(pdf->page, what, number);
	page_text(pdf->page, PAGE_BOLD | PAGE_CENTRE, title);
	page_text(pdf->page, PAGE_SMALL, line);
	register_pdf_table(pdf->page, form);
	for (guint i = 0; i < page->lines->len; i++)
		register_pdf_line(pdf->page, pdf->print->book, form, page->lines->pdata[i]);
	g_autofree char *foot = before != NULL ? g_strdup_printf("%s\n%s", code, before) : g_strdup(code);
	page_text(pdf->page, PAGE_SMALL | PAGE_MONO, foot);
	return TRUE;
}

static void add_cover(const Pdf *pdf)
{
	g_autofree char *what = register_subtitle(pdf->print);
	page_footer(pdf->page, "", "");
	page_space(pdf->page, 50);
	page_text(pdf->page, PAGE_CENTRE, pdf->print->organisation);
	page_space(pdf->page, 10);
	page_title(pdf->page, register_title(pdf->print->scope->form));
	page_text(pdf->page, PAGE_CENTRE, what);
}

static void add_closing(const Pdf *pdf)
{
	g_autofree char *what = register_subtitle(pdf->print);
	if (pdf->count.sheets > 0 || pdf->print->closing)
		page_break(pdf->page);
	page_footer(pdf->page, what, "");
	for (guint i = 0;; i++) {
		g_autofree char *line = register_closing_line(pdf->print, &pdf->count, i);
		if (line == NULL)
			break;
		page_text(pdf->page, 0, line);
	}
	page_text(pdf->page, PAGE_MONO | PAGE_SMALL, pdf->print->checkpoint);
	page_signature(pdf->page, "", "", _("post, signature, surname, date"));
	page_text(pdf->page, PAGE_SMALL, _("place of the seal"));
}

gboolean register_pdf(const RegisterPrint *print, GError **error)
{
	gsize size;
	guint pages;
	g_autoptr(Page) page = page_new(PAGE_LANDSCAPE, "");
	Pdf pdf = {print, {0}, page};
	if (print->closing)
		add_cover(&pdf);
	gboolean made = register_pages(print->book, print->scope, take, &pdf, error);
	guint expected = MAX(pdf.count.sheets + (print->closing ? 1 : 0), 1);
	pages = made ? page_count(page, error) : 0;
	if (pages > 0)
		add_closing(&pdf);
	register_count_clear(&pdf.count);
	if (pages == 0)
		return FALSE;
	/* A sheet that runs over onto a second page would put every later number wrong. */
	if (pages != expected)
		return cli_fail(error, CLI_ERROR_FAILED, _("a sheet does not fit onto its page: take --format html, and tell the administrator"));
	g_autoptr(GBytes) octets = page_render(page, error);
	const void *data = octets != NULL ? g_bytes_get_data(octets, &size) : NULL;
	return data != NULL && print->write(data, size, print->user, error);
}
