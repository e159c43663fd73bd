/* SPDX-License-Identifier: ISC */
/* cli/redirect-mail.h - a kit as a letter to law enforcement: facts in clear, everything else in one age file.
 *
 * Bytes:     RFC 5322 and 2045, ASCII, CRLF. The subject is fixed; the text, in Kazakh and Russian, names organisation,
 *            mailbox, number and legal ground, and nothing of the reporter. The attachment `kit.age` is sealed to the
 *            addressee's recipient alone; in it is a MIME message with kit.pdf and letter.eml, the original octets.
 * Ownership: results (transfer full); what was in clear on the way is wiped.
 * Threads:   one. Fails: NULL and *error in CLI_ERROR: no recipient to seal to, larger than REDIRECT_MAIL_MAX. */
#ifndef SENIM_CLI_REDIRECT_MAIL_H
#define SENIM_CLI_REDIRECT_MAIL_H

#include <glib.h>

#define REDIRECT_MAIL_MAX (700 * 1024) /* octets of the whole letter: the desk takes no more */

typedef struct {
	const char *organisation, *mailbox, *number;
	const char *to, *recipient; /* the addressee's mail address and age recipient */
	gint64 date;                /* microseconds UTC */
	GTimeZone *zone;
	GBytes *kit;
	const char *message;        /* the original, octet for octet */
	gsize message_size;
} RedirectMail;

GBytes *redirect_mail_compose(const RedirectMail *mail, GError **error);

#endif
