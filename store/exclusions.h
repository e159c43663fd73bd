/* SPDX-License-Identifier: ISC */
/* store/exclusions.h - the next level of leadership hears that one officer is kept from more reports than is usual.
 *
 * Whoever knows that a report about an officer is not sealed to her can write such reports to shut her out. More than
 * LEDGER_EXCLUSIONS in 24 hours are an alarm: an entry NOTICE and a letter to everybody of that level who has `mail` in the
 * configuration, less herself; at most one alarm of the same officer in 24 hours. The letter is that of an urgent notice,
 * octet for octet of the same size, and `urgent-notice = no` silences it too; the list shows the alarm in any case
 * (/v1/cases). Nothing else changes: who reads what stays as it was.
 * Ownership: everything borrowed. Threads: the outbox's. */
#ifndef SENIM_STORE_EXCLUSIONS_H
#define SENIM_STORE_EXCLUSIONS_H

#include "store/registry.h"

/* Enters what is due for one mailbox. Returns when to come back after a failure, which the log has; else G_MAXINT64. */
gint64 exclusions_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger);

#endif
