/* SPDX-License-Identifier: ISC */
#include "store/desk-act.h"

#include <stdarg.h>
#include <sodium.h>
#include <string.h>

#include "store/desk-grounds.h"
#include "store/desk-json.h"
#include "store/desk-limit.h"
#include "store/desk-reserve.h"

#define GROUND_MAX 32
#define REQUEST_MAX 64

/* --- the request ---------------------------------------------------------------------------------- */

gboolean desk_act_is_text(const char *text, gsize max)
{
	gsize size = strlen(text);
	if (size == 0 || size > max || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (const char *p = text; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			return FALSE;
	return TRUE;
}

gboolean desk_act_is_word(const char *word, gsize max)
{
	gsize size = strlen(word);
	return size > 0 && size <= max && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static gboolean check_fields(const DeskActFields *fields, DeskReply *reply)
{
	if (!desk_act_is_text(fields->request, REQUEST_MAX))
		return desk_acts_deny(reply, 400, "request-id", "The request id is empty, too long, or holds control characters.");
	if (!desk_act_is_word(fields->ground, GROUND_MAX))
		return desk_place_fail_form(reply, "A ground is a word of a-z, 0-9 and '-'; what says more is its sealed text.");
	return (fields->seq >= 0 && fields->known >= 0) || desk_place_fail_form(reply, "A number is negative.");
}

/* The act's own fields: what is left of the body without the common ones. */
static gboolean read_own(json_t *body, DeskActForm form, const char *format, va_list ap)
{
	static const char *const common[] = {"request", "mailbox", "ground", "ground_text", "known"};
	json_t *own = json_copy(body); /* its values are the body's, and outlive it */
	for (gsize i = 0; i < G_N_ELEMENTS(common); i++)
		json_object_del(own, common[i]);
	if (form & DESK_ACT_OF_CASE)
		json_object_del(own, "seq");
	if (form & DESK_ACT_WITH_TEXT)
		json_object_del(own, "text");
	if (form & DESK_ACT_WITH_WRAPS)
		json_object_del(own, "wraps");
	gboolean good = json_vunpack_ex(own, NULL, JSON_STRICT, format, ap) == 0;
	json_decref(own);
	return good;
}

void desk_act_clear(DeskActFields *fields)
{
	g_clear_pointer(&fields->ground_text, sealed_text_free);
	g_clear_pointer(&fields->text, sealed_text_free);
}

/* Every header that came is one that a text names, but for the octets that the act has a name for. */
static gboolean read_texts(const DeskCall *call, DeskActForm form, DeskActFields *fields)
{
	if (!sealed_text_take(SEAL_PART_GROUND, call->body, call->attached, &fields->ground_text) ||
	    ((form & DESK_ACT_WITH_TEXT) && !sealed_text_take(SEAL_PART_TEXT, call->body, call->attached, &fields->text)))
		return FALSE;
	gsize named = (fields->ground_text != NULL ? fields->ground_text->headers->len : 0) +
	              (fields->text != NULL ? fields->text->headers->len : 0) + (form & DESK_ACT_WITH_OCTETS ? 1 : 0);
	if (form & DESK_ACT_WITH_WRAPS) {
		fields->wraps = json_object_get(call->body, "wraps");
		named += json_array_size(fields->wraps);
	}
	return json_object_size(call->attached) == named;
}

gboolean desk_act_read(const DeskCall *call, DeskActForm form, DeskActFields *fields, DeskReply *reply,
                       const char *format, ...)
{
	va_list ap;
	memset(fields, 0, sizeof *fields);
	gboolean good = json_unpack(call->body, "{s:s, s:s, s:s, s:I}", "request", &fields->request, "mailbox",
	                            &fields->mailbox, "ground", &fields->ground, "known", &fields->known) == 0 &&
	                (!(form & DESK_ACT_OF_CASE) || json_unpack(call->body, "{s:I}", "seq", &fields->seq) == 0);
	va_start(ap, format);
	good = good && read_own(call->body, form, format, ap);
	va_end(ap);
	if (!good)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	if (!read_texts(call, form, fields))
		return desk_place_fail_form(reply, "A sealed text is of another form, or a header of one is missing or too many.");
	return check_fields(fields, reply) && ((form & DESK_ACT_OWN_GROUND) || desk_grounds_check(call, fields, reply));
}

/* --- the record ---------------------------------------------------------------------------------- */

guchar *desk_act_octets(const DeskCall *call, const char *digest, gsize *size, const char *missing, const char *other,
                        DeskReply *reply)
{
	guint8 found[SEAL_DIGEST];
	char hex[2 * SEAL_DIGEST + 1];
	const char *text = json_string_value(json_object_get(call->attached, digest));
	g_autofree guchar *data = text != NULL ? g_base64_decode(text, size) : NULL;
	if (data == NULL) {
		desk_place_fail_form(reply, missing);
		return NULL;
	}
	crypto_generichash(found, sizeof found, data, *size, NULL, 0);
	if (strcmp(sodium_bin2hex(hex, sizeof hex, found, sizeof found), digest) == 0)
		return g_steal_pointer(&data);
	desk_place_fail_form(reply, other);
	return NULL;
}

Record *desk_act_record(const DeskCall *call)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)registry_now(call->registry));
	record_add(record, "officer", call->request->officer);
	return record;
}

void desk_act_sign_off(Record *record, const DeskCall *call, const DeskActFields *fields)
{
	const DeskRequest *request = call->request;
	sealed_text_record(fields->text, record);
	record_add(record, "ground", fields->ground);
	sealed_text_record(fields->ground_text, record);
	record_add_uint(record, "known", (guint64)fields->known);
	record_add(record, "request", fields->request);
	record_add(record, "nonce", request->nonce);
	record_add_uint(record, "counter", request->counter);
	record_add(record, "method", request->method);
	record_add(record, "target", request->target);
	record_add_hex(record, "body", request->digest, sizeof request->digest);
	record_add(record, "signature", call->signature);
}

/* --- the entry ---------------------------------------------------------------------------------- */

/* The text's headers as rows for the ledger; FALSE where one is made for somebody who reads nothing here. */
static gboolean add_headers(const DeskPlace *place, const SealedText *text, GArray *rows)
{
	for (guint i = 0; text != NULL && i < text->headers->len; i++) {
		const SealedTextHeader *header = text->headers->pdata[i];
		const char *recipient = desk_place_recipient(place, header->reader);
		if (recipient == NULL)
			return FALSE;
		LedgerTextHeader row = {.part = text->part, .object_id = text->id, .recipient = recipient, .text = header->header,
		                        .size = strlen(header->header)};
		g_array_append_val(rows, row);
	}
	return TRUE;
}

gboolean desk_act_append(const DeskPlace *place, LedgerAct *act, const DeskActFields *fields, guint64 *seq,
                         DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerTextHeader));
	LedgerEntry entry = {0};
	gboolean look = act->kind == ENTRY_OPENED || act->kind == ENTRY_LISTED || act->kind == ENTRY_REGISTER_READ ||
	                act->kind == ENTRY_SEARCHED || act->kind == ENTRY_EXTRACTED;
	if ((look || act->kind == ENTRY_LOG_READ || act->kind == ENTRY_RESEALED) && !desk_reserve_allows(place, reply))
		return FALSE;
	if (look && !desk_limit_allows(place, act->case_seq != 0 ? act->case_seq : LEDGER_NOTHING, reply))
		return FALSE;
	if (!add_headers(place, fields->text, rows) || !add_headers(place, fields->ground_text, rows)) {
		desk_acts_error(reply, 409, "readers", "A text was sealed to somebody who reads nothing here: ask who does.");
		return FALSE;
	}
	act->concerns = act->concerns != 0 ? act->concerns : LEDGER_NOTHING;
	act->case_seq = act->case_seq != 0 ? act->case_seq : LEDGER_NOTHING;
	act->text_headers = (const LedgerTextHeader *)(const void *)rows->data;
	act->n_text_headers = rows->len;
	act->flags |= rows->len > 0 ? ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED : 0;
	if (!ledger_append(place->ledger, act, &entry, &error))
		return desk_place_fail_ledger(reply, error);
	*seq = entry.seq;
	ledger_entry_clear(&entry);
	return TRUE;
}

void desk_act_finish(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const DeskActFields *fields,
                     DeskReply *reply)
{
	desk_act_finish_with(call, place, act, fields, LEDGER_NOTHING, reply);
}

void desk_act_finish_with(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const DeskActFields *fields,
                          guint64 also, DeskReply *reply)
{
	guint64 seq;
	g_autoptr(GError) error = NULL;
	if (!desk_act_append(place, act, fields, &seq, reply))
		return;
	if (act->letter != NULL && call->hooks->letter_queued != NULL)
		call->hooks->letter_queued(call->hooks->user);
	json_t *answer = desk_json_answer();
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_array_append_val(seqs, seq);
	if (also != LEDGER_NOTHING)
		g_array_append_val(seqs, also);
	if (!desk_place_add_proof(place, seqs, fields->known, answer, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	desk_place_done(reply, answer);
}

char *desk_act_committed(const DeskReply *reply, const char *field)
{
	const json_t *entry = json_array_get(json_object_get(reply->json, "entries"), 0);
	gsize size;
	g_autofree guchar *text = g_base64_decode(json_string_value(json_object_get(entry, "record")), &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	return record != NULL ? g_strdup(record_get(record, field)) : NULL;
}
