/* SPDX-License-Identifier: ISC */
#include "cli/doctor.h"

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/desk-client.h"
#include "cli/doctor-look.h"
#include "cli/doctor-mta.h"

#define DESK_SECONDS 10

struct DoctorReport {
	const DoctorTopic *topic;
	const DoctorCheck *check;
	GPtrArray *findings;
};

const DoctorTopic *const doctor_topics[] = {
	&doctor_config_topic, &doctor_people_topic,  &doctor_store_topic,    &doctor_daemons_topic,
	&doctor_host_topic,   &doctor_postfix_topic, &doctor_sendmail_topic, &doctor_officer_topic,
	NULL,
};

const char *doctor_level_word(DoctorLevel level)
{
	static const char *const words[DOCTOR_LEVELS] = {"skipped", "green", "yellow", "red"};
	return words[level];
}

/* --- findings ----------------------------------------------------------------------------------------------------- */

static void finding_free(gpointer data)
{
	DoctorFinding *finding = data;
	g_free(finding->sentence);
	g_free(finding);
}

static void add(DoctorReport *report, DoctorLevel level, char *sentence)
{
	DoctorFinding *finding = g_new0(DoctorFinding, 1);
	finding->topic = report->topic->name;
	finding->check = report->check->name;
	finding->level = level;
	finding->sentence = sentence;
	g_ptr_array_add(report->findings, finding);
}

void doctor_say(DoctorReport *report, DoctorLevel level, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	add(report, level, g_strdup_vprintf(format, ap));
	va_end(ap);
}

static void run_topic(const Doctor *doctor, DoctorReport *report)
{
	const char *why = report->topic->skip != NULL ? report->topic->skip(doctor) : NULL;
	for (report->check = report->topic->checks; report->check->name != NULL; report->check++) {
		guint before = report->findings->len;
		if (why != NULL && !report->check->always)
			doctor_say(report, DOCTOR_SKIPPED, "%s", why);
		else
			report->check->look(doctor, report);
		if (report->findings->len == before)
			doctor_say(report, DOCTOR_GREEN, "%s", _(report->check->good));
	}
}

GPtrArray *doctor_run(const Doctor *doctor, const DoctorTopic *const *topics)
{
	DoctorReport report = {.findings = g_ptr_array_new_with_free_func(finding_free)};
	for (guint i = 0; topics[i] != NULL; i++) {
		report.topic = topics[i];
		run_topic(doctor, &report);
	}
	return report.findings;
}

const char *doctor_without_config(const Doctor *doctor)
{
	if (doctor->config != NULL)
		return NULL;
	return doctor->config_file == NULL ? _("no configuration of a mail host is named") : _("the configuration cannot be read");
}

/* --- what all of them look at ------------------------------------------------------------------------------------- */

/* What somebody else asked would be refused, and a refusal is an entry. */
static gboolean may_ask(const DoctorPeer *registrar)
{
	return registrar->answers && (geteuid() == 0 || geteuid() == registrar->uid);
}

static void meet_daemons(Doctor *doctor)
{
	g_autofree char *desk = config_run_path(doctor->config, "desk.sock");
	g_autoptr(GError) error = NULL;
	doctor_look_peer(desk, &doctor->registrar);
	if (g_str_has_prefix(doctor->config->milter_socket, "unix:"))
		doctor_look_peer(doctor->config->milter_socket + strlen("unix:"), &doctor->milter);
	if (may_ask(&doctor->registrar))
		doctor->state = desk_client_ask_host(desk, "/v1/host/state", json_object(), DESK_SECONDS, &error);
	if (error != NULL) {
		doctor->registrar.answers = FALSE;
		doctor->registrar.why = g_strdup(error->message);
	}
}

void doctor_meet(Doctor *doctor)
{
	g_autoptr(GError) error = NULL;
	if (doctor->config_file == NULL)
		return;
	doctor->config = config_load(doctor->config_file, &error);
	if (doctor->config == NULL)
		doctor->config_fault = g_strdup(error->message);
	if (doctor->config == NULL)
		return;
	meet_daemons(doctor);
	doctor->mta = doctor_mta_find(doctor->postfix, doctor->config);
}

void doctor_clear(Doctor *doctor)
{
	g_clear_pointer(&doctor->config, config_unref);
	g_clear_pointer(&doctor->config_fault, g_free);
	g_clear_pointer(&doctor->registrar.why, g_free);
	g_clear_pointer(&doctor->milter.why, g_free);
	g_clear_pointer(&doctor->mta, doctor_mta_free);
	json_decref(doctor->state);
	doctor->state = NULL;
}
