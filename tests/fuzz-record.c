/* SPDX-License-Identifier: ISC */
/* Whatever record_read() takes, record_write() gives back octet for octet; the same for bundles. */
#include <glib.h>
#include <string.h>

#include "base/bundle.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(Record) record = record_read(data, size, 0, NULL, NULL);
	if (record != NULL) {
		gsize again;
		g_autofree char *text = record_write(record, &again);
		g_assert_cmpmem(text, again, data, size);
	}
	g_autoptr(Bundle) bundle = bundle_read(data, size, NULL, NULL);
	if (bundle != NULL) {
		g_autoptr(GBytes) text = bundle_write(bundle);
		g_assert_cmpmem(g_bytes_get_data(text, NULL), g_bytes_get_size(text), data, size);
	}
	return 0;
}
