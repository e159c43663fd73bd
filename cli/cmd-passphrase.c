/* SPDX-License-Identifier: ISC */
/* senim passphrase: another passphrase for a key file. The old file stands until the new one is whole on the disk.
 * --passphrase-fd gives two lines: the old passphrase where there is one, then the new. */
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/passphrase.h"

static const char *named_file(const Cli *cli, GError **error)
{
	const char *path = options_word(cli->options, 1);
	if (path == NULL)
		path = cli->settings->identity;
	if (path == NULL)
		cli_fail(error, CLI_ERROR_USAGE, _("no key file is named: senim passphrase FILE, or identity = FILE in %s"),
		         cli->settings->file);
	return path;
}

gboolean cmd_passphrase(Cli *cli, GError **error)
{
	const char *path = named_file(cli, error);
	if (path != NULL && keys_are_in_token(path)) {
		g_autofree char *name = escape_text(path, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("%s is sealed to a token and has no passphrase: its PIN is changed with the token's own program"),
		                name);
	}
	g_autoptr(Keyfile) keys = path != NULL ? keys_open_file(cli, path, error) : NULL;
	g_autoptr(Passphrase) passphrase = keys != NULL ? passphrase_ask_new(cli->options, path, error) : NULL;
	if (passphrase == NULL)
		return FALSE;
	g_autoptr(GError) cause = NULL;
	if (!keyfile_replace(keys, path, passphrase_text(passphrase), passphrase_size(passphrase), &cause))
		return keys_fail(error, path, cause);
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *done = g_strdup_printf(_("%s has its new passphrase. Copies of the file still have the old one.\n"), shown);
	return output_said(done, error);
}
