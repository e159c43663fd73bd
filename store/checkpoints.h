/* SPDX-License-Identifier: ISC */
/* store/checkpoints.h - the registers' checkpoints on their way to trustees, and the cosignatures on their way back.
 *
 * Each day at `checkpoint-hour` (senim.conf(5)), also when nothing happened, each trustee of a mailbox gets one mail: the body
 * is a request of C2SP tlog-witness (store/add-checkpoint.h), the whole always CHECKPOINTS_OCTETS large. It proves from the
 * size that was sent to him last. Where he has confirmed another one since mails of his were lost, or his answers, the
 * header has the request from that. An hour that was missed is made up for, once. Behind a restore the header has a proof of
 * the entry RESTORED. The entry that one goes and the mail come in one commit, and what was composed is kept before it leaves: after
 * a crash the same octets go again, or nothing does. One that comes back to the mailbox is an entry (store/ledger-report.c).
 * Threads: checkpoints_serve() the outbox's, the others any.
 * Fails:   never past a line in the log and a later attempt, where nothing else is said. */
#ifndef SENIM_STORE_CHECKPOINTS_H
#define SENIM_STORE_CHECKPOINTS_H

#include "store/registry.h"

#define CHECKPOINTS_OCTETS 16384

typedef struct {
	guint form;  /* of the keys by which `next` was reckoned: another configuration may say otherwise */
	gint64 next;          /* when the next ones go, microseconds UTC; 0: not known yet */
} CheckpointsRound;

/* Enters what is due for one mailbox; returns when to come back. */
gint64 checkpoints_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, CheckpointsRound *round);

/* The request for the size that the letter names; in *other the one from another size, and in *restored the proof of an entry
 * RESTORED, a bare receipt, or NULL (all transfer full). */
char *checkpoints_request(Ledger *ledger, const Record *letter, char **other, char **restored, GError **error);

/* A trustee's key, where the configuration has a good one (transfer full); *error may be NULL. */
NoteVerifier *checkpoints_witness(const ConfigTrustee *trustee, guint8 key[LEDGER_WITNESS_KEY], GError **error);

/* One cosignature that came back, a word of note_cosignature_words(). Tried for every trustee of every mailbox. */
typedef struct {
	const char *mailbox, *trustee; /* borrowed from the configuration */
	guint64 size;
	gint64 time;
	gboolean added; /* else it stood in the register already */
} CheckpointsAnswer;
typedef enum { CHECKPOINTS_TAKEN, CHECKPOINTS_NOBODYS, CHECKPOINTS_FAILED } CheckpointsOutcome;
CheckpointsOutcome checkpoints_accept(Registry *registry, const Config *config, const char *word, CheckpointsAnswer *answer,
                                      GError **error);

#endif
