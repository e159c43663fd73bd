/* SPDX-License-Identifier: ISC */
#include "milter/nursery-client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

#define CONTROL 3                   /* the nursery's descriptor of the control socket */
#define STACK (64u * 1024u * 1024u) /* of the nursery and its children: GMime recurses as deep as a message is nested */
#define PAUSE_FIRST (250 * G_TIME_SPAN_MILLISECOND)
#define PAUSE_MOST (30 * G_TIME_SPAN_SECOND)
#define LIVED_WELL (60 * G_TIME_SPAN_SECOND) /* a nursery that lived that long died of something else */

struct NurseryClient {
	char *examiner;
	char *rules;
	guint workers;
	gboolean caged;
	int control; /* its number never changes: a new socket is put into its place */
	GMutex lock; /* one child at a time: what is read and the `T` for it belong together */
	GThread *supervisor;
	/* under the lock */
	pid_t pid;
	gboolean stopping;
	GCond stop;
};

static gboolean fail(GError **error, const char *what, int code)
{
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s", what, g_strerror(code));
	return FALSE;
}

/* posix_spawn() sets no limits: the child inherits ours. Threads are not touched, glibc read its default long ago. */
static void set_stack(rlim_t wanted, rlim_t *before)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_STACK, &limit) != 0)
		return;
	if (before != NULL)
		*before = limit.rlim_cur;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_STACK, &limit);
}

/* A fresh process: no handler of ours, the control socket as descriptor 3. Who stops a unit, or types ^C, signals every
 * process of it: the nursery does not hear that, since reports under way still need it; EOF is what ends it. */
static int spawn(const NurseryClient *client, int socket, pid_t *pid)
{
	char workers[16];
	snprintf(workers, sizeof workers, "%u", client->workers);
	char *argv[] = {client->examiner, (char *)"--nursery", workers, (char *)"--rules", client->rules,
	                client->caged ? NULL : (char *)"--no-cage", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t deaf, all;
	rlim_t stack = 0;
	sigemptyset(&deaf);
	sigaddset(&deaf, SIGHUP);
	sigaddset(&deaf, SIGINT);
	sigaddset(&deaf, SIGTERM);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, CONTROL);
	posix_spawn_file_actions_addclosefrom_np(&actions, CONTROL + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &deaf);
	posix_spawnattr_setsigdefault(&attributes, &all);
	set_stack(STACK, &stack);
	/* GLib before 2.76 keeps small pieces in pages of their own, one for each size: a forked child copies them all. */
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "G_SLICE", "always-malloc", TRUE);
	int code = posix_spawn(pid, client->examiner, &actions, &attributes, argv, environment);
	set_stack(stack, NULL);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return code;
}

/* Puts a nursery behind client->control. */
static gboolean begin(NurseryClient *client, GError **error)
{
	int pair[2];
	pid_t pid;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return fail(error, "cannot make a socket for senim-examine", errno);
	int code = spawn(client, pair[1], &pid);
	close(pair[1]);
	if (code != 0) {
		close(pair[0]);
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code),
		            "%s cannot be started: %s: install it there, or set examiner", client->examiner, g_strerror(code));
		return FALSE;
	}
	g_mutex_lock(&client->lock);
	client->pid = pid;
	if (client->control < 0)
		client->control = pair[0];
	else if (dup3(pair[0], client->control, O_CLOEXEC) >= 0)
		close(pair[0]);
	if (client->stopping) /* the stop came while this one was made, and has shut down the one before it */
		shutdown(client->control, SHUT_RDWR);
	g_mutex_unlock(&client->lock);
	return TRUE;
}

/* TRUE where the client is to stop. */
static gboolean pause_for(NurseryClient *client, gint64 pause)
{
	gint64 until = g_get_monotonic_time() + pause;
	g_mutex_lock(&client->lock);
	while (!client->stopping && g_cond_wait_until(&client->stop, &client->lock, until))
		;
	gboolean stopping = client->stopping;
	g_mutex_unlock(&client->lock);
	return stopping;
}

static void wait_for_death(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static gpointer supervise(gpointer data)
{
	NurseryClient *client = data;
	gint64 pause = PAUSE_FIRST;
	for (;;) {
		gint64 started = g_get_monotonic_time();
		wait_for_death(client->pid);
		if (g_get_monotonic_time() - started > LIVED_WELL)
			pause = PAUSE_FIRST;
		for (gboolean again = FALSE; !again;) {
			if (pause_for(client, pause))
				return NULL;
			g_autoptr(GError) error = NULL;
			again = begin(client, &error);
			log_warning("senim-examine ended and %s%s%s", again ? "was started again" : "could not be started again",
			            again ? "" : ": ", again ? "" : error->message);
			pause = MIN(2 * pause, PAUSE_MOST);
		}
	}
}

static void client_free(NurseryClient *client)
{
	if (client->control >= 0)
		close(client->control);
	g_free(client->examiner);
	g_free(client->rules);
	g_mutex_clear(&client->lock);
	g_cond_clear(&client->stop);
	g_free(client);
}

/* The nursery sends its first child only when everything is loaded and the cage is there. */
static gboolean await_first(const NurseryClient *client, gint64 patience, GError **error)
{
	struct pollfd p = {client->control, POLLIN, 0};
	char octet;
	int n;
	do
		n = poll(&p, 1, (int)(patience / G_TIME_SPAN_MILLISECOND));
	while (n < 0 && errno == EINTR);
	if (n > 0 && recv(client->control, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
		return TRUE;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
	            "%s %s: it has said above what it misses; without a cage it starts only with `cage = off`",
	            client->examiner, n > 0 ? "ended at once" : "did not begin in time");
	return FALSE;
}

NurseryClient *nursery_client_start(const char *examiner, const char *rules, guint workers, gboolean caged,
                                    gint64 patience, GError **error)
{
	NurseryClient *client = g_new0(NurseryClient, 1);
	client->examiner = g_strdup(examiner);
	client->rules = g_strdup(rules);
	client->workers = workers;
	client->caged = caged;
	client->control = -1;
	g_mutex_init(&client->lock);
	g_cond_init(&client->stop);
	if (!begin(client, error)) {
		client_free(client);
		return NULL;
	}
	if (!await_first(client, patience, error)) {
		kill(client->pid, SIGKILL);
		wait_for_death(client->pid);
		client_free(client);
		return NULL;
	}
	client->supervisor = g_thread_new("nursery", supervise, client);
	return client;
}

void nursery_client_stop(NurseryClient *client)
{
	if (client == NULL)
		return;
	g_mutex_lock(&client->lock);
	client->stopping = TRUE;
	g_cond_broadcast(&client->stop);
	shutdown(client->control, SHUT_RDWR); /* EOF is what ends a nursery */
	g_mutex_unlock(&client->lock);
	g_thread_join(client->supervisor);
	client_free(client);
}

int nursery_client_socket(const NurseryClient *client)
{
	return client->control;
}

/* --- taking a child --------------------------------------------------------------------- */

/* One octet and its descriptor: 1 a child, 0 none now, -1 no nursery. */
static int receive_child(int control, int *fd)
{
	union {
		char octets[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space;
	char octet = 0;
	struct iovec vector = {&octet, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	message.msg_control = space.octets;
	message.msg_controllen = sizeof space.octets;
	gssize n;
	do
		n = recvmsg(control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(c), sizeof *fd);
	return n == 1 && octet == 'C' && *fd >= 0 ? 1 : -1;
}

/* A child that died while it waited: its socket ends before anything was said. */
static gboolean is_dead(int fd)
{
	struct pollfd p = {fd, POLLIN, 0};
	return poll(&p, 1, 0) != 0;
}

int nursery_client_take(NurseryClient *client, gboolean *poll_it)
{
	int fd = -1, got;
	g_mutex_lock(&client->lock);
	do {
		if (fd >= 0)
			close(fd);
		fd = -1;
		got = receive_child(client->control, &fd);
		if (got > 0 && send(client->control, "T", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
			got = -1;
	} while (got > 0 && is_dead(fd));
	g_mutex_unlock(&client->lock);
	if (got <= 0 && fd >= 0)
		close(fd);
	*poll_it = got >= 0;
	return got > 0 ? fd : -1;
}
