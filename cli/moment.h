/* SPDX-License-Identifier: ISC */
/* cli/moment.h - a moment as people type it: 2026-03-06T18:42, in the organisation's zone unless it names another; and today.
 *
 * Threads: any. Fails: FALSE and *error, CLI_ERROR_USAGE. */
#ifndef SENIM_CLI_MOMENT_H
#define SENIM_CLI_MOMENT_H

#include "cli/wipe.h"

/* Microseconds UTC. */
gboolean moment_read(const char *text, GTimeZone *zone, gint64 *moment, GError **error);
/* Today in the zone, "2026-11-22", and the Sunday that ends its week, for which NULL may stand (transfer full). */
char *moment_today(GTimeZone *zone, char **sunday);

/* Is the day of an outgoing letter neither before the report came (microseconds UTC) nor after today? CLI_ERROR_USAGE. */
gboolean moment_check_issued(const char *date, gint64 received, GTimeZone *zone, GError **error);

/* A day as it is written here, 31.12.2026 or 31.12.2026 14:05, as the program takes it, 2026-12-31 or 2026-12-31T14:05; a
 * month 12.2026 as 2026-12; whatever is none of these as it is. Whether there is such a day is for others to judge. */
WipeText *moment_typed(const char *text);

#endif
