/* SPDX-License-Identifier: ISC */
/* The nursery as its milter meets it: one message a child, nobody lives too long, nothing is left behind. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <iconv.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/frame.h"
#include "parser/cage.h"
#include "parser/nursery.h"

#define WALL_MS 400
#define WORKERS 3
#define TAKEN_MAX 5

typedef struct {
	pid_t pid;
	int control;
} Nursery;

/* --- what the children do: the message says it ----------------------------------- */

static gboolean is(const guint8 *message, gsize size, const char *word)
{
	return size == strlen(word) && memcmp(message, word, size) == 0;
}

static guint64 dive(guint depth)
{
	volatile char page[4096] = {0};
	return depth == 0 ? 0 : (guint64)page[depth & 4095] + dive(depth - 1) + 1;
}

static void try_what_the_cage_forbids(const guint8 *message, gsize size)
{
	char *const argv[] = {(char *)"/bin/true", NULL};
	if (is(message, size, "socket"))
		(void)socket(AF_INET, SOCK_STREAM, 0);
	else if (is(message, size, "fork"))
		(void)fork();
	else if (is(message, size, "execve"))
		execve(argv[0], argv, argv);
	else if (is(message, size, "kill"))
		kill(getppid(), SIGKILL);
	else if (is(message, size, "limits"))
		setrlimit(RLIMIT_CPU, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
	else if (is(message, size, "executable memory"))
		mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (is(message, size, "unlink"))
		unlink("/nowhere");
}

static GBytes *say(char *text)
{
	return g_bytes_new_take(text, strlen(text));
}

static GBytes *work(const Record *job, guint8 *message, gsize size, gpointer user)
{
	static guint served;
	(void)job;
	(void)user;
	try_what_the_cage_forbids(message, size);
	if (is(message, size, "abort"))
		abort();
	if (is(message, size, "hang"))
		for (;;)
			poll(NULL, 0, 1000);
	if (is(message, size, "spin"))
		for (volatile guint i = 0;; i++)
			;
	if (is(message, size, "silent"))
		return NULL;
	if (is(message, size, "memory")) {
		for (guint i = 0; i < 1024; i++)
			memset(g_malloc(1 << 20), 1, 1 << 20);
	}
	if (is(message, size, "open")) {
		int fd = open("/etc/passwd", O_RDONLY);
		return say(g_strdup_printf("%d %d", fd, errno == EACCES));
	}
	if (is(message, size, "charset"))
		return say(g_strdup_printf("%d", iconv_open("UTF-8", "EBCDIC-US") == (iconv_t)-1));
	if (is(message, size, "deep"))
		return say(g_strdup_printf("%" G_GUINT64_FORMAT, dive(10000))); /* 40 MB of stack */
	return say(g_strdup_printf("%u %" G_GSIZE_FORMAT, ++served, size));
}

/* --- the milter's side -------------------------------------------------------------- */

static Nursery nursery_start(guint wall_ms)
{
	int pair[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
	Nursery nursery = {fork(), pair[0]};
	g_assert_cmpint(nursery.pid, >=, 0);
	if (nursery.pid == 0) {
		NurseryOptions options = {pair[1], WORKERS, wall_ms, TAKEN_MAX, work, NULL};
		g_autoptr(GError) error = NULL;
		close(pair[0]);
		_exit(cage_prepare(0, &error) && nursery_run(&options, &error) ? 0 : 1);
	}
	close(pair[1]);
	return nursery;
}

static void nursery_stop(Nursery *nursery)
{
	int status;
	close(nursery->control);
	g_assert_cmpint(waitpid(nursery->pid, &status, 0), ==, nursery->pid);
	g_assert_cmpint(status, ==, 0);
}

static int take_child(const Nursery *nursery)
{
	union {
		char octets[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space;
	char octet = 0;
	struct iovec vector = {&octet, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = space.octets,
	                         .msg_controllen = sizeof space.octets};
	struct pollfd p = {nursery->control, POLLIN, 0};
	g_assert_cmpint(poll(&p, 1, 10000), ==, 1);
	g_assert_cmpint(recvmsg(nursery->control, &message, MSG_CMSG_CLOEXEC), ==, 1);
	g_assert_cmpint(octet, ==, 'C');
	int fd;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
	g_assert_cmpint(send(nursery->control, "T", 1, MSG_NOSIGNAL), ==, 1);
	return fd;
}

static void ask(int fd, gsize length)
{
	g_autoptr(Bundle) bundle = bundle_new();
	record_add_uint(bundle_record(bundle), "length", length);
	record_add(bundle_record(bundle), "mailbox", "senim@kmo.kz");
	record_add(bundle_record(bundle), "envelope-from", "");
	record_add(bundle_record(bundle), "telephone-system", "-");
	frame_send_bundle(fd, FRAME_EXAMINE, bundle, -1, g_get_monotonic_time() + 5 * G_USEC_PER_SEC, NULL);
}

static char *answer(int fd)
{
	g_auto(Frame) frame = FRAME_INIT;
	gboolean done = frame_receive(fd, &frame, g_get_monotonic_time() + 20 * G_USEC_PER_SEC, NULL);
	close(fd);
	if (!done)
		return NULL;
	g_assert_cmpint(frame.type, ==, FRAME_FINDING);
	return g_strndup(g_bytes_get_data(frame.body, NULL), g_bytes_get_size(frame.body));
}

/* NULL where the child ended without an answer. */
static char *examine(const Nursery *nursery, const char *message)
{
	int fd = take_child(nursery);
	ask(fd, strlen(message));
	g_assert_cmpint(send(fd, message, strlen(message), MSG_NOSIGNAL), ==, (gssize)strlen(message));
	return answer(fd);
}

/* --- the tests -------------------------------------------------------------------------- */

static void no_child_serves_a_second_message(void)
{
	Nursery nursery = nursery_start(WALL_MS);
	for (guint i = 0; i < 4 * WORKERS; i++) {
		g_autofree char *text = examine(&nursery, "hello");
		g_assert_cmpstr(text, ==, "1 5");
	}
	nursery_stop(&nursery);
}

static void a_child_that_dies_takes_nobody_with_it(void)
{
	static const char *const deaths[] = {"abort", "silent", "socket", "fork", "execve", "kill", "limits",
	                                     "executable memory", "unlink", "memory"};
	Nursery nursery = nursery_start(10 * WALL_MS);
	for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++) {
#ifdef SENIM_SANITIZED
		if (strcmp(deaths[i], "memory") == 0 || strcmp(deaths[i], "limits") == 0)
			continue; /* no RLIMIT_AS there, and ASan asks for limits itself */
#endif
		g_test_message("%s", deaths[i]);
		g_autofree char *none = examine(&nursery, deaths[i]);
		g_assert_null(none);
		g_autofree char *next = examine(&nursery, "next");
		g_assert_cmpstr(next, ==, "1 4");
	}
	nursery_stop(&nursery);
}

static void no_file_can_be_opened_and_asking_is_no_death(void)
{
	Nursery nursery = nursery_start(WALL_MS);
	g_autofree char *text = examine(&nursery, "open");
	g_assert_cmpstr(text, ==, "-1 1");
	g_autofree char *charset = examine(&nursery, "charset"); /* a converter that would have to be loaded */
	g_assert_cmpstr(charset, ==, "1");
	nursery_stop(&nursery);
}

static void sixty_four_megabytes_of_stack_are_there(void)
{
	Nursery nursery = nursery_start(10 * WALL_MS);
	g_autofree char *text = examine(&nursery, "deep");
	g_assert_cmpstr(text, ==, "10000");
	nursery_stop(&nursery);
}

static void a_child_held_past_its_time_is_killed(void)
{
	static const char *const late[] = {"hang", "spin"};
	Nursery nursery = nursery_start(WALL_MS);
	for (gsize i = 0; i < G_N_ELEMENTS(late); i++) {
		gint64 begin = g_get_monotonic_time();
		g_autofree char *none = examine(&nursery, late[i]);
		gint64 lived = (g_get_monotonic_time() - begin) / 1000;
		g_assert_null(none);
		g_assert_cmpint(lived, >=, WALL_MS - 50);
		g_assert_cmpint(lived, <, 10 * WALL_MS);
	}
	/* one who was taken and is never spoken to */
	int fd = take_child(&nursery);
	g_autofree char *none = answer(fd);
	g_assert_null(none);
	nursery_stop(&nursery);
}

static void a_waiting_child_waits_without_a_clock(void)
{
	Nursery nursery = nursery_start(50);
	g_usleep(300 * 1000);
	g_autofree char *text = examine(&nursery, "patience");
	g_assert_cmpstr(text, ==, "1 8");
	nursery_stop(&nursery);
}

static void a_request_of_another_form_gets_no_answer(void)
{
	static const char *const bodies[] = {"", "length: 3\n\n", "length: x\nmailbox: a\nenvelope-from: \ntelephone-system: -\n\n",
	                                     "length: 99999999999\nmailbox: a\nenvelope-from: \ntelephone-system: -\n\n"};
	Nursery nursery = nursery_start(WALL_MS);
	for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
		int fd = take_child(&nursery);
		g_autoptr(GBytes) body = g_bytes_new_static(bodies[i], strlen(bodies[i]));
		g_assert_true(frame_send(fd, FRAME_EXAMINE, body, -1, g_get_monotonic_time() + G_USEC_PER_SEC, NULL));
		g_autofree char *none = answer(fd);
		g_assert_null(none);
	}
	int fd = take_child(&nursery);
	ask(fd, 1000); /* and only a part of the message comes */
	g_assert_cmpint(send(fd, "abc", 3, MSG_NOSIGNAL), ==, 3);
	shutdown(fd, SHUT_WR);
	g_autofree char *none = answer(fd);
	g_assert_null(none);
	nursery_stop(&nursery);
}

static void octets_past_the_length_are_never_read(void)
{
	Nursery nursery = nursery_start(WALL_MS);
	int fd = take_child(&nursery);
	ask(fd, 3);
	g_autofree char *flood = g_strnfill(1 << 20, 'x');
	for (gssize sent = 0, n; sent < 1 << 20; sent += n)
		if ((n = send(fd, flood, (1 << 20) - (gsize)sent, MSG_NOSIGNAL)) <= 0)
			break; /* it has answered and ended with octets unread */
	close(fd);
	g_autofree char *text = examine(&nursery, "next");
	g_assert_cmpstr(text, ==, "1 4");
	nursery_stop(&nursery);
}

static gboolean is_child_offered(const Nursery *nursery, int ms)
{
	struct pollfd p = {nursery->control, POLLIN, 0};
	return poll(&p, 1, ms) == 1;
}

static void past_so_many_at_work_the_next_one_waits(void)
{
	int fds[TAKEN_MAX + WORKERS - 1]; /* the last one taken of TAKEN_MAX has no successor */
	Nursery nursery = nursery_start(20 * WALL_MS);
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = take_child(&nursery);
	g_assert_false(is_child_offered(&nursery, 300));
	close(fds[0]); /* a child whose milter hangs up ends */
	for (gsize i = 1; i < WORKERS; i++)
		close(fds[i]);
	for (gsize i = WORKERS; i < G_N_ELEMENTS(fds); i++) {
		ask(fds[i], 0);
		g_autofree char *text = answer(fds[i]);
		g_assert_cmpstr(text, ==, "1 0");
	}
	g_autofree char *text = examine(&nursery, "next");
	g_assert_cmpstr(text, ==, "1 4");
	nursery_stop(&nursery);
}

static void all_end_when_the_milter_does(void)
{
	Nursery nursery = nursery_start(WALL_MS);
	int fds[] = {take_child(&nursery), take_child(&nursery)};
	nursery_stop(&nursery); /* the control socket ends; waitpid() inside has seen every child die */
	for (gsize i = 0; i < G_N_ELEMENTS(fds); i++) {
		g_autofree char *none = answer(fds[i]);
		g_assert_null(none);
	}
}

static void children_do_not_outlive_a_killed_nursery(void)
{
	Nursery nursery = nursery_start(100 * WALL_MS);
	int fd = take_child(&nursery);
	kill(nursery.pid, SIGKILL);
	waitpid(nursery.pid, NULL, 0);
	g_autofree char *none = answer(fd);
	g_assert_null(none);
	close(nursery.control);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/nursery/no child serves a second message", no_child_serves_a_second_message);
	g_test_add_func("/nursery/a child that dies takes nobody with it", a_child_that_dies_takes_nobody_with_it);
	g_test_add_func("/cage/no file can be opened, and asking is no death", no_file_can_be_opened_and_asking_is_no_death);
	g_test_add_func("/cage/sixty-four megabytes of stack are there", sixty_four_megabytes_of_stack_are_there);
	g_test_add_func("/nursery/a child held past its time is killed", a_child_held_past_its_time_is_killed);
	g_test_add_func("/nursery/a waiting child waits without a clock", a_waiting_child_waits_without_a_clock);
	g_test_add_func("/nursery/a request of another form gets no answer", a_request_of_another_form_gets_no_answer);
	g_test_add_func("/nursery/octets past the length are never read", octets_past_the_length_are_never_read);
	g_test_add_func("/nursery/past so many at work the next one waits", past_so_many_at_work_the_next_one_waits);
	g_test_add_func("/nursery/all end when the milter does", all_end_when_the_milter_does);
	g_test_add_func("/nursery/children do not outlive a killed nursery", children_do_not_outlive_a_killed_nursery);
	return g_test_run();
}
