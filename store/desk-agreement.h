/* SPDX-License-Identifier: ISC */
/* store/desk-agreement.h - the text on whose terms officers use the mailbox, accepted before anything else is served.
 *
 * Where `agreement` of senim.conf(5) names a text, whoever signs in is served nothing but that text until an entry AGREED
 * of hers with its digest stands in the register of each of her mailboxes; another text asks again.
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_AGREEMENT_H
#define SENIM_STORE_DESK_AGREEMENT_H

#include "store/desk-acts.h"

#define DESK_AGREEMENT_MAX 65536 /* octets of the text */

/* The text in force: UTF-8 without control characters but LF and TAB (transfer full), and the BLAKE2b-256 of it in hex.
 * NULL with *error where it cannot be read; NULL without: none is named. */
char *desk_agreement_text(const Config *config, char digest[65], GError **error);
/* May this target be served to her now? FALSE: the reply is filled. */
gboolean desk_agreement_lets(const DeskCall *call, const DeskAct *act, DeskReply *reply);

#endif
