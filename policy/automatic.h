/* SPDX-License-Identifier: ISC */
/* policy/automatic.h - is a message a person's, or a machine's, and of which kind: by form alone, never by content.
 *
 * Pure: header fields and envelope in, a word out (RFC 3834, RFC 3464 DSN, RFC 8098 MDN, RFC 2369/2919 lists,
 * CORPORA 3). "Subject words" are not looked at: they harm human mail.
 * Threads: any. Ownership: everything borrowed. */
#ifndef SENIM_POLICY_AUTOMATIC_H
#define SENIM_POLICY_AUTOMATIC_H

#include <glib.h>

typedef struct {
	const char *name;  /* header field name */
	const char *value; /* unfolded, as it came, valid UTF-8 or not */
} PolicyField;

typedef struct {
	const char *envelope_from;       /* "" for the null sender */
	const PolicyField *fields;       /* all of the message's, in order */
	guint n_fields;
	const char *content_type;        /* of the message, lower case, "type/subtype" */
	const char *report_type;         /* its report-type parameter, lower case, or NULL */
	gboolean own_message_id;         /* In-Reply-To or References name a letter of ours */
} PolicyMessage;

/* "-" or one of bounce, reply, receipt, list, bulk, spam, generated. Static text. */
const char *policy_automatic(const PolicyMessage *message);

#endif
