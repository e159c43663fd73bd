/* SPDX-License-Identifier: ISC */
/* senim keygen: an officer's key file, and FILE.pub beside it. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "cli/plugin.h"
#include "store/keyfile.h"

#define DEFAULT_NAME "senim.key"

static gboolean read_expires(const Options *options, gint64 *expires, GError **error)
{
	const char *text = options_value(options, "expires");
	*expires = 0;
	if (text == NULL)
		return TRUE;
	if (strcmp(text, "-") == 0 || !keyfile_public_parse_expires(text, expires))
		return cli_fail(error, CLI_ERROR_USAGE, _("--expires needs a day: write it as YYYY-MM-DD"));
	if (*expires <= g_get_real_time() / G_USEC_PER_SEC)
		return cli_fail(error, CLI_ERROR_USAGE, _("--expires names a day that is over: name a later one"));
	return TRUE;
}

/* Sealed to a token, and opened with it once: a key that the token does not open is none. */
static gboolean write_with_token(Cli *cli, const char *path, const char *public_path, gint64 expires, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(PluginToken) token = plugin_token_read(cli->settings->token, error);
	if (token == NULL)
		return FALSE;
	g_autoptr(Keyfile) keys = token->x25519 ? keyfile_generate_token(token->identity, token->recipient, &cause)
	                                        : keyfile_generate(&cause);
	if (keys == NULL ||
	    !keyfile_write_token(keys, path, token->recipient != NULL ? token->recipient : token->identity, &cause))
		return keys_fail(error, path, cause);
	g_autoptr(Keyfile) again = keyfile_read_token(path, token->identity, &cause);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, expires);
	if (again == NULL || !keyfile_public_write(half, public_path, &cause)) {
		unlink(path);
		return keys_fail(error, again == NULL ? path : public_path, cause);
	}
	return TRUE;
}

static gboolean write_both(Cli *cli, const char *path, const char *public_path, gint64 expires, GError **error)
{
	gboolean clear = options_flag(cli->options, "no-passphrase");
	g_autoptr(Passphrase) passphrase = clear ? NULL : passphrase_ask_new(cli->options, path, error);
	if (!clear && passphrase == NULL)
		return FALSE;
	g_autoptr(GError) cause = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&cause);
	if (keys == NULL)
		return keys_fail(error, path, cause);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, expires);
	if (!keyfile_write(keys, path, clear ? NULL : passphrase_text(passphrase), clear ? 0 : passphrase_size(passphrase),
	                   &cause))
		return keys_fail(error, path, cause);
	if (!keyfile_public_write(half, public_path, &cause)) {
		unlink(path); /* a key whose public half nobody has opens nothing */
		return keys_fail(error, public_path, cause);
	}
	return TRUE;
}

gboolean cmd_keygen(Cli *cli, GError **error)
{
	const char *path = options_value(cli->options, "output");
	gint64 expires;
	if (path == NULL)
		path = DEFAULT_NAME;
	g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	if (!read_expires(cli->options, &expires, error))
		return FALSE;
	/* Before the question, so that nobody thinks of a passphrase in vain. */
	if (g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(public_path, G_FILE_TEST_EXISTS))
		return cli_fail(error, CLI_ERROR_FAILED, _("%s or its .pub exists already: choose another name with -o"), shown);
	gboolean with_token = cli->settings->token != NULL;
	if (with_token && options_flag(cli->options, "no-passphrase"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--token and --no-passphrase exclude each other: name one of them"));
	if (!(with_token ? write_with_token : write_both)(cli, path, public_path, expires, error))
		return FALSE;
	g_autofree char *done = g_strdup_printf(_("%s is your key file: it stays with you, on a medium that you lock away.\n"
	                                          "%s.pub goes to the administrator.\n"),
	                                        shown, shown);
	return output_said(done, error);
}
