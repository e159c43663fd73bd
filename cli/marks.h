/* SPDX-License-Identifier: ISC */
/* cli/marks.h - what the screening made of a letter, for the person who reads it: the verdict, what to do about it, and each
 * hit as its words among theirs, with the rule and what was weighed against it.
 *
 * Untrusted text is escaped here. Colour on a terminal, unless NO_COLOR is set; where there is none the words stand in brackets.
 * Ownership: everything is borrowed. Threads: one. Fails: never. */
#ifndef SENIM_CLI_MARKS_H
#define SENIM_CLI_MARKS_H

#include "base/record.h"
#include "cli/wipe.h"

#define MARKS_CONTEXT 48 /* octets of the text on each side of a hit */

typedef struct {
	const char *rule, *class_name, *verdict; /* of this hit: clean where something held against it */
	gboolean in_subject;
	gsize from, to;                          /* octets of the text, or of the subject */
	const char *before, *words, *after;      /* of it; words NULL where the place is not one of it */
	char **guards;
} Mark;

/* The verdict and its classes in one line, then the sentences that follow from them. mixed: it reports something as well. */
void marks_add_verdict(WipeBuffer *out, const char *verdict, char **classes, gboolean mixed);
/* Elements Mark: those that overlap are one place, with a line for each class that was found there. */
void marks_add_all(WipeBuffer *out, const GArray *marks);

/* All of it, from a proved RECEIVED record and the card's `reason` lines (policy/screen.h), which count in text and subject. */
void marks_add_card(WipeBuffer *out, const Record *registered, const Record *card, const char *text, gsize size,
                    const char *subject);
/* Whether the record has anything that marks_add_card() would explain. */
gboolean marks_has(const Record *registered);

#endif
