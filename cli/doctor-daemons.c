/* SPDX-License-Identifier: ISC */
/* The two daemons as they run: who they are, what reaches them, what limits them, and the units that start them. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "store/intake.h"
#include "store/submit.h"

#define MIB ((guint64)1 << 20)
#define MEMLOCK (64 * MIB)     /* LimitMEMLOCK= of the units */
#define SYSTEMCTL_SECONDS 10

static const char *socket_path(const Config *config)
{
	return g_str_has_prefix(config->milter_socket, "unix:") ? config->milter_socket + strlen("unix:") : NULL;
}

/* --- what reaches them --------------------------------------------------------------------------------------------------- */

static void milter(const Doctor *doctor, DoctorReport *report)
{
	const char *path = socket_path(doctor->config);
	if (path == NULL) {
		doctor_say(report, DOCTOR_SKIPPED, _("milter-socket = %s is no path: the topic of the MTA looks at it"),
		           doctor->config->milter_socket);
		return;
	}
	int why = doctor_look_as(NULL, path, TRUE);
	if (doctor_look_is_hidden(why))
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), path);
	else if (why != 0)
		doctor_say(report, DOCTOR_RED, _("senim-milter does not answer on %s (%s), so the MTA puts off all its mail: systemctl start senim-milter, and journalctl -u senim-milter says why"),
		           path, g_strerror(why));
}

static void intake(const Doctor *doctor, DoctorReport *report)
{
	DoctorEyes eyes;
	g_autofree char *path = config_run_path(doctor->config, "intake.sock");
	if (!doctor->milter.answers || !doctor->registrar.answers) {
		doctor_say(report, DOCTOR_SKIPPED, _("both daemons must run before this can be seen"));
		return;
	}
	if (!doctor_look_eyes_of(doctor, doctor->milter.pid, &eyes)) {
		doctor_say(report, DOCTOR_SKIPPED, _("this user cannot see as whom senim-milter runs: run senim doctor as root"));
		return;
	}
	int why = doctor_look_as(&eyes, path, FALSE);
	if (doctor_look_is_hidden(why))
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), path);
	else if (why != 0)
		doctor_say(report, DOCTOR_RED, _("senim-milter's user cannot reach %s (%s), so all mail to the mailboxes is put off: give that user the group senim-intake (systemd-sysusers), and restart the unit"),
		           path, g_strerror(why));
}

static const struct {
	const char *name, *group;
} sockets[] = {
	{"desk.sock", "senim-desk"},
	{"intake.sock", "senim-intake"},
	{"ingest.sock", "senim-ingest"},
};

static void look_at_socket(const char *path, const char *group, DoctorReport *report)
{
	struct stat st;
	struct group *wanted = group != NULL ? getgrnam(group) : NULL;
	if (stat(path, &st) != 0)
		return;
	if ((st.st_mode & 07) != 0)
		doctor_say(report, DOCTOR_RED, _("%s is open to everybody on this host (%04o): restart its daemon, and find out who changed it"), path,
		           st.st_mode & 07777);
	if (wanted != NULL && st.st_gid != wanted->gr_gid)
		doctor_say(report, DOCTOR_YELLOW, _("%s does not belong to the group %s, so only its owner and root reach it: put the daemon's user into that group (systemd-sysusers), and restart it"),
		           path, group);
}

static void socket_rights(const Doctor *doctor, DoctorReport *report)
{
	struct stat st;
	const Config *config = doctor->config;
	for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++) {
		g_autofree char *path = config_run_path(config, sockets[i].name);
		look_at_socket(path, sockets[i].group, report);
	}
	if (socket_path(config) != NULL)
		look_at_socket(socket_path(config), NULL, report);
	if (stat(config->run_directory, &st) == 0 && (st.st_mode & 02) != 0)
		doctor_say(report, DOCTOR_RED, _("%s is open to everybody on this host, who could put another socket there: chmod o-w %s"),
		           config->run_directory, config->run_directory);
}

/* Only these users have a reason to be there; officers are in senim-desk, whoever they are. */
static void look_at_group(const char *name, const char *const *expected, DoctorReport *report)
{
	struct group *group = getgrnam(name);
	for (char **member = group != NULL ? group->gr_mem : NULL; member != NULL && *member != NULL; member++)
		if (!g_strv_contains(expected, *member))
			doctor_say(report, DOCTOR_RED, _("the user %s is in the group %s, which is the daemons' alone: gpasswd -d %s %s"), *member, name,
			           *member, name);
}

static void groups(const Doctor *doctor G_GNUC_UNUSED, DoctorReport *report)
{
	static const char *const intakers[] = {"senim", "senim-milter", NULL};
	static const char *const ingesters[] = {"senim-ingest", "senim-milter", NULL};
	look_at_group("senim-intake", intakers, report);
	look_at_group("senim-ingest", ingesters, report);
}

static void users(const Doctor *doctor, DoctorReport *report)
{
	if (!doctor->registrar.answers || !doctor->milter.answers)
		doctor_say(report, DOCTOR_SKIPPED, _("both daemons must run before this can be seen"));
	else if (doctor->registrar.uid == 0 || doctor->milter.uid == 0)
		doctor_say(report, DOCTOR_YELLOW, _("a daemon runs as root: start both by their units, which give each a user of its own"));
	else if (doctor->registrar.uid == doctor->milter.uid)
		doctor_say(report, DOCTOR_YELLOW, _("both daemons run as one user, so whoever takes over the milter has the store: start both by their units"));
}

/* --- limits ---------------------------------------------------------------------------------------------------------------- */

/* proc_pid_limits(5): "NAME  SOFT  HARD  UNITS"; the soft one. G_MAXUINT64: unlimited. */
static gboolean limit_of(const char *text, const char *name, guint64 *limit)
{
	g_autofree char *line = doctor_look_field(text, name);
	if (line == NULL)
		return FALSE;
	*limit = g_str_has_prefix(line, "unlimited") ? G_MAXUINT64 : g_ascii_strtoull(line, NULL, 10);
	return TRUE;
}

static void look_at_limits(const Doctor *doctor, const DoctorPeer *peer, const char *unit, DoctorReport *report)
{
	guint64 core, locked, swapped;
	g_autofree char *path = g_strdup_printf("/proc/%d/limits", (int)peer->pid), *limits = doctor_look_text(doctor, path);
	g_autofree char *status_path = g_strdup_printf("/proc/%d/status", (int)peer->pid);
	g_autofree char *status = doctor_look_text(doctor, status_path), *swap = doctor_look_field(status, "VmSwap");
	if (!limit_of(limits, "Max core file size", &core) || !limit_of(limits, "Max locked memory", &locked)) {
		doctor_say(report, DOCTOR_SKIPPED, _("the limits of %s cannot be seen by this user: run senim doctor as root"), unit);
		return;
	}
	if (core != 0)
		doctor_say(report, DOCTOR_RED, _("%s may write a core file: restart it by its unit, which has LimitCORE=0"), unit);
	if (locked < MEMLOCK)
		doctor_say(report, DOCTOR_YELLOW, _("%s may lock %u KiB of memory, too little for its keys under load: LimitMEMLOCK=64M in the unit"), unit,
		           (guint)(locked >> 10));
	swapped = swap != NULL ? g_ascii_strtoull(swap, NULL, 10) : 0;
	if (swapped > 0)
		doctor_say(report, DOCTOR_YELLOW, _("%u KiB of %s lie in swap: MemorySwapMax=0 in the unit, and restart it"), (guint)swapped, unit);
}

static void limits_of_both(const Doctor *doctor, DoctorReport *report)
{
	if (!doctor->registrar.answers && !doctor->milter.answers)
		doctor_say(report, DOCTOR_SKIPPED, _("both daemons must run before this can be seen"));
	if (doctor->registrar.answers)
		look_at_limits(doctor, &doctor->registrar, "senim-registrar", report);
	if (doctor->milter.answers)
		look_at_limits(doctor, &doctor->milter, "senim-milter", report);
}

/* senim-milter does not start with too few; the registrar does, and says so in its log alone. */
static void descriptors(const Doctor *doctor, DoctorReport *report)
{
	guint64 files;
	g_autofree char *path = g_strdup_printf("/proc/%d/limits", (int)doctor->registrar.pid);
	g_autofree char *limits = doctor->registrar.answers ? doctor_look_text(doctor, path) : NULL;
	if (!limit_of(limits, "Max open files", &files))
		doctor_say(report, DOCTOR_SKIPPED, _("the limits of %s cannot be seen by this user: run senim doctor as root"), "senim-registrar");
	else if (files < INTAKE_DESCRIPTORS)
		doctor_say(report, DOCTOR_YELLOW, _("senim-registrar may have %u files open and needs up to %u under load: LimitNOFILE=65536 in the unit"),
		           (guint)files, (guint)INTAKE_DESCRIPTORS);
}

/* --- units ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *property, *value;
} shipped[] = {
	{"CapabilityBoundingSet", ""},  {"LimitCORE", "0"},      {"MemoryDenyWriteExecute", "yes"}, {"MemorySwapMax", "0"},
	{"NoNewPrivileges", "yes"},     {"PrivateTmp", "yes"},   {"ProtectHome", "yes"},            {"ProtectSystem", "strict"},
	{"RestrictNamespaces", "yes"},  {"UMask", "0077"},
};

static void look_at_unit(const char *unit, DoctorReport *report)
{
	const char *const argv[] = {"systemctl", "show", "--no-pager", unit, NULL};
	g_auto(DoctorRun) run = {0};
	if (!doctor_look_run(argv, SYSTEMCTL_SECONDS, &run)) {
		doctor_say(report, DOCTOR_SKIPPED, _("systemctl does not answer"));
		return;
	}
	g_autofree char *text = g_strdelimit(g_strdup(run.out), "=", ' ');
	g_autofree char *loaded = doctor_look_field(text, "LoadState"), *enabled = doctor_look_field(text, "UnitFileState");
	if (g_strcmp0(loaded, "loaded") != 0) {
		doctor_say(report, DOCTOR_YELLOW, _("%s is not installed, so the daemon is neither caged by systemd nor started after a reboot: make install, then systemctl daemon-reload"), unit);
		return;
	}
	if (g_strcmp0(enabled, "enabled") != 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s is not started after a reboot: systemctl enable %s"), unit, unit);
	for (gsize i = 0; i < G_N_ELEMENTS(shipped); i++) {
		g_autofree char *value = doctor_look_field(text, shipped[i].property);
		if (value != NULL && strcmp(value, shipped[i].value) != 0 && (*shipped[i].value != '\0' || *value != '\0'))
			doctor_say(report, DOCTOR_YELLOW, _("%s has %s=%s, and as shipped %s: take the line out of its drop-in (systemctl edit %s)"), unit,
			           shipped[i].property, value, shipped[i].value, unit);
	}
}

static void units(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *path = doctor_look_path(doctor, "/run/systemd/system");
	if (access(path, F_OK) != 0) {
		doctor_say(report, DOCTOR_SKIPPED, _("systemd does not run here"));
		return;
	}
	look_at_unit("senim-registrar.service", report);
	look_at_unit("senim-milter.service", report);
}

/* --- letters ------------------------------------------------------------------------------------------------------------------ */

static gboolean has_no_new_privileges(const Doctor *doctor)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)doctor->registrar.pid);
	g_autofree char *text = doctor->registrar.answers ? doctor_look_text(doctor, path) : NULL;
	g_autofree char *field = doctor_look_field(text, "NoNewPrivs");
	return g_strcmp0(field, "1") == 0;
}

static void look_at_command(const Doctor *doctor, const char *submit, DoctorReport *report)
{
	struct stat st;
	g_autofree char *program = g_strndup(submit, strcspn(submit, " "));
	if (access(program, X_OK) != 0)
		doctor_say(report, DOCTOR_RED, _("submit = %s: the program is not there, so no letter goes out: install it, or set submit = smtp://127.0.0.1:10026"), submit);
	else if (has_no_new_privileges(doctor) && strstr(program, "sendmail") != NULL && stat(program, &st) == 0)
		doctor_say(report, DOCTOR_RED, _("submit = %s reaches no queue under the unit, whose NoNewPrivileges takes away its set-group-ID bit: make a listener as step 4 of doc/install.md has it, and set submit = smtp://127.0.0.1:10026"),
		           submit);
}

static void submit(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	g_autoptr(GError) error = NULL;
	if (!g_str_has_prefix(config->submit, "smtp://")) {
		look_at_command(doctor, config->submit, report);
		return;
	}
	const char *mailbox = config->mailboxes[0].address;
	if (!submit_accepts(config->submit, strrchr(mailbox, '@') + 1, mailbox, &error))
		doctor_say(report, DOCTOR_RED, _("submit = %s takes no mail, so letters wait (%s): see that the MTA listens there, without milters and for this host alone"),
		           config->submit, error->message);
}

static const DoctorCheck checks[] = {
	{"milter", N_("senim-milter answers"), milter, FALSE},
	{"intake", N_("senim-milter reaches the registrar"), intake, FALSE},
	{"sockets", N_("the sockets are open to their groups alone"), socket_rights, FALSE},
	{"groups", N_("nobody but the daemons may hand reports in"), groups, FALSE},
	{"users", N_("each daemon runs as a user of its own"), users, FALSE},
	{"limits", N_("no core files, memory to lock keys in, nothing in swap"), limits_of_both, FALSE},
	{"descriptors", N_("the registrar may open as many files as it needs"), descriptors, FALSE},
	{"units", N_("the units are as shipped, and started after a reboot"), units, FALSE},
	{"submit", N_("the MTA takes letters"), submit, FALSE},
	{0},
};

const DoctorTopic doctor_daemons_topic = {"daemons", N_("Daemons"), doctor_without_config, checks};
