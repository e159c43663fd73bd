/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which a message is sealed anew: after a key and a copy of the store were lost together, so that no
 * file key that was learned from them opens what lies here.
 *
 * The officer's program opens body and card, seals them under fresh file keys and hands in both, as a report is added: headers
 * and small payloads in the request's second line, a large payload uploaded before. The registrar sees that it replaces what
 * she opened, that everybody who read that reads it still, and nobody else, and that its size is the arrival's; that it is
 * the same plaintext only who opens it can see, and does. */
#include <string.h>
#include <unistd.h>

#include "base/bundle.h"
#include "store/age.h"
#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-look.h"
#include "store/desk-messages.h"
#include "store/desk-upload.h"
#include "store/payload.h"

#define ROW_MAX (PAYLOAD_NONCE + PAYLOAD_SEALED_CHUNK) /* a payload of one chunk at its largest */
#define PAGE 500

static const RecordField commit_schema[] = {
	{"object", 1, 1},    {"payload", 1, 1},     {"replaces", 1, 1},      {"size", 1, 1},        {"digest", 1, 1},
	{"key-check-body", 1, 1}, {"card-replaces", 0, 1}, {"card-size", 0, 1}, {"card-digest", 0, 1}, {"key-check-card", 0, 1},
	{NULL, 0, 0},
};

/* What each part is called: in the record, and as a part of the bundle. */
static const struct {
	const char *word, *payload, *replaces, *size, *digest, *old_digest, *key_check, *header;
} names[] = {
	[SEAL_PART_BODY] = {"body", "payload", "replaces", "size", "digest", "old-digest", "key-check-body", "header/body/"},
	[SEAL_PART_CARD] = {"card", "card", "card-replaces", "card-size", "card-digest", "old-card-digest", "key-check-card",
	                    "header/card/"},
};

typedef struct {
	DeskActFields fields;
	DeskPlace place;
	LedgerCase *c;
	guint64 seq; /* of the message */
	const char *commit; /* hex of its digest */
	Bundle *bundle;
	guint8 id[SEAL_CASE];
	LedgerAnewPart parts[2];
	guint n_parts;
	guint8 old_digest[2][SEAL_DIGEST];
	GArray *headers; /* LedgerHeader */
} Reseal;

static void reseal_clear(Reseal *reseal)
{
	desk_act_clear(&reseal->fields);
	desk_place_clear(&reseal->place);
	ledger_case_free(reseal->c);
	bundle_free(reseal->bundle);
	g_clear_pointer(&reseal->headers, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reseal, reseal_clear)

/* message 0: the report itself. */
static gboolean enter(const DeskCall *call, const char *mailbox, json_int_t seq, json_int_t message, Reseal *reseal,
                      DeskReply *reply)
{
	reseal->c = desk_place_enter_case(call, mailbox, seq, &reseal->place, reply);
	if (reseal->c == NULL)
		return FALSE;
	g_autoptr(LedgerMessage) one = message != 0 ? desk_messages_enter(&reseal->place, reseal->c, message, reply) : NULL;
	if (message != 0 && one == NULL)
		return FALSE;
	reseal->seq = one != NULL ? one->seq : reseal->c->seq;
	return TRUE;
}

/* --- /v1/reseal/missing ------------------------------------------------------------------------------------------- */

/* Has she a header of a message's body that was sealed before that entry? */
static gboolean is_older(const DeskPlace *place, guint64 seq, guint64 before, gboolean *older, GError **error)
{
	guint64 state;
	if (*older || seq >= before)
		return TRUE;
	if (!ledger_state(place->ledger, seq, SEAL_PART_BODY, &state, error))
		return FALSE;
	*older = state < before && desk_place_holds_any(place, seq, SEAL_PART_BODY, place->me);
	return TRUE;
}

static gboolean is_missing(const DeskPlace *place, const LedgerCase *c, guint64 before, gboolean *missing, GError **error)
{
	*missing = FALSE;
	if (desk_place_why_not(place, c) != NULL)
		return TRUE;
	g_autoptr(GPtrArray) messages = ledger_messages(place->ledger, c, G_MAXUINT, error);
	if (messages == NULL || !is_older(place, c->seq, before, missing, error))
		return FALSE;
	for (guint i = 0; i < messages->len; i++)
		if (!desk_messages_is_held(place, c, messages->pdata[i]) &&
		    !is_older(place, ((const LedgerMessage *)messages->pdata[i])->seq, before, missing, error))
			return FALSE;
	return TRUE;
}

static json_t *missing_cases(const DeskCall *call, const DeskPlace *place, guint64 before, guint64 after, GError **error)
{
	g_autoptr(GPtrArray) cases = ledger_cases(place->ledger, LEDGER_CASES_ALL, after, PAGE, error);
	g_autoptr(json_t) list = json_array();
	for (guint i = 0; cases != NULL && i < cases->len; i++) {
		const LedgerCase *c = cases->pdata[i];
		gboolean missing;
		after = c->seq;
		if (!is_missing(place, c, before, &missing, error))
			return NULL;
		if (missing)
			json_array_append_new(list, desk_look_case(call, place, c));
	}
	if (cases == NULL)
		return NULL;
	json_t *answer = desk_json_answer();
	json_object_set(answer, "cases", list);
	json_object_set_new(answer, "after", after != LEDGER_NOTHING ? json_integer((json_int_t)after) : json_null());
	json_object_set_new(answer, "more", json_boolean(cases->len == PAGE));
	return answer;
}

static void serve_missing(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t before;
	json_t *after, *answer;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:o}", "mailbox", &mailbox, "before", &before, "after",
	                   &after) != 0 || before < 0 ||
	    !(json_is_null(after) || (json_is_integer(after) && json_integer_value(after) >= 0))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	guint64 from = json_is_null(after) ? LEDGER_NOTHING : (guint64)json_integer_value(after);
	if ((answer = missing_cases(call, &place, (guint64)before, from, &error)) != NULL)
		desk_place_done(reply, answer);
	else
		desk_place_fail_ledger(reply, error);
}

/* --- /v1/reseal/state --------------------------------------------------------------------------------------------- */

/* How a part lies there and who reads it; null where she has no header of it. */
static json_t *state_json(const Reseal *reseal, SealPart part, GError **error)
{
	guint64 state;
	const DeskPlace *place = &reseal->place;
	if (!desk_place_holds_any(place, reseal->seq, part, place->me))
		return json_null();
	g_autoptr(GPtrArray) readers = ledger_anew_readers(place->ledger, reseal->seq, part, place->readers, error);
	if (readers == NULL || !ledger_state(place->ledger, reseal->seq, part, &state, error))
		return NULL;
	json_t *list = json_array();
	for (guint i = 0; i < readers->len; i++)
		json_array_append_new(list, json_string(((const PeoplePerson *)readers->pdata[i])->name));
	return json_pack("{s:I, s:o}", "state", (json_int_t)state, "readers", list);
}

static void serve_state(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t seq, message = 0;
	g_auto(Reseal) reseal = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s?I}", "mailbox", &mailbox, "seq", &seq, "message",
	                   &message) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!enter(call, mailbox, seq, message, &reseal, reply))
		return;
	json_t *body = state_json(&reseal, SEAL_PART_BODY, &error), *card = NULL;
	if (body != NULL && (card = state_json(&reseal, SEAL_PART_CARD, &error)) != NULL) {
		json_t *answer = desk_json_answer();
		json_object_set_new(answer, "body", body);
		json_object_set_new(answer, "card", card);
		desk_place_done(reply, answer);
		return;
	}
	json_decref(body);
	desk_place_fail_ledger(reply, error);
}

/* --- /v1/reseal: what she hands in -------------------------------------------------------------------------------- */

/* The bundle out of the second line, as the first one names it. */
static gboolean read_bundle(const DeskCall *call, Reseal *reseal, DeskReply *reply)
{
	gsize size = 0;
	g_autoptr(GError) error = NULL;
	g_autofree guchar *data = desk_act_octets(call, reseal->commit, &size, "What was sealed anew is missing.",
	                                          "What was sealed anew is not what was signed.", reply);
	if (data == NULL)
		return FALSE;
	reseal->bundle = bundle_read(data, size, commit_schema, &error);
	if (reseal->bundle == NULL || !record_get_hex(bundle_record(reseal->bundle), "object", reseal->id, SEAL_CASE, &error))
		return desk_place_fail_form(reply, error->message);
	return TRUE;
}

/* The record of the entry by which that part lies there; *anew: it was sealed anew by it. */
static Record *state_record(const Reseal *reseal, guint64 state, GError **error)
{
	LedgerEntry entry;
	gsize size;
	if (!ledger_entry(reseal->place.ledger, state, &entry, error))
		return NULL;
	const void *text = g_bytes_get_data(entry.record, &size);
	Record *record = record_read(text, size, 0, NULL, error);
	ledger_entry_clear(&entry);
	return record;
}

/* As long as the arrival, and a line more; and what it replaces. */
static gboolean check_state(Reseal *reseal, const LedgerAnewPart *part, DeskReply *reply)
{
	const char *size_key = names[part->part].size, *digest_key = names[part->part].digest;
	guint64 arrived, plain;
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) message = state_record(reseal, reseal->seq, &error);
	g_autoptr(Record) old = message != NULL ? state_record(reseal, part->replaces, &error) : NULL;
	if (old == NULL || !record_get_uint(message, size_key, G_MAXINT64, &arrived, &error) ||
	    !record_get_hex(old, digest_key, reseal->old_digest[part->part], SEAL_DIGEST, &error)) {
		desk_acts_deny(reply, 409, "meanwhile", "It was sealed anew meanwhile: try again.");
		return FALSE;
	}
	return (payload_plain_size(arrived, &plain) && payload_size(plain + SEAL_ANEW_LINE) == part->size) ||
	       desk_place_fail_form(reply, "What was sealed anew has not the size of what arrived.");
}

static gboolean read_part(Reseal *reseal, SealPart which, DeskReply *reply)
{
	const Record *record = bundle_record(reseal->bundle);
	LedgerAnewPart part = {.part = which, .fd = -1, .payload = bundle_part(reseal->bundle, names[which].payload)};
	guint8 key_check[32];
	if (!record_get_uint(record, names[which].replaces, G_MAXINT64, &part.replaces, NULL) ||
	    !record_get_uint(record, names[which].size, G_MAXINT64, &part.size, NULL) ||
	    !record_get_hex(record, names[which].digest, part.digest, SEAL_DIGEST, NULL) ||
	    !record_get_hex(record, names[which].key_check, key_check, sizeof key_check, NULL))
		return desk_place_fail_form(reply, "A part of it is not said whole.");
	gboolean in_file = which == SEAL_PART_BODY && strcmp(record_get(record, "payload"), "file") == 0;
	if (in_file ? part.payload != NULL || part.size <= ROW_MAX
	            : part.payload == NULL || g_bytes_get_size(part.payload) != part.size ||
	                  part.size > (which == SEAL_PART_BODY ? ROW_MAX : 2 * ROW_MAX))
		return desk_place_fail_form(reply, "A payload is not where it says, or of another size.");
	reseal->parts[reseal->n_parts++] = part;
	return check_state(reseal, &part, reply);
}

static gboolean is_of_one_reader(const char *text, gsize size)
{
	gsize used;
	g_autoptr(AgeHeader) read = age_header_read(text, size, &used, NULL);
	return read != NULL && used == size && age_header_is_one(read, "X25519");
}

/* Every part of the bundle is a payload that was read, or a header. */
static gboolean read_headers(Reseal *reseal, DeskReply *reply)
{
	const char *name;
	GBytes *octets;
	reseal->headers = g_array_new(FALSE, FALSE, sizeof(LedgerHeader));
	for (guint i = 0; bundle_nth(reseal->bundle, i, &name, &octets); i++) {
		guint which = 0;
		LedgerHeader header;
		while (which < G_N_ELEMENTS(names) && !g_str_has_prefix(name, names[which].header))
			which++;
		if (which == G_N_ELEMENTS(names)) {
			if (strcmp(name, "payload") == 0 || (strcmp(name, "card") == 0 && reseal->n_parts > 1))
				continue;
			return desk_place_fail_form(reply, "It has a part that it does not have.");
		}
		header = (LedgerHeader){.reader = name + strlen(names[which].header), .part = (SealPart)which};
		header.text = g_bytes_get_data(octets, &header.size);
		if (which >= reseal->n_parts || !is_of_one_reader(header.text, header.size))
			return desk_place_fail_form(reply, "A header is not one of one reader alone.");
		g_array_append_val(reseal->headers, header);
	}
	return TRUE;
}

static gboolean read_reseal(const DeskCall *call, Reseal *reseal, DeskReply *reply)
{
	json_int_t message = 0;
	if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_OCTETS, &reseal->fields, reply, "{s:s, s?I}", "commit",
	                   &reseal->commit, "message", &message) ||
	    !enter(call, reseal->fields.mailbox, reseal->fields.seq, message, reseal, reply))
		return FALSE;
	if (!desk_place_holds_any(&reseal->place, reseal->seq, SEAL_PART_BODY, reseal->place.me))
		return desk_place_refuse(reply, "no-header", "Nobody seals anew what is not sealed to her own key.");
	if (!read_bundle(call, reseal, reply) || !read_part(reseal, SEAL_PART_BODY, reply))
		return FALSE;
	if (record_get(bundle_record(reseal->bundle), "card-size") != NULL && !read_part(reseal, SEAL_PART_CARD, reply))
		return FALSE;
	return read_headers(reseal, reply);
}

/* --- and what becomes of it --------------------------------------------------------------------------------------- */

static gboolean has_header(const Reseal *reseal, const char *reader, SealPart part)
{
	for (guint i = 0; i < reseal->headers->len; i++) {
		const LedgerHeader *header = &g_array_index(reseal->headers, LedgerHeader, i);
		if (header->part == part && strcmp(header->reader, reader) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "NAME body card", in the order of the people. */
static void add_readers(const Reseal *reseal, Record *record)
{
	for (guint i = 0; i < reseal->place.readers->len; i++) {
		const char *name = ((const PeoplePerson *)reseal->place.readers->pdata[i])->name;
		gboolean body = has_header(reseal, name, SEAL_PART_BODY), card = has_header(reseal, name, SEAL_PART_CARD);
		if (body || card)
			record_add_printf(record, "reader", "%s%s%s", name, body ? " body" : "", card ? " card" : "");
	}
}

static Record *make_record(const DeskCall *call, const Reseal *reseal)
{
	Record *record = desk_act_record(call);
	const Record *said = bundle_record(reseal->bundle);
	record_add_uint(record, "case", reseal->c->seq);
	if (reseal->seq != reseal->c->seq)
		record_add_uint(record, "message", reseal->seq);
	record_add_hex(record, "object", reseal->id, SEAL_CASE);
	for (guint i = 0; i < reseal->n_parts; i++) {
		const LedgerAnewPart *part = &reseal->parts[i];
		record_add_uint(record, names[i].replaces, part->replaces);
		record_add_hex(record, names[i].old_digest, reseal->old_digest[i], SEAL_DIGEST);
		record_add_uint(record, names[i].size, part->size);
		record_add_hex(record, names[i].digest, part->digest, SEAL_DIGEST);
		record_add(record, names[i].key_check, record_get(said, names[i].key_check));
	}
	add_readers(reseal, record);
	record_add(record, "commit", reseal->commit);
	desk_act_sign_off(record, call, &reseal->fields);
	return record;
}

static void serve_reseal(const DeskCall *call, DeskReply *reply)
{
	g_auto(Reseal) reseal = {0};
	if (!read_reseal(call, &reseal, reply))
		return;
	LedgerAnewPart *body = &reseal.parts[0];
	if (body->payload == NULL && (body->fd = desk_upload_take(call, &reseal.place, body->size)) < 0) {
		desk_acts_deny(reply, 409, "upload", "The octets were not uploaded, or not all of them: begin again.");
		return;
	}
	LedgerAnew anew = {.parts = reseal.parts,
	                   .n_parts = reseal.n_parts,
	                   .headers = (const LedgerHeader *)(const void *)reseal.headers->data,
	                   .n_headers = reseal.headers->len};
	memcpy(anew.id, reseal.id, SEAL_CASE);
	g_autoptr(Record) record = make_record(call, &reseal);
	LedgerAct act = {.kind = ENTRY_RESEALED, .record = record, .case_seq = reseal.c->seq, .concerns = reseal.seq, .anew = &anew};
	desk_act_finish(call, &reseal.place, &act, &reseal.fields, reply);
	if (body->fd >= 0)
		close(body->fd);
}

const DeskAct desk_reseal_acts[] = {
	{"/v1/reseal", TRUE, serve_reseal},
	{"/v1/reseal/missing", FALSE, serve_missing},
	{"/v1/reseal/state", FALSE, serve_state},
	{0},
};
