/* SPDX-License-Identifier: ISC */
/* store/stopped.h - a store whose registrar is stopped, as the commands of the mail host's keeper open it: its configuration,
 * custody key and signing keys, and each mailbox's books one after another.
 *
 * Whoever opens books takes the registrar's own lock, so that neither starts beside the other.
 * Ownership: a Stopped owns its keys, borrows the configuration.
 * Threads:   one. Fails: NULL and *error, the message ready to print. */
#ifndef SENIM_STORE_STOPPED_H
#define SENIM_STORE_STOPPED_H

#include "base/config.h"
#include "store/escrow.h"
#include "store/ledger.h"
#include "store/note.h"

typedef struct {
	const Config *config;
	guint8 store_id[CUSTODY_STORE];
	CustodyKey *custody;
	char *directories[CONFIG_MAILBOXES_MAX];
	NoteSigner *signers[CONFIG_MAILBOXES_MAX];
} Stopped;

/* custody NULL: from where the configuration says; else taken. */
Stopped *stopped_new(const Config *config, CustodyKey *custody, GError **error);
void stopped_free(Stopped *stopped);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stopped, stopped_free)

/* How the i-th mailbox of the configuration is opened; custody NULL: under stopped->custody. Borrowed from it. */
LedgerOptions stopped_options(const Stopped *stopped, guint i, const CustodyKey *custody);
/* What the escrow must hold, with this custody key. made: POSIX seconds. */
Escrow *stopped_escrow(const Stopped *stopped, const CustodyKey *custody, gint64 made, GError **error);
/* recovery/keys.age, and another file beside it (transfer full). */
char *stopped_recovery_path(const Config *config, const char *name);
/* keys/NAME (transfer full). */
char *stopped_key_path(const Config *config, const char *name);

#endif
