/* SPDX-License-Identifier: ISC */
#include "cli/settings.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/plugin.h"
#include "cli/viewer.h"

#define GROUP "senim"

static const struct {
	const char *key;
	gsize field;
	gboolean path;
} keys[] = {
	{"config", G_STRUCT_OFFSET(Settings, config), TRUE},     {"desk", G_STRUCT_OFFSET(Settings, desk), TRUE},
	{"officer", G_STRUCT_OFFSET(Settings, officer), FALSE},  {"identity", G_STRUCT_OFFSET(Settings, identity), TRUE},
	{"log-pub", G_STRUCT_OFFSET(Settings, log_pub), TRUE},   {"language", G_STRUCT_OFFSET(Settings, language), FALSE},
	{"examiner", G_STRUCT_OFFSET(Settings, examiner), TRUE}, {"plugin", G_STRUCT_OFFSET(Settings, plugin), FALSE},
	{"ssh-config", G_STRUCT_OFFSET(Settings, ssh_config), TRUE}, {"viewer", G_STRUCT_OFFSET(Settings, viewer), FALSE},
	{"clamd", G_STRUCT_OFFSET(Settings, clamd), TRUE},
	{"token", G_STRUCT_OFFSET(Settings, token), TRUE},
	{"player", G_STRUCT_OFFSET(Settings, player), FALSE},
	{"printer", G_STRUCT_OFFSET(Settings, printer), FALSE},
	{"screen", G_STRUCT_OFFSET(Settings, screen), FALSE},
	{"search-index", G_STRUCT_OFFSET(Settings, search_index), FALSE},
};

static char **field_of(Settings *settings, gsize i)
{
	return (char **)G_STRUCT_MEMBER_P(settings, keys[i].field);
}

void settings_free(Settings *settings)
{
	if (settings == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		g_free(*field_of(settings, i));
	g_free(settings->file);
	g_free(settings);
}

static char *expand(const char *value, gboolean path)
{
	return path && g_str_has_prefix(value, "~/") ? g_build_filename(g_get_home_dir(), value + 2, NULL) : g_strdup(value);
}

static gboolean take(Settings *settings, GKeyFile *file, const char *key, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(keys[i].key, key) == 0) {
			g_autofree char *value = g_key_file_get_string(file, GROUP, key, NULL);
			if (value == NULL || value[0] == '\0')
				return cli_fail(error, CLI_ERROR_USAGE, _("%s gives %s no value: write one, or remove the line"),
				                settings->file, key);
			*field_of(settings, i) = expand(value, keys[i].path);
			return TRUE;
		}
	g_autofree char *shown = escape_text(key, -1, ESCAPE_LINE);
	g_autoptr(GString) known = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", keys[i].key);
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("%s has the unknown key %s: there are %s"), settings->file, shown, known->str);
}

static gboolean read_file(Settings *settings, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) cause = NULL;
	if (!g_key_file_load_from_file(file, settings->file, G_KEY_FILE_NONE, &cause)) {
		if (g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("cannot read %s: %s"), settings->file, why);
	}
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	if (g_strv_length(groups) > 1 || !g_key_file_has_group(file, GROUP))
		return cli_fail(error, CLI_ERROR_USAGE, _("%s must have one group: [senim] and its keys below it"),
		                settings->file);
	g_auto(GStrv) names = g_key_file_get_keys(file, GROUP, NULL, NULL);
	for (char **name = names; name != NULL && *name != NULL; name++)
		if (!take(settings, file, *name, error))
			return FALSE;
	if (settings->plugin != NULL && !plugin_check_list(settings->plugin))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("plugin in %s takes names, as yubikey, or whole paths of age-plugin-NAME, with ; between them"),
		                settings->file);
	if (settings->config != NULL && settings->desk != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("%s names both config and desk: keep one of them"), settings->file);
	if (settings->viewer != NULL && !viewer_check(settings->viewer))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("%s has a viewer of another form: write TYPE: COMMAND; TYPE: COMMAND, as application/pdf: mupdf"),
		                settings->file);
	return TRUE;
}

Settings *settings_load(const char *path, GError **error)
{
	g_autoptr(Settings) settings = g_new0(Settings, 1);
	settings->file =
		path != NULL ? g_strdup(path) : g_build_filename(g_get_user_config_dir(), "senim", "officer.conf", NULL);
	return read_file(settings, error) ? g_steal_pointer(&settings) : NULL;
}

gboolean settings_overrule(Settings *settings, const Options *options, GError **error)
{
	static const char *const names[] = {"config", "desk", "officer", "identity", "log-pub", "token"};
	if (options_flag(options, "config") && options_flag(options, "desk"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--config and --desk exclude each other: name one of them"));
	if (options_flag(options, "config") || options_flag(options, "desk")) {
		g_clear_pointer(&settings->config, g_free);
		g_clear_pointer(&settings->desk, g_free);
	}
	if (options_flag(options, "config")) /* its log.pub lies beside it */
		g_clear_pointer(&settings->log_pub, g_free);
	for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
		for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
			if (strcmp(keys[i].key, names[n]) == 0 && options_flag(options, names[n])) {
				g_free(*field_of(settings, i));
				*field_of(settings, i) = g_strdup(options_value(options, names[n]));
			}
	return TRUE;
}
