/* SPDX-License-Identifier: ISC */
#include "policy/calendar.h"

#include <libical/ical.h>
#include <stdio.h>
#include <string.h>

#define LANGUAGES 3
#define DAYS_MAX 400  /* of one event */

static const char *const languages[LANGUAGES] = {"kk", "ru", "en"};

typedef struct {
	CalendarDay kind;
	char *names[LANGUAGES];
} Day;

struct Calendar {
	gint references;
	gboolean weekends_alone;
	guint32 first, last; /* Julian days: what X-SENIM-COVERS says; 0: the years in `years` */
	GHashTable *years;   /* of DTSTART */
	GHashTable *days;    /* Julian day → Day */
};

G_DEFINE_QUARK(senim-calendar-error, calendar_error)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(icalcomponent, icalcomponent_free)

static gboolean fail(GError **error, icalcomponent *event, const char *what)
{
	const char *name = event != NULL ? icalcomponent_get_summary(event) : NULL;
	g_set_error(error, CALENDAR_ERROR, 0, name != NULL ? "the calendar's event “%s” %s" : "the calendar%.0s %s",
	            name != NULL ? name : "", what);
	return FALSE;
}

static void day_free(gpointer data)
{
	Day *day = data;
	for (gsize i = 0; i < LANGUAGES; i++)
		g_free(day->names[i]);
	g_free(day);
}

static Calendar *calendar_new(void)
{
	Calendar *calendar = g_new0(Calendar, 1);
	calendar->references = 1;
	calendar->years = g_hash_table_new(NULL, NULL);
	calendar->days = g_hash_table_new_full(NULL, NULL, NULL, day_free);
	return calendar;
}

Calendar *calendar_new_weekends(void)
{
	Calendar *calendar = calendar_new();
	calendar->weekends_alone = TRUE;
	return calendar;
}

Calendar *calendar_new_unknown(void)
{
	return calendar_new();
}

Calendar *calendar_ref(Calendar *calendar)
{
	g_atomic_int_inc(&calendar->references);
	return calendar;
}

void calendar_unref(Calendar *calendar)
{
	if (calendar == NULL || !g_atomic_int_dec_and_test(&calendar->references))
		return;
	g_hash_table_unref(calendar->years);
	g_hash_table_unref(calendar->days);
	g_free(calendar);
}

/* --- reading -------------------------------------------------------------------------------- */

static gssize language_index(const char *language)
{
	for (gsize i = 0; i < LANGUAGES; i++)
		if (language != NULL && g_ascii_strncasecmp(language, languages[i], 2) == 0)
			return (gssize)i;
	return -1;
}

static void take_name(Day *day, icalproperty *property)
{
	icalparameter *parameter = icalproperty_get_first_parameter(property, ICAL_LANGUAGE_PARAMETER);
	gssize index = parameter != NULL ? language_index(icalparameter_get_language(parameter)) : 0;
	const char *name = icalproperty_get_value_as_string(property);
	if (index >= 0 && day->names[index] == NULL && name != NULL && g_utf8_validate(name, -1, NULL))
		day->names[index] = g_strdup(name);
}

static Day *day_new(icalcomponent *event, CalendarDay kind)
{
	Day *day = g_new0(Day, 1);
	day->kind = kind;
	icalproperty *summary = icalcomponent_get_first_property(event, ICAL_SUMMARY_PROPERTY);
	if (summary != NULL)
		take_name(day, summary);
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_COMMENT_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(event, ICAL_COMMENT_PROPERTY))
		if (icalproperty_get_first_parameter(p, ICAL_LANGUAGE_PARAMETER) != NULL)
			take_name(day, p);
	return day;
}

/* FALSE: none of the three words. */
static gboolean read_kind(icalcomponent *event, CalendarDay *kind)
{
	static const struct {
		const char *word;
		CalendarDay kind;
	} words[] = {{"HOLIDAY", CALENDAR_HOLIDAY}, {"DAY-OFF", CALENDAR_DAY_OFF}, {"WORKING-DAY", CALENDAR_WORKING}};
	for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_CATEGORIES_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(event, ICAL_CATEGORIES_PROPERTY)) {
		g_auto(GStrv) list = g_strsplit(icalproperty_get_value_as_string(p), ",", -1);
		for (gsize i = 0; list[i] != NULL; i++)
			for (gsize w = 0; w < G_N_ELEMENTS(words); w++)
				if (g_ascii_strcasecmp(g_strstrip(list[i]), words[w].word) == 0) {
					*kind = words[w].kind;
					return TRUE;
				}
	}
	return FALSE;
}

static guint32 julian(struct icaltimetype time)
{
	GDate day;
	g_date_clear(&day, 1);
	if (icaltime_is_null_time(time) || !g_date_valid_dmy((GDateDay)time.day, (GDateMonth)time.month, (GDateYear)time.year))
		return 0;
	g_date_set_dmy(&day, (GDateDay)time.day, (GDateMonth)time.month, (GDateYear)time.year);
	return g_date_get_julian(&day);
}

/* One event's days, wherever it recurs within what the calendar covers. */
typedef struct {
	Calendar *calendar;
	icalcomponent *event;
	CalendarDay kind;
	guint length; /* days */
	gboolean clash;
} Filling;

static void fill(icalcomponent *event G_GNUC_UNUSED, struct icaltime_span *span, void *data)
{
	Filling *filling = data;
	/* Whole days are spans of UTC, where a day begins with a multiple of 86400. */
	guint32 first = julian(icaltime_from_timet_with_zone(span->start, TRUE, NULL));
	for (guint i = 0; first != 0 && i < filling->length; i++) {
		const Day *before = g_hash_table_lookup(filling->calendar->days, GUINT_TO_POINTER(first + i));
		/* Two feasts on one day are one free day; work and rest cannot both be. */
		if (before != NULL && (before->kind == CALENDAR_WORKING) != (filling->kind == CALENDAR_WORKING))
			filling->clash = TRUE;
		if (before == NULL)
			g_hash_table_insert(filling->calendar->days, GUINT_TO_POINTER(first + i),
			                    day_new(filling->event, filling->kind));
	}
}

static gboolean read_event(Calendar *calendar, icalcomponent *event, GError **error)
{
	Filling filling = {.calendar = calendar, .event = event, .length = 1};
	struct icaltimetype start = icalcomponent_get_dtstart(event), end = icalcomponent_get_dtend(event);
	guint32 first = julian(start);
	if (first == 0 || !start.is_date)
		return fail(error, event, "has no day: give DTSTART;VALUE=DATE");
	if (!read_kind(event, &filling.kind))
		return fail(error, event, "does not say what it is: give CATEGORIES as HOLIDAY, DAY-OFF or WORKING-DAY");
	if (!icaltime_is_null_time(end)) {
		if (!end.is_date || julian(end) <= first || julian(end) - first > DAYS_MAX)
			return fail(error, event, "ends before it begins, or too late: give DTEND;VALUE=DATE, the day after the last");
		filling.length = julian(end) - first;
	}
	g_hash_table_add(calendar->years, GINT_TO_POINTER(start.year));
	struct icaltimetype from = icaltime_from_string("19000101"), until = icaltime_from_string("21000101");
	icalcomponent_foreach_recurrence(event, from, until, fill, &filling);
	return !filling.clash || fail(error, event, "makes a day free that another event makes a working day");
}

static gboolean read_covers(Calendar *calendar, icalcomponent *whole, GError **error)
{
	for (icalproperty *p = icalcomponent_get_first_property(whole, ICAL_X_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(whole, ICAL_X_PROPERTY)) {
		if (g_ascii_strcasecmp(icalproperty_get_x_name(p), "X-SENIM-COVERS") != 0)
			continue;
		GDate first, last;
		g_date_clear(&first, 1);
		g_date_clear(&last, 1);
		int fy, fm, fd, ly, lm, ld, end = 0;
		const char *value = icalproperty_get_value_as_string(p);
		if (value != NULL && sscanf(value, "%4d-%2d-%2d/%4d-%2d-%2d%n", &fy, &fm, &fd, &ly, &lm, &ld, &end) == 6 &&
		    value[end] == '\0' && g_date_valid_dmy((GDateDay)fd, (GDateMonth)fm, (GDateYear)fy) &&
		    g_date_valid_dmy((GDateDay)ld, (GDateMonth)lm, (GDateYear)ly)) {
			g_date_set_dmy(&first, (GDateDay)fd, (GDateMonth)fm, (GDateYear)fy);
			g_date_set_dmy(&last, (GDateDay)ld, (GDateMonth)lm, (GDateYear)ly);
			calendar->first = g_date_get_julian(&first);
			calendar->last = g_date_get_julian(&last);
		}
		if (calendar->first == 0 || calendar->first > calendar->last)
			return fail(error, NULL, "'s X-SENIM-COVERS is no pair of dates: write it as 2024-01-01/2027-12-31");
	}
	return TRUE;
}

Calendar *calendar_read(const char *text, gsize size, GError **error)
{
	g_autoptr(Calendar) calendar = calendar_new();
	g_autofree char *copy = g_strndup(text, size);
	if (strlen(copy) != size || !g_utf8_validate(copy, -1, NULL)) {
		fail(error, NULL, "is no text in UTF-8: give it an iCalendar file");
		return NULL;
	}
	g_autoptr(icalcomponent) whole = icalparser_parse_string(copy);
	if (whole == NULL || icalcomponent_isa(whole) != ICAL_VCALENDAR_COMPONENT) {
		fail(error, NULL, "is no iCalendar text: it begins with BEGIN:VCALENDAR (RFC 5545)");
		return NULL;
	}
	if (icalcomponent_count_errors(whole) > 0) {
		fail(error, NULL, "has lines that are not iCalendar's: check it with the program that made it");
		return NULL;
	}
	if (!read_covers(calendar, whole, error))
		return NULL;
	for (icalcomponent *event = icalcomponent_get_first_component(whole, ICAL_VEVENT_COMPONENT); event != NULL;
	     event = icalcomponent_get_next_component(whole, ICAL_VEVENT_COMPONENT))
		if (!read_event(calendar, event, error))
			return NULL;
	if (g_hash_table_size(calendar->days) > 0)
		return g_steal_pointer(&calendar);
	fail(error, NULL, "has no day in it: give it one that has the public holidays");
	return NULL;
}

/* --- asking --------------------------------------------------------------------------------- */

static const Day *find(const Calendar *calendar, const GDate *day)
{
	return g_hash_table_lookup(calendar->days, GUINT_TO_POINTER(g_date_get_julian(day)));
}

static gboolean covers(const Calendar *calendar, const GDate *day)
{
	if (calendar->weekends_alone)
		return TRUE;
	if (calendar->first != 0)
		return g_date_get_julian(day) >= calendar->first && g_date_get_julian(day) <= calendar->last;
	return g_hash_table_contains(calendar->years, GINT_TO_POINTER((gint)g_date_get_year(day)));
}

CalendarDay calendar_day(const Calendar *calendar, const GDate *day)
{
	if (!covers(calendar, day))
		return CALENDAR_UNKNOWN;
	const Day *special = find(calendar, day);
	gboolean weekend = g_date_get_weekday(day) >= G_DATE_SATURDAY;
	if (special == NULL || (special->kind == CALENDAR_WORKING && !weekend))
		return weekend ? CALENDAR_WEEKEND : CALENDAR_WORKDAY;
	return special->kind;
}

gboolean calendar_is_working(CalendarDay day)
{
	return day == CALENDAR_WORKDAY || day == CALENDAR_WORKING;
}

const char *calendar_name(const Calendar *calendar, const GDate *day, const char *language)
{
	const Day *special = find(calendar, day);
	if (special == NULL)
		return NULL;
	gssize index = language_index(language);
	if (index >= 0 && special->names[index] != NULL)
		return special->names[index];
	for (gsize i = 0; i < LANGUAGES; i++)
		if (special->names[i] != NULL)
			return special->names[i];
	return NULL;
}

/* The first and the last day of which it speaks, widening what is there; nothing where it has no end, or knows none. */
static void widen(const Calendar *calendar, guint32 *first, guint32 *last)
{
	guint32 from = calendar->first, to = calendar->last;
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, calendar->years);
	while (calendar->first == 0 && g_hash_table_iter_next(&iter, &key, NULL)) {
		GDate day;
		g_date_clear(&day, 1);
		g_date_set_dmy(&day, 1, G_DATE_JANUARY, (GDateYear)GPOINTER_TO_INT(key));
		from = from == 0 ? g_date_get_julian(&day) : MIN(from, g_date_get_julian(&day));
		g_date_set_dmy(&day, 31, G_DATE_DECEMBER, (GDateYear)GPOINTER_TO_INT(key));
		to = MAX(to, g_date_get_julian(&day));
	}
	if (from == 0 || calendar->weekends_alone)
		return;
	*first = *first == 0 ? from : MIN(*first, from);
	*last = MAX(*last, to);
}

void calendar_compare(const Calendar *was, const Calendar *is, CalendarTake take, gpointer user)
{
	guint32 first = 0, last = 0;
	widen(was, &first, &last);
	widen(is, &first, &last);
	for (guint32 julian = first; first != 0 && julian <= last; julian++) {
		GDate day;
		g_date_clear(&day, 1);
		g_date_set_julian(&day, julian);
		CalendarDay before = calendar_day(was, &day), now = calendar_day(is, &day);
		if (calendar_is_working(before) != calendar_is_working(now) ||
		    (before == CALENDAR_UNKNOWN) != (now == CALENDAR_UNKNOWN))
			take(&day, before, now, user);
	}
}

gboolean calendar_last(const Calendar *calendar, GDate *last)
{
	if (calendar->weekends_alone)
		return FALSE;
	if (calendar->first != 0) {
		g_date_clear(last, 1);
		g_date_set_julian(last, calendar->last);
		return TRUE;
	}
	gint year = 0;
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, calendar->years);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		year = MAX(year, GPOINTER_TO_INT(key));
	g_date_clear(last, 1);
	g_date_set_dmy(last, 31, G_DATE_DECEMBER, (GDateYear)year);
	return TRUE;
}
