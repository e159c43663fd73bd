/* SPDX-License-Identifier: ISC */
/* base/day.h - a day as it is written everywhere here: YYYY-MM-DD (ISO 8601), and nothing else.
 *
 * Threads: pure. */
#ifndef SENIM_BASE_DAY_H
#define SENIM_BASE_DAY_H

#include <glib.h>

/* FALSE where it is none; day is then invalid. */
gboolean day_read(const char *text, GDate *day);

#endif
