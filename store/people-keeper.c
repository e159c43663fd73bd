/* SPDX-License-Identifier: ISC */
#include "store/people-keeper.h"

#include "base/log.h"
#include "store/addressee.h"
#include "store/eraser.h"
#include "store/notices.h"
#include "store/people-config.h"
#include "store/people-idle.h"

#define LOOK_EVERY G_TIME_SPAN_DAY
#define WAKE_EVERY G_TIME_SPAN_MINUTE
#define IDLE_TOLD (10 * G_TIME_SPAN_DAY) /* before the end: R28 */
#define EXPIRY_TOLD (30 * (gint64)86400) /* seconds before the end */

struct PeopleKeeper {
	Registry *registry;
	GThread *thread;
	GMutex lock;
	GCond changed;
	gboolean stopping, woken; /* under the lock */
	gint64 looked;     /* the keeper's thread alone, microseconds UTC */
};

/* --- configuration ------------------------------------------------------------------------------------------- */

static gboolean agrees(Registry *registry, const Config *config, guint i, GError **error)
{
	g_autofree char *lacks = NULL;
	const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
	g_autoptr(People) people = ledger_people(registry_ledger(registry, i));
	if (mailbox == NULL) /* taken out of the file: it needs a restart, and is served until then */
		return TRUE;
	gboolean good = people_config_agrees(config, mailbox, people, registry_now(registry), &lacks, error);
	if (lacks != NULL)
		log_warning("%s", lacks);
	return good;
}

gboolean people_keeper_accepts(Registry *registry, const Config *config, GError **error)
{
	for (guint i = 0; i < registry_count(registry); i++)
		if (!agrees(registry, config, i, error))
			return FALSE;
	return TRUE;
}

static void compare(Registry *registry, const Config *config, guint i, gboolean starting)
{
	g_autoptr(GError) error = NULL;
	const char *mailbox = registry_mailbox(registry, i);
	g_autofree char *before = registry_difference(registry, i);
	if (agrees(registry, config, i, &error)) {
		if (before != NULL)
			log_notice("the configuration and the register of %s agree again: mail is taken", mailbox);
		registry_set_difference(registry, i, NULL);
		return;
	}
	gboolean off = starting || before != NULL;
	if (off)
		registry_set_difference(registry, i, error->message);
	log_warning("%s; %s", error->message,
	            off ? "mail to it is put off (451) until they agree" : "from the next start on mail to it is put off");
}

/* Of those that are put off: an officer may have mended it in the register by now. */
static void lift(Registry *registry)
{
	g_autoptr(Config) config = registry_config(registry);
	for (guint i = 0; i < registry_count(registry); i++) {
		char *lacks = NULL;
		g_autofree char *before = registry_difference(registry, i);
		const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
		g_autoptr(People) people = ledger_people(registry_ledger(registry, i));
		if (before != NULL &&
		    (mailbox == NULL || people_config_agrees(config, mailbox, people, registry_now(registry), &lacks, NULL)))
			compare(registry, config, i, FALSE);
		g_free(lacks);
	}
}

/* --- the note -------------------------------------------------------------------------------------------------- */

static void note(Registry *registry, const Config *config)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < registry_count(registry); i++) {
		g_autoptr(People) people = ledger_people(registry_ledger(registry, i));
		people_config_note(text, registry_mailbox(registry, i), people);
	}
	if (!people_config_write_note(config, text, &error))
		log_warning("%s", error->message);
}

/* --- who does not come, and whose key ends --------------------------------------------------------------------- */

static gboolean block(Ledger *ledger, const PeoplePerson *person, gint64 now)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	LedgerEntry entry = {0};
	record_add_uint(record, "time", (guint64)now);
	record_add(record, "officer", "-");
	record_add(record, "name", person->name);
	record_add(record, "why", "idle");
	LedgerAct act = {.kind = ENTRY_BLOCKED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	gboolean done = ledger_append(ledger, &act, &entry, &error);
	if (!done)
		log_warning("people: somebody who does not sign in could not be blocked: %s", error->message);
	ledger_entry_clear(&entry);
	return done;
}

/* The first who is due; then they are asked anew, for the last one stays. */
static gboolean block_next(Registry *registry, guint i, guint days)
{
	gint64 now = registry_now(registry);
	Ledger *ledger = registry_ledger(registry, i);
	g_autoptr(People) people = ledger_people(ledger);
	for (guint n = 0; n < people->persons->len; n++) {
		const PeoplePerson *person = people->persons->pdata[n];
		gint64 end = people_idle_end(ledger, person, days, now);
		if (end == 0 || now <= end)
			continue;
		if (people_is_last(people, person, now)) {
			log_warning("%s: %s has not signed in for more than %u days and stays, as the last who can open new cases: tell the "
			            "supervisor",
			            registry_mailbox(registry, i), person->name, days);
			continue;
		}
		if (!block(ledger, person, now))
			return FALSE;
		log_notice("%s: %s has not signed in for more than %u days and is blocked: another officer or the supervisor lets her in "
		           "again (senim officer unblock)",
		           registry_mailbox(registry, i), person->name, days);
		return TRUE;
	}
	return FALSE;
}

/* Whoever does not sign in sees no screen: she is told by mail, once. */
static void tell_idle(Registry *registry, const Config *config, guint i, guint days)
{
	gint64 now = registry_now(registry);
	Ledger *ledger = registry_ledger(registry, i);
	g_autoptr(People) people = ledger_people(ledger);
	for (guint n = 0; n < people->persons->len; n++) {
		const PeoplePerson *person = people->persons->pdata[n];
		g_autoptr(GError) error = NULL;
		gint64 end = people_idle_end(ledger, person, days, now);
		if (end == 0 || now < end - IDLE_TOLD || people_is_last(people, person, now))
			continue;
		log_warning("%s: %s has not signed in for long and is blocked in %d days", registry_mailbox(registry, i), person->name,
		            (int)(MAX(end - now, 0) / G_TIME_SPAN_DAY));
		if (!notices_tell_once(config, ledger, person, person->used_seq, now, &error))
			log_warning("people: a notice could not be entered: %s", error->message);
	}
}

static void tell_expiry(Registry *registry, guint i)
{
	gint64 now = registry_now(registry) / G_USEC_PER_SEC;
	g_autoptr(People) people = ledger_people(registry_ledger(registry, i));
	for (guint n = 0; n < people->persons->len; n++) {
		const PeoplePerson *person = people->persons->pdata[n];
		if (person->state != PEOPLE_ACTIVE || person->expires == 0 || person->expires - now > EXPIRY_TOLD)
			continue;
		if (person->expires > now)
			log_warning("%s: the key of %s expires in %d days: she makes a new one in time", registry_mailbox(registry, i),
			            person->name, (int)((person->expires - now) / 86400));
		else
			log_warning("%s: the key of %s has expired: nothing is sealed to her", registry_mailbox(registry, i), person->name);
	}
}

/* --- one look ---------------------------------------------------------------------------------------------------- */

void people_keeper_look(Registry *registry, gboolean starting)
{
	g_autoptr(Config) config = registry_config(registry);
	for (guint i = 0; i < registry_count(registry); i++)
		compare(registry, config, i, starting);
	for (guint i = 0; i < registry_count(registry); i++) {
		const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
		while (mailbox != NULL && block_next(registry, i, mailbox->idle_block_days))
			continue;
		if (mailbox != NULL)
			tell_idle(registry, config, i, mailbox->idle_block_days);
		tell_expiry(registry, i);
	}
	addressee_tell_keys(config, registry_now(registry));
	note(registry, config);
}

/* FALSE: stop. */
static gboolean sleep_on(PeopleKeeper *keeper)
{
	gint64 deadline = g_get_monotonic_time() + WAKE_EVERY;
	g_mutex_lock(&keeper->lock);
	while (!keeper->stopping && !keeper->woken)
		if (!g_cond_wait_until(&keeper->changed, &keeper->lock, deadline))
			break;
	gboolean goes_on = !keeper->stopping;
	keeper->woken = FALSE;
	g_mutex_unlock(&keeper->lock);
	return goes_on;
}

static gpointer run(gpointer data)
{
	PeopleKeeper *keeper = data;
	while (sleep_on(keeper)) {
		gint64 now = registry_now(keeper->registry);
		g_autoptr(Config) config = registry_config(keeper->registry);
		note(keeper->registry, config);
		lift(keeper->registry);
		eraser_look(keeper->registry);
		if (now - keeper->looked < LOOK_EVERY)
			continue;
		keeper->looked = now;
		people_keeper_look(keeper->registry, FALSE);
	}
	return NULL;
}

PeopleKeeper *people_keeper_start(Registry *registry)
{
	PeopleKeeper *keeper = g_new0(PeopleKeeper, 1);
	keeper->registry = registry;
	g_mutex_init(&keeper->lock);
	g_cond_init(&keeper->changed);
	keeper->looked = registry_now(registry);
	people_keeper_look(registry, TRUE);
	eraser_look(registry);
	keeper->thread = g_thread_new("people", run, keeper);
	return keeper;
}

void people_keeper_wake(PeopleKeeper *keeper)
{
	g_mutex_lock(&keeper->lock);
	keeper->woken = TRUE;
	g_cond_signal(&keeper->changed);
	g_mutex_unlock(&keeper->lock);
}

void people_keeper_stop(PeopleKeeper *keeper)
{
	if (keeper == NULL)
		return;
	g_mutex_lock(&keeper->lock);
	keeper->stopping = TRUE;
	g_cond_signal(&keeper->changed);
	g_mutex_unlock(&keeper->lock);
	g_thread_join(keeper->thread);
	g_mutex_clear(&keeper->lock);
	g_cond_clear(&keeper->changed);
	g_free(keeper);
}
