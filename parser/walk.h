/* SPDX-License-Identifier: ISC */
/* parser/walk.h - goes through the parts of what GMime parsed, and through what is embedded or encoded in them.
 *
 * Fills in a Message's text, attachments, charsets, notes, and what it says of itself (partial, opaque, sound), within the
 * limits and by the rules of parser/message.h.
 * Ownership: (transfer full). Threads: one. Fails: never; past a limit the rest is left out, and noted. */
#ifndef SENIM_PARSER_WALK_H
#define SENIM_PARSER_WALK_H

#include <gmime/gmime.h>

#include "parser/message.h"

/* The parts refer to the octets, which were tamed (parser/prescan.h) and have to live as long. NULL: no message. */
GMimeMessage *walk_parse(GByteArray *octets);

/* parsed NULL: all octets are shown as text. Returns the octets of the wanted-th attachment, counted from 1, or NULL. */
GBytes *walk_parts(Message *message, GMimeMessage *parsed, GByteArray *octets, guint wanted);

#endif
