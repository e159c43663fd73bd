/* SPDX-License-Identifier: ISC */
/* parser/charset.h - octets of some charset into UTF-8, whatever the label says.
 *
 * charset_load() makes the tables (parser/codepage.h); a charset that is not among them is unknown, and the octets are
 * guessed at: UTF-8 where they are valid UTF-8, else the most likely of
 * windows-1251, koi8-r, cp866 and the two Kazakh pages by the letters that come out. Two labels are doubted even though
 * they decode without an error: us-ascii and iso-8859-1 over octets that read as UTF-8 or Cyrillic, and windows-1251 over
 * Kazakh text in KZ-1048.
 * Never fails: an octet that belongs to no character becomes U+FFFD and is counted.
 * Ownership: results are (transfer full), UTF-8, length-counted: NUL octets stay.
 * Threads:   pure after charset_load(). Bugs: a guess over fewer than about twenty letters is a coin with a bias. */
#ifndef SENIM_PARSER_CHARSET_H
#define SENIM_PARSER_CHARSET_H

#include <glib.h>

typedef struct {
	const char *used; /* static: the name under which it was decoded */
	gboolean guessed; /* not as labelled, or not labelled */
	gsize replaced;   /* octets that became U+FFFD */
} CharsetResult;

void charset_load(void);

/* The name that is used here for a label of RFC 2978, the aliases included, or NULL where it is unknown. */
const char *charset_find(const char *label);

/* label NULL: none was given. At most `most` octets of result. */
GString *charset_to_utf8(const char *octets, gsize size, const char *label, gsize most, CharsetResult *result);

#endif
