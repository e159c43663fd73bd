/* SPDX-License-Identifier: ISC */
/* policy/lines.h - did whoever wrote end a line there, or the program that sent it?
 *
 * Mail programs break lines of plain text at 65 to 78 characters (RFC 5322 2.1.1), few at 80; a letter in which one line is
 * longer was not broken at all, and where the next line's first word would have had room no program broke.
 * Characters are counted by their first octets; text that is no UTF-8 is only counted otherwise. Pure, linear. */
#ifndef SENIM_POLICY_LINES_H
#define SENIM_POLICY_LINES_H

#include <glib.h>

/* May a program have broken the lines of this text? */
gboolean lines_are_wrapped(const char *octets, gsize size);
/* Would the word that begins at `next` have had room in the line from .. to? */
gboolean lines_have_room(const char *octets, gsize size, gsize from, gsize to, gsize next);

#endif
