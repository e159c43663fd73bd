/* SPDX-License-Identifier: ISC */
/* cli/tui.h - the officer's screen: `senim` alone, on a terminal.
 *
 * One list of her cases in four groups (cli/tui-list.h), opened, filled in, printed and closed by arrows and function keys;
 * the lowest line says which. Everything that it does is a command of the command line, run with what she chose
 * (cli/tui-actions.h); what the command says and asks comes through cli/face.h into panes and dialogues.
 *
 *   tui.c            the sign-in, the list, the way from a key to a command
 *   tui-terminal.h   ncurses: keys, lines, panes and dialogues; the only file that draws; the two below know its keys
 *   tui-edit.h       a line that is typed, and a text of many
 *   tui-form.h       the form of a case's row, with the letter below it
 *   tui-list.h       which case stands where, and what its line says: pure
 *   tui-actions.h    the table of what can be done
 *
 * It is in Kazakh unless officer.conf names another language; one key changes it. In plain mode (`screen = plain` in
 * officer.conf, or TERM=dumb) it asks in numbered lines that a screen reader reads out, and moves no cursor.
 * It ends on its key, on SIGHUP and SIGTERM, and after ten minutes without a key, as the registrar's session does. No file,
 * no history; what was shown is wiped from the terminal and from memory when it goes.
 * Fails: FALSE and *error (cli/cli.h); CLI_ERROR_REFUSED after ten idle minutes. */
#ifndef SENIM_CLI_TUI_H
#define SENIM_CLI_TUI_H

#include "cli/cli.h"

gboolean tui_run(Cli *cli, GError **error);

#endif
