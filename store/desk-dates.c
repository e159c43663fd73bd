/* SPDX-License-Identifier: ISC */
/* Targets of the desk that explain dates. They say nothing of a report that the list of cases does not. */
#include "base/day.h"
#include "store/desk-json.h"
#include "store/desk-place.h"

static void serve_why(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *text = NULL;
	json_int_t at;
	GDate until;
	g_auto(DeskPlace) place = {0};
	g_date_clear(&until, 1);
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s?s}", "mailbox", &mailbox, "at", &at, "until", &text) != 0 ||
	    at < 0 || (text != NULL && !day_read(text, &until))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	const ConfigMailbox *configured = config_mailbox(call->config, place.mailbox);
	if (configured == NULL || call->hooks->explain == NULL) {
		desk_acts_deny(reply, 404, "no-mailbox", "No dates are known for this mailbox.");
		return;
	}
	json_t *answer = call->hooks->explain(call->config, configured, at, &until, call->hooks->user);
	json_object_set_new(answer, "schema", json_integer(DESK_JSON_SCHEMA));
	desk_place_done(reply, answer);
}

const DeskAct desk_dates_acts[] = {
	{"/v1/why", FALSE, serve_why},
	{NULL, FALSE, NULL},
};
