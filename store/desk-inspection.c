/* SPDX-License-Identifier: ISC */
/* The inspector's file. One order, one period, one pack of files: each is made by who may read what it holds, and nobody reads
 * more for it than she may in any case.
 *
 *   rows = yes   the register's rows, which she reads as /v1/register lets her: who reads cases (an officer, the escalation)
 *   log = all    every act of everybody: who reads the log of others (store/desk-log.h); own: her own acts
 *
 * An entry stands before anything of it is read (INSPECTED, begun), and one with the file's digest before the file is written
 * (made). The order is the ground of a file without texts; one with rows, or with names, needs a ground of the organisation's
 * list, as any look and any disclosure. On her entry she hears what the facts say of the reports of its period, and which files
 * were made of the same order for the same days. */
#include <string.h>

#include "base/day.h"
#include "base/finding.h"
#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-grounds.h"
#include "store/desk-json.h"
#include "store/desk-log.h"
#include "store/desk-search.h"

#define PERIOD_MAX (400 * (json_int_t)ENTRY_DAY) /* seconds: as long as a log is read */
#define ORDER_MAX 128
#define HEX_DIGEST 64
#define ROWS 200u
#define FILES 100u   /* of one order */
#define CASES 3000u  /* of a file: their numbers stand in its entry */
#define ENTRIES 2000u /* read at once */
#define LASTS (8 * G_TIME_SPAN_HOUR)
#define GROUND "inspection" /* the order is the ground */

typedef struct {
	const char *act, *order, *order_digest, *names, *rows, *log, *digest;
	json_int_t from, to, of;
	json_t *seqs; /* cases whose rows are in it */
} Inspection;

static gboolean is_digest(const char *text)
{
	return strlen(text) == HEX_DIGEST && strspn(text, "0123456789abcdef") == HEX_DIGEST;
}

static gboolean is_yes_or_no(const char *text)
{
	return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
}

static gboolean check(const Inspection *inspection, DeskReply *reply)
{
	const gboolean made = strcmp(inspection->act, "made") == 0;
	if (!made && strcmp(inspection->act, "begun") != 0)
		return desk_place_fail_form(reply, "A file for an inspection is begun, or made.");
	if (inspection->from < 0 || inspection->to <= inspection->from || inspection->to - inspection->from > PERIOD_MAX)
		return desk_acts_deny(reply, 400, "period", "An inspection's period is at most 400 days.");
	if (!desk_act_is_text(inspection->order, ORDER_MAX) ||
	    (strcmp(inspection->order_digest, "-") != 0 && !is_digest(inspection->order_digest)))
		return desk_place_fail_form(reply, "An inspection has the number of its order, and the order's digest or -.");
	if (!is_yes_or_no(inspection->names) || !is_yes_or_no(inspection->rows))
		return desk_place_fail_form(reply, "The file has names and rows, yes or no.");
	if (strcmp(inspection->log, "all") != 0 && strcmp(inspection->log, "own") != 0)
		return desk_place_fail_form(reply, "The file has the acts of all, or her own.");
	if (made != (inspection->of > 0) || (made ? !is_digest(inspection->digest) : strcmp(inspection->digest, "-") != 0))
		return desk_place_fail_form(reply, "A file that is made has a digest, and the entry by which it was begun.");
	if (!desk_search_read_seqs(inspection->seqs, CASES, reply))
		return FALSE;
	return (made && strcmp(inspection->rows, "yes") == 0) || json_array_size(inspection->seqs) == 0 ||
	       desk_place_fail_form(reply, "Cases are named when a file with rows is made.");
}

/* The parts of the pack that she may read, no others. */
static gboolean check_parts(const DeskPlace *place, const Inspection *inspection, DeskReply *reply)
{
	if (strcmp(inspection->rows, "yes") == 0 && (place->me->card == NULL || place->supervisor))
		return desk_place_refuse(reply, "not-reader", "The rows of the register are for those who read the cases.");
	return strcmp(inspection->log, "own") == 0 || desk_log_is_reader(place) ||
	       desk_place_refuse(reply, "not-supervisor", "The log of others is the supervisor's to read.");
}

/* The order is ground enough for what holds no text. */
static gboolean check_ground(const DeskCall *call, const DeskActFields *fields, const Inspection *inspection, DeskReply *reply)
{
	if (strcmp(inspection->names, "yes") == 0 || strcmp(inspection->rows, "yes") == 0)
		return desk_grounds_check(call, fields, reply);
	return (strcmp(fields->ground, GROUND) == 0 && fields->ground_text == NULL) ||
	       desk_place_fail_form(reply, "A file without rows and names has the ground inspection, and no words.");
}

static void add_lines(Record *record, const Inspection *one)
{
	record_add(record, "act", one->act);
	record_add(record, "order", one->order);
	record_add(record, "order-digest", one->order_digest);
	record_add_uint(record, "from", (guint64)one->from);
	record_add_uint(record, "to", (guint64)one->to);
	record_add(record, "names", one->names);
	record_add(record, "rows", one->rows);
	record_add(record, "log", one->log);
	record_add_uint(record, "of", (guint64)one->of);
	record_add(record, "digest", one->digest);
	for (gsize i = 0; i < json_array_size(one->seqs); i++)
		record_add_uint(record, "case", (guint64)json_integer_value(json_array_get(one->seqs, i)));
}

/* Each is a case of hers. */
static gboolean check_cases(const DeskPlace *place, const Inspection *inspection, DeskReply *reply)
{
	for (gsize i = 0; i < json_array_size(inspection->seqs); i++) {
		g_autoptr(LedgerCase) c = desk_place_case(place, json_integer_value(json_array_get(inspection->seqs, i)), reply);
		const char *why = c != NULL ? desk_place_why_not(place, c) : NULL;
		if (c == NULL || (why != NULL && !desk_place_refuse_case(reply, why)))
			return FALSE;
	}
	return TRUE;
}

/* What was begun is what is made, in the same words. */
static gboolean is_of(const DeskPlace *place, const Inspection *inspection)
{
	static const char *const keys[] = {"order", "order-digest", "from", "to", "names", "rows", "log"};
	Entry entry;
	g_autoptr(Record) begun = desk_place_own_entry(place, (guint64)inspection->of, LASTS, &entry), made = record_new();
	gboolean same = begun != NULL && entry.kind == ENTRY_INSPECTED && g_strcmp0(record_get(begun, "act"), "begun") == 0;
	add_lines(made, inspection);
	for (gsize i = 0; same && i < G_N_ELEMENTS(keys); i++)
		same = g_strcmp0(record_get(begun, keys[i]), record_get(made, keys[i])) == 0;
	return same;
}

static void serve_inspection(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	Inspection one;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply,
	                   "{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:s, s:o}", "act", &one.act, "order", &one.order,
	                   "order_digest", &one.order_digest, "from", &one.from, "to", &one.to, "names", &one.names, "rows", &one.rows,
	                   "log", &one.log, "of", &one.of, "digest", &one.digest, "seqs", &one.seqs) ||
	    !check(&one, reply) || !check_ground(call, &fields, &one, reply) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply) || !check_parts(&place, &one, reply) ||
	    !check_cases(&place, &one, reply))
		return;
	if (one.of > 0 && !is_of(&place, &one)) {
		desk_acts_deny(reply, 404, "no-inspection", "There is no inspection of yours that was begun so.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	add_lines(record, &one);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_INSPECTED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

/* Hers, and not long ago: else NULL, with the reply filled (transfer full). */
static Record *begun_of(const DeskPlace *place, json_int_t seq, DeskReply *reply)
{
	Entry entry;
	g_autoptr(Record) record = seq >= 0 ? desk_place_own_entry(place, (guint64)seq, LASTS, &entry) : NULL;
	if (record != NULL && entry.kind == ENTRY_INSPECTED)
		return g_steal_pointer(&record);
	desk_place_refuse(reply, "not-inspection", "There is no such inspection of yours: ask /v1/inspection first.");
	return NULL;
}

/* --- the register's columns that name nobody -------------------------------------------------------------------------- */

typedef struct {
	const DeskCall *call;
	const DeskPlace *place;
	const ConfigMailbox *mailbox;
	gint64 from, to; /* microseconds */
} Rows;

/* To who stands in the supervisor's place a case that is not hers says what it says in every report: number, dates, channel. To
 * an officer its number alone, as in the list. */
static json_t *row_json(const Rows *rows, const LedgerCase *c)
{
	GDate official, due, until;
	const DeskHooks *hooks = rows->call->hooks;
	const gboolean hers = rows->place->supervisor || desk_place_why_not(rows->place, c) == NULL;
	g_autofree char *name = cases_name(c);
	if (!hers && !desk_log_is_reader(rows->place))
		return json_pack("{s:s, s:b}", "name", name, "elsewhere", TRUE);
	g_date_clear(&official, 1);
	g_date_clear(&due, 1);
	if (rows->mailbox != NULL && hooks->dates != NULL)
		hooks->dates(rows->call->config, rows->mailbox, finding_moment(c->facts, c->received), &official, &due, hooks->user);
	until = due;
	if (c->until != NULL)
		day_read(c->until, &until);
	return json_pack("{s:s, s:I, s:o, s:o, s:s?, s:b, s:s?, s:s?, s:s?}", "name", name, "received", (json_int_t)c->received, "official_date",
	                 desk_json_known(&official), "due", desk_json_known(&until), "channel", record_get(c->facts, "channel"),
	                 "elsewhere", !hers, "state", hers ? c->state : NULL, "result", hers ? c->result : NULL, "category",
	                 hers ? c->category : NULL);
}

/* A case counts by the moment at which it came, as in the register. */
static gboolean is_in_period(const Rows *rows, const LedgerCase *c)
{
	const gint64 moment = finding_moment(c->facts, c->received);
	return moment >= rows->from && moment < rows->to;
}

static gboolean take_rows(const Rows *rows, guint64 after, json_t *answer, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = ledger_cases(rows->place->ledger, LEDGER_CASES_ALL, after, ROWS + 1, &error);
	if (found == NULL)
		return desk_place_fail_ledger(reply, error);
	json_t *list = json_array();
	for (guint i = 0; i < MIN(found->len, ROWS); i++) {
		const LedgerCase *c = found->pdata[i];
		if (is_in_period(rows, c))
			json_array_append_new(list, row_json(rows, c));
		after = c->seq;
	}
	json_object_set_new(answer, "rows", list);
	json_object_set_new(answer, "after", after == LEDGER_NOTHING ? json_null() : json_integer((json_int_t)after));
	json_object_set_new(answer, "more", json_boolean(found->len > ROWS));
	return TRUE;
}

static void serve_rows(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t entry;
	json_t *after;
	guint64 from = 0, to = 0;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:o}", "mailbox", &mailbox, "entry", &entry, "after", &after) != 0 ||
	    (!json_is_null(after) && (!json_is_integer(after) || json_integer_value(after) < 0))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(Record) record = begun_of(&place, entry, reply);
	if (record == NULL || !record_get_uint(record, "from", G_MAXINT64, &from, NULL) ||
	    !record_get_uint(record, "to", G_MAXINT64, &to, NULL))
		return;
	const Rows rows = {call, &place, config_mailbox(call->config, place.mailbox), (gint64)from * G_USEC_PER_SEC,
	                   (gint64)to * G_USEC_PER_SEC};
	json_t *answer = desk_json_answer();
	if (take_rows(&rows, json_is_null(after) ? LEDGER_NOTHING : (guint64)json_integer_value(after), answer, reply))
		desk_place_done(reply, answer);
	else
		json_decref(answer);
}

/* --- the other files of the order ------------------------------------------------------------------------------------- */

/* Made, for the same order and the same days. */
static gboolean is_of_pack(Ledger *ledger, guint64 seq, const Record *begun)
{
	static const char *const keys[] = {"order", "from", "to"};
	LedgerEntry entry = {0};
	gsize size = 0;
	if (!ledger_entry(ledger, seq, &entry, NULL))
		return FALSE;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	gboolean is = record != NULL && g_strcmp0(record_get(record, "act"), "made") == 0;
	for (gsize i = 0; is && i < G_N_ELEMENTS(keys); i++)
		is = g_strcmp0(record_get(record, keys[i]), record_get(begun, keys[i])) == 0;
	ledger_entry_clear(&entry);
	return is;
}

/* No file of a period is older than its first day. */
static gboolean find_files(const DeskCall *call, Ledger *ledger, const Record *begun, GArray *seqs, GError **error)
{
	guint64 first = 0, from = 0, size = ledger_size(ledger);
	if (!record_get_uint(begun, "from", G_MAXINT64, &first, error) ||
	    !desk_log_find_day(ledger, (gint64)(first - first % ENTRY_DAY), &from, error))
		return FALSE;
	while (from < size && seqs->len < FILES && g_atomic_int_get(call->stopping) == 0) {
		gsize octets;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, ENTRIES, error);
		const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &octets) : NULL;
		if (data == NULL || octets < ENTRY_SIZE)
			return data != NULL;
		for (gsize i = 0; i + ENTRY_SIZE <= octets; i += ENTRY_SIZE, from++) {
			Entry read;
			if (!entry_decode(data + i, &read, error))
				return FALSE;
			if (read.kind == ENTRY_INSPECTED && seqs->len < FILES && is_of_pack(ledger, read.seq, begun))
				g_array_append_val(seqs, read.seq);
		}
	}
	return TRUE;
}

static void serve_files(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t entry, known;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:I}", "mailbox", &mailbox, "entry", &entry, "known", &known) != 0 ||
	    known < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(Record) begun = begun_of(&place, entry, reply);
	if (begun == NULL)
		return;
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	const guint64 own = (guint64)entry;
	g_array_append_val(seqs, own);
	json_t *answer = desk_json_answer();
	if (find_files(call, place.ledger, begun, seqs, &error) && desk_place_add_proof(&place, seqs, known, answer, &error)) {
		desk_place_done(reply, answer);
		return;
	}
	json_decref(answer);
	desk_place_fail_ledger(reply, error);
}

const DeskAct desk_inspection_acts[] = {
	{"/v1/inspection", TRUE, serve_inspection},
	{"/v1/inspection/files", FALSE, serve_files},
	{"/v1/inspection/rows", FALSE, serve_rows},
	{0},
};
