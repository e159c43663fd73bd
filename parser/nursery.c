/* SPDX-License-Identifier: ISC */
#include "parser/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/octets.h"
#include "parser/cage.h"

#define RETRY_MS 200 /* after a fork that failed */
#define ANSWER_MS 15000
#define HOLE_MAX 65536

const RecordField nursery_examine_schema[] = {
	{"length", 1, 1},      {"mailbox", 1, 1},          {"also", 0, FINDING_LIST_MAX},    {"envelope-from", 1, 1},
	{"own-domain", 0, 64}, {"telephone-system", 1, 1}, {"own-tag", 0, FINDING_LIST_MAX},
	{"name", 0, FINDING_PEOPLE_MAX},
	{"post", 0, FINDING_PEOPLE_MAX},
	{"only", 0, 1},
	{NULL, 0, 0},
};

typedef struct {
	pid_t pid;       /* 0 once it was reaped */
	gint64 deadline; /* of g_get_monotonic_time(), once it was taken */
} Child;

typedef struct {
	const NurseryOptions *options;
	GQueue waiting;   /* Child, in the order in which their sockets were sent; a dead one keeps its place */
	GPtrArray *taken; /* Child, in the order in which they were taken */
	guint missing;    /* children that could not be forked yet, or wait until others have ended */
	int signals;      /* signalfd of SIGCHLD */
} Nursery;

G_DEFINE_QUARK(senim-nursery-error, nursery_error)

static gboolean fail(GError **error, const char *what)
{
	g_set_error(error, NURSERY_ERROR, 0, "the nursery cannot go on: %s: %s", what, g_strerror(errno));
	return FALSE;
}

/* --- the child ------------------------------------------------------------------ */

/* One message: FALSE ends the child without an answer, which the milter reads as `unexamined`. */
static gboolean serve(int fd, const NurseryOptions *options)
{
	g_auto(Frame) frame = FRAME_INIT;
	guint64 length;
	if (!frame_receive(fd, &frame, G_MAXINT64, NULL) || frame.type != FRAME_EXAMINE || frame.fd >= 0)
		return FALSE;
	gsize size;
	const void *body = g_bytes_get_data(frame.body, &size);
	g_autoptr(Bundle) request = bundle_read(body, size, nursery_examine_schema, NULL);
	if (request == NULL ||
	    !record_get_uint(bundle_record(request), "length", NURSERY_MESSAGE_MAX, &length, NULL))
		return FALSE;
	g_autofree guint8 *message = g_malloc((gsize)length + 1);
	if (!octets_read(fd, message, (gsize)length))
		return FALSE;
	g_autoptr(GBytes) finding = options->work(bundle_record(request), message, (gsize)length, options->user);
	gint64 deadline = g_get_monotonic_time() + ANSWER_MS * G_TIME_SPAN_MILLISECOND;
	return finding != NULL && frame_send(fd, FRAME_FINDING, finding, -1, deadline, NULL);
}

/* Closes all but standard error and the socket, which lies above it: the nursery holds 0 to 2 open. */
static void close_others(int fd)
{
	close_range(0, STDERR_FILENO - 1, 0);
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
}

static G_GNUC_NORETURN void child_main(int fd, pid_t nursery, const NurseryOptions *options)
{
	g_autoptr(GError) error = NULL;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != nursery)
		_exit(1);
	close_others(fd);
	if (!cage_enter(&error)) {
		log_warning("%s", error->message);
		_exit(1);
	}
	close(STDERR_FILENO); /* from here on a library's complaint could quote the message */
	_exit(serve(fd, options) ? 0 : 1);
}

/* Takes every hole out of the heap, for good. What children allocate then lies together behind it: they write to pages of
 * their own, one after the other, and copy hardly any of the nursery's (a third of the cost of a short message). */
static void fill_holes(void)
{
#ifndef SENIM_SANITIZED
	const char *end = malloc(HOLE_MAX); /* larger than any hole: it lies behind them all */
	for (gsize size = HOLE_MAX / 2; size >= 16; size = size > 1024 ? size / 2 : size - 16) {
		const char *filler;
		do
			filler = malloc(size);
		while (filler != NULL && filler < end);
	}
#endif
}

/* --- the nursery ---------------------------------------------------------------- */

/* Hands a child's socket to the milter: one octet and the descriptor. FALSE when nobody is there to take it. */
static gboolean send_child(int control, int fd)
{
	union {
		char octets[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space;
	char octet = 'C';
	struct iovec vector = {&octet, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	memset(&space, 0, sizeof space);
	message.msg_control = space.octets;
	message.msg_controllen = sizeof space.octets;
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	gssize n;
	do
		n = sendmsg(control, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* TRUE also where no child could be made: it is then missing, and tried again. FALSE: the milter is gone. */
static gboolean add_child(Nursery *nursery)
{
	int pair[2];
	pid_t self = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		nursery->missing++;
		return TRUE;
	}
	pid_t pid = fork();
	if (pid == 0)
		child_main(pair[0], self, nursery->options);
	close(pair[0]);
	if (pid < 0) {
		close(pair[1]);
		nursery->missing++;
		return TRUE;
	}
	Child *child = g_new0(Child, 1);
	child->pid = pid;
	g_queue_push_tail(&nursery->waiting, child);
	gboolean sent = send_child(nursery->options->control, pair[1]);
	close(pair[1]);
	return sent;
}

static gboolean may_add(const Nursery *nursery)
{
	return nursery->missing > 0 && nursery->taken->len < nursery->options->taken_max;
}

static gboolean add_missing(Nursery *nursery)
{
	for (guint i = may_add(nursery) ? nursery->missing : 0; i > 0; i--) {
		nursery->missing--;
		if (!add_child(nursery))
			return FALSE;
	}
	return TRUE;
}

/* The oldest waiting child was taken: its time runs from now, and another takes its place. */
static gboolean one_taken(Nursery *nursery)
{
	Child *child = g_queue_pop_head(&nursery->waiting);
	if (child == NULL)
		return TRUE; /* a `T` for a child that was never sent: nothing to count */
	child->deadline = g_get_monotonic_time() + nursery->options->wall_ms * G_TIME_SPAN_MILLISECOND;
	if (child->pid != 0)
		g_ptr_array_add(nursery->taken, child);
	else
		g_free(child);
	nursery->missing++;
	return add_missing(nursery);
}

/* FALSE: the control socket ended. */
static gboolean read_control(Nursery *nursery)
{
	char octets[NURSERY_WORKERS_MAX];
	gssize n = recv(nursery->options->control, octets, sizeof octets, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	for (gssize i = 0; i < n; i++)
		if (octets[i] != 'T' || !one_taken(nursery))
			return FALSE;
	return n > 0;
}

static void forget(Nursery *nursery, pid_t pid)
{
	for (guint i = 0; i < nursery->taken->len; i++)
		if (((Child *)g_ptr_array_index(nursery->taken, i))->pid == pid) {
			g_ptr_array_remove_index(nursery->taken, i);
			return;
		}
	for (GList *at = nursery->waiting.head; at != NULL; at = at->next)
		if (((Child *)at->data)->pid == pid)
			((Child *)at->data)->pid = 0;
}

static void reap(Nursery *nursery)
{
	struct signalfd_siginfo info;
	gssize n = read(nursery->signals, &info, sizeof info);
	(void)n; /* many deaths may be one signal: waitpid() counts them */
	for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
		forget(nursery, pid);
}

static void kill_late(Nursery *nursery, gint64 now)
{
	for (guint i = 0; i < nursery->taken->len; i++) {
		Child *child = g_ptr_array_index(nursery->taken, i);
		if (child->deadline > now)
			return; /* they were taken in this order */
		kill(child->pid, SIGKILL);
	}
}

static int wait_ms(const Nursery *nursery, gint64 now)
{
	gint64 wait = may_add(nursery) ? RETRY_MS : -1;
	if (nursery->taken->len > 0) {
		gint64 left = (((Child *)g_ptr_array_index(nursery->taken, 0))->deadline - now) / G_TIME_SPAN_MILLISECOND;
		left = CLAMP(left + 1, 1, G_MAXINT);
		wait = wait < 0 ? left : MIN(wait, left);
	}
	return (int)wait;
}

static gboolean run(Nursery *nursery, GError **error)
{
	struct pollfd fds[2] = {{nursery->options->control, POLLIN, 0}, {nursery->signals, POLLIN, 0}};
	for (;;) {
		if (poll(fds, 2, wait_ms(nursery, g_get_monotonic_time())) < 0 && errno != EINTR)
			return fail(error, "waiting for the milter");
		if (fds[1].revents != 0)
			reap(nursery);
		kill_late(nursery, g_get_monotonic_time());
		if (fds[0].revents != 0 && !read_control(nursery))
			return TRUE;
		if (!add_missing(nursery))
			return TRUE;
	}
}

static void end_children(Nursery *nursery)
{
	for (GList *at = nursery->waiting.head; at != NULL; at = at->next)
		if (((Child *)at->data)->pid != 0)
			kill(((Child *)at->data)->pid, SIGKILL);
	for (guint i = 0; i < nursery->taken->len; i++)
		kill(((Child *)g_ptr_array_index(nursery->taken, i))->pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	g_queue_clear_full(&nursery->waiting, g_free);
	g_ptr_array_unref(nursery->taken);
	close(nursery->signals);
}

gboolean nursery_run(const NurseryOptions *options, GError **error)
{
	Nursery nursery = {.options = options, .waiting = G_QUEUE_INIT, .missing = options->workers};
	sigset_t child_signal;
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &child_signal, NULL) != 0)
		return fail(error, "blocking SIGCHLD");
	nursery.signals = signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
	if (nursery.signals < 0)
		return fail(error, "signalfd");
	fill_holes();
	nursery.taken = g_ptr_array_new_with_free_func(g_free);
	gboolean done = !add_missing(&nursery) || run(&nursery, error);
	end_children(&nursery);
	return done;
}
