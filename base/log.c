/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

static const char *log_program = "senim";

static const char *const step_words[LOG_STEPS] = {
	[LOG_STEP_TAKEN] = "taken",
	[LOG_STEP_RETRY] = "taken: a repeat, joined to the first",
	[LOG_STEP_TOO_LARGE] = "refused: larger than max-message-size",
	[LOG_STEP_PUT_OFF_CONFIG] = "put off: the register and the configuration name other mailboxes or people; senim-registrar says which",
	[LOG_STEP_PUT_OFF_SEAL] = "put off: sealing failed",
	[LOG_STEP_PUT_OFF_FILE] = "put off: no file in the vault",
	[LOG_STEP_PUT_OFF_READERS] = "put off: no reader could be had",
	[LOG_STEP_PUT_OFF_COMMIT] = "put off: the commit failed",
	[LOG_STEP_PUT_OFF_CONNECT] = "put off: the registrar does not answer",
	[LOG_STEP_PUT_OFF_BUSY] = "put off: the registrar is busy",
	[LOG_STEP_PUT_OFF_TIME] = "put off: the time for one message ran out",
	[LOG_STEP_PUT_OFF_LIMIT] = "put off: too many connections",
	[LOG_STEP_PUT_OFF_STOP] = "put off: stopping",
	[LOG_STEP_MTA_GONE] = "left: the MTA hung up before registration",
	[LOG_STEP_VERDICT_LOST] = "taken, but the MTA did not hear it: a repeat may follow",
	[LOG_STEP_UNEXAMINED] = "sealed without examination",
	[LOG_STEP_LETTER_SENT] = "a letter was handed to the MTA",
	[LOG_STEP_LETTER_PUT_OFF] = "a letter was not taken by the MTA: it stays in the outbox",
};

void log_open(const char *program)
{
	log_program = program;
}

static void write_line(const char *text)
{
	g_autofree char *line = g_strdup_printf("%s: %s\n", log_program, text);
	gssize n = write(STDERR_FILENO, line, strlen(line));
	(void)n; /* where standard error is gone there is nobody left to tell */
}

void log_step(const char *queue_id, LogStep step)
{
	g_autofree char *id = escape_text(queue_id != NULL ? queue_id : "-", -1, ESCAPE_LINE);
	g_autofree char *text = g_strdup_printf("%.64s: %s", id, step_words[step]);
	write_line(text);
}

static G_GNUC_PRINTF(2, 0) void write_formatted(const char *prefix, const char *format, va_list ap)
{
	g_autofree char *raw = g_strdup_vprintf(format, ap);
	g_autofree char *text = escape_text(raw, -1, ESCAPE_LINE);
	g_autofree char *line = g_strconcat(prefix, text, NULL);
	write_line(line);
}

void log_notice(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	write_formatted("", format, ap);
	va_end(ap);
}

void log_error(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	write_formatted("", format, ap);
	va_end(ap);
}

void log_warning(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	write_formatted("warning: ", format, ap);
	va_end(ap);
}
