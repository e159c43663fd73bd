/* SPDX-License-Identifier: ISC */
/* cli/agreement.h - the agreement on use: shown at the first sign-in, accepted once, and again when its text changes.
 *
 * Threads: one. Fails: FALSE and *error: CLI_ERROR_REFUSED where it is not accepted. */
#ifndef SENIM_CLI_AGREEMENT_H
#define SENIM_CLI_AGREEMENT_H

#include "cli/session.h"

typedef struct {
	char *text;   /* NULL: the organisation has none */
	char *digest; /* hex */
	char **open;  /* her mailboxes in whose register it does not stand yet */
} Agreement;
void agreement_clear(Agreement *agreement);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Agreement, agreement_clear)

gboolean agreement_fetch(const Session *session, Agreement *agreement, GError **error);
/* Shows it, through the pager on a terminal. */
gboolean agreement_show(const Agreement *agreement, GError **error);
/* An entry in each register that lacks it. */
gboolean agreement_accept(Session *session, const Agreement *agreement, GError **error);
/* At a sign-in: TRUE where there is none, or it stands; else it is shown and asked for on the terminal. */
gboolean agreement_settle(Session *session, GError **error);

#endif
