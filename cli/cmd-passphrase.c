/* SPDX-License-Identifier: ISC */
/* senim passphrase: another passphrase for a key file, or (--paper) the key on paper. The old file stands until the new one
 * is whole on the disk. --passphrase-fd gives two lines: the old passphrase where there is one, then the new. */
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/passphrase.h"
#include "cli/write-file.h"
#include "store/paper-key.h"

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

/* The key in clear, as text and as a code: whoever has the page reads the reports. */
static gboolean write_paper(const Keyfile *keys, const char *path, GError **error)
{
	static const char *const names[] = {N_("Letters"), N_("Cards"), N_("Signature")};
	g_autoptr(GError) cause = NULL;
	g_auto(PaperKey) paper = {0};
	gsize size;
	if (!paper_key_make(keys, &paper, &cause))
		return keys_fail(error, path, cause);
	g_autoptr(GBytes) text = keyfile_text(keys);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, "senim");
	page_title(page, _("A key on paper"));
	page_text(page, 0, _("Whoever has this page reads the reports. Put it into an envelope, sign across the flap, and lock it away."));
	page_pair(page, _("Public key"), half->body);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		page_heading(page, _(names[i]));
		page_text(page, PAGE_MONO, paper.spelled[i]);
	}
	page_text(page, PAGE_SMALL, _("To use it: senim recover --from-paper, then type the three keys in their order. Blanks and case do not matter; a slip is noticed and refused."));
	const void *data = g_bytes_get_data(text, &size);
	page_qr(page, data, size, 70);
	g_autoptr(GBytes) pdf = page_render(page, error);
	data = pdf != NULL ? g_bytes_get_data(pdf, &size) : NULL;
	return data != NULL && write_file_new(path, data, size, error);
}

static gboolean change(Cli *cli, const Keyfile *keys, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Passphrase) passphrase = passphrase_ask_new(cli->options, path, error);
	if (passphrase == NULL)
		return FALSE;
	if (!keyfile_replace(keys, path, passphrase_text(passphrase), passphrase_size(passphrase), &cause))
		return keys_fail(error, path, cause);
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *done = g_strdup_printf(_("%s has its new passphrase. Copies of the file still have the old one.\n"), shown);
	return output_said(done, error);
}

gboolean cmd_passphrase(Cli *cli, GError **error)
{
	const char *path = named_file(cli, error), *paper = options_value(cli->options, "paper");
	if (path == NULL || (paper != NULL && !write_file_check(paper, error)))
		return FALSE;
	if (paper == NULL && keys_are_in_token(path)) {
		g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("%s is sealed to a token, and has no passphrase: the token's own program changes its PIN"),
		                shown);
	}
	g_autoptr(Keyfile) keys = keys_open_file(cli, path, error);
	if (keys == NULL)
		return FALSE;
	return paper != NULL ? write_paper(keys, paper, error) : change(cli, keys, path, error);
}
