/* SPDX-License-Identifier: ISC */
#include "milter/intake-client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct IntakeClient {
	Config *config;
	char *path;
	gint64 retry, next; /* next: when the next attempt to connect is due */
	IntakeState state;
	LogStep put_off;
	int socket;
	FrameWriter *writer; /* while a question is on its way */
	FrameReader *reader;
	Frame answer;
	Bundle *readers[CONFIG_MAILBOXES_MAX]; /* the last READERS_OK for each mailbox, or NULL */
	gint64 rested; /* since when nothing is asked, g_get_monotonic_time() */
};

static const RecordField hello_schema[] = {
	{"senim", 1, 1},
	{"store", 1, 1},
	{"mailbox", 0, 1024},
	{NULL, 0, 0},
};

IntakeClient *intake_client_new(Config *config, gint64 retry)
{
	IntakeClient *client = g_new0(IntakeClient, 1);
	client->config = config_ref(config);
	client->path = config_run_path(config, "intake.sock");
	client->retry = retry;
	client->put_off = LOG_STEP_PUT_OFF_CONNECT;
	client->socket = -1;
	client->answer.fd = -1;
	return client;
}

static void hang_up(IntakeClient *client)
{
	g_clear_pointer(&client->writer, frame_writer_free);
	g_clear_pointer(&client->reader, frame_reader_free);
	frame_clear(&client->answer);
	if (client->socket >= 0)
		close(client->socket);
	client->socket = -1;
}

void intake_client_free(IntakeClient *client)
{
	if (client == NULL)
		return;
	hang_up(client);
	for (gsize i = 0; i < G_N_ELEMENTS(client->readers); i++)
		bundle_free(client->readers[i]);
	config_unref(client->config);
	g_free(client->path);
	g_free(client);
}

static IntakeState fail(IntakeClient *client, LogStep put_off)
{
	hang_up(client);
	client->put_off = put_off;
	return client->state = INTAKE_FAILED;
}

static IntakeState try_later(IntakeClient *client, LogStep put_off)
{
	hang_up(client);
	client->put_off = put_off;
	client->next = g_get_monotonic_time() + client->retry;
	return client->state;
}

void intake_client_ask(IntakeClient *client, FrameType type, const Bundle *bundle)
{
	g_autoptr(GBytes) body = bundle_write(bundle);
	frame_clear(&client->answer);
	client->writer = frame_writer_new((guint16)type, body, -1);
	if (client->state != INTAKE_CONNECTING)
		client->state = INTAKE_ASKING;
}

/* A Unix stream socket is connected at once or not at all: with a full backlog the call would wait, EAGAIN says so. */
static gboolean dial(IntakeClient *client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(client->path) >= sizeof address.sun_path)
		return FALSE;
	memcpy(address.sun_path, client->path, strlen(client->path) + 1);
	client->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->socket < 0 || connect(client->socket, (struct sockaddr *)&address, sizeof address) != 0)
		return FALSE;
	g_autoptr(Bundle) hello = bundle_new();
	record_add(bundle_record(hello), "senim", "1");
	client->reader = frame_reader_new();
	intake_client_ask(client, FRAME_HELLO, hello);
	return TRUE;
}

/* The register has to know every mailbox for which we take mail; what it knows beyond that is not for us. */
static gboolean register_has_ours(const Config *config, const Record *hello)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const char *mailbox;
	for (guint i = 0; (mailbox = record_get_nth(hello, "mailbox", i)) != NULL; i++)
		g_hash_table_add(known, config_mailbox_spelling(mailbox));
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_autofree char *ours = config_mailbox_spelling(config->mailboxes[i].address);
		if (!g_hash_table_contains(known, ours))
			return FALSE;
	}
	return TRUE;
}

static IntakeState take_greeting(IntakeClient *client)
{
	if (client->answer.type == FRAME_BUSY)
		return try_later(client, LOG_STEP_PUT_OFF_BUSY);
	if (client->answer.type != FRAME_HELLO_OK || client->answer.fd >= 0)
		return fail(client, LOG_STEP_PUT_OFF_CONNECT);
	gsize size;
	const void *data = g_bytes_get_data(client->answer.body, &size);
	g_autoptr(Bundle) hello = bundle_read(data, size, hello_schema, NULL);
	if (hello == NULL || strcmp(record_get(bundle_record(hello), "senim"), "1") != 0)
		return fail(client, LOG_STEP_PUT_OFF_CONNECT);
	if (!register_has_ours(client->config, bundle_record(hello)))
		return fail(client, LOG_STEP_PUT_OFF_CONFIG);
	frame_clear(&client->answer);
	return client->state = INTAKE_READY;
}

/* The question out, the answer in. */
static FrameProgress exchange(IntakeClient *client)
{
	if (client->writer != NULL) {
		FrameProgress progress = frame_writer_step(client->writer, client->socket, NULL);
		if (progress != FRAME_READY)
			return progress;
		g_clear_pointer(&client->writer, frame_writer_free);
	}
	return frame_reader_step(client->reader, client->socket, &client->answer, NULL);
}

static IntakeState step_connecting(IntakeClient *client)
{
	if (client->socket < 0) {
		if (g_get_monotonic_time() < client->next)
			return client->state;
		if (!dial(client))
			return try_later(client, LOG_STEP_PUT_OFF_CONNECT);
	}
	switch (exchange(client)) {
	case FRAME_AGAIN:
		return client->state;
	case FRAME_READY:
		return take_greeting(client);
	case FRAME_BROKEN:
	default:
		return try_later(client, LOG_STEP_PUT_OFF_CONNECT);
	}
}

static IntakeState step_asking(IntakeClient *client)
{
	switch (exchange(client)) {
	case FRAME_AGAIN:
		return client->state;
	case FRAME_READY:
		return client->state = INTAKE_ANSWERED;
	case FRAME_BROKEN:
	default:
		return fail(client, LOG_STEP_PUT_OFF_CONNECT);
	}
}

IntakeState intake_client_step(IntakeClient *client)
{
	if (client->state == INTAKE_CONNECTING)
		return step_connecting(client);
	return client->state == INTAKE_ASKING ? step_asking(client) : client->state;
}

void intake_client_poll(const IntakeClient *client, struct pollfd *p, gint64 *wake)
{
	gboolean busy = client->state == INTAKE_CONNECTING || client->state == INTAKE_ASKING;
	p->fd = busy ? client->socket : -1;
	p->events = client->writer != NULL ? POLLOUT : POLLIN;
	p->revents = 0;
	if (busy && client->socket < 0)
		*wake = MIN(*wake, client->next);
}

Frame *intake_client_answer(IntakeClient *client)
{
	return &client->answer;
}

LogStep intake_client_put_off(const IntakeClient *client)
{
	return client->put_off;
}

/* --- from one report to the next -------------------------------------------------------------------------- */

const Bundle *intake_client_readers(const IntakeClient *client, guint mailbox)
{
	return client->readers[mailbox];
}

void intake_client_keep_readers(IntakeClient *client, guint mailbox, Bundle *readers)
{
	bundle_free(client->readers[mailbox]);
	client->readers[mailbox] = readers;
}

gboolean intake_client_rest(IntakeClient *client)
{
	if (client->state != INTAKE_ANSWERED)
		return FALSE;
	frame_clear(&client->answer);
	client->rested = g_get_monotonic_time();
	client->state = INTAKE_READY;
	return TRUE;
}

/* Nothing was asked, so anything that came is the end of the connection or no answer of ours. */
gboolean intake_client_is_rested(const IntakeClient *client, const Config *config, gint64 most)
{
	char octet;
	return client->config == config && g_get_monotonic_time() - client->rested < most &&
	       recv(client->socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

gboolean intake_client_wait(IntakeClient *client, gint64 deadline)
{
	for (;;) {
		IntakeState state = intake_client_step(client);
		if (state != INTAKE_CONNECTING && state != INTAKE_ASKING)
			return state != INTAKE_FAILED;
		gint64 now = g_get_monotonic_time(), wake = deadline;
		struct pollfd p;
		if (now >= deadline)
			return FALSE;
		intake_client_poll(client, &p, &wake);
		if (poll(&p, 1, (int)(MAX(wake - now, 0) / 1000 + 1)) < 0 && errno != EINTR)
			return FALSE;
	}
}
