/* SPDX-License-Identifier: ISC */
/* base/escape.h - the one function between an untrusted byte and a terminal, a log or a header.
 *
 * What a stranger wrote may drive a terminal (ESC, C1), turn a line around (bidi controls), hide itself (zero width,
 * format characters, tags) or end a line. Nothing of it leaves here raw: such a character stands as \u{XXXX}, an octet
 * that is no UTF-8 as \x{XX}.
 * Promise, tested and fuzzed: the result is valid UTF-8 without C0, DEL, C1, bidi controls and other format characters;
 * with ESCAPE_TEXT, LF and TAB stay (CR LF becomes LF).
 * Threads: pure functions. Ownership: (transfer full), g_free(). */
#ifndef SENIM_BASE_ESCAPE_H
#define SENIM_BASE_ESCAPE_H

#include <glib.h>

typedef enum {
	ESCAPE_LINE, /* one line: LF and TAB are escaped as well */
	ESCAPE_TEXT, /* a text of many lines */
} EscapeMode;

char *escape_text(const char *text, gssize size, EscapeMode mode);

#endif
