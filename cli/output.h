/* SPDX-License-Identifier: ISC */
/* cli/output.h - what a command prints: one JSON object for programs, or text for a person.
 *
 * JSON leaves in ASCII alone: every other character, DEL and what drives a terminal stand as \u escapes. What a report
 * says passes through jansson's memory, which is wiped when it is freed (output_init()).
 * Threads: one. */
#ifndef SENIM_CLI_OUTPUT_H
#define SENIM_CLI_OUTPUT_H

#include <jansson.h>

#include "cli/wipe.h"

/* Before the first JSON value. */
void output_init(void);
/* Takes the object and puts "schema": 1 first. */
gboolean output_json(json_t *object, GError **error);
/* The terminal's columns; 0 where standard output is none. */
guint output_width(void);
/* Text that passed the escape, folded for a terminal; through the pager where it does not fit. */
gboolean output_text(const WipeBuffer *text, GError **error);

/* The same without a pager: what a command says of itself. */
gboolean output_said(const char *text, GError **error);

/* Octets as they are: to this new file, or, where it is NULL, to standard output. */
gboolean output_octets(const char *file, const void *data, gsize size, GError **error);

/* A JSON string; null for NULL and for "-". What is no UTF-8 is replaced. */
json_t *output_value(const char *text);
/* Octets as a JSON string, also empty ones. */
json_t *output_string(const char *text, gsize size);
/* "WHAT SOURCE VALUE" of a card or a view (base/finding.h) as an object of the three. */
json_t *output_suggestion(const char *line);

#endif
