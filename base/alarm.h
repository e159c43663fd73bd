/* SPDX-License-Identifier: ISC */
/* base/alarm.h - what whoever keeps the host is told (`alarm` of senim.conf(5)): its words, when to say them, and the command.
 *
 * Nothing here knows a case: an alarm is one of a few words and one of three states.
 * Course:    told once when a trouble begins, again after each day that it lasts, and when it has been over for ALARM_QUIET, so
 *            that one that comes and goes tells twice an hour and not more.
 * Threads:   alarm_command() any; a course is its owner's. */
#ifndef SENIM_BASE_ALARM_H
#define SENIM_BASE_ALARM_H

#include "base/config.h"

typedef enum {
	ALARM_INTAKE,   /* for ten minutes reports were put off */
	ALARM_DISK,     /* less than a tenth is free */
	ALARM_FULL,     /* the reserve was given up */
	ALARM_CALENDAR, /* ends within 30 days */
	ALARM_KEY,      /* that of somebody who reads ends within 30 days */
	ALARM_ARCHIVE,  /* overdue */
	ALARM_DRILL,    /* overdue */
	ALARMS
} Alarm;

typedef enum { ALARM_BEGINS, ALARM_LASTS, ALARM_OVER, ALARM_STATES } AlarmState;

const char *alarm_word(Alarm alarm);
const char *alarm_state_word(AlarmState state);
/* FALSE: no such word. */
gboolean alarm_read(const char *word, Alarm *alarm);
gboolean alarm_state_read(const char *word, AlarmState *state);

#define ALARM_PATIENCE (10 * G_TIME_SPAN_MINUTE) /* of reports that are put off */
#define ALARM_QUIET G_TIME_SPAN_HOUR
#define ALARM_SECONDS 60 /* a command's */

/* All zero: nothing was told yet. */
typedef struct {
	gint64 told; /* when it was told last, 0: it is not known to anybody */
	gint64 seen; /* when it was last so */
} AlarmCourse;
/* is: it is so now (microseconds). TRUE: *state is to be told, and counts as told. */
gboolean alarm_course(AlarmCourse *course, gboolean is, gint64 now, AlarmState *state);

/* Puts off and takes of reports: since when none was taken, from what was noted. */
typedef struct {
	gint64 first, last; /* put off, with nothing taken between; 0: none */
} AlarmIntake;
void alarm_intake_note(AlarmIntake *intake, gboolean taken, gint64 now);
/* ALARM_PATIENCE between two that were put off, and nothing taken; whoever tries no more for six hours says nothing. */
gboolean alarm_intake_stands(const AlarmIntake *intake, gint64 now);

/* Runs each command of `alarm` with the two words, one after another; the log says what could not be run. */
void alarm_command(const Config *config, Alarm alarm, AlarmState state);

#endif
