/* SPDX-License-Identifier: ISC */
#include "tests/milter-driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PROTOCOL 6
#define CHUNK 65535
#define PACKET_MAX (1024u * 1024u)
#define PATIENCE_MS 30000

/* SMFIP_NR_* by the command whose answer they take away (mfdef.h). */
static const struct {
	char command;
	guint32 quiet;
} answers[] = {
	{'C', 0x1000}, {'H', 0x2000}, {'M', 0x4000}, {'R', 0x8000},  {'T', 0x10000},
	{'U', 0x20000}, {'L', 0x80},  {'N', 0x40000}, {'B', 0x80000}, {'E', 0},
};

/* --- packets ------------------------------------------------------------------------------ */

static gboolean write_all(int fd, const void *data, gsize size)
{
	const char *next = data;
	while (size > 0) {
		gssize n = send(fd, next, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FALSE;
		next += n;
		size -= (gsize)n;
	}
	return TRUE;
}

static gboolean read_all(const MilterDriver *driver, void *data, gsize size)
{
	char *next = data;
	while (size > 0) {
		struct pollfd p = {driver->fd, POLLIN, 0};
		if (poll(&p, 1, (int)driver->patience_ms) <= 0)
			return FALSE;
		gssize n = recv(driver->fd, next, size, 0);
		if (n <= 0)
			return FALSE;
		next += n;
		size -= (gsize)n;
	}
	return TRUE;
}

gboolean milter_driver_send(MilterDriver *driver, char command, const void *data, gsize size)
{
	guint8 head[5];
	guint32 length = htonl((guint32)size + 1);
	memcpy(head, &length, 4);
	head[4] = (guint8)command;
	return write_all(driver->fd, head, sizeof head) && (size == 0 || write_all(driver->fd, data, size));
}

/* The next packet's letter and data (g_free), NUL behind them. */
static char receive(const MilterDriver *driver, char **data, gsize *size)
{
	guint8 head[5];
	guint32 length;
	*data = NULL;
	if (!read_all(driver, head, sizeof head))
		return MILTER_DRIVER_BROKEN;
	memcpy(&length, head, 4);
	length = ntohl(length);
	if (length < 1 || length > PACKET_MAX)
		return MILTER_DRIVER_BROKEN;
	*size = length - 1;
	*data = g_malloc0(length);
	return read_all(driver, *data, *size) ? (char)head[4] : MILTER_DRIVER_BROKEN;
}

/* --- answers ------------------------------------------------------------------------------- */

/* What changes the message or only shows life; FALSE: it is the verdict. */
static gboolean note_change(MilterDriver *driver, char letter, const char *data)
{
	switch (letter) {
	case 'p':
		driver->progress++;
		return TRUE;
	case '-':
		g_ptr_array_add(driver->removed, g_strdup(data));
		return TRUE;
	case 'e':
		g_free(driver->sender);
		driver->sender = g_strdup(data);
		return TRUE;
	default:
		return FALSE;
	}
}

char milter_driver_answer(MilterDriver *driver)
{
	gint64 last = g_get_monotonic_time();
	g_clear_pointer(&driver->reply, g_free);
	g_clear_pointer(&driver->sender, g_free);
	g_ptr_array_set_size(driver->removed, 0);
	driver->progress = 0;
	driver->longest_silence_us = 0;
	for (;;) {
		g_autofree char *data = NULL;
		gsize size;
		char letter = receive(driver, &data, &size);
		gint64 now = g_get_monotonic_time();
		driver->longest_silence_us = MAX(driver->longest_silence_us, now - last);
		last = now;
		if (letter != MILTER_DRIVER_BROKEN && note_change(driver, letter, data))
			continue;
		if (letter == 'y')
			driver->reply = g_strdup(data);
		return letter;
	}
}

static char exchange(MilterDriver *driver, char command, const void *data, gsize size)
{
	if (!milter_driver_send(driver, command, data, size))
		return MILTER_DRIVER_BROKEN;
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
		if (answers[i].command == command && (driver->steps & answers[i].quiet) != 0)
			return MILTER_DRIVER_QUIET;
	return milter_driver_answer(driver);
}

/* --- connection ----------------------------------------------------------------------------- */

static int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static gboolean negotiate(MilterDriver *driver, guint32 actions, guint32 steps)
{
	guint32 offer[3] = {htonl(PROTOCOL), htonl(actions), htonl(steps)}, taken[3];
	g_autofree char *data = NULL;
	gsize size;
	if (!milter_driver_send(driver, 'O', offer, sizeof offer) || receive(driver, &data, &size) != 'O' ||
	    size < sizeof taken)
		return FALSE;
	memcpy(taken, data, sizeof taken);
	driver->actions = ntohl(taken[1]);
	driver->steps = ntohl(taken[2]);
	for (gsize at = sizeof taken; at + 4 < size; at += 4 + strlen(data + at + 4) + 1) {
		guint32 stage;
		memcpy(&stage, data + at, 4);
		g_string_append_printf(driver->macros_wanted, "%u:%s\n", ntohl(stage), data + at + 4);
	}
	return TRUE;
}

MilterDriver *milter_driver_new(const char *socket, guint32 actions, guint32 steps)
{
	int fd = dial(socket);
	if (fd < 0)
		return NULL;
	MilterDriver *driver = g_new0(MilterDriver, 1);
	driver->fd = fd;
	driver->patience_ms = PATIENCE_MS;
	driver->removed = g_ptr_array_new_with_free_func(g_free);
	driver->macros_wanted = g_string_new(NULL);
	if (negotiate(driver, actions, steps))
		return driver;
	milter_driver_free(driver);
	return NULL;
}

MilterDriver *milter_driver_usual(const char *socket)
{
	return milter_driver_new(socket, MILTER_DRIVER_ACTIONS, MILTER_DRIVER_STEPS);
}

void milter_driver_free(MilterDriver *driver)
{
	if (driver == NULL)
		return;
	close(driver->fd);
	g_ptr_array_unref(driver->removed);
	g_string_free(driver->macros_wanted, TRUE);
	g_free(driver->sender);
	g_free(driver->reply);
	g_free(driver);
}

/* --- commands --------------------------------------------------------------------------------- */

static void append_text(GByteArray *packet, const char *text)
{
	g_byte_array_append(packet, (const guint8 *)text, (guint)strlen(text) + 1);
}

void milter_driver_macros(MilterDriver *driver, char stage, ...)
{
	GByteArray *packet = g_byte_array_new();
	va_list ap;
	g_byte_array_append(packet, (const guint8 *)&stage, 1);
	va_start(ap, stage);
	for (const char *word; (word = va_arg(ap, const char *)) != NULL;)
		append_text(packet, word);
	va_end(ap);
	milter_driver_send(driver, 'D', packet->data, packet->len);
	g_byte_array_unref(packet);
}

char milter_driver_mail(MilterDriver *driver, const char *argument)
{
	return exchange(driver, 'M', argument, strlen(argument) + 1);
}

char milter_driver_rcpt(MilterDriver *driver, const char *argument, const char *rcpt_addr, const char *mailer)
{
	if (rcpt_addr != NULL && mailer != NULL)
		milter_driver_macros(driver, 'R', "{rcpt_addr}", rcpt_addr, "{rcpt_mailer}", mailer, NULL);
	else if (rcpt_addr != NULL)
		milter_driver_macros(driver, 'R', "{rcpt_addr}", rcpt_addr, NULL);
	else
		milter_driver_macros(driver, 'R', NULL);
	return exchange(driver, 'R', argument, strlen(argument) + 1);
}

char milter_driver_data(MilterDriver *driver)
{
	return exchange(driver, 'T', NULL, 0);
}

char milter_driver_header(MilterDriver *driver, const char *name, const char *value)
{
	GByteArray *packet = g_byte_array_new();
	append_text(packet, name);
	append_text(packet, value);
	char answer = exchange(driver, 'L', packet->data, packet->len);
	g_byte_array_unref(packet);
	return answer;
}

char milter_driver_eoh(MilterDriver *driver)
{
	return exchange(driver, 'N', NULL, 0);
}

char milter_driver_body(MilterDriver *driver, const void *data, gsize size)
{
	char answer = MILTER_DRIVER_QUIET;
	for (gsize at = 0; at < size && answer != MILTER_DRIVER_BROKEN; at += CHUNK)
		answer = exchange(driver, 'B', (const char *)data + at, MIN(size - at, CHUNK));
	return answer;
}

char milter_driver_eom(MilterDriver *driver)
{
	return exchange(driver, 'E', NULL, 0);
}

void milter_driver_abort(MilterDriver *driver)
{
	milter_driver_send(driver, 'A', NULL, 0);
}

void milter_driver_quit(MilterDriver *driver)
{
	milter_driver_send(driver, 'Q', NULL, 0);
}

char milter_driver_message(MilterDriver *driver, const char *from, const char *to, const char *subject,
                           const void *body, gsize size)
{
	milter_driver_mail(driver, from);
	milter_driver_rcpt(driver, to, NULL, NULL);
	milter_driver_macros(driver, 'T', "i", "QUEUE1", NULL);
	char answer = milter_driver_data(driver);
	if (answer != 'c')
		return answer;
	milter_driver_header(driver, "Subject", subject);
	milter_driver_eoh(driver);
	milter_driver_body(driver, body, size);
	return milter_driver_eom(driver);
}
