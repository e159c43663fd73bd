/* SPDX-License-Identifier: ISC */
/* Targets of the desk about a case's row in the register and its course.
 *
 * Each of these entries names the one before it of the same case (`after`): a row that is folded from them shows a gap, and
 * nobody writes over what she has not seen. What stands in the row is sealed to everybody who reads the case; the registrar
 * learns which entry is struck, to whom a case is assigned, its category and its result, and nothing else. */
#include <string.h>

#include "base/day.h"
#include "base/finding.h"
#include "store/cases.h"
#include "store/casework.h"
#include "store/desk-casework.h"
#include "store/desk-json.h"
#include "store/desk-letters.h"
#include "store/desk-messages.h"

#define PROLONGED_MAX 366 /* days */

void desk_casework_clear(DeskCasework *work)
{
	desk_act_clear(&work->fields);
	desk_place_clear(&work->place);
	ledger_case_free(work->c);
	record_free(work->record);
}

/* --- for whom a text is sealed -------------------------------------------------------------------------------------- */

static gboolean has_reader(const SealedText *text, const char *name)
{
	for (guint i = 0; i < text->headers->len; i++)
		if (strcmp(((const SealedTextHeader *)text->headers->pdata[i])->reader, name) == 0)
			return TRUE;
	return FALSE;
}

/* Everybody in force who has a card key and from whom the case is not kept, and nobody from whom it is: else an officer
 * would read of herself, or another could not go on with the case. */
static gboolean check_readers(const DeskCasework *work, DeskReply *reply)
{
	const SealedText *text = work->fields.text;
	for (guint i = 0; text != NULL && i < work->place.readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(work->place.readers, i);
		if (reader->card == NULL)
			continue;
		/* Assigned to one, a case stays readable to those who may get it back. */
		gboolean barred = desk_place_is_kept(work->c, reader->name);
		if (has_reader(text, reader->name) == barred) {
			desk_acts_error(reply, 409, "readers", "The text is not sealed to those who read this case now: ask who does.");
			return FALSE;
		}
	}
	return TRUE;
}

/* --- what they share -------------------------------------------------------------------------------------------------- */

/* The case, may she, and the lines that every record begins with. */
gboolean desk_casework_enter(const DeskCall *call, DeskCasework *work, DeskCaseworkText rule, DeskReply *reply)
{
	work->c = desk_place_enter_case(call, work->fields.mailbox, work->fields.seq, &work->place, reply);
	if (work->c == NULL)
		return FALSE;
	if (rule == DESK_CASEWORK_TEXT_MUST && work->fields.text == NULL)
		return desk_place_fail_form(reply, "This act needs its text.");
	if (work->after < 0)
		return desk_place_fail_form(reply, "A number is negative.");
	work->record = desk_act_record(call);
	record_add_uint(work->record, "case", work->c->seq);
	record_add_uint(work->record, "after", (guint64)work->after);
	return check_readers(work, reply);
}

void desk_casework_finish(const DeskCall *call, DeskCasework *work, LedgerAct *act, DeskReply *reply)
{
	desk_act_sign_off(work->record, call, &work->fields);
	act->record = work->record;
	act->case_seq = work->c->seq;
	act->chained = TRUE;
	act->after = (guint64)work->after;
	desk_act_finish(call, &work->place, act, &work->fields, reply);
}

/* An act whose own field is one word, or none. */
static gboolean begin(const DeskCall *call, DeskCasework *work, DeskCaseworkText rule, const char *key, const char **word, DeskReply *reply)
{
	DeskActForm form = rule == DESK_CASEWORK_TEXT_NONE ? DESK_ACT_OF_CASE : DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT;
	gboolean read = key == NULL ? desk_act_read(call, form, &work->fields, reply, "{s:I}", "after", &work->after)
	                            : desk_act_read(call, form, &work->fields, reply, "{s:I, s:s}", "after", &work->after, key, word);
	return read && desk_casework_enter(call, work, rule, reply);
}

static gboolean is_open(const LedgerCase *c)
{
	return strcmp(c->state, "new") == 0 || strcmp(c->state, "open") == 0;
}

static gboolean may_leave(const LedgerCase *c, DeskReply *reply)
{
	if (!is_open(c))
		return desk_acts_deny(reply, 409, "not-open", "This case is closed or set aside already.");
	return !c->held || desk_acts_deny(reply, 409, "held", "This case is on hold: release it first.");
}

gboolean desk_casework_is_one_of(const char *word, const char *words)
{
	g_autofree char *one = g_strdup_printf(" %s ", word);
	return strchr(word, ' ') == NULL && strstr(words, one) != NULL;
}

/* --- the row ---------------------------------------------------------------------------------------------------------- */

static void serve_note(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	LedgerAct act = {.kind = ENTRY_NOTED};
	if (begin(call, &work, DESK_CASEWORK_TEXT_MUST, NULL, NULL, reply))
		desk_casework_finish(call, &work, &act, reply);
}

/* The text of a call, of one part of one message: plain, not the columns of a row. A later one stands instead of it. */
static void serve_transcript(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	json_int_t message, part;
	LedgerAct act = {.kind = ENTRY_NOTED};
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, s:I, s:I}", "after",
	                   &work.after, "message", &message, "part", &part) ||
	    !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MUST, reply))
		return;
	if (part < 0 || part > G_MAXUINT16) {
		desk_place_fail_form(reply, "part is the number of an attachment.");
		return;
	}
	g_autoptr(LedgerMessage) followup =
		(guint64)message != work.c->seq ? desk_messages_enter(&work.place, work.c, message, reply) : NULL;
	if (followup == NULL && (guint64)message != work.c->seq)
		return;
	record_add(work.record, "act", "transcript");
	record_add_uint(work.record, "message", (guint64)message);
	record_add_uint(work.record, "part", (guint64)part);
	desk_casework_finish(call, &work, &act, reply);
}

/* What the row holds is sealed: that it holds the number of an answer that lacks one, `of` says. */
static void serve_resolve(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	json_int_t of;
	LedgerAct act = {.kind = ENTRY_RESOLVED};
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, s:I}", "after", &work.after, "of",
	                   &of) ||
	    !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MUST, reply))
		return;
	if (of != 0 && !ledger_case_takes_number(work.c, (guint64)of)) {
		desk_acts_deny(reply, 409, "no-number", DESK_CASEWORK_NO_NUMBER);
		return;
	}
	record_add_uint(work.record, "of", (guint64)of);
	desk_casework_finish(call, &work, &act, reply);
}

static gboolean is_work_of(const LedgerCase *c, json_int_t seq)
{
	for (guint i = 0; c->work != NULL && i < c->work->len; i++)
		if (g_array_index(c->work, guint64, i) == (guint64)seq)
			return TRUE;
	return FALSE;
}

/* What can be struck: what was written into the row, and a link. Whose a case is, its category and its state are changed by
 * a new entry that says so. */
static gboolean check_struck(const DeskCasework *work, json_int_t of, const char *field, DeskReply *reply)
{
	LedgerEntry data = {0};
	Entry entry = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_act_is_word(field, 32) && strcmp(field, "-") != 0)
		return desk_place_fail_form(reply, "field is a word, or '-' for the whole entry.");
	if (!is_work_of(work->c, of)) {
		desk_acts_deny(reply, 404, "no-entry", "That is no entry of this case's work.");
		return FALSE;
	}
	if (!ledger_entry(work->place.ledger, (guint64)of, &data, &error))
		return desk_place_fail_ledger(reply, error);
	gboolean good = entry_decode(data.entry, &entry, NULL);
	ledger_entry_clear(&data);
	/* Of an answer the outgoing number alone: what was answered stays answered. */
	gboolean number = (entry.kind == ENTRY_REPLIED || entry.kind == ENTRY_ADVISED) && g_str_has_prefix(field, "outgoing-");
	/* Of a strike what it put instead: that may be wrong too. */
	gboolean instead = entry.kind == ENTRY_STRUCK && strcmp(field, "-") != 0;
	if (!good || (entry.kind != ENTRY_NOTED && entry.kind != ENTRY_RESOLVED && entry.kind != ENTRY_LINKED && !number && !instead))
		return desk_acts_deny(reply, 409, "not-struck", "An entry of that kind is not struck: a new one of its kind stands instead of it.");
	return TRUE;
}

static void serve_strike(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	json_int_t of;
	const char *field;
	int instead;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, s:I, s:s, s:b}", "after",
	                   &work.after, "of", &of, "field", &field, "instead", &instead) ||
	    !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MUST, reply) || !check_struck(&work, of, field, reply))
		return;
	record_add_uint(work.record, "of", (guint64)of);
	record_add(work.record, "field", field);
	record_add_bool(work.record, "instead", instead);
	LedgerAct act = {.kind = ENTRY_STRUCK, .concerns = (guint64)of};
	desk_casework_finish(call, &work, &act, reply);
}

/* --- whose it is, and what it is about ---------------------------------------------------------------------------------- */

/* An officer who reads here, has the case's headers, and from whom it is not kept. */
static gboolean check_assignee(const DeskCasework *work, const char *name, DeskReply *reply)
{
	if (strcmp(name, "-") == 0)
		return work->c->assigned != NULL || desk_acts_deny(reply, 409, "not-assigned", "This case is assigned to nobody.");
	const PeoplePerson *reader = NULL;
	for (guint i = 0; reader == NULL && i < work->place.readers->len; i++) {
		const PeoplePerson *one = g_ptr_array_index(work->place.readers, i);
		reader = one->card != NULL && strcmp(one->name, name) == 0 ? one : NULL;
	}
	if (reader == NULL) {
		desk_acts_error(reply, 404, "no-reader", "There is no reader of that name in this mailbox.");
		return FALSE;
	}
	g_autoptr(GBytes) header = ledger_header(work->place.ledger, work->c->seq, SEAL_PART_BODY, reader->body, NULL);
	if (header == NULL || desk_place_is_kept(work->c, name))
		return desk_place_refuse(reply, "no-header", "That reader could not open this case: grant it to her first.");
	return g_strcmp0(work->c->assigned, name) != 0 || desk_acts_deny(reply, 409, "assigned", "This case is assigned to her already.");
}

static void serve_assign(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *to;
	LedgerAct act = {.kind = ENTRY_ASSIGNED};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_NONE, "to", &to, reply) || !check_assignee(&work, to, reply))
		return;
	record_add(work.record, "to", to);
	desk_casework_finish(call, &work, &act, reply);
}

/* NULL with the reply filled where the list cannot be read. */
static json_t *read_categories(const DeskCall *call, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	json_t *list = call->hooks->categories != NULL ? call->hooks->categories(call->config, &error, call->hooks->user)
	                                               : json_array();
	if (list == NULL)
		desk_acts_error(reply, 503, "categories", error->message);
	return list;
}

static gboolean check_category(const DeskCall *call, const DeskCasework *work, const char *category, DeskReply *reply)
{
	const json_t *item;
	gsize i;
	gboolean found = strcmp(category, "-") == 0;
	if (g_strcmp0(work->c->category, category) == 0 || (found && work->c->category == NULL))
		return desk_acts_deny(reply, 409, "same-category", "This case has that category already.");
	json_t *list = read_categories(call, reply);
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item)
		found = found || (g_strcmp0(json_string_value(json_object_get(item, "id")), category) == 0 &&
		                  !json_is_true(json_object_get(item, "off")));
	json_decref(list);
	if (!found)
		desk_acts_deny(reply, 404, "no-category", "This is no category of the organisation's list.");
	return found;
}

static void serve_category(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *category;
	LedgerAct act = {.kind = ENTRY_ASSIGNED};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_NONE, "category", &category, reply) || !check_category(call, &work, category, reply))
		return;
	record_add(work.record, "category", category);
	desk_casework_finish(call, &work, &act, reply);
}

static void serve_categories(const DeskCall *call, DeskReply *reply)
{
	if (json_object_size(call->body) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	json_t *list = read_categories(call, reply);
	if (list == NULL)
		return;
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "categories", list);
	desk_place_done(reply, answer);
}

/* --- its course ------------------------------------------------------------------------------------------------------- */

static void serve_set_aside(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *reason;
	LedgerAct act = {.kind = ENTRY_SET_ASIDE, .state = "set-aside"};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_MAY, "reason", &reason, reply) || !may_leave(work.c, reply))
		return;
	if (!desk_casework_is_one_of(reason, CASEWORK_REASONS)) {
		desk_place_fail_form(reply, "A reason is one of:" CASEWORK_REASONS);
		return;
	}
	record_add(work.record, "reason", reason);
	desk_casework_finish(call, &work, &act, reply);
}

static void serve_close(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *result;
	LedgerAct act = {.kind = ENTRY_CLOSED, .state = "closed"};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_MAY, "result", &result, reply) || !may_leave(work.c, reply))
		return;
	if (!desk_casework_is_one_of(result, CASEWORK_RESULTS)) {
		desk_place_fail_form(reply, "A result is one of:" CASEWORK_RESULTS);
		return;
	}
	record_add(work.record, "result", result);
	act.concerns = work.c->seq;
	desk_casework_finish(call, &work, &act, reply);
}

static void serve_reopen(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	LedgerAct act = {.kind = ENTRY_REOPENED, .state = "open"};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_MAY, NULL, NULL, reply))
		return;
	if (is_open(work.c))
		desk_acts_deny(reply, 409, "is-open", "This case is open.");
	else
		desk_casework_finish(call, &work, &act, reply);
}

/* The last day as it is now: what it was prolonged to, else that of the calendar; invalid where that is not known. */
static void due_now(const DeskCall *call, const DeskCasework *work, GDate *due)
{
	GDate official;
	const ConfigMailbox *mailbox = config_mailbox(call->config, work->place.mailbox);
	g_date_clear(due, 1);
	if (work->c->until != NULL)
		day_read(work->c->until, due);
	else if (mailbox != NULL && call->hooks->dates != NULL)
		call->hooks->dates(call->config, mailbox, finding_moment(work->c->facts, work->c->received), &official, due, call->hooks->user);
}

static gboolean check_until(const DeskCall *call, const DeskCasework *work, const char *until, DeskReply *reply)
{
	GDate day, due;
	if (!day_read(until, &day))
		return desk_place_fail_form(reply, "until is a day, YYYY-MM-DD.");
	due_now(call, work, &due);
	if (g_date_valid(&due) && g_date_compare(&day, &due) <= 0)
		return desk_acts_deny(reply, 409, "term-later", "The term ends on that day already, or later.");
	return !g_date_valid(&due) || g_date_days_between(&due, &day) <= PROLONGED_MAX ||
	       desk_acts_deny(reply, 400, "term-year", "A term is not prolonged by more than a year.");
}

/* May he be written to? He did not ask not to be, and nothing stood against the acknowledgement. */
static gboolean may_be_told(const LedgerCase *c, DeskReply *reply)
{
	const char *wish;
	for (guint i = 0; (wish = record_get_nth(c->facts, "wish", i)) != NULL; i++)
		if (strcmp(wish, "no-answer") == 0)
			return desk_acts_deny(reply, 409, "wish", "The reporter does not wish to be answered.");
	if (c->unsafe)
		return desk_acts_deny(reply, 409, "unsafe", "No letter is to go to the reporter's address.");
	if (strcmp(c->ack_state, "withheld") == 0)
		return desk_acts_deny(reply, 409, "ack-held", "The acknowledgement of this case is held back: release it first.");
	return strcmp(c->ack_state, "bounced") != 0 || desk_acts_deny(reply, 409, "bounced", "The acknowledgement of this case came back: nobody gets letters there.");
}

/* letter: {"to", "message_id", "language"} or null. NULL with the reply filled where it is of another form. */
static gboolean take_letter(const DeskCasework *work, json_t *letter, const char *until, const char *notice, Record **record, DeskReply *reply)
{
	const char *to, *message_id, *language;
	*record = NULL;
	if (json_is_null(letter))
		return TRUE;
	if (strcmp(notice, "mail") != 0 || json_unpack_ex(letter, NULL, JSON_STRICT, "{s:s, s:s, s:s}", "to", &to, "message_id",
	                                                  &message_id, "language", &language) != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	if (!desk_letters_check(to, message_id, language, reply) || !may_be_told(work->c, reply))
		return FALSE;
	*record = desk_letters_record(to, message_id, language);
	record_add(*record, "purpose", "prolonged");
	record_add(*record, "until", until);
	return TRUE;
}

static void serve_prolong(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *until, *notice;
	json_t *asked;
	g_autoptr(Record) letter = NULL;
	LedgerAct act = {.kind = ENTRY_PROLONGED, .letter_due = registry_now(call->registry)};
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, s:s, s:s, s:o}", "after",
	                   &work.after, "until", &until, "notice", &notice, "letter", &asked) ||
	    !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MUST, reply) || !check_until(call, &work, until, reply))
		return;
	if (!is_open(work.c)) {
		desk_acts_deny(reply, 409, "not-open", "This case is closed or set aside already.");
		return;
	}
	if (!desk_casework_is_one_of(notice, CASEWORK_NOTICES)) {
		desk_place_fail_form(reply, "A notice is one of:" CASEWORK_NOTICES);
		return;
	}
	if (!take_letter(&work, asked, until, notice, &letter, reply))
		return;
	record_add(work.record, "until", until);
	record_add(work.record, "notice", notice);
	record_add(work.record, "letter", letter != NULL ? "queued" : "-");
	act.letter = letter;
	desk_casework_finish(call, &work, &act, reply);
}

static void serve_hold(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *hold;
	LedgerAct act = {.kind = ENTRY_HELD};
	if (!begin(call, &work, DESK_CASEWORK_TEXT_MAY, "hold", &hold, reply))
		return;
	if (!desk_casework_is_one_of(hold, " on off ")) {
		desk_place_fail_form(reply, "hold is on or off.");
		return;
	}
	if (work.c->held == (strcmp(hold, "on") == 0)) {
		desk_acts_deny(reply, 409, work.c->held ? "held-already" : "not-held",
		               work.c->held ? "This case is on hold already." : "This case is not on hold.");
		return;
	}
	record_add(work.record, "hold", hold);
	desk_casework_finish(call, &work, &act, reply);
}

/* The other one by number and by name, so that neither is taken for another; she must read both. */
static gboolean check_other(const DeskCasework *work, json_int_t to, const char *name, DeskReply *reply)
{
	if ((guint64)to == work->c->seq)
		return desk_acts_deny(reply, 400, "link-itself", "A case is not linked to itself.");
	g_autoptr(LedgerCase) other = desk_place_case(&work->place, to, reply);
	if (other == NULL)
		return FALSE;
	const char *why = desk_place_why_not(&work->place, other);
	if (why != NULL)
		return desk_place_refuse_case(reply, why);
	g_autofree char *called = cases_name(other);
	return strcmp(called, name) == 0 || desk_place_fail_form(reply, "The other case has another name.");
}

/* An entry of the case's work: its kind and record (transfer full), or NULL. */
static Record *work_entry(const DeskCasework *work, guint64 seq, guint *kind)
{
	LedgerEntry data = {0};
	Entry entry;
	gsize size;
	if (!ledger_entry(work->place.ledger, seq, &data, NULL))
		return NULL;
	const void *text = g_bytes_get_data(data.record, &size);
	Record *record = entry_decode(data.entry, &entry, NULL) ? record_read(text, size, 0, NULL, NULL) : NULL;
	*kind = entry.kind;
	ledger_entry_clear(&data);
	return record;
}

/* Is it linked to that case, by an entry that was not struck? */
static gboolean is_linked(const DeskCasework *work, guint64 to)
{
	guint64 by = 0, seq;
	guint kind;
	for (guint i = 0; work->c->work != NULL && i < work->c->work->len; i++) {
		guint64 at = g_array_index(work->c->work, guint64, i);
		g_autoptr(Record) record = work_entry(work, at, &kind);
		if (record != NULL && kind == ENTRY_LINKED && record_get_uint(record, "other", G_MAXINT64, &seq, NULL) && seq == to)
			by = at;
		else if (record != NULL && kind == ENTRY_STRUCK && record_get_uint(record, "of", G_MAXINT64, &seq, NULL) && seq == by)
			by = 0;
	}
	return by != 0;
}

static void serve_link(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	json_int_t to;
	const char *name;
	LedgerAct act = {.kind = ENTRY_LINKED};
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &work.fields, reply, "{s:I, s:I, s:s}", "after", &work.after, "to", &to, "name",
	                   &name) ||
	    !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_NONE, reply) || !check_other(&work, to, name, reply))
		return;
	if (is_linked(&work, (guint64)to)) {
		desk_acts_error(reply, 409, "linked", "These cases are linked already.");
		return;
	}
	record_add_uint(work.record, "other", (guint64)to);
	record_add(work.record, "name", name);
	desk_casework_finish(call, &work, &act, reply);
}

/* --- reading it -------------------------------------------------------------------------------------------------------- */

/* Who gets headers here, as the register's own entries say: those entries, for the officer's program to fold. */
static void serve_readers(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	guint8 set[32];
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "known", &known) != 0 || known < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(GPtrArray) readers = ledger_readers(place.ledger, set, &error);
	json_t *answer = desk_json_answer();
	if (readers != NULL && desk_place_add_proof(&place, place.people->changes, known, answer, &error)) {
		json_object_set_new(answer, "set", desk_json_hex(set, sizeof set));
		desk_place_done(reply, answer);
		return;
	}
	json_decref(answer);
	desk_place_fail_ledger(reply, error);
}

/* What is personal in it stands in the texts: an entry first, as for a card. */
static void serve_work(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskCasework) work = {0};
	const char *act_word;
	guint64 seq;
	g_autoptr(GError) error = NULL;
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &work.fields, reply, "{s:s}", "act", &act_word))
		return;
	if (!desk_act_is_word(act_word, 32)) {
		desk_place_fail_form(reply, "act is a word.");
		return;
	}
	work.c = desk_place_enter_case(call, work.fields.mailbox, work.fields.seq, &work.place, reply);
	if (work.c == NULL)
		return;
	work.record = desk_act_record(call);
	record_add_uint(work.record, "case", work.c->seq);
	record_add(work.record, "part", "work");
	record_add(work.record, "act", act_word);
	desk_act_sign_off(work.record, call, &work.fields);
	LedgerAct act = {.kind = ENTRY_OPENED, .record = work.record, .case_seq = work.c->seq};
	if (!desk_act_append(&work.place, &act, &work.fields, &seq, reply))
		return;
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint64 erased;
	if (!ledger_erased(work.place.ledger, work.c->seq, &erased, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	g_array_append_val(seqs, seq);
	if (erased == 0) /* else its ERASED entry, which stands among its work, says what it was */
		g_array_append_val(seqs, work.c->seq);
	if (work.c->accepted != 0)
		g_array_append_val(seqs, work.c->accepted);
	if (work.c->work != NULL)
		g_array_append_vals(seqs, work.c->work->data, work.c->work->len);
	json_t *answer = desk_json_answer();
	if (desk_place_add_proof(&work.place, seqs, work.fields.known, answer, &error)) {
		desk_place_done(reply, answer);
		return;
	}
	json_decref(answer);
	desk_place_fail_ledger(reply, error);
}

const DeskAct desk_casework_acts[] = {
	{"/v1/assign", TRUE, serve_assign},
	{"/v1/categories", FALSE, serve_categories},
	{"/v1/category", TRUE, serve_category},
	{"/v1/close", TRUE, serve_close},
	{"/v1/hold", TRUE, serve_hold},
	{"/v1/link", TRUE, serve_link},
	{"/v1/note", TRUE, serve_note},
	{"/v1/prolong", TRUE, serve_prolong},
	{"/v1/readers", FALSE, serve_readers},
	{"/v1/reopen", TRUE, serve_reopen},
	{"/v1/resolve", TRUE, serve_resolve},
	{"/v1/set-aside", TRUE, serve_set_aside},
	{"/v1/strike", TRUE, serve_strike},
	{"/v1/transcript", TRUE, serve_transcript},
	{"/v1/work", TRUE, serve_work},
	{0},
};
