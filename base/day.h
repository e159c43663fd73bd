/* SPDX-License-Identifier: ISC */
/* base/day.h - a day as it is written everywhere here: YYYY-MM-DD (ISO 8601), and nothing else.
 *
 * Threads: pure. */
#ifndef SENIM_BASE_DAY_H
#define SENIM_BASE_DAY_H

#include <glib.h>

/* FALSE where it is none; day is then invalid. */
gboolean day_read(const char *text, GDate *day);
/* That of a moment, microseconds UTC, in the zone. */
void day_at(gint64 moment, GTimeZone *zone, GDate *day);
/* Is it a day, not before that of the one moment and not after that of the other? */
gboolean day_is_between(const char *text, gint64 first, gint64 last, GTimeZone *zone);

#endif
