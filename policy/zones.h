/* SPDX-License-Identifier: ISC */
/* policy/zones.h - which parts of a text are not simply its writer's own words, spoken to the reader.
 *
 *   mail quote   lines with `>`; what follows "-----Original Message-----", "... wrote:", "... пишет:", "... жазды:" or
 *                the field block of a forwarded letter
 *   quotation    between «», “”, „“, "", ‘’ and '': with the marks, over several sentences, at most 4000 octets
 *   dialogue     a line that begins with a dash, as speech is printed in Kazakh and Russian
 *   salutation   the greeting of the letter's beginning: up to its mark or the end of its line
 *   signature    from "-- ", or from the closing phrase ("Құрметпен", "С уважением", "Regards") near the end
 * All else is the writer's own. A mail quote wins over what it holds; a greeting or signature over a quotation.
 * Promise:   linear time; the zones are sorted and disjoint; the same text, the same zones.
 * Ownership: (transfer full). Threads: pure. Fails: never; octets that are no UTF-8 are nobody's marks. */
#ifndef SENIM_POLICY_ZONES_H
#define SENIM_POLICY_ZONES_H

#include <glib.h>

typedef enum {
	ZONE_OWN,
	ZONE_MAIL_QUOTE,
	ZONE_QUOTATION,
	ZONE_DIALOGUE,
	ZONE_SALUTATION,
	ZONE_SIGNATURE,
} ZoneKind;

typedef struct {
	gsize from, to; /* octets of the text; `to` is the first behind it */
	ZoneKind kind;
} Zone;

/* text: UTF-8, may hold NUL. Elements Zone. */
GArray *zones_find(const char *text, gsize size);
/* The zone that holds this octet; ZONE_OWN where none does. */
ZoneKind zones_at(const GArray *zones, gsize offset);

#endif
