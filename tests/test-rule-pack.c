/* SPDX-License-Identifier: ISC */
/* The packing of the rules: what an examiner says is sealed, and one that says nothing, or never ends, holds up nobody. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "milter/rule-pack.h"

typedef struct {
	char *directory, *examiner;
} Room;

static void set_up(Room *room, const char *script)
{
	g_autoptr(GError) error = NULL;
	room->directory = g_dir_make_tmp("senim-pack-XXXXXX", &error);
	g_assert_no_error(error);
	room->examiner = g_build_filename(room->directory, "examiner", NULL);
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", script);
	g_assert_true(g_file_set_contents_full(room->examiner, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error));
}

static void clear(Room *room)
{
	g_autofree char *written = g_build_filename(room->directory, "pid", NULL);
	g_unlink(written);
	g_unlink(room->examiner);
	g_assert_cmpint(g_rmdir(room->directory), ==, 0);
	g_free(room->examiner);
	g_free(room->directory);
}

static void what_an_examiner_writes_is_sealed(void)
{
	Room room;
	g_autoptr(GError) error = NULL;
	char octets[64];
	set_up(&room, "echo \"$1 $2 $3\"");
	int pack = rule_pack_make(room.examiner, "/etc/rules", 10, &error);
	g_assert_no_error(error);
	gssize n = pread(pack, octets, sizeof octets, 0);
	g_assert_cmpmem(octets, (gsize)n, "--pack-rules --rules /etc/rules\n", 32);
	g_assert_cmpint(pwrite(pack, "x", 1, 0), <, 0);
	int other = rule_pack_make(room.examiner, NULL, 10, &error);
	g_assert_no_error(error);
	g_assert_true(rule_pack_same(pack, pack));
	g_assert_false(rule_pack_same(pack, other));
	close(pack);
	close(other);
	clear(&room);
}

static void an_examiner_that_refuses_leaves_no_pack(void)
{
	Room room;
	g_autoptr(GError) error = NULL;
	set_up(&room, "exit 2");
	g_assert_cmpint(rule_pack_make(room.examiner, NULL, 10, &error), ==, -1);
	g_assert_nonnull(strstr(error->message, "refused"));
	clear(&room);
}

static void an_examiner_that_never_ends_is_killed(void)
{
	Room room;
	g_autoptr(GError) error = NULL;
	g_autofree char *written = NULL, *pid = NULL;
	set_up(&room, "trap '' TERM INT\necho $$ >\"$(dirname \"$0\")/pid\"\nexec sleep 600");
	gint64 from = g_get_monotonic_time();
	g_assert_cmpint(rule_pack_make(room.examiner, NULL, 1, &error), ==, -1);
	g_assert_cmpint(g_get_monotonic_time() - from, <, 20 * G_TIME_SPAN_SECOND);
	g_assert_nonnull(strstr(error->message, "in 1 seconds"));
	written = g_build_filename(room.directory, "pid", NULL);
	g_assert_true(g_file_get_contents(written, &pid, NULL, NULL));
	g_assert_cmpint(kill((pid_t)g_ascii_strtoll(pid, NULL, 10), 0), ==, -1); /* and was waited for */
	clear(&room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rule pack/what an examiner writes is sealed", what_an_examiner_writes_is_sealed);
	g_test_add_func("/rule pack/an examiner that refuses leaves no pack", an_examiner_that_refuses_leaves_no_pack);
	g_test_add_func("/rule pack/an examiner that never ends is killed", an_examiner_that_never_ends_is_killed);
	return g_test_run();
}
