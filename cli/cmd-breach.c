/* SPDX-License-Identifier: ISC */
/* senim breach: whose personal data a breach concerns, for the notice that the law asks for within one working day. What was
 * exposed is a time in which the mail host was in other hands, an officer's keys, or both. */
#include <string.h>

#include "base/day.h"
#include "cli/csv.h"
#include "cli/format.h"
#include "cli/messages.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/personal.h"

typedef struct {
	Personal *personal;
	gint64 from, to, at; /* microseconds UTC; to: the first moment behind */
	const Options *options; /* --about: whose keys; none: the time alone */
	GPtrArray *chosen;   /* Case, borrowed */
	char *deadline;      /* YYYY-MM-DD, or NULL: the calendar does not know */
} Breach;

static void breach_clear(Breach *breach)
{
	personal_free(breach->personal);
	g_clear_pointer(&breach->chosen, g_ptr_array_unref);
	g_free(breach->deadline);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Breach, breach_clear)

/* --- what was exposed ----------------------------------------------------------------------------------------------- */

/* A moment, or a day: its beginning, or its end. */
static gboolean read_moment(const char *text, GTimeZone *zone, gboolean end, gint64 *moment, GError **error)
{
	GDate day;
	if (!day_read(text, &day))
		return moment_read(text, zone, moment, error);
	if (end)
		g_date_add_days(&day, 1);
	g_autoptr(GDateTime) begin = g_date_time_new(zone, g_date_get_year(&day), (gint)g_date_get_month(&day), g_date_get_day(&day), 0, 0, 0);
	*moment = g_date_time_to_unix(begin) * G_USEC_PER_SEC;
	return TRUE;
}

static gboolean read_times(Breach *breach, const Session *session, GError **error)
{
	const Options *options = session->cli->options;
	const char *from = options_value(options, "from"), *to = options_value(options, "to"), *at = options_value(options, "at");
	GTimeZone *zone = desk_client_zone(session->desk);
	breach->to = G_MAXINT64;
	breach->at = g_get_real_time();
	if ((from != NULL && !read_moment(from, zone, FALSE, &breach->from, error)) ||
	    (to != NULL && !read_moment(to, zone, TRUE, &breach->to, error)) ||
	    (at != NULL && !read_moment(at, zone, FALSE, &breach->at, error)))
		return FALSE;
	return breach->from < breach->to || cli_fail(error, CLI_ERROR_USAGE, _("--from lies behind --to: exchange them"));
}

/* Something of it came in that time. */
static gboolean came_then(const Breach *breach, const Case *c, gboolean *came, GError **error)
{
	*came = c->received >= breach->from && c->received < breach->to;
	if (*came || c->followups == 0)
		return TRUE;
	g_autoptr(Messages) messages = messages_fetch(breach->personal->session, c, error);
	for (guint i = 0; messages != NULL && i < messages->rows->len; i++) {
		gint64 received = ((const Case *)messages->rows->pdata[i])->received;
		*came = *came || (received >= breach->from && received < breach->to);
	}
	return messages != NULL;
}

/* One of those keys opens it: it is kept from their owner no more than from anybody. */
static gboolean is_sealed_to(const Breach *breach, const Case *c)
{
	const char *name;
	for (guint i = 0; (name = options_nth(breach->options, "about", i)) != NULL; i++)
		if (c->kept == NULL || !g_strv_contains((const char *const *)c->kept, name))
			return TRUE;
	return options_nth(breach->options, "about", 0) == NULL;
}

static gboolean choose(Breach *breach, GError **error)
{
	for (guint i = 0; i < breach->personal->cases->len; i++) {
		Case *c = breach->personal->cases->pdata[i];
		gboolean came = FALSE;
		if (is_sealed_to(breach, c) && !came_then(breach, c, &came, error))
			return FALSE;
		if (came)
			g_ptr_array_add(breach->chosen, c);
	}
	return personal_enter(breach->personal, breach->chosen, "breach", NULL, error);
}

/* The first working day behind the day on which it was found: by the registrar's calendar. */
static gboolean find_deadline(Breach *breach, GError **error)
{
	const Session *session = breach->personal->session;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", breach->personal->mailbox, "at", (json_int_t)breach->at), *day;
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/why", body, NULL, error);
	json_t *days = answer != NULL ? desk_get_array(answer, "days", error) : NULL;
	gsize i;
	if (days == NULL)
		return FALSE;
	g_autofree char *found = format_time_iso(breach->at, desk_client_zone(session->desk));
	json_array_foreach(days, i, day) {
		const char *date = json_string_value(json_object_get(day, "date"));
		if (breach->deadline == NULL && date != NULL && strncmp(date, found, 10) > 0 && json_is_true(json_object_get(day, "counts")))
			breach->deadline = g_strdup(date);
	}
	return TRUE;
}

/* --- who ------------------------------------------------------------------------------------------------------------- */

typedef enum { CASE_NAME, CAME, NAME, ADDRESS, PHONE, REMARK, COLUMNS } Column;

static const char *const heads[COLUMNS] = {N_("CASE"), N_("RECEIVED"), N_("FULL NAME"), N_("ADDRESS"), N_("TELEPHONE"), N_("REMARK")};

/* "WHAT SOURCE VALUE" of the card: the values of these, one behind another; "" for none. */
static char *suggested(const Record *card, const char *const *whats)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *line;
	for (; *whats != NULL; whats++)
		for (guint i = 0; (line = record_get_nth(card, "suggested", i)) != NULL; i++) {
			g_auto(GStrv) words = g_strsplit(line, " ", 3);
			if (g_strv_length(words) == 3 && strcmp(words[0], *whats) == 0)
				g_string_append_printf(all, "%s%s", all->len > 0 ? " " : "", words[2]);
		}
	return g_string_free(g_steal_pointer(&all), FALSE);
}

static gboolean wishes(const Case *c, const char *wish)
{
	json_t *list = json_object_get(c->facts, "wish"), *one;
	gsize i;
	json_array_foreach(list, i, one)
		if (g_strcmp0(json_string_value(one), wish) == 0)
			return TRUE;
	return FALSE;
}

static const char *known(const char *value)
{
	return value != NULL && strcmp(value, "-") != 0 ? value : "";
}

static WipeText *first_of(const char *given, const char *value)
{
	return g_strdup(*given != '\0' ? given : known(value));
}

/* What is said of one case; cells to be freed. */
static void cells_of(const Breach *breach, guint i, WipeText *cells[COLUMNS])
{
	static const char *const names[] = {"surname", "given", "patronymic", NULL}, *const phones[] = {"phone", "caller", NULL};
	const Case *c = breach->chosen->pdata[i];
	g_autoptr(Record) none = record_new();
	const Record *card = none;
	for (guint k = 0; k < breach->personal->cases->len; k++)
		if (breach->personal->cases->pdata[k] == c && breach->personal->cards[k] != NULL)
			card = breach->personal->cards[k];
	g_autoptr(WipeText) name = suggested(card, names), phone = suggested(card, phones);
	g_autofree char *number = record_get(card, "phone") != NULL ? g_strndup(record_get(card, "phone"), strcspn(record_get(card, "phone"), " ")) : NULL;
	gboolean silent = wishes(c, "no-answer") || wishes(c, "anonymous");
	cells[CASE_NAME] = g_strdup(c->name);
	cells[CAME] = format_time(c->received, desk_client_zone(breach->personal->session->desk));
	cells[NAME] = first_of(name, record_get(card, "from-name"));
	cells[ADDRESS] = g_strdup(known(record_get(card, "from-address")));
	cells[PHONE] = first_of(phone, number);
	cells[REMARK] = g_strdup(silent ? _("did not want to be written to, or to be named") : "");
}

static void each_row(const Breach *breach, void (*take)(WipeText *const *cells, gpointer user), gpointer user)
{
	for (guint i = 0; i < breach->chosen->len; i++) {
		WipeText *cells[COLUMNS];
		cells_of(breach, i, cells);
		take(cells, user);
		for (guint k = 0; k < COLUMNS; k++)
			wipe_text_free(cells[k]);
	}
}

/* --- the paper ------------------------------------------------------------------------------------------------------- */

static void take_row(WipeText *const *cells, gpointer user)
{
	paper_row(user, (const char *const *)cells, COLUMNS);
}

static void take_csv(WipeText *const *cells, gpointer user)
{
	for (guint i = 0; i < COLUMNS; i++)
		csv_add_field(user, cells[i], i + 1 == COLUMNS);
}

static void take_json(WipeText *const *cells, gpointer user)
{
	static const char *const keys[COLUMNS] = {"case", "received", "name", "address", "telephone", "remark"};
	json_t *object = json_object();
	for (guint i = 0; i < COLUMNS; i++)
		json_object_set_new(object, keys[i], cells[i][0] != '\0' ? output_value(cells[i]) : json_null());
	json_array_append_new(user, object);
}

static Paper *make_paper(const Breach *breach)
{
	const Personal *personal = breach->personal;
	Paper *paper = paper_new(_("Persons whose data a breach concerns"), desk_client_organisation(personal->session->desk));
	g_autofree char *found = format_time(breach->at, desk_client_zone(personal->session->desk));
	g_autofree char *count = g_strdup_printf(_("Cases: %u. Persons whom the reports name are not in this list: who was named stands in each report."), breach->chosen->len);
	const char *translated[COLUMNS], *name;
	paper_pair(paper, _("Mailbox"), personal->mailbox);
	paper_pair(paper, _("Found on"), found);
	paper_pair(paper, _("Notice due by"), breach->deadline != NULL ? breach->deadline : _("one working day; the calendar does not know it"));
	paper_pair(paper, _("First day"), options_value(personal->session->cli->options, "from"));
	paper_pair(paper, _("Last day"), options_value(personal->session->cli->options, "to"));
	for (guint i = 0; (name = options_nth(breach->options, "about", i)) != NULL; i++)
		paper_pair(paper, _("Keys of"), name);
	paper_text(paper, count);
	for (guint i = 0; i < COLUMNS; i++)
		translated[i] = _(heads[i]);
	if (breach->chosen->len > 0)
		paper_row(paper, translated, COLUMNS);
	each_row(breach, take_row, paper);
	return paper;
}

static gboolean leave(const Breach *breach, GError **error)
{
	const Options *options = breach->personal->session->cli->options;
	if (options_flag(options, "json")) {
		json_t *list = json_array();
		each_row(breach, take_json, list);
		return output_json(json_pack("{s:o, s:o}", "due", output_value(breach->deadline), "persons", list), error);
	}
	g_autoptr(Paper) paper = make_paper(breach);
	if (g_strcmp0(options_value(options, "format"), "csv") != 0)
		return personal_leave(breach->personal, paper, NULL, error);
	g_autoptr(WipeBuffer) csv = wipe_buffer_new(16384);
	wipe_buffer_add_text(csv, CSV_MARK);
	for (guint i = 0; i < COLUMNS; i++)
		csv_add_field(csv, _(heads[i]), i + 1 == COLUMNS);
	each_row(breach, take_csv, csv);
	return personal_leave(breach->personal, paper, csv, error);
}

gboolean cmd_breach(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	g_auto(Breach) breach = {.options = options};
	breach.chosen = g_ptr_array_new();
	if (options_value(options, "from") == NULL && options_value(options, "to") == NULL &&
	    options_nth(options, "about", 0) == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("say what was exposed: the mail host with --from and --to, or an officer's keys with --about NAME"));
	if (!personal_check_options(options, TRUE, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL || !read_times(&breach, session, error))
		return FALSE;
	session_warn_host(session);
	breach.personal = personal_new(session, error);
	return breach.personal != NULL && choose(&breach, error) && find_deadline(&breach, error) && leave(&breach, error);
}
