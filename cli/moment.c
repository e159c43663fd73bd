/* SPDX-License-Identifier: ISC */
#include "cli/moment.h"

#include <string.h>

#include "base/day.h"
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

gboolean moment_check_issued(const char *date, gint64 received, GTimeZone *zone, GError **error)
{
	return day_is_between(date, received, g_get_real_time(), zone) ||
	       cli_fail(error, CLI_ERROR_USAGE, _("an outgoing letter is dated neither before the report came nor after today: see which date the chancellery gave"));
}

/* Digits where the form has a D, the form's own signs elsewhere. */
static gboolean has_form(const char *text, const char *form)
{
	for (; *form != '\0' && *text != '\0'; form++, text++)
		if (*form == 'D' ? !g_ascii_isdigit(*text) : *text != *form)
			return FALSE;
	return *form == *text;
}

WipeText *moment_typed(const char *text)
{
	g_autofree char *year = has_form(text, "DD.DDDD") ? g_strdup(text + 3) : g_strndup(text + MIN(strlen(text), 6), 4);
	if (has_form(text, "DD.DDDD"))
		return g_strdup_printf("%s-%.2s", year, text);
	if (has_form(text, "DD.DD.DDDD"))
		return g_strdup_printf("%s-%.2s-%.2s", year, text + 3, text);
	if (has_form(text, "DD.DD.DDDD DD:DD"))
		return g_strdup_printf("%s-%.2s-%.2sT%s", year, text + 3, text, text + 11);
	return g_strdup(text);
}

char *moment_today(GTimeZone *zone, char **sunday)
{
	g_autoptr(GDateTime) now = g_date_time_new_now(zone);
	g_autoptr(GDateTime) end = g_date_time_add_days(now, 7 - g_date_time_get_day_of_week(now));
	if (sunday != NULL)
		*sunday = g_date_time_format(end, "%Y-%m-%d");
	return g_date_time_format(now, "%Y-%m-%d");
}
