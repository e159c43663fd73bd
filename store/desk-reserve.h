/* SPDX-License-Identifier: ISC */
/* store/desk-reserve.h - `disk-reserve`: the last of the disk belongs to reports.
 *
 * A look is an entry, and an entry takes room. Where less than the reserve is free besides it in the state directory's file
 * system, or it was given up (store/reserve.h), nobody opens, lists or reads the log of others any more.
 * What protects the store goes on all the same: signing in, a block, a withholding.
 * Threads: any. */
#ifndef SENIM_STORE_DESK_RESERVE_H
#define SENIM_STORE_DESK_RESERVE_H

#include "store/desk-place.h"

/* Before a look's entry. FALSE with the reply filled. */
gboolean desk_reserve_allows(const DeskPlace *place, DeskReply *reply);

#endif
