/* SPDX-License-Identifier: ISC */
/* The rules of a database: what a guarded connection can do, and what the register's triggers hold up anyhow. */
#include <string.h>

#include "store/ledger-private.h"
#include "tests/ledger-room.h"

static Database *open_books(Room *room)
{
	static const DatabaseForm form = {.what = "register", .application_id = 0x534e5231, .version = 1};
	g_autofree char *path = room_path(room, "register.db");
	g_autoptr(GError) error = NULL;
	Database *database = database_open(path, &form, &error);
	g_assert_no_error(error);
	return database;
}

static Room *room_with_three(void)
{
	Room *room = room_new();
	for (guint i = 1; i <= 3; i++)
		room_take(room, i);
	room_close(room);
	return room;
}

static void a_guarded_connection_reads_and_inserts_and_nothing_else(void)
{
	static const char *const denied[] = {
		"DELETE FROM node",
		"UPDATE checkpoint SET note='x'",
		"DROP TABLE node",
		"DROP TRIGGER node_no_delete",
		"ALTER TABLE entry RENAME TO other",
		"CREATE TABLE other(x)",
		"CREATE TEMP TABLE other(x)",
		"CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END",
		"ATTACH ':memory:' AS other",
		"DETACH main",
		"PRAGMA journal_mode=OFF",
		"PRAGMA synchronous=OFF",
		"PRAGMA writable_schema=ON",
		"REINDEX",
		"ANALYZE",
		"VACUUM",
		"VACUUM INTO '/tmp/never'",
		"SAVEPOINT s",
	};
	Room *room = room_with_three();
	Database *books = open_books(room);
	database_guard(books);
	for (gsize i = 0; i < G_N_ELEMENTS(denied); i++) {
		g_autoptr(GError) error = NULL;
		if (database_run(books, &error, denied[i], ""))
			g_error("a guarded connection ran: %s", denied[i]);
		g_assert_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED);
	}
	gint64 entries;
	g_assert_true(database_number(books, NULL, &entries, 0, "SELECT count(*) FROM entry", ""));
	g_assert_cmpint(entries, ==, 4);
	g_assert_true(database_run(books, NULL, "INSERT INTO checkpoint(size, note) VALUES(99, 'x')", ""));
	database_close(books);
	room_free(room);
}

static void the_register_holds_up_every_hand_but_the_next_entry(void)
{
	static const char *const refused[] = {
		"INSERT INTO entry(seq, data, leaf) VALUES(5, zeroblob(104), zeroblob(32))",
		"INSERT INTO entry(seq, data, leaf) VALUES(3, zeroblob(104), zeroblob(32))",
		"INSERT INTO entry(data, leaf) VALUES(zeroblob(104), zeroblob(32))",
		"INSERT INTO entry(seq, data, leaf) VALUES(4, zeroblob(103), zeroblob(32))",
		"INSERT INTO entry(seq, data, leaf) VALUES(4, 'text', zeroblob(32))",
		"INSERT OR REPLACE INTO entry(seq, data, leaf) VALUES(2, zeroblob(104), zeroblob(32))",
		"REPLACE INTO node(level, ix, hash) VALUES(1, 0, zeroblob(32))",
		"REPLACE INTO checkpoint(size, note) VALUES(2, 'x')",
		"INSERT OR REPLACE INTO \"case\"(seq, id) VALUES(1, zeroblob(16))",
		"INSERT OR REPLACE INTO \"case\"(seq, id) SELECT 4, id FROM \"case\" WHERE seq=1",
		"INSERT INTO checkpoint(size, note) VALUES(2, 'x') ON CONFLICT DO UPDATE SET note='y'",
		"DELETE FROM entry WHERE seq=3",
		"DELETE FROM \"case\"",
		"UPDATE entry SET leaf=zeroblob(32)",
		"UPDATE \"case\" SET seq=9 WHERE seq=1",
		"UPDATE OR REPLACE checkpoint SET size=1",
	};
	Room *room = room_with_three();
	Database *books = open_books(room);
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autoptr(GError) error = NULL;
		if (database_run(books, &error, refused[i], ""))
			g_error("the register took: %s", refused[i]);
		g_assert_error(error, DATABASE_ERROR, DATABASE_ERROR_FAILED);
	}
	g_assert_true(
		database_run(books, NULL, "INSERT INTO entry(seq, data, leaf) VALUES(4, zeroblob(104), zeroblob(32))", ""));
	database_close(books);
	room_free(room);
}

static void a_second_connection_is_refused(void)
{
	Room *room = room_with_three();
	Database *books = open_books(room);
	gint64 entries;
	g_assert_true(database_number(books, NULL, &entries, 0, "SELECT count(*) FROM entry", ""));
	static const DatabaseForm form = {.what = "register", .application_id = 0x534e5231, .version = 1};
	g_autofree char *path = room_path(room, "register.db");
	g_autoptr(GError) error = NULL;
	g_assert_null(database_open(path, &form, &error));
	g_assert_error(error, DATABASE_ERROR, DATABASE_ERROR_BUSY);
	database_close(books);
	room_free(room);
}

static void a_later_version_is_not_touched(void)
{
	Room *room = room_with_three();
	room_sql(room, "custody.db", "PRAGMA user_version=2");
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_DATABASE);
	g_assert_nonnull(strstr(message, "version 2"));
	room_free(room);
}

static void what_is_deleted_leaves_no_octets_behind(void)
{
	Room *room = room_new();
	g_autoptr(RoomReport) report = room_report(room, 1, 0);
	g_autoptr(GError) error = NULL;
	guint8 needle[64];
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	memcpy(needle, (const guint8 *)g_bytes_get_data(report->report.card, NULL) + 2000, sizeof needle);
	room_close(room);
	g_autofree char *path = room_path(room, "custody.db");
	for (int i = 0; i < 2; i++) {
		g_autofree char *data = NULL;
		gsize size;
		g_assert_true(g_file_get_contents(path, &data, &size, NULL));
		g_assert_cmpint(memmem(data, size, needle, sizeof needle) != NULL, ==, i == 0);
		if (i == 1)
			break;
		static const DatabaseForm form = {.what = "custody", .application_id = 0x534e4331, .version = 1};
		Database *custody = database_open(path, &form, &error);
		g_assert_no_error(error);
		g_assert_true(database_run(custody, &error, "DELETE FROM payload", ""));
		g_assert_true(database_checkpoint(custody, TRUE, &error));
		database_finish(custody);
	}
	g_assert_false(room_has(room, "custody.db-wal"));
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/database/a guarded connection reads and inserts, and nothing else",
	                a_guarded_connection_reads_and_inserts_and_nothing_else);
	g_test_add_func("/database/the register holds up every hand but the next entry",
	                the_register_holds_up_every_hand_but_the_next_entry);
	g_test_add_func("/database/a second connection is refused", a_second_connection_is_refused);
	g_test_add_func("/database/a later version is not touched", a_later_version_is_not_touched);
	g_test_add_func("/database/what is deleted leaves no octets behind", what_is_deleted_leaves_no_octets_behind);
	return g_test_run();
}
