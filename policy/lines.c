/* SPDX-License-Identifier: ISC */
#include "policy/lines.h"

#include <string.h>

#define NARROWEST 60 /* characters: no program wraps at so few */
#define WIDEST 80    /* nor at more */

/* Each first octet of a character. */
static gboolean begins(char octet)
{
	return (octet & 0xc0) != 0x80;
}

gboolean lines_are_wrapped(const char *octets, gsize size)
{
	guint n = 0;
	for (gsize i = 0; i < size && n <= WIDEST; i++)
		n = octets[i] == '\n' ? 0 : n + begins(octets[i]);
	return n <= WIDEST;
}

gboolean lines_have_room(const char *octets, gsize size, gsize from, gsize to, gsize next)
{
	guint n = 1; /* the blank */
	for (gsize i = from; i < to && n <= NARROWEST; i++)
		n += begins(octets[i]);
	for (gsize i = next; i < size && n <= NARROWEST && strchr(" \t\r\n", octets[i]) == NULL; i++)
		n += begins(octets[i]);
	return n <= NARROWEST;
}
