/* SPDX-License-Identifier: ISC */
#include "store/desk-host.h"

#include <unistd.h>

#include "store/custody.h"
#include "store/desk-json.h"
#include "store/desk-place.h"
#include "store/people-idle.h"

gboolean desk_host_may(guint uid, DeskReply *reply)
{
	if (uid == 0 || uid == geteuid())
		return TRUE;
	desk_acts_refuse(reply, 403, "not-host", "Only root of this host, or the registrar's own user, may do that without a key.");
	return FALSE;
}

static json_t *moment_or_null(gint64 moment)
{
	return moment != 0 ? json_integer((json_int_t)moment) : json_null();
}

static json_t *people_of(Ledger *ledger, guint idle_days, gint64 now)
{
	g_autoptr(People) people = ledger_people(ledger);
	json_t *list = json_array();
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b, s:o, s:o}", "name", person->name, "role", person->role,
		                                      "state", people_state_word(person->state), "in_force",
		                                      people_in_force(person, now), "next", person->next != NULL, "expires", moment_or_null(person->expires),
		                                      "idle_end", moment_or_null(people_idle_end(ledger, person, idle_days, now))));
	}
	return list;
}

/* The mailbox's object; where its head cannot be proven, `checkpoint` is null and `fault` says why. */
static json_t *mailbox_of(Registry *registry, guint i, const Config *config)
{
	Ledger *ledger = registry_ledger(registry, i);
	const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
	LedgerProof proof = {0};
	g_autoptr(GError) error = NULL;
	gboolean proven = ledger_prove(ledger, NULL, 0, 0, &proof, &error);
	g_autofree char *difference = registry_difference(registry, i);
	json_t *object = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o}", "mailbox", registry_mailbox(registry, i), "origin",
	                           registry_origin(registry, i), "checkpoint", proven ? proof.note : NULL, "fault",
	                           proven ? NULL : error->message, "difference", difference, "people",
	                           people_of(ledger, mailbox != NULL ? mailbox->idle_block_days : G_MAXINT16,
	                                     registry_now(registry)));
	if (proven)
		ledger_proof_clear(&proof);
	return object;
}

void desk_host_state(Registry *registry, guint uid, json_t *body, DeskReply *reply)
{
	g_autoptr(Config) config = registry_config(registry);
	guint8 custody[CUSTODY_ID];
	if (!desk_host_may(uid, reply))
		return;
	if (json_object_size(body) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	json_t *list = json_array(), *answer = desk_json_answer();
	for (guint i = 0; i < registry_count(registry); i++)
		json_array_append_new(list, mailbox_of(registry, i, config));
	custody_key_id(registry_custody(registry), custody);
	json_object_set_new(answer, "custody", desk_json_hex(custody, sizeof custody));
	json_object_set_new(answer, "now", json_integer((json_int_t)registry_now(registry)));
	json_object_set_new(answer, "mailboxes", list);
	desk_place_done(reply, answer);
}
