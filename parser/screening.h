/* SPDX-License-Identifier: ISC */
/* parser/screening.h - the part of senim-examine that screens: the rules it has loaded, and texts by hand.
 *
 * Belongs to the program, not to the library: here files, parser and policy meet.
 * Threads: one. Fails: *error has one sentence. */
#ifndef SENIM_PARSER_SCREENING_H
#define SENIM_PARSER_SCREENING_H

#include "parser/message.h"
#include "policy/screen.h"

/* The shipped rules, and those of the directory beside them (NULL: none); where both have a file of one name, the
 * directory's. */
Rules *screening_load(const char *directory, GError **error);
/* The same to standard output as one text, once every example has come out right; and from there. */
gboolean screening_pack(const char *directory, GError **error);
Rules *screening_unpack(int fd, GError **error);

ScreenQuestion screening_question(const Message *message);

/* One text a line of standard input, one JSON object a line out, in the same order. Reads as it goes. */
gboolean screening_lines(const Rules *rules);

/* A message: its verdict as one JSON object, with the text that the places refer to. */
gboolean screening_message(const Rules *rules, guint8 *octets, gsize size);

/* Adds one line for each example that comes out wrong, "FILE:LINE: ..."; returns how many. */
guint screening_wrong_examples(const Rules *rules, GString *out);
/* Runs every rule's examples, and prints those that come out wrong; FALSE where there is one. */
gboolean screening_check(const Rules *rules);

#endif
