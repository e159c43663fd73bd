/* SPDX-License-Identifier: ISC */
/* The inspector's file: an entry before anything of it is read, one more with its digest before it is written, and what the
 * facts say of the reports of its period. It is for whoever reads the log of others (store/desk-log.h): nobody shows an
 * inspector her own acts alone. */
#include <string.h>

#include "base/day.h"
#include "base/finding.h"
#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-log.h"

#define PERIOD_MAX (400 * (json_int_t)ENTRY_DAY) /* seconds: as long as a log is read */
#define ORDER_MAX 128
#define HEX_DIGEST 64
#define ROWS 200u
#define LASTS (8 * G_TIME_SPAN_HOUR)

typedef struct {
	const char *act, *order, *order_digest, *names, *digest;
	json_int_t from, to, of;
} Inspection;

static gboolean is_digest(const char *text)
{
	return strlen(text) == HEX_DIGEST && strspn(text, "0123456789abcdef") == HEX_DIGEST;
}

static gboolean check(const Inspection *inspection, DeskReply *reply)
{
	const gboolean made = strcmp(inspection->act, "made") == 0;
	if (!made && strcmp(inspection->act, "begun") != 0)
		return desk_place_fail_form(reply, "A file for an inspection is begun, or made.");
	if (inspection->from < 0 || inspection->to <= inspection->from || inspection->to - inspection->from > PERIOD_MAX)
		return desk_place_fail_form(reply, "An inspection's period is at most 400 days.");
	if (!desk_act_is_text(inspection->order, ORDER_MAX) ||
	    (strcmp(inspection->order_digest, "-") != 0 && !is_digest(inspection->order_digest)))
		return desk_place_fail_form(reply, "An inspection has the number of its order, and the order's digest or -.");
	if (strcmp(inspection->names, "yes") != 0 && strcmp(inspection->names, "no") != 0)
		return desk_place_fail_form(reply, "The file has names, or it has none.");
	if (made != (inspection->of > 0) || (made ? !is_digest(inspection->digest) : strcmp(inspection->digest, "-") != 0))
		return desk_place_fail_form(reply, "A file that is made has a digest, and the entry by which it was begun.");
	return TRUE;
}

/* What was begun is what is made, in the same words. */
static gboolean is_of(const DeskPlace *place, const Inspection *inspection)
{
	Entry entry;
	guint64 from, to;
	g_autoptr(Record) begun = desk_place_own_entry(place, (guint64)inspection->of, LASTS, &entry);
	return begun != NULL && entry.kind == ENTRY_INSPECTED && g_strcmp0(record_get(begun, "act"), "begun") == 0 &&
	       g_strcmp0(record_get(begun, "order"), inspection->order) == 0 &&
	       g_strcmp0(record_get(begun, "order-digest"), inspection->order_digest) == 0 &&
	       g_strcmp0(record_get(begun, "names"), inspection->names) == 0 &&
	       record_get_uint(begun, "from", G_MAXINT64, &from, NULL) && from == (guint64)inspection->from &&
	       record_get_uint(begun, "to", G_MAXINT64, &to, NULL) && to == (guint64)inspection->to;
}

static void serve_inspection(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	Inspection one;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply,
	                   "{s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:s}", "act", &one.act, "order", &one.order, "order_digest",
	                   &one.order_digest, "from", &one.from, "to", &one.to, "names", &one.names, "of", &one.of, "digest",
	                   &one.digest) ||
	    !check(&one, reply) || !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	if (!desk_log_is_reader(&place)) {
		desk_place_refuse(reply, "not-supervisor", "The inspector's file is the supervisor's to make, who reads the log of others.");
		return;
	}
	if (one.of > 0 && !is_of(&place, &one)) {
		desk_acts_error(reply, 404, "not-found", "There is no inspection of yours that was begun so.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", one.act);
	record_add(record, "order", one.order);
	record_add(record, "order-digest", one.order_digest);
	record_add_uint(record, "from", (guint64)one.from);
	record_add_uint(record, "to", (guint64)one.to);
	record_add(record, "names", one.names);
	record_add_uint(record, "of", (guint64)one.of);
	record_add(record, "digest", one.digest);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_INSPECTED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

/* --- the register's columns that name nobody -------------------------------------------------------------------------- */

typedef struct {
	const DeskCall *call;
	const DeskPlace *place;
	const ConfigMailbox *mailbox;
	gint64 from, to; /* microseconds */
} Rows;

/* To who stands in the supervisor's place a case that is not hers says what it says in every report: number, dates, channel. */
static json_t *row_json(const Rows *rows, const LedgerCase *c)
{
	GDate official, due, until;
	const DeskHooks *hooks = rows->call->hooks;
	const gboolean hers = rows->place->supervisor || desk_place_why_not(rows->place, c) == NULL;
	g_autofree char *name = cases_name(c);
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
	Entry begun;
	guint64 from = 0, to = 0;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:o}", "mailbox", &mailbox, "entry", &entry, "after", &after) != 0 ||
	    entry < 0 || (!json_is_null(after) && (!json_is_integer(after) || json_integer_value(after) < 0))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(Record) record = desk_place_own_entry(&place, (guint64)entry, LASTS, &begun);
	if (record == NULL || begun.kind != ENTRY_INSPECTED || !desk_log_is_reader(&place) ||
	    !record_get_uint(record, "from", G_MAXINT64, &from, NULL) || !record_get_uint(record, "to", G_MAXINT64, &to, NULL)) {
		desk_place_refuse(reply, "not-supervisor", "There is no such inspection of yours: ask /v1/inspection first.");
		return;
	}
	const Rows rows = {call, &place, config_mailbox(call->config, place.mailbox), (gint64)from * G_USEC_PER_SEC,
	                   (gint64)to * G_USEC_PER_SEC};
	json_t *answer = desk_json_answer();
	if (take_rows(&rows, json_is_null(after) ? LEDGER_NOTHING : (guint64)json_integer_value(after), answer, reply))
		desk_place_done(reply, answer);
	else
		json_decref(answer);
}

const DeskAct desk_inspection_acts[] = {
	{"/v1/inspection", TRUE, serve_inspection},
	{"/v1/inspection/rows", FALSE, serve_rows},
	{0},
};
