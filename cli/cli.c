/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdarg.h>

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
