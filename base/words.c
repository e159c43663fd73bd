/* SPDX-License-Identifier: ISC */
#include "base/words.h"

#include "installed.h"

#include <stdio.h>

#define DEFAULT_CONFIG SYSCONFDIR "/senim/senim.conf"

static gboolean fail(GError **error, const char *program, const char *what)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s: %s --help lists what it takes", what, program);
	return FALSE;
}

gboolean words_read(Words *words, const char *program, const char *purpose, const GOptionEntry *more, int *argc, char ***argv,
                    GError **error)
{
	const GOptionEntry entries[] = {
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &words->config, "instead of " DEFAULT_CONFIG, "FILE"},
		{"check-config", 0, 0, G_OPTION_ARG_NONE, &words->check, "check the configuration and end", NULL},
		{"json", 0, 0, G_OPTION_ARG_NONE, &words->json, "with --check-config: print every key as JSON", NULL},
		{"version", 0, 0, G_OPTION_ARG_NONE, &words->version, "print the version", NULL},
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(purpose);
	g_option_context_add_main_entries(context, entries, NULL);
	if (more != NULL)
		g_option_context_add_main_entries(context, more, NULL);
	g_autoptr(GError) unread = NULL;
	if (!g_option_context_parse(context, argc, argv, &unread))
		return fail(error, program, unread->message);
	if (*argc > 1)
		return fail(error, program, "a word that means nothing here");
	if (words->json && !words->check)
		return fail(error, program, "--json goes with --check-config");
	if (words->config == NULL)
		words->config = g_strdup(DEFAULT_CONFIG);
	return TRUE;
}

void words_tell_config(const Words *words, const Config *config)
{
	g_autofree char *json = words->json ? config_describe(config) : NULL;
	if (json != NULL)
		printf("%s\n", json);
	else
		printf("%s: good\n", config->file);
}
