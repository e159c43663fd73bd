/* SPDX-License-Identifier: ISC */
/* cli/tui-actions.h - what can be done in the officer's screen: a table of commands of the command line.
 *
 * A row is a label and the words of a command; {case} stands for the chosen case, {1} and {2} for what is asked first. A row
 * whose command this build does not have is not offered.
 * Ownership: results (transfer full). Threads: one. */
#ifndef SENIM_CLI_TUI_ACTIONS_H
#define SENIM_CLI_TUI_ACTIONS_H

#include "cli/case.h"
#include "cli/cli.h"

typedef struct {
	const char *question; /* N_(); NULL: none */
	const char *words;    /* the words of which she chooses one, between blanks; NULL: she types */
	gboolean may_be_empty; /* an empty answer leaves the word before it out too */
} TuiAsk;

typedef struct {
	const char *label; /* N_() */
	const char *words; /* "close {case} - --result {1}" */
	TuiAsk ask[2];
	gboolean (*fits)(const Case *c); /* NULL: every case */
} TuiAction;

/* The page of F1, and that of the plain mode: what stands where, and which key does what. Borrowed. */
const char *tui_help(void);
const char *tui_help_plain(void);

/* Ended by a row without a label. */
extern const TuiAction tui_case_actions[];   /* of a case */
extern const TuiAction tui_office_actions[]; /* of the mailbox, the register, herself */
/* Those that a key has: what they are for in the help line. */
extern const TuiAction tui_action_open, tui_action_form, tui_action_print;

/* Those of the table that this program can do, and that make sense for c (NULL: for none) (elements borrowed). */
GPtrArray *tui_actions_offered(const TuiAction *table, const Cli *cli, const Case *c);
/* The words of a command, asked for through the face where they have to be; NULL: she left it. shown: the case's name, or
 * NULL. */
char **tui_actions_words(const TuiAction *action, const char *shown);
/* Runs them as a line of the command line, and wipes and frees them (taken). */
gboolean tui_actions_run(char **words, const Cli *cli, GError **error);

#endif
