/* SPDX-License-Identifier: ISC */
/* milter/callbacks.h - libmilter's events, turned into the steps of a session.
 *
 * What libmilter really does (each found by running it):
 *   - Debian's is a pool: callbacks of one connection run on different threads, though never two at once. All state
 *     hangs at the connection's private pointer.
 *   - close may be the only callback of a connection, abort comes twice, or never, end of message without end of header:
 *     every callback takes what it finds, and one function frees a message.
 *   - Only DATA and the end of message are answered, where the MTA can be told so (SMFIP_NR_*): the others would be
 *     nineteen round trips for a short message. A refusal of content therefore waits for the end.
 *   - SMFIS_DISCARD before the end of message would keep the content from us; SMFIS_ACCEPT before DATA would end the
 *     filtering of a message whose next recipient may be ours.
 *
 * Verdicts:  no recipient of ours: ACCEPT at DATA. Taken, and nobody else's: chgfrom("<>") (so that the MTA's line of
 *            the discarded message names no sender) and DISCARD. Taken, and others' as well: delrcpt of ours in every
 *            spelling, and CONTINUE: later filters and the other recipients see the message as if we had not been there;
 *            its sender stays, since it is theirs. Else 451, or 552.
 * Threads:   register before the first thread. */
#ifndef SENIM_MILTER_CALLBACKS_H
#define SENIM_MILTER_CALLBACKS_H

#include "milter/side.h"

/* The side is borrowed for the process's life. FALSE: libmilter refuses. */
gboolean callbacks_register(Side *side);

#endif
