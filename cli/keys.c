/* SPDX-License-Identifier: ISC */
#include "cli/keys.h"

#include <sys/stat.h>

#include "base/escape.h"
#include "cli/passphrase.h"
#include "cli/plugin.h"
#include "store/private-file.h"

gboolean keys_fail(GError **error, const char *path, const GError *cause)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	if (cause->domain == CLI_ERROR) { /* a token's plug-in: a sentence already */
		g_propagate_error(error, g_error_copy(cause));
		return FALSE;
	}
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

/* The two mistakes that give a key away are said in her own words. */
static gboolean check_place(const char *path, GError **error)
{
	struct stat st;
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	if (!private_file_check_local(path, NULL))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("%s lies on a disk of another machine, whose people can read it: move it to a medium of your own"), shown);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("others may read %s: chmod 600 it, and make a new key if somebody did"),
		                shown);
	return TRUE;
}

static Keyfile *open_with_token(const Cli *cli, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (cli->settings->token == NULL) {
		g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_USAGE, _("%s is sealed to a token and none is named: --token FILE, or token = FILE in %s"),
		         shown, cli->settings->file);
		return NULL;
	}
	g_autoptr(PluginToken) token = plugin_token_read(cli->settings->token, error);
	Keyfile *keys = token != NULL ? keyfile_read_token(path, token->identity, &cause) : NULL;
	if (token != NULL && keys == NULL)
		keys_fail(error, path, cause);
	return keys;
}

gboolean keys_are_in_token(const char *path)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Keyfile) keys = keyfile_read(path, NULL, 0, &cause);
	return keys == NULL && g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_TOKEN);
}

Keyfile *keys_open_file(const Cli *cli, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (!check_place(path, error))
		return NULL;
	Keyfile *keys = keyfile_read(path, NULL, 0, &cause);
	if (keys != NULL)
		return keys;
	if (g_error_matches(cause, KEYFILE_ERROR, KEYFILE_ERROR_TOKEN))
		return open_with_token(cli, path, error);
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
