/* SPDX-License-Identifier: ISC */
/* base/log.h - what a daemon may say of a message: its queue id and the step.
 *
 * Nothing else can be said here: the functions take no address, subject, Message-ID, text, size, case number or verdict,
 * because a queue id and a case number on one line name the reporter (DESIGN 2.7). The queue id passes the escape.
 * Lines go to standard error (the unit's journal), one write() each: "senim-milter: QUEUEID: step".
 * Threads: any, after log_open(). */
#ifndef SENIM_BASE_LOG_H
#define SENIM_BASE_LOG_H

#include <glib.h>

/* The steps of a report as the administrator reads them. One table in log.c gives each its words. */
typedef enum {
	LOG_STEP_TAKEN,           /* sealed and registered */
	LOG_STEP_RETRY,           /* the same message once more: joined to its first */
	LOG_STEP_TOO_LARGE,       /* 552 */
	LOG_STEP_PUT_OFF_CONFIG,  /* 451: each of these names the step that failed */
	LOG_STEP_PUT_OFF_SEAL,
	LOG_STEP_PUT_OFF_FILE,
	LOG_STEP_PUT_OFF_READERS,
	LOG_STEP_PUT_OFF_COMMIT,
	LOG_STEP_PUT_OFF_CONNECT, /* no registrar */
	LOG_STEP_PUT_OFF_BUSY,
	LOG_STEP_PUT_OFF_TIME,    /* the time budget ended */
	LOG_STEP_PUT_OFF_LIMIT,   /* too many connections */
	LOG_STEP_PUT_OFF_STOP,    /* the daemon is draining */
	LOG_STEP_MTA_GONE,        /* the MTA hung up before the commit */
	LOG_STEP_VERDICT_LOST,    /* registered, but the MTA would not take the answer */
	LOG_STEP_UNEXAMINED,      /* no child, no nursery, a bad answer: sealed all the same */
	LOG_STEP_LETTER_SENT,     /* the registrar: the MTA has taken a letter (no queue id: "-") */
	LOG_STEP_LETTER_PUT_OFF,
	LOG_STEPS
} LogStep;

void log_open(const char *program);
/* queue_id NULL: "-". */
void log_step(const char *queue_id, LogStep step);
/* About the daemon itself: start, stop, sockets, databases. Never anything that came with a message. */
void log_notice(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Why the program ends: the line is the sentence alone, as senim's own errors are. */
void log_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
