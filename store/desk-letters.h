/* SPDX-License-Identifier: ISC */
/* store/desk-letters.h - a letter to a reporter, as an officer asks for it.
 *
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_LETTERS_H
#define SENIM_STORE_DESK_LETTERS_H

#include "store/desk-place.h"

/* FALSE with the reply filled: an address that no letter goes to, a Message-ID or a language of another form. */
gboolean desk_letters_check(const char *to, const char *message_id, const char *language, DeskReply *reply);
/* What the outbox is given of it (transfer full). */
Record *desk_letters_record(const char *to, const char *message_id, const char *language);

#endif
