/* SPDX-License-Identifier: ISC */
/* policy/spell.h - words in a row of letters that has no gaps to part them: у б ь ю т е б я.
 *
 * Parts the row so that as much of it as possible is words of the lexicons, long ones before short ones; what lies between
 * them is a word nobody knows.
 * Promise: work in proportion to the letters, at most SPELL_WORD_MAX look-ups for each. Threads: pure. Fails: never. */
#ifndef SENIM_POLICY_SPELL_H
#define SENIM_POLICY_SPELL_H

#include "policy/rules.h"

#define SPELL_LETTERS_MAX 320
#define SPELL_WORD_MAX 20

/* codes: of policy/fold.h, n at most SPELL_LETTERS_MAX. ends: where each word ends; *known: letters that are of known words.
 * Returns how many. */
guint spell_words(const Rules *rules, const guint8 *codes, guint n, guint16 ends[SPELL_LETTERS_MAX], guint *known, guint64 *steps);

/* Whether three letters that begin so are three words of Russian: «а я у», «и я к». */
gboolean spell_is_words(gunichar first, gunichar second);

#endif
