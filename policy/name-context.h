/* SPDX-License-Identifier: ISC */
/* policy/name-context.h - does a name at this place make the letter one about her? policy/names.h says what counts.
 *
 * Works on the words around the name alone: at most CONTEXT_WORDS to either side.
 * Ownership: everything borrowed. Threads: pure. */
#ifndef SENIM_POLICY_NAME_CONTEXT_H
#define SENIM_POLICY_NAME_CONTEXT_H

#include "policy/name-text.h"

typedef struct {
	const NameText *text;
	const GArray *zones;  /* of policy/zones.h; NULL: a subject */
	const guint8 *part;   /* per word: it belongs to a name or post that was found */
	guint head;           /* words before the letter's first sentence: address block and greeting */
} NameContext;

/* zones NULL: text is a subject. */
guint name_context_head(const NameText *text);

/* first..last: the words of the mention; oblique: it stands in a case that nobody is called by. */
gboolean name_context_counts(const NameContext *context, guint first, guint last, gboolean oblique);

#endif
