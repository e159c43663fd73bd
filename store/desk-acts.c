/* SPDX-License-Identifier: ISC */
#include "store/desk-acts.h"

#include <microhttpd.h>
#include <string.h>
#include <unistd.h>

#include "store/desk-json.h"

/* --- replies ----------------------------------------------------------------------- */

void desk_acts_reply_clear(DeskReply *reply)
{
	json_decref(reply->json);
	reply->json = NULL;
	g_clear_pointer(&reply->octets, g_bytes_unref);
	if (reply->fd >= 0)
		close(reply->fd);
	reply->fd = -1;
	if (reply->stream != NULL)
		MHD_destroy_response(reply->stream);
	reply->stream = NULL;
}

void desk_acts_error(DeskReply *reply, guint status, const char *word, const char *message)
{
	desk_acts_reply_clear(reply);
	g_autofree char *valid = g_utf8_make_valid(message, -1);
	reply->status = status;
	reply->json = json_pack("{s:i, s:s, s:s}", "schema", DESK_JSON_SCHEMA, "error", word, "message", valid);
}

void desk_acts_refuse(DeskReply *reply, guint status, const char *why, const char *message)
{
	desk_acts_error(reply, status, status == 401 ? "session" : "refused", message);
	json_object_set_new(reply->json, "why", json_string(why));
	reply->why = why;
}

gboolean desk_acts_deny(DeskReply *reply, guint status, const char *why, const char *message)
{
	desk_acts_error(reply, status, status == 400 ? "form" : status == 404 ? "not-found" : "state", message);
	json_object_set_new(reply->json, "why", json_string(why));
	return FALSE;
}

/* --- targets ----------------------------------------------------------------------- */

static const DeskAct *const topics[] = {
	desk_agreement_acts,
	desk_add_acts,
	desk_casework_acts,
	desk_copies_acts,
	desk_grants_acts,
	desk_dates_acts,
	desk_grounds_acts,
	desk_erase_acts,
	desk_inspection_acts,
	desk_handover_acts,
	desk_incident_acts,
	desk_letters_acts,
	desk_look_acts,
	desk_limit_acts,
	desk_log_acts,
	desk_forward_acts,
	desk_redirect_acts,
	desk_messages_acts,
	desk_people_acts,
	desk_register_acts, desk_reply_acts, desk_report_acts, desk_rows_acts,
	desk_reseal_acts,
	desk_rewrap_acts,
	desk_search_acts,
	desk_personal_acts,
	desk_spoiled_acts,
	desk_work_acts,
};

const DeskAct *desk_acts_find(const char *target)
{
	for (gsize i = 0; i < G_N_ELEMENTS(topics); i++)
		for (const DeskAct *act = topics[i]; act->target != NULL; act++)
			if (strcmp(act->target, target) == 0)
				return act;
	return NULL;
}
