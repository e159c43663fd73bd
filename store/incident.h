/* SPDX-License-Identifier: ISC */
/* store/incident.h - the emergency journal of a mailbox, folded from its register's entries of the kind INCIDENT alone.
 *
 * An incident is an outage of more than an hour, a leap of the clock, books that did not go together, or what somebody
 * entered by hand. It is opened; ended, where it lasted when it was opened; and completed by an officer or by whoever keeps
 * the host: which part of the works it belongs to, cause, measures, how long those take at most, who is responsible. A second
 * completion stands in the place of the first, which stays in the register. Planned work is announced before it begins; an
 * outage that lies within it is planned, and needs no completing.
 *
 *   act         by                    lines
 *   opened      the registrar         what, from, to (or -), how?, refused?, detail*
 *   opened      officer, host         from, to (or -), part, cause
 *   ended       the registrar         what, of, to, refused?
 *   completed   officer, host         of, to (or -), part, cause, measures, needed, responsible
 *   planned     officer, host         from, to, cause (the work)
 *   cancelled   officer, host         of
 *
 * Each names in `after` the entry of this kind before it, so that whoever has them sees a gap. Officers' acts have all lines
 * from `of` to `responsible`, with 0 and - for what does not belong to the act; moments are microseconds UTC.
 * No word of a report belongs here: whoever keeps the host reads it, and it is printed for others.
 *
 * Ownership: an IncidentBook owns what it holds. Threads: pure.
 * Fails:     FALSE and *error (INCIDENT_ERROR), the book unchanged. */
#ifndef SENIM_STORE_INCIDENT_H
#define SENIM_STORE_INCIDENT_H

#include <glib.h>

#include "base/record.h"

typedef enum {
	INCIDENT_ERROR_FORM,
	INCIDENT_ERROR_STATE, /* it does not go with what is */
} IncidentError;
#define INCIDENT_ERROR (incident_error_quark())
GQuark incident_error_quark(void);

#define INCIDENT_LONG ((gint64)3600 * G_USEC_PER_SEC) /* an outage of more than this is an incident (SIO 39) */
#define INCIDENT_PLAN_MOST ((gint64)14 * 24 * 3600 * G_USEC_PER_SEC)
#define INCIDENT_TEXT 1000 /* octets of a cause and of measures … */
#define INCIDENT_LINE 200  /* … and of time needed and a name */

/* The six parts of SIO annex 7 in its order, and the seventh, mail and software. NULL at the end. */
extern const char *const incident_parts[];
gboolean incident_is_part(const char *word);

typedef struct {
	guint64 seq;
	gint64 time;
	char *by; /* an officer, or "root", "registrar" of the host */
	char *part, *cause, *measures, *needed, *responsible;
} IncidentCompletion;

typedef struct {
	guint number; /* from 1, in the order in which they were opened */
	guint64 seq;
	gint64 entered;
	char *by;   /* who entered it by hand; NULL: the registrar */
	char *what; /* registrar, milter, nursery, mta, refused, clock, mismatch, hand */
	gint64 from, to; /* to 0: it lasts */
	char *how;       /* a word of what it looked like, or NULL */
	guint64 refused; /* messages that were put off meanwhile */
	GPtrArray *details; /* char * */
	char *part, *cause; /* by hand, as it was entered; else NULL */
	GPtrArray *completions; /* IncidentCompletion, the last one holds */
} Incident;

typedef struct {
	guint number;
	guint64 seq;
	gint64 entered;
	char *by, *work;
	gint64 from, to;
	gint64 cancelled; /* when; 0: it was not */
} IncidentPlan;

typedef struct {
	GPtrArray *incidents; /* Incident */
	GPtrArray *plans;     /* IncidentPlan */
	GArray *entries;      /* guint64: all that were folded */
	guint64 last;         /* the last of them; 0: none */
} IncidentBook;

IncidentBook *incident_book_new(void);
void incident_book_free(IncidentBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IncidentBook, incident_book_free)
gboolean incident_book_fold(IncidentBook *book, guint64 seq, const Record *record, GError **error);

/* By number, by entry; NULL: there is none. */
const Incident *incident_book_nth(const IncidentBook *book, guint number);
const Incident *incident_book_find(const IncidentBook *book, guint64 seq);
const IncidentPlan *incident_book_find_plan(const IncidentBook *book, guint64 seq);
const IncidentPlan *incident_book_nth_plan(const IncidentBook *book, guint number);
/* The one of that kind that lasts; NULL: none does. */
const Incident *incident_book_lasting(const IncidentBook *book, const char *what);
/* The announcement within which it lies as far as it has come; NULL: it is not planned. */
const IncidentPlan *incident_book_planned(const IncidentBook *book, const Incident *incident, gint64 now);
/* What holds of it now, or NULL. */
const IncidentCompletion *incident_completion(const Incident *incident);
/* It is neither planned nor completed. */
gboolean incident_book_waits(const IncidentBook *book, const Incident *incident, gint64 now);
guint incident_book_count_waiting(const IncidentBook *book, gint64 now);

#endif
