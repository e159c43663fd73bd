/* SPDX-License-Identifier: ISC */
#include "store/desk-acts.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/desk-json.h"
#include "store/desk-look.h"
#include "store/desk-place.h"
#include "store/outbox.h"

#define CARDS_MAX 200
#define GROUND_MAX 1000
#define REQUEST_MAX 64
#define MESSAGE_ID_MAX 998

/* --- replies ----------------------------------------------------------------------- */

void desk_acts_reply_clear(DeskReply *reply)
{
	json_decref(reply->json);
	reply->json = NULL;
	g_clear_pointer(&reply->octets, g_bytes_unref);
	if (reply->fd >= 0)
		close(reply->fd);
	reply->fd = -1;
}

void desk_acts_error(DeskReply *reply, guint status, const char *word, const char *message)
{
	desk_acts_reply_clear(reply);
	g_autofree char *valid = g_utf8_make_valid(message, -1);
	reply->status = status;
	reply->json = json_pack("{s:i, s:s, s:s}", "schema", DESK_JSON_SCHEMA, "error", word, "message", valid);
}

void desk_acts_refuse(DeskReply *reply, guint status, const char *why, const char *message)
{
	desk_acts_error(reply, status, status == 401 ? "session" : "refused", message);
	json_object_set_new(reply->json, "why", json_string(why));
	reply->why = why;
}

/* --- the fields of an act ------------------------------------------------------------------- */

typedef struct {
	const char *request, *mailbox, *ground;
	json_int_t seq, known;
} ActFields;

static gboolean text_is_plain(const char *text, gsize max)
{
	gsize size = strlen(text);
	if (size == 0 || size > max || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (const char *p = text; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			return FALSE;
	return TRUE;
}

static gboolean word_is_plain(const char *word, gsize max)
{
	gsize size = strlen(word);
	return size > 0 && size <= max && strspn(word, "abcdefghijklmnopqrstuvwxyz-") == size;
}

static gboolean check_fields(const ActFields *fields, DeskReply *reply)
{
	if (!text_is_plain(fields->request, REQUEST_MAX))
		return desk_place_fail_form(reply, "The request id is empty, too long, or holds control characters.");
	if (!text_is_plain(fields->ground, GROUND_MAX))
		return desk_place_fail_form(reply, "The ground is empty, too long, or holds control characters.");
	return (fields->seq >= 0 && fields->known >= 0) || desk_place_fail_form(reply, "A number is negative.");
}

/* --- records, entries, proofs ------------------------------------------------------------------- */

static Record *act_record(const DeskCall *call)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)registry_now(call->registry));
	record_add(record, "officer", call->request->officer);
	return record;
}

/* The ground, and what she signed: whoever has the record can check that the act was hers. */
static void sign_off(Record *record, const DeskCall *call, const ActFields *fields)
{
	const DeskRequest *request = call->request;
	record_add(record, "ground", fields->ground);
	record_add_uint(record, "known", (guint64)fields->known);
	record_add(record, "request", fields->request);
	record_add(record, "nonce", request->nonce);
	record_add_uint(record, "counter", request->counter);
	record_add(record, "method", request->method);
	record_add(record, "target", request->target);
	record_add_hex(record, "body", request->digest, sizeof request->digest);
	record_add(record, "signature", call->signature);
}

/* Appends and commits; from here on the act stands in the register, whatever happens to the answer. */
static gboolean append(const DeskPlace *place, LedgerAct *act, guint64 *seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	act->concerns = LEDGER_NOTHING;
	act->flags = 1; /* the ground may name a person */
	if (!ledger_append(place->ledger, act, &entry, &error))
		return desk_place_fail_ledger(reply, error);
	*seq = entry.seq;
	ledger_entry_clear(&entry);
	return TRUE;
}

/* What proves a case: its RECEIVED entry, and the ACCEPTED one that gave an arrival of the X series its number. */
static void add_case(GArray *seqs, guint64 seq, guint64 accepted)
{
	g_array_append_val(seqs, seq);
	if (accepted != 0)
		g_array_append_val(seqs, accepted);
}

/* --- /v1/open ------------------------------------------------------------------------------------------ */

typedef struct {
	ActFields fields;
	const char *part, *act;
	SealPart seal_part;
} OpenQuestion;

static gboolean read_open(const DeskCall *call, OpenQuestion *question, DeskReply *reply)
{
	ActFields *f = &question->fields;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:I, s:s, s:s, s:s, s:I}", "request", &f->request,
	                   "mailbox", &f->mailbox, "seq", &f->seq, "part", &question->part, "act", &question->act, "ground",
	                   &f->ground, "known", &f->known) != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	gboolean body = strcmp(question->part, "body") == 0;
	if (!body && strcmp(question->part, "card") != 0)
		return desk_place_fail_form(reply, "A part is body or card.");
	if (!word_is_plain(question->act, 32))
		return desk_place_fail_form(reply, "An act is a word of a-z and '-'.");
	question->seal_part = body ? SEAL_PART_BODY : SEAL_PART_CARD;
	return check_fields(f, reply);
}

static GBytes *header_of(const DeskPlace *place, guint64 seq, SealPart part, GError **error)
{
	return ledger_header(place->ledger, seq, part, part == SEAL_PART_BODY ? place->me->body : place->me->card, error);
}

static gboolean enter_opened(const DeskCall *call, const DeskPlace *place, const OpenQuestion *question, const LedgerCase *c,
                             guint64 *seq, DeskReply *reply)
{
	g_autoptr(Record) record = act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add(record, "part", question->part);
	record_add(record, "act", question->act);
	sign_off(record, call, &question->fields);
	gboolean first = question->seal_part == SEAL_PART_BODY && strcmp(c->state, "new") == 0;
	LedgerAct act = {.kind = ENTRY_OPENED, .record = record, .case_seq = c->seq, .state = first ? "open" : NULL};
	return append(place, &act, seq, reply);
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
	    !add_payload(call, place, grant, answer, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_object_set_new(answer, "header", desk_json_bytes(header));
	desk_place_done(reply, answer);
}

static void serve_open(const DeskCall *call, DeskReply *reply)
{
	OpenQuestion question = {0};
	g_auto(DeskPlace) place = {0};
	if (!read_open(call, &question, reply) || !desk_place_enter_named(call, question.fields.mailbox, &place, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_case(&place, question.fields.seq, reply);
	if (c == NULL)
		return;
	const char *why = desk_place_why_not(&place, c);
	if (why != NULL) {
		desk_place_refuse_case(reply, why);
		return;
	}
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) header = header_of(&place, c->seq, question.seal_part, &error);
	if (header == NULL) {
		if (g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
			desk_place_refuse(reply, "no-header", "This case was not sealed to your key: another reader can grant it to you.");
		else
			desk_place_fail_ledger(reply, error);
		return;
	}
	DeskGrant grant = {.mailbox = place.index, .seq = c->seq, .part = (int)question.seal_part};
	if (!enter_opened(call, &place, &question, c, &grant.entry, reply))
		return;
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_array_append_val(seqs, grant.entry);
	add_case(seqs, c->seq, c->accepted);
	answer_open(call, &place, &question, &grant, seqs, header, reply);
}

static void serve_payload(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t entry;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "entry", &entry) != 0) {
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
	if (!ledger_payload(place.ledger, grant.seq, (SealPart)grant.part, &reply->octets, &reply->fd, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	struct stat st;
	if (reply->octets == NULL && (fstat(reply->fd, &st) != 0 || st.st_size < 0)) {
		desk_acts_error(reply, 503, "books", "The payload cannot be read.");
		return;
	}
	reply->size = reply->octets != NULL ? g_bytes_get_size(reply->octets) : (guint64)st.st_size;
	reply->status = 200;
}

/* --- /v1/cards ----------------------------------------------------------------------------------------- */

/* One card on its way out. */
typedef struct {
	guint64 seq, accepted; /* of the case; of the entry that gave an X its number, or 0 */
	GBytes *header;
} Card;

static void card_clear(gpointer data)
{
	g_bytes_unref(((Card *)data)->header);
}

static gboolean read_cards(const DeskCall *call, ActFields *f, json_t **seqs, DeskReply *reply)
{
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:o, s:s, s:I}", "request", &f->request, "mailbox",
	                   &f->mailbox, "seqs", seqs, "ground", &f->ground, "known", &f->known) != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	gsize n = json_array_size(*seqs);
	if (n == 0 || n > CARDS_MAX)
		return desk_place_fail_form(reply, "Cards are asked for by 1 to 200 numbers of entries.");
	for (gsize i = 0; i < n; i++)
		if (!json_is_integer(json_array_get(*seqs, i)) || json_integer_value(json_array_get(*seqs, i)) <= 0)
			return desk_place_fail_form(reply, "Cards are asked for by 1 to 200 numbers of entries.");
	return check_fields(f, reply);
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
		Card card = {c->seq, c->accepted, header_of(place, c->seq, SEAL_PART_CARD, &error)};
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
		if (!ledger_payload(place->ledger, card->seq, SEAL_PART_CARD, &octets, &fd, error))
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
	ActFields fields = {0};
	json_t *wanted;
	g_auto(DeskPlace) place = {0};
	if (!read_cards(call, &fields, &wanted, reply) || !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autoptr(GArray) cards = collect_cards(&place, wanted, reply);
	if (cards == NULL)
		return;
	g_autoptr(Record) record = act_record(call);
	g_autoptr(GArray) seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	g_array_set_size(seqs, 1); /* the act's own entry, once it is there */
	for (guint i = 0; i < cards->len; i++) {
		const Card *card = &g_array_index(cards, Card, i);
		record_add_uint(record, "case", card->seq);
		add_case(seqs, card->seq, card->accepted);
	}
	sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_LISTED, .record = record, .case_seq = LEDGER_NOTHING};
	if (!append(&place, &act, &g_array_index(seqs, guint64, 0), reply))
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

/* --- /v1/acknowledge, /v1/accept --------------------------------------------------------------------- */

/* Appends the act and answers with its proof; *answer gets `number` where the record ends in one. */
static void finish_act(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const ActFields *fields, DeskReply *reply)
{
	guint64 seq;
	g_autoptr(GError) error = NULL;
	if (!append(place, act, &seq, reply))
		return;
	if (act->letter != NULL && call->hooks->letter_queued != NULL)
		call->hooks->letter_queued(call->hooks->user);
	json_t *answer = desk_json_answer();
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_array_append_val(seqs, seq);
	if (!desk_place_add_proof(place, seqs, fields->known, answer, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	desk_place_done(reply, answer);
}

static gboolean message_id_is_plain(const char *id)
{
	gsize size = strlen(id);
	if (strcmp(id, "-") == 0)
		return TRUE;
	if (size < 3 || size > MESSAGE_ID_MAX || id[0] != '<' || id[size - 1] != '>')
		return FALSE;
	for (gsize i = 1; i < size - 1; i++)
		if (!g_ascii_isgraph(id[i]) || id[i] == '<' || id[i] == '>')
			return FALSE;
	return TRUE;
}

typedef struct {
	ActFields fields;
	const char *to, *message_id, *language;
} ReleaseQuestion;

static gboolean read_release(const DeskCall *call, ReleaseQuestion *q, DeskReply *reply)
{
	ActFields *f = &q->fields;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I}", "request", &f->request,
	                   "mailbox", &f->mailbox, "seq", &f->seq, "to", &q->to, "message_id", &q->message_id, "language",
	                   &q->language, "ground", &f->ground, "known", &f->known) != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	if (!outbox_address_is_safe(q->to))
		return desk_place_fail_form(reply, "A letter cannot be sent to that address.");
	if (!message_id_is_plain(q->message_id))
		return desk_place_fail_form(reply, "message_id is neither <…> in ASCII nor '-'.");
	if (strcmp(q->language, "kk") != 0 && strcmp(q->language, "ru") != 0 && strcmp(q->language, "en") != 0 &&
	    strcmp(q->language, "-") != 0)
		return desk_place_fail_form(reply, "A language is kk, ru, en or '-'.");
	return check_fields(f, reply);
}

static void serve_acknowledge(const DeskCall *call, DeskReply *reply)
{
	ReleaseQuestion question = {0};
	g_auto(DeskPlace) place = {0};
	if (!read_release(call, &question, reply) || !desk_place_enter_named(call, question.fields.mailbox, &place, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_case(&place, question.fields.seq, reply);
	if (c == NULL)
		return;
	const char *why = desk_place_why_not(&place, c);
	if (why != NULL) {
		desk_place_refuse_case(reply, why);
		return;
	}
	if (g_strcmp0(c->ack_state, "queued") == 0 || g_strcmp0(c->ack_state, "sent") == 0) {
		desk_acts_error(reply, 409, "state", "This case has its acknowledgement already, or it is on its way.");
		return;
	}
	g_autoptr(Record) letter = record_new();
	record_add(letter, "to", question.to);
	record_add(letter, "message-id", question.message_id);
	record_add(letter, "language", question.language);
	g_autoptr(Record) record = act_record(call);
	record_add_uint(record, "case", c->seq);
	sign_off(record, call, &question.fields);
	LedgerAct act = {.kind = ENTRY_RELEASED, .record = record, .case_seq = c->seq, .ack_state = "queued", .letter = letter,
	                 .letter_due = registry_now(call->registry)};
	finish_act(call, &place, &act, &question.fields, reply);
}

/* The number stands last in the record that was committed. */
static void add_number(DeskReply *reply)
{
	json_t *entry = json_array_get(json_object_get(reply->json, "entries"), 0);
	gsize size;
	g_autofree guchar *text = g_base64_decode(json_string_value(json_object_get(entry, "record")), &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	const char *number = record != NULL ? record_get(record, "number") : NULL;
	json_object_set_new(reply->json, "number", number != NULL ? json_string(number) : json_null());
}

static void serve_accept(const DeskCall *call, DeskReply *reply)
{
	ActFields f = {0};
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:I, s:s, s:I}", "request", &f.request, "mailbox",
	                   &f.mailbox, "seq", &f.seq, "ground", &f.ground, "known", &f.known) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!check_fields(&f, reply) || !desk_place_enter_named(call, f.mailbox, &place, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_case(&place, f.seq, reply);
	if (c == NULL)
		return;
	const char *why = desk_place_why_not(&place, c);
	if (why != NULL) {
		desk_place_refuse_case(reply, why);
		return;
	}
	if (!c->aside) {
		desk_acts_error(reply, 409, "state", "This case is of the reports' series already.");
		return;
	}
	g_autoptr(Record) record = act_record(call);
	record_add_uint(record, "case", c->seq);
	sign_off(record, call, &f);
	LedgerAct act = {.kind = ENTRY_ACCEPTED, .record = record, .case_seq = c->seq, .state = "new", .accept = TRUE};
	finish_act(call, &place, &act, &f, reply);
	if (reply->status == 200)
		add_number(reply);
}

static const DeskAct targets[] = {
	{"/v1/cases", FALSE, desk_look_cases},
	{"/v1/find", FALSE, desk_look_find},
	{"/v1/cards", TRUE, serve_cards},
	{"/v1/open", TRUE, serve_open},
	{"/v1/payload", FALSE, serve_payload},
	{"/v1/acknowledge", TRUE, serve_acknowledge},
	{"/v1/accept", TRUE, serve_accept},
	{"/v1/entries", FALSE, desk_look_entries},
	{"/v1/checkpoint", FALSE, desk_look_checkpoint},
	{"/v1/verify", FALSE, desk_look_verify},
};

const DeskAct *desk_acts_find(const char *target)
{
	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++)
		if (strcmp(targets[i].target, target) == 0)
			return &targets[i];
	return NULL;
}
