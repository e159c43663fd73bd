/* SPDX-License-Identifier: ISC */
/* policy/look-ahead.h - what stands at a place of a text, as an eye sees it.
 *
 * For whoever reads a text character by character and must know what follows before he knows what this one means.
 * Promise: a few characters are looked at, whatever the text. Octets that are no UTF-8 are U+FFFD; the end is 0.
 * Threads: pure. Fails: never. */
#ifndef SENIM_POLICY_LOOK_AHEAD_H
#define SENIM_POLICY_LOOK_AHEAD_H

#include <glib.h>

/* The character there; *next: where the one behind it begins. */
gunichar look_ahead_raw(const char *octets, gsize size, gsize at, gsize *next);

/* The next one that can be seen: what cannot may stand between any two, and parts nothing. */
gunichar look_ahead_seen(const char *octets, gsize size, gsize at, gsize *next);

/* What follows after blanks: for telling the end of a sentence from an abbreviation. */
gunichar look_ahead_word(const char *octets, gsize size, gsize at);

/* Whether the next word has its letters parted by this sign, three of them at least. */
gboolean look_ahead_dotted(const char *octets, gsize size, gsize at, gunichar sign);

#endif
