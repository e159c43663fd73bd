/* SPDX-License-Identifier: ISC */
/* A report on its way into the books: what can be done before the writer's turn is done in the caller's thread. */
#include <sodium.h>
#include <string.h>

#include "base/finding.h"
#include "store/ledger-private.h"

/* A COMMIT's budget is two minutes; a moment far off is a clock that does not go with ours. */
#define RECEIVED_PAST ((gint64)3600 * G_USEC_PER_SEC)
#define ADDED_PAST ((gint64)3660 * ENTRY_DAY * G_USEC_PER_SEC) /* by an officer: what lay there for long is entered too */
#define RECEIVED_FUTURE ((gint64)300 * G_USEC_PER_SEC)
#define CHUNK_PAYLOAD (16 + SEAL_CHUNK + 16) /* a payload of one chunk at its largest (FORMATS "Payload") */

typedef struct {
	guint8 part;
	guint8 recipient[CUSTODY_ID];
	GBytes *blob;
} HeaderRow;

typedef struct {
	LedgerJob job;
	const LedgerReport *report;
	GPtrArray *in_force; /* everybody who gets headers */
	GPtrArray *readers;  /* those of them that the headers were made for */
	guint8 set[32];     /* and their digest: another one by now is STALE */
	GArray *headers;    /* HeaderRow */
	LedgerOutcome outcome;
} ReportJob;

/* --- in the caller's thread --------------------------------------------------------------------------------------- */

static gboolean digest_is(GBytes *octets, const guint8 digest[SEAL_DIGEST])
{
	guint8 got[SEAL_DIGEST];
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	crypto_generichash(got, sizeof got, data, size, NULL, 0);
	return memcmp(got, digest, sizeof got) == 0;
}

static gboolean check_form(Ledger *ledger, const LedgerReport *report, GError **error)
{
	gint64 now = ledger->now();
	if (!finding_check_facts(report->facts, error))
		return FALSE;
	gint64 past = report->added != NULL ? ADDED_PAST : RECEIVED_PAST;
	if (report->received > now + RECEIVED_FUTURE || report->received < now - past)
		return ledger_fail(error, LEDGER_ERROR_CLOCK, "a report's moment does not go with the clock");
	if (report->payload != NULL &&
	    (g_bytes_get_size(report->payload) != report->size || report->size > CHUNK_PAYLOAD ||
	     !digest_is(report->payload, report->digest)))
		return ledger_fail(error, LEDGER_ERROR_FORM, "a payload that is not of the size or Digest that was said");
	if (report->card == NULL || !digest_is(report->card, report->card_digest))
		return ledger_fail(error, LEDGER_ERROR_FORM, "a card that is not of the Digest that was said");
	if (report->letter_state == LEDGER_LETTER_OWED && report->letter == NULL)
		return ledger_fail(error, LEDGER_ERROR_FORM, "a letter that is owed and missing");
	if (report->letter_state == LEDGER_LETTER_OWED && !record_check(report->letter, finding_letter_schema, error))
		return FALSE;
	if (report->letter_state == LEDGER_LETTER_WITHHELD && report->letter_reason == NULL)
		return ledger_fail(error, LEDGER_ERROR_FORM, "a letter that is withheld without a reason");
	return TRUE;
}

static const LedgerHeader *find_header(const LedgerReport *report, const char *reader, SealPart part)
{
	for (guint i = 0; i < report->n_headers; i++)
		if (report->headers[i].part == part && strcmp(report->headers[i].reader, reader) == 0)
			return &report->headers[i];
	return NULL;
}

static gboolean wrap(ReportJob *job, const Ledger *ledger, const PeoplePerson *reader, SealPart part,
                     const char *recipient, GError **error)
{
	const LedgerHeader *header = find_header(job->report, reader->name, part);
	if (header == NULL)
		return ledger_fail(error, LEDGER_ERROR_FORM, "a report without a header for %s", reader->name);
	const CustodyPlace place = {ledger->store_id, job->report->case_id, (guint8)part, recipient, 1};
	HeaderRow row = {.part = (guint8)part};
	custody_recipient_id(recipient, row.recipient);
	row.blob = custody_header_wrap(ledger->custody_key, &place, header->text, header->size);
	g_array_append_val(job->headers, row);
	return TRUE;
}

/* Every reader in force has a header of the body, and of the card unless she is a recovery; nobody else has one. */
static gboolean wrap_headers(ReportJob *job, const Ledger *ledger, GError **error)
{
	for (guint i = 0; i < job->readers->len; i++) {
		const PeoplePerson *reader = job->readers->pdata[i];
		if (!wrap(job, ledger, reader, SEAL_PART_BODY, reader->body, error) ||
		    (reader->card != NULL && !wrap(job, ledger, reader, SEAL_PART_CARD, reader->card, error)))
			return FALSE;
	}
	return job->headers->len == job->report->n_headers ||
	       ledger_fail(error, LEDGER_ERROR_FORM, "a report with a header for somebody who is no reader");
}

/* --- in the writer's ---------------------------------------------------------------------------------------------- */

static const char *letter_word(LedgerLetter letter)
{
	return letter == LEDGER_LETTER_OWED ? "owed" : letter == LEDGER_LETTER_WITHHELD ? "withheld" : "none";
}

/* From the id to the readers: what a report's record and that of an answer have in common. */
static void add_message(Record *record, const LedgerReport *report, const GPtrArray *readers, gint64 now)
{
	const char *key, *value;
	record_add_hex(record, "case", report->case_id, sizeof report->case_id);
	record_add_uint(record, "time", (guint64)now);
	record_add_uint(record, "received", (guint64)report->received);
	for (guint i = 0; record_line(report->facts, i, &key, &value); i++)
		record_add(record, key, value);
	record_add_uint(record, "size", report->size);
	record_add_hex(record, "digest", report->digest, sizeof report->digest);
	record_add_uint(record, "card-size", g_bytes_get_size(report->card));
	record_add_hex(record, "card-digest", report->card_digest, sizeof report->card_digest);
	record_add_hex(record, "key-check-body", report->key_check_body, sizeof report->key_check_body);
	record_add_hex(record, "key-check-card", report->key_check_card, sizeof report->key_check_card);
	record_add_hex(record, "body-check", report->body_check, sizeof report->body_check);
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		record_add_printf(record, "reader", "%s %s", reader->name, reader->role);
	}
}

static Record *make_record(const LedgerReport *report, const GPtrArray *readers, const char *number, gint64 now)
{
	Record *record = record_new();
	record_add(record, "number", number);
	add_message(record, report, readers, now);
	record_add(record, "letter", letter_word(report->letter_state));
	record_add(record, "letter-reason", report->letter_state == LEDGER_LETTER_WITHHELD ? report->letter_reason : "-");
	const char *key, *value;
	for (guint i = 0; report->added != NULL && record_line(report->added, i, &key, &value); i++)
		record_add(record, key, value);
	return record;
}

gboolean ledger_payload_insert(Database *custody, guint64 seq, SealPart part, GBytes *payload, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(payload, &size);
	return database_run(custody, error, "INSERT INTO payload(seq, part, blob) VALUES(?, ?, ?)", "iib", (gint64)seq,
	                    (gint64)part, data, size);
}

static gboolean insert_objects(LedgerGroup *group, const ReportJob *job, guint64 seq, GError **error)
{
	Database *custody = group->ledger->custody;
	for (guint i = 0; i < job->headers->len; i++) {
		const HeaderRow *row = &g_array_index(job->headers, HeaderRow, i);
		gsize size;
		const void *blob = g_bytes_get_data(row->blob, &size);
		if (!database_run(custody, error,
		                  "INSERT INTO header(seq, part, recipient, version, blob) VALUES(?, ?, ?, 1, ?)", "iibb",
		                  (gint64)seq, (gint64)row->part, row->recipient, sizeof row->recipient, blob, size))
			return FALSE;
	}
	if (!ledger_payload_insert(custody, seq, SEAL_PART_CARD, job->report->card, error))
		return FALSE;
	if (job->report->payload != NULL)
		return ledger_payload_insert(custody, seq, SEAL_PART_BODY, job->report->payload, error);
	LedgerLink link = {.fd = job->report->fd};
	memcpy(link.case_id, job->report->case_id, sizeof link.case_id);
	g_array_append_val(group->links, link);
	return TRUE;
}

/* The same message once more: no number, no letter; the payload goes with its descriptor. */
static gboolean apply_retry(LedgerGroup *group, ReportJob *job, guint64 first, GError **error)
{
	const Entry entry = {.kind = ENTRY_RETRY, .concerns = first};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "received", (guint64)job->report->received);
	record_add_uint(record, "case", first);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_RETRY, record, error);
	if (octets == NULL || !ledger_group_add(group, &entry, octets, NULL, error))
		return FALSE;
	g_autoptr(GError) inner = NULL;
	g_autoptr(LedgerCase) c = ledger_case_load(group->ledger, first, &inner);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	job->outcome = LEDGER_RETRIED;
	if (!ledger_queue_remember(group, job->report->queue_id, error))
		return FALSE;
	if (c == NULL) /* the cache lacks it; the entry stands, and says all that the cache would */
		return TRUE;
	c->retries++;
	return ledger_case_update(group, c, group->tree.size - 1, error);
}

static LedgerCase *make_case(LedgerGroup *group, const LedgerReport *report, GError **error)
{
	g_autoptr(LedgerCase) c = g_new0(LedgerCase, 1);
	c->seq = group->tree.size;
	memcpy(c->case_id, report->case_id, sizeof c->case_id);
	c->aside = finding_is_aside(report->facts);
	/* What an officer adds late gets a number of the year in which it is entered: that of its own may be closed and laced. */
	c->year = ledger_year(group->ledger, report->added != NULL ? group->now : report->received);
	c->received = report->received;
	c->facts = ledger_record_copy(report->facts);
	c->state = g_strdup("new");
	c->ack_state = g_strdup(report->letter_state == LEDGER_LETTER_OWED       ? "queued"
	                        : report->letter_state == LEDGER_LETTER_WITHHELD ? "withheld"
	                                                                         : "none");
	c->ack_reason = report->letter_state == LEDGER_LETTER_WITHHELD ? g_strdup(report->letter_reason) : NULL;
	c->size = report->size;
	c->card_size = g_bytes_get_size(report->card);
	if (!ledger_number_next(group->ledger, c->year, c->aside, &c->number, error))
		return NULL;
	return g_steal_pointer(&c);
}

static gboolean case_id_is_used(LedgerGroup *group, const guint8 case_id[SEAL_CASE], gboolean *used, GError **error)
{
	gint64 seq;
	for (guint i = 0; i < group->entries->len; i++) {
		const LedgerNew *new = &g_array_index(group->entries, LedgerNew, i);
		if (new->is_case && memcmp(new->case_id, case_id, SEAL_CASE) == 0)
			return *used = TRUE;
	}
	if (!database_number(group->ledger->books, error, &seq, -1, "SELECT seq FROM \"case\" WHERE id=?", "b", case_id,
	                     (gsize)SEAL_CASE))
		return FALSE;
	*used = seq >= 0;
	return TRUE;
}

/* The entry that was just added has an id of its own, under which its parts are sealed. */
static void name_object(LedgerGroup *group, const LedgerReport *report)
{
	LedgerNew *new = &g_array_index(group->entries, LedgerNew, group->entries->len - 1);
	new->is_case = TRUE;
	memcpy(new->case_id, report->case_id, sizeof new->case_id);
}

/* With the report and in its commit: it is never half on its way, and never twice. */
static gboolean add_redirect(LedgerGroup *group, const LedgerReport *report, guint64 case_seq, const Record *record,
                             GError **error)
{
	const Entry entry = {.kind = ENTRY_REDIRECTED, .concerns = ENTRY_NOTHING};
	guint64 seq = group->tree.size;
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_REDIRECTED, record, error);
	return octets != NULL && ledger_group_add(group, &entry, octets, NULL, error) &&
	       ledger_letter_insert(group, seq, case_seq, report->redirect_letter, NULL, group->now, error);
}

/* What the register says of it, and its case with it. */
static Record *make_redirect(const LedgerGroup *group, const LedgerReport *report, LedgerCase *c)
{
	if (report->redirect_to == NULL)
		return NULL;
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "case", c->seq);
	record_add(record, "act", "automatic");
	record_add(record, "to", report->redirect_to);
	record_add(record, "by", "age");
	ledger_case_redirect(c, c->seq + 1, record);
	return record;
}

/* In the commit that registers it: the old case knows what became of its message, or there is no new one. */
static gboolean add_split(LedgerGroup *group, const LedgerReport *report, guint64 to, GError **error)
{
	const Entry entry = {.kind = ENTRY_SPLIT, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add(record, "officer", record_get(report->added, "officer"));
	record_add_uint(record, "case", report->split_case);
	record_add_uint(record, "message", report->split_message);
	record_add_uint(record, "to", to);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_SPLIT, record, error);
	return octets != NULL && ledger_group_add(group, &entry, octets, NULL, error);
}

static gboolean add_report(LedgerGroup *group, ReportJob *job, LedgerCase *c, const Record *record, GBytes *octets,
                           GError **error)
{
	const LedgerReport *report = job->report;
	Entry entry = {.kind = ENTRY_RECEIVED, .concerns = ENTRY_NOTHING};
	memcpy(entry.object, report->digest, sizeof entry.object);
	if (!ledger_group_add(group, &entry, octets, NULL, error))
		return FALSE;
	name_object(group, report);
	g_autoptr(Record) redirect = make_redirect(group, report, c);
	return insert_objects(group, job, c->seq, error) && ledger_case_insert(group, c, error) &&
	       ledger_number_insert(group->ledger, c, c->seq, error) &&
	       ledger_retry_remember(group, report->message_digest, c->seq, error) &&
	       ledger_queue_remember(group, report->queue_id, error) &&
	       ledger_notice_watch(group, report->facts, c->seq, c->seq, error) &&
	       ledger_exclusion_note(group, record, job->in_force, c->seq, c->seq, error) &&
	       (report->letter_state != LEDGER_LETTER_OWED ||
	        ledger_letter_insert(group, c->seq, c->seq, report->letter, NULL, report->letter_due, error)) &&
	       (redirect == NULL || add_redirect(group, report, c->seq, redirect, error)) &&
	       (report->split_case == 0 || add_split(group, report, c->seq, error));
}

static gboolean same_readers(const GPtrArray *a, const GPtrArray *b)
{
	gboolean same = a->len == b->len;
	for (guint i = 0; same && i < a->len; i++)
		same = strcmp(((const PeoplePerson *)a->pdata[i])->name, ((const PeoplePerson *)b->pdata[i])->name) == 0;
	return same;
}

/* An answer to a letter of ours: no number, no letter, but an entry of that letter's case. */
static gboolean apply_followup(LedgerGroup *group, ReportJob *job, LedgerCase *c, const LedgerAnswers *answers, GError **error)
{
	const LedgerReport *report = job->report;
	guint64 seq = group->tree.size;
	Entry entry = {.kind = ENTRY_FOLLOWUP, .concerns = ENTRY_NOTHING};
	memcpy(entry.object, report->digest, sizeof entry.object);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "of", c->seq);
	if (c->last != 0)
		record_add_uint(record, "previous", c->last);
	else
		record_add(record, "previous", "-");
	add_message(record, report, job->readers, group->now);
	ledger_add_answers(record, answers, report->facts, ledger_case_flooded(c, group->now));
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_FOLLOWUP, record, &job->job.error);
	if (octets == NULL)
		return TRUE;
	if (!ledger_group_add(group, &entry, octets, NULL, error))
		return FALSE;
	name_object(group, report);
	ledger_case_followed(c, seq, group->now, record);
	job->outcome = LEDGER_FOLLOWED;
	return insert_objects(group, job, seq, error) && ledger_case_update(group, c, seq, error) &&
	       ledger_retry_remember(group, report->message_digest, seq, error) &&
	       ledger_queue_remember(group, report->queue_id, error) &&
	       ledger_notice_watch(group, report->facts, seq, c->seq, error) &&
	       ledger_exclusion_note(group, record, job->in_force, seq, c->seq, error);
}

/* A trustee's address is dead: his day's mail has come back. That is all there is to know of it, every day anew: nothing of the
 * bounce is kept, and nobody has to look at it (doctor says which address). */
static gboolean apply_returned(LedgerGroup *group, ReportJob *job, guint64 asked, const char *trustee, GError **error)
{
	guint64 seq = group->tree.size;
	const Entry entry = {.kind = ENTRY_WITNESSED, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add(record, "act", "returned");
	record_add(record, "trustee", trustee);
	record_add_uint(record, "of", asked);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_WITNESSED, record, error);
	job->outcome = LEDGER_FOLLOWED;
	return octets != NULL && ledger_group_add(group, &entry, octets, NULL, error) &&
	       ledger_retry_remember(group, job->report->message_digest, seq, error) &&
	       ledger_queue_remember(group, job->report->queue_id, error);
}

static gboolean apply_new(LedgerGroup *group, ReportJob *job, GError **error)
{
	const LedgerReport *report = job->report;
	g_autoptr(LedgerCase) c = make_case(group, report, error);
	if (c == NULL)
		return FALSE;
	g_autofree char *number = ledger_number_text(c->year, c->aside, c->number);
	g_autoptr(Record) record = make_record(report, job->readers, number, group->now);
	g_autoptr(GBytes) octets = ledger_record_octets(ENTRY_RECEIVED, record, &job->job.error);
	if (octets == NULL)
		return TRUE;
	job->outcome = LEDGER_REGISTERED;
	return add_report(group, job, c, record, octets, error);
}

static gboolean apply_report(LedgerGroup *group, LedgerJob *base, GError **error)
{
	ReportJob *job = (ReportJob *)base;
	const LedgerReport *report = job->report;
	guint64 first, asked;
	gboolean used;
	g_autofree char *trustee = NULL;
	/* Somebody was blocked or came while the report waited: no header may be one too many or too few. */
	if (!ledger_readers_are(group->ledger, job->set)) {
		job->outcome = LEDGER_STALE;
		return TRUE;
	}
	if (!ledger_retry_find(group, report->message_digest, &first, error))
		return FALSE;
	if (first != LEDGER_NOTHING)
		return apply_retry(group, job, first, error);
	if (!case_id_is_used(group, report->case_id, &used, error))
		return FALSE;
	if (used)
		return ledger_refuse(base, LEDGER_ERROR_FORM, "a case id that another message has already");
	g_autoptr(LedgerCase) referred = NULL;
	LedgerAnswers answers;
	if (!ledger_referred_case(group->ledger, report->facts, &referred, &answers, error))
		return FALSE;
	/* The case was given to somebody, or taken from her, while its answer waited. */
	g_autoptr(GPtrArray) readers = ledger_readers_less(job->in_force, referred, report->facts);
	if (!same_readers(readers, job->readers)) {
		job->outcome = LEDGER_STALE;
		return TRUE;
	}
	if (referred != NULL)
		return apply_followup(group, job, referred, &answers, error);
	if (!ledger_referred_checkpoint(group->ledger, report->facts, &asked, &trustee, error))
		return FALSE;
	return trustee != NULL ? apply_returned(group, job, asked, trustee, error) : apply_new(group, job, error);
}

/* --- the call ----------------------------------------------------------------------------------------------------- */

static void header_row_clear(gpointer data)
{
	g_bytes_unref(((HeaderRow *)data)->blob);
}

/* Step 1 of FORMATS "Order of a commit" happens here, so that the syncs of reports that come together overlap. */
static gboolean prepare(Ledger *ledger, ReportJob *job, GError **error)
{
	const LedgerReport *report = job->report;
	if (!check_form(ledger, report, error))
		return FALSE;
	job->in_force = ledger_readers(ledger, job->set, error);
	if (job->in_force == NULL)
		return FALSE;
	if (memcmp(job->set, report->reader_set, sizeof job->set) != 0) {
		job->outcome = LEDGER_STALE;
		return TRUE;
	}
	job->readers = ledger_readers_for(ledger, report->facts, job->set, error);
	return job->readers != NULL && wrap_headers(job, ledger, error) &&
	       (report->payload != NULL || vault_sync_file(ledger->vault, report->fd, report->size, error));
}

LedgerOutcome ledger_register(Ledger *ledger, const LedgerReport *report, GError **error)
{
	ReportJob job = {.job = {.apply = apply_report, .appends = TRUE}, .report = report, .outcome = LEDGER_FAILED};
	GError *inner = NULL;
	job.headers = g_array_new(FALSE, FALSE, sizeof(HeaderRow));
	g_array_set_clear_func(job.headers, header_row_clear);
	g_mutex_lock(&ledger->mutex);
	ledger->report_at = g_get_monotonic_time();
	g_mutex_unlock(&ledger->mutex);
	job.job.weight = (report->payload != NULL ? report->size : 0) + 16384;
	gboolean done = prepare(ledger, &job, &inner);
	if (done && job.outcome != LEDGER_STALE)
		done = ledger_run(ledger, &job.job, &inner);
	g_array_unref(job.headers);
	g_clear_pointer(&job.in_force, g_ptr_array_unref);
	g_clear_pointer(&job.readers, g_ptr_array_unref);
	if (done)
		return job.outcome;
	ledger_translate(&inner);
	g_propagate_error(error, inner);
	return LEDGER_FAILED;
}
