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
