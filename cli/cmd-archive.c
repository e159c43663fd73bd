/* SPDX-License-Identifier: ISC */
/* senim archive: a run of the archive now, by the registrar that has the books open (store/archiver.h). */
#include "base/escape.h"
#include "cli/cli.h"
#include "cli/desk-client.h"
#include "cli/output.h"
#include "store/desk-host.h"

#define ASK_SECONDS 30
#define ASK_EVERY (200 * 1000) /* microseconds */

static json_t *ask(const char *socket, gboolean begin, GError **error)
{
	return desk_client_ask_host(socket, DESK_HOST_ARCHIVE, json_pack("{s:b}", "begin", begin), ASK_SECONDS, error);
}

/* The state once the run that was asked for has ended (transfer full). */
static json_t *wait_for(const char *socket, guint64 run, GError **error)
{
	for (;;) {
		guint64 ended;
		json_t *state = ask(socket, FALSE, error);
		if (state == NULL || !desk_get_uint(state, "ended", &ended, error)) {
			json_decref(state);
			return NULL;
		}
		if (ended >= run)
			return state;
		json_decref(state);
		g_usleep(ASK_EVERY);
	}
}

static gboolean said(Cli *cli, const Config *config, json_t *state, GError **error)
{
	guint64 months, payloads, damage;
	if (!desk_get_uint(state, "months", &months, error) || !desk_get_uint(state, "payloads", &payloads, error) ||
	    !desk_get_uint(state, "damage", &damage, error))
		return FALSE;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:I, s:I}", "archive", output_value(config->archive_directory), "months",
		                             (json_int_t)months, "payloads", (json_int_t)payloads, "damage", (json_int_t)damage),
		                   error);
	g_autofree char *shown = escape_text(config->archive_directory, -1, ESCAPE_LINE);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, _("%s: %u months were written, with %u sealed objects. Now copy it to where this host cannot reach it.\n"),
	                       shown, (guint)months, (guint)payloads);
	if (damage > 0)
		g_string_append_printf(text, _("%u faults were found in earlier months; what was damaged is written again. The register says so.\n"),
		                       (guint)damage);
	return output_said(text->str, error);
}

gboolean cmd_archive(Cli *cli, GError **error)
{
	guint64 run;
	g_autoptr(Config) config = cli_config(cli, error);
	if (config == NULL)
		return FALSE;
	g_autofree char *socket = config_run_path(config, "desk.sock");
	g_autoptr(json_t) begun = ask(socket, TRUE, error);
	g_autoptr(json_t) state =
		begun != NULL && desk_get_uint(begun, "run", &run, error) ? wait_for(socket, run, error) : NULL;
	if (state == NULL)
		return FALSE;
	const char *fault = json_string_value(json_object_get(state, "fault"));
	if (fault == NULL)
		return said(cli, config, state, error);
	g_autofree char *shown = escape_text(fault, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the archive was not made: %s"), shown);
}
