/* SPDX-License-Identifier: ISC */
/* parser/prescan.h - one linear pass over a message that makes it safe to hand to GMime.
 *
 * GMime 3.2.13 overruns its stack on nested groups in an address field, takes quadratic time for parameters, and keeps
 * hundreds of octets for each header field and part. It cannot limit any of these itself. prescan_tame() changes the
 * child's own copy of the message until none of them can happen; what it had to take away, it says. The sealed original
 * is complete whatever happens here.
 *   - the header block is cut at a field, past 1000 fields or 256 KiB; the body stays;
 *   - within one field everything past 64 KiB, 1000 colons, 1000 semicolons or 5000 commas becomes blanks: any field of
 *     the message's own header, and, wherever in the body a line begins like one (an embedded message, a part), the
 *     fields that have such a structure: addresses, Content-Type and Content-Disposition;
 *   - a message with more than 50,000 lines that begin with `--` ends there;
 *   - NUL in the header becomes a blank, since C strings end at it.
 * Threads: pure function. Bugs: a text whose line begins with, say, `To:` and goes on in indented lines past one of these
 * numbers loses the rest of that paragraph in what is shown; `partial` says so. */
#ifndef SENIM_PARSER_PRESCAN_H
#define SENIM_PARSER_PRESCAN_H

#include <glib.h>

#define PRESCAN_FIELDS_MAX 1000
#define PRESCAN_HEADER_MAX (256u << 10)
#define PRESCAN_FIELD_MAX (64u << 10)
#define PRESCAN_COLONS_MAX 1000
#define PRESCAN_SEMICOLONS_MAX 1000
#define PRESCAN_COMMAS_MAX 5000
#define PRESCAN_DASH_LINES_MAX 50000

typedef enum {
	PRESCAN_HEADER_CUT = 1 << 0, /* header fields were left out */
	PRESCAN_FIELD_CUT = 1 << 1,  /* the rest of a field was blanked */
	PRESCAN_BODY_CUT = 1 << 2,   /* the end of the message was left out */
	PRESCAN_NUL = 1 << 3,        /* a header held NUL */
	PRESCAN_NO_HEADER = 1 << 4,  /* the first line is no header field: all of it is body */
} PrescanFlags;

/* Where past these limits something was taken away. */
#define PRESCAN_PARTIAL (PRESCAN_HEADER_CUT | PRESCAN_FIELD_CUT | PRESCAN_BODY_CUT)

typedef struct {
	guint8 *message; /* within the data that was given */
	gsize size;
	gsize header;    /* octets of the header block, without the empty line */
	guint fields;    /* how many there were, the ones left out included */
	PrescanFlags flags;
} Prescan;

/* Changes data in place; never allocates, never reads outside of it. */
void prescan_tame(guint8 *data, gsize size, Prescan *result);

#endif
