/* SPDX-License-Identifier: ISC */
#include "tests/fake-examine.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/frame.h"

#define CONTROL 3
#define RULES 4 /* and its rules */
#define WITHIN "FAKE_EXAMINE_WITHIN" /* in the environment of whatever a test starts */
#define FIELD "X-Test-Examine: "
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

static gint64 later(void)
{
	return g_get_monotonic_time() + PATIENCE;
}

const char *fake_examine_path(void)
{
	static char *path;
	if (path == NULL)
		path = g_file_read_link("/proc/self/exe", NULL);
	return path;
}

/* --- findings ---------------------------------------------------------------------------------- */

/* A line "KEY=VALUE" in place of the record's own. */
static Record *changed(const Record *record, const char *change)
{
	Record *out = record_new();
	const char *key, *value, *equals = change != NULL ? strchr(change, '=') : NULL;
	for (guint i = 0; record_line(record, i, &key, &value); i++) {
		gboolean same = equals != NULL && strlen(key) == (gsize)(equals - change) && g_str_has_prefix(change, key);
		record_add(out, key, same ? equals + 1 : value);
	}
	if (equals != NULL && g_str_has_prefix(change, "note=")) /* the card's last list but one, and nothing stands behind it */
		record_add(out, "note", equals + 1);
	return out;
}

static Record *usual_facts(void)
{
	static const char *const lines[][2] = {{"channel", "mail"},   {"language", "kk"}, {"automatic", "-"},
	                                       {"verdict", "clean"},  {"opaque", "no"},   {"examined", "yes"},
	                                       {"partial", "no"},     {"attachments", "0"}};
	Record *facts = record_new();
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
		record_add(facts, lines[i][0], lines[i][1]);
	return facts;
}

static Record *usual_card(void)
{
	Record *card = record_new();
	for (const RecordField *field = finding_card_schema; field->key != NULL; field++)
		if (field->min == 1)
			record_add(card, field->key, strcmp(field->key, "subject") == 0 ? "examined" : "-");
	return card;
}

static Bundle *finding(const char *order)
{
	g_autoptr(Record) facts = usual_facts(), card = usual_card();
	g_autoptr(Record) other_facts = changed(facts, g_str_has_prefix(order, "facts ") ? order + 6 : NULL);
	g_autoptr(Record) other_card = changed(card, g_str_has_prefix(order, "card ") ? order + 5 : NULL);
	Bundle *bundle = bundle_new();
	bundle_add_record(bundle, "facts", other_facts);
	bundle_add_record(bundle, "card", other_card);
	return bundle;
}

static void send_half(int fd)
{
	g_autoptr(Bundle) bundle = finding("good");
	g_autoptr(GBytes) body = bundle_write(bundle);
	gsize size;
	const void *data = g_bytes_get_data(body, &size);
	guint8 head[FRAME_HEAD] = {0, 0, (guint8)(size >> 8), (guint8)size, 0, FRAME_FINDING};
	if (write(fd, head, sizeof head) < 0 || write(fd, data, size / 2) < 0)
		_exit(1);
}

static void send_octets(int fd, guint16 type, gsize size, int rider)
{
	g_autofree char *octets = g_strnfill(size, 'z');
	g_autoptr(GBytes) body = g_bytes_new(octets, size);
	frame_send(fd, type, body, rider, later(), NULL);
}

static void obey(int fd, const char *order)
{
	if (g_str_has_prefix(order, "hold "))
		g_usleep((gulong)atoi(order + 5) * 1000);
	if (strcmp(order, "crash") == 0)
		raise(SIGKILL);
	if (strcmp(order, "die") == 0)
		kill(getppid(), SIGKILL);
	while (strcmp(order, "hang") == 0 || strcmp(order, "die") == 0)
		pause();
	if (strcmp(order, "half") == 0) {
		send_half(fd);
	} else if (strcmp(order, "garbage") == 0) {
		send_octets(fd, FRAME_FINDING, 200, -1);
	} else if (strcmp(order, "large") == 0) {
		send_octets(fd, FRAME_FINDING, FINDING_MAX + 1, -1);
	} else {
		g_autoptr(Bundle) bundle = finding(order);
		guint16 type = strcmp(order, "type") == 0 ? FRAME_VERDICT : FRAME_FINDING;
		frame_send_bundle(fd, type, bundle, strcmp(order, "descriptor") == 0 ? fd : -1, later(), NULL);
	}
}

/* --- a child ------------------------------------------------------------------------------------- */

static char *read_order(int fd, guint64 length)
{
	g_autofree char *message = g_malloc0(length + 1);
	for (gsize got = 0; got < length;) {
		gssize n = read(fd, message + got, length - got);
		if (n <= 0)
			_exit(1);
		got += (gsize)n;
	}
	const char *field = memmem(message, length, FIELD, strlen(FIELD));
	const char *end = field != NULL ? strstr(field, "\r\n") : NULL;
	return end != NULL ? g_strndup(field + strlen(FIELD), (gsize)(end - field) - strlen(FIELD)) : g_strdup("good");
}

static G_GNUC_NORETURN void be_child(int fd)
{
	g_auto(Frame) frame = FRAME_INIT;
	guint64 length;
	if (!frame_receive(fd, &frame, G_MAXINT64, NULL) || frame.type != FRAME_EXAMINE)
		_exit(1);
	gsize size;
	const void *data = g_bytes_get_data(frame.body, &size);
	g_autoptr(Bundle) question = bundle_read(data, size, NULL, NULL);
	if (question == NULL || !record_get_uint(bundle_record(question), "length", G_MAXUINT32, &length, NULL))
		_exit(1);
	g_autofree char *order = read_order(fd, length);
	obey(fd, order);
	_exit(0);
}

/* --- the nursery ------------------------------------------------------------------------------------ */

static void send_child(int child)
{
	union {
		char octets[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} space;
	struct iovec vector = {(char *)"C", 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	memset(&space, 0, sizeof space);
	message.msg_control = space.octets;
	message.msg_controllen = sizeof space.octets;
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof child);
	memcpy(CMSG_DATA(c), &child, sizeof child);
	if (sendmsg(CONTROL, &message, MSG_NOSIGNAL) != 1)
		_exit(0);
}

static void add_child(void)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		_exit(1);
	pid_t nursery = getpid();
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		alarm(PATIENCE / G_TIME_SPAN_SECOND); /* whatever it was told to do, it does not outlive the test */
		if (getppid() != nursery)
			_exit(1);
		close(CONTROL);
		close(pair[1]);
		be_child(pair[0]);
	}
	close(pair[0]);
	send_child(pair[1]);
	close(pair[1]);
}

/* A nursery holds what it was given, and none of the milter's connections. */
static gboolean holds_too_much(void)
{
	for (int fd = CONTROL + 1; fd < 256; fd++)
		if (fd != RULES && fcntl(fd, F_GETFD) >= 0)
			return TRUE;
	return FALSE;
}

void fake_examine_main(int argc, char **argv)
{
	char octet;
	if (argc > 1 && strcmp(argv[1], "--pack-rules") == 0)
		_exit(0); /* rules that nobody reads */
	if (argc < 3 || strcmp(argv[1], "--nursery") != 0) {
		if (g_getenv(WITHIN) != NULL) /* words of senim-examine's that we do not know: tests within tests have no end */
			_exit(1);
		g_setenv(WITHIN, "yes", TRUE);
		return;
	}
	if (g_getenv("FAKE_EXAMINE_REFUSES") != NULL || holds_too_much())
		_exit(1);
	signal(SIGCHLD, SIG_IGN);
	for (int i = atoi(argv[2]); i > 0; i--)
		add_child();
	while (read(CONTROL, &octet, 1) == 1)
		add_child();
	_exit(0);
}
