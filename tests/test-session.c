/* SPDX-License-Identifier: ISC */
/* One message's life against a registrar and a nursery that misbehave: taken means registered, anything else is put off. */
#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "milter/pulse.h"
#include "milter/session.h"
#include "milter/splitter.h"
#include "tests/fake-examine.h"
#include "tests/milter-room.h"

static MilterRoom *room;
static NurseryClient *nursery;

static const SideTimes usual_times = {
	.total = 5 * G_TIME_SPAN_SECOND,
	.child = 2 * G_TIME_SPAN_SECOND,
	.examination = 1500 * G_TIME_SPAN_MILLISECOND,
	.registrar = 2 * G_TIME_SPAN_SECOND,
	.file = G_TIME_SPAN_SECOND,
	.life = 60 * G_TIME_SPAN_SECOND,
	.progress = 100 * G_TIME_SPAN_MILLISECOND,
	.retry = 5 * G_TIME_SPAN_MILLISECOND,
};

/* Long enough for every good step, short enough to try each bad one. */
static const SideTimes short_times = {
	.total = 250 * G_TIME_SPAN_MILLISECOND,
	.child = 100 * G_TIME_SPAN_MILLISECOND,
	.examination = 100 * G_TIME_SPAN_MILLISECOND,
	.registrar = 100 * G_TIME_SPAN_MILLISECOND,
	.file = 100 * G_TIME_SPAN_MILLISECOND,
	.life = 60 * G_TIME_SPAN_SECOND,
	.progress = 20 * G_TIME_SPAN_MILLISECOND,
	.retry = 5 * G_TIME_SPAN_MILLISECOND,
};

/* As in service: a connection to the registrar serves one report after another. */
static const SideTimes resting_times = {
	.total = 5 * G_TIME_SPAN_SECOND,
	.child = 2 * G_TIME_SPAN_SECOND,
	.examination = 1500 * G_TIME_SPAN_MILLISECOND,
	.registrar = 2 * G_TIME_SPAN_SECOND,
	.file = G_TIME_SPAN_SECOND,
	.life = 60 * G_TIME_SPAN_SECOND,
	.progress = 100 * G_TIME_SPAN_MILLISECOND,
	.retry = 5 * G_TIME_SPAN_MILLISECOND,
	.rest = 60 * G_TIME_SPAN_SECOND,
};

/* --- a message ------------------------------------------------------------------------------ */

typedef struct {
	guint signs;      /* of life, so far */
	guint gone_after; /* the MTA hangs up after so many; 0: never */
} Mta;

static gboolean progress(gpointer user)
{
	Mta *mta = user;
	mta->signs++;
	return mta->gone_after == 0 || mta->signs < mta->gone_after;
}

static Side *side_with(const SideTimes *times, NurseryClient *with)
{
	g_autoptr(Config) config = milter_room_config(room);
	return side_new(config, with, times);
}

static Session *begin(Side *side, const char *to)
{
	g_autoptr(Snapshot) snapshot = side_snapshot(side);
	Session *session = session_new(side, snapshot, "<reporter@example.org>");
	g_auto(GStrv) recipients = g_strsplit(to, " ", 0);
	for (char **recipient = recipients; *recipient != NULL; recipient++)
		session_recipient(session, *recipient, NULL, NULL);
	return session;
}

static void give_content(Session *session, const char *order, const void *body, gsize size)
{
	g_autofree char *value = g_strconcat(" ", order, NULL);
	session_field(session, "Subject", " hello\n\tfolded", 14);
	session_field(session, "X-Test-Examine", value, strlen(value));
	session_end_of_fields(session);
	session_body(session, body, size);
}

static SessionVerdict send_to(Side *side, const char *to, const char *order, const void *body, gsize size, LogStep *step)
{
	Mta mta = {0, 0};
	g_autoptr(Session) session = begin(side, to);
	SessionVerdict verdict = session_data(session, NULL);
	if (verdict == SESSION_OURS) {
		give_content(session, order, body, size);
		verdict = session_finish(session, progress, &mta);
	}
	if (step != NULL)
		*step = session_step(session);
	return verdict;
}

/* Sends a short report, or one that needs a file, and says what became of it. */
static LogStep outcome(const SideTimes *times, gboolean large)
{
	g_autoptr(Side) side = side_with(times, nursery);
	g_autofree char *body = g_strnfill(large ? 200000 : 100, 'x');
	LogStep step;
	SessionVerdict verdict = send_to(side, "<senim@kmo.kz>", "good", body, strlen(body), &step);
	gboolean taken = step == LOG_STEP_TAKEN || step == LOG_STEP_RETRY;
	g_assert_cmpint(verdict, ==, taken ? SESSION_TAKEN : SESSION_PUT_OFF);
	return step;
}

static void assert_opens_to(guint i, const char *expected, gsize size)
{
	const FakeCommit *commit = fake_registrar_commit(room->registrar, i);
	g_assert_nonnull(commit);
	GByteArray *message = fake_registrar_open_body(room->registrar, commit, "aigul", NULL);
	g_assert_cmpmem(message->data, message->len, expected, size);
	g_byte_array_unref(message);
	message = fake_registrar_open_body(room->registrar, commit, "safe", NULL);
	g_assert_cmpmem(message->data, message->len, expected, size);
	g_byte_array_unref(message);
}

static const char *committed(guint i, const char *key)
{
	return record_get(bundle_record(fake_registrar_commit(room->registrar, i)->bundle), key);
}

static Record *facts_of(guint i)
{
	g_autoptr(GError) error = NULL;
	Record *facts = bundle_part_record(fake_registrar_commit(room->registrar, i)->bundle, "facts", NULL, &error);
	g_assert_no_error(error);
	return facts;
}

/* --- what goes well ----------------------------------------------------------------------------- */

static void a_short_report_is_registered_as_it_was_sent(void)
{
	static const char body[] = "NUL \0 and 8bit \xd2\x9b\r\n.\r\n";
	static const char whole[] = "Subject: hello\r\n\tfolded\r\nX-Test-Examine: good\r\n\r\nNUL \0 and 8bit \xd2\x9b\r\n.\r\n";
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_to(side, "<Senim+1@KMO.kz> <ethics@kmo.kz>", "good", body, sizeof body - 1, NULL), ==, SESSION_TAKEN);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
	assert_opens_to(0, whole, sizeof whole - 1);
	g_assert_cmpstr(committed(0, "payload"), ==, "inline");
	g_assert_cmpstr(committed(0, "letter"), ==, "owed");
	g_autoptr(Record) card = fake_registrar_open_card(room->registrar, fake_registrar_commit(room->registrar, 0));
	g_assert_cmpstr(record_get(card, "envelope-from"), ==, "reporter@example.org");
	g_assert_cmpstr(record_get_nth(card, "envelope-to", 0), ==, "Senim+1@KMO.kz");
	g_assert_cmpstr(record_get_nth(card, "envelope-to", 1), ==, "ethics@kmo.kz");
	g_assert_cmpstr(record_get(card, "subject"), ==, "examined");
}

static void a_long_report_goes_into_a_file(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	gsize size = 3 * 1024 * 1024 + 17;
	g_autofree char *body = g_malloc(size);
	for (gsize i = 0; i < size; i++)
		body[i] = (char)(i * 2654435761u >> 13);
	g_autofree char *head = g_strdup("Subject: hello\r\n\tfolded\r\nX-Test-Examine: good\r\n\r\n");
	g_autofree char *whole = g_malloc(strlen(head) + size);
	memcpy(whole, head, strlen(head));
	memcpy(whole + strlen(head), body, size);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", body, size, NULL), ==, SESSION_TAKEN);
	g_assert_cmpstr(committed(0, "payload"), ==, "file");
	assert_opens_to(0, whole, strlen(head) + size);
	g_autoptr(Record) facts = facts_of(0);
	g_assert_cmpstr(record_get(facts, "examined"), ==, "yes");
}

/* Where the chunks begin and end, and where padding alone makes a file necessary. */
static void reports_of_every_size_open_to_what_was_sent(void)
{
	static const gsize sizes[] = {0, 1, 4000, 60000, 64000, 65300, 65400, 65450, 65500, 65536, 65537, 131072, 131100};
	static const char head[] = "Subject: hello\r\n\tfolded\r\nX-Test-Examine: good\r\n\r\n";
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *body = g_strnfill(sizes[i], 'a');
		g_autofree char *whole = g_strconcat(head, body, NULL);
		fake_registrar_reset(room->registrar);
		g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", body, sizes[i], NULL), ==, SESSION_TAKEN);
		assert_opens_to(0, whole, strlen(whole));
	}
}

static void a_message_to_two_mailboxes_is_two_cases(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	for (guint large = 0; large < 2; large++) {
		g_autofree char *body = g_strnfill(large ? 150000 : 10, 'k');
		g_autofree char *whole =
			g_strconcat("Subject: hello\r\n\tfolded\r\nX-Test-Examine: good\r\n\r\n", body, NULL);
		fake_registrar_reset(room->registrar);
		g_assert_cmpint(send_to(side, "<senim@kmo.kz> <board@kmo.kz> <other@kmo.kz>", "good", body, strlen(body), NULL), ==,
		                SESSION_TAKEN);
		g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 2);
		g_assert_cmpstr(committed(0, "mailbox"), ==, "senim@kmo.kz");
		g_assert_cmpstr(committed(1, "mailbox"), ==, "board@kmo.kz");
		g_assert_cmpstr(committed(0, "case"), !=, committed(1, "case"));
		g_assert_cmpstr(committed(0, "key-check-body"), !=, committed(1, "key-check-body"));
		g_assert_cmpstr(committed(0, "message-digest"), ==, committed(1, "message-digest"));
		assert_opens_to(0, whole, strlen(whole));
		assert_opens_to(1, whole, strlen(whole));
		g_autoptr(Record) fields = NULL;
		GByteArray *message =
			fake_registrar_open_body(room->registrar, fake_registrar_commit(room->registrar, 1), "aigul", &fields);
		g_byte_array_unref(message);
		g_assert_cmpstr(record_get(fields, "envelope-to"), ==, "board@kmo.kz");
	}
}

static void mail_of_others_is_let_pass(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	g_assert_cmpint(send_to(side, "<someone@kmo.kz>", "good", "", 0, NULL), ==, SESSION_FOREIGN);
	g_autoptr(Session) mixed = begin(side, "<someone@kmo.kz> <senim@kmo.kz>");
	g_assert_false(session_is_ours_alone(mixed));
	g_assert_cmpstr(session_spelling(mixed, 0), ==, "<senim@kmo.kz>");
	g_assert_null(session_spelling(mixed, 1));
	g_autoptr(Session) alone = begin(side, "<board@kmo.kz> <senim@kmo.kz>");
	g_assert_true(session_is_ours_alone(alone));
}

static void a_repeat_is_taken_once_more(void)
{
	fake_registrar_reset(room->registrar);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_RETRY, 0, 0, NULL);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_RETRY);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_FOLLOWUP, 0, 0, NULL);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_TAKEN);
}

/* --- the registrar -------------------------------------------------------------------------------- */

static void a_registrar_that_comes_late_or_is_busy_is_waited_for(void)
{
	static const FakeMode modes[] = {FAKE_BUSY, FAKE_EOF};
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++)
		for (guint large = 0; large < 2; large++) {
			fake_registrar_reset(room->registrar);
			fake_registrar_script(room->registrar, FRAME_HELLO, modes[i], 20, 0, NULL);
			g_assert_cmpint(outcome(&usual_times, large), ==, LOG_STEP_TAKEN);
			g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
		}
}

static void readers_that_changed_are_asked_for_again(void)
{
	fake_registrar_reset(room->registrar);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_STALE, 3, 0, NULL);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
	fake_registrar_reset(room->registrar);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_STALE, 0, 0, NULL);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_PUT_OFF_READERS);
	g_assert_cmpuint(fake_registrar_asked(room->registrar, FRAME_COMMIT), <=, 5);
}

/* --- one connection, many reports ------------------------------------------------------------------ */

static guint asked(FrameType question)
{
	return fake_registrar_asked(room->registrar, question);
}

static LogStep send_good(Side *side, const char *to, const char *order, gboolean large)
{
	g_autofree char *body = g_strnfill(large ? 200000 : 100, 'x');
	LogStep step;
	send_to(side, to, order, body, strlen(body), &step);
	return step;
}

static void a_connection_serves_one_report_after_another(void)
{
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	for (guint i = 0; i < 6; i++)
		g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", i % 2 == 1), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(asked(FRAME_HELLO), ==, 1);
	g_assert_cmpuint(asked(FRAME_READERS), ==, 1);
	g_assert_cmpuint(asked(FRAME_FILE), ==, 3);
	/* Another mailbox has readers of its own. */
	g_assert_cmpint(send_good(side, "<senim@kmo.kz> <board@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(asked(FRAME_READERS), ==, 2);
	g_assert_cmpuint(asked(FRAME_COMMIT), ==, 8);
	for (guint i = 0; i < 8; i++) {
		const FakeCommit *commit = fake_registrar_commit(room->registrar, i);
		g_byte_array_unref(fake_registrar_open_body(room->registrar, commit, "aigul", NULL));
	}
}

static void known_readers_that_changed_are_asked_for_again(void)
{
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_STALE, 1, 0, NULL);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(asked(FRAME_READERS), ==, 2);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 2);
}

/* Whom a report names, or that it was not examined, may change who reads it. */
static void what_is_not_plain_asks_who_reads_it(void)
{
	static const char *const orders[] = {"facts examined=no", "crash"};
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	for (guint i = 0; i < G_N_ELEMENTS(orders); i++) {
		g_assert_cmpint(send_good(side, "<senim@kmo.kz>", orders[i], FALSE), ==, LOG_STEP_TAKEN);
		g_assert_cmpuint(asked(FRAME_READERS), ==, i + 2);
	}
	g_assert_cmpuint(asked(FRAME_HELLO), ==, 1);
}

static void a_connection_with_a_failure_serves_no_other_report(void)
{
	static const FakeMode modes[] = {FAKE_EOF, FAKE_FAILED, FAKE_WRONG_TYPE, FAKE_DESCRIPTOR};
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
		guint hellos = asked(FRAME_HELLO);
		fake_registrar_script(room->registrar, FRAME_COMMIT, modes[i], 1, 0, "commit");
		g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_PUT_OFF_COMMIT);
		g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
		g_assert_cmpuint(asked(FRAME_HELLO), ==, hellos + 1);
	}
}

static void a_registrar_that_was_restarted_is_greeted_anew(void)
{
	static const char *const both[] = {"senim@kmo.kz", "board@kmo.kz", NULL};
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	fake_registrar_stop(room->registrar);
	room->registrar = fake_registrar_start(room->intake, both);
	for (guint large = 0; large < 2; large++)
		g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", large), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(asked(FRAME_HELLO), ==, 1);
	g_assert_cmpuint(asked(FRAME_READERS), ==, 1);
}

/* Another configuration may take mail for a mailbox that was not greeted for. */
static void a_reload_greets_the_registrar_anew(void)
{
	g_autoptr(Side) side = side_with(&resting_times, nursery);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	g_autoptr(Config) next = milter_room_config(room);
	side_reload(side, next);
	g_assert_cmpint(send_good(side, "<senim@kmo.kz>", "good", FALSE), ==, LOG_STEP_TAKEN);
	g_assert_cmpuint(asked(FRAME_HELLO), ==, 2);
}

/* --- bad answers ------------------------------------------------------------------------------------- */

/* Every bad answer to every question. A COMMIT may have been registered before its answer was lost: it is put off all
 * the same. */
static void no_bad_answer_is_taken_for_a_registration(void)
{
	static const FakeMode modes[] = {FAKE_EOF,     FAKE_SILENT,  FAKE_BUSY,      FAKE_FAILED, FAKE_WRONG_TYPE,
	                                 FAKE_GARBAGE, FAKE_DESCRIPTOR};
	static const FrameType questions[] = {FRAME_HELLO, FRAME_FILE, FRAME_READERS, FRAME_COMMIT};
	for (gsize q = 0; q < G_N_ELEMENTS(questions); q++)
		for (gsize m = 0; m < G_N_ELEMENTS(modes); m++) {
			if (questions[q] == FRAME_COMMIT && modes[m] == FAKE_GARBAGE)
				continue; /* 128 + COMMIT is REGISTERED, whose body says nothing */
			fake_registrar_reset(room->registrar);
			fake_registrar_script(room->registrar, questions[q], modes[m], 0, 0, "commit");
			LogStep step = outcome(&short_times, TRUE);
			if (step == LOG_STEP_TAKEN || step == LOG_STEP_RETRY)
				g_error("question %d answered with mode %d was taken", questions[q], modes[m]);
			if (questions[q] != FRAME_COMMIT)
				g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 0);
		}
}

static void an_answer_cut_at_any_octet_is_none(void)
{
	static const FrameType questions[] = {FRAME_HELLO, FRAME_FILE, FRAME_READERS, FRAME_COMMIT};
	gsize sizes[G_N_ELEMENTS(questions)];
	SideTimes times = short_times;
	times.total = times.file = 20 * G_TIME_SPAN_MILLISECOND; /* a greeting that broke off is waited for again */
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(outcome(&usual_times, TRUE), ==, LOG_STEP_TAKEN);
	for (gsize q = 0; q < G_N_ELEMENTS(questions); q++)
		sizes[q] = fake_registrar_answer_size(room->registrar, questions[q]);
	for (gsize q = 0; q < G_N_ELEMENTS(questions); q++) {
		g_assert_cmpuint(sizes[q], >=, FRAME_HEAD);
		for (gsize cut = 0; cut < sizes[q]; cut++) {
			fake_registrar_reset(room->registrar);
			fake_registrar_script(room->registrar, questions[q], FAKE_CUT, 0, (guint)cut, NULL);
			g_assert_cmpint(outcome(&times, questions[q] == FRAME_FILE), !=, LOG_STEP_TAKEN);
			g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 0);
		}
	}
}

static void each_failure_is_logged_as_its_step(void)
{
	static const struct {
		FrameType question;
		FakeMode mode;
		const char *word;
		LogStep step;
	} rows[] = {
		{FRAME_HELLO, FAKE_BUSY, NULL, LOG_STEP_PUT_OFF_BUSY},
		{FRAME_HELLO, FAKE_EOF, NULL, LOG_STEP_PUT_OFF_CONNECT},
		{FRAME_FILE, FAKE_FAILED, "file", LOG_STEP_PUT_OFF_FILE},
		{FRAME_READERS, FAKE_FAILED, "readers", LOG_STEP_PUT_OFF_READERS},
		{FRAME_READERS, FAKE_SILENT, NULL, LOG_STEP_PUT_OFF_TIME},
		{FRAME_READERS, FAKE_FAILED, "config", LOG_STEP_PUT_OFF_CONFIG},
		{FRAME_COMMIT, FAKE_FAILED, "commit", LOG_STEP_PUT_OFF_COMMIT},
		{FRAME_COMMIT, FAKE_FAILED, "clock", LOG_STEP_PUT_OFF_COMMIT},
		{FRAME_COMMIT, FAKE_BUSY, NULL, LOG_STEP_PUT_OFF_BUSY},
		{FRAME_COMMIT, FAKE_EOF, NULL, LOG_STEP_PUT_OFF_COMMIT},
		{FRAME_COMMIT, FAKE_SILENT, NULL, LOG_STEP_PUT_OFF_TIME},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		fake_registrar_reset(room->registrar);
		fake_registrar_script(room->registrar, rows[i].question, rows[i].mode, 0, 0, rows[i].word);
		g_assert_cmpint(outcome(&short_times, TRUE), ==, rows[i].step);
	}
}

static void readers_of_another_form_are_refused(void)
{
	static const char *const lines[] = {"", "aigul", "aigul officer", "aigul officer age1x -", "aigul officer age1x age1y z",
	                                    "aigul officer - -", " officer age1x -"};
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		fake_registrar_reset(room->registrar);
		fake_registrar_script(room->registrar, FRAME_READERS, FAKE_READERS, 0, 0, lines[i]);
		g_assert_cmpint(outcome(&short_times, FALSE), ==, LOG_STEP_PUT_OFF_READERS);
		g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 0);
	}
}

static void a_register_without_one_of_our_mailboxes_puts_everything_off(void)
{
	static const char *const one[] = {"senim@kmo.kz", NULL};
	fake_registrar_stop(room->registrar);
	room->registrar = fake_registrar_start(room->intake, one);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_PUT_OFF_CONFIG);
	static const char *const both[] = {"board@kmo.kz", "retired@kmo.kz", "senim@kmo.kz", NULL};
	fake_registrar_stop(room->registrar);
	room->registrar = fake_registrar_start(room->intake, both);
	g_assert_cmpint(outcome(&usual_times, FALSE), ==, LOG_STEP_TAKEN);
}

static void without_a_registrar_a_report_is_put_off(void)
{
	static const char *const both[] = {"senim@kmo.kz", "board@kmo.kz", NULL};
	fake_registrar_stop(room->registrar);
	g_assert_cmpint(outcome(&short_times, FALSE), ==, LOG_STEP_PUT_OFF_CONNECT);
	g_assert_cmpint(outcome(&short_times, TRUE), ==, LOG_STEP_PUT_OFF_CONNECT);
	room->registrar = fake_registrar_start(room->intake, both);
}

/* --- the child --------------------------------------------------------------------------------------- */

static void whatever_a_child_does_the_report_is_registered(void)
{
	static const char *const orders[] = {"crash",
	                                     "hang",
	                                     "half",
	                                     "garbage",
	                                     "large",
	                                     "type",
	                                     "descriptor",
	                                     "facts verdict=unexamined",
	                                     "facts verdict=guilty",
	                                     "facts examined=no",
	                                     "facts channel=paper",
	                                     "facts attachments=-1",
	                                     "die"};
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
		fake_registrar_reset(room->registrar);
		g_assert_cmpint(send_to(side, "<senim@kmo.kz>", orders[i], "text", 4, NULL), ==, SESSION_TAKEN);
		g_autoptr(Record) facts = facts_of(0);
		g_assert_cmpstr(record_get(facts, "verdict"), ==, "unexamined");
		g_assert_cmpstr(record_get(facts, "examined"), ==, "no");
		g_assert_cmpstr(committed(0, "letter"), ==, "withheld");
		g_autoptr(Record) card = fake_registrar_open_card(room->registrar, fake_registrar_commit(room->registrar, 0));
		g_assert_cmpstr(record_get(card, "envelope-from"), ==, "reporter@example.org");
		g_assert_cmpstr(record_get(card, "subject"), ==, "-");
	}
}

/* A new nursery takes the place of one that died. */
static void after_a_death_of_the_nursery_reports_are_examined_again(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	fake_registrar_reset(room->registrar);
	send_to(side, "<senim@kmo.kz>", "die", "text", 4, NULL);
	/* A child that was taken while the nursery died goes with it: that report is taken unexamined, a later one is not. */
	gboolean examined = FALSE;
	for (guint i = 1; i <= 20 && !examined; i++) {
		g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", "text", 4, NULL), ==, SESSION_TAKEN);
		g_autoptr(Record) facts = facts_of(i);
		examined = strcmp(record_get(facts, "examined"), "yes") == 0;
	}
	g_assert_true(examined);
}

static void without_a_nursery_reports_are_registered_unexamined(void)
{
	g_autoptr(Side) side = side_with(&usual_times, NULL);
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", "text", 4, NULL), ==, SESSION_TAKEN);
	g_autoptr(Record) facts = facts_of(0);
	g_assert_cmpstr(record_get(facts, "examined"), ==, "no");
}

static void a_child_cannot_forge_the_envelope(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	fake_registrar_reset(room->registrar);
	send_to(side, "<senim@kmo.kz>", "card envelope-from=chair@kmo.kz", "text", 4, NULL);
	g_autoptr(Record) card = fake_registrar_open_card(room->registrar, fake_registrar_commit(room->registrar, 0));
	g_assert_cmpstr(record_get(card, "envelope-from"), ==, "reporter@example.org");
	g_autoptr(Record) letter =
		bundle_part_record(fake_registrar_commit(room->registrar, 0)->bundle, "letter", NULL, NULL);
	g_assert_cmpstr(record_get(letter, "to"), ==, "reporter@example.org");
}

static char *letter_of(Side *side, const char *results, const char *order)
{
	Mta mta = {0, 0};
	fake_registrar_reset(room->registrar);
	g_autoptr(Session) session = begin(side, "<senim@kmo.kz>");
	g_assert_cmpint(session_data(session, NULL), ==, SESSION_OURS);
	session_field(session, "Authentication-Results", results, strlen(results));
	give_content(session, order, "text", 4);
	g_assert_cmpint(session_finish(session, progress, &mta), ==, SESSION_TAKEN);
	return g_strdup_printf("%s %s", committed(0, "letter"), committed(0, "letter-reason"));
}

static void a_letter_is_owed_or_withheld_for_its_reason(void)
{
	static const char good[] = " mx.kmo.kz; spf=pass smtp.mailfrom=example.org";
	milter_room_configure(room, "trusted-authserv-id = mx.kmo.kz", "acknowledge = authenticated");
	g_autoptr(Side) strict = side_with(&usual_times, nursery);
	milter_room_configure(room, "", "");
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	const struct {
		Side *side;
		const char *results, *order, *letter;
	} rows[] = {
		{side, "", "good", "owed -"},
		{side, "", "card note=no-answer", "withheld suppressed"},
		{side, "", "facts automatic=list", "withheld automatic"},
		{side, "", "crash", "withheld unexamined"},
		{strict, "", "good", "withheld unauthenticated"},
		{strict, " other.kz; spf=pass smtp.mailfrom=example.org", "good", "withheld unauthenticated"},
		{strict, good, "good", "owed -"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *letter = letter_of(rows[i].side, rows[i].results, rows[i].order);
		g_assert_cmpstr(letter, ==, rows[i].letter);
	}
}

/* --- the MTA ------------------------------------------------------------------------------------------ */

static SessionVerdict finish_with(Side *side, const char *order, Mta *mta, LogStep *step)
{
	g_autoptr(Session) session = begin(side, "<senim@kmo.kz>");
	g_assert_cmpint(session_data(session, NULL), ==, SESSION_OURS);
	give_content(session, order, "text", 4);
	SessionVerdict verdict = session_finish(session, progress, mta);
	*step = session_step(session);
	return verdict;
}

static void the_mta_hears_from_us_while_a_child_takes_its_time(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	Mta mta = {0, 0};
	LogStep step;
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(finish_with(side, "hold 1000", &mta, &step), ==, SESSION_TAKEN);
	g_assert_cmpuint(mta.signs, >=, 8);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_SLOW, 0, 1000, NULL);
	mta.signs = 0;
	g_assert_cmpint(finish_with(side, "good", &mta, &step), ==, SESSION_TAKEN);
	g_assert_cmpuint(mta.signs, >=, 8);
}

static void who_has_hung_up_before_the_commit_is_not_registered(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	Mta mta = {0, 1};
	LogStep step;
	fake_registrar_reset(room->registrar);
	guint asked = fake_registrar_asked(room->registrar, FRAME_COMMIT);
	g_assert_cmpint(finish_with(side, "good", &mta, &step), ==, SESSION_PUT_OFF);
	g_assert_cmpint(step, ==, LOG_STEP_MTA_GONE);
	g_assert_cmpuint(fake_registrar_asked(room->registrar, FRAME_COMMIT), ==, asked);
}

static void a_commit_under_way_is_waited_for_whoever_listens(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	Mta mta = {0, 2};
	LogStep step;
	fake_registrar_reset(room->registrar);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_SLOW, 0, 500, NULL);
	g_assert_cmpint(finish_with(side, "good", &mta, &step), ==, SESSION_TAKEN);
	g_assert_cmpuint(mta.signs, >=, 2);
}

/* --- limits and ends ------------------------------------------------------------------------------------ */

static void a_message_over_the_limit_is_refused_and_leaves_nothing(void)
{
	milter_room_configure(room, "max-message-size = 64 KiB", "");
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	milter_room_configure(room, "", "");
	g_autofree char *body = g_strnfill(65536, 'x');
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", body, 65536, NULL), ==, SESSION_TOO_LARGE);
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", body, 65536 - 50, NULL), ==, SESSION_TAKEN);
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 1);
}

static void a_message_that_lives_too_long_is_put_off(void)
{
	SideTimes times = usual_times;
	times.life = 0;
	g_autoptr(Side) side = side_with(&times, nursery);
	LogStep step;
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", "x", 1, &step), ==, SESSION_PUT_OFF);
	g_assert_cmpint(step, ==, LOG_STEP_PUT_OFF_TIME);
}

static void a_session_may_end_at_any_step(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	g_autofree char *body = g_strnfill(200000, 'x');
	Mta mta = {0, 0};
	session_free(NULL);
	fake_registrar_reset(room->registrar);
	for (guint steps = 0; steps < 5; steps++) {
		g_autoptr(Session) session = begin(side, steps > 0 ? "<senim@kmo.kz>" : "");
		if (steps > 1)
			g_assert_cmpint(session_data(session, NULL), ==, SESSION_OURS);
		if (steps > 2)
			session_field(session, "Subject", " x", 2);
		if (steps > 3)
			session_body(session, body, 200000);
	}
	g_autoptr(Session) without_data = begin(side, "<senim@kmo.kz>");
	session_field(without_data, "Subject", " x", 2);
	session_body(without_data, "x", 1);
	g_assert_cmpint(session_finish(without_data, progress, &mta), ==, SESSION_PUT_OFF);
	g_autoptr(Session) without_fields = begin(side, "<senim@kmo.kz>");
	g_assert_cmpint(session_data(without_fields, NULL), ==, SESSION_OURS);
	g_assert_cmpint(session_finish(without_fields, progress, &mta), ==, SESSION_TAKEN);
	assert_opens_to(0, "\r\n", 2);
}

static gpointer drain(gpointer side)
{
	return GINT_TO_POINTER(side_drain(side, 5 * G_TIME_SPAN_SECOND));
}

static void a_stop_waits_for_a_report_and_lets_no_other_begin(void)
{
	g_autoptr(Side) side = side_with(&usual_times, nursery);
	fake_registrar_reset(room->registrar);
	g_autoptr(Session) before = begin(side, "<senim@kmo.kz>");
	g_assert_cmpint(session_data(before, NULL), ==, SESSION_OURS);
	g_assert_true(side_enter(side));
	GThread *thread = g_thread_new("drain", drain, side);
	while (!side_stopping(side))
		g_usleep(1000);
	LogStep step;
	Mta mta = {0, 0};
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", "x", 1, &step), ==, SESSION_PUT_OFF);
	g_assert_cmpint(step, ==, LOG_STEP_PUT_OFF_STOP);
	g_assert_cmpint(session_finish(before, progress, &mta), ==, SESSION_PUT_OFF);
	side_leave(side);
	g_assert_true(GPOINTER_TO_INT(g_thread_join(thread)));
	g_assert_cmpuint(fake_registrar_count(room->registrar), ==, 0);
}

/* --- a message as octets ----------------------------------------------------------------------------------- */

static void assert_split(const char *raw, gsize raw_size, const char *expected, gsize size)
{
	g_autoptr(Side) side = side_with(&usual_times, NULL);
	for (gsize cut = 0; cut <= raw_size; cut++) {
		Mta mta = {0, 0};
		fake_registrar_reset(room->registrar);
		g_autoptr(Session) session = begin(side, "<senim@kmo.kz>");
		g_assert_cmpint(session_data(session, NULL), ==, SESSION_OURS);
		g_autoptr(Splitter) splitter = splitter_new(session);
		splitter_write(splitter, raw, cut);
		splitter_write(splitter, raw + cut, raw_size - cut);
		splitter_finish(splitter);
		g_assert_cmpint(session_finish(session, progress, &mta), ==, SESSION_TAKEN);
		assert_opens_to(0, expected, size);
	}
}

static void octets_cut_anywhere_are_the_same_message(void)
{
	static const struct {
		const char *raw;
		gsize raw_size;
		const char *expected;
		gsize size;
	} rows[] = {
#define ROW(raw, expected) {raw, sizeof raw - 1, expected, sizeof expected - 1}
		ROW("A: 1\nB:2\n fold\n\nbody\nmore", "A: 1\r\nB:2\r\n fold\r\n\r\nbody\r\nmore"),
		ROW("A: 1\r\n\r\nx\r\n\ny\rz\n", "A: 1\r\n\r\nx\r\n\r\ny\rz\r\n"),
		ROW("From a@b Sat\nA : 1\n\n", "A : 1\r\n\r\n"),
		ROW("A: 1\nno field\nB: 2\n", "A: 1\r\n\r\nno field\r\nB: 2\r\n"),
		ROW("\n\nx", "\r\n\r\nx"),
		ROW("", "\r\n"),
		ROW("A: \0nul\nlast: line", "A: \0nul\r\nlast: line\r\n\r\n"),
#undef ROW
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_split(rows[i].raw, rows[i].raw_size, rows[i].expected, rows[i].size);
}

/* The same message by either way is one and the same to the register: a repeat is recognised. */
static void either_way_in_gives_the_same_message_digest(void)
{
	static const char raw[] = "Received: x\nSubject: hello\n\tfolded\nX-Test-Examine: good\n\nbody\n";
	g_autoptr(Side) side = side_with(&usual_times, NULL);
	Mta mta = {0, 0};
	fake_registrar_reset(room->registrar);
	g_assert_cmpint(send_to(side, "<senim@kmo.kz>", "good", "body\r\n", 6, NULL), ==, SESSION_TAKEN);
	g_autoptr(Session) session = begin(side, "<senim@kmo.kz>");
	g_assert_cmpint(session_data(session, NULL), ==, SESSION_OURS);
	g_autoptr(Splitter) splitter = splitter_new(session);
	splitter_write(splitter, raw, sizeof raw - 1);
	splitter_finish(splitter);
	g_assert_cmpint(session_finish(session, progress, &mta), ==, SESSION_TAKEN);
	g_assert_cmpstr(committed(0, "message-digest"), ==, committed(1, "message-digest"));
}

/* What the registrar has not heard is told again, and not twice. */
static void what_was_put_off_is_told_once(void)
{
	g_autoptr(Side) side = side_with(&short_times, nursery);
	gint64 patience = G_TIME_SPAN_SECOND;
	fake_registrar_reset(room->registrar);
	fake_registrar_script(room->registrar, FRAME_COMMIT, FAKE_FAILED, 2, 0, "commit");
	for (guint i = 0; i < 3; i++)
		send_to(side, "<senim@kmo.kz>", "good", "text", 4, NULL);
	g_assert_cmpuint(side_count_put_off(side), ==, 2); /* the third was taken */
	fake_registrar_script(room->registrar, FRAME_ALIVE, FAKE_EOF, 1, 0, NULL);
	g_assert_false(pulse_send(side, g_get_monotonic_time() + patience));
	g_assert_cmpuint(side_count_put_off(side), ==, 2);
	g_assert_true(pulse_send(side, g_get_monotonic_time() + patience));
	g_assert_cmpuint(side_count_put_off(side), ==, 0);
	g_assert_true(pulse_send(side, g_get_monotonic_time() + patience));
	fake_registrar_reset(room->registrar);
}

int main(int argc, char **argv)
{
	fake_examine_main(argc, argv);
	g_test_init(&argc, &argv, NULL);
	g_autoptr(GError) error = NULL;
	log_open("test-session");
	room = milter_room_new();
	/* As libmilter's connections are: it does not mark them as ours alone. */
	g_assert_cmpint(open("/dev/null", O_RDONLY), >, STDERR_FILENO);
	nursery = nursery_client_start(fake_examine_path(), -1, 2, TRUE, 10 * G_TIME_SPAN_SECOND, &error);
	g_assert_no_error(error);
#define TEST(name) g_test_add_func("/session/" #name, name)
	TEST(a_short_report_is_registered_as_it_was_sent);
	TEST(a_long_report_goes_into_a_file);
	TEST(reports_of_every_size_open_to_what_was_sent);
	TEST(a_message_to_two_mailboxes_is_two_cases);
	TEST(mail_of_others_is_let_pass);
	TEST(a_repeat_is_taken_once_more);
	TEST(a_registrar_that_comes_late_or_is_busy_is_waited_for);
	TEST(readers_that_changed_are_asked_for_again);
	TEST(a_connection_serves_one_report_after_another);
	TEST(known_readers_that_changed_are_asked_for_again);
	TEST(what_is_not_plain_asks_who_reads_it);
	TEST(a_connection_with_a_failure_serves_no_other_report);
	TEST(a_registrar_that_was_restarted_is_greeted_anew);
	TEST(a_reload_greets_the_registrar_anew);
	TEST(no_bad_answer_is_taken_for_a_registration);
	TEST(an_answer_cut_at_any_octet_is_none);
	TEST(each_failure_is_logged_as_its_step);
	TEST(readers_of_another_form_are_refused);
	TEST(a_register_without_one_of_our_mailboxes_puts_everything_off);
	TEST(without_a_registrar_a_report_is_put_off);
	TEST(whatever_a_child_does_the_report_is_registered);
	TEST(after_a_death_of_the_nursery_reports_are_examined_again);
	TEST(without_a_nursery_reports_are_registered_unexamined);
	TEST(a_child_cannot_forge_the_envelope);
	TEST(a_letter_is_owed_or_withheld_for_its_reason);
	TEST(the_mta_hears_from_us_while_a_child_takes_its_time);
	TEST(who_has_hung_up_before_the_commit_is_not_registered);
	TEST(a_commit_under_way_is_waited_for_whoever_listens);
	TEST(a_message_over_the_limit_is_refused_and_leaves_nothing);
	TEST(a_message_that_lives_too_long_is_put_off);
	TEST(a_session_may_end_at_any_step);
	TEST(a_stop_waits_for_a_report_and_lets_no_other_begin);
	TEST(octets_cut_anywhere_are_the_same_message);
	TEST(either_way_in_gives_the_same_message_digest);
	TEST(what_was_put_off_is_told_once);
	int status = g_test_run();
	nursery_client_stop(nursery);
	milter_room_free(room);
	return status;
}
