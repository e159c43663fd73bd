/* SPDX-License-Identifier: ISC */
/* cli/ground.h - why she looks: an entry of the organisation's list, and where that asks for it, a text of her own.
 *
 * A ground travels through the program as one text: its word (the id in the list), and behind a LF what she wrote with it,
 * which is sealed before it leaves (cli/act.h). It comes from --ground TEXT (an id, a label or the number in the list; behind
 * a colon what it needs; whatever matches none is the ground `other` with that text), from standard input for -, or from
 * the terminal, where one key takes one of the list.
 *
 * A ground that was given for a case holds for it until the program ends, and is kept nowhere but in its memory: a sign-in
 * is one process (a command, or the whole of a shell). Each look is an entry all the same.
 * Ownership: results are (transfer full) and wiped. Threads: one.
 * Fails:     NULL and *error: CLI_ERROR_REFUSED without any, CLI_ERROR_USAGE for one that cannot be taken. */
#ifndef SENIM_CLI_GROUND_H
#define SENIM_CLI_GROUND_H

#include "cli/session.h"

#define GROUND_OTHER "other" /* what no entry of the list says: in her own words */

/* case_key: which case it is for ("MAILBOX SEQ"), or NULL for none. fresh: nobody has opened it yet, so that the first of
 * the list is offered. */
WipeText *ground_take(const Session *session, const char *case_key, gboolean fresh, GError **error);

/* The two halves of such a text: its word (transfer full), and what follows it, borrowed, or NULL. */
char *ground_word(const char *ground);
const char *ground_text(const char *ground);
/* The label of a word in her language (transfer full); of one that is not in the list format_word(). */
char *ground_label(const json_t *list, const char *word);
/* The list as the desk gives it (transfer full). */
json_t *ground_list(const Session *session, GError **error);

#endif
