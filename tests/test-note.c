/* SPDX-License-Identifier: ISC */
/* Signed notes and checkpoints: the example of the specification, what is bent is refused, keys come back from files.
 * Go's sumdb/note and openssl read what this writes in tests/register-sumdb.sh and tests/register-openssl.sh. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/note.h"

/* From the documentation of golang.org/x/mod/sumdb/note. */
static const char peter_verifier[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peter_note[] = "If you think cryptography is the answer to your problem,\n"
								 "then you don't know what your problem is.\n"
								 "\n"
								 "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static void a_note_of_another_implementation_is_verified(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(NoteVerifier) verifier = note_verifier_new(peter_verifier, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(note_verifier_name(verifier), ==, "PeterNeumann");
	g_autofree char *text = note_verify(peter_note, verifier, &error);
	g_assert_no_error(error);
	g_assert_true(g_str_has_suffix(text, "your problem is.\n"));
}

static void every_octet_changed_breaks_the_note(void)
{
	g_autoptr(NoteVerifier) verifier = note_verifier_new(peter_verifier, NULL);
	for (gsize i = 0; peter_note[i] != '\0'; i++) {
		g_autofree char *bent = g_strdup(peter_note);
		g_autoptr(GError) error = NULL;
		bent[i] ^= 1;
		g_assert_null(note_verify(bent, verifier, &error));
		g_assert_true(error->domain == NOTE_ERROR);
	}
	for (gsize i = 0; i < strlen(peter_note); i++) {
		g_autofree char *cut = g_strndup(peter_note, i);
		g_assert_null(note_verify(cut, verifier, NULL));
	}
}

static void lines_of_other_keys_are_passed_over(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(NoteSigner) one = note_signer_generate("one", &error), two = note_signer_generate("two", &error);
	g_assert_no_error(error);
	g_autofree char *first = note_sign("text\n\nmore\n", one, &error);
	g_autofree char *second = note_sign("text\n\nmore\n", two, &error);
	g_autofree char *both = g_strconcat(first, strstr(second, "— "), NULL);
	const NoteSigner *signers[] = {one, two};
	for (gsize i = 0; i < G_N_ELEMENTS(signers); i++) {
		g_autofree char *line = note_signer_verifier(signers[i]);
		g_autoptr(NoteVerifier) verifier = note_verifier_new(line, &error);
		g_autofree char *text = note_verify(both, verifier, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(text, ==, "text\n\nmore\n");
	}
	g_autofree char *line = note_signer_verifier(two);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, NULL);
	g_assert_null(note_verify(first, verifier, &error));
	g_assert_error(error, NOTE_ERROR, NOTE_ERROR_SIGNATURE);
}

static void texts_that_are_no_notes_are_not_signed(void)
{
	g_autoptr(NoteSigner) signer = note_signer_generate("log", NULL);
	static const char *bad[] = {"", "no line feed", "tab\there\n", "\xff\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(note_sign(bad[i], signer, &error));
		g_assert_error(error, NOTE_ERROR, NOTE_ERROR_FORM);
	}
	g_assert_null(note_signer_generate("with blank", NULL));
	g_assert_null(note_signer_generate("with+plus", NULL));
	g_assert_null(note_signer_generate("", NULL));
}

static void a_signer_comes_back_from_its_file_and_nobody_elses(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("senim-note-XXXXXX", &error);
	g_autofree char *path = g_build_filename(directory, "log.sign", NULL);
	g_autoptr(NoteSigner) signer = note_signer_generate("senim@kmo.kz/0123456789abcdef", &error);
	g_assert_true(note_signer_save(signer, path, &error));
	g_assert_no_error(error);
	struct stat status;
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 07777, ==, 0400);
	g_assert_false(note_signer_save(signer, path, NULL)); /* never over another key */
	g_autoptr(NoteSigner) again = note_signer_load(path, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(note_signer_name(again), ==, note_signer_name(signer));
	g_autofree char *one = note_signer_verifier(signer), *two = note_signer_verifier(again);
	g_assert_cmpstr(one, ==, two);
	g_assert_cmpint(chmod(path, 0440), ==, 0);
	g_assert_null(note_signer_load(path, &error));
	g_assert_error(error, NOTE_ERROR, NOTE_ERROR_FORM);
	g_clear_error(&error);
	g_assert_cmpint(chmod(path, 0600), ==, 0);
	g_assert_true(g_file_set_contents(path, "PRIVATE+KEY+x+00000000+AAAA\n", -1, NULL));
	g_assert_null(note_signer_load(path, &error));
	g_assert_error(error, NOTE_ERROR, NOTE_ERROR_FORM);
	g_unlink(path);
	g_rmdir(directory);
}

static void a_checkpoint_is_read_only_as_its_own_logs(void)
{
	guint8 root[NOTE_ROOT], got[NOTE_ROOT];
	guint64 size;
	g_autoptr(GError) error = NULL;
	memset(root, 0x5a, sizeof root);
	g_autoptr(NoteSigner) signer = note_signer_generate("log.example", &error);
	g_autofree char *line = note_signer_verifier(signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, &error);
	g_autofree char *text = note_checkpoint("log.example", 4711, root);
	g_assert_cmpstr(text, ==, "log.example\n4711\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n");
	g_autofree char *note = note_sign(text, signer, &error);
	g_assert_true(note_verify_checkpoint(note, verifier, &size, got, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(size, ==, 4711);
	g_assert_cmpmem(got, sizeof got, root, sizeof root);
	g_autofree char *other_text = note_checkpoint("other.example", 4711, root);
	g_autofree char *other = note_sign(other_text, signer, &error);
	g_assert_false(note_verify_checkpoint(other, verifier, &size, got, &error));
	g_assert_error(error, NOTE_ERROR, NOTE_ERROR_ORIGIN);
}

static void what_is_no_checkpoint_is_refused(void)
{
	static const char *bad[] = {
		"",
		"log\n",
		"log\n5\n",
		"log\n5\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=",
		"log\n05\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n",
		"log\n-5\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n",
		"log\n9999999999999999999\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n",
		"log\n5\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlp=\n",
		"log\n5\nWlpa\n",
		"\n5\nWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		guint8 root[NOTE_ROOT];
		guint64 size;
		g_assert_false(note_checkpoint_parse(bad[i], NULL, &size, root, NULL));
	}
}

static void a_letters_code_is_the_base32_of_the_root(void)
{
	guint8 root[NOTE_ROOT];
	char code[NOTE_CODE_LENGTH + 1];
	for (guint8 i = 0; i < NOTE_ROOT; i++)
		root[i] = (guint8)(i * 8 + 1);
	note_code(root, code);
	g_assert_cmpstr(code, ==, "AEERCGJBFEYTSQKJKFMWC2LRPG"); /* python3: base64.b32encode(root)[:26] */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/note/a note of another implementation is verified", a_note_of_another_implementation_is_verified);
	g_test_add_func("/note/every octet changed breaks the note", every_octet_changed_breaks_the_note);
	g_test_add_func("/note/lines of other keys are passed over", lines_of_other_keys_are_passed_over);
	g_test_add_func("/note/texts that are no notes are not signed", texts_that_are_no_notes_are_not_signed);
	g_test_add_func("/note/a signer comes back from its file and nobody else's",
	                a_signer_comes_back_from_its_file_and_nobody_elses);
	g_test_add_func("/note/a checkpoint is read only as its own log's", a_checkpoint_is_read_only_as_its_own_logs);
	g_test_add_func("/note/what is no checkpoint is refused", what_is_no_checkpoint_is_refused);
	g_test_add_func("/note/a letter's code is the base32 of the root", a_letters_code_is_the_base32_of_the_root);
	return g_test_run();
}
