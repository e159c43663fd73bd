/* SPDX-License-Identifier: ISC */
/* cli/content.h - what an attachment is, by its octets and not by what the letter calls it, and whether it could act.
 *
 * A table of first octets, and a search for the words by which a document says that it carries a program; no parser: her
 * keys lie in this memory. So it warns of what stands in clear and promises nothing of what is packed (a PDF's
 * compressed objects, a nested archive).
 * Threads: pure. Ownership: all text is static. */
#ifndef SENIM_CLI_CONTENT_H
#define SENIM_CLI_CONTENT_H

#include <glib.h>

typedef enum {
	CONTENT_QUIET,
	CONTENT_PROGRAM,  /* runs when it is opened */
	CONTENT_MACROS,   /* a document with a program in it */
	CONTENT_SCRIPT,   /* a page or picture with a script, a form, or something fetched from elsewhere */
	CONTENT_EMBEDDED, /* a document that starts something, or carries another file */
} ContentDanger;

typedef struct {
	const char *type;      /* media type; "application/octet-stream" where nothing is known */
	const char *extension; /* without a dot */
	ContentDanger danger;
} Content;

void content_sniff(const void *data, gsize size, Content *content);
/* The danger as a sentence, translated; NULL for CONTENT_QUIET. */
const char *content_warning(const Content *content);

#endif
