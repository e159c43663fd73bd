/* SPDX-License-Identifier: ISC */
/* cli/row-show.h - a case's row as it is shown: what was struck stands there still, struck through and legible.
 *
 * On a terminal by SGR 9, and everywhere between ~~, for a terminal that knows no such thing.
 * Threads: one. */
#ifndef SENIM_CLI_ROW_SHOW_H
#define SENIM_CLI_ROW_SHOW_H

#include "cli/casework.h"

/* senim show CASE --row: the columns with every value, who wrote each and when, then the case's course. */
gboolean row_show(Session *session, const Case *c, const Row *row, GError **error);
/* What was written down of a call, with who and when; and every such text for a program (transfer full). */
void row_show_call(const Session *session, const RowCall *call, WipeBuffer *out);
json_t *row_show_calls_json(const Session *session, const Row *row);

#endif
