/* SPDX-License-Identifier: ISC */
/* policy/calendar.h - which days are working days, and why a day is none.
 *
 * Read from an iCalendar text (RFC 5545), which libical parses. Saturday and Sunday are free unless the calendar says
 * otherwise. Each VEVENT is whole days (DTSTART;VALUE=DATE, DTEND or one day; RRULE, RDATE and EXDATE hold) and has one of
 * these words in CATEGORIES:
 *   HOLIDAY      a public holiday
 *   DAY-OFF      a free day that is none: a religious one, or one that a decree moved there
 *   WORKING-DAY  a Saturday or Sunday on which people work
 * SUMMARY is its name (in its LANGUAGE, Kazakh where none is given); COMMENT with a LANGUAGE is the name in another.
 * The property X-SENIM-COVERS:FIRST/LAST of the VCALENDAR (two dates) says for which days the calendar speaks; without it,
 * for every year in which a DTSTART lies. Of any other day nothing is known, and nothing is guessed.
 *
 * Ownership: a Calendar owns its names. Threads: one that was read may be asked from any thread.
 * Fails:     NULL and *error (CALENDAR_ERROR); the message names the event. */
#ifndef SENIM_POLICY_CALENDAR_H
#define SENIM_POLICY_CALENDAR_H

#include <glib.h>

#define CALENDAR_ERROR (calendar_error_quark())
GQuark calendar_error_quark(void);

typedef struct Calendar Calendar;

typedef enum {
	CALENDAR_WORKDAY, /* Monday to Friday, nothing special */
	CALENDAR_WEEKEND,
	CALENDAR_HOLIDAY,
	CALENDAR_DAY_OFF,
	CALENDAR_WORKING, /* a weekend's day that the calendar makes a working day */
	CALENDAR_UNKNOWN, /* the calendar does not speak of this day */
} CalendarDay;

Calendar *calendar_read(const char *text, gsize size, GError **error);
/* Knows weekends alone, and every day by them: where no calendar is configured. */
Calendar *calendar_new_weekends(void);
/* Knows no day at all: where the configured one cannot be read. */
Calendar *calendar_new_unknown(void);
Calendar *calendar_ref(Calendar *calendar);
void calendar_unref(Calendar *calendar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Calendar, calendar_unref)

CalendarDay calendar_day(const Calendar *calendar, const GDate *day);
gboolean calendar_is_working(CalendarDay day);
/* The day's name in kk, ru or en, or in the language that there is (borrowed); NULL where it has none. */
const char *calendar_name(const Calendar *calendar, const GDate *day, const char *language);
/* Days that count otherwise by the other one: a working day by one of them alone, or known to one of them alone. Each is
 * handed to take(); what both leave open, past their ends, is none. */
typedef void (*CalendarTake)(const GDate *day, CalendarDay was, CalendarDay is, gpointer user);
void calendar_compare(const Calendar *was, const Calendar *is, CalendarTake take, gpointer user);
/* The last day of which it speaks; FALSE: no end (calendar_new_weekends()). */
gboolean calendar_last(const Calendar *calendar, GDate *last);

#endif
