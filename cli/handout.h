/* SPDX-License-Identifier: ISC */
/* cli/handout.h - to whom a report is handed over, and in what form: what redirect and forward share.
 *
 * Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_HANDOUT_H
#define SENIM_CLI_HANDOUT_H

#include "cli/redirect-mail.h"
#include "cli/session.h"

/* The addressee that --to names, or the only one there is of its kind: law enforcement, or all others (transfer full). */
json_t *handout_choose(Session *session, gboolean law, GError **error);
/* Sealed to its key, or in clear where the configuration says so; *mail borrows from `to`, but for its key. */
gboolean handout_form(json_t *to, RedirectMail *mail, GError **error);
/* The second question before anything goes in clear; to: the mail address. */
gboolean handout_ask_clear(const Case *c, const RedirectMail *mail, const char *to, GError **error);
/* Is the key the addressee's own (cli/addressee-key.h)? */
gboolean handout_check_key(Session *session, const Case *c, const RedirectMail *mail, GError **error);

#endif
