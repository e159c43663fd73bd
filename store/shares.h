/* SPDX-License-Identifier: ISC */
/* store/shares.h - a key file that only several people together open, with no cryptography but age's own.
 *
 * For every choice of `need` holders the key file's text is sealed to the first of them, the outcome to the second, and so
 * on: age files inside age files, one file for each choice. Any `need` holders have a file that their keys peel; fewer
 * have nothing. By hand: `age -d -i second.key a+b.age | age -d -i first.key`.
 *
 * Bytes:     DIRECTORY/NAME+NAME….age, names sorted, the last one's seal outermost; a binary age file each.
 * Promise:   shares_write() leaves all files or none. Who has fewer keys than `need` learns nothing of the key.
 * Ownership: results are the caller's. Threads: one.
 * Fails:     NULL or FALSE and *error (SHARES_ERROR). */
#ifndef SENIM_STORE_SHARES_H
#define SENIM_STORE_SHARES_H

#include "store/keyfile.h"

typedef enum {
	SHARES_ERROR_WORDS,   /* too few or too many holders, a name twice, one key for two */
	SHARES_ERROR_MISSING, /* these keys open none of the files: too few, or another set's */
	SHARES_ERROR_FILE,
} SharesErrorCode;
#define SHARES_ERROR (shares_error_quark())
GQuark shares_error_quark(void);

#define SHARES_HOLDERS_MAX 7

typedef struct {
	const char *name;      /* of a-z, 0-9, '.', '_', '-' */
	const char *recipient; /* "age1…": the holder's body key */
} SharesHolder;

/* directory is made here, 0755: what lies in it opens for `need` holders and nobody else. */
gboolean shares_write(const Keyfile *secret, const SharesHolder *holders, guint n, guint need, const char *directory,
                      GError **error);
/* The key, put together from whatever file these holders' keys peel. */
Keyfile *shares_open(const char *directory, const Keyfile *const *holders, guint n, GError **error);

#endif
