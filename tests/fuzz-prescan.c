/* SPDX-License-Identifier: ISC */
/* What prescan_tame() leaves lies within what it was given, and taming it again changes nothing. */
#include <glib.h>
#include <string.h>

#include "parser/prescan.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	Prescan first, second;
	g_autofree guint8 *copy = g_malloc(size + 1);
	if (size > 0)
		memcpy(copy, data, size);
	prescan_tame(copy, size, &first);
	g_assert_true(first.message >= copy && first.message + first.size <= copy + size);
	g_assert_cmpuint(first.header, <=, first.size);
	if (first.size >= 5 && memcmp(first.message, "From ", 5) == 0)
		return 0; /* another separator line of an mbox goes each time */
	g_autofree guint8 *kept = g_memdup2(first.message, first.size);
	prescan_tame(first.message, first.size, &second);
	g_assert_cmpmem(second.message, second.size, kept, first.size);
	g_assert_cmpuint(second.flags & (PRESCAN_HEADER_CUT | PRESCAN_BODY_CUT | PRESCAN_NUL), ==, 0);
	return 0;
}
