/* SPDX-License-Identifier: ISC */
/* store/desk-look.h - a case as a list shows it to this officer: CASE of doc/architecture.md.
 *
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_LOOK_H
#define SENIM_STORE_DESK_LOOK_H

#include "store/desk-place.h"

/* (transfer full) */
json_t *desk_look_case(const DeskCall *call, const DeskPlace *place, const LedgerCase *c);
/* What proves a case: its RECEIVED entry, and the ACCEPTED one (0: none) that gave an arrival of the X series its number. */
void desk_look_prove(GArray *seqs, guint64 seq, guint64 accepted);
/* What proves how a part of that message lies there now: the entry that sealed it anew last, where there is one. *state: that
 * entry, or the message's own. */
gboolean desk_look_prove_state(const DeskPlace *place, guint64 seq, SealPart part, GArray *seqs, guint64 *state, GError **error);

#endif
