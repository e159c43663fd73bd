/* SPDX-License-Identifier: ISC */
/* kill -9 at every step of a commit and at seeded points under four writers: what was promised is there, once; nothing
 * is half in; the log goes on. ROUNDS=N runs more of the seeded ones, SEED=N other ones. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "tests/ledger-room.h"

#define WRITERS 4
#define REPORTS 12 /* of each writer */
#define ROUND_SEEDS 1000

static const char *program;

/* --- the process that dies ---------------------------------------------------------------------------------------- */

static gint steps_left;
static const char *step_to_die_at;

static void die_in_time(const char *step)
{
	if (step_to_die_at != NULL ? strcmp(step, step_to_die_at) == 0 && g_atomic_int_dec_and_test(&steps_left)
	                           : g_atomic_int_dec_and_test(&steps_left))
		kill(getpid(), SIGKILL);
}

typedef struct {
	Room *room;
	guint first;
} Writer;

/* Each promise is told at once: a line of fixed size into a pipe is one write. */
static void promise(char kind, guint seed)
{
	char line[16];
	int size = g_snprintf(line, sizeof line, "%c%08u\n", kind, seed);
	if (write(STDOUT_FILENO, line, (gsize)size) != size)
		_exit(9);
}

static gpointer write_reports(gpointer data)
{
	Writer *writer = data;
	for (guint i = 0; i < REPORTS; i++) {
		guint seed = writer->first + i;
		g_autoptr(RoomReport) report = room_report(writer->room, seed, i % 4 == 3 ? 100000 : 0);
		if (ledger_register(writer->room->ledger, &report->report, NULL) == LEDGER_REGISTERED)
			promise('R', seed);
	}
	return NULL;
}

/* Letters that are due are "sent": once ACKNOWLEDGED is promised, they must not come back. */
static void send_letters(Room *room)
{
	gint64 next;
	g_autoptr(GPtrArray) due = ledger_letters_due(room->ledger, G_MAXINT64 - 1, 3, &next, NULL);
	for (guint i = 0; due != NULL && i < due->len; i++) {
		const LedgerLetterRow *row = due->pdata[i];
		g_autoptr(Record) record = record_new();
		record_add_uint(record, "time", (guint64)room_time);
		record_add_uint(record, "case", row->case_seq);
		if (ledger_letter_sent(room->ledger, row->id, record, NULL))
			promise('L', (guint)row->id);
	}
}

static int child(const char *top, guint first, int steps, const char *step)
{
	Room *room = room_attach(top);
	Writer writers[WRITERS];
	GThread *threads[WRITERS];
	room_open(room);
	steps_left = steps;
	step_to_die_at = *step != '\0' ? step : NULL;
	ledger_test_step = die_in_time;
	for (guint i = 0; i < WRITERS; i++) {
		writers[i] = (Writer){room, first + i * REPORTS};
		threads[i] = g_thread_new("writer", write_reports, &writers[i]);
	}
	for (guint i = 0; i < 4; i++)
		send_letters(room);
	for (guint i = 0; i < WRITERS; i++)
		g_thread_join(threads[i]);
	room_free(room);
	return 0;
}

/* --- the process that looks --------------------------------------------------------------------------------------- */

/* Runs a child to its death (or end); its promises are (transfer full). */
static char *run_child(const Room *room, guint first, int steps, const char *step, gboolean *died)
{
	g_autofree char *seed = g_strdup_printf("%u", first), *count = g_strdup_printf("%d", steps);
	const char *argv[] = {program, "--child", room->top, seed, count, step, NULL};
	char *promises;
	int status;
	g_autoptr(GError) error = NULL;
	g_assert_true(
		g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &promises, NULL, &status, &error));
	g_assert_no_error(error);
	*died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	g_assert_true(*died || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	return promises;
}

static gboolean is_registered(Room *room, guint seed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, seed, 0);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	g_assert_true(c != NULL || g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND));
	return c != NULL;
}

static void letters_are_not_waiting(Room *room, const guint64 *sent, guint n)
{
	gint64 next;
	g_autoptr(GPtrArray) due = ledger_letters_due(room->ledger, G_MAXINT64 - 1, 100000, &next, NULL);
	for (guint i = 0; i < due->len; i++)
		for (guint k = 0; k < n; k++)
			g_assert_cmpuint(((LedgerLetterRow *)due->pdata[i])->id, !=, sent[k]);
}

/* What was promised is there; the sender's server brings the rest again, and everything is there once. */
static void look(Room *room, const char *promises, guint first)
{
	guint64 sent[256];
	guint n = 0;
	gboolean promised[WRITERS * REPORTS] = {FALSE};
	room_open(room);
	room_is_sound(room);
	g_auto(GStrv) lines = g_strsplit(promises, "\n", 0);
	for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
		guint number = (guint)strtoul(lines[i] + 1, NULL, 10);
		if (lines[i][0] == 'L') {
			g_assert_cmpuint(n, <, G_N_ELEMENTS(sent));
			sent[n++] = number;
			continue;
		}
		g_assert_true(is_registered(room, number));
		promised[number - first] = TRUE;
	}
	letters_are_not_waiting(room, sent, n);
	for (guint i = 0; i < WRITERS * REPORTS; i += 5) {
		gboolean there = is_registered(room, first + i);
		g_autoptr(RoomReport) again = room_report(room, first + i, 0);
		again->report.case_id[0] ^= 0xff;
		LedgerOutcome outcome = room_register(room, again);
		g_assert_cmpint(outcome, ==, there ? LEDGER_RETRIED : LEDGER_REGISTERED);
		g_assert_true(there || !promised[i]);
	}
	room_is_sound(room);
	room_close(room);
}

static void killed_at_each_step_of_a_commit_nothing_promised_is_lost(void)
{
	static const char *const steps[] = {
		"custody begins",  "custody commits",   "custody has committed", "vault names",
		"vault syncs",     "register begins",   "register commits",      "register has committed",
	};
	Room *room = room_new_in(NULL);
	guint first = ROUND_SEEDS;
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
		for (int nth = 1; nth <= 5; nth += 2, first += ROUND_SEEDS) {
			gboolean died;
			g_autofree char *promises = run_child(room, first, nth, steps[i], &died);
			/* Four writers may come together in fewer groups than that: then nobody dies, and all is promised. */
			g_assert_true(died || nth > 1);
			look(room, promises, first);
		}
	room_free(room);
}

static guint setting(const char *name, guint otherwise)
{
	const char *text = g_getenv(name);
	return text != NULL ? (guint)strtoul(text, NULL, 10) : otherwise;
}

static void killed_anywhere_under_four_writers_nothing_promised_is_lost(void)
{
	guint rounds = setting("ROUNDS", 20), died_in_all = 0;
	g_autoptr(GRand) random = g_rand_new_with_seed(setting("SEED", 20261121));
	Room *room = room_new_in(NULL);
	for (guint round = 1; round <= rounds; round++) {
		gboolean died;
		int steps = g_rand_int_range(random, 1, 90);
		g_autofree char *promises = run_child(room, round * ROUND_SEEDS, steps, "", &died);
		died_in_all += died;
		look(room, promises, round * ROUND_SEEDS);
	}
	g_assert_cmpuint(died_in_all, >, rounds / 2);
	room_free(room);
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "--child") == 0)
		return child(argv[2], (guint)strtoul(argv[3], NULL, 10), atoi(argv[4]), argv[5]);
	program = "/proc/self/exe";
	g_autofree char *self = realpath(program, NULL);
	program = self;
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ledger/killed at each step of a commit nothing promised is lost",
	                killed_at_each_step_of_a_commit_nothing_promised_is_lost);
	g_test_add_func("/ledger/killed anywhere under four writers nothing promised is lost",
	                killed_anywhere_under_four_writers_nothing_promised_is_lost);
	return g_test_run();
}
