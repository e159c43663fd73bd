/* SPDX-License-Identifier: ISC */
/* senim custody rotate|check: on the mail host, while senim-registrar is stopped (store/rotation.h). */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/sheet.h"
#include "store/rotation.h"

static char *ask_identity(gpointer user, GError **error)
{
	return sheet_ask_identity(user, error);
}

static gboolean print_sheet(const char *text, gpointer user, GError **error)
{
	const Cli *cli = user;
	const char *path = options_value(cli->options, "sheet");
	if (path == NULL && !pager_on_terminal())
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no terminal for the sheet for the safe: --sheet FILE writes it, and the same command goes on"));
	return sheet_write(path != NULL ? path : "-", text, error);
}

static void progress(const char *mailbox, gpointer user G_GNUC_UNUSED)
{
	fprintf(stderr, _("senim: %s …\n"), mailbox);
}

static gboolean said_check(Cli *cli, const RotationResult *result, GError **error)
{
	const LedgerCustody *count = &result->count;
	const GPtrArray *faults = count->faults;
	if (options_flag(cli->options, "json")) {
		json_t *list = json_array();
		for (guint i = 0; i < faults->len; i++)
			json_array_append_new(list, output_value(faults->pdata[i]));
		json_t *object = json_pack("{s:I, s:I, s:I, s:o}", "openings", (json_int_t)count->openings, "headers",
		                           (json_int_t)count->headers, "letters", (json_int_t)count->letters, "faults", list);
		if (!output_json(object, error))
			return FALSE;
	} else {
		g_autoptr(GString) text = g_string_new(NULL);
		for (guint i = 0; i < faults->len; i++) {
			g_autofree char *shown = escape_text(faults->pdata[i], -1, ESCAPE_LINE);
			g_string_append_printf(text, "%s\n", shown);
		}
		g_string_append_printf(text, _("%u records, %u headers and %u letters were opened under the custody key.\n"),
		                       (guint)count->openings, (guint)count->headers, (guint)count->letters);
		if (!output_said(text->str, error))
			return FALSE;
	}
	return faults->len == 0 ||
	       cli_fail(error, CLI_ERROR_FAILED, _("not everything opens under the custody key: tell the supervisor, and keep every backup"));
}

static gboolean said_rotate(Cli *cli, const RotationResult *result, GError **error)
{
	const LedgerCustody *count = &result->count;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:I, s:I, s:I, s:b, s:o}", "openings", (json_int_t)count->openings, "headers",
		                             (json_int_t)count->headers, "letters", (json_int_t)count->letters, "finished",
		                             result->finished, "key", output_value(result->left)),
		                   error);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, _("%u records, %u headers and %u letters lie under the new custody key.\n"),
	                       (guint)count->openings, (guint)count->headers, (guint)count->letters);
	if (result->left != NULL) {
		g_autofree char *shown = escape_text(result->left, -1, ESCAPE_LINE);
		g_string_append_printf(text, _("Put the key in %s where custody-key says, then run the same command once more: it removes this file.\n"),
		                       shown);
	} else {
		g_string_append(text, _("The old key is gone from this host. What was erased before is destroyed once the backups and the old sheet are.\n"));
	}
	return output_said(text->str, error);
}

static gboolean run(Cli *cli, const Config *config, gboolean rotate, gboolean prove, gboolean *finished, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_auto(RotationResult) result = {0};
	const RotationRequest request = {.config = config,
	                                 .ask_identity = prove ? ask_identity : NULL,
	                                 .sheet = print_sheet,
	                                 .progress = options_flag(cli->options, "json") ? NULL : progress,
	                                 .user = cli};
	if (!(rotate ? rotation_run : rotation_check)(&request, &result, &cause)) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_FAILED, "%s", why);
	}
	*finished = result.finished;
	return rotate ? said_rotate(cli, &result, error) : said_check(cli, &result, error);
}

gboolean cmd_custody_rotate(Cli *cli, const Config *config, gboolean *finished, GError **error)
{
	return run(cli, config, TRUE, FALSE, finished, error);
}

gboolean cmd_custody(Cli *cli, GError **error)
{
	const char *what = options_word(cli->options, 1);
	gboolean rotate = strcmp(what, "rotate") == 0, finished;
	if (!rotate && strcmp(what, "check") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("custody takes rotate or check: senim custody --help shows how it is used"));
	g_autoptr(Config) config = cli_config(cli, error);
	if (config == NULL)
		return FALSE;
	return run(cli, config, rotate, options_flag(cli->options, "prove"), &finished, error);
}
