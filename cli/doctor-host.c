/* SPDX-License-Identifier: ISC */
/* The machine itself: its clock, its swap, its core dumps. */
#include <string.h>
#include <sys/timex.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"

/* What the kernel was told by whoever keeps the clock; in a container it is the host's. */
static void clock_is_kept(const Doctor *doctor, DoctorReport *report)
{
	struct timex state = {0};
	int status = *doctor->root == '\0' ? adjtimex(&state) : -1;
	if (status < 0)
		doctor_say(report, DOCTOR_SKIPPED, _("the kernel does not say whether the clock is kept"));
	else if (status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		doctor_say(report, DOCTOR_YELLOW, _("nothing keeps this host's clock; more than five minutes behind the last entry and mail is put off: systemctl enable --now systemd-timesyncd, or chrony"));
}

/* proc_swaps(5): a head, then "NAME TYPE SIZE USED PRIORITY". zram and what device mapper encrypts are no disk to steal; what
 * device mapper only joins cannot be told from them by its name. */
static gboolean is_open_swap(const Doctor *doctor, const char *name)
{
	if (g_str_has_prefix(name, "/dev/zram"))
		return FALSE;
	if (!g_str_has_prefix(name, "/dev/dm-"))
		return TRUE;
	g_autofree char *path = g_strdup_printf("/sys/block/%s/dm/uuid", name + strlen("/dev/"));
	g_autofree char *uuid = doctor_look_text(doctor, path);
	return uuid == NULL || !g_str_has_prefix(uuid, "CRYPT-");
}

static void swap(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *text = doctor_look_text(doctor, "/proc/swaps");
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	if (text == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("the kernel does not say what it swaps to"));
	for (guint i = 1; text != NULL && lines[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit_set(lines[i], " \t", 2);
		if (words[0] != NULL && *words[0] != '\0' && is_open_swap(doctor, words[0]))
			doctor_say(report, DOCTOR_YELLOW, _("%s is swap in clear: the units keep senim out of it, and nothing keeps the MTA's queue in memory out: swapoff %s and take it out of /etc/fstab, or encrypt it"),
			           words[0], words[0]);
	}
}

static void dumps(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *text = doctor_look_text(doctor, "/proc/sys/fs/suid_dumpable");
	if (text == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("the kernel does not say whether it dumps programs that changed their user"));
	else if (g_str_has_prefix(text, "1"))
		doctor_say(report, DOCTOR_RED, _("fs.suid_dumpable = 1: a crash of the MTA may leave a report in clear in a core file: sysctl fs.suid_dumpable=0, and keep it in /etc/sysctl.d"));
}

static const DoctorCheck checks[] = {
	{"clock", N_("the clock is kept"), clock_is_kept, FALSE},
	{"swap", N_("no swap in clear"), swap, FALSE},
	{"dumps", N_("no core file of a program that changed its user"), dumps, FALSE},
	{0},
};

const DoctorTopic doctor_host_topic = {"host", N_("This machine"), doctor_without_config, checks};
