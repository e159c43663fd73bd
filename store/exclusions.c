/* SPDX-License-Identifier: ISC */
#include "store/exclusions.h"

#include <string.h>

#include "base/log.h"
#include "store/outbox.h"

#define PEOPLE_MAX 32
#define AFTER_FAILURE (60 * (gint64)G_USEC_PER_SEC)

/* The next level of leadership, less herself. */
static guint choose(const Config *config, const ConfigMailbox *mailbox, const GPtrArray *readers, const LedgerAlarm *alarm,
                    LedgerNoticePerson people[PEOPLE_MAX])
{
	guint n = 0;
	for (guint i = 0; mailbox->urgent_notice && i < readers->len && n < PEOPLE_MAX; i++) {
		const PeoplePerson *person = readers->pdata[i];
		const ConfigOfficer *section = config_officer(config, person->name);
		if (strcmp(person->role, "escalation") == 0 && strcmp(person->name, alarm->name) != 0 && section != NULL &&
		    outbox_address_is_safe(section->mail))
			people[n++] = (LedgerNoticePerson){person->name, person->role, section->mail, 0, 0};
	}
	return n;
}

static gboolean serve(const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, GError **error)
{
	guint8 set[32];
	g_autoptr(People) all = ledger_people(ledger);
	g_autoptr(GArray) due = ledger_alarms(ledger, all, TRUE, error);
	if (due == NULL || due->len == 0)
		return due != NULL;
	g_autoptr(GPtrArray) readers = ledger_readers(ledger, set, error);
	if (readers == NULL)
		return FALSE;
	for (guint i = 0; i < due->len; i++) {
		const LedgerAlarm *alarm = &g_array_index(due, LedgerAlarm, i);
		LedgerNoticePerson people[PEOPLE_MAX];
		guint n = choose(config, mailbox, readers, alarm, people);
		if (!ledger_alarm_told(ledger, alarm, people, n, error))
			return FALSE;
	}
	return TRUE;
}

gint64 exclusions_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger)
{
	g_autoptr(GError) error = NULL;
	if (serve(config, mailbox, ledger, &error))
		return G_MAXINT64;
	log_warning("outbox: an alarm could not be entered: %s", error->message);
	return registry_now(registry) + AFTER_FAILURE;
}
