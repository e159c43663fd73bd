/* SPDX-License-Identifier: ISC */
/* A header that does not open: whoever it is for says so, since nobody else can know, and another reader makes it anew.
 *
 * Who has a header is not given another one: nobody can put another's aside. So its reader puts it aside herself, by an act
 * of hers: an empty one takes its place, one version up, and from then on it is lacking like one that never was. It goes only
 * where somebody else in force can make it anew. Of a case alone: what was typed as a ground has its author. */
#include <string.h>

#include "store/desk-act.h"

/* The case that the entry is of: itself, or the one whose message or work it is (transfer full). */
static LedgerCase *case_of(const DeskPlace *place, guint64 seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	Entry read;
	gsize size = 0;
	guint64 of = seq;
	if (!ledger_entry(place->ledger, seq, &entry, &error))
		return desk_place_fail_ledger(reply, error), NULL;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	gboolean report = entry_decode(entry.entry, &read, NULL) && read.kind == ENTRY_RECEIVED;
	if (record != NULL && !report && !record_get_uint(record, "of", G_MAXINT64, &of, NULL))
		record_get_uint(record, "case", G_MAXINT64, &of, NULL);
	ledger_entry_clear(&entry);
	return desk_place_case(place, (json_int_t)of, reply);
}

/* Somebody else in force has a header of it, and could hand it on. */
static gboolean is_elsewhere(const DeskPlace *place, const LedgerCase *c, guint64 seq, SealPart part)
{
	for (guint i = 0; i < place->people->persons->len; i++) {
		const PeoplePerson *other = place->people->persons->pdata[i];
		if (strcmp(other->name, place->me->name) != 0 && people_signs_in(other, place->now) &&
		    !desk_place_is_kept(c, other->name) && desk_place_holds_any(place, seq, part, other))
			return TRUE;
	}
	return FALSE;
}

static gboolean may_put_aside(const DeskPlace *place, guint64 seq, SealPart part, const char *recipient, DeskReply *reply)
{
	if (place->older_key)
		return desk_place_refuse(reply, "old-key", "Only your newer key can put a header of its own aside.");
	if (!desk_place_holds(place, seq, part, recipient))
		return desk_place_refuse(reply, "no-header", "You have no header of that entry and part.");
	g_autoptr(LedgerCase) c = case_of(place, seq, reply);
	if (c == NULL || is_elsewhere(place, c, seq, part))
		return c != NULL;
	desk_acts_deny(reply, 409, "no-other-header", "Nobody else in force has a header of it, who could make yours anew: this one stays.");
	return FALSE;
}

static void serve_spoiled(const DeskCall *call, DeskReply *reply)
{
	const char *word;
	json_int_t seq;
	SealPart part;
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{s:I, s:s}", "header", &seq, "part",
	                   &word) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	if (seq <= 0 || !desk_place_read_part(word, &part) || part == SEAL_PART_GROUND) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	const char *recipient = part == SEAL_PART_BODY ? place.me->body : place.me->card;
	if (!may_put_aside(&place, (guint64)seq, part, recipient, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", "spoiled");
	record_add(record, "reader", place.me->name);
	record_add_printf(record, "header", "%" JSON_INTEGER_FORMAT " %s", seq, word);
	desk_act_sign_off(record, call, &fields);
	LedgerWrap empty = {.seq = (guint64)seq, .part = part, .state = (guint64)seq, .recipient = recipient, .text = ""};
	if (part != SEAL_PART_TEXT && !ledger_state(place.ledger, empty.seq, part, &empty.state, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	LedgerAct act = {.kind = ENTRY_KEY, .record = record, .wraps = &empty, .n_wraps = 1};
	desk_act_finish(call, &place, &act, &fields, reply);
}

const DeskAct desk_spoiled_acts[] = {
	{"/v1/spoiled", TRUE, serve_spoiled},
	{0},
};
