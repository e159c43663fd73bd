/* SPDX-License-Identifier: ISC */
/* cli/entity.h - the octets of what an officer sends: a MIME entity (RFC 2045) from its Content-Type on, lines in CRLF.
 *
 * Every part is base64, so that nothing of hers can end a line or be taken for a header. Ownership: the buffer is the caller's,
 * and wiped by its own free. Threads: one owner of the buffer. */
#ifndef SENIM_CLI_ENTITY_H
#define SENIM_CLI_ENTITY_H

#include "cli/wipe.h"

/* Content-Type: multipart/TYPE with that boundary; type may have parameters of its own. */
void entity_multipart(WipeBuffer *out, const char *type, const char *boundary);
/* A part of it; name NULL: no attachment. A name may be any UTF-8 (RFC 2231). */
void entity_part(WipeBuffer *out, const char *boundary, const char *type, const char *name, const void *data, gsize size);
void entity_end(WipeBuffer *out, const char *boundary);
/* Fields and octets of a part that stands alone. */
void entity_alone(WipeBuffer *out, const char *type, const void *data, gsize size);

#endif
