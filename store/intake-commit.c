/* SPDX-License-Identifier: ISC */
#include "store/intake-commit.h"

#include <string.h>

#include "base/finding.h"
#include "base/queue-id.h"
#include "store/outbox.h"

static const RecordField commit_schema[] = {
	{"mailbox", 1, 1},        {"case", 1, 1},           {"received", 1, 1},   {"set", 1, 1},
	{"payload", 1, 1},        {"size", 1, 1},           {"digest", 1, 1},     {"card-digest", 1, 1},
	{"message-digest", 1, 1}, {"key-check-body", 1, 1}, {"key-check-card", 1, 1},
	{"body-check", 1, 1},     {"queue-id", 0, 1},       {"letter", 1, 1},     {"letter-reason", 1, 1},
	{"delay", 1, 1},          {"addressee", 0, 1},      {NULL, 0, 0},
};

#define ADDRESSEE_PART "header/addressee"

#define AGE_CHUNK (SEAL_CHUNK + 16)
#define ONE_CHUNK_MAX (16 + AGE_CHUNK)
#define DELAY_MAX (7u * 24 * 3600)

static gboolean fail(GError **error, const char *what)
{
	g_set_error(error, RECORD_ERROR, RECORD_ERROR_VALUE, "a COMMIT %s", what);
	return FALSE;
}

/* FORMATS "Payload": 16 + n + 16 * max(1, ceil(n / 65536)) for some n of at least `least` octets of plaintext. */
static gboolean size_is_possible(guint64 size, guint64 least)
{
	if (size < 16 + 16)
		return FALSE;
	guint64 sealed = size - 16, chunks = (sealed + AGE_CHUNK - 1) / AGE_CHUNK;
	if (sealed < 16 * chunks + least)
		return FALSE;
	guint64 plain = sealed - 16 * chunks;
	return chunks == MAX(1, (plain + SEAL_CHUNK - 1) / SEAL_CHUNK);
}

/* The one form of a header here: a single X25519 stanza. 43 characters are 32 octets of unpadded base64. */
static gboolean header_has_the_form(const char *text, gsize size)
{
	static const char lines[] = "age-encryption.org/v1\n-> X25519 ###########################################\n"
	                            "###########################################\n"
	                            "--- ###########################################\n";
	if (size != sizeof lines - 1)
		return FALSE;
	for (gsize i = 0; i < size; i++) {
		gboolean base64 = g_ascii_isalnum(text[i]) || text[i] == '+' || text[i] == '/';
		if (lines[i] == '#' ? !base64 : text[i] != lines[i])
			return FALSE;
	}
	return TRUE;
}

void intake_commit_free(IntakeCommit *commit)
{
	if (commit == NULL)
		return;
	g_free(commit->mailbox);
	bundle_free(commit->bundle);
	record_free(commit->facts);
	record_free(commit->letter);
	g_free(commit->addressee);
	g_free(commit->redirect_to);
	record_free(commit->redirect_letter);
	g_array_unref(commit->headers);
	g_free(commit);
}

static gboolean read_numbers(IntakeCommit *commit, GError **error)
{
	const Record *r = bundle_record(commit->bundle);
	LedgerReport *report = &commit->report;
	guint64 received, delay;
	if (!record_get_hex(r, "case", report->case_id, sizeof report->case_id, error) ||
	    !record_get_uint(r, "received", G_MAXINT64 / 2, &received, error) ||
	    !record_get_hex(r, "set", report->reader_set, sizeof report->reader_set, error) ||
	    !record_get_uint(r, "size", G_MAXINT64 / 2, &report->size, error) ||
	    !record_get_hex(r, "digest", report->digest, sizeof report->digest, error) ||
	    !record_get_hex(r, "card-digest", report->card_digest, sizeof report->card_digest, error) ||
	    !record_get_hex(r, "message-digest", report->message_digest, sizeof report->message_digest, error) ||
	    !record_get_hex(r, "key-check-body", report->key_check_body, sizeof report->key_check_body, error) ||
	    !record_get_hex(r, "key-check-card", report->key_check_card, sizeof report->key_check_card, error) ||
	    !record_get_hex(r, "body-check", report->body_check, sizeof report->body_check, error) ||
	    !record_get_uint(r, "delay", DELAY_MAX, &delay, error))
		return FALSE;
	report->queue_id = record_get(r, "queue-id");
	if (report->queue_id != NULL && !queue_id_is_one(report->queue_id))
		return fail(error, "with a queue id that no MTA gives");
	report->received = (gint64)received;
	report->letter_due = report->received + (gint64)delay * G_USEC_PER_SEC;
	return TRUE;
}

static gboolean read_payload(IntakeCommit *commit, GError **error)
{
	const char *where = record_get(bundle_record(commit->bundle), "payload");
	LedgerReport *report = &commit->report;
	report->payload = bundle_part(commit->bundle, "payload");
	commit->in_file = strcmp(where, "file") == 0;
	if (!commit->in_file && strcmp(where, "inline") != 0)
		return fail(error, "whose payload is neither inline nor a file");
	if (commit->in_file == (report->payload != NULL))
		return fail(error, "whose payload is not where it says");
	if (!size_is_possible(report->size, SEAL_MINIMUM))
		return fail(error, "with a size that no sealed body has");
	if (report->payload == NULL)
		return TRUE;
	if (report->size > ONE_CHUNK_MAX || g_bytes_get_size(report->payload) != report->size)
		return fail(error, "with an inline payload of another size");
	return TRUE;
}

static gboolean read_card(IntakeCommit *commit, GError **error)
{
	LedgerReport *report = &commit->report;
	report->card = bundle_part(commit->bundle, "card");
	if (report->card == NULL)
		return fail(error, "without a card");
	gsize size = g_bytes_get_size(report->card);
	if (size > 2 * ONE_CHUNK_MAX || !size_is_possible(size, 1))
		return fail(error, "with a card of a size that no sealed card has");
	return TRUE;
}

static gboolean reason_is_word(const char *reason)
{
	gsize size = strlen(reason);
	return size > 0 && size <= 32 && strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789-") == size && reason[0] != '-';
}

/* An address that we would not hand to the MTA costs the letter, never the report. */
static gboolean read_letter(IntakeCommit *commit, GError **error)
{
	const Record *r = bundle_record(commit->bundle);
	const char *state = record_get(r, "letter"), *reason = record_get(r, "letter-reason");
	LedgerReport *report = &commit->report;
	gboolean owed = strcmp(state, "owed") == 0, withheld = strcmp(state, "withheld") == 0;
	if (!owed && !withheld && strcmp(state, "none") != 0)
		return fail(error, "with another letter than owed, withheld or none");
	if (withheld ? !reason_is_word(reason) : strcmp(reason, "-") != 0)
		return fail(error, "whose letter-reason does not fit its letter");
	if (owed != (bundle_part(commit->bundle, "letter") != NULL))
		return fail(error, "whose letter is not where it says");
	report->letter_state = withheld ? LEDGER_LETTER_WITHHELD : LEDGER_LETTER_NONE;
	report->letter_reason = withheld ? reason : NULL;
	if (!owed)
		return TRUE;
	commit->letter = bundle_part_record(commit->bundle, "letter", finding_letter_schema, error);
	if (commit->letter == NULL)
		return FALSE;
	if (outbox_address_is_safe(record_get(commit->letter, "to"))) {
		report->letter_state = LEDGER_LETTER_OWED;
		report->letter = commit->letter;
	} else {
		report->letter_state = LEDGER_LETTER_WITHHELD;
		report->letter_reason = "bad-address";
	}
	return TRUE;
}

static gboolean read_facts(IntakeCommit *commit, GError **error)
{
	commit->facts = bundle_part_record(commit->bundle, "facts", finding_facts_schema, error);
	commit->report.facts = commit->facts;
	return commit->facts != NULL && finding_check_facts(commit->facts, error);
}

/* header/body/NAME and header/card/NAME; every other part must be one that was read above. */
static gboolean read_headers(IntakeCommit *commit, GError **error)
{
	const char *name;
	GBytes *octets;
	for (guint i = 0; bundle_nth(commit->bundle, i, &name, &octets); i++) {
		gboolean body = g_str_has_prefix(name, "header/body/"), card = g_str_has_prefix(name, "header/card/");
		if (!body && !card) {
			if (strcmp(name, "payload") != 0 && strcmp(name, "card") != 0 && strcmp(name, "facts") != 0 &&
			    strcmp(name, "letter") != 0 && strcmp(name, ADDRESSEE_PART) != 0)
				return fail(error, "with a part that it does not have");
			continue;
		}
		LedgerHeader header = {name + strlen("header/body/"), body ? SEAL_PART_BODY : SEAL_PART_CARD, NULL, 0};
		header.text = g_bytes_get_data(octets, &header.size);
		if (header.reader[0] == '\0' || !header_has_the_form(header.text, header.size))
			return fail(error, "with a header of another form");
		g_array_append_val(commit->headers, header);
	}
	commit->report.headers = (const LedgerHeader *)(void *)commit->headers->data;
	commit->report.n_headers = commit->headers->len;
	return TRUE;
}

/* A header for law enforcement, and for whom it was made: both or neither, and only where the verdict is redirect. */
static gboolean read_addressee(IntakeCommit *commit, GError **error)
{
	const char *line = record_get(bundle_record(commit->bundle), "addressee");
	GBytes *header = bundle_part(commit->bundle, ADDRESSEE_PART);
	if ((line != NULL) != (header != NULL))
		return fail(error, "whose addressee and its header do not go together");
	if (line == NULL)
		return TRUE;
	gsize size;
	const char *text = g_bytes_get_data(header, &size);
	if (!header_has_the_form(text, size))
		return fail(error, "with a header of another form");
	if (strcmp(record_get(commit->facts, "verdict"), "redirect") != 0)
		return fail(error, "with an addressee for what is not redirected");
	commit->addressee = g_strdup(line);
	return TRUE;
}

void intake_commit_redirect(IntakeCommit *commit, const char *name, const char *mail)
{
	gsize size;
	const guchar *header = g_bytes_get_data(bundle_part(commit->bundle, ADDRESSEE_PART), &size);
	g_autofree char *encoded = g_base64_encode(header, size);
	commit->redirect_to = g_strdup(name);
	commit->redirect_letter = record_new();
	record_add(commit->redirect_letter, "to", mail);
	record_add(commit->redirect_letter, "message-id", "-");
	record_add(commit->redirect_letter, "language", "-");
	record_add(commit->redirect_letter, "purpose", "redirect");
	record_add(commit->redirect_letter, "header", encoded);
	commit->report.redirect_to = commit->redirect_to;
	commit->report.redirect_letter = commit->redirect_letter;
}

IntakeCommit *intake_commit_read(const void *body, gsize size, GError **error)
{
	g_autoptr(IntakeCommit) commit = g_new0(IntakeCommit, 1);
	commit->report.fd = -1;
	commit->headers = g_array_new(FALSE, FALSE, sizeof(LedgerHeader));
	commit->bundle = bundle_read(body, size, commit_schema, error);
	if (commit->bundle == NULL || !read_numbers(commit, error) || !read_payload(commit, error) ||
	    !read_card(commit, error) || !read_facts(commit, error) || !read_letter(commit, error) ||
	    !read_headers(commit, error) || !read_addressee(commit, error))
		return NULL;
	commit->mailbox = g_strdup(record_get(bundle_record(commit->bundle), "mailbox"));
	return g_steal_pointer(&commit);
}

static guint count_headers(const IntakeCommit *commit, const char *reader, SealPart part)
{
	guint n = 0;
	for (guint i = 0; i < commit->report.n_headers; i++) {
		const LedgerHeader *header = &commit->report.headers[i];
		n += header->part == part && strcmp(header->reader, reader) == 0;
	}
	return n;
}

gboolean intake_commit_check_readers(const IntakeCommit *commit, const GPtrArray *readers, GError **error)
{
	guint expected = 0;
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(readers, i);
		guint cards = reader->card != NULL ? 1 : 0;
		if (count_headers(commit, reader->name, SEAL_PART_BODY) != 1 ||
		    count_headers(commit, reader->name, SEAL_PART_CARD) != cards)
			return fail(error, "that leaves a reader out");
		expected += 1 + cards;
	}
	return expected == commit->report.n_headers || fail(error, "with a header of somebody who is no reader");
}
