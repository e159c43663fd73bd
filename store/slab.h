/* SPDX-License-Identifier: ISC */
/* store/slab.h - locked memory for keys: never swapped, not in a core dump, empty in a forked child.
 *
 * One slab of small slots serves all keys of the process (file keys, identities, the custody key, signing seeds),
 * because RLIMIT_MEMLOCK is small (8 MiB on Debian) and guarded allocations of a page or three each would use it up
 * at a few hundred messages. It grows by 32 KiB blocks, each locked (mlock tells when it cannot be, sodium_malloc does
 * not), MADV_DONTDUMP and MADV_WIPEONFORK.
 *
 * Ownership: slab_take() gives a zeroed slot, slab_give() wipes it and takes it back; NULL is harmless.
 * Threads:   any.
 * Fails:     NULL where the kernel locks no more memory. SLAB_ADVICE is the sentence to put behind "what happened". */
#ifndef SENIM_STORE_SLAB_H
#define SENIM_STORE_SLAB_H

#include <glib.h>

#define SLAB_SLOT 128
#define SLAB_ADVICE \
	"no memory can be locked for a key: raise the limit of locked memory (ulimit -l, LimitMEMLOCK= in the unit)"

void *slab_take(void);
void slab_give(void *slot);
/* Slots taken now: for tests. */
guint slab_taken(void);
/* A copy of a secret that is larger than a slot (a key file's text, an escrow), in pages of its own that are wiped and go
 * with it; NULL as above. */
GBytes *slab_bytes(const void *data, gsize size);
/* A region of its own with the same properties, for the whole life of the process; NULL as above. */
void *slab_map(gsize size);

#endif
