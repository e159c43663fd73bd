/* SPDX-License-Identifier: ISC */
/* store/desk-host.h - what whoever keeps the host may ask at the desk without a key; `senim doctor` asks it.
 *
 * POST /v1/host/state {}: answered to uid 0 and to the registrar's own user alone (the socket's peer credentials), with
 * nothing that counts or names a report: which custody key is in use (its id), and for each mailbox its checkpoint, what
 * keeps it from taking mail, and its people. It is no entry, since it shows nothing of a case; a refusal is one.
 * Threads: any. */
#ifndef SENIM_STORE_DESK_HOST_H
#define SENIM_STORE_DESK_HOST_H

#include "store/desk-acts.h"

#define DESK_HOST_STATE "/v1/host/state"
/* {`begin`: bool}: begin a run of the archive, `run` is its number; or `ended` (the last run that ended), `fault` (or null),
 * `months`, `payloads`, `damage` of it. 404 where nothing is archived. */
#define DESK_HOST_ARCHIVE "/v1/host/archive"
/* {`mailbox`, `source`, `opened_by`, `upto`, `payloads`}: the entry TRIED, a restore in a scratch directory that went well. */
#define DESK_HOST_TRIED "/v1/host/tried"
/* Its time, in the state-directory: when a restore was tried last. */
#define DESK_HOST_TRIED_MARK "tried"

/* {`words`: text}: cosignatures that came back from trustees (note_cosignature_words()); `witnessed` [{`mailbox`, `trustee`, `size`,
 * `time`, `new` (bool)}]. 409 where none of them is one of a configured witness over a checkpoint that was sent. */
#define DESK_HOST_COSIGNED "/v1/host/cosigned"

/* FALSE, and the refusal in *reply: neither root nor the registrar's own user. */
gboolean desk_host_may(guint uid, DeskReply *reply);
/* [{`name`, `witness` (bool: he has a key), `asked`, `first` (µs or null: when the checkpoint went to him last, and first), `sent`,
 * `confirmed` (entries), `at` (POSIX seconds by his clock, or null)}] of a mailbox, for its doctor and its officers; null where the
 * books cannot be read. */
json_t *desk_host_trustees(const Config *config, const ConfigMailbox *mailbox, Ledger *ledger);
void desk_host_state(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
void desk_host_archive(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
void desk_host_cosigned(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
void desk_host_tried(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);

#endif
