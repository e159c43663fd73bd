/* SPDX-License-Identifier: ISC */
/* cli/sheet.h - the sheet for the safe, and the recovery key that opens the escrow: what `init` and `custody` share.
 *
 * Threads: one. Fails: FALSE or NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_SHEET_H
#define SENIM_CLI_SHEET_H

#include "cli/cli.h"

/* A new file that only its owner reads, or standard output for `-`. */
gboolean sheet_write(const char *path, const char *text, GError **error);
/* The body identity of the key file that --prove names, or that is asked for on the terminal (transfer full, a secret). */
char *sheet_ask_identity(const Cli *cli, GError **error);

#endif
