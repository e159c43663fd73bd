/* SPDX-License-Identifier: ISC */
#include "cli/keys.h"

#include "base/escape.h"
#include "cli/passphrase.h"

gboolean keys_fail(GError **error, const char *path, const GError *cause)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	if (g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_WRONG))
		return cli_fail(error, CLI_ERROR_REFUSED, _("this passphrase does not open %s: try again"), shown);
	if (g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_FORM))
		return cli_fail(error, CLI_ERROR_USAGE, _("%s is no key file of senim: name the file that keygen made"), shown);
	if (g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_MEMORY))
		return cli_fail(error, CLI_ERROR_FAILED, _("no memory that stays out of swap can be had: raise the limit of locked memory"));
	return cli_fail(error, CLI_ERROR_FAILED, "%s", why);
}

Keyfile *keys_open(const Cli *cli, GError **error)
{
	if (cli->settings->identity != NULL)
		return keys_open_file(cli, cli->settings->identity, error);
	cli_fail(error, CLI_ERROR_USAGE, _("no key file is named: --identity FILE, or identity = FILE in %s"),
	         cli->settings->file);
	return NULL;
}

Keyfile *keys_open_file(const Cli *cli, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	Keyfile *keys = keyfile_read(path, NULL, 0, &cause);
	if (keys != NULL)
		return keys;
	if (!g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_PASSPHRASE)) {
		keys_fail(error, path, cause);
		return NULL;
	}
	g_autoptr(Passphrase) passphrase = passphrase_ask(cli->options, path, error);
	if (passphrase == NULL)
		return NULL;
	g_clear_error(&cause);
	keys = keyfile_read(path, passphrase_text(passphrase), passphrase_size(passphrase), &cause);
	if (keys == NULL)
		keys_fail(error, path, cause);
	return keys;
}
