/* SPDX-License-Identifier: ISC */
/* The pinned key and the kept checkpoint: a register that grew is kept; one that shrank, was forked, is signed by another
 * or is another's is not, and what it offered is kept as evidence. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/pins.h"
#include "tests/cli-registrar.h"

#define ORIGIN "senim@kmo.kz/0123456789abcdef"

typedef struct {
	char *directory, *log_pub;
	NoteSigner *signer;
	TestRegister *r;
	Pins *pins;
} Fixture;

static void grow(TestRegister *r, guint n, const char *word)
{
	for (guint i = 0; i < n; i++) {
		Record *record = record_new();
		record_add(record, "word", word);
		test_register_add(r, ENTRY_NOTED, record, NULL);
	}
}

static void set_up(Fixture *f, gconstpointer user)
{
	(void)user;
	f->directory = g_dir_make_tmp("senim-pins-XXXXXX", NULL);
	f->log_pub = g_build_filename(f->directory, "log.pub", NULL);
	f->signer = note_signer_generate(ORIGIN, NULL);
	g_autofree char *verifier = note_signer_verifier(f->signer), *line = g_strconcat(verifier, "\n", NULL);
	g_assert_true(g_file_set_contents(f->log_pub, line, -1, NULL));
	f->r = test_register_new(f->signer, ORIGIN);
	grow(f->r, 70, "a");
	g_autofree char *state = g_build_filename(f->directory, "state", NULL);
	f->pins = pins_load(f->log_pub, state, NULL);
	g_assert_nonnull(f->pins);
}

static void remove_all(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		remove_all(below);
	}
	g_remove(path);
}

static void tear_down(Fixture *f, gconstpointer user)
{
	(void)user;
	pins_free(f->pins);
	test_register_free(f->r);
	note_signer_free(f->signer);
	remove_all(f->directory);
	g_free(f->directory);
	g_free(f->log_pub);
}

static gboolean take(Fixture *f, const TestRegister *r, guint64 proof_from, GError **error)
{
	guint64 size, known;
	guint8 root[NOTE_ROOT];
	g_autofree char *note = test_register_checkpoint(r);
	g_autoptr(GBytes) consistency = test_register_consistency(r, MIN(proof_from, r->entries->len));
	gsize n;
	const guint8 *hashes = g_bytes_get_data(consistency, &n);
	g_assert_true(pins_known(f->pins, ORIGIN, &known, NULL));
	gboolean taken = pins_take(f->pins, ORIGIN, note, hashes, n / NOTE_ROOT, &size, root, error);
	g_assert_true(!taken || size == r->entries->len);
	return taken;
}

static guint64 known(Fixture *f)
{
	guint64 size;
	g_assert_true(pins_known(f->pins, ORIGIN, &size, NULL));
	return size;
}

static guint count(Fixture *f, const char *word)
{
	g_autofree char *state = g_build_filename(f->directory, "state", NULL);
	g_autoptr(GDir) directory = g_dir_open(state, 0, NULL);
	const char *name;
	guint n = 0;
	while ((name = g_dir_read_name(directory)) != NULL)
		n += strstr(name, word) != NULL;
	return n;
}

static void a_register_that_grew_is_kept(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	struct stat st;
	g_assert_cmpuint(known(f), ==, 0);
	g_assert_true(take(f, f->r, 0, &error));
	g_assert_cmpuint(known(f), ==, 70);
	g_assert_true(take(f, f->r, 70, &error));
	grow(f->r, 60, "b");
	g_assert_true(take(f, f->r, 70, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(known(f), ==, 130);
	g_autofree char *kept = g_build_filename(f->directory, "state", "senim@kmo.kz+0123456789abcdef.checkpoint", NULL);
	g_assert_cmpint(stat(kept, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpuint(count(f, "evidence"), ==, 0);
}

static void a_smaller_register_opens_nothing_and_is_evidence(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	g_autoptr(TestRegister) smaller = test_register_fork(f->r, 64);
	g_assert_true(take(f, f->r, 0, NULL));
	g_assert_false(take(f, smaller, 0, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "shorter"));
	g_assert_nonnull(strstr(error->message, ".evidence-"));
	g_assert_cmpuint(known(f), ==, 70);
	g_assert_cmpuint(count(f, "evidence"), ==, 1);
}

static void a_forked_register_opens_nothing_and_is_evidence(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(TestRegister) fork = test_register_fork(f->r, 69);
	grow(fork, 1, "another last one");
	g_assert_true(take(f, f->r, 0, NULL));
	for (guint more = 0; more < 3; more++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(take(f, fork, 70, &error));
		g_assert_nonnull(strstr(error->message, ".evidence-"));
		g_assert_cmpuint(count(f, "evidence"), ==, more + 1);
		grow(fork, 20, "c");
	}
	g_assert_cmpuint(known(f), ==, 70);
}

static void a_wrong_proof_is_a_fork(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	g_assert_true(take(f, f->r, 0, NULL));
	grow(f->r, 7, "d");
	g_assert_false(take(f, f->r, 13, &error));
	g_assert_nonnull(strstr(error->message, ".evidence-"));
	g_assert_true(take(f, f->r, 70, NULL));
}

static void another_key_opens_nothing(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	g_autoptr(NoteSigner) other = note_signer_generate(ORIGIN, NULL);
	g_autoptr(TestRegister) theirs = test_register_fork(f->r, 70);
	theirs->signer = other;
	g_assert_false(take(f, theirs, 0, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	g_assert_cmpuint(known(f), ==, 0);
}

typedef struct {
	guint calls, seen;
	gboolean yes, declines;
	char *used;
} Answer;

static gboolean answer(const PinsBreak *broken, PinsTaken *taken, gpointer user, GError **error)
{
	Answer *a = user;
	a->calls++;
	a->seen = broken->seen->len;
	g_free(a->used);
	a->used = g_strdup(broken->used);
	if (a->declines)
		return cli_fail(error, CLI_ERROR_REFUSED, "no");
	*taken = a->yes ? (PinsTaken){g_strdup("the proof\n"), g_strdup("aa\nbb"), 70} : (PinsTaken){NULL, NULL, 0};
	return a->yes;
}

static void what_she_says_yes_to_is_taken_and_both_are_kept(Fixture *f, gconstpointer user)
{
	(void)user;
	Answer a = {.yes = FALSE};
	g_autoptr(GError) refused = NULL;
	g_autoptr(GError) declined = NULL;
	g_assert_true(take(f, f->r, 0, NULL));
	grow(f->r, 20, "b");
	g_assert_true(take(f, f->r, 70, NULL));
	grow(f->r, 20, "c");
	g_assert_true(take(f, f->r, 90, NULL));
	g_autoptr(TestRegister) other = test_register_fork(f->r, 80);
	grow(other, 4, "after");
	pins_ask(f->pins, answer, &a);
	g_assert_false(take(f, other, 0, &refused));
	g_assert_error(refused, CLI_ERROR, CLI_ERROR_FAILED);
	a.declines = TRUE;
	g_assert_false(take(f, other, 0, &declined));
	g_assert_error(declined, CLI_ERROR, CLI_ERROR_REFUSED);
	g_assert_cmpuint(known(f), ==, 110);
	g_assert_cmpuint(count(f, "evidence"), ==, 1);
	g_free(a.used);
	a = (Answer){.yes = TRUE};
	g_assert_true(take(f, other, 0, NULL));
	g_assert_cmpuint(a.seen, ==, 2);
	g_assert_cmpuint(known(f), ==, 84);
	g_assert_cmpuint(count(f, "evidence"), ==, 2);
	grow(other, 2, "later");
	g_assert_true(take(f, other, 84, NULL)); /* goes on, and asks nothing */
	g_assert_cmpuint(a.calls, ==, 1);
	/* The next one is told what was used, and of the marks those alone that still hold. */
	a.yes = FALSE;
	g_assert_false(take(f, f->r, 0, NULL));
	g_assert_cmpuint(a.seen, ==, 2);
	g_assert_cmpstr(a.used, ==, "aa\nbb");
	g_free(a.used);
}

static void an_altered_kept_mark_opens_nothing(Fixture *f, gconstpointer user)
{
	(void)user;
	guint64 size;
	g_autoptr(GError) error = NULL;
	g_autofree char *kept = g_build_filename(f->directory, "state", "senim@kmo.kz+0123456789abcdef.checkpoint", NULL);
	g_autofree char *text = NULL;
	g_assert_true(take(f, f->r, 0, NULL));
	g_assert_true(g_file_get_contents(kept, &text, NULL, NULL));
	*strstr(text, "70") = '6';
	g_assert_true(g_file_set_contents(kept, text, -1, NULL));
	g_assert_false(pins_known(f->pins, ORIGIN, &size, &error));
	g_assert_nonnull(strstr(error->message, kept));
}

static void an_origin_is_that_of_its_mailbox_and_pinned(Fixture *f, gconstpointer user)
{
	(void)user;
	g_assert_true(pins_check_origin(f->pins, "senim@kmo.kz", ORIGIN, NULL));
	g_assert_false(pins_check_origin(f->pins, "ethics@kmo.kz", ORIGIN, NULL));
	g_assert_false(pins_check_origin(f->pins, "senim@kmo.kz", "senim@kmo.kz/0000000000000000", NULL));
	g_assert_false(pins_check_origin(f->pins, "senim@kmo.kz", "ethics@kmo.kz/0123456789abcdef", NULL));
}

static void a_log_pub_that_is_none_is_said(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) missing = NULL;
	g_autoptr(GError) bad = NULL;
	g_autofree char *nowhere = g_build_filename(f->directory, "none", NULL);
	g_assert_null(pins_load(nowhere, f->directory, &missing));
	g_assert_error(missing, CLI_ERROR, CLI_ERROR_USAGE);
	g_assert_true(g_file_set_contents(nowhere, "senim@kmo.kz+zz\n", -1, NULL));
	g_assert_null(pins_load(nowhere, f->directory, &bad));
	g_assert_error(bad, CLI_ERROR, CLI_ERROR_USAGE);
}

#define ADD(test, name) g_test_add("/cli/pins/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(a_register_that_grew_is_kept, "a-register-that-grew-is-kept");
	ADD(a_smaller_register_opens_nothing_and_is_evidence, "a-smaller-register-opens-nothing-and-is-evidence");
	ADD(a_forked_register_opens_nothing_and_is_evidence, "a-forked-register-opens-nothing-and-is-evidence");
	ADD(a_wrong_proof_is_a_fork, "a-wrong-proof-is-a-fork");
	ADD(another_key_opens_nothing, "another-key-opens-nothing");
	ADD(what_she_says_yes_to_is_taken_and_both_are_kept, "what she says yes to is taken and both are kept");
	ADD(an_altered_kept_mark_opens_nothing, "an-altered-kept-mark-opens-nothing");
	ADD(an_origin_is_that_of_its_mailbox_and_pinned, "an-origin-is-that-of-its-mailbox-and-pinned");
	ADD(a_log_pub_that_is_none_is_said, "a-log-pub-that-is-none-is-said");
	return g_test_run();
}
