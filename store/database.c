/* SPDX-License-Identifier: ISC */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "store/gather.h"

G_DEFINE_QUARK(senim-database-error, database_error)

struct Database {
	sqlite3 *connection;
	const DatabaseForm *form;
	char *path;
	GHashTable *statements; /* SQL -> sqlite3_stmt */
	int wal_pages;          /* that are not in the database yet, or could be */
};

static gboolean fail(Database *database, GError **error)
{
	int code = sqlite3_extended_errcode(database->connection);
	DatabaseError kind = DATABASE_ERROR_FAILED;
	const char *remedy = "";
	if ((code & 0xff) == SQLITE_NOTADB) {
		kind = DATABASE_ERROR_FOREIGN;
		remedy = ": put the right file back";
	}
	if ((code & 0xff) == SQLITE_CANTOPEN)
		remedy = ": put the file back, or give it to whoever runs this";
	if ((code & 0xff) == SQLITE_FULL)
		remedy = ": make room on the disk";
	if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
		kind = DATABASE_ERROR_BUSY;
	g_set_error(error, DATABASE_ERROR, kind, "%s: %s (%d)%s", database->path, sqlite3_errmsg(database->connection),
	            code, remedy);
	return FALSE;
}

static gboolean execute(Database *database, const char *sql, GError **error)
{
	return sqlite3_exec(database->connection, sql, NULL, NULL, NULL) == SQLITE_OK || fail(database, error);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void finalize(gpointer statement)
{
	sqlite3_finalize(statement);
}

void database_close(Database *database)
{
	if (database == NULL)
		return;
	g_hash_table_unref(database->statements);
	/* An open transaction is rolled back; with the statements gone this cannot be refused. */
	sqlite3_close_v2(database->connection);
	g_free(database->path);
	g_free(database);
}

void database_finish(Database *database)
{
	if (database != NULL)
		sqlite3_db_config(database->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	database_close(database);
}

static Database *connect_to(const char *path, const DatabaseForm *form, GError **error)
{
	g_autoptr(Database) database = g_new0(Database, 1);
	database->form = form;
	database->path = g_strdup(path);
	database->statements = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
	if (sqlite3_open_v2(path, &database->connection, flags, gather_vfs()) != SQLITE_OK) {
		fail(database, error);
		return NULL;
	}
	return g_steal_pointer(&database);
}

/* The file keeps its size when its pages start over, so the pages are counted. */
static int count_pages(void *user, sqlite3 *connection, const char *name, int pages)
{
	(void)connection, (void)name;
	((Database *)user)->wal_pages = pages;
	return SQLITE_OK;
}

/* Exclusive before the first access: SQLite then keeps the WAL's index in memory, and a second process is refused. */
static gboolean set_rules(Database *database, GError **error)
{
	sqlite3 *connection = database->connection;
	sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!execute(database,
	             "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
	             "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON;"
	             "PRAGMA cache_size=-8192",
	             error))
		return FALSE;
	sqlite3_wal_hook(connection, count_pages, database); /* wal_autocheckpoint would be one too */
	return TRUE;
}

/* What a PRAGMA that changes something says it is now must be what was asked for. */
static gboolean is_in_wal_mode(Database *database, GError **error)
{
	sqlite3_stmt *mode = database_query(database, error, "PRAGMA journal_mode=WAL", "");
	if (mode == NULL)
		return FALSE;
	int row = database_next(database, mode, error);
	gboolean wal = row == 1 && g_strcmp0((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
	database_done(mode);
	if (!wal && row >= 0)
		g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED, "%s: its file system does not take a WAL",
		            database->path);
	return wal;
}

/* The file itself, 0600 and ours alone, its name durable: SQLite then finds an empty file. */
static gboolean make_file(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	g_autofree char *parent = g_path_get_dirname(path);
	int directory = fd >= 0 ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	gboolean done = directory >= 0 && fsync(directory) == 0;
	if (!done)
		g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED, "%s cannot be made: %s", path, g_strerror(errno));
	if (directory >= 0)
		close(directory);
	if (fd >= 0)
		close(fd);
	return done;
}

Database *database_create(const char *path, const DatabaseForm *form, GError **error)
{
	if (!make_file(path, error))
		return NULL;
	g_autoptr(Database) database = connect_to(path, form, error);
	if (database == NULL || !set_rules(database, error) || !is_in_wal_mode(database, error))
		return NULL;
	g_autofree char *marks = g_strdup_printf("PRAGMA application_id=%d; PRAGMA user_version=%d", form->application_id,
	                                         form->version);
	if (!execute(database, "BEGIN IMMEDIATE", error) || !execute(database, form->schema, error) ||
	    !execute(database, marks, error) || !execute(database, "COMMIT", error))
		return NULL;
	return g_steal_pointer(&database);
}

static gboolean check_marks(Database *database, GError **error)
{
	gint64 application_id, version;
	if (!database_number(database, error, &application_id, 0, "PRAGMA application_id", "") ||
	    !database_number(database, error, &version, 0, "PRAGMA user_version", ""))
		return FALSE;
	if (application_id != database->form->application_id)
		g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FOREIGN,
		            "%s is not a %s of senim: put the right file back", database->path, database->form->what);
	else if (version != database->form->version)
		g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_FOREIGN,
		            "%s is a %s of version %" G_GINT64_FORMAT
		            ", and this senim knows version %d: install the senim that wrote it",
		            database->path, database->form->what, version, database->form->version);
	else
		return TRUE;
	return FALSE;
}

Database *database_open(const char *path, const DatabaseForm *form, GError **error)
{
	g_autoptr(Database) database = connect_to(path, form, error);
	if (database == NULL || !set_rules(database, error) || !check_marks(database, error) ||
	    !is_in_wal_mode(database, error))
		return NULL;
	return g_steal_pointer(&database);
}

/* A list of what may be done, so that whatever SQLite learns later is refused too. */
static int authorize(void *user, int action, const char *first, const char *second, const char *schema, const char *by)
{
	(void)user, (void)first, (void)second, (void)schema, (void)by;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_TRANSACTION:
	case SQLITE_FUNCTION:
		return SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

void database_guard(Database *database)
{
	/* Kept statements were compiled without the guard. */
	g_hash_table_remove_all(database->statements);
	sqlite3_set_authorizer(database->connection, authorize, NULL);
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static sqlite3_stmt *kept(Database *database, const char *sql, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(database->statements, sql);
	if (statement != NULL)
		return statement;
	if (sqlite3_prepare_v3(database->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
		fail(database, error);
		return NULL;
	}
	g_hash_table_insert(database->statements, (gpointer)sql, statement);
	return statement;
}

/* Octets and texts outlive the step: the callers keep them until the statement is reset (SQLITE_STATIC). */
static int bind(sqlite3_stmt *statement, const char *letters, va_list ap)
{
	int code = SQLITE_OK;
	for (int i = 1; letters[i - 1] != '\0' && code == SQLITE_OK; i++) {
		if (letters[i - 1] == 'i') {
			code = sqlite3_bind_int64(statement, i, va_arg(ap, gint64));
		} else if (letters[i - 1] == 't') {
			code = sqlite3_bind_text(statement, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
		} else {
			g_assert(letters[i - 1] == 'b');
			const void *data = va_arg(ap, const void *);
			gsize size = va_arg(ap, gsize);
			code = sqlite3_bind_blob64(statement, i, data, size, SQLITE_STATIC);
		}
	}
	return code;
}

static sqlite3_stmt *query(Database *database, GError **error, const char *sql, const char *letters, va_list ap)
{
	sqlite3_stmt *statement = kept(database, sql, error);
	if (statement == NULL)
		return NULL;
	sqlite3_reset(statement);
	if (bind(statement, letters, ap) != SQLITE_OK) {
		fail(database, error);
		return NULL;
	}
	return statement;
}

sqlite3_stmt *database_query(Database *database, GError **error, const char *sql, const char *letters, ...)
{
	va_list ap;
	va_start(ap, letters);
	sqlite3_stmt *statement = query(database, error, sql, letters, ap);
	va_end(ap);
	return statement;
}

int database_next(Database *database, sqlite3_stmt *statement, GError **error)
{
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		fail(database, error);
	database_done(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

void database_done(sqlite3_stmt *statement)
{
	if (statement == NULL)
		return;
	sqlite3_reset(statement);
	/* No kept statement may point into memory of a caller that is gone. */
	sqlite3_clear_bindings(statement);
}

gboolean database_run(Database *database, GError **error, const char *sql, const char *letters, ...)
{
	va_list ap;
	va_start(ap, letters);
	sqlite3_stmt *statement = query(database, error, sql, letters, ap);
	va_end(ap);
	if (statement == NULL)
		return FALSE;
	int row;
	do
		row = database_next(database, statement, error);
	while (row == 1);
	return row == 0;
}

gboolean database_number(Database *database, GError **error, gint64 *value, gint64 otherwise, const char *sql,
                         const char *letters, ...)
{
	va_list ap;
	va_start(ap, letters);
	sqlite3_stmt *statement = query(database, error, sql, letters, ap);
	va_end(ap);
	if (statement == NULL)
		return FALSE;
	int row = database_next(database, statement, error);
	gboolean there = row == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL;
	*value = there ? sqlite3_column_int64(statement, 0) : otherwise;
	database_done(statement);
	return row >= 0;
}

GBytes *database_column(sqlite3_stmt *statement, int column)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return NULL;
	const void *data = sqlite3_column_blob(statement, column);
	return g_bytes_new(data, (gsize)sqlite3_column_bytes(statement, column));
}

gboolean database_begin(Database *database, GError **error)
{
	return database_run(database, error, "BEGIN IMMEDIATE", "");
}

gboolean database_commit(Database *database, GError **error)
{
	return database_run(database, error, "COMMIT", "");
}

void database_rollback(Database *database)
{
	if (!sqlite3_get_autocommit(database->connection))
		database_run(database, NULL, "ROLLBACK", "");
}

gboolean database_checkpoint(Database *database, gboolean truncate, GError **error)
{
	int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
	if (sqlite3_wal_checkpoint_v2(database->connection, NULL, mode, NULL, NULL) != SQLITE_OK)
		return fail(database, error);
	database->wal_pages = 0;
	return TRUE;
}

guint database_wal_pages(const Database *database)
{
	return (guint)database->wal_pages;
}
