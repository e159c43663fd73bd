/* SPDX-License-Identifier: ISC */
/* cli/review.h - the yearly review of the policy on personal data: whether it is due.
 *
 * Asked once a sign-in of the screen, and by doctor on an officer's machine; it is no entry. Threads: one.
 * Fails: FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REVIEW_H
#define SENIM_CLI_REVIEW_H

#include "cli/session.h"

/* due: neither within a year, nor did the register begin within one. last: microseconds UTC, 0: not within 400 days. digest (or
 * NULL): of its text, "" without one (transfer full). */
gboolean review_is_due(Session *session, const char *mailbox, gboolean *due, gint64 *last, char **digest, GError **error);
/* That it is due, and what to do (transfer full). */
char *review_sentence(Session *session, const char *mailbox, gint64 last);

#endif
