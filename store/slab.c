/* SPDX-License-Identifier: ISC */
#include "store/slab.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK (32 * 1024)
G_STATIC_ASSERT(BLOCK % SLAB_SLOT == 0);

static GMutex lock;
static GPtrArray *waiting; /* under the lock: slots that nobody holds, all zero */
static guint taken;        /* under the lock */

void *slab_map(gsize size)
{
	if (sodium_init() < 0)
		return NULL;
	void *region = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region == MAP_FAILED)
		return NULL;
	if (mlock(region, size) != 0 || madvise(region, size, MADV_DONTDUMP) != 0 ||
	    madvise(region, size, MADV_WIPEONFORK) != 0) {
		munmap(region, size);
		return NULL;
	}
	return region;
}

/* Under the lock. A forked child finds its slots zeroed and must not use what it held; new ones are as good as any. */
static gboolean add_block(void)
{
	guint8 *block = slab_map(BLOCK);
	if (block == NULL)
		return FALSE;
	if (waiting == NULL)
		waiting = g_ptr_array_new();
	for (gsize at = BLOCK; at > 0; at -= SLAB_SLOT)
		g_ptr_array_add(waiting, block + at - SLAB_SLOT);
	return TRUE;
}

void *slab_take(void)
{
	void *slot = NULL;
	g_mutex_lock(&lock);
	if ((waiting != NULL && waiting->len > 0) || add_block()) {
		slot = g_ptr_array_steal_index_fast(waiting, waiting->len - 1);
		taken++;
	}
	g_mutex_unlock(&lock);
	return slot;
}

void slab_give(void *slot)
{
	if (slot == NULL)
		return;
	sodium_memzero(slot, SLAB_SLOT);
	g_mutex_lock(&lock);
	g_ptr_array_add(waiting, slot);
	taken--;
	g_mutex_unlock(&lock);
}

guint slab_taken(void)
{
	g_mutex_lock(&lock);
	guint n = taken;
	g_mutex_unlock(&lock);
	return n;
}

typedef struct {
	gsize whole;
	guint8 octets[];
} Room;

static void room_free(gpointer data)
{
	Room *room = data;
	gsize whole = room->whole;
	sodium_memzero(room, whole);
	munmap(room, whole);
}

GBytes *slab_bytes(const void *data, gsize size)
{
	Room *room = slab_map(sizeof *room + size);
	if (room == NULL)
		return NULL;
	room->whole = sizeof *room + size;
	if (size > 0)
		memcpy(room->octets, data, size);
	return g_bytes_new_with_free_func(room->octets, size, room_free, room);
}
