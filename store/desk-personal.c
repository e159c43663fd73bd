/* SPDX-License-Identifier: ISC */
/* Targets of the desk for personal data: what is held on somebody who asks, whom a breach concerns, and the yearly review of
 * the policy. What the reports say lies sealed and is read with the officer; here is entered that she gathers it, and said to
 * whom the store itself knows that it went. */
#include <string.h>

#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-personal.h"
#include "store/desk-search.h"

#define SEQS_MAX 200
#define DISCLOSED_MAX 500
#define PAGE 5000u
#define REVIEW_LOOK_BACK (400 * (gint64)ENTRY_DAY) /* seconds: what is older is overdue in any case */

/* --- /v1/extract ------------------------------------------------------------------------------------------------------ */

/* Kinds by which something of a case may have left the office. */
static gboolean may_disclose(guint kind)
{
	static const EntryKind kinds[] = {ENTRY_REPLIED, ENTRY_ADVISED, ENTRY_FORWARDED, ENTRY_REDIRECTED, ENTRY_PRINTED, ENTRY_EXPORTED,
	                                  ENTRY_RECEIPT, ENTRY_OPENED, ENTRY_INSPECTED};
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (kinds[i] == kind)
			return TRUE;
	return FALSE;
}

/* It did: what is opened leaves only into a file, and an inspector's file says of whom only with names. */
static gboolean is_disclosure(guint kind, const Record *record)
{
	if (kind == ENTRY_INSPECTED)
		return g_strcmp0(record_get(record, "names"), "yes") == 0;
	return kind != ENTRY_OPENED || g_strcmp0(record_get(record, "act"), "export") == 0;
}

typedef struct {
	const DeskPlace *place;
	GHashTable *cases; /* seqs of the cases (gint64) */
	GArray *found;     /* guint64: the act's own place first, then entries of disclosures */
	gboolean more;
} Disclosures;

/* An entry may be of many cases. */
static gboolean is_of_one(const Disclosures *into, const Record *record)
{
	const char *text;
	guint64 of;
	for (guint i = 0; (text = record_get_nth(record, "case", i)) != NULL; i++)
		if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &of, NULL) && g_hash_table_contains(into->cases, &of))
			return TRUE;
	return FALSE;
}

static gboolean take_entry(Disclosures *into, guint64 seq, guint kind, GError **error)
{
	LedgerEntry entry = {0};
	gsize size;
	g_autoptr(GError) inner = NULL;
	if (!ledger_entry(into->place->ledger, seq, &entry, &inner)) {
		if (g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
			return TRUE; /* what it said was destroyed */
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&entry);
	if (record == NULL || !is_disclosure(kind, record) || !is_of_one(into, record))
		return TRUE;
	into->more = into->more || into->found->len > DISCLOSED_MAX;
	if (!into->more)
		g_array_append_val(into->found, seq);
	return TRUE;
}

static gboolean find_disclosures(const DeskCall *call, Disclosures *into, guint64 from, GError **error)
{
	for (guint64 end = ledger_size(into->place->ledger); from < end && !g_atomic_int_get(call->stopping);) {
		gsize size;
		g_autoptr(GBytes) entries = ledger_entries(into->place->ledger, from, PAGE, error);
		const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &size) : NULL;
		if (data == NULL)
			return entries != NULL;
		for (gsize i = 0; i < size / ENTRY_SIZE; i++) {
			Entry entry;
			if (!entry_decode(data + i * ENTRY_SIZE, &entry, error) ||
			    (may_disclose(entry.kind) && !take_entry(into, entry.seq, entry.kind, error)))
				return FALSE;
		}
		from += size / ENTRY_SIZE;
	}
	return TRUE;
}

typedef struct {
	DeskActFields fields;
	const char *as;
	json_t *seqs;
} ExtractQuestion;

static void extract_question_clear(ExtractQuestion *question)
{
	desk_act_clear(&question->fields);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExtractQuestion, extract_question_clear)

static gboolean read_extract(const DeskCall *call, ExtractQuestion *question, DeskReply *reply)
{
	static const char *const ways[] = {"reporter", "mentioned", "breach", NULL};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &question->fields, reply, "{s:o, s:s}", "seqs", &question->seqs, "as",
	                   &question->as) ||
	    !desk_search_read_seqs(question->seqs, SEQS_MAX, reply))
		return FALSE;
	if (!g_strv_contains(ways, question->as))
		return desk_place_fail_form(reply, "It is gathered as reporter, mentioned, or breach.");
	if (strcmp(question->as, "breach") != 0 && question->fields.ground_text == NULL)
		return desk_place_fail_form(reply, "An extract says whom it is about.");
	return TRUE;
}

/* Which of the cases are hers go into the record. *first: the smallest. */
static gboolean take_cases(const DeskPlace *place, const json_t *seqs, Record *record, GHashTable *cases, guint64 *first,
                           DeskReply *reply)
{
	*first = G_MAXUINT64;
	for (gsize i = 0; i < json_array_size(seqs); i++) {
		gboolean fault;
		g_autoptr(LedgerCase) c = desk_search_hers(place, (guint64)json_integer_value(json_array_get(seqs, i)), &fault, reply);
		if (fault)
			return FALSE;
		if (c == NULL)
			continue;
		record_add_uint(record, "case", c->seq);
		g_hash_table_add(cases, g_memdup2(&c->seq, sizeof c->seq));
		*first = MIN(*first, c->seq);
	}
	return TRUE;
}

static void answer_extract(const DeskPlace *place, const DeskActFields *fields, LedgerAct *act, Disclosures *found, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	if (!desk_act_append(place, act, fields, &g_array_index(found->found, guint64, 0), reply))
		return;
	json_t *answer = desk_json_answer();
	if (!desk_place_add_proof(place, found->found, fields->known, answer, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_object_set_new(answer, "more", json_boolean(found->more));
	desk_place_done(reply, answer);
}

static void serve_extract(const DeskCall *call, DeskReply *reply)
{
	g_auto(ExtractQuestion) question = {0};
	g_auto(DeskPlace) place = {0};
	guint64 first;
	if (!read_extract(call, &question, reply) || !desk_place_enter_named(call, question.fields.mailbox, &place, reply))
		return;
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = desk_act_record(call);
	g_autoptr(GHashTable) cases = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GArray) seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	Disclosures found = {&place, cases, seqs, FALSE};
	g_array_set_size(seqs, 1); /* the act's own entry, once it is there */
	if (!take_cases(&place, question.seqs, record, cases, &first, reply))
		return;
	if (strcmp(question.as, "breach") != 0 && !find_disclosures(call, &found, first, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	record_add(record, "as", question.as);
	desk_act_sign_off(record, call, &question.fields);
	LedgerAct act = {.kind = ENTRY_EXTRACTED, .record = record};
	answer_extract(&place, &question.fields, &act, &found, reply);
}

/* --- the yearly review -------------------------------------------------------------------------------------------------- */

static gboolean is_digest(const char *hex)
{
	return strlen(hex) == 2 * SEAL_DIGEST && strspn(hex, "0123456789abcdef") == 2 * SEAL_DIGEST;
}

static void serve_review(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	const char *digest;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{s:s}", "digest", &digest))
		return;
	if (!is_digest(digest)) {
		desk_place_fail_form(reply, "The policy's text is named by its digest, 64 hexadecimal digits.");
		return;
	}
	if (!desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "digest", digest);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_REVIEWED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

void desk_personal_review_clear(DeskPersonalReview *review)
{
	g_clear_pointer(&review->digest, g_free);
}

static gboolean take_review(Ledger *ledger, guint64 seq, DeskPersonalReview *review, GError **error)
{
	LedgerEntry found = {0};
	gsize size;
	if (!ledger_entry(ledger, seq, &found, error))
		return FALSE;
	const void *text = g_bytes_get_data(found.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, error);
	ledger_entry_clear(&found);
	if (record == NULL || !record_get_uint(record, "time", G_MAXINT64, &review->reviewed, error))
		return FALSE;
	review->digest = g_strdup(record_get(record, "digest"));
	return TRUE;
}

/* From the end back to a review, or as far as one can be in time. */
static gboolean find_review(Ledger *ledger, gint64 oldest, DeskPersonalReview *review, GError **error)
{
	for (guint64 end = ledger_size(ledger); end > 0;) {
		guint64 from = end > PAGE ? end - PAGE : 0;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, (guint)(end - from), error);
		if (entries == NULL)
			return FALSE;
		const guint8 *data = g_bytes_get_data(entries, NULL);
		for (guint64 i = end - from; i-- > 0;) {
			Entry entry;
			if (!entry_decode(data + i * ENTRY_SIZE, &entry, error))
				return FALSE;
			if (entry.kind == ENTRY_REVIEWED)
				return take_review(ledger, entry.seq, review, error);
			if (entry.time < oldest)
				return TRUE;
		}
		end = from;
	}
	return TRUE;
}

gboolean desk_personal_review(Ledger *ledger, gint64 now, DeskPersonalReview *review, GError **error)
{
	Entry entry;
	g_autoptr(GBytes) first = ledger_entries(ledger, 0, 1, error);
	if (first == NULL || !entry_decode(g_bytes_get_data(first, NULL), &entry, error))
		return FALSE;
	review->begun = (guint64)entry.time * G_USEC_PER_SEC;
	return find_review(ledger, now / G_USEC_PER_SEC - REVIEW_LOOK_BACK, review, error);
}

static void serve_review_state(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	g_auto(DeskPlace) place = {0};
	g_auto(DeskPersonalReview) review = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "mailbox", &mailbox) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	if (!desk_personal_review(place.ledger, place.now, &review, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "reviewed", review.reviewed != 0 ? json_integer((json_int_t)review.reviewed) : json_null());
	json_object_set_new(answer, "digest", review.digest != NULL ? json_string(review.digest) : json_null());
	json_object_set_new(answer, "begun", json_integer((json_int_t)review.begun));
	json_object_set_new(answer, "now", json_integer((json_int_t)place.now));
	desk_place_done(reply, answer);
}

const DeskAct desk_personal_acts[] = {
	{"/v1/extract", TRUE, serve_extract},
	{"/v1/review", TRUE, serve_review},
	{"/v1/review/state", FALSE, serve_review_state},
	{0},
};
