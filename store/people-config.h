/* SPDX-License-Identifier: ISC */
/* store/people-config.h - do the configuration and the register name the same people?
 *
 * Who reads is read from the register alone; the configuration names the same people for whoever keeps the host. Where the
 * two differ somebody believes what is not so, and mail waits until it is cleared up:
 *   - the configuration names somebody whom the register does not know, with another role, or with another key;
 *   - somebody who has been in force for more than three days stands in the register and not in the configuration. For
 *     three days it is only said: an officer is entered first, and the file follows.
 * Who is not confirmed, is blocked, or whose key has expired makes no difference, in the file or not.
 *
 * The note: what a registrar that runs knows of its people, for --check-config, which cannot open books that are in use:
 * <state-directory>/people, 0600, a line "mailbox ADDR" and then "STATE SINCE NAME ROLE BODY CARD SIGN EXPIRES" each.
 * Nothing but --check-config believes it.
 * Ownership: as said at each. Threads: pure, but for the files named.
 * Fails:     FALSE and *error (CONFIG_ERROR): one sentence that says what differs and what to type. */
#ifndef SENIM_STORE_PEOPLE_CONFIG_H
#define SENIM_STORE_PEOPLE_CONFIG_H

#include "base/config.h"
#include "store/people.h"

/* Reads the FILE.pub of those who are in force. *lacks: a sentence about somebody who is missing for now, or NULL (transfer
 * full). */
gboolean people_config_agrees(const Config *config, const ConfigMailbox *mailbox, const People *people, gint64 now,
                              char **lacks, GError **error);

/* The note: added mailbox by mailbox to *text, written whole, and compared with a configuration. No note: TRUE. */
void people_config_note(GString *text, const char *mailbox, const People *people);
gboolean people_config_write_note(const Config *config, const GString *text, GError **error);
gboolean people_config_agrees_with_note(const Config *config, gint64 now, GPtrArray *lacks, GError **error);

#endif
