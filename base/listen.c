/* SPDX-License-Identifier: ISC */
#include "base/listen.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define BACKLOG 256

static int fail(const char *path, GError **error)
{
	int saved = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
	            "%s cannot be made: %s: its directory must be there, and whoever starts this must be able to write to it",
	            path, g_strerror(saved));
	return -1;
}

/* Gives the socket to the group where there is one of that name and we may. In a directory made by `senim init` there
 * is none, and the owner alone uses the socket. */
static void give_to_group(const char *path, const char *name)
{
	struct group *group = name != NULL ? getgrnam(name) : NULL;
	if (group != NULL && chown(path, (uid_t)-1, group->gr_gid) != 0)
		log_warning("%s stays with its own group: %s could not be given it: %s", path, name, g_strerror(errno));
}

static int bind_finished(int fd, const char *path, const char *place, guint mode, const char *group, GError **error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, place, strlen(place) + 1);
	unlink(place);
	mode_t before = umask(0177);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(before);
	if (bound != 0)
		return fail(path, error);
	give_to_group(place, group);
	if (chmod(place, mode) != 0 || listen(fd, BACKLOG) != 0 || rename(place, path) != 0) {
		fail(path, error);
		unlink(place);
		return -1;
	}
	return 0;
}

int listen_unix(const char *path, guint mode, const char *group, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	/* shorter than any name a socket has here, so that a path that fits has a place beside it that fits */
	g_autofree char *place = g_strdup_printf("%s/.%d", directory, (int)getpid());
	if (strlen(path) >= sizeof ((struct sockaddr_un *)NULL)->sun_path ||
	    strlen(place) >= sizeof ((struct sockaddr_un *)NULL)->sun_path) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
		            "%s is longer than a socket's name may be (107): set a shorter run-directory", path);
		return -1;
	}
	struct stat st;
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s is there and is no socket: move it away", path);
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(path, error);
	if (bind_finished(fd, path, place, mode, group, error) == 0)
		return fd;
	close(fd);
	return -1;
}

gboolean listen_peer(int fd, guint *uid, GError **error)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid == (uid_t)-1) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "a connection whose user is not known");
		return FALSE;
	}
	*uid = peer.uid;
	return TRUE;
}
