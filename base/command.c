/* SPDX-License-Identifier: ISC */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(char *const *argv, int input, pid_t *pid)
{
	static char *const environment[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LC_ALL=C.UTF-8", NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, reset;
	sigemptyset(&none);
	sigemptyset(&reset);
	sigaddset(&reset, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	if (input >= 0)
		posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &reset);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int failed = posix_spawn(pid, argv[0], &files, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

/* Its status; killed when its time is over. */
static int wait_for(pid_t pid, guint seconds)
{
	int status = -1;
	gint64 deadline = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	gulong pause = 1000;
	pid_t ended;
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && g_get_monotonic_time() < deadline) {
		g_usleep(pause);
		pause = MIN(2 * pause, 50000);
	}
	if (ended == 0) {
		kill(pid, SIGKILL); /* ours, and not reaped yet: the id is still its own */
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	return status;
}

int command_run(char *const *argv, int input, guint seconds, int *status)
{
	pid_t pid;
	int failed = spawn(argv, input, &pid);
	if (failed == 0)
		*status = wait_for(pid, seconds);
	return failed;
}
