/* SPDX-License-Identifier: ISC */
/* Another custody key: kill -9 at every step, and the same call once more ends it; nothing opens under the old key then,
 * everything under the new one, and the register says so once. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/custody.h"
#include "store/ledger-private.h"
#include "store/rotation.h"
#include "store/stopped.h"
#include "tests/store-fixture.h"

#define REPORTS 5

static guint64 seqs[REPORTS];

static void fill(Fixture *f)
{
	fixture_make(f, NULL);
	for (guint i = 0; i < REPORTS; i++) {
		FixtureReport report = {.mailbox = i % 2 == 0 ? "senim@kmo.kz" : "ethics@kmo.kz",
		                        .size = 900,
		                        .letter_to = "person@example.org",
		                        .fd = -1};
		seqs[i] = fixture_register(f, &report);
	}
	g_clear_pointer(&f->registry, registry_close);
}

static CustodyKey *key_of(const Fixture *f)
{
	g_autoptr(GError) error = NULL;
	CustodyKey *key = custody_key_load(f->config->custody_key, &error);
	g_assert_no_error(error);
	return key;
}

static void rotate(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	g_auto(RotationResult) result = {0};
	const RotationRequest request = {.config = f->config};
	rotation_run(&request, &result, &error);
	g_assert_no_error(error);
	g_assert_true(result.finished);
}

static void all_opens(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	g_auto(RotationResult) result = {0};
	const RotationRequest request = {.config = f->config};
	g_assert_true(rotation_check(&request, &result, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < result.count.faults->len; i++)
		g_test_message("%s", (const char *)result.count.faults->pdata[i]);
	g_assert_cmpuint(result.count.faults->len, ==, 0);
	g_assert_cmpuint(result.count.headers, ==, REPORTS * 4);
	g_assert_cmpuint(result.count.letters, ==, REPORTS);
}

/* Nobody who keeps the old key, and copies the disk after this, reads a row. */
static void nothing_is_under(Fixture *f, const CustodyKey *old)
{
	g_autoptr(GError) error = NULL;
	char *text = custody_key_text(old);
	g_autoptr(Stopped) stopped = stopped_new(f->config, custody_key_parse(text, NULL), &error);
	g_free(text);
	g_assert_no_error(error);
	for (guint i = 0; i < f->config->n_mailboxes; i++) {
		const LedgerOptions options = stopped_options(stopped, i, NULL);
		g_autoptr(GError) refused = NULL;
		g_assert_null(ledger_open(&options, &refused));
		g_assert_nonnull(refused);
		g_autofree char *wal = g_build_filename(stopped->directories[i], "custody.db-wal", NULL);
		g_assert_false(g_file_test(wal, G_FILE_TEST_EXISTS));
	}
}

static void is_turned(Fixture *f, const CustodyKey *old)
{
	guint8 old_id[CUSTODY_ID], new_id[CUSTODY_ID];
	g_autoptr(CustodyKey) now = key_of(f);
	custody_key_id(old, old_id);
	custody_key_id(now, new_id);
	g_assert_cmpint(memcmp(old_id, new_id, sizeof old_id), !=, 0);
	g_autofree char *next = stopped_key_path(f->config, "custody.next");
	g_assert_false(g_file_test(next, G_FILE_TEST_EXISTS));
	nothing_is_under(f, old);
	all_opens(f);
	fixture_reopen(f);
	g_assert_cmpuint(fixture_count_entries(f, "senim@kmo.kz", ENTRY_CUSTODY), ==, 1);
	g_assert_cmpuint(fixture_count_entries(f, "ethics@kmo.kz", ENTRY_CUSTODY), ==, 1);
	g_autoptr(GError) error = NULL;
	g_autoptr(KeyfilePublic) aigul = keyfile_public(f->aigul, 0);
	g_autoptr(GBytes) header =
		ledger_header(registry_ledger(f->registry, 0), seqs[0], SEAL_PART_BODY, aigul->body, &error);
	g_assert_no_error(error);
	g_assert_nonnull(header);
	g_clear_pointer(&f->registry, registry_close);
}

static void what_rests_moves_to_the_new_key(void)
{
	g_auto(Fixture) f;
	fill(&f);
	all_opens(&f);
	g_autoptr(CustodyKey) old = key_of(&f);
	rotate(&f);
	is_turned(&f, old);
}

static int steps_left;

static void die_in_time(const char *name G_GNUC_UNUSED)
{
	if (steps_left-- == 0)
		kill(getpid(), SIGKILL);
}

/* TRUE where the child died at that step; FALSE where it came to the end before. */
static gboolean died_at(Fixture *f, int n)
{
	int status;
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		steps_left = n;
		ledger_test_step = die_in_time;
		rotation_test_step = die_in_time;
		rotate(f);
		_exit(0);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void a_kill_at_any_step_is_made_good_by_the_same_command(void)
{
	gboolean died = TRUE;
	guint steps = 0;
	for (int n = 0; died; n++) {
		g_auto(Fixture) f;
		fill(&f);
		g_autoptr(CustodyKey) old = key_of(&f);
		died = died_at(&f, n);
		steps += died;
		if (died)
			rotate(&f);
		is_turned(&f, old);
	}
	g_test_message("%u steps", steps);
	g_assert_cmpuint(steps, >=, 20);
}

static void a_row_that_does_not_open_is_named_and_stops_a_rotation(void)
{
	g_auto(Fixture) f;
	g_autoptr(GError) error = NULL;
	sqlite3 *custody;
	fill(&f);
	g_autofree char *directory = config_mailbox_directory(f.config, "senim@kmo.kz");
	g_autofree char *path = g_build_filename(directory, "custody.db", NULL);
	g_assert_cmpint(sqlite3_open(path, &custody), ==, SQLITE_OK);
	static const char alter[] = "UPDATE header SET blob=zeroblob(length(blob))"
		" WHERE (seq, part, recipient) IN (SELECT seq, part, recipient FROM header LIMIT 1)";
	g_assert_cmpint(sqlite3_exec(custody, alter, NULL, NULL, NULL), ==, SQLITE_OK);
	sqlite3_close(custody);
	const RotationRequest request = {.config = f.config};
	{
		g_auto(RotationResult) result = {0};
		g_assert_true(rotation_check(&request, &result, &error));
		g_assert_cmpuint(result.count.faults->len, ==, 1);
		g_assert_nonnull(strstr(result.count.faults->pdata[0], "senim@kmo.kz: a header of entry"));
	}
	g_auto(RotationResult) result = {0};
	g_assert_false(rotation_run(&request, &result, &error));
	g_assert_nonnull(strstr(error->message, "does not open"));
	/* The old key is still the one, and still opens what it opened. */
	fixture_reopen(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rotation/what rests moves to the new key", what_rests_moves_to_the_new_key);
	g_test_add_func("/rotation/a kill at any step is made good by the same command",
	                a_kill_at_any_step_is_made_good_by_the_same_command);
	g_test_add_func("/rotation/a row that does not open is named, and stops a rotation",
	                a_row_that_does_not_open_is_named_and_stops_a_rotation);
	return g_test_run();
}
