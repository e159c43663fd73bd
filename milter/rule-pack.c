/* SPDX-License-Identifier: ISC */
#include "milter/rule-pack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Until the child has ended, or the time is over: then it is killed. 0, or the error number. */
static int wait_for(pid_t pid, guint seconds, int *status)
{
	const gint64 until = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	struct pollfd ended = {pidfd_open(pid, 0), POLLIN, 0};
	int n = 0, code = ended.fd >= 0 ? ETIMEDOUT : errno;
	for (gint64 left; ended.fd >= 0 && (left = until - g_get_monotonic_time()) > 0;) {
		n = poll(&ended, 1, (int)MIN(left / 1000 + 1, G_MAXINT));
		if (n > 0 || (n < 0 && errno != EINTR))
			break;
	}
	if (n <= 0)
		kill(pid, SIGKILL); /* not waited for yet: the number is still its own */
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (ended.fd >= 0)
		close(ended.fd);
	return n > 0 ? 0 : code;
}

/* Writes the rules to `pack`. 0, or what went wrong: an error number, or -1 where the program said so itself. */
static int run(const char *examiner, const char *directory, int pack, guint seconds)
{
	char *argv[] = {(char *)examiner, (char *)"--pack-rules", directory != NULL ? (char *)"--rules" : NULL, (char *)directory,
	                NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	pid_t pid;
	int status = -1;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pack, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int code = posix_spawn(&pid, examiner, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (code != 0)
		return code;
	if ((code = wait_for(pid, seconds, &status)) != 0)
		return code;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int rule_pack_make(const char *examiner, const char *directory, guint seconds, GError **error)
{
	int pack = memfd_create("rules", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int code = pack >= 0 ? run(examiner, directory, pack, seconds) : errno;
	if (code == 0 && fcntl(pack, F_ADD_SEALS, SEALS) != 0)
		code = errno;
	if (code == 0)
		return pack;
	if (pack >= 0)
		close(pack);
	if (code == ETIMEDOUT)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INTR,
		            "%s has not read the rules%s%s in %u seconds and was ended: see whether it is senim-examine of this release, and the disk answers",
		            examiner, directory != NULL ? " of " : "", directory != NULL ? directory : "", seconds);
	else if (code > 0)
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s cannot read the rules: %s: install it there, or set examiner",
		            examiner, g_strerror(code));
	else
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "the rules%s%s are refused, all of them: %s has said above what is wrong",
		            directory != NULL ? " of " : "", directory != NULL ? directory : "", examiner);
	return -1;
}

gboolean rule_pack_same(int pack, int other)
{
	struct stat one, two;
	if (fstat(pack, &one) != 0 || fstat(other, &two) != 0 || one.st_size != two.st_size)
		return FALSE;
	char left[16384], right[16384];
	for (off_t at = 0; at < one.st_size;) {
		gssize n = pread(pack, left, sizeof left, at), m = pread(other, right, sizeof right, at);
		if (n <= 0 || n != m || memcmp(left, right, (gsize)n) != 0)
			return FALSE;
		at += n;
	}
	return TRUE;
}
