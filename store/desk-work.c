/* SPDX-License-Identifier: ISC */
/* Targets of the desk that carry a case's work on. */
#include "store/desk-act.h"

static void serve_accept(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{}"))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
	if (c == NULL)
		return;
	if (!c->aside) {
		desk_acts_deny(reply, 409, "accepted", "This case is of the reports' series already.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_ACCEPTED, .record = record, .case_seq = c->seq, .state = "new", .accept = TRUE};
	desk_act_finish(call, &place, &act, &fields, reply);
	if (reply->status == 200) {
		g_autofree char *number = desk_act_committed(reply, "number");
		json_object_set_new(reply->json, "number", number != NULL ? json_string(number) : json_null());
	}
}

const DeskAct desk_work_acts[] = {
	{"/v1/accept", TRUE, serve_accept},
	{0},
};
