/* SPDX-License-Identifier: ISC */
/* senim inspection: the file for an inspector, in Kazakh and Russian (cli/inspection.h). */
#include <string.h>

#include "base/escape.h"
#include "cli/exports.h"
#include "cli/inspection.h"
#include "cli/output.h"
#include "cli/write-file.h"

#define ORDER_FILE_MAX (256u << 20)

/* What was asked for. */
typedef struct {
	const char *first, *last, *order, *file;
	const char *languages[3];
	char *digest; /* of the order's file, or "-" */
	gboolean names;
} Question;

static void question_clear(Question *question)
{
	g_free(question->digest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

static char *digest_of(const void *data, gsize size)
{
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, size);
}

static gboolean read_order(Question *question, const char *file, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (file == NULL) {
		question->digest = g_strdup("-");
		return TRUE;
	}
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(file, FALSE, &cause);
	if (mapped == NULL || g_mapped_file_get_length(mapped) == 0 || g_mapped_file_get_length(mapped) > ORDER_FILE_MAX)
		return cli_fail(error, CLI_ERROR_USAGE, _("the order cannot be read from %s: name a file of 1 octet to 256 MiB"), file);
	question->digest = digest_of(g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped));
	return TRUE;
}

static gboolean read_languages(Question *question, const char *language, GError **error)
{
	static const char *const both[] = {"kk", "ru"}, *const known[] = {"kk", "ru", "en", NULL};
	if (language != NULL && !g_strv_contains(known, language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	question->languages[0] = language != NULL ? language : both[0];
	question->languages[1] = language != NULL ? NULL : both[1];
	return TRUE;
}

static const char *needed(const Options *options, const char *name, GError **error)
{
	const char *value = options_value(options, name);
	if (value == NULL || *value == '\0')
		cli_fail(error, CLI_ERROR_USAGE, _("--%s is missing: this cannot be entered without it"), name);
	return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean read_question(Question *question, const Options *options, GError **error)
{
	gboolean seen;
	question->names = options_flag(options, "names");
	if (question->names && options_flag(options, "no-names"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--names and --no-names do not go together"));
	return (question->first = needed(options, "from", error)) != NULL && (question->last = needed(options, "to", error)) != NULL &&
	       (question->order = needed(options, "order", error)) != NULL &&
	       (question->file = needed(options, "output", error)) != NULL && write_file_check(question->file, error) &&
	       exports_check_place(question->file, options_flag(options, "even-so"), &seen, error) &&
	       read_languages(question, options_value(options, "language"), error) &&
	       read_order(question, options_value(options, "digest"), error);
}

static gboolean report(const Question *question, const Inspection *inspection, const char *digest, GError **error)
{
	if (options_flag(inspection->session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:o, s:I, s:s, s:b, s:b, s:b}", "mailbox", output_value(inspection->mailbox), "order",
		                             output_value(inspection->order), "entry", (json_int_t)inspection->entry, "sha256", digest,
		                             "names", question->names, "rows", inspection->has_rows, "all_acts", inspection->has_all), error);
	g_autofree char *file = escape_text(question->file, -1, ESCAPE_LINE);
	g_autofree char *rest = inspection_rest(inspection);
	g_autofree char *missing = rest != NULL ? g_strdup_printf(_("The rest of the pack, for the same order and days: %s.\n"), rest) : g_strdup("");
	g_autofree char *made = g_strdup_printf(_("%s is made, and its digest stands in the register:\n%s\n"), file, digest);
	g_autofree char *line = g_strconcat(made, missing, NULL);
	return output_said(line, error);
}

/* What holds words of a report is an export like any other, until it was handed over and purged here. */
static gboolean note_export(const Question *question, const Inspection *inspection, GError **error)
{
	return !(inspection->has_rows || inspection->names) ||
	       exports_add(inspection->mailbox, inspection->made, question->file, error);
}

/* The digest stands in the register before the file has a name. */
static gboolean make(const Question *question, Inspection *inspection, GError **error)
{
	gsize size;
	g_autoptr(GBytes) pdf = inspection_pdf(inspection, question->languages, error);
	if (pdf == NULL)
		return FALSE;
	const void *data = g_bytes_get_data(pdf, &size);
	g_autofree char *digest = digest_of(data, size);
	return inspection_enter(inspection, digest, error) && note_export(question, inspection, error) && write_file_new(question->file, data, size, error) &&
	       report(question, inspection, digest, error);
}

gboolean cmd_inspection(Cli *cli, GError **error)
{
	const char *mailbox;
	g_auto(Question) question = {0};
	if (!read_question(&question, cli->options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL || (mailbox = session_mailbox(session, error)) == NULL)
		return FALSE;
	const InspectionAsk ask = {question.first, question.last, question.order, question.digest, question.names};
	g_autoptr(Inspection) inspection = inspection_begin(session, mailbox, &ask, error);
	return inspection != NULL && make(&question, inspection, error);
}
