/* SPDX-License-Identifier: ISC */
/* store/rotation.h - another custody key for a whole store (`senim custody rotate`), and whether the one there is opens all
 * that rests under it (`senim custody check`).
 *
 * The steps, each durable before the next; a kill at any point, and the same command once more goes on where it was:
 *   1 keys/custody.next           the new key, 0400; where it is there already, that one is taken
 *   2 recovery/keys-next.age      the escrow with the new key, beside the old one: both keys are escrowed from here on
 *   3 each mailbox                store/ledger-rotate.h, one transaction; its WAL is emptied
 *   4 each mailbox                the entry CUSTODY, with the ids of both keys
 *   5 recovery/keys.age           the new escrow takes the old one's place, and its sheet is printed
 *   6 custody-key = file:PATH     the new key takes the old one's place, whose octets are overwritten
 * With credential: or ask the sixth is the keeper's: keys/custody.next stays until the configured source gives the new key
 * and the command is run once more.
 *
 * Threads: one. Fails: FALSE and *error (ROTATION_ERROR), ready to print. */
#ifndef SENIM_STORE_ROTATION_H
#define SENIM_STORE_ROTATION_H

#include "base/config.h"
#include "store/ledger-rotate.h"

#define ROTATION_ERROR (rotation_error_quark())
GQuark rotation_error_quark(void);
enum { ROTATION_ERROR_FAILED, ROTATION_ERROR_PROOF /* the escrow does not open, or gives back something else */ };

typedef struct {
	const Config *config;
	/* The recovery identity, to open the new escrow once (transfer full; wiped here); may be NULL. */
	char *(*ask_identity)(gpointer user, GError **error);
	/* The sheet for the safe: a secret, to be printed and not kept. */
	gboolean (*sheet)(const char *text, gpointer user, GError **error);
	void (*progress)(const char *mailbox, gpointer user); /* or NULL */
	gpointer user;
} RotationRequest;

typedef struct {
	LedgerCustody count; /* all mailboxes together; of the check with faults */
	gboolean finished;   /* FALSE: `left` waits for the keeper */
	gboolean escrowed;   /* there are recipients of an escrow */
	char *left;          /* path of the new key */
} RotationResult;
void rotation_result_clear(RotationResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RotationResult, rotation_result_clear)

/* Was one begun and not ended? */
gboolean rotation_is_begun(const Config *config);
gboolean rotation_run(const RotationRequest *request, RotationResult *result, GError **error);
/* Faults: what does not open; with an identity also an escrow that does not fit. */
gboolean rotation_check(const RotationRequest *request, RotationResult *result, GError **error);

/* A seam for tests, called with the name of each step. */
extern void (*rotation_test_step)(const char *step);

#endif
