/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which a reporter is answered: REPLIED, and ADVISED where he is told which state body to turn to.
 *
 * `act` says what: `given` (by mail: the letter goes into the outbox in the same commit; on paper; in person), `numbered` (the
 * chancellery's outgoing number and date of the last one), and of REPLIED alone `none` (no answer on the substance is due, and
 * why), `unsafe` and `safe` (no letter may go to the reporter's address; it may again). The text is sealed to whoever reads the
 * case; what she was warned of and did all the same stands in clear, a word each (`despite`). */
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "store/casework.h"
#include "store/desk-casework.h"
#include "store/desk-json.h"
#include "store/desk-letters.h"
#include "store/desk-log.h"

#define NUMBER_MAX 64
#define ENTRIES 2000u /* read at once */

typedef struct {
	DeskCasework work;
	EntryKind kind;
	const char *act, *by, *number, *date;
	const char *own; /* `reason` of REPLIED, `to` of ADVISED */
	json_int_t of;
	json_t *despite, *asked; /* borrowed */
	DeskLetter letter;
} Question;

static void question_clear(Question *q)
{
	desk_casework_clear(&q->work);
	desk_letter_clear(&q->letter);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

static gboolean is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

/* --- its form --------------------------------------------------------------------------------------------------------- */

/* Number and date together, or neither. */
static gboolean check_number(const Question *q, DeskReply *reply)
{
	GDate day;
	if (is(q->number, "-") && is(q->date, "-"))
		return !is(q->act, "numbered") || desk_place_fail_form(reply, "This act needs a number and its date.");
	return (desk_act_is_text(q->number, NUMBER_MAX) && !is(q->number, "-") && day_read(q->date, &day)) ||
	       desk_place_fail_form(reply, "number and date are those of the outgoing letter; else '-'.");
}

/* What each act has, and what it must leave empty. */
static gboolean check_form(const Question *q, DeskReply *reply)
{
	gboolean given = is(q->act, "given"), numbered = is(q->act, "numbered"), replied = q->kind == ENTRY_REPLIED;
	gboolean none = is(q->act, "none"), marked = is(q->act, "unsafe") || is(q->act, "safe");
	if (!given && !numbered && !(replied && (none || marked)))
		return desk_place_fail_form(reply, "act is given or numbered; of an answer also none, unsafe or safe.");
	if (given ? !desk_casework_is_one_of(q->by, " mail paper person ") : !is(q->by, "-"))
		return desk_place_fail_form(reply, "by is mail, paper or person of what is given; else '-'.");
	if (replied && (none ? !desk_casework_is_one_of(q->own, CASEWORK_NO_ANSWERS) : !is(q->own, "-")))
		return desk_place_fail_form(reply, "A reason is one of:" CASEWORK_NO_ANSWERS "where no answer is due; else '-'.");
	if (given != (q->work.fields.text != NULL) && !none && !marked)
		return desk_place_fail_form(reply, "What is given has its text, and a number has none.");
	if ((given && is(q->by, "mail")) == json_is_null(q->asked) || numbered != (q->of != 0) ||
	    (!given && !numbered && (!is(q->number, "-") || !is(q->date, "-"))))
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	return check_number(q, reply);
}

/* A body of the organisation's list that is offered, or `other`. */
static gboolean check_body(const DeskCall *call, const Question *q, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	const json_t *item;
	gsize i;
	gboolean found = is(q->own, "other");
	if (q->kind != ENTRY_ADVISED || is(q->act, "numbered"))
		return q->kind != ENTRY_ADVISED || is(q->own, "-") || desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	const ConfigMailbox *mailbox = config_mailbox(call->config, q->work.place.mailbox);
	g_autoptr(json_t) lists = call->hooks->letters != NULL && mailbox != NULL
	                              ? call->hooks->letters(call->config, mailbox, &error, call->hooks->user) : NULL;
	if (error != NULL)
		return desk_acts_error(reply, 503, "bodies", error->message), FALSE;
	json_array_foreach(json_object_get(lists, "bodies"), i, item)
		found = found || (g_strcmp0(json_string_value(json_object_get(item, "id")), q->own) == 0 &&
		                  !json_is_true(json_object_get(item, "off")));
	if (!found)
		desk_acts_deny(reply, 404, "no-body", "This is no body of the organisation's list.");
	return found;
}

/* --- may it be given --------------------------------------------------------------------------------------------------- */

/* KMO 6: what went to law enforcement, or is marked for it and was not looked at otherwise, gets no answer on its substance; nor
 * does what an officer has entered as such, while that is the last word on it. */
static gboolean check_substance(const Question *q, DeskReply *reply)
{
	const LedgerCase *c = q->work.c;
	if (c->redirected != NULL && !is(c->redirected, "wrong")) {
		desk_acts_error(reply, 409, "no-answer", "This case was redirected to law enforcement: it gets no answer on its substance.");
		return FALSE;
	}
	if (c->redirected == NULL && g_strcmp0(record_get(c->facts, "verdict"), "redirect") == 0 && !desk_letters_is_despite(q->despite, "mark")) {
		desk_acts_error(reply, 409, "no-answer", "This case is marked for law enforcement: say that the mark is wrong, or redirect it.");
		return FALSE;
	}
	if (g_strcmp0(c->reply.by, "none") == 0 && !desk_letters_is_despite(q->despite, "no-answer")) {
		desk_acts_error(reply, 409, "no-answer", "It was entered that no answer on the substance is due to this case.");
		return FALSE;
	}
	return TRUE;
}

static gboolean check_state(const DeskCall *call, const Question *q, DeskReply *reply)
{
	const LedgerCase *c = q->work.c;
	if (!desk_letters_check_issued(call, c, q->date, reply))
		return FALSE;
	if (is(q->act, "numbered"))
		return (c->reply.kind == (guint)q->kind && ledger_case_takes_number(c, (guint64)q->of)) ||
		       desk_acts_deny(reply, 409, "no-number", DESK_CASEWORK_NO_NUMBER);
	if (is(q->act, "unsafe") || is(q->act, "safe"))
		return c->unsafe != is(q->act, "unsafe") || desk_acts_deny(reply, 409, "same-mark", "The address is marked so already.");
	if (c->aside || is(c->state, "set-aside"))
		return desk_acts_deny(reply, 409, "no-report", "What is no report gets no answer: accept it, or open it again, first.");
	if (is(q->act, "none"))
		return TRUE;
	return (is(q->by, "person") || desk_letters_check_safe(c, q->despite, reply)) && check_substance(q, reply);
}

/* --- the acts ---------------------------------------------------------------------------------------------------------- */

static void add_lines(const Question *q, Record *record)
{
	record_add(record, "act", q->act);
	record_add(record, "by", q->by);
	record_add(record, q->kind == ENTRY_REPLIED ? "reason" : "to", q->own);
	record_add(record, "number", q->number);
	record_add(record, "date", q->date);
	record_add_uint(record, "of", (guint64)q->of);
	desk_letters_add_despite(q->despite, record);
	record_add(record, "letter", q->letter.record != NULL ? "queued" : "-");
}

static void serve(const DeskCall *call, EntryKind kind, const char *own, DeskReply *reply)
{
	g_auto(Question) q = {.kind = kind};
	LedgerAct act = {.kind = kind};
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &q.work.fields, reply,
	                   "{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "after", &q.work.after, "act", &q.act, "by", &q.by, own, &q.own,
	                   "number", &q.number, "date", &q.date, "of", &q.of, "despite", &q.despite, "letter", &q.asked) ||
	    !check_form(&q, reply) || !desk_letters_check_despite(q.despite, reply) ||
	    !desk_casework_enter(call, &q.work, DESK_CASEWORK_TEXT_MAY, reply) || !check_body(call, &q, reply) ||
	    !check_state(call, &q, reply) || !desk_letters_take(call, q.work.place.mailbox, q.asked, &q.letter, reply))
		return;
	add_lines(&q, q.work.record);
	desk_letters_queue(call, &q.letter, &act);
	desk_casework_finish(call, &q.work, &act, reply);
}

static void serve_reply(const DeskCall *call, DeskReply *reply)
{
	serve(call, ENTRY_REPLIED, "reason", reply);
}

static void serve_advise(const DeskCall *call, DeskReply *reply)
{
	serve(call, ENTRY_ADVISED, "to", reply);
}

/* What her program makes a letter of: templates, bodies, and which domains are the organisation's own. */
static void serve_letters(const DeskCall *call, DeskReply *reply)
{
	const char *name;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "mailbox", &name) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, name, &place, reply))
		return;
	const ConfigMailbox *mailbox = config_mailbox(call->config, place.mailbox);
	g_autoptr(json_t) lists = call->hooks->letters != NULL && mailbox != NULL
	                              ? call->hooks->letters(call->config, mailbox, &error, call->hooks->user) : json_object();
	if (lists == NULL) {
		desk_acts_error(reply, 503, "letters", error->message);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_update(answer, lists);
	desk_place_done(reply, answer);
}

/* Does that entry give an outgoing letter of the same year the same number? */
static gboolean gives_number(Ledger *ledger, const Entry *entry, const char *number, const char *date)
{
	LedgerEntry found = {0};
	gsize size = 0;
	if ((entry->kind != ENTRY_REPLIED && entry->kind != ENTRY_ADVISED && entry->kind != ENTRY_FORWARDED && entry->kind != ENTRY_REDIRECTED) ||
	    !ledger_entry(ledger, entry->seq, &found, NULL))
		return FALSE;
	const void *text = g_bytes_get_data(found.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&found);
	const char *day = record != NULL ? record_get(record, "date") : NULL;
	return day != NULL && strncmp(day, date, strlen("2026-")) == 0 && g_strcmp0(record_get(record, "number"), number) == 0;
}

/* From a day before that year on: the zone's year may begin earlier. */
static gboolean find_number(const DeskCall *call, Ledger *ledger, const char *number, const char *date, gboolean *used, GError **error)
{
	guint64 from = 0, size = ledger_size(ledger);
	g_autoptr(GDateTime) year = g_date_time_new_utc(atoi(date), 1, 1, 0, 0, 0);
	*used = FALSE;
	if (!desk_log_find_day(ledger, g_date_time_to_unix(year) - ENTRY_DAY, &from, error))
		return FALSE;
	while (from < size && !*used && g_atomic_int_get(call->stopping) == 0) {
		gsize octets;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, ENTRIES, error);
		const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &octets) : NULL;
		if (data == NULL || octets < ENTRY_SIZE)
			return data != NULL;
		for (gsize i = 0; i + ENTRY_SIZE <= octets && !*used; i += ENTRY_SIZE, from++) {
			Entry entry;
			if (!entry_decode(data + i, &entry, error))
				return FALSE;
			*used = gives_number(ledger, &entry, number, date);
		}
	}
	return TRUE;
}

/* One number is given once a year: her program asks where it was given already. Of whose letter is not said. */
static void serve_number(const DeskCall *call, DeskReply *reply)
{
	const char *name, *number, *date;
	GDate day;
	gboolean used;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:s}", "mailbox", &name, "number", &number, "date", &date) != 0 ||
	    !desk_act_is_text(number, NUMBER_MAX) || !day_read(date, &day)) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, name, &place, reply))
		return;
	if (!find_number(call, place.ledger, number, date, &used, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "used", json_boolean(used));
	desk_place_done(reply, answer);
}

const DeskAct desk_reply_acts[] = {
	{"/v1/advise", TRUE, serve_advise},
	{"/v1/letters", FALSE, serve_letters},
	{"/v1/number", FALSE, serve_number},
	{"/v1/reply", TRUE, serve_reply},
	{0},
};
