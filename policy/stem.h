/* SPDX-License-Identifier: ISC */
/* policy/stem.h - words as they are looked for: however they are spelled, and whatever their endings.
 *
 * A text is folded once (policy/name-text.h: Kazakh, Kazakh without its own letters, Russian and their transliterations share one
 * Latin spelling), and numbers become their digits alone (8 701 …, +7 (701) … are 7701…). A query's words lose their endings, of
 * Kazakh one behind another, of Russian one, and find every word that begins with what is left: «мектептерінен» finds «мектебі»,
 * «взятку» finds «взятка» and «взяточник». What is left has three letters at least, and where it has just three a word found must
 * go on with endings alone. The last letter may be п or б, к or г, and a vowel before it may lack (халық, халқы; рынок, рынка).
 *   words     each must be found (AND), at least three letters or digits
 *   "a b"     one behind the other, also across a line's end
 * Bytes:     folded: for each line of the text its words, a blank before each, its numbers (of more than seven digits the last
 *            seven too), LF. Letters of other scripts stay as they are, in lower case.
 * Promise:   linear in the text for each term; at most STEM_TERMS terms.
 * Ownership: results (transfer full). A StemQuery and a folded text are as secret as what they came from: both wipe.
 * Threads: pure. */
#ifndef SENIM_POLICY_STEM_H
#define SENIM_POLICY_STEM_H

#include <glib.h>

#define STEM_TERMS 16

/* The folded text; to be freed with stem_wipe(). */
GString *stem_fold(const char *text, gsize size);
void stem_wipe(GString *folded);

typedef struct StemQuery StemQuery;

typedef enum {
	STEM_GOOD,
	STEM_NOTHING, /* no word in it */
	STEM_SHORT,   /* a word of fewer than three letters or digits */
	STEM_MANY,    /* more than STEM_TERMS */
} StemFault;

/* NULL: *fault says why. */
StemQuery *stem_query_new(const char *words, StemFault *fault);
void stem_query_free(StemQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StemQuery, stem_query_free)

/* A bit for each of its terms. */
guint32 stem_query_all(const StemQuery *query);

typedef struct {
	guint32 line;  /* of the text, from 0 */
	guint32 terms; /* a bit for each that stands in it, or begins in it */
} StemLine;

/* Which terms stand in it. lines: NULL, or gets one StemLine for each line that has any, in their order. */
guint32 stem_query_find(const StemQuery *query, const char *folded, gsize size, GArray *lines);

/* Where in a line of the text itself the first word of one of its terms begins; 0 where it has none but numbers. */
gsize stem_query_place(const StemQuery *query, const char *line, gsize size);

#endif
