/* SPDX-License-Identifier: ISC */
/* store/registrar-replies.h - the address for answers to our letters, where `reply-detail` asks for one of their own.
 *
 * Would the MTA take an answer there? TRUE where it does not ask. The error names key and reply. --check-config tries all of
 * them; the registrar asks once more before its first letter, and lets answers go to the mailbox until the MTA says yes.
 * Waits 10 s at most for each line of the MTA. Threads: any. Fails: FALSE and *error (G_IO_ERROR). */
#ifndef SENIM_STORE_REGISTRAR_REPLIES_H
#define SENIM_STORE_REGISTRAR_REPLIES_H

#include "base/config.h"

/* The mailbox with the token as the detail of its local part; NULL where `reply-detail` does not ask for it, and where the
 * local part would be longer than RFC 5321 4.5.3.1.1 has it. */
char *registrar_replies_address(const Config *config, const ConfigMailbox *mailbox, const char *token);
gboolean registrar_replies_try(const Config *config, const ConfigMailbox *mailbox, GError **error);
gboolean registrar_replies_try_all(const Config *config, GError **error);

#endif
