/* SPDX-License-Identifier: ISC */
/* cli/tui-list.h - the officer's list: which case stands in which group, in which order, and what its line says.
 *
 *   decide   a redirection, a danger, a mark on which nothing was decided yet, a letter that was held back, an unread answer
 *   new      opened by nobody yet
 *   due      in work; the term ends within seven days, is over, or is not known
 *   rest     everything else, closed cases and those that another reads among them
 * A case stands in the first group that is its own.
 * Ownership: results (transfer full); a line borrows its Case. Threads: pure but for gettext. */
#ifndef SENIM_CLI_TUI_LIST_H
#define SENIM_CLI_TUI_LIST_H

#include "cli/case.h"

typedef enum { TUI_DECIDE, TUI_NEW, TUI_DUE, TUI_REST, TUI_GROUPS } TuiGroup;

typedef struct {
	const Case *c; /* NULL: the head of a group */
	char *text;    /* escaped; shown from column 0 */
	gboolean strong;
} TuiLine;

/* today: "YYYY-MM-DD" in the organisation's zone. */
TuiGroup tui_list_group(const Case *c, const char *today);

/* A category's label in her language, escaped (transfer full). */
typedef char *(*TuiCategory)(const char *id);

typedef struct {
	GTimeZone *zone;
	const char *today;
	TuiCategory category; /* NULL: its id */
	guint64 incidents;    /* of the emergency journal that wait to be completed: a line of their own above what needs a decision */
	gboolean spoken;      /* each value says what it is, for who hears the line and sees no columns */
} TuiListed;

/* What stands above the columns of a line. */
char *tui_list_head(void);
/* Heads and cases in the order in which they are shown; an empty group has no head. shown: the cases' names as she types
 * them, in the order of cases. Elements TuiLine. */
GPtrArray *tui_list_lines(const GPtrArray *cases, const char *const *shown, const TuiListed *listed);

#endif
