/* SPDX-License-Identifier: ISC */
/* policy/term.h - from which day a report counts, when its term ends, and the reason of each day between.
 *
 * Rules (KMO 13, ALES 4.7; REQUIREMENTS R7, R21): what arrives after the end of working hours, or on a day that is no
 * working day, counts from the next working day; exactly at the end is still that day, and so is anything before the
 * beginning. The term begins on the day after that one (or, where it is so set, on that one), and counts working days alone. A day that the calendar does not
 * know is never guessed: the dates that depend on it are then invalid GDates.
 *
 * Pure: the moment, the zone and the calendar are arguments. Threads: any. Fails: never. */
#ifndef SENIM_POLICY_TERM_H
#define SENIM_POLICY_TERM_H

#include "policy/calendar.h"

typedef struct {
	const Calendar *calendar;
	GTimeZone *zone;
	guint closes;       /* end of working hours, minutes of the day */
	guint working_days; /* the term; 0: none */
	gboolean same_day;  /* the official date is its first day, else the working day behind it */
} TermRules;

typedef enum {
	TERM_ARRIVED,     /* the day of arrival, which does not count: too late, or no working day */
	TERM_AFTER_HOURS, /* the same: a working day, after its end */
	TERM_FREE,        /* no working day: calendar_day() says which */
	TERM_OFFICIAL,    /* the official date: from the next day on the term is counted */
	TERM_COUNTED,     /* the n-th working day of the term */
	TERM_LAST,        /* the last one */
	TERM_UNKNOWN,     /* the calendar does not speak of this day: nothing after it is known */
} TermReason;

typedef struct {
	GDate date;
	TermReason reason;
	CalendarDay kind;
	guint number; /* TERM_COUNTED, TERM_LAST: 1 is the first */
} TermDay;

/* The day, in the zone, on which that moment (microseconds UTC) lies. */
void term_local_day(gint64 moment, GTimeZone *zone, GDate *day);
/* The day from which a report counts that arrived at that moment; invalid where the calendar does not know. */
void term_official(const TermRules *rules, gint64 received, GDate *official);
/* The last day of a term of n working days from that official date on; invalid where the calendar does not know. */
void term_end(const TermRules *rules, const GDate *official, guint n, GDate *end);
/* Every day from the arrival to the end of the term, or to `until` where it was prolonged to that day (else invalid), or to
 * the first that is unknown (transfer full, elements TermDay). official: of term_official(). */
GArray *term_days(const TermRules *rules, gint64 received, const GDate *official, const GDate *until);
/* Directive (EU) 2019/1937, article 9(1): the last day to acknowledge, seven days after the report, and to answer, three
 * months after it was acknowledged (`acknowledged`, invalid: not yet), or after those seven days where it was not in them.
 * These are days of the calendar; a holiday at the end is not stepped over. */
void term_directive(const GDate *received, const GDate *acknowledged, GDate *acknowledge, GDate *answer);

#endif
