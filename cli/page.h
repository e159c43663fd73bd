/* SPDX-License-Identifier: ISC */
/* cli/page.h - the one module for printed pages: a description in, an A4 PDF in memory out (Pango and cairo).
 *
 *	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, "senim@kmo.kz");
 *	page_title(page, "Акт ввода в действие");
 *	page_pair(page, "Ответственный работник", name);
 *	page_text(page, 0, "Ключ создан на её рабочем месте.");
 *	page_table(page, (const guint[]){1, 4}, 2, 1, TRUE);       two columns, the first row is repeated on each page
 *	page_cell(page, PAGE_BOLD, "№"), page_cell(page, PAGE_BOLD, "Запись");
 *	page_cell(page, 0, "1"), page_cell(page, PAGE_STRUCK, "12.10"), page_more(page, 0, "13.10");
 *	page_signature(page, post, name, "(подпись, дата)");
 *	page_qr(page, text, strlen(text), 60);
 *	g_autoptr(GBytes) pdf = page_render(page, &error);
 *
 * Promise:   the same description gives the same octets (with the same versions of the libraries), on each run, whatever
 *            the clock, the locale, the user's fonts and configuration: fonts are DejaVu's files in FONTS_DIRECTORY and
 *            nothing else, the PDF carries no date, no title, no identifier.
 *            Each text passes escape_text() here: LF is a new line; a character that drives a terminal or turns a line
 *            around stands as \u{XXXX}. A line of more than 4 KiB goes on in a new one.
 *            Cells, also tall ones, go on on the next page; a table's row of a few lines is not broken; a heading is never the
 *            last thing on one, nor with the heads of its table alone.
 * Form:      A4; 30 mm on the left, for the lace; DejaVu Sans 10 pt, no hyphenation, not justified; in the footer the
 *            caller's line and "N / M".
 * Memory:    the PDF and every text that was handed in are wiped when they are freed; no file is written or read but
 *            the fonts. What Pango and cairo keep of the text on the way goes back to the heap as it is: the process
 *            that calls them makes no core and is not dumpable (base/process.h).
 * Ownership: texts are copied.
 * Threads:   one at a time in the process: page_render() sets fontconfig's current configuration.
 * Fails:     CLI_ERROR_FAILED: fonts that are missing, data too long for a QR code, more than PAGE_COUNT_MAX pages. */
#ifndef SENIM_CLI_PAGE_H
#define SENIM_CLI_PAGE_H

#include <glib.h>

#define PAGE_COUNT_MAX 10000
#define PAGE_QR_MAX 1663 /* octets of one code, at the level of correction we use (Q) */
#define PAGE_COLUMNS_MAX 24

/* PAGE_POSTER: for a wall: portrait, no room for a lace, letters twice as large, codes in the middle. */
typedef enum { PAGE_PORTRAIT, PAGE_LANDSCAPE, PAGE_POSTER } PagePaper;

/* How a text looks; 0 is plain. */
typedef enum {
	PAGE_BOLD = 1 << 0,
	PAGE_STRUCK = 1 << 1, /* legible, with a line through it */
	PAGE_MONO = 1 << 2,   /* what is typed or compared letter by letter */
	PAGE_SMALL = 1 << 3,
	PAGE_RIGHT = 1 << 4,
	PAGE_CENTRE = 1 << 5,
} PageStyle;

typedef struct Page Page;

/* footer: the line on the left of each page's foot; NULL none. */
Page *page_new(PagePaper paper, const char *footer);
void page_free(Page *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Page, page_free)

void page_title(Page *page, const char *text);
void page_heading(Page *page, const char *text);
/* A paragraph, or several. */
void page_text(Page *page, guint style, const char *text);
/* One line of a list of facts: key on the left, value beside it. */
void page_pair(Page *page, const char *key, const char *value);
/* One bar of a chart: what it is, the bar, as long as that share (0 to 1) of the room for it, and the number behind it. */
void page_bar(Page *page, const char *label, double share, gboolean dark, const char *value);
/* A line to sign on: whose post, the line with the caption below it, the name. */
void page_signature(Page *page, const char *post, const char *name, const char *caption);
void page_space(Page *page, guint millimetres);
void page_break(Page *page);
/* The same, and from here on the paper lies that way: PAGE_PORTRAIT or PAGE_LANDSCAPE, in a document of one of these. */
void page_turn(Page *page, PagePaper paper);
/* The foot of the running page and of those behind it: a line on the left, and on the right `number` instead of "N / M". */
void page_footer(Page *page, const char *left, const char *number);
/* A QR code of these octets as wide as that, on the left (of a poster in the middle). */
void page_qr(Page *page, const void *data, gsize size, guint millimetres);

/* Begins a table: columns as wide as their weights say; the first head_rows rows stand on each of its pages; ruled: with
 * lines. Then cell after cell, row after row; the next other block ends it (a row begun is filled with empty cells). */
void page_table(Page *page, const guint *weights, guint columns, guint head_rows, gboolean ruled);
void page_cell(Page *page, guint style, const char *text);
/* One more text in the last cell, on a line of its own: a struck one and what stands for it now. */
void page_more(Page *page, guint style, const char *text);

/* The row to which the last cell belongs is a heading: it is not the last thing on a page. */
void page_row_leads(Page *page);

/* How many pages it will be; 0 and *error where it cannot be set. */
guint page_count(const Page *page, GError **error);
/* What stands on the pages, in words and in order: for an eye that is to see it before it leaves (transfer full, wiped by
 * its owner). Codes are named, not drawn. */
char *page_plain(const Page *page);
/* The PDF (transfer full). */
GBytes *page_render(const Page *page, GError **error);

#endif
