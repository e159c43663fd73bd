/* SPDX-License-Identifier: ISC */
#include "base/alarm.h"

#include <string.h>
#include <sys/wait.h>

#include "base/command.h"
#include "base/log.h"

#define INTAKE_FORGOTTEN (6 * G_TIME_SPAN_HOUR)

static const char *const words[ALARMS] = {
	[ALARM_INTAKE] = "intake", [ALARM_DISK] = "disk", [ALARM_FULL] = "full", [ALARM_CALENDAR] = "calendar",
	[ALARM_KEY] = "key", [ALARM_ARCHIVE] = "archive", [ALARM_DRILL] = "drill",
};
static const char *const states[ALARM_STATES] = {[ALARM_BEGINS] = "begins", [ALARM_LASTS] = "lasts", [ALARM_OVER] = "over"};

const char *alarm_word(Alarm alarm)
{
	return words[alarm];
}

const char *alarm_state_word(AlarmState state)
{
	return states[state];
}

static gboolean find(const char *const *list, guint n, const char *word, guint *index)
{
	for (guint i = 0; word != NULL && i < n; i++)
		if (strcmp(list[i], word) == 0) {
			*index = i;
			return TRUE;
		}
	return FALSE;
}

gboolean alarm_read(const char *word, Alarm *alarm)
{
	guint index;
	gboolean found = find(words, ALARMS, word, &index);
	if (found)
		*alarm = (Alarm)index;
	return found;
}

gboolean alarm_state_read(const char *word, AlarmState *state)
{
	guint index;
	gboolean found = find(states, ALARM_STATES, word, &index);
	if (found)
		*state = (AlarmState)index;
	return found;
}

gboolean alarm_course(AlarmCourse *course, gboolean is, gint64 now, AlarmState *state)
{
	gboolean known = course->told != 0;
	/* A clock that was set back counts from where it is. */
	course->told = MIN(course->told, now);
	course->seen = is ? now : MIN(course->seen, now);
	if (is)
		*state = known ? ALARM_LASTS : ALARM_BEGINS;
	else
		*state = ALARM_OVER;
	gboolean due = is ? !known || now - course->told >= G_TIME_SPAN_DAY : known && now - course->seen >= ALARM_QUIET;
	if (due)
		course->told = is ? now : 0;
	return due;
}

void alarm_intake_note(AlarmIntake *intake, gboolean taken, gint64 now)
{
	intake->last = taken ? 0 : now;
	intake->first = taken ? 0 : intake->first != 0 ? intake->first : now;
}

gboolean alarm_intake_stands(const AlarmIntake *intake, gint64 now)
{
	return intake->first != 0 && intake->last - intake->first >= ALARM_PATIENCE && now - intake->last < INTAKE_FORGOTTEN;
}

void alarm_command(const Config *config, Alarm alarm, AlarmState state)
{
	g_autoptr(GPtrArray) commands = config_alarms(config, "command:");
	for (guint i = 0; i < commands->len; i++) {
		char *const argv[] = {commands->pdata[i], (char *)words[alarm], (char *)states[state], NULL};
		int status = 0, failed = command_run(argv, -1, ALARM_SECONDS, &status);
		if (failed != 0)
			log_warning("alarm: %s cannot be run: %s", argv[0], g_strerror(failed));
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			log_warning("alarm: %s %s %s failed, or took more than a minute", argv[0], argv[1], argv[2]);
	}
}
