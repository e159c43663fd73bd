/* SPDX-License-Identifier: ISC */
/* What the configuration says, and the files that it names: as senim-registrar and senim-milter would read them. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "installed.h"
#include "policy/calendar.h"
#include "policy/names.h"
#include "store/addressee.h"
#include "store/agreement-text.h"
#include "store/json.h"
#include "store/registrar-lists.h"
#include "store/registrar-replies.h"
#include "store/registrar-templates.h"

#define RULES_SECONDS 60

static void parses(const Doctor *doctor, DoctorReport *report)
{
	if (doctor->config_file == NULL)
		doctor_say(report, DOCTOR_SKIPPED, "%s", doctor_without_config(doctor));
	else if (doctor->config == NULL)
		doctor_say(report, DOCTOR_RED, "%s", doctor->config_fault);
}

/* --- [senim] ------------------------------------------------------------------------------------------------------- */

/* Its default is the mailboxes' domains, so the value alone does not tell. */
static void organisation(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	if (!g_key_file_load_from_file(file, doctor->config->file, G_KEY_FILE_NONE, NULL) ||
	    !g_key_file_has_key(file, "senim", "organisation", NULL))
		doctor_say(report, DOCTOR_RED,
		           _("letters name the organisation “%s”, which no reporter recognises: set organisation = its full name in [senim]"),
		           doctor->config->organisation);
}

/* The change of 2024-03-01 reached Debian with tzdata 2024a; before it every moment is an hour late (R8). */
static void timezone_of_today(const Doctor *doctor, DoctorReport *report)
{
	static const char *const five_hours[] = {"Asia/Almaty", "Asia/Qostanay"};
	const Config *config = doctor->config;
	int interval = g_time_zone_find_interval(config->timezone, G_TIME_TYPE_UNIVERSAL, doctor->now / G_USEC_PER_SEC);
	for (gsize i = 0; i < G_N_ELEMENTS(five_hours); i++)
		if (strcmp(config->timezone_name, five_hours[i]) == 0 && g_time_zone_get_offset(config->timezone, interval) != 5 * 3600)
			doctor_say(report, DOCTOR_RED,
			           _("this host's tzdata is from before March 2024 and shows %s wrongly: apt install --only-upgrade tzdata, then restart both daemons"),
			           config->timezone_name);
}

/* What the registrar says of a file that it would not take. */
static void tell(DoctorReport *report, const GError *error)
{
	if (error != NULL)
		doctor_say(report, DOCTOR_RED, _("the registrar refuses it at its next start or reload: %s"), error->message);
}

static void agreement(const Doctor *doctor, DoctorReport *report)
{
	char digest[65];
	g_autoptr(GError) error = NULL;
	g_autofree char *text = agreement_text_read(doctor->config, digest, &error);
	if (*doctor->config->agreement == '\0')
		doctor_say(report, DOCTOR_RED,
		           _("officers sign no agreement on use: set agreement = FILE in [senim]; templates lie in %s"),
		           PKGDATADIR "/agreement");
	tell(report, error);
}

static void letters(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GError) error = NULL;
	registrar_templates_check(doctor->config, &error);
	tell(report, error);
}

static void grounds(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json_t) list = registrar_lists_grounds(doctor->config, &error, NULL);
	tell(report, error);
}

static void categories(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json_t) list = registrar_lists_categories(doctor->config, &error, NULL);
	tell(report, error);
}

static void reply_detail(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GError) error = NULL;
	if (*doctor->config->reply_detail == '\0')
		doctor_say(report, DOCTOR_SKIPPED, _("reply-detail is not set: answers go to the mailbox and are joined by their In-Reply-To"));
	else if (!registrar_replies_try_all(doctor->config, &error))
		doctor_say(report, DOCTOR_RED, "%s", error->message);
}

static void authserv(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	gboolean needed = FALSE;
	for (guint i = 0; i < config->n_mailboxes; i++)
		needed = needed || config->mailboxes[i].acknowledge == CONFIG_ACK_AUTHENTICATED;
	if (*config->trusted_authserv_id != '\0')
		return;
	if (needed)
		doctor_say(report, DOCTOR_RED,
		           _("acknowledge = authenticated, and no Authentication-Results is believed, so no letter goes out by itself: set trusted-authserv-id to a relay in front of this host that strips foreign ones"));
	else
		doctor_say(report, DOCTOR_YELLOW,
		           _("nobody's Authentication-Results are believed, so a forged sender gets the letter: put a relay in front that checks senders and strips foreign Authentication-Results, and name it in trusted-authserv-id"));
}

static void cage(const Doctor *doctor, DoctorReport *report)
{
	if (!doctor->config->cage_required)
		doctor_say(report, DOCTOR_RED, _("cage = off: strangers' mail is taken apart without the system call filter: remove the line, and restart senim-milter"));
}

/* --- the screening's rules ------------------------------------------------------------------------------------------ */

static char *first_line(const char *text)
{
	return g_strndup(text, strcspn(text, "\n"));
}

static void rules(const Doctor *doctor, DoctorReport *report)
{
	const char *examiner = doctor->config->examiner;
	if (!doctor_look_is_trusted(examiner)) {
		doctor_say(report, DOCTOR_YELLOW, _("%s could have been written by somebody else than root, so it was not started: install it from the release, or name that one as examiner"),
		           examiner);
		return;
	}
	const char *const argv[] = {examiner, "--pack-rules", "--rules", doctor->config->rules, NULL};
	g_auto(DoctorRun) run = {0};
	if (doctor_look_run(argv, RULES_SECONDS, &run))
		return;
	g_autofree char *line = first_line(run.err);
	if (!run.ended)
		doctor_say(report, DOCTOR_RED, _("%s cannot be started, or does not end: install it, or name it as examiner"), examiner);
	else
		doctor_say(report, DOCTOR_RED, _("the rules in %s are refused, and the last good ones stay in force: %s"),
		           doctor->config->rules, line);
}

/* --- [mailbox …] ------------------------------------------------------------------------------------------------------ */

static gboolean covers(const Calendar *calendar, int year)
{
	GDate first, last;
	g_date_set_dmy(&first, 1, G_DATE_JANUARY, (GDateYear)year);
	g_date_set_dmy(&last, 31, G_DATE_DECEMBER, (GDateYear)year);
	return calendar_day(calendar, &first) != CALENDAR_UNKNOWN && calendar_day(calendar, &last) != CALENDAR_UNKNOWN;
}

static void look_at_calendar(const ConfigMailbox *mailbox, int year, DoctorReport *report)
{
	gsize size;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(Calendar) calendar =
		g_file_get_contents(mailbox->calendar, &text, &size, &error) ? calendar_read(text, size, &error) : NULL;
	if (calendar == NULL)
		doctor_say(report, DOCTOR_RED, _("%s: the calendar cannot be read, so no case has a date: %s"), mailbox->address,
		           error->message);
	else if (!covers(calendar, year))
		doctor_say(report, DOCTOR_RED, _("%s: %s does not cover %d, so cases of this year have no date: put the calendar of this year there, and reload"),
		           mailbox->address, mailbox->calendar, year);
	else if (!covers(calendar, year + 1))
		doctor_say(report, DOCTOR_YELLOW, _("%s: %s does not cover %d: once the holidays are published put that calendar there, and reload"),
		           mailbox->address, mailbox->calendar, year + 1);
}

static void calendars(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(doctor->now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(now, config->timezone);
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (*config->mailboxes[i].calendar != '\0')
			look_at_calendar(&config->mailboxes[i], g_date_time_get_year(here), report);
		else
			doctor_say(report, DOCTOR_YELLOW, _("%s: calendar is empty, so public holidays count as working days: name a calendar"),
			           config->mailboxes[i].address);
}

static gboolean has_mail(const Config *config, char **names)
{
	for (guint i = 0; names[i] != NULL; i++)
		if (*config_officer(config, names[i])->mail != '\0')
			return TRUE;
	return FALSE;
}

static void notices(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const ConfigMailbox *mailbox = &config->mailboxes[i];
		if (!mailbox->urgent_notice)
			doctor_say(report, DOCTOR_YELLOW, _("%s: urgent-notice = no: nobody is told at once of a threat or of somebody in danger"),
			           mailbox->address);
		else if (!has_mail(config, mailbox->officers) && !has_mail(config, mailbox->deputies))
			doctor_say(report, DOCTOR_YELLOW,
			           _("%s: no officer has a mail address for urgent notices, so a threat waits until somebody looks: set mail in [officer %s]"),
			           mailbox->address, mailbox->officers[0]);
	}
}

static void hours(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const ConfigMailbox *mailbox = &config->mailboxes[i];
		gboolean mail = has_mail(config, mailbox->officers) || has_mail(config, mailbox->deputies);
		if (mailbox->notice_hours[0] == NULL)
			doctor_say(report, DOCTOR_YELLOW, _("%s: notice-hours is empty: nobody is reminded of reports that wait: set notice-hours = 09:00; 16:00"),
			           mailbox->address);
		else if (!mail)
			doctor_say(report, DOCTOR_YELLOW, _("%s: no officer has a mail address, so nobody is reminded of reports that wait: set mail in [officer %s]"),
			           mailbox->address, mailbox->officers[0]);
		else if (mailbox->notice_when_needed)
			doctor_say(report, DOCTOR_YELLOW, _("%s: notice = when-needed: whoever sees the officers' mail learns by the hour that something came: set notice = always"),
			           mailbox->address);
	}
}

static void alarms(const Doctor *doctor, DoctorReport *report)
{
	g_autoptr(GPtrArray) mails = config_alarms(doctor->config, "mail:"), commands = config_alarms(doctor->config, "command:");
	if (mails->len + commands->len == 0)
		doctor_say(report, DOCTOR_YELLOW, _("alarm is empty: nobody hears that reports are put off, or that the disk fills: set alarm = mail:ADDRESS; command:/PATH"));
	else if (commands->len == 0)
		doctor_say(report, DOCTOR_YELLOW, _("alarm has no command: a registrar that is gone sends no letter, and nobody hears of it: add command:/PATH"));
	else if (mails->len == 0)
		doctor_say(report, DOCTOR_YELLOW, _("alarm has no address: of reports that the registrar puts off while it runs only senim-milter's command tells: add mail:ADDRESS"));
	for (guint i = 0; i < commands->len; i++)
		if (access(commands->pdata[i], X_OK) != 0)
			doctor_say(report, DOCTOR_RED, _("alarm: %s cannot be run: put a program there that whoever runs the daemons may execute"),
			           (const char *)commands->pdata[i]);
}

static void looks(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const ConfigMailbox *mailbox = &config->mailboxes[i];
		guint readers = g_strv_length(mailbox->officers) + g_strv_length(mailbox->deputies);
		if (mailbox->looks_per_day > 0 && mailbox->looks_limit_hard && readers < 2)
			doctor_say(report, DOCTOR_YELLOW,
			           _("%s: looks-limit = hard with one officer: nobody can allow her more; set looks-limit = tell, or appoint a deputy"),
			           mailbox->address);
		else if (mailbox->looks_limit_hard && mailbox->looks_per_day == 0)
			doctor_say(report, DOCTOR_YELLOW, _("%s: looks-limit = hard limits nothing while looks-per-day is 0: set looks-per-day"),
			           mailbox->address);
	}
}

/* --- conflict of interest ------------------------------------------------------------------------------------------- */

/* Which of somebody's names cannot do its work is said by its place: a person's name is not for this screen. */
static void look_at_names(const char *section, const char *id, char **list, const char *post, DoctorReport *report)
{
	for (guint i = 0; list[i] != NULL; i++) {
		g_autoptr(Names) names = names_new();
		names_add_name(names, id, list[i]);
		g_autoptr(GPtrArray) common = names_too_common(names);
		if (common->len > 0)
			doctor_say(report, DOCTOR_YELLOW,
			           _("[%s %s] names: item %u is a word of every day or a first name alone, so no report is withheld for it: write the whole name"),
			           section, id, i + 1);
	}
	g_autoptr(Names) names = names_new();
	names_add_post(names, id, post);
	g_autoptr(GPtrArray) common = names_too_common(names);
	if (common->len > 0)
		doctor_say(report, DOCTOR_YELLOW, _("[%s %s] post has no word of its own, so no report is withheld for it: write the whole post"),
		           section, id);
}

static void names_of_people(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	for (guint i = 0; i < config->n_officers; i++) {
		const ConfigOfficer *officer = &config->officers[i];
		if (officer->names[0] == NULL)
			doctor_say(report, DOCTOR_YELLOW, _("[officer %s] has no names, so a report about her is not withheld from her: set names"),
			           officer->name);
		look_at_names("officer", officer->name, officer->names, officer->post, report);
	}
	for (guint i = 0; i < config->n_people; i++)
		look_at_names("person", config->people[i].name, config->people[i].names, config->people[i].post, report);
}

/* --- addressees --------------------------------------------------------------------------------------------------------- */

static void look_at_addressee(const Doctor *doctor, const ConfigAddressee *to, DoctorReport *report)
{
	g_autofree char *warning = NULL;
	g_autoptr(GError) error = NULL;
	if (!addressee_is_valid(to, doctor->config, doctor->now))
		doctor_say(report, DOCTOR_YELLOW, _("[addressee %s] is valid from %s only: until then nothing can be redirected to it"), to->name,
		           to->valid_from);
	if (to->allow_cleartext)
		doctor_say(report, DOCTOR_YELLOW, _("[addressee %s] allow-cleartext = yes: an officer may send it a report in clear: ask it for an age recipient, and remove the line"),
		           to->name);
	if (*to->openpgp != '\0' && !addressee_check_key(to, g_get_tmp_dir(), doctor->now, &warning, &error))
		doctor_say(report, DOCTOR_RED, "%s", error->message);
	else if (warning != NULL)
		doctor_say(report, DOCTOR_YELLOW, "%s", warning);
}

static void addressees(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	if (config->n_addressees == 0)
		doctor_say(report, DOCTOR_YELLOW, _("there is no [addressee NAME]: threats cannot be redirected to law enforcement; name the body that is competent"));
	for (guint i = 0; i < config->n_addressees; i++)
		look_at_addressee(doctor, &config->addressees[i], report);
}

static const DoctorCheck checks[] = {
	{"config", N_("the configuration is good"), parses, TRUE},
	{"organisation", N_("letters name the organisation"), organisation, FALSE},
	{"timezone", N_("the time zone is known as it is today"), timezone_of_today, FALSE},
	{"agreement", N_("officers accept an agreement on use"), agreement, FALSE},
	{"letters", N_("the letters' templates are good"), letters, FALSE},
	{"grounds", N_("the list of grounds is good"), grounds, FALSE},
	{"categories", N_("the list of categories is good"), categories, FALSE},
	{"rules", N_("the screening's rules are good, and every example of theirs holds"), rules, FALSE},
	{"calendar", N_("the calendar covers this year and the next"), calendars, FALSE},
	{"reply-detail", N_("the MTA takes mail for a mailbox with a detail"), reply_detail, FALSE},
	{"authserv", N_("a relay that strips foreign Authentication-Results is named"), authserv, FALSE},
	{"cage", N_("strangers' mail is taken apart in a cage, or not at all"), cage, FALSE},
	{"notices", N_("somebody is told at once of a threat"), notices, FALSE},
	{"hours", N_("officers are reminded at fixed hours, whether or not anything came"), hours, FALSE},
	{"alarm", N_("whoever keeps the host is told before the intake stops"), alarms, FALSE},
	{"looks", N_("the limit of looks leaves officers able to work"), looks, FALSE},
	{"names", N_("the names of the conflict of interest are no common words"), names_of_people, FALSE},
	{"addressees", N_("reports can be redirected to law enforcement"), addressees, FALSE},
	{0},
};

const DoctorTopic doctor_config_topic = {"configuration", N_("Configuration"), doctor_without_config, checks};
