/* SPDX-License-Identifier: ISC */
/* cli/category.h - what a report is about: one of the organisation's list.
 *
 * Threads: one. Fails: NULL and *error: CLI_ERROR_USAGE for one that there is not. */
#ifndef SENIM_CLI_CATEGORY_H
#define SENIM_CLI_CATEGORY_H

#include "cli/session.h"

/* The id of the one that is typed: an id, a label in any language, or the number in the list; "-" for none. NULL asks on the
 * terminal. label: in her language, escaped (transfer full, both). */
char *category_choose(Session *session, const char *typed, char **label, GError **error);

/* The label of an id in her language, escaped (transfer full), of the list that category_learn() fetched last; the id itself
 * where it is not in it. */
void category_learn(Session *session);
char *category_label(const char *id);

#endif
