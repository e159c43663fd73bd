/* SPDX-License-Identifier: ISC */
/* cli/incident.h - the emergency journal of one mailbox: read, checked and folded (store/incident.h), written into, and shown in
 * the form of SIO annex 7.
 *
 * With a key it is the desk's, and each entry is proved and its gaps are seen; whoever keeps the host, with --config and
 * without a key, asks the host's door and has the registrar's word.
 * Ownership: results (transfer full). Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_INCIDENT_H
#define SENIM_CLI_INCIDENT_H

#include "cli/session.h"
#include "store/incident.h"

typedef struct {
	Session *session; /* NULL: as whoever keeps the host, … */
	gboolean borrowed; /* the session is another's */
	Config *config;   /* … of whom this is */
	char *socket;
	const char *mailbox, *organisation; /* borrowed */
	GTimeZone *zone;                    /* borrowed */
	IncidentBook *book;
	gint64 now;
} Journal;

/* Is that what the command line asks for: --config, and no key? */
gboolean incident_as_host(const Cli *cli);
Journal *incident_open(Cli *cli, GError **error);
/* In a session that is open already: borrowed, as is the mailbox. */
Journal *incident_open_in(Session *session, const char *mailbox, GError **error);
void incident_close(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, incident_close)

/* One entry; a text NULL or a number 0 is none. */
typedef struct {
	const char *act; /* opened, completed, planned, cancelled */
	guint64 of;
	gint64 from, to;
	const char *part, *cause, *measures, *needed, *responsible;
} JournalEntry;
/* Enters it, and reads the journal once more. */
gboolean incident_enter(Journal *journal, const JournalEntry *entry, GError **error);

/* In her language: what it was and how it looked; the part's heading of the form, and in short. */
char *incident_what(const Incident *incident);
const char *incident_part_heading(const char *part);
const char *incident_part_label(const char *part);

/* A row of the form: an incident of the year (0: of all years) under the part where it stands; those that nobody completed
 * stand under the last. */
typedef struct {
	char *actions, *needed, *responsible, *from, *to;
} JournalRow;
GPtrArray *incident_rows(const Journal *journal, guint part, guint year);
/* Those that lay in a period (µs, the end not included), in the order in which they were entered. */
GPtrArray *incident_rows_of_period(const Journal *journal, gint64 from, gint64 to);
char *incident_title(guint year);

WipeBuffer *incident_text(const Journal *journal, guint year, guint width);
WipeBuffer *incident_html(const Journal *journal, guint year);
GBytes *incident_pdf(const Journal *journal, guint year, GError **error);
WipeBuffer *incident_json(const Journal *journal);

#endif
