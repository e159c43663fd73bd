/* SPDX-License-Identifier: ISC */
#include "store/desk-rows.h"

#include <string.h>

#include "base/finding.h"
#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"

#define SLICE_MAX 2000u               /* entries */
#define SLICE_OCTETS (512u * 1024)    /* of records, past which a slice ends */
#define BATCH 250u                     /* entries of rows, read at once */
#define CASES 500u
#define READING_LASTS (8 * G_TIME_SPAN_HOUR)
#define SHEETS_MAX 100000

gboolean desk_rows_is_of_a_row(guint kind)
{
	return kind == ENTRY_RECEIVED || kind == ENTRY_ACCEPTED || kind == ENTRY_SHEET || kind == ENTRY_COPIED ||
	       entry_is_casework(kind);
}

static gboolean is_one_of(const char *word, const char *words)
{
	g_autofree char *one = g_strdup_printf(" %s ", word);
	return strchr(word, ' ') == NULL && strstr(words, one) != NULL;
}

static Record *record_of(const LedgerEntry *entry)
{
	gsize size;
	const void *text = g_bytes_get_data(entry->record, &size);
	return record_read(text, size, 0, NULL, NULL);
}

/* --- /v1/register: reading is an entry ---------------------------------------------------------------------------------- */

static void serve_register(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	const char *act_word, *form, *period;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &fields, reply, "{s:s, s:s, s:s}", "act", &act_word, "form", &form,
	                   "period", &period) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	if (!desk_act_is_word(act_word, 32) || !is_one_of(form, " kmo ales ") || !desk_act_is_text(period, 32)) {
		desk_place_fail_form(reply, "A register is read for an act, in the form kmo or ales, for a period.");
		return;
	}
	if (place.me->card == NULL || place.supervisor) {
		desk_place_refuse(reply, "not-reader", "The rows of the register are for those who read the cases.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", act_word);
	record_add(record, "form", form);
	record_add(record, "period", period);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_REGISTER_READ, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

/* --- /v1/register/form: what the organisation keeps ---------------------------------------------------------------------- */

static void serve_form(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "mailbox", &mailbox) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	const ConfigMailbox *configured = config_mailbox(call->config, place.mailbox);
	json_t *answer = desk_json_answer();
	gboolean ales = configured != NULL && configured->register_form == CONFIG_FORM_ALES;
	json_object_set_new(answer, "form", json_string(ales ? "ales" : "kmo"));
	json_object_set_new(answer, "journal", json_string(configured != NULL && configured->journal_printed ? "printed" : "pen"));
	desk_place_done(reply, answer);
}

/* --- /v1/register/slice -------------------------------------------------------------------------------------------------- */

typedef struct {
	const DeskCall *call;
	const DeskPlace *place;
	const ConfigMailbox *mailbox;
	json_t *open, *elsewhere, *dates; /* of the answer */
	gsize octets;
	GHashTable *known; /* seq of a case to "yes", or to its name where it is not hers */
} Slice;

static void slice_clear(Slice *slice)
{
	json_decref(slice->open);
	json_decref(slice->elsewhere);
	json_decref(slice->dates);
	g_clear_pointer(&slice->known, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slice, slice_clear)

static gboolean check_reading(const DeskPlace *place, json_int_t seq, DeskReply *reply)
{
	Entry entry;
	g_autoptr(Record) record = seq >= 0 ? desk_place_own_entry(place, (guint64)seq, READING_LASTS, &entry) : NULL;
	return (record != NULL && entry.kind == ENTRY_REGISTER_READ) ||
	       desk_place_refuse(reply, "not-reader", "There is no such reading of yours: ask /v1/register first.");
}

/* The day from which it counts, as the calendar has it now. */
static void add_date(Slice *slice, const LedgerCase *c)
{
	const DeskHooks *hooks = slice->call->hooks;
	GDate official, due;
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, c->seq);
	g_date_clear(&official, 1);
	g_date_clear(&due, 1);
	if (slice->mailbox != NULL && hooks->dates != NULL)
		hooks->dates(slice->call->config, slice->mailbox, finding_moment(c->facts, c->received), &official, &due, hooks->user);
	json_object_set_new(slice->dates, seq, desk_json_date(&official));
}

static const char *know_case(Slice *slice, const LedgerCase *c)
{
	gboolean hers = desk_place_why_not(slice->place, c) == NULL;
	char *standing = hers ? g_strdup("yes") : cases_name(c);
	if (hers)
		add_date(slice, c);
	g_hash_table_insert(slice->known, g_memdup2(&c->seq, sizeof c->seq), standing);
	return standing;
}

/* "yes", the name of a case that is not hers, NULL where that entry is no case (borrowed). */
static const char *standing_of(Slice *slice, guint64 seq)
{
	const char *known = g_hash_table_lookup(slice->known, &seq);
	if (known != NULL)
		return known;
	g_autoptr(LedgerCase) c = ledger_case_by_seq(slice->place->ledger, seq, NULL);
	return c != NULL ? know_case(slice, c) : NULL;
}

/* Which case an entry of a row is about; LEDGER_NOTHING: of none. */
static guint64 case_of(const Entry *entry, const Record *record)
{
	guint64 seq = LEDGER_NOTHING;
	if (entry->kind == ENTRY_RECEIVED)
		return entry->seq;
	record_get_uint(record, "case", G_MAXINT64, &seq, NULL);
	return seq;
}

static void add_open(Slice *slice, const LedgerEntry *entry, GBytes *header)
{
	json_t *item = json_pack("{s:I, s:o, s:o, s:o}", "seq", (json_int_t)entry->seq, "salt",
	                         desk_json_base64(entry->salt, sizeof entry->salt), "record", desk_json_bytes(entry->record),
	                         "text_header", header != NULL ? desk_json_bytes(header) : json_null());
	json_array_append_new(slice->open, item);
	slice->octets += g_bytes_get_size(entry->record);
}

/* A report that was erased: the record of its ERASED entry stands in the place of its own, and says so. */
static void take_erased(Slice *slice, guint64 seq)
{
	guint64 by;
	LedgerEntry entry = {0};
	const char *standing = standing_of(slice, seq);
	if (standing == NULL || !ledger_erased(slice->place->ledger, seq, &by, NULL) || by == 0)
		return;
	if (strcmp(standing, "yes") != 0) {
		json_array_append_new(slice->elsewhere, json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "name", standing));
		return;
	}
	if (!ledger_entry(slice->place->ledger, by, &entry, NULL))
		return;
	add_open(slice, &entry, NULL);
	json_t *item = json_array_get(slice->open, json_array_size(slice->open) - 1);
	json_object_set_new(item, "seq", json_integer((json_int_t)seq));
	json_object_set_new(item, "erased", json_integer((json_int_t)by));
	ledger_entry_clear(&entry);
}

/* One entry of a row. Without its record, which was destroyed lawfully, the entry alone stands. */
static void take_entry(Slice *slice, const LedgerEntry *entry, GBytes *header)
{
	Entry read;
	g_autoptr(Record) record = entry->record != NULL ? record_of(entry) : NULL;
	if (!entry_decode(entry->entry, &read, NULL))
		return;
	if (record == NULL) {
		if (read.kind == ENTRY_RECEIVED)
			take_erased(slice, read.seq);
		return;
	}
	guint64 seq = case_of(&read, record);
	const char *standing = seq != LEDGER_NOTHING ? standing_of(slice, seq) : "yes";
	if (standing != NULL && strcmp(standing, "yes") == 0)
		add_open(slice, entry, header);
	else
		json_array_append_new(slice->elsewhere, json_pack("{s:I, s:s}", "seq", (json_int_t)read.seq, "name",
		                                                  standing != NULL ? standing : "-"));
}

static gboolean take_batch(Slice *slice, const GArray *seqs, GError **error)
{
	g_autofree LedgerEntry *entries = g_new0(LedgerEntry, MAX(seqs->len, 1));
	g_autofree GBytes **headers = g_new0(GBytes *, MAX(seqs->len, 1));
	if (!ledger_openings(slice->place->ledger, (const guint64 *)(const void *)seqs->data, seqs->len, slice->place->me->card,
	                     entries, headers, error))
		return FALSE;
	for (guint i = 0; i < seqs->len; i++) {
		take_entry(slice, &entries[i], headers[i]);
		ledger_entry_clear(&entries[i]);
		g_clear_pointer(&headers[i], g_bytes_unref);
	}
	return TRUE;
}

/* The cases that came in entries from..end-1, all of them at once. */
static gboolean know_cases(Slice *slice, guint64 from, guint64 end, GError **error)
{
	for (guint64 after = from > 0 ? from - 1 : LEDGER_NOTHING;;) {
		g_autoptr(GPtrArray) cases = ledger_cases(slice->place->ledger, LEDGER_CASES_ALL, after, CASES, error);
		if (cases == NULL)
			return FALSE;
		for (guint i = 0; i < cases->len; i++) {
			const LedgerCase *c = cases->pdata[i];
			after = c->seq;
			if (c->seq < end)
				know_case(slice, c);
		}
		if (cases->len < CASES || after >= end)
			return TRUE;
	}
}

/* Batch after batch, until the entries end or their records are many; *n: how many entries were gone through. */
static gboolean take_entries(Slice *slice, const guint8 *data, guint all, guint *n, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (*n = 0; *n < all && slice->octets < SLICE_OCTETS;) {
		g_array_set_size(seqs, 0);
		for (; *n < all && seqs->len < BATCH; (*n)++) {
			Entry read;
			if (!entry_decode(data + (gsize)*n * ENTRY_SIZE, &read, error))
				return FALSE;
			if (desk_rows_is_of_a_row(read.kind))
				g_array_append_val(seqs, read.seq);
		}
		if (!take_batch(slice, seqs, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean take_slice(gpointer user, guint64 from, const guint8 *data, guint n, guint *taken, json_t *answer,
                           GError **error)
{
	Slice *slice = user;
	if (!know_cases(slice, from, from + n, error) || !take_entries(slice, data, n, taken, error))
		return FALSE;
	json_object_set(answer, "open", slice->open);
	json_object_set(answer, "elsewhere", slice->elsewhere);
	json_object_set(answer, "dates", slice->dates);
	return TRUE;
}

static void serve_slice(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	DeskRange range;
	if (!desk_place_enter_range(call, SLICE_MAX, &place, &range, reply) || !check_reading(&place, range.entry, reply))
		return;
	g_auto(Slice) slice = {.call = call, .place = &place, .open = json_array(), .elsewhere = json_array(), .dates = json_object()};
	slice.mailbox = config_mailbox(call->config, place.mailbox);
	slice.known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	desk_place_answer_range(&place, &range, take_slice, &slice, reply);
}

/* --- /v1/register/checkpoint: the first that was signed over an entry ----------------------------------------------------- */

static void serve_checkpoint(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t size;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "size", &size) != 0 || size < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autofree char *note = ledger_checkpoint_over(place.ledger, (guint64)size, &error);
	if (note == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "checkpoint", json_string(note));
	desk_place_done(reply, answer);
}

/* --- /v1/register/sheet --------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *act, *form, *channel, *first, *last, *digest;
	json_int_t year, sheet, piece, upto, after;
} SheetQuestion;

static gboolean check_sheet(const SheetQuestion *sheet, DeskReply *reply)
{
	guint8 digest[32];
	g_autoptr(Record) one = record_new();
	record_add(one, "digest", sheet->digest);
	gboolean good = is_one_of(sheet->act, " final change ") && is_one_of(sheet->form, " kmo ales ") &&
	                (desk_act_is_word(sheet->channel, 32) || strcmp(sheet->channel, "-") == 0) &&
	                desk_act_is_text(sheet->first, 32) && desk_act_is_text(sheet->last, 32) && sheet->year >= 1970 &&
	                sheet->year <= 9999 && sheet->sheet >= 1 && sheet->sheet <= SHEETS_MAX && sheet->piece >= 0 && sheet->piece <= 1000 && sheet->upto >= 1 &&
	                sheet->after >= 0 && record_get_hex(one, "digest", digest, sizeof digest, NULL);
	return good || desk_place_fail_form(reply, "A sheet has act, form, channel, year, number, rows, its last entry, its digest.");
}

/* Nobody made one since: `after` is the last sheet that she knows. */
static gboolean is_the_next(const DeskPlace *place, json_int_t after, gboolean *next, GError **error)
{
	*next = TRUE;
	for (guint64 from = (guint64)after + 1, size = ledger_size(place->ledger); *next && from < size;) {
		gsize octets;
		g_autoptr(GBytes) entries = ledger_entries(place->ledger, from, SLICE_MAX, error);
		const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &octets) : NULL;
		if (data == NULL)
			return FALSE;
		for (gsize i = 0; i + ENTRY_SIZE <= octets; i += ENTRY_SIZE, from++) {
			Entry read;
			if (!entry_decode(data + i, &read, error))
				return FALSE;
			*next = *next && read.kind != ENTRY_SHEET;
		}
	}
	return TRUE;
}

static void enter_sheet(const DeskCall *call, const DeskPlace *place, const DeskActFields *fields, const SheetQuestion *sheet,
                        DeskReply *reply)
{
	gboolean next;
	g_autoptr(GError) error = NULL;
	if (!is_the_next(place, sheet->after, &next, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	if (!next || (guint64)sheet->upto > ledger_size(place->ledger)) {
		desk_acts_deny(reply, 409, "meanwhile", "Somebody made a sheet meanwhile: read the register again.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", sheet->act);
	record_add(record, "form", sheet->form);
	record_add(record, "channel", sheet->channel);
	record_add_uint(record, "year", (guint64)sheet->year);
	record_add_uint(record, "sheet", (guint64)sheet->sheet);
	record_add(record, "first", sheet->first);
	record_add(record, "last", sheet->last);
	record_add_uint(record, "piece", (guint64)sheet->piece);
	record_add_uint(record, "upto", (guint64)sheet->upto);
	record_add_uint(record, "after", (guint64)sheet->after);
	record_add(record, "digest", sheet->digest);
	desk_act_sign_off(record, call, fields);
	LedgerAct act = {.kind = ENTRY_SHEET, .record = record};
	desk_act_finish(call, place, &act, fields, reply);
}

static void serve_sheet(const DeskCall *call, DeskReply *reply)
{
	static GMutex one; /* two officers do not number a sheet alike */
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	SheetQuestion sheet;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &fields, reply,
	                   "{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:s}", "act", &sheet.act, "form", &sheet.form, "channel",
	                   &sheet.channel, "year", &sheet.year, "sheet", &sheet.sheet, "first", &sheet.first, "last", &sheet.last,
	                   "piece", &sheet.piece, "upto", &sheet.upto, "after", &sheet.after, "digest", &sheet.digest) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply) || !check_sheet(&sheet, reply))
		return;
	if (place.me->card == NULL || place.supervisor) {
		desk_place_refuse(reply, "not-reader", "The rows of the register are for those who read the cases.");
		return;
	}
	g_mutex_lock(&one);
	enter_sheet(call, &place, &fields, &sheet, reply);
	g_mutex_unlock(&one);
}

/* --- /v1/register/copied --------------------------------------------------------------------------------------------------- */

static void serve_copied(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	json_int_t sheet, line, upto;
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{s:I, s:I, s:I}", "sheet", &sheet, "line", &line, "upto",
	                   &upto))
		return;
	if (sheet < 1 || sheet > SHEETS_MAX || line < 1 || line > 1000 || upto < 1) {
		desk_place_fail_form(reply, "A row stands on a sheet, in a line of it.");
		return;
	}
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
	if (c == NULL)
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add_uint(record, "sheet", (guint64)sheet);
	record_add_uint(record, "line", (guint64)line);
	record_add_uint(record, "upto", (guint64)upto);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_COPIED, .record = record, .case_seq = c->seq};
	desk_act_finish(call, &place, &act, &fields, reply);
}

const DeskAct desk_rows_acts[] = {
	{"/v1/register", TRUE, serve_register},
	{"/v1/register/checkpoint", FALSE, serve_checkpoint},
	{"/v1/register/copied", TRUE, serve_copied},
	{"/v1/register/form", FALSE, serve_form},
	{"/v1/register/sheet", TRUE, serve_sheet},
	{"/v1/register/slice", FALSE, serve_slice},
	{0},
};
