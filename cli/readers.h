/* SPDX-License-Identifier: ISC */
/* cli/readers.h - to whom the officer's program seals: made out from the register's own entries, not from the registrar's word.
 *
 * The desk hands out the entries that put people in or out of force, with their proof; they are folded here by the code that
 * the registrar folds them with (store/people.h). It can keep an entry back, and then a reader is missing, or one who was
 * blocked gets a header that rests with it: it can name nobody whom the register does not name.
 * Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_READERS_H
#define SENIM_CLI_READERS_H

#include "cli/session.h"
#include "store/people.h"
#include "store/sealed-text.h"

/* Everybody of the mailbox (transfer full). set: 64 hex digits, what COMMIT names again (transfer full); may be NULL. */
People *readers_fetch(Session *session, const char *mailbox, char **set, GError **error);
/* Words for everybody who reads the case (transfer full). */
SealedText *readers_seal(Session *session, const Case *c, const char *words, GError **error);

#endif
