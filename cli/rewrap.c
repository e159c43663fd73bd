/* SPDX-License-Identifier: ISC */
#include "cli/rewrap.h"

#include <sodium.h>
#include <string.h>

#include "base/escape.h"
#include "cli/case-list.h"
#include "cli/opening.h"
#include "cli/readers.h"

#define WRAPS_MOST 200 /* doc/architecture.md */
#define GROUND_ROTATION "rotation" /* of acts that look at nothing */

/* --- what is to be done --------------------------------------------------------------------------------------------- */

typedef gboolean (*TakePage)(json_t *answer, const char *mailbox, gpointer list, GError **error);

static gboolean take_cases(json_t *answer, const char *mailbox, gpointer list, GError **error)
{
	return case_list_take_own(answer, mailbox, list, error);
}

static gboolean take_grounds(json_t *answer, const char *mailbox G_GNUC_UNUSED, gpointer list, GError **error)
{
	json_t *array = desk_get_array(answer, "grounds", error), *item;
	gsize i;
	if (array == NULL)
		return FALSE;
	json_array_foreach(array, i, item) {
		guint64 seq = (guint64)json_integer_value(item);
		if (!json_is_integer(item) || json_integer_value(item) <= 0)
			return desk_form_error(error, "grounds");
		g_array_append_val((GArray *)list, seq);
	}
	return TRUE;
}

static gboolean take_pages(Session *session, const char *mailbox, const char *to, const char *what, TakePage take,
                           gpointer list, GError **error)
{
	g_autoptr(json_t) after = json_null();
	for (gboolean more = TRUE; more;) {
		json_t *body = json_pack("{s:s, s:s, s:s, s:O}", "mailbox", mailbox, "to", to, "what", what, "after", after);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/missing", body, NULL, error);
		if (answer == NULL || !take(answer, mailbox, list, error))
			return FALSE;
		json_t *next = json_object_get(answer, "after");
		more = json_is_true(json_object_get(answer, "more"));
		if (more && (!json_is_integer(next) || json_integer_value(next) <= json_integer_value(after)))
			return desk_form_error(error, "after");
		json_decref(after);
		after = json_incref(next);
	}
	return TRUE;
}

GPtrArray *rewrap_missing_cases(Session *session, const char *mailbox, const char *to, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	return take_pages(session, mailbox, to, "cases", take_cases, cases, error) ? g_steal_pointer(&cases) : NULL;
}

GArray *rewrap_missing_grounds(Session *session, const char *mailbox, const char *to, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	return take_pages(session, mailbox, to, "grounds", take_grounds, seqs, error) ? g_steal_pointer(&seqs) : NULL;
}

/* --- headers handed out --------------------------------------------------------------------------------------------- */

/* One header on its way: whose case, which part, and what the register says of its key. */
typedef struct {
	const Case *c; /* NULL: a ground's text is of none */
	guint64 seq;   /* of the message, or of the entry whose text it is */
	SealExpect expect; /* its part, object id and key check */
	guint64 state; /* the entry by which it lies there */
	GBytes *header;
} Handed;

static void handed_clear(gpointer data)
{
	g_clear_pointer(&((Handed *)data)->header, g_bytes_unref);
}

static const char *const part_words[] = {
	[SEAL_PART_BODY] = "body",
	[SEAL_PART_CARD] = "card",
	[SEAL_PART_TEXT] = "text",
	[SEAL_PART_GROUND] = "ground",
};

/* What the register says of a text: an entry, proved, of that case where it is one of its work. */
static gboolean expect_text(const Look *look, const Case *c, guint64 seq, SealPart part, SealExpect *expect, GError **error)
{
	guint64 of;
	const Record *record = verify_look_record(look, seq);
	g_autoptr(SealedText) text = record != NULL ? sealed_text_from_record(part, record, NULL) : NULL;
	if (text == NULL || (c != NULL && (!record_get_uint(record, "case", G_MAXINT64, &of, NULL) || of != c->seq)))
		return desk_form_error(error, "headers");
	expect->part = part;
	memcpy(expect->case_id, text->id, SEAL_CASE);
	memcpy(expect->key_check, text->check, sizeof text->check);
	return TRUE;
}

static gboolean expect(const Look *look, Handed *handed, SealPart part, GError **error)
{
	handed->state = verify_look_state(look, handed->seq, part);
	if (part == SEAL_PART_TEXT || part == SEAL_PART_GROUND)
		return expect_text(look, handed->c, handed->seq, part, &handed->expect, error);
	return handed->seq == handed->c->seq ? verify_look_case(look, handed->c, part, &handed->expect, error) != NULL
	                                     : verify_look_message(look, handed->c, handed->seq, part, &handed->expect, error);
}

/* Of a case that was asked for, and that the act names; a ground's text is of an entry that it names. */
static gboolean find_owner(const Look *look, const RewrapBatch *batch, guint64 of, SealPart part, Handed *handed)
{
	if (part == SEAL_PART_GROUND)
		return of == 0 && verify_look_is_of(look, handed->seq);
	for (guint i = 0; i < batch->n_cases; i++)
		if (batch->cases[i]->seq == of)
			handed->c = batch->cases[i];
	return handed->c != NULL && verify_look_names(look, of);
}

static gboolean take_header(const Look *look, const RewrapBatch *batch, json_t *item, GArray *headers, GError **error)
{
	guint64 of;
	guint part = 0;
	Handed handed = {.c = NULL};
	const char *word = desk_get_text(item, "part", error);
	if (word == NULL || !desk_get_uint(item, "case", &of, error) || !desk_get_uint(item, "seq", &handed.seq, error))
		return FALSE;
	while (part < G_N_ELEMENTS(part_words) && strcmp(word, part_words[part]) != 0)
		part++;
	if (part == G_N_ELEMENTS(part_words) || !find_owner(look, batch, of, (SealPart)part, &handed))
		return desk_form_error(error, "headers");
	if (!expect(look, &handed, (SealPart)part, error) || (handed.header = desk_get_octets(item, "header", 0, error)) == NULL)
		return FALSE;
	g_array_append_val(headers, handed);
	return TRUE;
}

/* What the act names of what was asked for, in its order. */
static void add_named(const Look *look, const RewrapBatch *batch, Record *own)
{
	for (guint i = 0; i < batch->n_cases; i++)
		if (verify_look_names(look, batch->cases[i]->seq))
			record_add_uint(own, "case", batch->cases[i]->seq);
	for (guint i = 0; i < batch->n_grounds; i++)
		if (verify_look_is_of(look, batch->grounds[i]))
			record_add_uint(own, "of", batch->grounds[i]);
}

/* The entry is this request: of what was asked for it may name less, in its order. */
static gboolean check_handed(const Act *act, const RewrapBatch *batch, const char *to, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "handed");
	record_add(own, "reader", to);
	add_named(act->look, batch, own);
	return act_check(act, &(LookAct){.kind = ENTRY_KEY, .own = own}, NULL, error);
}

/* Elements Handed; everything is checked that goes before a header is opened. */
static GArray *ask_headers(Act *act, const RewrapBatch *batch, const char *to, GError **error)
{
	json_t *seqs = json_array(), *grounds = json_array(), *item;
	gsize i;
	for (guint k = 0; k < batch->n_cases; k++)
		json_array_append_new(seqs, json_integer((json_int_t)batch->cases[k]->seq));
	for (guint k = 0; k < batch->n_grounds; k++)
		json_array_append_new(grounds, json_integer((json_int_t)batch->grounds[k]));
	json_t *body = json_pack("{s:s, s:o, s:o}", "to", to, "seqs", seqs, "grounds", grounds);
	g_autoptr(json_t) answer = act_post(act, "/v1/headers", body, error);
	json_t *list = answer != NULL && check_handed(act, batch, to, error) ? desk_get_array(answer, "headers", error) : NULL;
	if (list == NULL)
		return NULL;
	g_autoptr(GArray) headers = g_array_new(FALSE, TRUE, sizeof(Handed));
	g_array_set_clear_func(headers, handed_clear);
	json_array_foreach(list, i, item)
		if (!take_header(act->look, batch, item, headers, error))
			return NULL;
	return g_steal_pointer(&headers);
}

/* Her header opened and made anew for `recipient` (transfer full); NULL: *cause is the seal's, or the token's. */
static char *rewrapped(const Session *session, const Handed *handed, const char *recipient, GError **cause)
{
	gsize size;
	const char *text = g_bytes_get_data(handed->header, &size);
	const char *identity = handed->expect.part == SEAL_PART_BODY ? keyfile_body_identity(session->keys)
	                                                             : keyfile_card_identity(session->keys);
	return seal_rewrap(handed->expect.part, seal_expect_id(&handed->expect), handed->expect.key_check, text, size, identity,
	                   recipient, cause);
}

/* The same, with a sentence for her. */
static char *make(const Session *session, const Handed *handed, const char *recipient, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *made = rewrapped(session, handed, recipient, &cause);
	if (made != NULL)
		return made;
	if (cause->domain == CLI_ERROR) { /* the token's side: a sentence already */
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	cli_fail(error, CLI_ERROR_FAILED,
	         _("the header of %s that the registrar gave does not open as the register says (%s): tell the supervisor and the other officers"),
	         handed->c != NULL ? handed->c->name : _("a ground's text"), why);
	return NULL;
}

/* --- made for another ------------------------------------------------------------------------------------------------ */

/* One more for the request, its octets for the second line, and its line of the record. */
static void add_wrap(Act *act, json_t *wraps, Record *own, const Handed *handed, const char *made)
{
	guint8 digest[SEAL_DIGEST];
	char hex[2 * sizeof digest + 1];
	const char *word = part_words[handed->expect.part];
	crypto_generichash(digest, sizeof digest, (const guint8 *)made, strlen(made), NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	json_object_set_new(act->attached, hex, json_string(made));
	json_array_append_new(wraps, json_pack("{s:I, s:s, s:I, s:s}", "seq", (json_int_t)handed->seq, "part", word, "state",
	                                       (json_int_t)handed->state, "header", hex));
	record_add_printf(own, "header", "%" G_GUINT64_FORMAT " %s %s", handed->seq, word, hex);
}

/* As many as one request takes, from the i-th on. */
static gboolean give(Session *session, const char *mailbox, const GArray *headers, guint i, const PeoplePerson *reader,
                     const char *ground, GError **error)
{
	g_autoptr(Act) act = act_begin(session, mailbox, ground, error);
	g_autoptr(json_t) wraps = json_array();
	g_autoptr(Record) own = record_new();
	if (act == NULL)
		return FALSE;
	act->attached = json_object();
	record_add(own, "act", "wrapped");
	record_add(own, "reader", reader->name);
	for (guint end = MIN(headers->len, i + WRAPS_MOST); i < end; i++) {
		const Handed *handed = &g_array_index(headers, Handed, i);
		const char *recipient = handed->expect.part == SEAL_PART_BODY ? reader->body : reader->card;
		if (recipient == NULL)
			return desk_form_error(error, "headers");
		g_autofree char *made = make(session, handed, recipient, error);
		if (made == NULL)
			return FALSE;
		add_wrap(act, wraps, own, handed, made);
	}
	json_t *request = json_pack("{s:s, s:O}", "to", reader->name, "wraps", wraps);
	g_autoptr(json_t) answer = act_post(act, "/v1/rewrap", request, error);
	return answer != NULL && act_check(act, &(LookAct){.kind = ENTRY_KEY, .own = own}, NULL, error);
}

static void count(const GArray *headers, RewrapDone *done)
{
	const Case *last = NULL;
	*done = (RewrapDone){0, 0};
	for (guint i = 0; i < headers->len; i++) {
		const Case *c = g_array_index(headers, Handed, i).c;
		done->grounds += c == NULL;
		done->cases += c != NULL && c != last;
		last = c;
	}
}

gboolean rewrap_seal(Session *session, const RewrapBatch *batch, const char *to, const char *ground, RewrapDone *done,
                     GError **error)
{
	g_autoptr(People) people = readers_fetch(session, batch->mailbox, NULL, error);
	const PeoplePerson *reader = people != NULL ? people_find(people, to) : NULL;
	if (people == NULL)
		return FALSE;
	if (reader == NULL || reader->state != PEOPLE_ACTIVE)
		return cli_fail(error, CLI_ERROR_FAILED, _("the other reader's key does not stand in the register"));
	g_autoptr(Act) asking = act_begin(session, batch->mailbox, ground, error);
	g_autoptr(GArray) headers = asking != NULL ? ask_headers(asking, batch, to, error) : NULL;
	for (guint i = 0; headers != NULL && i < headers->len; i += WRAPS_MOST)
		if (!give(session, batch->mailbox, headers, i, reader, ground, error))
			return FALSE;
	if (headers != NULL)
		count(headers, done);
	return headers != NULL;
}

/* --- the older key's go ---------------------------------------------------------------------------------------------- */

static gboolean let_go(Session *session, const RewrapBatch *batch, const Act *asking, GError **error)
{
	guint64 entry = verify_look_act_seq(asking->look);
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "dropped");
	record_add(own, "reader", desk_client_officer(session->desk));
	record_add_uint(own, "entry", entry);
	add_named(asking->look, batch, own);
	return opening_act_of(session, batch->mailbox, ENTRY_KEY, "/v1/outlived", json_pack("{s:I}", "entry", (json_int_t)entry),
	                      own, GROUND_ROTATION, error);
}

/* A header of hers that does not open: `discarded` that for her newer key, so that it can be made anew, or `spoiled` any other,
 * so that another reader can. */
static gboolean give_up(Session *session, const char *mailbox, const Handed *handed, const char *act, const char *target,
                        GError **error)
{
	const char *word = part_words[handed->expect.part];
	g_autoptr(Record) own = record_new();
	record_add(own, "act", act);
	record_add(own, "reader", desk_client_officer(session->desk));
	record_add_printf(own, "header", "%" G_GUINT64_FORMAT " %s", handed->seq, word);
	return opening_act_of(session, mailbox, ENTRY_KEY, target,
	                      json_pack("{s:I, s:s}", "header", (json_int_t)handed->seq, "part", word), own, GROUND_ROTATION, error);
}

/* Every header opened: FALSE, with the first one's error, where some did not. */
static gboolean open_all(Session *session, const char *mailbox, const GArray *headers, GError **error)
{
	g_autoptr(KeyfilePublic) mine = keyfile_public(session->keys, 0);
	g_autoptr(GError) first = NULL;
	for (guint i = 0; i < headers->len; i++) {
		const Handed *handed = &g_array_index(headers, Handed, i);
		g_autofree char *opened = make(session, handed, mine->body, first == NULL ? &first : NULL);
		if (opened == NULL && !give_up(session, mailbox, handed, "discarded", "/v1/discard", error))
			return FALSE;
	}
	if (first == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	g_prefix_error(error, _("nothing is lost, the older key still opens it, and the same command once more seals it anew: "));
	return FALSE;
}

gboolean rewrap_prove(Session *session, const RewrapBatch *batch, const char *to, const char *ground, RewrapDone *done,
                      GError **error)
{
	g_autoptr(Act) asking = act_begin(session, batch->mailbox, ground, error);
	g_autoptr(GArray) headers = asking != NULL ? ask_headers(asking, batch, to, error) : NULL;
	if (headers == NULL || !open_all(session, batch->mailbox, headers, error) || !let_go(session, batch, asking, error))
		return FALSE;
	count(headers, done);
	return TRUE;
}

/* --- what does not open ---------------------------------------------------------------------------------------------- */

/* A token that was not touched, or memory that is short, says nothing of the header. */
static gboolean try_one(Session *session, const char *mailbox, const Handed *handed, const char *recipient, guint *aside,
                        GError **error)
{
	GError *cause = NULL;
	g_autofree char *made = rewrapped(session, handed, recipient, &cause);
	if (made != NULL)
		return TRUE;
	if (cause->domain != SEAL_ERROR || cause->code == SEAL_ERROR_MEMORY) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	g_error_free(cause);
	(*aside)++;
	return give_up(session, mailbox, handed, "spoiled", "/v1/spoiled", error);
}

gboolean rewrap_try(Session *session, const RewrapBatch *batch, const char *ground, guint *aside, GError **error)
{
	g_autoptr(KeyfilePublic) mine = keyfile_public(session->keys, 0);
	g_autoptr(Act) asking = act_begin(session, batch->mailbox, ground, error);
	g_autoptr(GArray) headers = asking != NULL ? ask_headers(asking, batch, desk_client_officer(session->desk), error) : NULL;
	*aside = 0;
	for (guint i = 0; headers != NULL && i < headers->len; i++)
		if (!try_one(session, batch->mailbox, &g_array_index(headers, Handed, i), mine->body, aside, error))
			return FALSE;
	return headers != NULL;
}
