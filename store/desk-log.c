/* SPDX-License-Identifier: ISC */
#include "store/desk-log.h"

#include <string.h>

#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"

#define SLICE_MAX 1000u               /* entries */
#define SLICE_OCTETS (512u * 1024)    /* of records, past which a slice ends */
#define PERIOD_MAX (400 * ENTRY_DAY)  /* seconds: a year and a month */
#define READING_LASTS (8 * G_TIME_SPAN_HOUR)

gboolean desk_log_is_reader(const DeskPlace *place)
{
	return people_reads_log(place->people, place->me, place->now);
}

/* --- /v1/log: a supervisor's reading is an entry -------------------------------------------------------------------- */

static void serve_log(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	const char *about;
	json_int_t from, to;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{s:s, s:I, s:I}", "about", &about,
	                   "from", &from, "to", &to) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	if (from < 0 || to <= from || to - from > PERIOD_MAX || !desk_act_is_text(about, 32)) {
		desk_acts_deny(reply, 400, "period", "A log is read for a period of at most 400 days, of one officer or of all (-).");
		return;
	}
	if (!desk_log_is_reader(&place)) {
		desk_place_refuse(reply, "not-supervisor", "The log of others is the supervisor's to read.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "about", about);
	record_add_uint(record, "from", (guint64)from);
	record_add_uint(record, "to", (guint64)to);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_LOG_READ, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

/* --- /v1/log/range: where a period begins and ends ------------------------------------------------------------------ */

gboolean desk_log_find_day(Ledger *ledger, gint64 day, guint64 *seq, GError **error)
{
	guint64 low = 0, high = ledger_size(ledger);
	while (low < high) {
		guint64 middle = low + (high - low) / 2;
		Entry entry;
		g_autoptr(GBytes) data = ledger_entries(ledger, middle, 1, error);
		if (data == NULL || !entry_decode(g_bytes_get_data(data, NULL), &entry, error))
			return FALSE;
		if (entry.time < day)
			low = middle + 1;
		else
			high = middle;
	}
	*seq = low;
	return TRUE;
}

static void serve_range(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t from, to;
	guint64 first, last;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:I}", "mailbox", &mailbox, "from", &from, "to", &to) != 0 ||
	    from < 0 || to < from || to > G_MAXINT64 / 2) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	if (!desk_log_find_day(place.ledger, from - from % ENTRY_DAY, &first, &error) ||
	    !desk_log_find_day(place.ledger, to - to % ENTRY_DAY + ENTRY_DAY, &last, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "first", json_integer((json_int_t)first));
	json_object_set_new(answer, "end", json_integer((json_int_t)last));
	json_object_set_new(answer, "size", json_integer((json_int_t)ledger_size(place.ledger)));
	desk_place_done(reply, answer);
}

/* --- /v1/log/slice -------------------------------------------------------------------------------------------------- */

typedef struct {
	const DeskPlace *place;
	gboolean whole;       /* on a LOG_READ entry of hers, which … */
	char *about;          /* … named this officer, or "-" … */
	guint64 from, to;     /* … and this period, seconds */
	json_t *open, *elsewhere, *cases; /* of the answer */
	gsize octets;
	GHashTable *known; /* seq of a case to "NAME", or "" where it is not hers to know */
} Slice;

static void slice_clear(Slice *slice)
{
	json_decref(slice->open);
	json_decref(slice->elsewhere);
	json_decref(slice->cases);
	g_free(slice->about);
	if (slice->known != NULL)
		g_hash_table_unref(slice->known);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slice, slice_clear)

static Record *record_of(const LedgerEntry *entry)
{
	gsize size;
	const void *text = g_bytes_get_data(entry->record, &size);
	return record_read(text, size, 0, NULL, NULL);
}

/* The reading that allows the whole log: hers, and not long ago. */
static gboolean take_reading(Slice *slice, guint64 seq, DeskReply *reply)
{
	Entry entry;
	g_autoptr(Record) record = desk_place_own_entry(slice->place, seq, READING_LASTS, &entry);
	slice->whole = record != NULL && entry.kind == ENTRY_LOG_READ &&
	               record_get_uint(record, "from", G_MAXINT64, &slice->from, NULL) &&
	               record_get_uint(record, "to", G_MAXINT64, &slice->to, NULL) && desk_log_is_reader(slice->place);
	slice->about = slice->whole ? g_strdup(record_get(record, "about")) : NULL;
	return slice->whole ||
	       desk_place_refuse(reply, "not-supervisor", "There is no such reading of yours: ask /v1/log first.");
}

/* Kinds that tell of a report, or of nothing. */
static gboolean is_of_log(guint kind)
{
	switch (kind) {
	case ENTRY_PAD:
	case ENTRY_BEGUN:
	case ENTRY_RESTORED:
	case ENTRY_RECEIVED:
	case ENTRY_FOLLOWUP:
	case ENTRY_RETRY:
	case ENTRY_ACKNOWLEDGED:
	case ENTRY_WITHHELD:
	case ENTRY_NOTICE:
	case ENTRY_WITNESSED:
		return FALSE;
	default:
		return TRUE;
	}
}

static gboolean is_about(const Record *record, const char *name)
{
	return g_strcmp0(record_get(record, "officer"), name) == 0 || g_strcmp0(record_get(record, "name"), name) == 0;
}

/* The case's name, "" where it is not hers to know, NULL where there is none (borrowed). */
static const char *case_name(Slice *slice, guint64 seq)
{
	const char *name = g_hash_table_lookup(slice->known, &seq);
	if (name != NULL)
		return name;
	g_autoptr(LedgerCase) c = ledger_case_by_seq(slice->place->ledger, seq, NULL);
	if (c == NULL)
		return NULL;
	char *made = slice->whole || desk_place_why_not(slice->place, c) == NULL ? cases_name(c) : g_strdup("");
	g_hash_table_insert(slice->known, g_memdup2(&seq, sizeof seq), made);
	return made;
}

/* FALSE: one of its cases is elsewhere. Adds the names of the others. */
static gboolean add_cases(Slice *slice, const Record *record)
{
	const char *text;
	guint64 seq;
	for (guint i = 0; (text = record_get_nth(record, "case", i)) != NULL; i++) {
		const char *name = g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &seq, NULL) ? case_name(slice, seq) : NULL;
		if (name != NULL && *name == '\0')
			return FALSE;
		if (name != NULL)
			json_object_set_new(slice->cases, text, json_string(name));
	}
	return TRUE;
}

typedef enum { SHOWN, ELSEWHERE, HIDDEN } Showing;

static Showing showing_of(Slice *slice, const Entry *entry, const Record *record)
{
	const char *me = slice->place->me->name;
	gboolean mine = g_strcmp0(record_get(record, "officer"), me) == 0;
	if (!slice->whole)
		return !is_about(record, me) ? HIDDEN : add_cases(slice, record) ? SHOWN : ELSEWHERE;
	if (strcmp(slice->about, "-") != 0 && !is_about(record, slice->about))
		return HIDDEN;
	if (!slice->place->supervisor && !mine && (entry->kind == ENTRY_GRANTED || entry->kind == ENTRY_WITHHELD_FROM))
		return ELSEWHERE;
	return add_cases(slice, record) ? SHOWN : ELSEWHERE;
}

/* What is written of a look at a case that names her is not hers to read, whatever her part. */
static gboolean may_read_text(const Slice *slice, const Record *record)
{
	guint64 seq;
	const char *text;
	for (guint i = 0; (text = record_get_nth(record, "case", i)) != NULL; i++) {
		g_autoptr(LedgerCase) c = g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &seq, NULL)
		                                  ? ledger_case_by_seq(slice->place->ledger, seq, NULL)
		                                  : NULL;
		const char *named;
		for (guint n = 0; c != NULL && (named = record_get_nth(c->facts, "named", n)) != NULL; n++)
			if (strcmp(named, slice->place->me->name) == 0)
				return FALSE;
	}
	return TRUE;
}

static gboolean add_open(Slice *slice, const LedgerEntry *entry, const Record *record, GError **error)
{
	json_t *item = json_pack("{s:I, s:o, s:o}", "seq", (json_int_t)entry->seq, "salt",
	                         desk_json_base64(entry->salt, sizeof entry->salt), "record", desk_json_bytes(entry->record));
	json_array_append_new(slice->open, item);
	slice->octets += g_bytes_get_size(entry->record);
	return !may_read_text(slice, record) || desk_place_add_text_headers(slice->place, entry, item, error);
}

/* One entry, by its 104 octets. */
static gboolean take_entry(Slice *slice, const guint8 *data, GError **error)
{
	Entry read;
	LedgerEntry entry = {0};
	if (!entry_decode(data, &read, error))
		return FALSE;
	if (!is_of_log(read.kind))
		return TRUE;
	if (slice->whole && (read.time + ENTRY_DAY <= (gint64)slice->from || read.time > (gint64)slice->to))
		return TRUE;
	GError *inner = NULL;
	if (!ledger_entry(slice->place->ledger, read.seq, &entry, &inner)) {
		/* An opening that was destroyed lawfully: the entry alone stands. */
		gboolean gone = g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
		if (gone)
			g_error_free(inner);
		else
			g_propagate_error(error, inner);
		return gone;
	}
	g_autoptr(Record) record = record_of(&entry);
	Showing showing = record != NULL ? showing_of(slice, &read, record) : HIDDEN;
	gboolean good = TRUE;
	if (showing == SHOWN)
		good = add_open(slice, &entry, record, error);
	else if (showing == ELSEWHERE)
		json_array_append_new(slice->elsewhere, json_integer((json_int_t)read.seq));
	ledger_entry_clear(&entry);
	return good;
}

/* The entries of the slice, which ends early where their records are large. */
static gboolean take_slice(gpointer user, guint64 from G_GNUC_UNUSED, const guint8 *data, guint n, guint *taken,
                           json_t *answer, GError **error)
{
	Slice *slice = user;
	for (*taken = 0; *taken < n && slice->octets < SLICE_OCTETS; (*taken)++)
		if (!take_entry(slice, data + (gsize)*taken * ENTRY_SIZE, error))
			return FALSE;
	json_object_set(answer, "open", slice->open);
	json_object_set(answer, "elsewhere", slice->elsewhere);
	json_object_set(answer, "cases", slice->cases);
	return TRUE;
}

static void serve_slice(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	DeskRange range;
	if (!desk_place_enter_range(call, SLICE_MAX, &place, &range, reply))
		return;
	g_auto(Slice) slice = {.place = &place, .open = json_array(), .elsewhere = json_array(), .cases = json_object()};
	slice.known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	if (range.entry >= 0 && !take_reading(&slice, (guint64)range.entry, reply))
		return;
	desk_place_answer_range(&place, &range, take_slice, &slice, reply);
}

const DeskAct desk_log_acts[] = {
	{"/v1/log", TRUE, serve_log},
	{"/v1/log/range", FALSE, serve_range},
	{"/v1/log/slice", FALSE, serve_slice},
	{0},
};
