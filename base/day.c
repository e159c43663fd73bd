/* SPDX-License-Identifier: ISC */
#include "base/day.h"

#include <string.h>

gboolean day_read(const char *text, GDate *day)
{
	static const char form[] = "0000-00-00";
	g_date_clear(day, 1);
	if (strlen(text) != sizeof form - 1)
		return FALSE;
	for (gsize i = 0; i < sizeof form - 1; i++)
		if (form[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
			return FALSE;
	GDateYear y = (GDateYear)g_ascii_strtoull(text, NULL, 10);
	GDateMonth m = (GDateMonth)g_ascii_strtoull(text + 5, NULL, 10);
	GDateDay d = (GDateDay)g_ascii_strtoull(text + 8, NULL, 10);
	if (!g_date_valid_dmy(d, m, y))
		return FALSE;
	g_date_set_dmy(day, d, m, y);
	return TRUE;
}

void day_at(gint64 moment, GTimeZone *zone, GDate *day)
{
	int y, m, d;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, zone);
	g_date_time_get_ymd(here, &y, &m, &d);
	g_date_clear(day, 1);
	g_date_set_dmy(day, (GDateDay)d, (GDateMonth)m, (GDateYear)y);
}

gboolean day_is_between(const char *text, gint64 first, gint64 last, GTimeZone *zone)
{
	GDate day, begin, end;
	day_at(first, zone, &begin);
	day_at(last, zone, &end);
	return day_read(text, &day) && g_date_compare(&begin, &day) <= 0 && g_date_compare(&day, &end) <= 0;
}
