/* SPDX-License-Identifier: ISC */
#include "cli/face.h"

#include <stdio.h>

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
		fprintf(stderr, "senim: %s\n", sentence);
}

void face_aside(gboolean away)
{
	if (used != NULL)
		used->aside(away);
}
