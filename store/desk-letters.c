/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which a letter goes out. */
#include <string.h>

#include "store/desk-act.h"
#include "store/desk-letters.h"
#include "store/outbox.h"

#define MESSAGE_ID_MAX 998

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
		return desk_place_fail_form(reply, "A letter cannot be sent to that address.");
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
	if (c == NULL)
		return;
	if (g_strcmp0(c->ack_state, "queued") == 0 || g_strcmp0(c->ack_state, "sent") == 0) {
		desk_acts_error(reply, 409, "state", "This case has its acknowledgement already, or it is on its way.");
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
