/* SPDX-License-Identifier: ISC */
#include "cli/opening.h"

#include <string.h>

#include "base/escape.h"
#include "cli/index-feed.h"
#include "cli/progress.h"
#include "cli/view.h"

#define CARDS_MOST 200 /* doc/architecture.md */

void opening_free(Opening *opening)
{
	if (opening == NULL)
		return;
	act_free(opening->act);
	wipe_bytes_free(opening->plain);
	seal_opener_free(opening->opener);
	record_free(opening->fields);
	record_free(opening->card);
	g_clear_pointer(&opening->header, g_bytes_unref);
	json_decref(opening->answer);
	g_free(opening);
}

void opening_forget(Opening *opening)
{
	g_clear_pointer(&opening->plain, wipe_bytes_free);
	g_clear_pointer(&opening->opener, seal_opener_free);
	opening->message = NULL;
	opening->message_size = 0;
}

/* What the seal found, in the officer's words. */
static gboolean fail_seal(const Case *c, const GError *cause, GError **error)
{
	const char *what = _("its octets cannot be read");
	if (cause->domain == CLI_ERROR) { /* the token's side: a sentence already */
		g_propagate_error(error, g_error_copy(cause));
		return FALSE;
	}
	if (cause->domain == SEAL_ERROR)
		switch (cause->code) {
		case SEAL_ERROR_MEMORY:
			return cli_fail(error, CLI_ERROR_FAILED, _("no memory that stays out of swap can be had: raise the limit of locked memory"));
		case SEAL_ERROR_KEY:
			return cli_fail(error, CLI_ERROR_FAILED,
			                _("what the registrar gave for %s was not opened (it is not sealed to your key, or it is that of another case): tell the supervisor and the other officers; senim grant %s --anew lets another reader seal it to you once more"),
			                c->name, c->name);
		case SEAL_ERROR_DIGEST:
			what = _("its octets are not those that were registered");
			break;
		case SEAL_ERROR_CASE:
			what = _("it is that of another case");
			break;
		default:
			what = _("it was altered, cut, or is of another kind");
			break;
		}
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("what the registrar gave for %s was not opened (%s): tell the supervisor and the other officers"),
	                c->name, what);
}

typedef struct {
	SealOpener *opener;
	GByteArray *plain;
	WriteFile *sealed; /* or NULL */
	const Case *c;
	Progress progress;
} Pour;

static gboolean pour(const void *data, gsize size, gpointer user, GError **error)
{
	Pour *into = user;
	g_autoptr(GError) cause = NULL;
	progress_add(&into->progress, size);
	if (into->sealed != NULL && !write_file_add(into->sealed, data, size, error))
		return FALSE;
	return seal_opener_write(into->opener, data, size, into->plain, &cause) || fail_seal(into->c, cause, error);
}

/* The end of step 6: whose it is, what it is, and that the letter is the one that was registered. */
static gboolean parse(Opening *opening, const SealOpener *opener, const Case *c, SealPart part, GError **error)
{
	const GByteArray *plain = opening->plain;
	guint8 check[32];
	gsize offset;
	if (part == SEAL_PART_CARD) {
		opening->card = seal_parse_card(plain->data, plain->len, c->case_id, error);
		return opening->card != NULL;
	}
	if (!record_get_hex(opening->registered, "body-check", check, sizeof check, error) ||
	    !seal_parse_body(plain->data, plain->len, c->case_id, &opening->fields, &offset, &opening->message_size, error))
		return FALSE;
	opening->message = (const char *)plain->data + offset;
	return seal_opener_body_check(opener, opening->message, opening->message_size, check, error);
}

/* Steps 5 and 6: header, then every chunk as it comes. payload NULL: it is fetched under the act's entry. */
static gboolean unseal(Session *session, const Case *c, const SealExpect *expect, Opening *opening, GBytes *payload,
                       WriteFile *sealed, GError **error)
{
	gsize size;
	const char *header = g_bytes_get_data(opening->header, &size);
	const char *identity =
		expect->part == SEAL_PART_BODY ? keyfile_body_identity(session->keys) : keyfile_card_identity(session->keys);
	g_autoptr(GError) cause = NULL;
	if (expect->size > OPENING_MAX)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s is larger than this program opens (1 GiB): tell the administrator"),
		                c->name);
	SealOpener *opener = opening->opener = seal_opener_new(header, size, identity, expect, &cause);
	if (opener == NULL)
		return fail_seal(c, cause, error);
	opening->expect = *expect;
	/* Room for all of it at once: an array that grows leaves copies behind. */
	opening->plain = g_byte_array_sized_new((guint)expect->size + SEAL_CHUNK);
	Pour into = {opener, opening->plain, sealed, c, {.all = expect->size}};
	if (sealed != NULL && !write_file_add(sealed, header, size, error))
		return FALSE;
	if (payload != NULL) {
		const void *data = g_bytes_get_data(payload, &size);
		if (!pour(data, size, &into, error))
			return FALSE;
	} else {
		json_t *body =
			json_pack("{s:s, s:I}", "mailbox", c->mailbox, "entry", (json_int_t)verify_look_act_seq(opening->act->look));
		gboolean fetched = desk_client_fetch(session->desk, "/v1/payload", body, pour, &into, error);
		progress_end(&into.progress);
		if (!fetched)
			return FALSE;
	}
	return (seal_opener_finish(opener, opening->plain, &cause) && parse(opening, opener, c, expect->part, &cause)) ||
	       fail_seal(c, cause, error);
}

/* The entry first, then what it allows: the answer, with everything checked that goes before the header. */
static json_t *ask(Opening *opening, Act *act, const Case *c, SealExpect *expect, const char *word, GError **error)
{
	const guint64 seq = c->of != 0 ? c->of : c->seq;
	const LookAct expected = {.kind = ENTRY_OPENED,
	                          .cases = &seq,
	                          .message = c->of != 0 ? c->seq : 0,
	                          .n_cases = 1,
	                          .part = expect->part == SEAL_PART_BODY ? "body" : "card",
	                          .act = word};
	json_t *body = json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)seq, "part", expected.part, "act", word);
	if (c->of != 0)
		json_object_set_new(body, "message", json_integer((json_int_t)c->seq));
	g_autoptr(json_t) answer = act_post(act, "/v1/open", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error) ||
	    (opening->registered = verify_look_case(act->look, c, expect->part, expect, error)) == NULL)
		return NULL;
	opening->header = desk_get_octets(answer, "header", 0, error);
	return opening->header != NULL ? g_steal_pointer(&answer) : NULL;
}

Opening *opening_open(Session *session, const Case *c, SealPart part, const char *act, const char *ground, WriteFile *sealed,
                      GError **error)
{
	SealExpect expect = {.part = part};
	g_autoptr(Opening) opening = g_new0(Opening, 1);
	g_autofree char *erased = case_erased(c);
	if (erased != NULL) {
		cli_fail(error, CLI_ERROR_FAILED, _("%s: nothing of it is there to be opened (senim show %s --row shows what stays)"), erased, c->name);
		return NULL;
	}
	opening->act = act_begin(session, c->mailbox, ground, error);
	json_t *answer = opening->answer = opening->act != NULL ? ask(opening, opening->act, c, &expect, act, error) : NULL;
	if (answer == NULL)
		return NULL;
	gboolean fetched = json_is_null(json_object_get(answer, "payload"));
	g_autoptr(GBytes) payload = fetched ? NULL : desk_get_octets(answer, "payload", 0, error);
	if (!fetched && payload == NULL)
		return NULL;
	if (!unseal(session, c, &expect, opening, payload, sealed, error))
		return NULL;
	if (opening->card != NULL && strcmp(act, "reseal") != 0 && sealed == NULL)
		index_feed_card(session, c, opening->card);
	return g_steal_pointer(&opening);
}

Bundle *opening_view(Session *session, const Case *c, const Opening *opening, GError **error)
{
	Bundle *view = view_message(session->examiner, opening->message, opening->message_size, error);
	if (view != NULL)
		index_feed_view(session, c, view);
	return view;
}

void opening_index(Session *session, const Case *c, const Opening *opening)
{
	if (index_feed_wanted(session))
		bundle_free(opening_view(session, c, opening, NULL));
}

/* --- cards ---------------------------------------------------------------------------------------------------------- */

/* One item of `cards`, opened into the place of its case. */
static gboolean take_card(Session *session, Look *look, Case *const *cases, guint n, json_t *item, Record **cards,
                          GError **error)
{
	guint64 seq;
	guint i = 0;
	SealExpect expect;
	if (!desk_get_uint(item, "seq", &seq, error))
		return FALSE;
	while (i < n && cases[i]->seq != seq)
		i++;
	if (i == n || cards[i] != NULL || !verify_look_names(look, seq))
		return desk_form_error(error, "cards");
	if (verify_look_case(look, cases[i], SEAL_PART_CARD, &expect, error) == NULL)
		return FALSE;
	g_autoptr(Opening) opening = g_new0(Opening, 1);
	g_autoptr(GBytes) payload = desk_get_octets(item, "payload", 0, error);
	opening->header = payload != NULL ? desk_get_octets(item, "header", 0, error) : NULL;
	if (opening->header == NULL || !unseal(session, cases[i], &expect, opening, payload, NULL, error))
		return FALSE;
	cards[i] = g_steal_pointer(&opening->card);
	index_feed_card(session, cases[i], cards[i]);
	return TRUE;
}

static gboolean some_cards(Session *session, Case *const *cases, guint n, const char *ground, Record **cards,
                           GError **error)
{
	guint64 seqs[CARDS_MOST];
	g_autoptr(Act) act = act_begin(session, cases[0]->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	json_t *list = json_array();
	for (guint i = 0; i < n; i++) {
		seqs[i] = cases[i]->seq;
		json_array_append_new(list, json_integer((json_int_t)seqs[i]));
	}
	const LookAct expected = {.kind = ENTRY_LISTED, .cases = seqs, .n_cases = n};
	g_autoptr(json_t) answer = act_post(act, "/v1/cards", json_pack("{s:o}", "seqs", list), error);
	json_t *given = answer != NULL && act_check(act, &expected, NULL, error) ? desk_get_array(answer, "cards", error) : NULL;
	json_t *item;
	gsize i;
	if (given == NULL)
		return FALSE;
	json_array_foreach(given, i, item)
		if (!take_card(session, act->look, cases, n, item, cards, error))
			return FALSE;
	return TRUE;
}

gboolean opening_cards(Session *session, Case *const *cases, guint n, const char *ground, Record **cards, GError **error)
{
	for (guint i = 0; i < n; i += CARDS_MOST)
		if (!some_cards(session, cases + i, MIN(n - i, CARDS_MOST), ground, cards + i, error))
			return FALSE;
	return TRUE;
}

/* --- acts that open nothing ----------------------------------------------------------------------------------------- */

/* c NULL: the act is about the mailbox alone. */
static gboolean post_act(Session *session, const char *mailbox, const Case *c, const LookAct *expected,
                         const char *target, json_t *body, const char *ground, char **number, GError **error)
{
	g_autoptr(json_t) object = body;
	g_autoptr(Act) act = act_begin(session, mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	if (c != NULL)
		json_object_set_new(object, "seq", json_integer((json_int_t)c->seq));
	g_autoptr(json_t) answer = act_post(act, target, g_steal_pointer(&object), error);
	return answer != NULL && act_check(act, expected, number, error);
}

gboolean opening_act(Session *session, const Case *c, guint kind, const char *target, json_t *body, const Record *own,
                     const char *ground, char **number, GError **error)
{
	const LookAct expected = {.kind = kind, .cases = &c->seq, .n_cases = 1, .own = own};
	return post_act(session, c->mailbox, c, &expected, target, body, ground, number, error);
}

gboolean opening_act_of(Session *session, const char *mailbox, guint kind, const char *target, json_t *body,
                        const Record *own, const char *ground, GError **error)
{
	const LookAct expected = {.kind = kind, .own = own};
	return post_act(session, mailbox, NULL, &expected, target, body, ground, NULL, error);
}
