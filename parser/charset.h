/* SPDX-License-Identifier: ISC */
/* parser/charset.h - octets of some charset into UTF-8, whatever the label says.
 *
 * The converters are those of iconv(3), of a short list (charset.c): the Cyrillic ones, the two Kazakh ones, the Western
 * and Turkish ones, Chinese, UTF-7, UTF-8 and UTF-16. charset_load() opens them once, before the cage, where their modules
 * can no longer be opened; so no other converter of the C library ever sees a stranger's octet. What is labelled otherwise
 * has an unknown charset, and the octets are guessed at: UTF-8 where they are valid UTF-8, else the most likely of
 * windows-1251, koi8-r, cp866, iso-8859-5 and the two Kazakh pages by the letters that come out. Labels are doubted even
 * though they decode without an error: us-ascii and iso-8859-1 over octets that read as UTF-8 or Cyrillic, windows-1251 over
 * Kazakh text in KZ-1048 or PT154, and a Cyrillic one over UTF-8 or over text whose letters are far likelier in another page.
 * Never fails: an octet that belongs to no character becomes U+FFFD. Without a converter its charset is unknown.
 * Ownership: results are (transfer full), UTF-8, length-counted: NUL octets stay.
 * Threads:   one, since a converter has a state. Bugs: a guess over fewer than about twenty letters is a coin with a bias. */
#ifndef SENIM_PARSER_CHARSET_H
#define SENIM_PARSER_CHARSET_H

#include <glib.h>

typedef struct {
	const char *used;  /* static: the name under which it was decoded */
	gboolean guessed;  /* not as labelled, or not labelled */
	gboolean replaced; /* something became U+FFFD */
} CharsetResult;

void charset_load(void);

/* The name by which iconv(3) knows what a label of RFC 2978 means here, the aliases included; NULL: unknown. */
const char *charset_find(const char *label);

/* label NULL: none was given. At most `most` octets of result. */
GString *charset_to_utf8(const char *octets, gsize size, const char *label, gsize most, CharsetResult *result);

#endif
