/* SPDX-License-Identifier: ISC */
#include "store/desk-reconcile.h"

#include "base/queue-id.h"
#include "store/desk-host.h"
#include "store/desk-json.h"
#include "store/desk-place.h"

static Ledger *host_ledger(Registry *registry, const char *mailbox, DeskReply *reply)
{
	int index = registry_find(registry, mailbox);
	if (index < 0)
		desk_acts_deny(reply, 404, "no-mailbox", "There is no such mailbox here.");
	return index < 0 ? NULL : registry_ledger(registry, (guint)index);
}

/* NULL: of another form. */
static GArray *read_ids(const json_t *list)
{
	const json_t *item;
	gsize i;
	g_autoptr(GArray) ids = g_array_new(FALSE, TRUE, sizeof(LedgerQueued));
	if (!json_is_array(list) || json_array_size(list) > DESK_QUEUE_MOST)
		return NULL;
	json_array_foreach(list, i, item) {
		LedgerQueued queued = {0};
		json_int_t time;
		if (json_unpack_ex((json_t *)item, NULL, JSON_STRICT, "{s:s, s:I}", "id", &queued.id, "time", &time) != 0 ||
		    !queue_id_is_one(queued.id) || time < 0 || time > G_MAXINT64 / 2)
			return NULL;
		queued.time = (gint64)time;
		g_array_append_val(ids, queued);
	}
	return g_steal_pointer(&ids);
}

void desk_queue_as_host(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	const char *mailbox;
	json_t *list, *known = NULL;
	g_autoptr(GArray) ids = NULL;
	g_autoptr(GError) error = NULL;
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:o}", "mailbox", &mailbox, "ids", &list) != 0 || (ids = read_ids(list)) == NULL) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	Ledger *ledger = host_ledger(registry, mailbox, reply);
	if (ledger == NULL)
		return;
	if (!ledger_queue_look(ledger, (LedgerQueued *)(void *)ids->data, ids->len, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	known = json_array();
	for (guint i = 0; i < ids->len; i++) {
		const LedgerQueued *queued = &g_array_index(ids, LedgerQueued, i);
		json_array_append_new(known, json_string(queued->known ? "yes" : queued->early ? "early" : "no"));
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "known", known);
	desk_place_done(reply, answer);
}

void desk_reconciled_as_host(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	static const char *const keys[] = {"from", "to", "taken", "known", "missing", "past", "early"};
	const char *mailbox;
	json_int_t values[G_N_ELEMENTS(keys)];
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_host_may(uid, reply))
		return;
	gboolean good = json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "mailbox", &mailbox, keys[0],
	                               &values[0], keys[1], &values[1], keys[2], &values[2], keys[3], &values[3], keys[4], &values[4],
	                               keys[5], &values[5], keys[6], &values[6]) == 0;
	for (gsize i = 0; good && i < G_N_ELEMENTS(keys); i++)
		good = values[i] >= 0 && values[i] <= G_MAXINT64 / 2;
	if (!good || values[1] < values[0] || values[2] != values[3] + values[4] + values[5] + values[6]) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	Ledger *ledger = host_ledger(registry, mailbox, reply);
	if (ledger == NULL)
		return;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)registry_now(registry));
	record_add(record, "host", uid == 0 ? "root" : "registrar");
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		record_add_uint(record, keys[i], (guint64)values[i]);
	const LedgerAct act = {.kind = ENTRY_RECONCILED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(ledger, &act, &entry, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	ledger_entry_clear(&entry);
	desk_place_done(reply, desk_json_answer());
}
