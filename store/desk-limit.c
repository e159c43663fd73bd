/* SPDX-License-Identifier: ISC */
#include "store/desk-limit.h"

#include <string.h>

#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/notices.h"

#define SLICE 5000

/* What the day's entries say of one officer. */
typedef struct {
	const DeskPlace *place;
	gint64 midnight; /* microseconds: when the day began */
	guint64 case_seq;
	guint looks;
	gboolean told, allowed;
} Day;

static gint64 midnight_of(const DeskPlace *place)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(place->now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, place->config->timezone);
	g_autoptr(GDateTime) begin =
		g_date_time_new(place->config->timezone, g_date_time_get_year(here), g_date_time_get_month(here),
	                    g_date_time_get_day_of_month(here), 0, 0, 0);
	return g_date_time_to_unix(begin) * G_USEC_PER_SEC;
}

static void take_record(Day *day, guint kind, const Record *record)
{
	const char *me = day->place->me->name;
	guint64 time = 0, seq = LEDGER_NOTHING;
	record_get_uint(record, "time", G_MAXINT64, &time, NULL);
	if ((gint64)time < day->midnight)
		return;
	if (kind == ENTRY_ALLOWED) {
		record_get_uint(record, "case", G_MAXINT64, &seq, NULL);
		day->allowed = day->allowed || (seq == day->case_seq && g_strcmp0(record_get(record, "name"), me) == 0);
	} else if (g_strcmp0(record_get(record, "officer"), me) == 0) {
		day->told = day->told || kind == ENTRY_EXCEEDED;
		day->looks += kind != ENTRY_EXCEEDED;
	}
}

static gboolean take_entry(Day *day, const Entry *read, GError **error)
{
	LedgerEntry entry = {0};
	gsize size;
	if (read->kind != ENTRY_OPENED && read->kind != ENTRY_LISTED && read->kind != ENTRY_REGISTER_READ &&
	    read->kind != ENTRY_SEARCHED && read->kind != ENTRY_EXTRACTED && read->kind != ENTRY_ALLOWED &&
	    read->kind != ENTRY_EXCEEDED)
		return TRUE;
	if (!ledger_entry(day->place->ledger, read->seq, &entry, error))
		return FALSE;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	if (record != NULL)
		take_record(day, read->kind, record);
	ledger_entry_clear(&entry);
	return TRUE;
}

/* From the end back to the first entry of the day; entries carry their day in UTC. */
static gboolean read_day(Day *day, GError **error)
{
	gint64 first = day->midnight / G_USEC_PER_SEC;
	first -= first % ENTRY_DAY;
	guint64 end = ledger_size(day->place->ledger);
	while (end > 0) {
		guint64 from = end > SLICE ? end - SLICE : 0;
		g_autoptr(GBytes) entries = ledger_entries(day->place->ledger, from, (guint)(end - from), error);
		if (entries == NULL)
			return FALSE;
		const guint8 *data = g_bytes_get_data(entries, NULL);
		for (guint64 i = end - from; i-- > 0;) {
			Entry entry;
			if (!entry_decode(data + i * ENTRY_SIZE, &entry, error))
				return FALSE;
			if (entry.time < first)
				return TRUE;
			if (!take_entry(day, &entry, error))
				return FALSE;
		}
		end = from;
	}
	return TRUE;
}

/* The supervisor is told by an entry; that it cannot be written stops the look as it would stop its own. */
static gboolean enter_exceeded(const Day *day, GError **error)
{
	LedgerEntry entry = {0};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)day->place->now);
	record_add(record, "officer", day->place->me->name);
	record_add_uint(record, "looks", day->looks);
	LedgerAct act = {.kind = ENTRY_EXCEEDED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	gboolean done = ledger_append(day->place->ledger, &act, &entry, error) &&
	                notices_tell_supervisors(day->place->config, day->place->ledger, day->place->me->name, entry.seq,
	                                         day->place->now, error);
	ledger_entry_clear(&entry);
	if (done && day->place->hooks->letter_queued != NULL)
		day->place->hooks->letter_queued(day->place->hooks->user);
	return done;
}

gboolean desk_limit_allows(const DeskPlace *place, guint64 case_seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	const ConfigMailbox *mailbox = config_mailbox(place->config, place->mailbox);
	if (mailbox == NULL || mailbox->looks_per_day == 0)
		return TRUE;
	Day day = {.place = place, .midnight = midnight_of(place), .case_seq = case_seq};
	if (!read_day(&day, &error))
		return desk_place_fail_ledger(reply, error);
	if (day.looks < mailbox->looks_per_day)
		return TRUE;
	if (!day.told && !enter_exceeded(&day, &error))
		return desk_place_fail_ledger(reply, error);
	return !mailbox->looks_limit_hard || (day.allowed && case_seq != LEDGER_NOTHING) ||
	       desk_place_refuse(reply, "looks-limit",
	                         "You have looked as often as one day allows: another reader of the case can let you go on.");
}

/* --- another reader lets her ------------------------------------------------------------------------------------------- */

static void serve_allow(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	const char *name;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_OWN_GROUND, &fields, reply, "{s:s}", "name", &name))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
	if (c == NULL)
		return;
	const PeoplePerson *person = people_find(place.people, name);
	if (person == NULL || !people_reads(person, place.now) || person->card == NULL) {
		desk_acts_error(reply, 404, "no-reader", "There is no reader of that name in this mailbox.");
		return;
	}
	if (strcmp(person->name, place.me->name) == 0) {
		desk_place_refuse(reply, "own", "Nobody lets herself go on: another reader does it.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add(record, "name", name);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_ALLOWED, .record = record, .case_seq = c->seq};
	desk_act_finish(call, &place, &act, &fields, reply);
}

const DeskAct desk_limit_acts[] = {
	{"/v1/allow", TRUE, serve_allow},
	{0},
};
