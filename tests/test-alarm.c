/* SPDX-License-Identifier: ISC */
/* When whoever keeps the host is told, and how a command of theirs is run. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alarm.h"

#define MINUTE G_TIME_SPAN_MINUTE

/* In minutes from the first: is it so, and what is told then ("" nothing). */
typedef struct {
	gint64 at;
	gboolean is;
	const char *told;
} Row;

static void follow(const Row *rows, gsize n)
{
	AlarmCourse course = {0};
	for (gsize i = 0; i < n; i++) {
		AlarmState state;
		gboolean told = alarm_course(&course, rows[i].is, (1 + rows[i].at) * MINUTE, &state);
		g_test_message("minute %" G_GINT64_FORMAT, rows[i].at);
		g_assert_cmpstr(told ? alarm_state_word(state) : "", ==, rows[i].told);
	}
}

static void a_trouble_is_told_once_and_after_a_day_again_and_when_it_is_over(void)
{
	static const Row rows[] = {{0, FALSE, ""}, {1, TRUE, "begins"}, {2, TRUE, ""}, {1440, TRUE, ""}, {1441, TRUE, "lasts"},
	                           {2000, TRUE, ""}, {2881, TRUE, "lasts"}, {2882, FALSE, ""}, {2940, FALSE, ""},
	                           {2941, FALSE, "over"}, {2942, FALSE, ""}, {3000, TRUE, "begins"}};
	follow(rows, G_N_ELEMENTS(rows));
}

static void one_that_comes_and_goes_is_one_trouble(void)
{
	static const Row rows[] = {{0, TRUE, "begins"}, {1, FALSE, ""}, {59, TRUE, ""}, {60, FALSE, ""}, {118, TRUE, ""},
	                           {119, FALSE, ""}, {178, FALSE, "over"}};
	follow(rows, G_N_ELEMENTS(rows));
}

static void a_clock_that_is_set_back_silences_nothing_for_longer_than_a_day(void)
{
	static const Row rows[] = {{100000, TRUE, "begins"}, {0, TRUE, ""}, {1439, TRUE, ""}, {1440, TRUE, "lasts"}};
	follow(rows, G_N_ELEMENTS(rows));
}

static void reports_that_were_put_off_for_ten_minutes_are_a_trouble_until_one_is_taken(void)
{
	AlarmIntake intake = {0};
	g_assert_false(alarm_intake_stands(&intake, MINUTE));
	alarm_intake_note(&intake, FALSE, MINUTE);
	g_assert_false(alarm_intake_stands(&intake, 30 * MINUTE)); /* one alone: a restart meets it too */
	alarm_intake_note(&intake, FALSE, 10 * MINUTE);
	g_assert_false(alarm_intake_stands(&intake, 10 * MINUTE));
	alarm_intake_note(&intake, FALSE, 11 * MINUTE);
	g_assert_true(alarm_intake_stands(&intake, 11 * MINUTE));
	g_assert_false(alarm_intake_stands(&intake, (11 + 360) * MINUTE)); /* nobody tries any more */
	alarm_intake_note(&intake, TRUE, 12 * MINUTE);
	g_assert_false(alarm_intake_stands(&intake, 12 * MINUTE));
	alarm_intake_note(&intake, FALSE, 13 * MINUTE);
	g_assert_false(alarm_intake_stands(&intake, 13 * MINUTE));
}

static void every_word_is_read_back(void)
{
	Alarm alarm;
	AlarmState state;
	for (guint i = 0; i < ALARMS; i++)
		g_assert_true(alarm_read(alarm_word((Alarm)i), &alarm) && alarm == (Alarm)i);
	for (guint i = 0; i < ALARM_STATES; i++)
		g_assert_true(alarm_state_read(alarm_state_word((AlarmState)i), &state) && state == (AlarmState)i);
	g_assert_false(alarm_read("disc", &alarm) || alarm_read(NULL, &alarm) || alarm_state_read("began", &state));
}

static void a_command_gets_two_words_and_nothing_of_ours(void)
{
	g_autofree char *directory = g_dir_make_tmp("senim-alarm-XXXXXX", NULL);
	g_autofree char *script = g_build_filename(directory, "a command; $(with) 'care'", NULL);
	g_autofree char *found = g_build_filename(directory, "found", NULL), *text = NULL;
	g_autofree char *source = g_strdup_printf("#!/bin/sh\n{ echo \"$# $1 $2\"; env | sed 's/=.*//' | grep -v -e ^PWD$ -e ^SHLVL$ -e ^_$ -e ^OLDPWD$ | sort | tr '\\n' ' '; cat; } >%s\n", found);
	g_assert_true(g_file_set_contents(script, source, -1, NULL));
	g_assert_cmpint(chmod(script, 0700), ==, 0);
	g_autofree char *item = g_strconcat("command:", script, NULL);
	char *alarms[] = {(char *)"mail:root@kmo.kz", item, (char *)"command:/nowhere", NULL};
	const Config config = {.alarm = alarms};
	g_setenv("SENIM_TEST_SECRET", "secret", TRUE);
	alarm_command(&config, ALARM_DISK, ALARM_OVER);
	g_assert_true(g_file_get_contents(found, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "2 disk over\nLC_ALL PATH ");
	g_remove(found);
	g_remove(script);
	g_rmdir(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/alarm/a trouble is told once and after a day again and when it is over",
	                a_trouble_is_told_once_and_after_a_day_again_and_when_it_is_over);
	g_test_add_func("/alarm/one that comes and goes is one trouble", one_that_comes_and_goes_is_one_trouble);
	g_test_add_func("/alarm/a clock that is set back silences nothing for longer than a day",
	                a_clock_that_is_set_back_silences_nothing_for_longer_than_a_day);
	g_test_add_func("/alarm/reports that were put off for ten minutes are a trouble until one is taken",
	                reports_that_were_put_off_for_ten_minutes_are_a_trouble_until_one_is_taken);
	g_test_add_func("/alarm/every word is read back", every_word_is_read_back);
	g_test_add_func("/alarm/a command gets two words and nothing of ours", a_command_gets_two_words_and_nothing_of_ours);
	return g_test_run();
}
