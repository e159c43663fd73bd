/* SPDX-License-Identifier: ISC */
/* store/merkle.h - the tree of RFC 6962 section 2.1: growing it, proofs from stored subtrees, and their verification.
 *
 * node = SHA-256(0x01 || left || right); leaves are made by the caller (store/entry.h: SHA-256(0x00 || entry)).
 * What is stored is the complete subtrees: (level, index) holds the hash over leaves index << level up to
 * (index + 1) << level; level 0 are the leaves. A MerkleTree is the frontier alone: size and peaks.
 *
 * The verifiers are what the CLI trusts; they are pure, take every hash as hostile, and need no tree.
 * Threads: pure; a MerkleTree belongs to one thread at a time. */
#ifndef SENIM_STORE_MERKLE_H
#define SENIM_STORE_MERKLE_H

#include <glib.h>

#define MERKLE_HASH 32
#define MERKLE_LEVELS 63 /* sizes stay below 2^63 */

typedef struct {
	guint64 size;
	/* peaks[k] is valid where bit k of size is set: the complete subtree of 2^k leaves at that place. */
	guint8 peaks[MERKLE_LEVELS][MERKLE_HASH];
} MerkleTree;

/* Reads the hash of one complete subtree. FALSE and *error where it cannot be had. */
typedef gboolean (*MerkleFetch)(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer user, GError **error);
/* Is told of each complete subtree of level 1 and more as it comes to be. FALSE and *error ends the append. */
typedef gboolean (*MerkleSink)(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user,
                               GError **error);

void merkle_node(const guint8 left[MERKLE_HASH], const guint8 right[MERKLE_HASH], guint8 node[MERKLE_HASH]);

/* The empty tree is a zeroed MerkleTree. sink may be NULL. After FALSE the tree is good for nothing. */
gboolean merkle_append(MerkleTree *tree, const guint8 leaf[MERKLE_HASH], MerkleSink sink, gpointer user,
                       GError **error);
/* The tree hash; of the empty tree SHA-256 of nothing. */
void merkle_root(const MerkleTree *tree, guint8 root[MERKLE_HASH]);
/* The frontier of a tree of that size from its stored subtrees. */
gboolean merkle_load(MerkleTree *tree, guint64 size, MerkleFetch fetch, gpointer user, GError **error);

/* The audit path of leaf `index` in the tree of `size` (2.1.1), index < size: hashes of 32 octets, leaf side first. */
GBytes *merkle_inclusion(guint64 index, guint64 size, MerkleFetch fetch, gpointer user, GError **error);
/* The consistency proof from `old` to `size` (2.1.2), old <= size; empty for old = 0 and old = size. */
GBytes *merkle_consistency(guint64 old, guint64 size, MerkleFetch fetch, gpointer user, GError **error);

/* The complete subtrees whose leaves are begin to end (not included) one after another, largest first where they fit: what
 * a range of leaves needs on either side of it for its proof. Empty for begin = end. */
GBytes *merkle_cover(guint64 begin, guint64 end, MerkleFetch fetch, gpointer user, GError **error);

/* TRUE: the leaf stands at index in the tree of that size and root. proof: n hashes. */
gboolean merkle_verify_inclusion(guint64 index, guint64 size, const guint8 leaf[MERKLE_HASH], const guint8 *proof,
                                 gsize n, const guint8 root[MERKLE_HASH]);
/* TRUE: the tree of `size` and `root` begins with the tree of `old` and `old_root`. old = 0 is consistent with all. */
gboolean merkle_verify_consistency(guint64 old, const guint8 old_root[MERKLE_HASH], guint64 size,
                                   const guint8 root[MERKLE_HASH], const guint8 *proof, gsize n);
/* TRUE: the n leaves (32 octets each) stand from `begin` on, one after another and none left out, in the tree of that size
 * and root. left and right: merkle_cover() of what lies before and behind them. */
gboolean merkle_verify_range(guint64 begin, const guint8 *leaves, gsize n, guint64 size, GBytes *left, GBytes *right,
                             const guint8 root[MERKLE_HASH]);

#endif
