/* SPDX-License-Identifier: ISC */
/* tests/bench/load.c - sends one message over and over, each time a little different, and measures.
 *
 * load (--milter PATH | --smtp PORT) --message FILE [--connections N] [--seconds S] [--hold] [--recipient ADDRESS]
 *
 * --milter speaks the MTA's side of the milter protocol (version 6) to a socket; steps that the milter does not answer
 * go out together, as from an MTA. --smtp speaks SMTP to a loopback port. Each message begins with a field of its own,
 * since the same octets once more would be a retry. --hold brings one message on each connection up to the end of its
 * body, says `held`, and ends them all when standard input does.
 * Result, one line: messages, seconds, messages per second, p50 and p99 in ms (from MAIL to the answer to the end of
 * message), and how many were answered other than taken. Exits 1 where any was. */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* sendmail's mfdef.h: steps that a milter takes without answering. */
enum {
	NR_HEADER = 0x80, NR_CONNECT = 0x1000, NR_HELO = 0x2000, NR_MAIL = 0x4000, NR_RCPT = 0x8000, NR_DATA = 0x10000,
	NR_EOH = 0x40000, NR_BODY = 0x80000, NO_CONNECT = 0x1, NO_HELO = 0x2, LEADING_SPACE = 0x100000,
};
#define STEPS_ALL 0x1fffff
#define ACTIONS_ALL 0x1ff
#define CHUNK 65535

static char *milter_path, *message_file, *recipient = (char *)"senim@kmo.kz";
static int smtp_port, connections = 4;
static double seconds = 2;
static gboolean hold;

static const GOptionEntry entries[] = {
	{"milter", 0, 0, G_OPTION_ARG_FILENAME, &milter_path, "a milter's socket", "PATH"},
	{"smtp", 0, 0, G_OPTION_ARG_INT, &smtp_port, "a mail server's port on the loopback", "PORT"},
	{"message", 0, 0, G_OPTION_ARG_FILENAME, &message_file, "the message, CRLF", "FILE"},
	{"connections", 0, 0, G_OPTION_ARG_INT, &connections, "so many at once", "N"},
	{"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "how long", "S"},
	{"hold", 0, 0, G_OPTION_ARG_NONE, &hold, "stop before the end of the body", NULL},
	{"recipient", 0, 0, G_OPTION_ARG_STRING, &recipient, "to whom", "ADDRESS"},
	G_OPTION_ENTRY_NULL,
};

typedef struct {
	int socket;
	guint id;
	guint steps;       /* negotiated */
	GByteArray *out;   /* not sent yet */
	GArray *latencies; /* gint64, microseconds */
	guint64 refused;
} Connection;

static char *message;
static gsize message_size, body_offset;
static GPtrArray *fields; /* "name", "value" by turns, of the message's own header */
static gint64 stop_at;
static gint held;

static void die(const char *what)
{
	g_printerr("load: %s: %s\n", what, g_strerror(errno));
	exit(1);
}

/* --- octets out and in ------------------------------------------------------------------------------------------- */

static void send_all(int fd, const void *data, gsize size)
{
	const char *at = data;
	while (size > 0) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
		if (n < 0)
			die("send");
		at += n;
		size -= n;
	}
}

static void flush(Connection *c)
{
	send_all(c->socket, c->out->data, c->out->len);
	g_byte_array_set_size(c->out, 0);
}

static void receive_exactly(int fd, void *data, gsize size)
{
	char *at = data;
	while (size > 0) {
		ssize_t n = recv(fd, at, size, 0);
		if (n <= 0)
			die("the milter hung up");
		at += n;
		size -= n;
	}
}

/* --- the milter protocol ----------------------------------------------------------------------------------------- */

static void packet(Connection *c, char command, const void *data, gsize size)
{
	guint32 length = g_htonl(size + 1);
	g_byte_array_append(c->out, (const guint8 *)&length, 4);
	g_byte_array_append(c->out, (const guint8 *)&command, 1);
	g_byte_array_append(c->out, data, size);
	if (c->out->len > CHUNK)
		flush(c);
}

static char reply(Connection *c)
{
	static const char final[] = "acdrty";
	char command;
	flush(c);
	do {
		guint32 length;
		guint8 rest[4096];
		receive_exactly(c->socket, &length, 4);
		receive_exactly(c->socket, &command, 1);
		for (gsize left = g_ntohl(length) - 1; left > 0;) {
			gsize now = MIN(left, sizeof rest);
			receive_exactly(c->socket, rest, now);
			if (command == 'O' && now >= 12)
				c->steps = g_ntohl(((guint32 *)(void *)rest)[2]);
			left -= now;
		}
	} while (command != 'O' && strchr(final, command) == NULL);
	return command;
}

static void step(Connection *c, char command, const void *data, gsize size, guint unanswered)
{
	packet(c, command, data, size);
	if ((c->steps & unanswered) == 0)
		reply(c);
}

static void milter_open(Connection *c)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	guint32 offer[3] = {g_htonl(6), g_htonl(ACTIONS_ALL), g_htonl(STEPS_ALL)};
	g_strlcpy(address.sun_path, milter_path, sizeof address.sun_path);
	c->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address) != 0)
		die(milter_path);
	packet(c, 'O', offer, sizeof offer);
	reply(c);
	if ((c->steps & NO_CONNECT) == 0)
		step(c, 'C', "client.example.org\0004\0\031192.0.2.1", 32, NR_CONNECT);
	if ((c->steps & NO_HELO) == 0)
		step(c, 'H', "client.example.org", 19, NR_HELO);
}

static void field_step(Connection *c, const char *name, const char *value)
{
	g_autoptr(GByteArray) data = g_byte_array_new();
	if ((c->steps & LEADING_SPACE) == 0 && value[0] == ' ')
		value++;
	g_byte_array_append(data, (const guint8 *)name, strlen(name) + 1);
	g_byte_array_append(data, (const guint8 *)value, strlen(value) + 1);
	step(c, 'L', data->data, data->len, NR_HEADER);
}

static void milter_begin(Connection *c, const char *unique)
{
	g_autofree char *rcpt = g_strdup_printf("<%s>", recipient);
	g_autoptr(GByteArray) macros = g_byte_array_new();
	packet(c, 'D', "Mi\0QUEUEID", 11);
	step(c, 'M', "<sender@example.org>", 21, NR_MAIL);
	g_byte_array_append(macros, (const guint8 *)"R{rcpt_addr}", 13);
	g_byte_array_append(macros, (const guint8 *)recipient, strlen(recipient) + 1);
	packet(c, 'D', macros->data, macros->len);
	step(c, 'R', rcpt, strlen(rcpt) + 1, NR_RCPT);
	step(c, 'T', "", 0, NR_DATA);
	field_step(c, "X-Bench", unique);
	for (guint i = 0; i + 1 < fields->len; i += 2)
		field_step(c, fields->pdata[i], fields->pdata[i + 1]);
	step(c, 'N', "", 0, NR_EOH);
	for (gsize at = body_offset; at < message_size; at += CHUNK)
		step(c, 'B', message + at, MIN((gsize)CHUNK, message_size - at), NR_BODY);
	flush(c);
}

static gboolean milter_message(Connection *c, const char *unique)
{
	milter_begin(c, unique);
	packet(c, 'E', "", 0);
	return reply(c) == 'd';
}

/* --- SMTP -------------------------------------------------------------------------------------------------------- */

/* Reads one reply; its first digit. */
static char smtp_reply(Connection *c)
{
	char buffer[4096];
	gsize size = 0;
	for (;;) {
		ssize_t n = recv(c->socket, buffer + size, sizeof buffer - size - 1, 0);
		if (n <= 0)
			die("the mail server hung up");
		size += n;
		buffer[size] = '\0';
		if (buffer[size - 1] != '\n')
			continue;
		const char *line = g_strrstr_len(buffer, size - 1, "\n");
		line = line != NULL ? line + 1 : buffer;
		if (line[3] == ' ')
			return line[0];
	}
}

static char smtp_say(Connection *c, const char *line)
{
	send_all(c->socket, line, strlen(line));
	return smtp_reply(c);
}

static void smtp_open(Connection *c)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = g_htons(smtp_port)};
	int on = 1;
	address.sin_addr.s_addr = g_htonl(INADDR_LOOPBACK);
	c->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address) != 0)
		die("connect");
	setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	smtp_reply(c);
	smtp_say(c, "EHLO client.example.org\r\n");
}

static void smtp_begin(Connection *c, const char *unique)
{
	g_autofree char *rcpt = g_strdup_printf("RCPT TO:<%s>\r\n", recipient);
	g_autofree char *first = g_strdup_printf("X-Bench:%s\r\n", unique);
	if (smtp_say(c, "MAIL FROM:<sender@example.org>\r\n") != '2' || smtp_say(c, rcpt) != '2' ||
	    smtp_say(c, "DATA\r\n") != '3')
		die("the mail server refuses the envelope");
	send_all(c->socket, first, strlen(first));
	send_all(c->socket, message, message_size);
}

static gboolean smtp_message(Connection *c, const char *unique)
{
	smtp_begin(c, unique);
	return smtp_say(c, ".\r\n") == '2';
}

/* --- the run ----------------------------------------------------------------------------------------------------- */

static gpointer run(gpointer data)
{
	Connection *c = data;
	if (smtp_port != 0)
		smtp_open(c);
	else
		milter_open(c);
	for (guint n = 0; hold ? n == 0 : g_get_monotonic_time() < stop_at; n++) {
		g_autofree char *unique = g_strdup_printf(" %d-%u-%u", getpid(), c->id, n);
		gint64 began = g_get_monotonic_time(), spent;
		if (hold) {
			(smtp_port != 0 ? smtp_begin : milter_begin)(c, unique);
			g_atomic_int_inc(&held);
			return NULL;
		}
		if (!(smtp_port != 0 ? smtp_message : milter_message)(c, unique))
			c->refused++;
		spent = g_get_monotonic_time() - began;
		g_array_append_val(c->latencies, spent);
	}
	close(c->socket);
	return NULL;
}

static int by_value(gconstpointer a, gconstpointer b)
{
	gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
	return x < y ? -1 : x > y;
}

/* The message: its fields apart for the milter protocol; for SMTP whole, with dots stuffed already. */
static void load_message(void)
{
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(message_file, &message, &message_size, &error)) {
		g_printerr("load: %s\n", error->message);
		exit(2);
	}
	const char *end = g_strstr_len(message, message_size, "\r\n\r\n");
	fields = g_ptr_array_new_with_free_func(g_free);
	body_offset = end != NULL ? (gsize)(end - message) + 4 : message_size;
	g_autofree char *head = g_strndup(message, end != NULL ? (gsize)(end - message) : message_size);
	g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if ((*line)[0] == ' ' || (*line)[0] == '\t') {
			char *before = fields->len > 0 ? fields->pdata[fields->len - 1] : NULL;
			if (before != NULL) {
				fields->pdata[fields->len - 1] = g_strconcat(before, "\n", *line, NULL);
				g_free(before);
			}
			continue;
		}
		char *colon = strchr(*line, ':');
		if (colon == NULL)
			continue;
		g_ptr_array_add(fields, g_strndup(*line, colon - *line));
		g_ptr_array_add(fields, g_strdup(colon + 1));
	}
}

static int report(Connection *all, gint64 began)
{
	g_autoptr(GArray) latencies = g_array_new(FALSE, FALSE, sizeof(gint64));
	guint64 refused = 0;
	double spent = (g_get_monotonic_time() - began) / 1e6;
	for (int i = 0; i < connections; i++) {
		g_array_append_vals(latencies, all[i].latencies->data, all[i].latencies->len);
		refused += all[i].refused;
	}
	g_array_sort(latencies, by_value);
	guint n = latencies->len;
	double p50 = n > 0 ? g_array_index(latencies, gint64, n / 2) / 1e3 : 0;
	double p99 = n > 0 ? g_array_index(latencies, gint64, n - 1 - n / 100) / 1e3 : 0;
	g_print("{\"messages\": %u, \"seconds\": %.3f, \"rate\": %.2f, \"p50\": %.2f, \"p99\": %.2f, "
	        "\"refused\": %" G_GUINT64_FORMAT "}\n", n, spent, n / spent, p50, p99, refused);
	return refused > 0 || n == 0;
}

int main(int argc, char **argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || message_file == NULL ||
	    (milter_path == NULL) == (smtp_port == 0)) {
		g_printerr("load: %s\n", error != NULL ? error->message : "one of --milter and --smtp, and --message");
		return 2;
	}
	load_message();
	g_autofree Connection *all = g_new0(Connection, connections);
	g_autofree GThread **threads = g_new0(GThread *, connections);
	gint64 began = g_get_monotonic_time();
	stop_at = began + (gint64)(seconds * 1e6);
	for (int i = 0; i < connections; i++) {
		all[i].id = i;
		all[i].out = g_byte_array_new();
		all[i].latencies = g_array_new(FALSE, FALSE, sizeof(gint64));
		threads[i] = g_thread_new("connection", run, &all[i]);
	}
	for (int i = 0; i < connections; i++)
		g_thread_join(threads[i]);
	if (hold) {
		char octet;
		g_print("held %d\n", held);
		fflush(stdout);
		while (read(STDIN_FILENO, &octet, 1) > 0)
			;
		return held == connections ? 0 : 1;
	}
	return report(all, began);
}
