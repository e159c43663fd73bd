/* SPDX-License-Identifier: ISC */
/* The table of senim doctor against fakes: directories in the place of /proc, /sys and /etc, what postconf would print, a
 * registrar's answer. tests/cli-doctor.sh has a real room and a real Postfix. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/doctor-look.h"
#include "cli/doctor-mta.h"

#define NOW (G_GINT64_CONSTANT(1795000000) * G_USEC_PER_SEC) /* November 2026 */

/* --- a room of fakes ------------------------------------------------------------------------------------------------- */

typedef struct {
	char *root;
	Doctor doctor;
} Room;

static void room_write(const Room *room, const char *path, const char *text)
{
	g_autofree char *whole = g_strconcat(room->root, path, NULL), *directory = g_path_get_dirname(whole);
	g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
	g_assert_true(g_file_set_contents(whole, text, -1, NULL));
}

/* more: lines of [senim], and sections behind [mailbox]. */
static void room_configure(Room *room, const char *senim, const char *mailbox, const char *more)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(room->root, "senim.conf", NULL);
	g_autofree char *text = g_strdup_printf(
		"[senim]\nstate-directory = %s\nrun-directory = %s\n%s\n[mailbox senim@kmo.kz]\nofficers = aigul\ncalendar =\n%s\n"
		"[officer aigul]\npublic = /nowhere/aigul.pub\n%s\n",
		room->root, room->root, senim, mailbox, more);
	g_clear_pointer(&room->doctor.config, config_unref);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	room->doctor.config = config_load(path, &error);
	g_assert_no_error(error);
	room->doctor.config_file = room->doctor.config->file;
}

static void room_make(Room *room)
{
	room->root = g_dir_make_tmp("test-doctor-XXXXXX", NULL);
	room->doctor = (Doctor){.root = room->root, .now = NOW};
	room_configure(room, "milter-socket = unix:/nowhere/senim/milter.sock", "", "");
}

static void remove_all(const char *path)
{
	g_autoptr(GDir) dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		remove_all(below);
	}
	g_remove(path);
}

static void room_clear(Room *room)
{
	doctor_clear(&room->doctor);
	remove_all(room->root);
	g_free(room->root);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Room, room_clear)

/* The worst that a check says, and its first sentence of that level (borrowed from *findings). */
static DoctorLevel level_of(const Room *room, const DoctorTopic *topic, const char *check, const char **sentence,
                            GPtrArray **findings)
{
	const DoctorTopic *const topics[] = {topic, NULL};
	DoctorLevel worst = DOCTOR_SKIPPED;
	gboolean found = FALSE;
	*findings = doctor_run(&room->doctor, topics);
	for (guint i = 0; i < (*findings)->len; i++) {
		const DoctorFinding *finding = (*findings)->pdata[i];
		if (strcmp(finding->check, check) != 0 || (found && finding->level <= worst))
			continue;
		found = TRUE;
		worst = finding->level;
		*sentence = finding->sentence;
	}
	g_assert_true(found);
	return worst;
}

static void assert_level(const Room *room, const DoctorTopic *topic, const char *check, DoctorLevel wanted, const char *words)
{
	g_autoptr(GPtrArray) findings = NULL;
	const char *sentence = "";
	DoctorLevel level = level_of(room, topic, check, &sentence, &findings);
	if (level != wanted || strstr(sentence, words) == NULL)
		g_error("%s is %s, not %s: %s (wanted: %s)", check, doctor_level_word(level), doctor_level_word(wanted), sentence, words);
}

/* --- the table --------------------------------------------------------------------------------------------------------- */

static void every_check_has_a_name_of_its_own_and_a_sentence_when_it_is_good(void)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	guint n = 0;
	for (guint i = 0; doctor_topics[i] != NULL; i++)
		for (const DoctorCheck *check = doctor_topics[i]->checks; check->name != NULL; check++, n++) {
			g_assert_true(g_hash_table_add(names, (gpointer)check->name));
			g_assert_cmpuint(strspn(check->name, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen(check->name));
			g_assert_cmpuint(strlen(check->good), >, 8);
			g_assert_nonnull(check->look);
		}
	g_assert_cmpuint(n, >=, 50);
}

static void silent(const Doctor *doctor G_GNUC_UNUSED, DoctorReport *report G_GNUC_UNUSED)
{
}

static void talkative(const Doctor *doctor G_GNUC_UNUSED, DoctorReport *report)
{
	doctor_say(report, DOCTOR_YELLOW, "one of %d", 2);
	doctor_say(report, DOCTOR_RED, "two of %d", 2);
}

static const char *no_topic(const Doctor *doctor G_GNUC_UNUSED)
{
	return "not here";
}

static void a_silent_check_is_green_and_a_skipped_topic_says_why(void)
{
	static const DoctorCheck checks[] = {{"silent", "all is well", silent, FALSE}, {"loud", "quiet", talkative, TRUE}, {0}};
	static const DoctorTopic open = {"open", "Open", NULL, checks}, shut = {"shut", "Shut", no_topic, checks};
	static const DoctorTopic *const topics[] = {&open, &shut, NULL};
	static const struct {
		const char *topic, *sentence;
		DoctorLevel level;
	} wanted[] = {
		{"open", "all is well", DOCTOR_GREEN}, {"open", "one of 2", DOCTOR_YELLOW}, {"open", "two of 2", DOCTOR_RED},
		{"shut", "not here", DOCTOR_SKIPPED},  {"shut", "one of 2", DOCTOR_YELLOW}, {"shut", "two of 2", DOCTOR_RED},
	};
	const Doctor doctor = {.root = ""};
	g_autoptr(GPtrArray) findings = doctor_run(&doctor, topics);
	g_assert_cmpuint(findings->len, ==, G_N_ELEMENTS(wanted));
	for (guint i = 0; i < findings->len; i++) {
		const DoctorFinding *finding = findings->pdata[i];
		g_assert_cmpstr(finding->topic, ==, wanted[i].topic);
		g_assert_cmpstr(finding->sentence, ==, wanted[i].sentence);
		g_assert_cmpint(finding->level, ==, wanted[i].level);
	}
}

static void without_a_configuration_nothing_of_the_host_is_looked_at(void)
{
	const Doctor doctor = {.root = "/nowhere", .now = NOW};
	g_autoptr(GPtrArray) findings = doctor_run(&doctor, doctor_topics);
	for (guint i = 0; i < findings->len; i++)
		g_assert_cmpint(((const DoctorFinding *)findings->pdata[i])->level, ==, DOCTOR_SKIPPED);
}

/* --- configuration -------------------------------------------------------------------------------------------------------- */

static void the_configuration_is_read_as_an_administrator_would(void)
{
	static const struct {
		const char *senim, *mailbox, *more, *check;
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"", "", "", "organisation", DOCTOR_RED, "kmo.kz"},
		{"organisation = Қазмедиа", "", "", "organisation", DOCTOR_GREEN, ""},
		{"", "", "", "agreement", DOCTOR_RED, "agreement = FILE"},
		{"agreement = " POLICY "/agreement/kk.txt", "", "", "agreement", DOCTOR_GREEN, ""},
		{"agreement = /nowhere/kk.txt", "", "", "agreement", DOCTOR_RED, "/nowhere/kk.txt"},
		{"grounds = " POLICY "/grounds.conf", "", "", "grounds", DOCTOR_GREEN, ""},
		{"grounds = /nowhere/list", "", "", "grounds", DOCTOR_RED, "/nowhere/list"},
		{"", "", "", "authserv", DOCTOR_YELLOW, "strips foreign"},
		{"", "acknowledge = authenticated", "", "authserv", DOCTOR_RED, "no letter goes out"},
		{"trusted-authserv-id = mx.kmo.kz", "acknowledge = authenticated", "", "authserv", DOCTOR_GREEN, ""},
		{"cage = off", "", "", "cage", DOCTOR_RED, "cage = off"},
		{"", "", "", "calendar", DOCTOR_YELLOW, "calendar is empty"},
		{"templates = " POLICY "/letters", "", "", "letters", DOCTOR_GREEN, ""},
		{"templates = /nowhere", "", "", "letters", DOCTOR_RED, "/nowhere/kk.txt"},
		{"categories = " POLICY "/categories.conf", "", "", "categories", DOCTOR_GREEN, ""},
		{"categories = /nowhere/list", "", "", "categories", DOCTOR_RED, "/nowhere/list"},
		{"examiner = /nowhere/examine", "", "", "rules", DOCTOR_YELLOW, "was not started"},
		{"", "urgent-notice = no", "", "notices", DOCTOR_YELLOW, "urgent-notice"},
		{"", "", "mail = a@kmo.kz", "notices", DOCTOR_GREEN, ""},
		{"", "", "", "hours", DOCTOR_YELLOW, "no officer has a mail address"},
		{"", "", "", "alarm", DOCTOR_YELLOW, "alarm is empty"},
		{"alarm = mail:root@kmo.kz", "", "", "alarm", DOCTOR_YELLOW, "has no command"},
		{"alarm = command:/bin/true", "", "", "alarm", DOCTOR_YELLOW, "has no address"},
		{"alarm = mail:root@kmo.kz; command:/nowhere/page", "", "", "alarm", DOCTOR_RED, "/nowhere/page"},
		{"alarm = mail:root@kmo.kz; command:/bin/true", "", "", "alarm", DOCTOR_GREEN, ""},
		{"", "notice-hours =", "mail = a@kmo.kz", "hours", DOCTOR_YELLOW, "notice-hours is empty"},
		{"", "notice = when-needed", "mail = a@kmo.kz", "hours", DOCTOR_YELLOW, "learns by the hour"},
		{"", "", "mail = a@kmo.kz", "hours", DOCTOR_GREEN, ""},
		{"", "looks-limit = hard\nlooks-per-day = 5", "", "looks", DOCTOR_YELLOW, "one officer"},
		{"", "looks-limit = hard", "", "looks", DOCTOR_YELLOW, "looks-per-day is 0"},
		{"", "", "", "names", DOCTOR_YELLOW, "[officer aigul] has no names"},
		{"", "", "names = Айгүл Серікова", "names", DOCTOR_GREEN, ""},
		{"", "", "names = Айгүл Серікова; Айгүл", "names", DOCTOR_YELLOW, "[officer aigul] names: item 2"},
		{"", "", "names = Айгүл Серікова\n[person head]\nnames = Алтын", "names", DOCTOR_YELLOW, "[person head] names: item 1"},
		{"", "", "", "addressees", DOCTOR_YELLOW, "[addressee NAME]"},
		{"", "", "[addressee police]\nname-kk = П\nname-ru = П\naddress = А", "addressees", DOCTOR_GREEN, ""},
		{"", "", "[addressee police]\nname-kk = П\nname-ru = П\naddress = А\nvalid-from = 2099-01-01", "addressees",
		 DOCTOR_YELLOW, "2099-01-01"},
		{"", "",
		 "[addressee police]\nname-kk = П\nname-ru = П\naddress = А\nopenpgp = /nowhere/key.asc\n"
		 "fingerprint = 0123456789ABCDEF0123456789ABCDEF01234567",
		 "addressees", DOCTOR_RED, "/nowhere/key.asc"},
		{"timezone = Asia/Almaty", "", "", "timezone", DOCTOR_GREEN, ""},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		room_configure(&room, cases[i].senim, cases[i].mailbox, cases[i].more);
		assert_level(&room, &doctor_config_topic, cases[i].check, cases[i].level, cases[i].words);
	}
}

static void no_sentence_holds_the_name_of_a_person(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	room_configure(&room, "", "", "names = Айгүл Серікова; Айгүл\npost = директор\nmail = aigul.serikova@kmo.kz\n"
	                             "[person head]\nnames = Алтын; Болат Алтын");
	g_autoptr(GPtrArray) findings = doctor_run(&room.doctor, doctor_topics);
	for (guint i = 0; i < findings->len; i++) {
		static const char *const names[] = {"Айгүл", "Серікова", "Алтын", "serikova", "директор"};
		const DoctorFinding *finding = findings->pdata[i];
		for (gsize k = 0; k < G_N_ELEMENTS(names); k++)
			if (strstr(finding->sentence, names[k]) != NULL)
				g_error("%s says %s: %s", finding->check, names[k], finding->sentence);
	}
}

static void a_calendar_that_ends_is_seen_a_year_before(void)
{
	static const struct {
		const char *covers;
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"2026-01-01/2027-12-31", DOCTOR_GREEN, ""},
		{"2026-01-01/2026-12-31", DOCTOR_YELLOW, "does not cover 2027"},
		{"2025-01-01/2025-12-31", DOCTOR_RED, "does not cover 2026"},
		{NULL, DOCTOR_RED, "cannot be read"},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	g_autofree char *path = g_build_filename(room.root, "kz.ics", NULL), *line = g_strconcat("calendar = ", path, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
			cases[i].covers == NULL ? g_strdup("no calendar")
						: g_strdup_printf("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nX-SENIM-COVERS:%s\r\n"
			                                          "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
			                                          "DTSTART;VALUE=DATE:20260101\r\nCATEGORIES:HOLIDAY\r\n"
			                                          "SUMMARY:Жаңа жыл\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			                                          cases[i].covers);
		room_write(&room, "/kz.ics", text);
		room_configure(&room, "", "", "");
		g_free(room.doctor.config->mailboxes[0].calendar);
		room.doctor.config->mailboxes[0].calendar = g_strdup(path);
		assert_level(&room, &doctor_config_topic, "calendar", cases[i].level, cases[i].words);
	}
}

/* --- people ------------------------------------------------------------------------------------------------------------------ */

static void room_state(Room *room, const char *difference, const char *people)
{
	g_autofree char *text = g_strdup_printf("{\"mailboxes\":[{\"mailbox\":\"senim@kmo.kz\",\"difference\":%s,\"people\":[%s]}]}",
	                                        difference, people);
	json_decref(room->doctor.state);
	room->doctor.state = json_loads(text, 0, NULL);
	g_assert_nonnull(room->doctor.state);
}

#define PERSON(name, role, state, force, more)                                                                                   \
	"{\"name\":\"" name "\",\"role\":\"" role "\",\"state\":\"" state "\",\"in_force\":" force more "}"
#define AIGUL PERSON("aigul", "officer", "active", "true", "")
#define DEPUTY PERSON("deputy", "deputy", "active", "true", "")

static void people_are_counted_by_what_is_in_force(void)
{
	static const struct {
		const char *difference, *people, *check;
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"null", AIGUL "," DEPUTY, "readers", DOCTOR_GREEN, ""},
		{"null", AIGUL, "readers", DOCTOR_YELLOW, "one officer alone"},
		{"null", PERSON("aigul", "officer", "blocked", "false", ""), "readers", DOCTOR_RED, "nobody reads"},
		{"null", AIGUL, "escalation", DOCTOR_YELLOW, "no escalation"},
		{"null", PERSON("chair", "escalation", "active", "true", ""), "escalation", DOCTOR_GREEN, ""},
		{"null", AIGUL, "recovery", DOCTOR_RED, "no recovery"},
		{"null", PERSON("safe", "recovery", "active", "true", ""), "recovery", DOCTOR_GREEN, ""},
		{"null", PERSON("dana", "officer", "unconfirmed", "false", ""), "officers", DOCTOR_YELLOW, "officer confirm dana"},
		{"null", PERSON("aigul", "officer", "active", "true", ",\"idle_end\":1795400000000000"), "officers", DOCTOR_YELLOW,
		 "within ten days"},
		{"null", PERSON("aigul", "officer", "active", "true", ",\"idle_end\":1798000000000000"), "officers", DOCTOR_GREEN, ""},
		{"null", PERSON("aigul", "officer", "active", "false", ",\"expires\":1794000000"), "keys", DOCTOR_RED, "has expired"},
		{"null", PERSON("aigul", "officer", "active", "true", ",\"expires\":1795900000"), "keys", DOCTOR_YELLOW, "in 10 days"},
		{"null", PERSON("aigul", "officer", "active", "true", ",\"expires\":1799000000"), "keys", DOCTOR_GREEN, ""},
		{"null", PERSON("aigul", "officer", "blocked", "false", ",\"expires\":1794000000"), "keys", DOCTOR_GREEN, ""},
		{"\"they differ\"", AIGUL, "people", DOCTOR_RED, "they differ"},
		{"null", AIGUL, "people", DOCTOR_GREEN, ""},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		room_state(&room, cases[i].difference, cases[i].people);
		assert_level(&room, &doctor_people_topic, cases[i].check, cases[i].level, cases[i].words);
	}
}

/* --- the machine and the store's place ---------------------------------------------------------------------------------------- */

static void swap_is_looked_at_for_what_it_lies_on(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	const char *head = "Filename Type Size Used Priority\n";
	g_autofree char *disk = g_strconcat(head, "/dev/sda2 partition 1 0 -2\n", NULL);
	g_autofree char *zram = g_strconcat(head, "/dev/zram0 partition 1 0 100\n", NULL);
	g_autofree char *mapped = g_strconcat(head, "/dev/dm-1 partition 1 0 -2\n", NULL);
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_SKIPPED, "");
	room_write(&room, "/proc/swaps", head);
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_GREEN, "");
	room_write(&room, "/proc/swaps", disk);
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_YELLOW, "swapoff /dev/sda2");
	room_write(&room, "/proc/swaps", zram);
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_GREEN, "");
	room_write(&room, "/proc/swaps", mapped);
	room_write(&room, "/sys/block/dm-1/dm/uuid", "LVM-abc\n");
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_YELLOW, "/dev/dm-1");
	room_write(&room, "/sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
	assert_level(&room, &doctor_host_topic, "swap", DOCTOR_GREEN, "");
	room_write(&room, "/proc/sys/fs/suid_dumpable", "1\n");
	assert_level(&room, &doctor_host_topic, "dumps", DOCTOR_RED, "sysctl fs.suid_dumpable=0");
	room_write(&room, "/proc/sys/fs/suid_dumpable", "2\n");
	assert_level(&room, &doctor_host_topic, "dumps", DOCTOR_GREEN, "");
}

static void the_store_belongs_on_a_disk_of_this_host(void)
{
	static const struct {
		const char *rest; /* behind the mount point */
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"rw,relatime - ext4 /dev/sda1 rw", DOCTOR_GREEN, ""},
		{"rw,relatime - ext4 /dev/sda1 rw,nobarrier", DOCTOR_RED, "nobarrier"},
		{"rw - tmpfs tmpfs rw,size=1g", DOCTOR_RED, "in memory"},
		{"rw shared:1 - nfs4 server:/a rw", DOCTOR_RED, "another host"},
		{"rw shared:1 - fuse.sshfs server:/a rw", DOCTOR_RED, "another host"},
		{"ro - ext4 /dev/sda1 ro", DOCTOR_RED, "mounted with ro"},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("20 1 8:1 / / rw - ext4 /dev/root rw\n21 20 8:2 / %s %s\n22 20 8:3 / %sx rw - tmpfs t rw\n",
		                                        room.root, cases[i].rest, room.root);
		room_write(&room, "/proc/self/mountinfo", text);
		assert_level(&room, &doctor_store_topic, "place", cases[i].level, cases[i].words);
	}
}

static void what_is_open_to_others_is_named_with_its_chmod(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	g_autofree char *keys = g_build_filename(room.root, "keys", NULL), *key = g_build_filename(keys, "a.sign", NULL);
	room_write(&room, "/keys/a.sign", "x");
	g_assert_cmpint(chmod(room.root, 0700) | chmod(keys, 0700) | chmod(key, 0400) | chmod(room.doctor.config->file, 0644), ==, 0);
	assert_level(&room, &doctor_store_topic, "modes", DOCTOR_GREEN, "");
	g_assert_cmpint(chmod(key, 0440), ==, 0);
	assert_level(&room, &doctor_store_topic, "modes", DOCTOR_RED, "chmod 0400");
	g_assert_cmpint(chmod(key, 0400) | chmod(room.doctor.config->file, 0666), ==, 0);
	assert_level(&room, &doctor_store_topic, "modes", DOCTOR_RED, "chmod 0644");
	g_assert_cmpint(chmod(room.doctor.config->file, 0644), ==, 0);
	assert_level(&room, &doctor_store_topic, "modes", DOCTOR_GREEN, "");
}

static void a_custody_key_that_was_left_behind_is_red(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	room_configure(&room, "custody-key = credential:senim-custody", "", "");
	assert_level(&room, &doctor_store_topic, "custody", DOCTOR_RED, "systemd-creds");
	room_write(&room, "/etc/credstore.encrypted/senim-custody", "x");
	assert_level(&room, &doctor_store_topic, "custody", DOCTOR_GREEN, "");
	room_write(&room, "/keys/custody.key", "x");
	assert_level(&room, &doctor_store_topic, "custody", DOCTOR_RED, "shred -u");
}

/* --- Postfix ------------------------------------------------------------------------------------------------------------------- */

#define OURS "{ unix:senim/milter.sock, default_action=tempfail, connect_timeout=30s, content_timeout=300s }"
#define LISTENER "127.0.0.1:10026 inet n - y - - smtpd -o smtpd_milters=\n"
#define SINK "senim unix - n n - - pipe user=senim-ingest argv=/usr/libexec/senim/senim-ingest --mailbox=${recipient}\n"

static const char main_cf[] = "compatibility_level = 3.6\nqueue_directory = /nowhere\nmail_owner = root\nsmtpd_milters = " OURS "\n"
			      "non_smtpd_milters = " OURS "\nmilter_default_action = tempfail\nmilter_protocol = 6\n"
			      "milter_command_timeout = 30s\nmydestination = kmo.kz, localhost\nrecipient_delimiter = +\n"
			      "message_size_limit = 60000000\nnotify_classes =\ninternal_mail_filter_classes = bounce\nin_flow_delay = 0s\n"
			      "smtpd_forbid_bare_newline = normalize\nmaillog_file = /nowhere/log\n";
static const char master_cf[] = "smtp inet n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n" LISTENER SINK;

/* A setting that stands twice has its later value. */
static void room_postfix(Room *room, const char *more, const char *services, const char *overrides)
{
	g_autofree char *settings = g_strconcat(main_cf, more, NULL), *master = g_strconcat(master_cf, services, NULL);
	g_autofree char *own = g_strconcat("127.0.0.1:10026/inet/smtpd_milters =\n", overrides, NULL);
	g_clear_pointer(&room->doctor.mta, doctor_mta_free);
	room->doctor.mta = doctor_mta_parse("/nowhere/etc", settings, master, own);
}

static void each_way_past_the_milter_is_red(void)
{
	static const struct {
		const char *more, *services, *overrides, *check;
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"", "", "", "postfix-milters", DOCTOR_GREEN, ""},
		{"", "", "", "postfix-local", DOCTOR_GREEN, ""},
		{"smtpd_milters =\n", "", "", "postfix-milters", DOCTOR_RED, "smtpd_milters = { unix:senim/milter.sock"},
		{"smtpd_milters = inet:127.0.0.1:11332, " OURS "\n", "", "", "postfix-milters", DOCTOR_RED, "before senim"},
		{"smtpd_milters = " OURS ", inet:127.0.0.1:11332\n", "", "", "postfix-milters", DOCTOR_GREEN, ""},
		{"", "submission inet n - y - - smtpd\n", "submission/inet/smtpd_milters =\n", "postfix-milters", DOCTOR_RED,
		 "submission/inet"},
		{"non_smtpd_milters =\n", "", "", "postfix-local", DOCTOR_RED, "non_smtpd_milters = {"},
		{"", "", "", "postfix-action", DOCTOR_GREEN, ""},
		{"smtpd_milters = unix:senim/milter.sock\nmilter_default_action = accept\n", "", "", "postfix-action", DOCTOR_RED,
		 "milter_default_action = accept"},
		{"milter_default_action = accept\n", "", "", "postfix-action", DOCTOR_GREEN, ""}, /* the braces overrule it */
		{"smtpd_milters = { unix:senim/milter.sock, default_action = accept }\n", "", "", "postfix-action", DOCTOR_RED, "accept"},
		{"", "", "", "postfix-times", DOCTOR_GREEN, ""},
		{"smtpd_milters = { unix:senim/milter.sock, content_timeout=20s, connect_timeout=1m }\n", "", "", "postfix-times",
		 DOCTOR_YELLOW, "content_timeout=300s"},
		{"milter_protocol = 2\n", "", "", "postfix-protocol", DOCTOR_RED, "milter_protocol = 6"},
		{"", "", "", "postfix-ways", DOCTOR_GREEN, ""},
		{"always_bcc = archive@kmo.kz\n", "", "", "postfix-ways", DOCTOR_RED, "always_bcc"},
		{"content_filter = scan:[127.0.0.1]:10024\n", "", "", "postfix-ways", DOCTOR_RED, "content_filter"},
		{"smtpd_milter_maps = cidr:/etc/postfix/m\n", "", "", "postfix-ways", DOCTOR_RED, "smtpd_milter_maps"},
		{"", "", "smtp/inet/receive_override_options = no_milters\n", "postfix-ways", DOCTOR_RED, "no_milters"},
		{"", "", "", "postfix-listener", DOCTOR_GREEN, ""},
		{"", "10026 inet n - y - - smtpd\n", "10026/inet/smtpd_milters =\n", "postfix-listener", DOCTOR_RED, "127.0.0.1:10026"},
		{"recipient_delimiter = +-\n", "", "", "postfix-delimiter", DOCTOR_RED, "recipient-delimiter = +-"},
		{"", "", "", "postfix-delimiter", DOCTOR_GREEN, ""},
		{"", "", "", "postfix-domains", DOCTOR_YELLOW, "senim@localhost"},
		{"mydestination = kmo.kz\n", "", "", "postfix-domains", DOCTOR_GREEN, ""},
		{"mydestination = localhost\n", "", "", "postfix-domains", DOCTOR_RED, "takes no mail for kmo.kz"},
		{"message_size_limit = 10240000\n", "", "", "postfix-size", DOCTOR_YELLOW, "message_size_limit = 5"},
		{"message_size_limit = 0\n", "", "", "postfix-size", DOCTOR_GREEN, ""},
		{"", "smtps inet n - y - - smtpd -v\n", "", "postfix-debug", DOCTOR_RED, "-v"},
		{"debug_peer_list = 10.0.0.1\n", "", "", "postfix-debug", DOCTOR_RED, "debug_peer_list"},
		{"notify_classes = resource, software\n", "", "", "postfix-transcripts", DOCTOR_YELLOW, "notify_classes ="},
		{"", "", "", "postfix-transcripts", DOCTOR_GREEN, ""},
		{"internal_mail_filter_classes =\n", "", "", "postfix-bounces", DOCTOR_YELLOW, "internal_mail_filter_classes = bounce"},
		{"", "", "", "postfix-bounces", DOCTOR_GREEN, ""},
		{"in_flow_delay = 1s\n", "", "", "postfix-flow", DOCTOR_YELLOW, "in_flow_delay = 0"},
		{"smtpd_forbid_bare_newline = no\n", "", "", "postfix-smuggling", DOCTOR_YELLOW, "normalize"},
		{"", "", "", "postfix-queue", DOCTOR_YELLOW, "/nowhere"},
		{"smtpd_milters =\n", "", "", "postfix-reach", DOCTOR_SKIPPED, "does not ask senim"},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	room_configure(&room, "milter-socket = unix:/nowhere/senim/milter.sock\nsubmit = smtp://127.0.0.1:10026", "", "");
	room_write(&room, "/proc/self/mountinfo", "20 1 8:1 / / rw - ext4 /dev/root rw\n");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		room_postfix(&room, cases[i].more, cases[i].services, cases[i].overrides);
		assert_level(&room, &doctor_postfix_topic, cases[i].check, cases[i].level, cases[i].words);
	}
	room_write(&room, "/proc/self/mountinfo", "20 1 8:1 / / rw - ext4 /dev/root rw\n21 20 0:9 / /nowhere rw - tmpfs t rw\n");
	room_postfix(&room, "", "", "");
	assert_level(&room, &doctor_postfix_topic, "postfix-queue", DOCTOR_GREEN, "");
	/* Letters: through the main instance, whatever else there is; then through one of their own. */
	room_write(&room, "/etc/senim/outgoing/master.cf", "#\n127.0.0.1:10027 inet n - n - - smtpd\n");
	room_write(&room, "/etc/senim/outgoing/main.cf", "maillog_file = /dev/stdout\nqueue_directory = /nowhere/queue\n");
	assert_level(&room, &doctor_postfix_topic, "postfix-letters", DOCTOR_YELLOW, "contrib/outgoing");
	room_configure(&room, "milter-socket = unix:/nowhere/senim/milter.sock\nsubmit = smtp://127.0.0.1:10027", "", "");
	assert_level(&room, &doctor_postfix_topic, "postfix-letters", DOCTOR_GREEN, "");
	room_write(&room, "/etc/senim/outgoing/main.cf", "maillog_file = /dev/stdout\nqueue_directory = /var/queue\n");
	assert_level(&room, &doctor_postfix_topic, "postfix-letters", DOCTOR_RED, "/var/queue");
	room_write(&room, "/etc/senim/outgoing/main.cf", "maillog_file =\nqueue_directory = /nowhere/queue\n");
	assert_level(&room, &doctor_postfix_topic, "postfix-letters", DOCTOR_RED, "does not pass the filter");
	assert_level(&room, &doctor_postfix_topic, "postfix-log", DOCTOR_GREEN, "");
}

static void a_socket_is_seen_from_the_root_directory_of_its_service(void)
{
	static const struct {
		const char *socket, *milters, *service;
		gboolean ours;
	} cases[] = {
		{"unix:/q/senim/milter.sock", "unix:senim/milter.sock", "smtp inet n - y - - smtpd", TRUE},
		{"unix:/q/senim/milter.sock", "unix:/senim/milter.sock", "smtp inet n - y - - smtpd", TRUE},
		{"unix:/q/senim/milter.sock", "unix:/q/senim/milter.sock", "smtp inet n - y - - smtpd", FALSE},
		{"unix:/q/senim/milter.sock", "unix:/q/senim/milter.sock", "smtp inet n - n - - smtpd", TRUE},
		{"unix:/q/senim/milter.sock", "unix:senim/milter.sock", "smtp inet n - - - - smtpd", TRUE},
		{"unix:/q/senim/milter.sock", "local:senim/milter.sock", "smtp inet n - n - - smtpd", TRUE},
		{"unix:/run/senim/milter.sock", "unix:/run/senim/milter.sock", "smtp inet n - y - - smtpd", FALSE},
		{"inet:8891@127.0.0.1", "inet:127.0.0.1:8891", "smtp inet n - y - - smtpd", TRUE},
		{"inet:8891@127.0.0.1", "inet:127.0.0.1:8892", "smtp inet n - y - - smtpd", FALSE},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *line = g_strconcat("milter-socket = ", cases[i].socket, NULL);
		g_autofree char *settings =
			g_strdup_printf("compatibility_level = 3.6\nqueue_directory = /q\nsmtpd_milters = %s\n", cases[i].milters);
		room_configure(&room, line, "", "");
		g_autoptr(Mta) mta = doctor_mta_parse("/etc/postfix", settings, cases[i].service, "");
		g_assert_cmpint(doctor_mta_asks_us(mta, room.doctor.config), ==, cases[i].ours);
	}
}

/* --- Sendmail -------------------------------------------------------------------------------------------------------------------- */

static void sendmail_must_ask_us_first_and_wait(void)
{
	static const struct {
		const char *text, *check;
		DoctorLevel level;
		const char *words;
	} cases[] = {
		{"O InputMailFilters=senim\nXsenim, S=unix:/m, F=T, T=R:10s\n", "sendmail-milter", DOCTOR_GREEN, ""},
		{"O InputMailFilters=senim\nXsenim, S=local:/m, F=T\n", "sendmail-milter", DOCTOR_GREEN, ""},
		{"O InputMailFilters=spam, senim\nXspam, S=inet:1@a\nXsenim, S=unix:/m, F=T\n", "sendmail-milter", DOCTOR_RED, "begin"},
		{"O InputMailFilters=senim\nXsenim, S=unix:/m\n", "sendmail-milter", DOCTOR_RED, "F=T"},
		{"O SuperSafe=True\n", "sendmail-milter", DOCTOR_RED, "no filter"},
		{"O SuperSafe=True\n", "sendmail-queue", DOCTOR_YELLOW, "PostMilter"},
		{"O SuperSafe=PostMilter\nO DataFileBufferSize=4096\n", "sendmail-queue", DOCTOR_YELLOW, "confDF_BUFFER_SIZE"},
		{"O SuperSafe=PostMilter\nO DataFileBufferSize=60000000\n", "sendmail-queue", DOCTOR_GREEN, ""},
		{"O LogLevel=9\n", "sendmail-log", DOCTOR_YELLOW, "LogLevel 9"},
		{"O LogLevel=8\n", "sendmail-log", DOCTOR_GREEN, ""},
	};
	g_auto(Room) room = {0};
	room_make(&room);
	room_configure(&room, "milter-socket = unix:/m", "", "");
	assert_level(&room, &doctor_sendmail_topic, "sendmail-milter", DOCTOR_SKIPPED, "no Sendmail");
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		room_write(&room, "/etc/mail/sendmail.cf", cases[i].text);
		assert_level(&room, &doctor_sendmail_topic, cases[i].check, cases[i].level, cases[i].words);
	}
}

/* --- her machine ------------------------------------------------------------------------------------------------------------------- */

static void her_key_belongs_on_a_medium_of_her_own(void)
{
	g_auto(Room) room = {0};
	struct stat st;
	room_make(&room);
	g_autofree char *path = g_build_filename(room.root, "key", NULL), *log_pub = g_build_filename(room.root, "log.pub", NULL);
	Settings settings = {.identity = path, .file = (char *)"officer.conf", .log_pub = log_pub};
	room.doctor.settings = &settings;
	assert_level(&room, &doctor_officer_topic, "key-file", DOCTOR_RED, "is not there");
	room_write(&room, "/key", "no key");
	g_assert_cmpint(chmod(path, 0644), ==, 0);
	assert_level(&room, &doctor_officer_topic, "key-file", DOCTOR_RED, "chmod 600");
	g_assert_cmpint(chmod(path, 0600), ==, 0);
	assert_level(&room, &doctor_officer_topic, "key-file", DOCTOR_GREEN, "");
	assert_level(&room, &doctor_officer_topic, "key-seal", DOCTOR_RED, "is no key file");
	assert_level(&room, &doctor_officer_topic, "key-medium", DOCTOR_YELLOW, "fixed disk");
	/* the same file, on a stick: sysfs says so of the disk, one level above the partition */
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_autofree char *link = g_strdup_printf("%s/sys/dev/block/%u:%u", room.root, major(st.st_dev), minor(st.st_dev));
	g_autofree char *directory = g_path_get_dirname(link);
	room_write(&room, "/sys/devices/sdb/removable", "1\n");
	room_write(&room, "/sys/devices/sdb/sdb1/partition", "1\n");
	g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
	g_assert_cmpint(symlink("../../devices/sdb/sdb1", link), ==, 0);
	assert_level(&room, &doctor_officer_topic, "key-medium", DOCTOR_GREEN, "");
	room_write(&room, "/sys/devices/sdb/removable", "0\n");
	assert_level(&room, &doctor_officer_topic, "key-medium", DOCTOR_YELLOW, "fixed disk");
	assert_level(&room, &doctor_officer_topic, "log-pub", DOCTOR_RED, "not known here");
	room_write(&room, "/log.pub", "nothing\n");
	assert_level(&room, &doctor_officer_topic, "log-pub", DOCTOR_RED, "is no list");
}

/* --- looking ------------------------------------------------------------------------------------------------------------------------ */

static void a_program_that_hangs_is_ended_in_its_time(void)
{
	static const char *const hangs[] = {"sh", "-c", "echo begun; sleep 60 & sleep 60", NULL};
	static const char *const fails[] = {"sh", "-c", "echo why >&2; exit 3", NULL};
	static const char *const none[] = {"no-such-program", NULL};
	gint64 begin = g_get_monotonic_time();
	g_auto(DoctorRun) first = {0}, second = {0}, third = {0};
	g_assert_false(doctor_look_run(hangs, 1, &first));
	g_assert_false(first.ended);
	g_assert_cmpstr(first.out, ==, "begun\n");
	g_assert_cmpint(g_get_monotonic_time() - begin, <, 10 * G_TIME_SPAN_SECOND);
	g_assert_false(doctor_look_run(fails, 5, &second));
	g_assert_true(second.ended);
	g_assert_cmpint(second.status, ==, 3);
	g_assert_cmpstr(second.err, ==, "why\n");
	g_assert_false(doctor_look_run(none, 5, &third));
	g_assert_false(third.ended);
}

static void a_program_that_others_could_have_written_is_not_trusted(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	g_autofree char *path = g_build_filename(room.root, "bin/program", NULL), *directory = g_path_get_dirname(path);
	room_write(&room, "/bin/program", "#!/bin/sh\n");
	g_assert_cmpint(chmod(path, 0755), ==, 0);
	g_assert_true(doctor_look_is_trusted("/bin/sh"));
	g_assert_true(doctor_look_is_trusted(path)); /* /tmp is open to all, but sticky */
	g_assert_cmpint(chmod(path, 0775), ==, 0);
	g_assert_false(doctor_look_is_trusted(path));
	g_assert_cmpint(chmod(path, 0755) | chmod(directory, 0777), ==, 0);
	g_assert_false(doctor_look_is_trusted(path));
	g_assert_false(doctor_look_is_trusted("/nowhere/program"));
}

static void a_socket_that_is_no_milter_is_told_from_one_that_is_not_there(void)
{
	g_auto(Room) room = {0};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	DoctorPeer peer = {0};
	room_make(&room);
	g_autofree char *path = g_build_filename(room.root, "s", NULL);
	g_assert_cmpint(doctor_look_as(NULL, path, TRUE), ==, ENOENT);
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address) | listen(fd, 4), ==, 0);
	g_assert_cmpint(doctor_look_as(NULL, path, FALSE), ==, 0);
	g_assert_true(doctor_look_peer(path, &peer));
	g_assert_cmpint(peer.pid, ==, getpid());
	gint64 begin = g_get_monotonic_time();
	g_assert_cmpint(doctor_look_as(NULL, path, TRUE), ==, ETIMEDOUT);
	g_assert_cmpint(g_get_monotonic_time() - begin, <, 2 * DOCTOR_LOOK_SECONDS * G_TIME_SPAN_SECOND);
	close(fd);
	g_unlink(path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(function, name) g_test_add_func("/doctor/" name, function)
	TEST(every_check_has_a_name_of_its_own_and_a_sentence_when_it_is_good, "every check has a name of its own, and a sentence when it is good");
	TEST(a_silent_check_is_green_and_a_skipped_topic_says_why, "a silent check is green, and a skipped topic says why");
	TEST(without_a_configuration_nothing_of_the_host_is_looked_at, "without a configuration nothing of the host is looked at");
	TEST(the_configuration_is_read_as_an_administrator_would, "the configuration is read as an administrator would");
	TEST(no_sentence_holds_the_name_of_a_person, "no sentence holds the name of a person");
	TEST(a_calendar_that_ends_is_seen_a_year_before, "a calendar that ends is seen a year before");
	TEST(people_are_counted_by_what_is_in_force, "people are counted by what is in force");
	TEST(swap_is_looked_at_for_what_it_lies_on, "swap is looked at for what it lies on");
	TEST(the_store_belongs_on_a_disk_of_this_host, "the store belongs on a disk of this host");
	TEST(what_is_open_to_others_is_named_with_its_chmod, "what is open to others is named with its chmod");
	TEST(a_custody_key_that_was_left_behind_is_red, "a custody key that was left behind is red");
	TEST(each_way_past_the_milter_is_red, "each way past the milter is red");
	TEST(a_socket_is_seen_from_the_root_directory_of_its_service, "a socket is seen from the root directory of its service");
	TEST(sendmail_must_ask_us_first_and_wait, "Sendmail must ask us first, and wait");
	TEST(her_key_belongs_on_a_medium_of_her_own, "her key belongs on a medium of her own");
	TEST(a_program_that_hangs_is_ended_in_its_time, "a program that hangs is ended in its time");
	TEST(a_program_that_others_could_have_written_is_not_trusted, "a program that others could have written is not trusted");
	TEST(a_socket_that_is_no_milter_is_told_from_one_that_is_not_there, "a socket that is no milter is told from one that is not there");
	return g_test_run();
}
