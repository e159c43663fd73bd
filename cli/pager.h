/* SPDX-License-Identifier: ISC */
/* cli/pager.h - a long text on a terminal: through a pipe into $PAGER (or less -R), never through a file.
 *
 * less may write no history and no file and start no command or editor (LESSHISTFILE=-, LESSSECURE=1, no options of the
 * user's in LESS); it takes its keys on a Kazakh or Russian keyboard too (cli/less.keys). Where standard output is no
 * terminal, where PAGER is empty or the pager cannot be started, the text is written as it is.
 * Fails: CLI_ERROR_FAILED where standard output does not take the text; a pager that is left early is no failure. */
#ifndef SENIM_CLI_PAGER_H
#define SENIM_CLI_PAGER_H

#include <glib.h>

/* text has passed escape_text(). */
gboolean pager_show(const char *text, gsize size, GError **error);
/* To standard output, without a pager. */
gboolean pager_write(const void *data, gsize size, GError **error);
/* TRUE where colour and pager are allowed: standard output is a terminal and TERM is not dumb. */
gboolean pager_on_terminal(void);

#endif
