/* SPDX-License-Identifier: ISC */
/* cli/pins.h - what the officer knows of a register without asking the registrar: its public key, and how far it had grown
 * when she last looked.
 *
 * Keys:   log.pub, one note verifier a line, the name being the log's origin. Given by the administrator once.
 * Kept:   the last checkpoint of each origin, ~/.local/state/senim/ORIGIN.checkpoint (`/` of the origin as `+`), 0600 in a
 *         0700 directory; replaced atomically, under a lock, by one that contains it.
 *         Beside it the id of the store that the register belongs to (cli/session.h), and the keys of addressees to whom
 *         something was sealed (cli/addressee-key.h): ORIGIN.store, ORIGIN.addressee-NAME.
 *         ORIGIN.seen are the sizes and roots that were kept before, thinned out as they grow old; ORIGIN.restored the leaves of
 *         the entries RESTORED across which a shorter register was taken; ORIGIN.since is when the kept one was, so that a copy of
 *         these files on another machine says no other moment.
 * Promise: a checkpoint that is smaller than the kept one, or does not contain it, is never kept and never returned, unless a
 *         PinsAsk says that an entry RESTORED explains it and that she said yes. Taken or refused it is written beside it as
 *         ORIGIN.evidence-TIME with the kept one and the proof; where it is refused the error names that file and whom to
 *         tell. Where she does not say yes nothing is changed.
 * Threads: one; two processes share the directory safely.
 * Fails:   CLI_ERROR_FAILED; CLI_ERROR_USAGE where log.pub is missing, or no list of keys. */
#ifndef SENIM_CLI_PINS_H
#define SENIM_CLI_PINS_H

#include <glib.h>

#include "store/note.h"

typedef struct Pins Pins;

/* state NULL: the usual directory, made where it is missing. */
Pins *pins_load(const char *log_pub, const char *state, GError **error);
void pins_free(Pins *pins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pins, pins_free)

/* A checkpoint that does not go with the kept one. All borrowed. */
typedef struct {
	guint64 size;
	guint8 root[NOTE_ROOT];
} PinsSeen;
typedef struct {
	const char *origin;
	const NoteVerifier *verifier;
	PinsSeen kept, offered;
	gint64 since;        /* when the kept one was, microseconds UTC by this machine's clock */
	const GArray *seen;  /* PinsSeen: those that were kept before it, smallest first */
	const char *used;    /* leaves of entries RESTORED that are used up, hex, a line each */
} PinsBreak;
typedef struct {
	char *evidence; /* the proof, for whoever asks later */
	char *used;     /* as above, those from now on */
	guint64 common; /* up to there what she saw stands in the offered one */
} PinsTaken;
/* TRUE: it may be taken, *taken is filled (transfer full). FALSE without *error: nothing explains it. With *error: she did not
 * say yes. Called under the origin's lock. */
typedef gboolean (*PinsAsk)(const PinsBreak *broken, PinsTaken *taken, gpointer user, GError **error);
/* Without one whatever does not go with the kept checkpoint is refused. user is borrowed and outlives the pins. */
void pins_ask(Pins *pins, PinsAsk ask, gpointer user);

/* TRUE where a key of that origin is pinned, and the origin is one of that mailbox. */
gboolean pins_check_origin(const Pins *pins, const char *mailbox, const char *origin, GError **error);
/* The i-th pinned origin, NULL past the end; and the key of one that is pinned. Borrowed. */
const char *pins_origin(const Pins *pins, guint i);
const NoteVerifier *pins_verifier(const Pins *pins, const char *origin);
/* The line of log.pub that it came from. Borrowed. */
const char *pins_line(const Pins *pins, const char *origin);
/* Who read when she last signed in (cli/staff.h), kept beside the checkpoint: NULL where nothing is (transfer full). */
char *pins_readers(const Pins *pins, const char *origin);
gboolean pins_keep_readers(const Pins *pins, const char *origin, const char *text, GError **error);
/* One word of that name beside the checkpoint; what: [a-z0-9._-], none of the names above. NULL where none is kept, and then
 * *error where it cannot be read (transfer full). */
char *pins_word(const Pins *pins, const char *origin, const char *what, GError **error);
gboolean pins_keep_word(const Pins *pins, const char *origin, const char *what, const char *word, GError **error);
/* The kept checkpoint; size 0 where none is kept. */
gboolean pins_kept(const Pins *pins, const char *origin, guint64 *size, guint8 root[NOTE_ROOT], GError **error);
/* Size of the kept checkpoint; 0 where none is kept. FALSE where the kept one cannot be read or is not the log's. Takes the
 * origin's lock, which pins_take() gives back: a second `senim` that looks at the same time must not find its answer
 * older than what this one keeps. */
gboolean pins_known(Pins *pins, const char *origin, guint64 *size, GError **error);
/* Signature and origin against the pinned key, then consistency from the kept checkpoint; then keeps this one. consistency:
 * n hashes, or NULL where nothing was kept. */
gboolean pins_take(Pins *pins, const char *origin, const char *note, const guint8 *consistency, gsize n, guint64 *size,
                   guint8 root[NOTE_ROOT], GError **error);

#endif
