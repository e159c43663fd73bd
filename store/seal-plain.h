/* SPDX-License-Identifier: ISC */
/* store/seal-plain.h - the plaintexts of a body and a card (FORMATS "Body plaintext"): what stands around the
 * stranger's octets. Private to store/seal*.c; their readers, seal_parse_body() and seal_parse_card(), are in seal.h.
 * Threads: pure. */
#ifndef SENIM_STORE_SEAL_PLAIN_H
#define SENIM_STORE_SEAL_PLAIN_H

#include "store/seal.h"

#define SEAL_TRAILER 27 /* CR LF ".senim " 16 hex digits CR LF */

/* The seven fields and the line that ends them (transfer full). */
GString *seal_plain_fields(const SealFields *fields);
void seal_plain_trailer(guint64 message_size, char out[SEAL_TRAILER]);
/* A card's plaintext, padded (transfer full); NULL where it would not fit one chunk. Wiped and freed by the caller. */
char *seal_plain_card(const guint8 case_id[SEAL_CASE], const Record *card, gsize *size);

#endif
