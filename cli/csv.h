/* SPDX-License-Identifier: ISC */
/* cli/csv.h - fields of a CSV file (RFC 4180, CRLF; the file begins with CSV_MARK): quoted, escaped for a terminal, and with an
 * apostrophe before what a spreadsheet would take for a formula.
 *
 * Threads: pure. */
#ifndef SENIM_CLI_CSV_H
#define SENIM_CLI_CSV_H

#include "cli/wipe.h"

#define CSV_MARK "\xef\xbb\xbf"

/* last: of its row. */
void csv_add_field(WipeBuffer *out, const char *text, gboolean last);

#endif
