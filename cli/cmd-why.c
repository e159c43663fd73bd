/* SPDX-License-Identifier: ISC */
/* senim why CASE | --at TIME: from which day it counts, when it is due, and each day between with its reason. */
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/session.h"

typedef struct {
	Session *session;
	const char *mailbox; /* borrowed */
	gint64 at;           /* microseconds UTC */
	const char *told;    /* the official date that the reporter was told, or NULL; borrowed */
	const char *until;   /* the day to which the case's term was prolonged, or NULL; borrowed */
	char *about;         /* the case, or the moment */
	json_t *answer;
} Why;

static void why_clear(Why *why)
{
	g_free(why->about);
	json_decref(why->answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Why, why_clear)

/* --- the question ------------------------------------------------------------------------------- */

/* The mailbox whose hours and calendar hold: the one that was named, or the only one. */
static gboolean choose_mailbox(Why *why, const Options *options, GError **error)
{
	const char *named = options_value(options, "mailbox"), *first, *other, *origin;
	if (named != NULL && desk_client_origin(why->session->desk, named) == NULL) {
		g_autofree char *shown = escape_text(named, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no mailbox %s here: senim list shows them"), shown);
	}
	if (!desk_client_mailbox(why->session->desk, 0, &first, &origin))
		return cli_fail(error, CLI_ERROR_FAILED, _("the desk serves no mailbox: ask the administrator"));
	if (named == NULL && desk_client_mailbox(why->session->desk, 1, &other, &origin))
		return cli_fail(error, CLI_ERROR_USAGE, _("there are several mailboxes, each with its own hours: name one with --mailbox"));
	why->mailbox = named != NULL ? named : first;
	return TRUE;
}

static gboolean ask(Why *why, GError **error)
{
	json_t *body = json_pack("{s:s, s:I, s:s*}", "mailbox", why->mailbox, "at", (json_int_t)why->at, "until", why->until);
	why->answer = desk_client_post(why->session->desk, "/v1/why", body, NULL, error);
	return why->answer != NULL && desk_get_array(why->answer, "days", error) != NULL;
}

/* --- the answer --------------------------------------------------------------------------------- */

/* What the calendar calls the day, in her language: "" where it has no name. */
static char *name_of(json_t *day)
{
	json_t *names = json_object_get(day, "names");
	const char *name = json_string_value(json_object_get(names, language_shown()));
	if (name == NULL)
		name = json_string_value(json_object_get(names, "kk"));
	return escape_text(name != NULL ? name : "", -1, ESCAPE_LINE);
}

/* The sentence for one day: why it counts, or why not. */
static char *reason_of(json_t *day, json_int_t term)
{
	static const struct {
		const char *word, *sentence;
	} rows[] = {
		{"after-hours", N_("arrived after working hours: counts from the next working day")},
		{"weekend", N_("weekend")},
		{"holiday", N_("public holiday")},
		{"day-off", N_("day off")},
		{"official", N_("counts from this day; the term begins on the next")},
		{"unknown", N_("the calendar does not know this day: no date after it is certain")},
	};
	const char *why = json_string_value(json_object_get(day, "why"));
	json_int_t number = json_integer_value(json_object_get(day, "number"));
	g_autofree char *name = name_of(day);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_strcmp0(why, rows[i].word) == 0)
			return name[0] != '\0' ? g_strdup_printf("%s: %s", _(rows[i].sentence), name) : g_strdup(_(rows[i].sentence));
	if (number == 0)
		return g_strdup(_("the last day of the prolonged term"));
	g_autofree char *counted = number > term ? g_strdup_printf(_("working day %d, in the prolonged term of %d"), (int)number, (int)term)
	                                         : g_strdup_printf(_("working day %d of %d"), (int)number, (int)term);
	if (g_strcmp0(why, "last") == 0)
		return g_strdup_printf(_("%s: the last day of the term"), counted);
	return name[0] != '\0' ? g_strdup_printf("%s: %s", counted, name) : g_steal_pointer(&counted);
}

static const char *weekday_of(const char *date)
{
	static const char *const names[] = {"",        N_("Mon"), N_("Tue"), N_("Wed"),
	                                    N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")};
	g_auto(GStrv) parts = g_strsplit(date, "-", 4);
	if (g_strv_length(parts) != 3)
		return "";
	guint64 year = g_ascii_strtoull(parts[0], NULL, 10), month = g_ascii_strtoull(parts[1], NULL, 10),
	        day = g_ascii_strtoull(parts[2], NULL, 10);
	if (year > 9999 || month > 12 || day > 31 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return "";
	GDate at;
	g_date_clear(&at, 1);
	g_date_set_dmy(&at, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	return _(names[g_date_get_weekday(&at)]);
}

/* The dates beside that of the term, where there are any. */
static void add_others(const Why *why, WipeBuffer *out)
{
	static const struct {
		const char *key, *sentence;
	} rows[] = {
		{"forward", N_("Forwarded, where it is for somebody else, by {date}.\n")},
		{"acknowledge", N_("To be acknowledged under Directive (EU) 2019/1937 by {date}.\n")},
		{"answer", N_("To be answered under the Directive by {date} at the latest: three months behind the acknowledgement.\n")},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *date = json_string_value(json_object_get(why->answer, rows[i].key));
		if (date == NULL)
			continue;
		g_autoptr(GString) line = g_string_new(_(rows[i].sentence));
		g_autofree char *day = escape_text(date, -1, ESCAPE_LINE);
		g_string_replace(line, "{date}", day, 0);
		wipe_buffer_add_text(out, line->str);
	}
}

static gboolean print_json(const Why *why, GError **error)
{
	g_autofree char *at = format_time_iso(why->at, desk_client_zone(why->session->desk));
	json_int_t term = json_integer_value(json_object_get(why->answer, "term_working_days"));
	json_t *days = json_array(), *day;
	gsize i;
	json_array_foreach(json_object_get(why->answer, "days"), i, day) {
		g_autofree char *reason = reason_of(day, term);
		json_array_append_new(days, json_pack("{s:O, s:b, s:o, s:O}", "date", json_object_get(day, "date"), "counts",
		                                      json_is_true(json_object_get(day, "counts")), "reason", output_value(reason),
		                                      "why", json_object_get(day, "why")));
	}
	return output_json(json_pack("{s:o, s:o, s:o, s:O, s:o, s:O, s:O?, s:O?, s:O?, s:I, s:O, s:o}", "about", output_value(why->about), "mailbox",
	                             output_value(why->mailbox), "received", output_value(at), "official_date",
	                             json_object_get(why->answer, "official_date"), "told", output_value(why->told), "due", json_object_get(why->answer, "due"), "forward",
	                             json_object_get(why->answer, "forward"), "acknowledge",
	                             json_object_get(why->answer, "acknowledge"), "answer", json_object_get(why->answer, "answer"),
	                             "term_working_days", term, "known_until", json_object_get(why->answer, "known_until"), "days",
	                             days),
	                   error);
}

static gboolean print_text(const Why *why, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2048);
	g_autoptr(FormatTable) table = format_table_new(4);
	g_autofree char *at = format_time(why->at, desk_client_zone(why->session->desk));
	g_autofree char *head = g_strdup_printf(_("%s arrived %s.\n\n"), why->about, at);
	const char *official = json_string_value(json_object_get(why->answer, "official_date"));
	const char *due = json_string_value(json_object_get(why->answer, "due"));
	json_int_t term = json_integer_value(json_object_get(why->answer, "term_working_days"));
	wipe_buffer_add_text(out, head);
	json_t *day;
	gsize i;
	json_array_foreach(json_object_get(why->answer, "days"), i, day) {
		g_autofree char *reason = reason_of(day, term);
		const char *date = json_string_value(json_object_get(day, "date"));
		format_table_cell(table, date);
		format_table_cell(table, weekday_of(date != NULL ? date : ""));
		format_table_cell(table, json_is_true(json_object_get(day, "counts")) ? "+" : "·");
		format_table_cell(table, reason);
	}
	format_table_fold(table, output_width());
	format_table_write(table, FALSE, out);
	g_autofree char *tail =
		due != NULL        ? g_strdup_printf(_("\nCounts from %s; due on %s.\n"), official, due)
		: official != NULL ? g_strdup_printf(_("\nCounts from %s; when it is due the calendar does not know.\n"), official)
		                   : g_strdup(_("\nFrom which day it counts the calendar does not know: put a newer one in place.\n"));
	wipe_buffer_add_text(out, tail);
	add_others(why, out);
	if (why->told != NULL && g_strcmp0(why->told, official) != 0) {
		g_autofree char *difference = g_strdup_printf(_("The reporter was told that it counts from %s: the calendar has changed since.\n"), why->told);
		wipe_buffer_add_text(out, difference);
	}
	return output_text(out, error);
}

gboolean cmd_why(Cli *cli, GError **error)
{
	const char *at = options_value(cli->options, "at"), *name = options_word(cli->options, 1);
	if ((at != NULL) == (name != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("why needs a case or a moment: senim why CASE, or senim why --at TIME"));
	g_autoptr(Session) session = session_open(cli, error);
	g_auto(Why) why = {.session = session};
	g_autoptr(Case) c = NULL;
	if (session == NULL)
		return FALSE;
	if (name != NULL) {
		c = session_find(session, name, error);
		if (c == NULL)
			return FALSE;
		why.mailbox = c->mailbox;
		why.at = case_moment(c);
		why.until = c->prolonged;
		why.told = c->told;
		why.about = case_shown(c, session->desk);
	} else {
		if (!moment_read(at, desk_client_zone(session->desk), &why.at, error) || !choose_mailbox(&why, cli->options, error))
			return FALSE;
		why.about = g_strdup(_("A report that"));
	}
	if (!ask(&why, error))
		return FALSE;
	return options_flag(cli->options, "json") ? print_json(&why, error) : print_text(&why, error);
}
