/* SPDX-License-Identifier: ISC */
/* Targets of the desk about destruction by order: it is ordered, confirmed by a second person, stopped by either; and what of an erased
 * case is still somewhere. The registrar carries it out (store/eraser.h).
 *
 * Whoever confirms need not read the case now: it may be another's work, or with the officers. But nobody orders or confirms in a case that
 * is about herself or is kept from her, whatever was granted to her since. */
#include <string.h>

#include "base/day.h"
#include "store/archive.h"
#include "store/cases.h"
#include "store/desk-casework.h"
#include "store/desk-json.h"
#include "store/desk-traces.h"

#define NUMBER_MAX 64

/* --- who, and where --------------------------------------------------------------------------------------------------- */

/* One who reads here, and whom the case does not concern. */
static gboolean may_decide(const DeskPlace *place, const LedgerCase *c)
{
	const char *name = place->me->name;
	return place->me->card != NULL && !place->supervisor && !desk_place_is_named(c, name) && !desk_place_is_kept(c, name);
}

static gboolean is_allowed(const DeskCall *call, const DeskCasework *order, DeskReply *reply)
{
	const ConfigMailbox *mailbox = config_mailbox(call->config, order->place.mailbox);
	if (mailbox == NULL || !mailbox->erasure_two_persons)
		return desk_place_refuse(reply, "erasure-never", "This mailbox erases nothing: erasure = never.");
	return may_decide(&order->place, order->c) || desk_place_refuse_case(reply, desk_place_word(&order->place));
}

static void finish(const DeskCall *call, DeskCasework *order, DeskReply *reply)
{
	LedgerAct act = {.kind = ENTRY_ERASURE};
	desk_casework_finish(call, order, &act, reply);
}

/* --- ordered ------------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *number, *dated, *digest;
	json_int_t message; /* 0: the whole case */
} Document;

static gboolean check_document(const Document *document, DeskReply *reply)
{
	guint8 digest[SEAL_DIGEST];
	GDate day;
	g_autoptr(Record) one = record_new();
	record_add(one, "digest", document->digest);
	return (desk_act_is_text(document->number, NUMBER_MAX) && day_read(document->dated, &day) &&
	        record_get_hex(one, "digest", digest, sizeof digest, NULL)) ||
	       desk_place_fail_form(reply, "An order has a number, a date, YYYY-MM-DD, and the digest of its document.");
}

/* A message of this case, which is there. */
static gboolean check_message(const DeskCasework *order, json_int_t seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	if (seq == 0)
		return TRUE;
	if ((guint64)seq != order->c->seq) {
		g_autoptr(LedgerMessage) message = seq > 0 ? ledger_message(order->place.ledger, (guint64)seq, &error) : NULL;
		if (message == NULL || message->of != order->c->seq) {
			desk_acts_deny(reply, 404, "no-message", "This case has no such message.");
			return FALSE;
		}
	}
	return desk_place_is_there(&order->place, (guint64)seq, reply);
}

static gboolean check_case(const DeskCasework *order, const Document *document, DeskReply *reply)
{
	const LedgerCase *c = order->c;
	if (ledger_erasure_pending(c))
		return desk_acts_deny(reply, 409, "erasure-ordered", "An erasure of this case is ordered already.");
	if (c->held)
		return desk_acts_deny(reply, 409, "held", "This case is on hold: release it first.");
	/* Behind an erasure a new letter may have come; without one there is nothing to erase. */
	if (document->message == 0 && c->erased != 0 && c->last < c->erased)
		return desk_acts_deny(reply, 409, "erased-already", "This case was erased already.");
	if (document->message != 0 && order->fields.text != NULL)
		return desk_place_fail_form(reply, "Where one message is erased the row of the case stays as it is.");
	return check_message(order, document->message, reply);
}

static void serve_order(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) order = {0};
	Document document;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &order.fields, reply, "{s:I, s:s, s:s, s:s, s:I}", "after",
	                   &order.after, "order", &document.number, "dated", &document.dated, "digest", &document.digest, "message",
	                   &document.message) ||
	    !check_document(&document, reply))
		return;
	if (!desk_casework_enter(call, &order, DESK_CASEWORK_TEXT_MAY, reply) || !is_allowed(call, &order, reply) ||
	    !check_case(&order, &document, reply))
		return;
	record_add(order.record, "act", "ordered");
	record_add(order.record, "order", document.number);
	record_add(order.record, "dated", document.dated);
	record_add(order.record, "digest", document.digest);
	if (document.message != 0)
		record_add_uint(order.record, "message", (guint64)document.message);
	finish(call, &order, reply);
}

/* --- confirmed, stopped -------------------------------------------------------------------------------------------------- */

static gboolean enter_decision(const DeskCall *call, DeskCasework *order, json_int_t *of, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &order->fields, reply, "{s:I, s:I}", "after", &order->after, "of", of) ||
	    !desk_place_enter_named(call, order->fields.mailbox, &order->place, reply))
		return FALSE;
	order->c = desk_place_case(&order->place, order->fields.seq, reply);
	if (order->c == NULL)
		return FALSE;
	if (order->after < 0)
		return desk_place_fail_form(reply, "A number is negative.");
	if (!may_decide(&order->place, order->c))
		return desk_place_refuse_case(reply, desk_place_word(&order->place));
	if (!ledger_erasure_pending(order->c) || order->c->erasure->order != (guint64)*of)
		return desk_acts_deny(reply, 409, "no-erasure", "No such erasure of this case is ordered.");
	return TRUE;
}

static void decide(const DeskCall *call, DeskCasework *order, const char *act, json_int_t of, DeskReply *reply)
{
	order->record = desk_act_record(call);
	record_add_uint(order->record, "case", order->c->seq);
	record_add_uint(order->record, "after", (guint64)order->after);
	record_add(order->record, "act", act);
	record_add_uint(order->record, "of", (guint64)of);
	finish(call, order, reply);
}

static void serve_confirm(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) order = {0};
	json_int_t of;
	if (!enter_decision(call, &order, &of, reply) || !is_allowed(call, &order, reply))
		return;
	if (strcmp(order.c->erasure->officer, order.place.me->name) == 0)
		desk_place_refuse(reply, "four-eyes-erasure", "You ordered it yourself: a second person confirms it.");
	else if (strcmp(order.c->erasure->word, "ordered") != 0)
		desk_acts_deny(reply, 409, "erasure-confirmed", "This erasure is confirmed already.");
	else if (order.c->held)
		desk_acts_deny(reply, 409, "held", "This case is on hold: release it first.");
	else
		decide(call, &order, "confirmed", of, reply);
}

/* Whatever the configuration says by now. */
static void serve_stop(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) order = {0};
	json_int_t of;
	if (enter_decision(call, &order, &of, reply))
		decide(call, &order, "stopped", of, reply);
}

/* --- /v1/erasures: what waits ------------------------------------------------------------------------------------------- */

static json_t *erasure_json(const DeskPlace *place, const LedgerCase *c)
{
	g_autofree char *name = cases_name(c);
	const LedgerErasure *e = c->erasure;
	json_int_t due = strcmp(e->word, "confirmed") == 0 ? (json_int_t)(e->since + LEDGER_ERASURE_WAIT) : 0;
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:o*, s:b}", "mailbox", place->mailbox, "name", name,
	                 "seq", (json_int_t)c->seq, "last", (json_int_t)ledger_case_last(c), "state", e->word, "entry", (json_int_t)e->order,
	                 "order", e->number, "dated", e->dated, "officer", e->officer, "since", (json_int_t)e->since, "due", due, "message",
	                 e->message != 0 ? json_integer((json_int_t)e->message) : NULL, "held", c->held);
}

static gboolean add_erasures(const DeskPlace *place, json_t *list, GArray *orders, GError **error)
{
	g_autoptr(GArray) cases = ledger_erasures(place->ledger, error);
	for (guint i = 0; cases != NULL && i < cases->len; i++) {
		g_autoptr(LedgerCase) c = ledger_case_by_seq(place->ledger, g_array_index(cases, guint64, i), error);
		if (c == NULL)
			return FALSE;
		if (!ledger_erasure_pending(c) || !may_decide(place, c))
			continue;
		json_array_append_new(list, erasure_json(place, c));
		g_array_append_val(orders, c->erasure->order);
	}
	return cases != NULL;
}

/* With the proof of each order's own entry, whose sealed text says what stays of the row. */
static void serve_erasures(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "known", &known) != 0 || known < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(GArray) orders = g_array_new(FALSE, FALSE, sizeof(guint64));
	json_t *list = json_array(), *answer = desk_json_answer();
	json_object_set_new(answer, "erasures", list);
	if (add_erasures(&place, list, orders, &error) && (orders->len == 0 || desk_place_add_proof(&place, orders, known, answer, &error))) {
		desk_place_done(reply, answer);
		return;
	}
	json_decref(answer);
	desk_place_fail_ledger(reply, error);
}

/* --- /v1/erasure: what of it is still somewhere --------------------------------------------------------------------------- */

/* The archive is written without it by the first run behind the erasure; NULL: there is no archive. */
static json_t *archive_json(const DeskCall *call, const DeskPlace *place, guint64 erased)
{
	const char *directory = call->config->archive_directory;
	if (directory == NULL || *directory == '\0')
		return NULL;
	g_autofree char *home = archive_mailbox_path(directory, place->mailbox), *key = registry_log_key(call->registry, place->index);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, NULL);
	g_autoptr(ArchiveManifest) manifest = verifier != NULL ? archive_manifest_read(home, verifier, NULL) : NULL;
	return json_pack("{s:b, s:I}", "renewed", manifest != NULL && erased != 0 && manifest->size > erased, "made",
	                 (json_int_t)(manifest != NULL ? manifest->made : 0));
}

/* Of a case erased whole that entry; of a report or an answer that went alone, its own. */
static gboolean find_erased(const DeskPlace *place, const LedgerCase *c, guint64 *erased, GError **error)
{
	*erased = c->erased;
	if (*erased == 0 && c->erasure != NULL && strcmp(c->erasure->word, "erased") == 0)
		return ledger_erased(place->ledger, c->erasure->message, erased, error);
	return TRUE;
}

static json_t *state_json(const DeskCall *call, const DeskPlace *place, const LedgerCase *c, GError **error)
{
	guint64 erased;
	LedgerErasedState state = {FALSE, 0};
	if (!find_erased(place, c, &erased, error) || (erased != 0 && !ledger_erased_state(place->ledger, erased, &state, error)))
		return NULL;
	json_t *traces = desk_traces(place, c, call->stopping, error);
	if (traces == NULL)
		return NULL;
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "case", desk_json_case(c, place->mailbox, &(GDate){0}, &(GDate){0}));
	json_object_set_new(answer, "erased", erased != 0 ? json_integer((json_int_t)erased) : json_null());
	json_object_set_new(answer, "removed", json_boolean(state.removed));
	json_object_set_new(answer, "custody", state.custody != 0 ? json_integer((json_int_t)state.custody) : json_null());
	json_t *archive = archive_json(call, place, erased);
	json_object_set_new(answer, "archive", archive != NULL ? archive : json_null());
	json_object_set_new(answer, "traces", traces);
	return answer;
}

/* Facts of the register alone, so no entry: nothing of the report is in it. */
static void serve_state(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t seq;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "seq", &seq) != 0 || seq < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_case(&place, seq, reply);
	if (c == NULL)
		return;
	if (!may_decide(&place, c)) {
		desk_place_refuse_case(reply, desk_place_word(&place));
		return;
	}
	json_t *answer = state_json(call, &place, c, &error);
	if (answer != NULL)
		desk_place_done(reply, answer);
	else
		desk_place_fail_ledger(reply, error);
}

const DeskAct desk_erase_acts[] = {
	{"/v1/erase", TRUE, serve_order},
	{"/v1/erase/confirm", TRUE, serve_confirm},
	{"/v1/erase/stop", TRUE, serve_stop},
	{"/v1/erasure", FALSE, serve_state},
	{"/v1/erasures", FALSE, serve_erasures},
	{0},
};
