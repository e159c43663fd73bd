/* SPDX-License-Identifier: ISC */
/* store/registrar-letters.h - where the registrar's outbox and desk meet policy/: letters composed.
 *
 * Part of the program, not of the library: the store itself does not know policy/.
 * Threads: any. */
#ifndef SENIM_STORE_REGISTRAR_LETTERS_H
#define SENIM_STORE_REGISTRAR_LETTERS_H

#include "store/outbox.h"

/* OutboxHooks.compose: the octets of an acknowledgement, from the templates of the configuration, of an urgent notice, or of
 * a report that goes to law enforcement by itself. */
char *registrar_letters_compose(const OutboxLetter *letter, gpointer user, gsize *size, GError **error);
/* Every template that a mailbox's languages ask for is there and good; what --check-config runs. */
gboolean registrar_letters_check(const Config *config, GError **error);

/* Would the MTA take an answer to an address with a detail, where `reply-detail` asks for such? TRUE where it does not ask.
 * The error names key and reply; what --check-config runs. The registrar asks once more before its first letter, and lets
 * answers go to the mailbox until the MTA says yes. */
gboolean registrar_letters_try_reply(const Config *config, GError **error);

#endif
