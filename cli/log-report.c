/* SPDX-License-Identifier: ISC */
#include "cli/log-report.h"

#include <string.h>

#define NIGHT_BEGINS 22
#define NIGHT_ENDS 6

static const struct {
	const char *key, *label;
	gboolean stands_out;
} counts[LOG_COUNTS] = {
	[LOG_COUNT_LOOKS] = {"looks", N_("Looks at cases"), FALSE},
	[LOG_COUNT_CASES] = {"cases", N_("Different cases"), FALSE},
	[LOG_COUNT_CARDS] = {"cards", N_("Cards listed"), FALSE},
	[LOG_COUNT_SEARCHES] = {"searches", N_("Searches"), FALSE},
	[LOG_COUNT_EXTRACTS] = {"extracts", N_("Extracts on persons, and lists for a breach"), TRUE},
	[LOG_COUNT_NIGHT] = {"night", N_("At night (22:00 to 06:00)"), TRUE},
	[LOG_COUNT_FREE_DAY] = {"free_days", N_("On free days"), TRUE},
	[LOG_COUNT_REPEATED] = {"repeated", N_("Cases looked at five times and more"), TRUE},
	[LOG_COUNT_MANY] = {"many", N_("Days with more than twenty cases"), TRUE},
	[LOG_COUNT_EXPORTS] = {"exports", N_("Exports to files"), TRUE},
	[LOG_COUNT_OPEN_EXPORTS] = {"exports_left", N_("Exports not destroyed that month"), TRUE},
	[LOG_COUNT_PRINTS] = {"prints", N_("Printed copies"), TRUE},
	[LOG_COUNT_REDIRECTED] = {"redirected", N_("Redirected to law enforcement"), FALSE},
	[LOG_COUNT_MISDIRECTED] = {"redirected_wrong", N_("Redirections entered as wrong"), TRUE},
	[LOG_COUNT_REFUSED] = {"refused", N_("Refusals"), TRUE},
	[LOG_COUNT_BLOCKED] = {"blocked", N_("Blocked"), TRUE},
	[LOG_COUNT_WITHHELD] = {"withheld", N_("Cases kept from her"), TRUE},
	[LOG_COUNT_EXCEEDED] = {"exceeded", N_("Days over the limit of looks"), TRUE},
	[LOG_COUNT_WRONG] = {"signatures_wrong", N_("Acts whose signature does not hold"), TRUE},
};

const char *log_report_key(LogCount count)
{
	return counts[count].key;
}

const char *log_report_label(LogCount count)
{
	return _(counts[count].label);
}

gboolean log_report_stands_out(LogCount count)
{
	return counts[count].stands_out;
}

static void officer_free(gpointer data)
{
	LogOfficer *officer = data;
	g_free(officer->name);
	g_free(officer);
}

void log_report_free(LogReport *report)
{
	if (report == NULL)
		return;
	g_free(report->mailbox);
	g_ptr_array_unref(report->officers);
	g_free(report);
}

static LogOfficer *officer_of(LogReport *report, const char *name)
{
	for (guint i = 0; i < report->officers->len; i++) {
		LogOfficer *officer = report->officers->pdata[i];
		if (strcmp(officer->name, name) == 0)
			return officer;
	}
	LogOfficer *officer = g_new0(LogOfficer, 1);
	officer->name = g_strdup(name);
	g_ptr_array_add(report->officers, officer);
	return officer;
}

/* --- days -------------------------------------------------------------------------------------------------------------- */

/* What is counted while the month is gone through. */
typedef struct {
	Session *session;
	const LogBook *book;
	LogReport *report;
	GHashTable *free_days; /* "2026-11-22" to "yes" or "" */
	GHashTable *looks;     /* "OFFICER CASE" to number */
	GHashTable *days;      /* "OFFICER DAY CASE": seen; and "OFFICER DAY" to number of cases */
	GHashTable *purged;    /* seq as text of exports */
} Count;

static GDateTime *local(const Count *count, gint64 time)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	return g_date_time_to_timezone(utc, desk_client_zone(count->session->desk));
}

/* The desk explains the day from which a report of that noon counts: not that day itself where it is none of work. */
static gboolean is_free(const Count *count, GDateTime *when, gboolean *is, GError **error)
{
	g_autofree char *day = g_date_time_format(when, "%Y-%m-%d");
	const char *known = g_hash_table_lookup(count->free_days, day);
	if (known == NULL) {
		g_autoptr(GDateTime) noon = g_date_time_new(desk_client_zone(count->session->desk), g_date_time_get_year(when),
		                                            g_date_time_get_month(when), g_date_time_get_day_of_month(when), 12, 0, 0);
		json_t *body = json_pack("{s:s, s:I}", "mailbox", count->book->mailbox, "at",
		                         (json_int_t)(g_date_time_to_unix(noon) * G_USEC_PER_SEC));
		g_autoptr(json_t) answer = desk_client_post(count->session->desk, "/v1/why", body, NULL, error);
		json_t *days = answer != NULL ? desk_get_array(answer, "days", error) : NULL;
		if (days == NULL)
			return FALSE;
		const char *why = json_string_value(json_object_get(json_array_get(days, 0), "why"));
		static const char *const free_words[] = {"weekend", "holiday", "day-off", NULL};
		known = why != NULL && g_strv_contains(free_words, why) ? "yes" : "";
		g_hash_table_insert(count->free_days, g_strdup(day), (gpointer)known);
	}
	*is = *known != '\0';
	return TRUE;
}

static guint bump(GHashTable *table, const char *key)
{
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(table, key)) + 1;
	g_hash_table_insert(table, g_strdup(key), GUINT_TO_POINTER(n));
	return n;
}

/* --- one entry --------------------------------------------------------------------------------------------------------- */

static void count_case(Count *count, LogOfficer *officer, GDateTime *when, const char *seq)
{
	g_autofree char *date = g_date_time_format(when, "%Y-%m-%d");
	g_autofree char *pair = g_strdup_printf("%s %s", officer->name, seq);
	g_autofree char *seen = g_strdup_printf("%s %s %s", officer->name, date, seq);
	g_autofree char *day = g_strdup_printf("%s %s", officer->name, date);
	guint looks = bump(count->looks, pair);
	officer->counts[LOG_COUNT_CASES] += looks == 1;
	officer->counts[LOG_COUNT_REPEATED] += looks == LOG_REPORT_REPEATED;
	if (bump(count->days, seen) == 1)
		officer->counts[LOG_COUNT_MANY] += bump(count->days, day) == LOG_REPORT_MANY + 1;
}

static gboolean count_look(Count *count, LogOfficer *officer, const LogEntry *entry, GError **error)
{
	gboolean off;
	const char *seq;
	g_autoptr(GDateTime) when = local(count, entry->time);
	gint hour = g_date_time_get_hour(when);
	if (!is_free(count, when, &off, error))
		return FALSE;
	officer->counts[LOG_COUNT_LOOKS]++;
	officer->counts[LOG_COUNT_NIGHT] += hour >= NIGHT_BEGINS || hour < NIGHT_ENDS;
	officer->counts[LOG_COUNT_FREE_DAY] += off;
	for (guint i = 0; (seq = record_get_nth(entry->record, "case", i)) != NULL; i++) {
		officer->counts[LOG_COUNT_CARDS] += entry->kind == ENTRY_LISTED;
		if (entry->kind == ENTRY_OPENED)
			count_case(count, officer, when, seq);
	}
	if (g_strcmp0(record_get(entry->record, "act"), "export") == 0) {
		g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, entry->seq);
		officer->counts[LOG_COUNT_EXPORTS]++;
		officer->counts[LOG_COUNT_OPEN_EXPORTS] += !g_hash_table_contains(count->purged, number);
	}
	return TRUE;
}

/* What an act of redirection is: a kit made or a letter queued, or the word that one was wrong. */
static void count_redirection(LogOfficer *officer, const LogEntry *entry)
{
	const char *act = record_get(entry->record, "act");
	if (entry->kind != ENTRY_REDIRECTED)
		return;
	officer->counts[LOG_COUNT_REDIRECTED] += g_strcmp0(act, "made") == 0 || g_strcmp0(act, "queued") == 0;
	officer->counts[LOG_COUNT_MISDIRECTED] += g_strcmp0(act, "wrong") == 0;
}

static gboolean count_entry(Count *count, const LogEntry *entry, GError **error)
{
	LogReport *report = count->report;
	report->elsewhere += entry->state == LOG_ELSEWHERE;
	report->kept_back += entry->state == LOG_KEPT_BACK;
	if (entry->state != LOG_SHOWN)
		return TRUE;
	const char *who = log_book_who(entry), *name = record_get(entry->record, "name");
	if (entry->kind == ENTRY_BLOCKED && name != NULL)
		officer_of(report, name)->counts[LOG_COUNT_BLOCKED]++;
	if (entry->kind == ENTRY_WITHHELD_FROM && record_get(entry->record, "from") != NULL)
		officer_of(report, record_get(entry->record, "from"))->counts[LOG_COUNT_WITHHELD]++;
	if (strcmp(who, "-") == 0)
		return TRUE;
	LogOfficer *officer = officer_of(report, who);
	officer->counts[LOG_COUNT_SEARCHES] += entry->kind == ENTRY_SEARCHED;
	officer->counts[LOG_COUNT_EXTRACTS] += entry->kind == ENTRY_EXTRACTED;
	officer->counts[LOG_COUNT_PRINTS] += entry->kind == ENTRY_PRINTED;
	officer->counts[LOG_COUNT_REFUSED] += entry->kind == ENTRY_REFUSED;
	count_redirection(officer, entry);
	officer->counts[LOG_COUNT_EXCEEDED] += entry->kind == ENTRY_EXCEEDED;
	officer->counts[LOG_COUNT_WRONG] += entry->sign == LOG_SIGN_WRONG;
	return !log_book_is_look(entry) || count_look(count, officer, entry, error);
}

static void note_purged(GHashTable *purged, const LogEntry *entry)
{
	const char *seq;
	for (guint i = 0; entry->record != NULL && entry->kind == ENTRY_PURGED &&
	                  (seq = record_get_nth(entry->record, "export", i)) != NULL; i++)
		g_hash_table_add(purged, (gpointer)seq);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp((*(LogOfficer *const *)a)->name, (*(LogOfficer *const *)b)->name);
}

LogReport *log_report_make(Session *session, const LogBook *book, GError **error)
{
	g_autoptr(LogReport) report = g_new0(LogReport, 1);
	report->mailbox = g_strdup(book->mailbox);
	report->officers = g_ptr_array_new_with_free_func(officer_free);
	g_autoptr(GHashTable) free_days = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) looks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) days = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) purged = g_hash_table_new(g_str_hash, g_str_equal);
	Count count = {session, book, report, free_days, looks, days, purged};
	/* Whoever is in force stands in it, also with nothing done. */
	for (guint i = 0; book->whole && i < book->people->persons->len; i++) {
		const PeoplePerson *person = book->people->persons->pdata[i];
		if (strcmp(person->role, "recovery") != 0)
			officer_of(report, person->name);
	}
	for (guint i = 0; i < book->entries->len; i++)
		note_purged(purged, book->entries->pdata[i]);
	for (guint i = 0; i < book->entries->len; i++)
		if (!count_entry(&count, book->entries->pdata[i], error))
			return NULL;
	g_ptr_array_sort(report->officers, by_name);
	return g_steal_pointer(&report);
}
