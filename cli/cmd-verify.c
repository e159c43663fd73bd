/* SPDX-License-Identifier: ISC */
/* senim verify: what the check of every register (cli/verify-register.h) found. */
#include "base/escape.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/verify-register.h"

static gboolean print_json(const GPtrArray *results, gboolean sound, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < results->len; i++) {
		const VerifyRegister *result = results->pdata[i];
		json_t *faults = json_array();
		for (guint n = 0; n < result->faults->len; n++)
			json_array_append_new(faults, output_value(result->faults->pdata[n]));
		json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:I, s:o}", "mailbox", output_value(result->mailbox),
		                                      "origin", output_value(result->origin), "entries", (json_int_t)result->size,
		                                      "payloads", (json_int_t)result->payloads, "faults", faults));
	}
	return output_json(json_pack("{s:b, s:o}", "sound", sound, "registers", list), error);
}

static gboolean print_text(const GPtrArray *results, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	for (guint i = 0; i < results->len; i++) {
		const VerifyRegister *result = results->pdata[i];
		g_autofree char *mailbox = escape_text(result->mailbox, -1, ESCAPE_LINE);
		g_autofree char *line =
			result->faults->len == 0
				? g_strdup_printf(_("%s: the register is whole: %llu entries, %llu sealed objects.\n"), mailbox,
				                  (unsigned long long)result->size, (unsigned long long)result->payloads)
				: g_strdup_printf(_("%s: THE REGISTER IS NOT WHOLE:\n"), mailbox);
		wipe_buffer_add_text(out, line);
		for (guint n = 0; n < result->faults->len; n++) {
			g_autofree char *fault = escape_text(result->faults->pdata[n], -1, ESCAPE_LINE);
			wipe_buffer_add_text(out, "  ");
			wipe_buffer_add_text(out, fault);
			wipe_buffer_add_text(out, "\n");
		}
	}
	return output_text(out, error);
}

static GPtrArray *check(Cli *cli, GError **error)
{
	const char *store = options_value(cli->options, "store"), *archive = options_value(cli->options, "archive");
	if (store != NULL && archive != NULL) {
		cli_fail(error, CLI_ERROR_USAGE, _("--store and --archive do not go together: check one after the other"));
		return NULL;
	}
	if (archive != NULL)
		return verify_register_archive(archive, options_value(cli->options, "log-pub"), error);
	if (store != NULL)
		return verify_register_store(store, options_value(cli->options, "log-pub"), error);
	g_autoptr(Session) session = session_open(cli, error);
	return session != NULL ? verify_register_desk(session, error) : NULL;
}

gboolean cmd_verify(Cli *cli, GError **error)
{
	g_autoptr(GPtrArray) results = check(cli, error);
	guint faults = 0;
	if (results == NULL)
		return FALSE;
	for (guint i = 0; i < results->len; i++)
		faults += ((const VerifyRegister *)results->pdata[i])->faults->len;
	gboolean printed = options_flag(cli->options, "json") ? print_json(results, faults == 0, error)
	                                                      : print_text(results, error);
	if (printed && faults > 0 && options_value(cli->options, "archive") != NULL)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the archive is not whole: keep it as it is, tell the supervisor, and run senim archive on the mail host, which writes again what is damaged"));
	if (printed && faults > 0)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("something is wrong with the registers: tell the supervisor and the other officers, and open no case until it is clear"));
	return printed;
}
