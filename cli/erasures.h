/* SPDX-License-Identifier: ISC */
/* cli/erasures.h - orders to erase that wait, as the desk lists them to those who may decide, and what of an erased case is still somewhere.
 *
 * The list is the registrar's word but for the order itself: its number, its digest and what stays of the row come out of its own entry,
 * which is proved. Whoever may decide need not read the case.
 * Ownership: an Erasure owns its text and its case. Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_ERASURES_H
#define SENIM_CLI_ERASURES_H

#include "cli/session.h"
#include "store/json.h"

#define ERASURES_WAIT (10 * (gint64)86400 * G_USEC_PER_SEC)

typedef struct {
	Case *c;         /* mailbox, name, seq and last alone */
	guint64 entry;   /* of the order */
	char *state;     /* ordered, confirmed */
	char *order, *dated, *officer, *digest;
	gint64 since, due; /* microseconds UTC; due 0: it is not confirmed */
	gboolean held, message; /* on hold; one message alone */
	json_t *lasting; /* row_lasting(), as the order has it */
} Erasure;
void erasures_free(Erasure *erasure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Erasure, erasures_free)

/* Those of all her mailboxes (transfer full, elements Erasure). */
GPtrArray *erasures_fetch(Session *session, GError **error);
/* The one of the case of that name. */
Erasure *erasures_find(Session *session, const char *typed, GError **error);

/* One of them for a person, and all for a program. */
void erasures_add(Session *session, const Erasure *erasure, WipeBuffer *out);
json_t *erasures_json(Session *session, const GPtrArray *list);
/* The values that stay, a line each; nothing where there are none but that sentence. */
void erasures_add_lasting(json_t *lasting, WipeBuffer *out);
/* "2026-12-01" of a moment, in the organisation's zone (transfer full). */
char *erasures_day(Session *session, gint64 moment);
/* What the store knows of it (transfer full). */
json_t *erasures_fetch_state(Session *session, const Case *c, GError **error);
/* What no erasure reaches, a line each, of that answer. */
void erasures_add_left(Session *session, const json_t *answer, WipeBuffer *out);
/* Ordered, removed or destroyed, and everything that still has to go. */
gboolean erasures_print_state(Session *session, const Case *c, GError **error);

#endif
