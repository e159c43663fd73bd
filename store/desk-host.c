/* SPDX-License-Identifier: ISC */
#include "store/desk-host.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/checkpoints.h"
#include "store/custody.h"
#include "store/desk-json.h"
#include "store/desk-personal.h"
#include "store/desk-place.h"
#include "store/note.h"
#include "store/people-idle.h"
#include "store/private-file.h"

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

/* When the policy was last reviewed, and when the register began; null where that cannot be read. */
static void add_review(Ledger *ledger, gint64 now, json_t *object)
{
	g_auto(DeskPersonalReview) review = {0};
	desk_personal_review(ledger, now, &review, NULL);
	json_object_set_new(object, "reviewed", moment_or_null((gint64)review.reviewed));
	json_object_set_new(object, "begun", moment_or_null((gint64)review.begun));
}

json_t *desk_host_trustees(const Config *config, const ConfigMailbox *mailbox, Ledger *ledger)
{
	json_t *list = json_array();
	for (char **name = mailbox != NULL ? mailbox->trustees : NULL; name != NULL && *name != NULL; name++) {
		guint8 key[LEDGER_WITNESS_KEY];
		LedgerTrusteeState state;
		const ConfigTrustee *trustee = config_trustee(config, *name);
		g_autoptr(NoteVerifier) witness = trustee != NULL ? checkpoints_witness(trustee, key, NULL) : NULL;
		if (!ledger_trustee_state(ledger, *name, witness != NULL ? key : NULL, &state, NULL)) {
			json_decref(list);
			return json_null();
		}
		json_array_append_new(list, json_pack("{s:s, s:b, s:o, s:o, s:I, s:I, s:o, s:o}", "name", *name, "witness", witness != NULL, "asked",
		                                      moment_or_null(state.asked), "first", moment_or_null(state.first), "sent",
		                                      (json_int_t)state.sent, "confirmed", (json_int_t)state.confirmed, "at",
		                                      moment_or_null(state.at), "returned", moment_or_null(state.returned)));
	}
	return list;
}

/* Counts and no more: which cases is for their officers to see. */
static json_t *erasures_of(Ledger *ledger, gint64 now)
{
	LedgerErasureCounts counts;
	if (!ledger_erasure_counts(ledger, now, &counts, NULL))
		return json_null();
	return json_pack("{s:i, s:i, s:i}", "ordered", (int)counts.ordered, "overdue", (int)counts.overdue, "undestroyed",
	                 (int)counts.undestroyed);
}

/* The mailbox's object; where its head cannot be proven, `checkpoint` is null and `fault` says why. */
static json_t *mailbox_of(Registry *registry, guint i, const Config *config)
{
	Ledger *ledger = registry_ledger(registry, i);
	const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
	LedgerProof proof = {0};
	g_autoptr(GError) error = NULL;
	gboolean proven = ledger_prove(ledger, NULL, 0, 0, &proof, &error);
	g_autoptr(IncidentBook) incidents = ledger_incidents(ledger, NULL);
	int waiting = incidents != NULL ? (int)incident_book_count_waiting(incidents, registry_now(registry)) : 0;
	g_autofree char *difference = registry_difference(registry, i);
	json_t *object = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:i, s:o, s:o}", "mailbox", registry_mailbox(registry, i), "origin",
	                           registry_origin(registry, i), "checkpoint", proven ? proof.note : NULL, "fault",
	                           proven ? NULL : error->message, "difference", difference, "incidents", waiting, "trustees",
	                           desk_host_trustees(config, mailbox, ledger), "people",
	                           people_of(ledger, mailbox != NULL ? mailbox->idle_block_days : G_MAXINT16,
	                                     registry_now(registry)));
	add_review(ledger, registry_now(registry), object);
	json_object_set_new(object, "erasures", erasures_of(ledger, registry_now(registry)));
	if (proven)
		ledger_proof_clear(&proof);
	return object;
}

void desk_host_state(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
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

/* --- archive and drill ------------------------------------------------------------------------------------------------ */

static json_t *state_of(const DeskHooks *hooks)
{
	g_auto(ArchiverState) state = {0};
	json_t *answer = desk_json_answer();
	hooks->archive_state(&state, hooks->user);
	json_object_set_new(answer, "ended", json_integer((json_int_t)state.ended));
	json_object_set_new(answer, "fault", state.fault != NULL ? json_string(state.fault) : json_null());
	json_object_set_new(answer, "months", json_integer((json_int_t)state.months));
	json_object_set_new(answer, "payloads", json_integer((json_int_t)state.payloads));
	json_object_set_new(answer, "damage", json_integer((json_int_t)state.damage));
	return answer;
}

void desk_host_archive(Registry *registry G_GNUC_UNUSED, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply)
{
	int begin;
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:b}", "begin", &begin) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (hooks->archive == NULL) {
		desk_acts_deny(reply, 404, "no-archive", "Nothing is archived here.");
		return;
	}
	json_t *answer = begin ? desk_json_answer() : state_of(hooks);
	if (begin)
		json_object_set_new(answer, "run", json_integer((json_int_t)hooks->archive(hooks->user)));
	desk_place_done(reply, answer);
}

/* --- trustees --------------------------------------------------------------------------------------------------------- */

#define WORDS_MAX 64 /* of one mail: a witness of eight registers has eight */

void desk_host_cosigned(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	const char *text;
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = registry_config(registry);
	g_autoptr(json_t) list = json_array();
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s}", "words", &text) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	g_auto(GStrv) words = g_strsplit(text, "\n", WORDS_MAX);
	for (char **word = words; *word != NULL; word++) {
		CheckpointsAnswer taken;
		CheckpointsOutcome outcome = checkpoints_accept(registry, config, *word, &taken, &error);
		if (outcome == CHECKPOINTS_FAILED) {
			desk_place_fail_ledger(reply, error);
			return;
		}
		if (outcome == CHECKPOINTS_TAKEN)
			json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:b}", "mailbox", taken.mailbox, "trustee", taken.trustee, "size",
			                                      (json_int_t)taken.size, "time", (json_int_t)taken.time, "new", taken.added));
	}
	if (json_array_size(list) == 0) {
		desk_acts_deny(reply, 409, "no-trustee", "No trustee of these registers signed that over a checkpoint that he was sent.");
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set(answer, "witnessed", list);
	desk_place_done(reply, answer);
}

/* What the entry cannot say to somebody without a key: when it was, for `senim doctor`. */
static void mark_tried(Registry *registry)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = registry_config(registry);
	g_autofree char *path = g_build_filename(config->state_directory, DESK_HOST_TRIED_MARK, NULL);
	if (!private_file_replace(path, "", 0, 0600, &error))
		log_warning("drill: %s", error->message);
}

static gboolean is_word(const char *word, const char *const *words)
{
	return g_strv_contains(words, word);
}

void desk_host_tried(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	static const char *const sources[] = {"archive", "backup", NULL}, *const openers[] = {"sheet", "recovery", NULL};
	const char *mailbox, *source, *opened_by;
	json_int_t upto, payloads;
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:I, s:I}", "mailbox", &mailbox, "source", &source, "opened_by",
	                   &opened_by, "upto", &upto, "payloads", &payloads) != 0 ||
	    !is_word(source, sources) || !is_word(opened_by, openers) || upto < 0 || payloads < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	int index = registry_find(registry, mailbox);
	if (index < 0) {
		desk_acts_deny(reply, 404, "no-mailbox", "There is no such mailbox here.");
		return;
	}
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)registry_now(registry));
	record_add(record, "source", source);
	record_add(record, "opened-by", opened_by);
	record_add_uint(record, "upto", (guint64)upto);
	record_add_uint(record, "payloads", (guint64)payloads);
	const LedgerAct act = {.kind = ENTRY_TRIED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(registry_ledger(registry, (guint)index), &act, &entry, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	ledger_entry_clear(&entry);
	mark_tried(registry);
	desk_place_done(reply, desk_json_answer());
}
