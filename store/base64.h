/* SPDX-License-Identifier: ISC */
/* store/base64.h - strict base64 (RFC 4648 section 4): one spelling for the same octets.
 *
 * libsodium's decoder is strict about length, padding and spare bits, but 1.0.18 takes every octet from 0x80 up as if it
 * were a character of the alphabet where `char` is signed (found by tests/fuzz-age.c). All of store/ reads base64 here.
 * padded: with `=` at the end, or without, as age's headers have it; never either.
 * Threads: pure. Fails: FALSE; what was written to data is then nothing to use. */
#ifndef SENIM_STORE_BASE64_H
#define SENIM_STORE_BASE64_H

#include <glib.h>

/* At most room octets; *size is how many. */
gboolean base64_read(const char *text, gsize text_size, gboolean padded, guint8 *data, gsize room, gsize *size);
/* Exactly size octets. */
gboolean base64_read_exactly(const char *text, gsize text_size, gboolean padded, guint8 *data, gsize size);

#endif
