/* SPDX-License-Identifier: ISC */
/* Reading: entries, openings, proofs, headers, payloads. Rows are copied in the writer's thread, opened in the caller's. */
#include <sodium.h>
#include <string.h>

#include "store/ledger-private.h"

/* --- within the writer -------------------------------------------------------------------------------------------- */

static gboolean not_found(GError **error, const char *what, guint64 seq)
{
	return ledger_fail(error, LEDGER_ERROR_NOT_FOUND, "there is no %s %" G_GUINT64_FORMAT, what, seq);
}

/* The octets of a row of one blob, which must be of that size. */
static gboolean fixed_blob(Database *database, sqlite3_stmt *row, void *out, gsize size, const char *what,
                           guint64 number, GError **error)
{
	int found = row != NULL ? database_next(database, row, error) : -1;
	if (found < 0)
		return FALSE;
	if (found == 0)
		return not_found(error, what, number);
	gboolean good = (gsize)sqlite3_column_bytes(row, 0) == size;
	if (good)
		memcpy(out, sqlite3_column_blob(row, 0), size);
	database_done(row);
	return good ||
	       ledger_fail(error, LEDGER_ERROR_DATABASE, "the %s %" G_GUINT64_FORMAT " is of another size", what, number);
}

gboolean ledger_entry_data(Ledger *ledger, guint64 seq, guint8 data[ENTRY_SIZE], GError **error)
{
	sqlite3_stmt *row = database_query(ledger->books, error, "SELECT data FROM entry WHERE seq=?", "i", (gint64)seq);
	return fixed_blob(ledger->books, row, data, ENTRY_SIZE, "entry", seq, error);
}

gboolean ledger_fetch_node(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Ledger *ledger = user;
	sqlite3_stmt *row;
	if (level == 0)
		row = database_query(ledger->books, error, "SELECT leaf FROM entry WHERE seq=?", "i", (gint64)index);
	else
		row = database_query(ledger->books, error, "SELECT hash FROM node WHERE level=? AND ix=?", "ii", (gint64)level,
		                     (gint64)index);
	return fixed_blob(ledger->books, row, hash, MERKLE_HASH, "subtree", index, error);
}

GBytes *ledger_opening(Ledger *ledger, guint64 seq, GError **error)
{
	sqlite3_stmt *row =
		database_query(ledger->custody, error, "SELECT blob FROM opening WHERE seq=?", "i", (gint64)seq);
	int found = row != NULL ? database_next(ledger->custody, row, error) : -1;
	if (found != 1) {
		if (found == 0)
			not_found(error, "opening of entry", seq);
		return NULL;
	}
	GBytes *opening = ledger_unseal(ledger, CUSTODY_OPENING, "opening", seq, row, 0, error);
	database_done(row);
	return opening;
}

gboolean ledger_opening_split(GBytes *opening, guint8 salt[ENTRY_SALT], GBytes **record, GError **error)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(opening, &size);
	if (size < ENTRY_SALT)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "an opening that is too short");
	memcpy(salt, data, ENTRY_SALT);
	*record = bundle_secret_bytes(data + ENTRY_SALT, size - ENTRY_SALT);
	return TRUE;
}

Record *ledger_opened_record(Ledger *ledger, guint64 seq, GError **error)
{
	guint8 salt[ENTRY_SALT];
	g_autoptr(GBytes) octets = NULL;
	g_autoptr(GBytes) opening = ledger_opening(ledger, seq, error);
	if (opening == NULL || !ledger_opening_split(opening, salt, &octets, error))
		return NULL;
	gsize size;
	const void *text = g_bytes_get_data(octets, &size);
	return record_read(text, size, 0, NULL, error);
}

Record *ledger_entry_record(Ledger *ledger, guint64 seq, Entry *entry, GError **error)
{
	guint8 data[ENTRY_SIZE], salt[ENTRY_SALT];
	g_autoptr(GBytes) octets = NULL;
	if (!ledger_entry_data(ledger, seq, data, error) || !entry_decode(data, entry, error))
		return NULL;
	g_autoptr(GBytes) opening = ledger_opening(ledger, seq, error);
	if (opening == NULL || !ledger_opening_split(opening, salt, &octets, error))
		return NULL;
	gsize size;
	const void *text = g_bytes_get_data(octets, &size);
	return entry_verify_commitment(data, salt, text, size, error) ? record_read(text, size, 0, NULL, error) : NULL;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

typedef struct {
	LedgerJob job;
	guint64 seq;
	LedgerEntry *entry;
	GByteArray *entries; /* of ledger_entries(): */
	guint64 end;
} EntryJob;

static gboolean step_entry(Ledger *ledger, LedgerJob *base)
{
	EntryJob *job = (EntryJob *)base;
	job->entry->seq = job->seq;
	if (!ledger_entry_data(ledger, job->seq, job->entry->entry, &base->error))
		return TRUE;
	g_autoptr(GBytes) opening = ledger_opening(ledger, job->seq, &base->error);
	if (opening != NULL)
		ledger_opening_split(opening, job->entry->salt, &job->entry->record, &base->error);
	return TRUE;
}

gboolean ledger_entry(Ledger *ledger, guint64 seq, LedgerEntry *entry, GError **error)
{
	EntryJob job = {.job = {.step = step_entry}, .seq = seq, .entry = entry};
	memset(entry, 0, sizeof *entry);
	if (seq >= ledger_size(ledger))
		return not_found(error, "entry", seq);
	if (ledger_run(ledger, &job.job, error))
		return TRUE;
	ledger_entry_clear(entry);
	return FALSE;
}

static gboolean step_entries(Ledger *ledger, LedgerJob *base)
{
	EntryJob *job = (EntryJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	for (; job->seq < job->end && g_get_monotonic_time() < stop; job->seq++) {
		guint8 data[ENTRY_SIZE];
		if (!ledger_entry_data(ledger, job->seq, data, &base->error))
			return TRUE;
		g_byte_array_append(job->entries, data, sizeof data);
	}
	return job->seq == job->end;
}

GBytes *ledger_entries(Ledger *ledger, guint64 from, guint most, GError **error)
{
	guint64 size = ledger_size(ledger);
	EntryJob job = {.job = {.step = step_entries}, .seq = MIN(from, size)};
	job.end = job.seq + MIN(most, size - job.seq);
	job.entries = g_byte_array_new();
	gboolean done = ledger_run(ledger, &job.job, error);
	GBytes *entries = g_byte_array_free_to_bytes(job.entries);
	if (!done)
		g_clear_pointer(&entries, g_bytes_unref);
	return entries;
}

/* --- proofs ------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const guint64 *seqs;
	guint n;
	guint64 known;
	LedgerProof *proof;
	gboolean begun;
} ProofJob;

void ledger_proof_clear(LedgerProof *proof)
{
	for (guint i = 0; i < proof->n_inclusion; i++)
		g_clear_pointer(&proof->inclusion[i], g_bytes_unref);
	g_free(proof->inclusion);
	g_free(proof->note);
	g_clear_pointer(&proof->consistency, g_bytes_unref);
	memset(proof, 0, sizeof *proof);
}

/* The first slice takes the checkpoint; subtrees never change, so that later slices prove for that same tree. */
static gboolean begin_proof(Ledger *ledger, ProofJob *job, GError **error)
{
	LedgerProof *proof = job->proof;
	job->begun = TRUE;
	proof->note = g_strdup(ledger->note);
	proof->size = ledger->tree.size;
	proof->inclusion = g_new0(GBytes *, MAX(job->n, 1));
	for (guint i = 0; i < job->n; i++)
		if (job->seqs[i] >= proof->size)
			return not_found(error, "entry", job->seqs[i]);
	if (job->known == 0 || job->known > proof->size)
		return TRUE;
	proof->consistency = merkle_consistency(job->known, proof->size, ledger_fetch_node, ledger, error);
	return proof->consistency != NULL;
}

static gboolean step_proof(Ledger *ledger, LedgerJob *base)
{
	ProofJob *job = (ProofJob *)base;
	LedgerProof *proof = job->proof;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	if (!job->begun && !begin_proof(ledger, job, &base->error))
		return TRUE;
	while (proof->n_inclusion < job->n && g_get_monotonic_time() < stop) {
		GBytes *path =
			merkle_inclusion(job->seqs[proof->n_inclusion], proof->size, ledger_fetch_node, ledger, &base->error);
		if (path == NULL)
			return TRUE;
		proof->inclusion[proof->n_inclusion++] = path;
	}
	return proof->n_inclusion == job->n;
}

gboolean ledger_prove(Ledger *ledger, const guint64 *seqs, guint n, guint64 known_size, LedgerProof *proof,
                      GError **error)
{
	ProofJob job = {.job = {.step = step_proof}, .seqs = seqs, .n = n, .known = known_size, .proof = proof};
	memset(proof, 0, sizeof *proof);
	if (ledger_run(ledger, &job.job, error))
		return TRUE;
	ledger_proof_clear(proof);
	return FALSE;
}

typedef struct {
	LedgerJob job;
	guint64 known;
	LedgerRange *range;
} RangeJob;

void ledger_range_clear(LedgerRange *range)
{
	g_free(range->note);
	g_clear_pointer(&range->left, g_bytes_unref);
	g_clear_pointer(&range->right, g_bytes_unref);
	g_clear_pointer(&range->consistency, g_bytes_unref);
	memset(range, 0, sizeof *range);
}

/* Some hundred rows at most: one slice. */
static gboolean step_range(Ledger *ledger, LedgerJob *base)
{
	RangeJob *job = (RangeJob *)base;
	LedgerRange *range = job->range;
	range->note = g_strdup(ledger->note);
	range->size = ledger->tree.size;
	range->to = MIN(range->to, range->size);
	range->from = MIN(range->from, range->to);
	range->left = merkle_cover(0, range->from, ledger_fetch_node, ledger, &base->error);
	if (range->left != NULL)
		range->right = merkle_cover(range->to, range->size, ledger_fetch_node, ledger, &base->error);
	if (range->right != NULL && job->known > 0 && job->known <= range->size)
		range->consistency = merkle_consistency(job->known, range->size, ledger_fetch_node, ledger, &base->error);
	return TRUE;
}

gboolean ledger_prove_range(Ledger *ledger, guint64 from, guint64 to, guint64 known_size, LedgerRange *range,
                            GError **error)
{
	RangeJob job = {.job = {.step = step_range}, .known = known_size, .range = range};
	*range = (LedgerRange){.from = from, .to = to};
	if (ledger_run(ledger, &job.job, error))
		return TRUE;
	ledger_range_clear(range);
	return FALSE;
}

typedef struct {
	LedgerJob job;
	guint64 size;
	char *note;
} NoteJob;

static gboolean step_note(Ledger *ledger, LedgerJob *base)
{
	NoteJob *job = (NoteJob *)base;
	sqlite3_stmt *row = database_query(ledger->books, &base->error,
	                                   "SELECT note FROM checkpoint WHERE size>=? ORDER BY size LIMIT 1", "i", (gint64)job->size);
	int found = row != NULL ? database_next(ledger->books, row, &base->error) : -1;
	if (found == 1) {
		job->note = g_strdup((const char *)sqlite3_column_text(row, 0));
		database_done(row);
	} else if (found == 0) {
		not_found(&base->error, "checkpoint over entry", job->size);
	}
	return TRUE;
}

char *ledger_checkpoint_over(Ledger *ledger, guint64 size, GError **error)
{
	NoteJob job = {.job = {.step = step_note}, .size = size};
	return ledger_run(ledger, &job.job, error) ? job.note : NULL;
}

/* --- sealed objects ----------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	guint64 seq;
	SealPart part;
	guint8 recipient[CUSTODY_ID];
	gboolean found; /* there is such an object */
	LedgerObject object;
	gint64 version;
	GBytes *blob;    /* the row */
} ObjectJob;

static gboolean take_blob(Database *database, sqlite3_stmt *row, ObjectJob *job, GError **error)
{
	if (row == NULL || database_next(database, row, error) != 1)
		return FALSE;
	job->blob = database_column(row, 0);
	job->version = sqlite3_column_count(row) > 1 ? sqlite3_column_int64(row, 1) : 0;
	database_done(row);
	return TRUE;
}

static gboolean find_object(Ledger *ledger, ObjectJob *job)
{
	job->found = ledger_object(ledger, NULL, job->seq, job->part, &job->object, &job->job.error) == 1;
	return job->found;
}

static gboolean step_header(Ledger *ledger, LedgerJob *base)
{
	ObjectJob *job = (ObjectJob *)base;
	gboolean text = job->part > SEAL_PART_CARD;
	job->object.seq = job->seq;
	if (!text && !find_object(ledger, job))
		return TRUE;
	sqlite3_stmt *row = database_query(
		ledger->custody, &base->error,
		"SELECT blob, version FROM header WHERE seq=? AND part=? AND recipient=? ORDER BY version DESC LIMIT 1", "iib",
		(gint64)job->object.seq, (gint64)job->part, job->recipient, sizeof job->recipient);
	/* A text's id stands in its record, which is opened only where there is a header. */
	if (take_blob(ledger->custody, row, job, &base->error) && text && !find_object(ledger, job))
		g_clear_pointer(&job->blob, g_bytes_unref);
	return TRUE;
}

/* A row of `payload` alone answers; without one the object's id names the file. */
static gboolean step_payload(Ledger *ledger, LedgerJob *base)
{
	ObjectJob *job = (ObjectJob *)base;
	if (!find_object(ledger, job))
		return TRUE;
	sqlite3_stmt *row = database_query(ledger->custody, &base->error, "SELECT blob FROM payload WHERE seq=? AND part=?",
	                                   "ii", (gint64)job->object.seq, (gint64)job->part);
	take_blob(ledger->custody, row, job, &base->error);
	return TRUE;
}

static gboolean step_state(Ledger *ledger, LedgerJob *base)
{
	find_object(ledger, (ObjectJob *)base);
	return TRUE;
}

gboolean ledger_state(Ledger *ledger, guint64 seq, SealPart part, guint64 *state, GError **error)
{
	ObjectJob job = {.job = {.step = step_state}, .seq = seq, .part = part};
	if (!ledger_run(ledger, &job.job, error))
		return FALSE;
	*state = job.object.seq;
	return job.found || not_found(error, "message at entry", seq);
}

static gboolean sound(Ledger *ledger, GError **error)
{
	return !ledger_is_tampered(ledger) ||
	       ledger_fail(error, LEDGER_ERROR_TAMPERED,
	                   "the check of %s found a mismatch: nothing is opened until it is cleared up (`senim verify`)",
	                   ledger->mailbox);
}

static GBytes *unwrap(const Ledger *ledger, const ObjectJob *job, const char *recipient, GError **error)
{
	gsize size;
	const CustodyPlace place = {ledger->store_id, job->object.id, (guint8)job->part, recipient, (guint32)job->version};
	const void *blob = g_bytes_get_data(job->blob, &size);
	g_autoptr(GBytes) header = custody_header_unwrap(ledger->custody_key, &place, blob, size, error);
	/* An empty one says that its reader could not open the one before it (ledger.h). */
	if (header != NULL && g_bytes_get_size(header) == 0)
		return not_found(error, "header for this reader of case", job->seq), NULL;
	return g_steal_pointer(&header);
}

static void object_clear(ObjectJob *job)
{
	g_clear_pointer(&job->blob, g_bytes_unref);
}

GBytes *ledger_header(Ledger *ledger, guint64 seq, SealPart part, const char *recipient, GError **error)
{
	ObjectJob job = {.job = {.step = step_header}, .seq = seq, .part = part};
	GBytes *header = NULL;
	GError *inner = NULL;
	if (!sound(ledger, error))
		return NULL;
	custody_recipient_id(recipient, job.recipient);
	if (ledger_run(ledger, &job.job, &inner)) {
		if (job.blob != NULL)
			header = unwrap(ledger, &job, recipient, &inner);
		else
			not_found(&inner, "header for this reader of case", seq);
	}
	object_clear(&job);
	if (inner != NULL) {
		ledger_translate(&inner);
		g_propagate_error(error, inner);
	}
	return header;
}

gboolean ledger_payload(Ledger *ledger, guint64 seq, SealPart part, GBytes **bytes, int *fd, GError **error)
{
	ObjectJob job = {.job = {.step = step_payload}, .seq = seq, .part = part};
	GError *inner = NULL;
	*bytes = NULL;
	*fd = -1;
	if (!sound(ledger, error))
		return FALSE;
	if (ledger_run(ledger, &job.job, &inner)) {
		*bytes = g_steal_pointer(&job.blob);
		if (*bytes == NULL && (!job.found || part != SEAL_PART_BODY))
			not_found(&inner, "payload of case", seq);
		else if (*bytes == NULL)
			*fd = vault_read(ledger->vault, job.object.id, &inner);
	}
	object_clear(&job);
	if (inner == NULL)
		return TRUE;
	ledger_translate(&inner);
	g_propagate_error(error, inner);
	return FALSE;
}

/* --- many at once ------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const guint64 *seqs;
	guint n, at;
	LedgerEntry *entries;
	ObjectJob *objects; /* of each entry its text's row, where it has one */
} OpeningsJob;

/* FALSE and *error; an opening that is gone is no error. */
static gboolean read_one(Ledger *ledger, OpeningsJob *job, guint i, GError **error)
{
	Entry entry;
	g_autoptr(GError) inner = NULL;
	LedgerEntry *into = &job->entries[i];
	ObjectJob *object = &job->objects[i];
	into->seq = job->seqs[i];
	if (!ledger_entry_data(ledger, into->seq, into->entry, error))
		return FALSE;
	g_autoptr(GBytes) opening = ledger_opening(ledger, into->seq, &inner);
	if (opening == NULL && g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
		return TRUE;
	if (opening == NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	if (!ledger_opening_split(opening, into->salt, &into->record, error) || !entry_decode(into->entry, &entry, error))
		return FALSE;
	if ((entry.flags & ENTRY_FLAG_SEALED) == 0)
		return TRUE;
	step_header(ledger, &object->job);
	if (object->job.error == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&object->job.error));
	return FALSE;
}

static gboolean step_openings(Ledger *ledger, LedgerJob *base)
{
	OpeningsJob *job = (OpeningsJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	while (job->at < job->n && g_get_monotonic_time() < stop)
		if (!read_one(ledger, job, job->at++, &base->error))
			return TRUE;
	return job->at == job->n;
}

/* *header NULL: none that opens. */
static gboolean take_header(const Ledger *ledger, const ObjectJob *job, const char *recipient, GBytes **header, GError **error)
{
	GError *cause = NULL;
	*header = unwrap(ledger, job, recipient, &cause);
	if (g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
		g_clear_error(&cause);
	if (cause != NULL)
		g_propagate_error(error, cause);
	return cause == NULL;
}

gboolean ledger_openings(Ledger *ledger, const guint64 *seqs, guint n, const char *recipient, LedgerEntry *entries,
                         GBytes **headers, GError **error)
{
	g_autofree ObjectJob *texts = g_new0(ObjectJob, MAX(n, 1));
	OpeningsJob job = {.job = {.step = step_openings}, .seqs = seqs, .n = n, .entries = entries, .objects = texts};
	memset(entries, 0, n * sizeof *entries);
	memset(headers, 0, n * sizeof *headers);
	for (guint i = 0; i < n; i++) {
		texts[i].seq = seqs[i];
		texts[i].part = SEAL_PART_TEXT;
		custody_recipient_id(recipient, texts[i].recipient);
	}
	gboolean good = sound(ledger, error) && ledger_run(ledger, &job.job, error);
	for (guint i = 0; i < n; i++) {
		if (good && texts[i].blob != NULL)
			good = take_header(ledger, &texts[i], recipient, &headers[i], error);
		object_clear(&texts[i]);
	}
	for (guint i = 0; !good && i < n; i++) {
		g_clear_pointer(&headers[i], g_bytes_unref);
		ledger_entry_clear(&entries[i]);
	}
	return good;
}
