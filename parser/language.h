/* SPDX-License-Identifier: ISC */
/* parser/language.h - is a text Kazakh, Russian or English, as far as its acknowledgement needs to know.
 *
 * Counts, over at most LANGUAGE_OCTETS of the text: the nine letters that Russian lacks (ә ғ қ ң ө ұ ү һ і), function
 * words, and endings of Kazakh written without its letters or in Latin. No statistics file, no locale; the same text
 * always gives the same answer.
 * Result:    "kk", "ru", "en" or "-" (too little, or none of the three: the letter then begins in Kazakh). Static text.
 * Limits:    a mixed letter is the language of most of its words; і alone does not make a text Kazakh (Ukrainian and
 *            Belarusian have it, and their letters ї є ґ ў make a text `-`); two words are too few unless they hold
 *            Kazakh letters; other Turkic languages in Cyrillic are taken for Kazakh.
 * Threads:   after language_load() (or the first call) a pure function. */
#ifndef SENIM_PARSER_LANGUAGE_H
#define SENIM_PARSER_LANGUAGE_H

#include <glib.h>

#define LANGUAGE_OCTETS 16384

void language_load(void);

/* text: UTF-8 (invalid octets are skipped); quoted lines (`>`) do not count. */
const char *language_of(const char *text, gsize size);

#endif
