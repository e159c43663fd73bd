/* SPDX-License-Identifier: ISC */
/* store/desk-session.h - sessions of the desk: whose they are, how far their counter is, what was opened in them.
 *
 * A session belongs to the Unix user who asked for it and, from its first signed request on, to that officer. It ends
 * after ten idle minutes, after eight hours, with the process, and when its user has opened DESK_SESSIONS_OF_USER newer
 * ones.
 * Ownership: the table owns sessions; what desk_session_find() fills is a copy.
 * Threads:   any; the table has one lock. now: microseconds of g_get_monotonic_time(). */
#ifndef SENIM_STORE_DESK_SESSION_H
#define SENIM_STORE_DESK_SESSION_H

#include <glib.h>
#include <jansson.h>

#define DESK_SESSION_ID 16
#define DESK_SESSION_NONCE 32
#define DESK_SESSIONS_OF_USER 32
#define DESK_SESSION_GRANTS 64 /* opened payloads that can still be fetched */

typedef struct DeskSessions DeskSessions;

DeskSessions *desk_session_table_new(void);
void desk_session_table_free(DeskSessions *sessions);

/* A new session; id and nonce as hex (each with its NUL). */
void desk_session_begin(DeskSessions *sessions, guint uid, gint64 now, char id[2 * DESK_SESSION_ID + 1],
                        char nonce[2 * DESK_SESSION_NONCE + 1]);
/* FALSE: there is no such session of this user. The nonce as hex; *officer (transfer full) NULL while it is nobody's. */
gboolean desk_session_find(DeskSessions *sessions, const char *id, guint uid, gint64 now,
                           char nonce[2 * DESK_SESSION_NONCE + 1], char **officer);

typedef enum { DESK_SESSION_GONE, DESK_SESSION_OTHER, DESK_SESSION_REPLAY, DESK_SESSION_TAKEN } DeskSessionTurn;
/* After the signature was checked, in one step: the session is this officer's (OTHER: another's), and the counter is
 * larger than any before (REPLAY: it is not). */
DeskSessionTurn desk_session_take(DeskSessions *sessions, const char *id, const char *officer, guint64 counter, gint64 now);

/* The answer to the session's last act, for a caller whose connection broke before she had it: kept until her next
 * request, where it is no longer than DESK_SESSION_ANSWER_MAX as JSON. What is asked again with the same counter and
 * signature is the same request: it gets the same answer and is done once. */
#define DESK_SESSION_ANSWER_MAX (1024 * 1024)
void desk_session_keep(DeskSessions *sessions, const char *id, guint64 counter, const char *signature, json_t *answer);
/* TRUE: this counter was the session's last. *answer (transfer full) is then what that was answered, or NULL: it is
 * still at work, was another request, failed, or its answer was too long. */
gboolean desk_session_again(DeskSessions *sessions, const char *id, guint64 counter, const char *signature,
                            json_t **answer);

/* What an OPENED entry lets this session fetch; the oldest is forgotten past DESK_SESSION_GRANTS. */
typedef struct {
	guint mailbox;
	guint64 entry; /* seq of the OPENED entry */
	guint64 seq;   /* of the message */
	guint64 state; /* and of how it lay there then (ledger_state()) */
	int part;      /* SealPart */
} DeskGrant;
void desk_session_grant(DeskSessions *sessions, const char *id, const DeskGrant *grant);
/* Fills seq, state and part of the grant whose mailbox and entry stand in it; FALSE where there is none. */
gboolean desk_session_granted(DeskSessions *sessions, const char *id, DeskGrant *grant);

#endif
