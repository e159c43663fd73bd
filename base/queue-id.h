/* SPDX-License-Identifier: ISC */
/* base/queue-id.h - what an MTA calls a message while it has it: letters, digits, '-', '_' and '.', at most QUEUE_ID_MAX.
 *
 * Threads: pure. */
#ifndef SENIM_BASE_QUEUE_ID_H
#define SENIM_BASE_QUEUE_ID_H

#include <glib.h>

#define QUEUE_ID_MAX 64

gboolean queue_id_is_one(const char *text);

#endif
