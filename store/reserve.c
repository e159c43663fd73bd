/* SPDX-License-Identifier: ISC */
#include "store/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef struct {
	char *path;
	int fd;         /* -1: missing */
	guint64 wanted; /* octets that it shall have, … */
	guint64 has;    /* … and has */
	guint64 free;   /* besides */
} Reserve;

static void reserve_clear(Reserve *reserve)
{
	if (reserve->fd >= 0)
		close(reserve->fd);
	g_free(reserve->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reserve, reserve_clear)

static gboolean fail(const char *path, int code, const char *what, GError **error)
{
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "%s %s: %s", path, what, g_strerror(code));
	return FALSE;
}

static gboolean look(const Config *config, Reserve *reserve, GError **error)
{
	struct statvfs fs;
	struct stat st = {0};
	reserve->wanted = config->disk_reserve;
	reserve->path = g_build_filename(config->state_directory, RESERVE_FILE, NULL);
	if (statvfs(config->state_directory, &fs) != 0)
		return fail(config->state_directory, errno, "cannot be looked into", error);
	reserve->fd = open(reserve->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (reserve->fd < 0 ? errno != ENOENT : fstat(reserve->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(reserve->path, reserve->fd < 0 ? errno : EINVAL, "cannot be used", error);
	reserve->has = (guint64)st.st_blocks * 512; /* a file that somebody copied may be one of holes */
	reserve->free = (guint64)fs.f_bavail * fs.f_frsize;
	return TRUE;
}

/* All of it or as it was: half a reserve would be taken for a whole one. */
static gboolean fill(const Reserve *reserve, int fd, GError **error)
{
	int failed = posix_fallocate(fd, 0, (off_t)reserve->wanted);
	if (failed == 0 && ftruncate(fd, (off_t)reserve->wanted) != 0) /* it may have been larger */
		failed = errno;
	if (failed == 0)
		return TRUE;
	if (reserve->fd < 0)
		unlink(reserve->path);
	else if (ftruncate(fd, 0) != 0)
		failed = errno;
	return fail(reserve->path, failed, "cannot be made as large as disk-reserve", error);
}

static gboolean make(const Reserve *reserve, GError **error)
{
	int fd = open(reserve->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(reserve->path, errno, "cannot be made", error);
	gboolean done = fill(reserve, fd, error);
	close(fd);
	return done;
}

/* Empty and not gone: the next process knows that it was given up. */
static gboolean empty(const Reserve *reserve, GError **error)
{
	return ftruncate(reserve->fd, 0) == 0 || fail(reserve->path, errno, "cannot be given up", error);
}

gboolean reserve_keep(const Config *config, void (*give_up)(gpointer user), gpointer user, gboolean *given_up, GError **error)
{
	g_auto(Reserve) reserve = {.fd = -1};
	*given_up = FALSE;
	if (!look(config, &reserve, error))
		return FALSE;
	if (reserve.fd < 0)
		return reserve.free < 2 * reserve.wanted || make(&reserve, error);
	if (reserve.has > 0 && reserve.free < reserve.wanted / 16) {
		*given_up = TRUE;
		give_up(user);
		return empty(&reserve, error);
	}
	guint64 missing = reserve.wanted > reserve.has ? reserve.wanted - reserve.has : 0;
	*given_up = reserve.has == 0 && reserve.free < reserve.wanted + reserve.wanted / 4;
	/* The key may have another value by now; the room for a larger one comes when there is some. */
	gboolean grows = missing > 0 && reserve.free >= missing + reserve.wanted / 4;
	gboolean shrinks = reserve.has > reserve.wanted + reserve.wanted / 16;
	return *given_up || (!grows && !shrinks) || fill(&reserve, reserve.fd, error);
}
