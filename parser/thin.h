/* SPDX-License-Identifier: ISC */
/* parser/thin.h - a message as it comes in, without the octets that nobody looks at.
 *
 * Of a large attachment only the size is wanted, and it is known by counting. So a long run of full base64 lines is kept
 * to its first THIN_RUN octets (THIN_RUN_LATER once THIN_BUDGET are kept), the rest is counted and dropped while it is
 * read: a child holds a few MiB of a message of fifty. Only whole lines of the alphabet, a multiple of four characters
 * long, are dropped, so that the run decodes to its own beginning; everything else of the message stays as it is. Text is
 * shown up to 1 MiB, which THIN_RUN more than holds; where a dropped part would have been looked into after all, its
 * reader is told.
 * Ownership: a Thin owns the octets until thin_free(); thin_octets() lends them, to be changed in place.
 * Threads:   a Thin belongs to one. Fails: aborts without memory, which in a child ends the examination. */
#ifndef SENIM_PARSER_THIN_H
#define SENIM_PARSER_THIN_H

#include <glib.h>

#define THIN_RUN (3u << 20)
#define THIN_RUN_LATER (64u << 10)
#define THIN_BUDGET (8u << 20)

typedef struct Thin Thin;

/* length: what is to come, as far as known; thin FALSE: keeps every octet. */
Thin *thin_new(gsize length, gboolean thin);
void thin_free(Thin *thin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Thin, thin_free)

/* Where at least `room` octets may be written, and that `size` of them were. */
guint8 *thin_room(Thin *thin, gsize room);
void thin_wrote(Thin *thin, gsize size);
/* After the last octet. */
guint8 *thin_octets(Thin *thin, gsize *size);

/* What was dropped from a part that begins and ends there. thin may be NULL: nothing. */
typedef struct {
	guint64 characters; /* of base64 */
	guint64 octets;     /* line ends included */
} ThinDropped;
ThinDropped thin_dropped(const Thin *thin, const void *begin, const void *end);

#endif
