/* SPDX-License-Identifier: ISC */
/* Targets of the desk for redirection to law enforcement (KMO 6): who can be addressed at all, and what was done.
 *
 * One kind of entry, REDIRECTED, whose `act` says what: `made` (a kit on paper), `queued` (a sealed letter went into the
 * outbox), `numbered` (the chancellery's outgoing number and date), `wrong` (it should not have been). The registrar adds
 * `automatic` itself where the configuration lets a report go at once (store/addressee.h), and `sent` and `unsent` when a
 * letter leaves the outbox. */
#include <string.h>

#include "base/log.h"
#include "store/addressee.h"
#include "store/desk-handout.h"
#include "store/desk-letters.h"
#include "store/desk-json.h"

typedef struct {
	DeskActFields fields;
	DeskHandout handout;
} Question;

static void question_clear(Question *q)
{
	desk_act_clear(&q->fields);
	desk_handout_clear(&q->handout);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* --- addressees ------------------------------------------------------------------------------------------------ */

/* Her program checks fingerprint and expiry before it seals: this room has no gpg that must be believed. "": there is none,
 * or it cannot be read. */
static char *key_text(const ConfigAddressee *to)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) file = *to->openpgp != '\0' ? addressee_key(to, &error) : NULL;
	gsize size = 0;
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	if (error != NULL)
		log_warning("%s", error->message);
	return g_base64_encode(data, size);
}

static const char *const kind_words[] = {"law-enforcement", "organisation", "department"};

static void serve_addressees(const DeskCall *call, DeskReply *reply)
{
	json_t *list = json_array();
	for (guint i = 0; i < call->config->n_addressees; i++) {
		const ConfigAddressee *to = &call->config->addressees[i];
		if (!addressee_is_valid(to, call->config, registry_now(call->registry)))
			continue;
		g_autofree char *key = key_text(to);
		json_t *names = json_array();
		for (guint k = 0; to->names[k] != NULL; k++)
			json_array_append_new(names, json_string(to->names[k]));
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "name", to->name,
		                                      "kind", kind_words[to->kind], "names", names,
		                                      "name_kk", to->name_kk, "name_ru", to->name_ru, "address", to->address, "by",
		                                      to->by == CONFIG_BY_MAIL ? "mail" : "paper", "mail", to->mail, "recipient",
		                                      to->recipient, "fingerprint", to->fingerprint, "openpgp", key, "cleartext",
		                                      to->allow_cleartext));
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "organisation", json_string(call->config->organisation));
	json_object_set_new(answer, "addressees", list);
	desk_place_done(reply, answer);
}

/* --- the act ------------------------------------------------------------------------------------------------------- */

/* numbered and wrong speak of the case's last redirection. */
static gboolean check_state(const DeskHandout *handout, const LedgerCase *c, DeskReply *reply)
{
	if (!desk_handout_follows(handout, c->redirected, c->redirection, c->redirected_to, reply))
		return FALSE;
	if (desk_handout_begins(handout) || strcmp(c->redirected, "wrong") != 0)
		return TRUE;
	desk_acts_deny(reply, 409, "wrong-already", "This redirection is marked as wrong already.");
	return FALSE;
}

static void serve_redirect(const DeskCall *call, DeskReply *reply)
{
	g_auto(Question) q = {0};
	g_auto(DeskPlace) place = {0};
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &q.fields, reply, "{" DESK_HANDOUT_FORMAT "}", DESK_HANDOUT_FIELDS(&q.handout)) ||
	    !desk_handout_check(call, &q.handout, TRUE, " wrong ", reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, q.fields.mailbox, q.fields.seq, &place, reply);
	if (c == NULL || !desk_place_is_there(&place, c->seq, reply) || !check_state(&q.handout, c, reply) ||
	    !desk_letters_check_issued(call, c, q.handout.date, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	desk_handout_record(&q.handout, record);
	desk_act_sign_off(record, call, &q.fields);
	LedgerAct act = {.kind = ENTRY_REDIRECTED, .record = record, .case_seq = c->seq};
	desk_handout_queue(call, &q.handout, "redirect", &act);
	desk_act_finish(call, &place, &act, &q.fields, reply);
}

const DeskAct desk_redirect_acts[] = {
	{"/v1/addressees", FALSE, serve_addressees},
	{"/v1/redirect", TRUE, serve_redirect},
	{0},
};
