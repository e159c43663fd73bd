/* SPDX-License-Identifier: ISC */
/* Targets of the desk that explain dates. They say nothing of a report that the list of cases does not. */
#include "store/desk-json.h"
#include "store/desk-place.h"

static void serve_why(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t at;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "at", &at) != 0 || at < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	const ConfigMailbox *configured = config_mailbox(call->config, place.mailbox);
	if (configured == NULL || call->hooks->explain == NULL) {
		desk_acts_error(reply, 404, "not-found", "No dates are known for this mailbox.");
		return;
	}
	json_t *answer = call->hooks->explain(call->config, configured, at, call->hooks->user);
	json_object_set_new(answer, "schema", json_integer(DESK_JSON_SCHEMA));
	desk_place_done(reply, answer);
}

const DeskAct desk_dates_acts[] = {
	{"/v1/why", FALSE, serve_why},
	{NULL, FALSE, NULL},
};
