/* SPDX-License-Identifier: ISC */
/* cli/lint.h - what a person should look at once more before it stands in the register: it warns and refuses nothing.
 *
 *   abbreviation   entries are made without abbreviation (KMO 18): "ул.", "т.б.", "р-н", initials; in what is told in words
 *                  also "ЖШС" and its like
 *   name           the brief content names somebody, whom the card or the row names, or by the form of the word: it is read by
 *                  more people than the letter
 *
 * Threads: pure. Ownership: results (transfer full). */
#ifndef SENIM_CLI_LINT_H
#define SENIM_CLI_LINT_H

#include "base/record.h"
#include "cli/row.h"

/* [{"column", "warning": abbreviation | name, "word"}]. card may be NULL; filled: what is to be entered. */
json_t *lint_row(const Row *row, const Record *card, const json_t *filled);
/* One of them as a sentence in her language, escaped. */
WipeText *lint_sentence(const json_t *warning);

#endif
