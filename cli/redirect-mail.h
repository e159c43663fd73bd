/* SPDX-License-Identifier: ISC */
/* cli/redirect-mail.h - a kit as a letter to whom a report is handed over, sealed to the addressee or, where he has no key and the
 * configuration lets it, in clear.
 *
 * Bytes:     a MIME entity from its Content-Type field on (RFC 2045, 2.4), ASCII, CRLF; the header before it, with
 *            recipient, subject and Message-ID, is the registrar's (store/outbox.h).
 *   age      multipart/mixed: a text in Kazakh and Russian that names organisation, mailbox, number and legal ground, and
 *            nothing of the reporter; `kit.age`, sealed to the addressee's recipient alone: a MIME message with kit.pdf and
 *            letter.eml, the original octets.
 *   openpgp  multipart/encrypted (RFC 3156, 4): within it the text, kit.pdf and letter.eml.
 *   clear    multipart/mixed of those three.
 * What is forwarded goes the same way, without letter.eml.
 * The OpenPGP key is checked at each use, by redirect_mail_check() before a case is opened and by redirect_mail_compose()
 * once more; of one that ends within OPENPGP_WARN_DAYS she is told.
 * Ownership: facts are borrowed; results (transfer full) are wiped, as is what was in clear on the way.
 * Threads:   one. Fails: FALSE or NULL and *error in CLI_ERROR: no key to seal to, larger than REDIRECT_MAIL_MAX. */
#ifndef SENIM_CLI_REDIRECT_MAIL_H
#define SENIM_CLI_REDIRECT_MAIL_H

#include <glib.h>

#define REDIRECT_MAIL_MAX (700 * 1024) /* octets of the entity: the desk takes no more */

typedef enum { REDIRECT_MAIL_AGE, REDIRECT_MAIL_OPENPGP, REDIRECT_MAIL_CLEAR } RedirectMailForm;

typedef struct {
	const char *organisation, *mailbox, *number;
	const char *name;        /* the addressee's NAME */
	RedirectMailForm form;
	gboolean forwarded;      /* not redirected: the text says so, and there is no original with it */
	const char *recipient;   /* age */
	GBytes *key;             /* openpgp: the file */
	const char *fingerprint; /* and whose it has to be */
	GTimeZone *zone;
	GBytes *kit;
	const char *message;     /* the original, octet for octet; NULL: it does not go along */
	gsize message_size;
} RedirectMail;

/* As the register calls the form. */
const char *redirect_mail_word(RedirectMailForm form);
/* What stands in the letter beside the kit: for a preview (transfer full). */
char *redirect_mail_facts(const RedirectMail *mail);
/* Can it be sealed to at all? kit and message are not needed yet. */
gboolean redirect_mail_check(const RedirectMail *mail, GError **error);
GBytes *redirect_mail_compose(const RedirectMail *mail, GError **error);

#endif
