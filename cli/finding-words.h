/* SPDX-License-Identifier: ISC */
/* cli/finding-words.h - what the examination's words mean to a lawyer, in the language of a paper, not of the screen.
 *
 * Verdicts and classes are those of the rules (policy/rules/), and of the model. A reason is a line of the card, made by
 * verdict_reason() (policy/screen.h); as a sentence it quotes the words that it stands on, and names no rule: whoever gets
 * the paper knows none of them.
 * Ownership: results (transfer full) where they are not const. Threads: any. Fails: never; a word that is not known here
 * stands as it is, and a reason that is not of its form is none. */
#ifndef SENIM_CLI_FINDING_WORDS_H
#define SENIM_CLI_FINDING_WORDS_H

#include <glib.h>

#include "cli/wipe.h"

typedef enum { FINDING_WORDS_KK, FINDING_WORDS_RU, FINDING_WORDS_LANGUAGES } FindingLanguage;

/* NULL or "-": a dash. */
const char *finding_words_say(const char *word, FindingLanguage language);

/* The reason as a sentence. text: of the message's view, which the reason's places count in; subject: or NULL. NULL where
 * the reason carries no mark: its words were quoted, negated, reported, and the examination left them be; or only read like
 * something, which is a ground for her to look and for nobody else. */
WipeText *finding_words_reason(const char *reason, const char *text, gsize size, const char *subject, FindingLanguage language);

#endif
