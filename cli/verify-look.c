/* SPDX-License-Identifier: ISC */
#include "cli/verify-look.h"

#include <string.h>

#include "cli/cli.h"
#include "store/merkle.h"

typedef struct {
	guint8 data[ENTRY_SIZE];
	Entry entry;
	Record *record;
} LookEntry;

struct Look {
	guint64 size;
	guint8 root[NOTE_ROOT];
	GArray *entries;
};

static void entry_clear(gpointer data)
{
	record_free(((LookEntry *)data)->record);
}

void verify_look_free(Look *look)
{
	if (look == NULL)
		return;
	g_array_unref(look->entries);
	g_free(look);
}

guint64 verify_look_size(const Look *look)
{
	return look->size;
}

const guint8 *verify_look_root(const Look *look)
{
	return look->root;
}

/* One sentence for every lie; what lied is named, so that whoever is told can look there. */
static gboolean refuse(GError **error, const char *what)
{
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the registrar's answer does not hold (%s), so nothing was opened: tell the supervisor and the other officers, not the administrator of the mail host alone"),
	                what);
}

/* Hashes in base64, one after another (transfer full). */
static GByteArray *read_hashes(json_t *array)
{
	g_autoptr(GByteArray) hashes = g_byte_array_new();
	json_t *item;
	gsize i;
	json_array_foreach(array, i, item) {
		gsize size = 0;
		g_autofree guchar *hash = json_is_string(item) ? g_base64_decode(json_string_value(item), &size) : NULL;
		if (size != MERKLE_HASH)
			return NULL;
		g_byte_array_append(hashes, hash, MERKLE_HASH);
	}
	return g_steal_pointer(&hashes);
}

GBytes *verify_look_hashes(json_t *array)
{
	GByteArray *hashes = json_is_array(array) ? read_hashes(array) : NULL;
	return hashes != NULL ? g_byte_array_free_to_bytes(hashes) : NULL;
}

gboolean verify_look_range(guint64 from, const guint8 *data, gsize n, guint64 size, const guint8 *root, json_t *answer)
{
	g_autofree guint8 *leaves = g_malloc(MAX(n, 1) * MERKLE_HASH);
	g_autoptr(GBytes) left = verify_look_hashes(json_object_get(answer, "left"));
	g_autoptr(GBytes) right = verify_look_hashes(json_object_get(answer, "right"));
	for (gsize i = 0; i < n; i++)
		entry_leaf(data + i * ENTRY_SIZE, leaves + i * MERKLE_HASH);
	return left != NULL && right != NULL && merkle_verify_range(from, leaves, n, size, left, right, root);
}

gboolean verify_look_checkpoint(Pins *pins, const char *origin, json_t *answer, guint64 *size, guint8 root[NOTE_ROOT],
                                GError **error)
{
	const char *note = desk_get_text(answer, "checkpoint", error);
	json_t *consistency = json_object_get(answer, "consistency");
	if (note == NULL)
		return FALSE;
	if (!json_is_null(consistency) && !json_is_array(consistency))
		return desk_form_error(error, "consistency");
	g_autoptr(GByteArray) hashes = read_hashes(consistency);
	if (hashes == NULL)
		return desk_form_error(error, "consistency");
	return pins_take(pins, origin, note, hashes->data, hashes->len / MERKLE_HASH, size, root, error);
}

static gboolean take_entry(Look *look, json_t *object, GError **error)
{
	LookEntry one = {.record = NULL};
	guint8 leaf[ENTRY_HASH];
	guint64 seq;
	g_autoptr(GBytes) data = desk_get_octets(object, "entry", ENTRY_SIZE, error);
	g_autoptr(GBytes) salt = data != NULL ? desk_get_octets(object, "salt", ENTRY_SALT, error) : NULL;
	g_autoptr(GBytes) record = salt != NULL ? desk_get_octets(object, "record", 0, error) : NULL;
	json_t *array = record != NULL ? desk_get_array(object, "inclusion", error) : NULL;
	if (array == NULL || !desk_get_uint(object, "seq", &seq, error))
		return FALSE;
	g_autoptr(GByteArray) hashes = read_hashes(array);
	gsize size;
	const void *text = g_bytes_get_data(record, &size);
	memcpy(one.data, g_bytes_get_data(data, NULL), ENTRY_SIZE);
	if (hashes == NULL || !entry_decode(one.data, &one.entry, NULL) || one.entry.seq != seq)
		return refuse(error, _("an entry of another form"));
	if (!entry_verify_commitment(one.data, g_bytes_get_data(salt, NULL), text, size, NULL))
		return refuse(error, _("an entry whose text was exchanged"));
	entry_leaf(one.data, leaf);
	if (!merkle_verify_inclusion(seq, look->size, leaf, hashes->data, hashes->len / MERKLE_HASH, look->root))
		return refuse(error, _("an entry that does not stand in the register"));
	one.record = record_read(text, size, 0, NULL, NULL);
	if (one.record == NULL)
		return refuse(error, _("an entry of another form"));
	g_array_append_val(look->entries, one);
	return TRUE;
}

static gboolean take_entries(Look *look, json_t *answer, GError **error)
{
	json_t *entries = desk_get_array(answer, "entries", error), *item;
	gsize i;
	if (entries == NULL)
		return FALSE;
	json_array_foreach(entries, i, item)
		if (!take_entry(look, item, error))
			return FALSE;
	return look->entries->len > 0 || desk_form_error(error, "entries");
}

static Look *look_new(void)
{
	Look *look = g_new0(Look, 1);
	look->entries = g_array_new(FALSE, FALSE, sizeof(LookEntry));
	g_array_set_clear_func(look->entries, entry_clear);
	return look;
}

Look *verify_look_take(Pins *pins, const char *origin, json_t *answer, GError **error)
{
	g_autoptr(Look) look = look_new();
	return verify_look_checkpoint(pins, origin, answer, &look->size, look->root, error) && take_entries(look, answer, error)
	               ? g_steal_pointer(&look)
	               : NULL;
}

Look *verify_look_under(const NoteVerifier *verifier, json_t *answer, GError **error)
{
	g_autoptr(Look) look = look_new();
	const char *note = desk_get_text(answer, "checkpoint", error);
	if (note == NULL)
		return NULL;
	if (!note_verify_checkpoint(note, verifier, &look->size, look->root, NULL)) {
		refuse(error, _("a control mark that the register's key did not sign"));
		return NULL;
	}
	return take_entries(look, answer, error) ? g_steal_pointer(&look) : NULL;
}

static const LookEntry *entry_at(const Look *look, guint i)
{
	return &g_array_index(look->entries, LookEntry, i);
}

guint64 verify_look_act_seq(const Look *look)
{
	return entry_at(look, 0)->entry.seq;
}

const Record *verify_look_nth(const Look *look, guint i, Entry *entry)
{
	if (i >= look->entries->len)
		return NULL;
	*entry = entry_at(look, i)->entry;
	return entry_at(look, i)->record;
}

static gboolean act_has(const Look *look, const char *key, guint64 seq)
{
	const Record *record = entry_at(look, 0)->record;
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, seq);
	const char *named;
	for (guint i = 0; (named = record_get_nth(record, key, i)) != NULL; i++)
		if (strcmp(named, text) == 0)
			return TRUE;
	return FALSE;
}

gboolean verify_look_names(const Look *look, guint64 seq)
{
	return act_has(look, "case", seq);
}

gboolean verify_look_is_of(const Look *look, guint64 seq)
{
	return act_has(look, "of", seq);
}

/* The record that this act must have, but for its moment, which is the registrar's, and for cases that it leaves out. */
static Record *act_record(const Look *look, const LookAct *act, const char *time)
{
	Record *record = record_new();
	record_add(record, "time", time);
	record_add(record, "officer", act->officer);
	for (guint i = 0; i < act->n_cases; i++)
		if ((act->kind != ENTRY_LISTED && act->kind != ENTRY_SEARCHED && act->kind != ENTRY_EXTRACTED) || verify_look_names(look, act->cases[i]))
			record_add_uint(record, "case", act->cases[i]);
	if (act->kind == ENTRY_OPENED) {
		if (act->message != 0)
			record_add_uint(record, "message", act->message);
		record_add(record, "part", act->part);
		record_add(record, "act", act->act);
	}
	const char *key, *value;
	for (guint i = 0; act->own != NULL && record_line(act->own, i, &key, &value); i++)
		record_add(record, key, value);
	sealed_text_record(act->text, record);
	record_add(record, "ground", act->ground);
	sealed_text_record(act->ground_text, record);
	record_add_uint(record, "known", act->known);
	record_add(record, "request", act->request);
	record_add(record, "nonce", act->what->nonce);
	record_add_uint(record, "counter", act->what->counter);
	record_add(record, "method", "POST");
	record_add(record, "target", act->what->target);
	record_add(record, "body", act->what->digest);
	record_add(record, "signature", act->what->signature);
	return record;
}

static gboolean same_record(const Record *a, const Record *b)
{
	gsize size_a, size_b;
	g_autofree char *text_a = record_write(a, &size_a), *text_b = record_write(b, &size_b);
	gboolean same = size_a == size_b && memcmp(text_a, text_b, size_a) == 0;
	explicit_bzero(text_a, size_a);
	explicit_bzero(text_b, size_b);
	return same;
}

gboolean verify_look_act(const Look *look, const LookAct *act, char **number, GError **error)
{
	const LookEntry *entry = entry_at(look, 0);
	const char *time = record_get(entry->record, "time");
	if (entry->entry.kind != act->kind || time == NULL)
		return refuse(error, _("its first entry is not the one that was asked for"));
	g_autoptr(Record) expected = act_record(look, act, time);
	const char *key = act->kind == ENTRY_ACCEPTED ? "number" : act->kind == ENTRY_PRINTED ? "copy" : NULL;
	const char *given = key != NULL ? record_get(entry->record, key) : NULL;
	if (given != NULL)
		record_add(expected, key, given);
	if (!same_record(expected, entry->record))
		return refuse(error, _("its first entry is not this request but another one"));
	if (number != NULL)
		*number = g_strdup(given);
	return TRUE;
}

/* An arrival of the X series keeps its first record; the number that it was given later stands in an ACCEPTED entry. */
static gboolean was_accepted_as(const Look *look, const Case *c)
{
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, c->seq);
	for (guint i = 0; i < look->entries->len; i++) {
		const LookEntry *entry = entry_at(look, i);
		if (entry->entry.kind == ENTRY_ACCEPTED && g_strcmp0(record_get(entry->record, "case"), seq) == 0 &&
		    g_strcmp0(record_get(entry->record, "number"), c->name) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean check_kind(const LookEntry *entry, const Case *c, GError **error)
{
	EntryKind kind = c->of != 0 ? ENTRY_FOLLOWUP : ENTRY_RECEIVED;
	return (entry->entry.kind == kind && record_check(entry->record, entry_schema(kind), NULL)) ||
	       refuse(error, c->of != 0 ? _("the message's entry is not one of a message")
	                                : _("the case's entry is not one of a report"));
}

/* The entry of a further message names its case, and has no number. */
static gboolean check_message(const LookEntry *entry, const Case *c, GError **error)
{
	guint64 of;
	return (record_get_uint(entry->record, "of", G_MAXINT64, &of, NULL) && of == c->of) ||
	       refuse(error, _("the message is one of another case"));
}

static gboolean check_number(const Look *look, const LookEntry *entry, const Case *c, GError **error)
{
	const char *first = record_get(entry->record, "number");
	return ((g_strcmp0(first, c->name) == 0 || was_accepted_as(look, c)) &&
	        (c->asked == NULL || g_strcmp0(first, c->asked) == 0)) ||
	       refuse(error, _("the case has another number in the register"));
}

const Record *verify_look_record(const Look *look, guint64 seq)
{
	for (guint i = 1; i < look->entries->len; i++)
		if (entry_at(look, i)->entry.seq == seq)
			return entry_at(look, i)->record;
	return NULL;
}

static gboolean check_record(const Look *look, const LookEntry *entry, const Case *c, GError **error)
{
	guint8 id[SEAL_CASE], digest[ENTRY_HASH];
	guint64 received;
	const Record *record = entry->record;
	if (!check_kind(entry, c, error))
		return FALSE;
	if (!record_get_hex(record, "case", id, sizeof id, NULL) || memcmp(id, c->case_id, sizeof id) != 0)
		return refuse(error, _("the entry is that of another case"));
	if (!(c->of != 0 ? check_message(entry, c, error) : check_number(look, entry, c, error)))
		return FALSE;
	if (!record_get_uint(record, "received", G_MAXINT64, &received, NULL) || (gint64)received != c->received)
		return refuse(error, _("the case came at another moment, says the register"));
	if (!record_get_hex(record, "digest", digest, sizeof digest, NULL) ||
	    memcmp(digest, entry->entry.object, sizeof digest) != 0)
		return refuse(error, _("the case's entry contradicts itself"));
	return TRUE;
}

static gboolean read_expect(const Record *record, SealPart part, const guint8 id[SEAL_CASE], SealExpect *expect,
                            GError **error)
{
	gboolean body = part == SEAL_PART_BODY;
	expect->part = part;
	memcpy(expect->case_id, id, SEAL_CASE);
	return (record_get_uint(record, body ? "size" : "card-size", G_MAXINT64, &expect->size, NULL) &&
	        record_get_hex(record, body ? "digest" : "card-digest", expect->digest, SEAL_DIGEST, NULL) &&
	        record_get_hex(record, body ? "key-check-body" : "key-check-card", expect->key_check, 32, NULL)) ||
	       refuse(error, _("the case's entry is not one of a report"));
}

/* The last entry among those proved that sealed that part of a message anew; NULL: none did. */
static const LookEntry *find_anew(const Look *look, guint64 seq, SealPart part)
{
	const LookEntry *newest = NULL;
	for (guint i = 1; i < look->entries->len; i++) {
		const LookEntry *entry = entry_at(look, i);
		if (entry->entry.kind == ENTRY_RESEALED && entry->entry.concerns == seq &&
		    record_get(entry->record, part == SEAL_PART_BODY ? "digest" : "card-digest") != NULL &&
		    (newest == NULL || entry->entry.seq > newest->entry.seq))
			newest = entry;
	}
	return newest;
}

guint64 verify_look_state(const Look *look, guint64 seq, SealPart part)
{
	const LookEntry *anew = find_anew(look, seq, part);
	return anew != NULL ? anew->entry.seq : seq;
}

/* How the part lies there now; what arrived stays in expect too, and is proved by what is opened. */
static gboolean take_anew(const Look *look, const Case *c, SealPart part, SealExpect *expect, GError **error)
{
	guint64 of, message = 0;
	const LookEntry *anew = find_anew(look, c->seq, part);
	expect->anew = anew != NULL;
	if (anew == NULL)
		return TRUE;
	expect->arrival.size = expect->size;
	memcpy(expect->arrival.digest, expect->digest, SEAL_DIGEST);
	memcpy(expect->arrival.key_check, expect->key_check, sizeof expect->key_check);
	gboolean good = record_get_uint(anew->record, "case", G_MAXINT64, &of, NULL) && of == (c->of != 0 ? c->of : c->seq) &&
	                (c->of == 0 ? record_get(anew->record, "message") == NULL
	                            : record_get_uint(anew->record, "message", G_MAXINT64, &message, NULL) && message == c->seq) &&
	                record_get_hex(anew->record, "object", expect->anew_id, SEAL_CASE, NULL);
	return (good && read_expect(anew->record, part, c->case_id, expect, NULL) &&
	        (part != SEAL_PART_BODY || memcmp(expect->digest, anew->entry.object, SEAL_DIGEST) == 0)) ||
	       refuse(error, _("the entry by which it was sealed anew contradicts itself"));
}

const Record *verify_look_case(const Look *look, const Case *c, SealPart part, SealExpect *expect, GError **error)
{
	const LookEntry *entry = NULL;
	for (guint i = 1; entry == NULL && i < look->entries->len; i++)
		if (entry_at(look, i)->entry.seq == c->seq)
			entry = entry_at(look, i);
	if (entry == NULL) {
		refuse(error, _("the case's own entry is missing"));
		return NULL;
	}
	if (!check_record(look, entry, c, error) || !read_expect(entry->record, part, c->case_id, expect, error))
		return NULL;
	if (take_anew(look, c, part, expect, error))
		return entry->record;
	memset(expect, 0, sizeof *expect);
	return NULL;
}

/* The last: another order may have come behind the first. */
static const LookEntry *find_erased(const Look *look, guint64 seq)
{
	const LookEntry *last = NULL;
	for (guint i = 1; i < look->entries->len; i++) {
		const LookEntry *entry = entry_at(look, i);
		if (entry->entry.kind == ENTRY_ERASED && entry->entry.concerns == seq && (last == NULL || entry->entry.seq > last->entry.seq))
			last = entry;
	}
	return last;
}

gboolean verify_look_row(const Look *look, const Case *c, GError **error)
{
	SealExpect expect;
	guint8 id[SEAL_CASE];
	guint64 received;
	const LookEntry *erased = find_erased(look, c->seq);
	if (erased == NULL)
		return verify_look_case(look, c, SEAL_PART_CARD, &expect, error) != NULL;
	if (!record_check(erased->record, entry_schema(ENTRY_ERASED), NULL) ||
	    !record_get_hex(erased->record, "case-id", id, sizeof id, NULL) || memcmp(id, c->case_id, sizeof id) != 0)
		return refuse(error, _("the entry is that of another case"));
	if (!record_get_uint(erased->record, "received", G_MAXINT64, &received, NULL) || (gint64)received != c->received)
		return refuse(error, _("the case came at another moment, says the register"));
	return check_number(look, erased, c, error);
}

gboolean verify_look_message(const Look *look, const Case *c, guint64 seq, SealPart part, SealExpect *expect, GError **error)
{
	guint8 id[SEAL_CASE];
	guint64 received;
	const Record *record = verify_look_record(look, seq);
	if (record == NULL)
		return refuse(error, _("the message's entry is not one of a message"));
	if (!record_get_hex(record, "case", id, sizeof id, NULL) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, NULL))
		return refuse(error, _("the message's entry is not one of a message"));
	Case message = {.seq = seq, .of = c->seq, .received = (gint64)received};
	memcpy(message.case_id, id, sizeof id);
	return verify_look_case(look, &message, part, expect, error) != NULL;
}
