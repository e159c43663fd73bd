/* SPDX-License-Identifier: ISC */
#include "milter/pulse.h"

#define PATIENCE G_TIME_SPAN_SECOND /* on this host; what was not heard is told a minute later */

struct Pulse {
	Side *side;
	GThread *thread;
	GMutex lock;
	GCond changed;
	gboolean stopping; /* under the lock */
};

gboolean pulse_send(Side *side, gint64 deadline)
{
	NurseryClient *nursery = side_nursery(side);
	guint64 put_off = side_count_put_off(side);
	g_autoptr(Snapshot) snapshot = side_snapshot(side);
	g_autoptr(IntakeClient) client = intake_client_new(snapshot->config, side_get_times(side)->retry);
	g_autoptr(Bundle) alive = bundle_new();
	record_add_bool(bundle_record(alive), "nursery", nursery != NULL && nursery_client_is_there(nursery));
	record_add_uint(bundle_record(alive), "put-off", MIN(put_off, G_MAXUINT32));
	if (!intake_client_wait(client, deadline))
		return FALSE;
	intake_client_ask(client, FRAME_ALIVE, alive);
	gboolean heard = intake_client_wait(client, deadline) && intake_client_answer(client)->type == FRAME_ALIVE_OK;
	if (heard)
		side_told_put_off(side, put_off);
	return heard;
}

static gpointer run(gpointer data)
{
	Pulse *pulse = data;
	g_mutex_lock(&pulse->lock);
	for (;;) {
		gint64 next = g_get_monotonic_time() + PULSE_EVERY;
		while (!pulse->stopping && g_cond_wait_until(&pulse->changed, &pulse->lock, next))
			continue;
		if (pulse->stopping)
			break;
		g_mutex_unlock(&pulse->lock);
		pulse_send(pulse->side, g_get_monotonic_time() + PATIENCE);
		g_mutex_lock(&pulse->lock);
	}
	g_mutex_unlock(&pulse->lock);
	return NULL;
}

Pulse *pulse_start(Side *side)
{
	Pulse *pulse = g_new0(Pulse, 1);
	pulse->side = side;
	g_mutex_init(&pulse->lock);
	g_cond_init(&pulse->changed);
	pulse->thread = g_thread_new("pulse", run, pulse);
	return pulse;
}

void pulse_stop(Pulse *pulse)
{
	if (pulse == NULL)
		return;
	g_mutex_lock(&pulse->lock);
	pulse->stopping = TRUE;
	g_cond_signal(&pulse->changed);
	g_mutex_unlock(&pulse->lock);
	g_thread_join(pulse->thread);
	g_mutex_clear(&pulse->lock);
	g_cond_clear(&pulse->changed);
	g_free(pulse);
}
