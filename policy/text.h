/* SPDX-License-Identifier: ISC */
/* policy/text.h - a text as words, clauses and sentences, each word with its place and what the rules know of it.
 *
 * A word is looked up in three views: as written (folded, scripts and leet repaired), by its sound where it is Latin and
 * its clause is not English, and with every letter once where letters are stretched. Words spelled out letter by letter
 * (у б ь ю, F.u.c.k; policy/spell.h where no wider gap parts them), split (уб-ью) or starred (х*й) are put together
 * again; in a clause where signs stand for letters a word may be signs alone (70 for to). Line ends in running text end
 * nothing. Each word also has the letters it is meant in, as the model knows them: in one script, without stars and runs,
 * Russian and Kazakh in Cyrillic letters.
 * Promise:   linear time, disguises TEXT_DISGUISE_STEPS at most; clauses hold at most TEXT_CLAUSE_MAX words, sentences
 *            TEXT_SENTENCE_MAX, however they go on; places are octets of the text as it was given.
 * Ownership: (transfer full). Threads: pure. Fails: never. */
#ifndef SENIM_POLICY_TEXT_H
#define SENIM_POLICY_TEXT_H

#include "policy/rules.h"
#include "policy/zones.h"

#define TEXT_CLAUSE_MAX 64
#define TEXT_SENTENCE_MAX 400

typedef struct {
	guint32 from, to;
	guint32 sentence, clause;
	RulesBits bits; /* of its atoms */
	guint32 atoms; /* index of the first */
	guint32 codes; /* of the letters it is meant in (policy/fold.h): index of the first */
	guint16 n_atoms;
	guint8 n_codes;
	guint8 zone; /* ZoneKind */
	guint8 colon : 1;   /* one stands before it */
	guint8 guessed : 1; /* parted from a long row of letters, where it seemed to end */
} TextWord;

typedef struct {
	GArray *words; /* TextWord */
	GArray *atoms; /* guint16 */
	GByteArray *codes; /* wiped when they are freed */
	GArray *zones;
	guint64 steps; /* of looking up: a measure of time */
	gboolean cut;  /* it is dressed up beyond measure: from some place on it was read as it is written, and not further */
} Text;

#define TEXT_DISGUISE_STEPS 600000 /* for second readings, stars and rows of letters, in the whole text */

Text *text_read(const Rules *rules, const char *octets, gsize size);
void text_free(Text *text);
/* Codes that are a text as well. */
void text_wipe(GByteArray *codes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Text, text_free)

gboolean text_word_has(const Text *text, const TextWord *word, const RulesAtoms *of);

/* Whether the word is one of these; nearly always the bits say at once that it is not. */
static inline gboolean text_word_is(const Text *text, guint number, const RulesAtoms *of)
{
	const TextWord *word = &g_array_index(text->words, TextWord, number);
	return rules_bits_meet(&word->bits, &of->bits) && text_word_has(text, word, of);
}

#endif
