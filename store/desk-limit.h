/* SPDX-License-Identifier: ISC */
/* store/desk-limit.h - `looks-per-day`: how often one officer looks in a day before the supervisor is told.
 *
 * Looks are the OPENED, LISTED, REGISTER_READ, SEARCHED and EXTRACTED entries of the day (the organisation's) in that mailbox, counted in the register each
 * time, so that no restart forgets them. With the first look past the limit the registrar enters EXCEEDED, once a day for
 * each officer: it stands first in the supervisor's log, she is told by mail (store/notices.h) and at each sign-in until she
 * has read the log. Where `looks-limit = hard`, a look past it is refused unless
 * another reader of the case has let her (ALLOWED, for one case, until the end of that day); lists of cards then wait for
 * the next day.
 * Threads: any. */
#ifndef SENIM_STORE_DESK_LIMIT_H
#define SENIM_STORE_DESK_LIMIT_H

#include "store/desk-place.h"

/* Before a look's entry; case_seq LEDGER_NOTHING: cards. FALSE with the reply filled. */
gboolean desk_limit_allows(const DeskPlace *place, guint64 case_seq, DeskReply *reply);

#endif
