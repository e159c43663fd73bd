/* SPDX-License-Identifier: ISC */
#include "store/outages.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "store/private-file.h"

#define EVERY G_TIME_SPAN_MINUTE
#define SILENCE (3 * G_TIME_SPAN_MINUTE) /* of the milter, that says it lives once a minute */
#define FILE_MOST 4096
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

typedef enum { REGISTRAR, CLOCK, MILTER, NURSERY, MTA, REFUSED, TROUBLES } Kind;

static const char *const words[TROUBLES] = {"registrar", "clock", "milter", "nursery", "mta", "refused"};

/* since 0: all is well. until: when it ended, 0: it lasts. */
typedef struct {
	gint64 since, until;
	guint64 count;
	gboolean entered;
	const char *how; /* static */
	gint64 leap;     /* of the clock: seconds */
} Trouble;

struct Outages {
	Registry *registry;
	char *path, *boot;
	gint64 (*uptime)(void);
	GThread *thread;
	GMutex lock;
	GCond changed;
	/* under the lock */
	gboolean stopping;
	gint64 milter_seen; /* 0: never */
	Trouble troubles[TROUBLES];
	/* the looker's own */
	gint64 last_now, last_uptime;
};

static gint64 boot_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static char *boot_id(void)
{
	char *text = NULL;
	if (!g_file_get_contents(BOOT_ID, &text, NULL, NULL))
		return g_strdup("-");
	return g_strstrip(text);
}

/* --- noting ------------------------------------------------------------------------------------------------------------ */

/* Under the lock. What ended and comes back before anybody looked goes on. */
static void is_bad(Trouble *trouble, gint64 since, guint64 n)
{
	if (trouble->since == 0)
		trouble->since = since;
	trouble->until = 0;
	trouble->count += n;
}

static void is_good(Trouble *trouble, gint64 now)
{
	if (trouble->since != 0 && trouble->until == 0)
		trouble->until = MAX(now, trouble->since);
}

static void note(Outages *outages, Kind kind, gboolean good)
{
	gint64 now = registry_now(outages->registry);
	g_mutex_lock(&outages->lock);
	if (good)
		is_good(&outages->troubles[kind], now);
	else
		is_bad(&outages->troubles[kind], now, 0);
	g_mutex_unlock(&outages->lock);
}

void outages_milter(Outages *outages, gboolean nursery, guint64 put_off)
{
	gint64 now = registry_now(outages->registry);
	g_mutex_lock(&outages->lock);
	outages->milter_seen = now;
	is_good(&outages->troubles[MILTER], now);
	if (nursery)
		is_good(&outages->troubles[NURSERY], now);
	else
		is_bad(&outages->troubles[NURSERY], now, 0);
	if (put_off > 0)
		is_bad(&outages->troubles[REFUSED], now, put_off);
	g_mutex_unlock(&outages->lock);
}

void outages_report(Outages *outages, gboolean taken)
{
	note(outages, REFUSED, taken);
}

void outages_mta(Outages *outages, gboolean reached)
{
	note(outages, MTA, reached);
}

/* --- the file ---------------------------------------------------------------------------------------------------------- */

static const RecordField alive_schema[] = {{"senim-alive", 1, 1}, {"time", 1, 1},   {"uptime", 1, 1}, {"boot", 1, 1},
                                           {"ended", 1, 1},       {"milter", 1, 1}, {"trouble", 0, TROUBLES}, {NULL, 0, 0}};

static void write_file(Outages *outages, gboolean ended)
{
	gsize size;
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	record_add(record, "senim-alive", "1");
	record_add_printf(record, "time", "%" G_GINT64_FORMAT, outages->last_now);
	record_add_printf(record, "uptime", "%" G_GINT64_FORMAT, outages->last_uptime);
	record_add(record, "boot", outages->boot);
	record_add_bool(record, "ended", ended);
	g_mutex_lock(&outages->lock);
	record_add_printf(record, "milter", "%" G_GINT64_FORMAT, outages->milter_seen);
	for (guint i = 0; i < TROUBLES; i++) {
		const Trouble *t = &outages->troubles[i];
		if (t->since != 0)
			record_add_printf(record, "trouble", "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %d %s %" G_GINT64_FORMAT,
			                  words[i], t->since, t->until, t->count, t->entered, t->how != NULL ? t->how : "-", t->leap);
	}
	g_mutex_unlock(&outages->lock);
	g_autofree char *text = record_write(record, &size);
	if (!private_file_replace(outages->path, text, size, 0600, &error))
		log_warning("outages: %s", error->message);
}

static const char *how_of(const char *word)
{
	static const char *const hows[] = {"stopped", "died", "host", "ahead", "behind"};
	for (gsize i = 0; i < G_N_ELEMENTS(hows); i++)
		if (strcmp(hows[i], word) == 0)
			return hows[i];
	return NULL;
}

static void read_trouble(Outages *outages, const char *line)
{
	char what[16], how[16];
	int entered;
	Trouble t = {0};
	if (sscanf(line, "%15s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %d %15s %" G_GINT64_FORMAT, what,
	           &t.since, &t.until, &t.count, &entered, how, &t.leap) != 7)
		return;
	t.entered = entered != 0;
	t.how = how_of(how);
	for (guint i = 0; i < TROUBLES; i++)
		if (strcmp(words[i], what) == 0)
			outages->troubles[i] = t;
}

/* NULL: there is none, or it is of no use: nothing is known then of an outage. */
static Record *read_file(const Outages *outages)
{
	gsize size;
	g_autoptr(GError) error = NULL;
	if (!g_file_test(outages->path, G_FILE_TEST_EXISTS))
		return NULL;
	g_autoptr(GBytes) octets = private_file_read(outages->path, FILE_MOST, TRUE, &error);
	const void *text = octets != NULL ? g_bytes_get_data(octets, &size) : NULL;
	Record *record = text != NULL ? record_read(text, size, FILE_MOST, alive_schema, &error) : NULL;
	if (record == NULL)
		log_warning("outages: %s: whether there was an outage before this start cannot be told", error->message);
	return record;
}

/* --- since the last look ----------------------------------------------------------------------------------------------- */

/* The clock gained so much on the one that never leaps. */
static void note_leap(Outages *outages, gint64 now, gint64 gained)
{
	if (ABS(gained) < INCIDENT_LONG)
		return;
	Trouble *trouble = &outages->troubles[CLOCK];
	trouble->since = trouble->until = now;
	trouble->how = gained > 0 ? "ahead" : "behind";
	trouble->leap = gained / G_USEC_PER_SEC;
	trouble->entered = FALSE;
}

/* Nobody lived from `from` to now. */
static void note_outage(Outages *outages, gint64 from, gint64 now, const char *how)
{
	Trouble *trouble = &outages->troubles[REGISTRAR];
	if (now - from < INCIDENT_LONG)
		return;
	trouble->since = trouble->since != 0 ? MIN(trouble->since, from) : from;
	trouble->until = now;
	trouble->how = how;
}

static void take_last(Outages *outages, const Record *last)
{
	guint64 time, uptime, milter;
	gboolean ended, same = strcmp(record_get(last, "boot"), outages->boot) == 0;
	gint64 now = outages->last_now;
	if (!record_get_uint(last, "time", G_MAXINT64 / 2, &time, NULL) || !record_get_uint(last, "uptime", G_MAXINT64 / 2, &uptime, NULL) ||
	    !record_get_uint(last, "milter", G_MAXINT64 / 2, &milter, NULL) || !record_get_bool(last, "ended", &ended, NULL))
		return;
	for (guint i = 0; i < record_count(last, "trouble"); i++)
		read_trouble(outages, record_get_nth(last, "trouble", i));
	/* Its silence while nobody listened says nothing. */
	outages->milter_seen = milter != 0 ? now : 0;
	gint64 gap = same ? outages->last_uptime - (gint64)uptime : now - (gint64)time;
	if (same)
		note_leap(outages, now, now - (gint64)time - gap);
	note_outage(outages, now - gap, now, !same ? "host" : ended ? "stopped" : "died");
}

static void look_at_clock(Outages *outages, gint64 now, gint64 uptime)
{
	gint64 gained = now - outages->last_now - (uptime - outages->last_uptime);
	g_mutex_lock(&outages->lock);
	note_leap(outages, now, gained);
	gboolean silent = outages->milter_seen != 0 && now - outages->milter_seen > SILENCE && ABS(gained) < SILENCE;
	if (silent && outages->troubles[MILTER].since == 0)
		is_bad(&outages->troubles[MILTER], outages->milter_seen, 0);
	g_mutex_unlock(&outages->lock);
	outages->last_now = now;
	outages->last_uptime = uptime;
}

/* --- entering ---------------------------------------------------------------------------------------------------------- */

static gboolean is_there(const IncidentBook *book, Kind kind, gint64 from)
{
	for (guint i = 0; i < book->incidents->len; i++) {
		const Incident *incident = book->incidents->pdata[i];
		if (incident->from == from && strcmp(incident->what, words[kind]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* FALSE: not now. */
static gboolean enter_in(Ledger *ledger, Kind kind, const Trouble *trouble, gboolean ends)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IncidentBook) book = ledger_incidents(ledger, &error);
	g_autofree char *detail = NULL;
	const char *details[1];
	LedgerIncident incident = {.what = words[kind], .from = trouble->since, .to = trouble->until, .how = trouble->how,
	                           .refused = trouble->count, .details = details};
	if (book != NULL && ends) {
		const Incident *lasting = incident_book_lasting(book, words[kind]);
		if (lasting == NULL)
			return TRUE;
		incident.of = lasting->seq;
		incident.to = MAX(incident.to, lasting->from);
	} else if (book != NULL && is_there(book, kind, trouble->since)) {
		return TRUE;
	}
	if (kind == CLOCK) {
		details[0] = detail = g_strdup_printf("the clock was set by %+" G_GINT64_FORMAT " seconds", trouble->leap);
		incident.n_details = 1;
	}
	if (book != NULL && ledger_incident(ledger, &incident, &error))
		return TRUE;
	/* The ledger itself enters a clock by which it puts mail off. */
	if (kind == CLOCK && g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK))
		return TRUE;
	log_warning("outages: an incident cannot be entered now: %s", error->message);
	return FALSE;
}

static gboolean enter(Outages *outages, Kind kind, const Trouble *trouble, gboolean ends)
{
	gboolean entered = TRUE;
	for (guint i = 0; i < registry_count(outages->registry); i++)
		entered = enter_in(registry_ledger(outages->registry, i), kind, trouble, ends) && entered;
	if (entered)
		log_notice("an incident %s: %s; senim incident shows it", ends ? "has ended" : "was entered", words[kind]);
	return entered;
}

/* What was entered of the trouble as it was when this look began. */
static void settle(Outages *outages, Kind kind, const Trouble *was, gint64 now)
{
	g_mutex_lock(&outages->lock);
	Trouble *trouble = &outages->troubles[kind];
	if (was->until == 0) {
		trouble->entered = TRUE;
	} else if (trouble->until == was->until) {
		*trouble = (Trouble){0};
	} else { /* it came back meanwhile */
		*trouble = (Trouble){.since = now};
	}
	g_mutex_unlock(&outages->lock);
}

static void look_at(Outages *outages, Kind kind, gint64 now)
{
	g_mutex_lock(&outages->lock);
	Trouble trouble = outages->troubles[kind];
	g_mutex_unlock(&outages->lock);
	gboolean over = trouble.until != 0;
	gboolean is_long = kind == CLOCK || (over ? trouble.until : now) - trouble.since >= INCIDENT_LONG;
	if (trouble.since == 0 || (trouble.entered && !over) || (!over && !is_long))
		return;
	if ((!trouble.entered && !is_long) || enter(outages, kind, &trouble, trouble.entered))
		settle(outages, kind, &trouble, now);
}

void outages_look(Outages *outages)
{
	gint64 now = registry_now(outages->registry);
	look_at_clock(outages, now, outages->uptime());
	for (guint i = 0; i < TROUBLES; i++)
		look_at(outages, (Kind)i, now);
	write_file(outages, FALSE);
}

/* --- start and end ----------------------------------------------------------------------------------------------------- */

Outages *outages_new(Registry *registry, const OutagesOptions *options)
{
	Outages *outages = g_new0(Outages, 1);
	g_autoptr(Config) config = registry_config(registry);
	outages->registry = registry;
	outages->path = g_build_filename(config->state_directory, OUTAGES_MARK, NULL);
	outages->uptime = options != NULL && options->uptime != NULL ? options->uptime : boot_time;
	outages->boot = options != NULL && options->boot != NULL ? g_strdup(options->boot) : boot_id();
	g_mutex_init(&outages->lock);
	g_cond_init(&outages->changed);
	outages->last_now = registry_now(registry);
	outages->last_uptime = outages->uptime();
	g_autoptr(Record) last = read_file(outages);
	if (last != NULL)
		take_last(outages, last);
	return outages;
}

static gboolean sleep_once(Outages *outages)
{
	gint64 deadline = g_get_monotonic_time() + EVERY;
	g_mutex_lock(&outages->lock);
	while (!outages->stopping)
		if (!g_cond_wait_until(&outages->changed, &outages->lock, deadline))
			break;
	gboolean goes_on = !outages->stopping;
	g_mutex_unlock(&outages->lock);
	return goes_on;
}

static gpointer run(gpointer data)
{
	Outages *outages = data;
	do
		outages_look(outages);
	while (sleep_once(outages));
	return NULL;
}

void outages_start(Outages *outages)
{
	outages->thread = g_thread_new("outages", run, outages);
}

void outages_stop(Outages *outages)
{
	if (outages == NULL)
		return;
	g_mutex_lock(&outages->lock);
	outages->stopping = TRUE;
	g_cond_signal(&outages->changed);
	g_mutex_unlock(&outages->lock);
	if (outages->thread != NULL) {
		g_thread_join(outages->thread);
		outages_look(outages);
		write_file(outages, TRUE);
	}
	g_mutex_clear(&outages->lock);
	g_cond_clear(&outages->changed);
	g_free(outages->path);
	g_free(outages->boot);
	g_free(outages);
}
