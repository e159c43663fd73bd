/* SPDX-License-Identifier: ISC */
/* cli/html.h - text of anybody's into an HTML page.
 *
 * Promise: what is added shows as the same characters: no element, attribute or entity of its own. Each text passes
 *          escape_text() first, so that what turns a line around or drives a terminal is seen here too.
 * Threads: any. */
#ifndef SENIM_CLI_HTML_H
#define SENIM_CLI_HTML_H

#include "cli/wipe.h"

void html_add(WipeBuffer *out, const char *text);
/* open and close are markup, as they are. */
void html_add_element(WipeBuffer *out, const char *open, const char *text, const char *close);

#endif
