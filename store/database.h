/* SPDX-License-Identifier: ISC */
/* store/database.h - one SQLite database under the rules of DESIGN 4: the only place that opens one.
 *
 * Rules:     WAL, synchronous=FULL, locked exclusively (no second connection, no shared memory file), STRICT tables,
 *            application_id and user_version checked, DEFENSIVE, secure_delete, no automatic checkpoint. After
 *            database_guard() the connection reads and inserts, and can do nothing else: no DELETE, UPDATE, DROP,
 *            ALTER, ATTACH, PRAGMA.
 * Statements: prepared once and kept. A query is bound by letters: i gint64, b octets and their gsize (NULL: SQL
 *            NULL), t text (NULL: SQL NULL); SQL is a string literal.
 * Ownership: a statement that a function returns is borrowed; columns are valid until the next step.
 * Threads:   one connection belongs to one thread at a time.
 * Fails:     FALSE or NULL and *error (DATABASE_ERROR). The message names the file and SQLite's reason. After a COMMIT
 *            that failed the outcome is unknown: close, open, look. */
#ifndef SENIM_STORE_DATABASE_H
#define SENIM_STORE_DATABASE_H

#include <glib.h>
#include <sqlite3.h>

typedef enum {
	DATABASE_ERROR_FAILED,  /* SQLite or the disk below it */
	DATABASE_ERROR_FOREIGN, /* not a database of this kind, or of a later release */
	DATABASE_ERROR_BUSY,    /* another process has it open */
} DatabaseError;
#define DATABASE_ERROR (database_error_quark())
GQuark database_error_quark(void);

/* What a database is. */
typedef struct {
	const char *what;      /* "register", for messages */
	gint32 application_id; /* PRAGMA application_id */
	gint32 version;        /* PRAGMA user_version */
	const char *schema;    /* SQL that makes it */
} DatabaseForm;

typedef struct Database Database;

/* A new file; one that exists is an error. The schema stands when it returns. */
Database *database_create(const char *path, const DatabaseForm *form, GError **error);
/* An existing file; its WAL is read in. */
Database *database_open(const char *path, const DatabaseForm *form, GError **error);
/* Closes, and leaves file and WAL as they are, for whoever looks next. NULL is harmless. */
void database_close(Database *database);
/* Closes what is finished: everything moves into the file, the WAL goes. NULL is harmless. */
void database_finish(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_close)
/* From here on read and insert only. */
void database_guard(Database *database);

gboolean database_begin(Database *database, GError **error);
gboolean database_commit(Database *database, GError **error);
/* Harmless where nothing has begun. */
void database_rollback(Database *database);

/* Runs a statement without rows. */
gboolean database_run(Database *database, GError **error, const char *sql, const char *letters, ...);
/* Binds a query; then database_next() gives row after row. */
sqlite3_stmt *database_query(Database *database, GError **error, const char *sql, const char *letters, ...);
/* 1: a row; 0: the end; -1: *error. At 0 and -1 the statement is reset. */
int database_next(Database *database, sqlite3_stmt *statement, GError **error);
/* Resets a statement that was not read to its end. NULL is harmless. */
void database_done(sqlite3_stmt *statement);
/* One number from a query of one row; absent or NULL: otherwise. */
gboolean database_number(Database *database, GError **error, gint64 *value, gint64 otherwise, const char *sql,
                         const char *letters, ...);
/* A column's octets (transfer full); NULL where it is NULL. */
GBytes *database_column(sqlite3_stmt *statement, int column);

/* Moves the WAL into the database; truncate: and leaves nothing in it. */
gboolean database_checkpoint(Database *database, gboolean truncate, GError **error);
/* Pages that wait in the WAL for a checkpoint. */
guint database_wal_pages(const Database *database);

#endif
