/* SPDX-License-Identifier: ISC */
/* base/octets.h - all of it or a failure: read(2) and write(2) without short counts; and integers, big-endian.
 *
 * Threads: any. Fails: FALSE, errno says why (0: the other side ended before all was read). */
#ifndef SENIM_BASE_OCTETS_H
#define SENIM_BASE_OCTETS_H

#include <glib.h>

gboolean octets_write(int fd, const void *data, gsize size);
gboolean octets_read(int fd, void *data, gsize size);

/* value in that many octets (1 to 8), the highest first; and back. */
void octets_put(guint8 *out, guint64 value, guint octets);
guint64 octets_get(const guint8 *data, guint octets);

#endif
