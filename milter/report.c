/* SPDX-License-Identifier: ISC */
#include "milter/report.h"

#include "base/queue-id.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/octets.h"
#include "policy/letter.h"

#define READERS_MAX 30 /* two headers each and four more parts fit one bundle */

static const RecordField readers_schema[] = {
	{"set", 1, 1},
	{"reader", 1, READERS_MAX},
	{"addressee", 0, 1},
	{NULL, 0, 0},
};

Report *report_new(const ConfigMailbox *mailbox)
{
	Report *report = g_new0(Report, 1);
	report->mailbox = mailbox;
	report->recipients = g_ptr_array_new_with_free_func(g_free);
	report->fd = -1;
	return report;
}

void report_free(Report *report)
{
	if (report == NULL)
		return;
	g_ptr_array_unref(report->recipients);
	seal_body_free(report->body);
	seal_card_free(report->card);
	seal_result_clear(&report->sealed);
	seal_result_clear(&report->sealed_card);
	if (report->fd >= 0)
		close(report->fd);
	g_free(report);
}

void report_add_recipient(Report *report, const char *address)
{
	g_ptr_array_add(report->recipients, g_strdup(address));
}

/* --- sealing ------------------------------------------------------------------------------- */

/* SealSink. The registrar syncs the file; a write that failed here fails the report. */
static gboolean write_to_vault(const guint8 *data, gsize size, gpointer user, GError **error)
{
	Report *report = user;
	report->put_off = LOG_STEP_PUT_OFF_FILE;
	if (report->fd < 0)
		report->fd = report->file(report, report->user);
	if (report->fd >= 0 && octets_write(report->fd, data, size)) {
		report->put_off = LOG_STEP_PUT_OFF_SEAL;
		return TRUE;
	}
	g_set_error(error, SEAL_ERROR, SEAL_ERROR_SINK, "no file in the vault takes the report");
	return FALSE;
}

gboolean report_begin(Report *report, gint64 begun, const char *envelope_from, const char *client, ReportFile file,
                      gpointer user)
{
	guint32 random;
	report->put_off = LOG_STEP_PUT_OFF_SEAL;
	report->file = file;
	report->user = user;
	if (getrandom(report->case_id, sizeof report->case_id, 0) != sizeof report->case_id ||
	    getrandom(&random, sizeof random, 0) != sizeof random)
		return FALSE;
	report->delay = letter_delay(report->mailbox, random);
	g_ptr_array_add(report->recipients, NULL);
	SealFields fields = {.mailbox = report->mailbox->address, .begun = begun, .envelope_from = envelope_from};
	memcpy(fields.case_id, report->case_id, sizeof fields.case_id);
	fields.envelope_to = (const char *const *)report->recipients->pdata;
	fields.client = report->mailbox->keep_client ? client : NULL;
	report->body = seal_body_new(&fields, write_to_vault, report, NULL);
	return report->body != NULL;
}

gboolean report_write(Report *report, const void *data, gsize size)
{
	return seal_body_write(report->body, data, size, NULL);
}

gboolean report_finish(Report *report)
{
	return seal_body_finish(report->body, &report->sealed, NULL);
}

/* --- the registrar's questions ---------------------------------------------------------------- */

static void copy_list(Record *to, const Record *from, const char *key)
{
	const char *value;
	for (guint i = 0; (value = record_get_nth(from, key, i)) != NULL; i++)
		record_add(to, key, value);
}

Bundle *report_readers(const Report *report, const Opinion *opinion)
{
	Bundle *bundle = bundle_new();
	Record *record = bundle_record(bundle);
	record_add(record, "mailbox", report->mailbox->address);
	copy_list(record, opinion->facts, "reference");
	copy_list(record, opinion->facts, "named");
	record_add(record, "examined", record_get(opinion->facts, "examined"));
	record_add(record, "verdict", record_get(opinion->facts, "verdict"));
	return bundle;
}

static gboolean ensure_card(Report *report, const Opinion *opinion, const ReportMessage *message)
{
	if (report->card != NULL)
		return TRUE; /* the readers are asked for once more: the case stays the same */
	g_autoptr(Record) card =
		opinion_card(opinion, message->envelope_from, (const char *const *)report->recipients->pdata);
	report->card = seal_card_new(report->case_id, card, &report->sealed_card, NULL);
	return report->card != NULL;
}

/* One line of READERS_OK: "NAME ROLE BODY CARD". */
static gboolean add_headers(Bundle *commit, const Report *report, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 5);
	if (g_strv_length(words) != 4 || words[0][0] == '\0')
		return FALSE;
	g_autofree char *body_name = g_strconcat("header/body/", words[0], NULL);
	g_autofree char *card_name = g_strconcat("header/card/", words[0], NULL);
	if (bundle_part(commit, body_name) != NULL)
		return FALSE;
	g_autofree char *body = seal_body_header(report->body, words[2], NULL);
	if (body == NULL)
		return FALSE;
	bundle_add_copy(commit, body_name, body, strlen(body));
	if (strcmp(words[3], "-") == 0)
		return TRUE;
	g_autofree char *card = seal_card_header(report->card, words[3], NULL);
	if (card == NULL)
		return FALSE;
	bundle_add_copy(commit, card_name, card, strlen(card));
	return TRUE;
}

/* READERS_OK's "NAME RECIPIENT": the registrar's word who in law enforcement gets this report too. Body only. */
static gboolean add_addressee(Bundle *commit, const Report *report, const Opinion *opinion, const char *line)
{
	if (line == NULL)
		return TRUE;
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	if (g_strv_length(words) != 2 || strcmp(record_get(opinion->facts, "verdict"), "redirect") != 0)
		return FALSE;
	g_autofree char *header = seal_body_header(report->body, words[1], NULL);
	if (header == NULL)
		return FALSE;
	record_add(bundle_record(commit), "addressee", line);
	bundle_add_copy(commit, "header/addressee", header, strlen(header));
	return TRUE;
}

/* The letter's decision, and the letter where one is owed. */
static void add_letter(Bundle *commit, const Report *report, const Opinion *opinion, const ReportMessage *message)
{
	static const char *const words[] = {[LETTER_NONE] = "none", [LETTER_OWED] = "owed", [LETTER_WITHHELD] = "withheld"};
	static const char *const no_answer[] = {"All", NULL};
	LetterQuestion question = {.facts = opinion->facts, .envelope_from = message->envelope_from};
	question.suppress = opinion_wants_no_answer(opinion) ? no_answer : NULL;
	question.authenticated = message->authenticated;
	const char *reason = NULL;
	LetterDecision decision = letter_decide(&question, message->config, report->mailbox, &reason);
	Record *record = bundle_record(commit);
	record_add(record, "letter", words[decision]);
	record_add(record, "letter-reason", decision == LETTER_WITHHELD && reason != NULL ? reason : "-");
	record_add_uint(record, "delay", report->delay);
	if (decision != LETTER_OWED)
		return;
	g_autoptr(Record) letter = record_new();
	record_add(letter, "to", message->envelope_from);
	record_add(letter, "message-id", opinion->card != NULL ? record_get(opinion->card, "message-id") : "-");
	record_add(letter, "language", record_get(opinion->facts, "language"));
	bundle_add_record(commit, "letter", letter);
}

static void add_record(Record *record, const Report *report, const ReportMessage *message, const char *set)
{
	const SealResult *body = &report->sealed, *card = &report->sealed_card;
	record_add(record, "mailbox", report->mailbox->address);
	record_add_hex(record, "case", report->case_id, sizeof report->case_id);
	record_add_uint(record, "received", (guint64)message->received);
	record_add(record, "set", set);
	record_add(record, "payload", body->payload != NULL ? "inline" : "file");
	record_add_uint(record, "size", body->size);
	record_add_hex(record, "digest", body->digest, sizeof body->digest);
	record_add_hex(record, "card-digest", card->digest, sizeof card->digest);
	record_add_hex(record, "message-digest", message->message_digest, SEAL_DIGEST);
	record_add_hex(record, "key-check-body", body->key_check, sizeof body->key_check);
	record_add_hex(record, "key-check-card", card->key_check, sizeof card->key_check);
	record_add_hex(record, "body-check", body->body_check, sizeof body->body_check);
	if (message->queue_id != NULL && queue_id_is_one(message->queue_id))
		record_add(record, "queue-id", message->queue_id);
}

Bundle *report_commit(Report *report, const Opinion *opinion, const ReportMessage *message, const Bundle *readers)
{
	g_autoptr(Bundle) commit = bundle_new();
	const Record *answer = bundle_record(readers);
	const char *line;
	if (!record_check(answer, readers_schema, NULL) || !ensure_card(report, opinion, message))
		return NULL;
	add_record(bundle_record(commit), report, message, record_get(answer, "set"));
	if (report->sealed.payload != NULL)
		bundle_add(commit, "payload", report->sealed.payload);
	bundle_add(commit, "card", report->sealed_card.payload);
	bundle_add_record(commit, "facts", opinion->facts);
	add_letter(commit, report, opinion, message);
	for (guint i = 0; (line = record_get_nth(answer, "reader", i)) != NULL; i++)
		if (!add_headers(commit, report, line))
			return NULL;
	if (!add_addressee(commit, report, opinion, record_get(answer, "addressee")))
		return NULL;
	return g_steal_pointer(&commit);
}
