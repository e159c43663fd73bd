/* SPDX-License-Identifier: ISC */
/* The power goes at every step of the commit that redirects a report: its entry and its letter are there, or neither, and
 * the letter that is there is the one that was composed. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "tests/ledger-room.h"

#define ENTITY "Content-Type: text/plain\r\n\r\nkit\r\n"

static const char *const steps[] = {"custody begins",  "custody commits",  "custody has committed",
                                    "register begins", "register commits", "register has committed"};
static const char *die_at;

static void die_in_time(const char *step)
{
	if (strcmp(step, die_at) == 0)
		kill(getpid(), SIGKILL);
}

static Record *letter_record(void)
{
	Record *letter = record_new();
	record_add(letter, "to", "duty@police.kz");
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", "redirect");
	return letter;
}

/* What the desk does for `senim redirect`. */
static void by_an_officer(Room *room, guint64 seq)
{
	g_autoptr(Record) record = record_new(), letter = letter_record();
	g_autoptr(GBytes) entity = g_bytes_new_static(ENTITY, strlen(ENTITY));
	LedgerEntry entry = {0};
	record_add_uint(record, "case", seq);
	record_add(record, "act", "queued");
	record_add(record, "to", "police");
	LedgerAct act = {.kind = ENTRY_REDIRECTED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq,
	                 .letter = letter, .letter_due = room_time, .composed = entity};
	if (ledger_append(room->ledger, &act, &entry, NULL))
		ledger_entry_clear(&entry);
}

/* With the report itself, where the configuration lets it go. */
static void by_itself(Room *room, guint64 seq G_GNUC_UNUSED)
{
	g_autoptr(RoomReport) report = room_report(room, 2, 0);
	g_autoptr(Record) letter = letter_record();
	room_report_fact(report, "verdict", "redirect");
	report->report.letter_state = LEDGER_LETTER_NONE;
	report->report.redirect_to = "police";
	report->report.redirect_letter = letter;
	(void)room_register(room, report);
}

/* In a process that is killed at that step. */
static void redirect_and_die(const char *top, void (*redirect)(Room *room, guint64 seq), guint64 seq, const char *step)
{
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		Room *room = room_attach(top);
		room_open(room);
		die_at = step;
		ledger_test_step = die_in_time;
		redirect(room, seq);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Of REDIRECTED entries and of letters to law enforcement that wait; each letter lies with its entry. */
static guint count_both(Room *room, gboolean composed)
{
	gint64 next;
	guint entries = 0, letters = 0;
	g_autoptr(GBytes) all = ledger_entries(room->ledger, 0, 5000, NULL);
	gsize size;
	const guint8 *data = g_bytes_get_data(all, &size);
	g_autoptr(GPtrArray) rows = ledger_letters_due(room->ledger, G_MAXINT64 / 2, 100, &next, NULL);
	for (gsize at = 0; at + ENTRY_SIZE <= size; at += ENTRY_SIZE) {
		Entry entry;
		g_assert_true(entry_decode(data + at, &entry, NULL));
		entries += entry.kind == ENTRY_REDIRECTED;
	}
	for (guint i = 0; i < rows->len; i++) {
		const LedgerLetterRow *row = rows->pdata[i];
		if (g_strcmp0(record_get(row->letter, "purpose"), "redirect") != 0)
			continue;
		letters++;
		g_assert_cmpint(row->composed != NULL, ==, composed);
		if (composed)
			g_assert_cmpmem(g_bytes_get_data(row->composed, NULL), g_bytes_get_size(row->composed), ENTITY, strlen(ENTITY));
	}
	g_assert_cmpuint(entries, ==, letters);
	return entries;
}

static void entry_and_letter_are_there_or_neither(gconstpointer data)
{
	gboolean officers = GPOINTER_TO_INT(data);
	void (*redirect)(Room *room, guint64 seq) = officers ? by_an_officer : by_itself;
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i]);
		Room *room = room_new();
		guint64 seq = room_take(room, 1);
		room_close(room);
		redirect_and_die(room->top, redirect, seq, steps[i]);
		room_open(room);
		guint n = count_both(room, officers);
		g_assert_cmpuint(n, ==, strcmp(steps[i], "register has committed") == 0 ? 1 : 0);
		if (n == 0) /* she, or the sender's server, does it once more */
			redirect(room, seq);
		g_assert_cmpuint(count_both(room, officers), ==, 1);
		g_autoptr(LedgerCase) c = ledger_case_by_number(room->ledger, 2026, FALSE, officers ? 1 : 2, NULL);
		g_assert_cmpstr(c->redirected, ==, officers ? "queued" : "automatic");
		room_is_sound(room);
		room_free(room);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/redirect-crash/an officer's redirection has its entry and its letter, or neither",
	                     GINT_TO_POINTER(TRUE), entry_and_letter_are_there_or_neither);
	g_test_add_data_func("/redirect-crash/a report that goes by itself has case, entry and letter, or nothing",
	                     GINT_TO_POINTER(FALSE), entry_and_letter_are_there_or_neither);
	return g_test_run();
}
