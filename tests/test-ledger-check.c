/* SPDX-License-Identifier: ISC */
/* Each kind of tampering is found, and named with its entry; reading and closing stop, mail is taken on. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/ledger-room.h"

#define ENTRIES 9

/* Eight reports; number 6 (entry 6) has a file in the vault. */
static Room *room_with_reports(void)
{
	Room *room = room_new();
	for (guint i = 1; i < ENTRIES; i++) {
		g_autoptr(RoomReport) report = room_report(room, i, i == 6 ? 200000 : 0);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	}
	room_close(room);
	return room;
}

/* The column with the octet at that place (from 1) made another one, whatever it was. */
#define ANOTHER_OCTET(column, place) \
	"CAST(substr(" column ", 1, " place " - 1) || " \
	"CASE substr(" column ", " place ", 1) WHEN x'00' THEN x'01' ELSE x'00' END || " \
	"substr(" column ", " place " + 1) AS BLOB)"

/* What a hand may do to the files, which triggers do not hold up, and what the check then says. */
static const struct {
	const char *what;
	const char *file;
	const char *sql;
	const char *sentence;
} hands[] = {
	{"an entry's octet", "register.db",
	 "UPDATE entry SET data = " ANOTHER_OCTET("data", "41") " WHERE seq=3",
	 "entry 3 was altered: its octets do not lead to its leaf"},
	{"an entry and its leaf", "register.db",
	 "UPDATE entry SET data=(SELECT data FROM entry WHERE seq=4), leaf=(SELECT leaf FROM entry WHERE seq=4) WHERE seq=3",
	 "an entry from 3 to 3 was altered: these are not those that were signed"},
	{"an entry in another's place", "register.db",
	 "UPDATE entry SET data=(SELECT data FROM entry WHERE seq=4) WHERE seq=3", "entry 3 calls itself entry 4"},
	{"a stored subtree", "register.db", "UPDATE node SET hash=zeroblob(32) WHERE level=1 AND ix=1",
	 "the stored subtree of level 1 that ends with entry 3 is not that of its entries"},
	{"a checkpoint's text", "register.db", "UPDATE checkpoint SET note=replace(note, '— ', '– ') WHERE size=5",
	 "the checkpoint up to entry 4 is not one of this log"},
	{"a checkpoint in another's place", "register.db",
	 "UPDATE checkpoint SET note=(SELECT note FROM checkpoint WHERE size=4) WHERE size=5",
	 "the checkpoint up to entry 4 is another one's"},
	{"a record taken away", "custody.db", "DELETE FROM opening WHERE seq=2",
	 "the record of entry 2 is missing from custody.db"},
	{"a record's octet", "custody.db",
	 "UPDATE opening SET blob = " ANOTHER_OCTET("blob", "61") " WHERE seq=2",
	 "the record of entry 2 in custody.db was altered"},
	{"a record in another's place", "custody.db",
	 "UPDATE opening SET blob=(SELECT blob FROM opening WHERE seq=5) WHERE seq=2",
	 "the record of entry 2 in custody.db was altered"},
	{"a body's octet", "custody.db",
	 "UPDATE payload SET blob = " ANOTHER_OCTET("blob", "100") " WHERE seq=4 AND part=0",
	 "the body of the case of entry 4 was altered"},
	{"a card in another's place", "custody.db",
	 "UPDATE payload SET blob=(SELECT blob FROM payload WHERE seq=5 AND part=1) WHERE seq=4 AND part=1",
	 "the card of the case of entry 4 was altered"},
	{"a card taken away", "custody.db", "DELETE FROM payload WHERE seq=7 AND part=1",
	 "the card of the case of entry 7 is missing"},
	{"a body taken away", "custody.db", "DELETE FROM payload WHERE seq=7 AND part=0",
	 "the body of the case of entry 7 is missing"},
	{"a reader's header taken away", "custody.db",
	 "DELETE FROM header WHERE seq=1 AND part=1 AND recipient=(SELECT min(recipient) "
	 "FROM header WHERE seq=1 AND part=1)",
	 "the case of entry 1 has 4 headers of 5"},
};

static gboolean one_says(const GPtrArray *faults, const char *sentence)
{
	gboolean found = FALSE;
	g_assert_cmpuint(faults->len, <=, 5); /* one hand, few sentences */
	for (guint i = 0; i < faults->len; i++) {
		g_test_message("%s", (const char *)faults->pdata[i]);
		found = found || strstr(faults->pdata[i], sentence) != NULL;
	}
	return found;
}

/* Whoever can write the file can drop the triggers first. */
static void touch(Room *room, const char *file, const char *sql)
{
	static const char *const tables[] = {"entry", "node", "checkpoint", "cosignature"};
	for (gsize i = 0; strcmp(file, "register.db") == 0 && i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *drop = g_strdup_printf("DROP TRIGGER %s_no_update", tables[i]);
		room_sql(room, file, drop);
	}
	room_sql(room, file, sql);
}

static void every_hand_on_the_books_is_found_and_named(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(hands); i++) {
		Room *room = room_with_reports();
		g_test_message("--- %s", hands[i].what);
		touch(room, hands[i].file, hands[i].sql);
		room_open(room);
		g_autoptr(GPtrArray) faults = room_faults(room);
		g_assert_true(one_says(faults, hands[i].sentence));
		room_free(room);
	}
}

/* What a hand may do to what trustees have signed; two cosignatures, of entries 9 and 10. */
static const struct {
	const char *sql;
	const char *sentences[2];
} cosigned_hands[] = {
	{"UPDATE cosignature SET line='— w DDDD\n' WHERE size=4", {"the cosignature of entry 9 was altered in its table"}},
	{"DELETE FROM cosignature WHERE size=6", {"the cosignature of entry 10 is missing from its table"}},
	{"INSERT INTO cosignature(size, key, line) VALUES(5, x'0102030405060708', 'y')",
	 {"a cosignature over 5 entries was put into its table: no entry holds it"}},
	{"INSERT INTO cosignature(size, key, line) VALUES(5, x'01', 'y')",
	 {"a cosignature over 5 entries was put into its table: no entry holds it"}},
	{"UPDATE cosignature SET size=7 WHERE size=6",
	 {"the cosignature of entry 10 is missing from its table", "a cosignature over 7 entries was put into its table"}},
};

static void cosign(Room *room, guint64 size)
{
	LedgerCosignature one = {.trustee = "notary", .size = size, .time = 1793000000, .line = "— w AAAA\n"};
	g_autoptr(GError) error = NULL;
	memset(one.key, 7, sizeof one.key);
	g_assert_true(ledger_cosign(room->ledger, &one, &error));
}

static void a_hand_on_the_cosignatures_is_found_and_named(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cosigned_hands); i++) {
		Room *room = room_with_reports();
		room_open(room);
		cosign(room, 4);
		cosign(room, 6);
		room_is_sound(room);
		room_close(room);
		room_sql(room, "register.db", "DROP TRIGGER cosignature_no_delete");
		touch(room, "register.db", cosigned_hands[i].sql);
		room_open(room);
		g_autoptr(GPtrArray) faults = room_faults(room);
		for (gsize k = 0; k < G_N_ELEMENTS(cosigned_hands[i].sentences) && cosigned_hands[i].sentences[k] != NULL; k++)
			g_assert_true(one_says(faults, cosigned_hands[i].sentences[k]));
		g_assert_cmpuint(faults->len, ==, cosigned_hands[i].sentences[1] != NULL ? 2 : 1);
		room_free(room);
	}
}

static char *find_payload(const char *directory)
{
	const char *name;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		char *path = g_build_filename(directory, name, NULL);
		if (g_str_has_suffix(name, ".pay"))
			return path;
		char *below = find_payload(path);
		g_free(path);
		if (below != NULL)
			return below;
	}
	return NULL;
}

static void a_hand_on_the_vault_is_found_and_named(void)
{
	for (int i = 0; i < 3; i++) {
		Room *room = room_with_reports();
		g_autofree char *path = find_payload(room->directory);
		if (i == 0) {
			FILE *file = g_fopen(path, "r+");
			g_assert_true(fseek(file, 123456, SEEK_SET) == 0 && fputs("!?", file) >= 0 && fclose(file) == 0);
		} else if (i == 1) {
			g_assert_cmpint(truncate(path, 199999), ==, 0);
		} else {
			g_assert_cmpint(g_unlink(path), ==, 0);
		}
		room_open(room);
		g_autoptr(GPtrArray) faults = room_faults(room);
		g_assert_cmpuint(faults->len, ==, 1);
		g_assert_true(one_says(faults, i < 2 ? "the body of the case of entry 6 was altered"
		                                     : "the body of the case of entry 6 is missing"));
		room_free(room);
	}
}

static gboolean try_act(Room *room, EntryKind kind, GError **error)
{
	g_autoptr(Record) record = record_new();
	LedgerEntry entry;
	record_add_uint(record, "time", (guint64)room_time);
	LedgerAct act = {.kind = kind, .record = record, .case_seq = LEDGER_NOTHING,
	                 .concerns = entry_kind_concerns(kind) ? 1 : LEDGER_NOTHING};
	if (!ledger_append(room->ledger, &act, &entry, error))
		return FALSE;
	ledger_entry_clear(&entry);
	return TRUE;
}

static void reading_is_stopped(Room *room, gboolean stopped)
{
	static const EntryKind held_up[] = {ENTRY_OPENED, ENTRY_LISTED, ENTRY_CLOSED},
						   free_to_go[] = {ENTRY_REFUSED, ENTRY_NOTED};
	for (gsize i = 0; i < G_N_ELEMENTS(held_up); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_cmpint(try_act(room, held_up[i], &error), ==, !stopped);
		g_assert_true(!stopped || g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_TAMPERED));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(free_to_go); i++)
		g_assert_true(try_act(room, free_to_go[i], NULL));
	g_autoptr(GBytes) header = ledger_header(room->ledger, 1, SEAL_PART_BODY, "age1aigulbody", NULL);
	g_autoptr(GBytes) payload = NULL;
	int fd;
	g_assert_cmpint(header == NULL, ==, stopped);
	g_assert_cmpint(ledger_payload(room->ledger, 1, SEAL_PART_BODY, &payload, &fd, NULL), ==, !stopped);
}

static void after_a_mismatch_reading_stops_and_mail_is_taken_on(void)
{
	Room *room = room_with_reports();
	g_autofree char *path = find_payload(room->directory), *data = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(path, &data, &size, NULL));
	data[5000] ^= 1;
	g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
	room_open(room);
	reading_is_stopped(room, FALSE);
	guint64 before = ledger_size(room->ledger);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_cmpuint(faults->len, ==, 1);
	g_assert_cmpuint(ledger_size(room->ledger), ==, before + 1); /* the incident */
	g_autoptr(GPtrArray) again = room_faults(room);
	g_assert_cmpuint(ledger_size(room->ledger), ==, before + 1); /* it is said once */
	reading_is_stopped(room, TRUE);
	room_take(room, 100);
	room_close(room);
	room_open(room);
	reading_is_stopped(room, TRUE); /* a restart is no way round it */
	data[5000] ^= 1;
	g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
	room_is_sound(room);
	reading_is_stopped(room, FALSE);
	room_free(room);
}

static gpointer take_some(gpointer room)
{
	for (guint i = 0; i < 60; i++)
		room_take(room, 1000 + i);
	return NULL;
}

static void a_check_while_mail_comes_in_finds_nothing(void)
{
	Room *room = room_with_reports();
	room_open(room);
	GThread *thread = g_thread_new("mail", take_some, room);
	for (guint i = 0; i < 10; i++)
		room_is_sound(room);
	g_thread_join(thread);
	room_is_sound(room);
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ledger/every hand on the books is found and named", every_hand_on_the_books_is_found_and_named);
	g_test_add_func("/ledger/a hand on the cosignatures is found and named", a_hand_on_the_cosignatures_is_found_and_named);
	g_test_add_func("/ledger/a hand on the vault is found and named", a_hand_on_the_vault_is_found_and_named);
	g_test_add_func("/ledger/after a mismatch reading stops and mail is taken on",
	                after_a_mismatch_reading_stops_and_mail_is_taken_on);
	g_test_add_func("/ledger/a check while mail comes in finds nothing", a_check_while_mail_comes_in_finds_nothing);
	return g_test_run();
}
