/* SPDX-License-Identifier: ISC */
#include "cli/page.h"

#include <string.h>

#include "base/escape.h"
#include "cli/page-private.h"
#include "cli/wipe.h"

#define LINE_MAX_OCTETS 4096 /* Pango's time to break a line grows with the square of its length */
#define MILLIMETRE (72 / 25.4)

static void run_free(gpointer data)
{
	PageRun *run = data;
	wipe_text_free(run->text);
	g_free(run);
}

static void grid_free(gpointer data)
{
	PageGrid *grid = data;
	g_ptr_array_unref(grid->heads);
	g_free(grid->weights);
	g_free(grid);
}

static void block_free(gpointer data)
{
	PageBlock *block = data;
	g_clear_pointer(&block->cells, g_ptr_array_unref);
	g_clear_pointer(&block->data, wipe_bytes_free);
	g_clear_pointer(&block->left, wipe_text_free);
	g_clear_pointer(&block->right, wipe_text_free);
	g_free(block);
}

Page *page_new(PagePaper paper, const char *footer)
{
	Page *page = g_new0(Page, 1);
	page->paper = paper;
	page->footer = footer != NULL ? escape_text(footer, -1, ESCAPE_LINE) : NULL;
	page->blocks = g_ptr_array_new_with_free_func(block_free);
	page->grids = g_ptr_array_new_with_free_func(grid_free);
	return page;
}

void page_free(Page *page)
{
	if (page == NULL)
		return;
	wipe_text_free(page->footer);
	g_ptr_array_unref(page->blocks);
	g_ptr_array_unref(page->grids);
	g_free(page);
}

/* Where a line of `left` octets is cut: behind the last space of its first LINE_MAX_OCTETS, else between characters. */
static gsize cut_at(const char *line)
{
	const char *end = g_utf8_find_prev_char(line, line + LINE_MAX_OCTETS + 1);
	for (const char *p = end; p > end - LINE_MAX_OCTETS / 2; p--)
		if (p[-1] == ' ')
			return (gsize)(p - line);
	return (gsize)(end - line);
}

/* Escaped, no line longer than LINE_MAX_OCTETS. */
static char *clean(const char *text)
{
	g_autoptr(WipeText) escaped = escape_text(text, -1, ESCAPE_TEXT);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(strlen(escaped));
	for (const char *p = escaped;;) {
		gsize line = strcspn(p, "\n");
		while (line > LINE_MAX_OCTETS) {
			gsize piece = cut_at(p);
			wipe_buffer_add(out, p, piece);
			wipe_buffer_add_text(out, "\n");
			p += piece, line -= piece;
		}
		wipe_buffer_add(out, p, line);
		if (p[line] == '\0')
			return g_strndup(wipe_buffer_data(out), wipe_buffer_size(out));
		wipe_buffer_add_text(out, "\n");
		p += line + 1;
	}
}

static void add_run(GPtrArray *cell, guint style, char *text)
{
	PageRun *run = g_new0(PageRun, 1);
	run->style = style;
	run->text = text;
	g_ptr_array_add(cell, run);
}

static PageGrid *add_grid(Page *page, const guint *weights, guint columns, guint head_rows, gboolean ruled)
{
	PageGrid *grid = g_new0(PageGrid, 1);
	g_assert(columns > 0 && columns <= PAGE_COLUMNS_MAX);
	grid->columns = columns;
	grid->weights = g_memdup2(weights, columns * sizeof *weights);
	grid->head_rows = head_rows;
	grid->ruled = ruled;
	grid->heads = g_ptr_array_new();
	g_ptr_array_add(page->grids, grid);
	return grid;
}

static PageBlock *add_block(Page *page, PageBlockKind kind)
{
	PageBlock *block = g_new0(PageBlock, 1);
	block->kind = kind;
	g_ptr_array_add(page->blocks, block);
	return block;
}

static PageBlock *add_row(Page *page, PageGrid *grid, double gap)
{
	PageBlock *row = add_block(page, PAGE_BLOCK_ROW);
	row->grid = grid;
	row->gap = gap;
	row->cells = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	return row;
}

static GPtrArray *add_cell(PageBlock *row, guint style, const char *text)
{
	GPtrArray *cell = g_ptr_array_new_with_free_func(run_free);
	add_run(cell, style, clean(text));
	g_ptr_array_add(row->cells, cell);
	return cell;
}

/* Any other block ends a table. */
static void end_table(Page *page)
{
	if (page->row != NULL)
		while (page->row->cells->len < page->table->columns)
			add_cell(page->row, 0, "");
	if (page->table != NULL)
		((PageBlock *)page->blocks->pdata[page->blocks->len - 1])->gap = 8;
	page->row = NULL;
	page->table = NULL;
}

static PageBlock *add_line(Page *page, guint style, const char *text, double gap)
{
	end_table(page);
	PageBlock *row = add_row(page, add_grid(page, (const guint[]){1}, 1, 0, FALSE), gap);
	add_cell(row, style, text);
	return row;
}

void page_title(Page *page, const char *text)
{
	PageBlock *row = add_line(page, PAGE_BOLD | PAGE_CENTRE | PAGE_BIG, text, 10);
	row->whole = row->leads = TRUE;
}

void page_heading(Page *page, const char *text)
{
	if (page->blocks->len > 0)
		page_space(page, 2);
	PageBlock *row = add_line(page, PAGE_BOLD | PAGE_LARGE, text, 4);
	row->whole = row->leads = TRUE;
}

/* A row for each line, so that a long text is laid out piece by piece. */
void page_text(Page *page, guint style, const char *text)
{
	g_autoptr(WipeText) all = clean(text);
	for (char *line = all; line != NULL;) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		add_line(page, style, line, end != NULL ? 0 : 6);
		line = end != NULL ? end + 1 : NULL;
		if (end != NULL)
			*end = '\n'; /* so that the whole of it is wiped */
	}
}

void page_pair(Page *page, const char *key, const char *value)
{
	end_table(page);
	PageBlock *row = add_row(page, add_grid(page, (const guint[]){1, 2}, 2, 0, FALSE), 3);
	add_cell(row, PAGE_BOLD, key);
	add_cell(row, 0, value);
}

void page_bar(Page *page, const char *label, double share, gboolean dark, const char *value)
{
	end_table(page);
	PageBlock *row = add_row(page, add_grid(page, (const guint[]){5, 6, 1}, 3, 0, FALSE), 3);
	row->bar = CLAMP(share, 0, 1);
	row->dark = dark;
	row->whole = TRUE;
	add_cell(row, PAGE_SMALL, label);
	add_cell(row, 0, "");
	add_cell(row, PAGE_SMALL | PAGE_RIGHT, value);
}

void page_signature(Page *page, const char *post, const char *name, const char *caption)
{
	page_space(page, 8);
	PageBlock *row = add_row(page, add_grid(page, (const guint[]){5, 5, 4}, 3, 0, FALSE), 8);
	row->whole = TRUE;
	add_cell(row, 0, post);
	GPtrArray *line = add_cell(row, PAGE_CENTRE, "______________________");
	add_run(line, PAGE_CENTRE | PAGE_SMALL, clean(caption));
	add_cell(row, 0, name);
}

void page_space(Page *page, guint millimetres)
{
	end_table(page);
	add_block(page, PAGE_BLOCK_SPACE)->size = millimetres * MILLIMETRE;
}

void page_break(Page *page)
{
	end_table(page);
	add_block(page, PAGE_BLOCK_BREAK);
}

void page_turn(Page *page, PagePaper paper)
{
	end_table(page);
	add_block(page, PAGE_BLOCK_TURN)->paper = paper;
}

void page_footer(Page *page, const char *left, const char *number)
{
	end_table(page);
	PageBlock *block = add_block(page, PAGE_BLOCK_FOOTER);
	block->left = escape_text(left, -1, ESCAPE_LINE);
	block->right = escape_text(number, -1, ESCAPE_LINE);
}

void page_qr(Page *page, const void *data, gsize size, guint millimetres)
{
	end_table(page);
	PageBlock *block = add_block(page, PAGE_BLOCK_QR);
	block->data = g_byte_array_sized_new((guint)size);
	g_byte_array_append(block->data, data, (guint)size);
	block->size = millimetres * MILLIMETRE;
	block->gap = 6;
}

void page_table(Page *page, const guint *weights, guint columns, guint head_rows, gboolean ruled)
{
	end_table(page);
	page->table = add_grid(page, weights, columns, head_rows, ruled);
}

void page_cell(Page *page, guint style, const char *text)
{
	g_assert(page->table != NULL);
	PageGrid *table = page->table;
	if (page->row == NULL || page->row->cells->len == table->columns) {
		page->row = add_row(page, table, 0);
		if (table->heads->len < table->head_rows) {
			page->row->whole = page->row->leads = TRUE;
			g_ptr_array_add(table->heads, page->row);
		}
	}
	add_cell(page->row, style, text);
}

void page_more(Page *page, guint style, const char *text)
{
	g_assert(page->row != NULL);
	GPtrArray *cells = page->row->cells;
	add_run(cells->pdata[cells->len - 1], style, clean(text));
}

void page_row_leads(Page *page)
{
	g_assert(page->row != NULL);
	page->row->whole = page->row->leads = TRUE;
}

/* --- in words ------------------------------------------------------------------------------------------------------- */

static void add_plain_row(const PageBlock *row, WipeBuffer *out)
{
	for (guint i = 0; i < row->cells->len; i++) {
		const GPtrArray *cell = row->cells->pdata[i];
		for (guint k = 0; k < cell->len; k++) {
			wipe_buffer_add_text(out, k > 0 ? " / " : i > 0 ? "  |  " : "");
			wipe_buffer_add_text(out, ((const PageRun *)cell->pdata[k])->text);
		}
	}
	wipe_buffer_add_text(out, row->gap > 0 ? "\n\n" : "\n");
}

char *page_plain(const Page *page)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	for (guint i = 0; i < page->blocks->len; i++) {
		const PageBlock *block = page->blocks->pdata[i];
		if (block->kind == PAGE_BLOCK_ROW)
			add_plain_row(block, out);
		else if (block->kind == PAGE_BLOCK_BREAK || block->kind == PAGE_BLOCK_TURN)
			wipe_buffer_add_text(out, "----------------------------------------\n");
		else if (block->kind == PAGE_BLOCK_QR)
			wipe_buffer_add_text(out, "[QR]\n");
		else if (block->kind == PAGE_BLOCK_FOOTER) {
			wipe_buffer_add_text(out, block->left);
			wipe_buffer_add_text(out, "\n");
		}
	}
	return g_strdup(wipe_buffer_data(out));
}
