/* SPDX-License-Identifier: ISC */
#include "store/ephemeral.h"

#include <sodium.h>
#include <string.h>

#include "store/slab.h"

typedef struct {
	guint8 secret[32], share[32];
} Pair;

/* The count lies in the wiped region too: a forked child finds no pair, instead of pairs of zeros. */
typedef struct {
	guint count;
	Pair pairs[EPHEMERAL_POOL];
} Pool;

static GMutex lock;
static Pool *pool;       /* under the lock; NULL until the first refill, or where no memory could be locked */
static gboolean no_pool; /* under the lock: it was tried; pairs are then made on the spot */

static void make(Pair *pair)
{
	randombytes_buf(pair->secret, sizeof pair->secret);
	crypto_scalarmult_curve25519_base(pair->share, pair->secret);
}

void ephemeral_take(guint8 secret[32], guint8 share[32])
{
	Pair pair;
	gboolean found = FALSE;
	g_mutex_lock(&lock);
	if (pool != NULL && pool->count > 0) {
		Pair *last = &pool->pairs[--pool->count];
		pair = *last;
		sodium_memzero(last, sizeof *last);
		found = TRUE;
	}
	g_mutex_unlock(&lock);
	if (!found)
		make(&pair);
	memcpy(secret, pair.secret, sizeof pair.secret);
	memcpy(share, pair.share, sizeof pair.share);
	sodium_memzero(&pair, sizeof pair);
}

/* TRUE where the pool has room for one more. */
static gboolean has_room(void)
{
	g_mutex_lock(&lock);
	if (pool == NULL && !no_pool) {
		pool = slab_map(sizeof *pool);
		no_pool = pool == NULL;
	}
	gboolean room = pool != NULL && pool->count < EPHEMERAL_POOL;
	g_mutex_unlock(&lock);
	return room;
}

guint ephemeral_refill(guint most)
{
	guint made = 0;
	while (made < most && has_room()) {
		Pair pair;
		make(&pair);
		g_mutex_lock(&lock);
		if (pool->count < EPHEMERAL_POOL)
			pool->pairs[pool->count++] = pair;
		g_mutex_unlock(&lock);
		sodium_memzero(&pair, sizeof pair);
		made++;
	}
	return made;
}

guint ephemeral_waiting(void)
{
	g_mutex_lock(&lock);
	guint n = pool != NULL ? pool->count : 0;
	g_mutex_unlock(&lock);
	return n;
}
