/* SPDX-License-Identifier: ISC */
/* store/desk-request.h - what an officer signs of each request to the desk (doc/architecture.md, "The desk").
 *
 *   senim-desk/1 LF store LF officer LF nonce LF counter LF METHOD LF target LF hex(BLAKE2b-256 of body) LF
 *
 * One function makes the text, for the CLI that signs it, for the registrar that checks it, and for whoever verifies an
 * act from its record years later.
 * Threads: pure. Ownership: a DeskRequest borrows; results (transfer full). */
#ifndef SENIM_STORE_DESK_REQUEST_H
#define SENIM_STORE_DESK_REQUEST_H

#include <glib.h>

#define DESK_REQUEST_DIGEST 32

typedef struct {
	const char *store;   /* hex, as hello gives it */
	const char *officer;
	const char *nonce;   /* hex, the session's */
	guint64 counter;
	const char *method;  /* POST */
	const char *target;  /* /v1/open */
	guint8 digest[DESK_REQUEST_DIGEST]; /* of the body */
} DeskRequest;

/* BLAKE2b-256. */
void desk_request_digest(const void *body, gsize size, guint8 digest[DESK_REQUEST_DIGEST]);
/* NULL where a field holds a line feed or is missing: such a request cannot be signed. */
char *desk_request_text(const DeskRequest *request);

#endif
