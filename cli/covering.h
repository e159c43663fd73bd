/* SPDX-License-Identifier: ISC */
/* cli/covering.h - the covering letter of what is handed over on paper: one page in Kazakh, one in Russian.
 *
 * Head with a place for the chancellery's outgoing number and date, addressee, paragraphs, a line to sign. Its language is the
 * addressee's, never the officer's. Ownership: a Covering borrows. Threads: one. */
#ifndef SENIM_CLI_COVERING_H
#define SENIM_CLI_COVERING_H

#include "cli/finding-words.h"
#include "cli/page.h"

typedef struct {
	const char *organisation;
	const char *name, *address;    /* the addressee's */
	const char *const *paragraphs; /* ended by NULL */
} Covering;

void covering_add(Page *page, const Covering *letter, FindingLanguage language);
/* text with {date}, {mailbox}, {number} and {organisation} in their places, each once (transfer full). received:
 * "2026-11-22 10:11:47+05:00", whose day the chancellery writes "22.11.2026". */
char *covering_fill(const char *text, const char *received, const char *mailbox, const char *number, const char *organisation);

#endif
