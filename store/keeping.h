/* SPDX-License-Identifier: ISC */
/* store/keeping.h - what the marks in the state directory say of archive and drill: for `senim doctor` and the alarm.
 *
 * Threads: any. */
#ifndef SENIM_STORE_KEEPING_H
#define SENIM_STORE_KEEPING_H

#include "base/config.h"

#define KEEPING_ARCHIVE_DAYS 10 /* of a month, behind which the one before it is overdue: holidays take up to nine */
#define KEEPING_DRILL_DAYS 366

/* Is the month before missing in the archive? *last: the last one there, or NULL (transfer full). now: microseconds UTC. */
gboolean keeping_archive_overdue(const Config *config, gint64 now, char **last);
/* Days since a restore was practised; G_MAXUINT: never. */
guint keeping_drill_days(const Config *config, gint64 now);

#endif
