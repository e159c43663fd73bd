/* SPDX-License-Identifier: ISC */
/* store/registry.h - the set of mailboxes that one registrar keeps: one Ledger for each mailbox of the configuration.
 *
 * Opens custody key, store id, signing keys and every ledger, or none. The set is fixed for the process's life; a
 * reload swaps the configuration (a mailbox more or less needs a restart, config_needs_restart() says so).
 * Ownership: a Registry owns ledgers and keys; a Config is handed out with a reference.
 * Threads:   every function but open and close may be called from any thread.
 * Fails:     NULL and *error, the message ready to print. */
#ifndef SENIM_STORE_REGISTRY_H
#define SENIM_STORE_REGISTRY_H

#include <glib.h>

#include "base/config.h"
#include "store/ledger.h"

typedef struct Registry Registry;

typedef struct {
	gboolean continue_after_mismatch;
	gint64 (*now)(void); /* microseconds UTC; NULL: the system's clock */
} RegistryOptions;

Registry *registry_open(Config *config, const RegistryOptions *options, GError **error);
void registry_close(Registry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_close)

/* The snapshot in force (transfer full). */
Config *registry_config(Registry *registry);
/* The next snapshot; mailboxes that this registry does not keep are left out by whoever looks them up here. */
void registry_reload(Registry *registry, Config *config);

guint registry_count(const Registry *registry);
Ledger *registry_ledger(const Registry *registry, guint i);
const char *registry_mailbox(const Registry *registry, guint i);
const char *registry_origin(const Registry *registry, guint i);
/* The index of the mailbox of that address, or -1. */
int registry_find(const Registry *registry, const char *mailbox);
/* The log's public key, a line of log.pub (transfer full). */
char *registry_log_key(const Registry *registry, guint i);
const guint8 *registry_store_id(const Registry *registry); /* 16 octets */
const CustodyKey *registry_custody(const Registry *registry);
/* A mailbox whose configuration names other people than its register takes no mail: the sentence that says what differs
 * (copied), or NULL where nothing does. registry_difference() gives it (transfer full). */
void registry_set_difference(Registry *registry, guint i, const char *sentence);
char *registry_difference(Registry *registry, guint i);
/* What came of a report that had a whole request: for the alarm (base/alarm.h). */
void registry_note_intake(Registry *registry, gboolean taken);
gboolean registry_intake_stands(Registry *registry);
/* Is called under the registry's lock whenever a report was put off; NULL: nobody is any more. */
void registry_watch_intake(Registry *registry, void (*refused)(gpointer user), gpointer user);
/* The disk is full, and its reserve given up: reports are put off, nothing is opened (store/reserve.h). */
void registry_set_full(Registry *registry, gboolean full);
gboolean registry_is_full(Registry *registry);
/* The moment, microseconds UTC, by the clock of the options. */
gint64 registry_now(const Registry *registry);

#endif
