/* SPDX-License-Identifier: ISC */
/* Targets of the desk for forwarding to a competent organisation or to a department (KMO 14, 21, 23).
 *
 * One kind of entry of the case's work, FORWARDED, whose `act` says what: `made` (a document on paper), `queued` (a letter went
 * into the outbox), `numbered` (the chancellery's outgoing number and date), `allowed` (a second officer's word that it may go
 * to an addressee of whom the report speaks). What leaves is a text without its writer, unless the entry names the consent or
 * the law; what a document passed on is its digest, with 128 random bits in it.
 * Whether the report speaks of the addressee only the officer's program can see; what it says of that is signed. */
#include <string.h>

#include "store/casework.h"
#include "store/desk-casework.h"
#include "store/desk-handout.h"
#include "store/desk-letters.h"
#include "store/desk-messages.h"

typedef struct {
	DeskCasework work;
	DeskHandout handout;
	const char *form, *consent;
	json_int_t message; /* the entry of the case's message that consents; 0: none */
	int named;          /* the report speaks of the addressee */
} Question;

static void question_clear(Question *q)
{
	desk_casework_clear(&q->work);
	desk_handout_clear(&q->handout);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* Its writer goes along with his own word, in a message or as she heard it, or by a law that is named: never without. */
static gboolean check_consent(const Question *q, DeskReply *reply)
{
	const gboolean begins = desk_handout_begins(&q->handout), identity = strcmp(q->form, "identity") == 0;
	const gboolean written = q->work.fields.text != NULL, none = strcmp(q->consent, "-") == 0;
	if (begins ? !desk_casework_is_one_of(q->form, CASEWORK_FORMS) : strcmp(q->form, "-") != 0 || q->named)
		return desk_place_fail_form(reply, "form is redacted or identity where it begins; else '-'.");
	if (identity == none || (!none && !desk_casework_is_one_of(q->consent, CASEWORK_CONSENTS)))
		return desk_place_fail_form(reply, "consent is reporter or law where the writer goes along; else '-'.");
	if (q->message < 0 || (q->message != 0 && strcmp(q->consent, "reporter") != 0) || written != (identity && q->message == 0))
		return desk_place_fail_form(reply, "A consent is a message of the case, or stands in the text; a law stands in the text.");
	return TRUE;
}

static gboolean check_message(const Question *q, DeskReply *reply)
{
	if (q->message == 0 || (guint64)q->message == q->work.c->seq)
		return TRUE;
	g_autoptr(LedgerMessage) message = desk_messages_enter(&q->work.place, q->work.c, q->message, reply);
	return message != NULL;
}

/* Of whom the report speaks does not get it by one officer's word. */
static gboolean check_named(const Question *q, DeskReply *reply)
{
	const LedgerCase *c = q->work.c;
	if (!q->named || (g_strcmp0(c->forward_allowed, q->handout.to) == 0 && strcmp(c->forward_allowed_by, q->work.place.me->name) != 0))
		return TRUE;
	return desk_place_refuse(reply, "addressee-named", "The report speaks of that addressee: a second officer has to allow it.");
}

static void serve_forward(const DeskCall *call, DeskReply *reply)
{
	g_auto(Question) q = {0};
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &q.work.fields, reply,
	                   "{s:I, s:s, s:s, s:I, s:b, " DESK_HANDOUT_FORMAT "}", "after", &q.work.after, "form", &q.form, "consent", &q.consent,
	                   "message", &q.message, "named", &q.named, DESK_HANDOUT_FIELDS(&q.handout)) ||
	    !desk_handout_check(call, &q.handout, FALSE, "", reply) || !check_consent(&q, reply) ||
	    !desk_casework_enter(call, &q.work, DESK_CASEWORK_TEXT_MAY, reply))
		return;
	const LedgerCase *c = q.work.c;
	if (!desk_handout_follows(&q.handout, c->forwarded, c->forwarding, c->forwarded_to, reply) ||
	    !desk_letters_check_issued(call, c, q.handout.date, reply) || !check_message(&q, reply) || !check_named(&q, reply))
		return;
	desk_handout_record(&q.handout, q.work.record);
	record_add(q.work.record, "form", q.form);
	record_add(q.work.record, "consent", q.consent);
	record_add_uint(q.work.record, "message", (guint64)q.message);
	record_add_bool(q.work.record, "named", q.named != 0);
	record_add(q.work.record, "letter", q.handout.entity != NULL ? "queued" : "-");
	LedgerAct act = {.kind = ENTRY_FORWARDED};
	desk_handout_queue(call, &q.handout, "letter", &act);
	if (q.handout.outbox != NULL)
		record_add(q.handout.outbox, "subject", "official");
	desk_casework_finish(call, &q.work, &act, reply);
}

/* Another than who forwards: desk_casework_finish() has her name in the record, check_named() compares it. */
static void serve_allow(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *to;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, s:s}", "after", &work.after, "to", &to) ||
	    desk_handout_addressee(call, to, FALSE, reply) == NULL || !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MAY, reply))
		return;
	record_add(work.record, "act", "allowed");
	record_add(work.record, "to", to);
	LedgerAct act = {.kind = ENTRY_FORWARDED};
	desk_casework_finish(call, &work, &act, reply);
}

const DeskAct desk_forward_acts[] = {
	{"/v1/forward", TRUE, serve_forward},
	{"/v1/forward/allow", TRUE, serve_allow},
	{0},
};
