/* SPDX-License-Identifier: ISC */
/* senim-milter and senim-ingest themselves, as the MTA and pipe(8) meet them. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fake-examine.h"
#include "tests/milter-driver.h"
#include "tests/milter-room.h"

static MilterRoom *room;
static char *programs; /* the build's milter/ */
static char *socket_path, *log_path;
static GPid daemon_pid;

/* --- the daemon ------------------------------------------------------------------------------- */

static char *program(const char *name)
{
	return g_build_filename(programs, name, NULL);
}

static void wait_for_socket(const char *path)
{
	for (guint i = 0; i < 1000; i++) {
		g_autoptr(MilterDriver) driver = milter_driver_usual(path);
		if (driver != NULL)
			return;
		g_usleep(10000);
	}
	g_autofree char *log = NULL;
	g_file_get_contents(log_path, &log, NULL, NULL);
	g_error("senim-milter does not listen: %s", log);
}

/* A test that dies takes its daemon along. */
static void die_with_the_test(gpointer user)
{
	(void)user;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static GPid spawn_daemon(void)
{
	g_autofree char *path = program("senim-milter");
	g_autofree char *command = g_strdup_printf("exec '%s' --config '%s' >>'%s' 2>&1", path, room->config_path, log_path);
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", command, NULL};
	g_autoptr(GError) error = NULL;
	GPid pid;
	g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_the_test, NULL, &pid, &error);
	g_assert_no_error(error);
	return pid;
}

static void start(void)
{
	fake_registrar_reset(room->registrar);
	daemon_pid = spawn_daemon();
	wait_for_socket(socket_path);
}

static int await_end(GPid pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int stop(int number)
{
	kill(daemon_pid, number);
	return await_end(daemon_pid);
}

static char *read_log(void)
{
	char *log = NULL;
	g_file_get_contents(log_path, &log, NULL, NULL);
	return log;
}

static gboolean log_has(const char *words)
{
	g_autofree char *log = read_log();
	return strstr(log, words) != NULL;
}

static void wait_for_log(const char *words)
{
	for (guint i = 0; i < 1000 && !log_has(words); i++)
		g_usleep(10000);
	g_assert_true(log_has(words));
}

static MilterDriver *dial(void)
{
	MilterDriver *driver = milter_driver_usual(socket_path);
	g_assert_nonnull(driver);
	return driver;
}

/* MAIL and RCPT of a report; DATA's answer. */
static char begin(MilterDriver *driver, const char *queue_id)
{
	milter_driver_mail(driver, "<reporter@example.org>");
	milter_driver_rcpt(driver, "<senim@kmo.kz>", "senim@kmo.kz", "local");
	milter_driver_macros(driver, 'T', "i", queue_id, NULL);
	return milter_driver_data(driver);
}

static char send_ordered(MilterDriver *driver, const char *order)
{
	g_autofree char *value = g_strconcat(" ", order, NULL);
	if (begin(driver, "ORDERED") != 'c')
		return MILTER_DRIVER_BROKEN;
	milter_driver_header(driver, "X-Test-Examine", value);
	milter_driver_eoh(driver);
	milter_driver_body(driver, "text\r\n", 6);
	return milter_driver_eom(driver);
}

static void assert_message(guint i, const char *expected, gsize size)
{
	GByteArray *message =
		fake_registrar_open_body(room->registrar, fake_registrar_commit(room->registrar, i), "aigul", NULL);
	g_assert_cmpmem(message->data, message->len, expected, size);
	g_byte_array_unref(message);
}

static Record *facts_of(guint i)
{
	g_autoptr(GError) error = NULL;
	Record *facts = bundle_part_record(fake_registrar_commit(room->registrar, i)->bundle, "facts", NULL, &error);
	g_assert_no_error(error);
	return facts;
}

/* --- the MTA's conversation -------------------------------------------------------------------- */

static void only_data_and_the_end_are_answered(void)
{
	start();
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmphex(driver->actions, ==, 0x40 | 0x08 | 0x100); /* chgfrom, delrcpt, the macros' list */
	g_assert_cmphex(driver->steps & 0x00100000, !=, 0);        /* the blank behind the colon */
	g_assert_cmphex(driver->steps & 0x00000800, ==, 0);        /* no rejected recipients */
	g_assert_nonnull(strstr(driver->macros_wanted->str, "{rcpt_addr} {rcpt_mailer}"));
	g_assert_cmpint(milter_driver_mail(driver, "<a@example.org>"), ==, MILTER_DRIVER_QUIET);
	g_assert_cmpint(milter_driver_rcpt(driver, "<senim@kmo.kz>", NULL, NULL), ==, MILTER_DRIVER_QUIET);
	g_assert_cmpint(milter_driver_data(driver), ==, 'c');
	g_assert_cmpint(milter_driver_header(driver, "Subject", " x"), ==, MILTER_DRIVER_QUIET);
	g_assert_cmpint(milter_driver_eoh(driver), ==, MILTER_DRIVER_QUIET);
	g_assert_cmpint(milter_driver_body(driver, "x", 1), ==, MILTER_DRIVER_QUIET);
	g_assert_cmpint(milter_driver_eom(driver), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void an_mta_that_answers_everything_is_served_as_well(void)
{
	start();
	g_autoptr(MilterDriver) driver = milter_driver_new(socket_path, MILTER_DRIVER_ACTIONS, 0x00100000);
	g_assert_nonnull(driver);
	g_assert_cmpint(milter_driver_mail(driver, "<a@example.org>"), ==, 'c');
	g_assert_cmpint(milter_driver_rcpt(driver, "<senim@kmo.kz>", NULL, NULL), ==, 'c');
	g_assert_cmpint(milter_driver_data(driver), ==, 'c');
	g_assert_cmpint(milter_driver_header(driver, "Subject", " x"), ==, 'c');
	g_assert_cmpint(milter_driver_eoh(driver), ==, 'c');
	g_assert_cmpint(milter_driver_body(driver, "x", 1), ==, 'c');
	g_assert_cmpint(milter_driver_eom(driver), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void an_mta_that_lacks_what_is_needed_is_refused(void)
{
	start();
	g_assert_null(milter_driver_new(socket_path, MILTER_DRIVER_ACTIONS & ~0x08u, MILTER_DRIVER_STEPS));
	g_assert_null(milter_driver_new(socket_path, MILTER_DRIVER_ACTIONS & ~0x40u, MILTER_DRIVER_STEPS));
	g_assert_null(milter_driver_new(socket_path, MILTER_DRIVER_ACTIONS, MILTER_DRIVER_STEPS & ~0x00100000u));
	wait_for_log("refused an MTA");
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void a_report_for_us_alone_is_discarded_without_its_sender(void)
{
	static const char body[] = "NUL \0 here\r\n";
	static const char whole[] = "Subject: hello\r\n\tfolded\r\nNoBlank:x\r\nTab:\tx\r\nEmpty:\r\n\r\nNUL \0 here\r\n";
	start();
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(begin(driver, "QUEUE7"), ==, 'c');
	milter_driver_header(driver, "Subject", " hello\n\tfolded");
	milter_driver_header(driver, "NoBlank", "x");
	milter_driver_header(driver, "Tab", "\tx");
	milter_driver_header(driver, "Empty", "");
	milter_driver_eoh(driver);
	milter_driver_body(driver, body, sizeof body - 1);
	g_assert_cmpint(milter_driver_eom(driver), ==, 'd');
	g_assert_cmpstr(driver->sender, ==, "<>");
	g_assert_cmpuint(driver->removed->len, ==, 0);
	assert_message(0, whole, sizeof whole - 1);
	wait_for_log("QUEUE7: taken\n");
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void of_a_message_to_others_as_well_only_we_are_removed(void)
{
	start();
	g_autoptr(MilterDriver) driver = dial();
	milter_driver_mail(driver, "<reporter@example.org>");
	milter_driver_rcpt(driver, "<Senim@KMO.kz>", "senim@kmo.kz", "local");
	milter_driver_rcpt(driver, "<other@kmo.kz>", "other@kmo.kz", "local");
	milter_driver_rcpt(driver, "<@a.kz:Board@kmo.kz>", "board@kmo.kz", "local");
	milter_driver_rcpt(driver, "<ethics@kmo.kz>", "5.1.1 no such user", "error");
	g_assert_cmpint(milter_driver_data(driver), ==, 'c');
	milter_driver_eoh(driver);
	g_assert_cmpint(milter_driver_eom(driver), ==, 'c');
	g_ptr_array_add(driver->removed, NULL);
	g_autofree char *removed = g_strjoinv(" ", (char **)driver->removed->pdata);
	g_assert_cmpstr(removed, ==, "<Senim@KMO.kz> <senim@kmo.kz> <@a.kz:Board@kmo.kz> <board@kmo.kz> <Board@kmo.kz>");
	g_assert_null(driver->sender);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 2);
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void mail_of_others_is_accepted_at_data(void)
{
	start();
	g_autoptr(MilterDriver) driver = dial();
	for (guint i = 0; i < 3; i++) {
		milter_driver_mail(driver, "<a@example.org>");
		milter_driver_rcpt(driver, "<other@kmo.kz>", "other@kmo.kz", "local");
		g_assert_cmpint(milter_driver_data(driver), ==, 'a');
	}
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void one_connection_brings_many_messages_and_may_give_up_any(void)
{
	start();
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd');
	milter_driver_abort(driver); /* Postfix: twice in a row, RSET after the end */
	milter_driver_abort(driver);
	milter_driver_mail(driver, "<a@example.org>");
	milter_driver_abort(driver);
	begin(driver, "GIVENUP");
	milter_driver_header(driver, "Subject", " x");
	milter_driver_abort(driver);
	begin(driver, "REPLACED");
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd'); /* MAIL without an end before it */
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 2);
	g_autoptr(MilterDriver) next = dial();
	g_assert_cmpint(begin(next, "BARE"), ==, 'c');
	milter_driver_eoh(next);
	g_assert_cmpint(milter_driver_eom(next), ==, 'd'); /* neither header nor body */
	assert_message(2, "\r\n", 2);
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

/* A packet that libmilter does not take ends the connection, not the daemon. */
static void an_oversize_packet_ends_its_connection_alone(void)
{
	start();
	g_autofree char *value = g_strnfill(70000, 'v');
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(begin(driver, "HUGE"), ==, 'c');
	milter_driver_header(driver, "X-Long", value);
	milter_driver_eoh(driver);
	g_assert_cmpint(milter_driver_eom(driver), ==, MILTER_DRIVER_BROKEN);
	value[60000] = '\0';
	g_autoptr(MilterDriver) next = dial();
	g_assert_cmpint(begin(next, "LONG"), ==, 'c');
	milter_driver_header(next, "X-Long", value);
	milter_driver_eoh(next);
	g_assert_cmpint(milter_driver_eom(next), ==, 'd');
	g_autofree char *whole = g_strconcat("X-Long:", value, "\r\n\r\n", NULL);
	assert_message(0, whole, strlen(whole));
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void a_message_over_the_limit_is_552(void)
{
	milter_room_configure(room, "max-message-size = 64 KiB", "");
	start();
	milter_room_configure(room, "", "");
	g_autofree char *body = g_strnfill(200000, 'x');
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(milter_driver_message(driver, "<a@example.org>", "<senim@kmo.kz>", " x", body, 200000), ==, 'y');
	g_assert_true(g_str_has_prefix(driver->reply, "552 5.3.4 "));
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd');
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void a_failure_is_451_and_says_nothing(void)
{
	start();
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_FAILED, 1, 0, "commit");
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'y');
	g_assert_true(g_str_has_prefix(driver->reply, "451 4.3.0 "));
	wait_for_log("ORDERED: put off: the commit failed");
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

/* Sendmail gives up after 10 s without a word, whatever is going on here. */
static void an_examination_of_14_seconds_is_waited_for(void)
{
	start();
	g_autoptr(MilterDriver) driver = dial();
	driver->patience_ms = 10000;
	g_assert_cmpint(send_ordered(driver, "hold 14000"), ==, 'd');
	g_assert_cmpuint(driver->progress, >=, 4);
	g_assert_cmpint(driver->longest_silence_us, <, 4 * G_TIME_SPAN_SECOND);
	g_autoptr(Record) facts = facts_of(0);
	g_assert_cmpstr(record_get(facts, "examined"), ==, "yes");
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void an_mta_that_vanishes_before_the_commit_leaves_nothing(void)
{
	start();
	guint asked = fake_registrar_asked(room->registrar, FRAME_COMMIT);
	MilterDriver *driver = dial();
	begin(driver, "VANISHED");
	milter_driver_header(driver, "X-Test-Examine", " hold 500");
	milter_driver_eoh(driver);
	milter_driver_send(driver, 'E', NULL, 0);
	g_usleep(200 * 1000); /* libmilter forgets a connection that ends before it has looked at it */
	milter_driver_free(driver);
	wait_for_log("VANISHED: left: the MTA hung up before registration");
	g_assert_cmpuint(fake_registrar_asked(room->registrar, FRAME_COMMIT), ==, asked);
	for (guint i = 0; i < 50; i++) { /* and in the middle of a message */
		g_autoptr(MilterDriver) other = dial();
		begin(other, "HALF");
		milter_driver_header(other, "Subject", " x");
	}
	g_autoptr(MilterDriver) last = dial();
	g_assert_cmpint(send_ordered(last, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void the_mta_may_miss_the_verdict(void)
{
	start();
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_SLOW, 1, 700, NULL);
	MilterDriver *driver = dial();
	begin(driver, "MISSED");
	milter_driver_eoh(driver);
	milter_driver_send(driver, 'E', NULL, 0);
	g_usleep(300 * 1000); /* the sign of life before COMMIT was heard */
	milter_driver_free(driver);
	wait_for_log("MISSED: taken, but the MTA did not hear it");
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

/* --- the daemon's life ------------------------------------------------------------------------------ */

typedef struct {
	MilterDriver *driver;
	char verdict;
} Waiting;

static gpointer wait_for_verdict(gpointer data)
{
	Waiting *waiting = data;
	waiting->verdict = send_ordered(waiting->driver, "hold 1500");
	return NULL;
}

static void signal_nursery(int number)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", (int)daemon_pid, (int)daemon_pid);
	g_autofree char *children = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(path, &children, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(kill((pid_t)g_ascii_strtoll(children, NULL, 10), number), ==, 0);
}

static void a_stop_finishes_what_is_under_way(void)
{
	static const int numbers[] = {SIGTERM, SIGHUP};
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		start();
		g_autoptr(MilterDriver) driver = dial();
		Waiting waiting = {driver, 0};
		GThread *thread = g_thread_new("waiting", wait_for_verdict, &waiting);
		g_usleep(500 * 1000);
		signal_nursery(numbers[i]); /* as systemd does: to every process of the unit */
		g_assert_cmpint(stop(numbers[i]), ==, 0);
		g_thread_join(thread);
		g_assert_cmpint(waiting.verdict, ==, 'd');
		g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
		g_autoptr(Record) facts = facts_of(0);
		g_assert_cmpstr(record_get(facts, "examined"), ==, "yes");
		g_assert_false(g_file_test(socket_path, G_FILE_TEST_EXISTS));
	}
}

static void a_reload_serves_the_next_connections_and_keeps_the_others(void)
{
	start();
	g_autoptr(MilterDriver) before = dial();
	milter_room_configure(room, "recipient-delimiter = -\ntimezone = UTC", "");
	kill(daemon_pid, SIGUSR1);
	wait_for_log("the configuration was read again; a restart is needed for ");
	g_autoptr(MilterDriver) after = dial();
	milter_driver_mail(before, "<a@example.org>");
	milter_driver_rcpt(before, "<senim-x@kmo.kz>", NULL, NULL);
	g_assert_cmpint(milter_driver_data(before), ==, 'a');
	milter_driver_mail(after, "<a@example.org>");
	milter_driver_rcpt(after, "<senim-x@kmo.kz>", NULL, NULL);
	g_assert_cmpint(milter_driver_data(after), ==, 'c');
	milter_room_configure(room, "no-such-key = 1", "");
	kill(daemon_pid, SIGUSR1);
	wait_for_log("the configuration in force stays");
	milter_room_configure(room, "", "");
	g_assert_cmpint(send_ordered(before, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void above_max_connections_reports_wait_and_other_mail_passes(void)
{
	milter_room_configure(room, "max-connections = 2", "");
	start();
	milter_room_configure(room, "", "");
	g_autoptr(MilterDriver) first = dial(), second = dial(), third = dial(), fourth = dial();
	g_assert_cmpint(begin(third, "THIRD"), ==, 'y');
	g_assert_true(g_str_has_prefix(third->reply, "451 4.3.0 "));
	wait_for_log("THIRD: put off: too many connections");
	milter_driver_mail(fourth, "<a@example.org>");
	milter_driver_rcpt(fourth, "<other@kmo.kz>", NULL, NULL);
	g_assert_cmpint(milter_driver_data(fourth), ==, 'a');
	g_assert_null(milter_driver_usual(socket_path));
	g_assert_cmpint(send_ordered(first, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void a_second_daemon_is_refused_and_harms_nothing(void)
{
	start();
	g_assert_cmpint(await_end(spawn_daemon()), ==, 1);
	g_assert_true(log_has("another process holds "));
	struct stat st;
	g_assert_cmpint(stat(socket_path, &st), ==, 0);
	g_assert_cmphex(st.st_mode & 0777, ==, 0660);
	g_autoptr(MilterDriver) driver = dial();
	g_assert_cmpint(send_ordered(driver, "good"), ==, 'd');
	g_assert_cmpint(stop(SIGKILL), ==, 128 + SIGKILL);
	start(); /* a stale socket is replaced */
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static void without_its_cage_it_does_not_start(void)
{
	g_setenv("FAKE_EXAMINE_REFUSES", "1", TRUE);
	g_assert_cmpint(await_end(spawn_daemon()), ==, 1);
	g_unsetenv("FAKE_EXAMINE_REFUSES");
	g_assert_true(log_has("ended at once"));
}

static void it_starts_and_serves_without_a_registrar(void)
{
	static const char *const mailboxes[] = {"senim@kmo.kz", "board@kmo.kz", NULL};
	fake_registrar_stop(room->registrar);
	room->registrar = NULL;
	daemon_pid = spawn_daemon();
	wait_for_socket(socket_path);
	g_autoptr(MilterDriver) driver = dial();
	g_autoptr(MilterDriver) other = dial();
	milter_driver_mail(other, "<a@example.org>");
	milter_driver_rcpt(other, "<other@kmo.kz>", NULL, NULL);
	g_assert_cmpint(milter_driver_data(other), ==, 'a');
	Waiting waiting = {driver, 0};
	GThread *thread = g_thread_new("waiting", wait_for_verdict, &waiting);
	g_usleep(300 * 1000);
	room->registrar = fake_registrar_start(room->intake, mailboxes);
	g_thread_join(thread);
	g_assert_cmpint(waiting.verdict, ==, 'd');
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

static int run_program(const char *name, const char *words, const char *input, char **output)
{
	g_autofree char *path = program(name);
	g_autofree char *in = g_build_filename(room->directory, "input", NULL);
	g_autofree char *command = g_strdup_printf("'%s' %s < '%s' 2>&1", path, words, in);
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", command, NULL};
	int status = 0;
	g_autoptr(GError) error = NULL;
	g_file_set_contents(in, input, -1, &error);
	g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, output, NULL, &status, &error);
	g_assert_no_error(error);
	return WEXITSTATUS(status);
}

static void the_command_line_says_what_it_takes(void)
{
	g_autofree char *check = g_strdup_printf("--check-config --config %s", room->config_path);
	g_autofree char *json = g_strconcat(check, " --json", NULL);
	g_autofree char *version = NULL, *printed = NULL;
	g_assert_cmpint(run_program("senim-milter", "--version", "", &version), ==, 0);
	g_assert_cmpstr(version, ==, "senim-milter " PACKAGE_VERSION "\n");
	g_assert_cmpint(run_program("senim-milter", check, "", NULL), ==, 0);
	g_assert_cmpint(run_program("senim-milter", json, "", &printed), ==, 0);
	g_assert_nonnull(strstr(printed, "\"max-message-size\""));
	g_assert_cmpint(run_program("senim-milter", "--json", "", NULL), ==, 2);
	g_assert_cmpint(run_program("senim-milter", "word", "", NULL), ==, 2);
	g_assert_cmpint(run_program("senim-milter", "--config /nowhere", "", NULL), ==, 2);
}

/* An implementation of the protocol that is not ours (package opendkim-tools). */
static void miltertest_sees_the_same(void)
{
	g_autofree char *miltertest = g_find_program_in_path("miltertest");
	if (miltertest == NULL) {
		g_test_skip("miltertest is not installed");
		return;
	}
	start();
	g_autofree char *socket = g_strconcat("socket=unix:", socket_path, NULL);
	char *argv[] = {miltertest, (char *)"-D", socket, (char *)"-s", (char *)MILTER_REPORT, NULL};
	g_autofree char *said = NULL, *complaint = NULL;
	int status = 0;
	g_autoptr(GError) error = NULL;
	g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &said, &complaint, &status, &error);
	g_assert_no_error(error);
	if (status != 0)
		g_error("miltertest: %s%s", said, complaint);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 3);
	assert_message(1, "Subject: hello\r\nX-Test-Examine: good\r\n\r\nthird\r\n", 47);
	wait_for_log("LUA5: taken\n");
	g_assert_cmpint(stop(SIGTERM), ==, 0);
}

/* --- senim-ingest ------------------------------------------------------------------------------------ */

static int ingest(const char *mailbox, const char *sender, const char *input)
{
	g_autofree char *words =
		g_strdup_printf("--mailbox '%s' --sender '%s' --config '%s'", mailbox, sender, room->config_path);
	return run_program("senim-ingest", words, input, NULL);
}

static void senim_ingest_registers_or_says_why_not(void)
{
	static const char raw[] = "Subject: by pipe\nX-Test-Examine: good\n\nline\n";
	static const char whole[] = "Subject: by pipe\r\nX-Test-Examine: good\r\n\r\nline\r\n";
	milter_room_configure(room, "max-message-size = 64 KiB", "");
	start();
	milter_room_configure(room, "", "");
	g_assert_cmpint(ingest("ethics@kmo.kz", "қайрат@example.org", raw), ==, 0);
	assert_message(0, whole, sizeof whole - 1);
	g_autoptr(Record) card = fake_registrar_open_card(room->registrar, fake_registrar_commit(room->registrar, 0));
	g_assert_cmpstr(record_get(card, "envelope-from"), ==, "қайрат@example.org");
	g_assert_cmpint(ingest("senim@kmo.kz", "", raw), ==, 0);
	g_assert_cmpint(ingest("other@kmo.kz", "a@example.org", raw), ==, 77);
	g_autofree char *large = g_strnfill(4 * 1024 * 1024, 'x');
	g_assert_cmpint(ingest("senim@kmo.kz", "a@example.org", large), ==, 77);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_FAILED, 0, 0, "commit");
	g_assert_cmpint(ingest("senim@kmo.kz", "a@example.org", raw), ==, 75);
	g_assert_cmpint(stop(SIGTERM), ==, 0);
	g_assert_cmpint(ingest("senim@kmo.kz", "a@example.org", raw), ==, 75);
	g_assert_cmpint(run_program("senim-ingest", "--mailbox x", raw, NULL), ==, 75);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 2);
}

/* Nothing of a message is ever said. */
static void no_line_of_the_log_names_a_person(void)
{
	g_autofree char *log = read_log();
	g_assert_null(strstr(log, "reporter"));
	g_assert_null(strstr(log, "example.org"));
	g_assert_null(strstr(log, "senim@kmo.kz"));
	g_assert_null(strstr(log, "hello"));
}

int main(int argc, char **argv)
{
	fake_examine_main(argc, argv);
	g_test_init(&argc, &argv, NULL);
	g_autofree char *tests = g_path_get_dirname(fake_examine_path());
	programs = g_build_filename(tests, "..", "milter", NULL);
	room = milter_room_new();
	socket_path = g_build_filename(room->directory, "run", "milter.sock", NULL);
	log_path = g_build_filename(room->directory, "log", NULL);
#define TEST(name) g_test_add_func("/milter/" #name, name)
	TEST(only_data_and_the_end_are_answered);
	TEST(an_mta_that_answers_everything_is_served_as_well);
	TEST(an_mta_that_lacks_what_is_needed_is_refused);
	TEST(a_report_for_us_alone_is_discarded_without_its_sender);
	TEST(of_a_message_to_others_as_well_only_we_are_removed);
	TEST(mail_of_others_is_accepted_at_data);
	TEST(one_connection_brings_many_messages_and_may_give_up_any);
	TEST(an_oversize_packet_ends_its_connection_alone);
	TEST(a_message_over_the_limit_is_552);
	TEST(a_failure_is_451_and_says_nothing);
	TEST(miltertest_sees_the_same);
	TEST(an_examination_of_14_seconds_is_waited_for);
	TEST(an_mta_that_vanishes_before_the_commit_leaves_nothing);
	TEST(the_mta_may_miss_the_verdict);
	TEST(a_stop_finishes_what_is_under_way);
	TEST(a_reload_serves_the_next_connections_and_keeps_the_others);
	TEST(above_max_connections_reports_wait_and_other_mail_passes);
	TEST(a_second_daemon_is_refused_and_harms_nothing);
	TEST(without_its_cage_it_does_not_start);
	TEST(it_starts_and_serves_without_a_registrar);
	TEST(the_command_line_says_what_it_takes);
	TEST(senim_ingest_registers_or_says_why_not);
	TEST(no_line_of_the_log_names_a_person);
	int status = g_test_run();
	milter_room_free(room);
	g_free(programs);
	g_free(socket_path);
	g_free(log_path);
	return status;
}
