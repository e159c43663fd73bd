/* SPDX-License-Identifier: ISC */
/* Making a log, and starting with what a crash, a copy or a hand has left: only the end is read, nothing sealed goes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/ledger-private.h"

/* A key that is there already stops an insert before OR REPLACE could take the old row away: triggers on DELETE and
 * UPDATE do not see that. */
#define KEEPS " BEGIN SELECT RAISE(ABORT, 'the register keeps all'); END;"
#define NO_DELETE(table) "CREATE TRIGGER \"" table "_no_delete\" BEFORE DELETE ON \"" table "\"" KEEPS
#define NO_UPDATE(table) "CREATE TRIGGER \"" table "_no_update\" BEFORE UPDATE ON \"" table "\"" KEEPS
#define NO_SECOND(table, same) \
	"CREATE TRIGGER \"" table "_only_new\" BEFORE INSERT ON \"" table "\"" \
	" WHEN EXISTS(SELECT 1 FROM \"" table "\" WHERE " same ")" KEEPS
#define ONLY_NEW(table, same) NO_SECOND(table, same) NO_DELETE(table) NO_UPDATE(table)

static const DatabaseForm books_form = {
	.what = "register",
	.application_id = LEDGER_BOOKS_ID,
	.version = 1,
	.schema =
		"CREATE TABLE entry(seq INTEGER PRIMARY KEY, data BLOB NOT NULL CHECK(length(data)=104),"
		" leaf BLOB NOT NULL CHECK(length(leaf)=32)) STRICT;"
		"CREATE INDEX entry_people ON entry(seq)" /* ledger-people.c */
		" WHERE substr(data, 25, 2) IN (x'0014', x'0017', x'001f', x'0027', x'0029');"
		"CREATE INDEX entry_witnessed ON entry(seq)" /* ledger-witness.c */
		" WHERE substr(data, 25, 2) IN (x'0019', x'0038');"
		"CREATE INDEX entry_incident ON entry(seq) WHERE substr(data, 25, 2) = x'0018';" /* ledger-incident.c */
		"CREATE INDEX entry_erasure ON entry(seq) WHERE substr(data, 25, 2) IN (x'0013', x'0020', x'0034');" /* ledger-erase.c */
		"CREATE INDEX entry_erased ON entry(substr(data, 97, 8), seq) WHERE substr(data, 25, 2) = x'0013';"
		"CREATE TABLE node(level INTEGER NOT NULL, ix INTEGER NOT NULL, hash BLOB NOT NULL CHECK(length(hash)=32),"
		" PRIMARY KEY(level, ix)) STRICT, WITHOUT ROWID;"
		"CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;"
		"CREATE TABLE cosignature(size INTEGER NOT NULL, key BLOB NOT NULL, line TEXT NOT NULL, PRIMARY KEY(size, key))"
		" STRICT, WITHOUT ROWID;"
		"CREATE TABLE \"case\"(seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK(length(id)=16)) STRICT;"
		"CREATE TRIGGER entry_next BEFORE INSERT ON entry WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry)"
		" BEGIN SELECT RAISE(ABORT, 'only the next entry may be added'); END;"
		"CREATE TABLE resealed(seq INTEGER NOT NULL, part INTEGER NOT NULL, of INTEGER NOT NULL,"
		" id BLOB NOT NULL CHECK(length(id)=16), PRIMARY KEY(seq, part)) STRICT, WITHOUT ROWID;"
		"CREATE INDEX resealed_of ON resealed(of, part, seq);"
		ONLY_NEW("entry", "seq=NEW.seq")
		ONLY_NEW("node", "level=NEW.level AND ix=NEW.ix")
		ONLY_NEW("checkpoint", "size=NEW.size")
		ONLY_NEW("cosignature", "size=NEW.size AND key=NEW.key")
		ONLY_NEW("case", "seq=NEW.seq OR id=NEW.id")
		ONLY_NEW("resealed", "seq=NEW.seq AND part=NEW.part"),
};

static const DatabaseForm custody_form = {
	.what = "custody",
	.application_id = LEDGER_CUSTODY_ID,
	.version = 1,
	.schema =
		"CREATE TABLE head(id INTEGER PRIMARY KEY CHECK(id=1), before INTEGER NOT NULL, root BLOB NOT NULL,"
		" after INTEGER NOT NULL, time INTEGER NOT NULL, tampered INTEGER NOT NULL, cache INTEGER NOT NULL) STRICT;"
		"CREATE TABLE header(seq INTEGER NOT NULL, part INTEGER NOT NULL, recipient BLOB NOT NULL, version INTEGER NOT NULL,"
		" blob BLOB NOT NULL, PRIMARY KEY(seq, part, recipient, version)) STRICT, WITHOUT ROWID;"
		"CREATE TABLE opening(seq INTEGER PRIMARY KEY, sealed INTEGER NOT NULL, blob BLOB NOT NULL) STRICT;"
		"CREATE TABLE payload(seq INTEGER NOT NULL, part INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY(seq, part))"
		" STRICT, WITHOUT ROWID;"
		"CREATE TABLE outlived(seq INTEGER NOT NULL, part INTEGER NOT NULL, id BLOB NOT NULL, by INTEGER NOT NULL,"
		" PRIMARY KEY(seq, part)) STRICT, WITHOUT ROWID;"
		"CREATE TABLE outbox(seq INTEGER PRIMARY KEY, case_seq INTEGER NOT NULL, due INTEGER NOT NULL,"
		" attempts INTEGER NOT NULL, capped INTEGER NOT NULL, letter BLOB NOT NULL, composed BLOB, done INTEGER) STRICT;"
		"CREATE INDEX outbox_due ON outbox(capped, due, seq) WHERE done IS NULL;"
		"CREATE INDEX outbox_done ON outbox(done) WHERE done IS NOT NULL;"
		"CREATE TABLE notice(seq INTEGER PRIMARY KEY, case_seq INTEGER NOT NULL, due INTEGER NOT NULL, told INTEGER, ended INTEGER) STRICT;"
		"CREATE INDEX notice_due ON notice(due) WHERE ended IS NULL;"
		"CREATE INDEX notice_case ON notice(case_seq);"
		"CREATE TABLE exclusion(seq INTEGER NOT NULL, who BLOB NOT NULL, case_seq INTEGER NOT NULL, day INTEGER NOT NULL,"
		" time INTEGER NOT NULL, alarm INTEGER NOT NULL, told INTEGER, PRIMARY KEY(seq, who)) STRICT, WITHOUT ROWID;"
		"CREATE INDEX exclusion_who ON exclusion(day, who, time);"
		"CREATE INDEX exclusion_alarm ON exclusion(time, seq) WHERE alarm=1;"
		"CREATE TABLE day(day INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;"
		"CREATE TABLE retry(day INTEGER NOT NULL, mac BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(day, mac))"
		" STRICT, WITHOUT ROWID;"
		"CREATE TABLE queue_day(day INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;"
		"CREATE TABLE queue(day INTEGER NOT NULL, mac BLOB NOT NULL, PRIMARY KEY(day, mac)) STRICT, WITHOUT ROWID;"
		"CREATE TABLE sent(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, day INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;"
		"CREATE INDEX sent_mac ON sent(day, mac, time);"
		"CREATE INDEX sent_time ON sent(time);"
		"CREATE TABLE state(seq INTEGER PRIMARY KEY, open INTEGER NOT NULL, blob BLOB NOT NULL, upto INTEGER NOT NULL,"
		" old_open INTEGER, old_blob BLOB) STRICT;"
		"CREATE INDEX state_open ON state(seq, open) WHERE open > 0;"
		"CREATE TABLE number(year INTEGER NOT NULL, aside INTEGER NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL,"
		" given INTEGER NOT NULL, PRIMARY KEY(year, aside, number)) STRICT, WITHOUT ROWID;"
		"CREATE TABLE orphan(id INTEGER PRIMARY KEY, since INTEGER NOT NULL, what TEXT NOT NULL, seq INTEGER NOT NULL,"
		" part INTEGER, recipient BLOB, version INTEGER, blob BLOB NOT NULL) STRICT;"
		"CREATE TABLE token(id INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;"
		"INSERT INTO head VALUES(1, 0, zeroblob(32), 0, 0, 0, " G_STRINGIFY(LEDGER_CACHE_FORM) ");",
};

static char *path_in(const Ledger *ledger, const char *name)
{
	return g_build_filename(ledger->directory, name, NULL);
}

static gboolean exists(const Ledger *ledger, const char *name)
{
	return faccessat(ledger->directory_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- the directory ------------------------------------------------------------------------------------------------ */

static gboolean fail_directory(const Ledger *ledger, GError **error, const char *what)
{
	return ledger_fail(error, LEDGER_ERROR_DATABASE, "%s %s: %s", ledger->directory, what, g_strerror(errno));
}

/* One process: its lock is on the directory itself. */
static gboolean open_directory(Ledger *ledger, GError **error)
{
	ledger->directory_fd = open(ledger->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ledger->directory_fd < 0)
		return fail_directory(ledger, error, "cannot be opened");
	if (flock(ledger->directory_fd, LOCK_EX | LOCK_NB) == 0)
		return TRUE;
	if (errno == EWOULDBLOCK)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "%s is in use: another senim-registrar keeps it open",
		                   ledger->directory);
	return fail_directory(ledger, error, "cannot be locked");
}

/* While `in-use` stands both databases have a WAL: one that is missing then was lost. It is made after them and removed
 * before them. */
static gboolean mark_in_use(Ledger *ledger, GError **error)
{
	int fd = openat(ledger->directory_fd, LEDGER_IN_USE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_directory(ledger, error, "cannot be marked as in use");
	close(fd);
	return fsync(ledger->directory_fd) == 0 || fail_directory(ledger, error, "cannot be marked as in use");
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

typedef struct {
	guint64 size;   /* entries of the register */
	guint64 before, after; /* of custody.db's head */
	guint8 root[MERKLE_HASH];
	gint64 time;
	gint64 tampered, cache;
} Ends;

static gboolean read_ends(Ledger *ledger, Ends *ends, GError **error)
{
	gint64 size;
	if (!database_number(ledger->books, error, &size, 0, "SELECT max(seq) + 1 FROM entry", ""))
		return FALSE;
	ends->size = (guint64)size;
	sqlite3_stmt *row =
		database_query(ledger->custody, error, "SELECT before, root, after, time, tampered, cache FROM head", "");
	int found = row != NULL ? database_next(ledger->custody, row, error) : -1;
	if (found < 0)
		return FALSE;
	if (found == 0 || sqlite3_column_bytes(row, 1) != MERKLE_HASH)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "%s/custody.db has no head", ledger->directory);
	ends->before = (guint64)sqlite3_column_int64(row, 0);
	memcpy(ends->root, sqlite3_column_blob(row, 1), MERKLE_HASH);
	ends->after = (guint64)sqlite3_column_int64(row, 2);
	ends->time = sqlite3_column_int64(row, 3);
	ends->tampered = sqlite3_column_int64(row, 4);
	ends->cache = sqlite3_column_int64(row, 5);
	database_done(row);
	return TRUE;
}

/* The last checkpoint; *note NULL where there is none. */
static gboolean read_note(Ledger *ledger, gint64 *size, char **note, GError **error)
{
	sqlite3_stmt *row =
		database_query(ledger->books, error, "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1", "");
	int found = row != NULL ? database_next(ledger->books, row, error) : -1;
	if (found < 0)
		return FALSE;
	*note = NULL;
	if (found == 0)
		return TRUE;
	*size = sqlite3_column_int64(row, 0);
	*note = g_strdup((const char *)sqlite3_column_text(row, 1));
	database_done(row);
	return TRUE;
}

#define BOTH_SIZES "register.db has %" G_GUINT64_FORMAT " entries, custody.db knows of %" G_GUINT64_FORMAT
#define WHAT_TO_DO \
	"put the right files back together, or start senim-registrar once with --continue-after-mismatch:" \
	" it keeps these and opens a new log"

/* A WAL that is gone takes with it what was committed last. */
static gboolean check_wals(const Ledger *ledger, const Ends *ends, GError **error)
{
	const LedgerFound *found = &ledger->found;
	if (!found->in_use || (found->books_wal && found->custody_wal))
		return TRUE;
	return ledger_fail(error, LEDGER_ERROR_MISMATCH,
	                   "%s: %s lost, and with it what was written last (" BOTH_SIZES "): " WHAT_TO_DO,
	                   ledger->directory,
	                   found->books_wal     ? "custody.db-wal is"
	                   : found->custody_wal ? "register.db-wal is"
	                                        : "register.db-wal and custody.db-wal are",
	                   ends->size, ends->after);
}

/* Both sizes must be those of one moment: after the last group, or just before it. */
static gboolean check_sizes(const Ledger *ledger, const Ends *ends, GError **error)
{
	if (ends->size == ends->after || ends->size == ends->before)
		return TRUE;
	return ledger_fail(error, LEDGER_ERROR_MISMATCH, "%s: %s (" BOTH_SIZES "): " WHAT_TO_DO, ledger->directory,
	                   ends->size > ends->after    ? "custody.db is older than register.db"
	                   : ends->size < ends->before ? "register.db is older than custody.db"
	                                               : "register.db holds a part of a group",
	                   ends->size, ends->after);
}

static gboolean rebuild_nodes(Ledger *ledger, guint64 size, const guint8 root[MERKLE_HASH], gboolean *right,
                              GError **error);

/* The frontier from the stored subtrees. Those can be made again from the leaves, and are where they do not lead to the
 * checkpoint, or the last check found a mismatch. */
static gboolean load_tree(Ledger *ledger, const Ends *ends, const guint8 root[MERKLE_HASH], gboolean *right,
                          GError **error)
{
	guint8 got[MERKLE_HASH];
	*right = ends->tampered == 0 && merkle_load(&ledger->tree, ends->size, ledger_fetch_node, ledger, NULL);
	if (*right) {
		merkle_root(&ledger->tree, got);
		*right = memcmp(got, root, sizeof got) == 0;
	}
	if (*right)
		return TRUE;
	log_warning("%s: the stored subtrees of register.db are made again from its leaves", ledger->mailbox);
	return rebuild_nodes(ledger, ends->size, root, right, error);
}

/* The last checkpoint: this log's, and over all entries. *root: what it signs. */
static gboolean check_note(Ledger *ledger, const Ends *ends, guint8 root[MERKLE_HASH], GError **error)
{
	gint64 row_size = 0;
	guint64 size;
	g_autofree char *note = NULL;
	g_autoptr(GError) reason = NULL;
	if (!read_note(ledger, &row_size, &note, error))
		return FALSE;
	if (note == NULL || (guint64)row_size != ends->size)
		return ledger_fail(error, LEDGER_ERROR_MISMATCH, "%s: register.db has %" G_GUINT64_FORMAT
		                   " entries and a last checkpoint over %" G_GINT64_FORMAT ": " WHAT_TO_DO, ledger->directory,
		                   ends->size, row_size);
	if (!note_verify_checkpoint(note, ledger->verifier, &size, root, &reason))
		return ledger_fail(
			error, LEDGER_ERROR_DATABASE,
			"%s: register.db is not that of the log %s (its last checkpoint: %s): put the right file back",
			ledger->directory, ledger->origin, reason->message);
	if (size != ends->size)
		return ledger_fail(error, LEDGER_ERROR_MISMATCH, "%s: register.db has %" G_GUINT64_FORMAT
		                   " entries, and what its last checkpoint signs is %" G_GUINT64_FORMAT ": " WHAT_TO_DO,
		                   ledger->directory, ends->size, size);
	g_free(ledger->note);
	ledger->note = g_steal_pointer(&note);
	return TRUE;
}

static gboolean check_tree(Ledger *ledger, const Ends *ends, const guint8 root[MERKLE_HASH], GError **error)
{
	gboolean right;
	if (!load_tree(ledger, ends, root, &right, error))
		return FALSE;
	return right ||
	       ledger_fail(error, LEDGER_ERROR_MISMATCH,
	                   "%s: the %" G_GUINT64_FORMAT
	                   " entries of register.db do not lead to its last checkpoint: they were altered; " WHAT_TO_DO,
	                   ledger->directory, ends->size);
}

/* --- subtrees once more ------------------------------------------------------------------------------------------- */

static gboolean insert_node(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Ledger *ledger = user;
	return database_run(ledger->books, error, "INSERT INTO node(level, ix, hash) VALUES(?, ?, ?)", "iib", (gint64)level,
	                    (gint64)index, hash, (gsize)MERKLE_HASH);
}

/* Before the guard stands. Leaves that do not lead to the checkpoint were altered: then nothing is touched. The trigger
 * of `node` goes for that time, and comes back with it. */
static gboolean rebuild_nodes(Ledger *ledger, guint64 size, const guint8 root[MERKLE_HASH], gboolean *right,
                              GError **error)
{
	static const char *const away[] = {"DROP TRIGGER node_no_delete", "DELETE FROM node"};
	static const char back[] = NO_DELETE("node");
	guint8 got[MERKLE_HASH];
	gboolean done = database_begin(ledger->books, error);
	for (gsize i = 0; done && i < G_N_ELEMENTS(away); i++)
		done = database_run(ledger->books, error, away[i], "");
	memset(&ledger->tree, 0, sizeof ledger->tree);
	for (guint64 seq = 0; done && seq < size; seq++) {
		guint8 leaf[MERKLE_HASH];
		done = ledger_fetch_node(0, seq, leaf, ledger, error) &&
		       merkle_append(&ledger->tree, leaf, insert_node, ledger, error);
	}
	merkle_root(&ledger->tree, got);
	*right = done && memcmp(got, root, sizeof got) == 0;
	gboolean kept = *right && database_run(ledger->books, error, back, "") && database_commit(ledger->books, error);
	if (!kept)
		database_rollback(ledger->books);
	return kept || (done && !*right);
}

/* --- orphans: what custody.db holds of a group that the register never saw ---------------------------------------- */

/* The payloads of the group that have a name already. */
static gboolean set_payloads_aside(Ledger *ledger, guint64 before, guint64 after, GError **error)
{
	for (guint64 seq = before; seq < after; seq++) {
		guint8 salt[ENTRY_SALT], case_id[SEAL_CASE];
		g_autoptr(GBytes) octets = NULL;
		g_autoptr(GBytes) opening = ledger_opening(ledger, seq, error);
		gboolean found;
		if (opening == NULL || !ledger_opening_split(opening, salt, &octets, error))
			return FALSE;
		gsize size;
		const void *text = g_bytes_get_data(octets, &size);
		g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
		gboolean message = record != NULL && entry_check_message(record, NULL);
		gboolean anew = !message && record != NULL && record_get_hex(record, "object", case_id, sizeof case_id, NULL);
		if ((message && !record_get_hex(record, "case", case_id, sizeof case_id, error)) ||
		    ((message || anew) &&
		     !vault_set_aside(ledger->vault, case_id, ledger->now() / G_USEC_PER_SEC, &found, error)))
			return FALSE;
	}
	return TRUE;
}

/* The letter alone does not stay: it names an address, and the sender's server brings the report once more. */
static gboolean move_rows(Ledger *ledger, guint64 before, GError **error)
{
	static const char *const keep[] = {
		("INSERT INTO orphan(since, what, seq, part, recipient, version, blob)"
	     " SELECT ?1, 'header', seq, part, recipient, version, blob FROM header WHERE seq >= ?2"),
		"INSERT INTO orphan(since, what, seq, blob) SELECT ?1, 'opening', seq, blob FROM opening WHERE seq >= ?2",
		"INSERT INTO orphan(since, what, seq, part, blob) SELECT ?1, 'payload', seq, part, blob FROM payload WHERE seq >= ?2",
	};
	static const char *const remove[] = {
		"DELETE FROM header WHERE seq >= ?",
		"DELETE FROM opening WHERE seq >= ?",
		"DELETE FROM payload WHERE seq >= ?",
		"DELETE FROM outlived WHERE by >= ?",
		"DELETE FROM outbox WHERE seq >= ?",
		"UPDATE outbox SET done=NULL WHERE done >= ?",
		"DELETE FROM notice WHERE seq >= ?",
		"UPDATE notice SET told=NULL, due=0 WHERE told >= ?",
		"UPDATE notice SET ended=NULL WHERE ended >= ?",
		"DELETE FROM exclusion WHERE seq >= ?",
		"UPDATE exclusion SET told=NULL WHERE told >= ?",
		"DELETE FROM retry WHERE seq >= ?",
		"DELETE FROM sent WHERE seq >= ?",
		"DELETE FROM number WHERE given >= ?",
		"DELETE FROM state WHERE seq >= ?",
		"UPDATE state SET open=old_open, blob=old_blob, upto=0, old_open=NULL, old_blob=NULL WHERE upto >= ?",
		"UPDATE head SET after=? WHERE id=1",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(keep); i++)
		if (!database_run(ledger->custody, error, keep[i], "ii", ledger->now(), (gint64)before))
			return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(remove); i++)
		if (!database_run(ledger->custody, error, remove[i], "i", (gint64)before))
			return FALSE;
	return TRUE;
}

/* Payloads first: as long as the rows stand, a start that is interrupted here begins again. */
static gboolean set_orphans_aside(Ledger *ledger, const Ends *ends, GError **error)
{
	if (!set_payloads_aside(ledger, ends->before, ends->after, error))
		return FALSE;
	if (database_begin(ledger->custody, error) && move_rows(ledger, ends->before, error) &&
	    database_commit(ledger->custody, error)) {
		log_notice("%s: %" G_GUINT64_FORMAT " entries that were never registered were set aside", ledger->mailbox,
		           ends->after - ends->before);
		return TRUE;
	}
	database_rollback(ledger->custody);
	return FALSE;
}

/* --- the first entry ---------------------------------------------------------------------------------------------- */

/* That the first record is this store's and this log's, as the register committed to it. */
static gboolean read_first(Ledger *ledger, GError **error)
{
	guint8 data[ENTRY_SIZE], salt[ENTRY_SALT], store_id[16];
	g_autoptr(GBytes) octets = NULL;
	if (!ledger_entry_data(ledger, 0, data, error))
		return FALSE;
	g_autoptr(GError) reason = NULL;
	g_autoptr(GBytes) opening = ledger_opening(ledger, 0, &reason);
	if (opening == NULL)
		return ledger_fail(error, LEDGER_ERROR_DATABASE,
		                   "%s/custody.db is not this store's, or not under this custody key: %s", ledger->directory,
		                   reason->message);
	if (!ledger_opening_split(opening, salt, &octets, error))
		return FALSE;
	gsize size;
	const void *text = g_bytes_get_data(octets, &size);
	if (!entry_verify_commitment(data, salt, text, size, &reason))
		return ledger_fail(error, LEDGER_ERROR_DATABASE,
		                   "%s: register.db and custody.db are of two logs (%s): put the right files back together",
		                   ledger->directory, reason->message);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, error);
	if (record == NULL || !record_get_hex(record, "store", store_id, sizeof store_id, error))
		return FALSE;
	if (memcmp(store_id, ledger->store_id, sizeof store_id) != 0 ||
	    g_strcmp0(record_get(record, "origin"), ledger->origin) != 0)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "%s holds the log of another store", ledger->directory);
	return TRUE;
}

/* --- the start ---------------------------------------------------------------------------------------------------- */

static void adopt(Ledger *ledger, const Ends *ends)
{
	ledger->last_time = ends->time;
	ledger->lost = FALSE;
	ledger->settled = FALSE;
	g_mutex_lock(&ledger->mutex);
	ledger->size = ends->size;
	ledger->tampered = ends->tampered != 0;
	g_mutex_unlock(&ledger->mutex);
}

/* Whose files these are comes first, then their ages, then the tree. */
static gboolean look(Ledger *ledger, GError **error)
{
	Ends ends;
	guint8 root[MERKLE_HASH];
	if (!read_ends(ledger, &ends, error) || !check_wals(ledger, &ends, error) ||
	    !check_note(ledger, &ends, root, error) || !read_first(ledger, error) || !check_sizes(ledger, &ends, error) ||
	    !check_tree(ledger, &ends, root, error))
		return FALSE;
	if (ends.size < ends.after) {
		if (memcmp(root, ends.root, sizeof root) != 0)
			return ledger_fail(error, LEDGER_ERROR_MISMATCH,
			                   "%s: register.db is not the one that custody.db was written for (" BOTH_SIZES
			                   "): " WHAT_TO_DO,
			                   ledger->directory, ends.size, ends.after);
		if (!set_orphans_aside(ledger, &ends, error))
			return FALSE;
	}
	People *people = ledger_people_read(ledger, error);
	if (people == NULL)
		return FALSE;
	ledger_people_adopt(ledger, people);
	if (ends.cache != LEDGER_CACHE_FORM && !ledger_cases_rebuild(ledger, error))
		return FALSE;
	adopt(ledger, &ends);
	return TRUE;
}

static gboolean open_databases(Ledger *ledger, GError **error)
{
	g_autofree char *books = path_in(ledger, "register.db"), *custody = path_in(ledger, "custody.db");
	/* Before SQLite makes what is missing. */
	ledger->found = (LedgerFound){.in_use = exists(ledger, LEDGER_IN_USE),
	                              .books_wal = exists(ledger, "register.db-wal"),
	                              .custody_wal = exists(ledger, "custody.db-wal")};
	ledger->books = database_open(books, &books_form, error);
	if (ledger->books == NULL)
		return FALSE;
	ledger->custody = database_open(custody, &custody_form, error);
	return ledger->custody != NULL;
}

static void close_databases(Ledger *ledger)
{
	ledger_day_keys_drop(ledger);
	g_clear_pointer(&ledger->books, database_close);
	g_clear_pointer(&ledger->custody, database_close);
}

/* The empty WAL that an opening makes would hide from the next start that the right one is lost. */
void ledger_leave_as_found(Ledger *ledger)
{
	close_databases(ledger);
	if (!ledger->found.books_wal)
		unlinkat(ledger->directory_fd, "register.db-wal", 0);
	if (!ledger->found.custody_wal)
		unlinkat(ledger->directory_fd, "custody.db-wal", 0);
}

/* A crash came between the entry that put them out of use and their end. */
static void destroy_outlived(Ledger *ledger)
{
	g_autoptr(GError) error = NULL;
	ledger->outlived = TRUE;
	if (!ledger_outlived_destroy(ledger, &error))
		log_warning("%s: what was erased or sealed anew lies there in its old state too: %s", ledger->mailbox, error->message);
}

static gboolean open_and_look(Ledger *ledger, GError **error)
{
	if (open_databases(ledger, error) && look(ledger, error)) {
		destroy_outlived(ledger);
		database_guard(ledger->books);
		return mark_in_use(ledger, error);
	}
	ledger_leave_as_found(ledger);
	return FALSE;
}

gboolean ledger_open_as_found(Ledger *ledger, guint64 *size, guint64 *known, char **note, GError **error)
{
	Ends ends;
	gint64 note_size;
	if (!open_directory(ledger, error) || !open_databases(ledger, error) || !read_ends(ledger, &ends, error) ||
	    !read_note(ledger, &note_size, note, error))
		return FALSE;
	*size = ends.size;
	*known = ends.after;
	ledger->last_time = ends.time;
	return TRUE;
}

gboolean ledger_start(Ledger *ledger, GError **error)
{
	if (!open_directory(ledger, error))
		return FALSE;
	ledger->vault = vault_open(ledger->directory, error);
	if (ledger->vault == NULL || !open_and_look(ledger, error))
		return FALSE;
	gint64 quiet = ledger->now() - ledger->last_time;
	if (quiet > (gint64)36 * 3600 * G_USEC_PER_SEC)
		log_notice("%s: the last entry is %" G_GINT64_FORMAT " hours old", ledger->mailbox,
		           quiet / G_USEC_PER_SEC / 3600);
	return TRUE;
}

gboolean ledger_look_again(Ledger *ledger, GError **error)
{
	close_databases(ledger);
	if (!open_and_look(ledger, error))
		return FALSE;
	/* After a sync that failed, what was read back may stand in the kernel's memory alone: it is written and synced once
	 * more, out of the WAL, before anybody hears that it is there. */
	if (!database_checkpoint(ledger->custody, TRUE, error) || !database_checkpoint(ledger->books, TRUE, error)) {
		ledger->lost = TRUE;
		close_databases(ledger);
		return FALSE;
	}
	log_notice("%s: the books were opened again after a failed commit", ledger->mailbox);
	return TRUE;
}

/* Nothing is unfinished: the WALs go. */
static void finish_databases(Ledger *ledger)
{
	ledger_day_keys_drop(ledger);
	g_clear_pointer(&ledger->books, database_finish);
	g_clear_pointer(&ledger->custody, database_finish);
}

/* --- rest --------------------------------------------------------------------------------------------------------- */

gboolean ledger_settle(Ledger *ledger, GError **error)
{
	if (ledger->outlived && !ledger_outlived_destroy(ledger, error))
		return FALSE;
	if (ledger->settled)
		return TRUE;
	guint8 root[MERKLE_HASH];
	merkle_root(&ledger->tree, root);
	gint64 size = (gint64)ledger->tree.size;
	gboolean done = database_begin(ledger->custody, error) &&
	                database_run(ledger->custody, error, "DELETE FROM outbox WHERE done < ?", "i", size) &&
	                database_run(ledger->custody, error, "UPDATE head SET before=?1, root=?2, after=?1", "ib", size,
	                             root, sizeof root) &&
	                database_commit(ledger->custody, error);
	if (!done) {
		database_rollback(ledger->custody);
		return FALSE;
	}
	ledger->settled =
		database_checkpoint(ledger->custody, TRUE, error) && database_checkpoint(ledger->books, TRUE, error);
	return ledger->settled;
}

gboolean ledger_sweep(Ledger *ledger, GError **error)
{
	gint64 now = ledger->now(), today = now / LEDGER_DAY_US, limit = now - LEDGER_ORPHAN_DAYS * LEDGER_DAY_US;
	if (today == ledger->swept)
		return TRUE;
	gboolean done = database_begin(ledger->custody, error) && ledger_days_forget(ledger, now, error) &&
	                database_run(ledger->custody, error, "DELETE FROM orphan WHERE since < ?", "i", limit) &&
	                database_commit(ledger->custody, error);
	if (!done) {
		database_rollback(ledger->custody);
		ledger_day_keys_drop(ledger);
		return FALSE;
	}
	if (!vault_sweep(ledger->vault, limit / G_USEC_PER_SEC, error))
		return FALSE;
	ledger->swept = today;
	return TRUE;
}

void ledger_stop(Ledger *ledger)
{
	g_autoptr(GError) error = NULL;
	if (!ledger->lost && ledger_settle(ledger, &error)) {
		unlinkat(ledger->directory_fd, LEDGER_IN_USE, 0);
		fsync(ledger->directory_fd); /* before the WALs go, on every file system */
		finish_databases(ledger);
	}
	if (error != NULL)
		log_warning("%s", error->message);
	close_databases(ledger);
}

/* --- a new log ---------------------------------------------------------------------------------------------------- */

gboolean ledger_make_empty(Ledger *ledger, GError **error)
{
	g_autofree char *books = path_in(ledger, "register.db"), *custody = path_in(ledger, "custody.db");
	if (mkdir(ledger->directory, 0700) != 0 && errno != EEXIST)
		return fail_directory(ledger, error, "cannot be made");
	if (!open_directory(ledger, error))
		return FALSE;
	ledger->vault = vault_open(ledger->directory, error);
	if (ledger->vault == NULL)
		return FALSE;
	ledger->books = database_create(books, &books_form, error);
	if (ledger->books == NULL)
		return FALSE;
	ledger->custody = database_create(custody, &custody_form, error);
	return ledger->custody != NULL;
}

gboolean ledger_end_making(Ledger *ledger, GError **error)
{
	ledger->settled = FALSE;
	gboolean done = ledger_settle(ledger, error);
	finish_databases(ledger);
	return done && (fsync(ledger->directory_fd) == 0 || fail_directory(ledger, error, "cannot be made durable"));
}

gboolean ledger_make(Ledger *ledger, EntryKind kind, const Record *record, GError **error)
{
	if (!ledger_make_empty(ledger, error) || !ledger_commit_first(ledger, kind, record, error))
		return FALSE;
	/* A log that goes on from another one begins with its numbers. */
	if (kind == ENTRY_RESTORED && !ledger_cases_rebuild(ledger, error))
		return FALSE;
	return ledger_end_making(ledger, error);
}

gboolean ledger_create(const LedgerOptions *options, const Record *begun, GError **error)
{
	GError *inner = NULL;
	Ledger *ledger = ledger_new(options, error);
	if (ledger == NULL)
		return FALSE;
	g_autoptr(People) people = people_new();
	gboolean done = ledger_people_fold(people, ENTRY_BEGUN, 0, begun, &inner) && ledger_make(ledger, ENTRY_BEGUN, begun, &inner);
	ledger_free(ledger);
	if (done)
		return TRUE;
	ledger_translate(&inner);
	g_propagate_error(error, inner);
	return FALSE;
}
