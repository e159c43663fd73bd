/* SPDX-License-Identifier: ISC */
/* senim journal: what the paper journal lacks (KMO 18: with a pen, without abbreviation), column by column, for copying; and the
 * sheet and line where it was written. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/register-render.h"

typedef struct {
	Session *session;
	const char *mailbox;
	const RegisterBook *book;
	RegisterForm form;
	gboolean pen;
} Journal;

/* A row: what stands in each column now, and what stood there when it was copied. */
typedef struct {
	const RegisterRow *row;
	guint columns;
	WipeText *now[REGISTER_COLUMNS_MAX], *then[REGISTER_COLUMNS_MAX]; /* "" where nothing does */
} Copy;

static void copy_clear(Copy *copy)
{
	for (guint i = 0; i < copy->columns; i++) {
		wipe_text_free(copy->now[i]);
		wipe_text_free(copy->then[i]);
	}
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copy, copy_clear)

/* What is not struck, a line for each text. */
static WipeText *standing(const GPtrArray *cell)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(256);
	for (guint i = 0; i < cell->len; i++) {
		const RegisterRun *run = cell->pdata[i];
		g_autoptr(WipeText) words = register_run_words(run);
		if (run->struck != 0)
			continue;
		wipe_buffer_add_text(text, wipe_buffer_size(text) > 0 ? "\n" : "");
		wipe_buffer_add_text(text, words);
	}
	return g_strndup(wipe_buffer_data(text), wipe_buffer_size(text));
}

static void fill_side(const Journal *journal, const RegisterRow *row, guint64 upto, guint columns, WipeText **side)
{
	GPtrArray *cells[REGISTER_COLUMNS_MAX];
	g_autofree char *name = register_name(row);
	register_cells(journal->book, row, journal->form, name, upto, cells);
	for (guint i = 0; i < columns; i++) {
		side[i] = standing(cells[i]);
		g_ptr_array_unref(cells[i]);
	}
}

static void copy_fill(Copy *copy, const Journal *journal, const RegisterRow *row)
{
	copy->row = row;
	register_columns(journal->form, &copy->columns);
	fill_side(journal, row, journal->book->upto, copy->columns, copy->now);
	if (row->copied != 0)
		fill_side(journal, row, row->copied_upto, copy->columns, copy->then);
	else
		for (guint i = 0; i < copy->columns; i++)
			copy->then[i] = g_strdup("");
}

static gboolean is_column_due(const Copy *copy, guint i)
{
	return strcmp(copy->now[i], copy->then[i]) != 0;
}

static gboolean is_due(const Copy *copy)
{
	for (guint i = 0; i < copy->columns; i++)
		if (is_column_due(copy, i))
			return TRUE;
	return FALSE;
}

/* --- for a person ---------------------------------------------------------------------------------------------------------- */

static void add_text(WipeBuffer *out, const char *lead, const char *text)
{
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_TEXT);
	g_auto(GStrv) lines = g_strsplit(safe, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		wipe_buffer_add_text(out, "      ");
		wipe_buffer_add_text(out, line == lines ? lead : "");
		wipe_buffer_add_text(out, *line);
		wipe_buffer_add_text(out, "\n");
		explicit_bzero(*line, strlen(*line));
	}
}

/* all: also the columns that stand in the paper journal already. */
static void add_row(const Copy *copy, const Journal *journal, gboolean all, WipeBuffer *out)
{
	guint n;
	const RegisterColumn *columns = register_columns(journal->form, &n);
	const RegisterRow *row = copy->row;
	g_autofree char *name = register_name(row);
	g_autofree char *where = row->copied == 0 ? g_strdup(_("not copied yet"))
	                         : g_strdup_printf(is_due(copy) ? _("sheet %u, line %u: changed since") : _("sheet %u, line %u"),
	                                           row->copied_sheet, row->copied_line);
	g_autofree char *head = g_strdup_printf("%s – %s\n\n", name, where);
	wipe_buffer_add_text(out, head);
	for (guint i = 0; i < copy->columns; i++) {
		gboolean due = is_column_due(copy, i);
		if ((!due && !all) || (*copy->now[i] == '\0' && !due))
			continue;
		g_autofree char *title = g_strdup_printf("  %u. %s\n", i + 1, _(columns[i].title));
		wipe_buffer_add_text(out, title);
		if (due && *copy->then[i] != '\0')
			add_text(out, _("strike through: "), copy->then[i]);
		if (*copy->now[i] != '\0')
			add_text(out, due && row->copied != 0 ? _("write: ") : "", copy->now[i]);
		wipe_buffer_add_text(out, "\n");
	}
}

static gboolean print_person(const Journal *journal, GPtrArray *rows, gboolean all, GError **error)
{
	guint due = 0;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(8192);
	if (!journal->pen)
		wipe_buffer_add_text(out, _("The printed register is the journal of this mailbox: nothing need be copied (journal = printed).\n\n"));
	for (guint i = 0; i < rows->len; i++) {
		g_auto(Copy) copy = {0};
		copy_fill(&copy, journal, rows->pdata[i]);
		if (!all && !is_due(&copy))
			continue;
		add_row(&copy, journal, all, out);
		due++;
	}
	if (due == 0)
		wipe_buffer_add_text(out, _("Everything stands in the paper journal.\n"));
	return output_text(out, error);
}

/* --- for a program ---------------------------------------------------------------------------------------------------------- */

static json_t *copy_json(const Copy *copy)
{
	const RegisterRow *row = copy->row;
	json_t *columns = json_array();
	g_autofree char *name = register_name(row);
	for (guint i = 0; i < copy->columns; i++)
		json_array_append_new(columns, json_pack("{s:o, s:o, s:b}", "now", output_string(copy->now[i], strlen(copy->now[i])), "copied",
		                                         output_string(copy->then[i], strlen(copy->then[i])), "due", is_column_due(copy, i)));
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o}", "case", output_value(name), "sheet",
	                 row->copied != 0 ? json_integer(row->copied_sheet) : json_null(), "line",
	                 row->copied != 0 ? json_integer(row->copied_line) : json_null(), "due", is_due(copy), "elsewhere",
	                 row->elsewhere, "columns", columns);
}

static gboolean print_json(const Journal *journal, GPtrArray *rows, gboolean all, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < rows->len; i++) {
		g_auto(Copy) copy = {0};
		copy_fill(&copy, journal, rows->pdata[i]);
		if (all || is_due(&copy))
			json_array_append_new(list, copy_json(&copy));
	}
	return output_json(json_pack("{s:o, s:s, s:s, s:o}", "mailbox", output_value(journal->mailbox), "form",
	                             register_form_word(journal->form), "journal", journal->pen ? "pen" : "printed", "rows", list), error);
}

/* --- where it was written ----------------------------------------------------------------------------------------------------- */

static gboolean read_number(const char *text, guint64 most, guint64 *number, GError **error)
{
	return g_ascii_string_to_unsigned(text, 10, 1, most, number, NULL) ||
	       cli_fail(error, CLI_ERROR_USAGE, _("sheet and line of the paper journal are numbers, from 1"));
}

static gboolean enter(const Journal *journal, const Case *c, const char *ground, guint64 sheet, guint64 line, GError **error)
{
	guint64 upto = journal->book->upto;
	g_autoptr(Record) own = record_new();
	record_add_uint(own, "sheet", sheet);
	record_add_uint(own, "line", line);
	record_add_uint(own, "upto", upto);
	json_t *body = json_pack("{s:I, s:I, s:I}", "sheet", (json_int_t)sheet, "line", (json_int_t)line, "upto", (json_int_t)upto);
	if (!opening_act(journal->session, c, ENTRY_COPIED, "/v1/register/copied", body, own, ground, NULL, error))
		return FALSE;
	if (options_flag(journal->session->cli->options, "json"))
		return TRUE;
	g_autofree char *name = case_shown(c, journal->session->desk);
	g_autofree char *said = g_strdup_printf(_("%s stands in the paper journal: sheet %llu, line %llu.\n"), name,
	                                        (unsigned long long)sheet, (unsigned long long)line);
	return output_said(said, error);
}

/* By options, or she is asked while what she copied still stands on the screen. */
static gboolean settle(const Journal *journal, const Case *c, const char *ground, GError **error)
{
	const Options *options = journal->session->cli->options;
	const char *sheet = options_value(options, "sheet"), *line = options_value(options, "line");
	g_autoptr(WipeText) typed_sheet = NULL, typed_line = NULL;
	g_autoptr(GError) cause = NULL;
	guint64 sheet_number, line_number;
	gboolean person = face() != NULL || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	if (sheet == NULL && (options_flag(options, "json") || !person))
		return TRUE;
	if (sheet == NULL && (typed_sheet = form_line(_("Sheet of the paper journal (Enter: not written yet): "), &cause)) != NULL)
		typed_line = form_line(_("Line: "), &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	sheet = sheet != NULL ? sheet : typed_sheet;
	line = line != NULL ? line : typed_line;
	if (sheet == NULL || line == NULL)
		return TRUE;
	return read_number(sheet, 100000, &sheet_number, error) && read_number(line, 1000, &line_number, error) &&
	       enter(journal, c, ground, sheet_number, line_number, error);
}

/* --- the command ---------------------------------------------------------------------------------------------------------------- */

static gboolean read_form(Journal *journal, GError **error)
{
	json_t *body = json_pack("{s:s}", "mailbox", journal->mailbox);
	const char *typed = options_value(journal->session->cli->options, "form");
	g_autoptr(json_t) answer = desk_client_post(journal->session->desk, "/v1/register/form", body, NULL, error);
	const char *form = answer != NULL ? desk_get_text(answer, "form", error) : NULL;
	const char *kept = form != NULL ? desk_get_text(answer, "journal", error) : NULL;
	if (kept == NULL)
		return FALSE;
	journal->pen = strcmp(kept, "pen") == 0;
	return register_form_read(typed != NULL ? typed : form, &journal->form) ||
	       cli_fail(error, CLI_ERROR_USAGE, _("--form takes kmo or ales"));
}

/* The one that was named, or all of the reports' series (transfer container). */
static GPtrArray *choose_rows(const RegisterBook *book, const Case *c)
{
	GPtrArray *rows = g_ptr_array_new();
	for (guint i = 0; i < book->rows->len; i++)
		if (c == NULL || ((RegisterRow *)book->rows->pdata[i])->seq == c->seq)
			g_ptr_array_add(rows, book->rows->pdata[i]);
	return rows;
}

static gboolean check(const Options *options, GError **error)
{
	const char *sheet = options_value(options, "sheet"), *line = options_value(options, "line");
	guint64 number;
	if ((sheet != NULL || line != NULL) && (sheet == NULL || line == NULL || options_word(options, 1) == NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("where a row was written is said by CASE, --sheet N and --line N together"));
	return sheet == NULL || (read_number(sheet, 100000, &number, error) && read_number(line, 1000, &number, error));
}

static gboolean show(const Journal *journal, const Case *c, const char *ground, GError **error)
{
	const Options *options = journal->session->cli->options;
	gboolean all = c != NULL || options_flag(options, "all");
	g_autoptr(GPtrArray) rows = choose_rows(journal->book, c);
	if (c != NULL && rows->len == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has no row: senim accept gives an arrival its number as a report"), c->name);
	gboolean shown = options_flag(options, "json") ? print_json(journal, rows, all, error) : print_person(journal, rows, all, error);
	return shown && (c == NULL || settle(journal, c, ground, error));
}

gboolean cmd_journal(Cli *cli, GError **error)
{
	const char *word = options_word(cli->options, 1);
	if (!check(cli->options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	g_autoptr(Case) c = word != NULL ? session_find(session, word, error) : NULL;
	Journal journal = {.session = session};
	if (word != NULL && c == NULL)
		return FALSE;
	journal.mailbox = c != NULL ? c->mailbox : session_mailbox(session, error);
	if (journal.mailbox == NULL || !read_form(&journal, error))
		return FALSE;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : session_ground_anew(session, error);
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	g_autoptr(RegisterBook) book = register_read(session, journal.mailbox, "journal", journal.form, "-", ground, error);
	journal.book = book;
	return book != NULL && show(&journal, c, ground, error);
}
