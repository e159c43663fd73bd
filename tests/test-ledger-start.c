/* SPDX-License-Identifier: ISC */
/* Starts: databases of different ages, a lost WAL, foreign files, the clock; and going on after a mismatch. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "tests/ledger-room.h"

static void rename_in(Room *room, const char *from, const char *to)
{
	g_autofree char *one = room_path(room, from), *two = room_path(room, to);
	g_assert_cmpint(g_rename(one, two), ==, 0);
}

static void remove_in(Room *room, const char *name)
{
	g_autofree char *path = room_path(room, name);
	g_assert_cmpint(g_unlink(path), ==, 0);
}

/* A log of `all` reports; `kept` of them are in the copies register.old and custody.old. Every third has a file. */
static Room *room_with_copies(guint kept, guint all)
{
	Room *room = room_new();
	for (guint i = 1; i <= all; i++) {
		g_autoptr(RoomReport) report = room_report(room, i, i % 3 == 0 ? 100000 : 0);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
		if (i == kept) {
			room_close(room);
			room_copy(room, "register.db", "register.old");
			room_copy(room, "custody.db", "custody.old");
			room_open(room);
		}
	}
	room_close(room);
	return room;
}

static guint count_payloads(const char *directory)
{
	guint n = 0;
	const char *name;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(directory, name, NULL);
		n += g_str_has_suffix(name, ".pay") + (g_file_test(below, G_FILE_TEST_IS_DIR) ? count_payloads(below) : 0);
	}
	return n;
}

static void message_says(const char *message, const char *what, const char *register_size, const char *custody_size)
{
	g_test_message("%s", message);
	g_assert_nonnull(strstr(message, what));
	g_assert_nonnull(strstr(message, register_size));
	g_assert_nonnull(strstr(message, custody_size));
}

static void an_older_register_is_refused_by_name(void)
{
	Room *room = room_with_copies(4, 9);
	room_copy(room, "register.old", "register.db");
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_MISMATCH);
	message_says(message, "register.db is older than custody.db", "has 5 entries", "knows of 10");
	g_assert_cmpuint(count_payloads(room->top), ==, 3);
	g_autofree char *again = room_refuses(room, LEDGER_ERROR_MISMATCH);
	g_assert_cmpstr(again, ==, message);
	room_free(room);
}

/* The hardest one: older by a single group. */
static void a_register_older_by_one_report_is_refused_too(void)
{
	Room *room = room_with_copies(8, 9);
	room_copy(room, "register.old", "register.db");
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_MISMATCH);
	message_says(message, "register.db is older than custody.db", "has 9 entries", "knows of 10");
	room_free(room);
}

static void an_older_custody_is_refused_by_name(void)
{
	Room *room = room_with_copies(4, 9);
	room_copy(room, "custody.old", "custody.db");
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_MISMATCH);
	message_says(message, "custody.db is older than register.db", "has 10 entries", "knows of 5");
	g_assert_cmpuint(count_payloads(room->top), ==, 3);
	room_free(room);
}

/* Files as a kill leaves them: the WALs hold what was written last. */
static Room *room_killed(void)
{
	static const char *const files[] = {"register.db", "register.db-wal", "custody.db", "custody.db-wal"};
	Room *room = room_new();
	for (guint i = 1; i <= 5; i++)
		room_take(room, i);
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *copy = g_strconcat(files[i], ".killed", NULL);
		room_copy(room, files[i], copy);
	}
	room_close(room);
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *copy = g_strconcat(files[i], ".killed", NULL);
		rename_in(room, copy, files[i]);
	}
	g_autofree char *mark = room_path(room, "in-use");
	g_assert_true(g_file_set_contents(mark, "", 0, NULL));
	return room;
}

static void a_kill_leaves_nothing_to_mend(void)
{
	Room *room = room_killed();
	room_open(room);
	room_is_sound(room);
	g_assert_cmpuint(ledger_size(room->ledger), ==, 6);
	room_free(room);
}

static void a_lost_wal_is_refused_by_name(void)
{
	static const char *const names[] = {"register.db-wal", "custody.db-wal"};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		Room *room = room_killed();
		remove_in(room, names[i]);
		g_autofree char *what = g_strconcat(names[i], " is lost", NULL),
						*message = room_refuses(room, LEDGER_ERROR_MISMATCH);
		message_says(message, what, "register.db has", "custody.db knows of");
		/* A refused start has not made what was missing. */
		g_autofree char *again = room_refuses(room, LEDGER_ERROR_MISMATCH);
		g_assert_nonnull(strstr(again, what));
		room_free(room);
	}
	Room *room = room_killed();
	remove_in(room, names[0]);
	remove_in(room, names[1]);
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_MISMATCH);
	message_says(message, "register.db-wal and custody.db-wal are lost", "has 1 entries", "knows of 1");
	room_free(room);
}

static void foreign_files_are_refused(void)
{
	Room *room = room_with_copies(2, 3), *other = room_new();
	static const char *const names[] = {"register.db", "custody.db"};
	room_close(other);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = room_path(room, names[i]), *theirs = room_path(other, names[i]), *keep = NULL;
		gsize size;
		g_assert_true(g_file_get_contents(path, &keep, &size, NULL));
		/* no database at all */
		g_assert_true(g_file_set_contents(
			path, "this is a note, and no database at all; it is long enough for a header of one hundred octets.....",
			-1, NULL));
		g_autofree char *first = room_refuses(room, LEDGER_ERROR_DATABASE);
		/* the other kind of database */
		room_copy(room, names[1 - i], names[i]);
		g_autofree char *second = room_refuses(room, LEDGER_ERROR_DATABASE);
		g_assert_nonnull(strstr(second, "is not a"));
		/* the same kind, of another store: of another key or another log, never opened */
		char *data;
		gsize length;
		g_assert_true(g_file_get_contents(theirs, &data, &length, NULL));
		g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
		g_free(data);
		g_autoptr(GError) error = NULL;
		g_assert_null(ledger_open(&room->options, &error));
		g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_DATABASE);
		g_assert_nonnull(
			strstr(error->message, i == 0 ? "register.db is not that of the log" : "custody.db is not this store's"));
		/* none at all */
		remove_in(room, names[i]);
		g_autofree char *third = room_refuses(room, LEDGER_ERROR_DATABASE);
		g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
		g_assert_true(g_file_set_contents(path, keep, (gssize)size, NULL));
	}
	room_open(room);
	room_is_sound(room);
	room_free(room);
	room_free(other);
}

static void one_process_at_a_time(void)
{
	Room *room = room_new();
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_DATABASE);
	g_assert_nonnull(strstr(message, "is in use"));
	room_free(room);
}

static void forget_subtrees(Room *room, const char *which)
{
	g_autofree char *sql =
		g_strdup_printf("DROP TRIGGER node_no_delete; DELETE FROM node WHERE %s;"
	                    "CREATE TRIGGER node_no_delete BEFORE DELETE ON node BEGIN SELECT RAISE(ABORT, 'no');"
	                    "END",
	                    which);
	room_sql(room, "register.db", sql);
}

static void subtrees_are_made_again_from_the_leaves(void)
{
	Room *room = room_with_copies(1, 7);
	forget_subtrees(room, "level=3"); /* eight entries: this one is their root */
	room_open(room);
	room_is_sound(room);
	room_close(room);
	forget_subtrees(room, "level=2"); /* this one no start needs; the check does */
	room_open(room);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_cmpuint(faults->len, ==, 2);
	room_close(room);
	room_open(room);
	room_is_sound(room);
	room_free(room);
}

/* Of an entry that was altered nothing is made again: the checkpoint is signed. */
static void an_altered_end_is_refused(void)
{
	Room *room = room_with_copies(1, 6); /* with BEGUN seven entries: the last is a peak of its own */
	room_sql(room, "register.db", "DROP TRIGGER entry_no_update; UPDATE entry SET leaf=zeroblob(32) WHERE seq=6");
	g_autofree char *message = room_refuses(room, LEDGER_ERROR_MISMATCH);
	g_assert_nonnull(strstr(message, "do not lead to its last checkpoint"));
	room_free(room);
}

static char *describe_cases(Room *room)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GPtrArray) cases = ledger_cases(room->ledger, LEDGER_CASES_ALL, LEDGER_NOTHING, 1000, NULL);
	for (guint i = 0; i < cases->len; i++) {
		const LedgerCase *c = cases->pdata[i];
		g_autofree char *facts = record_write(c->facts, NULL);
		g_string_append_printf(text,
		                       "%" G_GUINT64_FORMAT " %u/%d/%u %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
		                       " %s %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u\n%s",
		                       c->seq, c->year, c->aside, c->number, c->accepted, c->received, c->state, c->ack_state,
		                       c->ack_reason, c->size, c->card_size, c->retries, facts);
	}
	return g_string_free(text, FALSE);
}

static void append(Room *room, EntryKind kind, guint64 case_seq, const char *part, const LedgerAct *more)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	LedgerEntry entry;
	record_add_uint(record, "time", (guint64)room_time);
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", case_seq);
	if (part != NULL)
		record_add(record, "part", part);
	LedgerAct act = *more;
	act.kind = kind;
	act.record = record;
	act.case_seq = case_seq;
	act.concerns = entry_kind_concerns(kind) ? case_seq : LEDGER_NOTHING;
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

static void the_cache_of_cases_comes_out_of_the_openings_as_it_was(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	for (guint i = 1; i <= 8; i++) {
		g_autoptr(RoomReport) report = room_report(room, i, 0);
		if (i == 2 || i == 3)
			room_report_fact(report, "automatic", "bounce");
		if (i == 4) {
			report->report.letter_state = LEDGER_LETTER_WITHHELD;
			report->report.letter_reason = "automatic";
		}
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	}
	g_autoptr(Record) sent = record_new();
	record_add_uint(sent, "time", (guint64)room_time);
	record_add_uint(sent, "case", 5);
	g_assert_true(ledger_letter_sent(room->ledger, 5, sent, &error));
	g_assert_true(ledger_letter_withhold(room->ledger, 6, "cap", &error));
	g_autoptr(RoomReport) again = room_report(room, 7, 0);
	again->report.case_id[0] ^= 1;
	g_assert_cmpint(room_register(room, again), ==, LEDGER_RETRIED);
	append(room, ENTRY_OPENED, 1, "body", &(LedgerAct){.state = "open"});
	append(room, ENTRY_ACCEPTED, 2, NULL, &(LedgerAct){.accept = TRUE});
	append(room, ENTRY_CLOSED, 7, NULL, &(LedgerAct){.state = "closed"});
	append(room, ENTRY_SET_ASIDE, 8, NULL, &(LedgerAct){.state = "set-aside"});
	append(room, ENTRY_RELEASED, 6, NULL,
	       &(LedgerAct){.ack_state = "queued", .letter = again->letter, .letter_due = room_time});
	g_autofree char *before = describe_cases(room);
	room_close(room);
	room_sql(room, "custody.db", "DELETE FROM state; DELETE FROM number; UPDATE head SET cache=0");
	room_open(room);
	g_autofree char *after = describe_cases(room);
	g_assert_cmpstr(after, ==, before);
	g_autoptr(LedgerCase) accepted = ledger_case_by_number(room->ledger, 2026, FALSE, 7, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(accepted->seq, ==, 2);
	room_is_sound(room);
	room_free(room);
}

/* --- going on ----------------------------------------------------------------------------------------------------- */

static Record *first_record(Room *room)
{
	LedgerEntry entry;
	Entry fields;
	g_autoptr(GError) error = NULL;
	g_assert_true(ledger_entry(room->ledger, 0, &entry, &error));
	g_assert_true(entry_decode(entry.entry, &fields, &error));
	g_assert_cmpint(fields.kind, ==, ENTRY_RESTORED);
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	Record *record = record_read(text, size, 0, entry_schema(ENTRY_RESTORED), &error);
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
	return record;
}

static void after_a_mismatch_a_new_log_goes_on_and_says_so(void)
{
	for (int older = 0; older < 2; older++) {
		Room *room = room_with_copies(4, 9);
		guint payloads = count_payloads(room->top);
		room_copy(room, older == 0 ? "register.old" : "custody.old", older == 0 ? "register.db" : "custody.db");
		room_wait(3600);
		room->options.continue_after_mismatch = TRUE;
		room_open(room);
		g_autoptr(Record) record = first_record(room);
		g_assert_cmpstr(record_get(record, "old-register"), ==, older == 0 ? "5" : "10");
		g_assert_cmpstr(record_get(record, "old-custody"), ==, older == 0 ? "10" : "5");
		g_assert_true(g_str_has_prefix(record_get(record, "old-checkpoint"), "senim@kmo.kz/"));
		/* Nine numbers were given; none of them is given again. */
		g_autoptr(RoomReport) report = room_report(room, 77, 0);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
		g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, NULL);
		g_assert_cmpuint(c->number, ==, 10);
		g_assert_cmpuint(count_payloads(room->top), ==, payloads);
		room_is_sound(room);
		room_close(room);
		room->options.continue_after_mismatch = FALSE;
		room_open(room);
		room_is_sound(room);
		room_free(room);
	}
}

static void without_a_mismatch_the_switch_changes_nothing(void)
{
	Room *room = room_with_copies(1, 2);
	room->options.continue_after_mismatch = TRUE;
	room_open(room);
	g_assert_cmpuint(ledger_size(room->ledger), ==, 3);
	room_free(room);
}

/* --- the clock ---------------------------------------------------------------------------------------------------- */

static LedgerOutcome take_now(Room *room, guint seed, GError **error)
{
	g_autoptr(RoomReport) report = room_report(room, seed, 0);
	return ledger_register(room->ledger, &report->report, error);
}

static void a_clock_that_is_behind_puts_mail_off(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	room_take(room, 1);
	room_time -= 299 * (gint64)G_USEC_PER_SEC;
	g_assert_cmpint(take_now(room, 2, &error), ==, LEDGER_REGISTERED);
	room_time -= 2 * (gint64)G_USEC_PER_SEC;
	g_assert_cmpint(take_now(room, 3, &error), ==, LEDGER_FAILED);
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK);
	g_clear_error(&error);
	/* The exact moment outlives the process. */
	room_close(room);
	room_open(room);
	g_assert_cmpint(take_now(room, 4, &error), ==, LEDGER_FAILED);
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK);
	g_clear_error(&error);
	guint64 before = ledger_size(room->ledger);
	room_time += 600 * (gint64)G_USEC_PER_SEC;
	g_assert_cmpint(take_now(room, 5, &error), ==, LEDGER_REGISTERED);
	/* The incident comes before it. */
	g_assert_cmpuint(ledger_size(room->ledger), ==, before + 2);
	LedgerEntry entry;
	Entry fields;
	g_assert_true(ledger_entry(room->ledger, before, &entry, &error));
	g_assert_true(entry_decode(entry.entry, &fields, &error));
	g_assert_cmpint(fields.kind, ==, ENTRY_INCIDENT);
	g_autofree char *text = g_strndup(g_bytes_get_data(entry.record, NULL), g_bytes_get_size(entry.record));
	g_assert_nonnull(strstr(text, "what: clock\n"));
	g_assert_nonnull(strstr(text, "refused: 1\n"));
	ledger_entry_clear(&entry);
	room_is_sound(room);
	room_free(room);
}

static void a_leap_ahead_puts_mail_off_and_a_quiet_week_does_not(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	room_take(room, 1);
	room_wait(7 * 86400); /* both clocks: nobody wrote */
	g_assert_cmpint(take_now(room, 2, &error), ==, LEDGER_REGISTERED);
	room_time += 37 * 3600 * (gint64)G_USEC_PER_SEC; /* one clock only */
	g_assert_cmpint(take_now(room, 3, &error), ==, LEDGER_FAILED);
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK);
	g_clear_error(&error);
	room_time -= 2 * 3600 * (gint64)G_USEC_PER_SEC;
	g_assert_cmpint(take_now(room, 4, &error), ==, LEDGER_REGISTERED);
	/* Restarted by somebody who has looked at the clock. */
	room_time += 37 * 3600 * (gint64)G_USEC_PER_SEC;
	g_assert_cmpint(take_now(room, 5, NULL), ==, LEDGER_FAILED);
	room_close(room);
	room_open(room);
	g_assert_cmpint(take_now(room, 5, &error), ==, LEDGER_REGISTERED);
	room_is_sound(room);
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/ledger/" #name, name)
	ADD(an_older_register_is_refused_by_name);
	ADD(a_register_older_by_one_report_is_refused_too);
	ADD(an_older_custody_is_refused_by_name);
	ADD(a_kill_leaves_nothing_to_mend);
	ADD(a_lost_wal_is_refused_by_name);
	ADD(foreign_files_are_refused);
	ADD(one_process_at_a_time);
	ADD(subtrees_are_made_again_from_the_leaves);
	ADD(an_altered_end_is_refused);
	ADD(the_cache_of_cases_comes_out_of_the_openings_as_it_was);
	ADD(after_a_mismatch_a_new_log_goes_on_and_says_so);
	ADD(without_a_mismatch_the_switch_changes_nothing);
	ADD(a_clock_that_is_behind_puts_mail_off);
	ADD(a_leap_ahead_puts_mail_off_and_a_quiet_week_does_not);
	return g_test_run();
}
