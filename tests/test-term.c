/* SPDX-License-Identifier: ISC */
/* The calendar is read strictly, and every date follows from it; each rule by a table. */
#include <stdio.h>
#include <string.h>

#include "base/finding.h"
#include "policy/calendar.h"
#include "policy/term.h"

#define HEAD "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" lines "END:VEVENT\r\n"
#define TAIL "END:VCALENDAR\r\n"

static Calendar *kazakhstan(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(CALENDAR, &text, &size, &error));
	Calendar *calendar = calendar_read(text, size, &error);
	g_assert_no_error(error);
	return calendar;
}

static void parse(const char *text, GDate *day)
{
	int year, month, number;
	g_assert_cmpint(sscanf(text, "%d-%d-%d", &year, &month, &number), ==, 3);
	g_date_clear(day, 1);
	g_date_set_dmy(day, (GDateDay)number, (GDateMonth)month, (GDateYear)year);
}

static char *shown(const GDate *day)
{
	return g_date_valid(day) ? g_strdup_printf("%04d-%02d-%02d", (int)g_date_get_year(day), (int)g_date_get_month(day),
	                                           (int)g_date_get_day(day))
	                         : g_strdup("-");
}

static gint64 moment(const char *text, GTimeZone *zone)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, zone);
	g_assert_nonnull(time);
	return g_date_time_to_unix(time) * G_USEC_PER_SEC;
}

static void the_shipped_calendar_knows_holidays_moved_days_and_its_own_end(void)
{
	static const struct {
		const char *day;
		CalendarDay kind;
	} rows[] = {
		{"2023-12-29", CALENDAR_UNKNOWN}, {"2024-01-01", CALENDAR_HOLIDAY}, {"2024-05-04", CALENDAR_WORKING},
		{"2024-05-08", CALENDAR_DAY_OFF}, {"2024-06-16", CALENDAR_DAY_OFF}, {"2024-06-17", CALENDAR_WORKDAY},
		{"2024-07-08", CALENDAR_DAY_OFF}, {"2025-01-03", CALENDAR_DAY_OFF}, {"2025-01-05", CALENDAR_WORKING},
		{"2025-03-24", CALENDAR_DAY_OFF}, {"2025-03-25", CALENDAR_DAY_OFF}, {"2025-09-01", CALENDAR_DAY_OFF},
		{"2026-03-06", CALENDAR_WORKDAY}, {"2026-03-07", CALENDAR_WEEKEND}, {"2026-03-08", CALENDAR_HOLIDAY},
		{"2026-03-09", CALENDAR_DAY_OFF}, {"2026-08-30", CALENDAR_WEEKEND}, {"2026-08-31", CALENDAR_WORKDAY},
		{"2027-03-15", CALENDAR_HOLIDAY}, {"2027-08-30", CALENDAR_WORKDAY}, {"2027-12-31", CALENDAR_WORKDAY},
		{"2028-01-03", CALENDAR_UNKNOWN},
	};
	g_autoptr(Calendar) calendar = kazakhstan();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		GDate day;
		parse(rows[i].day, &day);
		g_test_message("%s", rows[i].day);
		g_assert_cmpint(calendar_day(calendar, &day), ==, rows[i].kind);
	}
	GDate day;
	parse("2026-03-09", &day);
	g_assert_cmpstr(calendar_name(calendar, &day, "ru"), ==, "Международный женский день");
	g_assert_cmpstr(calendar_name(calendar, &day, "en"), ==, "Халықаралық әйелдер күні");
	g_assert_true(calendar_last(calendar, &day));
	g_assert_cmpuint(g_date_get_year(&day), ==, 2027);
}

static void each_arrival_counts_from_its_day(void)
{
	static const struct {
		const char *received, *official, *end; /* in Almaty's time; a term of 15 working days */
	} rows[] = {
		{"2026-11-20T17:59:59", "2026-11-20", "2026-12-11"},
		{"2026-11-20T18:00:00", "2026-11-20", "2026-12-11"},
		{"2026-11-20T18:00:01", "2026-11-23", "2026-12-14"},
		{"2026-11-20T03:00:00", "2026-11-20", "2026-12-11"}, /* before opening is that day */
		{"2026-03-06T18:42:00", "2026-03-10", "2026-04-03"},
		{"2024-05-03T19:00:00", "2024-05-04", "2024-05-29"}, /* Friday evening before a working Saturday */
		{"2024-05-07T10:00:00", "2024-05-10", "2024-05-31"},
		{"2026-08-28T18:30:00", "2026-08-31", "2026-09-21"}, /* 30 August 2026 is a Sunday, and no holiday */
		{"2027-03-12T18:30:00", "2027-03-16", "2027-04-09"}, /* 15 March 2027 is one */
		{"2026-12-31T18:30:00", "2027-01-05", "2027-01-27"}, /* year end */
		{"2027-12-31T18:30:00", "-", "-"},                   /* the calendar ends */
		{"2027-12-20T10:00:00", "2027-12-20", "-"},
		{"2024-02-29T23:30:00", "2024-03-01", "2024-03-28"}, /* an hour that came twice */
	};
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 15, FALSE};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		GDate official, end;
		term_official(&rules, moment(rows[i].received, zone), &official);
		term_end(&rules, &official, rules.working_days, &end);
		g_autofree char *from = shown(&official), *until = shown(&end);
		g_test_message("%s", rows[i].received);
		g_assert_cmpstr(from, ==, rows[i].official);
		g_assert_cmpstr(until, ==, rows[i].end);
	}
}

static void the_hours_are_the_mailbox_s_own(void)
{
	static const struct {
		const char *received, *official;
	} rows[] = {
		{"2026-11-20T16:59:59", "2026-11-20"}, {"2026-11-20T17:00:00", "2026-11-20"}, {"2026-11-20T17:00:01", "2026-11-23"},
		{"2026-11-20T18:00:00", "2026-11-23"}, {"2026-11-20T08:59:59", "2026-11-20"}, {"2026-12-15T17:30:00", "2026-12-17"},
	};
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 17 * 60, 15, FALSE}; /* ALES: 09:00 to 17:00 */
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		GDate official;
		term_official(&rules, moment(rows[i].received, zone), &official);
		g_autofree char *from = shown(&official);
		g_test_message("%s", rows[i].received);
		g_assert_cmpstr(from, ==, rows[i].official);
	}
}

/* R7: its moment drives receipt and term, when its recording was received does not. */
static void a_call_counts_from_its_own_moment(void)
{
	static const struct {
		const char *called, *received, *official;
	} rows[] = {
		{"2026-11-20T17:50:00", "2026-11-20T18:05:00", "2026-11-20"},
		{"2026-11-20T18:00:01", "2026-11-20T18:05:00", "2026-11-23"},
		{NULL, "2026-11-20T18:05:00", "2026-11-23"},
	};
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 15, FALSE};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		GDate official;
		g_autoptr(Record) facts = finding_unexamined_facts();
		if (rows[i].called != NULL)
			record_add_uint(facts, "called", (guint64)(moment(rows[i].called, zone) / G_USEC_PER_SEC));
		term_official(&rules, finding_moment(facts, moment(rows[i].received, zone)), &official);
		g_autofree char *from = shown(&official);
		g_assert_cmpstr(from, ==, rows[i].official);
	}
}

static void the_repeated_hour_is_one_day_in_both_its_passes(void)
{
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 23 * 60 + 45, 15, FALSE};
	GDate first, second;
	/* 23:30 at +06:00, then the clock goes back, and 23:30 at +05:00. */
	term_official(&rules, moment("2024-02-29T23:30:00+06:00", NULL), &first);
	term_official(&rules, moment("2024-02-29T23:30:00+05:00", NULL), &second);
	g_autofree char *one = shown(&first), *other = shown(&second);
	g_assert_cmpstr(one, ==, "2024-02-29");
	g_assert_cmpstr(other, ==, "2024-02-29");
}

static void every_day_between_has_its_reason(void)
{
	static const struct {
		const char *date;
		TermReason reason;
		guint number;
	} rows[] = {
		{"2026-03-06", TERM_AFTER_HOURS, 0}, {"2026-03-07", TERM_FREE, 0},    {"2026-03-08", TERM_FREE, 0},
		{"2026-03-09", TERM_FREE, 0},        {"2026-03-10", TERM_OFFICIAL, 0}, {"2026-03-11", TERM_COUNTED, 1},
		{"2026-03-12", TERM_COUNTED, 2},     {"2026-03-13", TERM_LAST, 3},
	};
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 3, FALSE};
	GDate official, never;
	g_date_clear(&never, 1);
	term_official(&rules, moment("2026-03-06T18:42:00", zone), &official);
	g_autoptr(GArray) days = term_days(&rules, moment("2026-03-06T18:42:00", zone), &official, &never);
	g_assert_cmpuint(days->len, ==, G_N_ELEMENTS(rows));
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const TermDay *day = &g_array_index(days, TermDay, i);
		g_autofree char *date = shown(&day->date);
		g_assert_cmpstr(date, ==, rows[i].date);
		g_assert_cmpint(day->reason, ==, rows[i].reason);
		g_assert_cmpuint(day->number, ==, rows[i].number);
	}
}

static void a_term_may_begin_on_the_official_date_itself(void)
{
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 3, TRUE};
	GDate official, end, never;
	g_date_clear(&never, 1);
	term_official(&rules, moment("2026-03-06T18:42:00", zone), &official);
	term_end(&rules, &official, 3, &end);
	g_autofree char *date = shown(&end);
	g_assert_cmpstr(date, ==, "2026-03-12");
	g_autoptr(GArray) days = term_days(&rules, moment("2026-03-06T18:42:00", zone), &official, &never);
	const TermDay *first = &g_array_index(days, TermDay, 4), *last = &g_array_index(days, TermDay, days->len - 1);
	g_assert_cmpint(first->reason, ==, TERM_OFFICIAL);
	g_assert_cmpuint(first->number, ==, 1);
	g_assert_cmpint(g_date_compare(&last->date, &end), ==, 0);
	g_assert_cmpint(last->reason, ==, TERM_LAST);
	g_assert_cmpuint(last->number, ==, 3);
	/* of one day: that day */
	rules.working_days = 1;
	g_autoptr(GArray) one = term_days(&rules, moment("2026-03-10T10:00:00", zone), &official, &never);
	g_assert_cmpuint(one->len, ==, 1);
}

static void a_prolonged_term_is_explained_to_its_new_end(void)
{
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 3, FALSE};
	GDate official, until;
	term_official(&rules, moment("2026-03-06T18:42:00", zone), &official);
	parse("2026-03-23", &until); /* Nauryz: a day off may end a term that an officer set */
	g_autoptr(GArray) days = term_days(&rules, moment("2026-03-06T18:42:00", zone), &official, &until);
	const TermDay *last = &g_array_index(days, TermDay, days->len - 1), *third = &g_array_index(days, TermDay, 7);
	g_assert_cmpint(g_date_compare(&last->date, &until), ==, 0);
	g_assert_cmpint(last->reason, ==, TERM_LAST);
	g_assert_cmpuint(last->number, ==, 0);
	g_assert_cmpint(third->reason, ==, TERM_COUNTED);
	g_assert_cmpuint(third->number, ==, 3);
}

static void the_directive_counts_days_and_months_of_the_calendar(void)
{
	static const struct {
		const char *received, *acknowledged, *acknowledge, *answer;
	} rows[] = {
		{"2026-11-20", NULL, "2026-11-27", "2027-02-27"},
		{"2026-11-20", "2026-11-20", "2026-11-27", "2027-02-20"},
		{"2026-11-20", "2026-11-27", "2026-11-27", "2027-02-27"},
		{"2026-11-20", "2026-12-15", "2026-11-27", "2027-02-27"}, /* too late: as if there was none */
		{"2026-11-23", "2026-11-30", "2026-11-30", "2027-02-28"}, /* there is no 30 February */
		{"2023-11-22", "2023-11-29", "2023-11-29", "2024-02-29"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		GDate received, acknowledged, acknowledge, answer;
		parse(rows[i].received, &received);
		g_date_clear(&acknowledged, 1);
		if (rows[i].acknowledged != NULL)
			parse(rows[i].acknowledged, &acknowledged);
		term_directive(&received, &acknowledged, &acknowledge, &answer);
		g_autofree char *one = shown(&acknowledge), *other = shown(&answer);
		g_assert_cmpstr(one, ==, rows[i].acknowledge);
		g_assert_cmpstr(other, ==, rows[i].answer);
	}
}

static void a_day_that_the_calendar_does_not_know_ends_the_explanation(void)
{
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 15, FALSE};
	GDate official, never;
	g_date_clear(&never, 1);
	term_official(&rules, moment("2027-12-31T10:00:00", zone), &official);
	g_autoptr(GArray) days = term_days(&rules, moment("2027-12-31T10:00:00", zone), &official, &never);
	g_assert_cmpuint(days->len, ==, 2);
	g_assert_cmpint(g_array_index(days, TermDay, 0).reason, ==, TERM_OFFICIAL);
	g_assert_cmpint(g_array_index(days, TermDay, 1).reason, ==, TERM_UNKNOWN);
}

static void dates_follow_from_the_calendar_day_by_day(void)
{
	/* The slow way: walk day by day and ask only whether people work. */
	g_autoptr(Calendar) calendar = kazakhstan();
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	TermRules rules = {calendar, zone, 18 * 60, 15, FALSE};
	GDate day;
	for (parse("2024-01-01", &day); g_date_get_year(&day) < 2027; g_date_add_days(&day, 1)) {
		for (guint late = 0; late < 2; late++) {
			g_autofree char *date = shown(&day);
			g_autofree char *received = g_strconcat(date, late ? "T19:00:00" : "T12:00:00", NULL);
			GDate official, end, walk = day;
			guint left = 15;
			if (late && calendar_is_working(calendar_day(calendar, &walk)))
				g_date_add_days(&walk, 1);
			while (!calendar_is_working(calendar_day(calendar, &walk)))
				g_date_add_days(&walk, 1);
			term_official(&rules, moment(received, zone), &official);
			g_assert_cmpint(g_date_compare(&official, &walk), ==, 0);
			for (; left > 0; left -= calendar_is_working(calendar_day(calendar, &walk)))
				g_date_add_days(&walk, 1);
			term_end(&rules, &official, 15, &end);
			g_assert_cmpint(g_date_compare(&end, &walk), ==, 0);
		}
	}
}

static void weekends_alone_are_known_for_ever(void)
{
	g_autoptr(Calendar) calendar = calendar_new_weekends();
	GDate day;
	parse("2031-01-01", &day);
	g_assert_cmpint(calendar_day(calendar, &day), ==, CALENDAR_WORKDAY);
	parse("2031-01-04", &day);
	g_assert_cmpint(calendar_day(calendar, &day), ==, CALENDAR_WEEKEND);
	g_assert_false(calendar_last(calendar, &day));
}

static void a_recurring_event_holds_where_the_calendar_speaks(void)
{
	static const char text[] = HEAD "X-SENIM-COVERS:2026-01-01/2027-12-31\r\n" EVENT(
		"DTSTART;VALUE=DATE:20200106\r\nDTEND;VALUE=DATE:20200108\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:x\r\nCATEGORIES:HOLIDAY\r\n") TAIL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Calendar) calendar = calendar_read(text, sizeof text - 1, &error);
	g_assert_no_error(error);
	GDate day;
	parse("2027-01-07", &day);
	g_assert_cmpint(calendar_day(calendar, &day), ==, CALENDAR_HOLIDAY);
	parse("2027-01-08", &day);
	g_assert_cmpint(calendar_day(calendar, &day), ==, CALENDAR_WORKDAY);
	parse("2028-01-06", &day);
	g_assert_cmpint(calendar_day(calendar, &day), ==, CALENDAR_UNKNOWN);
}

static void note_change(const GDate *day, CalendarDay was, CalendarDay is, gpointer user)
{
	g_autofree char *date = shown(day);
	g_string_append_printf(user, "%s %d>%d ", date, was, is);
}

static void a_changed_calendar_names_each_day_that_counts_otherwise(void)
{
	static const char old[] = HEAD "X-SENIM-COVERS:2026-01-01/2026-12-31\r\n" EVENT(
		"DTSTART;VALUE=DATE:20260309\r\nSUMMARY:x\r\nCATEGORIES:DAY-OFF\r\n") TAIL;
	static const char new[] = HEAD "X-SENIM-COVERS:2026-01-02/2026-12-31\r\n" EVENT(
		"DTSTART;VALUE=DATE:20260310\r\nSUMMARY:x\r\nCATEGORIES:HOLIDAY\r\n") EVENT(
		"DTSTART;VALUE=DATE:20260307\r\nSUMMARY:a Saturday that is free anyway\r\nCATEGORIES:DAY-OFF\r\n") TAIL;
	g_autoptr(GString) changes = g_string_new(NULL);
	g_autoptr(Calendar) was = calendar_read(old, sizeof old - 1, NULL), is = calendar_read(new, sizeof new - 1, NULL);
	calendar_compare(was, is, note_change, changes);
	g_autofree char *expected = g_strdup_printf("2026-01-01 %d>%d 2026-03-09 %d>%d 2026-03-10 %d>%d ", CALENDAR_WORKDAY,
	                                            CALENDAR_UNKNOWN, CALENDAR_DAY_OFF, CALENDAR_WORKDAY, CALENDAR_WORKDAY,
	                                            CALENDAR_HOLIDAY);
	g_assert_cmpstr(changes->str, ==, expected);
	g_string_truncate(changes, 0);
	calendar_compare(is, is, note_change, changes);
	g_autoptr(Calendar) weekends = calendar_new_weekends();
	calendar_compare(weekends, weekends, note_change, changes);
	g_assert_cmpstr(changes->str, ==, "");
}

static void what_is_no_calendar_is_refused_with_its_reason(void)
{
	static const struct {
		const char *text, *sentence;
	} rows[] = {
		{"", "is no iCalendar text"},
		{"not a calendar\r\n", "is no iCalendar text"},
		{HEAD TAIL, "has no day in it"},
		{HEAD "X-SENIM-COVERS:2026\r\n" TAIL, "no pair of dates"},
		{HEAD EVENT("DTSTART;VALUE=DATE:20260106\r\nSUMMARY:Feast\r\n") TAIL, "“Feast” does not say what it is"},
		{HEAD EVENT("DTSTART:20260106T100000Z\r\nSUMMARY:Feast\r\nCATEGORIES:HOLIDAY\r\n") TAIL, "“Feast” has no day"},
		{HEAD EVENT("DTSTART;VALUE=DATE:20260106\r\nDTEND;VALUE=DATE:20260106\r\nSUMMARY:Feast\r\nCATEGORIES:HOLIDAY\r\n") TAIL,
		 "“Feast” ends before"},
		{HEAD EVENT("DTSTART;VALUE=DATE:20260110\r\nSUMMARY:A\r\nCATEGORIES:HOLIDAY\r\n")
		      EVENT("DTSTART;VALUE=DATE:20260110\r\nSUMMARY:B\r\nCATEGORIES:WORKING-DAY\r\n") TAIL,
		 "“B” makes a day free that"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(calendar_read(rows[i].text, strlen(rows[i].text), &error));
		g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, rows[i].sentence));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/term/" #name, name)
	TEST(the_shipped_calendar_knows_holidays_moved_days_and_its_own_end);
	TEST(each_arrival_counts_from_its_day);
	TEST(the_hours_are_the_mailbox_s_own);
	TEST(a_call_counts_from_its_own_moment);
	TEST(the_repeated_hour_is_one_day_in_both_its_passes);
	TEST(every_day_between_has_its_reason);
	TEST(a_day_that_the_calendar_does_not_know_ends_the_explanation);
	TEST(a_term_may_begin_on_the_official_date_itself);
	TEST(a_prolonged_term_is_explained_to_its_new_end);
	TEST(the_directive_counts_days_and_months_of_the_calendar);
	TEST(dates_follow_from_the_calendar_day_by_day);
	TEST(weekends_alone_are_known_for_ever);
	TEST(a_recurring_event_holds_where_the_calendar_speaks);
	TEST(a_changed_calendar_names_each_day_that_counts_otherwise);
	TEST(what_is_no_calendar_is_refused_with_its_reason);
	return g_test_run();
}
