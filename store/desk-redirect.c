/* SPDX-License-Identifier: ISC */
/* Targets of the desk for redirection to law enforcement (KMO 6): who can be addressed, and what was done.
 *
 * One kind of entry, REDIRECTED, whose `act` says what: `made` (a kit on paper), `queued` (a sealed letter went into the
 * outbox), `numbered` (the chancellery's outgoing number and date), `wrong` (it should not have been). The registrar adds
 * `automatic` itself where the configuration lets a report go at once (store/addressee.h), and `sent` and `unsent` when a
 * letter leaves the outbox. */
#include <string.h>

#include "base/day.h"
#include "base/log.h"
#include "store/addressee.h"
#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-letters.h"
#include "store/outbox.h"

#define NUMBER_MAX 64

typedef struct {
	DeskActFields fields;
	const char *act, *to, *by, *kit, *number, *date, *letter;
	json_int_t of;
	const ConfigAddressee *addressee;
	GBytes *composed;
} Question;

static void question_clear(Question *q)
{
	desk_act_clear(&q->fields);
	g_clear_pointer(&q->composed, g_bytes_unref);
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

static void serve_addressees(const DeskCall *call, DeskReply *reply)
{
	json_t *list = json_array();
	for (guint i = 0; i < call->config->n_addressees; i++) {
		const ConfigAddressee *to = &call->config->addressees[i];
		if (!addressee_is_valid(to, call->config, registry_now(call->registry)))
			continue;
		g_autofree char *key = key_text(to);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "name", to->name,
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

static gboolean is_hex(const char *text, gsize size)
{
	return strlen(text) == size && strspn(text, "0123456789abcdef") == size;
}

/* What each act has, and what it must leave empty. */
static gboolean check_form(const Question *q, DeskReply *reply)
{
	gboolean begins = strcmp(q->act, "made") == 0 || strcmp(q->act, "queued") == 0;
	gboolean numbered = strcmp(q->act, "numbered") == 0;
	GDate day;
	if (!begins && !numbered && strcmp(q->act, "wrong") != 0)
		return desk_place_fail_form(reply, "act is made, queued, numbered or wrong.");
	if (begins ? !is_hex(q->kit, 64) : strcmp(q->kit, "-") != 0)
		return desk_place_fail_form(reply, "kit is the SHA-256 of what is handed over, in hex; else '-'.");
	if (numbered ? !desk_act_is_text(q->number, NUMBER_MAX) || !day_read(q->date, &day)
	             : strcmp(q->number, "-") != 0 || strcmp(q->date, "-") != 0)
		return desk_place_fail_form(reply, "number and date are those of the outgoing letter; else '-'.");
	if ((strcmp(q->act, "queued") == 0) != (q->letter[0] != '\0') || (begins && q->of != 0) || q->of < 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	return TRUE;
}

/* The registrar decides to whom and in what form: the configuration's words, never the request's. */
static gboolean check_addressee(const DeskCall *call, Question *q, DeskReply *reply)
{
	q->addressee = config_addressee(call->config, q->to);
	if (q->addressee == NULL || !addressee_is_valid(q->addressee, call->config, registry_now(call->registry)))
		return desk_acts_error(reply, 404, "not-found", "There is no such addressee in the configuration now."), FALSE;
	const ConfigAddressee *to = q->addressee;
	gboolean mail = to->by == CONFIG_BY_MAIL && outbox_address_is_safe(to->mail);
	gboolean good = strcmp(q->act, "made") == 0 ? strcmp(q->by, "paper") == 0
	                : strcmp(q->by, "age") == 0   ? mail && *to->recipient != '\0'
	                : strcmp(q->by, "openpgp") == 0 ? mail && *to->fingerprint != '\0'
	                                                : strcmp(q->by, "clear") == 0 && mail && to->allow_cleartext;
	return good || desk_place_fail_form(reply, "The configuration does not let this addressee be reached so.");
}

static gboolean read_letter(Question *q, DeskReply *reply)
{
	q->composed = desk_letters_entity(q->letter, reply); /* for an addressee without a key it is the report in clear */
	return q->composed != NULL;
}

static gboolean read_question(const DeskCall *call, Question *q, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &q->fields, reply, "{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "act",
	                   &q->act, "to", &q->to, "by", &q->by, "kit", &q->kit, "number", &q->number, "date", &q->date, "of",
	                   &q->of, "letter", &q->letter) ||
	    !check_form(q, reply))
		return FALSE;
	if (q->of == 0 && !check_addressee(call, q, reply))
		return FALSE;
	return q->letter[0] == '\0' || read_letter(q, reply);
}

/* numbered and wrong speak of the case's last redirection. */
static gboolean check_state(const Question *q, const LedgerCase *c, DeskReply *reply)
{
	gboolean begins = q->of == 0;
	if (begins && strcmp(q->act, "made") != 0 && strcmp(q->act, "queued") != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	if (!begins && (c->redirected == NULL || c->redirection != (guint64)q->of || strcmp(c->redirected_to, q->to) != 0 ||
	                strcmp(q->by, "-") != 0)) {
		desk_acts_error(reply, 409, "state", "That is not what this case was last redirected by.");
		return FALSE;
	}
	if (!begins && strcmp(c->redirected, "wrong") == 0) {
		desk_acts_error(reply, 409, "state", "This redirection is marked as wrong already.");
		return FALSE;
	}
	return TRUE;
}

static Record *make_record(const DeskCall *call, const Question *q, const LedgerCase *c)
{
	Record *record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add(record, "act", q->act);
	record_add(record, "to", q->to);
	record_add(record, "by", q->by);
	record_add(record, "kit", q->kit);
	record_add(record, "number", q->number);
	record_add(record, "date", q->date);
	record_add_uint(record, "of", (guint64)q->of);
	desk_act_sign_off(record, call, &q->fields);
	return record;
}

static void serve_redirect(const DeskCall *call, DeskReply *reply)
{
	g_auto(Question) q = {0};
	g_auto(DeskPlace) place = {0};
	if (!read_question(call, &q, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, q.fields.mailbox, q.fields.seq, &place, reply);
	if (c == NULL || !check_state(&q, c, reply))
		return;
	g_autoptr(Record) record = make_record(call, &q, c);
	g_autoptr(Record) letter = NULL;
	LedgerAct act = {.kind = ENTRY_REDIRECTED, .record = record, .case_seq = c->seq};
	if (q.composed != NULL) {
		letter = record_new();
		record_add(letter, "to", q.addressee->mail);
		record_add(letter, "message-id", "-");
		record_add(letter, "language", "-");
		record_add(letter, "purpose", "redirect");
		act.letter = letter;
		act.letter_due = registry_now(call->registry);
		act.composed = q.composed;
	}
	desk_act_finish(call, &place, &act, &q.fields, reply);
}

const DeskAct desk_redirect_acts[] = {
	{"/v1/addressees", FALSE, serve_addressees},
	{"/v1/redirect", TRUE, serve_redirect},
	{0},
};
