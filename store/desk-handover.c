/* SPDX-License-Identifier: ISC */
/* What an officer who leaves has in her hands: open cases that are her work or that she opened, printed copies, exports; and
 * of her own exports those that still stand. Read from the entries, which are all that is known of it. */
#include <string.h>

#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"

#define PAGE 5000u
#define CASES_PAGE 500u

/* One officer's traces in one register. */
typedef struct {
	const DeskPlace *place;
	const char *name;
	GHashTable *opened; /* set of cases (guint64 *) */
	GArray *prints;     /* Trace */
	GArray *exports;
	guint hidden;       /* cases of which the asker learns the number alone */
} Handover;

typedef struct {
	guint64 entry, seq, copy;
	gint64 time;
	gboolean gone; /* purged */
} Trace;

static void handover_clear(Handover *handover)
{
	g_clear_pointer(&handover->opened, g_hash_table_unref);
	g_clear_pointer(&handover->prints, g_array_unref);
	g_clear_pointer(&handover->exports, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Handover, handover_clear)

/* --- the entries -------------------------------------------------------------------------------- */

static guint64 number(const Record *record, const char *key)
{
	guint64 value = LEDGER_NOTHING;
	record_get_uint(record, key, G_MAXINT64, &value, NULL);
	return value;
}

static void take_purged(Handover *handover, const Record *record)
{
	const char *text;
	guint64 entry;
	for (guint n = 0; (text = record_get_nth(record, "export", n)) != NULL; n++)
		for (guint i = 0; g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &entry, NULL) && i < handover->exports->len; i++)
			if (g_array_index(handover->exports, Trace, i).entry == entry)
				g_array_index(handover->exports, Trace, i).gone = TRUE;
}

static void take(Handover *handover, guint kind, guint64 seq, const Record *record)
{
	Trace trace = {.entry = seq, .seq = number(record, "case"), .time = (gint64)number(record, "time")};
	if (g_strcmp0(record_get(record, "officer"), handover->name) != 0)
		return;
	if (kind == ENTRY_PURGED) {
		take_purged(handover, record);
	} else if (kind == ENTRY_PRINTED) {
		trace.copy = number(record, "copy");
		g_array_append_val(handover->prints, trace);
	} else {
		g_hash_table_add(handover->opened, g_memdup2(&trace.seq, sizeof trace.seq));
		if (g_strcmp0(record_get(record, "act"), "export") == 0)
			g_array_append_val(handover->exports, trace);
	}
}

static gboolean take_entry(Handover *handover, const guint8 *data, GError **error)
{
	Entry read;
	LedgerEntry entry = {0};
	if (!entry_decode(data, &read, error))
		return FALSE;
	if (read.kind != ENTRY_OPENED && read.kind != ENTRY_PRINTED && read.kind != ENTRY_PURGED)
		return TRUE;
	if (!ledger_entry(handover->place->ledger, read.seq, &entry, error))
		return FALSE;
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, error);
	if (record != NULL)
		take(handover, read.kind, read.seq, record);
	ledger_entry_clear(&entry);
	return record != NULL;
}

static gboolean read_entries(Handover *handover, const gint *stopping, GError **error)
{
	Ledger *ledger = handover->place->ledger;
	guint64 end = ledger_size(ledger);
	for (guint64 from = 0; from < end && g_atomic_int_get(stopping) == 0;) {
		gsize size;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, PAGE, error);
		if (entries == NULL)
			return FALSE;
		const guint8 *data = g_bytes_get_data(entries, &size);
		for (gsize i = 0; i + ENTRY_SIZE <= size; i += ENTRY_SIZE, from++)
			if (!take_entry(handover, data + i, error))
				return FALSE;
	}
	return TRUE;
}

/* --- the answer ------------------------------------------------------------------------------------- */

/* The case's name, where the asker may know that it is hers; else counted (transfer full). */
static char *name_for(Handover *handover, const LedgerCase *c)
{
	if (handover->place->supervisor || desk_place_why_not(handover->place, c) == NULL)
		return cases_name(c);
	handover->hidden++;
	return NULL;
}

static gboolean add_cases(Handover *handover, json_t *list, GError **error)
{
	guint64 after = LEDGER_NOTHING;
	for (;;) {
		g_autoptr(GPtrArray) cases = ledger_cases(handover->place->ledger, LEDGER_CASES_OPEN, after, CASES_PAGE, error);
		if (cases == NULL)
			return FALSE;
		for (guint i = 0; i < cases->len; i++) {
			const LedgerCase *c = cases->pdata[i];
			gboolean hers = g_strcmp0(c->assigned, handover->name) == 0;
			after = c->seq;
			if (!hers && !g_hash_table_contains(handover->opened, &c->seq))
				continue;
			g_autofree char *name = name_for(handover, c);
			if (name != NULL)
				json_array_append_new(list, json_pack("{s:s, s:b}", "name", name, "assigned", hers));
		}
		if (cases->len < CASES_PAGE)
			return TRUE;
	}
}

static void add_traces(Handover *handover, const GArray *traces, json_t *list)
{
	for (guint i = 0; i < traces->len; i++) {
		const Trace *trace = &g_array_index(traces, Trace, i);
		g_autoptr(LedgerCase) c = trace->gone ? NULL : ledger_case_by_seq(handover->place->ledger, trace->seq, NULL);
		g_autofree char *name = c != NULL ? name_for(handover, c) : NULL;
		if (name != NULL)
			json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I}", "name", name, "time", (json_int_t)trace->time,
			                                      "copy", (json_int_t)trace->copy, "entry", (json_int_t)trace->entry));
	}
}

static void handover_begin(Handover *handover, const DeskPlace *place, const char *name)
{
	handover->place = place;
	handover->name = name;
	handover->opened = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	handover->prints = g_array_new(FALSE, FALSE, sizeof(Trace));
	handover->exports = g_array_new(FALSE, FALSE, sizeof(Trace));
}

static void serve_handover(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *name;
	g_autoptr(GError) error = NULL;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s}", "mailbox", &mailbox, "name", &name) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	if (people_find(place.people, name) == NULL) {
		desk_acts_deny(reply, 409, "no-person", "There is nobody of that name in the register.");
		return;
	}
	g_auto(Handover) handover = {0};
	handover_begin(&handover, &place, name);
	json_t *answer = desk_json_answer(), *cases = json_array(), *prints = json_array(), *exports = json_array();
	json_object_set_new(answer, "cases", cases);
	json_object_set_new(answer, "prints", prints);
	json_object_set_new(answer, "exports", exports);
	if (!read_entries(&handover, call->stopping, &error) || !add_cases(&handover, cases, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	add_traces(&handover, handover.prints, prints);
	add_traces(&handover, handover.exports, exports);
	json_object_set_new(answer, "hidden", json_integer(handover.hidden));
	desk_place_done(reply, answer);
}

/* Her own, whatever became of the case: she took it out herself. */
static void serve_exports(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	g_autoptr(GError) error = NULL;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "mailbox", &mailbox) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_auto(Handover) handover = {0};
	handover_begin(&handover, &place, call->request->officer);
	if (!read_entries(&handover, call->stopping, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer(), *exports = json_array();
	json_object_set_new(answer, "exports", exports);
	for (guint i = 0; i < handover.exports->len; i++) {
		const Trace *trace = &g_array_index(handover.exports, Trace, i);
		g_autoptr(LedgerCase) c = trace->gone ? NULL : ledger_case_by_seq(place.ledger, trace->seq, NULL);
		g_autofree char *name = c != NULL ? cases_name(c) : NULL;
		if (name != NULL)
			json_array_append_new(exports, json_pack("{s:s, s:I, s:I}", "name", name, "time", (json_int_t)trace->time, "entry",
			                                         (json_int_t)trace->entry));
	}
	desk_place_done(reply, answer);
}

const DeskAct desk_handover_acts[] = {
	{"/v1/exports", FALSE, serve_exports},
	{"/v1/people/handover", FALSE, serve_handover},
	{0},
};
