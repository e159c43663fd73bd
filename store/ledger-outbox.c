/* SPDX-License-Identifier: ISC */
/* The outbox's rows, and what is remembered for some days: messages for the retry, addresses for the caps. */
#include <sodium.h>
#include <string.h>

#include "base/finding.h"
#include "base/log.h"
#include "store/ledger-private.h"

/* --- day keys ----------------------------------------------------------------------------------------------------- */

/* An HMAC under a day's random key: with the key deleted nobody can ask any more whether a message or an address was
 * among that day's. The keys lie sealed under the custody key. */

#define SENT_DAYS 7
#define LABEL_MESSAGE "senim/retry/1\n"
#define LABEL_ADDRESS "senim/sent/1\n"
#define LABEL_PERSON "senim/exclusion/1\n"

void ledger_day_keys_drop(Ledger *ledger)
{
	if (ledger->day_keys == NULL)
		return;
	sodium_memzero(ledger->day_keys->data, ledger->day_keys->len * sizeof(LedgerDayKey));
	g_array_unref(ledger->day_keys);
	ledger->day_keys = NULL;
}

static gboolean read_day_key(Ledger *ledger, sqlite3_stmt *row, GError **error)
{
	LedgerDayKey day = {.day = sqlite3_column_int64(row, 0)};
	g_autoptr(GBytes) key = ledger_unseal(ledger, CUSTODY_OPENING, "day", (guint64)day.day, row, 1, error);
	if (key == NULL)
		return FALSE;
	if (g_bytes_get_size(key) != sizeof day.key)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "the key of a day is of another size");
	memcpy(day.key, g_bytes_get_data(key, NULL), sizeof day.key);
	g_array_append_val(ledger->day_keys, day);
	sodium_memzero(&day, sizeof day);
	return TRUE;
}

static gboolean read_day_keys(Ledger *ledger, GError **error)
{
	if (ledger->day_keys != NULL)
		return TRUE;
	ledger->day_keys = g_array_sized_new(FALSE, TRUE, sizeof(LedgerDayKey), 2 * LEDGER_RETRY_DAYS);
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT day, key FROM day ORDER BY day", "");
	int more = row != NULL ? database_next(ledger->custody, row, error) : -1;
	while (more == 1)
		more = read_day_key(ledger, row, error) ? database_next(ledger->custody, row, error) : -1;
	if (more == 0)
		return TRUE;
	database_done(row);
	ledger_day_keys_drop(ledger);
	return FALSE;
}

/* Among those that were read. */
static const LedgerDayKey *find_day(const Ledger *ledger, gint64 day)
{
	for (guint i = 0; i < ledger->day_keys->len; i++)
		if (g_array_index(ledger->day_keys, LedgerDayKey, i).day == day)
			return &g_array_index(ledger->day_keys, LedgerDayKey, i);
	return NULL;
}

/* The key of that day, made on its first use within the group's transaction. */
static const LedgerDayKey *day_key(Ledger *ledger, gint64 moment, GError **error)
{
	LedgerDayKey day = {.day = moment / LEDGER_DAY_US};
	if (!read_day_keys(ledger, error))
		return NULL;
	const LedgerDayKey *found = find_day(ledger, day.day);
	if (found != NULL)
		return found;
	randombytes_buf(day.key, sizeof day.key);
	g_autoptr(GBytes) sealed = ledger_seal(ledger, CUSTODY_OPENING, "day", (guint64)day.day, day.key, sizeof day.key);
	gsize size;
	const void *blob = g_bytes_get_data(sealed, &size);
	if (!database_run(ledger->custody, error, "INSERT INTO day(day, key) VALUES(?, ?)", "ib", day.day, blob, size))
		return NULL;
	g_array_append_val(ledger->day_keys, day);
	sodium_memzero(&day, sizeof day);
	return &g_array_index(ledger->day_keys, LedgerDayKey, ledger->day_keys->len - 1);
}

static void authenticate(const LedgerDayKey *day, const char *label, const void *data, gsize size, guint8 mac[32])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, day->key, sizeof day->key);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)label, strlen(label));
	crypto_auth_hmacsha256_update(&state, data, size);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof state);
}

gboolean ledger_day_person(Ledger *ledger, gint64 day, const char *name, guint8 who[LEDGER_WHO], gboolean *known,
                           GError **error)
{
	if (!read_day_keys(ledger, error))
		return FALSE;
	const LedgerDayKey *key = find_day(ledger, day);
	*known = key != NULL;
	if (key != NULL)
		authenticate(key, LABEL_PERSON, name, strlen(name), who);
	return TRUE;
}

gboolean ledger_day_person_now(LedgerGroup *group, const char *name, guint8 who[LEDGER_WHO], GError **error)
{
	const LedgerDayKey *key = day_key(group->ledger, group->now, error);
	if (key != NULL)
		authenticate(key, LABEL_PERSON, name, strlen(name), who);
	return key != NULL;
}

gboolean ledger_days_forget(Ledger *ledger, gint64 now, GError **error)
{
	gint64 first = now / LEDGER_DAY_US - LEDGER_RETRY_DAYS;
	if (!read_day_keys(ledger, error))
		return FALSE;
	if (ledger->day_keys->len == 0 || g_array_index(ledger->day_keys, LedgerDayKey, 0).day >= first)
		return TRUE;
	ledger_day_keys_drop(ledger);
	return database_run(ledger->custody, error, "DELETE FROM day WHERE day < ?", "i", first) &&
	       database_run(ledger->custody, error, "DELETE FROM retry WHERE day < ?", "i", first) &&
	       database_run(ledger->custody, error, "DELETE FROM exclusion WHERE day < ?", "i", first) &&
	       database_run(ledger->custody, error, "DELETE FROM sent WHERE day < ?", "i", first);
}

/* --- retries ------------------------------------------------------------------------------------------------------ */

gboolean ledger_retry_find(LedgerGroup *group, const guint8 digest[SEAL_DIGEST], guint64 *seq, GError **error)
{
	Ledger *ledger = group->ledger;
	gint64 first = group->now / LEDGER_DAY_US - LEDGER_RETRY_DAYS;
	*seq = LEDGER_NOTHING;
	if (!read_day_keys(ledger, error))
		return FALSE;
	for (guint i = 0; i < ledger->day_keys->len && *seq == LEDGER_NOTHING; i++) {
		const LedgerDayKey *day = &g_array_index(ledger->day_keys, LedgerDayKey, i);
		guint8 mac[32];
		gint64 found;
		if (day->day < first)
			continue;
		authenticate(day, LABEL_MESSAGE, digest, SEAL_DIGEST, mac);
		if (!database_number(ledger->custody, error, &found, -1, "SELECT seq FROM retry WHERE day=? AND mac=?", "ib",
		                     day->day, mac, sizeof mac))
			return FALSE;
		if (found >= 0)
			*seq = (guint64)found;
	}
	return TRUE;
}

gboolean ledger_retry_remember(LedgerGroup *group, const guint8 digest[SEAL_DIGEST], guint64 seq, GError **error)
{
	guint8 mac[32];
	const LedgerDayKey *day = day_key(group->ledger, group->now, error);
	if (day == NULL)
		return FALSE;
	authenticate(day, LABEL_MESSAGE, digest, SEAL_DIGEST, mac);
	return database_run(group->ledger->custody, error, "INSERT INTO retry(day, mac, seq) VALUES(?, ?, ?)", "ibi",
	                    day->day, mac, sizeof mac, (gint64)seq);
}

/* --- letters ------------------------------------------------------------------------------------------------------ */

void ledger_letter_free(LedgerLetterRow *row)
{
	if (row == NULL)
		return;
	record_free(row->letter);
	g_clear_pointer(&row->composed, g_bytes_unref);
	g_free(row);
}

static gboolean write_composed(Ledger *ledger, guint64 id, GBytes *composed, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(composed, &size);
	g_autoptr(GBytes) sealed = ledger_seal(ledger, CUSTODY_OUTBOX, "composed", id, data, size);
	const void *blob = g_bytes_get_data(sealed, &size);
	return database_run(ledger->custody, error, "UPDATE outbox SET composed=? WHERE seq=?", "bi", blob, size, (gint64)id);
}

static GBytes *seal_letter(Ledger *ledger, guint64 id, const Record *letter)
{
	gsize size;
	char *text = record_write(letter, &size);
	GBytes *sealed = ledger_seal(ledger, CUSTODY_OUTBOX, "letter", id, text, size);
	sodium_memzero(text, size);
	g_free(text);
	return sealed;
}

gboolean ledger_letter_insert(LedgerGroup *group, guint64 seq, guint64 case_seq, const Record *letter,
                              GBytes *composed, gint64 due, GError **error)
{
	gsize size;
	g_autoptr(GBytes) sealed = seal_letter(group->ledger, seq, letter);
	const void *blob = g_bytes_get_data(sealed, &size);
	gint64 capped = record_get(letter, "purpose") == NULL; /* an acknowledgement */
	return database_run(group->ledger->custody, error,
	                    "INSERT INTO outbox(seq, case_seq, due, attempts, capped, letter) VALUES(?, ?, ?, 0, ?, ?)", "iiiib",
	                    (gint64)seq, (gint64)case_seq, due, capped, blob, size) &&
	       (composed == NULL || write_composed(group->ledger, seq, composed, error));
}

static Record *unseal_letter(Ledger *ledger, guint64 id, sqlite3_stmt *row, int column, GError **error)
{
	g_autoptr(GBytes) plain = ledger_unseal(ledger, CUSTODY_OUTBOX, "letter", id, row, column, error);
	if (plain == NULL)
		return NULL;
	gsize size;
	const void *text = g_bytes_get_data(plain, &size);
	return record_read(text, size, 0, finding_letter_schema, error);
}

static LedgerLetterRow *read_letter(Ledger *ledger, sqlite3_stmt *row, GError **error)
{
	LedgerLetterRow *letter = g_new0(LedgerLetterRow, 1);
	letter->id = (guint64)sqlite3_column_int64(row, 0);
	letter->case_seq = (guint64)sqlite3_column_int64(row, 1);
	letter->due = sqlite3_column_int64(row, 2);
	letter->attempts = (guint)sqlite3_column_int64(row, 3);
	letter->letter = unseal_letter(ledger, letter->id, row, 4, error);
	gboolean composed = sqlite3_column_type(row, 5) != SQLITE_NULL;
	if (letter->letter != NULL && composed)
		letter->composed = ledger_unseal(ledger, CUSTODY_OUTBOX, "composed", letter->id, row, 5, error);
	if (letter->letter != NULL && (!composed || letter->composed != NULL))
		return letter;
	ledger_letter_free(letter);
	return NULL;
}

typedef struct {
	LedgerJob job;
	gint64 now;
	guint most;
	gint64 next;
	GPtrArray *rows;
} DueJob;

/* A letter that cannot be read must not hold up the others: the log names it, and it stays. */
static void take_letter(Ledger *ledger, sqlite3_stmt *row, DueJob *job)
{
	g_autoptr(GError) reason = NULL;
	LedgerLetterRow *letter = read_letter(ledger, row, &reason);
	if (letter != NULL)
		g_ptr_array_add(job->rows, letter);
	else
		log_warning("%s: the letter of entry %" G_GINT64_FORMAT " in custody.db cannot be read: %s", ledger->mailbox,
		            (gint64)sqlite3_column_int64(row, 0), reason->message);
}

/* Those of one class, at most `most` of them. */
static void take_due(Ledger *ledger, DueJob *job, gint64 capped)
{
	guint before = job->rows->len;
	sqlite3_stmt *row =
		database_query(ledger->custody, &job->job.error,
	                   "SELECT seq, case_seq, due, attempts, letter, composed FROM outbox WHERE done IS NULL AND capped=?"
	                   " ORDER BY due, seq",
	                   "i", capped);
	while (row != NULL && database_next(ledger->custody, row, &job->job.error) == 1) {
		gint64 due = sqlite3_column_int64(row, 2);
		if (due > job->now || job->rows->len - before == job->most) {
			job->next = MIN(job->next, due);
			database_done(row);
			break;
		}
		take_letter(ledger, row, job);
	}
}

static gboolean step_due(Ledger *ledger, LedgerJob *base)
{
	DueJob *job = (DueJob *)base;
	take_due(ledger, job, 0);
	if (base->error == NULL)
		take_due(ledger, job, 1);
	return TRUE;
}

GPtrArray *ledger_letters_due(Ledger *ledger, gint64 now, guint most, gint64 *next, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)ledger_letter_free);
	DueJob job = {.job = {.step = step_due}, .now = now, .most = most, .next = G_MAXINT64, .rows = rows};
	if (!ledger_run(ledger, &job.job, error))
		return NULL;
	*next = job.next;
	return g_steal_pointer(&rows);
}

typedef struct LetterJob LetterJob;
struct LetterJob {
	LedgerJob job;
	gboolean (*act)(LedgerGroup *group, LetterJob *job, guint64 case_seq, GError **error);
	guint64 id;
	GBytes *composed;
	gint64 due;
	const Record *record;
	const char *reason;
};

/* What a job does to a letter that is still to go. */
static gboolean apply_letter(LedgerGroup *group, LedgerJob *base, GError **error)
{
	LetterJob *job = (LetterJob *)base;
	gint64 found; /* -1 is LEDGER_NOTHING: a letter about no case */
	if (!database_number(group->ledger->custody, error, &found, G_MININT64,
	                     "SELECT case_seq FROM outbox WHERE seq=? AND done IS NULL", "i", (gint64)job->id))
		return FALSE;
	if (found == G_MININT64)
		return ledger_refuse(base, LEDGER_ERROR_NOT_FOUND, "there is no letter %" G_GUINT64_FORMAT " to be sent", job->id);
	return job->act(group, job, (guint64)found, error);
}

/* --- being handed over --------------------------------------------------------------------------------------------- */

/* Where its row waits to be sent; -1: *error. */
static int waits(Ledger *ledger, guint64 id, GError **error)
{
	gint64 n;
	return database_number(ledger->custody, error, &n, 0, "SELECT count(*) FROM outbox WHERE seq=? AND done IS NULL", "i", (gint64)id)
	           ? n > 0
	           : -1;
}

static gboolean is_handed(const Ledger *ledger, guint64 id)
{
	for (guint i = 0; ledger->handing != NULL && i < ledger->handing->len; i++)
		if (g_array_index(ledger->handing, guint64, i) == id)
			return TRUE;
	return FALSE;
}

static void end_handing(Ledger *ledger, guint64 id)
{
	for (guint i = ledger->handing != NULL ? ledger->handing->len : 0; i-- > 0;)
		if (g_array_index(ledger->handing, guint64, i) == id)
			g_array_remove_index_fast(ledger->handing, i);
}

static gboolean step_begin(Ledger *ledger, LedgerJob *base)
{
	LetterJob *job = (LetterJob *)base;
	if (ledger->handing == NULL)
		ledger->handing = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = ledger->handing->len; i-- > 0;) { /* those that have ended since */
		int still = waits(ledger, g_array_index(ledger->handing, guint64, i), &base->error);
		if (still < 0)
			return TRUE;
		if (still == 0)
			g_array_remove_index_fast(ledger->handing, i);
	}
	int there = waits(ledger, job->id, &base->error);
	if (there == 1 && !is_handed(ledger, job->id))
		g_array_append_val(ledger->handing, job->id);
	else if (there == 0)
		ledger_refuse(base, LEDGER_ERROR_NOT_FOUND, "the letter %" G_GUINT64_FORMAT " is not to be sent any more", job->id);
	return TRUE;
}

gboolean ledger_letter_begin(Ledger *ledger, guint64 id, GError **error)
{
	LetterJob job = {.job = {.step = step_begin}, .id = id};
	return ledger_run(ledger, &job.job, error);
}

/* One that has ended holds nobody up, though its row still lies there. */
gboolean ledger_letters_hold(Ledger *ledger, guint64 case_seq, gboolean all, gboolean *held, GError **error)
{
	*held = FALSE;
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT seq FROM outbox WHERE case_seq=? AND done IS NULL", "i",
	                                   (gint64)case_seq);
	int more = row != NULL ? database_next(ledger->custody, row, error) : -1;
	for (; more == 1; more = database_next(ledger->custody, row, error))
		*held = *held || all || is_handed(ledger, (guint64)sqlite3_column_int64(row, 0));
	return more == 0;
}

/* --- what becomes of it -------------------------------------------------------------------------------------------- */

static gboolean keep_composed(LedgerGroup *group, LetterJob *job, guint64 case_seq G_GNUC_UNUSED, GError **error)
{
	gsize size;
	g_autoptr(GBytes) letter = seal_letter(group->ledger, job->id, job->record);
	const void *blob = g_bytes_get_data(letter, &size);
	return write_composed(group->ledger, job->id, job->composed, error) &&
	       database_run(group->ledger->custody, error, "UPDATE outbox SET letter=? WHERE seq=?", "bi", blob, size,
	                    (gint64)job->id);
}

gboolean ledger_letter_composed(Ledger *ledger, guint64 id, GBytes *composed, const Record *letter, GError **error)
{
	LetterJob job = {.job = {.apply = apply_letter, .weight = g_bytes_get_size(composed)},
	                 .act = keep_composed, .id = id, .composed = composed, .record = letter};
	return ledger_run(ledger, &job.job, error);
}

/* The MTA did not take it, whatever becomes of this commit. */
static gboolean put_off(LedgerGroup *group, LetterJob *job, guint64 case_seq G_GNUC_UNUSED, GError **error)
{
	end_handing(group->ledger, job->id);
	return database_run(group->ledger->custody, error, "UPDATE outbox SET due=?, attempts=attempts+1 WHERE seq=?", "ii",
	                    job->due, (gint64)job->id);
}

gboolean ledger_letter_put_off(Ledger *ledger, guint64 id, gint64 due, GError **error)
{
	LetterJob job = {.job = {.apply = apply_letter, .weight = 256}, .act = put_off, .id = id, .due = due};
	return ledger_run(ledger, &job.job, error);
}

/* Whom a letter reaches, for the caps: case and the detail of a sub-address (RFC 5233) do not make another mailbox, or one
 * could be written to as often as a stranger makes details up. */
static char *fold_address(const char *address)
{
	const char *at = strrchr(address, '@'), *plus = strchr(address, '+');
	gboolean detail = at != NULL && plus != NULL && plus > address && plus < at;
	g_autofree char *plain =
		detail ? g_strdup_printf("%.*s%s", (int)(plus - address), address, at) : g_strdup(address);
	char *folded = g_utf8_validate(plain, -1, NULL) ? g_utf8_casefold(plain, -1) : g_ascii_strdown(plain, -1);
	sodium_memzero(plain, strlen(plain));
	return folded;
}

/* The letter's record as it was queued (transfer full). */
static Record *letter_of(Ledger *ledger, guint64 id, GError **error)
{
	sqlite3_stmt *row =
		database_query(ledger->custody, error, "SELECT letter FROM outbox WHERE seq=?", "i", (gint64)id);
	int found = row != NULL ? database_next(ledger->custody, row, error) : -1;
	if (found == 0)
		ledger_fail(error, LEDGER_ERROR_DATABASE, "the letter %" G_GUINT64_FORMAT " has gone from custody.db", id);
	if (found != 1)
		return NULL;
	Record *letter = unseal_letter(ledger, id, row, 0, error);
	database_done(row);
	return letter;
}

static gboolean count_address(LedgerGroup *group, const Record *letter, guint64 by, GError **error)
{
	Ledger *ledger = group->ledger;
	guint8 mac[32];
	const LedgerDayKey *day = day_key(ledger, group->now, error);
	if (day == NULL)
		return FALSE;
	g_autofree char *address = fold_address(record_get(letter, "to"));
	authenticate(day, LABEL_ADDRESS, address, strlen(address), mac);
	sodium_memzero(address, strlen(address));
	return database_run(ledger->custody, error, "INSERT INTO sent(seq, time, day, mac) VALUES(?, ?, ?, ?)", "iiib",
	                    (gint64)by, group->now, day->day, mac, sizeof mac);
}

static void set_acknowledgement(LedgerCase *c, const char *state, const char *reason)
{
	g_free(c->ack_state);
	g_free(c->ack_reason);
	c->ack_state = g_strdup(state);
	c->ack_reason = g_strdup(reason);
}

/* What a letter's end does to its case: an acknowledgement's is its state, a redirect's is an entry of its own kind, a
 * notice's is nothing, unless it is of an officer's letter. */
static gboolean end_case(LedgerGroup *group, const LetterJob *job, const Record *record, guint kind, guint64 case_seq,
                         guint64 seq, GError **error)
{
	if ((kind == ENTRY_NOTICE || kind == ENTRY_WITNESSED) && case_seq == LEDGER_NOTHING)
		return TRUE;
	g_autoptr(GError) inner = NULL;
	g_autoptr(LedgerCase) c = ledger_case_load(group->ledger, case_seq, &inner);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	if (c == NULL || (kind == ENTRY_NOTICE && !ledger_case_post_ended(c, record)))
		return TRUE;
	if (kind == ENTRY_NOTICE)
		return ledger_case_update(group, c, seq, error);
	if (kind == ENTRY_REDIRECTED)
		ledger_case_redirect(c, seq, record);
	else
		set_acknowledgement(c, job->reason != NULL ? "withheld" : "sent", job->reason);
	if (kind == ENTRY_ACKNOWLEDGED)
		ledger_case_acknowledged(c, record);
	return ledger_case_update(group, c, seq, error);
}

/* The end of a letter, sent or withheld: an entry, the case's state, and the row's mark. The row itself goes with the
 * next group, when the entry is known to stand: a crash between the two sends the same octets once more. */
static gboolean end_letter(LedgerGroup *group, LetterJob *job, const Record *letter, const Entry *entry,
                           guint64 case_seq, const Record *record, GError **error)
{
	guint64 seq = group->tree.size;
	g_autoptr(GBytes) octets = ledger_record_octets((EntryKind)entry->kind, record, &job->job.error);
	if (octets == NULL)
		return TRUE;
	return ledger_group_add(group, entry, octets, NULL, error) &&
	       end_case(group, job, record, entry->kind, case_seq, seq, error) &&
	       (entry->kind != ENTRY_ACKNOWLEDGED || count_address(group, letter, seq, error)) &&
	       database_run(group->ledger->custody, error, "UPDATE outbox SET done=? WHERE seq=?", "ii", (gint64)seq,
	                    (gint64)job->id);
}

/* The kind of entry that a letter's end is, where it is no acknowledgement: 0. */
static EntryKind kind_of_purpose(const Record *letter)
{
	const char *purpose = record_get(letter, "purpose");
	return purpose == NULL                       ? 0
	       : strcmp(purpose, "redirect") == 0   ? ENTRY_REDIRECTED
	       : strcmp(purpose, "checkpoint") == 0 ? ENTRY_WITNESSED
	                                            : ENTRY_NOTICE;
}

/* `sent` or `unsent`, of the entry that queued it. */
static gboolean end_purpose(LedgerGroup *group, LetterJob *job, const Record *letter, guint64 case_seq, GError **error)
{
	const Entry entry = {.kind = (guint16)kind_of_purpose(letter), .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	if (case_seq != LEDGER_NOTHING)
		record_add_uint(record, "case", case_seq);
	record_add(record, "act", job->reason != NULL ? "unsent" : "sent");
	record_add_uint(record, "of", job->id);
	record_add(record, "reason", job->reason != NULL ? job->reason : "-");
	return end_letter(group, job, letter, &entry, case_seq, record, error);
}

static gboolean sent(LedgerGroup *group, LetterJob *job, guint64 case_seq, GError **error)
{
	const Entry entry = {.kind = ENTRY_ACKNOWLEDGED, .concerns = case_seq};
	g_autoptr(Record) letter = letter_of(group->ledger, job->id, error);
	if (letter == NULL)
		return FALSE;
	return kind_of_purpose(letter) != 0 ? end_purpose(group, job, letter, case_seq, error)
	                                    : end_letter(group, job, letter, &entry, case_seq, job->record, error);
}

gboolean ledger_letter_sent(Ledger *ledger, guint64 id, const Record *record, GError **error)
{
	LetterJob job = {.job = {.apply = apply_letter, .appends = TRUE, .weight = 4096},
	                 .act = sent, .id = id, .record = record};
	return ledger_run(ledger, &job.job, error);
}

static gboolean withhold(LedgerGroup *group, LetterJob *job, guint64 case_seq, GError **error)
{
	const Entry entry = {.kind = ENTRY_WITHHELD, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) letter = letter_of(group->ledger, job->id, error);
	if (letter == NULL)
		return FALSE;
	if (kind_of_purpose(letter) != 0)
		return end_purpose(group, job, letter, case_seq, error);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add_uint(record, "case", case_seq);
	record_add(record, "reason", job->reason);
	return end_letter(group, job, letter, &entry, case_seq, record, error);
}

gboolean ledger_letter_withhold(Ledger *ledger, guint64 id, const char *reason, GError **error)
{
	LetterJob job = {.job = {.apply = apply_letter, .appends = TRUE, .weight = 4096},
	                 .act = withhold, .id = id, .reason = reason};
	return ledger_run(ledger, &job.job, error);
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const char *address;
	guint day, week, hour;
} CountJob;

static gboolean count_since(Ledger *ledger, const LedgerDayKey *key, const guint8 mac[32], gint64 since, guint *count,
                            GError **error)
{
	gint64 found;
	if (!database_number(ledger->custody, error, &found, 0,
	                     "SELECT count(*) FROM sent WHERE day=? AND mac=? AND time > ?", "ibi", key->day, mac,
	                     (gsize)32, since))
		return FALSE;
	*count += (guint)found;
	return TRUE;
}

static gboolean step_counts(Ledger *ledger, LedgerJob *base)
{
	CountJob *job = (CountJob *)base;
	gint64 clock = ledger->now(), now = MAX(clock, ledger->last_time), all;
	g_autofree char *address = fold_address(job->address);
	if (!read_day_keys(ledger, &base->error) ||
	    !database_number(ledger->custody, &base->error, &all, 0, "SELECT count(*) FROM sent WHERE time > ?", "i",
	                     now - LEDGER_DAY_US / 24))
		return TRUE;
	job->hour = (guint)all;
	for (guint i = 0; i < ledger->day_keys->len; i++) {
		const LedgerDayKey *key = &g_array_index(ledger->day_keys, LedgerDayKey, i);
		guint8 mac[32];
		authenticate(key, LABEL_ADDRESS, address, strlen(address), mac);
		if (!count_since(ledger, key, mac, now - LEDGER_DAY_US, &job->day, &base->error) ||
		    !count_since(ledger, key, mac, now - SENT_DAYS * LEDGER_DAY_US, &job->week, &base->error))
			return TRUE;
	}
	return TRUE;
}

gboolean ledger_letter_counts(Ledger *ledger, const char *address, guint *day, guint *week, guint *hour, GError **error)
{
	CountJob job = {.job = {.step = step_counts}, .address = address};
	if (!ledger_run(ledger, &job.job, error))
		return FALSE;
	*day = job.day;
	*week = job.week;
	*hour = job.hour;
	return TRUE;
}
