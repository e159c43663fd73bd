/* SPDX-License-Identifier: ISC */
#include "cli/added.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>

#include "base/escape.h"
#include "base/finding.h"
#include "cli/cli.h"
#include "cli/content.h"
#include "cli/face.h"
#include "cli/view.h"

#define PIECE (512 * 1024)
#define LINE_OCTETS 57 /* 76 characters of base64 (RFC 2045, section 6.8) */

void added_file_free(AddedFile *file)
{
	if (file == NULL)
		return;
	g_free(file->name);
	g_bytes_unref(file->octets);
	g_free(file);
}

gboolean added_upload(Session *session, const char *mailbox, const Added *added, GError **error)
{
	for (guint at = 0; added->payload != NULL && at < added->payload->len; at += PIECE) {
		g_autofree char *data = g_base64_encode(added->payload->data + at, MIN(PIECE, added->payload->len - at));
		json_t *body = json_pack("{s:s, s:I, s:s}", "mailbox", mailbox, "offset", (json_int_t)at, "data", data);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/upload", body, NULL, error);
		if (answer == NULL)
			return FALSE;
	}
	return TRUE;
}

void added_free(Added *added)
{
	if (added == NULL)
		return;
	g_clear_pointer(&added->payload, g_byte_array_unref);
	g_free(added->commit);
	g_free(added->digest);
	g_free(added->key_check);
	record_free(added->facts);
	g_free(added);
}

/* --- the message ----------------------------------------------------------------------------------------------------- */

static void add_base64(WipeBuffer *out, const guint8 *data, gsize size)
{
	for (gsize at = 0; at < size; at += LINE_OCTETS) {
		g_autoptr(WipeText) line = g_base64_encode(data + at, MIN(LINE_OCTETS, size - at));
		wipe_buffer_add_text(out, line);
		wipe_buffer_add_text(out, "\r\n");
	}
}

static void add_text_part(WipeBuffer *out, const char *text)
{
	wipe_buffer_add_text(out, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	add_base64(out, (const guint8 *)text, strlen(text));
}

/* RFC 2231: the name as UTF-8, percent-encoded. */
static void add_file_part(WipeBuffer *out, const AddedFile *file)
{
	Content content;
	gsize size;
	const void *data = g_bytes_get_data(file->octets, &size);
	content_sniff(data, size, &content);
	g_autoptr(WipeText) name = g_uri_escape_string(file->name, NULL, FALSE);
	g_autoptr(WipeText) head = g_strdup_printf("Content-Type: %s\r\n"
	                                           "Content-Disposition: attachment; filename*=utf-8''%s\r\n"
	                                           "Content-Transfer-Encoding: base64\r\n\r\n", content.type, name);
	wipe_buffer_add_text(out, head);
	add_base64(out, data, size);
}

static gsize size_of(const AddedReport *report)
{
	gsize size = 4096 + 2 * strlen(report->text);
	for (guint i = 0; i < report->files->len; i++)
		size += 4096 + g_bytes_get_size(((const AddedFile *)report->files->pdata[i])->octets) / 2 * 3;
	return size;
}

/* RFC 5322, with CRLF. */
static WipeBuffer *compose(const AddedReport *report)
{
	if (report->message != NULL) {
		WipeBuffer *whole = wipe_buffer_new(report->message_size + 1);
		wipe_buffer_add(whole, report->message, report->message_size);
		return whole;
	}
	WipeBuffer *out = wipe_buffer_new(size_of(report));
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(report->received / G_USEC_PER_SEC);
	g_autofree char *date = g_date_time_format(moment, "%a, %d %b %Y %H:%M:%S +0000"); /* LC_TIME is always C here */
	g_autofree char *head = g_strdup_printf("Date: %s\r\nTo: %s\r\nMIME-Version: 1.0\r\n", date, report->mailbox);
	wipe_buffer_add_text(out, head);
	if (report->files->len == 0) {
		add_text_part(out, report->text);
		return out;
	}
	guint8 random[16];
	char boundary[2 * sizeof random + 1];
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(boundary, sizeof boundary, random, sizeof random);
	g_autofree char *first = g_strdup_printf("Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n", boundary, boundary);
	g_autofree char *between = g_strdup_printf("\r\n--%s\r\n", boundary), *last = g_strdup_printf("\r\n--%s--\r\n", boundary);
	wipe_buffer_add_text(out, first);
	add_text_part(out, report->text);
	for (guint i = 0; i < report->files->len; i++) {
		wipe_buffer_add_text(out, between);
		add_file_part(out, report->files->pdata[i]);
	}
	wipe_buffer_add_text(out, last);
	return out;
}

/* --- what is found in it ------------------------------------------------------------------------------------------- */

/* What mail has and a call has not is left out: it is no automatic message, and answers none of our letters. */
static Record *make_facts(const AddedReport *report, const Record *found)
{
	Record *facts = record_new();
	for (const RecordField *field = finding_facts_schema; field->key != NULL; field++) {
		const char *value, *key = field->key;
		if (strcmp(key, "channel") == 0)
			record_add(facts, key, report->channel);
		else if (strcmp(key, "automatic") == 0)
			record_add(facts, key, "-");
		else if (strcmp(key, "named") == 0)
			for (guint i = 0; report->about[i] != NULL; i++)
				record_add(facts, key, report->about[i]);
		else if (strcmp(key, "reference") != 0 && strcmp(key, "held") != 0)
			for (guint i = 0; (value = record_get_nth(found, key, i)) != NULL; i++)
				record_add(facts, key, value);
	}
	return facts;
}

static gboolean is_of_the_sender(const char *key)
{
	static const char *const keys[] = {"envelope-from", "envelope-to", "from-name", "from-address", "from", "reply-to",
	                                   "recipient", "subject", "message-id", NULL};
	return g_strv_contains(keys, key);
}

static gboolean is_envelope(const char *key)
{
	return strcmp(key, "envelope-from") == 0 || strcmp(key, "envelope-to") == 0;
}

/* found NULL: nothing is. Of what she adds there is no sender. */
static Record *make_card(const AddedReport *report, const Record *found)
{
	const gboolean nobody = report->message == NULL; /* sent it */
	Record *card = record_new();
	for (const RecordField *field = finding_card_schema; field->key != NULL; field++) {
		const char *value;
		if (strcmp(field->key, "envelope-from") == 0)
			record_add(card, field->key, nobody ? "" : report->envelope_from);
		else if (strcmp(field->key, "envelope-to") == 0)
			record_add(card, field->key, report->mailbox);
		else if (field->min == 1 && (found == NULL || (nobody && is_of_the_sender(field->key))))
			record_add(card, field->key, "-");
		for (guint i = 0; found != NULL && !(is_envelope(field->key) || (nobody && is_of_the_sender(field->key))) && (value = record_get_nth(found, field->key, i)) != NULL; i++)
			record_add(card, field->key, value);
	}
	return card;
}

/* --- to whom --------------------------------------------------------------------------------------------------------- */

/* As the registrar chooses them for a letter. */
static GPtrArray *choose_readers(const Added *added, const People *people)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	for (guint i = 0; i < people->persons->len; i++)
		if (people_reads(people->persons->pdata[i], g_get_real_time()))
			g_ptr_array_add(all, people->persons->pdata[i]);
	return people_unnamed(all, added->facts);
}

/* --- sealing --------------------------------------------------------------------------------------------------------- */

typedef struct {
	SealBody *body;
	SealCard *card;
	SealResult sealed, sealed_card;
	GByteArray *file; /* where it outgrew its first chunk */
} Sealing;

static void sealing_clear(Sealing *sealing)
{
	seal_body_free(sealing->body);
	seal_card_free(sealing->card);
	seal_result_clear(&sealing->sealed);
	seal_result_clear(&sealing->sealed_card);
	g_byte_array_unref(sealing->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sealing, sealing_clear)

static gboolean keep(const guint8 *data, gsize size, gpointer user, GError **error G_GNUC_UNUSED)
{
	g_byte_array_append(user, data, (guint)size);
	return TRUE;
}

static gboolean seal(Sealing *sealing, const AddedReport *report, const guint8 case_id[SEAL_CASE], const Record *card,
                     const WipeBuffer *message, GError **error)
{
	const char *to[] = {report->mailbox, NULL};
	SealFields fields = {.mailbox = report->mailbox, .begun = g_get_real_time(), .envelope_from = report->message != NULL ? report->envelope_from : "",
	                     .envelope_to = to};
	memcpy(fields.case_id, case_id, SEAL_CASE);
	sealing->body = seal_body_new(&fields, keep, sealing->file, error);
	if (sealing->body == NULL ||
	    !seal_body_write(sealing->body, wipe_buffer_data(message), wipe_buffer_size(message), error) ||
	    !seal_body_finish(sealing->body, &sealing->sealed, error))
		return FALSE;
	sealing->card = seal_card_new(case_id, card, &sealing->sealed_card, error);
	return sealing->card != NULL;
}

static gboolean add_header(Bundle *commit, const char *part, const char *reader, char *header)
{
	g_autofree char *text = header, *name = g_strconcat("header/", part, "/", reader, NULL);
	if (text != NULL)
		bundle_add_copy(commit, name, text, strlen(text));
	return text != NULL;
}

static gboolean add_headers(Bundle *commit, const Sealing *sealing, const GPtrArray *readers, GError **error)
{
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		if (!add_header(commit, "body", reader->name, seal_body_header(sealing->body, reader->body, error)) ||
		    (reader->card != NULL &&
		     !add_header(commit, "card", reader->name, seal_card_header(sealing->card, reader->card, error))))
			return FALSE;
	}
	return TRUE;
}

/* As milter/report.c makes it; the registrar draws the message digest anew. */
static void add_record(Record *record, const AddedReport *report, const Added *added, const Sealing *sealing, const char *set)
{
	static const guint8 none[SEAL_DIGEST];
	const SealResult *body = &sealing->sealed, *card = &sealing->sealed_card;
	record_add(record, "mailbox", report->mailbox);
	record_add_hex(record, "case", added->case_id, SEAL_CASE);
	record_add_uint(record, "received", (guint64)report->received);
	record_add(record, "set", set);
	record_add(record, "payload", body->payload != NULL ? "inline" : "file");
	record_add_uint(record, "size", body->size);
	record_add_hex(record, "digest", body->digest, sizeof body->digest);
	record_add_hex(record, "card-digest", card->digest, sizeof card->digest);
	record_add_hex(record, "message-digest", none, sizeof none);
	record_add_hex(record, "key-check-body", body->key_check, sizeof body->key_check);
	record_add_hex(record, "key-check-card", card->key_check, sizeof card->key_check);
	record_add_hex(record, "body-check", body->body_check, sizeof body->body_check);
	record_add(record, "letter", "none");
	record_add(record, "letter-reason", "-");
	record_add_uint(record, "delay", 0);
}

static char *hex_of(const guint8 *data, gsize size)
{
	char *hex = g_malloc(2 * size + 1);
	return sodium_bin2hex(hex, 2 * size + 1, data, size);
}

static gboolean make_commit(Added *added, const AddedReport *report, Sealing *sealing, const GPtrArray *readers, const char *set,
                            GError **error)
{
	guint8 digest[SEAL_DIGEST];
	gsize size;
	g_autoptr(Bundle) commit = bundle_new();
	add_record(bundle_record(commit), report, added, sealing, set);
	if (sealing->sealed.payload != NULL)
		bundle_add(commit, "payload", sealing->sealed.payload);
	else
		added->payload = g_byte_array_ref(sealing->file);
	bundle_add(commit, "card", sealing->sealed_card.payload);
	bundle_add_record(commit, "facts", added->facts);
	if (!add_headers(commit, sealing, readers, error))
		return FALSE;
	g_autoptr(GBytes) octets = bundle_write(commit);
	added->key_check = hex_of(sealing->sealed.key_check, sizeof sealing->sealed.key_check);
	const void *data = g_bytes_get_data(octets, &size);
	added->commit = g_base64_encode(data, size);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	added->digest = hex_of(digest, sizeof digest);
	return TRUE;
}

static gboolean fail_seal(const GError *cause, GError **error)
{
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the report cannot be sealed: %s"), why);
}

/* A report that cannot be screened is taken all the same. */
static Record *examine(Session *session, const AddedReport *report, const WipeBuffer *message, Added *added)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Record) facts = NULL, card = NULL;
	if (!view_finding(session->examiner, report->rules, wipe_buffer_data(message), wipe_buffer_size(message), &facts, &card, &cause)) {
		g_autofree char *warning = g_strdup_printf(_("the report could not be screened and is added as unexamined: %s"), cause->message);
		face_warn(warning);
		facts = finding_unexamined_facts();
	}
	added->facts = make_facts(report, facts);
	return make_card(report, card);
}

Added *added_seal(Session *session, const AddedReport *report, const People *people, const char *set, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Added) added = g_new0(Added, 1);
	g_auto(Sealing) sealing = {.file = g_byte_array_new()};
	g_autoptr(WipeBuffer) message = compose(report);
	g_autoptr(Record) card = examine(session, report, message, added);
	g_autoptr(GPtrArray) readers = choose_readers(added, people);
	if (getrandom(added->case_id, sizeof added->case_id, 0) != sizeof added->case_id)
		g_error("getrandom: %s", g_strerror(errno));
	if (seal(&sealing, report, added->case_id, card, message, &cause) &&
	    make_commit(added, report, &sealing, readers, set, &cause))
		return g_steal_pointer(&added);
	fail_seal(cause, error);
	return NULL;
}
