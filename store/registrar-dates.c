/* SPDX-License-Identifier: ISC */
#include "store/registrar-dates.h"

#include <string.h>

#include "base/day.h"
#include "base/finding.h"
#include "base/log.h"
#include "policy/term.h"
#include "store/desk-json.h"

#define CALENDAR_MAX (1 << 20)
#define CHANGES_MAX 20 /* lines for one mailbox */

static GMutex lock;
static GHashTable *calendars; /* path → Calendar; replaced whole, under the lock */

static Calendar *read_file(const char *path, GError **error)
{
	gsize size;
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	if (size > CALENDAR_MAX) {
		g_set_error(error, CALENDAR_ERROR, 0, "%s is larger than 1 MiB: a calendar of some years is not", path);
		return NULL;
	}
	Calendar *calendar = calendar_read(text, size, error);
	if (calendar == NULL)
		g_prefix_error(error, "%s: ", path);
	return calendar;
}

gboolean registrar_dates_load(const Config *config, GError **error)
{
	g_autoptr(GHashTable) next = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)calendar_unref);
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const char *path = config->mailboxes[i].calendar;
		if (path[0] == '\0' || g_hash_table_contains(next, path))
			continue;
		Calendar *calendar = read_file(path, error);
		if (calendar == NULL)
			return FALSE;
		g_hash_table_insert(next, g_strdup(path), calendar);
	}
	g_mutex_lock(&lock);
	GHashTable *last = calendars;
	calendars = g_steal_pointer(&next);
	g_mutex_unlock(&lock);
	if (last != NULL)
		g_hash_table_unref(last);
	return TRUE;
}

/* The mailbox's calendar (transfer full). */
static Calendar *calendar_of(const ConfigMailbox *mailbox)
{
	if (mailbox->calendar[0] == '\0')
		return calendar_new_weekends();
	g_mutex_lock(&lock);
	Calendar *found = calendars != NULL ? g_hash_table_lookup(calendars, mailbox->calendar) : NULL;
	Calendar *calendar = found != NULL ? calendar_ref(found) : NULL;
	g_mutex_unlock(&lock);
	return calendar != NULL ? calendar : calendar_new_unknown();
}

/* --- what a newer calendar changes ------------------------------------------------------------- */

typedef struct {
	const char *mailbox;
	guint n;
} Changes;

static const char *kind_words(CalendarDay kind)
{
	return kind == CALENDAR_UNKNOWN ? "not covered" : calendar_is_working(kind) ? "a working day" : "no working day";
}

static void say_change(const GDate *day, CalendarDay was, CalendarDay is, gpointer user)
{
	Changes *changes = user;
	if (++changes->n > CHANGES_MAX)
		return;
	log_notice("the calendar of %s changed: %04d-%02d-%02d is %s, and was %s", changes->mailbox, (int)g_date_get_year(day),
	           (int)g_date_get_month(day), (int)g_date_get_day(day), kind_words(is), kind_words(was));
}

/* Beside the registers: whose calendar it is stands in it by digest, for an address may hold anything. */
static char *kept_path(const Config *config, const char *mailbox)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, mailbox, -1);
	g_autofree char *base = g_strdup_printf("calendar-%.16s.ics", digest);
	return g_build_filename(config->state_directory, base, NULL);
}

static void compare_one(const Config *config, const ConfigMailbox *mailbox, gboolean keep)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = kept_path(config, mailbox->address), *text = NULL;
	gsize size;
	Changes changes = {mailbox->address, 0};
	g_autoptr(Calendar) before = g_file_test(path, G_FILE_TEST_EXISTS) ? read_file(path, NULL) : NULL;
	g_autoptr(Calendar) now = calendar_of(mailbox);
	if (before != NULL)
		calendar_compare(before, now, say_change, &changes);
	if (changes.n > CHANGES_MAX)
		log_notice("the calendar of %s changed: %u days more", mailbox->address, changes.n - CHANGES_MAX);
	if (changes.n > 0)
		log_notice("dates that reporters of %s were told may be others now: senim due and senim why show where", mailbox->address);
	if (keep && mailbox->calendar[0] != '\0' && g_file_get_contents(mailbox->calendar, &text, &size, NULL) &&
	    !g_file_set_contents(path, text, (gssize)size, &error))
		log_warning("the calendar of %s could not be kept for the next comparison: %s", mailbox->address, error->message);
}

void registrar_dates_compare(const Config *config, gboolean keep)
{
	for (guint i = 0; i < config->n_mailboxes; i++)
		compare_one(config, &config->mailboxes[i], keep);
}

/* --- dates ------------------------------------------------------------------------------------- */

static TermRules rules_of(const Config *config, const ConfigMailbox *mailbox, const Calendar *calendar)
{
	return (TermRules){calendar, config->timezone, mailbox->closes, mailbox->term_working_days, mailbox->term_same_day};
}

static void count(const TermRules *rules, gint64 received, GDate *official, GDate *due)
{
	term_official(rules, received, official);
	term_end(rules, official, rules->working_days, due);
}

void registrar_dates_of(const Config *config, const ConfigMailbox *mailbox, gint64 received, GDate *official, GDate *due,
                        gpointer user G_GNUC_UNUSED)
{
	g_autoptr(Calendar) calendar = calendar_of(mailbox);
	TermRules rules = rules_of(config, mailbox, calendar);
	count(&rules, received, official, due);
}

static void count_others(const TermRules *rules, const ConfigMailbox *mailbox, gint64 received, gint64 acknowledged,
                         const GDate *official, DeskTerms *terms)
{
	GDate day, then;
	g_date_clear(&terms->forward, 1);
	g_date_clear(&terms->acknowledge, 1);
	g_date_clear(&terms->answer, 1);
	if (mailbox->forward_working_days > 0)
		term_end(rules, official, mailbox->forward_working_days, &terms->forward);
	if (!mailbox->directive_terms)
		return;
	g_date_clear(&then, 1);
	term_local_day(received, rules->zone, &day);
	if (acknowledged != 0)
		term_local_day(acknowledged, rules->zone, &then);
	term_directive(&day, &then, &terms->acknowledge, &terms->answer);
}

void registrar_dates_terms(const Config *config, const ConfigMailbox *mailbox, gint64 received, gint64 acknowledged,
                           DeskTerms *terms, gpointer user G_GNUC_UNUSED)
{
	GDate official;
	g_autoptr(Calendar) calendar = calendar_of(mailbox);
	TermRules rules = rules_of(config, mailbox, calendar);
	term_official(&rules, received, &official);
	count_others(&rules, mailbox, received, acknowledged, &official, terms);
}

/* --- why ---------------------------------------------------------------------------------------- */

static const char *why_of(const TermDay *day)
{
	static const char *const kinds[] = {
		[CALENDAR_WORKDAY] = "workday",  [CALENDAR_WEEKEND] = "weekend", [CALENDAR_HOLIDAY] = "holiday",
		[CALENDAR_DAY_OFF] = "day-off", [CALENDAR_WORKING] = "working", [CALENDAR_UNKNOWN] = "unknown",
	};
	switch (day->reason) {
	case TERM_AFTER_HOURS:
		return "after-hours";
	case TERM_OFFICIAL:
		return "official";
	case TERM_COUNTED:
		return "counted";
	case TERM_LAST:
		return "last";
	default:
		return kinds[day->kind];
	}
}

static json_t *names_of(const Calendar *calendar, const GDate *date)
{
	static const char *const languages[] = {"kk", "ru", "en"};
	json_t *names = json_object();
	if (calendar_name(calendar, date, "kk") == NULL)
		return json_decref(names), json_null();
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		json_object_set_new(names, languages[i], json_string(calendar_name(calendar, date, languages[i])));
	return names;
}

json_t *registrar_dates_explain(const Config *config, const ConfigMailbox *mailbox, gint64 received, const GDate *until,
                                gpointer user G_GNUC_UNUSED)
{
	g_autoptr(Calendar) calendar = calendar_of(mailbox);
	TermRules rules = rules_of(config, mailbox, calendar);
	GDate official, due, last;
	DeskTerms terms;
	count(&rules, received, &official, &due);
	count_others(&rules, mailbox, received, 0, &official, &terms);
	g_date_clear(&last, 1);
	calendar_last(calendar, &last);
	g_autoptr(GArray) days = term_days(&rules, received, &official, until);
	json_t *list = json_array();
	for (guint i = 0; i < days->len; i++) {
		const TermDay *day = &g_array_index(days, TermDay, i);
		gboolean counts = day->reason == TERM_OFFICIAL || day->reason == TERM_COUNTED || day->reason == TERM_LAST;
		json_array_append_new(list, json_pack("{s:o, s:b, s:s, s:i, s:o}", "date", desk_json_date(&day->date), "counts",
		                                      counts, "why", why_of(day), "number", (int)day->number, "names",
		                                      names_of(calendar, &day->date)));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o}", "official_date", desk_json_date(&official), "due",
	                 desk_json_date(g_date_valid(until) ? until : &due), "forward", desk_json_date(&terms.forward), "acknowledge",
	                 desk_json_date(&terms.acknowledge), "answer", desk_json_date(&terms.answer), "term_working_days",
	                 (int)rules.working_days, "known_until", desk_json_date(&last), "days", list);
}

/* What arrives at the opening of a working day counts from that day. */
gboolean registrar_dates_is_working_day(const Config *config, const ConfigMailbox *mailbox, gint64 moment, gpointer user)
{
	GDate official, due;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, config->timezone);
	g_autoptr(GDateTime) opening =
		g_date_time_new(config->timezone, g_date_time_get_year(local), g_date_time_get_month(local),
	                    g_date_time_get_day_of_month(local), (gint)mailbox->opens / 60, (gint)mailbox->opens % 60, 0);
	registrar_dates_of(config, mailbox, g_date_time_to_unix(opening) * G_USEC_PER_SEC, &official, &due, user);
	if (!g_date_valid(&official))
		return g_date_time_get_day_of_week(local) < 6;
	return g_date_get_day(&official) == g_date_time_get_day_of_month(local) &&
	       (gint)g_date_get_month(&official) == g_date_time_get_month(local);
}

/* --- what waits too long ------------------------------------------------------------------------ */

/* That minute of the day (microseconds UTC). */
static gint64 moment_at(const GDate *day, guint minutes, GTimeZone *zone)
{
	g_autoptr(GDateTime) at = g_date_time_new(zone, g_date_get_year(day), (gint)g_date_get_month(day), g_date_get_day(day),
	                                          (gint)minutes / 60, (gint)minutes % 60, 0);
	return g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

static guint minutes_of(gint64 moment, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	return (guint)(g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local));
}

static gboolean next_working_day(const TermRules *rules, gint64 received, GDate *official, GDate *next)
{
	term_official(rules, received, official);
	g_date_clear(next, 1);
	if (g_date_valid(official))
		term_end(rules, official, 1, next);
	return g_date_valid(next);
}

gint64 registrar_dates_day_after(const Config *config, const ConfigMailbox *mailbox, gint64 received, gpointer user G_GNUC_UNUSED)
{
	g_autoptr(Calendar) calendar = calendar_of(mailbox), weekends = calendar_new_weekends();
	TermRules rules = rules_of(config, mailbox, calendar);
	GDate day, official, next;
	rules.same_day = FALSE;
	if (!next_working_day(&rules, received, &official, &next)) { /* a calendar that ended must not silence anybody */
		rules.calendar = weekends;
		next_working_day(&rules, received, &official, &next);
	}
	term_local_day(received, config->timezone, &day);
	guint minutes = g_date_compare(&day, &official) == 0 ? MAX(minutes_of(received, config->timezone), mailbox->opens) : mailbox->opens;
	return moment_at(&next, minutes, config->timezone);
}

gboolean registrar_dates_is_due(const Config *config, const ConfigMailbox *mailbox, const LedgerCase *c, gint64 moment, guint days,
                                gpointer user)
{
	GDate official, last, day;
	guint left = 0;
	g_autoptr(Calendar) calendar = calendar_of(mailbox);
	if (c->until == NULL || !day_read(c->until, &last))
		registrar_dates_of(config, mailbox, finding_moment(c->facts, c->received), &official, &last, user);
	if (!g_date_valid(&last))
		return FALSE;
	term_local_day(moment, config->timezone, &day);
	for (g_date_add_days(&day, 1); g_date_compare(&day, &last) <= 0 && left <= days; g_date_add_days(&day, 1))
		left += calendar_is_working(calendar_day(calendar, &day));
	return left <= days;
}

gboolean registrar_dates_calendar_ends(const Config *config, gint64 now, guint days, gpointer user G_GNUC_UNUSED)
{
	GDate end;
	term_local_day(now, config->timezone, &end);
	g_date_add_days(&end, days);
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_autoptr(Calendar) calendar = calendar_of(&config->mailboxes[i]);
		if (calendar_day(calendar, &end) == CALENDAR_UNKNOWN)
			return TRUE;
	}
	return FALSE;
}
