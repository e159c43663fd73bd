/* SPDX-License-Identifier: ISC */
#include "tests/milter-room.h"

#include <glib/gstdio.h>

#include "tests/fake-examine.h"

static const char *const mailboxes[] = {"senim@kmo.kz", "board@kmo.kz", NULL};

void milter_room_configure(MilterRoom *room, const char *more, const char *of_mailbox)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strdup_printf("[senim]\n"
	                                        "organisation = Test\n"
	                                        "own-domains = kmo.kz\n"
	                                        "state-directory = %s/state\n"
	                                        "run-directory = %s/run\n"
	                                        "examiner = %s\n"
	                                        "workers = 2\n"
	                                        "%s\n"
	                                        "[mailbox senim@kmo.kz]\n"
	                                        "also = ethics@kmo.kz; @mx.kmo.kz\n"
	                                        "officers = aigul\n"
	                                        "%s\n"
	                                        "[mailbox board@kmo.kz]\n"
	                                        "officers = aigul\n"
	                                        "[officer aigul]\n"
	                                        "public = %s/aigul.pub\n",
	                                        room->directory, room->directory, fake_examine_path(), more,
	                                        of_mailbox, room->directory);
	g_file_set_contents(room->config_path, text, -1, &error);
	g_assert_no_error(error);
}

MilterRoom *milter_room_new(void)
{
	g_autoptr(GError) error = NULL;
	MilterRoom *room = g_new0(MilterRoom, 1);
	room->directory = g_dir_make_tmp("senim-milter-XXXXXX", &error);
	g_assert_no_error(error);
	room->config_path = g_build_filename(room->directory, "senim.conf", NULL);
	g_autofree char *run = g_build_filename(room->directory, "run", NULL);
	g_assert_cmpint(g_mkdir(run, 0700), ==, 0);
	milter_room_configure(room, "", "");
	room->intake = g_build_filename(run, "intake.sock", NULL);
	room->registrar = fake_registrar_start(room->intake, mailboxes);
	return room;
}

static void remove_all(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		remove_all(inner);
	}
	g_remove(path);
}

void milter_room_free(MilterRoom *room)
{
	fake_registrar_stop(room->registrar);
	remove_all(room->directory);
	g_free(room->directory);
	g_free(room->config_path);
	g_free(room->intake);
	g_free(room);
}

Config *milter_room_config(const MilterRoom *room)
{
	g_autoptr(GError) error = NULL;
	Config *config = config_load(room->config_path, &error);
	g_assert_no_error(error);
	return config;
}
