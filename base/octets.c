/* SPDX-License-Identifier: ISC */
#include "base/octets.h"

#include <errno.h>
#include <unistd.h>

gboolean octets_write(int fd, const void *data, gsize size)
{
	for (const guint8 *at = data; size > 0;) {
		gssize n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? ENOSPC : errno; /* nothing taken and no reason given */
			return FALSE;
		}
		at += n;
		size -= (gsize)n;
	}
	return TRUE;
}

gboolean octets_read(int fd, void *data, gsize size)
{
	for (guint8 *at = data; size > 0;) {
		gssize n = read(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? 0 : errno;
			return FALSE;
		}
		at += n;
		size -= (gsize)n;
	}
	return TRUE;
}

void octets_put(guint8 *out, guint64 value, guint octets)
{
	for (guint i = 0; i < octets; i++)
		out[i] = (guint8)(value >> 8 * (octets - 1 - i));
}

guint64 octets_get(const guint8 *data, guint octets)
{
	guint64 value = 0;
	for (guint i = 0; i < octets; i++)
		value = value << 8 | data[i];
	return value;
}
