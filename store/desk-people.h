/* SPDX-License-Identifier: ISC */
/* store/desk-people.h - what root of the host may do at the desk without a key: block somebody, and nothing else (what it
 * may ask: store/desk-host.h).
 *
 * POST /v1/host/block {mailbox, name, order, signed}: answered to uid 0 and to the registrar's own user alone (the socket's
 * peer credentials). The BLOCKED entry has `officer` "-" and `host`: root or registrar.
 * Threads: any. */
#ifndef SENIM_STORE_DESK_PEOPLE_H
#define SENIM_STORE_DESK_PEOPLE_H

#include "store/desk-acts.h"

#define DESK_PEOPLE_AS_HOST "/v1/host/block"
void desk_people_block_as_host(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);

#endif
