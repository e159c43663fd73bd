/* SPDX-License-Identifier: ISC */
#include "store/registrar-templates.h"

#include <string.h>

#include "installed.h"
#include "policy/answer.h"
#include "policy/letter.h"

#define TEMPLATE_MAX 65536

/* An organisation that has its own acknowledgement need not have its own answer. */
char *registrar_templates_path(const Config *config, const char *file)
{
	static const char *const acknowledgements[] = {"kk.txt", "ru.txt", "en.txt", NULL};
	char *path = g_build_filename(config->templates, file, NULL);
	if (g_strv_contains(acknowledgements, file) || g_file_test(path, G_FILE_TEST_EXISTS))
		return path;
	g_free(path);
	return g_build_filename(PKGDATADIR, "letters", file, NULL);
}

char *registrar_templates_read(const Config *config, const char *name, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".txt", NULL);
	g_autofree char *path = registrar_templates_path(config, file);
	gsize size;
	char *text;
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	if (size <= TEMPLATE_MAX && strlen(text) == size)
		return text;
	g_free(text);
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is larger than 64 KiB or no text: put back the one of the release",
	            path);
	return NULL;
}

/* Those of an officer's letters, in every language. */
static gboolean check_answers(const Config *config, GError **error)
{
	static const char *const kinds[] = {"answer", "advice"}, *const languages[] = {"kk", "ru", "en"};
	for (gsize i = 0; i < G_N_ELEMENTS(kinds) * G_N_ELEMENTS(languages); i++) {
		const char *kind = kinds[i / G_N_ELEMENTS(languages)];
		g_autofree char *name = g_strdup_printf("%s.%s", kind, languages[i % G_N_ELEMENTS(languages)]);
		g_autofree char *text = registrar_templates_read(config, name, error);
		if (text == NULL)
			return FALSE;
		if (!answer_check_template(kind, text, error)) {
			g_prefix_error(error, "%s/%s.txt: ", config->templates, name);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean registrar_templates_check(const Config *config, GError **error)
{
	for (guint m = 0; m < config->n_mailboxes; m++)
		for (char **language = config->mailboxes[m].languages; *language != NULL; language++) {
			g_autofree char *text = registrar_templates_read(config, *language, error);
			if (text == NULL)
				return FALSE;
			if (!letter_check_template(text, error)) {
				g_prefix_error(error, "%s/%s.txt: ", config->templates, *language);
				return FALSE;
			}
		}
	return check_answers(config, error);
}
