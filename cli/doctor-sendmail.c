/* SPDX-License-Identifier: ISC */
/* Sendmail in front: its sendmail.cf, as doc/install.md has it (step 5). */
#include <string.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"

#define FILE_NAME "/etc/mail/sendmail.cf"
#define LOG_LEVEL_MOST 9

static const char *without_sendmail(const Doctor *doctor)
{
	if (doctor->config == NULL)
		return doctor_without_config(doctor);
	g_autofree char *path = doctor_look_path(doctor, FILE_NAME);
	return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? NULL : _("there is no Sendmail here");
}

/* The value of "O NAME=VALUE" (transfer full), or NULL. */
static char *option_of(const char *text, const char *name)
{
	g_autofree char *head = g_strdup_printf("\nO %s=", name), *whole = g_strconcat("\n", text, NULL);
	const char *line = strstr(whole, head);
	return line != NULL ? g_strstrip(g_strndup(line + strlen(head), strcspn(line + strlen(head), "\n"))) : NULL;
}

/* The line "XNAME, S=…" whose socket is ours (transfer full), or NULL. */
static char *filter_of(const char *text, const char *socket)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *unix_socket = g_strdup_printf("S=%s", socket), *local = g_strdup(unix_socket);
	if (g_str_has_prefix(socket, "unix:")) {
		g_free(local);
		local = g_strdup_printf("S=local:%s", socket + strlen("unix:"));
	}
	for (char **line = lines; *line != NULL; line++)
		if (**line == 'X' && (strstr(*line, unix_socket) != NULL || strstr(*line, local) != NULL))
			return g_strdup(*line);
	return NULL;
}

static void milter(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *text = doctor_look_text(doctor, FILE_NAME);
	g_autofree char *filter = filter_of(text != NULL ? text : "", doctor->config->milter_socket);
	g_autofree char *filters = option_of(text != NULL ? text : "", "InputMailFilters");
	if (filter == NULL) {
		doctor_say(report, DOCTOR_RED, _("sendmail.cf names no filter at %s, so reports pass in clear: INPUT_MAIL_FILTER in sendmail.mc, as step 5 of doc/install.md has it"),
		           doctor->config->milter_socket);
		return;
	}
	gsize size = strcspn(filter + 1, ", \t");
	g_autofree char *name = g_strndup(filter + 1, size), *first = filters != NULL ? g_strndup(filters, strcspn(filters, ", ")) : NULL;
	if (g_strcmp0(first, name) != 0)
		doctor_say(report, DOCTOR_RED, _("InputMailFilters does not begin with %s: another filter sees each report in clear, or this one is never asked: put its INPUT_MAIL_FILTER before every other"),
		           name);
	if (strstr(filter, "F=T") == NULL)
		doctor_say(report, DOCTOR_RED, _("the filter %s has no F=T: while senim is away reports pass in clear: F=T in its INPUT_MAIL_FILTER"), name);
}

static void spool(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *text = doctor_look_text(doctor, FILE_NAME);
	g_autofree char *safe = option_of(text != NULL ? text : "", "SuperSafe");
	g_autofree char *buffer = option_of(text != NULL ? text : "", "DataFileBufferSize");
	if (g_strcmp0(safe, "PostMilter") != 0)
		doctor_say(report, DOCTOR_YELLOW, _("each report lies in clear in the queue until it is sealed: define(`confSAFE_QUEUE', `PostMilter') in sendmail.mc"));
	else if (buffer == NULL || g_ascii_strtoull(buffer, NULL, 10) <= doctor->config->max_message_size)
		doctor_say(report, DOCTOR_YELLOW, _("reports larger than DataFileBufferSize lie in clear in the queue until they are sealed: define(`confDF_BUFFER_SIZE', `%llu') in sendmail.mc"),
		           (unsigned long long)(doctor->config->max_message_size / 10 * 11));
}

static void log_of_mta(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *text = doctor_look_text(doctor, FILE_NAME);
	g_autofree char *level = option_of(text != NULL ? text : "", "LogLevel");
	if (level == NULL || g_ascii_strtoull(level, NULL, 10) >= LOG_LEVEL_MOST)
		doctor_say(report, DOCTOR_YELLOW, _("LogLevel %s: the sender of each report stands in the log: define(`confLOG_LEVEL', `8') in sendmail.mc"),
		           level != NULL ? level : "9");
}

static const DoctorCheck checks[] = {
	{"sendmail-milter", N_("Sendmail asks senim first, and puts mail off while it is away"), milter, FALSE},
	{"sendmail-queue", N_("Sendmail keeps reports out of its queue until they are sealed"), spool, FALSE},
	{"sendmail-log", N_("Sendmail's log names no sender of a report"), log_of_mta, FALSE},
	{0},
};

const DoctorTopic doctor_sendmail_topic = {"sendmail", N_("Sendmail"), without_sendmail, checks};
