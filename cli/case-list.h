/* SPDX-License-Identifier: ISC */
/* cli/case-list.h - many cases at a time, as the desk lists them: facts only.
 *
 * Ownership: results (transfer full). Threads: one. Fails: NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_CASE_LIST_H
#define SENIM_CLI_CASE_LIST_H

#include "cli/session.h"

/* More reports than is usual were kept from one officer within a day: what the next level of leadership sees. */
typedef struct {
	char *mailbox, *officer;
	gint64 time; /* microseconds UTC */
} CaseAlarm;

/* Every case of her mailboxes that the filter (open, due, review, all) names: by mailbox, then as they came. Elements Case.
 * alarms, which may be NULL: gets elements CaseAlarm (transfer full). */
GPtrArray *case_list_fetch(Session *session, const char *filter, GPtrArray **alarms, GError **error);
/* The `cases` of an answer about one mailbox, in which none is another's: appended to cases. */
gboolean case_list_take_own(json_t *answer, const char *mailbox, GPtrArray *cases, GError **error);

/* The one that is called `typed` now: "2026/17", or "17" for one of this year in the zone (borrowed). NULL: none is, or, where
 * *several says so, one of each of several mailboxes. What another reads is called nothing. */
const Case *case_list_named(const GPtrArray *cases, const char *typed, GTimeZone *zone, gboolean *several);

/* Their cards, under an entry for each register and 200 of them: cards[i] is that of cases[i], NULL where she gets none
 * (transfer full, also of what came before a failure). */
gboolean case_list_cards(Session *session, const GPtrArray *cases, const char *ground, Record **cards, GError **error);

#endif
