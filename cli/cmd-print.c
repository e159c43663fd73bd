/* SPDX-License-Identifier: ISC */
/* senim print CASE: the letter as numbered pages, from memory to a printer of this machine. The number of this copy and its
 * sheets stand in the register before a page leaves. */
#include <stdio.h>
#include <string.h>

#include "cli/addressees.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/printer.h"
#include "cli/view.h"

typedef struct {
	const Session *session;
	const Case *c;
	const Opening *opening;
	const Bundle *view;
	const Row *row; /* NULL: without row and calls */
	gboolean with_row, with_calls;
} Letter;

static void add_pair(Page *page, const char *key, const char *value)
{
	page_pair(page, key, value != NULL ? value : "-");
}

static void add_list(Page *page, const Bundle *view, const char *label, const char *key)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(bundle_record(view), key, i)) != NULL; i++)
		add_pair(page, label, line);
}

static void add_facts(Page *page, const Letter *letter)
{
	const Record *registered = letter->opening->registered;
	g_autofree char *received = format_time(letter->c->received, desk_client_zone(letter->session->desk));
	g_autofree char *channel = format_word(record_get(registered, "channel"));
	add_pair(page, _("Received"), received);
	if (letter->c->official_date != NULL)
		add_pair(page, _("Counts from"), letter->c->official_date);
	add_pair(page, _("Channel"), channel);
}

static gboolean add_parts(Page *page, const Bundle *view, GError **error)
{
	g_autoptr(GPtrArray) parts = view_parts(view, error);
	for (guint i = 0; parts != NULL && i < parts->len; i++) {
		const ViewPart *part = parts->pdata[i];
		g_autofree char *size = format_size(part->size);
		g_autoptr(WipeText) line = g_strdup_printf("%u  %s  %s  %s", part->index, part->type, size, part->name);
		add_pair(page, _("Attachment"), line);
	}
	return parts != NULL;
}

/* Who wrote it and when; of what was struck, who struck it. */
static char *note_of(const Letter *letter, const RowValue *value)
{
	gboolean struck = value->struck != 0;
	g_autofree char *time = format_time(struck ? value->struck_time : value->time, desk_client_zone(letter->session->desk));
	return g_strdup_printf(struck ? _("(struck: %s, %s, entry %llu)") : _("(%s, %s, entry %llu)"),
	                       struck ? value->struck_officer : value->officer, time,
	                       (unsigned long long)(struck ? value->struck : value->entry));
}

/* The row of the register behind the letter: what was struck stands there still, with who and when. */
static void add_row(Page *page, const Letter *letter)
{
	static const guint weights[] = {1, 3};
	page_heading(page, _("Row in the register"));
	page_table(page, weights, G_N_ELEMENTS(weights), 0, TRUE);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(letter->row, column);
		page_cell(page, PAGE_BOLD, _(column->label));
		if (values->len == 0)
			page_cell(page, 0, "–");
		for (guint i = 0; i < values->len; i++) {
			const RowValue *value = values->pdata[i];
			g_autofree char *note = note_of(letter, value);
			(i == 0 ? page_cell : page_more)(page, value->struck != 0 ? PAGE_STRUCK : 0, value->value);
			page_more(page, PAGE_SMALL, note);
		}
	}
}

/* What was written down of its calls, each with its attachment: also what a later text struck. */
static void add_calls(Page *page, const Letter *letter)
{
	const GPtrArray *calls = row_calls(letter->row);
	for (guint i = 0; i < calls->len; i++) {
		const RowCall *call = calls->pdata[i];
		g_autofree char *note = note_of(letter, &call->said);
		g_autofree char *head = call->part != 0 ? g_strdup_printf(_("What is said in the call, attachment %u"), call->part)
		                                        : g_strdup(_("What is said in the call"));
		page_heading(page, head);
		page_text(page, call->said.struck != 0 ? PAGE_STRUCK : 0, call->said.value);
		page_text(page, PAGE_SMALL, note);
	}
}

/* The fields that show prints, and no others: a page betrays a desk as a screen does. copy NULL: before it is given. */
static Page *lay_out(const Letter *letter, guint sheets, const char *copy, GError **error)
{
	static const char *const lists[][2] = {
		{N_("From"), "from"}, {N_("Reply to"), "reply-to"}, {N_("To"), "to"}, {N_("Copy to"), "cc"}};
	const Record *view = bundle_record(letter->view);
	g_autofree char *name = case_shown(letter->c, letter->session->desk);
	g_autofree char *footer = g_strdup_printf(_("%s, copy %s"), name, copy != NULL ? copy : "-");
	g_autoptr(GPtrArray) others =
		addressees_others(letter->view, letter->opening->fields, letter->c->mailbox);
	g_autoptr(WipeText) sentence = addressees_sentence(others);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, footer);
	gsize size;
	page_title(page, name);
	page_text(page, others->len > 0 ? PAGE_BOLD : 0, sentence);
	page_space(page, 2);
	add_facts(page, letter);
	g_autofree char *count = sheets > 0 ? g_strdup_printf("%u", sheets) : NULL; /* a line of its own, also before it is known */
	add_pair(page, _("Sheets"), count);
	add_pair(page, _("Copy"), copy);
	page_space(page, 2);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		add_list(page, letter->view, _(lists[i][0]), lists[i][1]);
	add_pair(page, _("Date"), record_get(view, "date"));
	add_pair(page, _("Subject"), record_get(view, "subject"));
	if (!add_parts(page, letter->view, error))
		return NULL;
	const char *text = g_bytes_get_data(bundle_part(letter->view, "text"), &size);
	g_autoptr(WipeText) whole = g_utf8_make_valid(text != NULL ? text : "", (gssize)size);
	page_space(page, 4);
	page_text(page, 0, whole);
	if (letter->with_calls)
		add_calls(page, letter);
	if (letter->with_row)
		add_row(page, letter);
	return g_steal_pointer(&page);
}

/* The entry, with the number of this copy. */
static char *enter(Session *session, const Case *c, guint sheets, const char *ground, GError **error)
{
	g_autofree char *copy = NULL;
	g_autoptr(Record) own = record_new();
	record_add_uint(own, "sheets", sheets);
	if (!opening_act(session, c, ENTRY_PRINTED, "/v1/printed", json_pack("{s:I}", "sheets", (json_int_t)sheets), own, ground,
	                 &copy, error))
		return NULL;
	if (copy == NULL)
		desk_form_error(error, "copy");
	return g_steal_pointer(&copy);
}

static gboolean report(const Letter *letter, guint sheets, const char *copy, GError **error)
{
	g_autofree char *name = case_shown(letter->c, letter->session->desk);
	if (options_flag(letter->session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:i, s:I}", "case", output_value(name), "sheets", (int)sheets, "copy",
		                             (json_int_t)g_ascii_strtoull(copy, NULL, 10)),
		                   error);
	g_autofree char *line = g_strdup_printf(_("%s is printed: copy %s, sheets: %u.\n"), name, copy, sheets);
	return output_said(line, error);
}

static gboolean print(Session *session, const Letter *letter, Printer *printer, const char *ground, GError **error)
{
	gboolean forgotten;
	g_autoptr(Page) draft = lay_out(letter, 0, NULL, error);
	guint sheets = draft != NULL ? page_count(draft, error) : 0;
	g_autofree char *copy = sheets > 0 ? enter(session, letter->c, sheets, ground, error) : NULL;
	g_autoptr(Page) page = copy != NULL ? lay_out(letter, sheets, copy, error) : NULL;
	g_autoptr(GBytes) pdf = page != NULL ? page_render(page, error) : NULL;
	if (pdf == NULL || !printer_send(printer, pdf, &forgotten, error))
		return FALSE;
	if (!forgotten)
		face_warn(_("the queue may still hold these pages: have the administrator remove the job"));
	return report(letter, sheets, copy, error);
}

gboolean cmd_print(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *place = cli->settings->printer;
	if (!case_check_name(options_word(options, 1), error))
		return FALSE;
	if (place == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no printer is named: printer = ipp://localhost:60000/ipp/print, or a queue, in %s"),
		                cli->settings->file);
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	g_autoptr(Printer) printer = c != NULL ? printer_open(place, options_flag(options, "even-so"), error) : NULL;
	g_autoptr(WipeText) ground = printer != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	g_autoptr(Opening) opening = opening_open(session, c, SEAL_PART_BODY, "print", ground, NULL, error);
	g_autoptr(Bundle) view = opening != NULL ? opening_view(session, c, opening, error) : NULL;
	gboolean with_row = options_flag(options, "row"), with_calls = options_flag(options, "transcript");
	g_autoptr(Row) row = view != NULL && (with_row || with_calls) ? casework_row(session, c, ground, error) : NULL;
	if (view == NULL || ((with_row || with_calls) && row == NULL))
		return FALSE;
	if (with_calls && row_calls(row)->len == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("no call of %s is written down yet: senim transcript %s does it"), c->name, c->name);
	const Letter letter = {session, c, opening, view, row, with_row, with_calls};
	return print(session, &letter, printer, ground, error);
}
