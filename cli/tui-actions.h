/* SPDX-License-Identifier: ISC */
/* cli/tui-actions.h - what can be done in the officer's screen: a table of commands of the command line.
 *
 * A row is a label and the words of a command; {case} stands for the chosen case, {1} to {6} for what is asked first. A row
 * whose command this build does not have is not offered. A row's key is its place in its table, whatever is offered beside
 * it: what a hand has learnt stays true. Days and moments are taken as moment_typed() reads them (cli/moment.h).
 * Ownership: results (transfer full). Threads: one. */
#ifndef SENIM_CLI_TUI_ACTIONS_H
#define SENIM_CLI_TUI_ACTIONS_H

#include "cli/case.h"
#include "cli/cli.h"

typedef struct {
	const char *question; /* N_(); NULL: none */
	const char *words;    /* the words of which she chooses one, between blanks; NULL: she types */
	gboolean may_be_empty; /* an empty answer leaves the word before it out too */
	const char *preset;   /* what stands there already: "month", "today", "now", "message" (the newest), or a file's
	                       * name with {case}; "day": nothing, and it takes a day; NULL: nothing */
} TuiAsk;

typedef struct {
	const char *label; /* N_() */
	const char *words; /* "close {case} - --result {1}"; "people", "letters" …: the menu of that name */
	TuiAsk ask[6];
	gboolean (*fits)(const Case *c); /* NULL: every case */
} TuiAction;

/* The page of F1, and that of the plain mode: what stands where, and which key does what (transfer full). And where the
 * one page lies that she prints. */
char *tui_help(void);
char *tui_help_plain(void);
char *tui_help_page(void);

/* Ended by a row without a label. */
extern const TuiAction tui_case_actions[];   /* of a case */
extern const TuiAction tui_letter_actions[]; /* of a case: what leaves, to whom */
extern const TuiAction tui_access_actions[]; /* of a case: whose it is */
extern const TuiAction tui_office_actions[]; /* of the mailbox and the register */
extern const TuiAction tui_people_actions[]; /* of who reads, of keys, and of herself */
extern const TuiAction tui_keeping_actions[]; /* of what keeps the register for decades, and shows that it is true */
/* Those of an action that is a menu; NULL: it is none. */
const TuiAction *tui_actions_menu(const TuiAction *action);
/* Those that a key has: what they are for in the help line. */
extern const TuiAction tui_action_open, tui_action_form, tui_action_print;

/* Those of the table that this program can do, and that make sense for c (NULL: for none), what
 * the screening asks for before the others (elements borrowed). */
GPtrArray *tui_actions_offered(const TuiAction *table, const Cli *cli, const Case *c);
/* Their keys in a menu, a character each (transfer full). */
char *tui_actions_keys(const TuiAction *table, const GPtrArray *offered);
/* The words of a command, asked for through the face where they have to be; NULL: she left it. c, shown: the case and
 * its name, or NULL; zone: the organisation's. */
char **tui_actions_words(const TuiAction *action, const Case *c, const char *shown, GTimeZone *zone);
/* Runs them as a line of the command line, and wipes and frees them (taken). */
gboolean tui_actions_run(char **words, const Cli *cli, GError **error);

#endif
