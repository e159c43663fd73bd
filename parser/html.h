/* SPDX-License-Identifier: ISC */
/* parser/html.h - an HTML part as text.
 *
 * libxml2's HTML parser as a stream of events: no tree, no DTD, no entity but those of HTML, no network, nothing fetched.
 * Blocks become lines, list items and cells are marked, a link stands behind its words as <target>, an image as its
 * alternative text in brackets. Script, style, templates and everything that is styled out of sight is left out; where
 * that held words, `hidden` says so.
 * Ownership: (transfer full). Threads: one parser at a time; pure otherwise. Never fails: what cannot be parsed gives
 * what came before it.
 * Bugs: visibility is read from attributes alone; a style sheet that hides a class goes unseen. */
#ifndef SENIM_PARSER_HTML_H
#define SENIM_PARSER_HTML_H

#include <glib.h>

#define HTML_OCTETS_MAX (2u << 20) /* of one part; the rest is not looked at */

typedef struct {
	gboolean hidden;  /* words were styled out of sight */
	gboolean partial; /* past a limit */
} HtmlResult;

/* Once, before the cage. */
void html_load(void);

/* html: UTF-8. At most `most` octets of text. */
GString *html_to_text(const char *html, gsize size, gsize most, HtmlResult *result);

#endif
