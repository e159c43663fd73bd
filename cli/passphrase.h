/* SPDX-License-Identifier: ISC */
/* cli/passphrase.h - a passphrase, from the terminal without echo or from a descriptor.
 *
 * It lies in locked pages that no core dump and no child gets, and is wiped and given back by passphrase_free().
 * Limits:    1 to 1024 octets, one line, UTF-8 or not; the line feed is not part of it.
 * Fails:     NULL and *error: CLI_ERROR_REFUSED without a terminal and without --passphrase-fd, CLI_ERROR_USAGE for a bad
 *            descriptor or an empty line, CLI_ERROR_FAILED where pages cannot be locked. */
#ifndef SENIM_CLI_PASSPHRASE_H
#define SENIM_CLI_PASSPHRASE_H

#include <glib.h>

#include "cli/options.h"

typedef struct Passphrase Passphrase;

/* Asks for the passphrase of an existing file; shown is its name. */
Passphrase *passphrase_ask(const Options *options, const char *shown, GError **error);
/* Asks for a new one of at least 8 characters, on a terminal twice. */
Passphrase *passphrase_ask_new(const Options *options, const char *shown, GError **error);
/* Any other secret, without echo; question is escaped and ends as it shall stand. */
Passphrase *passphrase_ask_secret(const Options *options, const char *question, GError **error);
/* What is no secret, with echo, from the terminal alone. */
Passphrase *passphrase_ask_aloud(const char *question, GError **error);
/* Tells her something there, or on standard error where there is no terminal; FALSE where neither takes it. */
gboolean passphrase_tell(const char *line);
void passphrase_free(Passphrase *passphrase);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Passphrase, passphrase_free)

const char *passphrase_text(const Passphrase *passphrase); /* NUL-terminated */
gsize passphrase_size(const Passphrase *passphrase);

#endif
