/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which a letter goes out. */
#include <string.h>

#include "base/bundle.h"
#include "base/day.h"
#include "base/finding.h"
#include "store/casework.h"
#include "store/desk-act.h"
#include "store/desk-casework.h"
#include "store/desk-letters.h"
#include "store/outbox.h"

#define DESPITE_MAX 8
#define MESSAGE_ID_MAX 998
#define LETTER_MAX (700 * 1024) /* octets of a composed entity: with base64 below the desk's 1 MiB */
#define LINE_MAX_OCTETS 998     /* RFC 5322, 2.1.1 */

static gboolean message_id_is_plain(const char *id)
{
	gsize size = strlen(id);
	if (strcmp(id, "-") == 0)
		return TRUE;
	if (size < 3 || size > MESSAGE_ID_MAX || id[0] != '<' || id[size - 1] != '>')
		return FALSE;
	for (gsize i = 1; i < size - 1; i++)
		if (!g_ascii_isgraph(id[i]) || id[i] == '<' || id[i] == '>')
			return FALSE;
	return TRUE;
}

typedef struct {
	DeskActFields fields;
	const char *to, *message_id, *language;
} ReleaseQuestion;

static void release_question_clear(ReleaseQuestion *question)
{
	desk_act_clear(&question->fields);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReleaseQuestion, release_question_clear)

gboolean desk_letters_check(const char *to, const char *message_id, const char *language, DeskReply *reply)
{
	if (!outbox_address_is_safe(to))
		return desk_acts_deny(reply, 400, "no-address", "A letter cannot be sent to that address.");
	if (!message_id_is_plain(message_id))
		return desk_place_fail_form(reply, "message_id is neither <…> in ASCII nor '-'.");
	if (strcmp(language, "kk") != 0 && strcmp(language, "ru") != 0 && strcmp(language, "en") != 0 && strcmp(language, "-") != 0)
		return desk_place_fail_form(reply, "A language is kk, ru, en or '-'.");
	return TRUE;
}

Record *desk_letters_record(const char *to, const char *message_id, const char *language)
{
	Record *letter = record_new();
	record_add(letter, "to", to);
	record_add(letter, "message-id", message_id);
	record_add(letter, "language", language);
	return letter;
}

/* --- what an officer wrote -------------------------------------------------------------------------------------------- */

/* One line of the entity, without its CRLF: printable ASCII and no more than a mail system takes; in its header a Content-
 * field or the rest of one, so that it can name neither another recipient nor a sender. */
static gboolean line_is_good(const char *line, gsize size, gboolean in_header, gboolean first)
{
	for (gsize i = 0; i < size; i++)
		if ((guchar)line[i] >= 0x7f || (line[i] < ' ' && line[i] != '\t'))
			return FALSE;
	gboolean folded = size > 0 && !first && (line[0] == ' ' || line[0] == '\t');
	return size <= LINE_MAX_OCTETS && (!in_header || folded || g_ascii_strncasecmp(line, "Content-", strlen("Content-")) == 0);
}

/* A MIME entity from its Content-Type field on (RFC 2045, 2.4), lines in CRLF. The rest of the header is the outbox's: the
 * MTA reads the recipient there. */
static gboolean is_entity(const char *data, gsize size)
{
	static const char begins[] = "Content-Type:";
	gboolean in_header = TRUE;
	if (size < sizeof begins || size > LETTER_MAX || memcmp(data, begins, sizeof begins - 1) != 0)
		return FALSE;
	for (gsize at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		gsize length = end != NULL ? (gsize)(end - data) - at : 0;
		if (length == 0 || end[-1] != '\r' || (in_header && length > 1 && !line_is_good(data + at, length - 1, TRUE, at == 0)) ||
		    !line_is_good(data + at, length - 1, FALSE, FALSE))
			return FALSE;
		in_header = in_header && length > 1;
		at += length + 1;
	}
	return !in_header;
}

GBytes *desk_letters_entity(const char *base64, DeskReply *reply)
{
	gsize size;
	guchar *octets = g_base64_decode(base64, &size);
	g_autoptr(GBytes) entity = bundle_secret_bytes(octets, size);
	explicit_bzero(octets, size);
	g_free(octets);
	if (is_entity(g_bytes_get_data(entity, NULL), size))
		return g_steal_pointer(&entity);
	desk_acts_deny(reply, 400, "letter", "The letter is no MIME entity from its Content-Type on, or too large for mail.");
	return NULL;
}

void desk_letter_clear(DeskLetter *letter)
{
	g_clear_pointer(&letter->record, record_free);
	g_clear_pointer(&letter->entity, g_bytes_unref);
}

/* May a letter go there at all, and does she know whose it is? */
static gboolean check_address(const DeskCall *call, const char *mailbox, const char *to, gboolean told, DeskReply *reply)
{
	const ConfigMailbox *settings = config_mailbox(call->config, mailbox);
	const char *why = settings != NULL && call->hooks->address != NULL
	                      ? call->hooks->address(call->config, settings, to, call->hooks->user) : NULL;
	if (why == NULL || (strcmp(why, "own-domain") == 0 && told))
		return TRUE;
	if (strcmp(why, "own-domain") != 0)
		return desk_acts_deny(reply, 400, "no-address", "Nobody reads at that address, or it is a mailbox of this register.");
	desk_acts_error(reply, 409, "own-domain", "That address lies in the organisation's own domains.");
	return FALSE;
}

gboolean desk_letters_take(const DeskCall *call, const char *mailbox, json_t *asked, DeskLetter *letter, DeskReply *reply)
{
	const char *to, *message_id, *language, *subject, *entity;
	int told;
	if (json_is_null(asked))
		return TRUE;
	if (json_unpack_ex(asked, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:s, s:b}", "to", &to, "message_id", &message_id,
	                   "language", &language, "subject", &subject, "entity", &entity, "own_domain", &told) != 0)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	if (!desk_letters_check(to, message_id, language, reply))
		return FALSE;
	if (strcmp(subject, "official") != 0 && strcmp(subject, "answer") != 0 && strcmp(subject, "advice") != 0)
		return desk_place_fail_form(reply, "subject is official, answer or advice.");
	if (!check_address(call, mailbox, to, told != 0, reply) || (letter->entity = desk_letters_entity(entity, reply)) == NULL)
		return FALSE;
	letter->record = desk_letters_record(to, message_id, language);
	record_add(letter->record, "purpose", "letter");
	record_add(letter->record, "subject", subject);
	return TRUE;
}

void desk_letters_queue(const DeskCall *call, const DeskLetter *letter, LedgerAct *act)
{
	if (letter->record == NULL)
		return;
	act->letter = letter->record;
	act->composed = letter->entity;
	act->letter_due = registry_now(call->registry);
}

/* --- what she was warned of ---------------------------------------------------------------------------------------------- */

gboolean desk_letters_check_despite(const json_t *despite, DeskReply *reply)
{
	const json_t *one;
	gsize i;
	if (!json_is_array(despite) || json_array_size(despite) > DESPITE_MAX)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	json_array_foreach(despite, i, one)
		if (!json_is_string(one) || !desk_casework_is_one_of(json_string_value(one), CASEWORK_DESPITE))
			return desk_place_fail_form(reply, "despite holds words of:" CASEWORK_DESPITE);
	return TRUE;
}

gboolean desk_letters_is_despite(const json_t *despite, const char *word)
{
	const json_t *one;
	gsize i;
	json_array_foreach(despite, i, one)
		if (g_strcmp0(json_string_value(one), word) == 0)
			return TRUE;
	return FALSE;
}

void desk_letters_add_despite(const json_t *despite, Record *record)
{
	const json_t *one;
	gsize i;
	json_array_foreach(despite, i, one)
		record_add(record, "despite", json_string_value(one));
}

gboolean desk_letters_check_safe(const LedgerCase *c, const json_t *despite, DeskReply *reply)
{
	gboolean unsafe = c->unsafe;
	const char *wish;
	for (guint i = 0; (wish = record_get_nth(c->facts, "wish", i)) != NULL; i++)
		unsafe = unsafe || strcmp(wish, "no-answer") == 0;
	if (!unsafe || desk_letters_is_despite(despite, "unsafe"))
		return TRUE;
	desk_acts_error(reply, 409, "unsafe", "No letter is to go to the reporter's address.");
	return FALSE;
}

gboolean desk_letters_check_issued(const DeskCall *call, const LedgerCase *c, const char *date, DeskReply *reply)
{
	if (strcmp(date, "-") == 0 || day_is_between(date, finding_moment(c->facts, c->received), registry_now(call->registry), call->config->timezone))
		return TRUE;
	desk_acts_error(reply, 409, "date", "An outgoing letter is dated neither before the report came nor after today.");
	return FALSE;
}

/* --- the acknowledgement that was held back --------------------------------------------------------------------------- */

static gboolean read_release(const DeskCall *call, ReleaseQuestion *q, DeskReply *reply)
{
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &q->fields, reply, "{s:s, s:s, s:s}", "to", &q->to, "message_id",
	                   &q->message_id, "language", &q->language))
		return FALSE;
	return desk_letters_check(q->to, q->message_id, q->language, reply);
}

static void serve_acknowledge(const DeskCall *call, DeskReply *reply)
{
	g_auto(ReleaseQuestion) question = {0};
	g_auto(DeskPlace) place = {0};
	if (!read_release(call, &question, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, question.fields.mailbox, question.fields.seq, &place, reply);
	if (c == NULL || !desk_place_is_there(&place, c->seq, reply))
		return;
	if (g_strcmp0(c->ack_state, "queued") == 0 || g_strcmp0(c->ack_state, "sent") == 0) {
		desk_acts_deny(reply, 409, "acknowledged", "This case has its acknowledgement already, or it is on its way.");
		return;
	}
	g_autoptr(Record) letter = desk_letters_record(question.to, question.message_id, question.language);
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	desk_act_sign_off(record, call, &question.fields);
	LedgerAct act = {.kind = ENTRY_RELEASED, .record = record, .case_seq = c->seq, .ack_state = "queued", .letter = letter,
	                 .letter_due = registry_now(call->registry)};
	desk_act_finish(call, &place, &act, &question.fields, reply);
}

const DeskAct desk_letters_acts[] = {
	{"/v1/acknowledge", TRUE, serve_acknowledge},
	{0},
};
