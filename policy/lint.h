/* SPDX-License-Identifier: ISC */
/* policy/lint.h - a dictionary's words held against the lexicons: which would be hit that nobody meant.
 *
 * A word is hit by an entry where its folded letters are those of the entry, or begin with those of a stem, and the endings
 * that a rule asks for are there. Meant are: the entry's own word, and behind a stem of five letters up to four more, which
 * are most likely its ending; and what the lexicon's `meant` lists (`*`: all). Left out are lexicons that are `common`, those that
 * only hold rules back (!word, guards, content), and the words of rows (`a|b`), which need others beside them.
 * Ownership: a Lint borrows the rules. Threads: one for each Lint. Fails: never. */
#ifndef SENIM_POLICY_LINT_H
#define SENIM_POLICY_LINT_H

#include "policy/rules.h"

typedef struct Lint Lint;

Lint *lint_new(const Rules *rules);
void lint_free(Lint *lint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lint, lint_free)

/* Adds a word of a dictionary, in UTF-8, and the word it is a form of (the same, where it is its own). */
void lint_add(Lint *lint, const char *word, gsize size, const char *base);
/* One line for each entry that hits what it does not mean: "FILE:LINE: LEXICON: ENTRY hits N words nobody meant: a, b, c (rules
 * x, y)". Returns how many entries. */
guint lint_report(Lint *lint, GString *out);

#endif
