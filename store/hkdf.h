/* SPDX-License-Identifier: ISC */
/* store/hkdf.h - HKDF with SHA-256 (RFC 5869), which libsodium 1.0.18 does not have: two HMACs.
 *
 * Extract (2.2) and expand (2.3) in one call; age, the custody key's purposes, key checks and body checks all use it.
 * Promise:   out is written whole; what the function needed in between is wiped.
 * Threads:   pure. Limits: size at most 255 * 32 octets. */
#ifndef SENIM_STORE_HKDF_H
#define SENIM_STORE_HKDF_H

#include <glib.h>

/* salt may be empty (size 0), which RFC 5869 reads as 32 zero octets. info is a text without its NUL. */
void hkdf_sha256(guint8 *out, gsize size, const void *key, gsize key_size, const void *salt, gsize salt_size,
                 const char *info);

#endif
