/* SPDX-License-Identifier: ISC */
/* parser/plain.h - what may be text in a message, without taking it apart: for the second look at one whose examination failed.
 *
 * No MIME, no GMime, no HTML parser: the octets as they stand, quoted-printable and encoded words undone wherever they occur,
 * lines of base64 decoded wherever enough of them follow each other, tags left out. It finds words; it never says where
 * they stood, and holds much that is no text.
 * Promise:   linear; at most PLAIN_MAX octets of valid UTF-8. Fails: never.
 * Ownership: (transfer full). Threads: one (charset.h). */
#ifndef SENIM_PARSER_PLAIN_H
#define SENIM_PARSER_PLAIN_H

#include <glib.h>

#define PLAIN_MAX (4u << 20)

GString *plain_text(const guint8 *data, gsize size);

#endif
