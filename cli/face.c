/* SPDX-License-Identifier: ISC */
#include "cli/face.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/format.h"
#include "cli/wipe.h"

static const Face *used;

const Face *face(void)
{
	return used;
}

void face_use(const Face *other)
{
	used = other;
}

void face_warn(const char *sentence)
{
	if (used != NULL)
		used->warn(sentence);
	else
		face_say_error(sentence);
}

void face_say_error(const char *sentence)
{
	struct winsize window = {0};
	g_autofree char *line = g_strdup_printf("senim: %s\n", sentence);
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(2 * strlen(line) + 64);
	if (isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0)
		window.ws_col = 0;
	format_fold(line, window.ws_col, 0, folded);
	fputs(wipe_buffer_data(folded), stderr);
}

void face_aside(gboolean away)
{
	if (used != NULL)
		used->aside(away);
}
