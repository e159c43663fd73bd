/* SPDX-License-Identifier: ISC */
/* store/armor.h - the text form of an age file (c2sp.org/age "ASCII armor"), reading only.
 *
 * An officer may keep her key file armored, as `age -a` writes it; senim itself writes binary files.
 * Promise:   strict, as the C2SP test kit has it: blanks around the whole, LF or CR LF, lines of 64 columns but the
 *            last, canonical base64 with padding, nothing else.
 * Threads:   pure. */
#ifndef SENIM_STORE_ARMOR_H
#define SENIM_STORE_ARMOR_H

#include <glib.h>

/* TRUE where, blanks aside, data begins with the armor's first line. */
gboolean armor_is(const void *data, gsize size);
/* The binary file (transfer full), or NULL and *error (AGE_ERROR_ARMOR). */
GBytes *armor_read(const void *data, gsize size, GError **error);

#endif
