/* SPDX-License-Identifier: ISC */
/* senim verify: what the check of every register (cli/verify-register.h) found; whether a receipt is true
 * (cli/verify-receipt.h); which entries the code of a letter speaks of. */
#include "base/escape.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/verify-receipt.h"
#include "cli/verify-register.h"

/* When each trustee confirmed the register last: by the registrar's word, and by his own clock. */
static void add_trustees(const VerifyRegister *result, WipeBuffer *out)
{
	json_t *item;
	gsize i;
	g_autoptr(GTimeZone) zone = g_time_zone_new_local();
	json_array_foreach(result->trustees, i, item) {
		const char *name = json_string_value(json_object_get(item, "name"));
		json_int_t at = json_integer_value(json_object_get(item, "at"));
		if (name == NULL || !json_is_true(json_object_get(item, "witness")))
			continue;
		g_autofree char *who = escape_text(name, -1, ESCAPE_LINE), *when = format_time((gint64)at * G_USEC_PER_SEC, zone);
		g_autofree char *line =
			at == 0 ? g_strdup_printf(_("  %s has confirmed nothing yet.\n"), who)
			        : g_strdup_printf(_("  %s has confirmed it up to %llu entries, last on %s.\n"), who,
			                          (unsigned long long)json_integer_value(json_object_get(item, "confirmed")), when);
		wipe_buffer_add_text(out, line);
		if (json_integer_value(json_object_get(item, "returned")) != 0)
			wipe_buffer_add_text(out, _("    The daily mail to him comes back: tell the host's administrator.\n"));
	}
}

static gboolean print_json(const GPtrArray *results, gboolean sound, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < results->len; i++) {
		const VerifyRegister *result = results->pdata[i];
		json_t *faults = json_array();
		for (guint n = 0; n < result->faults->len; n++)
			json_array_append_new(faults, output_value(result->faults->pdata[n]));
		json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:I, s:o, s:O?}", "mailbox", output_value(result->mailbox),
		                                      "origin", output_value(result->origin), "entries", (json_int_t)result->size,
		                                      "payloads", (json_int_t)result->payloads, "faults", faults, "trustees",
		                                      result->trustees));
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
		add_trustees(result, out);
	}
	return output_text(out, error);
}

/* As it stands in the letter, or as somebody typed it: small letters, blanks and dashes between (transfer full). */
static char *read_code(const char *typed, GError **error)
{
	GString *code = g_string_new(NULL);
	for (const char *p = typed; *p != '\0'; p++)
		if (*p != ' ' && *p != '-')
			g_string_append_c(code, g_ascii_toupper(*p));
	if (code->len == NOTE_CODE_LENGTH && strspn(code->str, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == code->len)
		return g_string_free(code, FALSE);
	g_string_free(code, TRUE);
	cli_fail(error, CLI_ERROR_USAGE, _("the code of a letter has 26 of A to Z and 2 to 7: look at it again"));
	return NULL;
}

/* Which register gave this code, and when. FALSE where none did. */
static gboolean print_code(const GPtrArray *results, gboolean json, GError **error)
{
	const VerifyRegister *found = NULL;
	for (guint i = 0; i < results->len && found == NULL; i++)
		if (((const VerifyRegister *)results->pdata[i])->code_size != 0)
			found = results->pdata[i];
	if (found == NULL)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("no register here ever gave this code: compare it with the letter, then tell the supervisor, for an entry may have been taken out"));
	if (json)
		return output_json(json_pack("{s:b, s:o, s:I, s:I}", "sound", found->faults->len == 0, "mailbox", output_value(found->mailbox),
		                             "code_entries", (json_int_t)found->code_size, "entries", (json_int_t)found->size), error);
	g_autofree char *mailbox = escape_text(found->mailbox, -1, ESCAPE_LINE);
	g_autofree char *line = g_strdup_printf(_("%s: the code is this register's when it had %llu entries; it has %llu now, and begins with the same.\n"),
	                                        mailbox, (unsigned long long)found->code_size, (unsigned long long)found->size);
	return output_said(line, error);
}

static GPtrArray *check(Cli *cli, const char *code, GError **error)
{
	const char *store = options_value(cli->options, "store"), *archive = options_value(cli->options, "archive");
	if (archive != NULL)
		return verify_register_archive(archive, options_value(cli->options, "log-pub"), error);
	if (store != NULL)
		return verify_register_store(store, options_value(cli->options, "log-pub"), error);
	g_autoptr(Session) session = session_open(cli, error);
	return session != NULL ? verify_register_desk(session, code, error) : NULL;
}

static gboolean check_receipt(Cli *cli, const char *file, GError **error)
{
	const char *log_pub = cli->settings->log_pub;
	if (log_pub == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("a receipt is checked by the organisation's public keys: name its file with --log-pub"));
	return verify_receipt(file, log_pub, options_value(cli->options, "letter"), options_flag(cli->options, "json"), error);
}

/* Each checks something else. */
static gboolean check_options(const Options *options, GError **error)
{
	static const char *const names[] = {"store", "archive", "receipt", "code"};
	guint given = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		given += options_value(options, names[i]) != NULL;
	return given <= 1 ||
	       cli_fail(error, CLI_ERROR_USAGE, _("--store, --archive, --receipt and --code do not go together: check one after the other"));
}

gboolean cmd_verify(Cli *cli, GError **error)
{
	if (!check_options(cli->options, error))
		return FALSE;
	const char *receipt = options_value(cli->options, "receipt");
	if (receipt != NULL)
		return check_receipt(cli, receipt, error);
	const char *typed = options_value(cli->options, "code");
	g_autofree char *code = typed != NULL ? read_code(typed, error) : NULL;
	g_autoptr(GPtrArray) results = typed == NULL || code != NULL ? check(cli, code, error) : NULL;
	guint faults = 0;
	if (results == NULL)
		return FALSE;
	for (guint i = 0; i < results->len; i++)
		faults += ((const VerifyRegister *)results->pdata[i])->faults->len;
	if (code != NULL && faults == 0)
		return print_code(results, options_flag(cli->options, "json"), error);
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
