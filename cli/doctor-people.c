/* SPDX-License-Identifier: ISC */
/* Who reads, by the register's own entries: what the registrar answers whoever keeps the host (/v1/host/state). */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "policy/letter.h"

#define SOON (30 * G_TIME_SPAN_DAY)
#define IDLE_SOON (10 * G_TIME_SPAN_DAY)

static const char *without_state(const Doctor *doctor)
{
	if (doctor->config == NULL)
		return doctor_without_config(doctor);
	if (doctor->state != NULL)
		return NULL;
	return doctor->registrar.answers || doctor->registrar.hidden ? _("only root, or the registrar's own user, is told who reads: run senim doctor as root")
	                                 : _("the registrar does not answer");
}

/* --- reading the state ------------------------------------------------------------------------------------------------ */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static json_t *mailboxes_of(const Doctor *doctor)
{
	return json_object_get(doctor->state, "mailboxes");
}

/* Microseconds; 0: none. */
static gint64 moment_of(const json_t *person, const char *key)
{
	return (gint64)json_integer_value(json_object_get(person, key));
}

static gboolean has_role(const json_t *person, const char *roles)
{
	g_autofree char *word = g_strdup_printf(" %s ", text_of(person, "role"));
	return strstr(roles, word) != NULL;
}

/* Those of these roles that are in force. */
static guint count(const json_t *mailbox, const char *roles)
{
	const json_t *people = json_object_get(mailbox, "people");
	guint n = 0;
	for (gsize i = 0; i < json_array_size(people); i++) {
		const json_t *person = json_array_get(people, i);
		n += json_is_true(json_object_get(person, "in_force")) && has_role(person, roles);
	}
	return n;
}

/* --- checks ------------------------------------------------------------------------------------------------------------- */

static void agrees(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++) {
		const char *difference = text_of(json_array_get(list, i), "difference");
		if (*difference != '\0')
			doctor_say(report, DOCTOR_RED, _("no mail is taken: %s"), difference);
	}
}

static void readers(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *mailbox = json_array_get(list, i);
		guint n = count(mailbox, " officer deputy ");
		if (n == 0 && count(mailbox, " escalation ") > 0)
			doctor_say(report, DOCTOR_YELLOW, _("%s: the higher leadership alone reads what comes, since no officer is in force: right for a mailbox of its own; else senim officer list says why"),
			           text_of(mailbox, "mailbox"));
		else if (n == 0)
			doctor_say(report, DOCTOR_RED, _("%s: no officer is in force, so nobody reads what comes: senim officer list says why"),
			           text_of(mailbox, "mailbox"));
		else if (n == 1)
			doctor_say(report, DOCTOR_YELLOW, _("%s: one officer alone reads; while she is away nobody does: appoint a deputy (senim officer add)"),
			           text_of(mailbox, "mailbox"));
	}
}

static void escalation(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++)
		if (count(json_array_get(list, i), " escalation ") == 0)
			doctor_say(report, DOCTOR_YELLOW, _("%s: there is no escalation, so a report about every officer would have no reader: enter the next level of leadership (senim officer add --role escalation)"),
			           text_of(json_array_get(list, i), "mailbox"));
}

/* KMO 16 makes both addresses public. */
static void addresses(const Doctor *doctor, DoctorReport *report)
{
	for (guint i = 0; i < doctor->config->n_mailboxes; i++)
		if (letter_lacks_escalation(doctor->config, &doctor->config->mailboxes[i]))
			doctor_say(report, DOCTOR_YELLOW, _("%s: page and poster name no address for a report about the officer: the escalation needs a mailbox of its own, where it is in officers = and no officer of this one is (doc/install.md)"),
			           doctor->config->mailboxes[i].address);
}

static void recovery(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++)
		if (count(json_array_get(list, i), " recovery ") == 0)
			doctor_say(report, DOCTOR_RED, _("%s: there is no recovery recipient: when the last reader's key is lost, every report is; make the store anew with senim init --recovery before it is in use"),
			           text_of(json_array_get(list, i), "mailbox"));
}

static void look_at_key(const json_t *person, const char *mailbox, gint64 now, DoctorReport *report)
{
	const char *name = text_of(person, "name");
	gint64 expires = moment_of(person, "expires") * G_USEC_PER_SEC;
	if (expires == 0 || strcmp(text_of(person, "state"), "blocked") == 0)
		return;
	if (expires <= now)
		doctor_say(report, DOCTOR_RED, _("%s: the key of [officer %s] has expired and she reads nothing: she makes another (senim keygen) and an officer enters it"),
		           mailbox, name);
	else if (expires - now < SOON)
		doctor_say(report, DOCTOR_YELLOW, _("%s: the key of [officer %s] expires in %d days: let her make another (senim keygen) and an officer enter it"),
		           mailbox, name, (int)((expires - now) / G_TIME_SPAN_DAY));
}

static void look_at_state(const json_t *person, const char *mailbox, gint64 now, DoctorReport *report)
{
	const char *name = text_of(person, "name");
	gint64 idle_end = moment_of(person, "idle_end");
	if (strcmp(text_of(person, "state"), "unconfirmed") == 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s: [officer %s] is not confirmed and reads nothing: another officer types the six words that she reads out (senim officer confirm %s)"),
		           mailbox, name, name);
	else if (strcmp(text_of(person, "state"), "active") == 0 && json_is_true(json_object_get(person, "next")))
		doctor_say(report, DOCTOR_YELLOW, _("%s: a newer key of [officer %s] is not confirmed, so all goes on with the old one: another officer types the six words that she reads out (senim officer confirm %s)"),
		           mailbox, name, name);
	if (idle_end > 0 && idle_end - now < IDLE_SOON)
		doctor_say(report, DOCTOR_YELLOW, _("%s: [officer %s] will be blocked for want of a sign-in within ten days: let her sign in, or enter her leave (senim officer cover)"),
		           mailbox, name);
}

static void each_person(const Doctor *doctor, DoctorReport *report,
                        void (*look)(const json_t *person, const char *mailbox, gint64 now, DoctorReport *report))
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *people = json_object_get(json_array_get(list, i), "people");
		for (gsize k = 0; k < json_array_size(people); k++)
			look(json_array_get(people, k), text_of(json_array_get(list, i), "mailbox"), doctor->now, report);
	}
}

static void keys(const Doctor *doctor, DoctorReport *report)
{
	each_person(doctor, report, look_at_key);
}

static void states(const Doctor *doctor, DoctorReport *report)
{
	each_person(doctor, report, look_at_state);
}

/* Once a year; for the first time a year after the register's beginning. */
static void policy(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = mailboxes_of(doctor);
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *mailbox = json_array_get(list, i);
		gint64 since = MAX(moment_of(mailbox, "reviewed"), moment_of(mailbox, "begun"));
		if (since != 0 && doctor->now - since > 365 * G_TIME_SPAN_DAY)
			doctor_say(report, DOCTOR_YELLOW, _("%s: the policy on personal data was not reviewed within a year: let an officer enter the review (senim review --policy FILE)"),
			           text_of(mailbox, "mailbox"));
	}
}

static const DoctorCheck checks[] = {
	{"people", N_("configuration and register name the same people"), agrees, FALSE},
	{"readers", N_("two or more officers read each mailbox"), readers, FALSE},
	{"escalation", N_("a report about an officer has another reader"), escalation, FALSE},
	{"addresses", N_("a report about an officer has an address to go to"), addresses, FALSE},
	{"recovery", N_("a recovery key opens reports when every other is lost"), recovery, FALSE},
	{"keys", N_("no key of an officer has expired, or will within thirty days"), keys, FALSE},
	{"officers", N_("every officer and every newer key is confirmed, and nobody about to be blocked for want of a sign-in"), states, FALSE},
	{"policy", N_("the policy on personal data was reviewed within a year"), policy, FALSE},
	{0},
};

const DoctorTopic doctor_people_topic = {"people", N_("People"), without_state, checks};
