/* SPDX-License-Identifier: ISC */
/* cli/keys.h - the officer's key file opened, with a passphrase where it asks for one; and what its failures say.
 *
 * Fails: NULL and *error in CLI_ERROR, translated. */
#ifndef SENIM_CLI_KEYS_H
#define SENIM_CLI_KEYS_H

#include "cli/cli.h"
#include "store/keyfile.h"

/* The key file that the settings name (transfer full). */
Keyfile *keys_open(const Cli *cli, GError **error);
/* Any key file (transfer full). */
Keyfile *keys_open_file(const Cli *cli, const char *path, GError **error);
/* TRUE where the file is sealed to a token: nothing here may seal it to something weaker. */
gboolean keys_are_in_token(const char *path);
/* Turns a KEYFILE_ERROR about the file `path` into one of ours; returns FALSE. */
gboolean keys_fail(GError **error, const char *path, const GError *cause);

#endif
