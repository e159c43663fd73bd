/* SPDX-License-Identifier: ISC */
/* Urgent notices through the real outbox with a real ledger, a moved clock and a pretended MTA: who is told, when, once. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "store/notices.h"
#include "store/outbox.h"
#include "tests/ledger-room.h"
#include "tests/store-fixture.h"

/* --- a scene --------------------------------------------------------------------------------------------------------- */

typedef struct {
	Fixture f;
	Outbox *outbox;
	char *directory; /* the pretended MTA keeps what it was given here, one file a letter */
} Scene;

static char *compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error G_GNUC_UNUSED)
{
	const char *purpose = record_get(letter->letter, "purpose");
	char *text = g_strdup_printf("To: <%s>\r\n\r\n%s\r\n", record_get(letter->letter, "to"), purpose != NULL ? purpose : "-");
	*size = strlen(text);
	return text;
}

static void set_mail(const Scene *scene, const char *name, const char *mail)
{
	ConfigOfficer *officer = (ConfigOfficer *)config_officer(scene->f.config, name); /* before anybody else reads it */
	g_assert_nonnull(officer);
	g_free(officer->mail);
	officer->mail = g_strdup(mail);
}

static void scene_begin(Scene *scene, const char *setting)
{
	scene->directory = g_dir_make_tmp("senim-mta-XXXXXX", NULL);
	g_autofree char *sendmail = g_build_filename(scene->directory, "sendmail", NULL);
	g_autofree char *submit = g_strdup_printf("submit=%s", sendmail);
	g_autofree char *script = g_strdup_printf("#!/bin/sh\nf=$(mktemp %s/part.XXXXXX)\ncat > $f\nmv $f %s/letter${f##*part}\n",
	                                          scene->directory, scene->directory);
	const char *settings[] = {submit, setting, NULL};
	g_assert_true(g_file_set_contents(sendmail, script, -1, NULL));
	g_assert_cmpint(chmod(sendmail, 0700), ==, 0);
	fixture_make(&scene->f, settings);
	fixture_now = g_get_real_time();
	set_mail(scene, "aigul", "aigul@kmo.kz");
	set_mail(scene, "chair", "chair@kmo.kz");
	const OutboxHooks hooks = {.compose = compose};
	scene->outbox = outbox_start(scene->f.registry, &hooks);
}

static void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->outbox, outbox_stop);
	fixture_clear(&scene->f);
	g_autofree char *command = g_strdup_printf("rm -r %s", scene->directory);
	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_free(scene->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* Letters of this purpose ("-": acknowledgements) that reached the MTA for that address. */
static guint count_letters(const Scene *scene, const char *to, const char *purpose)
{
	g_autoptr(GDir) directory = g_dir_open(scene->directory, 0, NULL);
	g_autofree char *wanted = g_strdup_printf("To: <%s>\r\n\r\n%s\r\n", to, purpose);
	const char *name;
	guint n = 0;
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *path = g_build_filename(scene->directory, name, NULL);
		g_autofree char *text = NULL;
		if (g_str_has_prefix(name, "letter") && g_file_get_contents(path, &text, NULL, NULL))
			n += strcmp(text, wanted) == 0;
	}
	return n;
}

static void wait_for_letters(const Scene *scene, const char *to, guint wanted)
{
	outbox_wake(scene->outbox);
	for (guint i = 0; i < 2000 && count_letters(scene, to, "notice") < wanted; i++)
		g_usleep(5000);
	g_assert_cmpuint(count_letters(scene, to, "notice"), ==, wanted);
}

/* Nothing more comes by itself. */
static void stays_at(const Scene *scene, const char *to, guint wanted)
{
	outbox_wake(scene->outbox);
	g_usleep(150000);
	g_assert_cmpuint(count_letters(scene, to, "notice"), ==, wanted);
}

static guint64 arrives(const Scene *scene, const char *verdict, const char *class, const char *named)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .verdict = verdict, .class = class, .named = named, .fd = -1};
	return fixture_register(&scene->f, &report);
}

static void later(gint64 span)
{
	fixture_now += span;
}

static void append(const Scene *scene, EntryKind kind, const Record *record, guint64 case_seq)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	LedgerAct act = {.kind = kind, .concerns = LEDGER_NOTHING, .record = record, .case_seq = case_seq};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

/* What the desk enters when an officer lists cards. */
static void is_listed(const Scene *scene, guint64 seq)
{
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)fixture_now);
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", seq);
	append(scene, ENTRY_LISTED, record, LEDGER_NOTHING);
}

static void is_withheld(const Scene *scene, guint64 seq, const char *from)
{
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "case", seq);
	record_add(record, "from", from);
	append(scene, ENTRY_WITHHELD_FROM, record, seq);
}

static guint count_notices(const Scene *scene, const char *act)
{
	Ledger *ledger = registry_ledger(scene->f.registry, 0);
	guint n = 0;
	for (guint64 seq = 0; seq < ledger_size(ledger); seq++) {
		LedgerEntry entry = {0};
		g_assert_true(ledger_entry(ledger, seq, &entry, NULL));
		Entry read;
		gsize size;
		const void *text = g_bytes_get_data(entry.record, &size);
		g_assert_true(entry_decode(entry.entry, &read, NULL));
		g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
		n += read.kind == ENTRY_NOTICE && g_strcmp0(record_get(record, "act"), act) == 0;
		ledger_entry_clear(&entry);
	}
	return n;
}

/* --- who and when ---------------------------------------------------------------------------------------------------- */

static void the_officer_is_told_at_once_and_after_two_hours_the_escalation(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrives(&scene, "redirect", "threat.life", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	later(119 * G_TIME_SPAN_MINUTE);
	stays_at(&scene, "chair@kmo.kz", 0);
	later(2 * G_TIME_SPAN_MINUTE);
	wait_for_letters(&scene, "chair@kmo.kz", 1);
	later(5 * G_TIME_SPAN_HOUR);
	stays_at(&scene, "chair@kmo.kz", 1);
	stays_at(&scene, "aigul@kmo.kz", 1);
	g_assert_cmpuint(count_notices(&scene, "told"), ==, 2);
	g_assert_cmpuint(count_notices(&scene, "sent"), ==, 2);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 0);
}

static void somebody_in_danger_is_urgent_whatever_the_verdict(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrives(&scene, "clean", "reporter-at-risk", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	later(NOTICES_PAUSE);
	arrives(&scene, "review", "self-harm", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 2);
}

static void what_is_not_urgent_wakes_nobody(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrives(&scene, "clean", NULL, NULL);
	arrives(&scene, "review", "abuse", NULL);
	stays_at(&scene, "aigul@kmo.kz", 0);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

static void a_look_at_the_card_answers(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	guint64 seq = arrives(&scene, "redirect", "threat.life", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	is_listed(&scene, seq);
	later(3 * G_TIME_SPAN_HOUR);
	stays_at(&scene, "chair@kmo.kz", 0);
}

static void an_officer_whom_it_names_is_not_told_and_the_escalation_is_at_once(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrives(&scene, "redirect", "threat.life", "aigul");
	wait_for_letters(&scene, "chair@kmo.kz", 1);
	later(3 * G_TIME_SPAN_HOUR);
	stays_at(&scene, "aigul@kmo.kz", 0);
	stays_at(&scene, "chair@kmo.kz", 1);
}

static void from_whom_it_was_withheld_meanwhile_hears_nothing_more(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	guint64 seq = arrives(&scene, "redirect", "threat.life", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	is_withheld(&scene, seq, "chair");
	later(3 * G_TIME_SPAN_HOUR);
	stays_at(&scene, "chair@kmo.kz", 0);
	g_assert_cmpuint(count_notices(&scene, "told"), ==, 1);
}

static void urgent_notice_no_tells_nobody(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "urgent-notice=no");
	arrives(&scene, "redirect", "threat.life", NULL);
	stays_at(&scene, "aigul@kmo.kz", 0);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

/* --- of persons -------------------------------------------------------------------------------------------------------- */

static void who_reads_the_log_is_told_of_looks_past_the_limit_by_a_letter_about_no_case(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	Ledger *ledger = registry_ledger(scene.f.registry, 0);
	g_assert_true(notices_tell_supervisors(scene.f.config, ledger, "aigul", 7, fixture_now, NULL));
	wait_for_letters(&scene, "chair@kmo.kz", 1); /* there is no supervisor: the next level of leadership reads the log */
	stays_at(&scene, "aigul@kmo.kz", 0);
	g_assert_cmpuint(count_notices(&scene, "told"), ==, 1);
	for (guint i = 0; i < 400 && count_notices(&scene, "sent") == 0; i++)
		g_usleep(5000);
	g_assert_cmpuint(count_notices(&scene, "sent"), ==, 1);
	g_assert_true(notices_tell_supervisors(scene.f.config, ledger, "chair", 8, fixture_now, NULL)); /* not of herself */
	stays_at(&scene, "chair@kmo.kz", 1);
}

static void whose_access_ends_is_told_once(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	Ledger *ledger = registry_ledger(scene.f.registry, 0);
	g_autoptr(People) people = ledger_people(ledger);
	const PeoplePerson *aigul = people_find(people, "aigul");
	g_assert_true(notices_tell_once(scene.f.config, ledger, aigul, aigul->used_seq, fixture_now, NULL));
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	g_assert_true(notices_tell_once(scene.f.config, ledger, aigul, aigul->used_seq, fixture_now, NULL));
	stays_at(&scene, "aigul@kmo.kz", 1);
	g_assert_true(notices_tell_once(scene.f.config, ledger, aigul, ledger_size(ledger), fixture_now, NULL));
	wait_for_letters(&scene, "aigul@kmo.kz", 2); /* she signed in since, and stayed away again */
}

/* --- flood ------------------------------------------------------------------------------------------------------------ */

static void a_flood_of_threats_is_a_letter_each_ten_minutes(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrives(&scene, "redirect", "threat.life", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	for (guint i = 0; i < 20; i++)
		arrives(&scene, "redirect", "threat.life", NULL);
	stays_at(&scene, "aigul@kmo.kz", 1);
	later(NOTICES_PAUSE + 1);
	wait_for_letters(&scene, "aigul@kmo.kz", 2);
	for (guint i = 0; i < 200 && count_notices(&scene, "told") < 21; i++)
		g_usleep(10000);
	g_assert_cmpuint(count_notices(&scene, "told"), ==, 21); /* each case has its entry all the same */
	stays_at(&scene, "aigul@kmo.kz", 2);
}

static void acknowledgements_that_wait_for_their_hour_hold_up_no_notice(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "acknowledge-per-hour=1");
	for (guint i = 0; i < 3; i++) {
		g_autofree char *to = g_strdup_printf("p%u@b.kz", i);
		FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = to, .fd = -1};
		fixture_register(&scene.f, &report);
	}
	outbox_wake(scene.outbox);
	for (guint i = 0; i < 2000 && count_letters(&scene, "p0@b.kz", "-") == 0; i++)
		g_usleep(5000);
	arrives(&scene, "redirect", "threat.life", NULL);
	wait_for_letters(&scene, "aigul@kmo.kz", 1);
	g_assert_cmpuint(count_letters(&scene, "p1@b.kz", "-") + count_letters(&scene, "p2@b.kz", "-"), ==, 0);
}

/* --- exclusions -------------------------------------------------------------------------------------------------------- */

static GArray *alarms_of(const Scene *scene)
{
	Ledger *ledger = registry_ledger(scene->f.registry, 0);
	g_autoptr(People) people = ledger_people(ledger);
	GArray *alarms = ledger_alarms(ledger, people, FALSE, NULL);
	g_assert_nonnull(alarms);
	for (guint i = 0; i < alarms->len; i++) /* her name goes with the people */
		g_assert_nonnull(g_array_index(alarms, LedgerAlarm, i).name);
	return alarms;
}

static guint count_alarms(const Scene *scene)
{
	g_autoptr(GArray) alarms = alarms_of(scene);
	return alarms->len;
}

static guint64 arrive_about(const Scene *scene, const char *named, guint n)
{
	guint64 seq = 0;
	for (guint i = 0; i < n; i++)
		seq = arrives(scene, "clean", NULL, named);
	return seq;
}

static gboolean aigul_has(const Scene *scene, guint64 seq)
{
	Ledger *ledger = registry_ledger(scene->f.registry, 0);
	g_autoptr(People) people = ledger_people(ledger);
	g_autoptr(GBytes) header = ledger_header(ledger, seq, SEAL_PART_BODY, people_find(people, "aigul")->body, NULL);
	return header != NULL;
}

static void more_than_five_exclusions_of_one_officer_alarm_the_escalation_and_change_nothing(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrive_about(&scene, "aigul", LEDGER_EXCLUSIONS);
	stays_at(&scene, "chair@kmo.kz", 0);
	g_assert_cmpuint(count_alarms(&scene), ==, 0);
	guint64 sixth = arrive_about(&scene, "aigul", 1);
	wait_for_letters(&scene, "chair@kmo.kz", 1);
	guint64 more = arrive_about(&scene, "aigul", 2 * LEDGER_EXCLUSIONS);
	stays_at(&scene, "chair@kmo.kz", 1);
	stays_at(&scene, "aigul@kmo.kz", 0);
	g_assert_cmpuint(count_alarms(&scene), ==, 1);
	g_assert_cmpuint(count_notices(&scene, "told"), ==, 1);
	g_assert_false(aigul_has(&scene, sixth) || aigul_has(&scene, more)); /* about her as before … */
	g_assert_true(aigul_has(&scene, arrives(&scene, "clean", NULL, NULL))); /* … and what is not is hers as before */
}

static void a_day_later_the_next_exclusions_are_an_alarm_of_their_own(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrive_about(&scene, "aigul", LEDGER_EXCLUSIONS);
	later(25 * G_TIME_SPAN_HOUR);
	arrive_about(&scene, "aigul", LEDGER_EXCLUSIONS); /* ten, but five a day */
	stays_at(&scene, "chair@kmo.kz", 0);
	arrive_about(&scene, "aigul", 1);
	wait_for_letters(&scene, "chair@kmo.kz", 1);
	later(25 * G_TIME_SPAN_HOUR);
	arrive_about(&scene, "aigul", LEDGER_EXCLUSIONS + 1);
	wait_for_letters(&scene, "chair@kmo.kz", 2);
	g_assert_cmpuint(count_alarms(&scene), ==, 2);
	later(12 * 24 * G_TIME_SPAN_HOUR);
	arrives(&scene, "clean", NULL, NULL);
	g_assert_cmpuint(count_alarms(&scene), ==, 0); /* after ten days nobody can tell who it was */
}

static void she_who_is_excluded_is_not_told_of_it(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	arrive_about(&scene, "chair", LEDGER_EXCLUSIONS + 1);
	stays_at(&scene, "chair@kmo.kz", 0);
	g_assert_cmpuint(count_alarms(&scene), ==, 1);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

static void with_urgent_notice_no_the_alarm_stands_in_the_list_alone(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "urgent-notice=no");
	arrive_about(&scene, "aigul", LEDGER_EXCLUSIONS + 1);
	stays_at(&scene, "chair@kmo.kz", 0);
	g_assert_cmpuint(count_alarms(&scene), ==, 1);
}

/* --- once, whatever happens ------------------------------------------------------------------------------------------- */

static const char *die_at;
static gint die_after;

static void die_in_time(const char *step)
{
	if (strcmp(step, die_at) == 0 && g_atomic_int_dec_and_test(&die_after))
		kill(getpid(), SIGKILL);
}

static void tell_two(Ledger *ledger, guint64 seq)
{
	LedgerNoticePerson people[] = {{"aigul", "officer", "aigul@kmo.kz", 0, 0}, {"dana", "deputy", "dana@kmo.kz", 0, 0}};
	const LedgerNotice notice = {seq, seq, 1};
	ledger_notice(ledger, &notice, people, G_N_ELEMENTS(people), NULL);
}

/* In a process that is killed at the nth such step. */
static void tell_and_die(const char *top, guint64 seq, const char *step, gint nth)
{
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		Room *room = room_attach(top);
		room_open(room);
		die_at = step;
		die_after = nth;
		ledger_test_step = die_in_time;
		tell_two(room->ledger, seq);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static guint count_kind(Ledger *ledger, EntryKind kind)
{
	g_autoptr(GBytes) entries = ledger_entries(ledger, 0, 5000, NULL);
	gsize size;
	guint n = 0;
	const guint8 *data = g_bytes_get_data(entries, &size);
	for (gsize at = 0; at + ENTRY_SIZE <= size; at += ENTRY_SIZE) {
		Entry entry;
		g_assert_true(entry_decode(data + at, &entry, NULL));
		n += entry.kind == (guint)kind;
	}
	return n;
}

static guint count_waiting(Ledger *ledger)
{
	gint64 next;
	guint n = 0;
	g_autoptr(GPtrArray) rows = ledger_letters_due(ledger, G_MAXINT64 / 2, 100, &next, NULL);
	for (guint i = 0; i < rows->len; i++)
		n += record_get(((LedgerLetterRow *)g_ptr_array_index(rows, i))->letter, "purpose") != NULL;
	return n;
}

static void killed_at_any_step_nobody_is_told_twice_or_not_at_all(void)
{
	static const char *const steps[] = {"custody begins",  "custody commits",  "custody has committed",
	                                    "register begins", "register commits", "register has committed"};
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i]);
		Room *room = room_new();
		g_autoptr(RoomReport) report = room_report(room, 1, 0);
		room_report_fact(report, "verdict", "redirect");
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
		g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, NULL);
		room_close(room);
		tell_and_die(room->top, c->seq, steps[i], 1);
		room_open(room);
		g_assert_cmpuint(count_kind(room->ledger, ENTRY_NOTICE) % 2, ==, 0); /* both or neither */
		gint64 next;
		g_autoptr(GArray) due = ledger_notices_due(room->ledger, room_time + G_USEC_PER_SEC, 10, &next, NULL);
		g_assert_cmpuint(due->len, ==, count_kind(room->ledger, ENTRY_NOTICE) == 0 ? 1 : 0);
		tell_two(room->ledger, c->seq);
		tell_two(room->ledger, c->seq);
		g_assert_cmpuint(count_kind(room->ledger, ENTRY_NOTICE), ==, 2);
		g_assert_cmpuint(count_waiting(room->ledger), ==, 2);
		room_is_sound(room);
		room_free(room);
	}
}

static GArray *untold(Ledger *ledger, const People *people)
{
	GArray *alarms = ledger_alarms(ledger, people, TRUE, NULL);
	g_assert_nonnull(alarms);
	return alarms;
}

static void alarm_one(Ledger *ledger, const LedgerAlarm *alarm)
{
	LedgerNoticePerson people[] = {{"chair", "escalation", "chair@kmo.kz", 0, 0}};
	ledger_alarm_told(ledger, alarm, people, 1, NULL);
}

static void alarm_and_die(const char *top, const LedgerAlarm *alarm, const char *step)
{
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		Room *room = room_attach(top);
		room_open(room);
		die_at = step;
		die_after = 1;
		ledger_test_step = die_in_time;
		alarm_one(room->ledger, alarm);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed_at_any_step_an_alarm_is_given_once(void)
{
	static const char *const steps[] = {"custody begins", "custody has committed", "register commits", "register has committed"};
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i]);
		Room *room = room_new();
		for (guint k = 0; k <= LEDGER_EXCLUSIONS; k++) {
			g_autoptr(RoomReport) report = room_report(room, 1 + k, 0);
			record_add(report->facts, "named", "aigul");
			room_report_without_aigul(report);
			g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
		}
		g_autoptr(People) people = ledger_people(room->ledger);
		g_autoptr(GArray) due = untold(room->ledger, people);
		g_assert_cmpuint(due->len, ==, 1);
		LedgerAlarm alarm = g_array_index(due, LedgerAlarm, 0);
		room_close(room);
		alarm_and_die(room->top, &alarm, steps[i]);
		room_open(room);
		g_autoptr(GArray) left = untold(room->ledger, people);
		g_assert_cmpuint(left->len + count_kind(room->ledger, ENTRY_NOTICE), ==, 1);
		alarm_one(room->ledger, &alarm);
		alarm_one(room->ledger, &alarm);
		g_assert_cmpuint(count_kind(room->ledger, ENTRY_NOTICE), ==, 1);
		g_assert_cmpuint(count_waiting(room->ledger), ==, 1);
		room_is_sound(room);
		room_free(room);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	/* Before any thread of this process. */
	g_test_add_func("/notices/killed at any step nobody is told twice or not at all",
	                killed_at_any_step_nobody_is_told_twice_or_not_at_all);
	g_test_add_func("/notices/killed at any step an alarm is given once", killed_at_any_step_an_alarm_is_given_once);
	g_test_add_func("/notices/the officer is told at once and after two hours the escalation",
	                the_officer_is_told_at_once_and_after_two_hours_the_escalation);
	g_test_add_func("/notices/somebody in danger is urgent whatever the verdict",
	                somebody_in_danger_is_urgent_whatever_the_verdict);
	g_test_add_func("/notices/what is not urgent wakes nobody", what_is_not_urgent_wakes_nobody);
	g_test_add_func("/notices/a look at the card answers", a_look_at_the_card_answers);
	g_test_add_func("/notices/an officer whom it names is not told and the escalation is at once",
	                an_officer_whom_it_names_is_not_told_and_the_escalation_is_at_once);
	g_test_add_func("/notices/from whom it was withheld meanwhile hears nothing more",
	                from_whom_it_was_withheld_meanwhile_hears_nothing_more);
	g_test_add_func("/notices/urgent-notice no tells nobody", urgent_notice_no_tells_nobody);
	g_test_add_func("/notices/who reads the log is told of looks past the limit by a letter about no case",
	                who_reads_the_log_is_told_of_looks_past_the_limit_by_a_letter_about_no_case);
	g_test_add_func("/notices/whose access ends is told once", whose_access_ends_is_told_once);
	g_test_add_func("/notices/a flood of threats is a letter each ten minutes", a_flood_of_threats_is_a_letter_each_ten_minutes);
	g_test_add_func("/notices/acknowledgements that wait for their hour hold up no notice",
	                acknowledgements_that_wait_for_their_hour_hold_up_no_notice);
	g_test_add_func("/notices/more than five exclusions of one officer alarm the escalation and change nothing",
	                more_than_five_exclusions_of_one_officer_alarm_the_escalation_and_change_nothing);
	g_test_add_func("/notices/a day later the next exclusions are an alarm of their own",
	                a_day_later_the_next_exclusions_are_an_alarm_of_their_own);
	g_test_add_func("/notices/she who is excluded is not told of it", she_who_is_excluded_is_not_told_of_it);
	g_test_add_func("/notices/with urgent-notice no the alarm stands in the list alone",
	                with_urgent_notice_no_the_alarm_stands_in_the_list_alone);
	return g_test_run();
}
