/* SPDX-License-Identifier: ISC */
/* store/witness.h - what a witness keeps of a log, and whether the next checkpoint goes with it (C2SP tlog-witness).
 *
 * One file for each log, DIR/HEX with HEX = SHA-256 of the log's origin, replaced in one step and synced:
 *   senim-witness 1 LF origin LF
 *   "seen SIZE BASE64(root) TIME" LF ...   every checkpoint that was taken, oldest first, TIME in POSIX seconds
 *   "lost SIZE BASE64(root) TIME" LF ...   of those the ones that a restored register no longer leads to
 *   LF
 *   the last signed checkpoint, with the cosignature of this witness where it has a key
 * What cannot both be true is kept: DIR/evidence/ holds the request and the file as it was.
 *
 * Differs from the protocol, which is a dialogue, where mail is none: a request that proves from another size than the last
 * is no error of the log's where mails were lost (WITNESS_GAP), and the first checkpoint that is ever seen of a log is taken
 * whatever size it proves from.
 *
 * Promise:   a checkpoint is kept before it is cosigned; what is refused changes nothing.
 * Ownership: a Witness borrows keys and signer. Threads: one; other processes wait at the lock.
 * Fails:     NULL or FALSE and *error (NOTE_ERROR, G_FILE_ERROR): the request was not looked at, or nothing could be kept. */
#ifndef SENIM_STORE_WITNESS_H
#define SENIM_STORE_WITNESS_H

#include "store/add-checkpoint.h"

typedef enum {
	WITNESS_FIRST,     /* nothing was kept of this log */
	WITNESS_GROWN,     /* it begins with what was kept */
	WITNESS_SAME,      /* it is what was kept last */
	WITNESS_OLDER,     /* it was taken before, and a larger one since */
	WITNESS_GAP,       /* it proves from another size than was kept last: not taken, and nothing is wrong by that alone */
	WITNESS_RESTORED,  /* it goes on from an older one behind an entry RESTORED, and whoever asks says that this may be */
	/* refused, with evidence */
	WITNESS_FORKED,    /* as large as one that was taken, and another */
	WITNESS_SHORTENED, /* smaller than what was kept, and never seen */
	WITNESS_UNPROVEN,  /* larger, but the proof does not lead to it */
} WitnessVerdict;

typedef struct {
	WitnessVerdict verdict;
	char *origin;
	guint64 size, kept; /* of the request's checkpoint; of what was kept before, 0: nothing */
	char *answer;       /* the checkpoint that is kept now, as it stands in the file; NULL where it was refused */
	char *evidence;     /* path; NULL where there is none */
	gboolean restored;  /* the request comes with a proof of an entry RESTORED that explains it */
} WitnessResult;
void witness_result_clear(WitnessResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WitnessResult, witness_result_clear)

typedef struct {
	const char *directory;  /* made 0700 where it is missing */
	GPtrArray *keys;        /* NoteVerifier of the logs that it looks after */
	const NoteSigner *signer; /* NULL: it keeps and compares, and cosigns nothing */
	gint64 now;             /* POSIX seconds */
	gboolean accept_restored;
} WitnessOptions;

/* restored: a bare receipt (store/receipt.h) of an entry RESTORED under the request's checkpoint, or NULL. *result must be
 * clear. */
gboolean witness_take(const WitnessOptions *options, const char *request, gsize size, const char *restored, WitnessResult *result,
                      GError **error);
/* Was it refused? */
gboolean witness_is_refusal(WitnessVerdict verdict);
/* "grown", static. */
const char *witness_verdict_word(WitnessVerdict verdict);

#endif
