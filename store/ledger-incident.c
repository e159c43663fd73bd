/* SPDX-License-Identifier: ISC */
/* The emergency journal's entries: one chain in each register, whoever writes them. */
#include <string.h>

#include "store/ledger-private.h"

/* register.db has an index of just these (ledger-start.c). */
#define OF_INCIDENTS "FROM entry WHERE substr(data, 25, 2) = x'0018'"
G_STATIC_ASSERT(ENTRY_INCIDENT == 0x18);

/* --- writing ------------------------------------------------------------------------------------------------------- */

gboolean ledger_incident_last(LedgerGroup *group, guint64 *last, GError **error)
{
	gint64 found;
	for (guint i = group->entries->len; i-- > 0;) {
		Entry entry;
		if (!entry_decode(g_array_index(group->entries, LedgerNew, i).data, &entry, error))
			return FALSE;
		*last = entry.seq;
		if (entry.kind == ENTRY_INCIDENT)
			return TRUE;
	}
	if (!database_number(group->ledger->books, error, &found, 0, "SELECT max(seq) " OF_INCIDENTS, ""))
		return FALSE;
	*last = (guint64)found;
	return TRUE;
}

/* A moment, or `-` for 0. */
static void add_moment(Record *record, const char *key, gint64 moment)
{
	if (moment != 0)
		record_add_uint(record, key, (guint64)moment);
	else
		record_add(record, key, "-");
}

gboolean ledger_incident_add(LedgerGroup *group, const LedgerIncident *incident, LedgerEntry *result, GError **error)
{
	guint64 after;
	const Entry entry = {.kind = ENTRY_INCIDENT, .concerns = ENTRY_NOTHING};
	if (!ledger_incident_last(group, &after, error))
		return FALSE;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "after", after);
	record_add(record, "act", incident->of == 0 ? "opened" : "ended");
	record_add(record, "what", incident->what);
	if (incident->of != 0)
		record_add_uint(record, "of", incident->of);
	else
		record_add_uint(record, "from", (guint64)incident->from);
	add_moment(record, "to", incident->to);
	if (incident->how != NULL)
		record_add(record, "how", incident->how);
	if (incident->refused != 0)
		record_add_uint(record, "refused", incident->refused);
	for (guint i = 0; i < incident->n_details; i++)
		record_add(record, "detail", incident->details[i]);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_INCIDENT, record, error);
	return octets != NULL && ledger_group_add(group, &entry, octets, result, error);
}

typedef struct {
	LedgerJob job;
	const LedgerIncident *incident;
} IncidentJob;

static gboolean apply_incident(LedgerGroup *group, LedgerJob *base, GError **error)
{
	return ledger_incident_add(group, ((IncidentJob *)base)->incident, NULL, error);
}

gboolean ledger_incident(Ledger *ledger, const LedgerIncident *incident, GError **error)
{
	IncidentJob job = {.job = {.apply = apply_incident, .appends = TRUE, .weight = 4096}, .incident = incident};
	return ledger_run(ledger, &job.job, error);
}

gboolean ledger_incident_lasting(LedgerGroup *group, const char *what, guint64 *seq, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(gint64));
	Database *books = group->ledger->books;
	*seq = 0;
	sqlite3_stmt *row = database_query(books, error, "SELECT seq " OF_INCIDENTS " ORDER BY seq DESC", "");
	int more = row != NULL ? database_next(books, row, error) : -1;
	for (; more == 1; more = database_next(books, row, error)) {
		gint64 one = sqlite3_column_int64(row, 0);
		g_array_append_val(found, one);
	}
	for (guint i = 0; more == 0 && i < found->len; i++) {
		Entry entry;
		guint64 one = (guint64)g_array_index(found, gint64, i);
		g_autoptr(Record) record = ledger_entry_record(group->ledger, one, &entry, NULL);
		if (record == NULL || g_strcmp0(record_get(record, "what"), what) != 0)
			continue;
		if (g_strcmp0(record_get(record, "act"), "opened") == 0)
			*seq = one;
		break;
	}
	return more == 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	GArray *seqs; /* gint64; NULL: not looked for yet */
	guint at;
	IncidentBook *book;
} BookJob;

static gboolean find_all(Ledger *ledger, BookJob *job)
{
	GError **error = &job->job.error;
	job->seqs = g_array_new(FALSE, FALSE, sizeof(gint64));
	sqlite3_stmt *row = database_query(ledger->books, error, "SELECT seq " OF_INCIDENTS " ORDER BY seq", "");
	int more = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; more == 1; more = database_next(ledger->books, row, error)) {
		gint64 seq = sqlite3_column_int64(row, 0);
		g_array_append_val(job->seqs, seq);
	}
	return more == 0;
}

static gboolean fold_one(Ledger *ledger, BookJob *job, guint64 seq)
{
	Entry entry;
	g_autoptr(GError) cause = NULL;
	g_autoptr(Record) record = ledger_entry_record(ledger, seq, &entry, &job->job.error);
	if (record == NULL)
		return FALSE;
	if (incident_book_fold(job->book, seq, record, &cause))
		return TRUE;
	return ledger_fail(&job->job.error, LEDGER_ERROR_FORM, "%s", cause->message);
}

static gboolean step_book(Ledger *ledger, LedgerJob *base)
{
	BookJob *job = (BookJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	if (job->seqs == NULL)
		return !find_all(ledger, job);
	while (job->at < job->seqs->len && g_get_monotonic_time() < stop)
		if (!fold_one(ledger, job, (guint64)g_array_index(job->seqs, gint64, job->at++)))
			return TRUE;
	return job->at == job->seqs->len;
}

IncidentBook *ledger_incidents(Ledger *ledger, GError **error)
{
	g_autoptr(IncidentBook) book = incident_book_new();
	BookJob job = {.job = {.step = step_book}, .book = book};
	gboolean done = ledger_run(ledger, &job.job, error);
	g_clear_pointer(&job.seqs, g_array_unref);
	return done ? g_steal_pointer(&book) : NULL;
}
