/* SPDX-License-Identifier: ISC */
/* senim attachment CASE [PART]: what hangs on a letter. A part is shown by a viewer from memory; --output and a pipe are an
 * export: a copy that leaves senim, an act of its own. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/content.h"
#include "cli/exports.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/messages.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/scan.h"
#include "cli/view.h"
#include "cli/viewer.h"
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

/* NULL: there is no such part. */
static const ViewPart *find_part(const GPtrArray *parts, guint index)
{
	for (guint i = 0; i < parts->len; i++)
		if (((const ViewPart *)parts->pdata[i])->index == index)
			return parts->pdata[i];
	return NULL;
}

static void say(const char *text)
{
	face_warn(text);
}

/* --- what it is ------------------------------------------------------------------------------------------------------- */

/* The scanner of this machine: its answer is said in any case. */
static gboolean scan(const Options *options, const Settings *settings, const WipeBuffer *octets, GError **error)
{
	const char *socket = settings->clamd != NULL ? settings->clamd : SCAN_SOCKET;
	g_autofree char *found = NULL;
	if (settings->clamd == NULL && access(socket, F_OK) != 0) {
		say(_("no virus scanner runs on this machine: the attachment was not scanned"));
		return TRUE;
	}
	ScanResult result = scan_octets(socket, wipe_buffer_data(octets), wipe_buffer_size(octets), &found);
	if (result == SCAN_CLEAN)
		return TRUE;
	if (result == SCAN_SILENT) {
		say(_("the virus scanner does not answer: the attachment was not scanned"));
		return TRUE;
	}
	g_autofree char *shown = escape_text(found, -1, ESCAPE_LINE);
	g_autofree char *line = g_strdup_printf(_("the virus scanner found %s in it"), shown);
	if (!options_flag(options, "even-so"))
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s: it stays sealed; --even-so gives it out"), line);
	say(line);
	return TRUE;
}

/* By its octets, not by what the letter says: that it could act, and that it is something else than it claims. */
static gboolean judge(const Options *options, const ViewPart *part, const Content *content, gboolean viewing, GError **error)
{
	const char *warning = content_warning(content);
	if (strcmp(content->type, part->type) != 0 && strcmp(content->type, "application/octet-stream") != 0) {
		g_autofree char *claim = escape_text(part->type, -1, ESCAPE_LINE);
		g_autofree char *line = g_strdup_printf(_("the letter calls it %s; by its content it is %s"), claim, content->type);
		say(line);
	}
	if (warning == NULL)
		return TRUE;
	if (viewing && !options_flag(options, "even-so"))
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s: it was not opened; --even-so opens it"), warning);
	say(warning);
	return TRUE;
}

/* --- to the eye ------------------------------------------------------------------------------------------------------- */

/* Text needs no program: through the escape and the pager. */
static gboolean show_text(const WipeBuffer *octets, GError **error)
{
	g_autoptr(WipeText) escaped = escape_text(wipe_buffer_data(octets), (gssize)wipe_buffer_size(octets), ESCAPE_TEXT);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(strlen(escaped) + 1);
	wipe_buffer_add_text(out, escaped);
	if (!g_str_has_suffix(escaped, "\n"))
		wipe_buffer_add_text(out, "\n");
	return output_text(out, error);
}

static gboolean show_by(const char *command, const Content *content, const WipeBuffer *octets, GError **error)
{
	g_autofree char *name = g_strconcat("attachment.", content->extension, NULL);
	g_autoptr(MemoryRoom) room = memory_room_new(error);
	const char *path =
		room != NULL ? memory_room_add(room, name, wipe_buffer_data(octets), wipe_buffer_size(octets), error) : NULL;
	gboolean cut_off = path != NULL && viewer_may_cut_off();
	if (path == NULL)
		return FALSE;
	if (!cut_off)
		say(_("the viewer could not be cut off from the network on this machine: what it fetches tells others that it was opened"));
	if (memory_room_swappable(room))
		say(_("this machine may write memory to its disk (swap): turn it off, or encrypt it"));
	return viewer_show(command, g_steal_pointer(&room), path, cut_off, error);
}

static gboolean show(const Cli *cli, const Content *content, const WipeBuffer *octets, GError **error)
{
	const char *viewers = cli->settings->viewer;
	g_autofree char *command = viewers != NULL ? viewer_command(viewers, content->type) : NULL;
	if (command != NULL)
		return show_by(command, content, octets, error);
	if (strcmp(content->type, "text/plain") == 0)
		return show_text(octets, error);
	if (face() != NULL)
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("no program is chosen that shows %s here: save it outside (F2), or ask the administrator for one"),
		                content->type);
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("no viewer for %s is chosen: viewer = %s: PROGRAM in %s, or export it with --output FILE"),
	                content->type, content->type, cli->settings->file);
}

/* --- out of the house --------------------------------------------------------------------------------------------------- */

/* The list first: a file that is listed and was not written is harmless, the reverse is forgotten. */
static gboolean export_to(const char *output, const Opening *opening, const Case *c, const WipeBuffer *octets, GError **error)
{
	gboolean seen;
	g_autofree char *shown = escape_text(output, -1, ESCAPE_LINE);
	if (!exports_check_place(output, TRUE, &seen, error) ||
	    !exports_add(c->mailbox, verify_look_act_seq(opening->act->look), output, error) ||
	    !write_file_new(output, wipe_buffer_data(octets), wipe_buffer_size(octets), error))
		return FALSE;
	g_autofree char *line = g_strdup_printf(
		face() != NULL ? _("%s is an export: a copy in clear that stands in the register as yours until it is destroyed (F7)")
	                   : _("%s is an export: a copy in clear that stands in the register as yours until senim purge destroys it"), shown);
	say(line);
	if (seen)
		say(_("other users of this machine can see that file's name and size: a directory of your own is the better place"));
	return TRUE;
}

/* What is to be done with it, and what was read on the way. */
typedef struct {
	const Cli *cli;
	const Case *c;
	guint index;
	gboolean viewing;
} Task;

static void forget(gpointer opening)
{
	opening_forget(opening);
}

static gboolean take_out(const Task *task, Session **session, Opening **opening, const ViewPart *part, GError **error)
{
	const Options *options = task->cli->options;
	const char *output = options_value(options, "output");
	Content content;
	g_autoptr(WipeBuffer) octets =
		view_part((*session)->examiner, (*opening)->message, (*opening)->message_size, part, forget, *opening, error);
	if (octets == NULL)
		return FALSE;
	content_sniff(wipe_buffer_data(octets), wipe_buffer_size(octets), &content);
	if (!judge(options, part, &content, task->viewing, error) || !scan(options, task->cli->settings, octets, error))
		return FALSE;
	if (output != NULL)
		return export_to(output, *opening, task->c, octets, error);
	if (!task->viewing)
		return pager_write(wipe_buffer_data(octets), wipe_buffer_size(octets), error);
	/* While somebody else's program reads it, neither the letter nor her keys lie in memory. */
	g_clear_pointer(opening, opening_free);
	g_clear_pointer(session, session_free);
	return show(task->cli, &content, octets, error);
}

/* Before anything is opened: where would it go? */
static gboolean check_goal(const Options *options, const char *part, guint *index, GError **error)
{
	gboolean seen;
	const char *output = options_value(options, "output");
	if (part == NULL && output != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--output needs a PART: attachment CASE alone lists them"));
	if (part == NULL)
		return TRUE;
	if (options_flag(options, "json"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--json belongs to the list: a PART is given out as it is"));
	return read_index(part, index, error) &&
	       (output == NULL || (write_file_check(output, error) &&
	                           exports_check_place(output, options_flag(options, "even-so"), &seen, error)));
}

gboolean cmd_attachment(Cli *cli, GError **error)
{
	const char *part = options_word(cli->options, 2);
	Task task = {.cli = cli};
	task.viewing = part != NULL && isatty(STDOUT_FILENO) && options_value(cli->options, "output") == NULL;
	if (!case_check_name(options_word(cli->options, 1), error) || !check_goal(cli->options, part, &task.index, error) ||
	    !messages_check_options(cli->options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(Messages) messages = c != NULL ? messages_fetch(session, c, error) : NULL;
	g_autoptr(WipeText) ground = messages != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	const char *act = part == NULL || task.viewing ? "attachment" : "export";
	const Case *message = messages->message != NULL ? messages->message : c;
	g_autoptr(Opening) opening = opening_open(session, message, SEAL_PART_BODY, act, ground, NULL, error);
	g_autoptr(Bundle) view = opening != NULL ? opening_view(session, message, opening, error) : NULL;
	g_autoptr(GPtrArray) parts = view != NULL ? view_parts(view, error) : NULL;
	if (parts == NULL)
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	if (part == NULL)
		return print_list(cli, name, parts, error);
	task.c = c;
	const ViewPart *found = find_part(parts, task.index);
	if (found == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has no part %u: attachment CASE alone lists them"), name, task.index);
	return take_out(&task, &session, &opening, found, error);
}
