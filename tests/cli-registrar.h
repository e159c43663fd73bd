/* SPDX-License-Identifier: ISC */
/* tests/cli-registrar.h - a register in memory that can lie: what the CLI's checks are tried on.
 *
 * Entries are made with store/entry.h, signed with a key of its own; proofs are RFC 6962's, computed from the leaves. A
 * fork is a second register under the same key. */
#ifndef SENIM_TESTS_CLI_REGISTRAR_H
#define SENIM_TESTS_CLI_REGISTRAR_H

#include <jansson.h>

#include "base/record.h"
#include "store/entry.h"
#include "store/note.h"

typedef struct {
	guint8 data[ENTRY_SIZE], salt[ENTRY_SALT], leaf[ENTRY_HASH];
	char *record;
} TestEntry;

typedef struct {
	NoteSigner *signer; /* borrowed */
	const char *origin;
	GArray *entries;
} TestRegister;

TestRegister *test_register_new(NoteSigner *signer, const char *origin);
/* A copy of the first n entries. */
TestRegister *test_register_fork(const TestRegister *from, guint n);
void test_register_free(TestRegister *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestRegister, test_register_free)
/* Appends; takes the record (transfer full). object may be NULL. Returns the sequence. */
guint64 test_register_add(TestRegister *r, guint kind, Record *record, const guint8 *object);
/* The same of an entry that concerns another. */
guint64 test_register_add_about(TestRegister *r, guint kind, Record *record, const guint8 *object, guint64 concerns);
char *test_register_checkpoint(const TestRegister *r);
GBytes *test_register_consistency(const TestRegister *r, guint64 known);
/* `checkpoint`, `consistency`, `entries`. */
json_t *test_register_proof(const TestRegister *r, guint64 known, const guint64 *seqs, guint n);

#endif
