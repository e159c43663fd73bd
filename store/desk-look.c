/* SPDX-License-Identifier: ISC */
/* Targets of the desk that show cases: facts alone, or, on an entry, cards and bodies. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/day.h"
#include "base/finding.h"
#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-look.h"
#include "store/desk-messages.h"
#include "store/desk-place.h"

#define CASES_MAX 100 /* short: between two pages whoever waits for a processor gets it */
#define CARDS_MAX 200

/* --- looking: facts only -------------------------------------------------------------------------- */

/* Nothing of a case that is not hers but its name, which the numbers beside it give away in any case. */
static json_t *elsewhere_json(const DeskPlace *place, const LedgerCase *c)
{
	g_autofree char *name = cases_name(c);
	return json_pack("{s:s, s:s, s:b, s:s}", "mailbox", place->mailbox, "name", name, "elsewhere", TRUE, "with",
	                 place->officer ? "another" : "officers");
}

static void add_name(json_t **names, const char *name)
{
	if (*names == NULL)
		*names = json_array();
	json_array_append_new(*names, json_string(name));
}

/* From whom among the officers it is kept: what waits only because of it is seen by the others. NULL: from nobody. */
static json_t *withheld_json(const DeskPlace *place, const LedgerCase *c)
{
	json_t *names = NULL;
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (people_is_officer(reader) && desk_place_is_barred(c, reader->name))
			add_name(&names, reader->name);
	}
	return names;
}

/* Every reader from whom it is kept, whoever's work it is now: what is written about it is not sealed to them. NULL: nobody. */
static json_t *kept_json(const DeskPlace *place, const LedgerCase *c)
{
	json_t *names = NULL;
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (reader->card != NULL && desk_place_is_kept(c, reader->name))
			add_name(&names, reader->name);
	}
	return names;
}

/* Each of the terms by itself: that of the calendar, what it was prolonged to, and the others. */
static json_t *terms_json(const DeskCall *call, const ConfigMailbox *mailbox, const LedgerCase *c, const GDate *term)
{
	DeskTerms terms;
	g_date_clear(&terms.forward, 1);
	g_date_clear(&terms.acknowledge, 1);
	g_date_clear(&terms.answer, 1);
	if (mailbox != NULL && call->hooks->terms != NULL)
		call->hooks->terms(call->config, mailbox, finding_moment(c->facts, c->received), c->acked, &terms, call->hooks->user);
	return json_pack("{s:o*, s:s*, s:s*, s:o*, s:o*, s:o*}", "term", desk_json_known(term), "prolonged", c->until, "told", c->told,
	                 "forward", desk_json_known(&terms.forward), "acknowledge", desk_json_known(&terms.acknowledge), "answer",
	                 desk_json_known(&terms.answer));
}

json_t *desk_look_case(const DeskCall *call, const DeskPlace *place, const LedgerCase *c)
{
	GDate official, due;
	const ConfigMailbox *mailbox = config_mailbox(call->config, place->mailbox);
	if (desk_place_why_not(place, c) != NULL)
		return elsewhere_json(place, c);
	g_date_clear(&official, 1);
	g_date_clear(&due, 1);
	if (mailbox != NULL && call->hooks->dates != NULL)
		call->hooks->dates(call->config, mailbox, finding_moment(c->facts, c->received), &official, &due, call->hooks->user);
	GDate until = due;
	if (c->until != NULL)
		day_read(c->until, &until);
	json_t *row = desk_json_case(c, place->mailbox, &official, &until);
	json_object_set_new(row, "terms", terms_json(call, mailbox, c, &due));
	json_object_set_new(row, "withheld", withheld_json(place, c)); /* NULL sets nothing */
	json_object_set_new(row, "kept", kept_json(place, c));
	return row;
}

/* `due` is `open` here: each case says when its term ends, and whoever asks knows what day it is. */
static gboolean read_filter(const char *text, LedgerCases *which)
{
	static const struct {
		const char *word;
		LedgerCases which;
	} filters[] = {
		{"open", LEDGER_CASES_OPEN}, {"due", LEDGER_CASES_OPEN}, {"review", LEDGER_CASES_REVIEW}, {"all", LEDGER_CASES_ALL}};
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
		if (strcmp(filters[i].word, text) == 0)
			return *which = filters[i].which, TRUE;
	return FALSE;
}

/* Where the list of this mailbox goes on; FALSE where `after` says something else than a number. */
static gboolean read_after(const json_t *after, const char *mailbox, guint64 *seq)
{
	const json_t *value = json_object_get(after, mailbox);
	*seq = LEDGER_NOTHING;
	if (value == NULL)
		return TRUE;
	*seq = (guint64)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

typedef struct {
	LedgerCases which;
	const char *mailbox; /* NULL: every one of hers */
	const json_t *after;
	/* the answer */
	json_t *cases, *ends; /* the rows; how far each mailbox was read */
	json_t *alarms;       /* with a mailbox's first page, as is the next */
	guint incidents;      /* of the emergency journal, that nobody has completed */
	gboolean more;
	guint mine; /* how many mailboxes were hers */
	guint64 size; /* entries of their registers */
} CasesQuestion;

/* The list of what must be looked through says by itself that a verdict is not clean: a case that is not hers stands in it
 * whatever its verdict, where it is kept from somebody, or not at all. */
static gboolean is_shown(const DeskPlace *place, LedgerCases which, const LedgerCase *c)
{
	if (which != LEDGER_CASES_REVIEW)
		return TRUE;
	if (desk_place_why_not(place, c) != NULL)
		return ledger_case_is_kept(c);
	return g_strcmp0(record_get(c->facts, "verdict"), "clean") != 0;
}

static gboolean list_mailbox(const DeskCall *call, const DeskPlace *place, CasesQuestion *question, guint64 after,
                             DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = ledger_cases(place->ledger, question->which, after, CASES_MAX + 1, &error);
	if (found == NULL)
		return desk_place_fail_ledger(reply, error);
	for (guint i = 0; i < MIN(found->len, CASES_MAX); i++) {
		const LedgerCase *c = g_ptr_array_index(found, i);
		if (is_shown(place, question->which, c))
			json_array_append_new(question->cases, desk_look_case(call, place, c));
		json_object_set_new(question->ends, place->mailbox, json_integer((json_int_t)c->seq));
	}
	question->more = question->more || found->len > CASES_MAX;
	return TRUE;
}

/* More exclusions of one officer than is usual: for the next level of leadership, less herself. */
static gboolean list_alarms(const DeskPlace *place, json_t *list, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	if (strcmp(place->me->role, "escalation") != 0)
		return TRUE;
	g_autoptr(GArray) alarms = ledger_alarms(place->ledger, place->people, FALSE, &error);
	if (alarms == NULL)
		return desk_place_fail_ledger(reply, error);
	for (guint i = 0; i < alarms->len; i++) {
		const LedgerAlarm *alarm = &g_array_index(alarms, LedgerAlarm, i);
		if (strcmp(alarm->name, place->me->name) != 0)
			json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "mailbox", place->mailbox, "officer", alarm->name,
			                                      "time", (json_int_t)alarm->time));
	}
	return TRUE;
}

/* What somebody has to decide beside the cases. */
static gboolean count_incidents(const DeskPlace *place, guint *incidents, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IncidentBook) book = ledger_incidents(place->ledger, &error);
	if (book == NULL)
		return desk_place_fail_ledger(reply, error);
	*incidents += incident_book_count_waiting(book, place->now);
	return TRUE;
}

static gboolean list_all(const DeskCall *call, CasesQuestion *question, DeskReply *reply)
{
	for (guint i = 0; i < registry_count(call->registry); i++) {
		guint64 after;
		g_auto(DeskPlace) place = {0};
		if (question->mailbox != NULL && strcmp(registry_mailbox(call->registry, i), question->mailbox) != 0)
			continue;
		if (!desk_place_enter(call, i, &place))
			continue;
		question->mine++;
		question->size += ledger_size(place.ledger);
		if (!read_after(question->after, place.mailbox, &after))
			return desk_place_fail_form(reply, "after does not name entries by number.");
		if (after != LEDGER_NOTHING)
			json_object_set_new(question->ends, place.mailbox, json_integer((json_int_t)after));
		if ((after == LEDGER_NOTHING && (!list_alarms(&place, question->alarms, reply) ||
		                                 !count_incidents(&place, &question->incidents, reply))) ||
		    !list_mailbox(call, &place, question, after, reply))
			return FALSE;
	}
	return TRUE;
}

static void serve_cases(const DeskCall *call, DeskReply *reply)
{
	const char *filter;
	json_t *mailbox = NULL, *after = NULL;
	CasesQuestion question = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s?o, s?o}", "filter", &filter, "mailbox", &mailbox, "after",
	                   &after) != 0 ||
	    !read_filter(filter, &question.which) || (mailbox != NULL && !json_is_null(mailbox) && !json_is_string(mailbox)) ||
	    (after != NULL && !json_is_null(after) && !json_is_object(after))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	question.mailbox = json_string_value(mailbox);
	question.after = after;
	question.cases = json_array();
	question.ends = json_object();
	question.alarms = json_array();
	gboolean good = list_all(call, &question, reply);
	if (good && question.mine == 0) {
		reply->mailbox = question.mailbox != NULL ? registry_find(call->registry, question.mailbox) : -1;
		good = desk_place_refuse(reply, "not-reader", "You are no reader of this mailbox.");
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "cases", question.cases);
	json_object_set_new(answer, "alarms", question.alarms);
	json_object_set_new(answer, "incidents", json_integer(question.incidents));
	json_object_set_new(answer, "after", question.ends);
	json_object_set_new(answer, "size", json_integer((json_int_t)question.size));
	json_object_set_new(answer, "more", json_boolean(question.more));
	if (good)
		desk_place_done(reply, answer);
	else
		json_decref(answer);
}

/* --- /v1/find -------------------------------------------------------------------------------------- */

static guint this_year(const DeskCall *call)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(registry_now(call->registry) / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, call->config->timezone);
	return (guint)g_date_time_get_year(here);
}

/* "senim:2026/17", or with the whole address where two mailboxes share the local part. */
static char *name_with_mailbox(const DeskCall *call, const char *mailbox, const LedgerCase *c)
{
	g_autofree char *name = cases_name(c);
	g_autofree char *local = g_strndup(mailbox, (gsize)(strrchr(mailbox, '@') - mailbox));
	guint sharing = 0;
	for (guint i = 0; i < registry_count(call->registry); i++)
		sharing += cases_mailbox_matches(local, registry_mailbox(call->registry, i));
	return g_strdup_printf("%s:%s", sharing > 1 ? mailbox : local, name);
}

typedef struct {
	const CasesName *name;
	guint year;
	gboolean to_grant;  /* she means to give it to another */
	json_t *candidates; /* names */
	json_t *found;      /* the last one as CASE */
	int mailbox;        /* and whose it is */
} FindQuestion;

static gboolean find_in(const DeskCall *call, guint i, FindQuestion *question, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (!cases_mailbox_matches(question->name->mailbox, registry_mailbox(call->registry, i)))
		return TRUE;
	if (!desk_place_enter(call, i, &place))
		return TRUE;
	g_autoptr(LedgerCase) c =
		ledger_case_by_number(place.ledger, question->year, question->name->aside, question->name->number, &error);
	if (c == NULL)
		return g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND) || desk_place_fail_ledger(reply, error);
	g_autofree char *name = name_with_mailbox(call, place.mailbox, c);
	json_array_append_new(question->candidates, json_string(name));
	json_decref(question->found);
	question->found = desk_look_case(call, &place, c);
	if (question->to_grant && desk_place_waits(&place, c))
		json_object_set_new(question->found, "seq", json_integer((json_int_t)c->seq));
	question->mailbox = (int)i;
	return TRUE;
}

static void answer_find(FindQuestion *question, DeskReply *reply)
{
	gsize n = json_array_size(question->candidates);
	if (n == 0) {
		desk_acts_error(reply, 404, "not-found", "There is no such case in your mailboxes.");
	} else if (n > 1) {
		desk_acts_error(reply, 409, "ambiguous", "Several mailboxes have a case of that number: put the mailbox in front.");
		json_object_set(reply->json, "candidates", question->candidates);
	} else if (json_is_true(json_object_get(question->found, "elsewhere")) &&
	           !json_is_integer(json_object_get(question->found, "seq"))) {
		reply->mailbox = question->mailbox;
		const char *with = json_string_value(json_object_get(question->found, "with"));
		desk_place_refuse_case(reply, strcmp(with, "officers") == 0 ? DESK_PLACE_OFFICERS : DESK_PLACE_ELSEWHERE);
	} else {
		json_t *answer = desk_json_answer();
		json_object_set(answer, "case", question->found);
		desk_place_done(reply, answer);
	}
}

static void serve_find(const DeskCall *call, DeskReply *reply)
{
	const char *text;
	int to_grant = FALSE;
	g_auto(CasesName) name = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s?b}", "case", &text, "to_grant", &to_grant) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!cases_parse(text, &name)) {
		desk_acts_deny(reply, 400, "case-name", "A case is called 2026/17 or 2026/X-5, or 17 for one of this year.");
		return;
	}
	FindQuestion question = {&name, name.year != 0 ? name.year : this_year(call), to_grant, json_array(), NULL, -1};
	gboolean good = TRUE;
	for (guint i = 0; good && i < registry_count(call->registry); i++)
		good = find_in(call, i, &question, reply);
	if (good)
		answer_find(&question, reply);
	json_decref(question.candidates);
	json_decref(question.found);
}

void desk_look_prove(GArray *seqs, guint64 seq, guint64 accepted)
{
	g_array_append_val(seqs, seq);
	if (accepted != 0)
		g_array_append_val(seqs, accepted);
}

gboolean desk_look_prove_state(const DeskPlace *place, guint64 seq, SealPart part, GArray *seqs, guint64 *state, GError **error)
{
	gboolean there = FALSE;
	if (!ledger_state(place->ledger, seq, part, state, error))
		return FALSE;
	for (guint i = 0; i < seqs->len; i++)
		there = there || g_array_index(seqs, guint64, i) == *state;
	if (*state != seq && !there)
		g_array_append_val(seqs, *state);
	return TRUE;
}

/* Between header, proof and payload somebody may have sealed it anew: they would not go together. */
static gboolean is_still(const DeskPlace *place, guint64 seq, SealPart part, guint64 state, GError **error)
{
	guint64 now;
	if (!ledger_state(place->ledger, seq, part, &now, error))
		return FALSE;
	if (now != state)
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_STALE, "It was sealed anew meanwhile: open it again.");
	return now == state;
}

/* --- /v1/open ------------------------------------------------------------------------------------------ */

typedef struct {
	DeskActFields fields;
	const char *part, *act;
	SealPart seal_part;
	json_int_t message; /* 0: the report; else the entry of one of the case's further messages */
} OpenQuestion;

static void open_question_clear(OpenQuestion *question)
{
	desk_act_clear(&question->fields);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OpenQuestion, open_question_clear)

static gboolean read_open(const DeskCall *call, OpenQuestion *question, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &question->fields, reply, "{s:s, s:s, s?I}", "part", &question->part,
	                   "act", &question->act, "message", &question->message))
		return FALSE;
	gboolean body = strcmp(question->part, "body") == 0;
	if (!body && strcmp(question->part, "card") != 0)
		return desk_place_fail_form(reply, "A part is body or card.");
	if (!desk_act_is_word(question->act, 32))
		return desk_place_fail_form(reply, "An act is a word of a-z, 0-9 and '-'.");
	question->seal_part = body ? SEAL_PART_BODY : SEAL_PART_CARD;
	return TRUE;
}

static GBytes *header_of(const DeskPlace *place, guint64 seq, SealPart part, GError **error)
{
	return ledger_header(place->ledger, seq, part, part == SEAL_PART_BODY ? place->me->body : place->me->card, error);
}

static gboolean enter_opened(const DeskCall *call, const DeskPlace *place, const OpenQuestion *question, const LedgerCase *c,
                             guint64 *seq, DeskReply *reply)
{
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	if (question->message != 0)
		record_add_uint(record, "message", (guint64)question->message);
	record_add(record, "part", question->part);
	record_add(record, "act", question->act);
	desk_act_sign_off(record, call, &question->fields);
	/* What is opened to be sealed anew nobody has read (ledger-cases.c). */
	gboolean first = strcmp(question->act, "reseal") != 0 && question->seal_part == SEAL_PART_BODY && question->message == 0 && strcmp(c->state, "new") == 0;
	LedgerAct act = {.kind = ENTRY_OPENED, .record = record, .case_seq = c->seq, .state = first ? "open" : NULL};
	return desk_act_append(place, &act, &question->fields, seq, reply);
}

/* What the entry allows: the payload itself where it is small, and to fetch it in any case. */
static gboolean add_payload(const DeskCall *call, const DeskPlace *place, const DeskGrant *grant, json_t *answer, GError **error)
{
	g_autoptr(GBytes) octets = NULL;
	int fd = -1;
	if (!ledger_payload(place->ledger, grant->seq, (SealPart)grant->part, &octets, &fd, error))
		return FALSE;
	if (fd >= 0)
		close(fd);
	desk_session_grant(call->sessions, call->session, grant);
	json_object_set_new(answer, "payload", octets != NULL ? desk_json_bytes(octets) : json_null());
	return TRUE;
}

static void answer_open(const DeskCall *call, const DeskPlace *place, const OpenQuestion *question, const DeskGrant *grant,
                        GArray *seqs, GBytes *header, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	json_t *answer = desk_json_answer();
	if (!desk_place_add_proof(place, seqs, question->fields.known, answer, &error) ||
	    !add_payload(call, place, grant, answer, &error) ||
	    !is_still(place, grant->seq, (SealPart)grant->part, grant->state, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_object_set_new(answer, "header", desk_json_bytes(header));
	if (strcmp(question->act, "receipt") == 0)
		desk_place_add_witnessed(place, (guint64)question->fields.seq, answer);
	desk_place_done(reply, answer);
}

static void serve_open(const DeskCall *call, DeskReply *reply)
{
	g_auto(OpenQuestion) question = {0};
	g_auto(DeskPlace) place = {0};
	if (!read_open(call, &question, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, question.fields.mailbox, question.fields.seq, &place, reply);
	if (c == NULL)
		return;
	g_autoptr(LedgerMessage) message = question.message != 0 ? desk_messages_enter(&place, c, question.message, reply) : NULL;
	if (question.message != 0 && message == NULL)
		return;
	guint64 seq = message != NULL ? message->seq : c->seq;
	if (!desk_place_is_there(&place, seq, reply))
		return;
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	DeskGrant grant = {.mailbox = place.index, .seq = seq, .part = (int)question.seal_part};
	g_array_set_size(seqs, 1); /* the act's own entry, once it is there */
	desk_look_prove(seqs, seq, message != NULL ? 0 : c->accepted);
	if (!desk_look_prove_state(&place, seq, question.seal_part, seqs, &grant.state, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	g_autoptr(GBytes) header = header_of(&place, seq, question.seal_part, &error);
	if (header == NULL) {
		if (g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
			desk_place_refuse(reply, "no-header", "This case was not sealed to your key: another reader can grant it to you.");
		else
			desk_place_fail_ledger(reply, error);
		return;
	}
	if (!enter_opened(call, &place, &question, c, &grant.entry, reply))
		return;
	g_array_index(seqs, guint64, 0) = grant.entry;
	answer_open(call, &place, &question, &grant, seqs, header, reply);
}

/* What is left from an octet on: a download that broke off goes on where it was. */
static void begin_at(DeskReply *reply, guint64 from, guint64 size)
{
	if (from > size) {
		desk_acts_error(reply, 400, "form", "The payload has fewer octets than that.");
		return;
	}
	if (reply->octets != NULL) {
		GBytes *rest = g_bytes_new_from_bytes(reply->octets, (gsize)from, (gsize)(size - from));
		g_bytes_unref(reply->octets);
		reply->octets = rest;
	}
	reply->from = from;
	reply->size = size - from;
	reply->status = 200;
}

static void serve_payload(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t entry, from = 0;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s?I}", "mailbox", &mailbox, "entry", &entry, "from",
	                   &from) != 0 || from < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	DeskGrant grant = {.mailbox = place.index, .entry = (guint64)entry};
	if (!desk_session_granted(call->sessions, call->session, &grant)) {
		desk_place_refuse(reply, "not-opened", "This session has not opened that case: open it first.");
		return;
	}
	g_autoptr(GError) error = NULL;
	if (!ledger_payload(place.ledger, grant.seq, (SealPart)grant.part, &reply->octets, &reply->fd, &error) ||
	    !is_still(&place, grant.seq, (SealPart)grant.part, grant.state, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	struct stat st;
	if (reply->octets == NULL && (fstat(reply->fd, &st) != 0 || st.st_size < 0)) {
		desk_acts_error(reply, 503, "books", "The payload cannot be read.");
		return;
	}
	begin_at(reply, (guint64)from, reply->octets != NULL ? g_bytes_get_size(reply->octets) : (guint64)st.st_size);
}

/* --- /v1/cards ----------------------------------------------------------------------------------------- */

/* One card on its way out. */
typedef struct {
	guint64 seq, accepted; /* of the case; of the entry that gave an X its number, or 0 */
	guint64 state;
	GBytes *header;
} Card;

static void card_clear(gpointer data)
{
	g_bytes_unref(((Card *)data)->header);
}

static gboolean read_cards(const DeskCall *call, DeskActFields *f, json_t **seqs, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, f, reply, "{s:o}", "seqs", seqs))
		return FALSE;
	gsize n = json_array_size(*seqs);
	if (n == 0 || n > CARDS_MAX)
		return desk_place_fail_form(reply, "Cards are asked for by 1 to 200 numbers of entries.");
	for (gsize i = 0; i < n; i++)
		if (!json_is_integer(json_array_get(*seqs, i)) || json_integer_value(json_array_get(*seqs, i)) <= 0)
			return desk_place_fail_form(reply, "Cards are asked for by 1 to 200 numbers of entries.");
	return TRUE;
}

/* The cards that she may have; those that are withheld from her, or were not sealed to her, are left out. */
static GArray *collect_cards(const DeskPlace *place, const json_t *seqs, DeskReply *reply)
{
	g_autoptr(GArray) cards = g_array_new(FALSE, FALSE, sizeof(Card));
	g_array_set_clear_func(cards, card_clear);
	for (gsize i = 0; i < json_array_size(seqs); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(LedgerCase) c = desk_place_case(place, json_integer_value(json_array_get(seqs, i)), reply);
		if (c == NULL)
			return NULL;
		if (desk_place_why_not(place, c) != NULL)
			continue;
		Card card = {.seq = c->seq, .accepted = c->accepted};
		if (ledger_state(place->ledger, c->seq, SEAL_PART_CARD, &card.state, &error))
			card.header = header_of(place, c->seq, SEAL_PART_CARD, &error);
		if (card.header != NULL) {
			g_array_append_val(cards, card);
		} else if (!g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
			desk_place_fail_ledger(reply, error);
			return NULL;
		}
	}
	if (cards->len > 0)
		return g_steal_pointer(&cards);
	desk_place_refuse(reply, "no-header", "None of these cards was sealed to your key, or they are withheld from you.");
	return NULL;
}

static gboolean add_cards(const DeskPlace *place, const GArray *cards, json_t *answer, GError **error)
{
	json_t *list = json_array();
	json_object_set_new(answer, "cards", list);
	for (guint i = 0; i < cards->len; i++) {
		const Card *card = &g_array_index(cards, Card, i);
		g_autoptr(GBytes) octets = NULL;
		int fd = -1;
		if (!ledger_payload(place->ledger, card->seq, SEAL_PART_CARD, &octets, &fd, error) ||
		    !is_still(place, card->seq, SEAL_PART_CARD, card->state, error))
			return FALSE;
		if (fd >= 0)
			close(fd);
		json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "seq", (json_int_t)card->seq,
		                                      "header", desk_json_bytes(card->header),
		                                      "payload", octets != NULL ? desk_json_bytes(octets) : json_null()));
	}
	return TRUE;
}

static void serve_cards(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	json_t *wanted;
	g_auto(DeskPlace) place = {0};
	if (!read_cards(call, &fields, &wanted, reply) || !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autoptr(GArray) cards = collect_cards(&place, wanted, reply);
	if (cards == NULL)
		return;
	g_autoptr(Record) record = desk_act_record(call);
	g_autoptr(GArray) seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	g_array_set_size(seqs, 1); /* the act's own entry, once it is there */
	for (guint i = 0; i < cards->len; i++) {
		const Card *card = &g_array_index(cards, Card, i);
		record_add_uint(record, "case", card->seq);
		desk_look_prove(seqs, card->seq, card->accepted);
		if (card->state != card->seq)
			g_array_append_val(seqs, card->state);
	}
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_LISTED, .record = record};
	if (!desk_act_append(&place, &act, &fields, &g_array_index(seqs, guint64, 0), reply))
		return;
	g_autoptr(GError) error = NULL;
	json_t *answer = desk_json_answer();
	if (desk_place_add_proof(&place, seqs, fields.known, answer, &error) && add_cards(&place, cards, answer, &error)) {
		desk_place_done(reply, answer);
	} else {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
	}
}

const DeskAct desk_look_acts[] = {
	{"/v1/cases", FALSE, serve_cases},
	{"/v1/find", FALSE, serve_find},
	{"/v1/cards", TRUE, serve_cards},
	{"/v1/open", TRUE, serve_open},
	{"/v1/payload", FALSE, serve_payload},
	{0},
};
