/* SPDX-License-Identifier: ISC */
/* milter/recipient.h - is a recipient one of our mailboxes, whatever way it is spelled?
 *
 * A mailbox is reached by a dozen spellings (RFC 5321 4.1.2, and what MTAs take beyond it): with and without angle
 * brackets, any case, quoted, with backslashes, without a domain, with a trailing dot, by the percent hack, a bang path
 * or a source route, with an extension, at an address literal, through an alias that the MTA resolved. A spelling that is
 * missed is a report delivered in clear, so what is looked at is both the argument of RCPT and what the MTA made of it
 * ({rcpt_addr}); one of them suffices.
 *
 * `also = ADDRESS` is another address of the mailbox, `also = @DOMAIN` the same local part there. Every address takes an
 * extension behind one of recipient-delimiter's octets. Domains are compared as A-labels (IDNA), local parts without
 * regard to case.
 *
 * Limits:    a spelling of more than RECIPIENT_MAX octets is not looked at; the other one still is.
 * Ownership: a matcher copies what it needs of the configuration.
 * Threads:   a matcher is immutable: any. The functions are pure.
 * Bugs:      an alias that the MTA expands after RCPT (aliases, .forward, always_bcc) cannot be seen here: name it with
 *            `also`, and let senim-ingest take what comes that way. */
#ifndef SENIM_MILTER_RECIPIENT_H
#define SENIM_MILTER_RECIPIENT_H

#include "base/config.h"

#define RECIPIENT_MAX 2048

#define RECIPIENT_FOREIGN (-1)
#define RECIPIENT_REJECTED (-2) /* the MTA has refused it: it is no recipient at all */

typedef struct RecipientMatcher RecipientMatcher;

RecipientMatcher *recipient_matcher_new(const Config *config);
void recipient_matcher_free(RecipientMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecipientMatcher, recipient_matcher_free)

/* The index of the mailbox in the configuration, RECIPIENT_FOREIGN or RECIPIENT_REJECTED. argument is argv[0] of RCPT;
 * rcpt_addr and rcpt_mailer are the MTA's macros, NULL where it gave none. */
int recipient_match(const RecipientMatcher *matcher, const char *argument, const char *rcpt_addr,
                    const char *rcpt_mailer);

/* The spellings by which the MTA may know this recipient, each once and within angle brackets, NULL-terminated (transfer
 * full, g_strfreev): as given, what the MTA made of it, and, behind a source route, the address as typed. smfi_delrcpt()
 * reports success when it removed nothing, so it is called with each. */
char **recipient_spellings(const char *argument, const char *rcpt_addr);

/* The address within angle brackets and behind a source route, otherwise as typed (transfer full); "" for "<>". */
char *recipient_strip(const char *argument);

#endif
