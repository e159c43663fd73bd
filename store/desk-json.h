/* SPDX-License-Identifier: ISC */
/* store/desk-json.h - JSON of the desk: requests read strictly, the ledger's things written.
 *
 * Threads: pure. Ownership: every json_t is a new reference. */
#ifndef SENIM_STORE_DESK_JSON_H
#define SENIM_STORE_DESK_JSON_H

#include "store/json.h"
#include "store/ledger.h"

#define DESK_JSON_DEPTH 16
#define DESK_JSON_SCHEMA 1

/* A request's body: an object, at most DESK_JSON_DEPTH deep, no key twice, valid UTF-8 without U+0000. canonical: it
 * must be what json_dumps() makes of it with JSON_COMPACT | JSON_SORT_KEYS. NULL and *why, a static sentence. */
json_t *desk_json_read(const char *data, gsize size, gboolean canonical, const char **why);

/* {"schema": 1}. */
json_t *desk_json_answer(void);
json_t *desk_json_base64(const void *data, gsize size);
json_t *desk_json_bytes(GBytes *octets);
json_t *desk_json_hex(const void *data, gsize size);
/* Hashes of 32 octets, one after another, as an array. */
json_t *desk_json_hashes(GBytes *hashes);
/* "2026-11-23"; null where the date is invalid. */
json_t *desk_json_date(const GDate *date);
/* The same, but NULL where it is invalid: for "s:o*". */
json_t *desk_json_known(const GDate *date);
/* Each key of base/finding.h; without those that are null, false, or an empty list. */
json_t *desk_json_facts(const Record *facts);
/* CASE, likewise. */
json_t *desk_json_case(const LedgerCase *c, const char *mailbox, const GDate *official, const GDate *due);
/* Adds PROOF to an answer: entries and proof are of the same n. */
void desk_json_add_proof(json_t *answer, const LedgerProof *proof, const LedgerEntry *entries, guint n);

#endif
