/* SPDX-License-Identifier: ISC */
#include "store/desk-request.h"

#include <sodium.h>
#include <string.h>

void desk_request_digest(const void *body, gsize size, guint8 digest[DESK_REQUEST_DIGEST])
{
	crypto_generichash(digest, DESK_REQUEST_DIGEST, body, size, NULL, 0);
}

char *desk_request_text(const DeskRequest *request)
{
	const char *fields[] = {request->store, request->officer, request->nonce, request->method, request->target};
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
		if (fields[i] == NULL || strchr(fields[i], '\n') != NULL)
			return NULL;
	char hex[2 * DESK_REQUEST_DIGEST + 1];
	sodium_bin2hex(hex, sizeof hex, request->digest, sizeof request->digest);
	return g_strdup_printf("senim-desk/1\n%s\n%s\n%s\n%" G_GUINT64_FORMAT "\n%s\n%s\n%s\n", request->store,
	                       request->officer, request->nonce, request->counter, request->method, request->target, hex);
}
