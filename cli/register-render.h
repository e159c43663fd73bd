/* SPDX-License-Identifier: ISC */
/* cli/register-render.h - pages of the register in five formats, from one model (cli/register.h).
 *
 *   text   for the terminal                     register-text.c
 *   html   one file, nothing fetched, A4        register-html.c
 *   pdf    through cli/page                     register-pdf.c
 *   csv    for a spreadsheet, no formulas       register-data.c
 *   json   for programs                         register-data.c
 *
 * Promise:   the same register gives the same octets; nothing of the clock or the machine is in them.
 *            Every text passes escape_text(); HTML escapes besides what HTML means, and a cell of CSV that a spreadsheet
 *            would take for a formula begins with an apostrophe.
 * Memory:    all but the PDF leave page by page, so that a large register needs no more than its rows.
 * Ownership: a RegisterPrint borrows. Threads: one. Fails: FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REGISTER_RENDER_H
#define SENIM_CLI_REGISTER_RENDER_H

#include "cli/page.h"
#include "cli/register.h"

/* Where octets go. */
typedef gboolean (*RegisterWrite)(const void *data, gsize size, gpointer user, GError **error);

typedef struct {
	const RegisterBook *book;
	const RegisterScope *scope;
	const char *organisation;
	const char *checkpoint; /* on the last page; NULL: text without it */
	guint first, last;      /* sheets of these numbers alone; 0: without that limit */
	gboolean sheets_only;   /* final and changes sheets alone, no drafts */
	gboolean closing;       /* the year's: cover in front, what is carried over, certification */
	RegisterWrite write;
	gpointer user;
} RegisterPrint;

/* format: text, html, pdf, csv, json. FALSE and CLI_ERROR_USAGE for another. */
gboolean register_format_check(const char *format, GError **error);
gboolean register_render(const RegisterPrint *print, const char *format, GError **error);

/* --- for the renderers ---------------------------------------------------------------------------------------------------- */

gboolean register_text(const RegisterPrint *print, GError **error);
gboolean register_html(const RegisterPrint *print, GError **error);
gboolean register_pdf(const RegisterPrint *print, GError **error);
/* Begins the table of that form on a page, with its heads; and adds a line to it. */
void register_pdf_table(Page *page, RegisterForm form);
void register_pdf_line(Page *page, const RegisterBook *book, RegisterForm form, const RegisterLine *line);
gboolean register_csv(const RegisterPrint *print, GError **error);
gboolean register_json(const RegisterPrint *print, GError **error);

/* Is that page one of those to print? */
gboolean register_is_wanted(const RegisterPrint *print, const RegisterPage *page);
/* What a book says of itself: title, "mailbox, 2026, telephone" (transfer full), and of a page: sheet, entry, kind. */
const char *register_title(RegisterForm form);
char *register_subtitle(const RegisterPrint *print);
char *register_page_line(const RegisterPage *page);
/* "Digest of this sheet: …"; of the one before it, NULL for the first. */
char *register_digest_line(const RegisterPage *page);
char *register_before_line(const RegisterPage *page);
/* What a piece of a cell reads, not escaped (transfer full). */
WipeText *register_run_words(const RegisterRun *run);
/* "(struck: aigul, 2026-11-22 14:05, entry 12)"; NULL where nothing is to be said (transfer full). */
char *register_run_note(const RegisterBook *book, const RegisterRun *run);

/* What is counted on the way, for the last page. */
typedef struct {
	guint sheets, rows; /* printed */
	guint last;         /* the highest number of a sheet */
	GString *open;      /* of a year that is closed: names of rows that are carried over */
} RegisterCount;
void register_count(RegisterCount *count, const RegisterPage *page);
void register_count_clear(RegisterCount *count);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RegisterCount, register_count_clear)
/* The lines of the last page, in their order; NULL past the end (transfer full). */
char *register_closing_line(const RegisterPrint *print, const RegisterCount *count, guint i);

#endif
