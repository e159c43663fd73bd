/* SPDX-License-Identifier: ISC */
/* cli/report.h - the report to the management: how many reports, of what kind, what became of them, by month (KMO 7, 14; ALES
 * 4.15; ISO 37002, 8 to 10).
 *
 * Counts are the registrar's (/v1/report), made without decrypting anything; there is no personal data in them, and small
 * numbers of a category are merged there. The officer's own words, if any, are a page of their own.
 * Ownership: a Report owns its text and wipes the words. Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REPORT_H
#define SENIM_CLI_REPORT_H

#include "cli/session.h"

/* A line of the table; a heading where values is NULL. */
typedef struct {
	char *label;
	char **values;   /* one a month, the last is the month of the report */
} ReportRow;

typedef struct {
	char *mailbox, *organisation, *month; /* "2026-11" */
	char **months;
	guint n;
	GPtrArray *rows;       /* ReportRow */
	GArray *totals;        /* double, one a month */
	GArray *answers;       /* double: days to the answer, the median; negative: none */
	GPtrArray *bars;       /* ReportBar: the categories of the month */
	gboolean whole;        /* else what concerns cases of others is merged */
	WipeText *words;       /* the officer's: causes, proposals; or NULL */
	json_t *answer;        /* as it came */
} Report;

typedef struct {
	char *label;
	double value;
} ReportBar;

/* month: "2026-11". words is taken. */
Report *report_fetch(Session *session, const char *mailbox, const char *month, WipeText *words, GError **error);
void report_free(Report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

/* Each (transfer full); the PDF may fail. */
WipeBuffer *report_text(const Report *report, guint width);
WipeBuffer *report_html(const Report *report);
GBytes *report_pdf(const Report *report, GError **error);
WipeBuffer *report_json(const Report *report);

/* What it says of itself, for every format. */
char *report_title(const Report *report);
extern const char *const report_notes[]; /* N_(), ended by NULL: how it counts */

#endif
