/* SPDX-License-Identifier: ISC */
/* parser/words.h - a header field's raw value made over so that UTF-8 is the only charset in it.
 *
 * Encoded-words (RFC 2047) and extended parameters (RFC 2231, also in pieces) of any charset that parser/charset.h knows
 * are written again in UTF-8; raw octets that are no UTF-8 are read by the same guess as a text without a label. The
 * syntax around them stays, so that GMime parses what it would have parsed and converts nothing. Adjacent words of one
 * charset are decoded together: senders cut characters in two.
 * Ownership: (transfer full). Threads: pure after charset_load(). */
#ifndef SENIM_PARSER_WORDS_H
#define SENIM_PARSER_WORDS_H

#include <glib.h>

char *words_to_utf8(const char *raw);

#endif
