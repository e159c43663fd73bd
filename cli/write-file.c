/* SPDX-License-Identifier: ISC */
#include "cli/write-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/octets.h"
#include "cli/cli.h"

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

int write_file_begin(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(path, errno, error);
	return fd;
}

gboolean write_file_end(const char *path, int fd, gboolean done, GError **error)
{
	gboolean good = done && fsync(fd) == 0;
	int why = errno;
	if (close(fd) != 0 && good) {
		why = errno;
		good = FALSE;
	}
	if (!good)
		unlink(path);
	return good || (done && fail(path, why, error));
}

gboolean write_file_two(const char *path, const void *head, gsize head_size, const void *data, gsize size, GError **error)
{
	int fd = write_file_begin(path, error);
	if (fd < 0)
		return FALSE;
	if (octets_write(fd, head, head_size) && octets_write(fd, data, size))
		return write_file_end(path, fd, TRUE, error);
	fail(path, errno, error);
	return write_file_end(path, fd, FALSE, error);
}

gboolean write_file_new(const char *path, const void *data, gsize size, GError **error)
{
	return write_file_two(path, NULL, 0, data, size, error);
}
