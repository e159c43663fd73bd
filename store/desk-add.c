/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which an officer adds a report that came by telephone, on paper or in person.
 *
 * Her program seals as the milter does, and what it hands in is the COMMIT of intake.sock, read by the same strict reader: in
 * the request's second line, named in the first by its digest. A payload of more than one chunk is uploaded before
 * (store/desk-upload.h). Registering is the intake's own: all of it or nothing. Nothing here says what a report says. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/finding.h"
#include "store/base64.h"
#include "store/desk-act.h"
#include "store/desk-messages.h"
#include "store/desk-json.h"
#include "store/desk-upload.h"
#include "store/intake-commit.h"

#define GROUND "added"
#define SPLIT_GROUND "split" /* it looks at nothing */

typedef struct {
	DeskActFields fields;
	DeskPlace place;
	const char *commit; /* hex of its digest */
	IntakeCommit *in;
	Record *added;
} Add;

static void add_clear(Add *add)
{
	desk_act_clear(&add->fields);
	desk_place_clear(&add->place);
	intake_commit_free(add->in);
	record_free(add->added);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Add, add_clear)

/* Into the mailbox goes a reader of it, while it takes reports at all. */
static gboolean enter_place(const DeskCall *call, const char *mailbox, DeskPlace *place, DeskReply *reply)
{
	if (!desk_place_enter_named(call, mailbox, place, reply))
		return FALSE;
	if (place->supervisor)
		return desk_place_refuse(reply, "not-reader", "You are no reader of this mailbox.");
	g_autofree char *difference = registry_difference(call->registry, place->index);
	if (difference == NULL)
		return TRUE;
	desk_acts_error(reply, 503, "config", "The configuration names other people than the register: no report is taken until they agree.");
	return FALSE;
}

static void serve_upload(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *text;
	json_int_t offset;
	gsize piece;
	guint64 size = 0;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:s}", "mailbox", &mailbox, "offset", &offset, "data",
	                   &text) != 0 || offset < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!enter_place(call, mailbox, &place, reply))
		return;
	g_autofree guint8 *data = g_malloc(DESK_UPLOAD_PIECE_MAX);
	if (!base64_read(text, strlen(text), TRUE, data, DESK_UPLOAD_PIECE_MAX, &piece) || piece == 0) {
		desk_place_fail_form(reply, "data is base64 of 1 to 524288 octets.");
		return;
	}
	if (!desk_upload_add(call, &place, (guint64)offset, data, piece, &size, reply))
		return;
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "size", json_integer((json_int_t)size));
	desk_place_done(reply, answer);
}

/* The COMMIT out of the second line, as the first one names it. */
static gboolean read_commit(const DeskCall *call, Add *add, DeskReply *reply)
{
	gsize size = 0;
	g_autoptr(GError) error = NULL;
	g_autofree guchar *data =
		desk_act_octets(call, add->commit, &size, "The report is missing.", "The report is not the one that was signed.", reply);
	if (data == NULL)
		return FALSE;
	add->in = intake_commit_read(data, size, &error);
	return add->in != NULL || desk_place_fail_form(reply, error->message);
}

/* What mail brings comes by the milter: its letter is no officer's to promise, and what it answers no officer's to say. */
static gboolean check_commit(const Add *add, DeskReply *reply)
{
	const LedgerReport *report = &add->in->report;
	if (strcmp(add->in->mailbox, add->fields.mailbox) != 0)
		return desk_place_fail_form(reply, "The report is for another mailbox.");
	if (strcmp(record_get(report->facts, "channel"), "mail") == 0 || strcmp(record_get(report->facts, "automatic"), "-") != 0 ||
	    record_get(report->facts, "reference") != NULL)
		return desk_place_fail_form(reply, "What an officer adds came by telephone, on paper or in person.");
	return report->letter_state == LEDGER_LETTER_NONE ||
	       desk_place_fail_form(reply, "A report that was added is owed no letter by itself.");
}

static gboolean read_add(const DeskCall *call, Add *add, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND | DESK_ACT_WITH_OCTETS, &add->fields, reply, "{s:s}",
	                   "commit", &add->commit))
		return FALSE;
	if (strcmp(add->fields.ground, GROUND) != 0 || add->fields.ground_text != NULL)
		return desk_place_fail_form(reply, "The ground of this act is the word " GROUND ".");
	return enter_place(call, add->fields.mailbox, &add->place, reply) && read_commit(call, add, reply) &&
	       check_commit(add, reply);
}

/* --- a later message as a report of its own ----------------------------------------------------------------------------- */

static gboolean is_among(const Record *facts, const char *key, const char *value)
{
	const char *one;
	for (guint i = 0; (one = record_get_nth(facts, key, i)) != NULL; i++)
		if (strcmp(one, value) == 0)
			return TRUE;
	return FALSE;
}

/* Whom the message is about and from whom its case is kept reads the new one neither. */
static gboolean check_kept(const Add *add, const LedgerCase *c, const LedgerMessage *message, DeskReply *reply)
{
	const Record *facts = add->in->report.facts;
	const char *name;
	for (guint i = 0; (name = record_get_nth(message->facts, "named", i)) != NULL; i++)
		if (!is_among(facts, "named", name))
			return desk_place_fail_form(reply, "Somebody whom the message is about is not named.");
	for (guint i = 0; i < add->place.readers->len; i++) {
		const PeoplePerson *reader = add->place.readers->pdata[i];
		if (reader->card != NULL && desk_place_is_kept(c, reader->name) && !is_among(facts, "named", reader->name))
			return desk_place_fail_form(reply, "Somebody from whom the case is kept is not named.");
	}
	return TRUE;
}

static gboolean check_split(Add *add, const LedgerCase *c, json_int_t seq, DeskReply *reply)
{
	LedgerReport *report = &add->in->report;
	g_autoptr(LedgerMessage) message = desk_messages_enter(&add->place, c, seq, reply);
	if (message == NULL)
		return FALSE;
	if (strcmp(add->in->mailbox, add->fields.mailbox) != 0 || report->received != message->received ||
	    g_strcmp0(record_get(report->facts, "channel"), record_get(message->facts, "channel")) != 0 ||
	    strcmp(record_get(report->facts, "automatic"), "-") != 0 || record_get(report->facts, "reference") != NULL ||
	    report->letter_state != LEDGER_LETTER_NONE)
		return desk_place_fail_form(reply, "The report is not that message: mailbox, moment or channel differ, or it is owed a letter.");
	report->split_case = c->seq;
	report->split_message = (guint64)seq;
	return check_kept(add, c, message, reply);
}

static gboolean read_split(const DeskCall *call, Add *add, DeskReply *reply)
{
	json_int_t message;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_OWN_GROUND | DESK_ACT_WITH_OCTETS, &add->fields, reply, "{s:I, s:s}",
	                   "message", &message, "commit", &add->commit))
		return FALSE;
	if (strcmp(add->fields.ground, SPLIT_GROUND) != 0 || add->fields.ground_text != NULL)
		return desk_place_fail_form(reply, "The ground of this act is the word " SPLIT_GROUND ".");
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, add->fields.mailbox, add->fields.seq, &add->place, reply);
	return c != NULL && read_commit(call, add, reply) && check_split(add, c, message, reply);
}

static Record *make_added(const DeskCall *call, const Add *add)
{
	Record *record = record_new();
	record_add(record, "officer", call->request->officer);
	record_add(record, "commit", add->commit);
	desk_act_sign_off(record, call, &add->fields);
	return record;
}

static gboolean fail_register(LedgerOutcome outcome, const GError *error, DeskReply *reply)
{
	if (outcome == LEDGER_STALE)
		desk_acts_error(reply, 409, "readers", "The readers of this mailbox changed meanwhile: add the report again.");
	else if (error->domain == RECORD_ERROR || g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_FORM) ||
	         g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK))
		desk_place_fail_form(reply, error->message);
	else
		desk_place_fail_ledger(reply, error);
	return FALSE;
}

/* Registered, or the reply filled. */
static gboolean register_it(const DeskCall *call, Add *add, DeskReply *reply)
{
	LedgerReport *report = &add->in->report;
	g_autoptr(GError) error = NULL;
	if (add->in->in_file && (report->fd = desk_upload_take(call, &add->place, report->size)) < 0) {
		desk_acts_deny(reply, 409, "upload", "The report's octets were not uploaded, or not all of them: begin again.");
		return FALSE;
	}
	/* No message of the mail stream: nothing may be taken for its retry. */
	randombytes_buf(report->message_digest, sizeof report->message_digest);
	report->added = add->added = make_added(call, add);
	LedgerOutcome outcome = ledger_register(add->place.ledger, report, &error);
	if (report->fd >= 0)
		close(report->fd);
	if (outcome != LEDGER_REGISTERED)
		return fail_register(outcome, error, reply);
	if (finding_is_urgent(report->facts) && call->hooks->letter_queued != NULL)
		call->hooks->letter_queued(call->hooks->user);
	return TRUE;
}

static void serve(const DeskCall *call, gboolean (*read)(const DeskCall *call, Add *add, DeskReply *reply), DeskReply *reply)
{
	g_auto(Add) add = {0};
	g_autoptr(GError) error = NULL;
	if (!read(call, &add, reply) || !register_it(call, &add, reply))
		return;
	g_autoptr(LedgerCase) c = ledger_case_by_id(add.place.ledger, add.in->report.case_id, &error);
	json_t *answer = desk_json_answer();
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	if (c != NULL)
		g_array_append_val(seqs, c->seq);
	if (c != NULL && desk_place_add_proof(&add.place, seqs, add.fields.known, answer, &error)) {
		desk_place_done(reply, answer);
		return;
	}
	json_decref(answer);
	desk_place_fail_ledger(reply, error);
}

static void serve_add(const DeskCall *call, DeskReply *reply)
{
	serve(call, read_add, reply);
}

static void serve_split(const DeskCall *call, DeskReply *reply)
{
	serve(call, read_split, reply);
}

const DeskAct desk_add_acts[] = {
	{"/v1/split", TRUE, serve_split},
	{"/v1/add", TRUE, serve_add},
	{"/v1/upload", FALSE, serve_upload},
	{0},
};
