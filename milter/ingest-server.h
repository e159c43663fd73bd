/* SPDX-License-Identifier: ISC */
/* milter/ingest-server.h - takes messages over ingest.sock that reach a mailbox past the milter (doc/architecture.md).
 *
 * The same session as the MTA's connections drive, so that a report is one whichever way it came.
 * Limits:    INGEST_CONNECTIONS at once, a further one is hung up on (senim-ingest then answers 75); a frame is waited
 *            for five minutes.
 * Threads:   start and stop from one thread; one thread for each connection. */
#ifndef SENIM_MILTER_INGEST_SERVER_H
#define SENIM_MILTER_INGEST_SERVER_H

#include "milter/side.h"

#define INGEST_CONNECTIONS 64

typedef struct IngestServer IngestServer;

/* listener: transfer full. The side is borrowed. */
IngestServer *ingest_server_start(Side *side, int listener);
/* Takes no more connections and ends those that still send; a report at its end goes on (side_drain() waits for it). */
void ingest_server_stop(IngestServer *server);

#endif
