/* SPDX-License-Identifier: ISC */
/* The daily mail to trustees: the power goes at every step between its entry and the mark that it has left, and one mail a day
 * leaves all the same, maybe twice in the same octets, never none and never another. One that comes back makes no case. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "store/letter-token.h"
#include "store/outbox.h"
#include "tests/store-fixture.h"

typedef struct {
	Fixture f;
	char *directory, *sent; /* the pretended MTA's: its own, and what it took, one file a mail */
	Outbox *outbox;
} Scene;

static Ledger *ledger_of(const Scene *scene)
{
	return registry_ledger(scene->f.registry, 0);
}

/* Once the file `kill` is there, whoever asks it to take a mail is killed before or after it has, as the file says. */
static void write_sendmail(const Scene *scene, const char *path)
{
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n"
	                                        "when=$(cat %s/kill 2>/dev/null)\n"
	                                        "test \"$when\" != before || { kill -9 $PPID; exit 75; }\n"
	                                        "new=$(mktemp %s/new-XXXXXX)\n"
	                                        "cat >$new\n"
	                                        "mv $new %s/$(ls %s | wc -l)\n"
	                                        "test \"$when\" != after || kill -9 $PPID\n",
	                                        scene->directory, scene->directory, scene->sent, scene->sent);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(chmod(path, 0700), ==, 0);
}

/* As an administrator writes it. */
static void name_trustee(Scene *scene)
{
	g_autofree char *path = g_build_filename(scene->f.store, "senim.conf", NULL), *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_auto(GStrv) halves = g_strsplit(text, "[mailbox senim@kmo.kz]\n", 2);
	g_assert_cmpuint(g_strv_length(halves), ==, 2);
	g_autofree char *whole = g_strconcat(halves[0], "[mailbox senim@kmo.kz]\ntrustees = union\n", halves[1],
	                                     "\n[trustee union]\nmail = union@example.kz\n", NULL);
	g_assert_true(g_file_set_contents(path, whole, -1, NULL));
	g_clear_pointer(&scene->f.registry, registry_close);
	config_unref(scene->f.config);
	scene->f.config = config_load(path, NULL);
	g_assert_nonnull(scene->f.config);
}

/* With no thread running: what forks now may do everything. */
static void scene_begin(Scene *scene)
{
	memset(scene, 0, sizeof *scene);
	scene->directory = g_dir_make_tmp("senim-mta-XXXXXX", NULL);
	scene->sent = g_build_filename(scene->directory, "sent", NULL);
	g_assert_cmpint(g_mkdir(scene->sent, 0700), ==, 0);
	g_autofree char *sendmail = g_build_filename(scene->directory, "sendmail", NULL);
	g_autofree char *submit = g_strdup_printf("submit=%s", sendmail);
	write_sendmail(scene, sendmail);
	fixture_make(&scene->f, (const char *const[]){submit, NULL});
	fixture_now = g_get_real_time();
	name_trustee(scene);
}

static void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->outbox, outbox_stop);
	fixture_clear(&scene->f);
	g_autofree char *command = g_strdup_printf("rm -r %s", scene->directory);
	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_free(scene->directory);
	g_free(scene->sent);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static char *compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error G_GNUC_UNUSED)
{
	char *text = g_strdup_printf("Message-ID: %s\r\nX-Drawn: %08x\r\n\r\n%s\r\n", letter->message_id, g_random_int(),
	                             record_get(letter->letter, "size"));
	*size = strlen(text);
	return text;
}

static void open_office(Scene *scene)
{
	const OutboxHooks hooks = {.compose = compose};
	fixture_reopen(&scene->f);
	scene->outbox = outbox_start(scene->f.registry, &hooks);
}

static void close_office(Scene *scene)
{
	g_clear_pointer(&scene->outbox, outbox_stop);
	g_clear_pointer(&scene->f.registry, registry_close);
}

/* --- what stands in the register, and what has left --------------------------------------------------------------------- */

static guint count_acts(const Scene *scene, const char *act)
{
	guint n = 0;
	for (guint64 seq = 0; seq < ledger_size(ledger_of(scene)); seq++) {
		LedgerEntry data = {0};
		Entry entry;
		gsize size;
		g_assert_true(ledger_entry(ledger_of(scene), seq, &data, NULL) && entry_decode(data.entry, &entry, NULL));
		const void *text = g_bytes_get_data(data.record, &size);
		g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
		n += entry.kind == ENTRY_WITNESSED && g_strcmp0(record_get(record, "act"), act) == 0;
		ledger_entry_clear(&data);
	}
	return n;
}

static void wait_for_acts(const Scene *scene, const char *act, guint wanted)
{
	for (guint i = 0; i < 2000 && count_acts(scene, act) < wanted; i++)
		g_usleep(5000);
	g_assert_cmpuint(count_acts(scene, act), ==, wanted);
}

/* Every mail that the MTA took, as it was; in *calls how many it took. */
static GHashTable *mails_of(const Scene *scene, guint *calls)
{
	GHashTable *mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (*calls = 0;; (*calls)++) {
		g_autofree char *path = g_strdup_printf("%s/%u", scene->sent, *calls);
		char *text;
		if (!g_file_get_contents(path, &text, NULL, NULL))
			return mails;
		g_hash_table_add(mails, text);
	}
}

/* --- the power goes ------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *sendmail; /* kills whoever asks it, before it has the mail or after; NULL: it does not */
	const char *step;     /* of a commit … */
	guint commit;         /* … the how manieth of that database: the first enters that the mail goes, the last marks it */
	guint calls;          /* how often the MTA has the mail in the end */
} deaths[] = {
	{NULL, "custody begins", 1, 1},        {NULL, "custody has committed", 1, 1},
	{NULL, "register begins", 1, 1},       {NULL, "register commits", 1, 1},
	{NULL, "register has committed", 1, 1}, {"before", NULL, 0, 1},
	{"after", NULL, 0, 2},                 {NULL, "custody begins", 3, 2},
	{NULL, "custody has committed", 3, 2}, {NULL, "register commits", 2, 2},
	{NULL, "register has committed", 2, 1},
};
static const char *die_step;
static gint die_left;

static void die_in_time(const char *step)
{
	if (die_step != NULL && strcmp(step, die_step) == 0 && g_atomic_int_dec_and_test(&die_left))
		kill(getpid(), SIGKILL);
}

static void set_kill(const Scene *scene, const char *when)
{
	g_autofree char *path = g_build_filename(scene->directory, "kill", NULL);
	if (when != NULL)
		g_assert_true(g_file_set_contents(path, when, -1, NULL));
	else
		g_unlink(path);
}

static void serve_and_die(Scene *scene, gsize i)
{
	set_kill(scene, deaths[i].sendmail);
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		die_step = deaths[i].step;
		die_left = (gint)deaths[i].commit;
		ledger_test_step = die_in_time;
		open_office(scene);
		g_usleep(20 * G_USEC_PER_SEC);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	set_kill(scene, NULL);
}

static void one_mail_a_day_leaves_whenever_the_power_goes(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++) {
		g_auto(Scene) scene = {0};
		guint calls;
		g_test_message("sendmail: %s, step: %s of commit %u", deaths[i].sendmail, deaths[i].step, deaths[i].commit);
		scene_begin(&scene);
		serve_and_die(&scene, i);
		open_office(&scene);
		wait_for_acts(&scene, "sent", 1);
		g_autoptr(GHashTable) first = mails_of(&scene, &calls);
		g_assert_cmpuint(g_hash_table_size(first), ==, 1);
		g_assert_cmpuint(calls, ==, deaths[i].calls);
		close_office(&scene);
		open_office(&scene); /* the same day: no other goes */
		fixture_now += G_TIME_SPAN_DAY;
		outbox_wake(scene.outbox);
		wait_for_acts(&scene, "sent", 2);
		g_autoptr(GHashTable) both = mails_of(&scene, &calls);
		g_assert_cmpuint(g_hash_table_size(both), ==, 2);
		g_assert_cmpuint(calls, ==, deaths[i].calls + 1);
		g_assert_cmpuint(count_acts(&scene, "asked"), ==, 2);
	}
}

/* --- what comes back --------------------------------------------------------------------------------------------------------- */

/* The token of the n-th mail (transfer full). */
static char *token_of(const Scene *scene, guint n)
{
	g_autofree char *path = g_strdup_printf("%s/%u", scene->sent, n), *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_strndup(text + strlen("Message-ID: <"), LETTER_TOKEN_TEXT);
}

static LedgerOutcome comes(const Scene *scene, const char *reference, gboolean bounce, gsize size)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = size, .reference = reference, .aside = bounce, .fd = -1};
	return fixture_hand_in(&scene->f, &report);
}

static gint64 returned(const Scene *scene)
{
	LedgerTrusteeState state;
	g_assert_true(ledger_trustee_state(ledger_of(scene), "union", NULL, &state, NULL));
	return state.returned;
}

static void next_day(Scene *scene, guint day)
{
	fixture_now += G_TIME_SPAN_DAY;
	outbox_wake(scene->outbox);
	wait_for_acts(scene, "sent", day);
}

static void a_trustees_mail_that_comes_back_is_told_of_and_makes_no_case(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	open_office(&scene);
	wait_for_acts(&scene, "sent", 1);
	g_autofree char *token = token_of(&scene, 0);
	g_assert_cmpint(returned(&scene), ==, 0);
	g_assert_cmpint(comes(&scene, token, TRUE, 700), ==, LEDGER_FOLLOWED);
	g_assert_cmpint(comes(&scene, token, TRUE, 703), ==, LEDGER_FOLLOWED); /* a delay was told of first */
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
	g_assert_cmpuint(count_acts(&scene, "returned"), ==, 2);
	g_assert_cmpint(returned(&scene), !=, 0);
	/* A person who answers it is heard, and a bounce that names nothing of ours is listed, as ever. */
	g_assert_cmpint(comes(&scene, token, FALSE, 701), ==, LEDGER_REGISTERED);
	token[3] = token[3] == 'a' ? 'b' : 'a';
	g_assert_cmpint(comes(&scene, token, TRUE, 702), ==, LEDGER_REGISTERED);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 2);
	next_day(&scene, 2); /* that one may come back yet */
	g_assert_cmpint(returned(&scene), !=, 0);
	next_day(&scene, 3); /* the address was corrected: nothing came back since */
	g_assert_cmpint(returned(&scene), ==, 0);
	LedgerCheck check;
	g_assert_true(ledger_check(ledger_of(&scene), &check, NULL, NULL, NULL));
	g_assert_cmpuint(check.faults->len, ==, 0);
	ledger_check_clear(&check);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checkpoints/one mail a day leaves, whenever the power goes", one_mail_a_day_leaves_whenever_the_power_goes);
	g_test_add_func("/checkpoints/a trustee's mail that comes back is told of, and makes no case",
	                a_trustees_mail_that_comes_back_is_told_of_and_makes_no_case);
	return g_test_run();
}
