/* SPDX-License-Identifier: ISC */
#include "milter/side.h"

#include "base/alarm.h"

#define DESCRIPTORS_OF_DAEMON 64 /* sockets, locks, the nursery's, libmilter's own */

#define RESTING_MAX 16 /* connections to the registrar: a thread there and a descriptor at either end */

const SideTimes side_times = {
	.total = 120 * G_TIME_SPAN_SECOND,
	.child = 20 * G_TIME_SPAN_SECOND,
	.examination = 16 * G_TIME_SPAN_SECOND, /* the nursery kills after 15 */
	.registrar = 60 * G_TIME_SPAN_SECOND,
	.file = 8 * G_TIME_SPAN_SECOND,
	.life = 30 * G_TIME_SPAN_MINUTE,
	.progress = 3 * G_TIME_SPAN_SECOND,
	.retry = 250 * G_TIME_SPAN_MILLISECOND,
	.rest = 5 * G_TIME_SPAN_MINUTE, /* the registrar hangs up after half an hour */
};

struct Side {
	NurseryClient *nursery;
	SideTimes times;
	GMutex lock;
	GCond left;
	/* under the lock */
	Snapshot *snapshot;
	GPtrArray *resting; /* IntakeClient; the last one is the one that rested last */
	guint connections, reports;
	AlarmIntake intake;
	guint64 put_off;
	gboolean stopping;
};

/* --- snapshots ------------------------------------------------------------------------ */

Snapshot *side_snapshot_new(Config *config)
{
	Snapshot *snapshot = g_new0(Snapshot, 1);
	snapshot->config = config_ref(config);
	snapshot->matcher = recipient_matcher_new(config);
	g_atomic_ref_count_init(&snapshot->references);
	return snapshot;
}

Snapshot *side_snapshot_ref(Snapshot *snapshot)
{
	g_atomic_ref_count_inc(&snapshot->references);
	return snapshot;
}

void side_snapshot_unref(Snapshot *snapshot)
{
	if (snapshot == NULL || !g_atomic_ref_count_dec(&snapshot->references))
		return;
	recipient_matcher_free(snapshot->matcher);
	config_unref(snapshot->config);
	g_free(snapshot);
}

/* --- the side --------------------------------------------------------------------------- */

Side *side_new(Config *config, NurseryClient *nursery, const SideTimes *times)
{
	Side *side = g_new0(Side, 1);
	side->nursery = nursery;
	side->times = *times;
	side->snapshot = side_snapshot_new(config);
	side->resting = g_ptr_array_new();
	g_mutex_init(&side->lock);
	g_cond_init(&side->left);
	return side;
}

void side_free(Side *side)
{
	if (side == NULL)
		return;
	side_snapshot_unref(side->snapshot);
	g_ptr_array_set_free_func(side->resting, (GDestroyNotify)intake_client_free);
	g_ptr_array_unref(side->resting);
	g_mutex_clear(&side->lock);
	g_cond_clear(&side->left);
	g_free(side);
}

const SideTimes *side_get_times(const Side *side)
{
	return &side->times;
}

NurseryClient *side_nursery(const Side *side)
{
	return side->nursery;
}

Snapshot *side_snapshot(Side *side)
{
	g_mutex_lock(&side->lock);
	Snapshot *snapshot = side_snapshot_ref(side->snapshot);
	g_mutex_unlock(&side->lock);
	return snapshot;
}

void side_reload(Side *side, Config *config)
{
	Snapshot *next = side_snapshot_new(config);
	g_mutex_lock(&side->lock);
	Snapshot *last = side->snapshot;
	side->snapshot = next;
	g_mutex_unlock(&side->lock);
	side_snapshot_unref(last);
}

/* --- connections to the registrar --------------------------------------------------------- */

static IntakeClient *take_resting(Side *side)
{
	g_mutex_lock(&side->lock);
	guint n = side->resting->len;
	IntakeClient *client = n > 0 ? g_ptr_array_steal_index_fast(side->resting, n - 1) : NULL;
	g_mutex_unlock(&side->lock);
	return client;
}

IntakeClient *side_take_intake(Side *side, const Snapshot *snapshot)
{
	IntakeClient *client;
	while ((client = take_resting(side)) != NULL) {
		if (intake_client_is_rested(client, snapshot->config, side->times.rest))
			return client;
		intake_client_free(client);
	}
	return intake_client_new(snapshot->config, side->times.retry);
}

void side_give_intake(Side *side, IntakeClient *client)
{
	if (client == NULL)
		return;
	gboolean kept = FALSE;
	if (side->times.rest > 0 && intake_client_rest(client)) {
		g_mutex_lock(&side->lock);
		kept = side->resting->len < RESTING_MAX && !side->stopping;
		if (kept)
			g_ptr_array_add(side->resting, client);
		g_mutex_unlock(&side->lock);
	}
	if (!kept)
		intake_client_free(client);
}

/* --- counters --------------------------------------------------------------------------- */

SideConnection side_connect(Side *side)
{
	SideConnection answer = SIDE_REFUSED;
	g_mutex_lock(&side->lock);
	guint most = side->snapshot->config->max_connections;
	if (side->connections < 2 * most)
		answer = ++side->connections <= most ? SIDE_WELCOME : SIDE_OVER;
	g_mutex_unlock(&side->lock);
	return answer;
}

void side_disconnect(Side *side)
{
	g_mutex_lock(&side->lock);
	side->connections--;
	g_mutex_unlock(&side->lock);
}

/* One for each connection that is served at all, a child and the registrar for each that may bring a report, a file for
 * each of its mailboxes, and what rests. */
guint64 side_descriptors(const Config *config)
{
	return (guint64)config->max_connections * (2 + 2 + config->n_mailboxes) + RESTING_MAX + DESCRIPTORS_OF_DAEMON;
}

void side_note_intake(Side *side, gboolean taken, gint64 now)
{
	g_mutex_lock(&side->lock);
	alarm_intake_note(&side->intake, taken, now);
	g_mutex_unlock(&side->lock);
}

gboolean side_intake_stands(Side *side, gint64 now)
{
	g_mutex_lock(&side->lock);
	gboolean stands = alarm_intake_stands(&side->intake, now);
	g_mutex_unlock(&side->lock);
	return stands;
}

void side_put_off(Side *side)
{
	g_mutex_lock(&side->lock);
	side->put_off++;
	g_mutex_unlock(&side->lock);
}

guint64 side_count_put_off(Side *side)
{
	g_mutex_lock(&side->lock);
	guint64 n = side->put_off;
	g_mutex_unlock(&side->lock);
	return n;
}

void side_told_put_off(Side *side, guint64 n)
{
	g_mutex_lock(&side->lock);
	side->put_off -= MIN(n, side->put_off);
	g_mutex_unlock(&side->lock);
}

gboolean side_enter(Side *side)
{
	g_mutex_lock(&side->lock);
	gboolean open = !side->stopping;
	side->reports += open ? 1 : 0;
	g_mutex_unlock(&side->lock);
	return open;
}

void side_leave(Side *side)
{
	g_mutex_lock(&side->lock);
	if (--side->reports == 0)
		g_cond_broadcast(&side->left);
	g_mutex_unlock(&side->lock);
}

gboolean side_stopping(Side *side)
{
	g_mutex_lock(&side->lock);
	gboolean stopping = side->stopping;
	g_mutex_unlock(&side->lock);
	return stopping;
}

gboolean side_drain(Side *side, gint64 patience)
{
	gint64 deadline = g_get_monotonic_time() + patience;
	gboolean waiting = TRUE;
	g_mutex_lock(&side->lock);
	side->stopping = TRUE;
	while (side->reports > 0 && waiting)
		waiting = g_cond_wait_until(&side->left, &side->lock, deadline);
	gboolean empty = side->reports == 0;
	g_mutex_unlock(&side->lock);
	return empty;
}
