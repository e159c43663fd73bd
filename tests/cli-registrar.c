/* SPDX-License-Identifier: ISC */
#include "tests/cli-registrar.h"

#include <string.h>

#include "store/merkle.h"

static void entry_clear(gpointer data)
{
	g_free(((TestEntry *)data)->record);
}

TestRegister *test_register_new(NoteSigner *signer, const char *origin)
{
	TestRegister *r = g_new0(TestRegister, 1);
	r->signer = signer;
	r->origin = origin;
	r->entries = g_array_new(FALSE, FALSE, sizeof(TestEntry));
	g_array_set_clear_func(r->entries, entry_clear);
	return r;
}

TestRegister *test_register_fork(const TestRegister *from, guint n)
{
	TestRegister *r = test_register_new(from->signer, from->origin);
	for (guint i = 0; i < n; i++) {
		TestEntry copy = g_array_index(from->entries, TestEntry, i);
		copy.record = g_strdup(copy.record);
		g_array_append_val(r->entries, copy);
	}
	return r;
}

void test_register_free(TestRegister *r)
{
	if (r == NULL)
		return;
	g_array_unref(r->entries);
	g_free(r);
}

guint64 test_register_add(TestRegister *r, guint kind, Record *record, const guint8 *object)
{
	return test_register_add_about(r, kind, record, object, ENTRY_NOTHING);
}

guint64 test_register_add_about(TestRegister *r, guint kind, Record *record, const guint8 *object, guint64 concerns)
{
	TestEntry one = {.record = NULL};
	Entry entry = {.seq = r->entries->len, .time = 20778 * (gint64)ENTRY_DAY, .kind = (guint16)kind, .concerns = concerns};
	gsize size;
	one.record = record_write(record, &size);
	record_free(record);
	memset(one.salt, (int)r->entries->len + 1, sizeof one.salt);
	entry_commit(one.salt, one.record, size, entry.commitment);
	if (object != NULL)
		memcpy(entry.object, object, sizeof entry.object);
	entry_encode(&entry, one.data);
	entry_leaf(one.data, one.leaf);
	g_array_append_val(r->entries, one);
	return entry.seq;
}

/* The hash of a complete subtree, from its leaves. */
static gboolean fetch(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	const TestRegister *r = user;
	if (level == 0) {
		g_assert_cmpuint(index, <, r->entries->len);
		memcpy(hash, g_array_index(r->entries, TestEntry, index).leaf, MERKLE_HASH);
		return TRUE;
	}
	guint8 left[MERKLE_HASH], right[MERKLE_HASH];
	fetch(level - 1, 2 * index, left, user, error);
	fetch(level - 1, 2 * index + 1, right, user, error);
	merkle_node(left, right, hash);
	return TRUE;
}

char *test_register_checkpoint(const TestRegister *r)
{
	MerkleTree tree = {.size = 0};
	guint8 root[MERKLE_HASH];
	for (guint i = 0; i < r->entries->len; i++)
		merkle_append(&tree, g_array_index(r->entries, TestEntry, i).leaf, NULL, NULL, NULL);
	merkle_root(&tree, root);
	g_autofree char *text = note_checkpoint(r->origin, tree.size, root);
	return note_sign(text, r->signer, NULL);
}

GBytes *test_register_consistency(const TestRegister *r, guint64 known)
{
	return known == 0 ? g_bytes_new(NULL, 0) : merkle_consistency(known, r->entries->len, fetch, (gpointer)r, NULL);
}

static json_t *hashes(GBytes *bytes)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(bytes, &size);
	json_t *list = json_array();
	for (gsize i = 0; i < size; i += MERKLE_HASH) {
		g_autofree char *text = g_base64_encode(data + i, MERKLE_HASH);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *test_register_proof(const TestRegister *r, guint64 known, const guint64 *seqs, guint n)
{
	g_autofree char *note = test_register_checkpoint(r);
	json_t *list = json_array();
	for (guint i = 0; i < n; i++) {
		const TestEntry *one = &g_array_index(r->entries, TestEntry, seqs[i]);
		g_autofree char *data = g_base64_encode(one->data, ENTRY_SIZE), *salt = g_base64_encode(one->salt, ENTRY_SALT);
		g_autofree char *record = g_base64_encode((const guchar *)one->record, strlen(one->record));
		g_autoptr(GBytes) path = merkle_inclusion(seqs[i], r->entries->len, fetch, (gpointer)r, NULL);
		json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:o}", "seq", (json_int_t)seqs[i], "entry", data, "salt",
		                                      salt, "record", record, "inclusion", hashes(path)));
	}
	g_autoptr(GBytes) consistency = known > r->entries->len ? NULL : test_register_consistency(r, known);
	return json_pack("{s:s, s:o, s:o}", "checkpoint", note, "consistency",
	                 known > 0 && consistency != NULL ? hashes(consistency) : json_null(), "entries", list);
}
