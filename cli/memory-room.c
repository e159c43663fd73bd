/* SPDX-License-Identifier: ISC */
#include "cli/memory-room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/octets.h"
#include "cli/cli.h"

#define PREFIX "senim-view-"
#define DEEP 16 /* directories within each other that a viewer's leavings may have */

struct MemoryRoom {
	char *path, *home, *file;
	void *map; /* of the file, locked while the room stands */
	gsize size;
	gboolean locked;
};

/* --- whose -------------------------------------------------------------------------------------------------------- */

/* proc(5), /proc/PID/stat: field 22, counted behind the name in brackets; 0: there is no such process. */
static guint64 start_of(gint64 pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	const char *field = strrchr(text, ')');
	for (guint n = 2; field != NULL && n < 22; n++)
		field = strchr(field + 1, ' ');
	return field != NULL ? g_ascii_strtoull(field, NULL, 10) : 0;
}

/* Where rooms may be: each is looked at anew, whoever set the variable. */
static const char *places(guint i)
{
	return i == 0 ? g_getenv("XDG_RUNTIME_DIR") : i == 1 ? "/dev/shm" : NULL;
}

static gboolean is_memory(const char *path)
{
	struct statfs fs;
	return path != NULL && statfs(path, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/* --- taking away --------------------------------------------------------------------------------------------------- */

static void wipe_file(int directory, const char *name, off_t size)
{
	static const char zeros[65536];
	int fd = fchmodat(directory, name, 0600, 0) != 0 ? -1 : openat(directory, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	for (; fd >= 0 && size > 0; size -= (off_t)sizeof zeros)
		if (!octets_write(fd, zeros, MIN((gsize)size, sizeof zeros)))
			break;
	if (fd >= 0)
		close(fd);
}

/* Everything in it, and never through a symbolic link. */
static void empty(int at, const char *name, guint deep)
{
	int fd = fchmodat(at, name, 0700, 0) != 0 ? -1 : openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	struct stat st;
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && deep < DEEP)
			empty(fd, entry->d_name, deep + 1);
		else if (S_ISREG(st.st_mode))
			wipe_file(fd, entry->d_name, st.st_size);
		unlinkat(fd, entry->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	if (directory != NULL)
		closedir(directory);
}

static void take_away(const char *path)
{
	empty(AT_FDCWD, path, 0);
	rmdir(path);
}

static void sweep(const char *place)
{
	g_autoptr(GDir) directory = g_dir_open(place, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		gint64 pid;
		guint64 start;
		struct stat st;
		g_autofree char *path = g_build_filename(place, name, NULL);
		if (sscanf(name, PREFIX "%" G_GINT64_FORMAT "-%" G_GUINT64_FORMAT "-", &pid, &start) == 2 &&
		    start_of(pid) != start && lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid())
			take_away(path);
	}
}

void memory_room_sweep(void)
{
	for (guint i = 0; i < 2; i++)
		if (is_memory(places(i)))
			sweep(places(i));
}

void memory_room_free(MemoryRoom *room)
{
	if (room == NULL)
		return;
	if (room->map != NULL)
		munmap(room->map, room->size);
	if (room->path != NULL)
		take_away(room->path);
	g_free(room->path);
	g_free(room->home);
	g_free(room->file);
	g_free(room);
}

/* --- making -------------------------------------------------------------------------------------------------------- */

MemoryRoom *memory_room_new(GError **error)
{
	g_autoptr(MemoryRoom) room = g_new0(MemoryRoom, 1);
	for (guint i = 0; i < 2 && room->path == NULL; i++) {
		if (!is_memory(places(i)))
			continue;
		g_autofree char *name = g_strdup_printf("%s/" PREFIX "%ld-%" G_GUINT64_FORMAT "-XXXXXX", places(i), (long)getpid(),
		                                        start_of(getpid()));
		if (mkdtemp(name) != NULL)
			room->path = g_steal_pointer(&name);
	}
	if (room->path == NULL) {
		cli_fail(error, CLI_ERROR_FAILED,
		         _("this machine has no directory in memory (tmpfs) at XDG_RUNTIME_DIR or /dev/shm, and on a disk nothing is opened: ask the administrator for one"));
		return NULL;
	}
	room->home = g_build_filename(room->path, "home", NULL);
	if (mkdir(room->home, 0700) == 0)
		return g_steal_pointer(&room);
	cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be written (%s): choose another place"), room->home, g_strerror(errno));
	return NULL;
}

/* Pages that a mapping locks stay out of swap, whoever wrote them. */
static void lock_pages(MemoryRoom *room, int fd, gsize size)
{
	void *map = size > 0 ? mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (map == MAP_FAILED)
		return;
	room->map = map;
	room->size = size;
	room->locked = mlock(map, size) == 0;
}

const char *memory_room_add(MemoryRoom *room, const char *name, const void *data, gsize size, GError **error)
{
	g_return_val_if_fail(room->file == NULL, NULL);
	room->file = g_build_filename(room->path, name, NULL);
	int fd = open(room->file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
	gboolean done = fd >= 0 && octets_write(fd, data, size);
	int why = errno;
	if (done)
		lock_pages(room, fd, size);
	if (fd >= 0)
		close(fd);
	if (done)
		return room->file;
	cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be written (%s): choose another place"), room->file, g_strerror(why));
	return NULL;
}

const char *memory_room_home(const MemoryRoom *room)
{
	return room->home;
}

/* proc(5), /proc/swaps: a head, then a line for each. */
gboolean memory_room_machine_swaps(void)
{
	g_autofree char *swaps = NULL;
	const char *head = g_file_get_contents("/proc/swaps", &swaps, NULL, NULL) ? strchr(swaps, '\n') : NULL;
	return head != NULL && strchr(head + 1, '\n') != NULL;
}

gboolean memory_room_swappable(const MemoryRoom *room)
{
	return !room->locked && memory_room_machine_swaps();
}
