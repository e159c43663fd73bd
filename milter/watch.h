/* SPDX-License-Identifier: ISC */
/* milter/watch.h - the alarm of reports that are put off (base/alarm.h), which the registrar cannot give when it is gone itself.
 *
 * Once a minute it greets the registrar over intake.sock. Where for ALARM_PATIENCE it was not greeted back, or reports were put off
 * and none taken, the commands of `alarm` are run with `intake`; letters are the registrar's. A moment is microseconds of the
 * system's clock.
 * Threads: watch_start() makes one that runs to the end of the process; the others belong to it, and to tests.
 * Ownership: borrows the Side. */
#ifndef SENIM_MILTER_WATCH_H
#define SENIM_MILTER_WATCH_H

#include "base/alarm.h"
#include "milter/side.h"

void watch_start(Side *side);

typedef struct {
	Side *side;
	AlarmCourse course;
	gint64 away; /* since when nobody answers at intake.sock; 0: somebody does */
} Watch;

/* One look. TRUE: *state was told. patience: of the greeting, microseconds. */
gboolean watch_look(Watch *watch, gint64 now, gint64 patience, AlarmState *state);

#endif
