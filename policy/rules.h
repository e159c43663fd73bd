/* SPDX-License-Identifier: ISC */
/* policy/rules.h - what is held against a text: lexicons, guards and rules, read from files that a lawyer can read.
 *
 * The form of a file is described in senim-rules(5). A set is read as a whole or not at all; nothing in it can make work
 * without bounds: a rule is a row of words with gaps between them inside one clause or sentence, no regular expression.
 * Ownership: a Rules owns everything in it and is read-only once it was read.
 * Threads:   any, on a finished set.
 * Fails:     rules_read(): *error is "FILE:LINE: what is wrong: what to do". */
#ifndef SENIM_POLICY_RULES_H
#define SENIM_POLICY_RULES_H

#include <glib.h>

#define RULES_ERROR (rules_error_quark())
GQuark rules_error_quark(void);

#define RULES_OCTETS_MAX (4u << 20) /* all files together */
#define RULES_ATOMS_MAX 16384
#define RULES_ELEMENTS_MAX 8        /* words of one row */
#define RULES_EXAMPLES_MIN 2        /* of each kind, for each rule */
#define RULES_ANY_WORD "word"       /* the lexicon of all words: @word{ending} */
#define RULES_AT_RISK "reporter-at-risk" /* the class of a letter whose writer may be in danger */

typedef enum { VIEW_WRITTEN, VIEW_SOUND, VIEW_SQUEEZED, VIEWS } RulesView;

typedef enum { RULES_CLEAN, RULES_REVIEW, RULES_REDIRECT } RulesVerdict; /* in the order of their weight */
const char *rules_verdict_word(RulesVerdict verdict);

typedef struct {
	char *name; /* of a file, for messages */
	const char *text;
	gsize size;
} RulesFile;

typedef enum { JOIN_ANYWHERE, JOIN_NEAR, JOIN_AFTER } RulesJoin;

/* A bit for each of some atoms: where two have no bit in common, they have no atom in common. */
typedef struct {
	guint64 words[4];
} RulesBits;

static inline void rules_bits_add(RulesBits *bits, guint16 atom)
{
	bits->words[atom >> 6 & 3] |= G_GUINT64_CONSTANT(1) << (atom & 63);
}

static inline gboolean rules_bits_meet(const RulesBits *bits, const RulesBits *other)
{
	return ((bits->words[0] & other->words[0]) | (bits->words[1] & other->words[1]) | (bits->words[2] & other->words[2]) |
	        (bits->words[3] & other->words[3])) != 0;
}

typedef struct {
	GArray *atoms; /* guint16, sorted */
	RulesBits bits;
} RulesAtoms;

/* One word of a row: one of these atoms, and where it stands to the one before. */
typedef struct {
	RulesAtoms of;
	RulesJoin join;
	guint gap; /* words between */
	gboolean absent;
	gboolean first, last;         /* of its clause: ^word word$ */
	gboolean very_first, very_last; /* of its sentence: ^^word word$$ */
} RulesElement;

typedef struct {
	guint rule; /* index */
	guint n_elements, anchor;
	gboolean in_sentence; /* as its rule */
	RulesElement elements[RULES_ELEMENTS_MAX];
} RulesRow;

/* What a row needs beside its anchor, its rarest word: small, so that those of all rows stay close by. */
typedef struct {
	RulesBits needs;
	gboolean in_sentence;
} RulesProbe;

typedef struct {
	char *text;
	gboolean must;
	guint line;
	const char *file;
} RulesExample;

typedef struct {
	char *id, *class_name;
	RulesVerdict verdict;
	gboolean in_sentence;
	guint64 unless; /* bits of guards */
	GArray *examples;
	const char *file;
	guint line;
} Rule;

typedef enum { GUARD_BEFORE, GUARD_AFTER, GUARD_CLAUSE, GUARD_SENTENCE, GUARD_PREVIOUS, GUARD_COLON, GUARD_NEXT, GUARD_LETTER, GUARD_AROUND } RulesWhere;

#define RULES_GUARD_WORDS 4

typedef struct {
	guint guard; /* bit */
	RulesWhere where;
	guint within; /* words; 0: anywhere on that side in the sentence */
	RulesAtoms of[RULES_GUARD_WORDS]; /* a word of each of the first n stands there, or of an absent one none */
	gboolean absent[RULES_GUARD_WORDS];
	guint n;
} RulesGuard;

#define GUARD_QUOTED 0 /* these are the engine's own; the files name the others */
#define GUARD_MAILQUOTE 1
#define GUARD_DOUBTFUL 2 /* alone it lowers a hit to review, not to clean */
#define GUARD_REPORTED 3
#define GUARD_TOLD 4
#define GUARDS_MAX 64

typedef struct {
	GArray *rows;   /* RulesRow */
	GArray *probes; /* RulesProbe, one for each row */
	GArray *rules;  /* Rule */
	GArray *guards; /* RulesGuard */
	GPtrArray *guard_names;
	GArray *content;      /* guint16: atoms that a report is known by */
	GArray *anchored;     /* guint32: rows, those anchored at one atom side by side */
	GArray *by_atom;      /* guint32: where an atom's begin there; one more than there are atoms */
	guint16 number;       /* the atom @number */
	guint16 english;      /* the atom @english: the words by which an English clause is known */
	guint16 told;         /* the atom @speaker.told: the words by which a threat was for whoever hands it on */
	struct Model *model; /* the second opinion (policy/model.h), or NULL */
	struct RulesOwned *owned;
} Rules;

/* files in order. */
Rules *rules_read(const RulesFile *files, gsize n, GError **error);
void rules_free(Rules *rules);
/* Takes the model: it is asked after the rules, and may only ask for a review. */
void rules_take_model(Rules *rules, struct Model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rules, rules_free)

/* Adds the atoms of one key, each once (guint16). Returns the steps it took, a measure of time. plain_n: bit i says that
 * letter i is a н that is no ң, though both have one code (балаңды, your child; баланы, the child). */
guint rules_look_up(const Rules *rules, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms);
/* The same of @word, which every word is: whether a word is known at all is not asked so. */
guint rules_look_up_any(const Rules *rules, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms);
/* Bit n: the key's first n octets are a word, or a stem, as written; n from 1 to 63. Returns the steps. */
guint rules_beginnings(const Rules *rules, const guint8 *key, gsize size, guint64 *whole, guint64 *stems);
gboolean rules_has(const GArray *sorted, guint16 atom);

/* For the lint: each entry as it stands in the file, its place, and whether a word is among those that its line lists as
 * meant. */
typedef struct {
	const char *file, *word, *lexicon;
	guint line;
	gboolean stem, linted;
	GPtrArray *meant; /* borrowed; stems or words */
} RulesEntry;
/* The lexicon, or the word of a row, that an atom was made of (borrowed). */
const char *rules_atom_lexicon(const Rules *rules, guint16 atom);
guint rules_n_entries(const Rules *rules);
const RulesEntry *rules_entry(const Rules *rules, guint i);

#endif
