/* SPDX-License-Identifier: ISC */
/* Urgent arrivals: a row for each until somebody has looked, or everybody who can be told was. Like the outbox's, a row says
 * by which entries it was changed, so that the start takes back what the register never saw. */
#include <string.h>

#include "base/finding.h"
#include "store/ledger-private.h"

/* --- the watch ---------------------------------------------------------------------------------------------------- */

gboolean ledger_notice_watch(LedgerGroup *group, const Record *facts, guint64 seq, guint64 case_seq, GError **error)
{
	return !finding_is_urgent(facts) ||
	       database_run(group->ledger->custody, error, "INSERT INTO notice(seq, case_seq, due) VALUES(?, ?, ?)", "iii",
	                    (gint64)seq, (gint64)case_seq, group->now);
}

gboolean ledger_notice_answer(LedgerGroup *group, EntryKind kind, const Record *record, guint64 by, GError **error)
{
	const char *text;
	if ((kind != ENTRY_LISTED && kind != ENTRY_OPENED) || ledger_is_unread(record))
		return TRUE;
	for (guint i = 0; (text = record_get_nth(record, "case", i)) != NULL; i++)
		if (!database_run(group->ledger->custody, error, "UPDATE notice SET ended=? WHERE case_seq=? AND ended IS NULL", "ii",
		                  (gint64)by, g_ascii_strtoll(text, NULL, 10)))
			return FALSE;
	return TRUE;
}

/* --- what is due --------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	gint64 now, next;
	guint most;
	GArray *due; /* LedgerNotice */
} DueJob;

static gboolean step_due(Ledger *ledger, LedgerJob *base)
{
	DueJob *job = (DueJob *)base;
	sqlite3_stmt *row = database_query(ledger->custody, &base->error,
	                                   "SELECT seq, due, told, case_seq FROM notice WHERE ended IS NULL ORDER BY due, seq", "");
	while (row != NULL && database_next(ledger->custody, row, &base->error) == 1) {
		gint64 due = sqlite3_column_int64(row, 1);
		if (due > job->now || job->due->len == job->most) {
			job->next = due;
			database_done(row);
			break;
		}
		LedgerNotice notice = {(guint64)sqlite3_column_int64(row, 0), (guint64)sqlite3_column_int64(row, 3),
		                       sqlite3_column_type(row, 2) == SQLITE_NULL ? 1 : 2};
		g_array_append_val(job->due, notice);
	}
	return TRUE;
}

GArray *ledger_notices_due(Ledger *ledger, gint64 now, guint most, gint64 *next, GError **error)
{
	g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(LedgerNotice));
	DueJob job = {.job = {.step = step_due}, .now = now, .next = G_MAXINT64, .most = most, .due = due};
	if (!ledger_run(ledger, &job.job, error))
		return NULL;
	*next = job.next;
	return g_steal_pointer(&due);
}

/* --- a step --------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const LedgerNotice *notice;
	LedgerNoticePerson *people;
	guint n;
} StepJob;

gboolean ledger_notice_letter(LedgerGroup *group, const LedgerNoticePerson *person, guint64 case_seq, GError **error)
{
	g_autoptr(Record) letter = record_new();
	record_add(letter, "to", person->mail);
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", "notice");
	return ledger_letter_insert(group, person->seq, case_seq, letter, NULL, group->now, error);
}

/* The letter lies with the entry that says so: neither is there without the other. */
static gboolean tell(LedgerGroup *group, StepJob *job, LedgerNoticePerson *person, GError **error)
{
	const Entry entry = {.kind = ENTRY_NOTICE, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "case", job->notice->case_seq);
	record_add(record, "act", "told");
	record_add_uint(record, "arrival", job->notice->seq);
	record_add_uint(record, "step", job->notice->step);
	record_add(record, "role", person->role);
	record_add(record, "to", person->name);
	record_add_uint(record, "of", person->of);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_NOTICE, record, error);
	person->seq = group->tree.size;
	if (octets == NULL || !ledger_group_add(group, &entry, octets, NULL, error))
		return FALSE;
	if (person->of != 0)
		return TRUE;
	return ledger_notice_letter(group, person, job->notice->case_seq, error);
}

/* Nobody is told: that is no entry, and nothing that the start would have to take back. */
static gboolean pass_over(LedgerGroup *group, const StepJob *job, GError **error)
{
	static const char *const sql[] = {"UPDATE notice SET told=0, due=0 WHERE seq=?", "DELETE FROM notice WHERE seq=?"};
	return database_run(group->ledger->custody, error, sql[job->notice->step - 1], "i", (gint64)job->notice->seq);
}

static gboolean apply_step(LedgerGroup *group, LedgerJob *base, GError **error)
{
	StepJob *job = (StepJob *)base;
	Database *custody = group->ledger->custody;
	gint64 seq = (gint64)job->notice->seq, told, by = (gint64)group->tree.size;
	if (!database_number(custody, error, &told, -1,
	                     "SELECT told IS NOT NULL FROM notice WHERE seq=? AND ended IS NULL", "i", seq))
		return FALSE;
	if (told != (gint64)job->notice->step - 1)
		return ledger_refuse(base, LEDGER_ERROR_STATE, "a notice that was given already, or that needs none any more");
	if (job->n == 0)
		return pass_over(group, job, error);
	for (guint i = 0; i < job->n; i++)
		if (!tell(group, job, &job->people[i], error))
			return FALSE;
	if (job->notice->step == 2)
		return database_run(custody, error, "UPDATE notice SET ended=? WHERE seq=?", "ii", by, seq);
	return database_run(custody, error, "UPDATE notice SET told=?, due=? WHERE seq=?", "iii", by,
	                    group->now + LEDGER_NOTICE_WAIT, seq);
}

gboolean ledger_notice(Ledger *ledger, const LedgerNotice *notice, LedgerNoticePerson *people, guint n, GError **error)
{
	StepJob job = {.job = {.apply = apply_step, .appends = n > 0, .weight = 4096}, .notice = notice, .people = people, .n = n};
	return ledger_run(ledger, &job.job, error);
}
