/* SPDX-License-Identifier: ISC */
/* Messages under fresh file keys: the new state comes as an arrival does, and what it replaces goes behind its commit.
 *
 * The rows of the new state lie under the sequence of its RESEALED entry, its file under an id of its own. Until that entry is
 * registered the old state is in force, and the new one is a group's pending rows like any other; from then on the old rows are
 * out of use, and `outlived` names them until they are gone. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/ledger-private.h"

#define READ_SIZE (256 * 1024)

/* --- which state is in force -------------------------------------------------------------------------------------- */

static gboolean pending(const LedgerGroup *group, guint64 seq, SealPart part, LedgerObject *object)
{
	for (guint i = group != NULL ? group->fresh->len : 0; i > 0; i--) {
		const LedgerFresh *fresh = &g_array_index(group->fresh, LedgerFresh, i - 1);
		if (fresh->of == seq && fresh->part == part)
			return *object = fresh->object, TRUE;
	}
	return FALSE;
}

/* A row of a sequence and an id. */
static int take_object(Ledger *ledger, sqlite3_stmt *row, LedgerObject *object, GError **error)
{
	int found = row != NULL ? database_next(ledger->books, row, error) : -1;
	if (found != 1)
		return found;
	gboolean good = sqlite3_column_bytes(row, 1) == SEAL_CASE;
	object->seq = (guint64)sqlite3_column_int64(row, 0);
	if (good)
		memcpy(object->id, sqlite3_column_blob(row, 1), SEAL_CASE);
	database_done(row);
	return good || ledger_fail(error, LEDGER_ERROR_DATABASE, "an id of another size") ? 1 : -1;
}

static int find_message(Ledger *ledger, guint64 seq, SealPart part, LedgerObject *object, GError **error)
{
	int found = take_object(ledger, database_query(ledger->books, error,
	                                               "SELECT seq, id FROM resealed WHERE of=? AND part=? ORDER BY seq DESC LIMIT 1",
	                                               "ii", (gint64)seq, (gint64)part), object, error);
	return found != 0 ? found
	                  : take_object(ledger, database_query(ledger->books, error, "SELECT seq, id FROM \"case\" WHERE seq=?", "i",
	                                                       (gint64)seq), object, error);
}

int ledger_object(Ledger *ledger, const LedgerGroup *group, guint64 seq, SealPart part, LedgerObject *object, GError **error)
{
	if (part <= SEAL_PART_CARD)
		return pending(group, seq, part, object) ? 1 : find_message(ledger, seq, part, object, error);
	const char *key = part == SEAL_PART_TEXT ? "text-id" : "ground-text-id";
	g_autoptr(Record) record = ledger_opened_record(ledger, seq, error);
	object->seq = seq;
	if (record == NULL)
		return -1;
	if (record_get(record, key) == NULL)
		return 0;
	return record_get_hex(record, key, object->id, SEAL_CASE, error) ? 1 : -1;
}

/* --- to whom it is sealed ----------------------------------------------------------------------------------------- */

static gboolean has_header(Ledger *ledger, guint64 state, SealPart part, const char *recipient, gboolean *has, GError **error)
{
	gint64 one = 0;
	guint8 id[CUSTODY_ID];
	if (*has || recipient == NULL)
		return TRUE;
	custody_recipient_id(recipient, id);
	if (!database_number(ledger->custody, error, &one, 0, "SELECT 1 FROM header WHERE seq=? AND part=? AND recipient=? LIMIT 1",
	                     "iib", (gint64)state, (gint64)part, id, sizeof id))
		return FALSE;
	*has = one == 1;
	return TRUE;
}

/* Under whichever of her keys. */
static gboolean holds(Ledger *ledger, guint64 state, SealPart part, const PeoplePerson *person, gboolean *has, GError **error)
{
	gboolean body = part == SEAL_PART_BODY;
	*has = FALSE;
	if (!has_header(ledger, state, part, body ? person->body : person->card, has, error))
		return FALSE;
	for (guint i = 0; i < person->older->len; i++) {
		const PeopleKey *key = person->older->pdata[i];
		if (!has_header(ledger, state, part, body ? key->body : key->card, has, error))
			return FALSE;
	}
	return TRUE;
}

/* Copies. */
static GPtrArray *choose(Ledger *ledger, guint64 seq, SealPart part, guint64 state, const LedgerCase *c, const GPtrArray *in_force,
                         GError **error)
{
	g_autoptr(Record) message = ledger_opened_record(ledger, seq, error);
	g_autoptr(GPtrArray) all = message != NULL ? ledger_readers_less(in_force, c, message) : NULL;
	g_autoptr(GPtrArray) readers = g_ptr_array_new_with_free_func((GDestroyNotify)people_person_free);
	gboolean has;
	for (guint i = 0; all != NULL && i < all->len; i++) {
		if (!holds(ledger, state, part, all->pdata[i], &has, error))
			return NULL;
		if (has && (part == SEAL_PART_BODY || ((const PeoplePerson *)all->pdata[i])->card != NULL))
			g_ptr_array_add(readers, people_person_copy(all->pdata[i]));
	}
	return all != NULL ? g_steal_pointer(&readers) : NULL;
}

typedef struct {
	LedgerJob job;
	guint64 seq;
	SealPart part;
	const GPtrArray *in_force;
	GPtrArray *readers;
} ReadersJob;

/* The case that the message of entry seq is of (transfer full). */
static LedgerCase *case_of(Ledger *ledger, guint64 seq, GError **error)
{
	guint64 of = seq;
	g_autoptr(Record) record = ledger_opened_record(ledger, seq, error);
	if (record == NULL || (record_get(record, "of") != NULL && !record_get_uint(record, "of", G_MAXINT64, &of, error)))
		return NULL;
	GError *inner = NULL;
	LedgerCase *c = ledger_case_load(ledger, of, &inner);
	if (c == NULL && inner == NULL)
		ledger_fail(&inner, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no case", of);
	if (inner != NULL)
		g_propagate_error(error, inner);
	return c;
}

static gboolean step_readers(Ledger *ledger, LedgerJob *base)
{
	ReadersJob *job = (ReadersJob *)base;
	LedgerObject object;
	int found = ledger_object(ledger, NULL, job->seq, job->part, &object, &base->error);
	if (found == 0)
		ledger_fail(&base->error, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no message", job->seq);
	g_autoptr(LedgerCase) c = found == 1 ? case_of(ledger, job->seq, &base->error) : NULL;
	if (c != NULL)
		job->readers = choose(ledger, job->seq, job->part, object.seq, c, job->in_force, &base->error);
	return TRUE;
}

GPtrArray *ledger_anew_readers(Ledger *ledger, guint64 seq, SealPart part, const GPtrArray *in_force, GError **error)
{
	ReadersJob job = {.job = {.step = step_readers}, .seq = seq, .part = part, .in_force = in_force};
	return ledger_run(ledger, &job.job, error) ? job.readers : NULL;
}

/* --- before the commit -------------------------------------------------------------------------------------------- */

/* Behind the commit the old octets go: that the new ones are those that were signed is seen to before. */
static gboolean file_is(int fd, const LedgerAnewPart *part)
{
	crypto_generichash_state state;
	guint8 digest[SEAL_DIGEST];
	g_autofree guint8 *buffer = g_malloc(READ_SIZE);
	guint64 at = 0;
	gssize got;
	crypto_generichash_init(&state, NULL, 0, SEAL_DIGEST);
	while ((got = pread(fd, buffer, READ_SIZE, (off_t)at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return FALSE;
		crypto_generichash_update(&state, buffer, (unsigned long long)got);
		at += (guint64)got;
	}
	crypto_generichash_final(&state, digest, sizeof digest);
	return at == part->size && memcmp(digest, part->digest, sizeof digest) == 0;
}

static gboolean row_is(GBytes *payload, const LedgerAnewPart *part)
{
	guint8 digest[SEAL_DIGEST];
	gsize size;
	const void *data = g_bytes_get_data(payload, &size);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	return size == part->size && memcmp(digest, part->digest, sizeof digest) == 0;
}

gboolean ledger_anew_prepare(Ledger *ledger, const LedgerAct *act, GError **error)
{
	const LedgerAnew *anew = act->anew;
	for (guint i = 0; i < anew->n_parts; i++) {
		const LedgerAnewPart *part = &anew->parts[i];
		if (part->payload == NULL && !vault_sync_file(ledger->vault, part->fd, part->size, error))
			return FALSE;
		if (part->payload != NULL ? !row_is(part->payload, part) : !file_is(part->fd, part))
			return ledger_fail(error, LEDGER_ERROR_FORM, "a payload that is not of the size or Digest that was said");
	}
	return TRUE;
}

/* --- within the group --------------------------------------------------------------------------------------------- */

static guint count_headers(const LedgerAnew *anew, SealPart part, const char *reader)
{
	guint n = 0;
	for (guint i = 0; i < anew->n_headers; i++)
		n += anew->headers[i].part == part && (reader == NULL || strcmp(anew->headers[i].reader, reader) == 0);
	return n;
}

/* FALSE: as ledger_anew_check(). */
static gboolean check_part(LedgerGroup *group, LedgerJob *job, const LedgerAct *act, const LedgerAnewPart *part,
                           const LedgerCase *c, const GPtrArray *in_force, GError **error)
{
	Ledger *ledger = group->ledger;
	LedgerObject object;
	int found = ledger_object(ledger, group, act->concerns, part->part, &object, error);
	if (found < 0)
		return FALSE;
	if (found == 0)
		return ledger_refuse(job, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no message", act->concerns);
	if (object.seq != part->replaces)
		return ledger_refuse(job, LEDGER_ERROR_STALE, "it was sealed anew meanwhile: try again");
	g_autoptr(GPtrArray) readers = choose(ledger, act->concerns, part->part, object.seq, c, in_force, error);
	if (readers == NULL)
		return FALSE;
	gboolean same = readers->len > 0 && count_headers(act->anew, part->part, NULL) == readers->len;
	for (guint i = 0; same && i < readers->len; i++)
		same = count_headers(act->anew, part->part, ((const PeoplePerson *)readers->pdata[i])->name) == 1;
	return same || ledger_refuse(job, LEDGER_ERROR_STALE, "its readers changed meanwhile: try again");
}

gboolean ledger_anew_check(LedgerGroup *group, LedgerJob *job, const LedgerAct *act, const LedgerCase *c, GError **error)
{
	const People *people = group->people != NULL ? group->people : group->ledger->people;
	g_autoptr(GPtrArray) in_force = g_ptr_array_new();
	for (guint i = 0; i < people->persons->len; i++)
		if (people_reads(people->persons->pdata[i], group->now))
			g_ptr_array_add(in_force, people->persons->pdata[i]);
	/* Its header for the addressee waits in the outbox, and opens the octets that lie there now. */
	if (g_strcmp0(c->redirected, "automatic") == 0)
		return ledger_refuse(job, LEDGER_ERROR_LETTER, "its letter to law enforcement has not left yet: try again later");
	for (guint i = 0; i < act->anew->n_parts && job->error == NULL; i++)
		if (!check_part(group, job, act, &act->anew->parts[i], c, in_force, error))
			return FALSE;
	return TRUE;
}

static gboolean insert_header(LedgerGroup *group, const LedgerAnew *anew, const LedgerHeader *header, guint64 seq, GError **error)
{
	const Ledger *ledger = group->ledger;
	const People *people = group->people != NULL ? group->people : ledger->people;
	const PeoplePerson *person = people_find(people, header->reader);
	const char *recipient = header->part == SEAL_PART_BODY ? person->body : person->card;
	const CustodyPlace place = {ledger->store_id, anew->id, (guint8)header->part, recipient, 1};
	g_autoptr(GBytes) row = custody_header_wrap(ledger->custody_key, &place, header->text, header->size);
	guint8 id[CUSTODY_ID];
	gsize size;
	const void *blob = g_bytes_get_data(row, &size);
	custody_recipient_id(recipient, id);
	return database_run(ledger->custody, error, "INSERT INTO header(seq, part, recipient, version, blob) VALUES(?, ?, ?, 1, ?)",
	                    "iibb", (gint64)seq, (gint64)header->part, id, sizeof id, blob, size);
}

/* The state that it replaces is out of use with this entry, and named as such until it is gone. */
static gboolean insert_part(LedgerGroup *group, const LedgerAct *act, const LedgerAnewPart *part, guint64 seq, GError **error)
{
	Database *custody = group->ledger->custody;
	LedgerObject old;
	LedgerFresh fresh = {.of = act->concerns, .part = part->part, .object = {.seq = seq}};
	if (ledger_object(group->ledger, group, act->concerns, part->part, &old, error) != 1 ||
	    !database_run(custody, error, "INSERT INTO outlived(seq, part, id, by) VALUES(?, ?, ?, ?)", "iibi", (gint64)old.seq,
	                  (gint64)part->part, old.id, sizeof old.id, (gint64)seq))
		return FALSE;
	memcpy(fresh.object.id, act->anew->id, SEAL_CASE);
	g_array_append_val(group->fresh, fresh);
	if (part->payload != NULL)
		return ledger_payload_insert(custody, seq, part->part, part->payload, error);
	LedgerLink link = {.fd = part->fd};
	memcpy(link.case_id, act->anew->id, sizeof link.case_id);
	g_array_append_val(group->links, link);
	return TRUE;
}

gboolean ledger_anew_insert(LedgerGroup *group, const LedgerAct *act, guint64 seq, GError **error)
{
	const LedgerAnew *anew = act->anew;
	for (guint i = 0; i < anew->n_headers; i++)
		if (!insert_header(group, anew, &anew->headers[i], seq, error))
			return FALSE;
	for (guint i = 0; i < anew->n_parts; i++)
		if (!insert_part(group, act, &anew->parts[i], seq, error))
			return FALSE;
	return TRUE;
}

/* --- behind it ---------------------------------------------------------------------------------------------------- */

/* Bodies whose rows are gone: their files may stand. */
static GArray *read_outlived(Ledger *ledger, GError **error)
{
	g_autoptr(GArray) objects = g_array_new(FALSE, FALSE, sizeof(LedgerObject));
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT seq, id FROM outlived WHERE part=? AND by < ? ORDER BY seq",
	                                   "ii", (gint64)SEAL_PART_BODY, (gint64)ledger->tree.size);
	int more = row != NULL ? database_next(ledger->custody, row, error) : -1;
	for (; more == 1; more = database_next(ledger->custody, row, error)) {
		LedgerObject object = {.seq = (guint64)sqlite3_column_int64(row, 0)};
		if (sqlite3_column_bytes(row, 1) == SEAL_CASE)
			memcpy(object.id, sqlite3_column_blob(row, 1), SEAL_CASE);
		g_array_append_val(objects, object);
	}
	return more == 0 ? g_steal_pointer(&objects) : NULL;
}

/* Never what an entry is to put out of use that was not registered. */
static gboolean run_all(Ledger *ledger, const char *const *statements, GError **error)
{
	gboolean done = database_begin(ledger->custody, error);
	for (gsize i = 0; done && statements[i] != NULL; i++)
		done = database_run(ledger->custody, error, statements[i], "i", (gint64)ledger->tree.size);
	if (done && database_commit(ledger->custody, error))
		return TRUE;
	/* Of a COMMIT that failed nobody knows how far it came. */
	ledger->lost = ledger->lost || done;
	database_rollback(ledger->custody);
	return FALSE;
}

gboolean ledger_outlived_destroy(Ledger *ledger, GError **error)
{
	static const char *const rows[] = {
		"DELETE FROM header WHERE (seq, part) IN (SELECT seq, part FROM outlived WHERE by < ?)",
		"DELETE FROM payload WHERE (seq, part) IN (SELECT seq, part FROM outlived WHERE by < ?)",
		/* What an erasure names beside these (ledger-erase.c). */
		"UPDATE opening SET sealed=2 WHERE seq IN (SELECT seq FROM outlived WHERE part IN (2, 3) AND by < ?)",
		"DELETE FROM opening WHERE seq IN (SELECT seq FROM outlived WHERE part=4 AND by < ?)",
		"UPDATE state SET old_open=NULL, old_blob=NULL WHERE seq IN (SELECT seq FROM outlived WHERE part=5 AND by < ?)",
		"DELETE FROM outbox WHERE case_seq IN (SELECT seq FROM outlived WHERE part=5 AND by < ?)",
		"DELETE FROM notice WHERE case_seq IN (SELECT seq FROM outlived WHERE part=5 AND by < ?)",
		"DELETE FROM exclusion WHERE case_seq IN (SELECT seq FROM outlived WHERE part=5 AND by < ?)",
		"DELETE FROM retry WHERE seq IN (SELECT seq FROM outlived WHERE part=5 AND by < ?)", NULL};
	G_STATIC_ASSERT(SEAL_PART_TEXT == 2 && SEAL_PART_GROUND == 3 && LEDGER_OUTLIVED_OPENING == 4 && LEDGER_OUTLIVED_CASE == 5);
	static const char *const notes[] = {"DELETE FROM outlived WHERE by < ?", NULL};
	gint64 any = 0;
	if (!database_number(ledger->custody, error, &any, 0, "SELECT count(*) FROM outlived", ""))
		return FALSE;
	ledger->outlived = any > 0;
	if (any == 0)
		return TRUE;
	ledger_step("old rows go");
	if (!run_all(ledger, rows, error))
		return FALSE;
	ledger_step("old rows have gone");
	/* Their octets stay in the WAL until it was moved into the file. */
	if (!database_checkpoint(ledger->custody, TRUE, error))
		return FALSE;
	g_autoptr(GArray) bodies = read_outlived(ledger, error);
	for (guint i = 0; bodies != NULL && i < bodies->len; i++) {
		ledger_step("an old file goes");
		if (!vault_remove(ledger->vault, g_array_index(bodies, LedgerObject, i).id, error))
			return FALSE;
	}
	ledger_step("old files have gone");
	if (bodies == NULL || !run_all(ledger, notes, error))
		return FALSE;
	ledger->outlived = FALSE;
	return TRUE;
}
