/* SPDX-License-Identifier: ISC */
#include "store/merkle.h"

#include <sodium.h>
#include <string.h>

void merkle_node(const guint8 left[MERKLE_HASH], const guint8 right[MERKLE_HASH], guint8 node[MERKLE_HASH])
{
	guint8 octets[1 + 2 * MERKLE_HASH] = {1};
	memcpy(octets + 1, left, MERKLE_HASH);
	memcpy(octets + 1 + MERKLE_HASH, right, MERKLE_HASH);
	crypto_hash_sha256(node, octets, sizeof octets);
}

gboolean merkle_append(MerkleTree *tree, const guint8 leaf[MERKLE_HASH], MerkleSink sink, gpointer user, GError **error)
{
	guint8 hash[MERKLE_HASH];
	guint level = 0;
	memcpy(hash, leaf, sizeof hash);
	/* As in binary addition: each peak that is there is the left half of a larger complete subtree. */
	for (; (tree->size >> level & 1) != 0; level++) {
		merkle_node(tree->peaks[level], hash, hash);
		if (sink != NULL && !sink(level + 1, tree->size >> (level + 1), hash, user, error))
			return FALSE;
	}
	memcpy(tree->peaks[level], hash, sizeof hash);
	tree->size++;
	return TRUE;
}

void merkle_root(const MerkleTree *tree, guint8 root[MERKLE_HASH])
{
	gboolean begun = FALSE;
	if (tree->size == 0)
		crypto_hash_sha256(root, NULL, 0);
	for (guint level = 0; level < MERKLE_LEVELS; level++) {
		if ((tree->size >> level & 1) == 0)
			continue;
		if (begun)
			merkle_node(tree->peaks[level], root, root);
		else
			memcpy(root, tree->peaks[level], MERKLE_HASH);
		begun = TRUE;
	}
}

gboolean merkle_load(MerkleTree *tree, guint64 size, MerkleFetch fetch, gpointer user, GError **error)
{
	memset(tree, 0, sizeof *tree);
	tree->size = size;
	for (guint level = 0; level < MERKLE_LEVELS; level++)
		if ((size >> level & 1) != 0 && !fetch(level, (size >> level) - 1, tree->peaks[level], user, error))
			return FALSE;
	return TRUE;
}

/* The largest power of two below n, as its exponent; n >= 2. */
static guint split(guint64 n)
{
	return 63 - (guint)__builtin_clzll(n - 1);
}

/* MTH(D[begin:end]), where begin is a multiple of a power of two that is at least end - begin. */
static gboolean range(guint64 begin, guint64 end, guint8 hash[MERKLE_HASH], MerkleFetch fetch, gpointer user,
                      GError **error)
{
	guint64 n = end - begin;
	if ((n & (n - 1)) == 0) {
		guint level = (guint)__builtin_ctzll(n);
		return fetch(level, begin >> level, hash, user, error);
	}
	guint8 right[MERKLE_HASH];
	guint64 middle = begin + (G_GUINT64_CONSTANT(1) << split(n));
	if (!range(begin, middle, hash, fetch, user, error) || !range(middle, end, right, fetch, user, error))
		return FALSE;
	merkle_node(hash, right, hash);
	return TRUE;
}

typedef struct {
	guint64 begin, end;
} Span;

/* The hashes of the spans, the last one first: both proofs are found from the root downwards and told upwards. */
static GBytes *hashes_upwards(const Span *spans, guint n, MerkleFetch fetch, gpointer user, GError **error)
{
	g_autofree guint8 *out = g_malloc(MAX(n, 1) * MERKLE_HASH);
	for (guint i = 0; i < n; i++) {
		const Span *span = &spans[n - 1 - i];
		if (!range(span->begin, span->end, out + i * MERKLE_HASH, fetch, user, error))
			return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&out), n * MERKLE_HASH);
}

GBytes *merkle_inclusion(guint64 index, guint64 size, MerkleFetch fetch, gpointer user, GError **error)
{
	Span spans[MERKLE_LEVELS + 1];
	guint n = 0;
	guint64 begin = 0, end = size;
	g_return_val_if_fail(index < size, NULL);
	while (end - begin > 1) {
		guint64 middle = begin + (G_GUINT64_CONSTANT(1) << split(end - begin));
		if (index < middle) {
			spans[n++] = (Span){middle, end};
			end = middle;
		} else {
			spans[n++] = (Span){begin, middle};
			begin = middle;
		}
	}
	return hashes_upwards(spans, n, fetch, user, error);
}

GBytes *merkle_consistency(guint64 old, guint64 size, MerkleFetch fetch, gpointer user, GError **error)
{
	Span spans[MERKLE_LEVELS + 1];
	guint n = 0;
	guint64 begin = 0, end = size;
	g_return_val_if_fail(old <= size, NULL);
	if (old == 0 || old == size)
		return g_bytes_new(NULL, 0);
	/* SUBPROOF(m, D[n], b) with b as "begin is still 0": the old tree is then known to the verifier by its root. */
	while (old != end) {
		guint64 middle = begin + (G_GUINT64_CONSTANT(1) << split(end - begin));
		if (old <= middle) {
			spans[n++] = (Span){middle, end};
			end = middle;
		} else {
			spans[n++] = (Span){begin, middle};
			begin = middle;
		}
	}
	if (begin != 0)
		spans[n++] = (Span){begin, end};
	return hashes_upwards(spans, n, fetch, user, error);
}

/* The largest complete subtree that begins there and ends by `end`, as its level; begin < end. */
static guint level_at(guint64 begin, guint64 end)
{
	guint level = 63 - (guint)__builtin_clzll(end - begin);
	return begin == 0 ? level : MIN(level, (guint)__builtin_ctzll(begin));
}

GBytes *merkle_cover(guint64 begin, guint64 end, MerkleFetch fetch, gpointer user, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	while (begin < end) {
		guint8 hash[MERKLE_HASH];
		guint level = level_at(begin, end);
		if (!fetch(level, begin >> level, hash, user, error))
			return NULL;
		g_byte_array_append(out, hash, sizeof hash);
		begin += G_GUINT64_CONSTANT(1) << level;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

/* A complete subtree whose place is the tree's end: as in binary addition, from its own digit on. */
static void add_subtree(MerkleTree *tree, guint level, const guint8 hash[MERKLE_HASH])
{
	guint8 sum[MERKLE_HASH];
	guint64 before = tree->size;
	memcpy(sum, hash, sizeof sum);
	tree->size += G_GUINT64_CONSTANT(1) << level;
	for (; (before >> level & 1) != 0; level++)
		merkle_node(tree->peaks[level], sum, sum);
	memcpy(tree->peaks[level], sum, sizeof sum);
}

/* FALSE where hashes are missing or left over. */
static gboolean add_cover(MerkleTree *tree, guint64 end, GBytes *hashes)
{
	gsize size, used = 0;
	const guint8 *data = g_bytes_get_data(hashes, &size);
	while (tree->size < end) {
		guint level = level_at(tree->size, end);
		if (size - used < MERKLE_HASH)
			return FALSE;
		add_subtree(tree, level, data + used);
		used += MERKLE_HASH;
	}
	return used == size;
}

gboolean merkle_verify_range(guint64 begin, const guint8 *leaves, gsize n, guint64 size, GBytes *left, GBytes *right,
                             const guint8 root[MERKLE_HASH])
{
	MerkleTree tree = {0};
	guint8 hash[MERKLE_HASH];
	if (size >> (MERKLE_LEVELS - 1) != 0 || begin > size || n > size - begin || !add_cover(&tree, begin, left))
		return FALSE;
	for (gsize i = 0; i < n; i++)
		add_subtree(&tree, 0, leaves + i * MERKLE_HASH);
	if (!add_cover(&tree, size, right))
		return FALSE;
	merkle_root(&tree, hash);
	return memcmp(hash, root, sizeof hash) == 0;
}

gboolean merkle_verify_inclusion(guint64 index, guint64 size, const guint8 leaf[MERKLE_HASH], const guint8 *proof,
                                 gsize n, const guint8 root[MERKLE_HASH])
{
	guint8 hash[MERKLE_HASH];
	gsize used = 0;
	if (index >= size)
		return FALSE;
	memcpy(hash, leaf, sizeof hash);
	/* fn and sn of RFC 9162 section 2.1.3.2: the path of this leaf and of the last one. */
	for (guint64 fn = index, sn = size - 1; sn > 0; fn >>= 1, sn >>= 1) {
		gboolean right = (fn & 1) != 0;
		if (!right && fn == sn)
			continue; /* no sibling at this level */
		if (used == n)
			return FALSE;
		const guint8 *sibling = proof + MERKLE_HASH * used++;
		if (right)
			merkle_node(sibling, hash, hash);
		else
			merkle_node(hash, sibling, hash);
	}
	return used == n && memcmp(hash, root, sizeof hash) == 0;
}

gboolean merkle_verify_consistency(guint64 old, const guint8 old_root[MERKLE_HASH], guint64 size,
                                   const guint8 root[MERKLE_HASH], const guint8 *proof, gsize n)
{
	guint8 before[MERKLE_HASH], after[MERKLE_HASH];
	gsize used = 0;
	if (old > size)
		return FALSE;
	if (old == 0)
		return n == 0;
	if (old == size)
		return n == 0 && memcmp(old_root, root, MERKLE_HASH) == 0;
	/* RFC 9162 section 2.1.4.2. Levels at which the old tree is complete up to its right edge say nothing new. */
	guint64 fn = old - 1, sn = size - 1;
	for (; (fn & 1) != 0; fn >>= 1, sn >>= 1)
		;
	const guint8 *seed = old_root;
	if (fn != 0) {
		if (n == 0)
			return FALSE;
		seed = proof + MERKLE_HASH * used++;
	}
	memcpy(before, seed, sizeof before);
	memcpy(after, seed, sizeof after);
	for (; sn > 0; fn >>= 1, sn >>= 1) {
		gboolean right = (fn & 1) != 0;
		if (!right && fn == sn)
			continue;
		if (used == n)
			return FALSE;
		const guint8 *hash = proof + MERKLE_HASH * used++;
		if (right) {
			merkle_node(hash, before, before);
			merkle_node(hash, after, after);
		} else {
			merkle_node(after, hash, after);
		}
	}
	return used == n && memcmp(before, old_root, sizeof before) == 0 && memcmp(after, root, sizeof after) == 0;
}
