/* SPDX-License-Identifier: ISC */
/* store/ephemeral.h - X25519 pairs made ahead: a reader's stanza then costs one multiplication on the way of a report.
 *
 * A pair serves one stanza, once: the same pair twice for one reader would give away one case's key to a reader of the
 * other. Hence: pairs lie in one locked region that is empty in a forked child, are taken and wiped under one lock, and
 * never come back, not on error either. An empty pool means making one on the spot.
 * Threads:   any. ephemeral_refill() is for a thread that has nothing else to do. */
#ifndef SENIM_STORE_EPHEMERAL_H
#define SENIM_STORE_EPHEMERAL_H

#include <glib.h>

#define EPHEMERAL_POOL 512 /* pairs: what a burst of 100 reports for two readers, body and card, takes */

/* A fresh pair; the caller wipes the secret. */
void ephemeral_take(guint8 secret[32], guint8 share[32]);
/* Makes at most `most` pairs and puts them into the pool; returns how many (0: it is full). About 35 us each, made
 * outside the lock. */
guint ephemeral_refill(guint most);
guint ephemeral_waiting(void);

#endif
