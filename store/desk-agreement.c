/* SPDX-License-Identifier: ISC */
/* Targets of the desk about the agreement on use: read it, accept it. */
#include "store/desk-agreement.h"

#include <string.h>

#include "store/agreement-text.h"
#include "store/desk-act.h"
#include "store/desk-json.h"

/* The mailboxes that are hers and whose register does not say yet that she accepted this text. */
static json_t *list_open(const DeskCall *call, const char *digest)
{
	json_t *open = json_array();
	for (guint i = 0; i < registry_count(call->registry); i++) {
		g_auto(DeskPlace) place = {0};
		if (desk_place_enter(call, i, &place) && g_strcmp0(place.me->agreed, digest) != 0)
			json_array_append_new(open, json_string(place.mailbox));
	}
	return open;
}

static gboolean fail_text(const GError *error, DeskReply *reply)
{
	desk_acts_error(reply, 503, "agreement-file", error->message);
	return FALSE;
}

gboolean desk_agreement_lets(const DeskCall *call, const DeskAct *act, DeskReply *reply)
{
	char digest[65];
	g_autoptr(GError) error = NULL;
	for (const DeskAct *own = desk_agreement_acts; own->target != NULL; own++)
		if (own == act)
			return TRUE;
	g_autofree char *text = agreement_text_read(call->config, digest, &error);
	if (error != NULL)
		return fail_text(error, reply);
	json_t *open = text != NULL ? list_open(call, digest) : NULL;
	gboolean free_to_go = json_array_size(open) == 0;
	json_decref(open);
	return free_to_go || desk_place_refuse(reply, "agreement", "The agreement on use has not been accepted yet.");
}

static void serve_agreement(const DeskCall *call, DeskReply *reply)
{
	char digest[65];
	g_autoptr(GError) error = NULL;
	if (json_object_size(call->body) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	g_autofree char *text = agreement_text_read(call->config, digest, &error);
	if (error != NULL) {
		fail_text(error, reply);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "text", text != NULL ? json_string(text) : json_null());
	json_object_set_new(answer, "digest", text != NULL ? json_string(digest) : json_null());
	json_object_set_new(answer, "open", text != NULL ? list_open(call, digest) : json_array());
	desk_place_done(reply, answer);
}

static void serve_agree(const DeskCall *call, DeskReply *reply)
{
	char digest[65];
	const char *accepted;
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{s:s}", "digest", &accepted) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autofree char *text = agreement_text_read(call->config, digest, &error);
	if (error != NULL) {
		fail_text(error, reply);
		return;
	}
	if (text == NULL || strcmp(accepted, digest) != 0) {
		desk_acts_deny(reply, 409, "agreement-text", "The text that is in force is another one: read it first.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "digest", digest);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_AGREED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

const DeskAct desk_agreement_acts[] = {
	{"/v1/agree", TRUE, serve_agree},
	{"/v1/agreement", FALSE, serve_agreement},
	{0},
};
