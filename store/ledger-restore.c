/* SPDX-License-Identifier: ISC */
/* New books out of an archive: the same entries, so that every proof that was ever given of them holds; what rested under the
 * custody key under it again. And the entry that says so. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ledger-archive.h"
#include "store/ledger-private.h"
#include "store/payload.h"

#define BATCH 512
#define COPY_SIZE (256 * 1024)

struct LedgerBuild {
	Ledger *ledger;
	guint rows;   /* since the last commit */
	guint64 token;
	gint64 time;  /* the latest moment of a record */
};

static gboolean begin(Ledger *ledger, GError **error)
{
	return database_begin(ledger->books, error) && database_begin(ledger->custody, error);
}

static gboolean commit(Ledger *ledger, GError **error)
{
	return database_commit(ledger->books, error) && database_commit(ledger->custody, error);
}

/* Nothing is under its name yet: how much lies in one transaction is a matter of memory alone. */
static gboolean one_more(LedgerBuild *build, GError **error)
{
	if (++build->rows < BATCH)
		return TRUE;
	build->rows = 0;
	return commit(build->ledger, error) && begin(build->ledger, error);
}

LedgerBuild *ledger_build_new(const LedgerOptions *options, GError **error)
{
	GError *cause = NULL;
	g_autoptr(LedgerBuild) build = g_new0(LedgerBuild, 1);
	build->ledger = ledger_new(options, error);
	if (build->ledger == NULL)
		return NULL;
	if (ledger_make_empty(build->ledger, &cause) && begin(build->ledger, &cause))
		return g_steal_pointer(&build);
	ledger_translate(&cause);
	g_propagate_error(error, cause);
	return NULL;
}

void ledger_build_free(LedgerBuild *build)
{
	if (build == NULL)
		return;
	ledger_free(build->ledger);
	g_free(build);
}

guint64 ledger_build_size(const LedgerBuild *build)
{
	return build->ledger->tree.size;
}

/* --- entries ---------------------------------------------------------------------------------------------------------- */

static gboolean insert_node(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Ledger *ledger = user;
	return database_run(ledger->books, error, "INSERT INTO node(level, ix, hash) VALUES(?, ?, ?)", "iib", (gint64)level,
	                    (gint64)index, hash, (gsize)MERKLE_HASH);
}

gboolean ledger_build_entry(LedgerBuild *build, const guint8 data[ENTRY_SIZE], GError **error)
{
	Entry entry;
	guint8 leaf[ENTRY_HASH];
	Ledger *ledger = build->ledger;
	if (!entry_decode(data, &entry, error))
		return FALSE;
	if (entry.seq != ledger->tree.size)
		return ledger_fail(error, LEDGER_ERROR_FORM, "entry %" G_GUINT64_FORMAT " stands where %" G_GUINT64_FORMAT " belongs",
		                   entry.seq, ledger->tree.size);
	entry_leaf(data, leaf);
	build->time = MAX(build->time, entry.time * G_USEC_PER_SEC);
	return database_run(ledger->books, error, "INSERT INTO entry(seq, data, leaf) VALUES(?, ?, ?)", "ibb", (gint64)entry.seq, data,
	                    (gsize)ENTRY_SIZE, leaf, sizeof leaf) &&
	       merkle_append(&ledger->tree, leaf, insert_node, ledger, error) && one_more(build, error);
}

gboolean ledger_build_checkpoint(LedgerBuild *build, const char *note, GError **error)
{
	guint64 size;
	gint64 there;
	guint8 root[MERKLE_HASH], signed_root[NOTE_ROOT];
	Ledger *ledger = build->ledger;
	merkle_root(&ledger->tree, root);
	if (!note_verify_checkpoint(note, ledger->verifier, &size, signed_root, error))
		return FALSE;
	if (size != ledger->tree.size || memcmp(root, signed_root, sizeof root) != 0)
		return ledger_fail(error, LEDGER_ERROR_FORM, "the entries up to %" G_GUINT64_FORMAT " are not those that were signed",
		                   ledger->tree.size);
	/* A month without an entry has that of the month before. */
	if (!database_number(ledger->books, error, &there, 0, "SELECT 1 FROM checkpoint WHERE size=?", "i", (gint64)size))
		return FALSE;
	return there == 1 || database_run(ledger->books, error, "INSERT INTO checkpoint(size, note) VALUES(?, ?)", "it", (gint64)size, note);
}

/* --- records and headers ------------------------------------------------------------------------------------------------ */

/* Its own record is gone; answers to letters about it find its case by the id all the same. */
static gboolean insert_erased(Ledger *ledger, const Entry *entry, const Record *record, GError **error)
{
	guint8 id[SEAL_CASE];
	gint64 there;
	if (!record_get_hex(record, "case-id", id, sizeof id, error) ||
	    !database_number(ledger->books, error, &there, 0, "SELECT 1 FROM \"case\" WHERE seq=?", "i", (gint64)entry->concerns))
		return FALSE;
	return there == 1 || database_run(ledger->books, error, "INSERT INTO \"case\"(seq, id) VALUES(?, ?)", "ib", (gint64)entry->concerns, id,
	                                  sizeof id);
}

/* Where its sealed objects lie: register.db knows that by the id. */
static gboolean insert_object(Ledger *ledger, const Entry *entry, const Record *record, GError **error)
{
	guint8 id[SEAL_CASE];
	gint64 seq = (gint64)entry->seq;
	if (entry_is_message(entry->kind))
		return record_get_hex(record, "case", id, sizeof id, error) &&
		       database_run(ledger->books, error, "INSERT INTO \"case\"(seq, id) VALUES(?, ?)", "ib", seq, id, sizeof id);
	if (entry->kind == ENTRY_WITNESSED)
		return ledger_cosignature_rebuild(ledger, record, error);
	if (entry->kind == ENTRY_ERASED)
		return insert_erased(ledger, entry, record, error);
	if (entry->kind != ENTRY_RESEALED)
		return TRUE;
	if (!record_get_hex(record, "object", id, sizeof id, error))
		return FALSE;
	static const char insert[] = "INSERT INTO resealed(seq, part, of, id) VALUES(?, ?, ?, ?)";
	return database_run(ledger->books, error, insert, "iiib", seq, (gint64)SEAL_PART_BODY, (gint64)entry->concerns, id, sizeof id) &&
	       (record_get(record, "card-digest") == NULL ||
	        database_run(ledger->books, error, insert, "iiib", seq, (gint64)SEAL_PART_CARD, (gint64)entry->concerns, id, sizeof id));
}

gboolean ledger_build_opening(LedgerBuild *build, guint64 seq, GBytes *opening, GError **error)
{
	guint8 data[ENTRY_SIZE], salt[ENTRY_SALT];
	Entry entry;
	guint64 time;
	gsize size, plain_size, blob_size;
	g_autoptr(GBytes) octets = NULL;
	Ledger *ledger = build->ledger;
	if (!ledger_entry_data(ledger, seq, data, error) || !entry_decode(data, &entry, error) ||
	    !ledger_opening_split(opening, salt, &octets, error))
		return FALSE;
	const void *text = g_bytes_get_data(octets, &size), *plain = g_bytes_get_data(opening, &plain_size);
	if (!entry_verify_commitment(data, salt, text, size, error))
		return FALSE;
	g_autoptr(Record) record = record_read(text, size, 0, NULL, error);
	if (record == NULL || !insert_object(ledger, &entry, record, error))
		return FALSE;
	if (record_get_uint(record, "time", G_MAXINT64, &time, NULL) && (gint64)time / LEDGER_DAY_US * ENTRY_DAY <= entry.time)
		build->time = MAX(build->time, (gint64)time);
	g_autoptr(GBytes) sealed = ledger_seal(ledger, CUSTODY_OPENING, "opening", seq, plain, plain_size);
	const void *blob = g_bytes_get_data(sealed, &blob_size);
	return database_run(ledger->custody, error, "INSERT INTO opening(seq, sealed, blob) VALUES(?, ?, ?)", "iib", (gint64)seq,
	                    (gint64)((entry.flags & ENTRY_FLAG_SEALED) != 0), blob, blob_size) &&
	       one_more(build, error);
}

gboolean ledger_build_header(LedgerBuild *build, guint64 seq, const LedgerCopyHeader *header, GError **error)
{
	gsize size, blob_size;
	Ledger *ledger = build->ledger;
	const void *text = g_bytes_get_data(header->text, &size);
	const CustodyPlace place = {ledger->store_id, header->object, (guint8)header->part, NULL, header->version};
	g_autoptr(GBytes) sealed = custody_header_wrap_for(ledger->custody_key, &place, header->recipient, text, size);
	const void *blob = g_bytes_get_data(sealed, &blob_size);
	return database_run(ledger->custody, error, "INSERT INTO header(seq, part, recipient, version, blob) VALUES(?, ?, ?, ?, ?)",
	                    "iibib", (gint64)seq, (gint64)header->part, header->recipient, (gsize)CUSTODY_ID,
	                    (gint64)header->version, blob, blob_size) &&
	       one_more(build, error);
}

gboolean ledger_build_token(LedgerBuild *build, GBytes *key, GError **error)
{
	guint8 own[CUSTODY_KEY];
	gsize size, blob_size;
	Ledger *ledger = build->ledger;
	const void *octets = g_bytes_get_data(key, &size);
	custody_derive(ledger->custody_key, ledger->store_id, CUSTODY_MESSAGE_ID, own);
	gboolean in_use = size == sizeof own && sodium_memcmp(own, octets, sizeof own) == 0;
	sodium_memzero(own, sizeof own);
	if (in_use)
		return TRUE;
	g_autoptr(GBytes) sealed = ledger_seal(ledger, CUSTODY_OPENING, "token", ++build->token, octets, size);
	const void *blob = g_bytes_get_data(sealed, &blob_size);
	return database_run(ledger->custody, error, "INSERT INTO token(id, key) VALUES(?, ?)", "ib", (gint64)build->token, blob,
	                    blob_size);
}

/* --- payloads --------------------------------------------------------------------------------------------------------- */

static gboolean fail_file(GError **error)
{
	return ledger_fail(error, LEDGER_ERROR_VAULT, "a sealed object cannot be copied: %s", g_strerror(errno));
}

static gboolean read_whole(int fd, guint8 *data, gsize size)
{
	for (gsize at = 0; at < size;) {
		gssize got = read(fd, data + at, size - at);
		if (got == 0 || (got < 0 && errno != EINTR))
			return FALSE;
		at += (gsize)MAX(got, 0);
	}
	return TRUE;
}

static gboolean insert_payload(Ledger *ledger, guint64 seq, SealPart part, int fd, gsize size, GError **error)
{
	g_autofree guint8 *data = g_malloc(MAX(size, 1));
	if (!read_whole(fd, data, size))
		return fail_file(error);
	return database_run(ledger->custody, error, "INSERT INTO payload(seq, part, blob) VALUES(?, ?, ?)", "iib", (gint64)seq,
	                    (gint64)part, data, size);
}

static gboolean find_id(Ledger *ledger, guint64 seq, SealPart part, guint8 id[SEAL_CASE], GError **error)
{
	static const char find[] = "SELECT id FROM \"case\" WHERE seq=?1 UNION SELECT id FROM resealed WHERE seq=?1 AND part=?2";
	sqlite3_stmt *row = database_query(ledger->books, error, find, "ii", (gint64)seq, (gint64)part);
	int found = row != NULL ? database_next(ledger->books, row, error) : -1;
	if (found == 1)
		memcpy(id, sqlite3_column_blob(row, 0), SEAL_CASE);
	database_done(row);
	return found == 1 || (found == 0 && ledger_fail(error, LEDGER_ERROR_NOT_FOUND,
	                                                "entry %" G_GUINT64_FORMAT " has a sealed object, and no record that names it", seq));
}

static gboolean copy_whole(int from, int to, guint64 size)
{
	g_autofree guint8 *buffer = g_malloc(COPY_SIZE);
	for (guint64 at = 0; at < size;) {
		gsize step = (gsize)MIN(size - at, (guint64)COPY_SIZE);
		if (!read_whole(from, buffer, step) || write(to, buffer, step) != (gssize)step)
			return FALSE;
		at += step;
	}
	return TRUE;
}

static gboolean file_payload(Ledger *ledger, guint64 seq, SealPart part, int fd, guint64 size, GError **error)
{
	guint8 id[SEAL_CASE];
	int file = find_id(ledger, seq, part, id, error) ? vault_file(ledger->vault, error) : -1;
	if (file < 0)
		return FALSE;
	gboolean done = (copy_whole(fd, file, size) || fail_file(error)) && vault_sync_file(ledger->vault, file, size, error) &&
	                vault_link(ledger->vault, file, id, error);
	close(file);
	return done;
}

/* Whether a later entry erased it: months of an older archive may have it still. */
static gboolean is_erased(Ledger *ledger, guint64 seq, gboolean *erased, GError **error)
{
	gint64 of;
	guint64 by = 0;
	gboolean read = database_number(ledger->books, error, &of, (gint64)seq, "SELECT of FROM resealed WHERE seq=? LIMIT 1", "i",
	                                (gint64)seq) &&
	                ledger_find_erased(ledger, (guint64)of, &by, error);
	*erased = by != 0;
	return read;
}

/* Whether a later entry sealed that part anew: then this state is out of use, and no books hold it. */
static gboolean is_outlived(Ledger *ledger, guint64 seq, SealPart part, gboolean *outlived, GError **error)
{
	static const char find[] = "SELECT 1 FROM resealed WHERE part=?2 AND seq>?1"
	                           " AND of IN (SELECT ?1 UNION SELECT of FROM resealed WHERE seq=?1 AND part=?2) LIMIT 1";
	gint64 one;
	gboolean read = database_number(ledger->books, error, &one, 0, find, "ii", (gint64)seq, (gint64)part);
	*outlived = read && one == 1;
	return read;
}

gboolean ledger_build_payload(LedgerBuild *build, guint64 seq, SealPart part, int fd, GError **error)
{
	struct stat st;
	gboolean outlived, erased;
	if (fstat(fd, &st) != 0)
		return fail_file(error);
	if (!is_erased(build->ledger, seq, &erased, error) || erased)
		return erased;
	if (!is_outlived(build->ledger, seq, part, &outlived, error) || outlived)
		return outlived;
	gboolean small = (guint64)st.st_size <= payload_size(PAYLOAD_CHUNK);
	return (small ? insert_payload(build->ledger, seq, part, fd, (gsize)st.st_size, error)
	              : file_payload(build->ledger, seq, part, fd, (guint64)st.st_size, error)) &&
	       one_more(build, error);
}

/* --- the end -------------------------------------------------------------------------------------------------------------- */

/* cache 0: the first start makes the list of cases from the records. What an entry erased goes at that start too, if it came back with
 * an older part of the archive. */
static gboolean finish(LedgerBuild *build, GError **error)
{
	Ledger *ledger = build->ledger;
	return ledger_erase_again(ledger, error) &&
	       database_run(ledger->custody, error, "UPDATE head SET time=?, cache=0", "i", build->time) && commit(ledger, error) &&
	       vault_sync(ledger->vault, error) && ledger_end_making(ledger, error);
}

gboolean ledger_build_finish(LedgerBuild *build, GError **error)
{
	GError *cause = NULL;
	if (finish(build, &cause))
		return TRUE;
	ledger_translate(&cause);
	g_propagate_error(error, cause);
	return FALSE;
}

/* --- going on ------------------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const char *const *highest;
	const char *checkpoint;
} ResumeJob;

static void begin_record(const LedgerGroup *group, const ResumeJob *job, Record *record)
{
	guint8 id[CUSTODY_ID];
	const Ledger *ledger = group->ledger;
	g_autofree char *verifier = note_signer_verifier(ledger->signer);
	custody_key_id(ledger->custody_key, id);
	record_add_uint(record, "time", (guint64)group->now);
	record_add_hex(record, "store", ledger->store_id, sizeof ledger->store_id);
	record_add(record, "mailbox", ledger->mailbox);
	record_add(record, "origin", ledger->origin);
	record_add(record, "log-key", verifier);
	record_add_hex(record, "custody-key", id, sizeof id);
	for (guint i = 0; i < ledger->people->persons->len; i++) {
		const PeoplePerson *person = ledger->people->persons->pdata[i];
		g_autofree char *line = person->state == PEOPLE_ACTIVE ? people_line(person) : NULL;
		if (line != NULL)
			record_add(record, "reader", line);
	}
	record_add_uint(record, "old-register", group->before);
	record_add_uint(record, "old-custody", group->before);
	record_add(record, "old-checkpoint", job->checkpoint != NULL ? job->checkpoint : ledger->note);
}

/* What lies between the highest number here and the one that is known outside was lost, and is given to nobody again. */
static gboolean add_highest(LedgerGroup *group, ResumeJob *job, Record *record, GError **error)
{
	for (guint i = 0; job->highest != NULL && job->highest[i] != NULL; i++) {
		guint next;
		LedgerCase floor = {.seq = 0};
		if (!ledger_number_parse(job->highest[i], &floor.year, &floor.aside, &floor.number))
			return ledger_refuse(&job->job, LEDGER_ERROR_FORM, "%s is no number: write it like 2026/17 or 2026/X-5", job->highest[i]);
		if (!ledger_number_next(group->ledger, floor.year, floor.aside, &next, error))
			return FALSE;
		if (floor.number < next)
			continue;
		g_autofree char *text = ledger_number_text(floor.year, floor.aside, floor.number);
		record_add(record, "highest", text);
		if (!ledger_number_insert(group->ledger, &floor, group->tree.size, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean apply_resume(LedgerGroup *group, LedgerJob *base, GError **error)
{
	ResumeJob *job = (ResumeJob *)base;
	const Entry entry = {.kind = ENTRY_RESTORED, .concerns = ENTRY_NOTHING};
	g_autoptr(Record) record = record_new();
	begin_record(group, job, record);
	if (!add_highest(group, job, record, error))
		return FALSE;
	g_autoptr(GBytes) octets = base->error == NULL ? ledger_record_octets(ENTRY_RESTORED, record, &base->error) : NULL;
	return octets == NULL || ledger_group_add(group, &entry, octets, NULL, error);
}

/* A checkpoint from outside must be this log's, and none that contradicts what is here. */
static gboolean check_outside(Ledger *ledger, const char *checkpoint, GError **error)
{
	guint64 size;
	guint8 root[NOTE_ROOT], own_root[NOTE_ROOT];
	if (!note_verify_checkpoint(checkpoint, ledger->verifier, &size, root, error))
		return FALSE;
	if (size > ledger_size(ledger))
		return TRUE;
	g_autofree char *own = ledger_checkpoint_over(ledger, size, error);
	guint64 own_size;
	if (own == NULL || !note_verify_checkpoint(own, ledger->verifier, &own_size, own_root, error))
		return FALSE;
	return own_size != size || memcmp(root, own_root, sizeof root) == 0 ||
	       ledger_fail(error, LEDGER_ERROR_TAMPERED,
	                   "the checkpoint from outside covers %" G_GUINT64_FORMAT
	                   " other entries than were put back: this is another register, or one that was altered",
	                   size);
}

gboolean ledger_resume(Ledger *ledger, const char *const *highest, const char *checkpoint, GError **error)
{
	GError *cause = NULL;
	ResumeJob job = {.job = {.apply = apply_resume, .appends = TRUE, .weight = 65536}, .highest = highest, .checkpoint = checkpoint};
	if ((checkpoint == NULL || check_outside(ledger, checkpoint, &cause)) && ledger_run(ledger, &job.job, &cause))
		return TRUE;
	ledger_translate(&cause);
	g_propagate_error(error, cause);
	return FALSE;
}
