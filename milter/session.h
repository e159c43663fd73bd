/* SPDX-License-Identifier: ISC */
/* milter/session.h - one message's life, from MAIL to its verdict, without libmilter.
 *
 * Driven by libmilter's callbacks (milter/callbacks.h) and by senim-ingest's connections (milter/ingest-server.h):
 * new, recipient…, data; where the message is ours field…, end_of_fields, body…, finish; free at any moment.
 * The octets are sealed as they arrive, in one report for each mailbox. What fails on the way is remembered, the rest
 * of the message is dropped, and the verdict at the end says so: there is no other moment at which the MTA listens.
 * Promise:   nothing is TAKEN that is not registered for every mailbox; no plaintext leaves memory but to the child.
 * Limits:    max-message-size; SideTimes.life from MAIL on; SESSION_RECIPIENTS_MAX recipients of ours.
 * Ownership: a Session holds a reference to its snapshot and borrows the side.
 * Threads:   one at a time, not always the same one. session_free() takes NULL, wipes, and never waits. */
#ifndef SENIM_MILTER_SESSION_H
#define SENIM_MILTER_SESSION_H

#include "base/log.h"
#include "milter/delivery.h"
#include "milter/side.h"

#define SESSION_RECIPIENTS_MAX 4096

typedef enum {
	SESSION_FOREIGN,   /* no mailbox of ours: its content is not wanted */
	SESSION_OURS,      /* go on */
	SESSION_TAKEN,     /* registered for every mailbox */
	SESSION_TOO_LARGE,
	SESSION_PUT_OFF,
} SessionVerdict;

typedef struct Session Session;

/* argument: argv[0] of MAIL. */
Session *session_new(Side *side, Snapshot *snapshot, const char *argument);
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

/* As recipient_match(). */
void session_recipient(Session *session, const char *argument, const char *rcpt_addr, const char *rcpt_mailer);
/* The queue id as soon as it is known; NULL leaves what is there. */
void session_set_queue_id(Session *session, const char *queue_id);
const char *session_queue_id(const Session *session);

/* Whatever comes, a message of ours is put off with that step; foreign mail still passes. */
void session_put_off(Session *session, LogStep step);
/* FOREIGN, OURS or PUT_OFF, which is logged. Once, before any content. client: the sending host, NULL unknown. */
SessionVerdict session_data(Session *session, const char *client);
/* A header field: its name, and what stands behind the colon, with its blank, folds as LF or CRLF, without a last line
 * end. */
void session_field(Session *session, const char *name, const char *value, gsize size);
void session_end_of_fields(Session *session);
void session_body(Session *session, const void *data, gsize size);
/* TAKEN, TOO_LARGE or PUT_OFF (also where DATA has not been); every outcome is logged. Waits (milter/delivery.h). Once. */
SessionVerdict session_finish(Session *session, DeliveryProgress progress, gpointer user);

/* What the log said of it: LOG_STEP_TAKEN or _RETRY, or why not. */
LogStep session_step(const Session *session);

/* TRUE where nobody else gets this message. */
gboolean session_is_ours_alone(const Session *session);
/* The i-th spelling by which the MTA may know a recipient of ours, or NULL; borrowed. */
const char *session_spelling(const Session *session, guint i);

#endif
