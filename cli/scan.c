/* SPDX-License-Identifier: ISC */
#include "cli/scan.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/octets.h"

#define SECONDS 120

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
typedef int ScanFd;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ScanFd, close_fd)

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval most = {SECONDS, 0};
	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close_fd(&fd);
	return -1;
}

static int memory_file(const void *data, gsize size)
{
	int fd = memfd_create("attachment", MFD_CLOEXEC);
	if (fd >= 0 && octets_write(fd, data, size) && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close_fd(&fd);
	return -1;
}

/* clamd(8), FILDES: the command, then one octet with the descriptor. */
static gboolean send_file(int to, int file)
{
	static const char command[] = "zFILDES";
	char octet = 0;
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.room = {0}};
	struct iovec piece = {&octet, 1};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &file, sizeof file);
	return octets_write(to, command, sizeof command) && sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

/* "fd[7]: OK", "fd[7]: NAME FOUND", "fd[7]: REASON ERROR", ended by a NUL. */
static ScanResult read_answer(int from, char **found)
{
	char answer[1024];
	gsize size = 0;
	while (size < sizeof answer - 1) {
		gssize n = read(from, answer + size, sizeof answer - 1 - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += (gsize)n;
		if (answer[size - 1] == '\0')
			break;
	}
	answer[size] = '\0';
	g_strchomp(answer);
	const char *said = strstr(answer, ": ");
	if (said != NULL && strcmp(said, ": OK") == 0)
		return SCAN_CLEAN;
	if (said == NULL || !g_str_has_suffix(said, " FOUND"))
		return SCAN_SILENT;
	*found = g_strndup(said + 2, strlen(said + 2) - strlen(" FOUND"));
	return SCAN_FOUND;
}

ScanResult scan_octets(const char *socket, const void *data, gsize size, char **found)
{
	*found = NULL;
	g_auto(ScanFd) clamd = connect_to(socket);
	g_auto(ScanFd) file = clamd >= 0 ? memory_file(data, size) : -1;
	if (file < 0 || !send_file(clamd, file))
		return SCAN_SILENT;
	return read_answer(clamd, found);
}
