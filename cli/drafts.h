/* SPDX-License-Identifier: ISC */
/* cli/drafts.h - what was typed and neither saved nor sent: in locked memory, until it is taken up again or the program ends.
 *
 * There is no file of it, and no copy: what ends the program ends the drafts. Each goes by what was asked for (the question,
 * with the case's name in it). Pages stay out of swap, of core dumps and of children.
 * Ownership: results (transfer full). Threads: one. Fails: FALSE where no locked memory can be had: it is then forgotten. */
#ifndef SENIM_CLI_DRAFTS_H
#define SENIM_CLI_DRAFTS_H

#include "cli/wipe.h"

#define DRAFTS_MAX 16 /* the oldest goes */

/* In the place of an earlier one of that name; an empty text leaves none. */
gboolean drafts_keep(const char *what, const char *text);
/* The draft of that name, which is then no draft any more; NULL: there is none. */
WipeText *drafts_take(const char *what);
guint drafts_count(void);
void drafts_forget(void);

#endif
