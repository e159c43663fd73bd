/* SPDX-License-Identifier: ISC */
/* The desk's target for the messages of a case after the first: answers to our letters, bounces of them. Facts only. */
#include "store/desk-messages.h"

#include <string.h>

#include "store/desk-json.h"

#define MESSAGES_MAX 500

/* Of a message of which nobody could say whom it names an officer hears nothing yet, unless the case was granted to her. */
gboolean desk_messages_is_held(const DeskPlace *place, const LedgerCase *c, const LedgerMessage *message)
{
	gboolean granted = c->granted != NULL && g_strv_contains((const char *const *)c->granted, place->me->name);
	return g_strcmp0(record_get(message->facts, "held"), "yes") == 0 && place->officer && !granted &&
	       place->now < message->received + DESK_PLACE_HELD;
}

LedgerMessage *desk_messages_enter(const DeskPlace *place, const LedgerCase *c, json_int_t seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerMessage) message = seq > 0 ? ledger_message(place->ledger, (guint64)seq, &error) : NULL;
	if (message == NULL && error != NULL && !g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
		desk_place_fail_ledger(reply, error);
		return NULL;
	}
	if (message == NULL || message->of != c->seq) {
		desk_acts_deny(reply, 404, "no-message", "This case has no such message.");
		return NULL;
	}
	if (desk_messages_is_held(place, c, message)) {
		desk_place_refuse_case(reply, desk_place_word(place));
		return NULL;
	}
	return g_steal_pointer(&message);
}

/* n: its place in the case, the report being 1. */
static json_t *message_json(const DeskPlace *place, const LedgerCase *c, const LedgerMessage *message, guint n)
{
	if (desk_messages_is_held(place, c, message))
		return json_pack("{s:i, s:b}", "number", (int)n, "elsewhere", 1);
	return json_pack("{s:i, s:b, s:I, s:o, s:I, s:o, s:s, s:b, s:b, s:o*, s:I, s:I}", "number", (int)n, "elsewhere", 0,
	                 "seq", (json_int_t)message->seq,
	                 "case_id", desk_json_hex(message->case_id, sizeof message->case_id),
	                 "received", (json_int_t)message->received,
	                 "facts", desk_json_facts(message->facts),
	                 "answers", message->answers,
	                 "flood", message->flood,
	                 "unread", message->seq > c->seen && message->erased == 0,
	                 "erased", message->erased != 0 ? json_integer((json_int_t)message->erased) : NULL,
	                 "size", (json_int_t)message->size,
	                 "card_size", (json_int_t)message->card_size);
}

static void serve_messages(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t seq;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "seq", &seq) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, mailbox, seq, &place, reply);
	if (c == NULL)
		return;
	g_autoptr(GPtrArray) messages = ledger_messages(place.ledger, c, MESSAGES_MAX, &error);
	if (messages == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *list = json_array(), *answer = desk_json_answer();
	guint first = c->followups - messages->len + 2;
	for (guint i = 0; i < messages->len; i++)
		json_array_append_new(list, message_json(&place, c, messages->pdata[i], first + i));
	json_object_set_new(answer, "messages", list);
	json_object_set_new(answer, "earlier", json_integer((json_int_t)(c->followups - messages->len)));
	desk_place_done(reply, answer);
}

const DeskAct desk_messages_acts[] = {
	{"/v1/messages", FALSE, serve_messages},
	{0},
};
