/* SPDX-License-Identifier: ISC */
#include "store/desk-place.h"

#include <string.h>

#include "store/desk-json.h"
#include "store/note.h"
#include "store/sealed-text.h"

/* --- replies ----------------------------------------------------------------------- */

gboolean desk_place_fail_form(DeskReply *reply, const char *message)
{
	desk_acts_error(reply, 400, "form", message);
	return FALSE;
}

gboolean desk_place_refuse(DeskReply *reply, const char *why, const char *message)
{
	desk_acts_refuse(reply, 403, why, message);
	return FALSE;
}

/* What the books refuse, in the desk's words; all else is that they cannot be read or written. */
static const struct {
	guint code; /* LedgerError */
	guint status;
	const char *word, *why; /* NULL: the word says it */
} ledger_words[] = {
	{LEDGER_ERROR_NOT_FOUND, 404, "not-found", NULL},
	{LEDGER_ERROR_FORM, 400, "form", NULL},
	{LEDGER_ERROR_AMBIGUOUS, 409, "ambiguous", NULL},
	{LEDGER_ERROR_TAMPERED, 503, "tampered", NULL},
	{LEDGER_ERROR_STATE, 409, "state", NULL},
	{LEDGER_ERROR_STALE, 409, "state", "meanwhile"},
	{LEDGER_ERROR_NUMBERED, 409, "state", "accepted"},
	{LEDGER_ERROR_LETTER, 409, "state", "letter-on-its-way"},
	{LEDGER_ERROR_ERASING, 409, "state", "erasing"},
	{LEDGER_ERROR_FULL, 409, "state", "full"},
	{LEDGER_ERROR_LAST_HEADER, 409, "state", "no-other-header"},
	{LEDGER_ERROR_NO_READER, 409, "state", "nobody-reads"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_KEY_TAKEN, 409, "state", "key-taken"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_NAME_TAKEN, 409, "state", "name-taken"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_ANNOUNCE, 409, "state", "announce"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_OWN_KEY, 409, "state", "own-key"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_NO_OLDER, 409, "state", "no-older-key"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_NOT_BLOCKED, 409, "state", "not-blocked"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_CONFIRMED, 409, "state", "confirmed"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_OWN_UNBLOCK, 409, "state", "own-unblock"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_COVER, 409, "state", "cover"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_NOBODY, 409, "state", "no-person"},
	{LEDGER_ERROR_PEOPLE + PEOPLE_ERROR_BLOCKED, 409, "state", "blocked-already"},
};

gboolean desk_place_fail_ledger(DeskReply *reply, const GError *error)
{
	for (gsize i = 0; error->domain == LEDGER_ERROR && i < G_N_ELEMENTS(ledger_words); i++) {
		if ((guint)error->code != ledger_words[i].code)
			continue;
		if (ledger_words[i].why != NULL)
			return desk_acts_deny(reply, ledger_words[i].status, ledger_words[i].why, error->message);
		desk_acts_error(reply, ledger_words[i].status, ledger_words[i].word, error->message);
		return FALSE;
	}
	desk_acts_error(reply, 503, "books", error->message);
	return FALSE;
}

void desk_place_done(DeskReply *reply, json_t *answer)
{
	reply->status = 200;
	reply->json = answer;
}

/* --- who may ---------------------------------------------------------------------------- */

void desk_place_clear(DeskPlace *place)
{
	g_clear_pointer(&place->readers, g_ptr_array_unref);
	g_clear_pointer(&place->people, people_unref);
	g_clear_pointer(&place->me, people_person_free);
}

gboolean desk_place_enter(const DeskCall *call, guint index, DeskPlace *place)
{
	gint64 now = registry_now(call->registry);
	desk_place_clear(place);
	place->now = now;
	place->index = index;
	place->registry = call->registry;
	place->config = call->config;
	place->hooks = call->hooks;
	place->mailbox = registry_mailbox(call->registry, index);
	place->ledger = registry_ledger(call->registry, index);
	place->people = ledger_people(place->ledger);
	place->readers = g_ptr_array_new();
	for (guint i = 0; i < place->people->persons->len; i++)
		if (people_reads(place->people->persons->pdata[i], now))
			g_ptr_array_add(place->readers, place->people->persons->pdata[i]);
	const PeoplePerson *person = people_find(place->people, call->request->officer);
	const PeopleKey *older;
	if (person == NULL || !people_signed_with(person, call->sign, &older))
		return FALSE;
	place->older_key = older != NULL;
	place->me = older != NULL ? people_person_with(person, older) : people_person_copy(person);
	if (!people_signs_in(place->me, now))
		return FALSE;
	place->officer = people_is_officer(place->me);
	place->supervisor = strcmp(place->me->role, "supervisor") == 0;
	return TRUE;
}

gboolean desk_place_enter_named(const DeskCall *call, const char *mailbox, DeskPlace *place, DeskReply *reply)
{
	int index = registry_find(call->registry, mailbox);
	if (index < 0)
		return desk_acts_deny(reply, 404, "no-mailbox", "There is no such mailbox here."), FALSE;
	reply->mailbox = index;
	return desk_place_enter(call, (guint)index, place) ||
	       desk_place_refuse(reply, "not-reader", "You are no reader of this mailbox.");
}

gboolean desk_place_is_named(const LedgerCase *c, const char *name)
{
	for (guint n = 0; record_get_nth(c->facts, "named", n) != NULL; n++)
		if (strcmp(record_get_nth(c->facts, "named", n), name) == 0)
			return TRUE;
	return FALSE;
}

static gboolean has_name(char **names, const char *name)
{
	return names != NULL && g_strv_contains((const char *const *)names, name);
}

static gboolean is_held(const DeskPlace *place, const LedgerCase *c)
{
	return g_strcmp0(record_get(c->facts, "held"), "yes") == 0 && place->now < c->received + DESK_PLACE_HELD;
}

gboolean desk_place_is_kept(const LedgerCase *c, const char *name)
{
	return !has_name(c->granted, name) && (has_name(c->withheld, name) || desk_place_is_named(c, name));
}

gboolean desk_place_is_barred(const LedgerCase *c, const char *name)
{
	if (has_name(c->granted, name))
		return FALSE;
	return desk_place_is_kept(c, name) || (c->assigned != NULL && strcmp(c->assigned, name) != 0);
}

static const struct {
	const char *word;
	SealPart part;
} parts[] = {
	{"body", SEAL_PART_BODY},
	{"card", SEAL_PART_CARD},
	{"text", SEAL_PART_TEXT},
	{"ground", SEAL_PART_GROUND},
};

const char *desk_place_part_word(SealPart part)
{
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (parts[i].part == part)
			return parts[i].word;
	return NULL;
}

gboolean desk_place_read_part(const char *word, SealPart *part)
{
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (strcmp(parts[i].word, word) == 0)
			return *part = parts[i].part, TRUE;
	return FALSE;
}

gboolean desk_place_holds(const DeskPlace *place, guint64 seq, SealPart part, const char *recipient)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) header = recipient != NULL ? ledger_header(place->ledger, seq, part, recipient, &error) : NULL;
	return header != NULL || (error != NULL && !g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND));
}

gboolean desk_place_holds_any(const DeskPlace *place, guint64 seq, SealPart part, const PeoplePerson *person)
{
	gboolean holds = desk_place_holds(place, seq, part, part == SEAL_PART_BODY ? person->body : person->card);
	for (guint i = 0; !holds && i < person->older->len; i++) {
		const PeopleKey *key = person->older->pdata[i];
		holds = desk_place_holds(place, seq, part, part == SEAL_PART_BODY ? key->body : key->card);
	}
	return holds;
}

/* TRUE where an officer from whom the case is not kept has a header of it: then it is hers, and not the escalation's. */
static gboolean has_officer(const DeskPlace *place, const LedgerCase *c)
{
	gboolean held = is_held(place, c);
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (!people_is_officer(reader) || desk_place_is_barred(c, reader->name) || (held && !has_name(c->granted, reader->name)))
			continue;
		if (desk_place_holds_any(place, c->seq, SEAL_PART_BODY, reader))
			return TRUE;
	}
	return FALSE;
}

/* Every officer and the escalation too is named: the next level of leadership reads it all the same (ledger.h). */
static gboolean is_last_resort(const DeskPlace *place, const LedgerCase *c)
{
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(place->readers, i);
		if (reader->card != NULL && !desk_place_is_named(c, reader->name))
			return FALSE;
	}
	return strcmp(place->me->role, "escalation") == 0 && !has_name(c->withheld, place->me->name);
}

const char *desk_place_word(const DeskPlace *place)
{
	return place->officer ? DESK_PLACE_ELSEWHERE : DESK_PLACE_OFFICERS;
}

/* Every reason takes the same way, so that neither the word nor its time tells one from another. */
const char *desk_place_why_not(const DeskPlace *place, const LedgerCase *c)
{
	const char *name = place->me->name;
	gboolean may = !desk_place_is_barred(c, name) && 
	               (has_name(c->granted, name) || (place->officer ? !is_held(place, c) : !has_officer(place, c)));
	return !place->supervisor && (may || is_last_resort(place, c)) ? NULL : desk_place_word(place);
}

gboolean desk_place_waits(const DeskPlace *place, const LedgerCase *c)
{
	const char *name = place->me->name;
	return place->officer && is_held(place, c) && !has_name(c->granted, name) && !desk_place_is_barred(c, name);
}

gboolean desk_place_refuse_case(DeskReply *reply, const char *why)
{
	return desk_place_refuse(reply, why, strcmp(why, DESK_PLACE_OFFICERS) == 0 ? "This case is with the officers."
	                                                                           : "This case was given to another officer.");
}

LedgerCase *desk_place_case(const DeskPlace *place, json_int_t seq, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	LedgerCase *c = ledger_case_by_seq(place->ledger, (guint64)seq, &error);
	if (c == NULL)
		desk_place_fail_ledger(reply, error);
	return c;
}

LedgerCase *desk_place_enter_case(const DeskCall *call, const char *mailbox, json_int_t seq, DeskPlace *place,
                                  DeskReply *reply)
{
	if (!desk_place_enter_named(call, mailbox, place, reply))
		return NULL;
	g_autoptr(LedgerCase) c = desk_place_case(place, seq, reply);
	const char *why = c != NULL ? desk_place_why_not(place, c) : NULL;
	if (why != NULL)
		desk_place_refuse_case(reply, why);
	return why == NULL ? g_steal_pointer(&c) : NULL;
}

gboolean desk_place_is_there(const DeskPlace *place, guint64 message, DeskReply *reply)
{
	guint64 by;
	g_autoptr(GError) error = NULL;
	if (!ledger_erased(place->ledger, message, &by, &error))
		return desk_place_fail_ledger(reply, error);
	if (by != 0)
		desk_acts_error(reply, 409, "erased", "This was erased by order: nothing of it is there to be opened or sent.");
	return by == 0;
}

const char *desk_place_recipient(const DeskPlace *place, const char *name)
{
	const PeoplePerson *person = people_find(place->people, name);
	return person != NULL && person->state == PEOPLE_ACTIVE ? person->card : NULL;
}

/* --- proofs ------------------------------------------------------------------------------ */

static void entries_free(LedgerEntry *entries, guint n)
{
	for (guint i = 0; i < n; i++)
		ledger_entry_clear(&entries[i]);
	g_free(entries);
}

/* A log that is smaller than what she knows proves nothing to her: she gets the checkpoint, and her program sees it. */
static gboolean prove(const DeskPlace *place, const GArray *seqs, json_int_t known, LedgerProof *proof, GError **error)
{
	guint64 from = (guint64)known <= ledger_size(place->ledger) ? (guint64)known : 0;
	return ledger_prove(place->ledger, (const guint64 *)(const void *)seqs->data, seqs->len, from, proof, error);
}

static gboolean read_entries(const DeskPlace *place, const GArray *seqs, LedgerEntry *entries, GError **error)
{
	for (guint i = 0; i < seqs->len; i++)
		if (!ledger_entry(place->ledger, g_array_index(seqs, guint64, i), &entries[i], error))
			return FALSE;
	return TRUE;
}

/* The header by which she reads a text of the entry: null where it has none, or none for her. */
static gboolean add_text_header(const DeskPlace *place, guint64 seq, SealPart part, json_t *item, GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autofree char *key = g_strconcat(sealed_text_request_key(part), "_header", NULL);
	g_autoptr(GBytes) header = ledger_header(place->ledger, seq, part, place->me->card, &inner);
	if (header == NULL && !g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	json_object_set_new(item, key, header != NULL ? desk_json_bytes(header) : json_null());
	return TRUE;
}

gboolean desk_place_add_text_headers(const DeskPlace *place, const LedgerEntry *entry, json_t *item, GError **error)
{
	Entry read;
	if (!entry_decode(entry->entry, &read, error))
		return FALSE;
	if ((read.flags & ENTRY_FLAG_SEALED) == 0)
		return TRUE;
	return add_text_header(place, entry->seq, SEAL_PART_TEXT, item, error) &&
	       add_text_header(place, entry->seq, SEAL_PART_GROUND, item, error);
}

gboolean desk_place_add_proof(const DeskPlace *place, const GArray *seqs, json_int_t known, json_t *answer, GError **error)
{
	LedgerProof proof = {0};
	LedgerEntry *entries = g_new0(LedgerEntry, MAX(seqs->len, 1));
	gboolean good = prove(place, seqs, known, &proof, error) && read_entries(place, seqs, entries, error);
	if (good)
		desk_json_add_proof(answer, &proof, entries, seqs->len);
	for (guint i = 0; good && i < seqs->len; i++)
		good = desk_place_add_text_headers(place, &entries[i], json_array_get(json_object_get(answer, "entries"), i), error);
	entries_free(entries, seqs->len);
	ledger_proof_clear(&proof);
	return good;
}

void desk_place_add_witnessed(const DeskPlace *place, guint64 seq, json_t *answer)
{
	g_auto(LedgerPast) past = {0};
	guint64 size;
	guint8 root[NOTE_ROOT];
	const char *note = json_string_value(json_object_get(answer, "checkpoint"));
	if (!note_checkpoint_parse(note, NULL, &size, root, NULL) || !ledger_witnessed(place->ledger, seq, size, &past, NULL) ||
	    past.inclusion == NULL) {
		json_object_set_new(answer, "witnessed", json_null());
		return;
	}
	json_object_set_new(answer, "witnessed",
	                    json_pack("{s:s, s:o, s:o}", "checkpoint", past.note, "inclusion", desk_json_hashes(past.inclusion),
	                              "consistency", desk_json_hashes(past.consistency)));
}

/* --- her own entries -------------------------------------------------------------------- */

Record *desk_place_own_entry(const DeskPlace *place, guint64 seq, gint64 lasts, Entry *entry)
{
	LedgerEntry found = {0};
	guint64 time;
	gsize size = 0;
	if (!ledger_entry(place->ledger, seq, &found, NULL))
		return NULL;
	const void *text = g_bytes_get_data(found.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	gboolean hers = record != NULL && entry_decode(found.entry, entry, NULL) &&
	                g_strcmp0(record_get(record, "officer"), place->me->name) == 0 &&
	                record_get_uint(record, "time", G_MAXINT64, &time, NULL) && (gint64)time > place->now - lasts;
	ledger_entry_clear(&found);
	return hers ? g_steal_pointer(&record) : NULL;
}

/* --- ranges ------------------------------------------------------------------------------ */

gboolean desk_place_enter_range(const DeskCall *call, guint most, DeskPlace *place, DeskRange *range, DeskReply *reply)
{
	const char *mailbox;
	json_t *entry;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:I, s:I, s:o}", "mailbox", &mailbox, "from", &range->from,
	                   "most", &range->most, "known", &range->known, "entry", &entry) != 0 ||
	    range->from < 0 || range->most < 1 || range->most > most || range->known < 0 ||
	    !(json_is_null(entry) || (json_is_integer(entry) && json_integer_value(entry) >= 0)))
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	range->entry = json_is_null(entry) ? -1 : json_integer_value(entry);
	return desk_place_enter_named(call, mailbox, place, reply);
}

static gboolean add_range(const DeskPlace *place, guint64 from, const guint8 *data, guint n, json_int_t known,
                          json_t *answer, GError **error)
{
	LedgerRange range = {0};
	/* A log that is smaller than what she knows proves nothing to her: her program sees the checkpoint. */
	guint64 since = (guint64)known <= ledger_size(place->ledger) ? (guint64)known : 0;
	if (!ledger_prove_range(place->ledger, from, from + n, since, &range, error))
		return FALSE;
	json_object_set_new(answer, "from", json_integer((json_int_t)from));
	json_object_set_new(answer, "entries", desk_json_base64(data, (gsize)n * ENTRY_SIZE));
	json_object_set_new(answer, "left", desk_json_hashes(range.left));
	json_object_set_new(answer, "right", desk_json_hashes(range.right));
	json_object_set_new(answer, "checkpoint", json_string(range.note));
	json_object_set_new(answer, "consistency", range.consistency != NULL ? desk_json_hashes(range.consistency) : json_null());
	ledger_range_clear(&range);
	return TRUE;
}

void desk_place_answer_range(const DeskPlace *place, const DeskRange *range, DeskPlaceTake take, gpointer user,
                             DeskReply *reply)
{
	guint64 from = (guint64)range->from;
	gsize size = 0;
	guint n = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(json_t) answer = desk_json_answer();
	g_autoptr(GBytes) entries = ledger_entries(place->ledger, from, (guint)range->most, &error);
	const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &size) : NULL;
	if (entries != NULL && take(user, from, data, (guint)(size / ENTRY_SIZE), &n, answer, &error) &&
	    add_range(place, from, data, n, range->known, answer, &error))
		desk_place_done(reply, g_steal_pointer(&answer));
	else
		desk_place_fail_ledger(reply, error);
}
