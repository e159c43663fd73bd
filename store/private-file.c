/* SPDX-License-Identifier: ISC */
#include "store/private-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/bundle.h"
#include "base/octets.h"

static gboolean fail(const char *what, const char *path, GError **error)
{
	int saved = errno;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(saved), "cannot %s %s: %s", what, path,
	            g_strerror(saved));
	return FALSE;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static gboolean fill(int fd, const void *data, gsize size, guint mode)
{
	struct stat st;
	if (!octets_write(fd, data, size) || fstat(fd, &st) != 0)
		return FALSE;
	if ((st.st_mode & 0777) != mode && fchmod(fd, mode) != 0)
		return FALSE;
	return fsync(fd) == 0;
}

/* Gives the file its name unless there is one of that name; link() where the file system knows no RENAME_NOREPLACE. */
static gboolean name_it(const char *temporary, const char *path)
{
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return TRUE;
	if (errno != EINVAL && errno != ENOSYS)
		return FALSE;
	if (link(temporary, path) != 0)
		return FALSE;
	unlink(temporary);
	return TRUE;
}

static gboolean sync_directory(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return FALSE;
	gboolean good = fsync(fd) == 0;
	int saved = errno;
	close(fd);
	errno = saved;
	return good;
}

/* Writes the octets under another name, then `name` gives them their own. */
static gboolean write_as(const char *path, const void *data, gsize size, guint mode,
                         gboolean (*name)(const char *temporary, const char *path), GError **error)
{
	g_autofree char *temporary = g_strdup_printf("%s.%08x", path, g_random_int());
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return fail("write", path, error);
	gboolean good = fill(fd, data, size, mode);
	int saved = errno;
	if (close(fd) != 0 && good) {
		good = FALSE;
		saved = errno;
	}
	errno = saved;
	if (!good || !name(temporary, path)) {
		fail("write", path, error);
		unlink(temporary);
		return FALSE;
	}
	return sync_directory(path) || fail("write the directory of", path, error);
}

gboolean private_file_write(const char *path, const void *data, gsize size, guint mode, GError **error)
{
	if (access(path, F_OK) == 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
		            "%s is there already and is not replaced: choose another name", path);
		return FALSE;
	}
	return write_as(path, data, size, mode, name_it, error);
}

static gboolean rename_over(const char *temporary, const char *path)
{
	return rename(temporary, path) == 0;
}

gboolean private_file_replace(const char *path, const void *data, gsize size, guint mode, GError **error)
{
	return write_as(path, data, size, mode, rename_over, error);
}

/* The old octets' place on the disk is written over, as far as the file system lets us. */
static void scrub(int fd)
{
	static const guint8 nothing[4096];
	off_t at = 0, size = lseek(fd, 0, SEEK_END);
	gssize step = 1;
	while (at < size && step > 0) {
		step = pwrite(fd, nothing, (gsize)MIN(size - at, (off_t)sizeof nothing), at);
		at += MAX(step, 0);
	}
	fsync(fd);
}

gboolean private_file_remove(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0 && errno == EACCES && chmod(path, 0600) == 0)
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd >= 0) {
		scrub(fd);
		close(fd);
	}
	return (unlink(path) == 0 && sync_directory(path)) || fail("remove", path, error);
}

/* --- where it lies ------------------------------------------------------------------------------------------------- */

#define FUSE 0x65735546

gboolean private_file_is_remote(guint64 type, const char *mount_type)
{
	static const guint64 types[] = {
		0x6969 /* nfs */,          0xff534d42 /* cifs */, 0xfe534d42 /* smb2 */, 0x517b /* smb */,
		0x01021997 /* 9p */,       0x5346414f /* afs */,  0x6b414653 /* kafs */, 0x00c36400 /* ceph */,
		0x73757245 /* coda */,     0x564c /* ncp */,      0x7461636f /* ocfs2 */, 0x0bd00bd0 /* lustre */,
		0x47504653 /* gpfs */,
	};
	static const char *const carried[] = {"sshfs", "rclone", "glusterfs", "s3fs", "gvfsd-fuse", "davfs", "curlftpfs",
	                                      "smbnetfs", "ceph", "cephfs", "hdfs", "onedriver", "google-drive-ocamlfuse"};
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (type == types[i])
			return TRUE;
	if (type != FUSE || mount_type == NULL || !g_str_has_prefix(mount_type, "fuse."))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(carried); i++)
		if (strcmp(mount_type + strlen("fuse."), carried[i]) == 0)
			return TRUE;
	return FALSE;
}

/* proc_pid_mountinfo(5): "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE …" */
static char *mount_type_of(dev_t device)
{
	g_autofree char *text = NULL, *wanted = g_strdup_printf("%u:%u", major(device), minor(device));
	if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) words = g_strsplit(*line, " ", 4);
		const char *rest = strstr(*line, " - ");
		if (g_strv_length(words) == 4 && strcmp(words[2], wanted) == 0 && rest != NULL)
			return g_strndup(rest + 3, strcspn(rest + 3, " "));
	}
	return NULL;
}

gboolean private_file_check_local(const char *path, GError **error)
{
	struct statfs fs;
	struct stat st;
	if (statfs(path, &fs) != 0 || stat(path, &st) != 0)
		return TRUE; /* who reads it says why it cannot be read */
	g_autofree char *mount_type = mount_type_of(st.st_dev);
	if (!private_file_is_remote((guint64)fs.f_type & G_MAXUINT32, mount_type))
		return TRUE;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
	            "%s lies on another host's disk (%s): move it to a medium of your own, and make a new key if others may have read it",
	            path, mount_type != NULL ? mount_type : "network");
	return FALSE;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static gboolean is_private(int fd, const char *path, GError **error)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return fail("look at", path, error);
	if (!S_ISREG(st.st_mode)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is not a file", path);
		return FALSE;
	}
	if ((st.st_mode & 077) != 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
		            "others may read %s: chmod 600 it, and ask who has read it", path);
		return FALSE;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM,
		            "%s belongs to somebody else: chown it to whoever runs this", path);
		return FALSE;
	}
	return TRUE;
}

static GBytes *read_all(int fd, const char *path, gsize max, GError **error)
{
	gsize got = 0;
	gssize step;
	guint8 *data = g_malloc(max + 1);
	while ((step = read(fd, data + got, max + 1 - got)) != 0 && got <= max) {
		if (step < 0 && errno == EINTR)
			continue;
		if (step < 0)
			break;
		got += (gsize)step;
	}
	GBytes *bytes = NULL;
	if (step < 0)
		fail("read", path, error);
	else if (got > max)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is larger than what belongs there", path);
	else
		bytes = bundle_secret_bytes(data, got);
	explicit_bzero(data, max + 1);
	g_free(data);
	return bytes;
}

GBytes *private_file_read(const char *path, gsize max, gboolean checked, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fail("read", path, error);
		return NULL;
	}
	GBytes *bytes = !checked || is_private(fd, path, error) ? read_all(fd, path, max, error) : NULL;
	close(fd);
	return bytes;
}
