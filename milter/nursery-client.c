/* SPDX-License-Identifier: ISC */
#include "milter/nursery-client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

#define CONTROL 3                   /* the nursery's descriptor of the control socket */
#define RULES 4                     /* and of its rules */
#define ABOVE 10                    /* of our own descriptors for it: dup2() to those two must hit neither */
#define RETIRED (20 * G_TIME_SPAN_SECOND) /* longer than a taken child may live (parser/nursery.h) */
#define RETIRED_MAX 4               /* nurseries that live on; one more, and the oldest ends at once */
#define STACK (64u * 1024u * 1024u) /* of the nursery and its children: GMime recurses as deep as a message is nested */
#define PAUSE_FIRST (250 * G_TIME_SPAN_MILLISECOND)
#define PAUSE_MOST (30 * G_TIME_SPAN_SECOND)
#define CHILD_SECONDS 1 /* within which a nursery under load has a child to give again */
#define LIVED_WELL (60 * G_TIME_SPAN_SECOND) /* a nursery that lived that long died of something else */

/* A nursery, and our end of its control socket. */
typedef struct {
	pid_t pid;
	int control;
	gint64 end; /* when it has lived on long enough */
} Nursery;

struct NurseryClient {
	char *examiner;
	guint workers;
	gboolean caged;
	int control; /* its number never changes: a new socket is put into its place */
	int wake;    /* eventfd: the supervisor is to look again */
	GMutex lock; /* one child at a time: what is read and the `T` for it belong together */
	GThread *supervisor;
	/* under the lock */
	int rules;
	pid_t pid;
	Nursery retired[RETIRED_MAX]; /* the oldest first */
	guint n_retired;
	gboolean stopping;
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

/* A fresh process: no handler of ours, the control socket as descriptor 3, the rules as 4. Who stops a unit, or types ^C,
 * signals every process of it: the nursery does not hear that, since reports under way still need it; EOF is what ends it. */
static int spawn(const NurseryClient *client, int socket, int rules, pid_t *pid)
{
	char workers[16];
	snprintf(workers, sizeof workers, "%u", client->workers);
	char *argv[8] = {client->examiner, (char *)"--nursery", workers};
	guint n = 3;
	if (rules >= 0) {
		argv[n++] = (char *)"--packed-rules";
		argv[n++] = (char *)G_STRINGIFY(RULES);
	}
	if (!client->caged)
		argv[n++] = (char *)"--no-cage";
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
	if (rules >= 0)
		posix_spawn_file_actions_adddup2(&actions, rules, RULES);
	posix_spawn_file_actions_addclosefrom_np(&actions, rules >= 0 ? RULES + 1 : CONTROL + 1);
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

static gboolean begin(const NurseryClient *client, int rules, Nursery *nursery, GError **error)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return fail(error, "cannot make a socket for senim-examine", errno);
	int code = spawn(client, pair[1], rules, &nursery->pid);
	close(pair[1]);
	nursery->control = pair[0];
	if (code == 0)
		return TRUE;
	close(pair[0]);
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code),
	            "%s cannot be started: %s: install it there, or set examiner", client->examiner, g_strerror(code));
	return FALSE;
}

/* Puts its socket behind client->control; under the lock. */
static void take_over(NurseryClient *client, const Nursery *nursery)
{
	client->pid = nursery->pid;
	if (client->control < 0)
		client->control = nursery->control;
	else if (dup3(nursery->control, client->control, O_CLOEXEC) >= 0)
		close(nursery->control);
	if (client->stopping) /* the stop came while this one was made, and has shut down the one before it */
		shutdown(client->control, SHUT_RDWR);
}

static void wait_for_death(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void end_nursery(const Nursery *nursery)
{
	close(nursery->control); /* EOF is what ends a nursery */
	wait_for_death(nursery->pid);
}

/* --- the supervisor --------------------------------------------------------------------- */

static void wake_supervisor(const NurseryClient *client)
{
	guint64 one = 1;
	gssize n = write(client->wake, &one, sizeof one);
	(void)n; /* full: it is awake */
}

/* Ends retired nurseries whose time has come, all of them where the client stops. When the next one's comes; 0 for none. */
static gint64 end_retired(NurseryClient *client)
{
	for (;;) {
		Nursery oldest = {0, -1, 0};
		gint64 next = 0;
		g_mutex_lock(&client->lock);
		if (client->n_retired > 0) {
			next = client->retired[0].end;
			if (client->stopping || next <= g_get_monotonic_time()) {
				oldest = client->retired[0];
				client->n_retired--;
				memmove(client->retired, client->retired + 1, client->n_retired * sizeof oldest);
			}
		}
		g_mutex_unlock(&client->lock);
		if (oldest.pid == 0)
			return next;
		end_nursery(&oldest);
	}
}

/* Until `until` (0: without end), a sign of somebody else, or that process's death, which is TRUE. */
static gboolean watch(const NurseryClient *client, int pidfd, gint64 until)
{
	struct pollfd p[] = {{client->wake, POLLIN, 0}, {pidfd, POLLIN, 0}};
	gint64 now = g_get_monotonic_time();
	int most = until == 0 ? -1 : until <= now ? 0 : (int)((until - now) / G_TIME_SPAN_MILLISECOND + 1);
	if (poll(p, G_N_ELEMENTS(p), most) <= 0)
		return FALSE;
	guint64 count;
	if (p[0].revents != 0 && read(client->wake, &count, sizeof count) < 0)
		return FALSE;
	return p[1].revents != 0;
}

static gint64 earlier(gint64 one, gint64 other)
{
	return one == 0 || (other != 0 && other < one) ? other : one;
}

static gboolean is_stopping(NurseryClient *client, pid_t *pid)
{
	g_mutex_lock(&client->lock);
	gboolean stopping = client->stopping;
	*pid = client->pid;
	g_mutex_unlock(&client->lock);
	return stopping;
}

/* Reaps it, where it is still the one in force: a retired one is reaped when its time has come. */
static gboolean has_died(NurseryClient *client, pid_t pid)
{
	g_mutex_lock(&client->lock);
	gboolean died = client->pid == pid;
	if (died) {
		wait_for_death(pid);
		client->pid = 0;
	}
	g_mutex_unlock(&client->lock);
	return died;
}

/* Another one for one that died. */
static void begin_again(NurseryClient *client)
{
	g_autoptr(GError) error = NULL;
	Nursery nursery;
	g_mutex_lock(&client->lock);
	gboolean wanted = client->pid == 0 && !client->stopping, begun = wanted && begin(client, client->rules, &nursery, &error);
	if (begun)
		take_over(client, &nursery);
	g_mutex_unlock(&client->lock);
	if (wanted)
		log_warning("senim-examine ended and %s%s%s", begun ? "was started again" : "could not be started again",
		            begun ? "" : ": ", begun ? "" : error->message);
}

/* Starts a nursery that died anew, after growing pauses. */
static gpointer supervise(gpointer data)
{
	NurseryClient *client = data;
	pid_t pid, watched = 0;
	gint64 pause = PAUSE_FIRST, again = 0, started = 0;
	int pidfd = -1;
	while (!is_stopping(client, &pid)) {
		gint64 next = end_retired(client), now = g_get_monotonic_time();
		if (pid == 0 && now < again) {
			watch(client, -1, earlier(next, again));
		} else if (pid == 0) {
			again = now + pause;
			pause = MIN(2 * pause, PAUSE_MOST);
			begin_again(client);
		} else if (pid != watched) {
			if (pidfd >= 0)
				close(pidfd);
			pidfd = pidfd_open(pid, 0);
			watched = pid;
			started = now;
		} else if (watch(client, pidfd, next) && has_died(client, pid)) {
			now = g_get_monotonic_time();
			pause = now - started > LIVED_WELL ? PAUSE_FIRST : pause;
			again = now + pause;
			pause = MIN(2 * pause, PAUSE_MOST);
		}
	}
	end_retired(client);
	if (pid != 0)
		wait_for_death(pid);
	if (pidfd >= 0)
		close(pidfd);
	return NULL;
}

static void client_free(NurseryClient *client)
{
	const int fds[] = {client->control, client->rules, client->wake};
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	g_free(client->examiner);
	g_mutex_clear(&client->lock);
	g_free(client);
}

/* The nursery sends its first child only when everything is loaded and the cage is there. Where none comes it is ended. */
static gboolean await_first(const NurseryClient *client, const Nursery *nursery, gint64 patience, GError **error)
{
	struct pollfd p = {nursery->control, POLLIN, 0};
	char octet;
	int n;
	do
		n = poll(&p, 1, (int)(patience / G_TIME_SPAN_MILLISECOND));
	while (n < 0 && errno == EINTR);
	if (n > 0 && recv(nursery->control, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
		return TRUE;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
	            "%s %s: it has said above what it misses; without a cage it starts only with `cage = off`",
	            client->examiner, n > 0 ? "ended at once" : "did not begin in time");
	kill(nursery->pid, SIGKILL);
	end_nursery(nursery);
	return FALSE;
}

/* Out of the way of the descriptors that a nursery gets. */
static int move_up(int fd)
{
	int moved = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, ABOVE) : -1;
	if (fd >= 0)
		close(fd);
	return moved;
}

NurseryClient *nursery_client_start(const char *examiner, int rules, guint workers, gboolean caged, gint64 patience,
                                    GError **error)
{
	NurseryClient *client = g_new0(NurseryClient, 1);
	Nursery nursery;
	client->examiner = g_strdup(examiner);
	client->rules = move_up(rules);
	client->workers = workers;
	client->caged = caged;
	client->control = -1;
	client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	g_mutex_init(&client->lock);
	if (client->wake < 0 || (rules >= 0 && client->rules < 0))
		fail(error, "cannot start senim-examine", errno);
	else if (begin(client, client->rules, &nursery, error) && await_first(client, &nursery, patience, error)) {
		take_over(client, &nursery);
		client->supervisor = g_thread_new("nursery", supervise, client);
		return client;
	}
	client_free(client);
	return NULL;
}

/* The oldest of the retired ones where there is no room for one more. */
static Nursery retire(NurseryClient *client)
{
	Nursery oldest = {0, -1, 0}, current = {client->pid, fcntl(client->control, F_DUPFD_CLOEXEC, 0),
	                                        g_get_monotonic_time() + RETIRED};
	if (client->pid == 0 || current.control < 0) { /* without a second descriptor its end is what dup3() does */
		if (current.control >= 0)
			close(current.control);
		return oldest;
	}
	if (client->n_retired == RETIRED_MAX) {
		oldest = client->retired[0];
		client->n_retired--;
		memmove(client->retired, client->retired + 1, client->n_retired * sizeof oldest);
	}
	client->retired[client->n_retired++] = current;
	return oldest;
}

gboolean nursery_client_renew(NurseryClient *client, int rules, gint64 patience, GError **error)
{
	Nursery nursery;
	int moved = move_up(rules);
	if (moved < 0)
		return fail(error, "cannot start senim-examine", errno);
	if (!begin(client, moved, &nursery, error) || !await_first(client, &nursery, patience, error)) {
		close(moved);
		return FALSE;
	}
	g_mutex_lock(&client->lock);
	if (client->rules >= 0)
		close(client->rules);
	client->rules = moved;
	Nursery oldest = retire(client);
	take_over(client, &nursery);
	g_mutex_unlock(&client->lock);
	wake_supervisor(client);
	if (oldest.pid != 0)
		end_nursery(&oldest);
	return TRUE;
}

int nursery_client_rules(const NurseryClient *client)
{
	return client->rules;
}

void nursery_client_stop(NurseryClient *client)
{
	if (client == NULL)
		return;
	g_mutex_lock(&client->lock);
	client->stopping = TRUE;
	shutdown(client->control, SHUT_RDWR); /* EOF is what ends a nursery */
	g_mutex_unlock(&client->lock);
	wake_supervisor(client);
	g_thread_join(client->supervisor);
	client_free(client);
}

int nursery_client_socket(const NurseryClient *client)
{
	return client->control;
}

gboolean nursery_client_is_there(NurseryClient *client)
{
	struct pollfd p = {client->control, POLLIN, 0};
	int n = poll(&p, 1, CHILD_SECONDS * 1000);
	g_mutex_lock(&client->lock);
	gboolean lives = client->pid != 0;
	g_mutex_unlock(&client->lock);
	return lives && n > 0 && (p.revents & POLLHUP) == 0;
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
