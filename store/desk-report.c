/* SPDX-License-Identifier: ISC */
/* /v1/report: how many reports, of what kind, in which months (KMO 7, 14; ALES 4.15). Counts alone, of facts and of what the
 * entries say in clear: nothing is decrypted, nothing is entered.
 *
 * A report counts in the month of the day from which it counts; where the calendar does not know that, of the day on which it
 * came. What happened to it (acknowledged, closed) counts with it; redirections, what was forwarded, and terms in the month in which
 * they were: a redirection in that in which it left, by the chancellery's number or by mail; a kit that has not is prepared, in
 * the month in which it was made. A category of fewer than REPORT_SMALL in a month is merged with the others of that month, and stands by itself in
 * the year once it reaches that. Of a case that is not the asker's only number, channel and terms count: else she would read
 * its verdict off the difference. A supervisor has all of it. */
#include <stdio.h>
#include <string.h>

#include "base/day.h"
#include "store/cases.h"
#include "store/desk-act.h"
#include "store/desk-json.h"

#define REPORT_SMALL 3
#define MONTHS_MAX 24
#define PAGE 5000u
#define CASES_PAGE 500u
#define MERGED "merged"

typedef struct {
	guint64 seq;
	int month;   /* index; -1: before the first */
	gint64 received, acknowledged, replied, closed; /* microseconds, 0: not; replied: first */
	gboolean advised, none; /* told which body to turn to; no answer is due */
	guint due;   /* julian day; 0: unknown */
	const char *outcome; /* interned */
} ReportCase;

/* A case's last redirection. */
typedef struct {
	guint64 seq; /* of the case */
	gint64 begun;
	gboolean left, wrong;
} ReportRedirection;

typedef struct {
	guint total, aside, acknowledged, held, answered, in_term, overdue, redirected, prepared, wrong, forwarded, replied, advised, no_answer;
	guint erasures, stopped, erased; /* orders, orders that were stopped, orders that were carried out */
	guint incidents, reconciled, unregistered; /* unregistered: of the MTA's log, found in no register */
	GHashTable *channels, *verdicts, *languages, *categories, *outcomes; /* word to number */
	GArray *to_acknowledge, *to_answer, *to_reply; /* gint64, seconds */
} Month;

typedef struct {
	const DeskCall *call;
	const DeskPlace *place;
	const ConfigMailbox *mailbox;
	guint year, month, n; /* the last month and how many */
	Month months[MONTHS_MAX];
	GHashTable *year_categories;
	GHashTable *cases; /* seq to ReportCase */
	GHashTable *redirections; /* seq to ReportRedirection */
	guint64 carried_out; /* the last order of which an ERASED was seen: each message has one */
} Report;

static void report_clear(Report *report)
{
	for (guint i = 0; i < report->n; i++) {
		Month *month = &report->months[i];
		GHashTable *tables[] = {month->channels, month->verdicts, month->languages, month->categories, month->outcomes};
		for (gsize k = 0; k < G_N_ELEMENTS(tables); k++)
			g_hash_table_unref(tables[k]);
		g_array_unref(month->to_acknowledge);
		g_array_unref(month->to_answer);
		g_array_unref(month->to_reply);
	}
	g_clear_pointer(&report->year_categories, g_hash_table_unref);
	g_clear_pointer(&report->cases, g_hash_table_unref);
	g_clear_pointer(&report->redirections, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Report, report_clear)

static GHashTable *words_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void bump(GHashTable *table, const char *word)
{
	const char *key = word != NULL ? word : "-";
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(table, key));
	g_hash_table_insert(table, g_strdup(key), GUINT_TO_POINTER(n + 1));
}

static void begin(Report *report)
{
	for (guint i = 0; i < report->n; i++) {
		Month *month = &report->months[i];
		month->channels = words_new();
		month->verdicts = words_new();
		month->languages = words_new();
		month->categories = words_new();
		month->outcomes = words_new();
		month->to_acknowledge = g_array_new(FALSE, FALSE, sizeof(gint64));
		month->to_answer = g_array_new(FALSE, FALSE, sizeof(gint64));
		month->to_reply = g_array_new(FALSE, FALSE, sizeof(gint64));
	}
	report->year_categories = words_new();
	report->cases = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	report->redirections = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
}

/* --- when ---------------------------------------------------------------------------------------------------------------- */

static void day_of(const Report *report, gint64 time, GDate *day)
{
	day_at(time, report->call->config->timezone, day);
}

/* Which of the months it is: -1 before them, n behind. */
static int month_of(const Report *report, const GDate *day)
{
	int last = (int)(report->year * 12 + report->month), this = (int)(g_date_get_year(day) * 12 + g_date_get_month(day));
	int index = this - last + (int)report->n - 1;
	return CLAMP(index, -1, (int)report->n);
}

static Month *month_at(Report *report, gint64 time)
{
	GDate day;
	g_date_clear(&day, 1);
	day_of(report, time, &day);
	int index = month_of(report, &day);
	return index >= 0 && index < (int)report->n ? &report->months[index] : NULL;
}

/* --- cases ----------------------------------------------------------------------------------------------------------------- */

static void count_case(Report *report, const LedgerCase *c, const ReportCase *one, gboolean this_year)
{
	Month *month = one->month >= 0 && one->month < (int)report->n ? &report->months[one->month] : NULL;
	gboolean hers = report->place->supervisor || desk_place_why_not(report->place, c) == NULL;
	const char *category = hers ? c->category : "elsewhere";
	if (this_year)
		bump(report->year_categories, category);
	if (month == NULL)
		return;
	month->total++;
	bump(month->channels, record_get(c->facts, "channel"));
	bump(month->categories, category);
	bump(month->verdicts, hers ? record_get(c->facts, "verdict") : "elsewhere");
	bump(month->languages, hers ? record_get(c->facts, "language") : "elsewhere");
	bump(month->outcomes, one->outcome);
	month->held += g_strcmp0(c->ack_state, "withheld") == 0;
}

/* How it stands today. */
static const char *outcome_of(const LedgerCase *c)
{
	if (strcmp(c->state, "closed") == 0)
		return c->result != NULL ? c->result : "closed";
	return strcmp(c->state, "set-aside") == 0 ? "set-aside" : "open";
}

static void take_case(Report *report, const LedgerCase *c)
{
	GDate official, due, came;
	const DeskHooks *hooks = report->call->hooks;
	g_date_clear(&official, 1);
	g_date_clear(&due, 1);
	g_date_clear(&came, 1);
	day_of(report, c->received, &came);
	if (report->mailbox != NULL && hooks->dates != NULL)
		hooks->dates(report->call->config, report->mailbox, c->received, &official, &due, hooks->user);
	const GDate *day = g_date_valid(&official) ? &official : &came;
	int index = month_of(report, day);
	if (c->aside) {
		if (index >= 0 && index < (int)report->n)
			report->months[index].aside++;
		return;
	}
	ReportCase *one = g_new0(ReportCase, 1);
	one->seq = c->seq;
	one->month = index;
	one->received = c->received;
	one->due = g_date_valid(&due) ? g_date_get_julian(&due) : 0;
	one->outcome = g_intern_string(outcome_of(c));
	g_hash_table_insert(report->cases, &one->seq, one);
	count_case(report, c, one, g_date_get_year(day) == report->year && index < (int)report->n);
}

static gboolean take_cases(Report *report, GError **error)
{
	guint64 after = LEDGER_NOTHING;
	while (g_atomic_int_get(report->call->stopping) == 0) {
		g_autoptr(GPtrArray) cases = ledger_cases(report->place->ledger, LEDGER_CASES_ALL, after, CASES_PAGE, error);
		if (cases == NULL)
			return FALSE;
		for (guint i = 0; i < cases->len; i++) {
			take_case(report, cases->pdata[i]);
			after = ((LedgerCase *)cases->pdata[i])->seq;
		}
		if (cases->len < CASES_PAGE)
			break;
	}
	return TRUE;
}

/* --- what happened to them --------------------------------------------------------------------------------------------------- */

/* On paper, by mail, by itself: each begins with a word of its own, and what came of it later is another entry. */
static gboolean begins_handout(const char *act)
{
	static const char *const words[] = {"made", "queued", "automatic", NULL};
	return act != NULL && g_strv_contains(words, act);
}

static void take_forwarded(Report *report, const Record *record, gint64 time)
{
	Month *month = month_at(report, time);
	if (month != NULL)
		month->forwarded += begins_handout(record_get(record, "act"));
}

/* It left with its number or by mail, whichever comes first; wrong is what had left, also where that was said before. */
static void take_redirected(Report *report, const Record *record, gint64 time)
{
	guint64 seq;
	const char *act = record_get(record, "act");
	if (!record_get_uint(record, "case", G_MAXINT64, &seq, NULL))
		return;
	ReportRedirection *last = g_hash_table_lookup(report->redirections, &seq);
	if (begins_handout(act)) {
		last = g_new0(ReportRedirection, 1);
		last->seq = seq;
		last->begun = time;
		g_hash_table_replace(report->redirections, &last->seq, last);
		return;
	}
	if (last == NULL)
		return;
	gboolean leaves = !last->left && (g_strcmp0(act, "numbered") == 0 || g_strcmp0(act, "sent") == 0);
	gboolean errs = !last->wrong && g_strcmp0(act, "wrong") == 0;
	last->left |= leaves;
	last->wrong |= errs;
	Month *month = month_at(report, time);
	if (month == NULL)
		return;
	month->redirected += leaves;
	month->wrong += (leaves || errs) && last->left && last->wrong;
}

static void count_prepared(Report *report)
{
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, report->redirections);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const ReportRedirection *last = value;
		Month *month = last->left || last->wrong ? NULL : month_at(report, last->begun);
		if (month != NULL)
			month->prepared++;
	}
}

/* The first answer counts; that none is due only where none was given. */
static void take_reply(ReportCase *c, guint kind, const Record *record, gint64 time)
{
	const char *act = record_get(record, "act");
	c->none |= g_strcmp0(act, "none") == 0;
	if (g_strcmp0(act, "given") != 0)
		return;
	c->advised |= kind == ENTRY_ADVISED;
	c->replied = c->replied == 0 ? time : c->replied;
}

/* The emergency journal, by the month in which an incident began, and comparisons of the MTA's log. */
static void take_works(Report *report, guint kind, const Record *record, gint64 time)
{
	guint64 from, missing, past;
	gboolean opened = kind == ENTRY_INCIDENT && g_strcmp0(record_get(record, "act"), "opened") == 0 &&
	                  record_get_uint(record, "from", G_MAXINT64 / 2, &from, NULL);
	Month *month = month_at(report, opened ? (gint64)from : time);
	if (month == NULL)
		return;
	month->incidents += opened;
	month->reconciled += kind == ENTRY_RECONCILED;
	if (kind == ENTRY_RECONCILED && record_get_uint(record, "missing", G_MAXUINT, &missing, NULL) &&
	    record_get_uint(record, "past", G_MAXUINT, &past, NULL))
		month->unregistered += (guint)(missing + past);
}

static void take_erasure(Report *report, guint kind, const Record *record, gint64 time)
{
	guint64 of = 0;
	const char *act = record_get(record, "act");
	Month *month = month_at(report, time);
	record_get_uint(record, "of", G_MAXINT64, &of, NULL);
	gboolean first = kind == ENTRY_ERASED && of != report->carried_out;
	if (kind == ENTRY_ERASED)
		report->carried_out = of;
	if (month == NULL)
		return;
	month->erased += first;
	month->erasures += kind == ENTRY_ERASURE && g_strcmp0(act, "ordered") == 0;
	month->stopped += kind == ENTRY_ERASURE && g_strcmp0(act, "stopped") == 0;
}

static void take_record(Report *report, guint kind, const Record *record)
{
	guint64 seq, time;
	if (!record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		return;
	if (kind == ENTRY_REDIRECTED || kind == ENTRY_FORWARDED) {
		(kind == ENTRY_REDIRECTED ? take_redirected : take_forwarded)(report, record, (gint64)time);
		return;
	}
	if (kind == ENTRY_ERASURE || kind == ENTRY_ERASED) {
		take_erasure(report, kind, record, (gint64)time);
		return;
	}
	if (kind == ENTRY_INCIDENT || kind == ENTRY_RECONCILED) {
		take_works(report, kind, record, (gint64)time);
		return;
	}
	ReportCase *c = record_get_uint(record, "case", G_MAXINT64, &seq, NULL) ? g_hash_table_lookup(report->cases, &seq) : NULL;
	if (c == NULL)
		return;
	if (kind == ENTRY_ACKNOWLEDGED && c->acknowledged == 0)
		c->acknowledged = (gint64)time;
	else if (kind == ENTRY_CLOSED || kind == ENTRY_SET_ASIDE)
		c->closed = (gint64)time;
	else if (kind == ENTRY_REOPENED)
		c->closed = 0;
	else if (kind == ENTRY_REPLIED || kind == ENTRY_ADVISED)
		take_reply(c, kind, record, (gint64)time);
}

static gboolean take_entry(Report *report, const guint8 *data, GError **error)
{
	Entry read;
	LedgerEntry entry = {0};
	g_autoptr(GError) inner = NULL;
	if (!entry_decode(data, &read, error))
		return FALSE;
	if (read.kind != ENTRY_ACKNOWLEDGED && read.kind != ENTRY_CLOSED && read.kind != ENTRY_SET_ASIDE &&
	    read.kind != ENTRY_REOPENED && read.kind != ENTRY_REDIRECTED && read.kind != ENTRY_FORWARDED &&
	    read.kind != ENTRY_REPLIED && read.kind != ENTRY_ADVISED && read.kind != ENTRY_INCIDENT && read.kind != ENTRY_RECONCILED &&
	    read.kind != ENTRY_ERASURE && read.kind != ENTRY_ERASED)
		return TRUE;
	if (!ledger_entry(report->place->ledger, read.seq, &entry, &inner)) {
		if (g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
			return TRUE; /* destroyed lawfully */
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	if (record != NULL)
		take_record(report, read.kind, record);
	ledger_entry_clear(&entry);
	return TRUE;
}

static gboolean take_entries(Report *report, GError **error)
{
	Ledger *ledger = report->place->ledger;
	for (guint64 from = 0, end = ledger_size(ledger); from < end && g_atomic_int_get(report->call->stopping) == 0;) {
		gsize size;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, PAGE, error);
		const guint8 *data = entries != NULL ? g_bytes_get_data(entries, &size) : NULL;
		if (data == NULL)
			return FALSE;
		for (gsize i = 0; i + ENTRY_SIZE <= size; i += ENTRY_SIZE, from++)
			if (!take_entry(report, data + i, error))
				return FALSE;
	}
	return TRUE;
}

static void count_reply(Month *month, const ReportCase *c)
{
	gint64 seconds = (c->replied - c->received) / G_USEC_PER_SEC;
	month->no_answer += c->replied == 0 && c->none;
	if (c->replied == 0)
		return;
	month->replied++;
	month->advised += c->advised;
	g_array_append_val(month->to_reply, seconds);
}

/* Overdue in the month in which its term ended: not closed by then, or later than that. */
static void count_times(Report *report, const ReportCase *c)
{
	GDate day;
	Month *month = c->month >= 0 && c->month < (int)report->n ? &report->months[c->month] : NULL;
	gint64 seconds;
	guint closed = 0;
	if (c->closed != 0) {
		g_date_clear(&day, 1);
		day_of(report, c->closed, &day);
		closed = g_date_get_julian(&day);
	}
	if (month != NULL && c->acknowledged != 0) {
		seconds = (c->acknowledged - c->received) / G_USEC_PER_SEC;
		month->acknowledged++;
		g_array_append_val(month->to_acknowledge, seconds);
	}
	if (month != NULL)
		count_reply(month, c);
	if (month != NULL && closed != 0 && strcmp(c->outcome, "set-aside") != 0) { /* no answer to a report */
		seconds = (c->closed - c->received) / G_USEC_PER_SEC;
		month->answered++;
		month->in_term += c->due != 0 && closed <= c->due;
		g_array_append_val(month->to_answer, seconds);
	}
	if (c->due == 0)
		return;
	day_of(report, report->place->now, &day);
	gboolean late = closed != 0 ? closed > c->due : g_date_get_julian(&day) > c->due;
	g_date_set_julian(&day, c->due);
	int index = month_of(report, &day);
	if (late && index >= 0 && index < (int)report->n)
		report->months[index].overdue++;
}

static void count_all_times(Report *report)
{
	GHashTableIter iter;
	gpointer c;
	g_hash_table_iter_init(&iter, report->cases);
	while (g_hash_table_iter_next(&iter, NULL, &c))
		count_times(report, c);
}

/* --- the answer ---------------------------------------------------------------------------------------------------------------- */

/* small: a word of fewer than REPORT_SMALL goes into one sum with the other such. What has no category, or is another's, is
 * no category. */
static json_t *words_json(GHashTable *words, gboolean small)
{
	json_t *object = json_object();
	GHashTableIter iter;
	gpointer word, number;
	json_int_t merged = 0;
	g_hash_table_iter_init(&iter, words);
	while (g_hash_table_iter_next(&iter, &word, &number)) {
		gboolean named = strcmp(word, "-") != 0 && strcmp(word, "elsewhere") != 0;
		if (small && named && GPOINTER_TO_UINT(number) < REPORT_SMALL)
			merged += GPOINTER_TO_UINT(number);
		else
			json_object_set_new(object, word, json_integer(GPOINTER_TO_UINT(number)));
	}
	if (merged > 0)
		json_object_set_new(object, MERGED, json_integer(merged));
	return object;
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
	return one < other ? -1 : one > other;
}

/* {"median": seconds, "longest": seconds}, null where there is none. */
static json_t *times_json(GArray *times)
{
	if (times->len == 0)
		return json_null();
	g_array_sort(times, by_length);
	gint64 low = g_array_index(times, gint64, (times->len - 1) / 2), high = g_array_index(times, gint64, times->len / 2);
	return json_pack("{s:I, s:I}", "median", (json_int_t)((low + high) / 2), "longest",
	                 (json_int_t)g_array_index(times, gint64, times->len - 1));
}

static json_t *month_json(const Report *report, guint i)
{
	const Month *month = &report->months[i];
	guint number = report->year * 12 + report->month - 1 - (report->n - 1 - i);
	g_autofree char *name = g_strdup_printf("%04u-%02u", number / 12, number % 12 + 1);
	json_t *object = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "month", name, "total", (int)month->total,
	                           "aside", (int)month->aside, "acknowledged", (int)month->acknowledged, "held", (int)month->held,
	                           "answered", (int)month->answered, "in_term", (int)month->in_term, "overdue", (int)month->overdue,
	                           "redirected", (int)month->redirected, "wrongly_redirected", (int)month->wrong, "forwarded",
	                           (int)month->forwarded);
	json_object_set_new(object, "redirections_prepared", json_integer(month->prepared));
	json_object_set_new(object, "erasures_ordered", json_integer(month->erasures));
	json_object_set_new(object, "erasures_stopped", json_integer(month->stopped));
	json_object_set_new(object, "erasures_carried_out", json_integer(month->erased));
	json_object_set_new(object, "incidents", json_integer(month->incidents));
	json_object_set_new(object, "reconciled", json_integer(month->reconciled));
	json_object_set_new(object, "unregistered", json_integer(month->unregistered));
	json_object_set_new(object, "channels", words_json(month->channels, FALSE));
	json_object_set_new(object, "verdicts", words_json(month->verdicts, FALSE));
	json_object_set_new(object, "languages", words_json(month->languages, FALSE));
	json_object_set_new(object, "categories", words_json(month->categories, TRUE));
	json_object_set_new(object, "outcomes", words_json(month->outcomes, FALSE));
	json_object_set_new(object, "to_acknowledge", times_json(month->to_acknowledge));
	json_object_set_new(object, "to_answer", times_json(month->to_answer));
	json_object_set_new(object, "replied", json_integer(month->replied));
	json_object_set_new(object, "advised", json_integer(month->advised));
	json_object_set_new(object, "no_answer", json_integer(month->no_answer));
	json_object_set_new(object, "to_reply", times_json(month->to_reply));
	return object;
}

static json_t *report_json(const Report *report)
{
	json_t *answer = desk_json_answer(), *months = json_array();
	for (guint i = 0; i < report->n; i++)
		json_array_append_new(months, month_json(report, i));
	json_object_set_new(answer, "months", months);
	json_object_set_new(answer, "year_categories", words_json(report->year_categories, TRUE));
	json_object_set_new(answer, "whole", json_boolean(report->place->supervisor));
	return answer;
}

static void serve_report(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox, *month;
	json_int_t n;
	int used = 0;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	g_auto(Report) report = {.call = call, .place = &place};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:s, s:I}", "mailbox", &mailbox, "month", &month, "months", &n) != 0 ||
	    n < 1 || n > MONTHS_MAX || sscanf(month, "%4u-%2u%n", &report.year, &report.month, &used) != 2 || month[used] != '\0' ||
	    report.year < 1970 || report.month < 1 || report.month > 12) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	report.mailbox = config_mailbox(call->config, place.mailbox);
	report.n = (guint)n;
	begin(&report);
	if (!take_cases(&report, &error) || !take_entries(&report, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	count_all_times(&report);
	count_prepared(&report);
	desk_place_done(reply, report_json(&report));
}

const DeskAct desk_report_acts[] = {
	{"/v1/report", FALSE, serve_report},
	{0},
};
