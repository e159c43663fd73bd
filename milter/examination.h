/* SPDX-License-Identifier: ISC */
/* milter/examination.h - one message through one child of the nursery, for a poll loop.
 *
 * Waits for a child, sends EXAMINE and the message's octets, reads the FINDING. Whatever goes wrong (no child in time, a
 * child that died, hung or answered something else) ends it without a finding: the report is then unexamined, never
 * lost.
 * Ownership: borrows the nursery; owns the replay and the child's socket.
 * Threads:   one at a time. */
#ifndef SENIM_MILTER_EXAMINATION_H
#define SENIM_MILTER_EXAMINATION_H

#include <poll.h>

#include "base/bundle.h"
#include "milter/side.h"
#include "store/seal.h"

typedef struct Examination Examination;

/* nursery NULL: over at once. request: EXAMINE's bundle, with `length`; replay: transfer full. */
Examination *examination_new(NurseryClient *nursery, const SideTimes *times, const Bundle *request,
                             SealReplay *replay);
void examination_free(Examination *examination);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Examination, examination_free)

/* TRUE when it is over. */
gboolean examination_step(Examination *examination);
void examination_poll(const Examination *examination, struct pollfd *p, gint64 *wake);
/* FINDING's body as it came, unchecked, borrowed; NULL: there is none. */
GBytes *examination_finding(const Examination *examination);

#endif
