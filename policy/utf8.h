/* SPDX-License-Identifier: ISC */
/* policy/utf8.h - the characters of a text that may be no UTF-8, one after the other; letters of two octets in line, which
 * nearly all are.
 * Promise: *next is behind `at`, and not behind `end`. Threads: pure. Fails: never; at < end. */
#ifndef SENIM_POLICY_UTF8_H
#define SENIM_POLICY_UTF8_H

#include <glib.h>

#define UTF8_BAD ((gunichar)-1) /* an octet that belongs to no character; it is passed alone */

static inline gunichar utf8_next(const char *at, const char *end, const char **next)
{
	const guint8 first = (guint8)at[0], second = end - at > 1 ? (guint8)at[1] : 0;
	if (first < 0x80) {
		*next = at + 1;
		return first;
	}
	if (first >= 0xc2 && first < 0xe0 && (second & 0xc0) == 0x80) {
		*next = at + 2;
		return (gunichar)(first & 0x1f) << 6 | (second & 0x3f);
	}
	const gunichar c = g_utf8_get_char_validated(at, end - at);
	*next = c < (gunichar)-2 ? at + g_utf8_skip[first] : at + 1;
	return c < (gunichar)-2 ? c : UTF8_BAD;
}

#endif
