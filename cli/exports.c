/* SPDX-License-Identifier: ISC */
#include "cli/exports.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/octets.h"
#include "base/record.h"
#include "cli/cli.h"
#include "cli/face.h"

static const RecordField schema[] = {{"export", 0, G_MAXUINT}, {NULL, 0, 0}};

static void export_free(gpointer data)
{
	Export *one = data;
	g_free(one->mailbox);
	g_free(one->path);
	g_free(one);
}

void exports_free(GPtrArray *list)
{
	if (list != NULL)
		g_ptr_array_unref(list);
}

static char *state_path(const char *name)
{
	return g_build_filename(g_get_user_state_dir(), "senim", name, NULL);
}

static gboolean fail(const char *path, int why, GError **error)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be read or written (%s): make it yours, it lists what you exported"),
	                shown, g_strerror(why));
}

/* --- the place -------------------------------------------------------------------------------------------------------- */

/* statfs(2). FUSE may be anything, sshfs among it. */
static gboolean may_be_network(const char *directory)
{
	static const guint32 remote[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, CODA_SUPER_MAGIC,
	                                 AFS_SUPER_MAGIC, AFS_FS_MAGIC,    V9FS_MAGIC,       FUSE_SUPER_MAGIC, CEPH_SUPER_MAGIC,
	                                 NCP_SUPER_MAGIC};
	struct statfs fs;
	if (statfs(directory, &fs) != 0)
		return FALSE; /* then the file cannot be made there either */
	for (gsize i = 0; i < G_N_ELEMENTS(remote); i++)
		if ((guint32)fs.f_type == remote[i])
			return TRUE;
	return FALSE;
}

/* May others come as far as this directory? */
static gboolean is_open_to_others(const char *directory)
{
	char real[PATH_MAX];
	g_autofree char *path = g_strdup(realpath(directory, real));
	struct stat st;
	while (path != NULL) {
		if (stat(path, &st) != 0 || (st.st_mode & S_IXOTH) == 0)
			return FALSE;
		if (strcmp(path, "/") == 0)
			return TRUE;
		char *up = g_path_get_dirname(path);
		g_free(path);
		path = up;
	}
	return FALSE;
}

gboolean exports_check_place(const char *path, gboolean even_so, gboolean *seen_by_others, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	*seen_by_others = is_open_to_others(directory);
	if (even_so || !may_be_network(directory))
		return TRUE;
	g_autofree char *shown = escape_text(directory, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_REFUSED,
	                _("%s may lie on another machine: choose a place on this one, or say --even-so"), shown);
}

/* --- the list --------------------------------------------------------------------------------------------------------- */

/* "MAILBOX ENTRY PATH" */
static Export *read_line(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	guint64 entry;
	if (g_strv_length(words) != 3 || !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &entry, NULL))
		return NULL;
	Export *one = g_new0(Export, 1);
	one->mailbox = g_strdup(words[0]);
	one->path = g_strdup(words[2]);
	one->entry = entry;
	return one;
}

GPtrArray *exports_load(GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(export_free);
	g_autofree char *file = state_path("exports"), *text = NULL;
	g_autoptr(GError) cause = NULL;
	gsize size;
	const char *line;
	if (!g_file_get_contents(file, &text, &size, &cause)) {
		if (g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return g_steal_pointer(&list);
		fail(file, errno, error);
		return NULL;
	}
	g_autoptr(Record) record = record_read(text, size, G_MAXUINT32, schema, NULL);
	for (guint i = 0; record != NULL && (line = record_get_nth(record, "export", i)) != NULL; i++) {
		Export *one = read_line(line);
		if (one != NULL)
			g_ptr_array_add(list, one);
	}
	if (record != NULL)
		return g_steal_pointer(&list);
	fail(file, EBADMSG, error);
	return NULL;
}

static gboolean save(const GPtrArray *list, GError **error)
{
	gsize size;
	g_autoptr(Record) record = record_new();
	g_autofree char *file = state_path("exports");
	for (guint i = 0; i < list->len; i++) {
		const Export *one = list->pdata[i];
		g_autofree char *line = g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", one->mailbox, one->entry, one->path);
		record_add(record, "export", line);
	}
	g_autofree char *text = record_write(record, &size);
	return g_file_set_contents_full(file, text, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
	                                0600, NULL) ||
	       fail(file, errno, error);
}

static int lock(GError **error)
{
	g_autofree char *file = state_path("exports.lock"), *directory = g_path_get_dirname(file);
	g_mkdir_with_parents(directory, 0700);
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		fail(file, errno, error);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

gboolean exports_add(const char *mailbox, guint64 entry, const char *path, GError **error)
{
	int fd = lock(error);
	g_autoptr(GPtrArray) list = fd >= 0 ? exports_load(error) : NULL;
	if (list != NULL) {
		Export *one = g_new0(Export, 1);
		one->mailbox = g_strdup(mailbox);
		one->path = g_canonicalize_filename(path, NULL);
		one->entry = entry;
		g_ptr_array_add(list, one);
	}
	gboolean done = list != NULL && save(list, error);
	if (fd >= 0)
		close(fd);
	if (done)
		exports_say();
	return done;
}

static gboolean holds(const GPtrArray *list, const Export *one)
{
	for (guint i = 0; i < list->len; i++) {
		const Export *other = list->pdata[i];
		if (other->entry == one->entry && strcmp(other->mailbox, one->mailbox) == 0 && strcmp(other->path, one->path) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean exports_forget(const GPtrArray *forgotten, GError **error)
{
	int fd = lock(error);
	g_autoptr(GPtrArray) list = fd >= 0 ? exports_load(error) : NULL;
	for (guint i = list != NULL ? list->len : 0; i-- > 0;)
		if (holds(forgotten, list->pdata[i]))
			g_ptr_array_remove_index(list, i);
	gboolean done = list != NULL && save(list, error);
	if (fd >= 0)
		close(fd);
	return done;
}

guint exports_count(void)
{
	g_autoptr(GPtrArray) list = exports_load(NULL);
	return list != NULL ? list->len : 0;
}

void exports_say(void)
{
	guint exports = exports_count();
	g_autofree char *line =
		g_strdup_printf(face() != NULL ? _("exported files that are still there: %u; F7 destroys them")
	                                   : _("exported files that are still there: %u; senim purge destroys them"), exports);
	if (exports > 0)
		face_warn(line);
}

/* --- destroying ------------------------------------------------------------------------------------------------------- */

static gboolean overwrite(int fd, GError **error, const char *path)
{
	static const char zeros[65536];
	struct stat st;
	gboolean good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	for (off_t left = good ? st.st_size : 0; good && left > 0; left -= (off_t)sizeof zeros)
		good = octets_write(fd, zeros, MIN((gsize)left, sizeof zeros));
	if (good && fsync(fd) == 0)
		return TRUE;
	return fail(path, errno, error);
}

gboolean exports_destroy(const Export *one, gboolean *gone, GError **error)
{
	int fd = open(one->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	*gone = fd < 0 && errno == ENOENT;
	if (*gone)
		return TRUE;
	if (fd < 0)
		return fail(one->path, errno, error);
	gboolean done = overwrite(fd, error, one->path);
	close(fd);
	if (!done)
		return FALSE;
	return unlink(one->path) == 0 || fail(one->path, errno, error);
}
