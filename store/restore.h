/* SPDX-License-Identifier: ISC */
/* store/restore.h - a store out of its archive, on a bare host or in a scratch directory (`senim restore`).
 *
 * What is needed: the archive, and either the sheet of the safe or an identity that the escrow was sealed to (recovery or
 * escalation); the sheet opens the archives that were made while its custody key was in use, the identity all. The archive is checked
 * whole first. Each mailbox is built in <directory>.restoring and named when it is durable: a kill leaves nothing behind but that,
 * which the same command throws away. The register's entries are the same octets, so every proof and number given of them holds.
 *
 * Then restore_resume(): the entry RESTORED in each register, with what is known outside of what was lost. It is also what has to be
 * done behind files that were put back from a backup.
 *
 * Threads: one. Fails: FALSE or NULL and *error (RESTORE_ERROR), ready to print. */
#ifndef SENIM_STORE_RESTORE_H
#define SENIM_STORE_RESTORE_H

#include "base/config.h"
#include "store/age.h"
#include "store/escrow.h"
#include "store/ledger.h"

#define RESTORE_ERROR (restore_error_quark())
GQuark restore_error_quark(void);
enum {
	RESTORE_ERROR_FAILED,
	RESTORE_ERROR_DAMAGE, /* of the archive */
	/* What was typed does not fit: */
	RESTORE_ERROR_KEYS,       /* have none of a mailbox */
	RESTORE_ERROR_OTHER_KEY,  /* the archive is sealed to another */
	RESTORE_ERROR_THERE,      /* a register already */
	RESTORE_ERROR_STORES,     /* archive and keys are of two */
	RESTORE_ERROR_NUMBER,     /* of no mailbox */
	RESTORE_ERROR_CHECKPOINT, /* of none of the registers */
};

/* The escrow that lies in the archive, opened with that identity ("AGE-SECRET-KEY-1…"). */
Escrow *restore_escrow(const char *archive, const char *identity, GError **error);

typedef struct {
	const Config *config;
	const char *archive;       /* directory of archive-directory, or a copy */
	const Escrow *escrow;
	const AgeIdentity *identity; /* opens the archive; NULL: the sheet's custody key does */
	gboolean even_so;          /* what is damaged is left out, and said in faults */
	const char *state;         /* the state-directory to make; NULL: the configuration's */
	void (*progress)(const char *mailbox, gpointer user); /* or NULL */
	gpointer user;
} RestoreRequest;

typedef struct {
	guint64 entries, payloads;
	GPtrArray *faults; /* char *: of the archive, where even_so let them pass */
} RestoreResult;
void restore_result_clear(RestoreResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RestoreResult, restore_result_clear)

/* Books of every mailbox of the configuration. */
gboolean restore_books(const RestoreRequest *request, RestoreResult *result, GError **error);
/* Keys, store id and log.pub where they belong, unless they are there. */
gboolean restore_keys(const Config *config, const Escrow *escrow, GError **error);
/* The restored books of the i-th mailbox opened and checked whole, as the weekly check does. */
gboolean restore_try(const RestoreRequest *request, guint i, LedgerCheck *check, GError **error);

typedef struct {
	/* "2026/17", or with several mailboxes "ADDRESS:2026/17"; NULL-terminated. Those of no mailbox here are an error. */
	const char *const *highest;
	const char *const *checkpoints; /* signed notes, of any of the registers; NULL-terminated */
} RestoreOutside;
gboolean restore_resume(const Config *config, const RestoreOutside *outside, GError **error);

#endif
