/* SPDX-License-Identifier: ISC */
/* The archive by itself: on a working day behind the month's end, what was missed made up for, and kill -9 at every step of a run. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/archive.h"
#include "store/archiver.h"
#include "tests/store-fixture.h"

#define DAY (24 * 3600 * (gint64)G_USEC_PER_SEC)
#define WAIT (10 * G_USEC_PER_SEC)

static gint working; /* atomic */

static gboolean is_working_day(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED, gint64 moment,
                               gpointer user G_GNUC_UNUSED)
{
	g_assert_cmpint(moment, ==, fixture_now);
	return g_atomic_int_get(&working);
}

static void make(Fixture *f)
{
	g_autofree char *place = g_build_filename(g_get_tmp_dir(), "senim-archive-XXXXXX", NULL);
	g_assert_nonnull(g_mkdtemp(place));
	g_autofree char *setting = g_strdup_printf("archive-directory=%s", place);
	const char *const settings[] = {setting, NULL};
	fixture_make(f, settings);
}

static void add(Fixture *f, const char *mailbox, gsize size)
{
	FixtureReport report = {.mailbox = mailbox, .size = size, .fd = -1};
	fixture_register(f, &report);
}

static void remove_archive(const Fixture *f)
{
	const char *const words[] = {"rm", "-rf", f->config->archive_directory, NULL};
	g_assert_true(g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
}

static char *mark(const Fixture *f)
{
	char *text = NULL;
	g_autofree char *path = g_build_filename(f->config->state_directory, ARCHIVER_MARK, NULL);
	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

/* How many directories of months that are over. */
static guint count_months(const Fixture *f, const char *mailbox)
{
	guint n = 0;
	const char *name;
	g_autofree char *home = archive_mailbox_path(f->config->archive_directory, mailbox);
	g_autoptr(GDir) dir = g_dir_open(home, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		gboolean whole = FALSE;
		g_autofree char *month = archive_month_of(name, &whole);
		n += month != NULL && whole;
	}
	return n;
}

static void wait_for_mark(const Fixture *f, const char *month)
{
	gint64 end = g_get_monotonic_time() + WAIT;
	for (;;) {
		g_autofree char *text = mark(f);
		if (g_strcmp0(text, month) == 0)
			return;
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_usleep(5000);
	}
}

static void assert_whole(const Fixture *f, guint i)
{
	LedgerCheck check = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *key = registry_log_key(f->registry, i), *home = NULL;
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, NULL);
	home = archive_mailbox_path(f->config->archive_directory, registry_mailbox(f->registry, i));
	const ArchiveQuestion question = {.directory = home, .verifier = verifier};
	archive_check(&question, &check, NULL, &error);
	g_assert_no_error(error);
	for (guint k = 0; k < check.faults->len; k++)
		g_test_message("%s", (const char *)check.faults->pdata[k]);
	g_assert_cmpuint(check.faults->len, ==, 0);
	ledger_check_clear(&check);
}

static void months_are_saved_by_themselves(void)
{
	g_auto(Fixture) f = {0};
	make(&f);
	const ArchiverHooks hooks = {is_working_day, NULL};
	archiver_test_wait = 20000;
	add(&f, "senim@kmo.kz", 900);
	/* The registrar was away for three months; its clock may not leap while it runs. */
	g_clear_pointer(&f.registry, registry_close);
	fixture_now = g_get_real_time() + 92 * DAY;
	fixture_reopen(&f);
	add(&f, "senim@kmo.kz", 900);
	g_autofree char *before = archive_month_before(fixture_now, f.config->timezone);
	g_atomic_int_set(&working, FALSE);
	Archiver *archiver = archiver_start(f.registry, &hooks);
	g_usleep(300000);
	g_assert_false(g_file_test(f.config->archive_directory, G_FILE_TEST_IS_DIR) && count_months(&f, "senim@kmo.kz") > 0);
	g_atomic_int_set(&working, TRUE);
	wait_for_mark(&f, before);
	archiver_stop(archiver);
	archiver_test_wait = 0;
	g_assert_cmpuint(count_months(&f, "senim@kmo.kz"), >=, 3);
	g_assert_cmpuint(count_months(&f, "ethics@kmo.kz"), ==, count_months(&f, "senim@kmo.kz"));
	/* Each that is over, and the one that runs. */
	g_assert_cmpuint(fixture_count_entries(&f, "senim@kmo.kz", ENTRY_ARCHIVED), ==, count_months(&f, "senim@kmo.kz") + 1);
	assert_whole(&f, 0);
	assert_whole(&f, 1);
	remove_archive(&f);
	fixture_now = 0;
}

/* --- kill -9 at every step -------------------------------------------------------------------------------------------- */

static guint kill_at;

static void count_down(const char *step G_GNUC_UNUSED)
{
	if (--kill_at == 0)
		kill(getpid(), SIGKILL);
}

static void run_once(Fixture *f)
{
	ArchiveResult result = {0};
	g_autoptr(GError) error = NULL;
	g_autofree char *key = registry_log_key(f->registry, 0);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, NULL);
	const ArchiveRun run = {.ledger = registry_ledger(f->registry, 0),
	                        .directory = f->config->archive_directory,
	                        .mailbox = "senim@kmo.kz",
	                        .zone = f->config->timezone,
	                        .now = fixture_now,
	                        .verifier = verifier};
	archive_run(&run, &result, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < result.damage->len; i++)
		g_test_message("%s", (const char *)result.damage->pdata[i]);
	g_assert_cmpuint(result.damage->len, ==, 0);
	archive_result_clear(&result);
}

/* TRUE: it was killed. */
static gboolean run_killed(Fixture *f, guint at)
{
	int status;
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		fixture_reopen(f);
		kill_at = at;
		archive_test_step = count_down;
		run_once(f);
		g_clear_pointer(&f->registry, registry_close);
		_exit(0);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
	return !WIFEXITED(status);
}

static void a_kill_at_any_step_is_made_good(void)
{
	g_auto(Fixture) f = {0};
	make(&f);
	fixture_now = g_get_real_time() + DAY;
	add(&f, "senim@kmo.kz", 900);
	run_once(&f);
	g_clear_pointer(&f.registry, registry_close);
	fixture_now += 33 * DAY; /* a month is over now, and another runs */
	guint at = 1;
	for (; run_killed(&f, at); at++) {
		fixture_reopen(&f);
		assert_whole(&f, 0);
		g_clear_pointer(&f.registry, registry_close);
		g_assert_cmpuint(at, <, 50);
	}
	g_assert_cmpuint(at, >=, 5);
	fixture_reopen(&f);
	assert_whole(&f, 0);
	g_autofree char *home = archive_mailbox_path(f.config->archive_directory, "senim@kmo.kz");
	run_once(&f);
	assert_whole(&f, 0);
	g_autoptr(GDir) dir = g_dir_open(home, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL)
		g_assert_false(g_str_has_suffix(name, ".new"));
	remove_archive(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/archiver/months are saved by themselves, on a working day, and what was missed is made up for",
	                months_are_saved_by_themselves);
	g_test_add_func("/archiver/a kill at any step of a run is made good by the next", a_kill_at_any_step_is_made_good);
	return g_test_run();
}
