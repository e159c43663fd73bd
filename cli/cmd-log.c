/* SPDX-License-Identifier: ISC */
/* senim log: who did what with the cases, and on what ground; with --report what stands out in a month. */
#include <stdio.h>
#include <string.h>

#include "cli/format.h"
#include "cli/ground.h"
#include "cli/log-report.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/write-file.h"

/* What was asked for. */
typedef struct {
	Session *session;
	const char *about; /* one officer, or NULL */
	const char *name;  /* one case as shown, or NULL */
	char *month;       /* "2026-11" */
	gint64 from, to;
	json_t *grounds;   /* the list, for its labels */
} Question;

static void question_clear(Question *question)
{
	g_free(question->month);
	json_decref(question->grounds);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Question, question_clear)

/* The month in the organisation's zone; without one, this month. */
static gboolean read_month(Question *question, const char *text, GError **error)
{
	GTimeZone *zone = desk_client_zone(question->session->desk);
	g_autoptr(GDateTime) now = g_date_time_new_now(zone);
	int year = g_date_time_get_year(now), month = g_date_time_get_month(now), used = 0;
	if (text != NULL && (strlen(text) != 7 || sscanf(text, "%4d-%2d%n", &year, &month, &used) != 2 || used != 7 || year < 2000 ||
	                     month < 1 || month > 12))
		return cli_fail(error, CLI_ERROR_USAGE, _("a month is written 2026-11"));
	g_autoptr(GDateTime) begin = g_date_time_new(zone, year, month, 1, 0, 0, 0);
	g_autoptr(GDateTime) next = g_date_time_new(zone, month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, 0, 0, 0);
	question->from = g_date_time_to_unix(begin);
	question->to = g_date_time_to_unix(next);
	question->month = g_strdup_printf("%04d-%02d", year, month);
	return TRUE;
}

static gboolean is_wanted(const Question *question, const LogBook *book, const LogEntry *entry)
{
	if (question->name == NULL)
		return TRUE;
	g_autofree char *names = log_book_cases(book, entry);
	g_auto(GStrv) each = g_strsplit(names, ", ", 0);
	const char *colon = strrchr(question->name, ':');
	return g_strv_contains((const char *const *)each, colon != NULL ? colon + 1 : question->name);
}

/* The ground's label, and behind it her own words where they may be read. */
static char *ground_of(const Question *question, const LogEntry *entry)
{
	const char *word = entry->record != NULL ? record_get(entry->record, "ground") : NULL;
	if (word == NULL)
		return g_strdup("");
	g_autofree char *label = ground_label(question->grounds, word);
	return entry->text != NULL ? g_strdup_printf("%s: %s", label, entry->text) : g_strdup(label);
}

static const char *sign_mark(const LogEntry *entry)
{
	return entry->sign == LOG_SIGN_WRONG ? _("SIGNATURE DOES NOT HOLD") : "";
}

/* --- the log ------------------------------------------------------------------------------------------------------------ */

static json_t *entry_json(const Question *question, const LogBook *book, const LogEntry *entry)
{
	static const char *const states[] = {"shown", "elsewhere", "kept-back"};
	GTimeZone *zone = desk_client_zone(question->session->desk);
	g_autofree char *time = format_time_iso(entry->time, zone);
	json_t *cases = json_array();
	const char *seq;
	for (guint i = 0; entry->record != NULL && (seq = record_get_nth(entry->record, "case", i)) != NULL; i++)
		json_array_append_new(cases, output_value(g_hash_table_lookup(book->cases, seq)));
	json_t *object = json_pack("{s:I, s:s, s:s, s:o, s:o, s:s, s:o}", "entry", (json_int_t)entry->seq, "mailbox", book->mailbox,
	                           "kind", entry_kind_name(entry->kind), "time", output_value(time), "cases", cases, "state",
	                           states[entry->state], "signed",
	                           entry->sign == LOG_SIGN_NONE ? json_null() : json_boolean(entry->sign == LOG_SIGN_GOOD));
	static const char *const keys[] = {"officer", "act", "part", "name", "to", "from", "why", "form", "consent", "by", "kit", "ground"};
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		json_object_set_new(object, keys[i], output_value(entry->record != NULL ? record_get(entry->record, keys[i]) : NULL));
	json_object_set_new(object, "ground_text", output_value(entry->text));
	return object;
}

static void add_row(const Question *question, const LogBook *book, const LogEntry *entry, FormatTable *table)
{
	g_autofree char *time = format_time(entry->time, desk_client_zone(question->session->desk));
	g_autofree char *day = g_strndup(time, 10);
	g_autofree char *what = log_book_what(entry), *cases = log_book_cases(book, entry);
	g_autoptr(WipeText) ground = ground_of(question, entry);
	const char *who = strcmp(log_book_who(entry), "-") == 0 ? _("the registrar") : log_book_who(entry);
	const char *cells[] = {entry->state == LOG_SHOWN ? time : day, entry->state == LOG_SHOWN ? who : "", what, cases,
	                       sign_mark(entry), ground};
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
		format_table_cell(table, cells[i]);
}

/* What went over the day's limit stands first: it is there for her to see it. */
static void add_rows(const Question *question, const LogBook *book, gboolean exceeded, FormatTable *table, guint *rows)
{
	for (guint i = 0; i < book->entries->len; i++) {
		const LogEntry *entry = book->entries->pdata[i];
		if ((entry->kind == ENTRY_EXCEEDED) != exceeded || !is_wanted(question, book, entry))
			continue;
		add_row(question, book, entry, table);
		(*rows)++;
	}
}

static gboolean print_log(const Question *question, GPtrArray *books, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	for (guint b = 0; b < books->len; b++) {
		const LogBook *book = books->pdata[b];
		g_autoptr(FormatTable) table = format_table_new(6);
		g_autofree char *head = g_strdup_printf(book->whole ? _("%s, %s: every act\n") : _("%s, %s: your own acts\n"),
		                                        book->mailbox, question->month);
		guint rows = 0;
		add_rows(question, book, TRUE, table, &rows);
		add_rows(question, book, FALSE, table, &rows);
		wipe_buffer_add_text(out, head);
		format_table_fold(table, output_width());
		format_table_write(table, FALSE, out);
		if (rows == 0)
			wipe_buffer_add_text(out, _("Nothing was done.\n"));
	}
	return output_text(out, error);
}

static gboolean print_log_json(const Question *question, GPtrArray *books, GError **error)
{
	json_t *list = json_array();
	for (guint b = 0; b < books->len; b++) {
		const LogBook *book = books->pdata[b];
		for (guint i = 0; i < book->entries->len; i++)
			if (is_wanted(question, book, book->entries->pdata[i]))
				json_array_append_new(list, entry_json(question, book, book->entries->pdata[i]));
	}
	return output_json(json_pack("{s:s, s:o}", "month", question->month, "log", list), error);
}

/* --- the report --------------------------------------------------------------------------------------------------------- */

static json_t *officer_json(const LogReport *report, const LogOfficer *officer)
{
	json_t *object = json_pack("{s:s, s:s}", "mailbox", report->mailbox, "officer", officer->name);
	json_t *stands_out = json_array();
	for (LogCount i = 0; i < LOG_COUNTS; i++) {
		json_object_set_new(object, log_report_key(i), json_integer(officer->counts[i]));
		if (log_report_stands_out(i) && officer->counts[i] > 0)
			json_array_append_new(stands_out, json_string(log_report_key(i)));
	}
	json_object_set_new(object, "stands_out", stands_out);
	return object;
}

static gboolean print_report_json(const Question *question, GPtrArray *reports, GError **error)
{
	json_t *list = json_array();
	for (guint r = 0; r < reports->len; r++) {
		const LogReport *report = reports->pdata[r];
		for (guint i = 0; i < report->officers->len; i++)
			json_array_append_new(list, officer_json(report, report->officers->pdata[i]));
	}
	return output_json(json_pack("{s:s, s:o}", "month", question->month, "officers", list), error);
}

/* A line for each count of hers that says something. */
static void add_officer(const LogOfficer *officer, WipeBuffer *out)
{
	g_autoptr(FormatTable) table = format_table_new(3);
	for (LogCount i = 0; i < LOG_COUNTS; i++) {
		g_autofree char *number = g_strdup_printf("%u", officer->counts[i]);
		if (log_report_stands_out(i) && officer->counts[i] == 0)
			continue;
		format_table_cell(table, log_report_stands_out(i) ? "  !" : "   ");
		format_table_cell(table, log_report_label(i));
		format_table_cell(table, number);
	}
	wipe_buffer_add_text(out, officer->name);
	wipe_buffer_add_text(out, "\n");
	format_table_write(table, FALSE, out);
}

static gboolean print_report(const Question *question, GPtrArray *reports, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	for (guint r = 0; r < reports->len; r++) {
		const LogReport *report = reports->pdata[r];
		g_autofree char *head = g_strdup_printf(_("%s: looks at cases in %s; what stands out is marked with !\n"),
		                                        report->mailbox, question->month);
		wipe_buffer_add_text(out, head);
		for (guint i = 0; i < report->officers->len; i++)
			add_officer(report->officers->pdata[i], out);
		if (report->kept_back > 0) {
			g_autofree char *line =
				g_strdup_printf(_("Entries whose text the registrar does not hand out: %u\n"), report->kept_back);
			wipe_buffer_add_text(out, line);
		}
	}
	return output_text(out, error);
}

static void page_officer(Page *page, const LogOfficer *officer)
{
	static const guint weights[] = {5, 1, 2};
	page_heading(page, officer->name);
	page_table(page, weights, 3, 0, TRUE);
	for (LogCount i = 0; i < LOG_COUNTS; i++) {
		g_autofree char *number = g_strdup_printf("%u", officer->counts[i]);
		gboolean out = log_report_stands_out(i) && officer->counts[i] > 0;
		page_cell(page, out ? PAGE_BOLD : 0, log_report_label(i));
		page_cell(page, PAGE_RIGHT | (out ? PAGE_BOLD : 0), number);
		page_cell(page, 0, out ? _("stands out") : "");
	}
}

static gboolean write_report(const Question *question, GPtrArray *reports, const char *file, GError **error)
{
	gsize size;
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, desk_client_organisation(question->session->desk));
	g_autofree char *title = g_strdup_printf(_("Report on looks at cases, %s"), question->month);
	page_title(page, title);
	for (guint r = 0; r < reports->len; r++) {
		const LogReport *report = reports->pdata[r];
		page_pair(page, _("Mailbox"), report->mailbox);
		for (guint i = 0; i < report->officers->len; i++)
			page_officer(page, report->officers->pdata[i]);
	}
	page_space(page, 10);
	page_signature(page, _("Supervisor"), desk_client_officer(question->session->desk), _("(signature, date)"));
	g_autoptr(GBytes) pdf = page_render(page, error);
	const void *data = pdf != NULL ? g_bytes_get_data(pdf, &size) : NULL;
	return pdf != NULL && write_file_new(file, data, size, error);
}

static gboolean report(const Question *question, GPtrArray *books, GError **error)
{
	const Options *options = question->session->cli->options;
	const char *file = options_value(options, "output");
	g_autoptr(GPtrArray) reports = g_ptr_array_new_with_free_func((GDestroyNotify)log_report_free);
	for (guint i = 0; i < books->len; i++) {
		LogReport *one = log_report_make(question->session, books->pdata[i], error);
		if (one == NULL)
			return FALSE;
		g_ptr_array_add(reports, one);
	}
	if (file != NULL && !write_report(question, reports, file, error))
		return FALSE;
	if (options_flag(options, "json"))
		return print_report_json(question, reports, error);
	return file != NULL || print_report(question, reports, error);
}

/* --- the command -------------------------------------------------------------------------------------------------------- */

static gboolean fetch_books(Question *question, GPtrArray *books, GError **error)
{
	const char *mailbox, *origin, *asked = options_value(question->session->cli->options, "mailbox");
	for (guint i = 0; desk_client_mailbox(question->session->desk, i, &mailbox, &origin); i++) {
		if (asked != NULL && strcmp(asked, mailbox) != 0)
			continue;
		LogBook *book =
			log_book_fetch(question->session, mailbox, question->about, question->from, question->to, LOG_BOOK_TEXTS, error);
		if (book == NULL)
			return FALSE;
		g_ptr_array_add(books, book);
	}
	return books->len > 0 || cli_fail(error, CLI_ERROR_USAGE, _("there is no such mailbox: check --mailbox"));
}

static gboolean run(Cli *cli, const char *about, GError **error)
{
	const Options *options = cli->options;
	const char *file = options_value(options, "output");
	gboolean reports = options_flag(options, "report");
	if (file != NULL && !reports)
		return cli_fail(error, CLI_ERROR_USAGE, _("--output goes with --report: the log itself is shown, or printed with --json"));
	if (file != NULL && !write_file_check(file, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_auto(Question) question = {.session = session, .about = about, .name = options_value(options, "case")};
	g_autoptr(GPtrArray) books = g_ptr_array_new_with_free_func((GDestroyNotify)log_book_free);
	if (session == NULL || !read_month(&question, options_value(options, "month"), error) ||
	    (question.grounds = ground_list(session, error)) == NULL || !fetch_books(&question, books, error))
		return FALSE;
	if (reports)
		return report(&question, books, error);
	return options_flag(options, "json") ? print_log_json(&question, books, error) : print_log(&question, books, error);
}

/* --officer says whose log it is where officer.conf says already who she is; else it says that, as with every command. */
gboolean cmd_log(Cli *cli, GError **error)
{
	const char *given = options_value(cli->options, "officer"), *about = options_word(cli->options, 1);
	g_autoptr(Settings) file = settings_load(NULL, error);
	if (file == NULL)
		return FALSE;
	Settings settings = *cli->settings;
	Cli mine = *cli;
	if (given != NULL && file->officer != NULL && !options_flag(cli->options, "identity")) {
		about = about != NULL ? about : given;
		settings.officer = file->officer;
		mine.settings = &settings;
	}
	return run(&mine, about, error);
}
