/* SPDX-License-Identifier: ISC */
/* policy/automatic.h - is a message a person's, or a machine's, and of which kind: by form alone, never by content.
 *
 * Pure: header fields and envelope in, a word out (RFC 3834, RFC 3464 DSN, RFC 8098 MDN, RFC 2369/2919 lists,
 * the marks of older answering machines). Words of the subject are not looked at: they harm human mail.
 * The null sender alone says nothing: it is how anonymous mail comes, and such a message is a report. It takes a second
 * sign to make a bounce of it, and so it does for a daemon's address.
 * Precedence, where several kinds fit: bounce, receipt, Auto-Submitted, older replies, other reports (RFC 6522), list,
 * spam, bulk.
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

/* TRUE where X-Auto-Response-Suppress (MS-OXCMAIL) asks for no automatic answer. It is a request, which a person's
 * program may make as well: it says nothing about what the message is. */
gboolean policy_answer_unwanted(const PolicyMessage *message);

#endif
