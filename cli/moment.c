/* SPDX-License-Identifier: ISC */
#include "cli/moment.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"

gboolean moment_read(const char *text, GTimeZone *zone, gint64 *moment, GError **error)
{
	g_autofree char *whole = strlen(text) == strlen("2026-03-06T18:42") ? g_strconcat(text, ":00", NULL) : g_strdup(text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, zone);
	g_autofree char *shown = escape_text(text, -1, ESCAPE_LINE);
	if (time == NULL || g_date_time_to_unix(time) < 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("“%s” is no moment: write it as 2026-03-06T18:42"), shown);
	*moment = g_date_time_to_unix(time) * G_USEC_PER_SEC;
	return TRUE;
}
