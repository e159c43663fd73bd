/* SPDX-License-Identifier: ISC */
/* cli/staff.h - everybody whom the registers of the desk know, for people: labels, and what to be warned of.
 *
 * A person is an object of /v1/people (doc/architecture.md): the registrar's word. What is sealed to somebody is checked
 * elsewhere.
 * Ownership: as said at each. Threads: one. Fails: NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_STAFF_H
#define SENIM_CLI_STAFF_H

#include "cli/session.h"

/* An array of persons: of one mailbox, or (NULL) of all that are hers (transfer full). */
json_t *staff_fetch(Session *session, const char *mailbox, GError **error);
/* The one of that name; NULL. Borrowed. */
json_t *staff_find(json_t *staff, const char *mailbox, const char *name);
const char *staff_text(const json_t *person, const char *key); /* "" where there is none */
gint64 staff_moment(const json_t *person, const char *key);    /* 0 where there is none */

/* The keys of hers that wait to be confirmed: the person herself where she is new, her `next` where she announced a newer
 * one; NULL where none do. Borrowed. */
const json_t *staff_waiting(const json_t *person);
/* The hash that the six words of such keys stand for (store/enrolment.h), with the registers as this machine pinned them.
 * keys: an object with `body`, `card` and `sign`. */
gboolean staff_hash(Session *session, const json_t *keys, guint8 hash[32], GError **error);

/* Translated words. */
const char *staff_role(const json_t *person);
const char *staff_state(const json_t *person);
/* How many hours between an order to block and the block, and that they are more than the day which it allows; both in
 * microseconds; NULL where there was no order (transfer full). */
char *staff_hours(gint64 ordered, gint64 blocked);
/* The day in the organisation's zone, "-" for 0; unit: 1 or G_USEC_PER_SEC (transfer full). */
char *staff_day(const Session *session, gint64 moment, gint64 unit);
/* The last day on which her key is good, as its FILE.pub has it; "-" where it does not expire (transfer full). */
char *staff_key_day(const json_t *person);
/* What she is warned of in a list: the key or the access that ends soon, a newer key that waits to be confirmed, an older one
 * that is still in use; NULL nothing (transfer full). */
char *staff_note(const Session *session, const json_t *person);

/* At a sign-in: says on standard error who came and went since the last one on this machine (kept beside the pins), and
 * whose key or access ends soon; to who reads the log, who looked too often since she read it. Never fails. */
void staff_watch(Session *session);

#endif
