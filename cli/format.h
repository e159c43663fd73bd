/* SPDX-License-Identifier: ISC */
/* cli/format.h - how things look: tables, moments in the organisation's zone, the register's words in her language.
 *
 * Promise:   every cell and every value passes escape_text() here; what leaves is safe for a terminal.
 * Ownership: results (transfer full). Tables hold text of cards: format_table_free() wipes.
 * Threads:   pure but for gettext. */
#ifndef SENIM_CLI_FORMAT_H
#define SENIM_CLI_FORMAT_H

#include "cli/wipe.h"

/* Microseconds UTC: "2026-11-21 14:05" for people, "2026-11-21T14:05:09+05:00" for JSON. */
char *format_time(gint64 time, GTimeZone *zone);
char *format_time_iso(gint64 time, GTimeZone *zone);
/* "1.2 MiB"; whole octets below a KiB. */
char *format_size(guint64 size);

/* The words of facts, states and acknowledgements, translated; a word that this release does not know comes escaped, NULL
 * and "-" as "-". */
char *format_word(const char *word);
/* The words with which the examination remarks on a letter, as sentences. */
char *format_note(const char *word);

/* Columns a text takes on a terminal. */
guint format_width(const char *text);

/* Appends text so that no word is cut at the edge of a terminal of `width` columns (0: as it is): the cursor stands in
 * column `hang`, and what goes on in a further line begins there again; behind a line feed of the text, below that line's
 * first word. A word wider than the terminal is left to it. */
void format_fold(const char *text, guint width, guint hang, WipeBuffer *out);

typedef struct FormatTable FormatTable;
FormatTable *format_table_new(guint columns);
void format_table_free(FormatTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormatTable, format_table_free)
/* Sets the next cell of the running row; NULL is empty. The row ends by itself. Cells past 60 columns are cut with "…"
 * unless they stand in the last column. */
void format_table_cell(FormatTable *table, const char *text);
/* The columns of the terminal, or 0: a table that is wider goes on in a second line of each row, below the second column,
 * so that no word is cut in two by the terminal; a blank line then stands between rows of more than two lines. A wide last
 * column is folded within itself where a third of the terminal is left for it. */
void format_table_fold(FormatTable *table, guint width);
/* The first row is the head, set in bold where bold. Each line ends with LF and has no trailing blank. */
void format_table_write(const FormatTable *table, gboolean bold, WipeBuffer *out);

#endif
