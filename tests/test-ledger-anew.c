/* SPDX-License-Identifier: ISC */
/* A message under fresh file keys: the new state is whole before the old one goes, and whatever kills the registrar in
 * between, one of the two lies there alone after the next start. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger-offline.h"
#include "store/ledger-private.h"
#include "tests/ledger-room.h"

#define LARGE 100000

static guint64 take(Room *room, guint seed, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, seed, size);
	g_assert_cmpint(ledger_register(room->ledger, &report->report, &error), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	g_assert_no_error(error);
	return c->seq;
}

static char *file_of(Room *room, guint seed)
{
	g_autoptr(RoomReport) report = room_report(room, seed, 0);
	g_autoptr(GString) path = g_string_new(NULL);
	g_string_append_printf(path, "vault/%02x/", report->report.case_id[0]);
	for (gsize i = 0; i < SEAL_CASE; i++)
		g_string_append_printf(path, "%02x", report->report.case_id[i]);
	return g_strconcat(path->str, ".pay", NULL);
}

/* The body that lies there, and every reader's header, are those of that seed's report. */
static void lies_as(Room *room, guint64 seq, guint seed, gsize size)
{
	g_autoptr(RoomReport) report = room_report(room, seed, size);
	g_autoptr(GBytes) payload = NULL;
	g_autoptr(GError) error = NULL;
	int fd;
	g_assert_true(ledger_payload(room->ledger, seq, SEAL_PART_BODY, &payload, &fd, &error));
	g_assert_no_error(error);
	g_assert_true((payload != NULL) == (size == 0));
	if (payload != NULL)
		g_assert_true(g_bytes_equal(payload, report->report.payload));
	if (fd >= 0)
		close(fd);
	g_autoptr(GBytes) card = NULL;
	g_assert_true(ledger_payload(room->ledger, seq, SEAL_PART_CARD, &card, &fd, &error));
	g_assert_true(g_bytes_equal(card, report->report.card));
	g_autoptr(GBytes) header = ledger_header(room->ledger, seq, SEAL_PART_BODY, "age1safebody", &error);
	g_assert_no_error(error);
	g_assert_nonnull(header);
}

static guint rows_of(Room *room, guint64 seq)
{
	gint64 n = 0;
	g_autofree char *path = room_path(room, "custody.db");
	const DatabaseForm form = {.what = "custody", .application_id = LEDGER_CUSTODY_ID, .version = 1};
	g_autoptr(GError) error = NULL;
	Database *custody = database_open(path, &form, &error);
	g_assert_no_error(error);
	g_assert_true(database_number(custody, &error, &n, 0,
	                              "SELECT (SELECT count(*) FROM header WHERE seq=?1) + (SELECT count(*) FROM payload WHERE seq=?1)",
	                              "i", (gint64)seq));
	database_close(custody);
	return (guint)n;
}

static void the_new_state_is_handed_out_and_the_old_one_is_gone(gconstpointer data)
{
	gsize size = GPOINTER_TO_SIZE(data);
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = take(room, 1, size), other = take(room, 2, size);
	for (guint seed = 11; seed < 13; seed++) {
		g_autoptr(RoomReport) with = room_report(room, seed, size);
		guint64 before = room_state(room, seq, SEAL_PART_BODY);
		g_assert_true(room_seal_anew(room, with, seq, before, TRUE, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(room_state(room, seq, SEAL_PART_BODY), >, before);
		lies_as(room, seq, seed, size);
		lies_as(room, other, 2, size);
		room_is_sound(room);
	}
	/* The body alone, by whom the card does not open. */
	g_autoptr(RoomReport) with = room_report(room, 13, size);
	guint64 card = room_state(room, seq, SEAL_PART_CARD);
	g_assert_true(room_seal_anew(room, with, seq, room_state(room, seq, SEAL_PART_BODY), FALSE, &error));
	g_assert_cmpuint(room_state(room, seq, SEAL_PART_CARD), ==, card);
	room_is_sound(room);
	room_close(room);
	g_assert_cmpuint(rows_of(room, seq), ==, 0);
	room_open(room);
	for (guint seed = 1; seed < 14; seed += seed == 1 ? 10 : 1) {
		g_autofree char *file = file_of(room, seed);
		g_assert_cmpint(room_has(room, file), ==, size > 0 && seed == 13);
	}
	room_is_sound(room);
	room_free(room);
}

static void what_does_not_go_with_what_lies_there_is_refused(void)
{
	Room *room = room_new();
	guint64 seq = take(room, 1, 0);
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) first = room_report(room, 11, 0), second = room_report(room, 12, 0), third = room_report(room, 13, 0);
	g_assert_true(room_seal_anew(room, first, seq, seq, TRUE, &error));
	g_assert_false(room_seal_anew(room, second, seq, seq, TRUE, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_STALE);
	g_clear_error(&error);
	guint64 state = room_state(room, seq, SEAL_PART_BODY);
	second->report.n_headers--;
	g_assert_false(room_seal_anew(room, second, seq, state, TRUE, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_STALE);
	g_clear_error(&error);
	third->report.digest[3] ^= 1;
	g_assert_false(room_seal_anew(room, third, seq, state, TRUE, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_FORM);
	/* A header that was made of the old state does not come beside the new one. */
	g_clear_error(&error);
	g_autoptr(Record) record = record_new();
	record_add(record, "act", "wrapped");
	record_add(record, "officer", "aigul");
	record_add(record, "reader", "chair");
	const LedgerWrap wrap = {seq, SEAL_PART_BODY, seq, "age1chairbody", "old", 3};
	LedgerAct act = {.kind = ENTRY_KEY, .record = record, .case_seq = LEDGER_NOTHING, .concerns = LEDGER_NOTHING, .wraps = &wrap, .n_wraps = 1};
	LedgerEntry entry;
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_STALE);
	lies_as(room, seq, 11, 0);
	room_is_sound(room);
	room_free(room);
}

/* Its letter to law enforcement has a header for the octets that lie there now. */
static void what_a_letter_still_needs_stays(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, 1, 0), with = room_report(room, 11, 0);
	g_autoptr(Record) letter = record_new();
	record_add(letter, "to", "police@example.kz");
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", "redirect");
	room_report_fact(report, "verdict", "redirect");
	report->report.letter_state = LEDGER_LETTER_NONE;
	report->report.redirect_to = "police";
	report->report.redirect_letter = letter;
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	g_assert_cmpstr(c->redirected, ==, "automatic");
	g_assert_false(room_seal_anew(room, with, c->seq, c->seq, TRUE, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_LETTER);
	lies_as(room, c->seq, 1, 0);
	room_free(room);
}

/* --- kill -9 ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *step;
	gboolean anew; /* the entry stands from here on */
} steps[] = {
	{"custody begins", FALSE},   {"custody commits", FALSE},        {"custody has committed", FALSE}, {"vault names", FALSE},
	{"vault syncs", FALSE},      {"register begins", FALSE},        {"register commits", FALSE},      {"register has committed", TRUE},
	{"old rows go", TRUE},       {"old rows have gone", TRUE},      {"an old file goes", TRUE},       {"old files have gone", TRUE},
};

static const char *die_at;

static void die_in_time(const char *step)
{
	if (strcmp(step, die_at) == 0)
		kill(getpid(), SIGKILL);
}

static void seal_anew_and_die(const char *top, guint64 seq, const char *step)
{
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		Room *room = room_attach(top);
		room_open(room);
		RoomReport *with = room_report(room, 11, LARGE);
		die_at = step;
		ledger_test_step = die_in_time;
		room_seal_anew(room, with, seq, seq, TRUE, NULL);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void one_state_lies_there_alone(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i].step);
		Room *room = room_new();
		guint64 seq = take(room, 1, LARGE);
		g_autofree char *old = file_of(room, 1), *new = file_of(room, 11);
		room_close(room);
		seal_anew_and_die(room->top, seq, steps[i].step);
		room_open(room);
		guint64 state = room_state(room, seq, SEAL_PART_BODY);
		g_assert_cmpint(state != seq, ==, steps[i].anew);
		lies_as(room, seq, steps[i].anew ? 11 : 1, LARGE);
		g_assert_cmpint(room_has(room, old), ==, !steps[i].anew);
		g_assert_cmpint(room_has(room, new), ==, steps[i].anew);
		room_is_sound(room);
		/* The same once more, as the officer would. */
		g_autoptr(GError) error = NULL;
		g_autoptr(RoomReport) again = room_report(room, 12, LARGE);
		g_assert_true(room_seal_anew(room, again, seq, state, TRUE, &error));
		g_assert_no_error(error);
		lies_as(room, seq, 12, LARGE);
		room_is_sound(room);
		room_close(room);
		g_assert_cmpuint(rows_of(room, seq), ==, 0);
		room_free(room);
	}
}

/* --- an older copy ------------------------------------------------------------------------------------------------ */

static gboolean has_fault(const GPtrArray *faults, const char *what)
{
	for (guint i = 0; i < faults->len; i++)
		if (strstr(faults->pdata[i], what) != NULL)
			return TRUE;
	return FALSE;
}

static GPtrArray *offline_faults(Room *room)
{
	LedgerCheck check;
	g_autoptr(GError) error = NULL;
	g_autofree char *key = note_signer_verifier(room->signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, &error);
	g_assert_no_error(error);
	const LedgerOffline question = {.directory = room->directory, .verifier = verifier};
	g_assert_true(ledger_offline_check(&question, &check, &error));
	g_assert_no_error(error);
	GPtrArray *faults = g_steal_pointer(&check.faults);
	ledger_check_clear(&check);
	return faults;
}

/* How a store comes to have what was put out of use: out of a copy that was made before. */
static void rows_of_an_older_copy_are_named(gconstpointer data)
{
	gsize size = GPOINTER_TO_SIZE(data);
	Room *room = room_new();
	guint64 seq = take(room, 1, size);
	g_autoptr(GError) error = NULL;
	g_autofree char *old = file_of(room, 1), *new = file_of(room, 11);
	room_close(room);
	room_copy(room, "custody.db", "older.db");
	if (size > 0)
		room_copy(room, old, "older.pay");
	room_open(room);
	g_autoptr(RoomReport) with = room_report(room, 11, size);
	g_assert_true(room_seal_anew(room, with, seq, seq, TRUE, &error));
	room_close(room);
	g_autoptr(GPtrArray) none = offline_faults(room);
	g_assert_cmpuint(none->len, ==, 0);
	g_autofree char *sql = g_strdup_printf("ATTACH '%s/older.db' AS older; INSERT INTO header SELECT * FROM older.header;"
	                                       "INSERT INTO payload SELECT * FROM older.payload", room->directory);
	room_sql(room, "custody.db", sql);
	if (size > 0)
		room_copy(room, "older.pay", old);
	g_autoptr(GPtrArray) offline = offline_faults(room);
	g_assert_true(has_fault(offline, "it came from an older copy of the store"));
	room_open(room);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_true(has_fault(faults, "the body of the case of entry 1 lies there as it was before entry 2 sealed it anew"));
	g_assert_true(has_fault(faults, "the card of the case of entry 1 lies there as it was before entry 2 sealed it anew"));
	g_assert_false(ledger_payload(room->ledger, seq, SEAL_PART_BODY, &(GBytes *){NULL}, &(int){-1}, NULL));
	room_close(room);
	/* In the place of the new ones they are no better. */
	room_sql(room, "custody.db", "UPDATE payload SET blob=(SELECT blob FROM payload AS p WHERE p.seq=1 AND p.part=payload.part) WHERE seq=2;"
	                             "DELETE FROM payload WHERE seq=1; DELETE FROM header WHERE seq=1");
	if (size > 0)
		room_copy(room, "older.pay", new);
	room_open(room);
	g_autoptr(GPtrArray) put = room_faults(room);
	g_assert_true(has_fault(put, "was altered") || has_fault(put, "older copy"));
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/ledger-anew/the new state is handed out and the old one is gone (rows)", GSIZE_TO_POINTER(0),
	                     the_new_state_is_handed_out_and_the_old_one_is_gone);
	g_test_add_data_func("/ledger-anew/the new state is handed out and the old one is gone (files)", GSIZE_TO_POINTER(LARGE),
	                     the_new_state_is_handed_out_and_the_old_one_is_gone);
	g_test_add_func("/ledger-anew/what does not go with what lies there is refused", what_does_not_go_with_what_lies_there_is_refused);
	g_test_add_func("/ledger-anew/what a letter still needs stays", what_a_letter_still_needs_stays);
	g_test_add_func("/ledger-anew/killed at any step one state lies there alone", one_state_lies_there_alone);
	g_test_add_data_func("/ledger-anew/rows of an older copy are named", GSIZE_TO_POINTER(0), rows_of_an_older_copy_are_named);
	g_test_add_data_func("/ledger-anew/files of an older copy are named", GSIZE_TO_POINTER(LARGE), rows_of_an_older_copy_are_named);
	return g_test_run();
}
