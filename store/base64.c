/* SPDX-License-Identifier: ISC */
#include "store/base64.h"

#include <sodium.h>

gboolean base64_read(const char *text, gsize text_size, gboolean padded, guint8 *data, gsize room, gsize *size)
{
	for (gsize i = 0; i < text_size; i++)
		if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/' && text[i] != '=')
			return FALSE;
	int variant = padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	return sodium_base642bin(data, room, text, text_size, NULL, size, NULL, variant) == 0;
}

gboolean base64_read_exactly(const char *text, gsize text_size, gboolean padded, guint8 *data, gsize size)
{
	gsize got;
	return base64_read(text, text_size, padded, data, size, &got) && got == size;
}
