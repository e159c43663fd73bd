/* SPDX-License-Identifier: ISC */
/* store/openpgp.h - sealing to an addressee's OpenPGP key (RFC 4880), by GnuPG through GPGME.
 *
 * The key is a file with one public key, binary or armoured, and is taken only where its primary fingerprint is the one that
 * was pinned: read anew at each use, for a file can be changed. Not taken: another fingerprint, several keys, a secret one,
 * one that is revoked, has expired, or has no subkey in force that encrypts. No other key of this machine is looked at.
 * Place:     gpg wants a home. It is made in `place`, a directory that the caller names, holds the public key and gpg.conf
 *            alone, and is gone when the call returns. Plaintext goes to gpg through a pipe, and to no file.
 * Promise:   nothing is asked of a network or of an agent, and none is started.
 * Bytes:     the result is RFC 4880, 6.2 armour with LF.
 * Ownership: results (transfer full). Threads: any, each call is its own. Waits for gpg.
 * Fails:     FALSE or NULL and *error in OPENPGP_ERROR: the code says which, the message in English what gpg said. */
#ifndef SENIM_STORE_OPENPGP_H
#define SENIM_STORE_OPENPGP_H

#include <glib.h>

#define OPENPGP_ERROR (g_quark_from_static_string("senim-openpgp"))
typedef enum {
	OPENPGP_ERROR_PROGRAM,     /* gpg is not there, or failed */
	OPENPGP_ERROR_FILE,        /* not one public key */
	OPENPGP_ERROR_FINGERPRINT, /* another key than the one that was pinned */
	OPENPGP_ERROR_EXPIRED,
	OPENPGP_ERROR_REVOKED,
	OPENPGP_ERROR_NO_SUBKEY,   /* nothing in it that encrypts */
} OpenpgpError;

#define OPENPGP_FILE_MAX (128 * 1024)
#define OPENPGP_WARN_DAYS 30 /* before its end somebody is told */

typedef struct {
	GBytes *file;
	const char *fingerprint; /* of the primary key, 40 upper-case hex digits */
	const char *place;
} OpenpgpKey;

/* *expires: POSIX seconds when the key, or the last of its subkeys that encrypt, ends; 0 never. */
gboolean openpgp_check(const OpenpgpKey *key, gint64 *expires, GError **error);
/* plain sealed to that key; *expires as above. */
GBytes *openpgp_seal(const OpenpgpKey *key, const void *plain, gsize size, gint64 *expires, GError **error);

#endif
