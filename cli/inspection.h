/* SPDX-License-Identifier: ISC */
/* cli/inspection.h - the inspector's file: what an authority that checks the lawfulness of looks is given of one mailbox and
 * one period (SIO 51, 52).
 *
 *   inspection_begin()     cli/inspection.c        the entry INSPECTED (begun), then everything that the file says
 *   inspection_pdf()       cli/inspection-pages.c  its pages, in one language or in Kazakh and Russian
 *   inspection_add_parts() cli/inspection-parts.c  … which parts of the pack they hold, which they do not, and who makes those
 *   inspection_add_rows()  cli/inspection-rows.c   … the pages of the register
 *   inspection_enter()     cli/inspection.c        the entry INSPECTED (made) with the digest of the pages, before they are written
 *
 * One order, one period, one pack: nobody reads all of it. Whoever reads cases (an officer, the next level of leadership) makes
 * the file with the rows of the register, those of the cases that are hers, and her own acts; whoever reads the log of others
 * (store/desk-log.h) the one with the acts of all. Each file says what the others hold, and names those that were made before it by
 * their entries and digests.
 *
 * Without names the columns that say who reported say no more than whether anything stands there, what else is written of a
 * case passes the caged child that takes out the writer (cli/redacted.h), and no word of a ground is decrypted. Sheets have no
 * codes here: a digest of hidden words would let them be guessed.
 *
 * Entries and signatures of the log are checked as cli/log-book.h does it, the rows as cli/register.h, the register as `senim
 * verify` does; the list of reports is the registrar's word, but lacks no row that the register proves.
 *
 * Promise:   the same entries give the same octets.
 * Ownership: an Inspection owns its parts; the Session is borrowed. Threads: one. Fails: NULL or FALSE, *error in CLI_ERROR. */
#ifndef SENIM_CLI_INSPECTION_H
#define SENIM_CLI_INSPECTION_H

#include "cli/incident.h"
#include "cli/log-book.h"
#include "cli/page.h"
#include "cli/register.h"
#include "cli/verify-register.h"

typedef struct {
	char *name, *official, *due, *channel; /* official and due may be NULL */
	char *state, *result, *category;       /* NULL: none, or not hers to know */
	gboolean elsewhere;                    /* another reads it */
	gint64 received;                       /* 0: not hers to know */
} InspectionRow;

/* One that was made of the same order for the same days. */
typedef struct {
	guint64 entry;
	gint64 time; /* microseconds */
	char *officer, *digest;
	gboolean rows, all, names;
} InspectionFile;

/* What was asked for (borrowed). */
typedef struct {
	const char *first, *last; /* "2026-11-01", in the organisation's zone */
	const char *order;
	const char *order_digest; /* hex SHA-256 of the order's file, or "-" */
	gboolean names;
} InspectionAsk;

typedef struct {
	Session *session;
	char *mailbox, *order, *order_digest;
	char *first, *last; /* days, both included */
	gint64 from, to;    /* seconds: from the first moment to before the last */
	gboolean names;
	gboolean has_rows;  /* of the register: she reads cases */
	gboolean has_all;   /* acts of everybody; else her own */
	WipeText *ground;   /* in the form of cli/ground.h */
	guint64 entry, made; /* by which it was begun, and made */
	LogBook *book;
	RegisterBook *registered; /* NULL: not hers to read */
	RegisterForm form;
	GPtrArray *rows;    /* InspectionRow */
	GHashTable *others; /* names of those that another reads: borrowed keys */
	GPtrArray *files;   /* InspectionFile */
	GPtrArray *checks;  /* VerifyRegister */
	Journal *journal;   /* of outages */
	json_t *grounds;    /* the list, for its labels */
	char *checkpoint;   /* signed note */
	const char *key;    /* the log's, as a note verifier (borrowed) */
} Inspection;

/* Asks for a ground where there are rows or names to be read. */
Inspection *inspection_begin(Session *session, const char *mailbox, const InspectionAsk *ask, GError **error);
void inspection_free(Inspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inspection, inspection_free)

/* languages: "kk", "ru", "en", one after the other, NULL-terminated; the language in use is as before afterwards. */
GBytes *inspection_pdf(const Inspection *inspection, const char *const *languages, GError **error);
/* digest: hex SHA-256 of these pages. */
gboolean inspection_enter(Inspection *inspection, const char *digest, GError **error);

/* --- for inspection-pages.c and the command ------------------------------------------------------------------------------------------------ */

/* What of the pack it does not hold, and who makes that; NULL: nothing (transfer full). */
char *inspection_rest(const Inspection *inspection);
/* In the language in use. */
void inspection_add_parts(const Inspection *inspection, Page *page);
gboolean inspection_add_rows(const Inspection *inspection, Page *page, GError **error);

#endif
