/* SPDX-License-Identifier: ISC */
#include "store/registrar-templates.h"

#include <string.h>

#include "policy/letter.h"

#define TEMPLATE_MAX 65536

char *registrar_templates_read(const Config *config, const char *language, GError **error)
{
	g_autofree char *base = g_strconcat(language, ".txt", NULL);
	g_autofree char *path = g_build_filename(config->templates, base, NULL);
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
	return TRUE;
}
