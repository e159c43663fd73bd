/* SPDX-License-Identifier: ISC */
/* cli/tui-plain.h - the officer's screen in numbered lines, for a screen reader and for a terminal that can do no more.
 *
 * The same list and the same actions as cli/tui.h: what is shown is written line after line, what is asked is answered by a
 * number and Enter; nothing is drawn over, and no pager stands between. The list is read out at the begin and on Enter; in
 * between only how many there are. Its numbers hold until then. Ends as that does.
 * Threads: one. Fails: FALSE and *error. */
#ifndef SENIM_CLI_TUI_PLAIN_H
#define SENIM_CLI_TUI_PLAIN_H

#include "cli/session.h"

gboolean tui_plain_run(Cli *cli, Session *session, GError **error);

#endif
