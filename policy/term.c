/* SPDX-License-Identifier: ISC */
#include "policy/term.h"

#define FREE_MAX 400 /* days in a row without a working day: the calendar is broken, or its end was reached */

static gboolean is_working(const Calendar *calendar, const GDate *day)
{
	return calendar_is_working(calendar_day(calendar, day));
}

/* The moment as the clock on the wall shows it. */
static GDateTime *local(gint64 moment, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	return g_date_time_to_timezone(utc, zone);
}

static void day_of(GDateTime *time, GDate *day)
{
	int year, month, number;
	g_date_time_get_ymd(time, &year, &month, &number);
	g_date_clear(day, 1);
	g_date_set_dmy(day, (GDateDay)number, (GDateMonth)month, (GDateYear)year);
}

void term_local_day(gint64 moment, GTimeZone *zone, GDate *day)
{
	g_autoptr(GDateTime) here = local(moment, zone);
	day_of(here, day);
}

/* Exactly at the end of working hours is not after it. */
static gboolean is_after_hours(gint64 received, const TermRules *rules)
{
	g_autoptr(GDateTime) here = local(received, rules->zone);
	int second = g_date_time_get_hour(here) * 3600 + g_date_time_get_minute(here) * 60 + g_date_time_get_second(here);
	return (guint)second > rules->closes * 60;
}

/* The first working day from `day` on; FALSE and an invalid day where the calendar does not know. */
static gboolean go_to_working_day(const Calendar *calendar, GDate *day)
{
	for (guint i = 0; i < FREE_MAX; i++) {
		CalendarDay kind = calendar_day(calendar, day);
		if (calendar_is_working(kind))
			return TRUE;
		if (kind == CALENDAR_UNKNOWN)
			break;
		g_date_add_days(day, 1);
	}
	g_date_clear(day, 1);
	return FALSE;
}

void term_official(const TermRules *rules, gint64 received, GDate *official)
{
	term_local_day(received, rules->zone, official);
	if (is_working(rules->calendar, official) && is_after_hours(received, rules))
		g_date_add_days(official, 1);
	go_to_working_day(rules->calendar, official);
}

void term_end(const TermRules *rules, const GDate *official, guint n, GDate *end)
{
	*end = *official;
	for (guint i = rules->same_day ? 1 : 0; i < n && g_date_valid(end); i++) {
		g_date_add_days(end, 1);
		go_to_working_day(rules->calendar, end);
	}
}

void term_directive(const GDate *received, const GDate *acknowledged, GDate *acknowledge, GDate *answer)
{
	*acknowledge = *received;
	g_date_add_days(acknowledge, 7);
	gboolean in_time = g_date_valid(acknowledged) && g_date_compare(acknowledged, acknowledge) <= 0;
	*answer = in_time ? *acknowledged : *acknowledge;
	g_date_add_months(answer, 3);
}

/* --- day by day --------------------------------------------------------------------------------- */

static void add(GArray *days, const GDate *date, TermReason reason, CalendarDay kind, guint number)
{
	TermDay day = {.date = *date, .reason = reason, .kind = kind, .number = number};
	g_array_append_val(days, day);
}

/* What one day is, with `official` the day from which the report counts (invalid: not known, and never reached). */
static TermReason reason_of(const GDate *day, CalendarDay kind, const GDate *official, gboolean first)
{
	if (kind == CALENDAR_UNKNOWN)
		return TERM_UNKNOWN;
	if (!calendar_is_working(kind))
		return first ? TERM_ARRIVED : TERM_FREE;
	if (g_date_valid(official) && g_date_compare(day, official) == 0)
		return TERM_OFFICIAL;
	return first ? TERM_AFTER_HOURS : TERM_COUNTED;
}

GArray *term_days(const TermRules *rules, gint64 received, const GDate *official, const GDate *until)
{
	GArray *days = g_array_new(FALSE, FALSE, sizeof(TermDay));
	GDate day;
	term_local_day(received, rules->zone, &day);
	guint counted = 0;
	for (gboolean reached = FALSE;; g_date_add_days(&day, 1)) {
		CalendarDay kind = calendar_day(rules->calendar, &day);
		TermReason reason = reason_of(&day, kind, official, days->len == 0);
		reached = reached || reason == TERM_OFFICIAL;
		gboolean counts = reason == TERM_COUNTED || (reason == TERM_OFFICIAL && rules->same_day);
		counted += counts;
		gboolean last = reached && (g_date_valid(until) ? g_date_compare(&day, until) >= 0 : counted >= rules->working_days);
		if (last && (reason == TERM_COUNTED || g_date_valid(until)))
			reason = TERM_LAST;
		add(days, &day, reason, kind, counts ? counted : 0);
		if (last || reason == TERM_UNKNOWN || days->len > 4 * FREE_MAX)
			return days;
	}
}
