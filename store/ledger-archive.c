/* SPDX-License-Identifier: ISC */
#include "store/ledger-archive.h"

#include <sodium.h>
#include <string.h>

#include "store/archive-custody.h"
#include "store/ledger-private.h"

typedef struct {
	LedgerCopyHeader header;
	GBytes *blob; /* under the custody key */
} SealedHeader;

typedef struct {
	LedgerJob job;
	guint64 seq, end;
	GPtrArray *copies; /* LedgerCopy, of sealed openings and SealedHeaders */
} CopyJob;

static void header_free(gpointer data)
{
	LedgerCopyHeader *header = data;
	g_clear_pointer(&header->text, g_bytes_unref);
	g_free(header);
}

static void sealed_free(gpointer data)
{
	SealedHeader *sealed = data;
	g_bytes_unref(sealed->blob);
	g_free(sealed);
}

static void copy_free(gpointer data)
{
	LedgerCopy *copy = data;
	g_clear_pointer(&copy->opening, g_bytes_unref);
	g_ptr_array_unref(copy->headers);
	g_free(copy);
}

/* --- in the writer's thread: rows as they lie there ----------------------------------------------------------------- */

static gboolean copy_opening(Ledger *ledger, LedgerCopy *copy, GError **error)
{
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT blob FROM opening WHERE seq=?", "i", (gint64)copy->seq);
	int found = row != NULL ? database_next(ledger->custody, row, error) : -1;
	if (found == 1) {
		copy->opening = database_column(row, 0);
		database_done(row);
	}
	return found >= 0;
}

static gboolean copy_headers(Ledger *ledger, LedgerCopy *copy, GError **error)
{
	sqlite3_stmt *row = database_query(ledger->custody, error,
	                                   "SELECT part, version, recipient, blob FROM header WHERE seq=?", "i", (gint64)copy->seq);
	int more = row != NULL ? 1 : -1;
	while (more == 1 && (more = database_next(ledger->custody, row, error)) == 1) {
		if (sqlite3_column_bytes(row, 2) != CUSTODY_ID) {
			database_done(row);
			return ledger_fail(error, LEDGER_ERROR_DATABASE, "a header whose reader has another form");
		}
		SealedHeader *sealed = g_new0(SealedHeader, 1);
		sealed->header.part = (guint)sqlite3_column_int(row, 0);
		sealed->header.version = (guint32)sqlite3_column_int64(row, 1);
		memcpy(sealed->header.recipient, sqlite3_column_blob(row, 2), CUSTODY_ID);
		sealed->blob = database_column(row, 3);
		g_ptr_array_add(copy->headers, sealed);
	}
	return more == 0;
}

static gboolean step_copy(Ledger *ledger, LedgerJob *base)
{
	CopyJob *job = (CopyJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	while (job->seq < job->end && g_get_monotonic_time() < stop) {
		LedgerCopy *copy = g_new0(LedgerCopy, 1);
		copy->seq = job->seq++;
		copy->headers = g_ptr_array_new_with_free_func(sealed_free);
		g_ptr_array_add(job->copies, copy);
		if (!copy_opening(ledger, copy, &base->error) || !copy_headers(ledger, copy, &base->error))
			return TRUE;
	}
	return job->seq == job->end;
}

/* --- in the caller's: opened ------------------------------------------------------------------------------------------ */

gboolean ledger_header_object(const Record *record, guint part, guint *at, guint8 object[16])
{
	const char *key, *value;
	for (; record_line(record, *at, &key, &value); ++*at) {
		if (!(part > SEAL_PART_CARD ? g_str_has_suffix(key, "text-id") : strcmp(key, "case") == 0 || strcmp(key, "object") == 0) || strlen(value) != 32 ||
		    sodium_hex2bin(object, 16, value, strlen(value), NULL, NULL, NULL) != 0)
			continue;
		++*at;
		return TRUE;
	}
	return FALSE;
}

static LedgerCopyHeader *open_header(const Ledger *ledger, const Record *record, const SealedHeader *sealed, GError **error)
{
	gsize size;
	guint at = 0;
	LedgerCopyHeader header = sealed->header;
	const void *blob = g_bytes_get_data(sealed->blob, &size);
	while (header.text == NULL && ledger_header_object(record, header.part, &at, header.object)) {
		const CustodyPlace place = {ledger->store_id, header.object, (guint8)header.part, NULL, header.version};
		g_clear_error(error);
		header.text = custody_header_unwrap_of(ledger->custody_key, &place, blob, size, error);
	}
	if (header.text != NULL)
		return g_memdup2(&header, sizeof header);
	if (*error == NULL)
		ledger_fail(error, LEDGER_ERROR_DATABASE, "its entry names no object");
	return NULL;
}

/* Without its record nobody knows what a header belongs to: whoever destroyed the one destroyed both. */
static gboolean open_headers(const Ledger *ledger, LedgerCopy *copy, GError **error)
{
	g_autoptr(GPtrArray) sealed = g_steal_pointer(&copy->headers);
	copy->headers = g_ptr_array_new_with_free_func(header_free);
	if (copy->opening == NULL || sealed->len == 0)
		return TRUE;
	gsize size;
	const char *text = g_bytes_get_data(copy->opening, &size);
	g_autoptr(Record) record = record_read(text + ENTRY_SALT, size - ENTRY_SALT, 0, NULL, error);
	for (guint i = 0; record != NULL && i < sealed->len; i++) {
		g_autoptr(GError) cause = NULL;
		LedgerCopyHeader *header = open_header(ledger, record, sealed->pdata[i], &cause);
		if (header == NULL)
			return ledger_fail(error, LEDGER_ERROR_DATABASE, "a header of entry %" G_GUINT64_FORMAT ": %s", copy->seq,
			                   cause->message);
		g_ptr_array_add(copy->headers, header);
	}
	return record != NULL;
}

static gboolean open_copy(const Ledger *ledger, LedgerCopy *copy, GError **error)
{
	g_autofree char *about = g_strdup_printf("opening\n%s\n%" G_GUINT64_FORMAT, ledger->origin, copy->seq);
	g_autoptr(GBytes) sealed = g_steal_pointer(&copy->opening);
	gsize size;
	const void *blob = sealed != NULL ? g_bytes_get_data(sealed, &size) : NULL;
	if (blob != NULL) {
		copy->opening =
			custody_open(ledger->custody_key, ledger->store_id, CUSTODY_OPENING, about, strlen(about), blob, size, error);
		if (copy->opening == NULL)
			return FALSE;
		if (g_bytes_get_size(copy->opening) < ENTRY_SALT)
			return ledger_fail(error, LEDGER_ERROR_DATABASE, "an opening that is too short");
	}
	return open_headers(ledger, copy, error);
}

GPtrArray *ledger_copies(Ledger *ledger, guint64 from, guint64 to, GError **error)
{
	guint64 size = MIN(to, ledger_size(ledger));
	CopyJob job = {.job = {.step = step_copy}, .seq = MIN(from, size)};
	job.end = job.seq + MIN(LEDGER_COPIES_MOST, size - job.seq);
	g_autoptr(GPtrArray) copies = job.copies = g_ptr_array_new_with_free_func(copy_free);
	gboolean done = ledger_run(ledger, &job.job, error);
	GError *cause = NULL;
	for (guint i = 0; done && i < copies->len; i++)
		done = open_copy(ledger, copies->pdata[i], &cause);
	if (done)
		return g_steal_pointer(&copies);
	ledger_translate(&cause);
	if (cause != NULL)
		g_propagate_error(error, cause);
	return NULL;
}

/* --- the other rows ----------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	GPtrArray *tokens;
} TokenJob;

/* Few: one for each custody key that ever was. */
static gboolean step_tokens(Ledger *ledger, LedgerJob *base)
{
	TokenJob *job = (TokenJob *)base;
	sqlite3_stmt *row = database_query(ledger->custody, &base->error, "SELECT id, key FROM token ORDER BY id", "");
	while (row != NULL && database_next(ledger->custody, row, &base->error) == 1) {
		GBytes *key =
			ledger_unseal(ledger, CUSTODY_OPENING, "token", (guint64)sqlite3_column_int64(row, 0), row, 1, &base->error);
		if (key == NULL) {
			database_done(row);
			return TRUE;
		}
		g_ptr_array_add(job->tokens, key);
	}
	return TRUE;
}

GPtrArray *ledger_copy_tokens(Ledger *ledger, GError **error)
{
	guint8 key[CUSTODY_KEY];
	TokenJob job = {.job = {.step = step_tokens}};
	g_autoptr(GPtrArray) tokens = job.tokens = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	if (!ledger_run(ledger, &job.job, error))
		return NULL;
	custody_derive(ledger->custody_key, ledger->store_id, CUSTODY_MESSAGE_ID, key);
	g_ptr_array_add(tokens, bundle_secret_bytes(key, sizeof key));
	sodium_memzero(key, sizeof key);
	return g_steal_pointer(&tokens);
}

/* --- moments ------------------------------------------------------------------------------------------------------ */

gboolean ledger_moment_of(Ledger *ledger, guint64 seq, gint64 *moment, GError **error)
{
	Entry entry;
	gsize size;
	guint64 time;
	g_autoptr(GBytes) data = ledger_entries(ledger, seq, 1, error);
	if (data == NULL || g_bytes_get_size(data) != ENTRY_SIZE || !entry_decode(g_bytes_get_data(data, NULL), &entry, error))
		return data != NULL && error != NULL && *error == NULL
		           ? ledger_fail(error, LEDGER_ERROR_NOT_FOUND, "there is no entry %" G_GUINT64_FORMAT, seq)
		           : FALSE;
	*moment = entry.time * G_USEC_PER_SEC;
	g_autoptr(GPtrArray) copies = ledger_copies(ledger, seq, seq + 1, error);
	if (copies == NULL)
		return FALSE;
	const LedgerCopy *copy = copies->pdata[0];
	const char *text = copy->opening != NULL ? g_bytes_get_data(copy->opening, &size) : NULL;
	g_autoptr(Record) record = text != NULL ? record_read(text + ENTRY_SALT, size - ENTRY_SALT, 0, NULL, NULL) : NULL;
	if (record != NULL && record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		*moment = (gint64)time;
	return TRUE;
}

/* Entry times never run backwards. */
gboolean ledger_find_moment(Ledger *ledger, gint64 moment, guint64 *seq, GError **error)
{
	guint64 low = 0, high = ledger_size(ledger);
	while (low < high) {
		gint64 at;
		guint64 middle = low + (high - low) / 2;
		if (!ledger_moment_of(ledger, middle, &at, error))
			return FALSE;
		if (at < moment)
			low = middle + 1;
		else
			high = middle;
	}
	*seq = low;
	return TRUE;
}

/* --- small answers -------------------------------------------------------------------------------------------------- */

char *ledger_sign(const Ledger *ledger, const char *text, GError **error)
{
	return note_sign(text, ledger->signer, error);
}

const char *ledger_origin(const Ledger *ledger)
{
	return ledger->origin;
}

const guint8 *ledger_store_id(const Ledger *ledger)
{
	return ledger->store_id;
}

const CustodyKey *ledger_custody_key(const Ledger *ledger)
{
	return ledger->custody_key;
}

GPtrArray *ledger_archive_recipients(Ledger *ledger, GError **error)
{
	guint8 set[32];
	g_autoptr(AgeIdentity) sheet = archive_custody_identity(ledger->custody_key, ledger->store_id, error);
	g_autoptr(GPtrArray) readers = sheet != NULL ? ledger_readers(ledger, set, error) : NULL;
	if (readers == NULL)
		return NULL;
	GPtrArray *recipients = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(recipients, g_strdup(age_identity_recipient(sheet)));
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		gboolean opens = strcmp(reader->role, "recovery") == 0 || strcmp(reader->role, "escalation") == 0;
		if (opens && !g_ptr_array_find_with_equal_func(recipients, reader->body, g_str_equal, NULL))
			g_ptr_array_add(recipients, g_strdup(reader->body));
	}
	g_ptr_array_add(recipients, NULL);
	return recipients;
}
