/* SPDX-License-Identifier: ISC */
/* senim init DIR: hands the words to store/init.h and says what it made. */
#include <stdio.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/pager.h"
#include "store/init.h"

static void warn(const char *sentence, gpointer user)
{
	(void)user;
	g_autofree char *shown = escape_text(sentence, -1, ESCAPE_LINE);
	fprintf(stderr, _("senim: warning: %s\n"), shown);
}

static const char **list_of(const Options *options, const char *name)
{
	GPtrArray *list = g_ptr_array_new();
	const char *value;
	for (guint i = 0; (value = options_nth(options, name, i)) != NULL; i++)
		g_ptr_array_add(list, (gpointer)value);
	g_ptr_array_add(list, NULL);
	return (const char **)g_ptr_array_free(list, FALSE);
}

gboolean cmd_init(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	g_autofree const char **mailboxes = list_of(options, "mailbox");
	g_autofree const char **officers = list_of(options, "officer");
	g_autofree const char **escalation = list_of(options, "escalation");
	g_autofree const char **recovery = list_of(options, "recovery");
	g_autofree const char **settings = list_of(options, "set");
	const char *directory = options_word(options, 1);
	InitRequest request = {
		.directory = directory,
		.mailboxes = mailboxes,
		.officers = officers,
		.escalation = escalation,
		.recovery = recovery,
		.settings = settings,
		.prove = options_value(options, "prove"),
		.no_recovery = options_flag(options, "no-recovery"),
		.warn = warn,
	};
	g_autoptr(GError) cause = NULL;
	if (!init_store(&request, &cause)) {
		g_autofree char *shown = escape_text(cause->message, -1, ESCAPE_LINE);
		gboolean usage = g_error_matches(cause, INIT_ERROR, INIT_ERROR_USAGE);
		return cli_fail(error, usage ? CLI_ERROR_USAGE : CLI_ERROR_FAILED, "%s", shown);
	}
	g_autofree char *shown = escape_text(directory, -1, ESCAPE_LINE);
	g_autofree char *done = g_strdup_printf(_("%s is made. It runs as it stands:\n"
	                                          "  senim-registrar --config %s/senim.conf\n"
	                                          "  senim-milter --config %s/senim.conf\n"
	                                          "Give each officer %s/log.pub: with it her program knows the registers again.\n"),
	                                        shown, shown, shown, shown);
	return pager_write(done, strlen(done), error);
}
