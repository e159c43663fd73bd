/* SPDX-License-Identifier: ISC */
#include "base/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

G_DEFINE_QUARK(senim-frame-error, frame_error)

struct FrameReader {
	guint8 head[FRAME_HEAD];
	gsize head_got;
	guint8 *body; /* NULL until the head is whole */
	gsize size, got;
	int fd;
};

struct FrameWriter {
	guint8 head[FRAME_HEAD];
	GBytes *body;
	gsize sent; /* of head and body together */
	int fd;     /* borrowed; -1 once it went */
};

void frame_clear(Frame *frame)
{
	g_clear_pointer(&frame->body, g_bytes_unref);
	if (frame->fd >= 0)
		close(frame->fd);
	frame->fd = -1;
	frame->type = 0;
}

static FrameProgress fail(GError **error, FrameError code, const char *what)
{
	g_set_error(error, FRAME_ERROR, code, "%s", what);
	return FRAME_BROKEN;
}

static FrameProgress fail_errno(GError **error, const char *what)
{
	g_set_error(error, FRAME_ERROR, FRAME_ERROR_SYSTEM, "%s: %s", what, g_strerror(errno));
	return FRAME_BROKEN;
}

/* --- reading ------------------------------------------------------------------ */

FrameReader *frame_reader_new(void)
{
	FrameReader *reader = g_new0(FrameReader, 1);
	reader->fd = -1;
	return reader;
}

void frame_reader_free(FrameReader *reader)
{
	if (reader == NULL)
		return;
	if (reader->body != NULL)
		explicit_bzero(reader->body, reader->size);
	g_free(reader->body);
	if (reader->fd >= 0)
		close(reader->fd);
	g_free(reader);
}

/* Takes the descriptors of one recvmsg(): the first is kept, every other closed. TRUE when at most one came. */
static gboolean take_descriptors(FrameReader *reader, struct msghdr *message)
{
	gboolean one = (message->msg_flags & MSG_CTRUNC) == 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		gsize n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (gsize i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (reader->fd < 0) {
				reader->fd = fd;
			} else {
				close(fd);
				one = FALSE;
			}
		}
	}
	return one;
}

/* One recvmsg() that never reads past this frame, so that a descriptor always belongs to the frame it rode on. */
static gssize receive_some(FrameReader *reader, int socket, void *data, gsize size, GError **error)
{
	union {
		char octets[CMSG_SPACE(sizeof(int) * 4)];
		struct cmsghdr align;
	} control;
	struct iovec vector = {data, size};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	message.msg_control = control.octets;
	message.msg_controllen = sizeof control.octets;
	gssize n;
	do
		n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			fail_errno(error, "reading a frame");
		return -1;
	}
	if (!take_descriptors(reader, &message)) {
		fail(error, FRAME_ERROR_FORM, "a frame with more than one descriptor");
		return -1;
	}
	if (n == 0)
		fail(error, FRAME_ERROR_EOF, "the other side closed the connection");
	return n;
}

static guint32 head_length(const guint8 *head)
{
	return (guint32)head[0] << 24 | (guint32)head[1] << 16 | (guint32)head[2] << 8 | head[3];
}

static void hand_over(FrameReader *reader, Frame *frame)
{
	frame->type = (guint16)(reader->head[4] << 8 | reader->head[5]);
	frame->body = bundle_secret_bytes(reader->body, reader->size);
	frame->fd = reader->fd;
	explicit_bzero(reader->body, reader->size);
	g_clear_pointer(&reader->body, g_free);
	reader->head_got = reader->size = reader->got = 0;
	reader->fd = -1;
}

FrameProgress frame_reader_step(FrameReader *reader, int socket, Frame *frame, GError **error)
{
	for (;;) {
		gboolean in_head = reader->head_got < FRAME_HEAD;
		guint8 *to = in_head ? reader->head + reader->head_got : reader->body + reader->got;
		gsize want = in_head ? FRAME_HEAD - reader->head_got : reader->size - reader->got;
		if (want > 0) {
			g_autoptr(GError) local = NULL;
			gssize n = receive_some(reader, socket, to, want, &local);
			if (n <= 0) {
				if (local == NULL)
					return FRAME_AGAIN;
				g_propagate_error(error, g_steal_pointer(&local));
				return FRAME_BROKEN;
			}
			*(in_head ? &reader->head_got : &reader->got) += (gsize)n;
		}
		if (reader->head_got == FRAME_HEAD && reader->body == NULL) {
			reader->size = head_length(reader->head);
			if (reader->size > FRAME_BODY_MAX)
				return fail(error, FRAME_ERROR_FORM, "a frame longer than 1 MiB");
			reader->body = g_malloc(reader->size + 1);
		}
		if (reader->body != NULL && reader->got == reader->size) {
			hand_over(reader, frame);
			return FRAME_READY;
		}
	}
}

/* --- writing ------------------------------------------------------------------ */

FrameWriter *frame_writer_new(guint16 type, GBytes *body, int fd)
{
	FrameWriter *writer = g_new0(FrameWriter, 1);
	gsize size = body != NULL ? g_bytes_get_size(body) : 0;
	writer->head[0] = (guint8)(size >> 24);
	writer->head[1] = (guint8)(size >> 16);
	writer->head[2] = (guint8)(size >> 8);
	writer->head[3] = (guint8)size;
	writer->head[4] = (guint8)(type >> 8);
	writer->head[5] = (guint8)type;
	writer->body = body != NULL ? g_bytes_ref(body) : NULL;
	writer->fd = fd;
	return writer;
}

void frame_writer_free(FrameWriter *writer)
{
	if (writer == NULL)
		return;
	g_clear_pointer(&writer->body, g_bytes_unref);
	g_free(writer);
}

static void attach_descriptor(struct msghdr *message, void *control, gsize size, int fd)
{
	memset(control, 0, size);
	message->msg_control = control;
	message->msg_controllen = size;
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

FrameProgress frame_writer_step(FrameWriter *writer, int socket, GError **error)
{
	gsize size = 0;
	const guint8 *body = writer->body != NULL ? g_bytes_get_data(writer->body, &size) : NULL;
	if (size > FRAME_BODY_MAX)
		return fail(error, FRAME_ERROR_FORM, "a frame longer than 1 MiB");
	while (writer->sent < FRAME_HEAD + size) {
		union {
			char octets[CMSG_SPACE(sizeof(int))];
			struct cmsghdr align;
		} control;
		gsize from_head = MIN(writer->sent, FRAME_HEAD), from_body = writer->sent - from_head;
		struct iovec vector[2] = {{writer->head + from_head, FRAME_HEAD - from_head},
		                          {(void *)(body + from_body), size - from_body}};
		struct msghdr message = {.msg_iov = vector, .msg_iovlen = size > 0 ? 2 : 1};
		if (writer->fd >= 0)
			attach_descriptor(&message, control.octets, sizeof control.octets, writer->fd);
		gssize n = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return FRAME_AGAIN;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return fail(error, FRAME_ERROR_EOF, "the other side closed the connection");
		if (n < 0)
			return fail_errno(error, "writing a frame");
		writer->fd = -1;
		writer->sent += (gsize)n;
	}
	return FRAME_READY;
}

/* --- waiting ------------------------------------------------------------------ */

static gboolean wait_for(int socket, short events, gint64 deadline, GError **error)
{
	for (;;) {
		gint64 left = deadline - g_get_monotonic_time();
		if (left <= 0) {
			fail(error, FRAME_ERROR_TIMEOUT, "the other side was silent for too long");
			return FALSE;
		}
		struct pollfd p = {socket, events, 0};
		int n = poll(&p, 1, (int)MIN(left / 1000 + 1, G_MAXINT));
		if (n > 0)
			return TRUE;
		if (n < 0 && errno != EINTR) {
			fail_errno(error, "waiting for a socket");
			return FALSE;
		}
	}
}

gboolean frame_send(int socket, guint16 type, GBytes *body, int fd, gint64 deadline, GError **error)
{
	g_autoptr(FrameWriter) writer = frame_writer_new(type, body, fd);
	FrameProgress progress;
	while ((progress = frame_writer_step(writer, socket, error)) == FRAME_AGAIN)
		if (!wait_for(socket, POLLOUT, deadline, error))
			return FALSE;
	return progress == FRAME_READY;
}

gboolean frame_send_bundle(int socket, guint16 type, const Bundle *bundle, int fd, gint64 deadline, GError **error)
{
	g_autoptr(GBytes) body = bundle_write(bundle);
	return frame_send(socket, type, body, fd, deadline, error);
}

gboolean frame_receive(int socket, Frame *frame, gint64 deadline, GError **error)
{
	g_autoptr(FrameReader) reader = frame_reader_new();
	FrameProgress progress;
	while ((progress = frame_reader_step(reader, socket, frame, error)) == FRAME_AGAIN)
		if (!wait_for(socket, POLLIN, deadline, error))
			return FALSE;
	return progress == FRAME_READY;
}
