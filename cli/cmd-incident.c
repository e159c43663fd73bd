/* SPDX-License-Identifier: ISC */
/* senim incident: the emergency journal. Officers sign what they enter; whoever keeps the host enters it without a key. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/incident.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/write-file.h"

/* --- looking ------------------------------------------------------------------------------------------------------------ */

static const char *state_of(const Journal *journal, const Incident *incident)
{
	if (incident_completion(incident) != NULL)
		return _("completed");
	return incident_book_planned(journal->book, incident, journal->now) != NULL ? _("planned") : _("TO BE COMPLETED");
}

static char *end_of(const Journal *journal, gint64 to)
{
	return to != 0 ? format_time(to, journal->zone) : g_strdup(_("lasts"));
}

static void add_incidents(const Journal *journal, WipeBuffer *out)
{
	g_autoptr(FormatTable) table = format_table_new(5);
	const char *const heads[] = {_("No."), _("from"), _("to"), _("state"), _("what happened")};
	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
		format_table_cell(table, heads[i]);
	for (guint i = 0; i < journal->book->incidents->len; i++) {
		const Incident *incident = journal->book->incidents->pdata[i];
		g_autofree char *number = g_strdup_printf("%u", incident->number), *from = format_time(incident->from, journal->zone);
		g_autofree char *to = end_of(journal, incident->to), *what = incident_what(incident);
		format_table_cell(table, number);
		format_table_cell(table, from);
		format_table_cell(table, to);
		format_table_cell(table, state_of(journal, incident));
		format_table_cell(table, what);
	}
	format_table_fold(table, output_width());
	format_table_write(table, TRUE, out);
}

/* What is still to come, or runs. */
static void add_plans(const Journal *journal, WipeBuffer *out)
{
	guint n = 0;
	for (guint i = 0; i < journal->book->plans->len; i++) {
		const IncidentPlan *plan = journal->book->plans->pdata[i];
		if (plan->cancelled != 0 || plan->to < journal->now)
			continue;
		g_autofree char *from = format_time(plan->from, journal->zone), *to = format_time(plan->to, journal->zone);
		g_autofree char *work = escape_text(plan->work, -1, ESCAPE_LINE);
		g_autofree char *line = g_strdup_printf(_("  %u  %s to %s: %s\n"), plan->number, from, to, work);
		if (n++ == 0)
			wipe_buffer_add_text(out, _("\nPlanned work:\n"));
		format_fold(line, output_width(), 5, out);
	}
}

static gboolean say_json(const Journal *journal, GError **error)
{
	g_autoptr(WipeBuffer) json = incident_json(journal);
	return output_octets(NULL, wipe_buffer_data(json), wipe_buffer_size(json), error);
}

static gboolean list(Cli *cli, Journal *journal, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	if (options_flag(cli->options, "json"))
		return say_json(journal, error);
	if (journal->book->incidents->len > 0)
		add_incidents(journal, out);
	else
		wipe_buffer_add_text(out, _("The emergency journal is empty.\n"));
	add_plans(journal, out);
	return output_text(out, error);
}

static void add_line(WipeBuffer *out, const char *label, const char *text)
{
	if (text == NULL)
		return;
	g_autofree char *line = g_strdup_printf("  %s: %s\n", label, text);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	format_fold(safe, output_width(), 4, out);
}

/* Every completion: what was entered first stays legible. */
static void add_completions(const Journal *journal, const Incident *incident, WipeBuffer *out)
{
	for (guint i = 0; i < incident->completions->len; i++) {
		const IncidentCompletion *c = incident->completions->pdata[i];
		g_autofree char *when = format_time(c->time, journal->zone);
		g_autofree char *who = escape_text(c->by != NULL ? c->by : "-", -1, ESCAPE_LINE);
		g_autofree char *head = g_strdup_printf(i + 1 < incident->completions->len ? _("Completed %s by %s, and corrected later:\n")
		                                                                           : _("Completed %s by %s:\n"), when, who);
		wipe_buffer_add_text(out, head);
		add_line(out, _("part"), incident_part_label(c->part));
		add_line(out, _("cause"), c->cause);
		add_line(out, _("measures"), c->measures);
		add_line(out, _("time needed"), c->needed);
		add_line(out, _("responsible"), c->responsible);
	}
}

static const Incident *named_incident(Cli *cli, const Journal *journal, GError **error)
{
	guint64 number;
	const char *word = options_word(cli->options, 2);
	if (word == NULL || !g_ascii_string_to_unsigned(word, 10, 1, G_MAXUINT, &number, NULL)) {
		cli_fail(error, CLI_ERROR_USAGE, _("name the incident by its number: senim incident list shows it"));
		return NULL;
	}
	const Incident *incident = incident_book_nth(journal->book, (guint)number);
	if (incident == NULL)
		cli_fail(error, CLI_ERROR_FAILED, _("there is no incident %s: senim incident list shows those there are"), word);
	return incident;
}

static gboolean show(Cli *cli, Journal *journal, GError **error)
{
	const Incident *incident = named_incident(cli, journal, error);
	if (incident == NULL)
		return FALSE;
	if (options_flag(cli->options, "json"))
		return say_json(journal, error);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	const IncidentPlan *plan = incident_book_planned(journal->book, incident, journal->now);
	g_autofree char *from = format_time(incident->from, journal->zone), *to = end_of(journal, incident->to), *what = incident_what(incident);
	g_autofree char *head = g_strdup_printf(_("Incident %u, %s to %s: %s\n"), incident->number, from, to, what);
	format_fold(head, output_width(), 2, out);
	for (guint i = 0; i < incident->details->len; i++)
		add_line(out, _("the registrar"), incident->details->pdata[i]);
	add_line(out, _("entered by"), incident->by);
	add_line(out, _("planned"), plan != NULL ? plan->work : NULL);
	add_completions(journal, incident, out);
	if (incident_book_waits(journal->book, incident, journal->now))
		wipe_buffer_add_text(out, _("It is to be completed: senim incident complete NUMBER\n"));
	return output_text(out, error);
}

/* --- what is typed ------------------------------------------------------------------------------------------------------ */

/* Standard input's object, where the last word is -; else asked for, one after another. */
typedef struct {
	json_t *given; /* NULL: ask */
	GPtrArray *texts; /* WipeText, owned */
} Typed;

static void typed_clear(Typed *typed)
{
	json_decref(typed->given);
	if (typed->texts != NULL)
		g_ptr_array_unref(typed->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Typed, typed_clear)

static void text_free(gpointer text)
{
	wipe_text_free(text);
}

static gboolean typed_begin(Typed *typed, Cli *cli, guint word, GError **error)
{
	typed->texts = g_ptr_array_new_with_free_func(text_free);
	if (g_strcmp0(options_word(cli->options, word), "-") != 0 || (isatty(STDIN_FILENO) && options_flag(cli->options, "json") == FALSE))
		return TRUE;
	typed->given = casework_json(error);
	return typed->given != NULL;
}

/* NULL without *error: it may be empty and is (borrowed from typed). */
static const char *typed_text(Typed *typed, const char *key, const char *question, const char *preset, gboolean needed, GError **error)
{
	g_autoptr(GError) cause = NULL;
	WipeText *text = typed->given != NULL ? g_strdup(json_string_value(json_object_get(typed->given, key)))
	                                      : form_line_from(question, preset, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	if (text != NULL)
		g_ptr_array_add(typed->texts, text);
	if (needed && (text == NULL || *text == '\0')) {
		cli_fail(error, CLI_ERROR_USAGE, _("“%s” is missing, and nothing was entered"), key);
		return NULL;
	}
	return text;
}

static const char *typed_part(Typed *typed, Cli *cli, const char *preset, GError **error)
{
	const char *given = options_value(cli->options, "part");
	const char *labels[16];
	guint n = 0, at = G_MAXUINT;
	if (given == NULL && typed->given != NULL)
		given = json_string_value(json_object_get(typed->given, "part"));
	for (; incident_parts[n] != NULL; n++) {
		labels[n] = incident_part_label(incident_parts[n]);
		at = g_strcmp0(preset, incident_parts[n]) == 0 ? n : at;
	}
	if (given == NULL && typed->given == NULL) {
		int chosen = form_choose(_("Which part of the works?"), labels, n, at);
		given = chosen >= 0 ? incident_parts[chosen] : NULL;
	}
	if (given != NULL && incident_is_part(given))
		return given;
	g_autofree char *all = g_strjoinv(", ", (char **)incident_parts);
	cli_fail(error, CLI_ERROR_USAGE, _("--part takes one of %s"), all);
	return NULL;
}

/* FALSE and *error where it is none; *moment 0 where it is not given and need not be. */
static gboolean read_moment(Cli *cli, const Journal *journal, const char *option, gboolean needed, gint64 *moment, GError **error)
{
	const char *text = options_value(cli->options, option);
	*moment = 0;
	if (text == NULL)
		return !needed || cli_fail(error, CLI_ERROR_USAGE, _("say when: --%s 2026-11-23T09:00"), option);
	g_autoptr(WipeText) typed = moment_typed(text);
	return moment_read(typed, journal->zone, moment, error);
}

/* Takes the line. */
static gboolean said(Cli *cli, const Journal *journal, char *line, GError **error)
{
	g_autofree char *sentence = line;
	return options_flag(cli->options, "json") ? say_json(journal, error) : output_said(sentence, error);
}

static const char no_case[] = N_("No word about a report: whoever keeps the host reads this journal.\n");

static gboolean warn_of_content(const Typed *typed, GError **error)
{
	return typed->given != NULL || output_said(_(no_case), error);
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static gboolean complete(Cli *cli, Journal *journal, GError **error)
{
	g_auto(Typed) typed = {0};
	const Incident *incident = named_incident(cli, journal, error);
	if (incident == NULL || !typed_begin(&typed, cli, 3, error) || !warn_of_content(&typed, error))
		return FALSE;
	const IncidentCompletion *last = incident_completion(incident);
	guint number = incident->number;
	JournalEntry entry = {.act = "completed", .of = incident->seq};
	if (!read_moment(cli, journal, "to", FALSE, &entry.to, error))
		return FALSE;
	entry.part = typed_part(&typed, cli, last != NULL ? last->part : incident->part, error);
	entry.cause = entry.part != NULL ? typed_text(&typed, "cause", _("Cause: "), last != NULL ? last->cause : incident->cause, TRUE, error) : NULL;
	entry.measures = entry.cause != NULL ? typed_text(&typed, "measures", _("What was done: "), last != NULL ? last->measures : NULL, TRUE, error)
	                                     : NULL;
	entry.responsible = entry.measures != NULL
	                            ? typed_text(&typed, "responsible", _("Responsible person: "), last != NULL ? last->responsible : NULL, TRUE, error)
	                            : NULL;
	if (entry.responsible == NULL)
		return FALSE;
	g_autoptr(GError) cause = NULL;
	entry.needed = typed_text(&typed, "needed", _("Time needed for that, at most (Enter: none): "), last != NULL ? last->needed : NULL, FALSE, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	return incident_enter(journal, &entry, error) && said(cli, journal, g_strdup_printf(_("Incident %u is completed.\n"), number), error);
}

static gboolean open_one(Cli *cli, Journal *journal, GError **error)
{
	g_auto(Typed) typed = {0};
	JournalEntry entry = {.act = "opened"};
	if (!read_moment(cli, journal, "from", TRUE, &entry.from, error) || !read_moment(cli, journal, "to", FALSE, &entry.to, error) ||
	    !typed_begin(&typed, cli, 2, error) || !warn_of_content(&typed, error))
		return FALSE;
	entry.part = typed_part(&typed, cli, NULL, error);
	entry.cause = entry.part != NULL ? typed_text(&typed, "cause", _("What happened: "), NULL, TRUE, error) : NULL;
	return entry.cause != NULL && incident_enter(journal, &entry, error) &&
	       said(cli, journal, g_strdup_printf(_("Incident %u is opened; senim incident complete enters what was done.\n"), journal->book->incidents->len), error);
}

static gboolean plan(Cli *cli, Journal *journal, GError **error)
{
	g_auto(Typed) typed = {0};
	JournalEntry entry = {.act = "planned", .cause = options_value(cli->options, "what")};
	if (!read_moment(cli, journal, "from", TRUE, &entry.from, error) || !read_moment(cli, journal, "to", TRUE, &entry.to, error) ||
	    !typed_begin(&typed, cli, 2, error))
		return FALSE;
	if (entry.cause == NULL)
		entry.cause = typed_text(&typed, "work", _("What is to be done: "), NULL, TRUE, error);
	return entry.cause != NULL && incident_enter(journal, &entry, error) &&
	       said(cli, journal, g_strdup_printf(_("Planned work %u is announced: an outage within it is marked as planned.\n"), journal->book->plans->len), error);
}

static gboolean cancel(Cli *cli, Journal *journal, GError **error)
{
	guint64 number;
	const char *word = options_word(cli->options, 2);
	const IncidentPlan *found = word != NULL && g_ascii_string_to_unsigned(word, 10, 1, G_MAXUINT, &number, NULL)
	                                    ? incident_book_nth_plan(journal->book, (guint)number)
	                                    : NULL;
	if (found == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the planned work by its number: senim incident list shows it"));
	const JournalEntry entry = {.act = "cancelled", .of = found->seq};
	return incident_enter(journal, &entry, error) && said(cli, journal, g_strdup_printf(_("Planned work %u is cancelled.\n"), (guint)number), error);
}

/* --- paper -------------------------------------------------------------------------------------------------------------- */

static gboolean read_year(Cli *cli, const Journal *journal, guint *year, GError **error)
{
	guint64 number;
	const char *text = options_value(cli->options, "year");
	g_autoptr(GDateTime) now = g_date_time_new_now(journal->zone);
	*year = (guint)g_date_time_get_year(now);
	if (text == NULL)
		return TRUE;
	if (strcmp(text, "-") != 0 && !g_ascii_string_to_unsigned(text, 10, 1970, 9999, &number, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--year takes a year, or - for all"));
	*year = strcmp(text, "-") == 0 ? 0 : (guint)number;
	return TRUE;
}

static gboolean write_pdf(const Journal *journal, guint year, const char *file, GError **error)
{
	gsize size;
	g_autoptr(GBytes) pdf = incident_pdf(journal, year, error);
	const void *data = pdf != NULL ? g_bytes_get_data(pdf, &size) : NULL;
	return data != NULL && output_octets(file, data, size, error);
}

static gboolean print(Cli *cli, Journal *journal, GError **error)
{
	static const char *const formats[] = {"text", "html", "pdf", "json", NULL};
	const char *format = options_value(cli->options, "format"), *file = options_value(cli->options, "output");
	guint year;
	if (format == NULL)
		format = options_flag(cli->options, "json") ? "json" : "text";
	if (!g_strv_contains(formats, format))
		return cli_fail(error, CLI_ERROR_USAGE, _("--format takes one of text, html, pdf, json"));
	gboolean pdf = strcmp(format, "pdf") == 0, text = strcmp(format, "text") == 0;
	if (file == NULL && pdf && isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("a PDF is nothing for a terminal: say --output FILE"));
	if ((file != NULL && !write_file_check(file, error)) || !read_year(cli, journal, &year, error))
		return FALSE;
	if (pdf)
		return write_pdf(journal, year, file, error);
	g_autoptr(WipeBuffer) out = text ? incident_text(journal, year, file == NULL ? output_width() : 0)
	                            : strcmp(format, "html") == 0 ? incident_html(journal, year) : incident_json(journal);
	if (text && file == NULL)
		return output_text(out, error);
	return output_octets(file, wipe_buffer_data(out), wipe_buffer_size(out), error);
}

gboolean cmd_incident(Cli *cli, GError **error)
{
	static const struct {
		const char *word;
		gboolean (*run)(Cli *cli, Journal *journal, GError **error);
	} words[] = {{"list", list}, {"show", show}, {"open", open_one}, {"complete", complete}, {"plan", plan}, {"cancel", cancel}, {"print", print}};
	const char *word = options_word(cli->options, 1), *language = options_value(cli->options, "language");
	if (language != NULL && !language_use(language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		g_autoptr(Journal) journal = incident_open(cli, error);
		return journal != NULL && words[i].run(cli, journal, error);
	}
	return cli_fail(error, CLI_ERROR_USAGE, _("senim incident takes list, show, open, complete, plan, cancel or print"));
}
