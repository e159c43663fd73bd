/* SPDX-License-Identifier: ISC */
/* cli/log-report.h - the monthly access report: of each officer how often she looked, and what stands out (SIO 9, 10).
 *
 * Night is 22:00 to 06:00 in the organisation's zone (Labour Code, article 76); a free day is one that the mailbox's
 * calendar makes none of work, as the desk says (/v1/why); repeated: five looks and more at one case; many: more than
 * twenty cases in one day. An export is open until a PURGED entry names it.
 * Ownership: results (transfer full). Threads: one. Fails: CLI_ERROR. */
#ifndef SENIM_CLI_LOG_REPORT_H
#define SENIM_CLI_LOG_REPORT_H

#include "cli/log-book.h"

#define LOG_REPORT_REPEATED 5
#define LOG_REPORT_MANY 20

typedef enum {
	LOG_COUNT_LOOKS,
	LOG_COUNT_CASES,
	LOG_COUNT_CARDS,
	LOG_COUNT_SEARCHES,
	LOG_COUNT_EXTRACTS,
	LOG_COUNT_NIGHT,
	LOG_COUNT_FREE_DAY,
	LOG_COUNT_REPEATED,
	LOG_COUNT_MANY,
	LOG_COUNT_EXPORTS,
	LOG_COUNT_OPEN_EXPORTS,
	LOG_COUNT_PRINTS,
	LOG_COUNT_REDIRECTED,
	LOG_COUNT_MISDIRECTED,
	LOG_COUNT_REFUSED,
	LOG_COUNT_BLOCKED,
	LOG_COUNT_WITHHELD,
	LOG_COUNT_EXCEEDED,
	LOG_COUNT_WRONG,
	LOG_COUNTS,
} LogCount;

typedef struct {
	char *name;
	guint counts[LOG_COUNTS];
} LogOfficer;
typedef struct {
	char *mailbox;
	GPtrArray *officers; /* LogOfficer, by name */
	guint elsewhere, kept_back;
} LogReport;

LogReport *log_report_make(Session *session, const LogBook *book, GError **error);
void log_report_free(LogReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogReport, log_report_free)

/* The word of a count in JSON, and in her language. */
const char *log_report_key(LogCount count);
const char *log_report_label(LogCount count);
/* Is it one that stands out where it is not nought? */
gboolean log_report_stands_out(LogCount count);

#endif
