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

#endif
