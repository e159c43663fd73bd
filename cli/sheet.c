/* SPDX-License-Identifier: ISC */
#include "cli/sheet.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/keys.h"
#include "cli/pager.h"
#include "cli/write-file.h"

gboolean sheet_write(const char *path, const char *text, GError **error)
{
	gsize size = strlen(text);
	return strcmp(path, "-") == 0 ? pager_write(text, size, error) : write_file_new(path, text, size, error);
}

static char *ask_path(GError **error)
{
	char line[4096];
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		cli_fail(error, CLI_ERROR_USAGE, _("the escrow must be opened once before it is relied on: name the recovery key with --prove FILE"));
		return NULL;
	}
	fputs(_("Recovery key file, to try the escrow once: "), stderr);
	if (fgets(line, sizeof line, stdin) == NULL || g_strstrip(line)[0] == '\0') {
		cli_fail(error, CLI_ERROR_USAGE, _("no file was named: nothing was made"));
		return NULL;
	}
	return g_strdup(line);
}

/* The key file may be sealed by a passphrase, as keygen makes it. */
char *sheet_ask_identity(const Cli *cli, GError **error)
{
	const char *named = options_value(cli->options, "prove");
	g_autofree char *path = named != NULL ? g_strdup(named) : ask_path(error);
	g_autoptr(Keyfile) keys = path != NULL ? keys_open_file(cli, path, error) : NULL;
	return keys != NULL ? g_strdup(keyfile_body_identity(keys)) : NULL;
}
