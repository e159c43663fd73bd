/* SPDX-License-Identifier: ISC */
/* policy/redact-private.h - what the files of policy/redact.h share: the text they look at, and the places they found. */
#ifndef SENIM_POLICY_REDACT_PRIVATE_H
#define SENIM_POLICY_REDACT_PRIVATE_H

#include "policy/name-text.h"
#include "policy/redact.h"

typedef struct {
	gsize from, to; /* octets; to is behind it */
	RedactKind kind;
} RedactSpan;

typedef struct {
	const RedactQuestion *question;
	const char *text;
	gsize size;
	const GArray *zones;
	GArray *spans;   /* RedactSpan, in any order, one over another */
	GPtrArray *left; /* of the Redaction */
} RedactLook;

void redact_look_add(const RedactLook *look, RedactKind kind, gsize from, gsize to);
/* What stands before an octet on its line, at most `most` octets of it, in lower case (transfer full). */
char *redact_look_before(const RedactLook *look, gsize at, gsize most);

void redact_number_find(const RedactLook *look); /* identity, phone, account, card */
void redact_place_find(const RedactLook *look);  /* contact, address */
void redact_name_find(const RedactLook *look);   /* name, word */

/* Names of people that the new text has (Redaction, named). */
void redact_left_find(const char *text, gsize size, GPtrArray *named);

#endif
