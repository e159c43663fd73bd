/* SPDX-License-Identifier: ISC */
/* A thousand faked senders: every report is taken over intake.sock, and the letters stay within the caps, so that nobody makes a
 * weapon of the acknowledgement. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/intake.h"
#include "store/outbox.h"
#include "tests/store-fixture.h"

#define SENDERS 1000
#define CONNECTIONS 8
#define PER_HOUR 60 /* acknowledge-per-hour, by default */
#define PER_DAY 3   /* acknowledge-per-address */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

typedef struct {
	Fixture f;
	Intake *intake;
	Outbox *outbox;
	char *sent; /* a line for each letter that the pretended MTA took */
	gint next;
} Scene;

static char *compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error G_GNUC_UNUSED)
{
	char *text = g_strdup_printf("To: <%s>\n", record_get(letter->letter, "to"));
	*size = strlen(text);
	return text;
}

static guint16 ask(int socket, FrameType type, const Bundle *bundle)
{
	g_auto(Frame) answer = FRAME_INIT;
	g_autoptr(GError) error = NULL;
	g_assert_true(frame_send_bundle(socket, (guint16)type, bundle, -1, g_get_monotonic_time() + PATIENCE, &error));
	g_assert_true(frame_receive(socket, &answer, g_get_monotonic_time() + PATIENCE, &error));
	g_assert_no_error(error);
	return answer.type;
}

/* Every twentieth is the same mailbox in another spelling. */
static char *sender(gint n)
{
	static const char *const one[] = {"victim@b.kz", "Victim@B.kz", "victim+x%d@b.kz", "VICTIM+%d@b.KZ"};
	if (n % 20 != 0)
		return g_strdup_printf("p%d@b.kz", n);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
	return g_strdup_printf(one[n / 20 % 4], n);
#pragma GCC diagnostic pop
}

static gpointer send_reports(gpointer data)
{
	Scene *scene = data;
	int socket = fixture_connect(&scene->f, "intake.sock");
	g_autoptr(Bundle) hello = bundle_new();
	record_add(bundle_record(hello), "senim", "1");
	g_assert_cmpint(ask(socket, FRAME_HELLO, hello), ==, FRAME_HELLO_OK);
	for (gint n; (n = g_atomic_int_add(&scene->next, 1)) < SENDERS;) {
		g_autofree char *from = sender(n);
		FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = from, .fd = -1};
		g_autoptr(Bundle) commit = fixture_report(&scene->f, &report);
		g_assert_cmpint(ask(socket, FRAME_COMMIT, commit), ==, FRAME_REGISTERED);
	}
	close(socket);
	return NULL;
}

/* Letters so far, and of them those to the one mailbox. */
static guint count_sent(const Scene *scene, guint *to_one)
{
	guint n = 0;
	g_autofree char *text = NULL;
	*to_one = 0;
	if (!g_file_get_contents(scene->sent, &text, NULL, NULL))
		return 0;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		n += **line != '\0';
		*to_one += g_ascii_strncasecmp(*line, "To: <victim", 11) == 0;
	}
	return n;
}

static guint wait_for_sent(const Scene *scene, guint wanted)
{
	guint to_one;
	outbox_wake(scene->outbox);
	for (guint i = 0; i < 4000 && count_sent(scene, &to_one) < wanted; i++)
		g_usleep(5000);
	g_usleep(100000); /* and no more */
	g_assert_cmpuint(count_sent(scene, &to_one), ==, wanted);
	return to_one;
}

static void a_thousand_faked_senders_get_no_more_letters_than_the_caps_allow(void)
{
	Scene scene = {0};
	GThread *threads[CONNECTIONS];
	scene.sent = g_strdup_printf("%s/senim-caps-%d", g_get_tmp_dir(), (int)getpid());
	g_autofree char *sendmail = g_strconcat(scene.sent, ".sh", NULL), *submit = g_strdup_printf("submit=%s", sendmail);
	g_autofree char *script = g_strdup_printf("#!/bin/sh\ncat >>%s\n", scene.sent);
	const char *settings[] = {submit, NULL};
	const OutboxHooks hooks = {.compose = compose};
	const IntakeHooks silent = {0}; /* the outbox begins when all have come: the worst case for the caps */
	g_assert_true(g_file_set_contents(sendmail, script, -1, NULL));
	g_assert_cmpint(chmod(sendmail, 0700), ==, 0);
	fixture_make(&scene.f, settings);
	fixture_now = g_get_real_time();
	scene.intake = intake_start(scene.f.registry, fixture_listen(&scene.f, "intake.sock"), &silent);
	for (guint i = 0; i < CONNECTIONS; i++)
		threads[i] = g_thread_new("milter", send_reports, &scene);
	for (guint i = 0; i < CONNECTIONS; i++)
		g_thread_join(threads[i]);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_RECEIVED), ==, SENDERS);
	fixture_now += G_TIME_SPAN_HOUR;
	scene.outbox = outbox_start(scene.f.registry, &hooks);
	guint to_one = wait_for_sent(&scene, PER_HOUR);
	for (guint hour = 2; hour <= 4; hour++) {
		fixture_now += G_TIME_SPAN_HOUR + 1;
		to_one = wait_for_sent(&scene, hour * PER_HOUR);
	}
	g_assert_cmpuint(to_one, ==, PER_DAY);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 4 * PER_HOUR);
	outbox_stop(scene.outbox);
	intake_stop(scene.intake);
	fixture_clear(&scene.f);
	g_remove(scene.sent);
	g_remove(sendmail);
	g_free(scene.sent);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/caps/a thousand faked senders get no more letters than the caps allow",
	                a_thousand_faked_senders_get_no_more_letters_than_the_caps_allow);
	return g_test_run();
}
