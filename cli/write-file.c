/* SPDX-License-Identifier: ISC */
#include "cli/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/octets.h"
#include "cli/cli.h"

struct WriteFile {
	char *path;
	int fd;
	gboolean named; /* the directory knows it */
	gboolean whole;
};

static gboolean fail(const char *path, int why, GError **error)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	if (why == EEXIST)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s exists already: choose another name"), shown);
	return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be written (%s): choose another place"), shown, g_strerror(why));
}

gboolean write_file_check(const char *path, GError **error)
{
	struct stat st;
	return lstat(path, &st) != 0 || fail(path, EEXIST, error);
}

WriteFile *write_file_begin(const char *path, GError **error)
{
	g_autoptr(WriteFile) file = g_new0(WriteFile, 1);
	g_autofree char *directory = g_path_get_dirname(path);
	file->path = g_strdup(path);
	if (!write_file_check(path, error)) {
		file->fd = -1;
		return NULL;
	}
	file->fd = open(directory, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (file->fd >= 0)
		return g_steal_pointer(&file);
	file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	file->named = file->fd >= 0;
	if (file->named)
		return g_steal_pointer(&file);
	fail(path, errno, error);
	return NULL;
}

gboolean write_file_add(WriteFile *file, const void *data, gsize size, GError **error)
{
	return octets_write(file->fd, data, size) || fail(file->path, errno, error);
}

/* Into the directory, where nothing of that name may stand. */
static gboolean give_name(WriteFile *file)
{
	g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", file->fd);
	if (!file->named)
		file->named = linkat(AT_FDCWD, self, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) == 0;
	return file->named;
}

gboolean write_file_end(WriteFile *file, GError **error)
{
	if (fsync(file->fd) != 0 || !give_name(file))
		return fail(file->path, errno, error);
	int fd = file->fd;
	file->fd = -1;
	if (close(fd) != 0)
		return fail(file->path, errno, error);
	file->whole = TRUE;
	return TRUE;
}

void write_file_free(WriteFile *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->named && !file->whole)
		unlink(file->path);
	g_free(file->path);
	g_free(file);
}

gboolean write_file_new(const char *path, const void *data, gsize size, GError **error)
{
	g_autoptr(WriteFile) file = write_file_begin(path, error);
	return file != NULL && write_file_add(file, data, size, error) && write_file_end(file, error);
}
