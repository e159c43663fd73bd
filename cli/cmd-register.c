/* SPDX-License-Identifier: ISC */
/* senim register: the register in its statutory form, its final sheets, and whether a sheet of paper is true. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/act.h"
#include "cli/exports.h"
#include "cli/face.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/printer.h"
#include "cli/register-render.h"
#include "cli/write-file.h"

/* What was asked for. */
typedef struct {
	Session *session;
	const char *mailbox, *format, *output, *place; /* output and place: NULL for standard output */
	RegisterScope scope;
	char *period;
	gboolean final, closing;
	guint verify;          /* a sheet's number, or 0 */
	const char *code;
	guint64 code_upto;
	guint8 code_digest[16];
	const char *ground;
} Question;

static void question_clear(Question *question)
{
	g_free(question->period);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* --- the question ----------------------------------------------------------------------------------------------------- */

static gboolean is_day(const char *text)
{
	guint year, month, day;
	char end;
	return text == NULL || (strlen(text) == 10 && sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &end) == 3 &&
	                        g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year));
}

static gboolean read_period(Question *question, const Options *options, GError **error)
{
	RegisterScope *scope = &question->scope;
	const char *year = options_value(options, "year");
	guint64 number = 0;
	scope->from = options_value(options, "from");
	scope->to = options_value(options, "to");
	if (!is_day(scope->from) || !is_day(scope->to))
		return cli_fail(error, CLI_ERROR_USAGE, _("a day is written 2026-11-23"));
	if (year != NULL && strcmp(year, "-") != 0 && !g_ascii_string_to_unsigned(year, 10, 1970, 9999, &number, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("a year is written 2026"));
	scope->year = (guint)number;
	if ((question->final || question->closing) &&
	    (scope->from != NULL || scope->to != NULL || (year != NULL && strcmp(year, "-") == 0)))
		return cli_fail(error, CLI_ERROR_USAGE, _("final sheets are those of a whole year: leave out --from and --to"));
	return TRUE;
}

static gboolean read_verify(Question *question, const Options *options, GError **error)
{
	const char *typed = options_value(options, "verify-page");
	guint64 number;
	question->code = options_word(options, 1);
	if (typed == NULL)
		return question->code == NULL ||
		       cli_fail(error, CLI_ERROR_USAGE, _("a code goes with --verify-page N: the sheet on which it stands"));
	if (!g_ascii_string_to_unsigned(typed, 10, 1, G_MAXINT32, &number, NULL) || question->code == NULL ||
	    !register_code_read(question->code, &question->code_upto, question->code_digest))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("write the sheet's number and the code at its foot: senim register --verify-page 3 4711-0123-4567-…"));
	question->verify = (guint)number;
	return TRUE;
}

static gboolean read_place(Question *question, const Cli *cli, GError **error)
{
	const Options *options = cli->options;
	gboolean print = options_flag(options, "print"), seen;
	question->format = options_value(options, "format");
	question->output = options_value(options, "output");
	if (question->format == NULL)
		question->format = options_flag(options, "json") ? "json" : print ? "pdf" : "text";
	if (print && (cli->settings->printer == NULL || question->output != NULL || strcmp(question->format, "pdf") != 0))
		return cli_fail(error, CLI_ERROR_USAGE, _("--print takes PDF, and a printer in %s (printer = …); --output is for a file"),
		                cli->settings->file);
	question->place = print ? cli->settings->printer : NULL;
	if (!register_format_check(question->format, error))
		return FALSE;
	if (question->output == NULL && !print && strcmp(question->format, "pdf") == 0 && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("a PDF is nothing for a terminal: say --output FILE, or --print"));
	return question->output == NULL ||
	       (write_file_check(question->output, error) &&
	        exports_check_place(question->output, options_flag(options, "even-so"), &seen, error));
}

static gboolean read_language(const Options *options, GError **error)
{
	const char *language = options_value(options, "language");
	return language == NULL || language_use(language) ||
	       cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
}

static gboolean read_question(Question *question, const Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *form = options_value(options, "form");
	question->closing = options_flag(options, "close-year");
	question->final = options_flag(options, "final");
	question->scope.channel = options_value(options, "channel");
	if (form != NULL && !register_form_read(form, &question->scope.form))
		return cli_fail(error, CLI_ERROR_USAGE, _("--form takes kmo or ales"));
	return read_period(question, options, error) && read_verify(question, options, error) &&
	       read_place(question, cli, error) && read_language(options, error);
}

/* The form that the organisation keeps, where none was asked for; and what the entry says was read. */
static gboolean complete(Question *question, GError **error)
{
	Session *session = question->session;
	const Options *options = session->cli->options;
	RegisterScope *scope = &question->scope;
	if (options_value(options, "form") == NULL && !register_form_kept(session, question->mailbox, &scope->form, error))
		return FALSE;
	if (scope->year == 0 && options_value(options, "year") == NULL && scope->from == NULL && scope->to == NULL) {
		g_autoptr(GDateTime) now = g_date_time_new_now(desk_client_zone(session->desk));
		scope->year = (guint)g_date_time_get_year(now);
	}
	question->period = scope->from != NULL || scope->to != NULL
	                           ? g_strdup_printf("%s..%s", scope->from != NULL ? scope->from : "", scope->to != NULL ? scope->to : "")
	                   : scope->year != 0 ? g_strdup_printf("%u", scope->year)
	                                      : g_strdup("-");
	return TRUE;
}

static RegisterBook *read_book(Question *question, const char *act, GError **error)
{
	RegisterBook *book = register_read(question->session, question->mailbox, act, question->scope.form, question->period,
	                                   question->ground, error);
	question->scope.upto = book != NULL ? book->upto : 0;
	return book;
}

/* --- where it goes ------------------------------------------------------------------------------------------------------ */

typedef struct {
	WriteFile *file;
	WipeBuffer *pages; /* for the printer, or the pager */
} Sink;

static gboolean write_sink(const void *data, gsize size, gpointer user, GError **error)
{
	Sink *sink = user;
	if (sink->pages != NULL) {
		wipe_buffer_add(sink->pages, data, size);
		return TRUE;
	}
	return sink->file != NULL ? write_file_add(sink->file, data, size, error) : pager_write(data, size, error);
}

/* --- a sheet of paper -------------------------------------------------------------------------------------------------- */

typedef struct {
	const Question *question;
	gboolean there, is_true, whole;
} Verified;

static gboolean compare(const RegisterPage *page, gpointer user, GError **error G_GNUC_UNUSED)
{
	Verified *verified = user;
	const Question *question = verified->question;
	if (page->number != question->verify)
		return TRUE;
	/* Sheets of one number: a final one, and what it was before. */
	gboolean same = page->upto == question->code_upto && memcmp(page->digest, question->code_digest, 16) == 0;
	verified->there = TRUE;
	verified->is_true = verified->is_true || same;
	verified->whole = TRUE;
	for (guint i = 0; i < page->lines->len; i++)
		verified->whole = verified->whole && !((RegisterLine *)page->lines->pdata[i])->row->elsewhere;
	return TRUE;
}

/* What stands on the true sheet, for its text to be compared: a code alone can be copied onto another text. */
static gboolean show_true(const Question *question, const RegisterBook *book, GError **error)
{
	Sink sink = {0};
	g_autoptr(WipeBuffer) pages = wipe_buffer_new(8192);
	const RegisterPrint print = {.book = book, .scope = &question->scope, .first = question->verify, .last = question->verify,
	                             .organisation = desk_client_organisation(question->session->desk), .write = write_sink,
	                             .user = &sink};
	g_autofree char *line =
		g_strdup_printf(_("The code is true. Compare the paper with what the register made sheet %u with:\n\n"), question->verify);
	sink.pages = pages;
	wipe_buffer_add_text(pages, line);
	return register_render(&print, "text", error) && output_text(pages, error);
}

static gboolean say_untrue(const Question *question, const Verified *verified, GError **error)
{
	if (!verified->there)
		return cli_fail(error, CLI_ERROR_FAILED, _("as of entry %llu the register had no sheet %u: check year, form and channel, which stand at its head"),
		                (unsigned long long)(question->code_upto - 1), question->verify);
	if (!verified->whole)
		return cli_fail(error, CLI_ERROR_FAILED, _("sheet %u holds a case that another officer reads now: let her check it"), question->verify);
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("sheet %u is not what the register made: a text on it, its code, or the calendar of holidays was changed; compare it with the sheet as it is printed now"),
	                question->verify);
}

/* A final sheet is known from its own entry on; a draft is made again as of the entry that stands in its code. */
static gboolean verify(Question *question, GError **error)
{
	Verified verified = {.question = question};
	g_autoptr(RegisterBook) book = read_book(question, "verify", error);
	if (book == NULL)
		return FALSE;
	if (!register_pages(book, &question->scope, compare, &verified, error))
		return FALSE;
	question->scope.upto = question->code_upto;
	if (!verified.is_true && question->code_upto <= book->upto &&
	    !register_pages(book, &question->scope, compare, &verified, error))
		return FALSE;
	if (!verified.is_true)
		say_untrue(question, &verified, error);
	if (options_flag(question->session->cli->options, "json"))
		return output_json(json_pack("{s:I, s:b, s:b, s:b}", "sheet", (json_int_t)question->verify, "true", verified.is_true,
		                             "known", verified.there, "whole", verified.whole),
		                   verified.is_true ? error : NULL) && verified.is_true;
	return verified.is_true && show_true(question, book, error);
}

/* --- final sheets -------------------------------------------------------------------------------------------------------- */

typedef struct {
	Question *question;
	const RegisterBook *book;
	guint64 after;   /* the last sheet's entry */
	gboolean ended;  /* the rest is not final yet */
	guint first, made;
} Making;

static gboolean enter_sheet(Making *making, const RegisterPage *page, GError **error)
{
	Question *question = making->question;
	const RegisterScope *scope = &question->scope;
	const RegisterLine *first = page->lines->pdata[0], *last = page->lines->pdata[page->lines->len - 1];
	const char *channel = scope->channel != NULL ? scope->channel : "-", *act_word = page->kind == REGISTER_PAGE_CHANGE ? "change" : "final";
	g_autofree char *from = register_name(first->row), *to = g_strdup_printf("%u/%u", last->row->year, last->last);
	g_autofree char *digest = g_malloc0(2 * sizeof page->digest + 1);
	for (gsize i = 0; i < sizeof page->digest; i++)
		g_snprintf(digest + 2 * i, 3, "%02x", page->digest[i]);
	g_autoptr(Record) own = record_new();
	record_add(own, "act", act_word);
	record_add(own, "form", register_form_word(scope->form));
	record_add(own, "channel", channel);
	record_add_uint(own, "year", scope->year);
	record_add_uint(own, "sheet", page->number);
	record_add(own, "first", from);
	record_add(own, "last", to);
	record_add_uint(own, "piece", page->piece);
	record_add_uint(own, "upto", page->upto);
	record_add_uint(own, "after", making->after);
	record_add(own, "digest", digest);
	json_t *body = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:s}", "act", act_word, "form",
	                         register_form_word(scope->form), "channel", channel, "year", (json_int_t)scope->year, "sheet",
	                         (json_int_t)page->number, "first", from, "last", to, "piece", (json_int_t)page->piece, "upto",
	                         (json_int_t)page->upto, "after", (json_int_t)making->after, "digest", digest);
	const LookAct expected = {.kind = ENTRY_SHEET, .own = own};
	g_autoptr(Act) act = act_begin(question->session, question->mailbox, question->ground, error);
	g_autoptr(json_t) question_body = body;
	if (act == NULL)
		return FALSE;
	g_autoptr(json_t) answer = act_post(act, "/v1/register/sheet", g_steal_pointer(&question_body), error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	making->after = verify_look_act_seq(act->look);
	making->first = making->first != 0 ? making->first : page->number;
	making->made++;
	return TRUE;
}

static gboolean make_final(const RegisterPage *page, gpointer user, GError **error)
{
	Making *making = user;
	gboolean closing = making->question->closing;
	if (page->entry != 0)
		return TRUE;
	making->ended = making->ended || (!closing && page->kind == REGISTER_PAGE_FINAL && (!page->full || !page->done));
	return making->ended || enter_sheet(making, page, error);
}

/* Changes of sheets that are printed already first; then the new ones, which are numbered behind them. */
static gboolean make_sheets(Question *question, guint *first, GError **error)
{
	g_autoptr(RegisterBook) book = read_book(question, "sheets", error);
	if (book == NULL)
		return FALSE;
	Making making = {.question = question, .book = book};
	if (book->sheets->len > 0)
		making.after = ((RegisterSheet *)book->sheets->pdata[book->sheets->len - 1])->entry;
	if (!register_changes(book, &question->scope, make_final, &making, error))
		return FALSE;
	if (making.made > 0) {
		guint changed = making.first;
		gboolean good = make_sheets(question, first, error);
		*first = changed;
		return good;
	}
	question->scope.final = TRUE;
	gboolean good = register_pages(book, &question->scope, make_final, &making, error);
	question->scope.final = FALSE;
	*first = making.first;
	return good;
}

/* --- printing ---------------------------------------------------------------------------------------------------------------- */

static gboolean send(const Question *question, Printer *printer, const WipeBuffer *pages, GError **error)
{
	gboolean forgotten;
	g_autoptr(GBytes) pdf = g_bytes_new_static(wipe_buffer_data(pages), wipe_buffer_size(pages));
	if (!printer_send(printer, pdf, &forgotten, error))
		return FALSE;
	if (!forgotten)
		face_warn(_("the queue may still hold these pages: have the administrator remove the job"));
	g_autofree char *line = g_strdup_printf(_("The register of %s is printed.\n"), question->mailbox);
	return output_said(line, error);
}

static gboolean render(const Question *question, const RegisterBook *book, RegisterPrint *print, Printer *printer, GError **error)
{
	Sink sink = {0};
	gboolean paged = strcmp(question->format, "text") == 0 && question->output == NULL &&
	                 (pager_on_terminal() || face() != NULL);
	g_autoptr(WipeBuffer) pages = printer != NULL || paged ? wipe_buffer_new(65536) : NULL;
	sink.pages = pages;
	print->write = write_sink;
	print->user = &sink;
	if (question->output == NULL)
		return register_render(print, question->format, error) && (!paged || output_text(pages, error)) &&
		       (printer == NULL || send(question, printer, pages, error));
	if (!exports_add(question->mailbox, book->reading, question->output, error))
		return FALSE;
	g_autoptr(WriteFile) file = write_file_begin(question->output, error);
	sink.file = file;
	return file != NULL && register_render(print, question->format, error) && write_file_end(file, error);
}

static gboolean print(Question *question, GError **error)
{
	guint first = 0;
	gboolean sheets = question->final || question->closing;
	const Options *options = question->session->cli->options;
	g_autoptr(Printer) printer =
		question->place != NULL ? printer_open(question->place, options_flag(options, "even-so"), error) : NULL;
	if ((question->place != NULL && printer == NULL) || (sheets && !make_sheets(question, &first, error)))
		return FALSE;
	if (question->final && !question->closing && first == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("no further sheet is full of rows that have their result: nothing was made final"));
	const char *act = question->place != NULL ? "print" : question->output != NULL ? "export" : "view";
	g_autoptr(RegisterBook) book = read_book(question, act, error);
	g_autofree char *note = book != NULL ? register_checkpoint(question->session, book, book->upto, error) : NULL;
	if (note == NULL)
		return FALSE;
	RegisterPrint print = {.book = book, .scope = &question->scope, .checkpoint = note,
	                       .organisation = desk_client_organisation(question->session->desk),
	                       .first = question->closing ? 0 : first, .sheets_only = sheets, .closing = question->closing};
	return render(question, book, &print, printer, error);
}

gboolean cmd_register(Cli *cli, GError **error)
{
	g_auto(Question) question = {0};
	if (!read_question(&question, cli, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	question.session = session;
	if (session == NULL || (question.mailbox = session_mailbox(session, error)) == NULL || !complete(&question, error))
		return FALSE;
	g_autoptr(WipeText) ground = session_ground_anew(session, error);
	question.ground = ground;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	return question.verify != 0 ? verify(&question, error) : print(&question, error);
}
