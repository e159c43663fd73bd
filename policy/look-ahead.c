/* SPDX-License-Identifier: ISC */
#include "policy/look-ahead.h"

#include "policy/fold.h"
#include "policy/utf8.h"

#define UNSEEN_MOST 8 /* characters in a row that nobody sees, and that are looked past */
#define BLANKS_MOST 64

/* Nearly nothing is: Latin, Greek and Cyrillic letters are told at once. */
static gboolean is_unseen(gunichar c)
{
	gunichar parts[FOLD_PARTS_MAX];
	if (c < 0xad || (c > 0xad && c < 0x300) || (c >= 0x370 && c < 0x483))
		return FALSE;
	return fold_parts(c, parts) == 0;
}

gunichar look_ahead_raw(const char *octets, gsize size, gsize at, gsize *next)
{
	if (at >= size) {
		*next = at;
		return 0;
	}
	const char *behind;
	const gunichar c = utf8_next(octets + at, octets + size, &behind);
	*next = (gsize)(behind - octets);
	return c == UTF8_BAD ? 0xfffd : c;
}

gunichar look_ahead_seen(const char *octets, gsize size, gsize at, gsize *next)
{
	gunichar c = look_ahead_raw(octets, size, at, next);
	for (guint i = 0; i < UNSEEN_MOST && is_unseen(c); i++)
		c = look_ahead_raw(octets, size, *next, next);
	return c;
}

gunichar look_ahead_word(const char *octets, gsize size, gsize at)
{
	gsize next;
	for (guint i = 0; i < BLANKS_MOST; i++, at = next) {
		gunichar c = look_ahead_seen(octets, size, at, &next);
		if (c == 0 || !g_unichar_isspace(c))
			return c;
	}
	return 0;
}

gboolean look_ahead_dotted(const char *octets, gsize size, gsize at, gunichar sign)
{
	gsize next = at;
	gunichar c = look_ahead_seen(octets, size, at, &next);
	for (guint i = 0; i < UNSEEN_MOST && c != 0 && !g_unichar_isalnum(c); i++)
		c = look_ahead_seen(octets, size, next, &next);
	for (guint i = 0; i < 2; i++) { /* a.b.c: neither т.е. nor А.Б. */
		if (!g_unichar_isalnum(c) || look_ahead_seen(octets, size, next, &next) != sign)
			return FALSE;
		c = look_ahead_seen(octets, size, next, &next);
	}
	return g_unichar_isalnum(c);
}
