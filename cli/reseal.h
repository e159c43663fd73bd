/* SPDX-License-Identifier: ISC */
/* cli/reseal.h - messages under fresh file keys (doc/formats.md "Sealed anew"): opened, sealed anew and handed in, one by one.
 *
 * Body and card are opened with all the checks of a look (cli/opening.h), so that what is sealed anew is what arrived, and go
 * to those who read the message now: the registrar names them, and their keys are those that the register's own entries give
 * them (cli/readers.h). Until the registrar has committed the entry the old state lies there whole; whatever breaks off, the
 * same call does what is left.
 * Memory:  one message's plaintext; its sealed octets leave in pieces.
 * Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_RESEAL_H
#define SENIM_CLI_RESEAL_H

#include "cli/session.h"

typedef struct {
	guint done;         /* messages: reports and what came after them */
	guint without_card; /* of them those whose card does not open for her */
	guint left;         /* not sealed to her, held from her, or not to be sealed anew now */
} ResealDone;

/* Cases of that mailbox with a message of hers that was sealed before the entry `before` (transfer full). */
GPtrArray *reseal_missing(Session *session, const char *mailbox, guint64 before, GError **error);
/* Every message of the case that was sealed before that entry. patient: what cannot be sealed anew now is counted, and no
 * error. */
gboolean reseal_case(Session *session, const Case *c, guint64 before, gboolean patient, const char *ground, ResealDone *done,
                     GError **error);

#endif
