/* SPDX-License-Identifier: ISC */
/* cli/register.h - the register of one mailbox as rows, read and proved; what every printed form of it is made of.
 *
 *   register_read()    cli/register.c        rows and sheets out of the log
 *   register_cells()   cli/register-form.c   a row in the columns of form kmo (KMO 17) or ales (ALES annex 1)
 *   register_pages()   cli/register-pages.c  rows to pages, pages to digests
 *   register_render()  cli/register-render.c pages as text, HTML, PDF, CSV or JSON
 *
 * One entry (REGISTER_READ) is made first; then the whole log comes in slices, each proved as a range in the checkpoint, so
 * that no row and no entry of a row can be left out, and each record is the one that its entry commits to. A row is folded
 * (cli/row.h) from entries that name each other. Official dates, and the names of cases that another reads, are the
 * registrar's word.
 *
 * As of: every function that takes `upto` sees the entries below it alone, so that a page of years ago can be made again.
 * Ownership: a RegisterBook owns its rows and wipes their texts; Session and zone are borrowed. Threads: one.
 * Fails:     NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REGISTER_H
#define SENIM_CLI_REGISTER_H

#include "cli/row.h"
#include "cli/session.h"

typedef enum { REGISTER_KMO, REGISTER_ALES } RegisterForm;
const char *register_form_word(RegisterForm form); /* "kmo", "ales" */
gboolean register_form_read(const char *word, RegisterForm *form);
/* Which one the organisation keeps for that mailbox, as configured. */
gboolean register_form_kept(Session *session, const char *mailbox, RegisterForm *form, GError **error);

/* --- rows ------------------------------------------------------------------------------------------------------------ */

typedef struct {
	guint64 seq;     /* of its RECEIVED entry */
	guint64 since;   /* the entry by which it stands in the reports' series: that one, or ACCEPTED */
	guint year, number; /* number 0: none of the reports' series (yet) */
	gint64 received; /* microseconds UTC, of a recorded call when that came; 0: another's */
	char official[11]; /* "2026-11-23", or "" where the calendar does not know */
	const char *channel; /* interned */
	gboolean elsewhere; /* another reads it: its name is all there is */
	Row *row;        /* NULL: nothing was written yet */
	guint64 last;    /* the last entry of its work */
	guint64 copied, copied_upto; /* into the paper journal: the entry, 0 never; and up to where */
	guint copied_sheet, copied_line;
} RegisterRow;

/* A final sheet, as its entry names it. */
typedef struct {
	guint64 entry, upto;
	gboolean change; /* a changes sheet */
	RegisterForm form;
	char *channel;   /* or NULL: every one */
	guint year, number;
	guint first, last; /* numbers of the rows */
	guint piece;     /* 0: whole rows; else which part of the one row there is */
	guint8 digest[32];
} RegisterSheet;

typedef struct {
	char *mailbox, *origin;
	GTimeZone *zone;
	GPtrArray *rows;   /* RegisterRow of the reports' series, by year and number */
	GPtrArray *sheets; /* RegisterSheet, as they were made */
	guint64 upto;      /* behind the last entry of any row: what "now" is for pages */
	guint64 reading;   /* the REGISTER_READ entry */
	guint kept_back;   /* entries of rows whose record is not handed out, such as destroyed ones */
	GByteArray *leaves;
} RegisterBook;

/* What it is read for: view, print, export, verify, sheets, journal, inspect; period as it stands in the entry. */
RegisterBook *register_read(Session *session, const char *mailbox, const char *act, RegisterForm form, const char *period,
                            const char *ground, GError **error);
void register_free(RegisterBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RegisterBook, register_free)
/* The first checkpoint that was signed over all entries below upto, its signature and root checked (transfer full). */
char *register_checkpoint(Session *session, const RegisterBook *book, guint64 upto, GError **error);
/* "2026/17" (transfer full). */
char *register_name(const RegisterRow *row);
/* Did anything of the row change in entries from..upto-1? */
gboolean register_changed(const RegisterRow *row, guint64 from, guint64 upto);
/* Closed, or set aside: it has its result. word: of a row set aside the reason, else NULL (borrowed). */
gboolean register_is_done(const RegisterRow *row, guint64 upto, const char **aside);

/* --- columns ---------------------------------------------------------------------------------------------------------- */

#define REGISTER_COLUMNS_MAX 8

typedef enum {
	REGISTER_TEXT,      /* as it was written */
	REGISTER_ASIDE,     /* set aside: text is the word of the reason */
	REGISTER_ELSEWHERE, /* another reads it */
	REGISTER_ERASED,    /* erased by order: text is the day of the document, a blank, its number */
} RegisterRunKind;

/* A piece of a cell. */
typedef struct {
	RegisterRunKind kind;
	WipeText *text;
	guint64 struck; /* the entry that struck it; 0: it stands */
	gint64 time;    /* when that was */
	char *officer;  /* and who did it */
	gboolean tail;  /* who and when stand behind this piece: a struck text that goes on on the next page has them there */
} RegisterRun;

typedef enum {
	REGISTER_FIGURES, /* numbers and dates */
	REGISTER_WRITER,  /* who reported, and how to find that person */
	REGISTER_WORDS,   /* what was written of the matter: it may speak of anybody */
} RegisterHolds;

typedef struct {
	const char *title; /* N_(): the statute's own words in Kazakh and Russian */
	guint width;       /* millimetres of 255 */
	RegisterHolds holds;
} RegisterColumn;

/* Its columns, their number in *n. */
const RegisterColumn *register_columns(RegisterForm form, guint *n);
void register_run_free(gpointer run);
/* Arrays of RegisterRun into cells[0] to cells[n-1]; name: what column 1 says. */
void register_cells(const RegisterBook *book, const RegisterRow *row, RegisterForm form, const char *name, guint64 upto,
                    GPtrArray *cells[REGISTER_COLUMNS_MAX]);

/* --- pages ------------------------------------------------------------------------------------------------------------ */

typedef struct {
	RegisterForm form;
	const char *channel;   /* or NULL */
	guint year;            /* 0: all years */
	const char *from, *to; /* days by the official date, or NULL; then no sheets are numbered */
	/* Instead of by the official date by the moment at which they came: `begin` to before `end`, microseconds; with the rows
	 * of these names, which another reads. NULL: not so. */
	GHashTable *others;
	gint64 begin, end;
	guint64 upto;
	gboolean final;        /* pages behind the last sheet are made as final ones, for their digests to be entered */
} RegisterScope;

typedef struct {
	char *name; /* "2026/17", "2026/18 – 2026/25" of a run set aside */
	const RegisterRow *row; /* the first of them */
	guint first, last; /* numbers */
	gboolean continued; /* from the page before */
	GPtrArray *cells[REGISTER_COLUMNS_MAX];
} RegisterLine;

typedef enum { REGISTER_PAGE_DRAFT, REGISTER_PAGE_FINAL, REGISTER_PAGE_CHANGE } RegisterPageKind;

typedef struct {
	RegisterPageKind kind;
	guint number;      /* through the year */
	guint64 upto;      /* as of the entries below it */
	guint64 entry;     /* of a sheet: its entry, 0 not yet entered */
	gboolean full;     /* no further row would have fitted */
	gboolean done;     /* each row has its result */
	gboolean holds;    /* of a sheet: it is what its entry says */
	guint piece;
	GPtrArray *lines;  /* RegisterLine */
	guint8 digest[32], before[32]; /* of this page and of the one before it; zeroes: the first */
} RegisterPage;

/* Takes one page (borrowed); FALSE and *error ends it all. */
typedef gboolean (*RegisterTake)(const RegisterPage *page, gpointer user, GError **error);
gboolean register_pages(const RegisterBook *book, const RegisterScope *scope, RegisterTake take, gpointer user, GError **error);
/* The same for the changes of rows that stand on sheets already, on changes sheets of their own. */
gboolean register_changes(const RegisterBook *book, const RegisterScope *scope, RegisterTake take, gpointer user,
                          GError **error);
/* "4711-3f9a…": the entry as of which it was made, and 32 digits of the digest: what stands on paper (transfer full). */
char *register_code(const RegisterPage *page);
/* Reads such a code; digest: its 16 octets. */
gboolean register_code_read(const char *code, guint64 *upto, guint8 digest[16]);

#endif
