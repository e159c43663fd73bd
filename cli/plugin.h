/* SPDX-License-Identifier: ISC */
/* cli/plugin.h - a token's age plug-in: the client's side of C2SP age-plugin (https://c2sp.org/age-plugin).
 *
 * A plug-in is a program age-plugin-NAME that wraps (recipient-v1) and unwraps (identity-v1) file keys, with a token that
 * is touched. Both sides speak age stanzas over the plug-in's standard input and output: the client gives everything and
 * `done`; then the plug-in asks (msg, confirm, request-secret, request-public, and file-key or recipient-stanza) until it
 * says `done`. What it asks that is unknown here is answered `unsupported`.
 *
 * Promise:   only plug-ins that officer.conf names are started, `plugin = NAME; …`: from /usr/local/libexec, /usr/local/bin
 *            and /usr/bin, never from PATH, or where a whole path is named; none that somebody else could have written.
 *            No shell; the environment is PATH, HOME, LANG and XDG_RUNTIME_DIR; standard error goes nowhere. What it says
 *            is a stranger's text and escaped. Questions go to her terminal, a PIN without echo (or from --passphrase-fd).
 * Waiting:   120 s for each of its messages, whole (a touch), 600 s for all of them, as long as she likes at a question; then
 *            it is killed. On a terminal she is told after three seconds what is waited for; Ctrl-C ends it.
 * Secrets:   file keys pass through memory that is wiped; a plug-in sees no other case's.
 * Threads:   one. Fails: CLI_ERROR, one sentence. */
#ifndef SENIM_CLI_PLUGIN_H
#define SENIM_CLI_PLUGIN_H

#include "cli/cli.h"

/* Lets keys in tokens be used (age_token_use()) as long as the Cli lives: it is borrowed. Returns who was used before. */
const Cli *plugin_use(const Cli *cli);
/* FALSE and *error where value is no list of plug-ins: NAME or /path/age-plugin-NAME, between ';'. */
gboolean plugin_check_list(const char *value);

/* What a token's plug-in wrote of it: an age identity file with one line AGE-PLUGIN-NAME-1…, and, as a comment, the
 * recipient. */
typedef struct {
	char *identity;
	char *recipient; /* NULL: it named none */
	gboolean x25519; /* the recipient is one of X25519: the token itself can hold the body identity */
} PluginToken;
void plugin_token_free(PluginToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PluginToken, plugin_token_free)
PluginToken *plugin_token_read(const char *path, GError **error);

#endif
