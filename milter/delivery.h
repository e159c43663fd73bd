/* SPDX-License-Identifier: ISC */
/* milter/delivery.h - a message's end: one poll loop over child and registrar until every report is registered.
 *
 * While a child examines the message, the connection to the registrar is made where none rests; then READERS, unless its
 * answer is known, and COMMIT for each report in turn. Every few seconds the MTA gets a sign of life, and again before
 * each COMMIT: who has hung up is not registered.
 * Threads:   one; waits, at most SideTimes.total.
 * Fails:     as the step that is returned. A COMMIT whose answer does not come may have been registered: the sender's
 *            repeat joins it. */
#ifndef SENIM_MILTER_DELIVERY_H
#define SENIM_MILTER_DELIVERY_H

#include "milter/intake-client.h"
#include "milter/report.h"
#include "milter/side.h"

/* A sign of life to the MTA; FALSE: it has hung up. */
typedef gboolean (*DeliveryProgress)(gpointer user);

typedef struct {
	Side *side;
	const Snapshot *snapshot;
	GPtrArray *reports;    /* of Report, finished, at least one */
	IntakeClient **intake; /* the connection over which FILE went, or made here */
	const char *queue_id;
	const char *envelope_from;
	const guint8 *message_digest;
	gboolean authenticated; /* milter/vouched.h */
	gint64 received; /* the final dot, microseconds UTC */
	gint64 deadline; /* of g_get_monotonic_time() */
	DeliveryProgress progress;
	gpointer user;
} DeliveryTask;

/* LOG_STEP_TAKEN, LOG_STEP_RETRY (every report had been registered before), or why the message is put off. */
LogStep delivery_run(const DeliveryTask *task);

#endif
