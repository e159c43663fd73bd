/* SPDX-License-Identifier: ISC */
/* cli/spoken.h - six words that stand for a hash, to be read over the telephone.
 *
 * The first 60 bits of the hash, ten bits a word, from a list of 1024 easy words of one language; no two of a list are
 * alike in their first four letters, so that these are what counts when they are typed. Whoever wants another key with the
 * same six words tries 2^60 of them, for one store and one name, while somebody waits at the telephone.
 * Threads: pure. */
#ifndef SENIM_CLI_SPOKEN_H
#define SENIM_CLI_SPOKEN_H

#include <glib.h>

#define SPOKEN_WORDS 1024
#define SPOKEN_COUNT 6

extern const char *const spoken_kk[SPOKEN_WORDS], *const spoken_ru[SPOKEN_WORDS];

/* The six words, a blank between them (transfer full). */
char *spoken_say(const char *const list[SPOKEN_WORDS], const guint8 hash[32]);
/* Are these its six words, of either language? Case, the blanks between them, commas and what follows the fourth letter
 * make no difference. */
gboolean spoken_is(const guint8 hash[32], const char *typed);

#endif
