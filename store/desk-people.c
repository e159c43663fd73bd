/* SPDX-License-Identifier: ISC */
/* Targets of the desk about people: who may what, and the entries that change it. */
#include <string.h>

#include "store/desk-act.h"
#include "store/desk-json.h"

#define ORDER_MAX 200
#define WORDS_MAX 400

/* --- /v1/people --------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *moment_or_null(gint64 moment)
{
	return moment != 0 ? json_integer((json_int_t)moment) : json_null();
}

static json_t *person_json(const PeoplePerson *person, gint64 now)
{
	g_autofree char *fingerprint = people_fingerprint(person);
	json_t *cover = json_null();
	if (person->cover_to > now)
		cover = json_pack("{s:I, s:I, s:s}", "from", (json_int_t)person->cover_from, "to", (json_int_t)person->cover_to,
		                  "deputy", person->cover_by);
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}",
	                 "name", person->name,
	                 "role", person->role,
	                 "state", people_state_word(person->state),
	                 "in_force", people_in_force(person, now),
	                 "fingerprint", fingerprint,
	                 "body", person->body,
	                 "card", text_or_null(person->card),
	                 "sign", person->card != NULL ? desk_json_base64(person->sign, sizeof person->sign) : json_null(),
	                 "expires", moment_or_null(person->expires),
	                 "order", text_or_null(person->order),
	                 "since", (json_int_t)person->since,
	                 "used", moment_or_null(person->used),
	                 "why", text_or_null(person->why),
	                 "cover", cover);
}

static void serve_people(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "mailbox", &mailbox) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	json_t *list = json_array(), *answer = desk_json_answer();
	for (guint i = 0; i < place.people->persons->len; i++)
		json_array_append_new(list, person_json(place.people->persons->pdata[i], registry_now(call->registry)));
	json_object_set_new(answer, "people", list);
	desk_place_done(reply, answer);
}

/* --- acts --------------------------------------------------------------------------------------- */

/* One act on a person while it is served. */
typedef struct {
	DeskActFields fields;
	DeskPlace place;
	const char *name, *order;
	Record *record;
} PeopleAct;

static void people_act_clear(PeopleAct *act)
{
	desk_act_clear(&act->fields);
	desk_place_clear(&act->place);
	record_free(act->record);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PeopleAct, people_act_clear)

/* Everybody who signs in may do these; what does not go with what is (an unknown name, somebody who is blocked already, a
 * key that another has) is refused by the register's writer, which folds it (store/people.h). */
static gboolean begin(const DeskCall *call, PeopleAct *act, DeskReply *reply)
{
	if (!desk_act_is_text(act->name, 32) || (act->order != NULL && !desk_act_is_text(act->order, ORDER_MAX)))
		return desk_place_fail_form(reply, "A name or an order is empty, too long, or holds control characters.");
	return desk_place_enter_named(call, act->fields.mailbox, &act->place, reply);
}

static void begin_record(const DeskCall *call, PeopleAct *act, const char *word)
{
	act->record = desk_act_record(call);
	if (word != NULL)
		record_add(act->record, "act", word);
	record_add(act->record, "name", act->name);
}

static void finish(const DeskCall *call, PeopleAct *act, EntryKind kind, DeskReply *reply)
{
	desk_act_sign_off(act->record, call, &act->fields);
	LedgerAct entry = {.kind = kind, .record = act->record};
	desk_act_finish(call, &act->place, &entry, &act->fields, reply);
}

static void serve_add(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	const char *role, *body, *card, *sign;
	json_int_t expires;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply,
	                   "{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "name", &act.name, "role", &role, "body_key", &body, "card_key",
	                   &card, "sign_key", &sign, "expires", &expires, "order", &act.order) ||
	    !begin(call, &act, reply))
		return;
	begin_record(call, &act, "add");
	record_add(act.record, "role", role);
	record_add(act.record, "body-key", body);
	record_add(act.record, "card-key", card);
	record_add(act.record, "sign-key", sign);
	record_add_printf(act.record, "expires", "%" JSON_INTEGER_FORMAT, expires);
	record_add(act.record, "order", act.order);
	finish(call, &act, ENTRY_KEY, reply);
}

static void serve_confirm(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	const char *words;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:s}", "name", &act.name,
	                   "words", &words) ||
	    !begin(call, &act, reply))
		return;
	if (!desk_act_is_text(words, WORDS_MAX)) {
		desk_place_fail_form(reply, "The words are empty, too long, or hold control characters.");
		return;
	}
	begin_record(call, &act, "confirm");
	record_add(act.record, "words", words);
	finish(call, &act, ENTRY_KEY, reply);
}

static void serve_block(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	json_int_t ordered;
	gint64 now = registry_now(call->registry);
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:s, s:I}", "name",
	                   &act.name, "order", &act.order, "signed", &ordered) ||
	    !begin(call, &act, reply))
		return;
	if (ordered < 0 || ordered > now) {
		desk_place_fail_form(reply, "The order was signed at no moment before now.");
		return;
	}
	begin_record(call, &act, NULL);
	record_add(act.record, "why", "order");
	record_add(act.record, "order", act.order);
	record_add_uint(act.record, "signed", (guint64)ordered);
	finish(call, &act, ENTRY_BLOCKED, reply);
}

static void serve_unblock(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:s}", "name", &act.name,
	                   "order", &act.order) ||
	    !begin(call, &act, reply))
		return;
	begin_record(call, &act, "unblock");
	record_add(act.record, "order", act.order);
	finish(call, &act, ENTRY_KEY, reply);
}

static void serve_cover(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	const char *deputy;
	json_int_t from, to;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:I, s:I, s:s}", "name",
	                   &act.name, "from", &from, "to", &to, "deputy", &deputy) ||
	    !begin(call, &act, reply))
		return;
	if (from < 0 || to < 0) {
		desk_place_fail_form(reply, "A leave ends before it begins.");
		return;
	}
	begin_record(call, &act, "cover");
	record_add_uint(act.record, "from", (guint64)from);
	record_add_uint(act.record, "to", (guint64)to);
	record_add(act.record, "deputy", deputy);
	finish(call, &act, ENTRY_KEY, reply);
}

const DeskAct desk_people_acts[] = {
	{"/v1/people", FALSE, serve_people},
	{"/v1/people/add", TRUE, serve_add},
	{"/v1/people/block", TRUE, serve_block},
	{"/v1/people/confirm", TRUE, serve_confirm},
	{"/v1/people/cover", TRUE, serve_cover},
	{"/v1/people/unblock", TRUE, serve_unblock},
	{0},
};
