/* SPDX-License-Identifier: ISC */
/* What leaves for trustees and comes back from them. The checkpoint that is published holds a multiple of LEDGER_BLOCK entries,
 * so that its size tells nobody the tempo of the office; what a note of an earlier size says is made again from the tree,
 * octet for octet, since the register's key signs the same text alike each time. */
#include <string.h>

#include "store/ledger-private.h"

#define RESTORED_MAX 256 /* of one log that are shown */

/* --- publishing ------------------------------------------------------------------------------------------------------ */

typedef struct {
	LedgerJob job;
	const LedgerTrustee *trustees;
	guint n;
} PublishJob;

static gboolean add_entry(LedgerGroup *group, EntryKind kind, const Record *record, GError **error)
{
	const Entry entry = {.kind = (guint16)kind, .concerns = ENTRY_NOTHING};
	g_autoptr(GBytes) octets = ledger_record_octets(kind, record, error);
	return octets != NULL && ledger_group_add(group, &entry, octets, NULL, error);
}

/* The letter lies with the entry that says so: neither is there without the other. */
static gboolean ask(LedgerGroup *group, const LedgerTrustee *trustee, guint64 size, GError **error)
{
	guint64 seq = group->tree.size;
	g_autoptr(Record) record = record_new(), letter = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add(record, "act", "asked");
	record_add(record, "trustee", trustee->name);
	record_add_uint(record, "old", trustee->old);
	record_add_uint(record, "size", size);
	record_add(letter, "to", trustee->mail);
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", "checkpoint");
	record_add_uint(letter, "old", trustee->old);
	record_add_uint(letter, "other", trustee->other);
	record_add_uint(letter, "size", size);
	return add_entry(group, ENTRY_WITNESSED, record, error) &&
	       ledger_letter_insert(group, seq, LEDGER_NOTHING, letter, NULL, group->now, error);
}

static gboolean apply_publish(LedgerGroup *group, LedgerJob *base, GError **error)
{
	PublishJob *job = (PublishJob *)base;
	g_autoptr(Record) nothing = record_new();
	guint64 size = (group->tree.size + job->n + LEDGER_BLOCK - 1) / LEDGER_BLOCK * LEDGER_BLOCK;
	for (guint i = 0; i < job->n; i++)
		if (!ask(group, &job->trustees[i], size, error))
			return FALSE;
	while (group->tree.size < size)
		if (!add_entry(group, ENTRY_PAD, nothing, error))
			return FALSE;
	return TRUE;
}

gboolean ledger_publish(Ledger *ledger, const LedgerTrustee *trustees, guint n, GError **error)
{
	/* So heavy that it has a group, and with that a checkpoint, of its own. */
	PublishJob job = {.job = {.apply = apply_publish, .appends = TRUE, .weight = LEDGER_GROUP_OCTETS}, .trustees = trustees, .n = n};
	return ledger_run(ledger, &job.job, error);
}

/* --- cosignatures ---------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const LedgerCosignature *cosignature;
} CosignJob;

static gboolean apply_cosign(LedgerGroup *group, LedgerJob *base, GError **error)
{
	const LedgerCosignature *cosignature = ((CosignJob *)base)->cosignature;
	Database *books = group->ledger->books;
	gint64 there;
	if (!database_number(books, error, &there, 0, "SELECT 1 FROM cosignature WHERE size=? AND key=?", "ib", (gint64)cosignature->size,
	                     cosignature->key, sizeof cosignature->key))
		return FALSE;
	for (guint i = 0; i < group->cosignatures->len; i++) {
		const LedgerCosignature *other = &g_array_index(group->cosignatures, LedgerCosignature, i);
		there |= other->size == cosignature->size && memcmp(other->key, cosignature->key, sizeof other->key) == 0;
	}
	if (there != 0)
		return ledger_refuse(base, LEDGER_ERROR_STATE, "a cosignature that stands in the register already");
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add(record, "act", "confirmed");
	record_add(record, "trustee", cosignature->trustee);
	record_add_uint(record, "size", cosignature->size);
	record_add_uint(record, "at", (guint64)cosignature->time);
	record_add_hex(record, "key", cosignature->key, sizeof cosignature->key);
	record_add(record, "line", cosignature->line);
	g_array_append_val(group->cosignatures, *cosignature);
	return add_entry(group, ENTRY_WITNESSED, record, error);
}

gboolean ledger_cosign(Ledger *ledger, const LedgerCosignature *cosignature, GError **error)
{
	CosignJob job = {.job = {.apply = apply_cosign, .appends = TRUE, .weight = 4096}, .cosignature = cosignature};
	return ledger_run(ledger, &job.job, error);
}

gboolean ledger_cosignature_insert(Ledger *ledger, guint64 size, const guint8 key[LEDGER_WITNESS_KEY], const char *line, GError **error)
{
	return database_run(ledger->books, error, "INSERT INTO cosignature(size, key, line) VALUES(?, ?, ?)", "ibt", (gint64)size, key,
	                    (gsize)LEDGER_WITNESS_KEY, line);
}

gboolean ledger_cosignature_rebuild(Ledger *ledger, const Record *record, GError **error)
{
	guint8 key[LEDGER_WITNESS_KEY];
	guint64 size;
	const char *line = record_get(record, "line");
	return line == NULL || (record_get_hex(record, "key", key, sizeof key, error) &&
	                        record_get_uint(record, "size", G_MAXINT64, &size, error) &&
	                        ledger_cosignature_insert(ledger, size, key, line, error));
}

/* --- the table, for the check ---------------------------------------------------------------------------------------- */

/* A row that was never written here may have a key of any length. */
static char *name_of(guint64 size, const void *key, gsize length)
{
	GString *name = g_string_new(NULL);
	g_string_printf(name, "%" G_GUINT64_FORMAT " ", size);
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(name, "%02x", ((const guint8 *)key)[i]);
	return g_string_free(name, FALSE);
}

char *ledger_cosignature_name(guint64 size, const guint8 key[LEDGER_WITNESS_KEY])
{
	return name_of(size, key, LEDGER_WITNESS_KEY);
}

typedef struct {
	LedgerJob job;
	GHashTable *rows;
	guint64 size; /* the last row that was taken, and its key */
	GBytes *key;
} RowsJob;

static gboolean step_rows(Ledger *ledger, LedgerJob *base)
{
	RowsJob *job = (RowsJob *)base;
	guint n = 0;
	gsize length;
	g_autoptr(GBytes) last = g_bytes_ref(job->key); /* the query looks at it until its end */
	const void *key = g_bytes_get_data(last, &length);
	sqlite3_stmt *row = database_query(ledger->books, &base->error,
	                                   "SELECT key, size, line FROM cosignature WHERE (size, key) > (?, ?) ORDER BY size, key LIMIT ?", "ibi",
	                                   (gint64)job->size, key, length, (gint64)LEDGER_SLICE_ROWS);
	for (; row != NULL && database_next(ledger->books, row, &base->error) == 1; n++) {
		g_bytes_unref(job->key);
		job->key = database_column(row, 0);
		job->size = (guint64)sqlite3_column_int64(row, 1);
		key = g_bytes_get_data(job->key, &length);
		g_hash_table_insert(job->rows, name_of(job->size, key, length), g_strdup((const char *)sqlite3_column_text(row, 2)));
	}
	return base->error != NULL || n < LEDGER_SLICE_ROWS;
}

GHashTable *ledger_cosignatures(Ledger *ledger, GError **error)
{
	g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	RowsJob job = {.job = {.step = step_rows}, .rows = rows, .size = (guint64)G_MININT64, .key = g_bytes_new("", 1)};
	gboolean done = ledger_run(ledger, &job.job, error);
	g_bytes_unref(job.key);
	return done ? g_steal_pointer(&rows) : NULL;
}

typedef struct {
	LedgerJob job;
	guint64 size;
	const guint8 *key;
	char *line;
} LineJob;

static gboolean step_line(Ledger *ledger, LedgerJob *base)
{
	LineJob *job = (LineJob *)base;
	sqlite3_stmt *row = database_query(ledger->books, &base->error, "SELECT line FROM cosignature WHERE size=? AND key=?", "ib",
	                                   (gint64)job->size, job->key, (gsize)LEDGER_WITNESS_KEY);
	if (row != NULL && database_next(ledger->books, row, &base->error) == 1) {
		job->line = g_strdup((const char *)sqlite3_column_text(row, 0));
		database_done(row);
	}
	return TRUE;
}

char *ledger_cosignature_line(Ledger *ledger, guint64 size, const guint8 key[LEDGER_WITNESS_KEY], GError **error)
{
	LineJob job = {.job = {.step = step_line}, .size = size, .key = key};
	return ledger_run(ledger, &job.job, error) ? job.line : NULL;
}

/* --- what was signed at a size ---------------------------------------------------------------------------------------- */

static char *text_at(Ledger *ledger, guint64 size, GError **error)
{
	MerkleTree tree;
	guint8 root[MERKLE_HASH];
	if (size > ledger->tree.size) {
		ledger_fail(error, LEDGER_ERROR_NOT_FOUND, "there are no %" G_GUINT64_FORMAT " entries", size);
		return NULL;
	}
	if (!merkle_load(&tree, size, ledger_fetch_node, ledger, error))
		return NULL;
	merkle_root(&tree, root);
	return note_checkpoint(ledger->origin, size, root);
}

/* With the lines of the witnesses that came in for it. */
static char *note_at(Ledger *ledger, guint64 size, GError **error)
{
	g_autofree char *text = text_at(ledger, size, error);
	char *signed_text = text != NULL ? note_sign(text, ledger->signer, error) : NULL;
	if (signed_text == NULL)
		return NULL;
	GString *note = g_string_new(signed_text);
	g_free(signed_text);
	sqlite3_stmt *row = database_query(ledger->books, error, "SELECT line FROM cosignature WHERE size=? ORDER BY key", "i", (gint64)size);
	int found = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; found == 1; found = database_next(ledger->books, row, error))
		g_string_append(note, (const char *)sqlite3_column_text(row, 0));
	return g_string_free(note, found != 0);
}

typedef struct {
	LedgerJob job;
	guint64 old, size, seq;
	LedgerPast *past;
} PastJob;

static gboolean prove_entry(Ledger *ledger, guint64 seq, LedgerPast *past, GError **error)
{
	past->seq = seq;
	past->inclusion = ledger_entry_data(ledger, seq, past->entry, error)
	                      ? merkle_inclusion(seq, past->size, ledger_fetch_node, ledger, error) : NULL;
	return past->inclusion != NULL;
}

/* The last entry behind `old` that says what was lost. */
static gboolean find_restored(Ledger *ledger, const PastJob *job, LedgerPast *past, GError **error)
{
	gint64 seq;
	return database_number(ledger->books, error, &seq, -1,
	                       "SELECT max(seq) FROM entry WHERE substr(data, 25, 2)=x'0019' AND seq>=? AND seq<?", "ii", (gint64)job->old,
	                       (gint64)job->size) &&
	       (seq < 0 || prove_entry(ledger, (guint64)seq, past, error));
}

static gboolean step_published(Ledger *ledger, LedgerJob *base)
{
	PastJob *job = (PastJob *)base;
	LedgerPast *past = job->past;
	GError **error = &base->error;
	past->size = job->size;
	past->note = note_at(ledger, job->size, error);
	past->consistency = past->note != NULL ? merkle_consistency(job->old, job->size, ledger_fetch_node, ledger, error) : NULL;
	if (past->consistency != NULL)
		find_restored(ledger, job, past, error);
	return TRUE;
}

void ledger_past_clear(LedgerPast *past)
{
	g_free(past->note);
	g_clear_pointer(&past->consistency, g_bytes_unref);
	g_clear_pointer(&past->inclusion, g_bytes_unref);
	memset(past, 0, sizeof *past);
}

static gboolean run_past(Ledger *ledger, PastJob *job, GError **error)
{
	memset(job->past, 0, sizeof *job->past);
	if (ledger_run(ledger, &job->job, error))
		return TRUE;
	ledger_past_clear(job->past);
	return FALSE;
}

gboolean ledger_published(Ledger *ledger, guint64 old, guint64 size, LedgerPast *past, GError **error)
{
	PastJob job = {.job = {.step = step_published}, .old = MIN(old, size), .size = size, .past = past};
	return run_past(ledger, &job, error);
}

typedef struct {
	LedgerJob job;
	GArray *seqs;
} RestoredJob;

static gboolean step_restored(Ledger *ledger, LedgerJob *base)
{
	GArray *seqs = ((RestoredJob *)base)->seqs;
	GError **error = &base->error;
	sqlite3_stmt *row = database_query(ledger->books, error,
	                                   "SELECT seq FROM entry WHERE seq=0 OR substr(data, 25, 2)=x'0019' ORDER BY seq LIMIT ?", "i",
	                                   (gint64)RESTORED_MAX);
	while (row != NULL && database_next(ledger->books, row, error) == 1) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	return TRUE;
}

GArray *ledger_restored(Ledger *ledger, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	RestoredJob job = {.job = {.step = step_restored}, .seqs = seqs};
	return ledger_run(ledger, &job.job, error) ? g_steal_pointer(&seqs) : NULL;
}

static gboolean step_witnessed(Ledger *ledger, LedgerJob *base)
{
	PastJob *job = (PastJob *)base;
	LedgerPast *past = job->past;
	GError **error = &base->error;
	gint64 size;
	if (!database_number(ledger->books, error, &size, 0, "SELECT max(size) FROM cosignature WHERE size>? AND size<=?", "ii",
	                     (gint64)job->seq, (gint64)job->size) || size == 0)
		return TRUE;
	past->size = (guint64)size;
	past->note = note_at(ledger, past->size, error);
	past->consistency = past->note != NULL ? merkle_consistency(past->size, job->size, ledger_fetch_node, ledger, error) : NULL;
	if (past->consistency != NULL)
		prove_entry(ledger, job->seq, past, error);
	return TRUE;
}

gboolean ledger_witnessed(Ledger *ledger, guint64 seq, guint64 upto, LedgerPast *past, GError **error)
{
	PastJob job = {.job = {.step = step_witnessed}, .seq = seq, .size = upto, .past = past};
	return run_past(ledger, &job, error);
}

/* --- which of them a witness has signed ------------------------------------------------------------------------------ */

#define PUBLISHED_MOST 400 /* more than a year of days */

typedef struct {
	LedgerJob job;
	const char *line;
	const NoteVerifier *witness;
	guint64 size;
	gint64 time;
} MatchJob;

/* A block is published once, and its size is all that tells: the last year's are tried, the newest first. */
static gboolean step_match(Ledger *ledger, LedgerJob *base)
{
	MatchJob *job = (MatchJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	guint64 last = ledger->tree.size / LEDGER_BLOCK * LEDGER_BLOCK;
	guint64 least = last > PUBLISHED_MOST * LEDGER_BLOCK ? last - PUBLISHED_MOST * LEDGER_BLOCK : 0;
	if (job->size == LEDGER_NOTHING)
		job->size = last;
	for (; job->size > least && g_get_monotonic_time() < stop; job->size -= LEDGER_BLOCK) {
		g_autofree char *text = text_at(ledger, job->size, &base->error);
		g_autofree char *note = text != NULL ? g_strdup_printf("%s\n%s", text, job->line) : NULL;
		if (note == NULL || note_verify_cosignature(note, job->witness, &job->time, NULL))
			return TRUE;
	}
	if (job->size > least)
		return FALSE;
	ledger_refuse(base, LEDGER_ERROR_NOT_FOUND, "a cosignature over no checkpoint of the last year");
	return TRUE;
}

gboolean ledger_match_cosignature(Ledger *ledger, const char *line, const NoteVerifier *witness, guint64 *size, gint64 *time,
                                  GError **error)
{
	MatchJob job = {.job = {.step = step_match}, .line = line, .witness = witness, .size = LEDGER_NOTHING};
	if (!ledger_run(ledger, &job.job, error))
		return FALSE;
	*size = job.size;
	*time = job.time;
	return TRUE;
}

/* --- a trustee --------------------------------------------------------------------------------------------------------- */

#define LOOKED_AT 8000 /* entries of the kind: a year's and more */
#define AT_ONCE 32

typedef struct {
	LedgerJob job;
	const char *name;
	const guint8 *key;
	guint64 before;
	guint looked, asked; /* entries, and those of them by which one went to him */
	LedgerTrusteeState *state;
} StateJob;

static gboolean take_state(StateJob *job, const Record *record, GError **error)
{
	guint64 size, time;
	LedgerTrusteeState *state = job->state;
	const char *act = record_get(record, "act");
	gboolean asked = g_strcmp0(act, "asked") == 0, confirmed = g_strcmp0(act, "confirmed") == 0;
	gboolean returned = g_strcmp0(act, "returned") == 0;
	guint8 key[LEDGER_WITNESS_KEY];
	if ((!asked && !confirmed && !returned) || g_strcmp0(record_get(record, "trustee"), job->name) != 0)
		return TRUE;
	if (returned) {
		if (!record_get_uint(record, "time", G_MAXINT64, &time, error))
			return FALSE;
		if (state->returned == 0 && state->confirmed == 0 && job->asked < 2)
			state->returned = (gint64)time;
		return TRUE;
	}
	if (!record_get_uint(record, "size", G_MAXINT64, &size, error) ||
	    !record_get_uint(record, asked ? "time" : "at", G_MAXINT64, &time, error) ||
	    (confirmed && !record_get_hex(record, "key", key, sizeof key, error)))
		return FALSE;
	if (asked) {
		job->asked++;
		state->first = (gint64)time;
		if (state->sent == 0) {
			state->sent = size;
			state->asked = (gint64)time;
		}
	} else if (size > state->confirmed && job->key != NULL && memcmp(key, job->key, sizeof key) == 0) {
		state->confirmed = size;
		state->at = (gint64)time;
	}
	return TRUE;
}

static gboolean step_state(Ledger *ledger, LedgerJob *base)
{
	StateJob *job = (StateJob *)base;
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	sqlite3_stmt *row = database_query(ledger->books, &base->error,
	                                   "SELECT seq FROM entry WHERE substr(data, 25, 2)=x'0038' AND seq<? ORDER BY seq DESC LIMIT 32", "i",
	                                   (gint64)job->before);
	while (row != NULL && database_next(ledger->books, row, &base->error) == 1) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	for (guint i = 0; i < seqs->len && base->error == NULL; i++) {
		guint8 salt[ENTRY_SALT];
		gsize size;
		g_autoptr(GBytes) octets = NULL;
		job->before = g_array_index(seqs, guint64, i);
		g_autoptr(GBytes) opening = ledger_opening(ledger, job->before, &base->error);
		if (opening == NULL || !ledger_opening_split(opening, salt, &octets, &base->error))
			break;
		const void *text = g_bytes_get_data(octets, &size);
		g_autoptr(Record) record = record_read(text, size, 0, NULL, &base->error);
		if (record != NULL)
			take_state(job, record, &base->error);
	}
	job->looked += seqs->len;
	gboolean enough = job->state->sent != 0 && (job->key == NULL || job->state->confirmed != 0);
	return base->error != NULL || seqs->len < AT_ONCE || job->looked >= LOOKED_AT || enough;
}

gboolean ledger_trustee_state(Ledger *ledger, const char *name, const guint8 *key, LedgerTrusteeState *state, GError **error)
{
	StateJob job = {.job = {.step = step_state}, .name = name, .key = key, .before = G_MAXINT64, .state = state};
	memset(state, 0, sizeof *state);
	return ledger_run(ledger, &job.job, error);
}
