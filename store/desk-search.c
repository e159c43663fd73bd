/* SPDX-License-Identifier: ISC */
/* Targets of the desk for a search: the index lies with the officer, sealed to her (cli/index.h). Here is entered that she
 * searched, with her words sealed in its ground's text, before a hit is shown; and said what of her index is hers no longer. */
#include <string.h>

#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-look.h"
#include "store/desk-search.h"

#define HITS_MAX 200
#define HELD_MAX 1000

/* Is there a header of the case that she has, under whichever of her keys? Of what was erased there is none. */
static gboolean has_any(const DeskPlace *place, guint64 seq)
{
	return desk_place_holds_any(place, seq, SEAL_PART_CARD, place->me) ||
	       desk_place_holds_any(place, seq, SEAL_PART_BODY, place->me);
}

gboolean desk_search_read_seqs(const json_t *seqs, gsize most, DeskReply *reply)
{
	gboolean good = json_is_array(seqs) && json_array_size(seqs) <= most;
	for (gsize i = 0; good && i < json_array_size(seqs); i++)
		good = json_is_integer(json_array_get(seqs, i)) && json_integer_value(json_array_get(seqs, i)) > 0;
	return good || desk_place_fail_form(reply, "Cases are named by numbers of entries, and not by more than one request takes.");
}

LedgerCase *desk_search_hers(const DeskPlace *place, guint64 seq, gboolean *fault, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerCase) c = ledger_case_by_seq(place->ledger, seq, &error);
	*fault = c == NULL && !g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	if (*fault)
		desk_place_fail_ledger(reply, error);
	return c != NULL && desk_place_why_not(place, c) == NULL && has_any(place, seq) ? g_steal_pointer(&c) : NULL;
}

/* What she may still read of what her index has found: into the record, and as a list shows it. */
static json_t *take_hits(const DeskCall *call, const DeskPlace *place, const json_t *seqs, Record *record, DeskReply *reply)
{
	g_autoptr(json_t) cases = json_array();
	for (gsize i = 0; i < json_array_size(seqs); i++) {
		gboolean fault;
		g_autoptr(LedgerCase) c = desk_search_hers(place, (guint64)json_integer_value(json_array_get(seqs, i)), &fault, reply);
		if (fault)
			return NULL;
		if (c == NULL)
			continue;
		record_add_uint(record, "case", c->seq);
		json_array_append_new(cases, desk_look_case(call, place, c));
	}
	return g_steal_pointer(&cases);
}

static void serve_search(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	json_int_t hits;
	json_t *seqs;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &fields, reply, "{s:o, s:I}", "seqs", &seqs, "hits", &hits) ||
	    !desk_search_read_seqs(seqs, HITS_MAX, reply))
		return;
	if (hits < (json_int_t)json_array_size(seqs) || fields.ground_text == NULL) {
		desk_place_fail_form(reply, "A search says what was looked for, and how many cases were found.");
		return;
	}
	if (!desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	g_autoptr(json_t) cases = take_hits(call, &place, seqs, record, reply);
	if (cases == NULL)
		return;
	record_add_uint(record, "hits", (guint64)hits);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_SEARCHED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
	if (reply->status == 200)
		json_object_set(reply->json, "cases", cases);
}

/* No entry: it says of cases which she has read nothing but whether she may still. */
static void serve_gone(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_t *seqs;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:o}", "mailbox", &mailbox, "seqs", &seqs) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_search_read_seqs(seqs, HELD_MAX, reply) || !desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(json_t) gone = json_array();
	for (gsize i = 0; i < json_array_size(seqs) && !g_atomic_int_get(call->stopping); i++) {
		gboolean fault;
		json_t *seq = json_array_get(seqs, i);
		g_autoptr(LedgerCase) c = desk_search_hers(&place, (guint64)json_integer_value(seq), &fault, reply);
		if (fault)
			return;
		if (c == NULL)
			json_array_append(gone, seq);
	}
	json_t *answer = desk_json_answer();
	json_object_set(answer, "gone", gone);
	desk_place_done(reply, answer);
}

const DeskAct desk_search_acts[] = {
	{"/v1/search", TRUE, serve_search},
	{"/v1/search/gone", FALSE, serve_gone},
	{0},
};
