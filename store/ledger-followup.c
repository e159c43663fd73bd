/* SPDX-License-Identifier: ISC */
/* Answers to our letters: which case a reference names, who reads an answer, and a case's messages in order. */
#include <sodium.h>
#include <string.h>

#include "base/finding.h"
#include "store/ledger-private.h"
#include "store/letter-token.h"

/* --- which case --------------------------------------------------------------------------------------------------- */

static void token_keys_free(GArray *keys)
{
	sodium_memzero(keys->data, (gsize)keys->len * CUSTODY_KEY);
	g_array_unref(keys);
}

/* The keys by which letters name their case: today's, and those of custody keys that were replaced. */
static GArray *token_keys(Ledger *ledger, GError **error)
{
	typedef struct {
		guint8 octets[CUSTODY_KEY];
	} Key;
	Key key;
	GArray *keys = g_array_new(FALSE, TRUE, sizeof key);
	custody_derive(ledger->custody_key, ledger->store_id, CUSTODY_MESSAGE_ID, key.octets);
	g_array_append_val(keys, key);
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT id, key FROM token ORDER BY id DESC", "");
	int more = row != NULL ? database_next(ledger->custody, row, error) : -1;
	for (; more == 1; more = database_next(ledger->custody, row, error)) {
		guint64 id = (guint64)sqlite3_column_int64(row, 0);
		g_autoptr(GBytes) plain = ledger_unseal(ledger, CUSTODY_OPENING, "token", id, row, 1, error);
		if (plain == NULL || g_bytes_get_size(plain) != sizeof key) {
			if (plain != NULL)
				ledger_fail(error, LEDGER_ERROR_DATABASE, "a key of old letters in custody.db is of another size");
			database_done(row);
			more = -1;
			break;
		}
		memcpy(&key, g_bytes_get_data(plain, NULL), sizeof key);
		g_array_append_val(keys, key);
	}
	sodium_memzero(&key, sizeof key);
	if (more == 0)
		return keys;
	token_keys_free(keys);
	return NULL;
}

static const guint8 *key_at(const GArray *keys, guint i)
{
	return (const guint8 *)keys->data + (gsize)i * CUSTODY_KEY;
}

/* The case with that id, or NULL without *error: another mailbox's, or one that is gone. */
static LedgerCase *case_of_id(Ledger *ledger, const guint8 case_id[SEAL_CASE], GError **error)
{
	gint64 seq;
	if (!database_number(ledger->books, error, &seq, -1, "SELECT seq FROM \"case\" WHERE id=?", "b", case_id,
	                     (gsize)SEAL_CASE))
		return NULL;
	return seq >= 0 ? ledger_case_load(ledger, (guint64)seq, error) : NULL;
}

static LedgerCase *case_of_token(Ledger *ledger, const GArray *keys, const char *token, LedgerAnswers *answers, GError **error)
{
	guint8 case_id[SEAL_CASE];
	guint32 letter;
	LedgerCase *c = NULL;
	GError *inner = NULL;
	for (guint i = 0; c == NULL && inner == NULL && i < keys->len; i++) {
		gboolean by_letter = letter_token_read(key_at(keys, i), token, case_id, &letter);
		if (by_letter || letter_token_read_reply(key_at(keys, i), token, case_id))
			c = case_of_id(ledger, case_id, &inner);
		if (c != NULL && by_letter && letter_token_kind(letter) != NULL)
			*answers = (LedgerAnswers){letter_token_kind(letter), letter_token_entry(letter)};
	}
	if (inner != NULL)
		g_propagate_error(error, inner);
	return c;
}

/* "2026/17-WORD": the number is no secret, the word is. */
static LedgerCase *case_of_word(Ledger *ledger, const GArray *keys, const char *reference, GError **error)
{
	guint year, number;
	gboolean aside;
	gint64 seq;
	const char *dash = strrchr(reference, '-');
	g_autofree char *text = dash != NULL ? g_strndup(reference, (gsize)(dash - reference)) : NULL;
	if (text == NULL || !ledger_number_parse(text, &year, &aside, &number) ||
	    !database_number(ledger->custody, error, &seq, -1, "SELECT seq FROM number WHERE year=? AND aside=? AND number=?",
	                     "iii", (gint64)year, (gint64)aside, (gint64)number))
		return NULL;
	g_autoptr(LedgerCase) c = seq > 0 ? ledger_case_load(ledger, (guint64)seq, error) : NULL;
	for (guint i = 0; c != NULL && i < keys->len; i++)
		if (letter_token_is_word(key_at(keys, i), c->case_id, dash + 1))
			return g_steal_pointer(&c);
	return NULL;
}

gboolean ledger_referred_case(Ledger *ledger, const Record *facts, LedgerCase **found, LedgerAnswers *answers, GError **error)
{
	const char *reference;
	LedgerAnswers letter = {"-", 0};
	GError *inner = NULL;
	*found = NULL;
	if (answers != NULL)
		*answers = letter;
	if (record_count(facts, "reference") == 0)
		return TRUE;
	GArray *keys = token_keys(ledger, error);
	if (keys == NULL)
		return FALSE;
	for (guint i = 0; *found == NULL && inner == NULL && (reference = record_get_nth(facts, "reference", i)) != NULL; i++)
		*found = strchr(reference, '/') != NULL ? case_of_word(ledger, keys, reference, &inner)
		                                        : case_of_token(ledger, keys, reference, &letter, &inner);
	token_keys_free(keys);
	if (answers != NULL)
		*answers = letter;
	if (inner == NULL)
		return TRUE;
	g_propagate_error(error, inner);
	return FALSE;
}

static gboolean is_bounce(const Record *facts)
{
	return g_strcmp0(record_get(facts, "automatic"), "bounce") == 0;
}

/* The trustee to whom the letter of that entry went (transfer full), NULL without *error: it is no such letter. */
static char *trustee_of(Ledger *ledger, guint64 seq, GError **error)
{
	guint8 data[ENTRY_SIZE];
	Entry entry;
	if (seq >= ledger->tree.size)
		return NULL;
	if (!ledger_entry_data(ledger, seq, data, error) || !entry_decode(data, &entry, error) || entry.kind != ENTRY_WITNESSED)
		return NULL;
	g_autoptr(Record) record = ledger_opened_record(ledger, seq, error);
	return record != NULL && g_strcmp0(record_get(record, "act"), "asked") == 0 ? g_strdup(record_get(record, "trustee")) : NULL;
}

gboolean ledger_referred_checkpoint(Ledger *ledger, const Record *facts, guint64 *asked, char **trustee, GError **error)
{
	const char *reference;
	guint8 none[SEAL_CASE];
	guint32 letter;
	GError *inner = NULL;
	*asked = 0;
	*trustee = NULL;
	if (!is_bounce(facts) || record_count(facts, "reference") == 0)
		return TRUE;
	GArray *keys = token_keys(ledger, error);
	if (keys == NULL)
		return FALSE;
	for (guint i = 0; *trustee == NULL && inner == NULL && (reference = record_get_nth(facts, "reference", i)) != NULL; i++)
		for (guint k = 0; *trustee == NULL && inner == NULL && k < keys->len; k++)
			if (letter_token_read(key_at(keys, k), reference, none, &letter) && g_strcmp0(letter_token_kind(letter), "notice") == 0) {
				*asked = letter_token_entry(letter);
				*trustee = trustee_of(ledger, *asked, &inner);
			}
	token_keys_free(keys);
	if (inner == NULL)
		return TRUE;
	g_propagate_error(error, inner);
	return FALSE;
}

/* --- who reads it ------------------------------------------------------------------------------------------------- */

static void add_names(Record *names, const LedgerCase *c, const char *name)
{
	if (c->granted == NULL || !g_strv_contains((const char *const *)c->granted, name))
		record_add(names, "named", name);
}

/* Whom the case is about, from whom it was withheld, less to whom it was granted; and whom this message is about, whatever
 * was granted before anybody knew of it. */
GPtrArray *ledger_readers_less(const GPtrArray *readers, const LedgerCase *c, const Record *facts)
{
	const char *name;
	g_autoptr(Record) names = record_new();
	for (guint i = 0; (name = record_get_nth(facts, "named", i)) != NULL; i++)
		record_add(names, "named", name);
	for (guint i = 0; c != NULL && (name = record_get_nth(c->facts, "named", i)) != NULL; i++)
		add_names(names, c, name);
	for (char **other = c != NULL ? c->withheld : NULL; other != NULL && *other != NULL; other++)
		add_names(names, c, *other);
	return people_unnamed(readers, names);
}

typedef struct {
	LedgerJob job;
	const Record *facts;
	LedgerCase *found;
} ReferJob;

static gboolean step_refer(Ledger *ledger, LedgerJob *base)
{
	ReferJob *job = (ReferJob *)base;
	(void)ledger_referred_case(ledger, job->facts, &job->found, NULL, &base->error);
	return TRUE;
}

GPtrArray *ledger_readers_for(Ledger *ledger, const Record *facts, guint8 set[32], GError **error)
{
	ReferJob job = {.job = {.step = step_refer}, .facts = facts};
	g_autoptr(GPtrArray) readers = ledger_readers(ledger, set, error);
	if (readers == NULL)
		return NULL;
	gboolean good = record_count(facts, "reference") == 0 || ledger_run(ledger, &job.job, error);
	g_autoptr(LedgerCase) c = job.found;
	return good ? ledger_readers_less(readers, c, facts) : NULL;
}

/* --- what it does to its case ------------------------------------------------------------------------------------- */

gboolean ledger_record_has_reader(const Record *record, const char *name)
{
	const char *reader;
	gsize size = strlen(name);
	for (guint i = 0; (reader = record_get_nth(record, "reader", i)) != NULL; i++)
		if (strncmp(reader, name, size) == 0 && reader[size] == ' ')
			return TRUE;
	return FALSE;
}

gboolean ledger_case_flooded(const LedgerCase *c, gint64 now)
{
	return c->day == now / LEDGER_DAY_US && c->today >= LEDGER_FLOOD;
}

void ledger_add_answers(Record *record, const LedgerAnswers *answers, const Record *facts, gboolean flood)
{
	record_add(record, "answers", answers->kind);
	record_add_bool(record, "flood", flood);
	if (is_bounce(facts) && (strcmp(answers->kind, "redirect") == 0 || strcmp(answers->kind, "letter") == 0))
		record_add_uint(record, "returned", answers->entry);
}

/* A bounce of a notice to an officer says nothing of the acknowledgement; one of an officer's letter is that letter's; one
 * of a letter to law enforcement is that redirection's, unless the case was redirected once more meanwhile, or it was wrong. */
static void come_back(LedgerCase *c, const Record *record)
{
	guint64 letter;
	const char *answers = record_get(record, "answers");
	if (g_strcmp0(answers, "notice") == 0)
		return;
	if (g_strcmp0(answers, "letter") == 0) {
		ledger_case_post_returned(c, record);
		return;
	}
	if (g_strcmp0(answers, "redirect") != 0) {
		g_free(c->ack_state);
		g_clear_pointer(&c->ack_reason, g_free);
		c->ack_state = g_strdup("bounced");
	} else if (c->redirected != NULL && strcmp(c->redirected, "wrong") != 0 &&
	           record_get_uint(record, "returned", G_MAXUINT32, &letter, NULL) && letter == letter_token_entry(c->redirection)) {
		g_free(c->redirected);
		c->redirected = g_strdup("returned");
	}
}

void ledger_case_followed(LedgerCase *c, guint64 seq, gint64 now, const Record *record)
{
	const char *name;
	c->today = c->day == now / LEDGER_DAY_US ? c->today + 1 : 1;
	c->day = now / LEDGER_DAY_US;
	c->followups++;
	c->last = seq;
	if (is_bounce(record))
		come_back(c, record);
	else
		c->news = seq;
	/* Whom an answer accuses the case is kept from, unless nobody else could read it: then the record names her a reader. */
	for (guint i = 0; (name = record_get_nth(record, "named", i)) != NULL; i++)
		if (!ledger_record_has_reader(record, name))
			ledger_case_withhold(c, name);
}

/* --- a case's messages -------------------------------------------------------------------------------------------- */

void ledger_message_free(LedgerMessage *message)
{
	if (message == NULL)
		return;
	record_free(message->facts);
	g_free(message->answers);
	g_free(message);
}

static LedgerMessage *read_message(guint64 seq, const Record *record, GError **error)
{
	const char *key, *value;
	guint64 received, previous = 0;
	g_autoptr(LedgerMessage) m = g_new0(LedgerMessage, 1);
	m->seq = seq;
	if (!record_get_hex(record, "case", m->case_id, sizeof m->case_id, error) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, error) ||
	    !record_get_uint(record, "of", G_MAXINT64, &m->of, error) ||
	    !record_get_uint(record, "size", G_MAXINT64, &m->size, error) ||
	    !record_get_uint(record, "card-size", G_MAXINT64, &m->card_size, error) ||
	    (strcmp(record_get(record, "previous"), "-") != 0 &&
	     !record_get_uint(record, "previous", G_MAXINT64, &previous, error)))
		return NULL;
	m->received = (gint64)received;
	m->previous = previous;
	m->flood = strcmp(record_get(record, "flood"), "yes") == 0;
	m->answers = g_strdup(record_get(record, "answers"));
	m->facts = record_new();
	for (guint i = 0; record_line(record, i, &key, &value); i++)
		for (const RecordField *fact = finding_facts_schema; fact->key != NULL; fact++)
			if (strcmp(fact->key, key) == 0)
				record_add(m->facts, key, value);
	return g_steal_pointer(&m);
}

typedef struct {
	LedgerJob job;
	guint64 seq, by;
	Record *record;
} MessageJob;

static gboolean step_message(Ledger *ledger, LedgerJob *base)
{
	MessageJob *job = (MessageJob *)base;
	guint8 data[ENTRY_SIZE];
	Entry entry;
	if (!ledger_entry_data(ledger, job->seq, data, &base->error) || !entry_decode(data, &entry, &base->error))
		return TRUE;
	if (entry.kind == ENTRY_FOLLOWUP)
		job->record = ledger_message_record(ledger, job->seq, &job->by, &base->error);
	else
		ledger_fail(&base->error, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no message of a case", job->seq);
	return TRUE;
}

LedgerMessage *ledger_message(Ledger *ledger, guint64 seq, GError **error)
{
	MessageJob job = {.job = {.step = step_message}, .seq = seq};
	if (!ledger_run(ledger, &job.job, error))
		return NULL;
	g_autoptr(Record) record = job.record;
	/* What outlives an erasure has no more than is read of it here (ledger-erase.c). */
	if (job.by == 0 && !record_check(record, entry_schema(ENTRY_FOLLOWUP), error))
		return NULL;
	LedgerMessage *message = read_message(seq, record, error);
	if (message != NULL)
		message->erased = job.by;
	return message;
}

/* Each names the one before it: no table says which case they belong to. */
GPtrArray *ledger_messages(Ledger *ledger, const LedgerCase *c, guint most, GError **error)
{
	g_autoptr(GPtrArray) backwards = g_ptr_array_new();
	GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)ledger_message_free);
	guint64 seq = c->last;
	gboolean good = TRUE;
	while (good && seq != 0 && backwards->len < most) {
		LedgerMessage *message = ledger_message(ledger, seq, error);
		good = message != NULL;
		if (good) {
			g_ptr_array_add(backwards, message);
			seq = message->previous < seq ? message->previous : 0;
		}
	}
	for (guint i = backwards->len; i > 0; i--)
		g_ptr_array_add(messages, backwards->pdata[i - 1]);
	if (good)
		return messages;
	g_ptr_array_unref(messages);
	return NULL;
}
