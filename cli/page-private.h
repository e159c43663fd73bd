/* SPDX-License-Identifier: ISC */
/* cli/page-private.h - the description as page.c builds and page-render.c reads it. No other file includes this.
 *
 * Every text is a row of a grid: a paragraph is a row of one column, a fact of two, a table's row of many. So one piece
 * of code breaks all of them over pages. */
#ifndef SENIM_CLI_PAGE_PRIVATE_H
#define SENIM_CLI_PAGE_PRIVATE_H

#include "cli/page.h"

#define PAGE_BIG (1u << 8)   /* the title's size */
#define PAGE_LARGE (1u << 9) /* a heading's */

typedef struct {
	guint style;
	char *text; /* escaped; wiped by its free */
} PageRun;

typedef struct {
	guint columns;
	guint *weights;
	gboolean ruled;
	guint head_rows;
	GPtrArray *heads; /* borrowed PageBlock: those rows that stand on each page */
} PageGrid;

typedef enum { PAGE_BLOCK_ROW, PAGE_BLOCK_QR, PAGE_BLOCK_SPACE, PAGE_BLOCK_BREAK, PAGE_BLOCK_TURN, PAGE_BLOCK_FOOTER } PageBlockKind;

typedef struct {
	PageBlockKind kind;
	double gap;       /* below it, in points */
	gboolean whole;   /* never broken where a page holds it */
	gboolean leads;   /* not the last thing on a page */
	PageGrid *grid;   /* row: borrowed from the page */
	GPtrArray *cells; /* row: of GPtrArray of PageRun */
	double bar;       /* row: a bar in its second column, as long as this share of it; 0: none */
	gboolean dark;
	GByteArray *data; /* QR code */
	double size;      /* QR code's width, space's height, in points */
	PagePaper paper;  /* turn */
	char *left, *right; /* footer: escaped */
} PageBlock;

struct Page {
	PagePaper paper;
	char *footer;
	GPtrArray *blocks, *grids;
	PageGrid *table;  /* the table that is being filled, or NULL */
	PageBlock *row;   /* its row that still takes cells, or NULL */
};

#endif
