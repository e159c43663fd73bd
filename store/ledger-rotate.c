/* SPDX-License-Identifier: ISC */
#include "store/ledger-rotate.h"

#include <sodium.h>
#include <string.h>

#include "store/ledger-private.h"

#define BATCH 256

/* --- rows of one sealed column ------------------------------------------------------------------------------------ */

/* select: key, number, blob of the rows behind a key; update: blob, key. */
typedef struct {
	const char *what; /* as ledger_seal() names it */
	CustodyPurpose purpose;
	const char *select, *update;
} Column;

#define OF(table, key, number, column, where) \
	"SELECT " key ", " number ", " column " FROM " table " WHERE " key ">? AND " where " ORDER BY " key " LIMIT ?", \
		"UPDATE " table " SET " column "=? WHERE " key "=?"

static const Column columns[] = {
	{"opening", CUSTODY_OPENING, OF("opening", "seq", "seq", "blob", "1")},
	{"opening", CUSTODY_OPENING, OF("orphan", "id", "seq", "blob", "what='opening'")},
	{"state", CUSTODY_OPENING, OF("state", "seq", "seq", "blob", "1")},
	{"state", CUSTODY_OPENING, OF("state", "seq", "seq", "old_blob", "old_blob IS NOT NULL")},
	{"day", CUSTODY_OPENING, OF("day", "day", "day", "key", "1")},
	{"queue", CUSTODY_OPENING, OF("queue_day", "day", "day", "key", "1")},
	{"token", CUSTODY_OPENING, OF("token", "id", "id", "key", "1")},
	{"letter", CUSTODY_OUTBOX, OF("outbox", "seq", "seq", "letter", "1")},
	{"composed", CUSTODY_OUTBOX, OF("outbox", "seq", "seq", "composed", "composed IS NOT NULL")},
};

typedef struct {
	Ledger *ledger;
	const CustodyKey *next; /* NULL: look, and change nothing */
	LedgerCustody *count;
} Walk;

typedef struct {
	gint64 key, number;
	GBytes *blob;
} Row;

static void row_clear(gpointer data)
{
	g_bytes_unref(((Row *)data)->blob);
}

/* What does not open is a fault where we look, and the end where we turn. */
static gboolean at_fault(Walk *walk, const char *what, gint64 number, GError *inner, GError **error)
{
	if (walk->count->faults != NULL)
		g_ptr_array_add(walk->count->faults, g_strdup_printf("%s of entry %" G_GINT64_FORMAT ": %s", what, number,
		                                                     inner->message));
	else
		ledger_fail(error, LEDGER_ERROR_DATABASE, "%s of entry %" G_GINT64_FORMAT " does not open: %s", what, number,
		            inner->message);
	g_error_free(inner);
	return walk->count->faults != NULL;
}

static GArray *read_batch(Walk *walk, const Column *column, gint64 after, GError **error)
{
	Database *custody = walk->ledger->custody;
	g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(Row));
	g_array_set_clear_func(rows, row_clear);
	sqlite3_stmt *found = database_query(custody, error, column->select, "ii", after, (gint64)BATCH);
	int more = found != NULL ? 1 : -1;
	while (more == 1 && (more = database_next(custody, found, error)) == 1) {
		Row row = {sqlite3_column_int64(found, 0), sqlite3_column_int64(found, 1), database_column(found, 2)};
		g_array_append_val(rows, row);
	}
	return more == 0 ? g_steal_pointer(&rows) : NULL;
}

static gboolean turn_row(Walk *walk, const Column *column, const Row *row, GError **error)
{
	Ledger *ledger = walk->ledger;
	GError *inner = NULL;
	gsize size, plain_size;
	const void *blob = g_bytes_get_data(row->blob, &size);
	g_autofree char *about = g_strdup_printf("%s\n%s\n%" G_GINT64_FORMAT, column->what, ledger->origin, row->number);
	g_autoptr(GBytes) plain = custody_open(ledger->custody_key, ledger->store_id, column->purpose, about,
	                                       strlen(about), blob, size, &inner);
	if (plain == NULL)
		return at_fault(walk, column->what, row->number, inner, error);
	*(column->purpose == CUSTODY_OUTBOX ? &walk->count->letters : &walk->count->openings) += 1;
	if (walk->next == NULL)
		return TRUE;
	const void *text = g_bytes_get_data(plain, &plain_size);
	g_autoptr(GBytes) sealed = custody_seal(walk->next, ledger->store_id, column->purpose, about, strlen(about), text,
	                                        plain_size);
	blob = g_bytes_get_data(sealed, &size);
	return database_run(ledger->custody, error, column->update, "bi", blob, size, row->key);
}

static gboolean turn_column(Walk *walk, const Column *column, GError **error)
{
	gint64 after = G_MININT64;
	for (;;) {
		g_autoptr(GArray) rows = read_batch(walk, column, after, error);
		if (rows == NULL)
			return FALSE;
		for (guint i = 0; i < rows->len; i++)
			if (!turn_row(walk, column, &g_array_index(rows, Row, i), error))
				return FALSE;
		if (rows->len < BATCH)
			return TRUE;
		after = g_array_index(rows, Row, rows->len - 1).key;
	}
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

typedef struct {
	gint64 seq, part, version, orphan; /* orphan: its row there, or 0 */
	guint8 recipient[CUSTODY_ID];
	GBytes *blob;
} Header;

static void header_clear(gpointer data)
{
	g_bytes_unref(((Header *)data)->blob);
}

static const char live_headers[] = "SELECT seq, part, recipient, version, blob, 0 FROM header"
	" WHERE (seq, part, recipient, version) > (?, ?, ?, ?) ORDER BY seq, part, recipient, version LIMIT ?";
static const char orphan_headers[] = "SELECT seq, part, recipient, version, blob, id FROM orphan"
	" WHERE what='header' AND id > ? ORDER BY id LIMIT ?";

static gboolean take_header(sqlite3_stmt *found, GArray *headers, GError **error)
{
	if (sqlite3_column_bytes(found, 2) != CUSTODY_ID)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "a header whose reader has another form");
	Header header = {.seq = sqlite3_column_int64(found, 0),
	                 .part = sqlite3_column_int64(found, 1),
	                 .version = sqlite3_column_int64(found, 3),
	                 .orphan = sqlite3_column_int64(found, 5),
	                 .blob = database_column(found, 4)};
	memcpy(header.recipient, sqlite3_column_blob(found, 2), CUSTODY_ID);
	g_array_append_val(headers, header);
	return TRUE;
}

/* The batch behind `last`; last NULL: the first. */
static GArray *read_headers(Walk *walk, const Header *last, gboolean orphans, GError **error)
{
	Database *custody = walk->ledger->custody;
	g_autoptr(GArray) headers = g_array_new(FALSE, TRUE, sizeof(Header));
	g_array_set_clear_func(headers, header_clear);
	static const guint8 none[CUSTODY_ID];
	sqlite3_stmt *found =
		orphans ? database_query(custody, error, orphan_headers, "ii", last != NULL ? last->orphan : 0, (gint64)BATCH)
				: database_query(custody, error, live_headers, "iibii", last != NULL ? last->seq : -1,
	                             last != NULL ? last->part : 0, last != NULL ? last->recipient : none,
	                             (gsize)CUSTODY_ID, last != NULL ? last->version : 0, (gint64)BATCH);
	int more = found != NULL ? 1 : -1;
	while (more == 1 && (more = database_next(custody, found, error)) == 1)
		if (!take_header(found, headers, error)) {
			database_done(found);
			return NULL;
		}
	return more == 0 ? g_steal_pointer(&headers) : NULL;
}

/* The opening of the entry that a header belongs to, under either key: openings are turned before headers. */
static Record *record_of(Walk *walk, const Header *header, GError **error)
{
	Ledger *ledger = walk->ledger;
	sqlite3_stmt *row =
		header->orphan != 0
			? database_query(ledger->custody, error,
	                         "SELECT blob FROM orphan WHERE what='opening' AND seq=? AND since="
	                         "(SELECT since FROM orphan WHERE id=?)",
	                         "ii", header->seq, header->orphan)
			: database_query(ledger->custody, error, "SELECT blob FROM opening WHERE seq=?", "i", header->seq);
	if (row == NULL || database_next(ledger->custody, row, error) != 1)
		return NULL;
	g_autofree char *about = g_strdup_printf("opening\n%s\n%" G_GINT64_FORMAT, ledger->origin, header->seq);
	g_autoptr(GBytes) plain = custody_open(walk->next != NULL ? walk->next : ledger->custody_key, ledger->store_id,
	                                       CUSTODY_OPENING, about, strlen(about), sqlite3_column_blob(row, 0),
	                                       (gsize)sqlite3_column_bytes(row, 0), error);
	database_done(row);
	gsize size;
	const char *text = plain != NULL ? g_bytes_get_data(plain, &size) : NULL;
	return text != NULL && size >= ENTRY_SALT ? record_read(text + ENTRY_SALT, size - ENTRY_SALT, 0, NULL, error) : NULL;
}

/* A case's headers are bound to its id; those of a sealed text to that text's id, of which an act may have several. */
static GBytes *turn_header(Walk *walk, const Header *header, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Record) record = record_of(walk, header, error);
	gsize size;
	guint at = 0;
	guint8 object[16];
	const void *blob = g_bytes_get_data(header->blob, &size);
	while (record != NULL && ledger_header_object(record, (guint)header->part, &at, object)) {
		const CustodyPlace place = {walk->ledger->store_id, object, (guint8)header->part, NULL, (guint32)header->version};
		g_clear_error(&cause);
		GBytes *turned = custody_header_turn(walk->ledger->custody_key, walk->next, &place, blob, size, &cause);
		if (turned != NULL)
			return turned;
	}
	if (error != NULL && *error == NULL)
		ledger_fail(error, LEDGER_ERROR_DATABASE, "%s", cause != NULL ? cause->message : "its entry names no object");
	return NULL;
}

static gboolean put_header(Walk *walk, const Header *header, GBytes *turned, GError **error)
{
	gsize size;
	const void *blob = g_bytes_get_data(turned, &size);
	if (header->orphan != 0)
		return database_run(walk->ledger->custody, error, "UPDATE orphan SET blob=? WHERE id=?", "bi", blob, size,
		                    header->orphan);
	return database_run(walk->ledger->custody, error,
	                    "UPDATE header SET blob=? WHERE seq=? AND part=? AND recipient=? AND version=?", "biibi", blob,
	                    size, header->seq, header->part, header->recipient, sizeof header->recipient, header->version);
}

static gboolean turn_headers(Walk *walk, gboolean orphans, GError **error)
{
	g_autoptr(GArray) before = NULL;
	do {
		const Header *last = before != NULL ? &g_array_index(before, Header, before->len - 1) : NULL;
		GArray *headers = read_headers(walk, last, orphans, error);
		if (headers == NULL)
			return FALSE;
		g_clear_pointer(&before, g_array_unref);
		before = headers;
		for (guint i = 0; i < headers->len; i++) {
			const Header *header = &g_array_index(headers, Header, i);
			GError *inner = NULL;
			g_autoptr(GBytes) turned = turn_header(walk, header, &inner);
			if (turned == NULL ? !at_fault(walk, "a header", header->seq, inner, error)
			                   : walk->next != NULL && !put_header(walk, header, turned, error))
				return FALSE;
			walk->count->headers += turned != NULL;
		}
	} while (before->len == BATCH);
	return TRUE;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void step(const char *name)
{
	if (ledger_test_step != NULL)
		ledger_test_step(name);
}

/* Answers to letters that were sent under the old key name their case by it. */
static gboolean keep_token_key(Walk *walk, GError **error)
{
	gint64 id;
	guint8 key[CUSTODY_KEY];
	Ledger *ledger = walk->ledger;
	if (!database_number(ledger->custody, error, &id, 1, "SELECT max(id) + 1 FROM token", ""))
		return FALSE;
	custody_derive(ledger->custody_key, ledger->store_id, CUSTODY_MESSAGE_ID, key);
	g_autofree char *about = g_strdup_printf("token\n%s\n%" G_GINT64_FORMAT, ledger->origin, id);
	g_autoptr(GBytes) sealed =
		custody_seal(walk->next, ledger->store_id, CUSTODY_OPENING, about, strlen(about), key, sizeof key);
	sodium_memzero(key, sizeof key);
	gsize size;
	const void *blob = g_bytes_get_data(sealed, &size);
	return database_run(ledger->custody, error, "INSERT INTO token(id, key) VALUES(?, ?)", "ib", id, blob, size);
}

static gboolean walk_all(Walk *walk, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(columns); i++)
		if (!turn_column(walk, &columns[i], error))
			return FALSE;
	return turn_headers(walk, FALSE, error) && turn_headers(walk, TRUE, error) &&
	       (walk->next == NULL || keep_token_key(walk, error));
}

static gboolean turn(Walk *walk, GError **error)
{
	Database *custody = walk->ledger->custody;
	step("rotation begins");
	if (!database_begin(custody, error))
		return FALSE;
	if (!walk_all(walk, error)) {
		database_rollback(custody);
		return FALSE;
	}
	step("rotation commits");
	return database_commit(custody, error);
}

/* The WAL holds the rows of both keys until it is empty. */
static gboolean leave_nothing(Ledger *ledger, GError **error)
{
	step("rotation has committed");
	return database_checkpoint(ledger->custody, TRUE, error);
}

static Ledger *start(const LedgerOptions *options, GError **error)
{
	Ledger *ledger = ledger_new(options, error);
	if (ledger == NULL || ledger_start(ledger, error))
		return ledger;
	ledger_free(ledger);
	return NULL;
}

static gboolean rotate_open(Ledger *ledger, const CustodyKey *next, LedgerCustody *count, GError **error)
{
	Walk walk = {ledger, next, count};
	gboolean done = turn(&walk, error) && leave_nothing(ledger, error);
	if (done)
		ledger->custody_key = next;
	/* Day keys and all else that was read under the old one is not used again: the ledger only stops. */
	ledger_stop(ledger);
	ledger_free(ledger);
	return done;
}

gboolean ledger_rotate(const LedgerOptions *options, const CustodyKey *next, LedgerCustody *count, GError **error)
{
	g_autoptr(GError) inner = NULL;
	LedgerOptions turned = *options;
	memset(count, 0, sizeof *count);
	turned.custody = next;
	Ledger *ledger = start(&turned, NULL);
	gboolean done;
	if (ledger != NULL) {
		/* All of it lies under the new key; a kill may have left the WAL. */
		done = leave_nothing(ledger, &inner);
		ledger_stop(ledger);
		ledger_free(ledger);
	} else {
		ledger = start(options, &inner);
		done = ledger != NULL && rotate_open(ledger, next, count, &inner);
	}
	if (done)
		return TRUE;
	ledger_translate(&inner);
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

gboolean ledger_custody_check(const LedgerOptions *options, LedgerCustody *custody, GError **error)
{
	g_autoptr(GError) inner = NULL;
	memset(custody, 0, sizeof *custody);
	custody->faults = g_ptr_array_new_with_free_func(g_free);
	Ledger *ledger = start(options, &inner);
	Walk walk = {ledger, NULL, custody};
	gboolean done = ledger != NULL && walk_all(&walk, &inner);
	if (ledger != NULL) {
		ledger_stop(ledger);
		ledger_free(ledger);
	}
	if (done)
		return TRUE;
	ledger_translate(&inner);
	g_propagate_error(error, g_steal_pointer(&inner));
	return FALSE;
}

void ledger_custody_clear(LedgerCustody *custody)
{
	g_clear_pointer(&custody->faults, g_ptr_array_unref);
	memset(custody, 0, sizeof *custody);
}
