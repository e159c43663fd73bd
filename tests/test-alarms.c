/* SPDX-License-Identifier: ISC */
/* The registrar's alarms with a real ledger, a moved clock and a pretended MTA; the reserve on a small file system of memory. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alarm.h"
#include "store/alarms.h"
#include "store/reserve.h"
#include "tests/store-fixture.h"

#define MIB (1 << 20)

typedef struct {
	Fixture f;
	Alarms *alarms;
	gboolean calendar_ends;
	char *sent; /* what the pretended MTA was given, past the outbox */
} Scene;

static gboolean calendar_ends(const Config *config G_GNUC_UNUSED, gint64 now G_GNUC_UNUSED, guint days, gpointer user)
{
	g_assert_cmpuint(days, ==, ALARMS_DAYS);
	return ((const Scene *)user)->calendar_ends;
}

static char *compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error G_GNUC_UNUSED)
{
	char *text = g_strdup_printf("To: <%s>\r\n\r\n%s %s\r\n", record_get(letter->letter, "to"), record_get(letter->letter, "alarm"),
	                             record_get(letter->letter, "state"));
	*size = strlen(text);
	return text;
}

static void begin_alarms(Scene *scene)
{
	const AlarmsHooks hooks = {calendar_ends, NULL, compose, scene};
	scene->alarms = alarms_new(scene->f.registry, &hooks);
}

static void scene_begin(Scene *scene)
{
	scene->sent = g_strdup_printf("%s/senim-alarms-%d", g_get_tmp_dir(), (int)getpid());
	g_autofree char *sendmail = g_strconcat(scene->sent, ".sh", NULL);
	g_autofree char *script = g_strdup_printf("#!/bin/sh\ncat >>%s\n", scene->sent), *submit = g_strdup_printf("submit=%s", sendmail);
	const char *settings[] = {"alarm=mail:root@kmo.kz", "disk-reserve=1 MiB", submit, NULL};
	g_assert_true(g_file_set_contents(sendmail, script, -1, NULL));
	g_assert_cmpint(chmod(sendmail, 0700), ==, 0);
	fixture_make(&scene->f, settings);
	fixture_now = g_get_real_time();
	begin_alarms(scene);
}

static void scene_clear(Scene *scene)
{
	g_autofree char *sendmail = g_strconcat(scene->sent, ".sh", NULL);
	alarms_stop(scene->alarms);
	fixture_clear(&scene->f);
	g_remove(scene->sent);
	g_remove(sendmail);
	g_free(scene->sent);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* "calendar begins, calendar over": the letters to the keeper that wait, in their order, less those of a disk as this machine's is. */
static char *letters(const Scene *scene)
{
	gint64 next;
	GString *all = g_string_new(NULL);
	g_autoptr(GPtrArray) rows = ledger_letters_due(registry_ledger(scene->f.registry, 0), fixture_now, 100, &next, NULL);
	for (guint i = 0; i < rows->len; i++) {
		const Record *letter = ((const LedgerLetterRow *)g_ptr_array_index(rows, i))->letter;
		g_assert_cmpstr(record_get(letter, "to"), ==, "root@kmo.kz");
		g_assert_cmpstr(record_get(letter, "purpose"), ==, "alarm");
		if (strcmp(record_get(letter, "alarm"), "disk") != 0)
			g_string_append_printf(all, "%s%s %s", all->len > 0 ? ", " : "", record_get(letter, "alarm"), record_get(letter, "state"));
	}
	return g_string_free(all, FALSE);
}

static void has_told(const Scene *scene, const char *wanted)
{
	g_autofree char *found = letters(scene);
	g_assert_cmpstr(found, ==, wanted);
}

static void look(Scene *scene, gint64 later)
{
	fixture_now += later;
	alarms_look(scene->alarms);
}

static void restart(Scene *scene, gint64 later)
{
	g_clear_pointer(&scene->alarms, alarms_stop);
	fixture_now += later;
	fixture_reopen(&scene->f);
	begin_alarms(scene);
}

/* --- told once ----------------------------------------------------------------------------------------------------------- */

static void a_calendar_that_ends_is_told_once_and_again_after_a_day_and_when_it_is_over(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	look(&scene, 0);
	has_told(&scene, "");
	scene.calendar_ends = TRUE;
	look(&scene, G_TIME_SPAN_MINUTE);
	look(&scene, G_TIME_SPAN_MINUTE);
	has_told(&scene, "calendar begins");
	look(&scene, G_TIME_SPAN_DAY);
	has_told(&scene, "calendar begins, calendar lasts");
	scene.calendar_ends = FALSE;
	look(&scene, G_TIME_SPAN_HOUR + 1);
	look(&scene, G_TIME_SPAN_HOUR);
	has_told(&scene, "calendar begins, calendar lasts, calendar over");
}

static void a_restart_tells_nothing_twice_and_forgets_nothing(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	scene.calendar_ends = TRUE;
	look(&scene, 0);
	restart(&scene, G_TIME_SPAN_HOUR);
	look(&scene, G_TIME_SPAN_MINUTE);
	has_told(&scene, "calendar begins");
	scene.calendar_ends = FALSE;
	look(&scene, 2 * G_TIME_SPAN_HOUR);
	has_told(&scene, "calendar begins, calendar over");
}

static void reports_that_are_put_off_are_told_after_ten_minutes_and_by_letter_alone(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	registry_note_intake(scene.f.registry, FALSE);
	look(&scene, 9 * G_TIME_SPAN_MINUTE);
	registry_note_intake(scene.f.registry, FALSE);
	look(&scene, 0);
	has_told(&scene, "");
	fixture_now += 2 * G_TIME_SPAN_MINUTE;
	registry_note_intake(scene.f.registry, FALSE);
	look(&scene, 0);
	has_told(&scene, "intake begins");
	registry_note_intake(scene.f.registry, TRUE);
	look(&scene, 61 * G_TIME_SPAN_MINUTE);
	has_told(&scene, "intake begins, intake over");
}

static void a_configuration_that_keeps_mail_off_is_told_without_any_mail(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	registry_set_difference(scene.f.registry, 1, "differs");
	look(&scene, 0);
	look(&scene, 10 * G_TIME_SPAN_MINUTE);
	has_told(&scene, "intake begins");
}

static void where_no_register_takes_an_entry_the_letter_goes_past_them_and_once(void)
{
	g_auto(Scene) scene = {0};
	g_autofree char *text = NULL;
	scene_begin(&scene);
	look(&scene, 0);
	scene.calendar_ends = TRUE;
	look(&scene, -G_TIME_SPAN_HOUR); /* behind the last entry: nothing can be entered */
	look(&scene, G_TIME_SPAN_MINUTE);
	g_assert_true(g_file_get_contents(scene.sent, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "To: <root@kmo.kz>\r\n\r\ncalendar begins\r\n"));
	g_assert_null(strstr(strstr(text, "calendar") + 1, "calendar"));
	has_told(&scene, "");
}

static void an_archive_and_a_drill_are_overdue_only_where_there_was_time_for_them(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	g_free(scene.f.config->archive_directory);
	scene.f.config->archive_directory = g_strdup("/nowhere");
	look(&scene, 30 * G_TIME_SPAN_DAY);
	has_told(&scene, "");
	restart(&scene, 12 * G_TIME_SPAN_DAY); /* a leap, which a start explains */
	look(&scene, 0);
	has_told(&scene, "archive begins");
	restart(&scene, 330 * G_TIME_SPAN_DAY);
	look(&scene, 0);
	has_told(&scene, "archive begins, archive begins, drill begins");
}

/* --- the reserve ------------------------------------------------------------------------------------------------------------ */

static guint given_up;

static void give_up(gpointer user G_GNUC_UNUSED)
{
	given_up++;
}

static void fill(const char *directory, const char *name, gsize mib)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	g_assert_cmpint(posix_fallocate(fd, 0, (off_t)mib * MIB), ==, 0);
	close(fd);
}

static void clear(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_assert_cmpint(g_remove(path), ==, 0);
}

static gint64 size_of(const char *directory)
{
	struct stat st;
	g_autofree char *path = g_build_filename(directory, RESERVE_FILE, NULL);
	return stat(path, &st) == 0 ? (gint64)st.st_size : -1;
}

static gboolean keep(const Config *config)
{
	gboolean full;
	g_autoptr(GError) error = NULL;
	g_assert_true(reserve_keep(config, give_up, NULL, &full, &error));
	g_assert_no_error(error);
	return full;
}

static void the_reserve_is_given_up_when_the_disk_is_full_and_made_again(void)
{
	g_autofree char *directory = g_dir_make_tmp("senim-reserve-XXXXXX", NULL);
	Config config = {.state_directory = directory, .disk_reserve = 8 * MIB};
	if (mount("senim-test", directory, "tmpfs", 0, "size=32m,mode=700") != 0) {
		g_rmdir(directory);
		g_test_skip("no file system can be mounted here");
		return;
	}
	given_up = 0;
	g_assert_false(keep(&config));
	g_assert_cmpint(size_of(directory), ==, 8 * MIB);
	fill(directory, "a", 22);
	g_assert_false(keep(&config)); /* two are left */
	fill(directory, "b", 2);
	g_assert_true(keep(&config));
	g_assert_cmpuint(given_up, ==, 1);
	g_assert_cmpint(size_of(directory), ==, 0);
	fill(directory, "entry", 1); /* what it is for */
	g_assert_true(keep(&config)); /* also another process */
	clear(directory, "b");
	g_assert_true(keep(&config)); /* nine are free: it would be full again at once */
	clear(directory, "a");
	g_assert_false(keep(&config));
	g_assert_cmpint(size_of(directory), ==, 8 * MIB);
	g_assert_cmpuint(given_up, ==, 1);
	config.disk_reserve = 2 * MIB;
	g_assert_false(keep(&config));
	g_assert_cmpint(size_of(directory), ==, 2 * MIB);
	config.disk_reserve = 64 * MIB; /* more than there is */
	g_assert_false(keep(&config));
	g_assert_cmpint(size_of(directory), ==, 2 * MIB);
	clear(directory, RESERVE_FILE);
	g_assert_false(keep(&config));
	g_assert_cmpint(size_of(directory), ==, -1);
	g_assert_cmpint(umount2(directory, MNT_DETACH), ==, 0);
	g_rmdir(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/alarms/a calendar that ends is told once and again after a day and when it is over",
	                a_calendar_that_ends_is_told_once_and_again_after_a_day_and_when_it_is_over);
	g_test_add_func("/alarms/a restart tells nothing twice and forgets nothing", a_restart_tells_nothing_twice_and_forgets_nothing);
	g_test_add_func("/alarms/reports that are put off are told after ten minutes and by letter alone",
	                reports_that_are_put_off_are_told_after_ten_minutes_and_by_letter_alone);
	g_test_add_func("/alarms/a configuration that keeps mail off is told without any mail",
	                a_configuration_that_keeps_mail_off_is_told_without_any_mail);
	g_test_add_func("/alarms/where no register takes an entry the letter goes past them and once",
	                where_no_register_takes_an_entry_the_letter_goes_past_them_and_once);
	g_test_add_func("/alarms/an archive and a drill are overdue only where there was time for them",
	                an_archive_and_a_drill_are_overdue_only_where_there_was_time_for_them);
	g_test_add_func("/alarms/the reserve is given up when the disk is full and made again",
	                the_reserve_is_given_up_when_the_disk_is_full_and_made_again);
	return g_test_run();
}
