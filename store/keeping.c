/* SPDX-License-Identifier: ISC */
#include "store/keeping.h"

#include <string.h>
#include <sys/stat.h>

#include "store/archive.h"
#include "store/archiver.h"
#include "store/desk-host.h"

gboolean keeping_archive_overdue(const Config *config, gint64 now, char **last)
{
	g_autofree char *path = g_build_filename(config->state_directory, ARCHIVER_MARK, NULL);
	g_autofree char *month = archive_month_before(now - KEEPING_ARCHIVE_DAYS * G_TIME_SPAN_DAY, config->timezone);
	*last = NULL;
	return !g_file_get_contents(path, last, NULL, NULL) || strcmp(*last, month) < 0;
}

guint keeping_drill_days(const Config *config, gint64 now)
{
	struct stat st;
	g_autofree char *path = g_build_filename(config->state_directory, DESK_HOST_TRIED_MARK, NULL);
	return stat(path, &st) == 0 ? (guint)(MAX(now / G_USEC_PER_SEC - st.st_mtime, 0) / 86400) : G_MAXUINT;
}
