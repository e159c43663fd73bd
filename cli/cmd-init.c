/* SPDX-License-Identifier: ISC */
/* senim init DIR: hands the words to store/init.h, opens the escrow with the recovery key, prints the sheet for the safe
 * and says what it made. */
#include <stdio.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/sheet.h"
#include "store/init.h"

typedef struct {
	Cli *cli;
	const char *sheet_path; /* --sheet FILE, or NULL: the terminal */
	gboolean sheet_lost;    /* it could not be shown or written */
} Init;

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

/* --- the escrow: opened once with the recovery key, and on paper ------------------------------- */

static char *ask_identity(gpointer user, GError **error)
{
	return sheet_ask_identity(((Init *)user)->cli, error);
}

/* A secret: it goes where it was asked for, or to a terminal, and never by itself into a log or a script's output. */
static void sheet(const char *text, gpointer user)
{
	Init *init = user;
	g_autoptr(GError) error = NULL;
	const char *path = init->sheet_path != NULL ? init->sheet_path : pager_on_terminal() ? "-" : NULL;
	if (path == NULL)
		warn(_("the sheet for the safe was not printed: there is no terminal; --sheet FILE writes it"), NULL);
	else if (!sheet_write(path, text, &error))
		warn(error->message, NULL);
	init->sheet_lost = error != NULL;
}

/* --- the command --------------------------------------------------------------------------------- */

static gboolean said_what(const char *directory, GError **error)
{
	g_autofree char *shown = escape_text(directory, -1, ESCAPE_LINE);
	g_autofree char *done = g_strdup_printf(_("%s is made. It runs as it stands:\n"
	                                          "  senim-registrar --config %s/senim.conf\n"
	                                          "  senim-milter --config %s/senim.conf\n"
	                                          "Give each officer %s/log.pub: with it her program knows the registers again.\n"),
	                                        shown, shown, shown, shown);
	return output_said(done, error);
}

gboolean cmd_init(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	g_autofree const char **mailboxes = list_of(options, "mailbox");
	g_autofree const char **officers = list_of(options, "officer");
	g_autofree const char **escalation = list_of(options, "escalation");
	g_autofree const char **deputies = list_of(options, "deputy");
	g_autofree const char **supervisors = list_of(options, "supervisor");
	g_autofree const char **recovery = list_of(options, "recovery");
	g_autofree const char **settings = list_of(options, "set");
	const char *directory = options_word(options, 1);
	Init init = {.cli = cli, .sheet_path = options_value(options, "sheet")};
	InitRequest request = {
		.directory = directory,
		.mailboxes = mailboxes,
		.officers = officers,
		.deputies = deputies,
		.escalation = escalation,
		.supervisors = supervisors,
		.recovery = recovery,
		.settings = settings,
		.no_recovery = options_flag(options, "no-recovery"),
		.ask_identity = ask_identity,
		.sheet = sheet,
		.warn = warn,
		.user = &init,
	};
	g_autoptr(GError) cause = NULL;
	if (!init_store(&request, &cause)) {
		g_autofree char *shown = escape_text(cause->message, -1, ESCAPE_LINE);
		gboolean usage = g_error_matches(cause, INIT_ERROR, INIT_ERROR_USAGE);
		return cli_fail(error, usage ? CLI_ERROR_USAGE : CLI_ERROR_FAILED, "%s", shown);
	}
	return said_what(directory, error) && !init.sheet_lost;
}
