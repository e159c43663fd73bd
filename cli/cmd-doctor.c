/* SPDX-License-Identifier: ISC */
/* senim doctor: the table of checks (cli/doctor.h), red first, then yellow; what is good is counted, or shown with --all. */
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/pager.h"

/* Where the units and doc/install.md have it. */
#define USUAL_CONFIG "/var/lib/senim/senim.conf"
#define LEVEL_WIDTH 10

/* --- for a person ------------------------------------------------------------------------------------------------------- */

static const char *level_name(DoctorLevel level)
{
	static const char *const names[DOCTOR_LEVELS] = {N_("not seen"), N_("green"), N_("yellow"), N_("RED")};
	return _(names[level]);
}

static const char *level_colour(DoctorLevel level)
{
	static const char *const codes[DOCTOR_LEVELS] = {"\033[2m", "\033[32m", "\033[1;33m", "\033[1;31m"};
	return pager_on_terminal() && g_getenv("NO_COLOR") == NULL ? codes[level] : "";
}

/* "RED       postfix-milters: …", folded below its first word. */
static void add_finding(WipeBuffer *out, const DoctorFinding *finding)
{
	const char *name = level_name(finding->level), *colour = level_colour(finding->level);
	guint wide = format_width(name);
	g_autofree char *pad = g_strnfill(wide < LEVEL_WIDTH ? LEVEL_WIDTH - wide : 1, ' ');
	g_autofree char *line = g_strdup_printf("%s: %s", finding->check, finding->sentence);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_LINE);
	wipe_buffer_add_text(out, colour);
	wipe_buffer_add_text(out, name);
	wipe_buffer_add_text(out, *colour != '\0' ? "\033[0m" : "");
	wipe_buffer_add_text(out, pad);
	format_fold(safe, output_width(), LEVEL_WIDTH, out);
	wipe_buffer_add_text(out, "\n");
}

static guint count(const GPtrArray *findings, DoctorLevel level)
{
	guint n = 0;
	for (guint i = 0; i < findings->len; i++)
		n += ((const DoctorFinding *)findings->pdata[i])->level == level;
	return n;
}

static void add_level(WipeBuffer *out, const GPtrArray *findings, DoctorLevel level)
{
	for (guint i = 0; i < findings->len; i++) {
		const DoctorFinding *finding = findings->pdata[i];
		if (finding->level == level)
			add_finding(out, finding);
	}
}

/* What could not be looked at in a topic says so once. */
static void add_skipped(WipeBuffer *out, const char *why)
{
	g_autofree char *line = g_strdup_printf("%s: %s", level_name(DOCTOR_SKIPPED), why);
	format_fold(line, output_width(), 0, out);
	wipe_buffer_add_text(out, "\n");
}

/* With --all by topics, in the order of the table. */
static void add_topics(WipeBuffer *out, const Doctor *doctor, const GPtrArray *findings)
{
	for (guint i = 0; doctor_topics[i] != NULL; i++) {
		const char *bold = pager_on_terminal() && g_getenv("NO_COLOR") == NULL ? "\033[1m" : "";
		g_autofree char *title = g_strdup_printf("%s%s%s%s\n", i > 0 ? "\n" : "", bold, _(doctor_topics[i]->title),
		                                         *bold != '\0' ? "\033[0m" : "");
		const char *why = doctor_topics[i]->skip != NULL ? doctor_topics[i]->skip(doctor) : NULL;
		wipe_buffer_add_text(out, title);
		if (why != NULL)
			add_skipped(out, why);
		for (guint k = 0; k < findings->len; k++) {
			const DoctorFinding *finding = findings->pdata[k];
			if (finding->topic == doctor_topics[i]->name && (why == NULL || finding->level != DOCTOR_SKIPPED))
				add_finding(out, finding);
		}
	}
}

static gboolean print_text(const Doctor *doctor, const GPtrArray *findings, gboolean all, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	guint red = count(findings, DOCTOR_RED), yellow = count(findings, DOCTOR_YELLOW);
	if (all) {
		add_topics(out, doctor, findings);
	} else {
		add_level(out, findings, DOCTOR_RED);
		add_level(out, findings, DOCTOR_YELLOW);
	}
	g_autofree char *sum = g_strdup_printf(_("%s%u red, %u yellow, %u green, %u not seen.%s\n"), all || red + yellow > 0 ? "\n" : "",
	                                       red, yellow, count(findings, DOCTOR_GREEN), count(findings, DOCTOR_SKIPPED),
	                                       all ? "" : _(" senim doctor --all shows every line."));
	wipe_buffer_add_text(out, sum);
	return pager_write(wipe_buffer_data(out), wipe_buffer_size(out), error);
}

/* --- for programs -------------------------------------------------------------------------------------------------------- */

static gboolean print_json(const GPtrArray *findings, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < findings->len; i++) {
		const DoctorFinding *finding = findings->pdata[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "topic", finding->topic, "check", finding->check, "level",
		                                      doctor_level_word(finding->level), "says",
		                                      output_string(finding->sentence, strlen(finding->sentence))));
	}
	return output_json(json_pack("{s:i, s:i, s:i, s:i, s:o}", "red", (int)count(findings, DOCTOR_RED), "yellow",
	                             (int)count(findings, DOCTOR_YELLOW), "green", (int)count(findings, DOCTOR_GREEN), "skipped",
	                             (int)count(findings, DOCTOR_SKIPPED), "checks", list),
	                   error);
}

/* --- the command ----------------------------------------------------------------------------------------------------------- */

/* What is named; else the usual place of a mail host, where nothing of an officer's is named either. */
static const char *config_of(const Settings *settings)
{
	if (settings->config != NULL || settings->desk != NULL || settings->identity != NULL)
		return settings->config;
	return access(USUAL_CONFIG, F_OK) == 0 ? USUAL_CONFIG : NULL;
}

gboolean cmd_doctor(Cli *cli, GError **error)
{
	Doctor doctor = {.root = "",
	                 .now = g_get_real_time(),
	                 .config_file = config_of(cli->settings),
	                 .settings = cli->settings,
	                 .postfix = options_value(cli->options, "postfix")};
	if (doctor.config_file == NULL && cli->settings->identity == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("there is nothing to look at: --config FILE on the mail host, or --identity FILE on an officer's machine"));
	doctor_meet(&doctor);
	g_autoptr(GPtrArray) findings = doctor_run(&doctor, doctor_topics);
	gboolean printed = options_flag(cli->options, "json")
	                           ? print_json(findings, error)
	                           : print_text(&doctor, findings, options_flag(cli->options, "all"), error);
	doctor_clear(&doctor);
	guint red = count(findings, DOCTOR_RED);
	if (printed && red > 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("%u of these must not stay so: each says what to do"), red);
	return printed;
}
