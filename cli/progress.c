/* SPDX-License-Identifier: ISC */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/face.h"
#include "cli/language.h"

#define EVERY (G_USEC_PER_SEC / 10)
#define MEBI (1024 * 1024)
#define CLEAR "\r\033[K"

/* Adds; TRUE where a line is to be shown again. */
static gboolean is_time(Progress *progress, guint64 more)
{
	gint64 now = g_get_monotonic_time();
	progress->done += more;
	gboolean dumb = g_strcmp0(g_getenv("TERM"), "dumb") == 0; /* it can take no line back, and may be read out */
	if (now - progress->shown < EVERY || dumb || !isatty(STDERR_FILENO))
		return FALSE;
	progress->shown = now;
	return TRUE;
}

static void show(const char *line)
{
	if (face() != NULL)
		face()->progress(line);
	else
		fprintf(stderr, CLEAR "%s", line);
}

void progress_add(Progress *progress, guint64 more)
{
	if (progress->all < PROGRESS_LEAST) {
		progress->done += more;
		return;
	}
	if (!is_time(progress, more))
		return;
	g_autofree char *line = g_strdup_printf(_("%u MiB of %u MiB (%u %%)"), (guint)(progress->done / MEBI),
	                                        (guint)(progress->all / MEBI), (guint)(100 * progress->done / progress->all));
	show(line);
}

void progress_case(Progress *progress, guint64 more)
{
	if (!is_time(progress, more))
		return;
	g_autofree char *line =
		progress->proving ? g_strdup_printf(_("opened with the newer key: %u of %u cases"), (guint)progress->done, (guint)progress->all)
		                  : g_strdup_printf(_("%u of %u cases"), (guint)progress->done, (guint)progress->all);
	show(line);
}

void progress_register(Progress *progress, guint64 more)
{
	if (!is_time(progress, more) || progress->all == 0)
		return;
	guint64 done = MIN(progress->done, progress->all);
	g_autofree char *line = g_strdup_printf(_("%u %% of the register is read"), (guint)(100 * done / progress->all));
	show(line);
}

void progress_end(Progress *progress)
{
	if (progress->shown != 0 && face() == NULL)
		fputs(CLEAR, stderr);
	progress->shown = 0;
}
