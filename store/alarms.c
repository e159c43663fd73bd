/* SPDX-License-Identifier: ISC */
#include "store/alarms.h"

#include <sodium.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/alarm.h"
#include "base/log.h"
#include "store/keeping.h"
#include "store/notices.h"
#include "store/reserve.h"
#include "store/submit.h"

#define LOOK_EVERY G_TIME_SPAN_MINUTE
#define PAUSE (2 * G_TIME_SPAN_SECOND) /* a flood of reports that are put off is looked at so often */
#define REMEMBERED (2 * G_TIME_SPAN_DAY) /* a trouble that lasts is told of once a day */

struct Alarms {
	Registry *registry;
	AlarmsHooks hooks;
	GThread *thread;
	GMutex lock;
	GCond changed;
	gboolean stopping, woken; /* under the lock */
	/* the thread's own: */
	gint64 begun;             /* when the oldest register began, microseconds UTC */
	gint64 differs;           /* since when a mailbox's configuration keeps its mail off; 0: none does */
	AlarmCourse courses[ALARMS];
	gboolean owed[ALARMS];    /* a letter that could not be handed over */
	AlarmState owes[ALARMS];  /* … and what it says */
	gboolean reserve_warned;
};

/* --- what is so -------------------------------------------------------------------------------------------------------- */

typedef struct {
	Alarms *alarms;
	const Config *config;
	gint64 now;
} Look;

/* Senders see 451 for the one reason or the other. */
static gboolean is_put_off(const Look *look)
{
	Alarms *alarms = look->alarms;
	gboolean differs = FALSE;
	for (guint i = 0; i < registry_count(alarms->registry); i++) {
		g_autofree char *difference = registry_difference(alarms->registry, i);
		differs = differs || difference != NULL;
	}
	alarms->differs = !differs ? 0 : alarms->differs != 0 ? alarms->differs : look->now;
	return registry_intake_stands(alarms->registry) || (differs && look->now - alarms->differs >= ALARM_PATIENCE);
}

static gboolean is_short_of_disk(const Look *look)
{
	struct statvfs fs;
	return statvfs(look->config->state_directory, &fs) == 0 &&
	       (fs.f_bavail < fs.f_blocks / 10 || (fs.f_files > 0 && fs.f_favail < fs.f_files / 10));
}

static gboolean is_full(const Look *look)
{
	return registry_is_full(look->alarms->registry);
}

static gboolean is_calendar_ending(const Look *look)
{
	const AlarmsHooks *hooks = &look->alarms->hooks;
	return hooks->calendar_ends != NULL && hooks->calendar_ends(look->config, look->now, ALARMS_DAYS, hooks->user);
}

static gboolean is_key_ending(const Look *look)
{
	Registry *registry = look->alarms->registry;
	gint64 end = look->now / G_USEC_PER_SEC + (gint64)ALARMS_DAYS * 86400;
	for (guint i = 0; i < registry_count(registry); i++) {
		g_autoptr(People) people = ledger_people(registry_ledger(registry, i));
		for (guint k = 0; k < people->persons->len; k++) {
			const PeoplePerson *person = people->persons->pdata[k];
			if (person->state == PEOPLE_ACTIVE && person->expires != 0 && person->expires <= end)
				return TRUE;
		}
	}
	return FALSE;
}

static gboolean is_archive_overdue(const Look *look)
{
	g_autofree char *last = NULL;
	if (*look->config->archive_directory == '\0' || !keeping_archive_overdue(look->config, look->now, &last))
		return FALSE;
	return last != NULL || look->now - look->alarms->begun > (31 + KEEPING_ARCHIVE_DAYS) * G_TIME_SPAN_DAY;
}

static gboolean is_drill_overdue(const Look *look)
{
	guint days = keeping_drill_days(look->config, look->now);
	return days > KEEPING_DRILL_DAYS &&
	       (days != G_MAXUINT || look->now - look->alarms->begun > KEEPING_DRILL_DAYS * G_TIME_SPAN_DAY);
}

static gboolean (*const troubles[ALARMS])(const Look *look) = {
	[ALARM_INTAKE] = is_put_off,           [ALARM_DISK] = is_short_of_disk,      [ALARM_FULL] = is_full,
	[ALARM_CALENDAR] = is_calendar_ending, [ALARM_KEY] = is_key_ending,          [ALARM_ARCHIVE] = is_archive_overdue,
	[ALARM_DRILL] = is_drill_overdue,
};

/* --- telling --------------------------------------------------------------------------------------------------------------- */

/* Into the first register that takes an entry. */
static gboolean queue(const Look *look, const NoticesLetter *letter, GError **error)
{
	Registry *registry = look->alarms->registry;
	for (guint i = 0; i < registry_count(registry); i++) {
		g_clear_error(error);
		if (notices_tell(registry_ledger(registry, i), letter, error))
			return TRUE;
	}
	return FALSE;
}

/* No register takes an entry, which is the worst that can be: the letter goes without one. */
static gboolean hand_over(const Look *look, const NoticesLetter *told, GError **error)
{
	const AlarmsHooks *hooks = &look->alarms->hooks;
	const ConfigMailbox *mailbox = &look->config->mailboxes[0];
	const char *domain = strrchr(mailbox->address, '@') + 1;
	g_autofree char *random = g_strdup_printf("%08x%08x%08x", randombytes_random(), randombytes_random(), randombytes_random());
	g_autofree char *message_id = g_strdup_printf("<%s@%s>", random, domain);
	g_autoptr(Record) letter = record_new();
	gsize size;
	record_add(letter, "to", told->mail);
	record_add(letter, "purpose", "alarm");
	record_add(letter, "alarm", told->alarm);
	record_add(letter, "state", told->state);
	const OutboxLetter row = {.config = look->config, .mailbox = mailbox, .letter = letter, .message_id = message_id,
	                          .word = "", .reply = "", .code = "", .date = look->now};
	char *text = hooks->compose != NULL ? hooks->compose(&row, hooks->user, &size, error) : NULL;
	if (text == NULL)
		return FALSE;
	g_autoptr(GBytes) octets = g_bytes_new_take(text, size);
	return submit_message(look->config->submit, domain, "", told->mail, octets, error);
}

/* FALSE: somebody has not been written to. */
static gboolean write_letters(const Look *look, Alarm alarm, AlarmState state)
{
	gboolean done = TRUE;
	g_autoptr(GPtrArray) mails = config_alarms(look->config, "mail:");
	for (guint i = 0; i < mails->len; i++) {
		g_autoptr(GError) error = NULL;
		const NoticesLetter letter = {.role = "administrator", .to = "-", .mail = mails->pdata[i], .alarm = alarm_word(alarm),
		                              .state = alarm_state_word(state), .now = look->now};
		if (!outbox_address_is_safe(letter.mail)) {
			log_warning("alarm: an address of `alarm` can be sent no letter");
		} else if (!queue(look, &letter, &error)) {
			g_autoptr(GError) refused = NULL;
			log_warning("alarm: it could not be entered: %s", error->message);
			done = hand_over(look, &letter, &refused) && done;
			if (refused != NULL)
				log_warning("alarm: it could not be sent: %s", refused->message);
		}
	}
	if (mails->len > 0 && look->alarms->hooks.wake != NULL)
		look->alarms->hooks.wake(look->alarms->hooks.user);
	return done;
}

static void look_at(const Look *look, Alarm alarm)
{
	Alarms *alarms = look->alarms;
	AlarmState state;
	if (alarm_course(&alarms->courses[alarm], troubles[alarm](look), look->now, &state)) {
		log_warning("alarm: %s %s", alarm_word(alarm), alarm_state_word(state));
		if (alarm != ALARM_INTAKE)
			alarm_command(look->config, alarm, state);
		alarms->owed[alarm] = TRUE;
		alarms->owes[alarm] = state;
	}
	if (alarms->owed[alarm])
		alarms->owed[alarm] = !write_letters(look, alarm, alarms->owes[alarm]);
}

/* --- the reserve ------------------------------------------------------------------------------------------------------------ */

static void put_off_reports(gpointer user)
{
	registry_set_full(((Alarms *)user)->registry, TRUE);
	log_warning("alarm: the disk is full: reports are put off (451), and the reserve is given up for the register's own entries");
}

static void keep_reserve(const Look *look)
{
	Alarms *alarms = look->alarms;
	gboolean full, done;
	g_autoptr(GError) error = NULL;
	done = reserve_keep(look->config, put_off_reports, alarms, &full, &error);
	if (!full && registry_is_full(alarms->registry))
		log_notice("alarm: the disk has room again: reports are taken");
	registry_set_full(alarms->registry, full);
	if (!done && !alarms->reserve_warned)
		log_warning("alarm: %s", error->message);
	alarms->reserve_warned = !done;
}

/* --- once a minute ------------------------------------------------------------------------------------------------------------ */

void alarms_look(Alarms *alarms)
{
	g_autoptr(Config) config = registry_config(alarms->registry);
	const Look look = {alarms, config, registry_now(alarms->registry)};
	keep_reserve(&look);
	for (guint i = 0; i < ALARMS; i++)
		look_at(&look, (Alarm)i);
}

/* What was told stands in the registers, the newest first. */
static gboolean remember(const Record *record, gpointer user)
{
	Alarms *alarms = user;
	Alarm alarm;
	AlarmState state;
	guint64 time;
	if (!alarm_read(record_get(record, "alarm"), &alarm) || !alarm_state_read(record_get(record, "state"), &state) ||
	    !record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		return TRUE;
	AlarmCourse *course = &alarms->courses[alarm];
	if ((gint64)time > course->seen) {
		course->seen = (gint64)time;
		course->told = state != ALARM_OVER ? (gint64)time : 0;
	}
	return TRUE;
}

static gint64 moment_of_first(Ledger *ledger)
{
	LedgerEntry entry = {0};
	guint64 time = 0;
	gsize size;
	if (!ledger_entry(ledger, 0, &entry, NULL))
		return G_MAXINT64;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	ledger_entry_clear(&entry);
	return record != NULL && record_get_uint(record, "time", G_MAXINT64, &time, NULL) ? (gint64)time : G_MAXINT64;
}

static void recall(Alarms *alarms)
{
	Registry *registry = alarms->registry;
	gint64 now = registry_now(registry);
	alarms->begun = now;
	for (guint i = 0; i < registry_count(registry); i++) {
		g_autoptr(GError) error = NULL;
		gint64 first = moment_of_first(registry_ledger(registry, i));
		alarms->begun = MIN(alarms->begun, first);
		if (!notices_since(registry_ledger(registry, i), now - REMEMBERED, remember, alarms, &error))
			log_warning("alarm: what was told before cannot be read: %s", error->message);
	}
}

/* FALSE: stop. */
static gboolean sleep_on(Alarms *alarms)
{
	gint64 now = g_get_monotonic_time();
	g_mutex_lock(&alarms->lock);
	while (!alarms->stopping)
		if (!g_cond_wait_until(&alarms->changed, &alarms->lock, alarms->woken ? now + PAUSE : now + LOOK_EVERY))
			break;
	alarms->woken = FALSE;
	gboolean goes_on = !alarms->stopping;
	g_mutex_unlock(&alarms->lock);
	return goes_on;
}

static void refused(gpointer user)
{
	alarms_wake(user);
}

void alarms_wake(Alarms *alarms)
{
	g_mutex_lock(&alarms->lock);
	alarms->woken = TRUE;
	g_cond_signal(&alarms->changed);
	g_mutex_unlock(&alarms->lock);
}

static gpointer run(gpointer data)
{
	Alarms *alarms = data;
	do {
		alarms_look(alarms);
	} while (sleep_on(alarms));
	return NULL;
}

Alarms *alarms_new(Registry *registry, const AlarmsHooks *hooks)
{
	Alarms *alarms = g_new0(Alarms, 1);
	alarms->registry = registry;
	alarms->hooks = *hooks;
	g_mutex_init(&alarms->lock);
	g_cond_init(&alarms->changed);
	recall(alarms);
	g_autoptr(Config) config = registry_config(registry);
	keep_reserve(&(Look){alarms, config, registry_now(registry)});
	return alarms;
}

Alarms *alarms_start(Registry *registry, const AlarmsHooks *hooks)
{
	Alarms *alarms = alarms_new(registry, hooks);
	registry_watch_intake(registry, refused, alarms);
	alarms->thread = g_thread_new("alarms", run, alarms);
	return alarms;
}

void alarms_stop(Alarms *alarms)
{
	if (alarms == NULL)
		return;
	registry_watch_intake(alarms->registry, NULL, NULL);
	g_mutex_lock(&alarms->lock);
	alarms->stopping = TRUE;
	g_cond_signal(&alarms->changed);
	g_mutex_unlock(&alarms->lock);
	if (alarms->thread != NULL)
		g_thread_join(alarms->thread);
	g_mutex_clear(&alarms->lock);
	g_cond_clear(&alarms->changed);
	g_free(alarms);
}
