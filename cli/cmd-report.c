/* SPDX-License-Identifier: ISC */
/* senim report: the month's report to the management. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/casework.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/write-file.h"

static gboolean read_month(const Session *session, const char *typed, char **month, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now(desk_client_zone(session->desk));
	guint year = (guint)g_date_time_get_year(now), number = (guint)g_date_time_get_month(now);
	int used = 0;
	if (typed != NULL && (strlen(typed) != 7 || sscanf(typed, "%4u-%2u%n", &year, &number, &used) != 2 || used != 7 ||
	                      year < 1970 || number < 1 || number > 12))
		return cli_fail(error, CLI_ERROR_USAGE, _("a month is written 2026-11"));
	*month = g_strdup_printf("%04u-%02u", year, number);
	return TRUE;
}

static gboolean write_report(const Report *report, const char *format, const char *file, GError **error)
{
	gsize size;
	if (strcmp(format, "pdf") == 0) {
		g_autoptr(GBytes) pdf = report_pdf(report, error);
		const void *data = pdf != NULL ? g_bytes_get_data(pdf, &size) : NULL;
		return data != NULL && output_octets(file, data, size, error);
	}
	gboolean text = strcmp(format, "text") == 0;
	g_autoptr(WipeBuffer) out = text ? report_text(report, file == NULL ? output_width() : 0)
	                            : strcmp(format, "html") == 0 ? report_html(report) : report_json(report);
	if (text && file == NULL)
		return output_text(out, error);
	return output_octets(file, wipe_buffer_data(out), wipe_buffer_size(out), error);
}

static gboolean check(const char *format, const char *file, GError **error)
{
	static const char *const formats[] = {"text", "html", "pdf", "json", NULL};
	if (!g_strv_contains(formats, format))
		return cli_fail(error, CLI_ERROR_USAGE, _("--format takes one of text, html, pdf, json"));
	if (file == NULL && strcmp(format, "pdf") == 0 && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("a PDF is nothing for a terminal: say --output FILE"));
	return file == NULL || write_file_check(file, error);
}

gboolean cmd_report(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *format = options_value(options, "format"), *file = options_value(options, "output"), *mailbox;
	const char *language = options_value(options, "language");
	g_autofree char *month = NULL;
	g_autoptr(GError) cause = NULL;
	if (format == NULL)
		format = options_flag(options, "json") ? "json" : "text";
	if (!check(format, file, error))
		return FALSE;
	if (language != NULL && !language_use(language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	gboolean asked = g_strcmp0(options_word(options, 1), "-") == 0 && isatty(STDIN_FILENO);
	g_autoptr(WipeText) words = asked ? form_text(_("Causes and proposals, in your own words."), &cause)
	                                  : casework_stdin(options, 1, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL || !read_month(session, options_value(options, "month"), &month, error) ||
	    (mailbox = session_mailbox(session, error)) == NULL)
		return FALSE;
	g_autoptr(Report) report = report_fetch(session, mailbox, month, g_steal_pointer(&words), error);
	return report != NULL && write_report(report, format, file, error);
}
