/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdarg.h>

#include "base/escape.h"

GQuark cli_error_quark(void)
{
	return g_quark_from_static_string("senim-cli");
}

gboolean cli_fail(GError **error, CliError code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(CLI_ERROR, code, format, ap);
	va_end(ap);
	return FALSE;
}

Config *cli_load_config(const char *file, GError **error)
{
	g_autoptr(GError) cause = NULL;
	Config *config = config_load(file, &cause);
	if (config == NULL) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_USAGE, "%s", why);
	}
	return config;
}

Config *cli_config(const Cli *cli, GError **error)
{
	if (cli->settings->config != NULL)
		return cli_load_config(cli->settings->config, error);
	cli_fail(error, CLI_ERROR_USAGE, _("this works on the store itself: name it with --config FILE, on the mail host"));
	return NULL;
}
