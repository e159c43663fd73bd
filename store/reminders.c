/* SPDX-License-Identifier: ISC */
#include "store/reminders.h"

#include <string.h>

#include "base/finding.h"
#include "base/log.h"
#include "store/desk-place.h"
#include "store/notices.h"
#include "store/outbox.h"

#define PAGE 500
#define AFTER_FAILURE (60 * (gint64)G_USEC_PER_SEC)

typedef struct {
	const ReminderHooks *hooks;
	const Config *config;
	const ConfigMailbox *mailbox;
	Ledger *ledger;
	gint64 now, hour; /* microseconds UTC */
	gboolean first;   /* of its day */
	char *text;       /* "2026-11-23T09:00" */
	GHashTable *told; /* names */
	GPtrArray *cases; /* LedgerCase: open, arrived by then */
} Hour;

static void hour_clear(Hour *hour)
{
	g_free(hour->text);
	g_clear_pointer(&hour->told, g_hash_table_unref);
	g_clear_pointer(&hour->cases, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hour, hour_clear)

/* --- which hour ------------------------------------------------------------------------------------------------------- */

static gint64 moment_of(GDateTime *day, guint minutes, GTimeZone *zone)
{
	g_autoptr(GDateTime) at = g_date_time_new(zone, g_date_time_get_year(day), g_date_time_get_month(day),
	                                          g_date_time_get_day_of_month(day), (gint)minutes / 60, (gint)minutes % 60, 0);
	return at != NULL ? g_date_time_to_unix(at) * G_USEC_PER_SEC : 0;
}

/* The last of today's hours that has come, 0 none, and the next one after now, whichever day it is on. */
static gint64 find_hour(const Config *config, const ConfigMailbox *mailbox, gint64 now, gboolean *first, gint64 *next)
{
	gint64 found = 0;
	guint before = 0;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) today = g_date_time_to_timezone(utc, config->timezone);
	g_autoptr(GDateTime) tomorrow = g_date_time_add_days(today, 1);
	*next = G_MAXINT64;
	for (guint i = 0; mailbox->notice_hours[i] != NULL; i++) {
		guint minutes = config_clock(mailbox->notice_hours[i]);
		gint64 at = moment_of(today, minutes, config->timezone);
		before += at <= now;
		found = at <= now ? MAX(found, at) : found;
		*next = MIN(*next, at > now ? at : moment_of(tomorrow, minutes, config->timezone));
	}
	*first = before == 1;
	return found;
}

static char *hour_text(const Hour *hour)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(hour->hour / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, hour->config->timezone);
	return g_date_time_format(local, "%Y-%m-%dT%H:%M");
}

static gboolean note_told(const Record *record, gpointer user)
{
	const Hour *hour = user;
	if (g_strcmp0(record_get(record, "hour"), hour->text) == 0)
		g_hash_table_add(hour->told, g_strdup(record_get(record, "to")));
	return TRUE;
}

/* --- what waits --------------------------------------------------------------------------------------------------------- */

static gboolean read_cases(Hour *hour, GError **error)
{
	guint64 after = LEDGER_NOTHING;
	hour->cases = g_ptr_array_new_with_free_func((GDestroyNotify)ledger_case_free);
	for (guint n = PAGE; n == PAGE;) {
		g_autoptr(GPtrArray) page = ledger_cases(hour->ledger, LEDGER_CASES_OPEN, after, PAGE, error);
		if (page == NULL)
			return FALSE;
		n = page->len;
		while (page->len > 0) {
			LedgerCase *c = g_ptr_array_steal_index(page, 0);
			after = c->seq;
			g_ptr_array_add(hour->cases, c);
		}
	}
	return TRUE;
}

/* When what nobody has opened of it arrived, by the hour; 0: there is nothing. */
static gint64 unopened_since(const Hour *hour, const LedgerCase *c)
{
	gint64 moment = 0;
	if (strcmp(c->state, "new") == 0) {
		moment = finding_moment(c->facts, c->received);
	} else if (c->news > c->seen) {
		g_autoptr(LedgerMessage) message = ledger_message(hour->ledger, c->news, NULL);
		moment = message != NULL ? message->received : c->received;
	}
	return moment <= hour->hour ? moment : 0;
}

/* Nobody could say whom it names, so the officers have to wait. */
static gboolean is_held(const Hour *hour, const LedgerCase *c)
{
	return g_strcmp0(record_get(c->facts, "held"), "yes") == 0 && hour->now < c->received + DESK_PLACE_HELD;
}

typedef struct {
	guint unopened, due;
	gboolean late; /* for a whole working day */
} Waiting;

static Waiting waiting_for(const Hour *hour, const char *name)
{
	Waiting waiting = {0, 0, FALSE};
	const ReminderHooks *hooks = hour->hooks;
	for (guint i = 0; i < hour->cases->len; i++) {
		const LedgerCase *c = hour->cases->pdata[i];
		if (desk_place_is_barred(c, name) || is_held(hour, c) || c->received > hour->hour)
			continue;
		gint64 since = unopened_since(hour, c);
		gboolean open = strcmp(c->state, "new") == 0 || strcmp(c->state, "open") == 0;
		waiting.unopened += since != 0;
		waiting.late |= since != 0 && hooks->day_after(hour->config, hour->mailbox, since, hooks->user) <= hour->hour;
		waiting.due += open && hooks->is_due(hour->config, hour->mailbox, c, hour->hour, REMINDERS_DUE, hooks->user);
	}
	return waiting;
}

/* --- who ------------------------------------------------------------------------------------------------------------------ */

static gboolean stands_in(const GPtrArray *readers, const char *name, gint64 now)
{
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *person = readers->pdata[i];
		if (person->cover_from <= now && now < person->cover_to && g_strcmp0(person->cover_by, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_wanted(const Hour *hour, const GPtrArray *readers, const PeoplePerson *person, const Waiting *waiting)
{
	if (strcmp(person->role, "officer") == 0 || stands_in(readers, person->name, hour->now))
		return !hour->mailbox->notice_when_needed || waiting->unopened > 0 || waiting->due > 0;
	return hour->first && (waiting->late || waiting->due > 0);
}

static gboolean serve_person(Hour *hour, const GPtrArray *readers, const PeoplePerson *person, GError **error)
{
	const ConfigOfficer *officer = people_is_officer(person) ? config_officer(hour->config, person->name) : NULL;
	if (officer == NULL || !outbox_address_is_safe(officer->mail) || MAX(person->since, person->added) > hour->hour ||
	    g_hash_table_contains(hour->told, person->name))
		return TRUE;
	Waiting waiting = waiting_for(hour, person->name);
	g_autofree char *counts = hour->mailbox->notice_counts
	                              ? g_strdup_printf("%u %u", MIN(waiting.unopened, REMINDERS_COUNT), MIN(waiting.due, REMINDERS_COUNT))
	                              : NULL;
	const NoticesLetter letter = {.role = person->role, .to = person->name, .mail = officer->mail, .hour = hour->text,
	                              .counts = counts, .now = hour->now};
	return !is_wanted(hour, readers, person, &waiting) || notices_tell(hour->ledger, &letter, error);
}

static gboolean serve(Hour *hour, GError **error)
{
	guint8 set[32];
	hour->text = hour_text(hour);
	hour->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!notices_since(hour->ledger, hour->hour, note_told, hour, error) || !read_cases(hour, error))
		return FALSE;
	g_autoptr(GPtrArray) readers = ledger_readers(hour->ledger, set, error);
	if (readers == NULL)
		return FALSE;
	for (guint i = 0; i < readers->len; i++)
		if (!serve_person(hour, readers, readers->pdata[i], error))
			return FALSE;
	return TRUE;
}

gint64 reminders_serve(Registry *registry, const ReminderHooks *hooks, const Config *config, const ConfigMailbox *mailbox,
                       Ledger *ledger, gint64 *last)
{
	gint64 now = registry_now(registry), next;
	g_autoptr(GError) error = NULL;
	g_auto(Hour) hour = {.hooks = hooks, .config = config, .mailbox = mailbox, .ledger = ledger, .now = now};
	if (hooks->is_working_day == NULL)
		return G_MAXINT64;
	hour.hour = find_hour(config, mailbox, now, &hour.first, &next);
	if (hour.hour == 0 || hour.hour == *last)
		return next;
	if (hooks->is_working_day(config, mailbox, hour.hour, hooks->user) && !serve(&hour, &error)) {
		log_warning("outbox: a notice at its hour could not be entered: %s", error->message);
		return now + AFTER_FAILURE;
	}
	*last = hour.hour;
	return next;
}
