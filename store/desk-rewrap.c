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
#include "store/keyfile.h"

#define PAGE 500
#define CASES_MAX 20 /* a request: their proofs fit one answer */
#define WRAPS_MAX 200

static const struct {
	const char *word;
	SealPart part;
} parts[] = {{"body", SEAL_PART_BODY}, {"card", SEAL_PART_CARD}, {"text", SEAL_PART_TEXT}};

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

/* One thing with a header for each of its readers: a case's letter, its card, the text of one of its entries. */
typedef struct {
	guint64 seq; /* the case's, or that entry's */
	SealPart part;
} Object;

/* All of a case. */
static GArray *objects_of(const LedgerCase *c)
{
	const Object own[] = {{c->seq, SEAL_PART_BODY}, {c->seq, SEAL_PART_CARD}};
	GArray *objects = g_array_new(FALSE, FALSE, sizeof(Object));
	g_array_append_vals(objects, own, G_N_ELEMENTS(own));
	for (guint i = 0; c->work != NULL && i < c->work->len; i++) {
		const Object text = {g_array_index(c->work, guint64, i), SEAL_PART_TEXT};
		g_array_append_val(objects, text);
	}
	return objects;
}

static const char *part_word(SealPart part)
{
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (parts[i].part == part)
			return parts[i].word;
	return NULL;
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
	if (errand->reader == NULL || !people_reads(errand->reader, place->now))
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

/* Hers to hand on, and not kept from whom it shall go to. */
static gboolean is_hers(const Errand *errand, const LedgerCase *c)
{
	return desk_place_why_not(&errand->place, c) == NULL &&
	       (errand->own || !desk_place_is_kept(c, errand->reader->name));
}

static gboolean is_case_wanted(const Errand *errand, const LedgerCase *c)
{
	g_autoptr(GArray) objects = is_hers(errand, c) ? objects_of(c) : NULL;
	for (guint i = 0; objects != NULL && i < objects->len; i++) {
		const Object *object = &g_array_index(objects, Object, i);
		if (is_wanted(errand, object->seq, object->part))
			return TRUE;
	}
	return FALSE;
}

/* --- /v1/missing --------------------------------------------------------------------------------------------------- */

static void serve_missing(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *to;
	json_t *after;
	g_auto(Errand) errand = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:o}", "mailbox", &mailbox, "to", &to, "after", &after) !=
	            0 ||
	    !(json_is_null(after) || (json_is_integer(after) && json_integer_value(after) >= 0))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!enter(call, mailbox, to, &errand, reply))
		return;
	guint64 from = json_is_null(after) ? LEDGER_NOTHING : (guint64)json_integer_value(after);
	g_autoptr(GPtrArray) cases = ledger_cases(errand.place.ledger, LEDGER_CASES_ALL, from, PAGE, &error);
	if (cases == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *list = json_array(), *answer = desk_json_answer();
	for (guint i = 0; i < cases->len; i++) {
		const LedgerCase *c = cases->pdata[i];
		from = c->seq;
		if (is_case_wanted(&errand, c))
			json_array_append_new(list, desk_look_case(call, &errand.place, c));
	}
	json_object_set_new(answer, "cases", list);
	json_object_set_new(answer, "after", from != LEDGER_NOTHING ? json_integer((json_int_t)from) : json_null());
	json_object_set_new(answer, "more", json_boolean(cases->len == PAGE));
	desk_place_done(reply, answer);
}

/* --- /v1/headers --------------------------------------------------------------------------------------------------- */

static gboolean read_seqs(const json_t *list, DeskReply *reply)
{
	gsize n = json_array_size(list);
	gboolean good = n > 0 && n <= CASES_MAX;
	for (gsize i = 0; good && i < n; i++)
		good = json_is_integer(json_array_get(list, i)) && json_integer_value(json_array_get(list, i)) > 0;
	return good || desk_place_fail_form(reply, "Headers are asked for by 1 to 20 numbers of entries.");
}

/* Her headers of one case, and the entries that prove what they are of: nothing where nothing is lacking. */
static gboolean add_headers(const Errand *errand, const LedgerCase *c, json_t *headers, GArray *seqs, GError **error)
{
	const DeskPlace *place = &errand->place;
	g_autoptr(GArray) objects = objects_of(c);
	for (guint i = 0; i < objects->len; i++) {
		const Object *object = &g_array_index(objects, Object, i);
		if (!is_wanted(errand, object->seq, object->part))
			continue;
		g_autoptr(GBytes) header =
			ledger_header(place->ledger, object->seq, object->part, recipient_of(place->me, object->part), error);
		if (header == NULL)
			return FALSE;
		if (object->part == SEAL_PART_TEXT)
			g_array_append_val(seqs, object->seq);
		json_array_append_new(headers, json_pack("{s:I, s:I, s:s, s:o}", "case", (json_int_t)c->seq, "seq",
		                                         (json_int_t)object->seq, "part", part_word(object->part), "header",
		                                         desk_json_bytes(header)));
	}
	return TRUE;
}

/* The cases of which headers go out stand in the record; what proves them in seqs. */
static json_t *collect(const Errand *errand, const json_t *wanted, Record *record, GArray *seqs, DeskReply *reply)
{
	g_autoptr(json_t) headers = json_array();
	for (gsize i = 0; i < json_array_size(wanted); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(LedgerCase) c = desk_place_case(&errand->place, json_integer_value(json_array_get(wanted, i)), reply);
		if (c == NULL)
			return NULL;
		gsize before = json_array_size(headers);
		if (is_hers(errand, c) && !add_headers(errand, c, headers, seqs, &error))
			return desk_place_fail_ledger(reply, error), NULL;
		if (json_array_size(headers) == before)
			continue;
		record_add_uint(record, "case", c->seq);
		desk_look_prove(seqs, c->seq, c->accepted);
	}
	if (json_array_size(headers) > 0)
		return g_steal_pointer(&headers);
	desk_place_refuse(reply, "no-header",
	                  "None of these cases is yours to hand on, or that reader has them already, or they are kept from her.");
	return NULL;
}

static void serve_headers(const DeskCall *call, DeskReply *reply)
{
	const char *to;
	json_t *wanted;
	g_auto(Errand) errand = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX, &errand.fields, reply, "{s:s, s:o}", "to", &to, "seqs", &wanted) ||
	    !read_seqs(wanted, reply) || !enter(call, errand.fields.mailbox, to, &errand, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	g_autoptr(GArray) seqs = g_array_new(FALSE, TRUE, sizeof(guint64));
	g_array_set_size(seqs, 1); /* the act's own entry, once it is there */
	record_add(record, "act", "handed");
	record_add(record, "reader", to);
	g_autoptr(json_t) headers = collect(&errand, wanted, record, seqs, reply);
	if (headers == NULL)
		return;
	desk_act_sign_off(record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record, .hands_out = TRUE};
	if (!desk_act_append(&errand.place, &act, &errand.fields, &g_array_index(seqs, guint64, 0), reply))
		return;
	g_autoptr(GError) error = NULL;
	json_t *answer = desk_json_answer();
	json_object_set(answer, "headers", headers);
	if (desk_place_add_proof(&errand.place, seqs, errand.fields.known, answer, &error)) {
		desk_place_done(reply, answer);
	} else {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
	}
}

/* --- /v1/rewrap ---------------------------------------------------------------------------------------------------- */

static gboolean read_part(const char *word, SealPart *part)
{
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (strcmp(parts[i].word, word) == 0)
			return *part = parts[i].part, TRUE;
	return FALSE;
}

/* The case of which an object is (transfer full). */
static LedgerCase *case_of(const Errand *errand, json_int_t seq, SealPart part, DeskReply *reply)
{
	if (part != SEAL_PART_TEXT)
		return desk_place_case(&errand->place, seq, reply);
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	guint64 of = 0;
	if (!ledger_entry(errand->place.ledger, (guint64)seq, &entry, &error))
		return desk_place_fail_ledger(reply, error), NULL;
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&entry);
	if (record == NULL || !record_get_uint(record, "case", G_MAXINT64, &of, NULL))
		return desk_place_fail_form(reply, "That entry is of no case."), NULL;
	g_autoptr(LedgerCase) c = desk_place_case(&errand->place, (json_int_t)of, reply);
	for (guint i = 0; c != NULL && c->work != NULL && i < c->work->len; i++)
		if (g_array_index(c->work, guint64, i) == (guint64)seq)
			return g_steal_pointer(&c);
	if (c != NULL)
		desk_place_fail_form(reply, "That entry is of no case.");
	return NULL;
}

static gboolean take_wrap(const DeskCall *call, const Errand *errand, json_t *item, GArray *wraps, Record *record,
                          DeskReply *reply)
{
	const char *word, *hex;
	json_int_t seq;
	SealPart part;
	guint8 digest[SEAL_DIGEST];
	if (json_unpack_ex(item, NULL, JSON_STRICT, "{s:I, s:s, s:s}", "seq", &seq, "part", &word, "header", &hex) != 0 ||
	    seq <= 0 || !read_part(word, &part))
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	const char *header = sealed_text_attached(call->attached, hex, digest);
	if (header == NULL)
		return desk_place_fail_form(reply, "A header is missing, or is not one of one reader alone.");
	g_autoptr(LedgerCase) c = case_of(errand, seq, part, reply);
	if (c == NULL)
		return FALSE;
	if (!is_hers(errand, c))
		return desk_place_refuse_case(reply, DESK_PLACE_ELSEWHERE);
	const LedgerWrap wrap = {(guint64)seq, part, recipient_of(errand->reader, part), header, strlen(header)};
	if (wrap.recipient == NULL || desk_place_holds(&errand->place, wrap.seq, part, wrap.recipient))
		return desk_acts_error(reply, 409, "state", "That reader has a header of it already, or takes none."), FALSE;
	for (guint i = 0; i < wraps->len; i++)
		if (g_array_index(wraps, LedgerWrap, i).seq == wrap.seq && g_array_index(wraps, LedgerWrap, i).part == part)
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

/* What goes of one case: the headers of her older keys, where the newer one has its own. */
static void add_drops(const Errand *errand, const LedgerCase *c, GArray *drops)
{
	const GPtrArray *older = errand->reader->older;
	g_autoptr(GArray) objects = objects_of(c);
	for (guint i = 0; i < objects->len; i++) {
		const Object *object = &g_array_index(objects, Object, i);
		if (!desk_place_holds(&errand->place, object->seq, object->part, recipient_of(errand->reader, object->part)))
			continue;
		for (guint k = 0; k < older->len; k++) {
			const PeopleKey *key = older->pdata[k];
			const LedgerDrop drop = {object->seq, object->part, object->part == SEAL_PART_BODY ? key->body : key->card};
			if (desk_place_holds(&errand->place, drop.seq, drop.part, drop.recipient))
				g_array_append_val(drops, drop);
		}
	}
}

static void outlived(const DeskCall *call, Errand *errand, json_int_t entry, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) handed = handed_record(call, errand, entry, reply), record = desk_act_record(call);
	g_autoptr(GArray) drops = g_array_new(FALSE, FALSE, sizeof(LedgerDrop));
	const char *text;
	guint64 seq;
	if (handed == NULL)
		return;
	record_add(record, "act", "dropped");
	record_add(record, "reader", errand->place.me->name);
	record_add_uint(record, "entry", (guint64)entry);
	for (guint i = 0; (text = record_get_nth(handed, "case", i)) != NULL; i++) {
		g_autoptr(LedgerCase) c = g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &seq, NULL)
		                                  ? desk_place_case(&errand->place, (json_int_t)seq, reply)
		                                  : NULL;
		if (c == NULL)
			return;
		record_add(record, "case", text);
		add_drops(errand, c, drops);
	}
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

/* --- /v1/people/retire --------------------------------------------------------------------------------------------- */

/* Is anything of a case of hers still under an older key, alone or beside the newer? */
static gboolean anything_left(const Errand *errand, gboolean *left, GError **error)
{
	guint64 after = LEDGER_NOTHING;
	for (*left = FALSE; !*left;) {
		g_autoptr(GPtrArray) cases = ledger_cases(errand->place.ledger, LEDGER_CASES_ALL, after, PAGE, error);
		if (cases == NULL)
			return FALSE;
		for (guint i = 0; i < cases->len && !*left; i++) {
			const LedgerCase *c = cases->pdata[i];
			after = c->seq;
			g_autoptr(GArray) objects = desk_place_why_not(&errand->place, c) == NULL ? objects_of(c) : NULL;
			for (guint k = 0; objects != NULL && k < objects->len && !*left; k++)
				*left = is_under_older(errand, g_array_index(objects, Object, k).seq, g_array_index(objects, Object, k).part);
		}
		if (cases->len < PAGE)
			return TRUE;
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
		desk_acts_error(reply, 409, "state", "Cases of yours still lie under the older key: let rekey go on.");
		return;
	}
	g_autoptr(Record) record = desk_act_record(call);
	record_add(record, "act", "retire");
	record_add(record, "name", errand.place.me->name);
	desk_act_sign_off(record, call, &errand.fields);
	LedgerAct act = {.kind = ENTRY_KEY, .record = record};
	desk_act_finish(call, &errand.place, &act, &errand.fields, reply);
}

const DeskAct desk_rewrap_acts[] = {
	{"/v1/headers", TRUE, serve_headers},
	{"/v1/missing", FALSE, serve_missing},
	{"/v1/outlived", TRUE, serve_outlived},
	{"/v1/people/retire", TRUE, serve_retire},
	{"/v1/rewrap", TRUE, serve_rewrap},
	{0},
};
