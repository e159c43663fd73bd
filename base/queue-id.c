/* SPDX-License-Identifier: ISC */
#include "base/queue-id.h"

#include <string.h>

gboolean queue_id_is_one(const char *text)
{
	gsize size = strlen(text);
	return size > 0 && size <= QUEUE_ID_MAX &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == size;
}
