/* SPDX-License-Identifier: ISC */
/* store/intake-commit.h - a COMMIT frame's body, read strictly (doc/architecture.md "intake.sock").
 *
 * The milter faces strangers and may have been taken over: nothing of its request is believed that can be checked.
 * Promise:   what intake_commit_read() returns has every field in its form, sizes that a sealed object can have, headers
 *            in the one form that FORMATS admits. Whether the readers are those of the register is
 *            intake_commit_check_readers(); the Digests of an inline payload and of the card are ledger_register()'s to
 *            check.
 * Ownership: an IntakeCommit owns all that its report points to; `report.fd` is the caller's to set.
 * Threads:   one. Fails: NULL or FALSE and *error (RECORD_ERROR); messages name fields, never values. */
#ifndef SENIM_STORE_INTAKE_COMMIT_H
#define SENIM_STORE_INTAKE_COMMIT_H

#include "base/bundle.h"
#include "store/ledger.h"

typedef struct {
	char *mailbox;
	gboolean in_file; /* payload: file */
	LedgerReport report;
	/* what the report borrows */
	Bundle *bundle;
	Record *facts, *letter;
	char *addressee;          /* as READERS_OK named it: who gets header/addressee; NULL: nobody */
	char *redirect_to;        /* intake_commit_redirect()'s */
	Record *redirect_letter;
	GArray *headers; /* LedgerHeader */
} IntakeCommit;

IntakeCommit *intake_commit_read(const void *body, gsize size, GError **error);
void intake_commit_free(IntakeCommit *commit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IntakeCommit, intake_commit_free)

/* The report goes to its addressee by itself: the letter is queued in the commit that registers it. */
void intake_commit_redirect(IntakeCommit *commit, const char *name, const char *mail);
/* Every officer and escalation has body and card, each recovery reader the body alone, and nobody else has anything. */
gboolean intake_commit_check_readers(const IntakeCommit *commit, const GPtrArray *readers, GError **error);

#endif
