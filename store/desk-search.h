/* SPDX-License-Identifier: ISC */
/* store/desk-search.h - cases that an officer's program names by itself, out of its index: which of them are still hers.
 *
 * Hers is what she may open now (desk_place_why_not()) and has a header of, under whichever of her keys: what was erased,
 * withheld from her or given to another is not, and none of these is told from another.
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_SEARCH_H
#define SENIM_STORE_DESK_SEARCH_H

#include "store/desk-place.h"

/* An array of at most so many numbers above 0: else FALSE with the reply filled. */
gboolean desk_search_read_seqs(const json_t *seqs, gsize most, DeskReply *reply);
/* The case whose RECEIVED entry is seq, where it is hers (transfer full); else NULL. *fault: the books could not be read, and
 * the reply is filled. */
LedgerCase *desk_search_hers(const DeskPlace *place, guint64 seq, gboolean *fault, DeskReply *reply);

#endif
