/* SPDX-License-Identifier: ISC */
/* parser/view.h - a message decoded for the officer's eyes: what `senim-examine --view` writes.
 *
 * The bundle is doc/architecture.md's. Nothing in it is safe to print: its reader passes every value and part through
 * the escape. Texts are valid UTF-8 and may hold control characters and NUL; values have no NUL.
 * Ownership: (transfer full). Threads: pure. */
#ifndef SENIM_PARSER_VIEW_H
#define SENIM_PARSER_VIEW_H

#include "base/bundle.h"
#include "parser/message.h"

#define VIEW_LIST_MAX 1000
#define VIEW_FROM_MAX 64

/* The record's schema, for whoever reads it. */
extern const RecordField view_schema[];

Bundle *view_new(const Message *message);

#endif
