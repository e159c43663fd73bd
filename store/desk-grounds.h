/* SPDX-License-Identifier: ISC */
/* store/desk-grounds.h - the grounds on which a case may be looked at, as the desk holds an act against them.
 *
 * The list itself is policy/grounds.h's; it reaches the desk through its hooks (store/desk.h). Threads: a request's own. */
#ifndef SENIM_STORE_DESK_GROUNDS_H
#define SENIM_STORE_DESK_GROUNDS_H

#include "store/desk-act.h"

/* The ground's word is one of the list in force, and has a text where that asks for one. FALSE: the reply is filled. */
gboolean desk_grounds_check(const DeskCall *call, const DeskActFields *fields, DeskReply *reply);

#endif
