/* SPDX-License-Identifier: ISC */
/* Headers for other readers of what is sealed already, and those that go. */
#include <string.h>

#include "store/ledger-private.h"

/* What a header of that entry and part opens; FALSE and *error where there is no such thing. */
static gboolean find_object(LedgerGroup *group, guint64 seq, SealPart part, LedgerObject *object, GError **error)
{
	int found = ledger_object(group->ledger, group, seq, part, object, error);
	return found == 1 || (found == 0 && ledger_fail(error, LEDGER_ERROR_NOT_FOUND,
	                                                "entry %" G_GUINT64_FORMAT " has nothing of that kind", seq));
}

gboolean ledger_wraps_check(LedgerGroup *group, LedgerJob *job, const LedgerAct *act, GError **error)
{
	for (guint i = 0; i < act->n_wraps; i++) {
		LedgerObject object;
		if (!find_object(group, act->wraps[i].seq, act->wraps[i].part, &object, error))
			return FALSE;
		if (object.seq != act->wraps[i].state)
			return ledger_refuse(job, LEDGER_ERROR_STALE, "entry %" G_GUINT64_FORMAT " was sealed anew meanwhile: try again",
			                     act->wraps[i].seq);
	}
	return TRUE;
}

/* What its reader put aside goes with the empty one in its place, once there is one that takes it over: it may be a row that
 * no key opens, and every row must open when the custody key is changed. */
static gboolean drop_spoiled(Ledger *ledger, gint64 seq, gint64 part, const guint8 recipient[CUSTODY_ID], GError **error)
{
	gint64 newest;
	return database_number(ledger->custody, error, &newest, 0,
	                       "SELECT length(blob) FROM header WHERE seq=? AND part=? AND recipient=? ORDER BY version DESC LIMIT 1",
	                       "iib", seq, part, recipient, (gsize)CUSTODY_ID) &&
	       (newest != CUSTODY_HEADER_EMPTY ||
	        database_run(ledger->custody, error, "DELETE FROM header WHERE seq=? AND part=? AND recipient=?", "iib", seq, part,
	                     recipient, (gsize)CUSTODY_ID));
}

static gboolean insert(LedgerGroup *group, const LedgerWrap *wrap, GError **error)
{
	Ledger *ledger = group->ledger;
	guint8 recipient[CUSTODY_ID];
	LedgerObject object;
	gint64 version;
	custody_recipient_id(wrap->recipient, recipient);
	if (!find_object(group, wrap->seq, wrap->part, &object, error) ||
	    !database_number(ledger->custody, error, &version, 1,
	                     "SELECT max(version) + 1 FROM header WHERE seq=? AND part=? AND recipient=?", "iib",
	                     (gint64)object.seq, (gint64)wrap->part, recipient, sizeof recipient) ||
	    (wrap->size > 0 && !drop_spoiled(ledger, (gint64)object.seq, (gint64)wrap->part, recipient, error)))
		return FALSE;
	const CustodyPlace place = {ledger->store_id, object.id, (guint8)wrap->part, wrap->recipient, (guint32)version};
	g_autoptr(GBytes) row = custody_header_wrap(ledger->custody_key, &place, wrap->text, wrap->size);
	gsize size;
	const void *blob = g_bytes_get_data(row, &size);
	return database_run(ledger->custody, error,
	                    "INSERT INTO header(seq, part, recipient, version, blob) VALUES(?, ?, ?, ?, ?)", "iibib",
	                    (gint64)object.seq, (gint64)wrap->part, recipient, sizeof recipient, version, blob, size);
}

gboolean ledger_wraps_insert(LedgerGroup *group, const LedgerAct *act, GError **error)
{
	for (guint i = 0; i < act->n_wraps; i++)
		if (!insert(group, &act->wraps[i], error))
			return FALSE;
	return TRUE;
}

typedef struct {
	LedgerJob job;
	const LedgerDrop *drops;
	guint n;
} DropJob;

/* Another reader's header stays: of all of them before the first goes. */
static gboolean is_last(LedgerGroup *group, const LedgerDrop *drop, gboolean *last, GError **error)
{
	gint64 others;
	LedgerObject object;
	guint8 recipient[CUSTODY_ID];
	custody_recipient_id(drop->recipient, recipient);
	if (!find_object(group, drop->seq, drop->part, &object, error) ||
	    !database_number(group->ledger->custody, error, &others, 0,
	                     "SELECT count(*) FROM header WHERE seq=? AND part=? AND recipient<>?", "iib", (gint64)object.seq,
	                     (gint64)drop->part, recipient, sizeof recipient))
		return FALSE;
	*last = others == 0;
	return TRUE;
}

static gboolean apply_drop(LedgerGroup *group, LedgerJob *base, GError **error)
{
	DropJob *job = (DropJob *)base;
	gboolean last;
	for (guint i = 0; i < job->n; i++) {
		if (!is_last(group, &job->drops[i], &last, error))
			return FALSE;
		if (last)
			return ledger_refuse(base, LEDGER_ERROR_LAST_HEADER, "this is the last header of entry %" G_GUINT64_FORMAT
			                     ": it stays until another reader has one", job->drops[i].seq);
	}
	for (guint i = 0; i < job->n; i++) {
		guint8 recipient[CUSTODY_ID];
		LedgerObject object;
		custody_recipient_id(job->drops[i].recipient, recipient);
		if (!find_object(group, job->drops[i].seq, job->drops[i].part, &object, error) ||
		    !database_run(group->ledger->custody, error, "DELETE FROM header WHERE seq=? AND part=? AND recipient=?", "iib",
		                  (gint64)object.seq, (gint64)job->drops[i].part, recipient, sizeof recipient))
			return FALSE;
	}
	return TRUE;
}

gboolean ledger_headers_drop(Ledger *ledger, const LedgerDrop *drops, guint n, GError **error)
{
	DropJob job = {.job = {.apply = apply_drop}, .drops = drops, .n = n};
	return n == 0 || ledger_run(ledger, &job.job, error);
}

/* --- of somebody who is out ---------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	GHashTable *out, *readers; /* recipient ids, as guint64 */
	gint64 after, last;        /* entries with after < seq <= last */
	LedgerStripped result;
} StripJob;

typedef struct {
	gint64 seq, part;
	gboolean out, read; /* has a header of theirs, and one of a reader's */
} StripObject;

static GHashTable *recipient_ids(const GPtrArray *recipients)
{
	GHashTable *ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	for (guint i = 0; i < recipients->len; i++) {
		gint64 *id = g_new(gint64, 1);
		G_STATIC_ASSERT(sizeof *id == CUSTODY_ID);
		custody_recipient_id(recipients->pdata[i], (guint8 *)id);
		g_hash_table_add(ids, id);
	}
	return ids;
}

static GArray *find_objects(LedgerGroup *group, const StripJob *job, GError **error)
{
	Database *custody = group->ledger->custody;
	g_autoptr(GArray) objects = g_array_new(FALSE, TRUE, sizeof(StripObject));
	sqlite3_stmt *row = database_query(custody, error,
	                                   "SELECT seq, part, recipient FROM header AS h WHERE seq > ? AND seq <= ? AND"
	                                   " version=(SELECT max(version) FROM header WHERE seq=h.seq AND part=h.part AND"
	                                   " recipient=h.recipient) AND length(blob) > ? ORDER BY seq, part",
	                                   "iii", job->after, job->last, (gint64)CUSTODY_HEADER_EMPTY);
	int more = row != NULL ? database_next(custody, row, error) : -1;
	for (; more == 1; more = database_next(custody, row, error)) {
		gint64 id;
		StripObject object = {sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), FALSE, FALSE};
		StripObject *last = objects->len > 0 ? &g_array_index(objects, StripObject, objects->len - 1) : NULL;
		if (last == NULL || last->seq != object.seq || last->part != object.part) {
			g_array_append_val(objects, object);
			last = &g_array_index(objects, StripObject, objects->len - 1);
		}
		if (sqlite3_column_bytes(row, 2) != sizeof id)
			continue;
		memcpy(&id, sqlite3_column_blob(row, 2), sizeof id);
		last->out = last->out || g_hash_table_contains(job->out, &id);
		last->read = last->read || g_hash_table_contains(job->readers, &id);
	}
	return more == 0 ? g_steal_pointer(&objects) : NULL;
}

static gboolean strip_object(LedgerGroup *group, const StripJob *job, const StripObject *object, GError **error)
{
	GHashTableIter iter;
	gpointer id;
	g_hash_table_iter_init(&iter, job->out);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		if (!database_run(group->ledger->custody, error, "DELETE FROM header WHERE seq=? AND part=? AND recipient=?", "iib",
		                  object->seq, object->part, id, (gsize)CUSTODY_ID))
			return FALSE;
	return TRUE;
}

static gboolean apply_strip(LedgerGroup *group, LedgerJob *base, GError **error)
{
	StripJob *job = (StripJob *)base;
	g_autoptr(GArray) objects = find_objects(group, job, error);
	for (guint i = 0; objects != NULL && i < objects->len; i++) {
		const StripObject *object = &g_array_index(objects, StripObject, i);
		if (!object->out)
			continue;
		job->result.kept += !object->read;
		job->result.gone += object->read;
		if (object->read && !strip_object(group, job, object, error))
			return FALSE;
	}
	return objects != NULL;
}

gboolean ledger_headers_strip(Ledger *ledger, const GPtrArray *recipients, const GPtrArray *readers, LedgerStripped *result,
                              GError **error)
{
	g_autoptr(GHashTable) out = recipient_ids(recipients), in = recipient_ids(readers);
	const gint64 end = (gint64)ledger_size(ledger);
	*result = (LedgerStripped){0, 0};
	for (gint64 after = -1; after < end; after += LEDGER_SLICE_ROWS) {
		StripJob job = {.job = {.apply = apply_strip},
		                .out = out,
		                .readers = in,
		                .after = after,
		                .last = after + LEDGER_SLICE_ROWS};
		if (!ledger_run(ledger, &job.job, error))
			return FALSE;
		result->gone += job.result.gone;
		result->kept += job.result.kept;
	}
	return TRUE;
}

/* --- whose grounds ------------------------------------------------------------------------------------------------ */

typedef struct {
	LedgerJob job;
	guint8 has[CUSTODY_ID], other[CUSTODY_ID];
	gboolean beside;
	gint64 after, end; /* entries with after < seq < end are still to be looked at */
	guint most;
	GArray *seqs;
} GroundsJob;

/* A slice of entries, however few of them have such a text. */
static gboolean step_grounds(Ledger *ledger, LedgerJob *base)
{
	GroundsJob *job = (GroundsJob *)base;
	gint64 last = MIN(job->after + LEDGER_SLICE_ROWS, job->end);
	int more = -1;
	sqlite3_stmt *row = database_query(
		ledger->custody, &base->error,
		"SELECT DISTINCT seq FROM header AS h WHERE seq > ? AND seq <= ? AND part=? AND recipient=? AND "
		"(EXISTS (SELECT 1 FROM header WHERE seq=h.seq AND part=h.part AND recipient=?)) = ? ORDER BY seq",
		"iiibbi", job->after, last, (gint64)SEAL_PART_GROUND, job->has, sizeof job->has, job->other, sizeof job->other,
		(gint64)job->beside);
	while (row != NULL && (more = database_next(ledger->custody, row, &base->error)) == 1) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		if (job->seqs->len < job->most)
			g_array_append_val(job->seqs, seq);
	}
	job->after = last;
	return more != 0 || last >= job->end || job->seqs->len >= job->most;
}

GArray *ledger_grounds(Ledger *ledger, const char *has, const char *other, gboolean beside, guint64 after, guint most,
                       GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	GroundsJob job = {.job = {.step = step_grounds},
	                  .beside = beside,
	                  .after = after == LEDGER_NOTHING ? -1 : (gint64)after,
	                  .end = (gint64)ledger_size(ledger),
	                  .most = most,
	                  .seqs = seqs};
	custody_recipient_id(has, job.has);
	custody_recipient_id(other, job.other);
	return ledger_run(ledger, &job.job, error) ? g_steal_pointer(&seqs) : NULL;
}
