/* SPDX-License-Identifier: ISC */
#include "cli/pager.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/octets.h"
#include "cli/cli.h"
#include "cli/face.h"
#include "installed.h"

/* How to leave it stands at its foot, in signs: less cannot show other letters than ASCII there. */
#define LESS "less -R '-Ps SPACE >>   b <<   q [X] '"
#define LESS_KEYS PKGDATADIR "/less.keys"

gboolean pager_on_terminal(void)
{
	return face() == NULL && isatty(STDOUT_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

gboolean pager_write(const void *data, gsize size, GError **error)
{
	if (face() != NULL)
		return face()->show(data, size, error);
	if (octets_write(STDOUT_FILENO, data, size))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("cannot write to standard output: %s"), g_strerror(errno));
}

/* In the child: what process_harden() ignores is the pager's own business. */
static void restore_signals(gpointer user)
{
	(void)user;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
}

static gboolean start(const char *command, GPid *pid, int *in)
{
	g_auto(GStrv) environment = g_get_environ();
	environment = g_environ_setenv(environment, "LESSHISTFILE", "-", TRUE);
	environment = g_environ_setenv(environment, "LESSSECURE", "1", TRUE);
	environment = g_environ_setenv(environment, "LESSCHARSET", "utf-8", TRUE);
	if (access(LESS_KEYS, R_OK) == 0)
		environment = g_environ_setenv(environment, "LESSKEYIN", LESS_KEYS, TRUE);
	environment = g_environ_unsetenv(environment, "LESS");
	environment = g_environ_unsetenv(environment, "LESSOPEN");
	environment = g_environ_unsetenv(environment, "LESSCLOSE");
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)command, NULL};
	return g_spawn_async_with_pipes(NULL, argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, restore_signals, NULL, pid, in,
	                                NULL, NULL, NULL);
}

gboolean pager_show(const char *text, gsize size, GError **error)
{
	const char *command = g_getenv("PAGER");
	if (command == NULL)
		command = LESS;
	GPid pid;
	int in;
	/* ^C is for the pager; who leaves it with ^C has not asked senim to fail. */
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	if (!pager_on_terminal() || command[0] == '\0' || !start(command, &pid, &in)) {
		signal(SIGINT, interrupt);
		return pager_write(text, size, error);
	}
	gboolean taken = octets_write(in, text, size) || errno == EPIPE;
	close(in);
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, interrupt);
	/* 126 and 127 are the shell's words for a pager that is not there. */
	if (!taken || (WIFEXITED(status) && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127)))
		return pager_write(text, size, error);
	return TRUE;
}
