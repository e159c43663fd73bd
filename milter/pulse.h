/* SPDX-License-Identifier: ISC */
/* milter/pulse.h - tells the registrar once a minute that the milter lives: ALIVE on intake.sock (doc/architecture.md).
 *
 * The first time a minute after the start. It says whether the nursery has a child to give, and how many messages were put off since it was heard last. What was not
 * heard is told again. The registrar alone knows of outages (store/outages.h); no message waits for this.
 * Ownership: a Pulse borrows its side. Threads: one of its own. */
#ifndef SENIM_MILTER_PULSE_H
#define SENIM_MILTER_PULSE_H

#include "milter/side.h"

#define PULSE_EVERY G_TIME_SPAN_MINUTE

typedef struct Pulse Pulse;

Pulse *pulse_start(Side *side);
/* Waits for one that is under way, some seconds at most. NULL is harmless. */
void pulse_stop(Pulse *pulse);
/* Once: TRUE where the registrar has heard it. */
gboolean pulse_send(Side *side, gint64 deadline);

#endif
