/* SPDX-License-Identifier: ISC */
#include "store/desk-handout.h"

#include <string.h>

#include "base/day.h"
#include "store/addressee.h"
#include "store/desk-letters.h"
#include "store/outbox.h"

#define NUMBER_MAX 64

void desk_handout_clear(DeskHandout *handout)
{
	g_clear_pointer(&handout->entity, g_bytes_unref);
	g_clear_pointer(&handout->outbox, record_free);
}

static gboolean is_hex(const char *text, gsize size)
{
	return strlen(text) == size && strspn(text, "0123456789abcdef") == size;
}

gboolean desk_handout_begins(const DeskHandout *handout)
{
	return strcmp(handout->act, "made") == 0 || strcmp(handout->act, "queued") == 0;
}

static gboolean is_one_of(const char *word, const char *words)
{
	g_autofree char *one = g_strdup_printf(" %s ", word);
	return strchr(word, ' ') == NULL && strstr(words, one) != NULL;
}

static gboolean check_form(const DeskHandout *handout, const char *ends, DeskReply *reply)
{
	gboolean begins = desk_handout_begins(handout), numbered = strcmp(handout->act, "numbered") == 0;
	GDate day;
	if (!begins && !numbered && !is_one_of(handout->act, ends))
		return desk_place_fail_form(reply, "act is made, queued, numbered or another word of its own.");
	if (begins ? !is_hex(handout->kit, 64) : strcmp(handout->kit, "-") != 0)
		return desk_place_fail_form(reply, "kit is the SHA-256 of what is handed over, in hex; else '-'.");
	if (numbered ? !desk_act_is_text(handout->number, NUMBER_MAX) || !day_read(handout->date, &day)
	             : strcmp(handout->number, "-") != 0 || strcmp(handout->date, "-") != 0)
		return desk_place_fail_form(reply, "number and date are those of the outgoing letter; else '-'.");
	if ((strcmp(handout->act, "queued") == 0) != (handout->letter[0] != '\0') || begins != (handout->of == 0) || handout->of < 0 ||
	    (!begins && strcmp(handout->by, "-") != 0))
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	return TRUE;
}

const ConfigAddressee *desk_handout_addressee(const DeskCall *call, const char *name, gboolean law, DeskReply *reply)
{
	const ConfigAddressee *to = config_addressee(call->config, name);
	if (to != NULL && (to->kind == CONFIG_LAW_ENFORCEMENT) == law && addressee_is_valid(to, call->config, registry_now(call->registry)))
		return to;
	desk_acts_deny(reply, 404, "no-addressee", "There is no such addressee in the configuration now.");
	return NULL;
}

/* The registrar decides to whom and in what form: the configuration's words, never the request's. */
static gboolean check_way(const DeskHandout *handout, DeskReply *reply)
{
	const ConfigAddressee *to = handout->addressee;
	gboolean mail = to->by == CONFIG_BY_MAIL && outbox_address_is_safe(to->mail);
	gboolean good = strcmp(handout->act, "made") == 0      ? strcmp(handout->by, "paper") == 0
	                : strcmp(handout->by, "age") == 0     ? mail && *to->recipient != '\0'
	                : strcmp(handout->by, "openpgp") == 0 ? mail && *to->fingerprint != '\0'
	                                                      : strcmp(handout->by, "clear") == 0 && mail && to->allow_cleartext;
	return good || desk_acts_deny(reply, 400, "not-so", "The configuration does not let this addressee be reached so.");
}

gboolean desk_handout_check(const DeskCall *call, DeskHandout *handout, gboolean law, const char *ends, DeskReply *reply)
{
	if (!check_form(handout, ends, reply))
		return FALSE;
	if (!desk_handout_begins(handout))
		return TRUE;
	handout->addressee = desk_handout_addressee(call, handout->to, law, reply);
	return handout->addressee != NULL && check_way(handout, reply) &&
	       (handout->letter[0] == '\0' || (handout->entity = desk_letters_entity(handout->letter, reply)) != NULL);
}

gboolean desk_handout_follows(const DeskHandout *handout, const char *state, guint64 entry, const char *to, DeskReply *reply)
{
	if (desk_handout_begins(handout) || (state != NULL && entry == (guint64)handout->of && strcmp(to, handout->to) == 0))
		return TRUE;
	desk_acts_deny(reply, 409, "not-last", "That is not what this case was last handed over by.");
	return FALSE;
}

void desk_handout_record(const DeskHandout *handout, Record *record)
{
	record_add(record, "act", handout->act);
	record_add(record, "to", handout->to);
	record_add(record, "by", handout->by);
	record_add(record, "kit", handout->kit);
	record_add(record, "number", handout->number);
	record_add(record, "date", handout->date);
	record_add_uint(record, "of", (guint64)handout->of);
}

void desk_handout_queue(const DeskCall *call, DeskHandout *handout, const char *purpose, LedgerAct *act)
{
	if (handout->entity == NULL)
		return;
	handout->outbox = desk_letters_record(handout->addressee->mail, "-", "-");
	record_add(handout->outbox, "purpose", purpose);
	act->letter = handout->outbox;
	act->letter_due = registry_now(call->registry);
	act->composed = handout->entity;
}
