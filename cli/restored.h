/* SPDX-License-Identifier: ISC */
/* cli/restored.h - a register that is not what she last looked at, since it was restored from a copy: whether an entry RESTORED
 * says so, and whether she takes it.
 *
 * What is proven: that the entry stands in the register that is offered, under its pinned key; that it names this store and log,
 *   and the size from which it went on, which is smaller than what she saw; that a control mark of the lost part that it names
 *   does not contradict hers; that it was made after she last looked and was not used before; and that all is there unchanged up
 *   to the newest mark that she had kept before the place where both part.
 * What is not: that the copy was the newest there was, and that anything was lost at all. Whoever holds host and key can make such an
 *   entry to get rid of others. So she is told how much of what she saw is gone, and a person has to say yes.
 *
 * Threads: one. Fails: a PinsAsk, cli/pins.h; CLI_ERROR_REFUSED where she does not say yes or cannot be asked. */
#ifndef SENIM_CLI_RESTORED_H
#define SENIM_CLI_RESTORED_H

#include "cli/session.h"

/* What the proof of an entry RESTORED comes to, for what she kept. */
typedef struct {
	guint64 seq;     /* where it stands, from which on all is lost */
	guint64 lost;    /* of the entries that she saw */
	guint64 unknown; /* of these, those behind the last that it names */
	guint64 proven;  /* up to there it is what she saw */
	gint64 time;     /* microseconds UTC, as it says */
	GPtrArray *numbers; /* the highest that it says were given, as text */
} Restored;
void restored_clear(Restored *restored);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Restored, restored_clear)

/* Asks the desk of `known` (transfer full); NULL: it does not say. */
typedef json_t *(*RestoredFetch)(guint64 known, gpointer user);
/* Looks for the entry that explains it. TRUE: *restored and *taken are filled (transfer full), and it is hers to decide. store: hex. */
gboolean restored_find(const PinsBreak *broken, const char *store, RestoredFetch fetch, gpointer user, Restored *restored,
                       PinsTaken *taken);
/* From here on the pins of this session ask her, on terminal or screen. */
void restored_watch(Session *session);

#endif
