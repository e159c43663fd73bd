/* SPDX-License-Identifier: ISC */
/* base/bundle.h - a record with binary parts: what travels between the programs.
 *
 * Bytes:     the record's lines, then one line `part: NAME LENGTH` for each part, an empty line (LF), then the
 *            parts' octets in that order. `part` is therefore no key of any record that travels in a bundle.
 *            NAME is [a-z0-9/._-]+, each once.
 * Ownership: a Bundle owns its record; it holds a reference to each part.
 * Threads:   a Bundle belongs to one thread at a time.
 * Fails:     NULL and *error (RECORD_ERROR): lengths that do not add up, a name twice, a record of another form. */
#ifndef SENIM_BASE_BUNDLE_H
#define SENIM_BASE_BUNDLE_H

#include "base/record.h"

#define BUNDLE_PARTS_MAX 64

typedef struct Bundle Bundle;

Bundle *bundle_new(void);
void bundle_free(Bundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bundle, bundle_free)

/* The record: borrowed, to be filled or read. */
Record *bundle_record(const Bundle *bundle);
/* Adds a part: takes a reference (bundle_add), or copies (bundle_add_copy; the copy is wiped when freed). */
void bundle_add(Bundle *bundle, const char *name, GBytes *part);
void bundle_add_copy(Bundle *bundle, const char *name, const void *data, gsize size);
/* Adds a record's octets as a part. */
void bundle_add_record(Bundle *bundle, const char *name, const Record *record);
/* The part of that name, borrowed, or NULL. */
GBytes *bundle_part(const Bundle *bundle, const char *name);
/* The part's octets as a record: NULL and *error where it is missing or of another form. */
Record *bundle_part_record(const Bundle *bundle, const char *name, const RecordField *schema, GError **error);
/* The i-th part: TRUE while there is one. Both results borrowed. */
gboolean bundle_nth(const Bundle *bundle, guint i, const char **name, GBytes **part);

GBytes *bundle_write(const Bundle *bundle);
/* The parts are copies that wipe themselves. schema is for the record without its `part` lines; NULL: any. */
Bundle *bundle_read(const void *data, gsize size, const RecordField *schema, GError **error);

/* GBytes whose octets are wiped when the last reference goes. Copies. */
GBytes *bundle_secret_bytes(const void *data, gsize size);

#endif
