/* SPDX-License-Identifier: ISC */
/* milter/intake-client.h - the milter's end of intake.sock (doc/architecture.md), one report at a time.
 *
 * Made for a poll loop: step it, ask what to poll for, come back. It connects and says HELLO by itself, and again after
 * a pause while nobody listens, the registrar is busy or hangs up before it has greeted; once it was greeted any failure
 * is final. Then one question at a time: intake_client_ask(), step until ANSWERED, intake_client_answer(). A connection
 * whose report is registered can rest, and serve the next one.
 * Ownership: as said at each. Closing never waits.
 * Threads:   one at a time; not always the same one.
 * Fails:     INTAKE_FAILED, and intake_client_put_off() names the step for the log. */
#ifndef SENIM_MILTER_INTAKE_CLIENT_H
#define SENIM_MILTER_INTAKE_CLIENT_H

#include <poll.h>

#include "base/config.h"
#include "base/frame.h"
#include "base/log.h"

typedef enum {
	INTAKE_CONNECTING, /* up to and with HELLO_OK */
	INTAKE_READY,      /* greeted: ask */
	INTAKE_ASKING,
	INTAKE_ANSWERED,   /* take the answer */
	INTAKE_FAILED,
} IntakeState;

typedef struct IntakeClient IntakeClient;

/* Takes a reference to the configuration; retry: the pause between two attempts, microseconds. */
IntakeClient *intake_client_new(Config *config, gint64 retry);
void intake_client_free(IntakeClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IntakeClient, intake_client_free)

IntakeState intake_client_step(IntakeClient *client);
/* What to wait for: p->fd (or -1) and p->events, and *wake, lowered to the moment when to come back anyway. */
void intake_client_poll(const IntakeClient *client, struct pollfd *p, gint64 *wake);
/* Only when READY or ANSWERED (whose answer is then dropped). */
void intake_client_ask(IntakeClient *client, FrameType type, const Bundle *bundle);
/* The last answer, borrowed until the next question; its descriptor may be taken out. */
Frame *intake_client_answer(IntakeClient *client);
/* Why it is not READY: the step that put the report off. */
LogStep intake_client_put_off(const IntakeClient *client);

/* What READERS answered for that mailbox (its index in the configuration) when it was last asked over this connection,
 * borrowed; NULL: not yet. COMMIT names the set again, so the registrar tells when it holds no longer. */
const Bundle *intake_client_readers(const IntakeClient *client, guint mailbox);
/* Takes the bundle. */
void intake_client_keep_readers(IntakeClient *client, guint mailbox, Bundle *readers);

/* After the last report's last answer: READY for another one. FALSE: it can only be freed. */
gboolean intake_client_rest(IntakeClient *client);
/* Whether one that rested can serve a report under this configuration: not for longer than `most` microseconds, and the
 * registrar has not hung up meanwhile. */
gboolean intake_client_is_rested(const IntakeClient *client, const Config *config, gint64 most);

/* Steps and waits by itself until CONNECTING or ASKING is over. FALSE where it FAILED or the deadline passed. */
gboolean intake_client_wait(IntakeClient *client, gint64 deadline);

#endif
