/* SPDX-License-Identifier: ISC */
#include "cli/reseal.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>

#include "base/bundle.h"
#include "base/escape.h"
#include "cli/case-list.h"
#include "cli/messages.h"
#include "cli/opening.h"
#include "cli/progress.h"
#include "cli/readers.h"

#define TRIES 3
#define PIECE (384 * 1024)
#define WORD "reseal" /* the act of the two looks */

/* --- what is to be done --------------------------------------------------------------------------------------------- */

GPtrArray *reseal_missing(Session *session, const char *mailbox, guint64 before, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(json_t) after = json_null();
	for (gboolean more = TRUE; more;) {
		json_t *body = json_pack("{s:s, s:I, s:O}", "mailbox", mailbox, "before", (json_int_t)before, "after", after);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/reseal/missing", body, NULL, error);
		if (answer == NULL || !case_list_take_own(answer, mailbox, cases, error))
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

/* --- one message ------------------------------------------------------------------------------------------------------ */

/* One part of it on its way. */
typedef struct {
	guint64 state;      /* the entry by which it lies there, as the registrar says */
	json_t *readers;    /* names; borrowed from the answer */
	Opening *opening;
	SealAnew *anew;
	SealResult result;
	GByteArray *octets; /* of a card that outgrew its first chunk */
} Part;

typedef struct {
	Session *session;
	const Case *m;
	People *people;
	guint8 id[SEAL_CASE];
	Part parts[2];
	guint n_parts; /* 1: the body alone */
	char *commit, *digest;
	/* the upload */
	GByteArray *piece;
	guint64 sent;
	Progress progress;
	GError *cause;
} Message;

static void message_clear(Message *message)
{
	for (gsize i = 0; i < G_N_ELEMENTS(message->parts); i++) {
		Part *part = &message->parts[i];
		opening_free(part->opening);
		seal_anew_free(part->anew);
		seal_result_clear(&part->result);
		g_clear_pointer(&part->octets, g_byte_array_unref);
	}
	progress_end(&message->progress);
	people_unref(message->people);
	g_clear_pointer(&message->piece, g_byte_array_unref);
	g_clear_error(&message->cause);
	g_free(message->commit);
	g_free(message->digest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Message, message_clear)

static const struct {
	const char *replaces, *old_digest, *size, *digest, *key_check, *header;
} names[] = {
	[SEAL_PART_BODY] = {"replaces", "old-digest", "size", "digest", "key-check-body", "header/body/"},
	[SEAL_PART_CARD] = {"card-replaces", "old-card-digest", "card-size", "card-digest", "key-check-card", "header/card/"},
};

/* The entry first, then the octets; it must lie there as was said. FALSE without *error: it does not any more. */
static gboolean open_part(Message *message, SealPart which, const char *ground, GError **error)
{
	Part *part = &message->parts[which];
	part->opening = opening_open(message->session, message->m, which, WORD, ground, NULL, error);
	return part->opening != NULL && verify_look_state(part->opening->act->look, message->m->seq, which) == part->state;
}

/* --- sealed anew ------------------------------------------------------------------------------------------------------ */

static gboolean send_piece(Message *message)
{
	if (message->piece->len == 0)
		return TRUE;
	g_autofree char *data = g_base64_encode(message->piece->data, message->piece->len);
	json_t *body = json_pack("{s:s, s:I, s:s}", "mailbox", message->m->mailbox, "offset", (json_int_t)message->sent, "data", data);
	g_autoptr(json_t) answer = desk_client_post(message->session->desk, "/v1/upload", body, NULL, &message->cause);
	message->sent += message->piece->len;
	progress_add(&message->progress, message->piece->len);
	g_byte_array_set_size(message->piece, 0);
	return answer != NULL;
}

static gboolean upload(const guint8 *data, gsize size, gpointer user, GError **error)
{
	Message *message = user;
	while (size > 0) {
		gsize step = MIN(size, PIECE - message->piece->len);
		g_byte_array_append(message->piece, data, (guint)step);
		data += step;
		size -= step;
		if (message->piece->len == PIECE && !send_piece(message)) {
			g_propagate_error(error, g_error_copy(message->cause));
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean keep(const guint8 *data, gsize size, gpointer user, GError **error G_GNUC_UNUSED)
{
	g_byte_array_append(user, data, (guint)size);
	return TRUE;
}

static gboolean fail_seal(const Message *message, const GError *cause, GError **error)
{
	if (message->cause != NULL) { /* the desk's: a sentence already */
		g_propagate_error(error, g_error_copy(message->cause));
		return FALSE;
	}
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the report cannot be sealed: %s"), why);
}

/* The plaintext goes as soon as it is sealed. */
static gboolean seal_part(Message *message, SealPart which, GError **error)
{
	Part *part = &message->parts[which];
	g_autoptr(GError) cause = NULL;
	gboolean body = which == SEAL_PART_BODY;
	part->octets = g_byte_array_new();
	if (body)
		message->progress.all = part->opening->expect.size;
	part->anew = seal_anew_new(part->opening->opener, message->id, body ? upload : keep, body ? (gpointer)message : part->octets,
	                           &cause);
	const GByteArray *plain = part->opening->plain;
	if (part->anew == NULL || !seal_anew_write(part->anew, plain->data, plain->len, &cause) ||
	    !seal_anew_finish(part->anew, &part->result, &cause))
		return fail_seal(message, cause, error);
	opening_forget(part->opening);
	if (body && !send_piece(message))
		return fail_seal(message, NULL, error);
	if (!body && part->result.payload == NULL)
		part->result.payload = g_byte_array_free_to_bytes(g_steal_pointer(&part->octets));
	return TRUE;
}

/* --- handed in -------------------------------------------------------------------------------------------------------- */

static gboolean has_name(const json_t *list, const char *name)
{
	json_t *item;
	gsize i;
	json_array_foreach((json_t *)list, i, item)
		if (g_strcmp0(json_string_value(item), name) == 0)
			return TRUE;
	return FALSE;
}

static gboolean reads(const Message *message, const PeoplePerson *person, SealPart which)
{
	return which < message->n_parts && has_name(message->parts[which].readers, person->name) &&
	       people_reads(person, g_get_real_time()) && (which == SEAL_PART_BODY || person->card != NULL);
}

/* To the keys that the register's entries give them: a name that those do not have gets none. */
static gboolean add_headers(Message *message, Bundle *bundle, GError **error)
{
	for (guint which = 0; which < message->n_parts; which++) {
		guint n = 0;
		for (guint i = 0; i < message->people->persons->len; i++) {
			const PeoplePerson *person = message->people->persons->pdata[i];
			g_autoptr(GError) cause = NULL;
			if (!reads(message, person, (SealPart)which))
				continue;
			g_autofree char *name = g_strconcat(names[which].header, person->name, NULL);
			g_autofree char *header = seal_anew_header(message->parts[which].anew,
			                                           which == SEAL_PART_BODY ? person->body : person->card, &cause);
			if (header == NULL)
				return fail_seal(message, cause, error);
			bundle_add_copy(bundle, name, header, strlen(header));
			n++;
		}
		if (n == 0 || n != json_array_size(message->parts[which].readers))
			return desk_form_error(error, "readers");
	}
	return TRUE;
}

static void add_part(const Message *message, SealPart which, gboolean old, Record *record)
{
	const Part *part = &message->parts[which];
	record_add_uint(record, names[which].replaces, part->state);
	if (old)
		record_add_hex(record, names[which].old_digest, part->opening->expect.digest, SEAL_DIGEST);
	record_add_uint(record, names[which].size, part->result.size);
	record_add_hex(record, names[which].digest, part->result.digest, SEAL_DIGEST);
	record_add_hex(record, names[which].key_check, part->result.key_check, sizeof part->result.key_check);
}

static gboolean make_commit(Message *message, GError **error)
{
	guint8 digest[SEAL_DIGEST];
	gsize size;
	g_autoptr(Bundle) bundle = bundle_new();
	Record *record = bundle_record(bundle);
	GBytes *payload = message->parts[SEAL_PART_BODY].result.payload;
	record_add_hex(record, "object", message->id, SEAL_CASE);
	record_add(record, "payload", payload != NULL ? "inline" : "file");
	for (guint which = 0; which < message->n_parts; which++)
		add_part(message, (SealPart)which, FALSE, record);
	if (payload != NULL)
		bundle_add(bundle, "payload", payload);
	if (message->n_parts > 1)
		bundle_add(bundle, "card", message->parts[SEAL_PART_CARD].result.payload);
	if (!add_headers(message, bundle, error))
		return FALSE;
	g_autoptr(GBytes) octets = bundle_write(bundle);
	const void *data = g_bytes_get_data(octets, &size);
	message->commit = g_base64_encode(data, size);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	message->digest = g_malloc(2 * sizeof digest + 1);
	sodium_bin2hex(message->digest, 2 * sizeof digest + 1, digest, sizeof digest);
	return TRUE;
}

/* The lines of the entry that are this act's own. */
static Record *own_record(const Message *message)
{
	Record *own = record_new();
	if (message->m->of != 0)
		record_add_uint(own, "message", message->m->seq);
	record_add_hex(own, "object", message->id, SEAL_CASE);
	for (guint which = 0; which < message->n_parts; which++)
		add_part(message, (SealPart)which, TRUE, own);
	for (guint i = 0; i < message->people->persons->len; i++) {
		const PeoplePerson *person = message->people->persons->pdata[i];
		gboolean body = reads(message, person, SEAL_PART_BODY), card = reads(message, person, SEAL_PART_CARD);
		if (body || card)
			record_add_printf(own, "reader", "%s%s%s", person->name, body ? " body" : "", card ? " card" : "");
	}
	record_add(own, "commit", message->digest);
	return own;
}

static gboolean check_entry(const Message *message, const Act *act, guint64 seq, GError **error)
{
	Entry entry;
	g_autoptr(Record) own = own_record(message);
	if (!act_check(act, &(LookAct){.kind = ENTRY_RESEALED, .cases = &seq, .n_cases = 1, .own = own}, NULL, error))
		return FALSE;
	return (verify_look_nth(act->look, 0, &entry) != NULL && entry.concerns == message->m->seq &&
	        memcmp(entry.object, message->parts[SEAL_PART_BODY].result.digest, ENTRY_HASH) == 0) ||
	       desk_form_error(error, "entries");
}

static gboolean hand_in(Message *message, const char *ground, GError **error)
{
	const Case *m = message->m;
	const guint64 seq = m->of != 0 ? m->of : m->seq;
	g_autoptr(Act) act = act_begin(message->session, m->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	act->octets_name = message->digest;
	act->octets = message->commit;
	json_t *body = json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "commit", message->digest);
	if (m->of != 0)
		json_object_set_new(body, "message", json_integer((json_int_t)m->seq));
	g_autoptr(json_t) answer = act_post(act, "/v1/reseal", body, error);
	return answer != NULL && check_entry(message, act, seq, error);
}

/* --- the way of one message ------------------------------------------------------------------------------------------- */

static json_t *ask_state(Session *session, const Case *m, GError **error)
{
	json_t *body = json_pack("{s:s, s:I}", "mailbox", m->mailbox, "seq", (json_int_t)(m->of != 0 ? m->of : m->seq));
	if (m->of != 0)
		json_object_set_new(body, "message", json_integer((json_int_t)m->seq));
	return desk_client_post(session->desk, "/v1/reseal/state", body, NULL, error);
}

static gboolean read_state(json_t *answer, const char *name, Part *part, gboolean *there, GError **error)
{
	json_t *state = json_object_get(answer, name);
	*there = json_is_object(state);
	if (json_is_null(state))
		return TRUE;
	part->readers = *there ? desk_get_array(state, "readers", error) : NULL;
	return part->readers != NULL ? desk_get_uint(state, "state", &part->state, error) : desk_form_error(error, "state");
}

typedef enum { OUTCOME_FAILED, OUTCOME_AGAIN, OUTCOME_DONE, OUTCOME_WITHOUT_CARD, OUTCOME_NEWER, OUTCOME_NOT_HERS } Outcome;

/* AGAIN with or without *error: somebody did something to it meanwhile. */
static Outcome try_once(Session *session, const Case *m, guint64 before, const char *ground, GError **error)
{
	gboolean body = FALSE, card = FALSE;
	GError *cause = NULL;
	g_auto(Message) message = {.session = session, .m = m, .piece = g_byte_array_new()};
	g_autoptr(json_t) answer = ask_state(session, m, error);
	if (answer == NULL || !read_state(answer, "body", &message.parts[0], &body, error) ||
	    !read_state(answer, "card", &message.parts[1], &card, error))
		return OUTCOME_FAILED;
	if (!body || message.parts[0].state >= before)
		return body ? OUTCOME_NEWER : OUTCOME_NOT_HERS;
	message.n_parts = card ? 2 : 1;
	if (getrandom(message.id, sizeof message.id, 0) != sizeof message.id)
		g_error("getrandom: %s", g_strerror(errno));
	message.people = readers_fetch(session, m->mailbox, NULL, error);
	if (message.people == NULL)
		return OUTCOME_FAILED;
	gboolean good = open_part(&message, SEAL_PART_BODY, ground, &cause) && seal_part(&message, SEAL_PART_BODY, &cause) &&
	                (!card || (open_part(&message, SEAL_PART_CARD, ground, &cause) && seal_part(&message, SEAL_PART_CARD, &cause))) &&
	                make_commit(&message, &cause) && hand_in(&message, ground, &cause);
	if (good)
		return card ? OUTCOME_DONE : OUTCOME_WITHOUT_CARD;
	gboolean again = cause == NULL || desk_client_heard(session->desk, "state");
	if (cause != NULL)
		g_propagate_error(error, cause);
	return again ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static gboolean reseal_message(Session *session, const Case *m, guint64 before, gboolean patient, const char *ground,
                               ResealDone *done, GError **error)
{
	g_autoptr(GError) cause = NULL;
	Outcome outcome = OUTCOME_AGAIN;
	for (guint i = 0; i < TRIES && outcome == OUTCOME_AGAIN; i++) {
		g_clear_error(&cause);
		outcome = try_once(session, m, before, ground, &cause);
	}
	if (outcome == OUTCOME_FAILED || (outcome == OUTCOME_AGAIN && !patient)) {
		if (cause == NULL)
			return cli_fail(error, CLI_ERROR_FAILED, _("others change %s at this moment: try again"), m->name);
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	done->done += outcome == OUTCOME_DONE || outcome == OUTCOME_WITHOUT_CARD;
	done->without_card += outcome == OUTCOME_WITHOUT_CARD;
	done->left += outcome == OUTCOME_NOT_HERS || outcome == OUTCOME_AGAIN;
	return TRUE;
}

gboolean reseal_case(Session *session, const Case *c, guint64 before, gboolean patient, const char *ground, ResealDone *done,
                     GError **error)
{
	g_autoptr(Messages) messages = messages_fetch(session, c, error);
	if (messages == NULL || !reseal_message(session, c, before, patient, ground, done, error))
		return FALSE;
	done->left += messages->first - 2; /* the desk lists the last ones of very many */
	for (guint i = 0; i < messages->rows->len; i++) {
		const Case *m = messages->rows->pdata[i];
		if (m->elsewhere)
			done->left++;
		else if (!reseal_message(session, m, before, patient, ground, done, error))
			return FALSE;
	}
	return TRUE;
}
