/* SPDX-License-Identifier: ISC */
/* parser/header.h - header fields of a message or part, decoded the way a person meant them.
 *
 * GMime decodes encoded-words (RFC 2047) and parameters (RFC 2231). Before that, labels of charsets become the names of
 * those that parser/charset.h holds open, and raw octets that are no UTF-8 are read by its guess. Where a field that may
 * stand once stands twice, the first counts, as in most mail programs (GMime takes the last).
 * Ownership: (transfer full). Threads: one. */
#ifndef SENIM_PARSER_HEADER_H
#define SENIM_PARSER_HEADER_H

#include <gmime/gmime.h>

#include "parser/message.h"

/* The options of every parse here. */
GMimeParserOptions *header_options(void);

/* The first field of that name, unfolded and decoded, or NULL; *n, where not NULL: how many there are. */
char *header_text(GMimeObject *object, const char *name, guint *n);
/* A raw value, decoded as unstructured text (RFC 2047), unfolded, trimmed. */
char *header_decode(const char *raw);
/* Adds the mailboxes of every field of that name, those in groups too, to MessageAddress rows; FALSE past the limit. */
gboolean header_addresses(GMimeObject *object, const char *name, GArray *rows);
/* The file name of a part: of Content-Disposition, else of Content-Type; "" where there is none. */
char *header_file_name(GMimeObject *object);
/* The "type/subtype" of a part, in lower case. */
char *header_type(GMimeObject *object);
/* Every field into MessageField rows. */
void header_fields(GMimeObject *object, GArray *rows);
/* "Name: decoded value" lines for a person, at most `most` octets; FALSE where there was more. */
gboolean header_lines(GMimeObject *object, GString *lines, gsize most);
/* Adds each msg-id (RFC 5322 3.6.4) of the fields of that name, without brackets. */
void header_message_ids(GMimeObject *object, const char *name, GPtrArray *ids, guint most);

#endif
