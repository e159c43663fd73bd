/* SPDX-License-Identifier: ISC */
/* cli/messages.h - the messages of a case: the report, then answers to our letters and bounces of them, in their order.
 *
 * Ownership: results (transfer full). Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_MESSAGES_H
#define SENIM_CLI_MESSAGES_H

#include "cli/session.h"

typedef struct {
	GPtrArray *rows; /* Case, those after the report, the last ones of very many */
	guint first;     /* number of the first of them; the report is 1 */
	guint chosen;    /* the number that --message names; 1 without it */
	Case *message;   /* borrowed: the one with that number; NULL: the report */
} Messages;

/* What the case has, and which of them --message chooses. */
Messages *messages_fetch(Session *session, const Case *c, GError **error);
void messages_free(Messages *messages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Messages, messages_free)
/* Is --message a number at all? Before anything is asked for. */
gboolean messages_check_options(const Options *options, GError **error);

/* One row for a person: number, when, what kind, and whether it is new; c: the report's case. */
char *messages_line(const Messages *messages, const Case *c, guint number, GTimeZone *zone);
/* Every one of them, for a program. */
json_t *messages_json(const Messages *messages, const Case *c, GTimeZone *zone);

#endif
