/* SPDX-License-Identifier: ISC */
/* policy/reference.h - which letters of ours does a message name: what makes an answer, or a bounce, belong to its case.
 *
 *   by a Message-ID of ours  58 characters of base32 @ a mailbox's domain: in In-Reply-To, References, the Message-ID of an
 *                            embedded message, or anywhere in the text (mailers that know nothing of RFC 3464 quote headers)
 *   by a number and its word "2026/17-KOTAMEHI", in subject and text, quoted parts too; in Latin or Cyrillic letters, any
 *                            case, any dash, blanks around it
 *   by the address           26 characters of base32 behind a delimiter of the local part that it was sent to
 *
 * Form alone: what is genuine only the registrar can tell, and a guess costs the guesser nothing but his letter.
 * Found are at most FINDING_LIST_MAX, each once, in this order: fields, addresses, subject, text.
 * Work:      linear in the text.
 * Threads:   any. Ownership: everything borrowed but the result. */
#ifndef SENIM_POLICY_REFERENCE_H
#define SENIM_POLICY_REFERENCE_H

#include <glib.h>

typedef struct {
	const GPtrArray *ids;       /* Message-IDs without brackets (char *) */
	const GPtrArray *tags;      /* domains of our mailboxes (char *) */
	const GPtrArray *addresses; /* to which it was sent (char *) */
	const char *subject;        /* or NULL */
	const char *text;           /* UTF-8, or nearly; may hold NUL */
	gsize size;
} ReferenceQuestion;

typedef struct {
	GPtrArray *found; /* as the facts have them: a token in lower case, or "2026/17-KOTAMEHI" (char *) */
	gboolean by_id;   /* one of them by Message-ID */
	gboolean more;    /* there were more than are found */
} References;

References *reference_find(const ReferenceQuestion *question);
void references_free(References *references);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(References, references_free)

#endif
