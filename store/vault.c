/* SPDX-License-Identifier: ISC */
#include "store/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(senim-vault-error, vault_error)

struct Vault {
	int top, vault, lost; /* the mailbox's directory, vault/, lost+found/ */
	dev_t device;         /* what fstat() says of a file in vault/: on an overlay not what it says of the directory */
	char *name;           /* of the mailbox's directory, for messages */
	gboolean changed[256]; /* subdirectories with names that are not durable yet */
};

static gboolean fail(const Vault *vault, GError **error, const char *what)
{
	int number = errno;
	g_set_error(error, VAULT_ERROR, number == ENOENT ? VAULT_ERROR_MISSING : VAULT_ERROR_FAILED, "%s/vault: %s: %s",
	            vault->name, what, g_strerror(number));
	return FALSE;
}

/* Opens the directory, made where it is missing; a name that was made is durable. */
static int open_directory(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) == 0) {
		if (fsync(parent) != 0)
			return -1;
	} else if (errno != EEXIST) {
		return -1;
	}
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Whether larger reports can be taken at all is better known at the start than from the first of them. A full or
 * read-only disk is no reason to refuse: what is there can be read. */
static gboolean takes_unnamed_files(Vault *vault, GError **error)
{
	struct stat st = {0};
	int fd = openat(vault->vault, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		return fail(vault, error, "its file system has no unnamed files (O_TMPFILE): use ext4, xfs or btrfs");
	gboolean known = fstat(fd >= 0 ? fd : vault->vault, &st) == 0;
	if (fd >= 0)
		close(fd);
	vault->device = st.st_dev;
	return known || fail(vault, error, "cannot be opened");
}

Vault *vault_open(const char *directory, GError **error)
{
	g_autoptr(Vault) vault = g_new0(Vault, 1);
	vault->name = g_strdup(directory);
	vault->vault = vault->lost = -1;
	vault->top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vault->top >= 0)
		vault->vault = open_directory(vault->top, "vault");
	if (vault->vault >= 0)
		vault->lost = open_directory(vault->top, "lost+found");
	if (vault->lost < 0) {
		fail(vault, error, "cannot be opened");
		return NULL;
	}
	if (!takes_unnamed_files(vault, error))
		return NULL;
	return g_steal_pointer(&vault);
}

void vault_close(Vault *vault)
{
	if (vault == NULL)
		return;
	int fds[] = {vault->lost, vault->vault, vault->top};
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	g_free(vault->name);
	g_free(vault);
}

int vault_file(const Vault *vault, GError **error)
{
	int fd = openat(vault->vault, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(vault, error, "no unnamed file could be had");
	return fd;
}

gboolean vault_sync_file(const Vault *vault, int fd, guint64 size, GError **error)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return fail(vault, error, "a payload's descriptor cannot be read");
	if (!S_ISREG(file.st_mode) || file.st_dev != vault->device || file.st_nlink != 0) {
		errno = EINVAL;
		return fail(vault, error, "a payload's descriptor is not an unnamed file of this vault");
	}
	if ((guint64)file.st_size != size) {
		errno = EINVAL;
		return fail(vault, error, "a payload is not of the size that was said");
	}
	return fsync(fd) == 0 || fail(vault, error, "a payload could not be made durable");
}

typedef struct {
	char text[2 * VAULT_CASE + sizeof "xx/.pay"];
} Name;

static Name file_name(const guint8 case_id[VAULT_CASE], gboolean below)
{
	Name name;
	char *at = name.text;
	if (below)
		at += sprintf(at, "%02x/", case_id[0]);
	for (gsize i = 0; i < VAULT_CASE; i++)
		at += sprintf(at, "%02x", case_id[i]);
	strcpy(at, ".pay");
	return name;
}

/* The subdirectory of the case, made on its first use. */
static int open_subdirectory(const Vault *vault, guint8 first)
{
	char name[3];
	sprintf(name, "%02x", first);
	int fd = openat(vault->vault, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 || errno != ENOENT ? fd : open_directory(vault->vault, name);
}

gboolean vault_link(Vault *vault, int fd, const guint8 case_id[VAULT_CASE], GError **error)
{
	char source[32];
	Name name = file_name(case_id, TRUE);
	sprintf(source, "/proc/self/fd/%d", fd);
	int directory = open_subdirectory(vault, case_id[0]);
	if (directory < 0)
		return fail(vault, error, "a directory could not be made");
	close(directory);
	vault->changed[case_id[0]] = TRUE;
	return linkat(AT_FDCWD, source, vault->vault, name.text, AT_SYMLINK_FOLLOW) == 0 ||
	       fail(vault, error, "a payload could not be named");
}

gboolean vault_sync(Vault *vault, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(vault->changed); i++) {
		if (!vault->changed[i])
			continue;
		int directory = open_subdirectory(vault, (guint8)i);
		gboolean done = directory >= 0 && fsync(directory) == 0;
		if (!done)
			fail(vault, error, "a payload's name could not be made durable");
		if (directory >= 0)
			close(directory);
		if (!done)
			return FALSE;
		vault->changed[i] = FALSE;
	}
	return TRUE;
}

int vault_read(const Vault *vault, const guint8 case_id[VAULT_CASE], GError **error)
{
	Name name = file_name(case_id, TRUE);
	int fd = openat(vault->vault, name.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		fail(vault, error, "a payload cannot be opened");
	return fd;
}

gboolean vault_remove(Vault *vault, const guint8 case_id[VAULT_CASE], GError **error)
{
	Name name = file_name(case_id, TRUE);
	char below[3] = {name.text[0], name.text[1], '\0'};
	int directory = openat(vault->vault, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (directory < 0 && errno == ENOENT)
		return TRUE;
	gboolean done = directory >= 0 && (unlinkat(vault->vault, name.text, 0) == 0 || errno == ENOENT) && fsync(directory) == 0;
	if (!done)
		fail(vault, error, "a payload cannot be removed");
	if (directory >= 0)
		close(directory);
	return done;
}

/* --- lost+found --------------------------------------------------------------------------------------------------- */

gboolean vault_set_aside(Vault *vault, const guint8 case_id[VAULT_CASE], gint64 now, gboolean *found, GError **error)
{
	Name from = file_name(case_id, TRUE), to = file_name(case_id, FALSE);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)now}};
	*found = utimensat(vault->vault, from.text, times, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*found)
		return errno == ENOENT || fail(vault, error, "a payload cannot be set aside");
	int directory = open_subdirectory(vault, case_id[0]);
	gboolean done = directory >= 0 && renameat(vault->vault, from.text, vault->lost, to.text) == 0 &&
	                fsync(vault->lost) == 0 && fsync(directory) == 0;
	if (!done)
		fail(vault, error, "a payload cannot be set aside");
	if (directory >= 0)
		close(directory);
	return done;
}

gboolean vault_sweep(Vault *vault, gint64 before, GError **error)
{
	/* A descriptor of its own: closedir() closes it, and the position belongs to it. */
	int fd = openat(vault->lost, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	if (directory == NULL) {
		fail(vault, error, "lost+found cannot be read");
		if (fd >= 0)
			close(fd);
		return FALSE;
	}
	gboolean done = TRUE;
	const struct dirent *entry;
	while (done && (entry = readdir(directory)) != NULL) {
		struct stat status;
		if (!g_str_has_suffix(entry->d_name, ".pay") ||
		    fstatat(vault->lost, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_mtime >= before)
			continue;
		done = unlinkat(vault->lost, entry->d_name, 0) == 0 || fail(vault, error, "lost+found cannot be swept");
	}
	closedir(directory);
	return done;
}
