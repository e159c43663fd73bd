/* SPDX-License-Identifier: ISC */
/* What the CLI reads of a registrar's hand: entries come back as they were, and no receipt, note or key that was not
 * made by its own key is taken. */
#include <glib.h>
#include <string.h>

#include "store/receipt.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* The key of the example in golang.org/x/mod/sumdb/note, which signed one text that we know. */
static const char verifier_text[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static NoteVerifier *verifier;
	guint64 tree_size;
	guint8 root[NOTE_ROOT];
	Entry entry;
	if (verifier == NULL)
		verifier = note_verifier_new(verifier_text, NULL);
	g_autofree char *text = g_strndup((const char *)data, size);
	if (size >= ENTRY_SIZE && entry_decode(data, &entry, NULL)) {
		guint8 again[ENTRY_SIZE];
		entry_encode(&entry, again);
		g_assert_cmpmem(again, ENTRY_SIZE, data, ENTRY_SIZE);
	}
	g_auto(Receipt) receipt = {.record = NULL};
	g_assert_false(receipt_read((const char *)data, size, verifier, &receipt, NULL));
	g_autofree char *signed_text = note_verify(text, verifier, NULL);
	g_assert_true(signed_text == NULL || g_str_has_prefix(signed_text, "If you think cryptography"));
	if (note_checkpoint_parse(text, NULL, &tree_size, root, NULL)) {
		g_auto(GStrv) lines = g_strsplit(text, "\n", 2);
		g_autofree char *again = note_checkpoint(lines[0], tree_size, root);
		g_assert_true(g_str_has_prefix(text, again));
	}
	note_verifier_free(note_verifier_new(text, NULL));
	return 0;
}
