/* SPDX-License-Identifier: ISC */
/* store/bech32.h - Bech32 (BIP 173) as age spells keys with it: `age1…` and `AGE-SECRET-KEY-1…`.
 *
 * The checksum is that of BIP 173 (not Bech32m); its limit of 90 characters does not apply, the data's size is given
 * by the caller instead. A string is all lower or all upper case; the prefix says which: "age" or "AGE-SECRET-KEY-".
 * Promise:   strict: another case, another prefix, a wrong length, non-zero padding bits and any other spelling of the
 *            same data are refused, so one key has one spelling.
 * Threads:   pure. Secrets: decoding works on the stack and wipes it; the encoded text belongs to the caller. */
#ifndef SENIM_STORE_BECH32_H
#define SENIM_STORE_BECH32_H

#include <glib.h>

#define BECH32_DATA_MAX 64

/* (transfer full); size at most BECH32_DATA_MAX. */
char *bech32_encode(const char *prefix, const guint8 *data, gsize size);
/* FALSE where text is anything but the spelling of `size` octets under this prefix; data is then wiped. */
gboolean bech32_decode(const char *prefix, const char *text, guint8 *data, gsize size);
/* The same as people type it from a sheet: any case, blanks and dashes anywhere. prefix in upper case. */
gboolean bech32_decode_typed(const char *prefix, const char *text, guint8 *data, gsize size);

#endif
