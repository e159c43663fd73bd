/* SPDX-License-Identifier: ISC */
#include "cli/paper.h"

#include <string.h>

#include "base/bundle.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/page.h"

#define COLUMNS_MOST 8

typedef enum { HEADING, TEXT, PAIR, ROW } BlockKind;

typedef struct {
	BlockKind kind;
	WipeText *cells[COLUMNS_MOST];
	guint n;
} Block;

struct Paper {
	char *title, *footer;
	GPtrArray *blocks; /* Block */
};

static void block_free(gpointer data)
{
	Block *block = data;
	for (guint i = 0; i < block->n; i++)
		wipe_text_free(block->cells[i]);
	g_free(block);
}

Paper *paper_new(const char *title, const char *footer)
{
	Paper *paper = g_new0(Paper, 1);
	paper->title = g_strdup(title);
	paper->footer = g_strdup(footer);
	paper->blocks = g_ptr_array_new_with_free_func(block_free);
	return paper;
}

void paper_free(Paper *paper)
{
	if (paper == NULL)
		return;
	g_free(paper->title);
	g_free(paper->footer);
	g_ptr_array_unref(paper->blocks);
	g_free(paper);
}

static void add(Paper *paper, BlockKind kind, const char *const *cells, guint n)
{
	Block *block = g_new0(Block, 1);
	block->kind = kind;
	block->n = MIN(n, COLUMNS_MOST);
	for (guint i = 0; i < block->n; i++)
		block->cells[i] = g_strdup(cells[i] != NULL ? cells[i] : "");
	g_ptr_array_add(paper->blocks, block);
}

void paper_heading(Paper *paper, const char *text)
{
	add(paper, HEADING, &text, 1);
}

void paper_text(Paper *paper, const char *text)
{
	add(paper, TEXT, &text, 1);
}

void paper_pair(Paper *paper, const char *key, const char *value)
{
	const char *const cells[] = {key, value};
	if (value != NULL && *value != '\0' && strcmp(value, "-") != 0)
		add(paper, PAIR, cells, 2);
}

void paper_row(Paper *paper, const char *const *cells, guint n)
{
	add(paper, ROW, cells, n);
}

/* --- as text ------------------------------------------------------------------------------------------------------- */

/* Rows of one kind that follow each other are a table; *i goes behind them. */
static void write_table(const Paper *paper, guint *i, guint width, WipeBuffer *out)
{
	const Block *first = paper->blocks->pdata[*i];
	g_autoptr(FormatTable) table = format_table_new(first->n);
	for (; *i < paper->blocks->len; (*i)++) {
		const Block *block = paper->blocks->pdata[*i];
		if (block->kind != first->kind)
			break;
		for (guint k = 0; k < first->n; k++)
			format_table_cell(table, k < block->n ? block->cells[k] : "");
	}
	format_table_fold(table, width);
	format_table_write(table, FALSE, out);
}

static void write_text(const Paper *paper, guint width, WipeBuffer *out)
{
	format_fold(paper->title, width, 0, out);
	wipe_buffer_add_text(out, "\n");
	for (guint i = 0; i < paper->blocks->len;) {
		const Block *block = paper->blocks->pdata[i];
		wipe_buffer_add_text(out, block->kind == PAIR && i > 0 ? "" : "\n");
		if (block->kind == PAIR || block->kind == ROW) {
			write_table(paper, &i, width, out);
			continue;
		}
		g_autoptr(WipeText) safe = escape_text(block->cells[0], -1, ESCAPE_TEXT);
		format_fold(safe, width, 0, out);
		wipe_buffer_add_text(out, "\n");
		i++;
	}
}

gboolean paper_show(const Paper *paper, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	write_text(paper, output_width(), out);
	return output_text(out, error);
}

/* --- as a PDF ------------------------------------------------------------------------------------------------------ */

static void set_block(const Block *block, BlockKind before, Page *page)
{
	static const guint weights[COLUMNS_MOST] = {12, 11, 13, 15, 12, 13, 13, 13};
	switch (block->kind) {
	case HEADING:
		page_heading(page, block->cells[0]);
		break;
	case TEXT:
		page_text(page, 0, block->cells[0]);
		break;
	case PAIR:
		page_pair(page, block->cells[0], block->cells[1]);
		break;
	case ROW:
		if (before != ROW)
			page_table(page, weights, block->n, 1, TRUE);
		for (guint i = 0; i < block->n; i++)
			page_cell(page, before != ROW ? PAGE_BOLD | PAGE_SMALL : PAGE_SMALL, block->cells[i]);
		break;
	}
}

GBytes *paper_octets(const Paper *paper, gboolean pdf, const char *signs, GError **error)
{
	if (!pdf) {
		g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
		write_text(paper, 0, out);
		return bundle_secret_bytes(wipe_buffer_data(out), wipe_buffer_size(out));
	}
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, paper->footer);
	BlockKind before = TEXT;
	page_title(page, paper->title);
	for (guint i = 0; i < paper->blocks->len; i++) {
		const Block *block = paper->blocks->pdata[i];
		set_block(block, before, page);
		before = block->kind;
	}
	page_space(page, 10);
	page_signature(page, _("Officer"), signs, _("(signature, date)"));
	return page_render(page, error);
}
