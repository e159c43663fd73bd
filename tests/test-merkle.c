/* SPDX-License-Identifier: ISC */
/* The tree of RFC 6962 against its own recursive definition, for every size up to 130, and every proof bent. */
#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "store/merkle.h"

#define LARGEST 130

typedef struct {
	GHashTable *nodes; /* "level/index" -> 32 octets */
	guint8 leaves[LARGEST][MERKLE_HASH];
	guint8 roots[LARGEST + 1][MERKLE_HASH];
	MerkleTree tree;
} Forest;

static gboolean keep(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Forest *forest = user;
	(void)error;
	char *key = g_strdup_printf("%u/%" G_GUINT64_FORMAT, level, index);
	g_assert_true(g_hash_table_insert(forest->nodes, key, g_memdup2(hash, MERKLE_HASH)));
	return TRUE;
}

static gboolean fetch(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Forest *forest = user;
	g_autofree char *key = g_strdup_printf("%u/%" G_GUINT64_FORMAT, level, index);
	const guint8 *found = level == 0 ? forest->leaves[index] : g_hash_table_lookup(forest->nodes, key);
	(void)error;
	g_assert_nonnull(found);
	memcpy(hash, found, MERKLE_HASH);
	return TRUE;
}

/* MTH as RFC 6962 section 2.1 writes it. */
static void definition(Forest *forest, guint begin, guint end, guint8 out[MERKLE_HASH])
{
	guint8 pair[1 + 2 * MERKLE_HASH] = {1};
	guint k = 1;
	if (end == begin) {
		crypto_hash_sha256(out, NULL, 0);
		return;
	}
	if (end - begin == 1) {
		memcpy(out, forest->leaves[begin], MERKLE_HASH);
		return;
	}
	while (2 * k < end - begin)
		k *= 2;
	definition(forest, begin, begin + k, pair + 1);
	definition(forest, begin + k, end, pair + 1 + MERKLE_HASH);
	crypto_hash_sha256(out, pair, sizeof pair);
}

static Forest *grow(void)
{
	Forest *forest = g_new0(Forest, 1);
	forest->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; i < LARGEST; i++) {
		guint8 text[3] = {0, (guint8)i, (guint8)(i >> 8)};
		crypto_hash_sha256(forest->leaves[i], text, sizeof text);
		merkle_root(&forest->tree, forest->roots[i]);
		g_assert_true(merkle_append(&forest->tree, forest->leaves[i], keep, forest, NULL));
	}
	merkle_root(&forest->tree, forest->roots[LARGEST]);
	return forest;
}

static void fell(Forest *forest)
{
	g_hash_table_unref(forest->nodes);
	g_free(forest);
}

static void a_range_is_proved_whole_or_not_at_all(void)
{
	Forest *forest = grow();
	for (guint64 size = 1; size <= 40; size++)
		for (guint64 begin = 0; begin <= size; begin++)
			for (guint64 end = begin; end <= size; end++) {
				const guint8 *leaves = forest->leaves[begin], *root = forest->roots[size];
				g_autoptr(GBytes) left = merkle_cover(0, begin, fetch, forest, NULL);
				g_autoptr(GBytes) right = merkle_cover(end, size, fetch, forest, NULL);
				g_assert_true(merkle_verify_range(begin, leaves, end - begin, size, left, right, root));
				g_assert_false(merkle_verify_range(begin, leaves, end - begin, size, left, right, forest->roots[size - 1]));
				if (end > begin) /* one of them is kept back */
					g_assert_false(merkle_verify_range(begin, leaves, end - begin - 1, size, left, right, root));
				if (begin > 0)
					g_assert_false(merkle_verify_range(begin - 1, leaves, end - begin, size, left, right, root));
			}
	fell(forest);
}

static void roots_are_those_of_the_definition(void)
{
	Forest *forest = grow();
	for (guint size = 0; size <= LARGEST; size++) {
		guint8 expected[MERKLE_HASH];
		definition(forest, 0, size, expected);
		g_assert_cmpmem(forest->roots[size], MERKLE_HASH, expected, MERKLE_HASH);
	}
	fell(forest);
}

static void a_frontier_loaded_grows_on_as_the_one_that_was_kept(void)
{
	Forest *forest = grow();
	for (guint size = 0; size < LARGEST; size++) {
		MerkleTree tree;
		guint8 root[MERKLE_HASH];
		g_assert_true(merkle_load(&tree, size, fetch, forest, NULL));
		merkle_root(&tree, root);
		g_assert_cmpmem(root, MERKLE_HASH, forest->roots[size], MERKLE_HASH);
		g_assert_true(merkle_append(&tree, forest->leaves[size], NULL, NULL, NULL));
		merkle_root(&tree, root);
		g_assert_cmpmem(root, MERKLE_HASH, forest->roots[size + 1], MERKLE_HASH);
	}
	fell(forest);
}

static void every_inclusion_proof_holds_and_no_bent_one_does(void)
{
	Forest *forest = grow();
	for (guint64 size = 1; size <= LARGEST; size++)
		for (guint64 index = 0; index < size; index++) {
			g_autoptr(GBytes) proof = merkle_inclusion(index, size, fetch, forest, NULL);
			gsize octets;
			const guint8 *data = g_bytes_get_data(proof, &octets);
			gsize n = octets / MERKLE_HASH;
			const guint8 *leaf = forest->leaves[index], *root = forest->roots[size];
			g_assert_true(merkle_verify_inclusion(index, size, leaf, data, n, root));
			g_assert_false(merkle_verify_inclusion(index, size, forest->leaves[(index + 1) % LARGEST], data, n, root));
			g_assert_false(merkle_verify_inclusion(index, size, leaf, data, n, forest->roots[size - 1]));
			g_assert_false(merkle_verify_inclusion(size, size, leaf, data, n, root));
			if (n > 0) {
				g_autofree guint8 *bent = g_memdup2(data, octets);
				bent[(index * 7) % octets] ^= 1;
				g_assert_false(merkle_verify_inclusion(index, size, leaf, bent, n, root));
				g_assert_false(merkle_verify_inclusion(index, size, leaf, data, n - 1, root));
				g_assert_false(merkle_verify_inclusion(index ^ 1, size, leaf, data, n, root));
			}
			g_autofree guint8 *longer = g_malloc0(octets + MERKLE_HASH);
			if (octets > 0)
				memcpy(longer, data, octets);
			g_assert_false(merkle_verify_inclusion(index, size, leaf, longer, n + 1, root));
		}
	fell(forest);
}

static void every_consistency_proof_holds_and_no_bent_one_does(void)
{
	Forest *forest = grow();
	for (guint64 size = 0; size <= LARGEST; size++)
		for (guint64 old = 0; old <= size; old++) {
			g_autoptr(GBytes) proof = merkle_consistency(old, size, fetch, forest, NULL);
			gsize octets;
			const guint8 *data = g_bytes_get_data(proof, &octets);
			gsize n = octets / MERKLE_HASH;
			const guint8 *old_root = forest->roots[old], *root = forest->roots[size];
			g_assert_true(merkle_verify_consistency(old, old_root, size, root, data, n));
			if (old == 0)
				continue;
			guint8 forged[MERKLE_HASH];
			memcpy(forged, old_root, sizeof forged);
			forged[31] ^= 1;
			g_assert_false(merkle_verify_consistency(old, forged, size, root, data, n));
			g_assert_false(merkle_verify_consistency(size + 1, old_root, size, root, data, n));
			if (old == size)
				continue;
			g_assert_false(merkle_verify_consistency(old, old_root, size, old_root, data, n));
			g_assert_false(merkle_verify_consistency(old, old_root, size, root, data, n - 1));
			g_autofree guint8 *bent = g_memdup2(data, octets);
			bent[(old * 5) % octets] ^= 0x80;
			g_assert_false(merkle_verify_consistency(old, old_root, size, root, bent, n));
		}
	fell(forest);
}

static void roots_and_proofs_of_the_certificate_transparency_vectors_hold(void)
{
	/* The eight leaves of the vectors that Certificate Transparency's implementations share. */
	static const char *leaves[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
	                               "606162636465666768696a6b6c6d6e6f"};
	static const char *roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	MerkleTree tree = {0};
	for (gsize i = 0; i < G_N_ELEMENTS(leaves); i++) {
		guint8 octets[33] = {0}, leaf[MERKLE_HASH], root[MERKLE_HASH], expected[MERKLE_HASH];
		size_t size;
		g_assert_cmpint(sodium_hex2bin(octets + 1, 32, leaves[i], strlen(leaves[i]), NULL, &size, NULL), ==, 0);
		crypto_hash_sha256(leaf, octets, 1 + size);
		g_assert_true(merkle_append(&tree, leaf, NULL, NULL, NULL));
		merkle_root(&tree, root);
		g_assert_cmpint(sodium_hex2bin(expected, 32, roots[i], 64, NULL, &size, NULL), ==, 0);
		g_assert_cmpmem(root, 32, expected, 32);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/merkle/a range is proved whole or not at all", a_range_is_proved_whole_or_not_at_all);
	g_test_add_func("/merkle/roots are those of the definition", roots_are_those_of_the_definition);
	g_test_add_func("/merkle/a frontier loaded grows on as the one that was kept",
	                a_frontier_loaded_grows_on_as_the_one_that_was_kept);
	g_test_add_func("/merkle/every inclusion proof holds and no bent one does",
	                every_inclusion_proof_holds_and_no_bent_one_does);
	g_test_add_func("/merkle/every consistency proof holds and no bent one does",
	                every_consistency_proof_holds_and_no_bent_one_does);
	g_test_add_func("/merkle/roots of the Certificate Transparency vectors hold",
	                roots_and_proofs_of_the_certificate_transparency_vectors_hold);
	return g_test_run();
}
