/* SPDX-License-Identifier: ISC */
/* The store on this host: register, custody and vault, where they lie, who may touch them, and what opens them. */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "cli/wipe.h"
#include "store/archive.h"
#include "store/custody.h"
#include "store/keeping.h"
#include "store/note.h"
#include "store/private-file.h"
#include "store/reserve.h"
#include "store/stopped.h"

#define MIB ((guint64)1 << 20)
#define RESERVE (256 * MIB)
#define CHECK_DAYS 8 /* the registrar checks the whole of it once a week */
#define TRUSTEE_DAYS 7
#define KEY_FILE_MOST 4096
#define CREDENTIALS "/etc/credstore.encrypted"

static gboolean is_there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/* NAME beside the configuration (transfer full). */
static char *beside(const Doctor *doctor, const char *name)
{
	g_autofree char *directory = g_path_get_dirname(doctor->config->file);
	return g_build_filename(directory, name, NULL);
}

/* --- the registrar and its head ---------------------------------------------------------------------------------------- */

static void answers(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *desk = config_run_path(doctor->config, "desk.sock");
	if (doctor->registrar.hidden)
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), desk);
	else if (!doctor->registrar.answers)
		doctor_say(report, DOCTOR_RED, _("the registrar does not answer (%s), so all mail to the mailboxes is put off: systemctl start senim-registrar, and journalctl -u senim-registrar says why"),
		           doctor->registrar.why);
}

/* The key of that log in log.pub, or NULL (transfer full). */
static NoteVerifier *find_key(const char *log_pub, const char *origin)
{
	g_auto(GStrv) lines = g_strsplit(log_pub, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		g_autoptr(NoteVerifier) verifier = **line != '\0' ? note_verifier_new(*line, NULL) : NULL;
		if (verifier != NULL && strcmp(note_verifier_name(verifier), origin) == 0)
			return g_steal_pointer(&verifier);
	}
	return NULL;
}

static void look_at_head(const json_t *mailbox, const char *log_pub, DoctorReport *report)
{
	const char *name = json_string_value(json_object_get(mailbox, "mailbox"));
	const char *origin = json_string_value(json_object_get(mailbox, "origin"));
	const char *note = json_string_value(json_object_get(mailbox, "checkpoint"));
	const char *fault = json_string_value(json_object_get(mailbox, "fault"));
	guint8 root[NOTE_ROOT];
	guint64 size;
	g_autoptr(GError) error = NULL;
	g_autoptr(NoteVerifier) verifier = find_key(log_pub, origin != NULL ? origin : "");
	if (note == NULL)
		doctor_say(report, DOCTOR_RED, _("%s: the register cannot show its control mark: %s"), name, fault != NULL ? fault : "");
	else if (verifier == NULL)
		doctor_say(report, DOCTOR_RED, _("%s: log.pub beside the configuration has no key of this register: put back the file that init made; officers have the same"),
		           name);
	else if (!note_verify_checkpoint(note, verifier, &size, root, &error))
		doctor_say(report, DOCTOR_RED, _("%s: the register's control mark is not signed by the key in log.pub: tell the officers to open nothing, and find out which of the two was changed"),
		           name);
}

static void head(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = json_object_get(doctor->state, "mailboxes");
	g_autofree char *path = beside(doctor, "log.pub"), *log_pub = NULL;
	if (doctor->state == NULL)
		doctor_say(report, DOCTOR_SKIPPED, doctor->registrar.answers || doctor->registrar.hidden ? _("only root, or the registrar's own user, is shown the control mark: run senim doctor as root")
		                                                     : _("the registrar does not answer"));
	else if (!g_file_get_contents(path, &log_pub, NULL, NULL))
		doctor_say(report, DOCTOR_RED, _("%s cannot be read: put back the file that init made; officers have the same"), path);
	else
		for (gsize i = 0; i < json_array_size(list); i++)
			look_at_head(json_array_get(list, i), log_pub, report);
}

/* Counts and no more: what happened stands in the journal. */
static void incidents(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = json_object_get(doctor->state, "mailboxes");
	if (doctor->state == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("only root, or the registrar's own user, is told of incidents: run senim doctor as root"));
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *mailbox = json_array_get(list, i);
		int waiting = (int)json_integer_value(json_object_get(mailbox, "incidents"));
		if (waiting > 0)
			doctor_say(report, DOCTOR_YELLOW, _("%s: %d incidents wait for cause and measures: senim incident list --config %s, and senim incident complete NUMBER"),
			           json_string_value(json_object_get(mailbox, "mailbox")), waiting, doctor->config->file);
	}
}

static void look_at_erasures(const char *mailbox, const json_t *counts, DoctorReport *report)
{
	int ordered = (int)json_integer_value(json_object_get(counts, "ordered"));
	int overdue = (int)json_integer_value(json_object_get(counts, "overdue"));
	int undestroyed = (int)json_integer_value(json_object_get(counts, "undestroyed"));
	if (overdue > 0)
		doctor_say(report, DOCTOR_RED, _("%s: %d confirmed erasures are past their ten days and not carried out: a hold, erasure = never, a letter that waits or the disk keeps them up; journalctl -u senim-registrar says more, and senim erase shows the officers which"),
		           mailbox, overdue);
	if (ordered > 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s: %d ordered erasures wait for a second person, who confirms or stops them: senim erase"), mailbox, ordered);
	if (undestroyed > 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s: %d messages were erased and open in older copies of the store still: senim custody rotate, then destroy the old sheet"),
		           mailbox, undestroyed);
}

static void erasures(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = json_object_get(doctor->state, "mailboxes");
	if (doctor->state == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("only root, or the registrar's own user, is told of erasures, while the registrar runs"));
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *mailbox = json_array_get(list, i);
		look_at_erasures(json_string_value(json_object_get(mailbox, "mailbox")), json_object_get(mailbox, "erasures"), report);
	}
}

/* Who has a key and is silent for a week: his mails may go nowhere, or he has found something and nobody heard of it. */
static void look_at_trustee(const Doctor *doctor, const char *mailbox, const json_t *trustee, DoctorReport *report)
{
	const char *name = json_string_value(json_object_get(trustee, "name"));
	gint64 asked = json_integer_value(json_object_get(trustee, "asked")), first = json_integer_value(json_object_get(trustee, "first"));
	gint64 at = json_integer_value(json_object_get(trustee, "at")), returned = json_integer_value(json_object_get(trustee, "returned"));
	gint64 silent = doctor->now - (at != 0 ? at * G_USEC_PER_SEC : first);
	if (asked == 0 || doctor->now - asked > 2 * G_TIME_SPAN_DAY)
		doctor_say(report, DOCTOR_YELLOW, _("%s: the trustee %s gets no control mark, or none for two days: journalctl -u senim-registrar says why"), mailbox, name);
	else if (returned != 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s: the daily mail to the trustee %s comes back: correct mail in [trustee %s], or name somebody else"), mailbox, name, name);
	else if (json_is_true(json_object_get(trustee, "witness")) && silent > TRUSTEE_DAYS * G_TIME_SPAN_DAY)
		doctor_say(report, DOCTOR_YELLOW, _("%s: the trustee %s has confirmed nothing for more than %d days: ask him whether the daily mails reach him, and whether he found something; what he answers goes to senim witness accept"),
		           mailbox, name, TRUSTEE_DAYS);
}

static void trustees(const Doctor *doctor, DoctorReport *report)
{
	const json_t *list = json_object_get(doctor->state, "mailboxes");
	if (doctor->state == NULL)
		doctor_say(report, DOCTOR_SKIPPED, _("only root, or the registrar's own user, is told of trustees, while the registrar runs"));
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *mailbox = json_array_get(list, i), *all = json_object_get(mailbox, "trustees");
		const char *name = json_string_value(json_object_get(mailbox, "mailbox"));
		for (gsize n = 0; n < json_array_size(all); n++)
			look_at_trustee(doctor, name, json_array_get(all, n), report);
		if (json_array_size(all) == 0)
			doctor_say(report, DOCTOR_YELLOW, _("%s: nobody outside keeps the register's control marks, so who holds its key could alter all of it unseen by others than officers: name trustees"), name);
	}
	for (guint i = 0; doctor->config != NULL && i < doctor->config->n_trustees; i++) {
		const ConfigTrustee *trustee = &doctor->config->trustees[i];
		g_autoptr(GError) error = NULL;
		g_autoptr(NoteVerifier) witness = *trustee->witness != '\0' ? note_witness_new(trustee->witness, &error) : NULL;
		if (error != NULL)
			doctor_say(report, DOCTOR_RED, _("[trustee %s] witness is no key that senim witness keygen printed (%s): what he confirms is taken by nobody"),
			           trustee->name, error->message);
	}
}

static void checked(const Doctor *doctor, DoctorReport *report)
{
	struct stat st;
	g_autofree char *path = g_build_filename(doctor->config->state_directory, "checked", NULL);
	if (stat(path, &st) != 0)
		doctor_say(report, DOCTOR_SKIPPED, _("the first check of the whole register has not ended yet, or cannot be seen"));
	else if (doctor->now / G_USEC_PER_SEC - st.st_mtime > CHECK_DAYS * 24 * 3600)
		doctor_say(report, DOCTOR_YELLOW, _("the whole register was last checked more than a week ago: journalctl -u senim-registrar says why; senim verify checks it now"));
}

/* --- where it lies -------------------------------------------------------------------------------------------------------- */

static gboolean has_option(const DoctorMount *mount, const char *option)
{
	g_autofree char *word = g_strdup_printf(",%s,", option);
	return strstr(mount->options, word) != NULL;
}

/* By the mount's own word, which statfs(2) need not repeat. */
static gboolean is_remote(const DoctorMount *mount)
{
	static const char *const types[] = {"nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "lustre", NULL};
	return g_strv_contains(types, mount->type) || private_file_is_remote(FUSE_SUPER_MAGIC, mount->type);
}

static void place(const Doctor *doctor, DoctorReport *report)
{
	static const char *const unsafe[] = {"nobarrier", "barrier=0", "ro"};
	const char *path = doctor->config->state_directory;
	g_auto(DoctorMount) mount = {0};
	if (!private_file_check_local(path, NULL)) {
		doctor_say(report, DOCTOR_RED, _("state-directory = %s lies on another host's disk, where a commit may be lost and others may read: move it to a disk of this host"), path);
		return;
	}
	if (!doctor_look_mount(doctor, path, &mount))
		return;
	if (is_remote(&mount))
		doctor_say(report, DOCTOR_RED, _("state-directory = %s lies on another host's disk, where a commit may be lost and others may read: move it to a disk of this host"), path);
	if (doctor_look_is_memory(&mount))
		doctor_say(report, DOCTOR_RED, _("state-directory = %s lies in memory (%s): a reboot loses every report: move it to a disk"), path, mount.type);
	for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++)
		if (has_option(&mount, unsafe[i]))
			doctor_say(report, DOCTOR_RED, _("%s is mounted with %s, so what was answered 250 may not be on the disk: remove the option in /etc/fstab, and mount it again"),
			           mount.point, unsafe[i]);
}

static void look_at_space(const char *path, guint64 free_blocks, guint64 blocks, guint64 free_octets, const char *what, DoctorReport *report)
{
	guint percent = blocks > 0 ? (guint)(free_blocks * 100 / blocks) : 100;
	if (percent < 2 || free_octets < RESERVE)
		doctor_say(report, DOCTOR_RED, _("%s: %u %% of the %s are free: reports will be put off; make room now"), path, percent, what);
	else if (percent < 10)
		doctor_say(report, DOCTOR_YELLOW, _("%s: %u %% of the %s are free: make room before reports are put off"), path, percent, what);
}

static void space(const Doctor *doctor, DoctorReport *report)
{
	struct statvfs fs;
	const char *path = doctor->config->state_directory;
	if (statvfs(path, &fs) != 0) {
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), path);
		return;
	}
	look_at_space(path, fs.f_bavail, fs.f_blocks, (guint64)fs.f_bavail * fs.f_frsize, _("octets"), report);
	if (fs.f_files > 0)
		look_at_space(path, fs.f_favail, fs.f_files, G_MAXUINT64, _("inodes"), report);
}

/* --- who may touch it ----------------------------------------------------------------------------------------------------- */

/* bits: those that nobody else may have. */
static void look_at_mode(const Doctor *doctor, const char *path, guint bits, DoctorReport *report)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return;
	if ((st.st_mode & bits) != 0)
		doctor_say(report, DOCTOR_RED, _("%s is open to others (%04o): chmod %04o %s"), path, st.st_mode & 07777,
		           st.st_mode & 07777 & ~bits, path);
	if (doctor->registrar.answers && st.st_uid != doctor->registrar.uid && st.st_uid != 0)
		doctor_say(report, DOCTOR_RED, _("%s belongs to another user than the one who runs the registrar: chown %u %s"), path,
		           (guint)doctor->registrar.uid, path);
}

static void look_below(const Doctor *doctor, const char *directory, guint bits, DoctorReport *report)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		look_at_mode(doctor, path, bits, report);
	}
}

static void modes(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	g_autofree char *home = beside(doctor, ""), *keys = beside(doctor, "keys"), *log_pub = beside(doctor, "log.pub");
	g_autofree char *books = NULL;
	if (access(config->state_directory, R_OK | X_OK) != 0) {
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), config->state_directory);
		return;
	}
	look_at_mode(doctor, home, 022, report);
	look_at_mode(doctor, config->file, 022, report);
	look_at_mode(doctor, log_pub, 022, report);
	look_at_mode(doctor, keys, 077, report);
	look_below(doctor, keys, 077, report);
	look_at_mode(doctor, config->state_directory, 077, report);
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_free(books);
		books = config_mailbox_directory(config, config->mailboxes[i].address);
		look_at_mode(doctor, books, 077, report);
		look_below(doctor, books, 077, report);
	}
}

/* --- what opens it -------------------------------------------------------------------------------------------------------- */

static void look_at_leftover(const Doctor *doctor, const char *name, const char *used, DoctorReport *report)
{
	g_autofree char *place = g_strconcat("keys/", name, NULL), *path = beside(doctor, place);
	if (is_there(path) && g_strcmp0(path, used) != 0)
		doctor_say(report, DOCTOR_RED, _("%s is still there, so a stolen disk opens with an officer's key: once custody-key gives the same key, shred -u %s"),
		           path, path);
}

/* The spelling, or 32 octets, as store/custody.h takes it; owner and mode are another check's. */
static CustodyKey *read_key(const char *path, GError **error)
{
	gsize size;
	g_autoptr(GBytes) bytes = private_file_read(path, KEY_FILE_MOST, FALSE, error);
	const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	if (data == NULL)
		return NULL;
	if (size == CUSTODY_KEY)
		return custody_key_new((const guint8 *)data, error);
	g_autoptr(WipeText) text = g_strndup(data, size);
	return custody_key_parse(g_strchomp(text), error);
}

/* The id of the key that the registrar runs with, in hex; "" where it did not say. */
static const char *key_in_use(const Doctor *doctor)
{
	const char *id = json_string_value(json_object_get(doctor->state, "custody"));
	return id != NULL ? id : "";
}

static gboolean is_in_use(const CustodyKey *key, const char *used)
{
	guint8 id[CUSTODY_ID];
	g_autoptr(GString) hex = g_string_new(NULL);
	custody_key_id(key, id);
	for (gsize i = 0; i < sizeof id; i++)
		g_string_append_printf(hex, "%02x", id[i]);
	return *used == '\0' || strcmp(hex->str, used) == 0;
}

static void look_at_key_file(const Doctor *doctor, const char *path, DoctorReport *report)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CustodyKey) key = read_key(path, &error);
	if (key == NULL && access(path, R_OK) != 0 && errno == EACCES)
		doctor_say(report, DOCTOR_SKIPPED, _("the custody key %s is closed to this user: run senim doctor as root"), path);
	else if (key == NULL)
		doctor_say(report, DOCTOR_RED, _("the custody key cannot be read, so the registrar does not start again (%s): put it back from the sheet in the safe"),
		           error->message);
	else if (!is_in_use(key, key_in_use(doctor)))
		doctor_say(report, DOCTOR_RED, _("%s is another custody key than the one in use, so the registrar does not start again: put the right one back, and run senim custody check"),
		           path);
	else
		doctor_say(report, DOCTOR_YELLOW, _("the custody key lies on the same disk as what it closes (%s): bind it to this machine with systemd-creds, as step 2 of doc/install.md has it"),
		           path);
}

static void look_at_credential(const Doctor *doctor, const char *name, DoctorReport *report)
{
	g_autofree char *file = g_build_filename(CREDENTIALS, name, NULL), *path = doctor_look_path(doctor, file);
	if (access(path, F_OK) != 0)
		doctor_say(report, DOCTOR_RED, _("the credential %s of custody-key is not there, so the registrar does not start again: make it with systemd-creds encrypt, as step 2 of doc/install.md has it"),
		           file);
}

static void custody(const Doctor *doctor, DoctorReport *report)
{
	const char *source = doctor->config->custody_key;
	const char *used = g_str_has_prefix(source, "file:") ? source + strlen("file:") : NULL;
	if (used != NULL)
		look_at_key_file(doctor, used, report);
	else if (g_str_has_prefix(source, "credential:"))
		look_at_credential(doctor, source + strlen("credential:"), report);
	look_at_leftover(doctor, "custody.key", used, report);
	look_at_leftover(doctor, "custody.next", used, report);
}

static void escrow(const Doctor *doctor, DoctorReport *report)
{
	g_autofree char *path = stopped_recovery_path(doctor->config, "keys.age");
	if (is_there(path))
		return;
	if (doctor->config->recovery[0] != NULL)
		doctor_say(report, DOCTOR_RED, _("%s is not there: when this host is lost, so are its keys, unless the sheet in the safe is good; put it back, or run senim custody rotate"),
		           path);
	else
		doctor_say(report, DOCTOR_RED, _("this host's keys are kept nowhere else: when it is lost, every report is; make the store with --recovery before it is in use"));
}

/* --- what is left when it is lost ----------------------------------------------------------------------------------------- */

/* A disk that dies takes both. */
static void look_at_archive_place(const Config *config, DoctorReport *report)
{
	struct stat archive, state;
	if (stat(config->archive_directory, &archive) == 0 && stat(config->state_directory, &state) == 0 && archive.st_dev == state.st_dev)
		doctor_say(report, DOCTOR_YELLOW, _("archive-directory = %s lies on the same disk as the store, and is lost with it: name another disk, and copy it away from this host"),
		           config->archive_directory);
}

static void archive(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	g_autofree char *last = NULL;
	if (*config->archive_directory == '\0') {
		doctor_say(report, DOCTOR_YELLOW, _("no month is saved: name a directory on another disk with archive-directory, and reload the registrar"));
		return;
	}
	look_at_archive_place(config, report);
	gboolean overdue = keeping_archive_overdue(config, doctor->now, &last);
	if (access(config->state_directory, R_OK | X_OK) != 0)
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), config->state_directory);
	else if (last == NULL)
		doctor_say(report, DOCTOR_YELLOW, _("nothing was saved yet: senim archive --config %s saves it now"), config->file);
	else if (overdue)
		doctor_say(report, DOCTOR_RED, _("the archive is overdue: it ends with %s; journalctl -u senim-registrar says why, senim archive makes it now"), last);
}

static void drill(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	guint days = keeping_drill_days(config, doctor->now);
	if (access(config->state_directory, R_OK | X_OK) != 0)
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), config->state_directory);
	else if (days == G_MAXUINT)
		doctor_say(report, DOCTOR_YELLOW, _("a restore was never practised: take the sheet out of the safe, and run senim restore --drill --config %s"), config->file);
	else if (days > KEEPING_DRILL_DAYS)
		doctor_say(report, DOCTOR_YELLOW, _("a restore was last practised more than a year ago: take the sheet out of the safe, and run senim restore --drill --config %s"), config->file);
}

/* A disk that was too small at the start has none. */
static void reserve(const Doctor *doctor, DoctorReport *report)
{
	struct stat st;
	const Config *config = doctor->config;
	g_autofree char *path = g_build_filename(config->state_directory, RESERVE_FILE, NULL);
	if (access(config->state_directory, R_OK | X_OK) != 0)
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), config->state_directory);
	else if (stat(path, &st) != 0)
		doctor_say(report, DOCTOR_YELLOW, _("%s is not there, so a full disk takes no entry and no alarm: start senim-registrar with twice disk-reserve free"), path);
	else if (st.st_size == 0)
		doctor_say(report, DOCTOR_RED, _("the disk is full: %s was given up, and reports are put off: make room now"), path);
}

static const DoctorCheck checks[] = {
	{"registrar", N_("the registrar answers; it opened its books under the custody key"), answers, FALSE},
	{"head", N_("each register's control mark is signed by its key in log.pub"), head, FALSE},
	{"incidents", N_("every outage of the emergency journal has its cause and measures"), incidents, FALSE},
	{"erasures", N_("what was ordered to be erased is carried out, and destroyed"), erasures, FALSE},
	{"trustees", N_("somebody outside gets each register's control marks, and confirms them"), trustees, FALSE},
	{"checked", N_("the whole register was checked within the last week"), checked, FALSE},
	{"place", N_("the store lies on a disk of this host that keeps what it was given"), place, FALSE},
	{"space", N_("the store's disk has room"), space, FALSE},
	{"reserve", N_("some of the disk is kept back for the register's own entries"), reserve, FALSE},
	{"modes", N_("store and keys belong to the registrar alone"), modes, FALSE},
	{"custody", N_("the custody key is kept apart from the disk"), custody, FALSE},
	{"escrow", N_("this host's keys are sealed for the safe"), escrow, FALSE},
	{"archive", N_("the months are saved on another disk"), archive, FALSE},
	{"drill", N_("a restore was practised within the last year"), drill, FALSE},
	{0},
};

const DoctorTopic doctor_store_topic = {"store", N_("Register and store"), doctor_without_config, checks};
