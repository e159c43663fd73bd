/* SPDX-License-Identifier: ISC */
#include "milter/examination.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/frame.h"

#define LOOK_AGAIN (100 * G_TIME_SPAN_MILLISECOND) /* while there is no nursery to poll */
#define SENDS_PER_STEP 32 /* then the poll loop has a turn: a large message from a slow disk must not silence it */

typedef enum { WAITING, ASKING, SENDING, READING, OVER } Stage;

struct Examination {
	NurseryClient *nursery;
	const SideTimes *times;
	Stage stage;
	gint64 deadline; /* of waiting, then of the child */
	gboolean poll_nursery;
	int child;
	FrameWriter *writer;
	FrameReader *reader;
	SealReplay *replay;
	const guint8 *span; /* octets of the message that are on their way */
	gsize left;
	Frame answer;
};

Examination *examination_new(NurseryClient *nursery, const SideTimes *times, const Bundle *request,
                             SealReplay *replay)
{
	Examination *e = g_new0(Examination, 1);
	g_autoptr(GBytes) body = bundle_write(request);
	e->nursery = nursery;
	e->times = times;
	e->stage = nursery != NULL ? WAITING : OVER;
	e->deadline = g_get_monotonic_time() + times->child;
	e->child = -1;
	e->writer = frame_writer_new(FRAME_EXAMINE, body, -1);
	e->reader = frame_reader_new();
	e->replay = replay;
	e->answer.fd = -1;
	return e;
}

void examination_free(Examination *e)
{
	if (e == NULL)
		return;
	if (e->child >= 0)
		close(e->child);
	frame_writer_free(e->writer);
	frame_reader_free(e->reader);
	seal_replay_free(e->replay);
	frame_clear(&e->answer);
	g_free(e);
}

static Stage over(Examination *e)
{
	if (e->child >= 0)
		close(e->child);
	e->child = -1;
	return e->stage = OVER;
}

static Stage step_waiting(Examination *e)
{
	e->child = nursery_client_take(e->nursery, &e->poll_nursery);
	if (e->child < 0)
		return e->stage;
	e->deadline = g_get_monotonic_time() + e->times->examination;
	return e->stage = ASKING;
}

static Stage step_asking(Examination *e)
{
	switch (frame_writer_step(e->writer, e->child, NULL)) {
	case FRAME_AGAIN:
		return e->stage;
	case FRAME_READY:
		return e->stage = SENDING;
	case FRAME_BROKEN:
	default:
		return over(e);
	}
}

/* TRUE while the child takes more. */
static gboolean send_some(Examination *e)
{
	if (e->left == 0) {
		int next = seal_replay_next(e->replay, &e->span, &e->left, NULL);
		if (next <= 0) {
			if (next == 0)
				e->stage = READING;
			else
				over(e);
			return FALSE;
		}
	}
	gssize n = send(e->child, e->span, e->left, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			over(e);
		return errno == EINTR && e->stage == SENDING;
	}
	e->span += n;
	e->left -= (gsize)n;
	return TRUE;
}

static Stage step_sending(Examination *e)
{
	for (guint i = 0; i < SENDS_PER_STEP && e->stage == SENDING && send_some(e); i++)
		;
	return e->stage;
}

static Stage step_reading(Examination *e)
{
	FrameProgress progress = frame_reader_step(e->reader, e->child, &e->answer, NULL);
	if (progress == FRAME_READY && (e->answer.type != FRAME_FINDING || e->answer.fd >= 0 ||
	                                g_bytes_get_size(e->answer.body) > FINDING_MAX))
		frame_clear(&e->answer);
	return progress == FRAME_AGAIN ? e->stage : over(e);
}

gboolean examination_step(Examination *e)
{
	static Stage (*const steps[])(Examination *) = {
		[WAITING] = step_waiting, [ASKING] = step_asking, [SENDING] = step_sending, [READING] = step_reading};
	Stage before;
	do {
		before = e->stage;
		if (e->stage != OVER)
			steps[e->stage](e);
	} while (e->stage != before && e->stage != OVER);
	if (e->stage != OVER && g_get_monotonic_time() >= e->deadline)
		over(e);
	return e->stage == OVER;
}

void examination_poll(const Examination *e, struct pollfd *p, gint64 *wake)
{
	p->fd = e->child;
	p->events = e->stage == READING ? POLLIN : POLLOUT;
	p->revents = 0;
	if (e->stage == OVER)
		return;
	*wake = MIN(*wake, e->deadline);
	if (e->stage != WAITING)
		return;
	p->fd = e->poll_nursery ? nursery_client_socket(e->nursery) : -1;
	p->events = POLLIN;
	if (!e->poll_nursery)
		*wake = MIN(*wake, g_get_monotonic_time() + LOOK_AGAIN);
}

GBytes *examination_finding(const Examination *e)
{
	return e->answer.body;
}
