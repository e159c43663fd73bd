/* SPDX-License-Identifier: ISC */
/* store/desk-messages.h - a message of a case after the first, as one officer may have it.
 *
 * Threads: a request's own. Functions that take a reply fill it before they return NULL. */
#ifndef SENIM_STORE_DESK_MESSAGES_H
#define SENIM_STORE_DESK_MESSAGES_H

#include "store/desk-place.h"

/* seq: of the FOLLOWUP entry; one of another case is none of this (transfer full). */
LedgerMessage *desk_messages_enter(const DeskPlace *place, const LedgerCase *c, json_int_t seq, DeskReply *reply);
/* Does she hear nothing of it yet? */
gboolean desk_messages_is_held(const DeskPlace *place, const LedgerCase *c, const LedgerMessage *message);

#endif
