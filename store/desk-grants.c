/* SPDX-License-Identifier: ISC */
/* Targets of the desk that say who reads a case: withhold it from one, grant it to another. */
#include <string.h>

#include "store/desk-act.h"

/* Between the look whether a reader is left and the entry nobody else may take the other one away. */
static GMutex one_at_a_time;

/* A reader who signs in, of that name; NULL with the reply filled where there is none. */
static const PeoplePerson *find_reader(const DeskPlace *place, const char *name, DeskReply *reply)
{
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (strcmp(reader->name, name) == 0 && reader->card != NULL)
			return reader;
	}
	desk_acts_error(reply, 404, "no-reader", "There is no reader of that name in this mailbox.");
	return NULL;
}

static gboolean has_header(const DeskPlace *place, const LedgerCase *c, const PeoplePerson *reader)
{
	return desk_place_holds_any(place, c->seq, SEAL_PART_BODY, reader) &&
	       desk_place_holds_any(place, c->seq, SEAL_PART_CARD, reader);
}

/* Does anybody else read the case once it is kept from `name`? The escalation counts: it reads what no officer may. */
static gboolean leaves_a_reader(const DeskPlace *place, const LedgerCase *c, const char *name)
{
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (reader->card != NULL && strcmp(reader->name, name) != 0 && !desk_place_is_barred(c, reader->name) &&
		    has_header(place, c, reader))
			return TRUE;
	}
	return FALSE;
}

/* The entry, with the other's name behind the case. */
static void enter(const DeskCall *call, const DeskPlace *place, const LedgerCase *c, const DeskActFields *fields,
                  EntryKind kind, const char *key, const char *name, DeskReply *reply)
{
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add(record, key, name);
	desk_act_sign_off(record, call, fields);
	LedgerAct act = {.kind = kind, .record = record, .case_seq = c->seq};
	desk_act_finish(call, place, &act, fields, reply);
}

static void withhold(const DeskCall *call, const DeskActFields *fields, const char *from, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields->mailbox, fields->seq, &place, reply);
	if (c == NULL || find_reader(&place, from, reply) == NULL)
		return;
	if (desk_place_is_barred(c, from))
		desk_acts_deny(reply, 409, "withheld-already", "This case is kept from that officer already.");
	else if (!leaves_a_reader(&place, c, from))
		desk_place_refuse(reply, "last-reader", "Nobody would be left who reads this case: grant it to another first.");
	else
		enter(call, &place, c, fields, ENTRY_WITHHELD_FROM, "from", from, reply);
}

static void serve_withhold(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	const char *from;
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{s:s}", "from", &from))
		return;
	g_mutex_lock(&one_at_a_time);
	withhold(call, &fields, from, reply);
	g_mutex_unlock(&one_at_a_time);
}

static void grant(const DeskCall *call, const DeskActFields *fields, const char *to, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	if (!desk_place_enter_named(call, fields->mailbox, &place, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_case(&place, fields->seq, reply);
	if (c == NULL)
		return;
	const char *why = desk_place_why_not(&place, c);
	if (why != NULL && !desk_place_waits(&place, c)) {
		desk_place_refuse_case(reply, why);
		return;
	}
	const PeoplePerson *reader = find_reader(&place, to, reply);
	if (reader == NULL)
		return;
	if (strcmp(reader->name, place.me->name) == 0) {
		desk_place_refuse(reply, "own", "Nobody grants a case to herself: another reader does it.");
		return;
	}
	gboolean sealed = has_header(&place, c, reader);
	if (c->granted != NULL && g_strv_contains((const char *const *)c->granted, to) && sealed) {
		desk_acts_deny(reply, 409, "granted-already", "This case was granted to her already.");
		return;
	}
	enter(call, &place, c, fields, ENTRY_GRANTED, "to", to, reply);
	if (reply->status == 200)
		json_object_set_new(reply->json, "sealed", json_boolean(sealed));
}

static void serve_grant(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	const char *to;
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{s:s}", "to", &to))
		return;
	g_mutex_lock(&one_at_a_time);
	grant(call, &fields, to, reply);
	g_mutex_unlock(&one_at_a_time);
}

const DeskAct desk_grants_acts[] = {
	{"/v1/grant", TRUE, serve_grant},
	{"/v1/withhold", TRUE, serve_withhold},
	{0},
};
