/* SPDX-License-Identifier: ISC */
/* senim publish page|poster: what reporters are told of the mailbox, from the configuration. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/write-file.h"
#include "installed.h"
#include "policy/letter.h"

#define TEXT_MAX 65536

static gboolean read_kind(const char *word, PublishKind *kind, GError **error)
{
	*kind = strcmp(word, "poster") == 0 ? PUBLISH_POSTER : PUBLISH_PAGE;
	return *kind == PUBLISH_POSTER || strcmp(word, "page") == 0 ||
	       cli_fail(error, CLI_ERROR_USAGE, _("senim publish makes a page or a poster: name one of the two"));
}

/* A page is for a site and a poster for a wall, unless said otherwise. */
static gboolean read_format(const Options *options, PublishKind kind, gboolean *pdf, GError **error)
{
	const char *format = options_value(options, "format"), *file = options_value(options, "output");
	if (format != NULL && strcmp(format, "pdf") != 0 && strcmp(format, "html") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("--format takes one of html, pdf"));
	*pdf = format != NULL ? strcmp(format, "pdf") == 0 : kind == PUBLISH_POSTER;
	if (*pdf && file == NULL && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("a PDF is nothing for a terminal: say --output FILE"));
	return file == NULL || write_file_check(file, error);
}

static const ConfigMailbox *choose_mailbox(const Config *config, const char *named, GError **error)
{
	if (named == NULL && config->n_mailboxes == 1)
		return &config->mailboxes[0];
	const ConfigMailbox *mailbox = named != NULL ? config_mailbox(config, named) : NULL;
	if (mailbox == NULL) {
		g_autoptr(GString) all = g_string_new(NULL);
		for (guint i = 0; i < config->n_mailboxes; i++)
			g_string_append_printf(all, "%s%s", i > 0 ? ", " : "", config->mailboxes[i].address);
		cli_fail(error, CLI_ERROR_USAGE, _("name one of the mailboxes with --mailbox: %s"), all->str);
	}
	return mailbox;
}

static gboolean add_language(Publication *publication, const Cli *cli, const Config *config, const ConfigMailbox *mailbox,
                             PublishKind kind, const char *language, GError **error)
{
	const char *own = options_value(cli->options, "texts");
	g_autofree char *name = g_strdup_printf("%s.%s.txt", kind == PUBLISH_POSTER ? "poster" : "page", language);
	g_autofree char *file = g_build_filename(own != NULL ? own : PKGDATADIR "/public", name, NULL), *text = NULL;
	g_autofree char *shown = escape_text(file, -1, ESCAPE_LINE);
	g_autoptr(GError) cause = NULL;
	gsize size;
	if (!g_file_get_contents(file, &text, &size, &cause))
		return cli_fail(error, CLI_ERROR_USAGE, _("%s: %s"), shown, cause->message);
	if (size > TEXT_MAX || strlen(text) != size)
		return cli_fail(error, CLI_ERROR_USAGE, _("%s is larger than 64 KiB or no text: put back the one of the release"), shown);
	return publication_add(publication, config, mailbox, language, text, shown, error);
}

static gboolean write_publication(const Publication *publication, gboolean pdf, const char *file, GError **error)
{
	gsize size;
	if (!pdf) {
		g_autoptr(WipeBuffer) html = publication_html(publication);
		return output_octets(file, wipe_buffer_data(html), wipe_buffer_size(html), error);
	}
	g_autoptr(GBytes) octets = publication_pdf(publication, error);
	const void *data = octets != NULL ? g_bytes_get_data(octets, &size) : NULL;
	return data != NULL && output_octets(file, data, size, error);
}

/* KMO 16 makes two addresses public: the mailbox's, and that of the higher leadership. */
static void warn_of_one_address(const Config *config, const ConfigMailbox *mailbox)
{
	if (letter_lacks_escalation(config, mailbox))
		fprintf(stderr, _("senim: %s: no address for a report about the officer is named in it: the escalation needs a mailbox of its own, where it is in officers = and no officer of this one is (doc/install.md)\n"),
		        mailbox->address);
}

gboolean cmd_publish(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *language = options_value(options, "language");
	PublishKind kind;
	gboolean pdf;
	if (!read_kind(options_word(options, 1), &kind, error) || !read_format(options, kind, &pdf, error))
		return FALSE;
	if (language != NULL && strcmp(language, "kk") != 0 && strcmp(language, "ru") != 0 && strcmp(language, "en") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	if (cli->settings->config == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("page and poster are made from the configuration: name it with --config FILE"));
	g_autoptr(Config) config = cli_load_config(cli->settings->config, error);
	if (config == NULL)
		return FALSE;
	const ConfigMailbox *mailbox = choose_mailbox(config, options_value(options, "mailbox"), error);
	if (mailbox == NULL)
		return FALSE;
	g_autoptr(Publication) publication = publication_new(kind);
	const char *const only[] = {language, NULL}, *const *codes = language != NULL ? only : (const char *const *)mailbox->languages;
	for (; *codes != NULL; codes++)
		if (!add_language(publication, cli, config, mailbox, kind, *codes, error))
			return FALSE;
	warn_of_one_address(config, mailbox);
	return write_publication(publication, pdf, options_value(options, "output"), error);
}
