/* SPDX-License-Identifier: ISC */
/* store/desk-agreement.h - the text on whose terms officers use the mailbox, accepted before anything else is served.
 *
 * Where `agreement` of senim.conf(5) names a text, whoever signs in is served nothing but that text until an entry AGREED
 * of hers with its digest stands in the register of each of her mailboxes; another text asks again.
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_AGREEMENT_H
#define SENIM_STORE_DESK_AGREEMENT_H

#include "store/desk-acts.h"

/* May this target be served to her now? FALSE: the reply is filled. */
gboolean desk_agreement_lets(const DeskCall *call, const DeskAct *act, DeskReply *reply);

#endif
