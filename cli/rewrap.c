/* SPDX-License-Identifier: ISC */
#include "cli/rewrap.h"

#include <sodium.h>
#include <string.h>

#include "base/escape.h"
#include "cli/opening.h"
#include "cli/readers.h"

#define WRAPS_MOST 200 /* doc/architecture.md */
#define GROUND_ROTATION "rotation" /* of acts that look at nothing */

/* --- what is to be done --------------------------------------------------------------------------------------------- */

static gboolean take_page(json_t *answer, const char *mailbox, GPtrArray *cases, GError **error)
{
	json_t *list = desk_get_array(answer, "cases", error), *item;
	gsize i;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item) {
		Case *c = case_read(item, error);
		if (c == NULL)
			return FALSE;
		g_ptr_array_add(cases, c);
		if (c->elsewhere || strcmp(c->mailbox, mailbox) != 0)
			return desk_form_error(error, "cases");
	}
	return TRUE;
}

GPtrArray *rewrap_missing(Session *session, const char *mailbox, const char *to, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(json_t) after = json_null();
	for (gboolean more = TRUE; more;) {
		json_t *body = json_pack("{s:s, s:s, s:O}", "mailbox", mailbox, "to", to, "after", after);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/missing", body, NULL, error);
		if (answer == NULL || !take_page(answer, mailbox, cases, error))
			return NULL;
		json_t *next = json_object_get(answer, "after");
		more = json_is_true(json_object_get(answer, "more"));
		if (more && (!json_is_integer(next) || json_integer_value(next) <= json_integer_value(after))) {
			desk_form_error(error, "after");
			return NULL;
		}
		json_decref(after);
		after = json_incref(next);
	}
	return g_steal_pointer(&cases);
}

/* --- headers handed out --------------------------------------------------------------------------------------------- */

/* One header on its way: whose case, which part, and what the register says of its key. */
typedef struct {
	const Case *c;
	guint64 seq; /* the case's, or that of the entry whose text it is */
	SealExpect expect; /* its part, object id and key check */
	GBytes *header;
} Handed;

static void handed_clear(gpointer data)
{
	g_clear_pointer(&((Handed *)data)->header, g_bytes_unref);
}

static const char *part_word(SealPart part)
{
	return part == SEAL_PART_BODY ? "body" : part == SEAL_PART_CARD ? "card" : "text";
}

/* What the register says of a text: an entry of that case, proved. */
static gboolean expect_text(const Look *look, const Case *c, guint64 seq, SealExpect *expect, GError **error)
{
	guint64 of;
	const Record *record = verify_look_record(look, seq);
	g_autoptr(SealedText) text = record != NULL ? sealed_text_from_record(SEAL_PART_TEXT, record, NULL) : NULL;
	if (text == NULL || !record_get_uint(record, "case", G_MAXINT64, &of, NULL) || of != c->seq)
		return desk_form_error(error, "headers");
	expect->part = SEAL_PART_TEXT;
	memcpy(expect->case_id, text->id, SEAL_CASE);
	memcpy(expect->key_check, text->check, sizeof text->check);
	return TRUE;
}

static gboolean take_header(const Look *look, Case *const *cases, guint n, json_t *item, GArray *headers, GError **error)
{
	guint64 of, seq;
	guint i = 0;
	const char *word = desk_get_text(item, "part", error);
	if (word == NULL || !desk_get_uint(item, "case", &of, error) || !desk_get_uint(item, "seq", &seq, error))
		return FALSE;
	SealPart part = SEAL_PART_BODY;
	while (part < SEAL_PART_TEXT && strcmp(word, part_word(part)) != 0)
		part++;
	while (i < n && cases[i]->seq != of)
		i++;
	if (i == n || strcmp(word, part_word(part)) != 0 || !verify_look_names(look, of) ||
	    (part != SEAL_PART_TEXT && seq != of))
		return desk_form_error(error, "headers");
	Handed handed = {.c = cases[i], .seq = seq};
	if ((part == SEAL_PART_TEXT ? !expect_text(look, cases[i], seq, &handed.expect, error)
	                            : verify_look_case(look, cases[i], part, &handed.expect, error) == NULL) ||
	    (handed.header = desk_get_octets(item, "header", 0, error)) == NULL)
		return FALSE;
	g_array_append_val(headers, handed);
	return TRUE;
}

/* The entry is this request: of the cases that were asked for it may name fewer, in their order. */
static gboolean check_handed(const Act *act, Case *const *cases, guint n, const char *to, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "handed");
	record_add(own, "reader", to);
	for (guint i = 0; i < n; i++)
		if (verify_look_names(act->look, cases[i]->seq))
			record_add_uint(own, "case", cases[i]->seq);
	return act_check(act, &(LookAct){.kind = ENTRY_KEY, .own = own}, NULL, error);
}

/* Elements Handed; everything is checked that goes before a header is opened. */
static GArray *ask_headers(Act *act, Case *const *cases, guint n, const char *to, GError **error)
{
	json_t *seqs = json_array(), *item;
	gsize i;
	for (guint k = 0; k < n; k++)
		json_array_append_new(seqs, json_integer((json_int_t)cases[k]->seq));
	g_autoptr(json_t) answer = act_post(act, "/v1/headers", json_pack("{s:s, s:o}", "to", to, "seqs", seqs), error);
	json_t *list = answer != NULL && check_handed(act, cases, n, to, error) ? desk_get_array(answer, "headers", error) : NULL;
	if (list == NULL)
		return NULL;
	g_autoptr(GArray) headers = g_array_new(FALSE, TRUE, sizeof(Handed));
	g_array_set_clear_func(headers, handed_clear);
	json_array_foreach(list, i, item)
		if (!take_header(act->look, cases, n, item, headers, error))
			return NULL;
	return g_steal_pointer(&headers);
}

/* Her header opened and made anew for `recipient` (transfer full). */
static char *make(const Session *session, const Handed *handed, const char *recipient, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gsize size;
	const char *text = g_bytes_get_data(handed->header, &size);
	const char *identity = handed->expect.part == SEAL_PART_BODY ? keyfile_body_identity(session->keys)
	                                                             : keyfile_card_identity(session->keys);
	char *made = seal_rewrap(handed->expect.part, handed->expect.case_id, handed->expect.key_check, text, size, identity,
	                         recipient, &cause);
	if (made != NULL)
		return made;
	if (cause->domain == CLI_ERROR) { /* the token's side: a sentence already */
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	cli_fail(error, CLI_ERROR_FAILED,
	         _("the header of %s that the registrar gave does not open as the register says (%s): tell the supervisor and the other officers"),
	         handed->c->name, why);
	return NULL;
}

/* --- made for another ------------------------------------------------------------------------------------------------ */

/* One more for the request, its octets for the second line, and its line of the record. */
static void add_wrap(Act *act, json_t *wraps, Record *own, const Handed *handed, const char *made)
{
	guint8 digest[SEAL_DIGEST];
	char hex[2 * sizeof digest + 1];
	const char *word = part_word(handed->expect.part);
	crypto_generichash(digest, sizeof digest, (const guint8 *)made, strlen(made), NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	json_object_set_new(act->attached, hex, json_string(made));
	json_array_append_new(wraps, json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)handed->seq, "part", word, "header", hex));
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

static guint cases_in(const GArray *headers)
{
	guint n = 0;
	for (guint i = 0; i < headers->len; i++)
		n += i == 0 || g_array_index(headers, Handed, i).c != g_array_index(headers, Handed, i - 1).c;
	return n;
}

gboolean rewrap_cases(Session *session, Case *const *cases, guint n, const char *to, const char *ground, guint *done,
                      GError **error)
{
	const char *mailbox = cases[0]->mailbox;
	g_autoptr(People) people = readers_fetch(session, mailbox, NULL, error);
	const PeoplePerson *reader = people != NULL ? people_find(people, to) : NULL;
	if (people == NULL)
		return FALSE;
	if (reader == NULL || reader->state != PEOPLE_ACTIVE)
		return cli_fail(error, CLI_ERROR_FAILED, _("the other reader's key does not stand in the register"));
	g_autoptr(Act) asking = act_begin(session, mailbox, ground, error);
	g_autoptr(GArray) headers = asking != NULL ? ask_headers(asking, cases, n, to, error) : NULL;
	for (guint i = 0; headers != NULL && i < headers->len; i += WRAPS_MOST)
		if (!give(session, mailbox, headers, i, reader, ground, error))
			return FALSE;
	*done = headers != NULL ? cases_in(headers) : 0;
	return headers != NULL;
}

/* --- the older key's go ---------------------------------------------------------------------------------------------- */

static gboolean let_go(Session *session, const char *mailbox, const Act *asking, Case *const *cases, guint n, GError **error)
{
	guint64 entry = verify_look_act_seq(asking->look);
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "dropped");
	record_add(own, "reader", desk_client_officer(session->desk));
	record_add_uint(own, "entry", entry);
	for (guint i = 0; i < n; i++)
		if (verify_look_names(asking->look, cases[i]->seq))
			record_add_uint(own, "case", cases[i]->seq);
	return opening_act_of(session, mailbox, ENTRY_KEY, "/v1/outlived", json_pack("{s:I}", "entry", (json_int_t)entry), own,
	                      GROUND_ROTATION, error);
}

gboolean rewrap_prove(Session *session, Case *const *cases, guint n, const char *ground, guint *done, GError **error)
{
	const char *mailbox = cases[0]->mailbox;
	g_autoptr(KeyfilePublic) mine = keyfile_public(session->keys, 0);
	g_autoptr(Act) asking = act_begin(session, mailbox, ground, error);
	g_autoptr(GArray) headers =
		asking != NULL ? ask_headers(asking, cases, n, desk_client_officer(session->desk), error) : NULL;
	if (headers == NULL)
		return FALSE;
	for (guint i = 0; i < headers->len; i++) {
		g_autofree char *opened = make(session, &g_array_index(headers, Handed, i), mine->body, error);
		if (opened == NULL)
			return FALSE;
	}
	if (!let_go(session, mailbox, asking, cases, n, error))
		return FALSE;
	*done = cases_in(headers);
	return TRUE;
}
