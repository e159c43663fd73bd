/* SPDX-License-Identifier: ISC */
/* The milter's own alarm: a registrar that is gone, or takes nothing, and what is told of it. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "milter/watch.h"
#include "tests/milter-room.h"

#define SHORT (100 * G_TIME_SPAN_MILLISECOND)
#define MINUTE G_TIME_SPAN_MINUTE

typedef struct {
	MilterRoom *room;
	char *found; /* what the command was given, a line a time */
	char *script;
	Side *side;
	Watch watch;
	gint64 now;
} Scene;

static void scene_begin(Scene *scene)
{
	scene->room = milter_room_new();
	scene->found = g_build_filename(scene->room->directory, "found", NULL);
	scene->script = g_build_filename(scene->room->directory, "page", NULL);
	g_autofree char *source = g_strdup_printf("#!/bin/sh\necho \"$1 $2\" >>%s\n", scene->found);
	g_assert_true(g_file_set_contents(scene->script, source, -1, NULL));
	g_assert_cmpint(chmod(scene->script, 0700), ==, 0);
	g_autofree char *more = g_strdup_printf("alarm = command:%s\n", scene->script);
	milter_room_configure(scene->room, more, "");
	g_autoptr(Config) config = milter_room_config(scene->room);
	SideTimes times = side_times;
	times.retry = 5 * G_TIME_SPAN_MILLISECOND;
	scene->side = side_new(config, NULL, &times);
	scene->watch.side = scene->side;
	scene->now = g_get_real_time();
}

static void scene_clear(Scene *scene)
{
	g_remove(scene->found);
	g_remove(scene->script);
	g_free(scene->found);
	g_free(scene->script);
	side_free(scene->side);
	milter_room_free(scene->room);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* A look so many minutes later; what is told. */
static const char *look(Scene *scene, gint64 minutes)
{
	AlarmState state;
	scene->now += minutes * MINUTE;
	return watch_look(&scene->watch, scene->now, SHORT, &state) ? alarm_state_word(state) : "";
}

static void was_told(const Scene *scene, const char *wanted)
{
	g_autofree char *text = NULL;
	g_file_get_contents(scene->found, &text, NULL, NULL);
	g_assert_cmpstr(text != NULL ? text : "", ==, wanted);
}

static void a_registrar_that_is_gone_for_ten_minutes_is_told_by_the_command(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	g_assert_cmpstr(look(&scene, 0), ==, "");
	g_remove(scene.room->intake);
	g_assert_cmpstr(look(&scene, 1), ==, "");
	g_assert_cmpstr(look(&scene, 9), ==, "");
	was_told(&scene, "");
	g_assert_cmpstr(look(&scene, 1), ==, "begins");
	g_assert_cmpstr(look(&scene, 1), ==, "");
	g_assert_cmpstr(look(&scene, 24 * 60), ==, "lasts");
	was_told(&scene, "intake begins\nintake lasts\n");
}

static void one_that_is_busy_all_the_time_is_gone_too_and_comes_back(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	fake_registrar_script(scene.room->registrar, FRAME_HELLO, FAKE_BUSY, 0, 0, NULL);
	look(&scene, 0);
	g_assert_cmpstr(look(&scene, 10), ==, "begins");
	fake_registrar_reset(scene.room->registrar);
	g_assert_cmpstr(look(&scene, 1), ==, "");
	g_assert_cmpstr(look(&scene, 60), ==, "over");
	was_told(&scene, "intake begins\nintake over\n");
}

static void reports_that_a_registrar_does_not_take_are_told_as_well(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	side_note_intake(scene.side, FALSE, scene.now);
	g_assert_cmpstr(look(&scene, 5), ==, "");
	side_note_intake(scene.side, FALSE, scene.now + 6 * MINUTE);
	g_assert_cmpstr(look(&scene, 6), ==, "begins");
	side_note_intake(scene.side, TRUE, scene.now);
	g_assert_cmpstr(look(&scene, 1), ==, "");
	g_assert_cmpstr(look(&scene, 60), ==, "over");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/watch/a registrar that is gone for ten minutes is told by the command",
	                a_registrar_that_is_gone_for_ten_minutes_is_told_by_the_command);
	g_test_add_func("/watch/one that is busy all the time is gone too and comes back",
	                one_that_is_busy_all_the_time_is_gone_too_and_comes_back);
	g_test_add_func("/watch/reports that a registrar does not take are told as well",
	                reports_that_a_registrar_does_not_take_are_told_as_well);
	return g_test_run();
}
