/* SPDX-License-Identifier: ISC */
/* cli/casework.h - a case's work: read and folded into its row, and acts that add to it.
 *
 * Read: an OPENED entry first, then every entry of the work, each proved, of this case, and naming the one before it: one that
 * is kept back from the middle is a gap, and nothing is shown.
 * Threads: one. Fails: FALSE or NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_CASEWORK_H
#define SENIM_CLI_CASEWORK_H

#include "cli/opening.h"
#include "cli/row.h"

/* The row (transfer full); c->last becomes the last entry that came. */
Row *casework_row(Session *session, Case *c, const char *ground, GError **error);

typedef struct {
	guint kind;         /* ENTRY_NOTED … */
	const char *target;
	const Record *own;  /* its own lines behind `after`, or NULL */
	json_t *body;       /* its own keys, stolen */
	gboolean takes_text;
	const char *text;   /* sealed to everybody who reads the case; NULL: none */
} CaseworkAct;
/* Enters it behind c->last, which becomes its own. */
gboolean casework_act(Session *session, Case *c, const CaseworkAct *act, const char *ground, GError **error);

/* c has an entry that the other belongs to it; TRUE too where it has one already. */
gboolean casework_link(Session *session, Case *c, const Case *other, const char *ground, GError **error);

/* A text from standard input where the command's last word is "-" (word n), one line where that is a terminal; else NULL
 * without *error. */
WipeText *casework_stdin(const Options *options, guint n, GError **error);
/* The whole of standard input. */
WipeText *casework_text(GError **error);
/* The same as a JSON object. */
json_t *casework_json(GError **error);

#endif
