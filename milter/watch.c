/* SPDX-License-Identifier: ISC */
#include "milter/watch.h"

#include "base/log.h"

#define LOOK_EVERY G_TIME_SPAN_MINUTE
#define GREETING (10 * G_TIME_SPAN_SECOND)

static gboolean is_greeted(Watch *watch, gint64 patience)
{
	g_autoptr(Snapshot) snapshot = side_snapshot(watch->side);
	g_autoptr(IntakeClient) client = intake_client_new(snapshot->config, side_get_times(watch->side)->retry);
	return intake_client_wait(client, g_get_monotonic_time() + patience);
}

gboolean watch_look(Watch *watch, gint64 now, gint64 patience, AlarmState *state)
{
	watch->away = is_greeted(watch, patience) ? 0 : watch->away != 0 ? MIN(watch->away, now) : now;
	gboolean is = side_intake_stands(watch->side, now) || (watch->away != 0 && now - watch->away >= ALARM_PATIENCE);
	if (!alarm_course(&watch->course, is, now, state))
		return FALSE;
	g_autoptr(Snapshot) snapshot = side_snapshot(watch->side);
	log_warning("alarm: %s %s", alarm_word(ALARM_INTAKE), alarm_state_word(*state));
	alarm_command(snapshot->config, ALARM_INTAKE, *state);
	return TRUE;
}

static gpointer run(gpointer data)
{
	Watch watch = {.side = data};
	AlarmState state;
	for (;;) {
		g_usleep(LOOK_EVERY); /* a registrar that starts beside us has its time */
		watch_look(&watch, g_get_real_time(), GREETING, &state);
	}
	return NULL;
}

void watch_start(Side *side)
{
	g_thread_unref(g_thread_new("watch", run, side));
}
