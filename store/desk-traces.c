/* SPDX-License-Identifier: ISC */
#include "store/desk-traces.h"

#include <stdio.h>
#include <string.h>

#include "store/cases.h"
#include "store/desk-casework.h"

#define PAGE 2000u
#define BATCH 250u

typedef struct Kind Kind;

typedef struct {
	const DeskPlace *place;
	const LedgerCase *c;
	char *name; /* of the case */
	json_t *traces;
} Traces;

struct Kind {
	EntryKind kind;
	const char *acts; /* those that leave something, each between blanks; NULL: all, or it has none */
	const char *what; /* the record's key that says what */
	/* NULL: the record names the case in `case`. */
	gboolean (*is_of)(const Traces *traces, const Record *record);
};

/* --- of which case ------------------------------------------------------------------------------------------------------ */

static gboolean has_seq(const Record *record, const char *key, guint64 seq)
{
	const char *value;
	guint64 number;
	for (guint i = 0; (value = record_get_nth(record, key, i)) != NULL; i++)
		if (g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT64, &number, NULL) && number == seq)
			return TRUE;
	return FALSE;
}

/* From either side: the same words lie in both cases. */
static gboolean is_split(const Traces *traces, const Record *record)
{
	return has_seq(record, "case", traces->c->seq) || has_seq(record, "to", traces->c->seq);
}

static gboolean is_linked(const Traces *traces, const Record *record)
{
	return has_seq(record, "case", traces->c->seq) || has_seq(record, "other", traces->c->seq);
}

/* A month that the report is in. */
static gboolean is_archived(const Traces *traces, const Record *record)
{
	guint64 begin, end;
	return record_get_uint(record, "begin", G_MAXINT64, &begin, NULL) && record_get_uint(record, "end", G_MAXINT64, &end, NULL) &&
	       begin <= traces->c->seq && traces->c->seq < end;
}

/* An inspector's file names the cases of its rows; words of grounds, of whatever case, it has where it was asked for with names. */
static gboolean is_inspected(const Traces *traces, const Record *record)
{
	guint64 to;
	if (g_strcmp0(record_get(record, "rows"), "yes") == 0 && has_seq(record, "case", traces->c->seq))
		return TRUE;
	return g_strcmp0(record_get(record, "names"), "yes") == 0 && record_get_uint(record, "to", G_MAXINT64 / G_USEC_PER_SEC, &to, NULL) &&
	       (gint64)to * G_USEC_PER_SEC > traces->c->received;
}

/* "2026", of another year; "2026-01-01..2026-03-31" and "-" may have its row. */
static gboolean is_in_period(const Traces *traces, const Record *record)
{
	const char *period = record_get(record, "period");
	gsize year = strcspn(traces->name, "/");
	return period != NULL && (strlen(period) != year || strncmp(period, traces->name, year) == 0);
}

/* From `first` to `last`, both YEAR/N, and upwards. */
static gboolean is_on_sheet(const Traces *traces, const Record *record)
{
	guint year[3], number[3];
	const char *names[] = {record_get(record, "first"), traces->name, record_get(record, "last")};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i] == NULL || sscanf(names[i], "%u/%u", &year[i], &number[i]) != 2)
			return FALSE;
	return year[1] == year[0] && number[0] <= number[1] && number[1] <= number[2];
}

/* By which something of a case left the store, as far as the register knows. */
static const Kind kinds[] = {
	{ENTRY_PRINTED, NULL, "copy", NULL},
	{ENTRY_OPENED, " export attachment sealed ", "act", NULL},
	{ENTRY_RECEIPT, NULL, NULL, NULL},
	{ENTRY_REDIRECTED, " made queued automatic ", "to", NULL},
	{ENTRY_FORWARDED, " made queued ", "to", NULL},
	{ENTRY_ACKNOWLEDGED, NULL, NULL, NULL},
	{ENTRY_REPLIED, " given ", NULL, NULL},
	{ENTRY_ADVISED, " given ", "to", NULL},
	{ENTRY_LINKED, NULL, NULL, is_linked},
	{ENTRY_SPLIT, NULL, NULL, is_split},
	{ENTRY_ARCHIVED, NULL, "month", is_archived},
	{ENTRY_EXTRACTED, NULL, "as", NULL},
	{ENTRY_INSPECTED, " made ", "order", is_inspected},
	{ENTRY_REGISTER_READ, " print export ", "period", is_in_period},
	{ENTRY_SHEET, NULL, "sheet", is_on_sheet},
	{ENTRY_COPIED, NULL, "line", NULL},
};

static const Kind *find_kind(guint kind)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (kinds[i].kind == kind)
			return &kinds[i];
	return NULL;
}

static gboolean is_of_case(const Traces *traces, const Kind *kind, const Record *record)
{
	const char *act = record_get(record, "act");
	if (kind->acts != NULL && (act == NULL || !desk_casework_is_one_of(act, kind->acts)))
		return FALSE;
	return kind->is_of != NULL ? kind->is_of(traces, record) : has_seq(record, "case", traces->c->seq);
}

/* --- entries -------------------------------------------------------------------------------------------------------------- */

/* The other case of two, by its number; NULL where it is kept from her (transfer full). */
static char *other_case(const Traces *traces, const Record *record)
{
	static const char *const keys[] = {"case", "to", "other"};
	const char *me = traces->place->me->name;
	guint64 seq;
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (!record_get_uint(record, keys[i], G_MAXINT64, &seq, NULL) || seq == traces->c->seq)
			continue;
		g_autoptr(LedgerCase) other = ledger_case_by_seq(traces->place->ledger, seq, NULL);
		return other != NULL && !desk_place_is_named(other, me) && !desk_place_is_kept(other, me) ? cases_name(other) : NULL;
	}
	return NULL;
}

static void take_trace(const Traces *traces, const Kind *kind, guint64 entry, const Record *record)
{
	guint64 time = 0;
	const char *by = record_get(record, "by");
	g_autofree char *what = kind->kind == ENTRY_SPLIT || kind->kind == ENTRY_LINKED ? other_case(traces, record)
	                        : kind->what != NULL ? g_strdup(record_get(record, kind->what))
	                                             : NULL;
	record_get_uint(record, "time", G_MAXINT64, &time, NULL);
	json_array_append_new(traces->traces, json_pack("{s:s, s:I, s:I, s:s*, s:s*, s:s*}", "kind", entry_kind_name(kind->kind), "entry",
	                                                (json_int_t)entry, "time", (json_int_t)time, "officer",
	                                                record_get(record, "officer"), "what", what, "by",
	                                                by != NULL && strcmp(by, "-") != 0 ? by : NULL));
}

static gboolean take_batch(Traces *traces, const GArray *seqs, GError **error)
{
	g_autofree LedgerEntry *entries = g_new0(LedgerEntry, MAX(seqs->len, 1));
	g_autofree GBytes **headers = g_new0(GBytes *, MAX(seqs->len, 1));
	const char *mine = traces->place->me->card;
	if (!ledger_openings(traces->place->ledger, (const guint64 *)(const void *)seqs->data, seqs->len, mine, entries, headers, error))
		return FALSE;
	for (guint i = 0; i < seqs->len; i++) {
		gsize size = 0;
		Entry read;
		const void *text = entries[i].record != NULL ? g_bytes_get_data(entries[i].record, &size) : NULL;
		g_autoptr(Record) record = text != NULL ? record_read(text, size, 0, NULL, NULL) : NULL;
		const Kind *kind = record != NULL && entry_decode(entries[i].entry, &read, NULL) ? find_kind(read.kind) : NULL;
		if (kind != NULL && is_of_case(traces, kind, record))
			take_trace(traces, kind, read.seq, record);
		ledger_entry_clear(&entries[i]);
		g_clear_pointer(&headers[i], g_bytes_unref);
	}
	return TRUE;
}

static gboolean take_page(Traces *traces, GBytes *page, GError **error)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(page, &size);
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (gsize at = 0; at + ENTRY_SIZE <= size; at += ENTRY_SIZE) {
		Entry read;
		if (!entry_decode(data + at, &read, error))
			return FALSE;
		if (find_kind(read.kind) != NULL)
			g_array_append_val(seqs, read.seq);
		if (seqs->len == BATCH || at + 2 * ENTRY_SIZE > size) {
			if (!take_batch(traces, seqs, error))
				return FALSE;
			g_array_set_size(seqs, 0);
		}
	}
	return TRUE;
}

static gboolean read_all(Traces *traces, const gint *stopping, GError **error)
{
	Ledger *ledger = traces->place->ledger;
	guint64 end = ledger_size(ledger);
	for (guint64 from = traces->c->seq; from < end && g_atomic_int_get(stopping) == 0; from += PAGE) {
		g_autoptr(GBytes) page = ledger_entries(ledger, from, PAGE, error);
		if (page == NULL || !take_page(traces, page, error))
			return FALSE;
	}
	return TRUE;
}

json_t *desk_traces(const DeskPlace *place, const LedgerCase *c, const gint *stopping, GError **error)
{
	g_autofree char *name = cases_name(c);
	Traces traces = {.place = place, .c = c, .name = name, .traces = json_array()};
	if (read_all(&traces, stopping, error))
		return traces.traces;
	json_decref(traces.traces);
	return NULL;
}
