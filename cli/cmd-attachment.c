/* SPDX-License-Identifier: ISC */
/* senim attachment CASE [PART]: what hangs on a letter; one part decoded, to a new file or a pipe, never to a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/view.h"
#include "cli/write-file.h"

static gboolean print_list(const Cli *cli, const char *name, const GPtrArray *parts, GError **error)
{
	g_autoptr(FormatTable) table = format_table_new(4);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	json_t *list = json_array();
	const char *const heads[] = {_("PART"), _("TYPE"), _("SIZE"), _("NAME")};
	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
		format_table_cell(table, heads[i]);
	for (guint i = 0; i < parts->len; i++) {
		const ViewPart *part = parts->pdata[i];
		g_autofree char *index = g_strdup_printf("%u", part->index);
		g_autofree char *size = format_size(part->size);
		const char *cells[] = {index, part->type, size, part->name};
		for (gsize n = 0; n < G_N_ELEMENTS(cells); n++)
			format_table_cell(table, cells[n]);
		json_array_append_new(list, json_pack("{s:i, s:o, s:o, s:I}", "part", (int)part->index, "name",
		                                      output_string(part->name, strlen(part->name)), "type",
		                                      output_string(part->type, strlen(part->type)), "size",
		                                      (json_int_t)part->size));
	}
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "case", output_value(name), "attachments", list), error);
	json_decref(list);
	format_table_fold(table, output_width());
	if (parts->len > 0)
		format_table_write(table, pager_on_terminal(), out);
	else
		wipe_buffer_add_text(out, _("Nothing hangs on this letter.\n"));
	return output_text(out, error);
}

static gboolean read_index(const char *text, guint *index, GError **error)
{
	guint64 number;
	if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT16, &number, NULL)) {
		*index = (guint)number;
		return TRUE;
	}
	g_autofree char *shown = escape_text(text, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_USAGE, _("“%s” is no part: take a number of the list that attachment CASE prints"), shown);
}

static gboolean has_part(const GPtrArray *parts, guint index)
{
	for (guint i = 0; i < parts->len; i++)
		if (((const ViewPart *)parts->pdata[i])->index == index)
			return TRUE;
	return FALSE;
}

static gboolean take_out(Session *session, const Opening *opening, guint index, GError **error)
{
	const char *output = options_value(session->cli->options, "output");
	g_autoptr(WipeBuffer) octets = view_part(session->examiner, opening->message, opening->message_size, index, error);
	if (octets == NULL)
		return FALSE;
	return output != NULL ? write_file_new(output, wipe_buffer_data(octets), wipe_buffer_size(octets), error)
	                      : pager_write(wipe_buffer_data(octets), wipe_buffer_size(octets), error);
}

/* Before anything is opened: where would it go? */
static gboolean check_goal(const Options *options, const char *part, guint *index, GError **error)
{
	const char *output = options_value(options, "output");
	if (part == NULL && output != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--output needs a PART: attachment CASE alone lists them"));
	if (part == NULL)
		return TRUE;
	if (options_flag(options, "json"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--json belongs to the list: a PART is given out as it is"));
	if (output == NULL && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("an attachment is not written to a terminal: name a file with --output, or send it into a pipe"));
	return read_index(part, index, error) && (output == NULL || write_file_check(output, error));
}

gboolean cmd_attachment(Cli *cli, GError **error)
{
	const char *part = options_word(cli->options, 2);
	guint index = 0;
	if (!case_check_name(options_word(cli->options, 1), error) || !check_goal(cli->options, part, &index, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	g_autoptr(Opening) opening = opening_open(session, c, SEAL_PART_BODY, "attachment", ground, FALSE, error);
	g_autoptr(Bundle) view =
		opening != NULL ? view_message(session->examiner, opening->message, opening->message_size, error) : NULL;
	g_autoptr(GPtrArray) parts = view != NULL ? view_parts(view, error) : NULL;
	if (parts == NULL)
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	if (part == NULL)
		return print_list(cli, name, parts, error);
	if (!has_part(parts, index))
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has no part %u: attachment CASE alone lists them"), name, index);
	return take_out(session, opening, index, error);
}
