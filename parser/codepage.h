/* SPDX-License-Identifier: ISC */
/* parser/codepage.h - the decoders behind parser/charset.h: octets into UTF-8 by tables of our own.
 *
 * codepage_load() asks iconv(3) for every octet and pair of each charset once, before the cage, and keeps the answers in
 * one shared read-only mapping. From then on no converter of the C library sees a stranger's octet, none has to be
 * loaded where no file can be opened, and a child's fork copies neither tables nor converters.
 * Kinds:     one octet a character; one or two (GBK, UHC, Big5, CP932; four-octet characters of GB 18030 are unknown);
 *            EUC-JP and ISO-2022-JP by CP932's table (JIS X 0208 alone); UTF-7, UTF-16, UTF-32, UTF-8.
 * Promise:   the result is valid UTF-8; an octet that belongs to no character becomes U+FFFD and is counted.
 * Ownership: (transfer full). Threads: pure after codepage_load(). */
#ifndef SENIM_PARSER_CODEPAGE_H
#define SENIM_PARSER_CODEPAGE_H

#include <glib.h>

typedef enum {
	CODEPAGE_UTF8,
	CODEPAGE_SINGLE,
	CODEPAGE_DOUBLE,
	CODEPAGE_EUC_JP,
	CODEPAGE_ISO_2022_JP,
	CODEPAGE_UTF7,
	CODEPAGE_UTF16, /* either order: by its mark, else by what reads more like text */
	CODEPAGE_UTF32,
} CodepageKind;

typedef struct {
	CodepageKind kind;
	const char *source;    /* iconv's name for what the tables are made of, or NULL */
	const guint16 *single; /* 256, filled by codepage_load() */
	const guint16 *pairs;  /* CODEPAGE_DOUBLE and the two that stand on one */
} Codepage;

void codepage_load(Codepage *const *pages, gsize n);

/* At most about `most` octets of result: it ends with the character that reaches it. */
GString *codepage_decode(const Codepage *page, const char *octets, gsize size, gsize most, gsize *replaced);

#endif
