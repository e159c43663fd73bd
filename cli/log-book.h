/* SPDX-License-Identifier: ISC */
/* cli/log-book.h - the log of one mailbox for a period: who did what, when and on what ground, checked and not believed.
 *
 * What is checked: the checkpoint of each slice against the pin; that the slice holds every entry from its first to its
 * last (one proof for the range), and the slices every entry of the period; that each record is the one that its entry
 * commits to; that each act was signed by a key which the register itself names for that officer, and, where the record
 * holds all that was asked, that it was signed for just this. Names of cases are the registrar's word.
 * Who reads whose acts: store/desk-log.h. Whoever reads the whole log enters that first.
 *
 * Ownership: a LogBook owns everything in it; texts of grounds are wiped. Threads: one.
 * Fails:     NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_LOG_BOOK_H
#define SENIM_CLI_LOG_BOOK_H

#include "cli/session.h"
#include "store/people.h"

typedef enum {
	LOG_SIGN_NONE,   /* the registrar's own entry */
	LOG_SIGN_GOOD,
	LOG_SIGN_WRONG,  /* no key of hers made it, or for something else */
} LogSign;

typedef enum {
	LOG_SHOWN,
	LOG_ELSEWHERE, /* of a case that another reads */
	LOG_KEPT_BACK, /* its record was destroyed, or the registrar does not hand it out */
} LogState;

typedef struct {
	guint64 seq;
	guint kind;
	LogState state;
	gint64 time;    /* microseconds; of one without record the day alone */
	Record *record; /* NULL unless shown */
	LogSign sign;
	WipeText *text; /* of the ground, where she may open it; else NULL */
} LogEntry;

typedef struct {
	char *mailbox;
	gint64 from, to;     /* seconds: from the first moment to before the last */
	gboolean whole;      /* else her own acts alone */
	GPtrArray *entries;  /* LogEntry, in the register's order */
	GHashTable *cases;   /* seq as text to name */
	People *people;      /* as the register's entries say */
} LogBook;

typedef enum {
	LOG_BOOK_TEXTS = 1,  /* open those of grounds; else nothing at all is decrypted */
	LOG_BOOK_PEOPLE = 2, /* whoever reads her own acts alone has besides them who was put into force or out of it, and by whom */
} LogBookParts;
/* about: one officer, or NULL for all. */
LogBook *log_book_fetch(Session *session, const char *mailbox, const char *about, gint64 from, gint64 to, LogBookParts parts,
                        GError **error);
void log_book_free(LogBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogBook, log_book_free)

/* Whose act it is: a name, or "-" (borrowed). */
const char *log_book_who(const LogEntry *entry);
/* The names of its cases with ", " between them (transfer full), "" for none. */
char *log_book_cases(const LogBook *book, const LogEntry *entry);
/* What was done, as a sentence's end in her language (transfer full). */
char *log_book_what(const LogEntry *entry);
/* Is it a look at what a report says? */
gboolean log_book_is_look(const LogEntry *entry);

#endif
