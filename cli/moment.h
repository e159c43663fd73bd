/* SPDX-License-Identifier: ISC */
/* cli/moment.h - a moment as people type it: 2026-03-06T18:42, in the organisation's zone unless it names another.
 *
 * Threads: pure. Fails: FALSE and *error, CLI_ERROR_USAGE. */
#ifndef SENIM_CLI_MOMENT_H
#define SENIM_CLI_MOMENT_H

#include <glib.h>

/* Microseconds UTC. */
gboolean moment_read(const char *text, GTimeZone *zone, gint64 *moment, GError **error);

#endif
