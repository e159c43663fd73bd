/* SPDX-License-Identifier: ISC */
/* parser/sheet.h - a record of what a stranger wrote, kept within bounds while it is filled.
 *
 * Values are cut to `most` octets, at a character; `cut` says that something was. An escaped octet takes three in the
 * record, so whoever has a size to keep builds the sheet again with a smaller `most` until sheet_fits().
 * Ownership: the sheet owns its record until sheet_take(). */
#ifndef SENIM_PARSER_SHEET_H
#define SENIM_PARSER_SHEET_H

#include "base/record.h"

#define SHEET_VALUE_MAX 1000 /* the first `most` to try */
#define SHEET_VALUE_LEAST 16 /* with lists of the formats' lengths this always fits */

typedef struct {
	Record *record;
	gsize most;
	gboolean cut;
} Sheet;

void sheet_add(Sheet *sheet, const char *key, const char *value);
void sheet_add_or_dash(Sheet *sheet, const char *key, const char *value);
/* TRUE while a list of n values may grow: counts one more. */
gboolean sheet_may_add(Sheet *sheet, guint *n, guint most);
void sheet_add_list(Sheet *sheet, const char *key, const char *const *list, guint most);
void sheet_add_strings(Sheet *sheet, const char *key, const GPtrArray *list, guint most);
gboolean sheet_fits(const Sheet *sheet, gsize size);
void sheet_clear(Sheet *sheet);

#endif
