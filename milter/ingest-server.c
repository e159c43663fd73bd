/* SPDX-License-Identifier: ISC */
#include "milter/ingest-server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/frame.h"
#include "milter/splitter.h"

#define FRAME_TIME (5 * G_TIME_SPAN_MINUTE)
#define PAUSE_MS 100 /* after an accept() that failed: the reason does not go away at once */

struct IngestServer {
	Side *side;
	int listener, stop; /* stop: an eventfd */
	GThread *acceptor;
	GMutex lock;
	GCond gone;
	/* under the lock */
	GHashTable *receiving; /* sockets whose message still comes in */
	guint connections;
	gboolean stopping;
};

typedef struct {
	IngestServer *server;
	int socket;
} Caller;

static const RecordField ingest_schema[] = {
	{"mailbox", 1, 1},
	{"sender", 1, 1},
	{"queue-id", 0, 1},
	{NULL, 0, 0},
};

/* --- one connection --------------------------------------------------------------------------- */

static void answer(const Caller *caller, const char *verdict)
{
	g_autoptr(Bundle) bundle = bundle_new();
	record_add(bundle_record(bundle), "verdict", verdict);
	frame_send_bundle(caller->socket, FRAME_VERDICT, bundle, -1, g_get_monotonic_time() + FRAME_TIME, NULL);
}

/* DeliveryProgress: senim-ingest says nothing while it waits; it is there as long as its end is open. */
static gboolean is_there(gpointer user)
{
	const Caller *caller = user;
	char octet;
	gssize n = recv(caller->socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

/* The next frame; FALSE after silence or EOF. */
static gboolean receive(const Caller *caller, Frame *frame)
{
	frame_clear(frame);
	return frame_receive(caller->socket, frame, g_get_monotonic_time() + FRAME_TIME, NULL) && frame->fd < 0;
}

static Session *begin(const Caller *caller, Snapshot *snapshot)
{
	g_auto(Frame) frame = FRAME_INIT;
	if (!receive(caller, &frame) || frame.type != FRAME_INGEST)
		return NULL;
	gsize size;
	const void *data = g_bytes_get_data(frame.body, &size);
	g_autoptr(Bundle) request = bundle_read(data, size, ingest_schema, NULL);
	if (request == NULL)
		return NULL;
	Session *session = session_new(caller->server->side, snapshot, record_get(bundle_record(request), "sender"));
	session_recipient(session, record_get(bundle_record(request), "mailbox"), NULL, NULL);
	session_set_queue_id(session, record_get(bundle_record(request), "queue-id"));
	return session;
}

/* TRUE when the whole message is there. */
static gboolean receive_message(const Caller *caller, Session *session)
{
	g_auto(Frame) frame = FRAME_INIT;
	g_autoptr(Splitter) splitter = splitter_new(session);
	while (receive(caller, &frame)) {
		gsize size;
		const void *data = g_bytes_get_data(frame.body, &size);
		if (frame.type == FRAME_DATA) {
			splitter_write(splitter, data, size);
		} else {
			splitter_finish(splitter);
			return frame.type == FRAME_END;
		}
	}
	return FALSE;
}

/* While a socket is listed a stop may end it. */
static gboolean list_receiving(const Caller *caller, gboolean receiving)
{
	IngestServer *server = caller->server;
	g_mutex_lock(&server->lock);
	gboolean go_on = !server->stopping;
	if (receiving)
		g_hash_table_add(server->receiving, GINT_TO_POINTER(caller->socket));
	else
		g_hash_table_remove(server->receiving, GINT_TO_POINTER(caller->socket));
	g_mutex_unlock(&server->lock);
	return go_on;
}

static const char *word(SessionVerdict verdict)
{
	return verdict == SESSION_TAKEN ? "taken" : verdict == SESSION_TOO_LARGE ? "refused" : "put-off";
}

static void serve(Caller *caller)
{
	g_autoptr(Snapshot) snapshot = side_snapshot(caller->server->side);
	gboolean whole = list_receiving(caller, TRUE);
	g_autoptr(Session) session = whole ? begin(caller, snapshot) : NULL;
	SessionVerdict verdict = session != NULL ? session_data(session, NULL) : SESSION_PUT_OFF;
	whole = session != NULL && verdict == SESSION_OURS && receive_message(caller, session);
	list_receiving(caller, FALSE);
	if (session == NULL || (verdict == SESSION_OURS && !whole))
		return; /* nobody waits for a word */
	if (verdict == SESSION_OURS)
		verdict = session_finish(session, is_there, caller);
	answer(caller, verdict == SESSION_FOREIGN ? "refused" : word(verdict));
}

static gpointer serve_caller(gpointer data)
{
	Caller *caller = data;
	IngestServer *server = caller->server;
	serve(caller);
	close(caller->socket);
	g_free(caller);
	g_mutex_lock(&server->lock);
	if (--server->connections == 0)
		g_cond_broadcast(&server->gone);
	g_mutex_unlock(&server->lock);
	return NULL;
}

/* --- the server ---------------------------------------------------------------------------------- */

static void take_caller(IngestServer *server, int fd)
{
	g_mutex_lock(&server->lock);
	gboolean welcome = !server->stopping && server->connections < INGEST_CONNECTIONS;
	server->connections += welcome ? 1 : 0;
	g_mutex_unlock(&server->lock);
	if (!welcome) {
		close(fd);
		return;
	}
	Caller *caller = g_new(Caller, 1);
	caller->server = server;
	caller->socket = fd;
	g_thread_unref(g_thread_new("ingest", serve_caller, caller));
}

static gpointer accept_all(gpointer data)
{
	IngestServer *server = data;
	struct pollfd p[2] = {{server->listener, POLLIN, 0}, {server->stop, POLLIN, 0}};
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (p[1].revents != 0)
			return NULL;
		if (p[0].revents == 0)
			continue;
		int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			take_caller(server, fd);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(NULL, 0, PAUSE_MS);
	}
}

IngestServer *ingest_server_start(Side *side, int listener)
{
	IngestServer *server = g_new0(IngestServer, 1);
	server->side = side;
	server->listener = listener;
	server->stop = eventfd(0, EFD_CLOEXEC);
	g_mutex_init(&server->lock);
	g_cond_init(&server->gone);
	server->receiving = g_hash_table_new(NULL, NULL);
	server->acceptor = g_thread_new("ingest-accept", accept_all, server);
	return server;
}

static void hang_up_on_senders(IngestServer *server)
{
	GHashTableIter iter;
	gpointer socket;
	g_hash_table_iter_init(&iter, server->receiving);
	while (g_hash_table_iter_next(&iter, &socket, NULL))
		shutdown(GPOINTER_TO_INT(socket), SHUT_RDWR);
}

void ingest_server_stop(IngestServer *server)
{
	if (server == NULL)
		return;
	guint64 one = 1;
	gssize written = write(server->stop, &one, sizeof one);
	g_assert(written == sizeof one); /* an eventfd at 0 takes 1 */
	g_thread_join(server->acceptor);
	g_mutex_lock(&server->lock);
	server->stopping = TRUE;
	hang_up_on_senders(server);
	while (server->connections > 0)
		g_cond_wait(&server->gone, &server->lock);
	g_mutex_unlock(&server->lock);
	close(server->listener);
	close(server->stop);
	g_hash_table_unref(server->receiving);
	g_mutex_clear(&server->lock);
	g_cond_clear(&server->gone);
	g_free(server);
}
