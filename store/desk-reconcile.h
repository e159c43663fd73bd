/* SPDX-License-Identifier: ISC */
/* store/desk-reconcile.h - what `senim reconcile` asks at the host's door: are these queue ids in a register?
 *
 *   /v1/host/queue       {`mailbox`, `ids`: [{`id`, `time` (µs)}], at most 500}: `known` [word]: yes, no, early (ids were not kept then)
 *   /v1/host/reconciled  {`mailbox`, `from`, `to` (µs), `taken`, `known`, `missing`, `past`, `early`}: the entry RECONCILED
 * Who asks has the ids from the MTA's log, whose senim-milter says beside each that it was taken: he learns nothing new, and no
 * number, moment or order of a report.
 * Threads: any. */
#ifndef SENIM_STORE_DESK_RECONCILE_H
#define SENIM_STORE_DESK_RECONCILE_H

#include "store/desk-acts.h"

#define DESK_HOST_QUEUE "/v1/host/queue"
#define DESK_HOST_RECONCILED "/v1/host/reconciled"
#define DESK_QUEUE_MOST 500u

void desk_queue_as_host(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
void desk_reconciled_as_host(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);

#endif
