/* SPDX-License-Identifier: ISC */
/* intake.sock with a real ledger behind it: what is whole is registered, what is not leaves nothing. */
#include <dirent.h>
#include <glib.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/finding.h"
#include "store/intake-commit.h"
#include "store/intake.h"
#include "tests/store-fixture.h"

#define PATIENCE (20 * G_TIME_SPAN_SECOND)

static gint woken, reports_taken, reports_put_off, milters, milters_without;
static gint messages_put_off;

static void wake(gpointer user G_GNUC_UNUSED)
{
	g_atomic_int_inc(&woken);
}

static void heard_milter(gboolean nursery, guint64 put_off, gpointer user G_GNUC_UNUSED)
{
	g_atomic_int_inc(nursery ? &milters : &milters_without);
	g_atomic_int_add(&messages_put_off, (gint)put_off);
}

static void heard_report(gboolean taken, gpointer user G_GNUC_UNUSED)
{
	g_atomic_int_inc(taken ? &reports_taken : &reports_put_off);
}

typedef struct {
	Fixture f;
	Intake *intake;
} Scene;

static void scene_begin(Scene *scene)
{
	fixture_make(&scene->f, NULL);
	const IntakeHooks hooks = {.wake = wake, .milter = heard_milter, .report = heard_report};
	scene->intake = intake_start(scene->f.registry, fixture_listen(&scene->f, "intake.sock"), &hooks);
	g_atomic_int_set(&woken, 0);
}

static void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->intake, intake_stop);
	fixture_clear(&scene->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* --- a milter's words --------------------------------------------------------------- */

static void ask(int socket, FrameType type, const Bundle *bundle, Frame *answer)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(frame_send_bundle(socket, (guint16)type, bundle, -1, g_get_monotonic_time() + PATIENCE, &error));
	g_assert_true(frame_receive(socket, answer, g_get_monotonic_time() + PATIENCE, &error));
	g_assert_no_error(error);
}

static guint16 answer_to(int socket, FrameType type, const Bundle *bundle)
{
	g_auto(Frame) answer = FRAME_INIT;
	ask(socket, type, bundle, &answer);
	return answer.type;
}

static void assert_failed(int socket, FrameType type, const Bundle *bundle, const char *step)
{
	g_auto(Frame) answer = FRAME_INIT;
	ask(socket, type, bundle, &answer);
	g_assert_cmpint(answer.type, ==, FRAME_FAILED);
	g_autoptr(Bundle) read = bundle_read(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), NULL, NULL);
	g_assert_cmpstr(record_get(bundle_record(read), "step"), ==, step);
}

static int greet(const Scene *scene)
{
	int socket = fixture_connect(&scene->f, "intake.sock");
	g_autoptr(Bundle) hello = bundle_new();
	record_add(bundle_record(hello), "senim", "1");
	g_assert_cmpint(answer_to(socket, FRAME_HELLO, hello), ==, FRAME_HELLO_OK);
	return socket;
}

static int ask_for_file(int socket, const char *mailbox)
{
	g_auto(Frame) answer = FRAME_INIT;
	g_autoptr(Bundle) request = bundle_new();
	record_add(bundle_record(request), "mailbox", mailbox);
	ask(socket, FRAME_FILE, request, &answer);
	g_assert_cmpint(answer.type, ==, FRAME_FILE_OK);
	g_assert_cmpint(answer.fd, >=, 0);
	int fd = answer.fd;
	answer.fd = -1;
	return fd;
}

static guint count_descriptors(void)
{
	guint n = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* Waits until the server has let go of what a closed connection held. */
static void wait_for_descriptors(guint wanted)
{
	for (guint i = 0; i < 2000 && count_descriptors() > wanted; i++)
		g_usleep(2000);
	g_assert_cmpuint(count_descriptors(), <=, wanted);
}

/* A copy of the bundle whose record has `key` set to `value` (NULL: without it). */
static Bundle *with_value(const Bundle *bundle, const char *key, const char *value)
{
	const char *k, *v;
	GBytes *octets;
	Bundle *copy = bundle_new();
	for (guint i = 0; record_line(bundle_record(bundle), i, &k, &v); i++)
		if (strcmp(k, key) != 0)
			record_add(bundle_record(copy), k, v);
		else if (value != NULL)
			record_add(bundle_record(copy), k, value);
	for (guint i = 0; bundle_nth(bundle, i, &k, &octets); i++)
		bundle_add(copy, k, octets);
	return copy;
}

/* A copy without the part `name`; where octets are given, with them in its place. */
static Bundle *with_part(const Bundle *bundle, const char *name, const char *octets, gsize size)
{
	const char *k, *v;
	GBytes *part;
	Bundle *copy = bundle_new();
	for (guint i = 0; record_line(bundle_record(bundle), i, &k, &v); i++)
		record_add(bundle_record(copy), k, v);
	for (guint i = 0; bundle_nth(bundle, i, &k, &part); i++)
		if (strcmp(k, name) != 0)
			bundle_add(copy, k, part);
	if (octets != NULL)
		bundle_add_copy(copy, name, octets, size);
	return copy;
}

/* --- tests ---------------------------------------------------------------------------- */

static void a_report_handed_in_whole_is_registered_and_wakes_the_outbox(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = "a@b.kz", .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	int socket = greet(&scene);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	g_assert_cmpint(g_atomic_int_get(&woken), ==, 1);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 1);
	g_autoptr(LedgerCase) c = ledger_case_by_id(registry_ledger(scene.f.registry, 0), report.case_id, NULL);
	g_assert_nonnull(c);
	g_assert_cmpstr(c->ack_state, ==, "queued");
	close(socket);
}

static void readers_are_those_of_the_register(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	g_auto(Frame) answer = FRAME_INIT;
	g_autoptr(Bundle) request = bundle_new();
	record_add(bundle_record(request), "mailbox", "ethics@kmo.kz");
	record_add_bool(bundle_record(request), "examined", TRUE);
	int socket = greet(&scene);
	ask(socket, FRAME_READERS, request, &answer);
	g_assert_cmpint(answer.type, ==, FRAME_READERS_OK);
	g_autoptr(Bundle) read = bundle_read(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), NULL, NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public(scene.f.aigul, 0);
	g_autofree char *aigul = g_strdup_printf("aigul officer %s %s", half->body, half->card);
	g_assert_cmpuint(record_count(bundle_record(read), "reader"), ==, 2);
	g_assert_cmpstr(record_get(bundle_record(read), "reader"), ==, aigul);
	g_autoptr(Bundle) other = with_value(request, "mailbox", "nobody@kmo.kz");
	assert_failed(socket, FRAME_READERS, other, "config");
	close(socket);
}

/* READERS_OK's addressee for a report with that verdict (transfer full, or NULL). */
static char *addressee_for(int socket, const char *verdict)
{
	g_auto(Frame) answer = FRAME_INIT;
	g_autoptr(Bundle) request = bundle_new();
	record_add(bundle_record(request), "mailbox", "senim@kmo.kz");
	record_add_bool(bundle_record(request), "examined", TRUE);
	record_add(bundle_record(request), "verdict", verdict);
	ask(socket, FRAME_READERS, request, &answer);
	g_assert_cmpint(answer.type, ==, FRAME_READERS_OK);
	g_autoptr(Bundle) read = bundle_read(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body), NULL, NULL);
	return g_strdup(record_get(bundle_record(read), "addressee"));
}

/* A COMMIT with a header for whom `line` names; the case that it makes. */
static LedgerCase *commit_for(const Scene *scene, int socket, const char *line, FixtureReport *report, int outcome)
{
	g_autoptr(Bundle) commit = fixture_report(&scene->f, report);
	g_autoptr(GBytes) header = g_bytes_ref(bundle_part(commit, "header/body/aigul"));
	if (line != NULL)
		record_add(bundle_record(commit), "addressee", line);
	gsize size;
	const char *text = g_bytes_get_data(header, &size);
	bundle_add_copy(commit, "header/addressee", text, size);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, outcome);
	return ledger_case_by_id(registry_ledger(scene->f.registry, 0), report->case_id, NULL);
}

static guint count_letters(const Scene *scene)
{
	gint64 next;
	g_autoptr(GPtrArray) rows = ledger_letters_due(registry_ledger(scene->f.registry, 0), G_MAXINT64 / 2, 100, &next, NULL);
	return rows->len;
}

#define POLICE "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

static void a_report_goes_by_itself_only_to_whom_the_configuration_names(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	int socket = greet(&scene);
	g_autofree char *none = addressee_for(socket, "redirect");
	g_assert_null(none); /* redirect = confirm */
	ConfigAddressee police = {.name = (char *)"police", .by = CONFIG_BY_MAIL, .mail = (char *)"d@police.kz",
	                          .recipient = (char *)POLICE, .valid_from = (char *)""};
	scene.f.config->addressees = &police;
	scene.f.config->n_addressees = 1;
	scene.f.config->mailboxes[0].redirect = CONFIG_REDIRECT_AUTOMATIC;
	g_autofree char *line = addressee_for(socket, "redirect"), *clean = addressee_for(socket, "clean"),
					*review = addressee_for(socket, "review");
	g_assert_cmpstr(line, ==, "police " POLICE);
	g_assert_null(clean);
	g_assert_null(review);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .verdict = "redirect", .fd = -1};
	g_autoptr(LedgerCase) goes = commit_for(&scene, socket, line, &report, FRAME_REGISTERED);
	g_assert_cmpstr(goes->redirected, ==, "automatic");
	g_assert_cmpstr(goes->redirected_to, ==, "police");
	g_assert_cmpuint(count_letters(&scene), ==, 1);
	/* to somebody else, under another key, an arrival of the X series: it waits for an officer */
	g_autoptr(LedgerCase) other = commit_for(&scene, socket, "thief " POLICE, &report, FRAME_REGISTERED);
	g_autoptr(LedgerCase) key = commit_for(&scene, socket, "police age1other", &report, FRAME_REGISTERED);
	report.aside = TRUE;
	g_autoptr(LedgerCase) aside = commit_for(&scene, socket, line, &report, FRAME_REGISTERED);
	g_assert_null(other->redirected);
	g_assert_null(key->redirected);
	g_assert_null(aside->redirected);
	/* what is to be looked through has no addressee; a header has one */
	report.aside = FALSE;
	g_autoptr(LedgerCase) unnamed = commit_for(&scene, socket, NULL, &report, FRAME_FAILED);
	close(socket);
	socket = greet(&scene);
	report.verdict = "review";
	g_autoptr(LedgerCase) mixed = commit_for(&scene, socket, line, &report, FRAME_FAILED);
	g_assert_null(unnamed);
	g_assert_null(mixed);
	g_assert_cmpuint(count_letters(&scene), ==, 1);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REDIRECTED), ==, 1);
	close(socket);
	scene.f.config->addressees = NULL;
	scene.f.config->n_addressees = 0;
}

static void a_large_report_comes_in_a_file_of_ours_alone(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	int socket = greet(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 300000, .fd = ask_for_file(socket, "senim@kmo.kz")};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	g_assert_cmpstr(record_get(bundle_record(commit), "payload"), ==, "file");
	/* a second file of the same mailbox, a descriptor that comes along, a file of another size */
	g_autoptr(Bundle) again = bundle_new();
	record_add(bundle_record(again), "mailbox", "senim@kmo.kz");
	assert_failed(socket, FRAME_FILE, again, "form");
	g_autoptr(Bundle) longer = with_value(commit, "size", "393408");
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, longer), ==, FRAME_FAILED);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
	close(socket);
	socket = greet(&scene);
	close(report.fd);
	report.fd = ask_for_file(socket, "senim@kmo.kz");
	g_autoptr(Bundle) good = fixture_report(&scene.f, &report);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, good), ==, FRAME_REGISTERED);
	close(report.fd);
	close(socket);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 1);
}

static void a_commit_cut_at_any_octet_leaves_nothing(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 10, .letter_to = "a@b.kz", .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	g_autoptr(GBytes) body = bundle_write(commit);
	gsize size = g_bytes_get_size(body);
	guint64 before = ledger_size(registry_ledger(scene.f.registry, 0));
	g_autoptr(GByteArray) frame = g_byte_array_new();
	guint8 head[FRAME_HEAD] = {(guint8)(size >> 24), (guint8)(size >> 16), (guint8)(size >> 8), (guint8)size, 0, FRAME_COMMIT};
	g_byte_array_append(frame, head, sizeof head);
	g_byte_array_append(frame, g_bytes_get_data(body, NULL), (guint)size);
	guint descriptors = count_descriptors();
	for (guint cut = 0; cut < frame->len; cut++) {
		int socket = greet(&scene);
		g_assert_cmpint(send(socket, frame->data, cut, MSG_NOSIGNAL), ==, cut);
		close(socket);
	}
	wait_for_descriptors(descriptors);
	g_assert_cmpuint(ledger_size(registry_ledger(scene.f.registry, 0)), ==, before);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
	int socket = greet(&scene);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	close(socket);
}

static void an_abandoned_report_leaves_no_descriptor(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	guint before = count_descriptors();
	for (guint i = 0; i < 20; i++) {
		int socket = greet(&scene);
		close(ask_for_file(socket, "senim@kmo.kz"));
		close(ask_for_file(socket, "ethics@kmo.kz"));
		close(socket);
	}
	wait_for_descriptors(before);
}

static void what_does_not_fit_is_refused(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = "a@b.kz", .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	static const struct {
		const char *testname, *key, *value, *step;
	} rows[] = {
		{"a mailbox that is not ours", "mailbox", "x@kmo.kz", "config"},
		{"a moment a year ago", "received", "1700000000000000", "clock"},
		{"a size that no sealed object has", "size", "4000", "form"},
		{"another size than the payload's", "size", "8240", "form"},
		{"another Digest", "digest", "0000000000000000000000000000000000000000000000000000000000000000", "form"},
		{"upper-case hex", "case", "ABCDEFABCDEFABCDEFABCDEFABCDEFAB", "form"},
		{"a payload that is nowhere", "payload", "file", "form"},
		{"a letter that is neither", "letter", "perhaps", "form"},
		{"a reason beside a letter that is owed", "letter-reason", "cap", "form"},
		{"a delay of a year", "delay", "31536000", "form"},
		{"a field left out", "body-check", NULL, "form"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		int socket = greet(&scene);
		g_autoptr(Bundle) other = with_value(commit, rows[i].key, rows[i].value);
		g_test_message("%s", rows[i].testname);
		assert_failed(socket, FRAME_COMMIT, other, rows[i].step);
		close(socket);
	}
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

static void parts_that_do_not_fit_are_refused(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	gsize size;
	const char *header = g_bytes_get_data(bundle_part(commit, "header/card/aigul"), &size);
	static const char bad_facts[] = "channel: pigeon\n";
	static const char two_stanzas[] = "age-encryption.org/v1\n-> X25519 a\n-> X25519 b\n---\n";
	const struct {
		const char *testname, *part, *octets;
		gsize size;
	} rows[] = {
		{"no header for the officer's card", "header/card/aigul", NULL, 0},
		{"no header for the escalation's body", "header/body/chair", NULL, 0},
		{"a header for somebody else", "header/body/mallory", header, size},
		{"a header of another form", "header/card/aigul", two_stanzas, sizeof two_stanzas - 1},
		{"no card", "card", NULL, 0},
		{"a card of another Digest", "card", header, size},
		{"facts of another form", "facts", bad_facts, sizeof bad_facts - 1},
		{"a letter where none is owed", "letter", "to: a@b.kz\nmessage-id: -\nlanguage: -\n", 36},
		{"a part that there is not", "plaintext", "x", 1},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		int socket = greet(&scene);
		g_autoptr(Bundle) other = with_part(commit, rows[i].part, rows[i].octets, rows[i].size);
		g_test_message("%s", rows[i].testname);
		assert_failed(socket, FRAME_COMMIT, other, "form");
		close(socket);
	}
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

static void another_set_of_readers_is_stale(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	g_autoptr(Bundle) other =
		with_value(commit, "set", "0000000000000000000000000000000000000000000000000000000000000000");
	int socket = greet(&scene);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, other), ==, FRAME_STALE);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	close(socket);
}

static void the_same_message_once_more_is_a_retry(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	g_autoptr(Bundle) first = fixture_report(&scene.f, &report), second = fixture_report(&scene.f, &report);
	g_autoptr(Bundle) same =
		with_value(second, "message-digest", record_get(bundle_record(first), "message-digest"));
	int socket = greet(&scene);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, first), ==, FRAME_REGISTERED);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, same), ==, FRAME_RETRY);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 1);
	close(socket);
}

static void an_address_that_may_not_be_spoken_costs_the_letter_and_not_the_report(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = "-oQ/tmp@b.kz", .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	int socket = greet(&scene);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(registry_ledger(scene.f.registry, 0), report.case_id, NULL);
	g_assert_cmpstr(c->ack_state, ==, "withheld");
	g_assert_cmpstr(c->ack_reason, ==, "bad-address");
	close(socket);
}

static void nothing_is_served_before_hello(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	int socket = fixture_connect(&scene.f, "intake.sock");
	assert_failed(socket, FRAME_COMMIT, commit, "form");
	close(socket);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

static void past_256_open_reports_the_answer_is_busy(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	int sockets[INTAKE_REPORTS];
	g_autoptr(Bundle) hello = bundle_new();
	record_add(bundle_record(hello), "senim", "1");
	for (guint i = 0; i < INTAKE_REPORTS; i++)
		sockets[i] = greet(&scene);
	int late = fixture_connect(&scene.f, "intake.sock");
	g_assert_cmpint(answer_to(late, FRAME_HELLO, hello), ==, FRAME_BUSY);
	close(late);
	guint held = count_descriptors();
	close(sockets[0]);
	wait_for_descriptors(held - 2);
	sockets[0] = greet(&scene);
	for (guint i = 0; i < INTAKE_REPORTS; i++)
		close(sockets[i]);
}

static void a_stop_does_not_wait_for_the_silent(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	int sockets[8];
	for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++)
		sockets[i] = greet(&scene);
	gint64 begun = g_get_monotonic_time();
	g_clear_pointer(&scene.intake, intake_stop);
	g_assert_cmpint(g_get_monotonic_time() - begun, <, 5 * G_TIME_SPAN_SECOND);
	for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++) {
		g_auto(Frame) frame = FRAME_INIT;
		g_autoptr(GError) error = NULL;
		g_assert_false(frame_receive(sockets[i], &frame, g_get_monotonic_time() + PATIENCE, &error));
		g_assert_error(error, FRAME_ERROR, FRAME_ERROR_EOF);
		close(sockets[i]);
	}
}

/* How tests/seeds/intake/commit was made. */
static int write_seed(const char *path)
{
	g_auto(Fixture) f = {0};
	fixture_make(&f, NULL);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 10, .letter_to = "a@b.kz", .fd = -1};
	g_autoptr(Bundle) commit = fixture_report(&f, &report);
	g_autoptr(GBytes) octets = bundle_write(commit);
	return g_file_set_contents(path, g_bytes_get_data(octets, NULL), (gssize)g_bytes_get_size(octets), NULL) ? 0 : 1;
}

static Bundle *alive(const char *nursery, const char *put_off)
{
	Bundle *bundle = bundle_new();
	record_add(bundle_record(bundle), "nursery", nursery);
	record_add(bundle_record(bundle), "put-off", put_off);
	return bundle;
}

static void the_milter_says_that_it_lives(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint with = milters, without = milters_without, put_off = messages_put_off;
	int socket = greet(&scene);
	g_autoptr(Bundle) good = alive("yes", "3"), bad = alive("no", "0"), wrong = alive("maybe", "0"), many = alive("yes", "99999999999");
	g_assert_cmpint(answer_to(socket, FRAME_ALIVE, good), ==, FRAME_ALIVE_OK);
	g_assert_cmpint(answer_to(socket, FRAME_ALIVE, bad), ==, FRAME_ALIVE_OK);
	g_assert_cmpint(g_atomic_int_get(&milters), ==, with + 1);
	g_assert_cmpint(g_atomic_int_get(&milters_without), ==, without + 1);
	g_assert_cmpint(g_atomic_int_get(&messages_put_off), ==, put_off + 3);
	assert_failed(socket, FRAME_ALIVE, wrong, "form");
	close(socket);
	socket = greet(&scene);
	assert_failed(socket, FRAME_ALIVE, many, "form");
	close(socket);
	socket = fixture_connect(&scene.f, "intake.sock"); /* not before it has greeted */
	assert_failed(socket, FRAME_ALIVE, good, "form");
	close(socket);
	g_assert_cmpint(g_atomic_int_get(&milters), ==, with + 1);
}

static void what_became_of_a_report_is_told(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint taken = reports_taken, put_off = reports_put_off;
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	int socket = greet(&scene);
	g_autoptr(Bundle) commit = fixture_report(&scene.f, &report);
	g_assert_cmpint(answer_to(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	g_assert_cmpint(g_atomic_int_get(&reports_taken), ==, taken + 1);
	registry_set_difference(scene.f.registry, 0, "the configuration names other people");
	assert_failed(socket, FRAME_COMMIT, commit, "config");
	g_assert_cmpint(g_atomic_int_get(&reports_put_off), ==, put_off + 1);
	close(socket);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--write-seed") == 0)
		return write_seed(argv[2]);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/intake/a report handed in whole is registered and wakes the outbox",
	                a_report_handed_in_whole_is_registered_and_wakes_the_outbox);
	g_test_add_func("/intake/readers are those of the register", readers_are_those_of_the_register);
	g_test_add_func("/intake/a report goes by itself only to whom the configuration names",
	                a_report_goes_by_itself_only_to_whom_the_configuration_names);
	g_test_add_func("/intake/a large report comes in a file of ours alone", a_large_report_comes_in_a_file_of_ours_alone);
	g_test_add_func("/intake/a commit cut at any octet leaves nothing", a_commit_cut_at_any_octet_leaves_nothing);
	g_test_add_func("/intake/an abandoned report leaves no descriptor", an_abandoned_report_leaves_no_descriptor);
	g_test_add_func("/intake/what does not fit is refused", what_does_not_fit_is_refused);
	g_test_add_func("/intake/parts that do not fit are refused", parts_that_do_not_fit_are_refused);
	g_test_add_func("/intake/another set of readers is stale", another_set_of_readers_is_stale);
	g_test_add_func("/intake/the same message once more is a retry", the_same_message_once_more_is_a_retry);
	g_test_add_func("/intake/an address that may not be spoken costs the letter and not the report",
	                an_address_that_may_not_be_spoken_costs_the_letter_and_not_the_report);
	g_test_add_func("/intake/nothing is served before HELLO", nothing_is_served_before_hello);
	g_test_add_func("/intake/past 256 open reports the answer is BUSY", past_256_open_reports_the_answer_is_busy);
	g_test_add_func("/intake/a stop does not wait for the silent", a_stop_does_not_wait_for_the_silent);
	g_test_add_func("/intake/the milter says that it lives", the_milter_says_that_it_lives);
	g_test_add_func("/intake/what became of a report is told", what_became_of_a_report_is_told);
	return g_test_run();
}
