/* SPDX-License-Identifier: ISC */
/* tests/fake-registrar.h - a registrar that keeps what it is given in memory, and misbehaves as told.
 *
 * Serves intake.sock in a thread for each connection. Its readers are aigul (body and card) and safe (recovery, body
 * alone), whose keys it holds, so that a test can open what was committed.
 * Threads: every function from any. */
#ifndef SENIM_TESTS_FAKE_REGISTRAR_H
#define SENIM_TESTS_FAKE_REGISTRAR_H

#include "base/bundle.h"
#include "base/frame.h"
#include "store/seal.h"

typedef enum {
	FAKE_GOOD,
	FAKE_EOF,        /* hangs up instead of an answer */
	FAKE_SILENT,     /* answers never */
	FAKE_BUSY,
	FAKE_FAILED,     /* with `word` as the step */
	FAKE_STALE,
	FAKE_RETRY,
	FAKE_FOLLOWUP,
	FAKE_WRONG_TYPE, /* VERDICT */
	FAKE_GARBAGE,    /* the right type, no bundle */
	FAKE_CUT,        /* the right answer up to octet `number`, then EOF */
	FAKE_SLOW,       /* the right answer after `number` ms */
	FAKE_DESCRIPTOR, /* the right answer, with a descriptor where none belongs; FILE_OK without its own */
	FAKE_READERS,    /* READERS_OK with `word` as its only reader */
} FakeMode;

/* A committed report. */
typedef struct {
	Bundle *bundle;
	GBytes *payload; /* inline, or what was written into the file */
} FakeCommit;

typedef struct FakeRegistrar FakeRegistrar;

FakeRegistrar *fake_registrar_start(const char *path, const char *const *mailboxes);
void fake_registrar_stop(FakeRegistrar *registrar);

/* The next `times` answers to that question are of this mode; 0: all from now on. word is borrowed. */
void fake_registrar_script(FakeRegistrar *registrar, FrameType question, FakeMode mode, guint times, guint number,
                           const char *word);
/* Back to good manners, and everything that was committed is forgotten. */
void fake_registrar_reset(FakeRegistrar *registrar);

guint fake_registrar_count(FakeRegistrar *registrar);
/* Questions of that kind so far. */
guint fake_registrar_asked(FakeRegistrar *registrar, FrameType question);
/* Octets of the last answer to that question: how far FAKE_CUT can go. */
gsize fake_registrar_answer_size(FakeRegistrar *registrar, FrameType question);
/* The i-th report, borrowed until the reset. */
const FakeCommit *fake_registrar_commit(FakeRegistrar *registrar, guint i);
/* Opens it as a reader of that name would: the message's octets (g_byte_array_unref) and the seven fields. */
GByteArray *fake_registrar_open_body(FakeRegistrar *registrar, const FakeCommit *commit, const char *reader,
                                     Record **fields);
Record *fake_registrar_open_card(FakeRegistrar *registrar, const FakeCommit *commit);

#endif
