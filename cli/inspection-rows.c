/* SPDX-License-Identifier: ISC */
/* The pages of the register in the inspector's file: the statutory form, without what says who reported. */
#include <string.h>

#include "cli/format.h"
#include "cli/inspection.h"
#include "cli/progress.h"
#include "cli/redacted.h"
#include "cli/register-render.h"

/* Between the texts of a line on their way through the child: nobody writes it, and no name goes over it. */
#define BETWEEN "\n\x1f\n"

typedef struct {
	const Inspection *inspection;
	const RegisterColumn *columns;
	guint n;
	Page *page;
	Progress *progress;
	guint lines;
} Rows;

/* --- without names --------------------------------------------------------------------------------------------------- */

static RegisterRun *run_new(const char *text)
{
	RegisterRun *run = g_new0(RegisterRun, 1);
	run->kind = REGISTER_TEXT;
	run->text = g_strdup(text);
	return run;
}

/* That something stands there is no name; what was erased says so itself. */
static void hide_cell(GPtrArray *cell)
{
	gboolean any = FALSE;
	for (guint i = cell->len; i > 0; i--) {
		if (((RegisterRun *)cell->pdata[i - 1])->kind != REGISTER_TEXT)
			continue;
		any = TRUE;
		g_ptr_array_remove_index(cell, i - 1);
	}
	if (any)
		g_ptr_array_insert(cell, 0, run_new(_("not disclosed")));
}

/* The runs of a line that were written by somebody (elements RegisterRun, borrowed; transfer container). */
static GPtrArray *words_of(const Rows *rows, const RegisterLine *line)
{
	GPtrArray *runs = g_ptr_array_new();
	for (guint i = 0; i < rows->n; i++)
		for (guint k = 0; rows->columns[i].holds == REGISTER_WORDS && k < line->cells[i]->len; k++)
			if (((RegisterRun *)line->cells[i]->pdata[k])->kind == REGISTER_TEXT)
				g_ptr_array_add(runs, line->cells[i]->pdata[k]);
	return runs;
}

static void put_word(RegisterRun *run, const char *text)
{
	wipe_text_free(run->text);
	run->text = g_strdup(text);
}

/* All of them at once: a child for each would take the length of a page's reading. */
static gboolean redact_line(const Rows *rows, const RegisterLine *line, GError **error)
{
	g_autoptr(GPtrArray) runs = words_of(rows, line);
	g_autoptr(WipeBuffer) joined = wipe_buffer_new(1024);
	if (runs->len == 0)
		return TRUE;
	for (guint i = 0; i < runs->len; i++) {
		wipe_buffer_add_text(joined, i > 0 ? BETWEEN : "");
		wipe_buffer_add_text(joined, ((RegisterRun *)runs->pdata[i])->text);
	}
	g_autoptr(WipeText) without = redacted_words(rows->inspection->session->examiner, line->row->row, wipe_buffer_data(joined),
	                                             language_shown(), error);
	if (without == NULL)
		return FALSE;
	char **texts = g_strsplit(without, BETWEEN, -1);
	gboolean whole = g_strv_length(texts) == runs->len;
	for (guint i = 0; i < runs->len; i++)
		put_word(runs->pdata[i], whole ? texts[i] : _("not disclosed"));
	for (guint i = 0; texts[i] != NULL; i++)
		wipe_text_free(texts[i]);
	g_free(texts);
	return TRUE;
}

static gboolean hide_line(const Rows *rows, const RegisterLine *line, GError **error)
{
	for (guint i = 0; i < rows->n; i++)
		if (rows->columns[i].holds == REGISTER_WRITER)
			hide_cell(line->cells[i]);
	return redact_line(rows, line, error);
}

/* --- pages ------------------------------------------------------------------------------------------------------------- */

static gboolean take(const RegisterPage *page, gpointer user, GError **error)
{
	Rows *rows = user;
	const Inspection *one = rows->inspection;
	for (guint i = 0; i < page->lines->len; i++) {
		const RegisterLine *line = page->lines->pdata[i];
		if (!one->names && !hide_line(rows, line, error))
			return FALSE;
		if (rows->lines++ == 0)
			register_pdf_table(rows->page, one->form);
		register_pdf_line(rows->page, one->registered, one->form, line);
		progress_case(rows->progress, 1);
	}
	return TRUE;
}

/* Which columns those are: "3, 4" (transfer full). */
static char *writer_columns(const Rows *rows)
{
	GString *list = g_string_new(NULL);
	for (guint i = 0; i < rows->n; i++)
		if (rows->columns[i].holds == REGISTER_WRITER)
			g_string_append_printf(list, "%s%u", list->len > 0 ? ", " : "", i + 1);
	return g_string_free(list, FALSE);
}

static void add_notes(const Rows *rows)
{
	const Inspection *one = rows->inspection;
	const char *title = register_title(one->form);
	g_autofree char *columns = writer_columns(rows), *period = g_strdup_printf("%s, %s – %s", title, one->first, one->last);
	g_autofree char *state = g_strdup_printf(_("As of entry %llu."), (unsigned long long)(one->registered->upto - 1));
	page_text(rows->page, PAGE_BOLD, period);
	if (!one->names) {
		g_autofree char *hidden =
			g_strdup_printf(_("Columns %s say who reported: where something stands in them this file says no more than that. In the "
			                  "other columns a program took out telephones, addresses, numbers of documents and the names of that "
			                  "person; a name is not always known for one."), columns);
		page_text(rows->page, PAGE_SMALL, hidden);
	}
	if (g_hash_table_size(one->others) > 0)
		page_text(rows->page, PAGE_SMALL, _("Rows that another reads stand here by their numbers alone: whoever reads them makes the file "
		                                    "that has them."));
	page_text(rows->page, PAGE_SMALL, state);
}

gboolean inspection_add_rows(const Inspection *inspection, Page *page, GError **error)
{
	const RegisterScope scope = {.form = inspection->form, .from = inspection->first, .to = inspection->last,
	                             .upto = inspection->registered->upto, .others = inspection->others,
	                             .begin = inspection->from * G_USEC_PER_SEC, .end = inspection->to * G_USEC_PER_SEC};
	g_auto(Progress) progress = {.all = inspection->rows->len};
	Rows rows = {.inspection = inspection, .page = page, .progress = &progress};
	rows.columns = register_columns(inspection->form, &rows.n);
	add_notes(&rows);
	if (!register_pages(inspection->registered, &scope, take, &rows, error))
		return FALSE;
	if (rows.lines == 0)
		page_text(page, 0, _("None."));
	return TRUE;
}
