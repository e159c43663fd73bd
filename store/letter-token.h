/* SPDX-License-Identifier: ISC */
/* store/letter-token.h - the local part of our letters' Message-ID: what an answer to a letter names it by.
 *
 * Bytes:     base32 (RFC 4648, lower case, no padding) of tag[16] || sealed[20], 58 characters:
 *            plain  = case id[16] || letter[4, big-endian]
 *            tag    = HMAC-SHA256(key, 0x01 || plain)[:16]
 *            sealed = plain xor HMAC-SHA256(key, 0x02 || tag)[:20]
 *            key    = the custody key's purpose message-id.
 * Promise:   says nothing to others, nobody else can make one, and the case is read from it without a table.
 * Threads:   pure. */
#ifndef SENIM_STORE_LETTER_TOKEN_H
#define SENIM_STORE_LETTER_TOKEN_H

#include <glib.h>

#define LETTER_TOKEN_TEXT 58

/* (transfer full) */
char *letter_token_make(const guint8 key[32], const guint8 case_id[16], guint32 letter);
/* FALSE where token is none of ours. Any case of letters is taken: mail systems change it. */
gboolean letter_token_read(const guint8 key[32], const char *token, guint8 case_id[16], guint32 *letter);
/* base32 (RFC 4648, 6), upper case, no padding (transfer full). */
char *letter_token_base32(const guint8 *data, gsize size);

#endif
