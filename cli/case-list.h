/* SPDX-License-Identifier: ISC */
/* cli/case-list.h - many cases at a time, as the desk lists them: facts only.
 *
 * Ownership: results (transfer full). Threads: one. Fails: NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_CASE_LIST_H
#define SENIM_CLI_CASE_LIST_H

#include "cli/session.h"

/* Every case of her mailboxes that the filter (open, due, review, all) names: by mailbox, then as they came. Elements Case. */
GPtrArray *case_list_fetch(Session *session, const char *filter, GError **error);

#endif
