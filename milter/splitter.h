/* SPDX-License-Identifier: ISC */
/* milter/splitter.h - a message as octets, cut into the header fields and body that a session takes.
 *
 * Lines end in LF or CRLF and leave as CRLF. An mbox "From " line in front is dropped. A line of the header that is no
 * field ends the header and is body, as MTAs have it; so does a field of more than SPLITTER_FIELD_MAX octets: no octet
 * is lost, only an empty line stands before them.
 * Ownership: borrows the session. Threads: one. */
#ifndef SENIM_MILTER_SPLITTER_H
#define SENIM_MILTER_SPLITTER_H

#include "milter/session.h"

#define SPLITTER_FIELD_MAX (1024u * 1024u)

typedef struct Splitter Splitter;

Splitter *splitter_new(Session *session);
void splitter_free(Splitter *splitter); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Splitter, splitter_free)

void splitter_write(Splitter *splitter, const void *data, gsize size);
/* What is left, also where the last line has no end. Once. */
void splitter_finish(Splitter *splitter);

#endif
