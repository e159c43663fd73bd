/* SPDX-License-Identifier: ISC */
/* The officer's own machine: where her key lies, what she knows of the registers, and the programs that hers starts. */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "cli/scan.h"
#include "installed.h"
#include "store/keyfile.h"
#include "store/note.h"
#include "store/private-file.h"

#define EXAMINER_SECONDS 10
#define SSH_SECONDS 5
#define SOON (30 * G_TIME_SPAN_DAY)

static const char *without_officer(const Doctor *doctor)
{
	if (doctor->settings == NULL || doctor->settings->identity == NULL)
		return _("no officer's key is named: her side is looked at on her own machine");
	return NULL;
}

/* --- her key ---------------------------------------------------------------------------------------------------------- */

static void key_file(const Doctor *doctor, DoctorReport *report)
{
	struct stat st;
	const char *path = doctor->settings->identity;
	if (stat(path, &st) != 0)
		doctor_say(report, DOCTOR_RED, _("the key file %s is not there: put in the medium that it lies on, or name it as identity in %s"), path,
		           doctor->settings->file);
	else if ((st.st_mode & 077) != 0)
		doctor_say(report, DOCTOR_RED, _("others may read the key file %s: chmod 600 it, and make a new key if somebody did"), path);
	else if (!private_file_check_local(path, NULL))
		doctor_say(report, DOCTOR_RED, _("%s lies on a disk of another machine, whose people can read it: move it to a medium of your own"), path);
}

static void key_seal(const Doctor *doctor, DoctorReport *report)
{
	const char *path = doctor->settings->identity;
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_read(path, NULL, 0, &error);
	if (keys != NULL)
		doctor_say(report, DOCTOR_RED, _("the key file %s has no passphrase, so whoever copies it reads every report: senim passphrase gives it one"), path);
	else if (g_error_matches(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM))
		doctor_say(report, DOCTOR_RED, _("%s is no key file of senim: name the file that keygen made"), path);
	else if (g_error_matches(error, KEYFILE_ERROR, KEYFILE_ERROR_PASSPHRASE))
		doctor_say(report, DOCTOR_YELLOW, _("the key file is sealed by a passphrase alone; the rules ask for two factors: senim keygen --token seals it to a token"));
	else if (!g_error_matches(error, KEYFILE_ERROR, KEYFILE_ERROR_TOKEN))
		doctor_say(report, DOCTOR_SKIPPED, _("the key file cannot be read now"));
}

/* "1" in sysfs for a device that can be taken out; what lies on USB says so by its path, also where the medium itself does
 * not (a disk in an enclosure). */
static gboolean is_removable(const Doctor *doctor, dev_t device)
{
	g_autofree char *link = g_strdup_printf("%s/sys/dev/block/%u:%u", doctor->root, major(device), minor(device));
	g_autofree char *place = realpath(link, NULL);
	if (place == NULL)
		return FALSE;
	if (strstr(place, "/usb") != NULL || strstr(place, "/mmc") != NULL)
		return TRUE;
	/* a partition's directory lies in its disk's */
	for (guint i = 0; i < 2; i++) {
		g_autofree char *file = g_build_filename(place, i == 0 ? "removable" : "../removable", NULL), *text = NULL;
		if (g_file_get_contents(file, &text, NULL, NULL))
			return text[0] == '1';
	}
	return FALSE;
}

static void key_medium(const Doctor *doctor, DoctorReport *report)
{
	struct stat st;
	const char *path = doctor->settings->identity;
	if (stat(path, &st) != 0) {
		doctor_say(report, DOCTOR_SKIPPED, _("the key file cannot be read now"));
		return;
	}
	if (!is_removable(doctor, st.st_dev) && doctor->settings->token == NULL)
		doctor_say(report, DOCTOR_YELLOW, _("the key file %s lies on a fixed disk, and the rules allow no keys there: move it to a medium that is taken out after work, and name it there as identity in %s"),
		           path, doctor->settings->file);
}

static void key_end(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *path = g_strconcat(doctor->settings->identity, ".pub", NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public_read(path, NULL);
	gint64 expires = half != NULL ? half->expires * G_USEC_PER_SEC : 0;
	if (half == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("%s is not there: until when the key holds says senim officer list"), path);
	else if (expires != 0 && expires <= doctor->now)
		doctor_say(report, DOCTOR_RED, _("your key has expired: make a new one with keygen and give its .pub to the administrator"));
	else if (expires != 0 && expires - doctor->now < SOON)
		doctor_say(report, DOCTOR_YELLOW, _("your key expires in %d days: make a new one with keygen, and let another officer enter its .pub"),
		           (int)((expires - doctor->now) / G_TIME_SPAN_DAY));
}

/* --- what she knows of the registers ------------------------------------------------------------------------------------- */

static void pins(const Doctor *doctor, DoctorReport *report)
{
	const Settings *settings = doctor->settings;
	g_autofree char *directory = settings->config != NULL ? g_path_get_dirname(settings->config) : NULL;
	g_autofree char *path = settings->log_pub != NULL ? g_strdup(settings->log_pub)
	                        : directory != NULL       ? g_build_filename(directory, "log.pub", NULL)
	                                                  : NULL;
	g_autofree char *text = NULL;
	guint found = 0;
	struct stat st;
	if (path == NULL || !g_file_get_contents(path, &text, NULL, NULL)) {
		doctor_say(report, DOCTOR_RED, _("the registers' keys are not known here, so nothing is opened: log-pub = FILE in %s, with the log.pub that the administrator gave you, or senim enroll"),
		           settings->file);
		return;
	}
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		g_autoptr(NoteVerifier) verifier = **line != '\0' ? note_verifier_new(*line, NULL) : NULL;
		found += verifier != NULL;
	}
	if (found == 0)
		doctor_say(report, DOCTOR_RED, _("%s is no list of registers' keys: ask the administrator for log.pub once more"), path);
	else if (stat(path, &st) == 0 && (st.st_mode & 022) != 0)
		doctor_say(report, DOCTOR_RED, _("others may write to %s and pass off another register: chmod 644 %s, and compare it with the administrator's"), path,
		           path);
}

/* --- the way to the desk --------------------------------------------------------------------------------------------------- */

/* The host of ssh://[USER@]HOST[:PORT][/PATH] as known_hosts has it (transfer full): "[HOST]:PORT" for another port. */
static char *host_of(const char *place)
{
	const char *begin = place + strlen("ssh://"), *at = strchr(begin, '@');
	g_autofree char *rest = g_strndup(at != NULL ? at + 1 : begin, strcspn(at != NULL ? at + 1 : begin, "/"));
	const char *close = strchr(rest, ']'), *colon = strchr(close != NULL ? close : rest, ':');
	gsize size = colon != NULL ? (gsize)(colon - rest) : strlen(rest);
	g_autofree char *bare = *rest == '[' && close != NULL ? g_strndup(rest + 1, (gsize)(close - rest - 1)) : g_strndup(rest, size);
	return colon != NULL && strcmp(colon, ":22") != 0 ? g_strdup_printf("[%s]%s", bare, colon) : g_steal_pointer(&bare);
}

static void ssh(const Doctor *doctor, DoctorReport *report)
{
	const char *desk = doctor->settings->desk;
	if (desk == NULL || !g_str_has_prefix(desk, "ssh://")) {
		doctor_say(report, DOCTOR_SKIPPED, _("the desk is not reached by ssh"));
		return;
	}
	if (!doctor_look_has("ssh") || !doctor_look_has("ssh-keygen")) {
		doctor_say(report, DOCTOR_RED, _("ssh is not installed, and %s is reached by it: apt install openssh-client"), desk);
		return;
	}
	g_autofree char *host = host_of(desk);
	g_autofree char *known = g_build_filename(g_get_home_dir(), ".ssh", "known_hosts", NULL);
	const char *const argv[] = {"ssh-keygen", "-F", host, "-f", known, NULL};
	const char *const system[] = {"ssh-keygen", "-F", host, "-f", "/etc/ssh/ssh_known_hosts", NULL};
	g_auto(DoctorRun) run = {0}, other = {0};
	if (doctor->settings->ssh_config == NULL && !doctor_look_run(argv, SSH_SECONDS, &run) && !doctor_look_run(system, SSH_SECONDS, &other))
		doctor_say(report, DOCTOR_RED, _("the key of %s is not in %s, and an unknown host is never taken on: the administrator gives it on a medium, or reads it out"),
		           host, known);
}

/* --- programs that hers starts ------------------------------------------------------------------------------------------------ */

static void examiner(const Doctor *doctor, DoctorReport *report)
{
	const char *path = doctor->settings->examiner != NULL ? doctor->settings->examiner : PKGLIBEXECDIR "/senim-examine";
	const char *const argv[] = {path, "--version", NULL};
	g_auto(DoctorRun) run = {0};
	if (!doctor_look_is_trusted(path))
		doctor_say(report, access(path, F_OK) != 0 ? DOCTOR_RED : DOCTOR_YELLOW,
		           access(path, F_OK) != 0 ? _("%s is not there, and letters are read in its cage: install it, or name it as examiner")
		                                   : _("%s, in which letters are read, could have been written by somebody else: install it from the release"),
		           path);
	else if (!doctor_look_run(argv, EXAMINER_SECONDS, &run))
		doctor_say(report, DOCTOR_RED, _("%s cannot be started, or does not end: install it, or name it as examiner"), path);
}

static void scanner(const Doctor *doctor, DoctorReport *report)
{
	DoctorPeer peer = {0};
	const char *named = doctor->settings->clamd;
	g_autofree char *path = named != NULL ? g_strdup(named) : doctor_look_path(doctor, SCAN_SOCKET);
	if (doctor_look_peer(path, &peer))
		return;
	if (named != NULL)
		doctor_say(report, DOCTOR_RED, _("clamd does not answer on %s (%s), so attachments are shown without being looked through: start it, or remove clamd from %s"), path,
		           peer.why, doctor->settings->file);
	else
		doctor_say(report, DOCTOR_YELLOW, _("attachments are not looked through for viruses before they are opened: apt install clamav-daemon"));
	g_free(peer.why);
}

static const DoctorCheck checks[] = {
	{"key-file", N_("your key file is yours alone, on this machine"), key_file, FALSE},
	{"key-seal", N_("your key file is sealed to a token"), key_seal, FALSE},
	{"key-medium", N_("your key file lies on a medium that can be taken out"), key_medium, FALSE},
	{"key-end", N_("your key does not expire within thirty days"), key_end, FALSE},
	{"log-pub", N_("the registers' keys are known here"), pins, FALSE},
	{"ssh", N_("the way to the mail host is known"), ssh, FALSE},
	{"examiner", N_("letters are read in a cage"), examiner, FALSE},
	{"scanner", N_("attachments are looked through for viruses"), scanner, FALSE},
	{0},
};

const DoctorTopic doctor_officer_topic = {"officer", N_("Your machine"), without_officer, checks};
