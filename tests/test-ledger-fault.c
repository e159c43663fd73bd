/* SPDX-License-Identifier: ISC */
/* A failing disk: the n-th write, sync or link of a commit fails, for every n, once or from then on. Whoever hears
 * REGISTERED has it on disk; whoever hears FAILED comes again and is there once. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/ledger-room.h"

/* --- the disk: these stand in front of the C library's, for SQLite too -------------------------------------------- */

static gint calls, fail_at; /* 0: nothing fails */
static gboolean fail_on, failed;
static int fault, done_before; /* percent of a failing write that are on disk all the same */

static gboolean fails(void)
{
	int at = g_atomic_int_get(&fail_at), call = g_atomic_int_add(&calls, 1) + 1;
	if (at == 0 || !(fail_on ? call >= at : call == at))
		return FALSE;
	failed = TRUE;
	errno = fault;
	return TRUE;
}

#define SEEN __attribute__((visibility("default")))

SEEN ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	if (!fails())
		return syscall(SYS_pwrite64, fd, data, size, offset);
	int error = errno;
	size_t part = size * (size_t)done_before / 100;
	if (part > 0)
		g_assert_cmpint(syscall(SYS_pwrite64, fd, data, part, offset), ==, (gssize)part);
	errno = error;
	return -1;
}

SEEN ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return pwrite64(fd, data, size, offset);
}

SEEN int fsync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

SEEN int fdatasync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

SEEN int linkat(int from, const char *old, int to, const char *new, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_linkat, from, old, to, new, flags);
}

SEEN int mkdirat(int at, const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, at, path, mode);
}

SEEN int unlinkat(int at, const char *path, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_unlinkat, at, path, flags);
}

static void break_disk(int nth, gboolean from_then_on, int number)
{
	fault = number;
	fail_on = from_then_on;
	failed = FALSE;
	g_atomic_int_set(&calls, 0);
	g_atomic_int_set(&fail_at, nth);
}

static void mend_disk(void)
{
	g_atomic_int_set(&fail_at, 0);
}

/* --- the promise -------------------------------------------------------------------------------------------------- */

static gboolean is_registered(Room *room, const RoomReport *report)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	g_assert_true(c != NULL || g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND));
	return c != NULL;
}

/* The sender's server comes again: the same message, sealed anew. */
static void bring_again(Room *room, guint seed, gboolean large, gboolean there)
{
	g_autoptr(RoomReport) again = room_report(room, seed, large ? 90000 : 0);
	again->report.case_id[0] ^= 0xff;
	g_assert_cmpint(room_register(room, again), ==, there ? LEDGER_RETRIED : LEDGER_REGISTERED);
}

/* One report onto a disk whose n-th call fails. FALSE: there was no n-th call. */
static gboolean try_report(Room *room, guint seed, int nth, gboolean from_then_on, int number)
{
	gboolean large = seed % 2 == 0;
	g_autoptr(RoomReport) report = room_report(room, seed, large ? 90000 : 0);
	g_autoptr(GError) error = NULL;
	break_disk(nth, from_then_on, number);
	LedgerOutcome outcome = ledger_register(room->ledger, &report->report, &error);
	gboolean hit = failed;
	mend_disk();
	g_assert_true(outcome == LEDGER_REGISTERED || outcome == LEDGER_FAILED);
	g_assert_cmpint(outcome == LEDGER_FAILED, ==, error != NULL);
	gboolean there = is_registered(room, report);
	g_assert_true(there || outcome == LEDGER_FAILED);
	g_assert_true(hit || outcome == LEDGER_REGISTERED);
	bring_again(room, seed, large, there);
	return hit;
}

static void every_call_fails_once(gboolean from_then_on, int number, guint first_seed)
{
	Room *room = room_new();
	guint hits = 0;
	for (guint parity = 0; parity < 2; parity++) {
		int nth = 1;
		for (; nth < 200; nth++, hits++) {
			guint seed = first_seed + 2 * (guint)nth + parity;
			if (!try_report(room, seed, nth, from_then_on, number))
				break;
			if (nth % 4 == 0) {
				room_close(room);
				room_open(room);
			}
		}
		g_assert_cmpint(nth, >, 4); /* each database writes and syncs */
		room_is_sound(room);
	}
	g_test_message("%u faults", hits);
	room_close(room);
	room_open(room);
	room_is_sound(room);
	room_free(room);
}

static void one_call_that_fails_makes_no_lie(void)
{
	every_call_fails_once(FALSE, EIO, 1000);
}

/* A commit is one write of many pages: it may end anywhere in it. */
static void a_write_that_ends_half_way_makes_no_lie(void)
{
	for (done_before = 5; done_before < 100; done_before += 15)
		every_call_fails_once(FALSE, ENOSPC, 20000 + 1000 * (guint)done_before);
	done_before = 0;
}

static void a_disk_that_stays_broken_makes_no_lie(void)
{
	every_call_fails_once(TRUE, EIO, 5000);
}

static void a_full_disk_makes_no_lie(void)
{
	every_call_fails_once(TRUE, ENOSPC, 9000);
}

/* An act is as good as a report: entry or error, and the case's state goes with the entry. */
static void an_act_on_a_failing_disk_is_there_or_not_at_all(void)
{
	Room *room = room_new();
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add_uint(record, "case", 1);
	room_take(room, 1);
	gboolean hit = TRUE, closed = FALSE;
	for (int nth = 1; hit; nth++) {
		LedgerAct act = {.kind = closed ? ENTRY_REOPENED : ENTRY_CLOSED, .concerns = closed ? LEDGER_NOTHING : 1,
		                 .record = record, .case_seq = 1, .state = closed ? "open" : "closed"};
		LedgerEntry entry;
		guint64 before = ledger_size(room->ledger);
		break_disk(nth, FALSE, EIO);
		gboolean done = ledger_append(room->ledger, &act, &entry, NULL);
		hit = failed;
		mend_disk();
		g_autoptr(LedgerCase) c = ledger_case_by_seq(room->ledger, 1, NULL);
		gboolean there = ledger_size(room->ledger) > before;
		g_assert_true(there || !done);
		g_assert_cmpstr(c->state, ==, there ? act.state : closed ? "closed" : nth == 1 ? "new" : c->state);
		g_assert_cmpint(strcmp(c->state, "closed") == 0, ==, there ? !closed : closed);
		closed = strcmp(c->state, "closed") == 0;
		if (done)
			ledger_entry_clear(&entry);
	}
	room_is_sound(room);
	room_free(room);
}

/* Is the body that lies there that seed's, to the last octet? */
static gboolean lies_as(Room *room, guint64 seq, guint seed)
{
	g_autoptr(RoomReport) report = room_report(room, seed, 90000);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) payload = NULL, card = NULL;
	char octets[90000], expected[90000];
	int fd, none;
	g_assert_true(ledger_payload(room->ledger, seq, SEAL_PART_BODY, &payload, &fd, &error));
	g_assert_no_error(error);
	g_assert_true(ledger_payload(room->ledger, seq, SEAL_PART_CARD, &card, &none, &error));
	g_assert_cmpint(pread(fd, octets, sizeof octets, 0), ==, sizeof octets);
	g_assert_cmpint(pread(report->report.fd, expected, sizeof expected, 0), ==, sizeof expected);
	close(fd);
	gboolean body = memcmp(octets, expected, sizeof octets) == 0;
	g_assert_cmpint(body, ==, g_bytes_equal(card, report->report.card));
	return body;
}

/* Whatever fails, the message lies there whole, in one state; and once the disk is mended the other one is gone. */
static void sealed_anew_on_a_failing_disk_one_state_is_whole(gconstpointer data)
{
	gboolean from_then_on = GPOINTER_TO_INT(data);
	Room *room = room_new();
	guint64 seq = 0;
	guint seed = 2, hits = 0;
	g_autoptr(RoomReport) first = room_report(room, seed, 90000);
	g_assert_cmpint(room_register(room, first), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, first->report.case_id, NULL);
	seq = c->seq;
	gboolean hit = TRUE;
	for (int nth = 1; hit; nth++, hits++) {
		g_autoptr(RoomReport) with = room_report(room, 100 + (guint)nth, 90000);
		guint64 before = room_state(room, seq, SEAL_PART_BODY);
		break_disk(nth, from_then_on, ENOSPC);
		gboolean done = room_seal_anew(room, with, seq, before, TRUE, NULL);
		hit = failed;
		mend_disk();
		gboolean anew = room_state(room, seq, SEAL_PART_BODY) != before;
		g_assert_true(anew || !done);
		g_assert_true(hit || done);
		seed = anew ? 100 + (guint)nth : seed;
		g_assert_true(lies_as(room, seq, seed));
		room_is_sound(room);
		if (nth % 4 == 0) {
			room_close(room);
			room_open(room);
			g_assert_true(lies_as(room, seq, seed));
		}
	}
	g_test_message("%u faults", hits);
	g_assert_cmpuint(hits, >, 10);
	room_close(room);
	room_open(room);
	g_assert_true(lies_as(room, seq, seed));
	room_is_sound(room);
	g_autofree char *vault = room_path(room, "vault");
	guint files = 0;
	g_autoptr(GDir) top = g_dir_open(vault, 0, NULL);
	for (const char *name; (name = g_dir_read_name(top)) != NULL;) {
		g_autofree char *path = g_build_filename(vault, name, NULL);
		g_autoptr(GDir) below = g_dir_open(path, 0, NULL);
		while (g_dir_read_name(below) != NULL)
			files++;
	}
	g_assert_cmpuint(files, ==, 1);
	room_free(room);
}

/* The name of a payload in lost+found, below the log's directory; NULL: none. */
static char *find_lost(const Room *room)
{
	g_autofree char *path = room_path(room, "lost+found");
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name = g_dir_read_name(directory);
	return name != NULL ? g_build_filename("lost+found", name, NULL) : NULL;
}

static void what_was_set_aside_is_kept_and_goes_after_thirty_days(void)
{
	Room *room = room_new();
	g_autofree char *lost = NULL;
	/* Sooner or later the failing call is one of register.db's: by then the payload has its name. */
	for (int nth = 1; lost == NULL; nth++) {
		g_assert_cmpint(nth, <, 200);
		g_autoptr(RoomReport) report = room_report(room, 2 * (guint)nth, 90000);
		break_disk(nth, FALSE, EIO);
		ledger_register(room->ledger, &report->report, NULL);
		mend_disk();
		is_registered(room, report);
		lost = find_lost(room);
	}
	room_close(room);
	room_wait(29 * 86400);
	room_open(room);
	g_usleep(2500000); /* the rest after two seconds sweeps */
	g_assert_true(room_has(room, lost));
	room_close(room);
	room_wait(2 * 86400);
	room_open(room);
	g_usleep(2500000);
	g_assert_false(room_has(room, lost));
	room_is_sound(room);
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ledger/one call that fails makes no lie", one_call_that_fails_makes_no_lie);
	g_test_add_func("/ledger/a write that ends half way makes no lie", a_write_that_ends_half_way_makes_no_lie);
	g_test_add_func("/ledger/a disk that stays broken makes no lie", a_disk_that_stays_broken_makes_no_lie);
	g_test_add_func("/ledger/a full disk makes no lie", a_full_disk_makes_no_lie);
	g_test_add_func("/ledger/an act on a failing disk is there or not at all",
	                an_act_on_a_failing_disk_is_there_or_not_at_all);
	g_test_add_data_func("/ledger/sealed anew on a disk that fails once one state is whole", GINT_TO_POINTER(FALSE),
	                     sealed_anew_on_a_failing_disk_one_state_is_whole);
	g_test_add_data_func("/ledger/sealed anew on a full disk one state is whole", GINT_TO_POINTER(TRUE),
	                     sealed_anew_on_a_failing_disk_one_state_is_whole);
	g_test_add_func("/ledger/what was set aside is kept and goes after thirty days",
	                what_was_set_aside_is_kept_and_goes_after_thirty_days);
	return g_test_run();
}
