/* SPDX-License-Identifier: ISC */
/* parser/body.h - a leaf part's octets: as they stand, decoded, or only counted.
 *
 * Decoding is by RFC 2045 and forgiving: base64 goes on after padding in its middle, foreign characters in
 * it are skipped; a broken quoted-printable escape stands as it came. NUL octets stay. Uuencode is decoded by GMime.
 * Ownership: (transfer full) unless it says borrowed. Threads: one. */
#ifndef SENIM_PARSER_BODY_H
#define SENIM_PARSER_BODY_H

#include <gmime/gmime.h>

/* The octets of the content as they stand in the message, borrowed from the stream that was parsed. */
const char *body_raw(GMimePart *part, gsize *size);
/* At most `most` octets; *cut where there was more. */
GByteArray *body_decode(GMimePart *part, gsize most, gboolean *cut);
/* Octets that stand encoded like that (base64, quoted-printable; any other: as they are). */
GByteArray *body_decode_as(GMimeContentEncoding encoding, const char *raw, gsize size);
/* The decoded size, counted without keeping what is decoded. */
guint64 body_size(GMimePart *part);

#endif
