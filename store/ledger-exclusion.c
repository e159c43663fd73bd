/* SPDX-License-Identifier: ISC */
/* Who is kept from messages because they are about her, and whether that is more than a usual day brings: a row for each,
 * with her name only as an HMAC under the key of the day, like the address of a letter. Nothing else reads these rows. */
#include <string.h>

#include "store/ledger-private.h"

/* --- counting ------------------------------------------------------------------------------------------------------- */

static const PeoplePerson *find_person(const GPtrArray *people, const char *name)
{
	for (guint i = 0; i < people->len; i++)
		if (strcmp(((const PeoplePerson *)people->pdata[i])->name, name) == 0)
			return people->pdata[i];
	return NULL;
}

/* Within the last day, of the days whose key is still there. */
static gboolean count_recent(LedgerGroup *group, const char *name, guint *exclusions, guint *alarms, GError **error)
{
	Ledger *ledger = group->ledger;
	gint64 since = group->now - LEDGER_DAY_US, today = group->now / LEDGER_DAY_US;
	*exclusions = *alarms = 0;
	for (gint64 day = today - 1; day <= today; day++) {
		guint8 who[LEDGER_WHO];
		gint64 all, alarming;
		gboolean known;
		if (!ledger_day_person(ledger, day, name, who, &known, error))
			return FALSE;
		if (!known)
			continue;
		if (!database_number(ledger->custody, error, &all, 0, "SELECT count(*) FROM exclusion WHERE day=? AND who=? AND time>?",
		                     "ibi", day, who, sizeof who, since) ||
		    !database_number(ledger->custody, error, &alarming, 0,
		                     "SELECT count(*) FROM exclusion WHERE day=? AND who=? AND time>? AND alarm=1", "ibi", day, who,
		                     sizeof who, since))
			return FALSE;
		*exclusions += (guint)all;
		*alarms += (guint)alarming;
	}
	return TRUE;
}

static gboolean note_one(LedgerGroup *group, const char *name, guint64 seq, guint64 case_seq, GError **error)
{
	guint8 who[LEDGER_WHO];
	gint64 day = group->now / LEDGER_DAY_US;
	guint exclusions, alarms;
	if (!ledger_day_person_now(group, name, who, error) || !count_recent(group, name, &exclusions, &alarms, error))
		return FALSE;
	gboolean alarm = exclusions >= LEDGER_EXCLUSIONS && alarms == 0;
	return database_run(group->ledger->custody, error,
	                    "INSERT INTO exclusion(seq, who, case_seq, day, time, alarm) VALUES(?, ?, ?, ?, ?, ?)", "ibiiii",
	                    (gint64)seq, who, sizeof who, (gint64)case_seq, day, group->now, (gint64)alarm);
}

gboolean ledger_exclusion_note(LedgerGroup *group, const Record *record, const GPtrArray *in_force, guint64 seq,
                               guint64 case_seq, GError **error)
{
	const char *name;
	for (guint i = 0; (name = record_get_nth(record, "named", i)) != NULL; i++)
		if (find_person(in_force, name) != NULL && !ledger_record_has_reader(record, name) &&
		    !note_one(group, name, seq, case_seq, error))
			return FALSE;
	return TRUE;
}

/* --- alarms --------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const People *people;
	gboolean untold;
	GArray *alarms; /* LedgerAlarm */
} AlarmsJob;

/* Whose row it is; NULL: nobody's of these people, or its day's key is gone. */
static gboolean find_name(Ledger *ledger, const People *people, gint64 day, const guint8 who[LEDGER_WHO], const char **name,
                          GError **error)
{
	*name = NULL;
	for (guint i = 0; *name == NULL && i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		guint8 own[LEDGER_WHO];
		gboolean known;
		if (!ledger_day_person(ledger, day, person->name, own, &known, error))
			return FALSE;
		if (known && memcmp(own, who, sizeof own) == 0)
			*name = person->name;
	}
	return TRUE;
}

static gboolean take_alarm(Ledger *ledger, AlarmsJob *job, sqlite3_stmt *row, GError **error)
{
	LedgerAlarm alarm = {.seq = (guint64)sqlite3_column_int64(row, 0), .case_seq = (guint64)sqlite3_column_int64(row, 2),
	                     .time = sqlite3_column_int64(row, 4)};
	if (sqlite3_column_bytes(row, 1) != LEDGER_WHO)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "custody.db has an exclusion of nobody");
	memcpy(alarm.who, sqlite3_column_blob(row, 1), LEDGER_WHO);
	if (!find_name(ledger, job->people, sqlite3_column_int64(row, 3), alarm.who, &alarm.name, error))
		return FALSE;
	if (alarm.name != NULL)
		g_array_append_val(job->alarms, alarm);
	return TRUE;
}

static gboolean step_alarms(Ledger *ledger, LedgerJob *base)
{
	AlarmsJob *job = (AlarmsJob *)base;
	sqlite3_stmt *row = database_query(ledger->custody, &base->error,
	                                   "SELECT seq, who, case_seq, day, time FROM exclusion WHERE alarm=1"
	                                   " AND (told IS NULL OR NOT ?) ORDER BY time, seq", "i", (gint64)job->untold);
	while (row != NULL && database_next(ledger->custody, row, &base->error) == 1)
		if (!take_alarm(ledger, job, row, &base->error)) {
			database_done(row);
			break;
		}
	return TRUE;
}

GArray *ledger_alarms(Ledger *ledger, const People *people, gboolean untold, GError **error)
{
	g_autoptr(GArray) alarms = g_array_new(FALSE, FALSE, sizeof(LedgerAlarm));
	AlarmsJob job = {.job = {.step = step_alarms}, .people = people, .untold = untold, .alarms = alarms};
	return ledger_run(ledger, &job.job, error) ? g_steal_pointer(&alarms) : NULL;
}

/* --- telling ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const LedgerAlarm *alarm;
	LedgerNoticePerson *people;
	guint n;
} TellJob;

static gboolean tell(LedgerGroup *group, const LedgerAlarm *alarm, LedgerNoticePerson *person, GError **error)
{
	const Entry entry = {.kind = ENTRY_NOTICE, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "case", alarm->case_seq);
	record_add(record, "act", "told");
	record_add_uint(record, "arrival", alarm->seq);
	record_add(record, "about", alarm->name);
	record_add(record, "role", person->role);
	record_add(record, "to", person->name);
	record_add_uint(record, "of", 0);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_NOTICE, record, error);
	person->seq = group->tree.size;
	return octets != NULL && ledger_group_add(group, &entry, octets, NULL, error) &&
	       ledger_notice_letter(group, person, alarm->case_seq, error);
}

static gboolean apply_tell(LedgerGroup *group, LedgerJob *base, GError **error)
{
	TellJob *job = (TellJob *)base;
	const LedgerAlarm *alarm = job->alarm;
	gint64 waits, by = job->n > 0 ? (gint64)group->tree.size : 0;
	if (!database_number(group->ledger->custody, error, &waits, 0,
	                     "SELECT count(*) FROM exclusion WHERE seq=? AND who=? AND alarm=1 AND told IS NULL", "ib",
	                     (gint64)alarm->seq, alarm->who, sizeof alarm->who))
		return FALSE;
	if (waits == 0)
		return ledger_refuse(base, LEDGER_ERROR_STATE, "an alarm that was given already");
	for (guint i = 0; i < job->n; i++)
		if (!tell(group, alarm, &job->people[i], error))
			return FALSE;
	return database_run(group->ledger->custody, error, "UPDATE exclusion SET told=? WHERE seq=? AND who=?", "iib", by,
	                    (gint64)alarm->seq, alarm->who, sizeof alarm->who);
}

gboolean ledger_alarm_told(Ledger *ledger, const LedgerAlarm *alarm, LedgerNoticePerson *people, guint n, GError **error)
{
	TellJob job = {.job = {.apply = apply_tell, .appends = n > 0, .weight = 4096}, .alarm = alarm, .people = people, .n = n};
	return ledger_run(ledger, &job.job, error);
}
