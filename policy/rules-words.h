/* SPDX-License-Identifier: ISC */
/* policy/rules-words.h - the words of a rule set: lexicons in tries, and the endings that a stem may or must have.
 *
 * A lexicon has a number, its words are stems (`stem-`: any ending) or whole words. An atom is a lexicon, or a word
 * of its own, with conditions on the ending; a look-up gives the atoms that a key satisfies.
 * Promise:   a look-up visits at most WORDS_VISITS_MAX nodes, whatever stars are in the key.
 * Ownership: a RulesWords owns everything in it. Threads: any, once it is filled. Fails: never but where it says so. */
#ifndef SENIM_POLICY_RULES_WORDS_H
#define SENIM_POLICY_RULES_WORDS_H

#include "policy/rules.h"

#define WORDS_VISITS_MAX 4000

typedef struct RulesWords RulesWords;

RulesWords *rules_words_new(void);
void rules_words_free(RulesWords *words);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RulesWords, rules_words_free)

/* The lexicon's number, made where there was none. */
guint rules_words_lexicon(RulesWords *words, const char *name);
/* G_MAXUINT where there is none. */
guint rules_words_find(const RulesWords *words, const char *name);
void rules_words_set_common(RulesWords *words, guint lexicon);
gboolean rules_words_is_common(const RulesWords *words, guint16 atom);
/* word: as in the file, `stem-` or whole. meant: (borrowed) may still grow. FALSE where it holds no letters. */
gboolean rules_words_add(RulesWords *words, guint lexicon, const char *word, const char *file, guint line,
                         GPtrArray *meant, gboolean linted);

/* FALSE: there are too many lists. */
gboolean rules_words_add_ending(RulesWords *words, const char *name, const char *pattern);

/* "@name", "@name{ending,!ending}", "word", "stem-": its atom, or -1 and *error (without a place). */
gint rules_words_atom(RulesWords *words, const char *text, const char *file, guint line, GError **error);

/* Once, when no word will be added any more; before it nothing can be looked up. */
void rules_words_settle(RulesWords *words);

/* As rules_look_up(). Returns the steps it took. */
guint rules_words_look_up(const RulesWords *words, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms);
/* The atoms of RULES_ANY_WORD that the key's ending satisfies; as rules_words_look_up(). */
guint rules_words_look_up_any(const RulesWords *words, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms);
/* Bit n: the key's first n octets are a word, or a stem; n from 1 to 63. Returns the steps it took. */
guint rules_words_beginnings(const RulesWords *words, const guint8 *key, gsize size, guint64 *whole, guint64 *stems);
const char *rules_words_lexicon_of(const RulesWords *words, guint16 atom);
guint rules_words_n_atoms(const RulesWords *words);
guint rules_words_n_entries(const RulesWords *words);
const RulesEntry *rules_words_entry(const RulesWords *words, guint i);

#endif
