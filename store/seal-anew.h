/* SPDX-License-Identifier: ISC */
/* store/seal-anew.h - the line in front of what was sealed anew. Private to store/seal*.c; the calls are in store/seal.h.
 *
 *     X-Senim-Arrived: <file key of the arrival, 16 octets, then the nonce of its payload, 16 octets, in hex> CRLF */
#ifndef SENIM_STORE_SEAL_ANEW_H
#define SENIM_STORE_SEAL_ANEW_H

#include "store/seal-key.h"

/* The key out of the line that plain begins with, bound to part and case; NULL and *error where it is none. */
SealKey *seal_anew_read_line(SealPart part, const guint8 case_id[SEAL_CASE], const guint8 *plain, gsize size,
                             guint8 nonce[PAYLOAD_NONCE], GError **error);

#endif
