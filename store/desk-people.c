/* SPDX-License-Identifier: ISC */
/* Targets of the desk about people: who may what, and the entries that change it. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/desk-people.h"

#include "store/desk-act.h"
#include "store/desk-host.h"
#include "store/desk-json.h"
#include "store/enrolment.h"
#include "store/people-idle.h"

#define ORDER_MAX 200

/* --- /v1/people --------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *moment_or_null(gint64 moment)
{
	return moment != 0 ? json_integer((json_int_t)moment) : json_null();
}

/* The keys that she announced, as they are confirmed. */
static json_t *next_json(const PeoplePerson *person)
{
	if (person->next == NULL)
		return json_null();
	g_autoptr(PeoplePerson) newer = people_person_with(person, person->next);
	g_autofree char *fingerprint = people_fingerprint(newer);
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "fingerprint", fingerprint, "body", newer->body, "card", newer->card,
	                 "sign", desk_json_base64(newer->sign, sizeof newer->sign), "expires", moment_or_null(newer->expires));
}

/* To who reads the log, and as long as she has not read that part of it. */
static gint64 exceeded_for(const DeskPlace *place, const PeoplePerson *person)
{
	gboolean news = people_reads_log(place->people, place->me, place->now) && person->exceeded > place->me->log_read;
	return news && strcmp(person->name, place->me->name) != 0 ? person->exceeded : 0;
}

static json_t *person_json(const DeskPlace *place, const PeoplePerson *person, guint days)
{
	gint64 now = place->now;
	g_autofree char *fingerprint = people_fingerprint(person);
	json_t *cover = json_null();
	if (person->cover_to > now)
		cover = json_pack("{s:I, s:I, s:s}", "from", (json_int_t)person->cover_from, "to", (json_int_t)person->cover_to,
		                  "deputy", person->cover_by);
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:i, s:o}",
	                 "mailbox", place->mailbox,
	                 "name", person->name,
	                 "role", person->role,
	                 "state", people_state_word(person->state),
	                 "in_force", people_in_force(person, now),
	                 "fingerprint", fingerprint,
	                 "body", person->body,
	                 "card", text_or_null(person->card),
	                 "sign", person->card != NULL ? desk_json_base64(person->sign, sizeof person->sign) : json_null(),
	                 "expires", moment_or_null(person->expires),
	                 "by", text_or_null(person->by),
	                 "order", text_or_null(person->order),
	                 "added", (json_int_t)person->added,
	                 "since", (json_int_t)person->since,
	                 "used", moment_or_null(person->used),
	                 "why", text_or_null(person->why),
	                 "cover", cover,
	                 "idle_end", moment_or_null(people_idle_end(place->ledger, person, days, now)),
	                 "last", people_is_last(place->people, person, now),
	                 "ordered", moment_or_null(person->ordered),
	                 "blocked", moment_or_null(person->blocked),
	                 "next", next_json(person),
	                 "older", (int)person->older->len,
	                 "exceeded", moment_or_null(exceeded_for(place, person)));
}

static void add_people(const DeskCall *call, const DeskPlace *place, json_t *list)
{
	const ConfigMailbox *mailbox = config_mailbox(call->config, place->mailbox);
	for (guint i = 0; i < place->people->persons->len; i++)
		json_array_append_new(list, person_json(place, place->people->persons->pdata[i],
		                                        mailbox != NULL ? mailbox->idle_block_days : G_MAXINT16));
}

/* mailbox null: those of every mailbox that is hers. */
static void serve_people(const DeskCall *call, DeskReply *reply)
{
	json_t *mailbox = NULL;
	g_autoptr(json_t) list = json_array();
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:o}", "mailbox", &mailbox) != 0 ||
	    (!json_is_string(mailbox) && !json_is_null(mailbox))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	const char *named = json_string_value(mailbox);
	for (guint i = 0; i < registry_count(call->registry); i++) {
		g_auto(DeskPlace) place = {0};
		if (named != NULL ? desk_place_enter_named(call, named, &place, reply) : desk_place_enter(call, i, &place))
			add_people(call, &place, list);
		else if (named != NULL)
			return;
		if (named != NULL)
			break;
	}
	json_t *answer = desk_json_answer();
	json_object_set(answer, "people", list);
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

/* The hash behind the six words, as the register and this store have it (store/enrolment.h). */
static void hash_of(const DeskCall *call, const PeoplePerson *person, char hex[2 * ENROLMENT_HASH + 1])
{
	guint8 hash[ENROLMENT_HASH];
	char store[33];
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (guint i = 0; i < registry_count(call->registry); i++) {
		g_autofree char *key = registry_log_key(call->registry, i);
		g_strv_builder_add(builder, key);
	}
	g_auto(GStrv) logs = g_strv_builder_end(builder);
	sodium_bin2hex(store, sizeof store, registry_store_id(call->registry), 16);
	enrolment_hash(store, (const char *const *)logs, person->body, person->card, person->sign, hash);
	sodium_bin2hex(hex, 2 * ENROLMENT_HASH + 1, hash, sizeof hash);
}

/* Is there somebody in force besides the two, who can confirm instead of the one who entered her? */
static gboolean has_other(const DeskPlace *place, const PeoplePerson *person)
{
	for (guint i = 0; i < place->people->persons->len; i++) {
		const PeoplePerson *other = place->people->persons->pdata[i];
		if (strcmp(other->name, place->me->name) != 0 && other != person && people_signs_in(other, place->now))
			return TRUE;
	}
	return FALSE;
}

/* Two pairs of eyes, where there are two. */
static gboolean may_confirm(const DeskCall *call, const PeopleAct *act, const char *words, DeskReply *reply)
{
	char hex[2 * ENROLMENT_HASH + 1];
	const PeoplePerson *person = people_find(act->place.people, act->name);
	if (person == NULL || person->card == NULL)
		return desk_acts_deny(reply, 409, "nobody-waits", "There is nobody of that name in the register who could be confirmed."), FALSE;
	gboolean newer = person->state == PEOPLE_ACTIVE && person->next != NULL;
	g_autoptr(PeoplePerson) waiting = newer ? people_person_with(person, person->next) : people_person_copy(person);
	hash_of(call, waiting, hex);
	if (strcmp(words, hex) != 0)
		return desk_place_refuse(reply, "words", "These are not the words of that person's key and of this store.");
	/* A newer key its owner announced: that she does not confirm it herself is seen to where it is folded. */
	return newer || g_strcmp0(person->by, act->place.me->name) != 0 || !has_other(&act->place, person) ||
	       desk_place_refuse(reply, "four-eyes", "You entered her yourself: another officer or the supervisor confirms her.");
}

static void serve_confirm(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	const char *words;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:s}", "name", &act.name,
	                   "words", &words) ||
	    !begin(call, &act, reply) || !may_confirm(call, &act, words, reply))
		return;
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
		desk_acts_deny(reply, 400, "order-later", "The order was signed at no moment before now.");
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
		desk_acts_deny(reply, 400, "leave", "A leave ends before it begins.");
		return;
	}
	begin_record(call, &act, "cover");
	record_add_uint(act.record, "from", (guint64)from);
	record_add_uint(act.record, "to", (guint64)to);
	record_add(act.record, "deputy", deputy);
	finish(call, &act, ENTRY_KEY, reply);
}

/* Her newer keys, signed with the ones that are in force. */
static void serve_rotate(const DeskCall *call, DeskReply *reply)
{
	g_auto(PeopleAct) act = {0};
	const char *body, *card, *sign;
	json_int_t expires;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &act.fields, reply, "{s:s, s:s, s:s, s:I}", "body_key",
	                   &body, "card_key", &card, "sign_key", &sign, "expires", &expires))
		return;
	act.name = call->request->officer;
	if (!begin(call, &act, reply))
		return;
	if (act.place.older_key) {
		desk_place_refuse(reply, "old-key", "A newer key than this one is in force already: sign in with that.");
		return;
	}
	begin_record(call, &act, "rotate");
	record_add(act.record, "body-key", body);
	record_add(act.record, "card-key", card);
	record_add(act.record, "sign-key", sign);
	record_add_printf(act.record, "expires", "%" JSON_INTEGER_FORMAT, expires);
	finish(call, &act, ENTRY_KEY, reply);
}

/* --- without a key: root of the host ------------------------------------------------------------ */

/* An organisation whose last officer was dismissed this morning has nobody with a key. */
void desk_people_block_as_host(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	const char *mailbox, *name, *order;
	json_int_t ordered;
	gint64 now = registry_now(registry);
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:I}", "mailbox", &mailbox, "name", &name, "order", &order,
	                   "signed", &ordered) != 0 ||
	    !desk_act_is_text(name, 32) || !desk_act_is_text(order, ORDER_MAX) || ordered < 0 || ordered > now) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	int index = registry_find(registry, mailbox);
	if (index < 0) {
		desk_acts_deny(reply, 404, "no-mailbox", "There is no such mailbox here.");
		return;
	}
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)now);
	record_add(record, "officer", "-");
	record_add(record, "name", name);
	record_add(record, "why", "order");
	record_add(record, "order", order);
	record_add_uint(record, "signed", (guint64)ordered);
	record_add(record, "host", uid == 0 ? "root" : "registrar");
	LedgerAct act = {.kind = ENTRY_BLOCKED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(registry_ledger(registry, (guint)index), &act, &entry, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "seq", json_integer((json_int_t)entry.seq));
	ledger_entry_clear(&entry);
	desk_place_done(reply, answer);
}

const DeskAct desk_people_acts[] = {
	{"/v1/people", FALSE, serve_people},
	{"/v1/people/add", TRUE, serve_add},
	{"/v1/people/block", TRUE, serve_block},
	{"/v1/people/confirm", TRUE, serve_confirm},
	{"/v1/people/cover", TRUE, serve_cover},
	{"/v1/people/rotate", TRUE, serve_rotate},
	{"/v1/people/unblock", TRUE, serve_unblock},
	{0},
};
