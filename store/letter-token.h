/* SPDX-License-Identifier: ISC */
/* store/letter-token.h - the local part of our letters' Message-ID: what an answer to a letter names it by.
 *
 * Bytes:     base32 (RFC 4648, lower case, no padding) of tag[16] || sealed[20], 58 characters:
 *            plain  = case id[16] || letter[4, big-endian]: what letter it is in the two upper bits, the rest of the
 *            number of the entry that queued it
 *            tag    = HMAC-SHA256(key, 0x01 || plain)[:16]
 *            sealed = plain xor HMAC-SHA256(key, 0x02 || tag)[:20]
 *            key    = the custody key's purpose message-id.
 * Promise:   says nothing to others, nobody else can make one, and the case is read from it without a table.
 * Threads:   pure. */
#ifndef SENIM_STORE_LETTER_TOKEN_H
#define SENIM_STORE_LETTER_TOKEN_H

#include <glib.h>

#define LETTER_TOKEN_TEXT 58

/* What letter an answer or a bounce came to: only the acknowledgement's changes what the case says of that. */
typedef enum { LETTER_TOKEN_ACKNOWLEDGEMENT, LETTER_TOKEN_NOTICE, LETTER_TOKEN_REDIRECT,
               LETTER_TOKEN_OFFICER } LetterTokenKind;
guint32 letter_token_number(LetterTokenKind kind, guint64 entry);
/* Its entry, as far as a number holds one: the lower 30 bits. */
guint32 letter_token_entry(guint64 letter);
/* "acknowledgement", "notice", "redirect", "letter" (an officer's, whoever's entry); static. */
const char *letter_token_kind(guint32 letter);

/* (transfer full) */
char *letter_token_make(const guint8 key[32], const guint8 case_id[16], guint32 letter);
/* FALSE where token is none of ours. Any case of letters is taken: mail systems change it. */
gboolean letter_token_read(const guint8 key[32], const char *token, guint8 case_id[16], guint32 *letter);

/* The check word that our letters print behind a case's number: eight letters, consonant and vowel in turn, of those that
 * look the same in Latin and in Cyrillic capitals, drawn by HMAC-SHA256(key, 0x03 || case id); 2 560 000 of them. Each
 * guess is a letter to the mailbox, and a right one joins that letter to a case and shows nothing (transfer full). */
#define LETTER_TOKEN_WORD 8
char *letter_token_word(const guint8 key[32], const guint8 case_id[16]);
gboolean letter_token_is_word(const guint8 key[32], const guint8 case_id[16], const char *word);

/* The detail of a reply address, for `reply-detail`: base32 of 16 octets, 26 characters: the case id through a Feistel
 * cipher of four rounds (Luby and Rackoff) over halves of 64 bits, round i being HMAC-SHA256(key, 0x04 || i || half)[:8].
 * To whoever has not the key they are 16 random octets. Every token reads as some id: only one that the register has a
 * case of is genuine. */
#define LETTER_TOKEN_REPLY 26
char *letter_token_reply(const guint8 key[32], const guint8 case_id[16]);
/* FALSE where it is not of that form. */
gboolean letter_token_read_reply(const guint8 key[32], const char *token, guint8 case_id[16]);
/* base32 (RFC 4648, 6), upper case, no padding (transfer full). */
char *letter_token_base32(const guint8 *data, gsize size);

#endif
