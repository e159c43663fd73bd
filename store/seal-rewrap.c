/* SPDX-License-Identifier: ISC */
#include <sodium.h>

#include "store/seal-key.h"

char *seal_rewrap(SealPart part, const guint8 object_id[SEAL_CASE], const guint8 key_check[32], const char *header,
                  gsize header_size, const char *identity, const char *recipient, GError **error)
{
	guint8 got[32];
	g_autoptr(SealKey) key = seal_key_unwrap(part, object_id, header, header_size, identity, error);
	if (key == NULL)
		return NULL;
	/* Without it a header of one's own making could be handed on as that of another object. */
	seal_key_check(key, got);
	if (sodium_memcmp(got, key_check, sizeof got) != 0) {
		g_set_error(error, SEAL_ERROR, SEAL_ERROR_KEY, "the header's key is not the one that was registered");
		return NULL;
	}
	return seal_key_header(key, recipient, error);
}
