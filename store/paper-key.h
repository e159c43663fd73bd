/* SPDX-License-Identifier: ISC */
/* store/paper-key.h - a key file on paper: three spellings that can be typed back, each with a checksum of its own.
 *
 * Bytes:     Bech32 (BIP 173) of 32 octets each: body and card identity as age spells them (AGE-SECRET-KEY-1…), and the
 *            signing seed with the prefix SENIM-SIGN-. The code on the page holds the key file's clear text instead.
 * Promise:   what was misread or left out is refused, never taken for another key. Case, blanks and dashes do not matter.
 * Ownership: results are the caller's; a PaperKey's texts are secrets, wiped by paper_key_clear().
 * Threads:   pure. Fails: NULL or FALSE and *error (KEYFILE_ERROR). */
#ifndef SENIM_STORE_PAPER_KEY_H
#define SENIM_STORE_PAPER_KEY_H

#include "store/keyfile.h"

typedef struct {
	char *spelled[3]; /* body, card, signature; in groups of four characters */
} PaperKey;
void paper_key_clear(PaperKey *paper);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PaperKey, paper_key_clear)

/* FALSE where the body identity stays in a token: it cannot be written down. */
gboolean paper_key_make(const Keyfile *keys, PaperKey *paper, GError **error);
/* As typed, the three one after another, or the text of the code. */
Keyfile *paper_key_read(const char *text, gsize size, GError **error);

#endif
