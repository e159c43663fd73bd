/* SPDX-License-Identifier: ISC */
/* Targets of the desk about the grounds of looks. */
#include "store/desk-grounds.h"

#include <string.h>

#include "store/desk-json.h"

/* The list in force; NULL with the reply filled where it cannot be read. */
static json_t *read_list(const DeskCall *call, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	json_t *list = call->hooks->grounds(call->config, &error, call->hooks->user);
	if (list == NULL)
		desk_acts_error(reply, 503, "grounds", error->message);
	return list;
}

static const json_t *find(const json_t *list, const char *id)
{
	const json_t *item;
	gsize i;
	json_array_foreach(list, i, item)
		if (g_strcmp0(json_string_value(json_object_get(item, "id")), id) == 0)
			return item;
	return NULL;
}

gboolean desk_grounds_check(const DeskCall *call, const DeskActFields *fields, DeskReply *reply)
{
	if (call->hooks->grounds == NULL)
		return TRUE;
	json_t *list = read_list(call, reply);
	if (list == NULL)
		return FALSE;
	const json_t *item = find(list, fields->ground);
	gboolean needs = item != NULL && json_array_size(json_object_get(item, "needs")) > 0;
	json_decref(list);
	reply->mailbox = registry_find(call->registry, fields->mailbox);
	if (item == NULL)
		return desk_place_refuse(reply, "ground", "This is no ground of the organisation's list.");
	if (needs && fields->ground_text == NULL)
		return desk_place_refuse(reply, "ground", "This ground needs to be written out.");
	return TRUE;
}

static void serve_grounds(const DeskCall *call, DeskReply *reply)
{
	if (json_object_size(call->body) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	json_t *list = call->hooks->grounds != NULL ? read_list(call, reply) : json_array();
	if (list == NULL)
		return;
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "grounds", list);
	desk_place_done(reply, answer);
}

const DeskAct desk_grounds_acts[] = {
	{"/v1/grounds", FALSE, serve_grounds},
	{0},
};
