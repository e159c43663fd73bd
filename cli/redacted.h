/* SPDX-License-Identifier: ISC */
/* cli/redacted.h - a letter's text without its writer, made by the caged child (senim-examine --redact, policy/redact.h).
 *
 *   g_autoptr(Redacted) without = redacted_new(examiner, &(RedactedLetter){...}, error);
 * What is hidden besides its forms: every name, telephone and address that the card, the letter's header, and the row of the
 * register have of the writer, and the words that she marks.
 * Ownership: a Redacted owns its texts and wipes them. Threads: one. Fails: NULL and *error: CLI_ERROR_FAILED, as view_message(). */
#ifndef SENIM_CLI_REDACTED_H
#define SENIM_CLI_REDACTED_H

#include "base/bundle.h"
#include "cli/row.h"

typedef struct {
	const Bundle *view;  /* of the letter */
	const Record *card;  /* opened */
	const Record *fields; /* of the opened letter: its envelope */
	const Row *row;      /* or NULL */
	const char *words;   /* what she marks, separated by ; or line ends; or NULL */
	const char *const *about; /* names of the addressee: does the letter speak of it? NULL-terminated */
	const char *language; /* of the marks */
} RedactedLetter;

typedef struct {
	WipeText *text;
	GPtrArray *rows;  /* "KIND TEXT", WipeText: what was hidden */
	GPtrArray *left;  /* WipeText: words that may be a part of a name, and stayed */
	GPtrArray *named; /* WipeText: names of people that the new text has, "…" where there are more */
	GPtrArray *about; /* char *: those of `about` that the letter speaks of */
} Redacted;

Redacted *redacted_new(const char *examiner, const RedactedLetter *letter, GError **error);
void redacted_free(Redacted *redacted);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Redacted, redacted_free)

/* What was written of a case, without what its row says of who reported (transfer full). */
WipeText *redacted_words(const char *examiner, const Row *row, const char *text, const char *language, GError **error);

/* What was hidden, and what stayed, a line each, for a person (transfer full). */
WipeText *redacted_list(const Redacted *redacted);
/* The names that stay, one behind the other, for the question whether one of them is the writer's; NULL where none does
 * (transfer full). */
WipeText *redacted_named(const Redacted *redacted);
/* Who wrote it, as card and row have it: for a document that names him (elements WipeText, NULL-terminated; transfer full). */
GPtrArray *redacted_writer(const RedactedLetter *letter);

#endif
