/* SPDX-License-Identifier: ISC */
/* Targets of the desk that hand out headers and take new ones: old cases to another reader, or to her own newer key.
 *
 * A header is the key to its case, so there is an entry before any leaves. A header is taken only where its reader has
 * none: nobody can put another's aside. Her old headers go by an act of her newer key, for the cases whose new headers
 * were handed out to it on an entry that it signed. */
#include <string.h>

#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-look.h"
#include "store/desk-messages.h"
#include "store/keyfile.h"

#define PAGE 500
#define CASES_MAX 20 /* a request: their proofs fit one answer */
#define GROUNDS_MAX 50
#define WRAPS_MAX 200

/* Whose headers they shall be. */
typedef struct {
	DeskActFields fields;
	DeskPlace place;
	const PeoplePerson *reader;
	gboolean own;   /* she herself */
	gboolean proof; /* and her newer key asks for what was made for it, to see that it opens */
} Errand;

static void errand_clear(Errand *errand)
{
	desk_act_clear(&errand->fields);
	desk_place_clear(&errand->place);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Errand, errand_clear)

/* Between the look whether a header is lacking and its coming nobody else brings one. */
static GMutex one_at_a_time;

/* One thing with a header for each of its readers: a message's letter, its card, the text of one of its case's entries. */
typedef struct {
	guint64 seq; /* of the message, or of that entry */
	SealPart part;
} Object;

static void add_message(GArray *objects, guint64 seq)
{
	const Object own[] = {{seq, SEAL_PART_BODY}, {seq, SEAL_PART_CARD}};
	g_array_append_vals(objects, own, G_N_ELEMENTS(own));
}

/* All of a case: the report, what came after it, the texts of its work. */
static GArray *objects_of(const DeskPlace *place, const LedgerCase *c, GError **error)
{
	g_autoptr(GPtrArray) messages = ledger_messages(place->ledger, c, G_MAXUINT, error);
	if (messages == NULL)
		return NULL;
	GArray *objects = g_array_new(FALSE, FALSE, sizeof(Object));
	add_message(objects, c->seq);
	for (guint i = 0; i < messages->len; i++)
		if (!desk_messages_is_held(place, c, messages->pdata[i]))
			add_message(objects, ((const LedgerMessage *)messages->pdata[i])->seq);
	for (guint i = 0; c->work != NULL && i < c->work->len; i++) {
		const Object text = {g_array_index(c->work, guint64, i), SEAL_PART_TEXT};
		g_array_append_val(objects, text);
	}
	return objects;
}

static const char *recipient_of(const PeoplePerson *person, SealPart part)
{
	return part == SEAL_PART_BODY ? person->body : person->card;
}

static gboolean enter(const DeskCall *call, const char *mailbox, const char *to, Errand *errand, DeskReply *reply)
{
	DeskPlace *place = &errand->place;
	if (!desk_place_enter_named(call, mailbox, place, reply))
		return FALSE;
	errand->reader = people_find(place->people, to);
	errand->own = strcmp(to, place->me->name) == 0;
	errand->proof = errand->own && !place->older_key;
	if (errand->reader == NULL ||
	    !(people_reads(errand->reader, place->now) || people_signs_in(errand->reader, place->now)))
		return desk_acts_error(reply, 404, "no-reader", "There is no reader of that name in this mailbox."), FALSE;
	return TRUE;
}

/* Does an older key of hers still have a header of it? */
static gboolean is_under_older(const Errand *errand, guint64 seq, SealPart part)
{
	const GPtrArray *older = errand->reader->older;
	for (guint i = 0; i < older->len; i++) {
		const PeopleKey *key = older->pdata[i];
		if (desk_place_holds(&errand->place, seq, part, part == SEAL_PART_BODY ? key->body : key->card))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_wanted(const Errand *errand, guint64 seq, SealPart part)
{
	const DeskPlace *place = &errand->place;
	if (!desk_place_holds(place, seq, part, recipient_of(place->me, part)))
		return FALSE;
	if (errand->proof)
		return is_under_older(errand, seq, part);
	const char *recipient = recipient_of(errand->reader, part);
	return recipient != NULL && !desk_place_holds(place, seq, part, recipient);
}

/* Her own headers, to see that they open: she has no other key that they could be made from. */
static gboolean is_trial(const Errand *errand)
{
	return errand->proof && errand->reader->older->len == 0;
}

static gboolean is_handed(const Errand *errand, guint64 seq, SealPart part)
{
	return is_trial(errand) ? desk_place_holds(&errand->place, seq, part, recipient_of(errand->place.me, part))
	                        : is_wanted(errand, seq, part);
}

/* Hers to hand on, and not kept from whom it shall go to. */
static gboolean is_hers(const Errand *errand, const LedgerCase *c)
{
	return people_reads(errand->reader, errand->place.now) && desk_place_why_not(&errand->place, c) == NULL &&
	       (errand->own || !desk_place_is_kept(c, errand->reader->name));
}

/* What was typed as a ground is its author's, and theirs who read the log of others. */
static gboolean may_have_grounds(const Errand *errand)
{
	return errand->own || people_reads_log(errand->place.people, errand->reader, errand->place.now);
}

static gboolean is_case_wanted(const Errand *errand, const LedgerCase *c, gboolean *wanted, GError **error)
{
	*wanted = FALSE;
	if (!is_hers(errand, c))
		return TRUE;
	g_autoptr(GArray) objects = objects_of(&errand->place, c, error);
	for (guint i = 0; objects != NULL && !*wanted && i < objects->len; i++) {
		const Object *object = &g_array_index(objects, Object, i);
		*wanted = is_wanted(errand, object->seq, object->part);
	}
	return objects != NULL;
}

/* --- /v1/missing --------------------------------------------------------------------------------------------------- */

static json_t *missing_answer(const char *what, json_t *list, guint64 after, gboolean more)
{
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, what, list);
	json_object_set_new(answer, "after", after != LEDGER_NOTHING ? json_integer((json_int_t)after) : json_null());
	json_object_set_new(answer, "more", json_boolean(more));
	return answer;
}

static json_t *missing_cases(const DeskCall *call, const Errand *errand, guint64 after, GError **error)
{
	g_autoptr(GPtrArray) cases = ledger_cases(errand->place.ledger, LEDGER_CASES_ALL, after, PAGE, error);
	g_autoptr(json_t) list = json_array();
	for (guint i = 0; cases != NULL && i < cases->len; i++) {
		const LedgerCase *c = cases->pdata[i];
		gboolean wanted;
		after = c->seq;
		if (!is_case_wanted(errand, c, &wanted, error))
			return NULL;
		if (wanted)
			json_array_append_new(list, desk_look_case(call, &errand->place, c));
	}
	return cases != NULL ? missing_answer("cases", g_steal_pointer(&list), after, cases->len == PAGE) : NULL;
}

static gint compare_seqs(gconstpointer a, gconstpointer b)
{
	guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;
	return one < other ? -1 : one > other;
}

/* Entries of whose ground's text a header is lacking, or, where her newer key asks, lies under an older key too. */
static GArray *find_grounds(const Errand *errand, guint64 after, GError **error)
{
	const DeskPlace *place = &errand->place;
	const GPtrArray *older = errand->reader->older;
	if (!may_have_grounds(errand) || errand->reader->card == NULL)
		return g_array_new(FALSE, FALSE, sizeof(guint64));
	if (!errand->proof)
		return ledger_grounds(place->ledger, place->me->card, errand->reader->card, FALSE, after, PAGE, error);
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; i < older->len; i++) {
		const PeopleKey *key = older->pdata[i];
		g_autoptr(GArray) of = ledger_grounds(place->ledger, place->me->card, key->card, TRUE, after, PAGE, error);
		if (of == NULL)
			return NULL;
		g_array_append_vals(seqs, of->data, of->len);
	}
	g_array_sort(seqs, compare_seqs);
	return g_steal_pointer(&seqs);
}

static json_t *missing_grounds(const DeskCall *call G_GNUC_UNUSED, const Errand *errand, guint64 after, GError **error)
{
	g_autoptr(GArray) seqs = find_grounds(errand, after, error);
	g_autoptr(json_t) list = json_array();
	guint taken = 0;
	for (; seqs != NULL && taken < seqs->len && json_array_size(list) < PAGE; taken++) {
		guint64 seq = g_array_index(seqs, guint64, taken);
		if (seq != after)
			json_array_append_new(list, json_integer((json_int_t)seq));
		after = seq;
	}
	/* Under each of her older keys there may be a page of them. */
	return seqs != NULL ? missing_answer("grounds", g_steal_pointer(&list), after, seqs->len >= PAGE) : NULL;
}

static const struct {
	const char *word;
	json_t *(*find)(const DeskCall *call, const Errand *errand, guint64 after, GError **error);
} kinds[] = {{"cases", missing_cases}, {"grounds", missing_grounds}};

static void serve_missing(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *to, *what;
	json_t *after, *answer;
	gsize kind = 0;
	g_auto(Errand) errand = {0};
	g_autoptr(GError) error = NULL;
	gboolean good = json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:o}", "mailbox", &mailbox, "to", &to,
	                               "what", &what, "after", &after) == 0 &&
	                (json_is_null(after) || (json_is_integer(after) && json_integer_value(after) >= 0));
	while (good && kind < G_N_ELEMENTS(kinds) && strcmp(kinds[kind].word, what) != 0)
		kind++;
	if (!good || kind == G_N_ELEMENTS(kinds)) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!enter(call, mailbox, to, &errand, reply))
		return;
	guint64 from = json_is_null(after) ? LEDGER_NOTHING : (guint64)json_integer_value(after);
	if ((answer = kinds[kind].find(call, &errand, from, &error)) != NULL)
		desk_place_done(reply, answer);
	else
		desk_place_fail_ledger(reply, error);
}

/* --- /v1/headers --------------------------------------------------------------------------------------------------- */

static gboolean read_seqs(const json_t *list, gsize most)
{
	gsize n = json_array_size(list);
	gboolean good = json_is_array(list) && n <= most;
	for (gsize i = 0; good && i < n; i++)
		good = json_is_integer(json_array_get(list, i)) && json_integer_value(json_array_get(list, i)) > 0;
	return good;
}

/* What goes out on one entry. */
typedef struct {
	Record *record;
	GArray *seqs; /* of the entries that prove it */
	json_t *headers;
} Handing;

static void handing_clear(Handing *handing)
{
	record_free(handing->record);
	g_clear_pointer(&handing->seqs, g_array_unref);
	json_decref(handing->headers);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Handing, handing_clear)

/* Her header of one object; of: its case, 0 for a ground's text. */
static gboolean add_header(const Errand *errand, guint64 of, const Object *object, Handing *handing, GError **error)
{
	const char *recipient = recipient_of(errand->place.me, object->part);
	g_autoptr(GError) cause = NULL;
	g_autoptr(GBytes) header = ledger_header(errand->place.ledger, object->seq, object->part, recipient, &cause);
	if (header == NULL && is_trial(errand))
		header = g_bytes_new(NULL, 0); /* a row that cannot be read: it opens nothing */
	if (header == NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	json_array_append_new(handing->headers,
	                      json_pack("{s:I, s:I, s:s, s:o}", "case", (json_int_t)of, "seq", (json_int_t)object->seq, "part",
	                                desk_place_part_word(object->part), "header", desk_json_bytes(header)));
	return TRUE;
}

static void add_seq(GArray *seqs, guint64 seq)
{
	for (guint i = 0; i < seqs->len; i++)
		if (g_array_index(seqs, guint64, i) == seq)
			return;
	g_array_append_val(seqs, seq);
}

/* What proves that header: the message's own entry, and the one that sealed it anew last; or the entry whose text it is. */
static gboolean add_proof(const Errand *errand, const LedgerCase *c, const Object *object, GArray *seqs, GError **error)
{
	guint64 state;
	if (object->seq != c->seq)
		add_seq(seqs, object->seq);
	return object->part > SEAL_PART_CARD ||
	       desk_look_prove_state(&errand->place, object->seq, object->part, seqs, &state, error);
}

/* Her headers of one case, and the entries that prove what they are of: nothing where nothing is lacking. */
static gboolean add_case(const Errand *errand, const LedgerCase *c, Handing *handing, GError **error)
{
	gsize before = json_array_size(handing->headers);
	g_autoptr(GArray) objects = objects_of(&errand->place, c, error), seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; objects != NULL && i < objects->len; i++) {
		const Object *object = &g_array_index(objects, Object, i);
		if (!is_handed(errand, object->seq, object->part))
			continue;
		if (!add_header(errand, c->seq, object, handing, error) || !add_proof(errand, c, object, seqs, error))
			return FALSE;
	}
	if (json_array_size(handing->headers) == before)
		return objects != NULL;
	record_add_uint(handing->record, "case", c->seq);
	desk_look_prove(handing->seqs, c->seq, c->accepted);
	g_array_append_vals(handing->seqs, seqs->data, seqs->len);
	return TRUE;
}

static gboolean add_cases(const Errand *errand, const json_t *wanted, Handing *handing, DeskReply *reply)
{
	for (gsize i = 0; i < json_array_size(wanted); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(LedgerCase) c = desk_place_case(&errand->place, json_integer_value(json_array_get(wanted, i)), reply);
		if (c == NULL)
			return FALSE;
		if (is_hers(errand, c) && !add_case(errand, c, handing, &error))
			return desk_place_fail_ledger(reply, error);
	}
	return TRUE;
}

static gboolean add_grounds(const Errand *errand, const json_t *wanted, Handing *handing, DeskReply *reply)
{
	for (gsize i = 0; may_have_grounds(errand) && i < json_array_size(wanted); i++) {
		g_autoptr(GError) error = NULL;
		const Object object = {(guint64)json_integer_value(json_array_get(wanted, i)), SEAL_PART_GROUND};
		if (!is_handed(errand, object.seq, object.part))
			continue;
		if (!add_header(errand, 0, &object, handing, &error))
			return desk_place_fail_ledger(reply, error);
		record_add_uint(handing->record, "of", object.seq);
		g_array_append_val(handing->seqs, object.seq);
	}
	return TRUE;
}

/* What is handed out stands in the record; what proves it in seqs, behind the room for the act's own entry. */
static gboolean collect(const DeskCall *call, const Errand *errand, const json_t *cases, const json_t *grounds,
                        Handing *handing, DeskReply *reply)
{
	handing->record = desk_act_record(call);
	handing->seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	handing->headers = json_array();
	g_array_set_size(handing->seqs, 1);
	record_add(handing->record, "act", "handed");
	record_add(handing->record, "reader", errand->reader->name);
	if (!add_cases(errand, cases, handing, reply) || !add_grounds(errand, grounds, handing, reply))
		return FALSE;
	return json_array_size(handing->headers) > 0 ||
	       desk_place_refuse(reply, "no-header",
	                         "None of these is yours to hand on, or that reader has them already, or they are kept from her.");
}

static void serve_headers(const DeskCall *call, DeskReply *reply)
{
	const char *to;
	json_t *cases, *grounds;
	g_auto(Errand) errand = {0};
	g_auto(Handing) handing = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &errand.fields, reply, "{s:s, s:o, s:o}", "to", &to, "seqs", &cases,
	                   "grounds", &grounds))
		return;
	if (!read_seqs(cases, CASES_MAX) || !read_seqs(grounds, GROUNDS_MAX)) {
		desk_place_fail_form(reply, "Headers are asked for by the numbers of at most 20 cases and 50 other entries.");
		return;
	}
	if (!enter(call, errand.fields.mailbox, to, &errand, reply) ||
	    !collect(call, &errand, cases, grounds, &handing, reply))
		return;
	desk_act_sign_off(handing.record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = handing.record, .hands_out = TRUE};
	if (!desk_act_append(&errand.place, &act, &errand.fields, &g_array_index(handing.seqs, guint64, 0), reply))
		return;
	g_autoptr(GError) error = NULL;
	json_t *answer = desk_json_answer();
	json_object_set(answer, "headers", handing.headers);
	if (desk_place_add_proof(&errand.place, handing.seqs, errand.fields.known, answer, &error)) {
		desk_place_done(reply, answer);
	} else {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
	}
}

/* --- /v1/rewrap ---------------------------------------------------------------------------------------------------- */

/* The case whose message or work that entry is (transfer full). */
static LedgerCase *case_of(const Errand *errand, const Object *object, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	Entry read;
	guint64 of = 0;
	if (!ledger_entry(errand->place.ledger, object->seq, &entry, &error))
		return desk_place_fail_ledger(reply, error), NULL;
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	gboolean report = entry_decode(entry.entry, &read, NULL) && read.kind == ENTRY_RECEIVED;
	const char *key = object->part == SEAL_PART_TEXT ? "case" : "of";
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&entry);
	if (report)
		of = object->seq;
	else if (record == NULL || !record_get_uint(record, key, G_MAXINT64, &of, NULL))
		return desk_place_fail_form(reply, "That entry is of no case."), NULL;
	return desk_place_case(&errand->place, (json_int_t)of, reply);
}

static gboolean has_object(const DeskPlace *place, const LedgerCase *c, const Object *object, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) objects = objects_of(place, c, &error);
	if (objects == NULL)
		return desk_place_fail_ledger(reply, error);
	for (guint i = 0; i < objects->len; i++)
		if (g_array_index(objects, Object, i).seq == object->seq && g_array_index(objects, Object, i).part == object->part)
			return TRUE;
	return desk_place_fail_form(reply, "That entry is of no case.");
}

/* Hers to hand on to that reader? */
static gboolean may_wrap(const Errand *errand, const Object *object, DeskReply *reply)
{
	if (object->part == SEAL_PART_GROUND)
		return may_have_grounds(errand) || desk_place_refuse_case(reply, DESK_PLACE_ELSEWHERE);
	g_autoptr(LedgerCase) c = case_of(errand, object, reply);
	if (c == NULL)
		return FALSE;
	return is_hers(errand, c) ? has_object(&errand->place, c, object, reply)
	                          : desk_place_refuse_case(reply, DESK_PLACE_ELSEWHERE);
}

/* Of what she opens herself, to a reader who lacks it. */
static gboolean is_lacking(const Errand *errand, const Object *object, DeskReply *reply)
{
	const char *recipient = recipient_of(errand->reader, object->part);
	if (!desk_place_holds(&errand->place, object->seq, object->part, recipient_of(errand->place.me, object->part)))
		return desk_place_refuse(reply, "no-header", "Nobody hands on what is not sealed to her own key.");
	if (recipient != NULL && !desk_place_holds(&errand->place, object->seq, object->part, recipient))
		return TRUE;
	desk_acts_deny(reply, 409, "header-already", "That reader has a header of it already, or takes none.");
	return FALSE;
}

static gboolean take_wrap(const DeskCall *call, const Errand *errand, json_t *item, GArray *wraps, Record *record,
                          DeskReply *reply)
{
	const char *word, *hex;
	json_int_t seq, state;
	Object object = {0};
	guint8 digest[SEAL_DIGEST];
	if (json_unpack_ex(item, NULL, JSON_STRICT, "{s:I, s:s, s:I, s:s}", "seq", &seq, "part", &word, "state", &state, "header",
	                   &hex) != 0 ||
	    seq <= 0 || state < seq || !desk_place_read_part(word, &object.part))
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	const char *header = sealed_text_attached(call->attached, hex, digest);
	if (header == NULL)
		return desk_place_fail_form(reply, "A header is missing, or is not one of one reader alone.");
	object.seq = (guint64)seq;
	if (!may_wrap(errand, &object, reply) || !is_lacking(errand, &object, reply))
		return FALSE;
	const char *recipient = recipient_of(errand->reader, object.part);
	const LedgerWrap wrap = {object.seq, object.part, (guint64)state, recipient, header, strlen(header)};
	for (guint i = 0; i < wraps->len; i++)
		if (g_array_index(wraps, LedgerWrap, i).seq == wrap.seq && g_array_index(wraps, LedgerWrap, i).part == wrap.part)
			return desk_place_fail_form(reply, "A header stands twice in the request.");
	g_array_append_val(wraps, wrap);
	record_add_printf(record, "header", "%" G_GUINT64_FORMAT " %s %s", wrap.seq, word, hex);
	return TRUE;
}

static void rewrap(const DeskCall *call, Errand *errand, DeskReply *reply)
{
	g_autoptr(Record) record = desk_act_record(call);
	g_autoptr(GArray) wraps = g_array_new(FALSE, FALSE, sizeof(LedgerWrap));
	json_t *item;
	gsize i;
	record_add(record, "act", "wrapped");
	record_add(record, "reader", errand->reader->name);
	json_array_foreach((json_t *)errand->fields.wraps, i, item)
		if (!take_wrap(call, errand, item, wraps, record, reply))
			return;
	desk_act_sign_off(record, call, &errand->fields);
	LedgerAct act = {.kind = ENTRY_KEY,
	                 .record = record,
	                 .wraps = (const LedgerWrap *)(const void *)wraps->data,
	                 .n_wraps = wraps->len};
	desk_act_finish(call, &errand->place, &act, &errand->fields, reply);
}

static void serve_rewrap(const DeskCall *call, DeskReply *reply)
{
	const char *to;
	g_auto(Errand) errand = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_WITH_WRAPS, &errand.fields, reply, "{s:s}", "to", &to) ||
	    !enter(call, errand.fields.mailbox, to, &errand, reply))
		return;
	gsize n = json_array_size(errand.fields.wraps);
	if (n == 0 || n > WRAPS_MAX) {
		desk_place_fail_form(reply, "1 to 200 headers are taken at once.");
		return;
	}
	g_mutex_lock(&one_at_a_time);
	rewrap(call, &errand, reply);
	g_mutex_unlock(&one_at_a_time);
}

/* --- /v1/outlived -------------------------------------------------------------------------------------------------- */

/* Was that act signed by the key that signs this one? A session may have had both of hers. */
static gboolean same_key_signed(const DeskCall *call, const Record *record)
{
	DeskRequest request = {.store = call->request->store,
	                       .officer = record_get(record, "officer"),
	                       .nonce = record_get(record, "nonce"),
	                       .method = record_get(record, "method"),
	                       .target = record_get(record, "target")};
	gsize size = 0;
	const char *base64 = record_get(record, "signature");
	g_autofree guchar *signature = base64 != NULL ? g_base64_decode(base64, &size) : NULL;
	if (size != KEYFILE_SIGNATURE || !record_get_uint(record, "counter", G_MAXINT64, &request.counter, NULL) ||
	    !record_get_hex(record, "body", request.digest, sizeof request.digest, NULL))
		return FALSE;
	g_autofree char *text = desk_request_text(&request);
	return text != NULL && keyfile_public_verify(call->sign, text, strlen(text), signature);
}

/* The entry on which her newer key was handed the headers that were made for it. */
static Record *handed_record(const DeskCall *call, const Errand *errand, json_int_t seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	if (!ledger_entry(errand->place.ledger, (guint64)seq, &entry, &error))
		return desk_place_fail_ledger(reply, error), NULL;
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&entry);
	if (record != NULL && g_strcmp0(record_get(record, "act"), "handed") == 0 &&
	    g_strcmp0(record_get(record, "officer"), errand->place.me->name) == 0 &&
	    g_strcmp0(record_get(record, "reader"), errand->place.me->name) == 0 && same_key_signed(call, record))
		return g_steal_pointer(&record);
	desk_place_refuse(reply, "not-opened", "Your newer key has not opened these cases by that entry: open them with it first.");
	return NULL;
}

/* What goes of one object: the headers of her older keys, where the newer one has its own. */
static void add_drop(const Errand *errand, const Object *object, GArray *drops)
{
	const GPtrArray *older = errand->reader->older;
	if (!desk_place_holds(&errand->place, object->seq, object->part, recipient_of(errand->reader, object->part)))
		return;
	for (guint k = 0; k < older->len; k++) {
		const PeopleKey *key = older->pdata[k];
		const LedgerDrop drop = {object->seq, object->part, object->part == SEAL_PART_BODY ? key->body : key->card};
		if (desk_place_holds(&errand->place, drop.seq, drop.part, drop.recipient))
			g_array_append_val(drops, drop);
	}
}

static gboolean add_case_drops(const Errand *errand, guint64 seq, GArray *drops, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerCase) c = desk_place_case(&errand->place, (json_int_t)seq, reply);
	g_autoptr(GArray) objects = c != NULL ? objects_of(&errand->place, c, &error) : NULL;
	for (guint i = 0; objects != NULL && i < objects->len; i++)
		add_drop(errand, &g_array_index(objects, Object, i), drops);
	return objects != NULL || (c != NULL && desk_place_fail_ledger(reply, error));
}

/* Everything that was handed to her newer key on that entry. */
static gboolean add_drops(const Errand *errand, const Record *handed, Record *record, GArray *drops, DeskReply *reply)
{
	const char *text;
	guint64 seq;
	for (guint i = 0; (text = record_get_nth(handed, "case", i)) != NULL; i++) {
		if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &seq, NULL) || !add_case_drops(errand, seq, drops, reply))
			return FALSE;
		record_add(record, "case", text);
	}
	for (guint i = 0; (text = record_get_nth(handed, "of", i)) != NULL; i++) {
		Object ground = {0, SEAL_PART_GROUND};
		if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &ground.seq, NULL))
			return FALSE;
		add_drop(errand, &ground, drops);
		record_add(record, "of", text);
	}
	return TRUE;
}

static void outlived(const DeskCall *call, Errand *errand, json_int_t entry, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) handed = handed_record(call, errand, entry, reply), record = desk_act_record(call);
	g_autoptr(GArray) drops = g_array_new(FALSE, FALSE, sizeof(LedgerDrop));
	record_add(record, "act", "dropped");
	record_add(record, "reader", errand->place.me->name);
	record_add_uint(record, "entry", (guint64)entry);
	if (handed == NULL || !add_drops(errand, handed, record, drops, reply))
		return;
	desk_act_sign_off(record, call, &errand->fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record};
	desk_act_finish(call, &errand->place, &act, &errand->fields, reply);
	/* The entry stands; what a crash leaves here goes when she asks again. */
	if (reply->status == 200 && !ledger_headers_drop(errand->place.ledger, (const LedgerDrop *)(const void *)drops->data,
	                                                 drops->len, &error))
		desk_place_fail_ledger(reply, error);
}

static gboolean enter_with_newer_key(const DeskCall *call, Errand *errand, DeskReply *reply)
{
	if (!enter(call, errand->fields.mailbox, call->request->officer, errand, reply))
		return FALSE;
	return !errand->place.older_key || desk_place_refuse(reply, "old-key", "Only your newer key can put the older one aside.");
}

static void serve_outlived(const DeskCall *call, DeskReply *reply)
{
	json_int_t entry;
	g_auto(Errand) errand = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &errand.fields, reply, "{s:I}", "entry", &entry) ||
	    !enter_with_newer_key(call, &errand, reply))
		return;
	if (entry <= 0) {
		desk_place_fail_form(reply, "A number is negative.");
		return;
	}
	outlived(call, &errand, entry, reply);
}

/* --- /v1/discard --------------------------------------------------------------------------------------------------- */

/* A header of her newer key that does not open: nobody but she can say so. It goes, and the older key's is there still. */
static void serve_discard(const DeskCall *call, DeskReply *reply)
{
	const char *word;
	json_int_t seq;
	Object object = {0};
	g_auto(Errand) errand = {0};
	g_autoptr(GError) error = NULL;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &errand.fields, reply, "{s:I, s:s}", "header", &seq,
	                   "part", &word) ||
	    !enter_with_newer_key(call, &errand, reply))
		return;
	object.seq = (guint64)seq;
	if (seq <= 0 || !desk_place_read_part(word, &object.part)) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!is_under_older(&errand, object.seq, object.part)) {
		desk_acts_deny(reply, 409, "no-older-key", "No older key of yours has a header of it any more: this one stays.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", "discarded");
	record_add(record, "reader", errand.place.me->name);
	record_add_printf(record, "header", "%" G_GUINT64_FORMAT " %s", object.seq, word);
	desk_act_sign_off(record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record};
	desk_act_finish(call, &errand.place, &act, &errand.fields, reply);
	const LedgerDrop drop = {object.seq, object.part, recipient_of(errand.place.me, object.part)};
	if (reply->status == 200 && !ledger_headers_drop(errand.place.ledger, &drop, 1, &error))
		desk_place_fail_ledger(reply, error);
}

/* --- /v1/people/retire --------------------------------------------------------------------------------------------- */

/* Is anything of a case still under an older key, alone or beside the newer? */
static gboolean lies_under_older(const Errand *errand, const LedgerCase *c, gboolean *left, GError **error)
{
	g_autoptr(GArray) objects = objects_of(&errand->place, c, error);
	for (guint k = 0; objects != NULL && k < objects->len && !*left; k++) {
		const Object *object = &g_array_index(objects, Object, k);
		*left = is_under_older(errand, object->seq, object->part);
	}
	return objects != NULL;
}

static gboolean any_ground_left(const Errand *errand, gboolean *left, GError **error)
{
	const GPtrArray *older = errand->reader->older;
	for (guint i = 0; i < older->len && !*left; i++) {
		const char *card = ((const PeopleKey *)older->pdata[i])->card;
		g_autoptr(GArray) seqs = ledger_grounds(errand->place.ledger, card, card, TRUE, LEDGER_NOTHING, 1, error);
		if (seqs == NULL)
			return FALSE;
		*left = seqs->len > 0;
	}
	return TRUE;
}

/* What is kept from her stays where it is: whoever gives it back to her seals it anew. */
static gboolean anything_left(const Errand *errand, gboolean *left, GError **error)
{
	guint64 after = LEDGER_NOTHING;
	for (*left = FALSE; !*left;) {
		g_autoptr(GPtrArray) cases = ledger_cases(errand->place.ledger, LEDGER_CASES_ALL, after, PAGE, error);
		for (guint i = 0; cases != NULL && i < cases->len && !*left; i++) {
			const LedgerCase *c = cases->pdata[i];
			after = c->seq;
			if (desk_place_why_not(&errand->place, c) == NULL && !lies_under_older(errand, c, left, error))
				return FALSE;
		}
		if (cases == NULL || cases->len < PAGE)
			return cases != NULL && any_ground_left(errand, left, error);
	}
	return TRUE;
}

static void serve_retire(const DeskCall *call, DeskReply *reply)
{
	g_auto(Errand) errand = {0};
	g_autoptr(GError) error = NULL;
	gboolean left;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &errand.fields, reply, "{}") ||
	    !enter_with_newer_key(call, &errand, reply))
		return;
	if (!anything_left(&errand, &left, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	if (left) {
		desk_acts_deny(reply, 409, "older-key-left", "Cases of yours still lie under the older key: let rekey go on.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", "retire");
	record_add(record, "name", errand.place.me->name);
	desk_act_sign_off(record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record};
	desk_act_finish(call, &errand.place, &act, &errand.fields, reply);
}

/* --- /v1/people/strip ---------------------------------------------------------------------------------------------- */

static void add_key(GPtrArray *recipients, const char *body, const char *card)
{
	g_ptr_array_add(recipients, (gpointer)body);
	if (card != NULL)
		g_ptr_array_add(recipients, (gpointer)card);
}

static void add_keys(GPtrArray *recipients, const GPtrArray *keys)
{
	for (guint i = 0; i < keys->len; i++)
		add_key(recipients, ((const PeopleKey *)keys->pdata[i])->body, ((const PeopleKey *)keys->pdata[i])->card);
}

/* All that ever was hers, and what those open who are in force and sign in. */
static gboolean strip(const DeskPlace *place, const PeoplePerson *person, LedgerStripped *result, GError **error)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new(), in = g_ptr_array_new();
	add_key(out, person->body, person->card);
	add_keys(out, person->older);
	add_keys(out, person->retired);
	for (guint i = 0; i < place->people->persons->len; i++) {
		const PeoplePerson *other = place->people->persons->pdata[i];
		if (other == person || !people_signs_in(other, place->now))
			continue;
		add_key(in, other->body, other->card);
		add_keys(in, other->older);
	}
	return ledger_headers_strip(place->ledger, out, in, result, error);
}

static void serve_strip(const DeskCall *call, DeskReply *reply)
{
	const char *name;
	g_auto(Errand) errand = {0};
	g_autoptr(GError) error = NULL;
	DeskPlace *place = &errand.place;
	LedgerStripped result;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &errand.fields, reply, "{s:s}", "name", &name) ||
	    !enter_with_newer_key(call, &errand, reply))
		return;
	const PeoplePerson *person = people_find(place->people, name);
	if (person == NULL || person->state != PEOPLE_BLOCKED) {
		desk_acts_deny(reply, 409, "not-blocked", "Nobody of that name is blocked: block her first.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", "strip");
	record_add(record, "name", name);
	desk_act_sign_off(record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record};
	desk_act_finish(call, place, &act, &errand.fields, reply);
	if (reply->status != 200)
		return;
	if (!strip(place, person, &result, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_object_set_new(reply->json, "gone", json_integer((json_int_t)result.gone));
	json_object_set_new(reply->json, "kept", json_integer((json_int_t)result.kept));
}

const DeskAct desk_rewrap_acts[] = {
	{"/v1/discard", TRUE, serve_discard},
	{"/v1/headers", TRUE, serve_headers},
	{"/v1/missing", FALSE, serve_missing},
	{"/v1/outlived", TRUE, serve_outlived},
	{"/v1/people/retire", TRUE, serve_retire},
	{"/v1/people/strip", TRUE, serve_strip},
	{"/v1/rewrap", TRUE, serve_rewrap},
	{0},
};
