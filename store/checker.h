/* SPDX-License-Identifier: ISC */
/* store/checker.h - once a week the whole tree and all Digests of every register, behind the day's work.
 *
 * When the last check ended is the time of <state-directory>/checked, so that restarts neither repeat nor forget it.
 * What a mismatch means is the ledger's to say (LEDGER_ERROR_TAMPERED); here it is a line in the log that counts faults
 * and sends the reader to `senim verify`.
 * Threads: one of its own. Ownership: borrows the registry. */
#ifndef SENIM_STORE_CHECKER_H
#define SENIM_STORE_CHECKER_H

#include "store/registry.h"

typedef struct Checker Checker;

Checker *checker_start(Registry *registry);
/* A check that is under way ends without a verdict. */
void checker_stop(Checker *checker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checker, checker_stop)

#endif
