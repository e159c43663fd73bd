/* SPDX-License-Identifier: ISC */
#include "store/ledger-offline.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/database.h"
#include "store/ledger-private.h"
#include "store/merkle.h"
#include "store/vault.h"

#define READ_SIZE 65536

typedef struct {
	const LedgerOffline *question;
	LedgerCheck *out;
	Database *books, *custody;
	Vault *vault;
	MerkleTree tree;
	gint64 last_day;
	guint64 last_checkpoint; /* size of the largest one that held */
} Check;

#define SEQ "%" G_GUINT64_FORMAT

/* --- sealed bodies ---------------------------------------------------------------------------------------------------- */

static gboolean digest_file(int fd, guint8 digest[SEAL_DIGEST])
{
	crypto_generichash_state state;
	g_autofree guint8 *buffer = g_malloc(READ_SIZE);
	gssize n;
	crypto_generichash_init(&state, NULL, 0, SEAL_DIGEST);
	while ((n = read(fd, buffer, READ_SIZE)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			crypto_generichash_update(&state, buffer, (gsize)n);
	crypto_generichash_final(&state, digest, SEAL_DIGEST);
	return n == 0;
}

/* 1: read; 0: there is none; -1: *error. */
static int digest_row(Check *check, guint64 seq, guint8 digest[SEAL_DIGEST], GError **error)
{
	sqlite3_stmt *row = database_query(check->custody, error, "SELECT blob FROM payload WHERE seq=? AND part=?", "ii",
	                                   (gint64)seq, (gint64)SEAL_PART_BODY);
	int found = row != NULL ? database_next(check->custody, row, error) : -1;
	if (found == 1)
		crypto_generichash(digest, SEAL_DIGEST, sqlite3_column_blob(row, 0), (gsize)sqlite3_column_bytes(row, 0), NULL, 0);
	database_done(row);
	return found;
}

static int digest_vault(Check *check, guint64 seq, guint8 digest[SEAL_DIGEST], GError **error)
{
	sqlite3_stmt *row = database_query(check->books, error,
	                                   "SELECT id FROM \"case\" WHERE seq=?1 UNION ALL SELECT id FROM resealed WHERE seq=?1 AND part=?2",
	                                   "ii", (gint64)seq, (gint64)SEAL_PART_BODY);
	int found = row != NULL ? database_next(check->books, row, error) : -1;
	int fd = -1;
	if (found == 1 && sqlite3_column_bytes(row, 0) == VAULT_CASE)
		fd = vault_read(check->vault, sqlite3_column_blob(row, 0), NULL);
	database_done(row);
	if (fd < 0)
		return MIN(found, 0);
	found = digest_file(fd, digest);
	close(fd);
	return found;
}

/* A body that was erased by order is gone lawfully: its ERASED entry names the case. */
static gboolean was_erased(Check *check, guint64 seq)
{
	guint8 concerns[8];
	for (gsize i = 0; i < sizeof concerns; i++)
		concerns[i] = (guint8)(seq >> (56 - 8 * i));
	gint64 erased = 0;
	return database_number(check->books, NULL, &erased, 0,
	                       "SELECT max(seq) FROM entry WHERE substr(data, 97, 8)=? AND substr(data, 25, 2) = x'0013'", "b", concerns,
	                       sizeof concerns) &&
	       erased > (gint64)seq;
}

/* The entry that sealed it anew last; 0: none did. outlived: its old octets are on their way out. */
static gboolean find_newest(Check *check, const Entry *entry, guint64 *newest, gboolean *outlived, GError **error)
{
	gint64 seq, going;
	guint64 of = entry->kind == ENTRY_RESEALED ? entry->concerns : entry->seq;
	if (!database_number(check->books, error, &seq, 0, "SELECT max(seq) FROM resealed WHERE of=? AND part=? AND seq > ?", "iii",
	                     (gint64)of, (gint64)SEAL_PART_BODY, (gint64)entry->seq) ||
	    !database_number(check->custody, error, &going, 0, "SELECT count(*) FROM outlived WHERE seq=?", "i", (gint64)entry->seq))
		return FALSE;
	*newest = (guint64)seq;
	*outlived = going > 0;
	return TRUE;
}

static gboolean check_body(Check *check, const Entry *entry, GError **error)
{
	guint8 digest[SEAL_DIGEST];
	guint64 newest;
	gboolean outlived;
	if (!find_newest(check, entry, &newest, &outlived, error))
		return FALSE;
	int found = digest_row(check, entry->seq, digest, error);
	if (found == 0)
		found = digest_vault(check, entry->seq, digest, error);
	if (found < 0)
		return FALSE;
	gboolean erased = was_erased(check, entry->kind == ENTRY_RESEALED ? entry->concerns : entry->seq);
	if (found == 1 && erased && !outlived)
		ledger_check_fault(check->out, "entry " SEQ ": its sealed body lies there though it was erased by order: it came from an older copy"
		                   " of the store", entry->seq);
	if (newest != 0) {
		if (found == 1 && !outlived)
			ledger_check_fault(check->out, "entry " SEQ ": its sealed body lies there as it was before entry " SEQ
			                   " sealed it anew: it came from an older copy of the store", entry->seq, newest);
		return TRUE;
	}
	if (found == 0 && !erased)
		ledger_check_fault(check->out, "entry " SEQ ": its sealed body is missing", entry->seq);
	if (found == 1) {
		check->out->payloads++;
		if (memcmp(digest, entry->object, sizeof digest) != 0)
			ledger_check_fault(check->out, "entry " SEQ ": its sealed body is not the one that was registered", entry->seq);
	}
	return TRUE;
}

/* custody.db says of an entry that its texts went by order; that any order was carried out since, the register says. Which one it was
 * stands in records, which the check with the custody key reads (ledger-check.c). */
static gboolean text_was_erased(Check *check, guint64 seq)
{
	gint64 said = 0, last = 0;
	return database_number(check->custody, NULL, &said, 0, "SELECT sealed FROM opening WHERE seq=?", "i", (gint64)seq) && said == 2 &&
	       database_number(check->books, NULL, &last, 0, "SELECT max(seq) FROM entry WHERE substr(data, 25, 2) = x'0013'", "") &&
	       last > (gint64)seq;
}

/* Without the custody key a sealed text's record cannot be read; that somebody has a header of it can be seen. */
static gboolean check_text(Check *check, const Entry *entry, GError **error)
{
	gint64 headers;
	if (!database_number(check->custody, error, &headers, 0, "SELECT count(*) FROM header WHERE seq=? AND part >= ?", "ii",
	                     (gint64)entry->seq, (gint64)SEAL_PART_TEXT))
		return FALSE;
	if (headers == 0 && !text_was_erased(check, entry->seq))
		ledger_check_fault(check->out, "entry " SEQ ": nobody has a header of its sealed text", entry->seq);
	return TRUE;
}

/* --- entries ---------------------------------------------------------------------------------------------------------- */

static gboolean has_object(const Entry *entry)
{
	static const guint8 none[ENTRY_HASH];
	return memcmp(entry->object, none, sizeof none) != 0;
}

static gboolean check_entry(Check *check, sqlite3_stmt *row, GError **error)
{
	Entry entry;
	guint8 leaf[ENTRY_HASH];
	guint64 seq = check->tree.size;
	const guint8 *data = sqlite3_column_blob(row, 1), *stored = sqlite3_column_blob(row, 2);
	if ((guint64)sqlite3_column_int64(row, 0) != seq) {
		ledger_check_fault(check->out, "entry " SEQ " is missing", seq);
		return FALSE; /* no tree can be built over a gap */
	}
	entry_leaf(data, leaf);
	if (memcmp(leaf, stored, sizeof leaf) != 0)
		ledger_check_fault(check->out, "entry " SEQ ": its leaf is not its own", seq);
	if (!entry_decode(data, &entry, NULL) || entry.seq != seq) {
		ledger_check_fault(check->out, "entry " SEQ " has another form", seq);
	} else {
		if (entry.time < check->last_day)
			ledger_check_fault(check->out, "entry " SEQ " is dated before the one in front of it", seq);
		check->last_day = MAX(check->last_day, entry.time);
		if (seq == 0 && entry.kind != ENTRY_BEGUN && entry.kind != ENTRY_RESTORED)
			ledger_check_fault(check->out, "the register has no beginning");
		if ((entry_is_message(entry.kind) || entry.kind == ENTRY_RESEALED) && has_object(&entry) && !check_body(check, &entry, error))
			return FALSE;
		if ((entry.flags & ENTRY_FLAG_SEALED) != 0 && !check_text(check, &entry, error))
			return FALSE;
	}
	check->out->entries++;
	return merkle_append(&check->tree, leaf, NULL, NULL, error);
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------ */

/* What the tree says now, where a checkpoint of this size is stored or known. */
static gboolean check_marks(Check *check, GError **error)
{
	guint8 root[MERKLE_HASH], signed_root[NOTE_ROOT];
	guint64 size = check->tree.size, signed_size;
	sqlite3_stmt *row = database_query(check->books, error, "SELECT note FROM checkpoint WHERE size=?", "i", (gint64)size);
	int found = row != NULL ? database_next(check->books, row, error) : -1;
	if (found < 0)
		return FALSE;
	merkle_root(&check->tree, root);
	if (found == 1 && !note_verify_checkpoint((const char *)sqlite3_column_text(row, 0), check->question->verifier,
	                                          &signed_size, signed_root, NULL))
		ledger_check_fault(check->out, "the checkpoint of size " SEQ " is not signed with the key in log.pub", size);
	else if (found == 1 && (signed_size != size || memcmp(signed_root, root, sizeof root) != 0))
		ledger_check_fault(check->out, "the entries up to " SEQ " are not those that their checkpoint was signed over", size);
	else if (found == 1)
		check->last_checkpoint = size;
	database_done(row);
	if (size > 0 && size == check->question->known_size && memcmp(root, check->question->known_root, sizeof root) != 0)
		ledger_check_fault(check->out, "the first " SEQ " entries are not those of the checkpoint that was kept here", size);
	return TRUE;
}

/* Whose they are, and which entry holds each, stands in records (ledger-check.c); that there is one for each can be counted. */
static gboolean check_cosignatures(Check *check, GError **error)
{
	gint64 rows, entries, over;
	if (!database_number(check->books, error, &rows, 0, "SELECT count(*) FROM cosignature", "") ||
	    !database_number(check->books, error, &entries, 0, "SELECT count(*) FROM entry WHERE substr(data, 25, 2) = x'0038'", "") ||
	    !database_number(check->books, error, &over, 0, "SELECT count(*) FROM cosignature WHERE size < 1 OR size > ?", "i",
	                     (gint64)check->tree.size))
		return FALSE;
	if (rows > entries)
		ledger_check_fault(check->out, "there are %" G_GINT64_FORMAT " cosignatures, and only %" G_GINT64_FORMAT " entries that may hold one",
		      rows, entries);
	if (over > 0)
		ledger_check_fault(check->out, "a cosignature stands over a size that the register never had");
	return TRUE;
}

static gboolean check_end(Check *check, GError **error)
{
	gint64 largest;
	if (!database_number(check->books, error, &largest, 0, "SELECT max(size) FROM checkpoint", ""))
		return FALSE;
	if ((guint64)largest > check->tree.size)
		ledger_check_fault(check->out, "a checkpoint was signed over %" G_GINT64_FORMAT " entries, and there are " SEQ, largest,
		      check->tree.size);
	if (check->question->known_size > check->tree.size)
		ledger_check_fault(check->out, "the checkpoint that was kept here covers " SEQ " entries, and there are " SEQ,
		      check->question->known_size, check->tree.size);
	if (check->last_checkpoint < check->tree.size)
		ledger_check_fault(check->out, "the entries from " SEQ " on are under no checkpoint", check->last_checkpoint);
	return check_cosignatures(check, error);
}

static gboolean check_all(Check *check, GError **error)
{
	sqlite3_stmt *rows = database_query(check->books, error, "SELECT seq, data, leaf FROM entry ORDER BY seq", "");
	int more = rows != NULL ? 1 : -1;
	while (more == 1 && (more = database_next(check->books, rows, error)) == 1)
		if (!check_entry(check, rows, error) || !check_marks(check, error)) {
			database_done(rows);
			return check->out->faults->len > 0 && (error == NULL || *error == NULL);
		}
	return more == 0 && check_end(check, error);
}

/* --- the books -------------------------------------------------------------------------------------------------------- */

static Database *open_one(const char *directory, const char *name, const char *what, gint32 application_id, GError **error)
{
	const DatabaseForm form = {.what = what, .application_id = application_id, .version = 1};
	g_autofree char *path = g_build_filename(directory, name, NULL);
	Database *database = database_open(path, &form, error);
	if (database != NULL)
		database_guard(database);
	return database;
}

/* The registrar's own lock: while this looks, none starts. */
static int lock_directory(const char *directory, GError **error)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_DATABASE, "%s cannot be opened: %s", directory, g_strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_DATABASE,
		            "%s is in use: stop senim-registrar, or ask it over the desk", directory);
		close(fd);
		fd = -1;
	}
	return fd;
}

/* A store that was not stopped in peace has both WALs (ledger-start.c). Where one is gone nothing is opened: SQLite would
 * put an empty one in its place, and the next start would no longer see that what was written last is lost. */
static gboolean has_its_wals(Check *check, int directory)
{
	static const char *const wals[] = {"register.db-wal", "custody.db-wal"};
	gboolean whole = TRUE;
	if (faccessat(directory, LEDGER_IN_USE, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(wals); i++)
		if (faccessat(directory, wals[i], F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
			ledger_check_fault(check->out, "%s is lost, and with it what was written last: put the right file back", wals[i]);
			whole = FALSE;
		}
	return whole;
}

static gboolean check_databases(Check *check, GError **error)
{
	const char *directory = check->question->directory;
	check->books = open_one(directory, "register.db", "register", LEDGER_BOOKS_ID, error);
	check->custody =
		check->books != NULL ? open_one(directory, "custody.db", "custody", LEDGER_CUSTODY_ID, error) : NULL;
	check->vault = check->custody != NULL ? vault_open(directory, error) : NULL;
	gboolean done = check->vault != NULL && check_all(check, error);
	vault_close(check->vault);
	database_close(check->custody);
	database_close(check->books);
	return done;
}

gboolean ledger_offline_check(const LedgerOffline *question, LedgerCheck *out, GError **error)
{
	Check check = {.question = question, .out = out};
	memset(out, 0, sizeof *out);
	out->faults = g_ptr_array_new_with_free_func(g_free);
	int lock = lock_directory(question->directory, error);
	if (lock < 0)
		return FALSE;
	gboolean done = !has_its_wals(&check, lock) || check_databases(&check, error);
	close(lock);
	return done;
}
