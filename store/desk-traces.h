/* SPDX-License-Identifier: ISC */
/* store/desk-traces.h - by which entries something of a case left the store, or lies in another place of it: what an erasure does not reach.
 *
 * Read from the register alone, from the case's entry on; nothing is opened. Of another case its number is said only to whom it may be.
 * Threads: a request's own. Fails: NULL and *error (LEDGER_ERROR). */
#ifndef SENIM_STORE_DESK_TRACES_H
#define SENIM_STORE_DESK_TRACES_H

#include "store/desk-place.h"
#include "store/json.h"

/* [{`kind`, `entry`, `time`, `officer`?, `what`?, `by`?}] (transfer full; doc/architecture.md). */
json_t *desk_traces(const DeskPlace *place, const LedgerCase *c, const gint *stopping, GError **error);

#endif
