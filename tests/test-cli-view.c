/* SPDX-License-Identifier: ISC */
/* The caged child as the CLI meets it: an honest one is believed in form alone, one that misbehaves costs its answer. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/view.h"

#define HONEST "from: a@b.kz\ndate: -\nsubject: s\nattachment: 1 text/plain 3 a b.txt\npart: text 2\npart: headers 0\n\nhi"

typedef struct {
	char *directory, *examiner;
} Fixture;

static void set_up(Fixture *f, gconstpointer user)
{
	(void)user;
	f->directory = g_dir_make_tmp("senim-view-XXXXXX", NULL);
	f->examiner = g_build_filename(f->directory, "examine", NULL);
}

static void tear_down(Fixture *f, gconstpointer user)
{
	(void)user;
	g_unlink(f->examiner);
	g_rmdir(f->directory);
	g_free(f->examiner);
	g_free(f->directory);
}

/* The child is this script. */
static void be(Fixture *f, const char *script)
{
	g_autofree char *text = g_strconcat("#!/bin/sh\n", script, "\n", NULL);
	g_assert_true(g_file_set_contents(f->examiner, text, -1, NULL));
	g_assert_cmpint(g_chmod(f->examiner, 0700), ==, 0);
}

static void an_honest_answer_is_read(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	be(f, "[ \"$1\" = --view ] && [ -z \"${HOME-}\" ] || exit 9\ncat >/dev/null\nprintf '%s' '" HONEST "'");
	g_autoptr(Bundle) view = view_message(f->examiner, "m", 1, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) parts = view_parts(view, &error);
	g_assert_no_error(error);
	const ViewPart *part = parts->pdata[0];
	g_assert_cmpuint(parts->len, ==, 1);
	g_assert_cmpuint(part->index, ==, 1);
	g_assert_cmpuint(part->size, ==, 3);
	g_assert_cmpstr(part->name, ==, "a b.txt");
}

/* Its owner lets go of it: nothing reads it from there on. */
static void let_go(gpointer message)
{
	g_free(*(char **)message);
	*(char **)message = NULL;
}

static void the_message_comes_whole_to_the_child(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	gsize size = 3 << 20;
	char *message = g_malloc(size);
	const ViewPart part = {.index = 3, .size = 17};
	for (gsize i = 0; i < size; i++)
		message[i] = (char)(i * 7 + i / 251);
	g_autofree char *copy = g_memdup2(message, size);
	be(f, "[ \"$1 $2\" = '--part 3' ] || exit 9\ncat");
	g_autoptr(WipeBuffer) back = view_part(f->examiner, message, size, &part, let_go, &message, &error);
	g_assert_no_error(error);
	g_assert_null(message);
	message = g_steal_pointer(&copy);
	g_assert_cmpmem(wipe_buffer_data(back), wipe_buffer_size(back), message, size);
	g_free(message);
}

static void a_child_that_reads_nothing_may_still_answer(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	gsize size = 1 << 20;
	g_autofree char *message = g_malloc0(size);
	be(f, "exec <&-\nprintf '%s' '" HONEST "'");
	g_autoptr(Bundle) view = view_message(f->examiner, message, size, &error);
	g_assert_no_error(error);
	g_assert_nonnull(view);
}

static void a_child_that_misbehaves_costs_its_answer(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const scripts[] = {
		"exit 0", "exit 1", "printf '%s' '" HONEST "'; exit 1", "printf '%s' '" HONEST "'; kill -9 $$",
		"printf garbage", "printf 'secret: x\\npart: text 0\\npart: headers 0\\n\\n'", "printf 'subject: s\\n\\n'",
		"exec yes", "printf 'part: text 999999\\npart: headers 0\\n\\nhi'",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
		g_autoptr(GError) error = NULL;
		be(f, scripts[i]);
		g_assert_null(view_message(f->examiner, "m", 1, &error));
		g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	}
}

static void an_examiner_that_is_not_there_is_named(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	g_assert_null(view_message(f->examiner, "m", 1, &error));
	g_assert_nonnull(strstr(error->message, f->examiner));
}

static void a_list_of_another_form_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const lines[] = {"", "1", "1 text/plain", "x text/plain 3 n", "1 text/plain -3 n", "-1 a/b 3 n"};
	(void)f;
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Bundle) view = bundle_new();
		record_add(bundle_record(view), "attachment", lines[i]);
		g_assert_null(view_parts(view, &error));
		g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	}
}

#define ADD(test, name) g_test_add("/cli/view/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	signal(SIGPIPE, SIG_IGN); /* as process_harden() does */
	ADD(an_honest_answer_is_read, "an-honest-answer-is-read");
	ADD(the_message_comes_whole_to_the_child, "the-message-comes-whole-to-the-child");
	ADD(a_child_that_reads_nothing_may_still_answer, "a-child-that-reads-nothing-may-still-answer");
	ADD(a_child_that_misbehaves_costs_its_answer, "a-child-that-misbehaves-costs-its-answer");
	ADD(an_examiner_that_is_not_there_is_named, "an-examiner-that-is-not-there-is-named");
	ADD(a_list_of_another_form_is_refused, "a-list-of-another-form-is-refused");
	return g_test_run();
}
