/* SPDX-License-Identifier: ISC */
/* store/eraser.h - what was ordered and confirmed is erased ten days later, by the registrar itself.
 *
 * Looked at whenever the people's keeper looks (store/people-keeper.h): at its start and once a minute. A case on hold waits until it is
 * released; a mailbox whose configuration says `erasure = never` by now waits until it says so no longer. What could not be done is tried
 * again at the next look; a crash in its midst is gone on with at the next start (store/ledger.h).
 * Threads: one at a time. Fails: never; the log says what could not be done, and of which mailbox, and nothing of the case. */
#ifndef SENIM_STORE_ERASER_H
#define SENIM_STORE_ERASER_H

#include "store/registry.h"

void eraser_look(Registry *registry);

#endif
