/* SPDX-License-Identifier: ISC */
#include "cli/viewer.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/face.h"

#define NOT_FOUND 127 /* the shell's word for a program that is not there */

static const char *const cut_off_by[] = {"unshare", "--user", "--map-current-user", "--net", "--"};

/* --- the list ------------------------------------------------------------------------------------------------------- */

/* "TYPE: COMMAND" in two, without blanks around; FALSE where it is none. */
static gboolean split(const char *piece, char **type, char **command)
{
	const char *colon = strstr(piece, ": ");
	if (colon == NULL)
		return FALSE;
	*type = g_strstrip(g_strndup(piece, (gsize)(colon - piece)));
	*command = g_strstrip(g_strdup(colon + 2));
	return **type != '\0' && **command != '\0';
}

static gboolean fits(const char *pattern, const char *type)
{
	gsize size = strlen(pattern);
	return pattern[size - 1] == '*' ? strncmp(pattern, type, size - 1) == 0 : strcmp(pattern, type) == 0;
}

char *viewer_command(const char *viewers, const char *type)
{
	g_auto(GStrv) pieces = g_strsplit(viewers, ";", -1);
	for (char **piece = pieces; *piece != NULL; piece++) {
		g_autofree char *pattern = NULL, *command = NULL;
		if (split(*piece, &pattern, &command) && fits(pattern, type))
			return g_steal_pointer(&command);
	}
	return NULL;
}

gboolean viewer_check(const char *viewers)
{
	g_auto(GStrv) pieces = g_strsplit(viewers, ";", -1);
	for (char **piece = pieces; *piece != NULL; piece++) {
		g_autofree char *pattern = NULL, *command = NULL;
		g_auto(GStrv) argv = NULL;
		if (g_strstrip(*piece)[0] == '\0')
			continue;
		if (!split(*piece, &pattern, &command) || !g_shell_parse_argv(command, NULL, &argv, NULL))
			return FALSE;
	}
	return TRUE;
}

/* --- what it is started with ----------------------------------------------------------------------------------------- */

void viewer_add_cut_off(GPtrArray *argv)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cut_off_by); i++)
		g_ptr_array_add(argv, g_strdup(cut_off_by[i]));
}

gboolean viewer_may_cut_off(void)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	int status;
	viewer_add_cut_off(argv);
	g_ptr_array_add(argv, g_strdup("true"));
	g_ptr_array_add(argv, NULL);
	return g_spawn_sync(NULL, (char **)argv->pdata, NULL,
	                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
	                    NULL, &status, NULL) &&
	       g_spawn_check_wait_status(status, NULL);
}

/* %f is the file; where the command has none it comes last. */
static GPtrArray *arguments(const char *command, const char *path, gboolean cut_off)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) words = NULL;
	gboolean placed = FALSE;
	if (!g_shell_parse_argv(command, NULL, &words, NULL))
		return NULL;
	if (cut_off)
		viewer_add_cut_off(argv);
	for (char **word = words; *word != NULL; word++) {
		gboolean here = strcmp(*word, "%f") == 0;
		g_ptr_array_add(argv, g_strdup(here ? path : *word));
		placed = placed || here;
	}
	if (!placed)
		g_ptr_array_add(argv, g_strdup(path));
	g_ptr_array_add(argv, NULL);
	return g_steal_pointer(&argv);
}

/* What it remembers goes with the room; what it is handed to by a session bus would outlive it, with the network. */
static GStrv surroundings(const MemoryRoom *room)
{
	static const char *const homes[] = {"HOME",           "TMPDIR",         "XDG_CACHE_HOME",
	                                    "XDG_DATA_HOME",  "XDG_CONFIG_HOME", "XDG_STATE_HOME"};
	GStrv environment = g_get_environ();
	g_autofree char *authority = g_build_filename(g_get_home_dir(), ".Xauthority", NULL);
	if (g_environ_getenv(environment, "XAUTHORITY") == NULL)
		environment = g_environ_setenv(environment, "XAUTHORITY", authority, TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(homes); i++)
		environment = g_environ_setenv(environment, homes[i], memory_room_home(room), TRUE);
	environment = g_environ_setenv(environment, "LESSHISTFILE", "-", TRUE);
	environment = g_environ_setenv(environment, "LESSSECURE", "1", TRUE);
	environment = g_environ_unsetenv(environment, "LESSOPEN");
	return g_environ_setenv(environment, "DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}

/* --- the keeper ------------------------------------------------------------------------------------------------------- */

static const int waking[] = {SIGCHLD, SIGTERM, SIGHUP};

static void waking_set(sigset_t *set)
{
	sigemptyset(set);
	for (gsize i = 0; i < G_N_ELEMENTS(waking); i++)
		sigaddset(set, waking[i]);
}

static void become(char **argv, char **environment, const sigset_t *mask)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	execvpe(argv[0], argv, environment);
	_exit(NOT_FOUND);
}

/* Until the last of its children has ended, or senim has: *status is that of the program itself. */
static gboolean wait_for_all(pid_t viewer, const sigset_t *set, int *status)
{
	for (;;) {
		int one;
		pid_t ended;
		while ((ended = waitpid(-1, &one, WNOHANG)) > 0)
			if (ended == viewer)
				*status = one;
		if (ended < 0)
			return TRUE;
		int woken = sigwaitinfo(set, NULL);
		if (woken == SIGTERM || woken == SIGHUP)
			return FALSE;
	}
}

/* In the keeper: never returns. */
static void keep(MemoryRoom *room, pid_t senim, char **argv, char **environment)
{
	sigset_t set, mask;
	int status = 0;
	waking_set(&set);
	sigprocmask(SIG_BLOCK, &set, &mask);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t viewer = getppid() == senim ? fork() : -1;
	if (viewer == 0)
		become(argv, environment, &mask);
	if (viewer > 0 && !wait_for_all(viewer, &set, &status))
		kill(viewer, SIGKILL);
	memory_room_free(room);
	_exit(viewer < 0 ? NOT_FOUND : WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

gboolean viewer_show(const char *command, MemoryRoom *taken, const char *path, gboolean cut_off, GError **error)
{
	g_autoptr(MemoryRoom) room = taken;
	g_autoptr(GPtrArray) argv = arguments(command, path, cut_off);
	g_auto(GStrv) environment = surroundings(room);
	pid_t senim = getpid();
	int status = -1;
	if (argv == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("the viewer “%s” cannot be started: name an installed program"), command);
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	face_aside(TRUE);
	pid_t keeper = fork();
	if (keeper == 0)
		keep(room, senim, (char **)argv->pdata, environment);
	while (keeper > 0 && waitpid(keeper, &status, 0) < 0 && errno == EINTR)
		;
	face_aside(FALSE);
	signal(SIGINT, interrupt);
	if (keeper > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != NOT_FOUND))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("the viewer “%s” cannot be started: name an installed program"), command);
}
