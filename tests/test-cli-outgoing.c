/* SPDX-License-Identifier: ISC */
/* What leaves by an officer's hand: the entity's octets, what she is shown of it, and drafts that nobody keeps. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/drafts.h"
#include "cli/outgoing.h"

static Outgoing some_letter(const char *text)
{
	return (Outgoing){.to = "a@b.kz", .message_id = "<report@b.kz>", .language = "kk", .subject = "answer", .text = text};
}

/* The octets of the request's letter; each line checked. */
static char *entity_of(const Outgoing *letter)
{
	gsize size;
	g_autoptr(json_t) asked = outgoing_json(letter, NULL);
	g_assert_nonnull(asked);
	g_autofree guchar *octets = g_base64_decode(json_string_value(json_object_get(asked, "entity")), &size);
	char *text = g_strndup((const char *)octets, size);
	g_assert_cmpuint(strlen(text), ==, size);
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		g_assert_cmpuint(strlen(*line), <=, 998);
		for (const char *p = *line; *p != '\0'; p++)
			g_assert_true(*p >= 0x20 && *p < 0x7f);
	}
	return text;
}

/* The decoded body of an entity of one part. */
static char *body_of(const char *entity)
{
	gsize size;
	g_autofree guchar *octets = g_base64_decode(strstr(entity, "\r\n\r\n") + 4, &size);
	return g_strndup((const char *)octets, size);
}

static void a_text_is_one_part_that_cannot_speak_for_the_header(void)
{
	static const char words[] = "Сәлеметсіз бе!\n\nBcc: x@y.kz\n.\nFrom here on: осы жол өте ұзын, сондықтан ол бөлінеді, бірақ ешбір сөзі кесілмейді.\n";
	const Outgoing letter = some_letter(words);
	g_autofree char *entity = entity_of(&letter), *body = body_of(entity);
	g_assert_true(g_str_has_prefix(entity, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
	g_assert_null(strstr(entity, "Bcc"));
	g_assert_nonnull(strstr(body, "\r\nBcc: x@y.kz\r\n"));
	g_assert_true(g_utf8_validate(body, -1, NULL));
	g_auto(GStrv) lines = g_strsplit(body, "\r\n", -1);
	for (char **line = lines; *line != NULL; line++)
		g_assert_cmpint(g_utf8_strlen(*line, -1), <=, 76);
}

static void a_file_goes_along_under_its_own_name(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("senim-outgoing-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "жауап\"; x=\r\nBcc.pdf", NULL), *large = g_build_filename(directory, "l", NULL);
	g_auto(Outgoing) letter = some_letter("Файл.");
	g_autofree char *octets = g_malloc0(OUTGOING_MAX + 1);
	g_assert_true(g_file_set_contents(path, "%PDF-1.4", -1, NULL));
	g_assert_true(g_file_set_contents(large, octets, OUTGOING_MAX + 1, NULL));
	g_assert_true(outgoing_attach(&letter, path, NULL));
	g_assert_false(outgoing_attach(&letter, large, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_USAGE);
	g_autofree char *entity = entity_of(&letter);
	g_assert_nonnull(strstr(entity, "Content-Type: application/pdf\r\n"));
	g_assert_nonnull(strstr(entity, "filename*=utf-8''%D0%B6%D0%B0"));
	g_assert_null(strstr(entity, "\nBcc"));
	g_assert_nonnull(strstr(entity, "JVBERi0xLjQ=")); /* %PDF-1.4 */
	g_autoptr(WipeText) shown = outgoing_shown(&letter, "senim@kmo.kz");
	g_assert_nonnull(strstr(shown, "8 octets"));
	g_unlink(path);
	g_unlink(large);
	g_rmdir(directory);
}

static void what_is_too_large_does_not_leave(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strnfill(OUTGOING_MAX, 'a');
	const Outgoing letter = some_letter(text);
	g_assert_null(outgoing_json(&letter, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
}

static void she_is_shown_every_word_and_no_escape(void)
{
	const Outgoing letter = some_letter("Бірінші.\n\033[2JЕкінші.");
	g_autoptr(WipeText) shown = outgoing_shown(&letter, "senim@kmo.kz");
	g_assert_nonnull(strstr(shown, "senim@kmo.kz"));
	g_assert_nonnull(strstr(shown, "a@b.kz"));
	g_assert_nonnull(strstr(shown, "Бірінші."));
	g_assert_nonnull(strstr(shown, "Екінші."));
	g_assert_null(strchr(shown, '\033'));
}

static void a_draft_stands_there_once_and_ends_with_the_program(void)
{
	g_assert_true(drafts_keep("2026/1", "Бірінші сөз"));
	g_assert_true(drafts_keep("2026/2", "Екінші сөз"));
	g_assert_true(drafts_keep("2026/1", "Басқа сөз"));
	g_assert_true(drafts_keep("2026/3", " \n"));
	g_assert_cmpuint(drafts_count(), ==, 2);
	g_autoptr(WipeText) first = drafts_take("2026/1");
	g_assert_cmpstr(first, ==, "Басқа сөз");
	g_assert_null(drafts_take("2026/1"));
	g_assert_null(drafts_take("2026/3"));
	for (guint i = 0; i < 2 * DRAFTS_MAX; i++) {
		g_autofree char *name = g_strdup_printf("2027/%u", i);
		g_assert_true(drafts_keep(name, "x"));
	}
	g_assert_cmpuint(drafts_count(), ==, DRAFTS_MAX);
	g_assert_null(drafts_take("2026/2")); /* the oldest went */
	drafts_forget();
	g_assert_cmpuint(drafts_count(), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli-outgoing/a text is one part that cannot speak for the header", a_text_is_one_part_that_cannot_speak_for_the_header);
	g_test_add_func("/cli-outgoing/a file goes along under its own name", a_file_goes_along_under_its_own_name);
	g_test_add_func("/cli-outgoing/what is too large does not leave", what_is_too_large_does_not_leave);
	g_test_add_func("/cli-outgoing/she is shown every word and no escape", she_is_shown_every_word_and_no_escape);
	g_test_add_func("/cli-outgoing/a draft stands there once and ends with the program",
	                a_draft_stands_there_once_and_ends_with_the_program);
	return g_test_run();
}
