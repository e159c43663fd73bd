/* SPDX-License-Identifier: ISC */
/* cli/memory-room.h - a place for a file that must be a file: a directory in memory, of one viewing, that goes with it.
 *
 * Made in $XDG_RUNTIME_DIR or /dev/shm, whichever statfs(2) says is tmpfs or ramfs; on anything else there is none. Its
 * name, senim-view-PID-START-XXXXXX, carries the process that made it with its start time: what a crash left behind the
 * next start of the program takes away (memory_room_sweep()).
 * Not a memfd: viewers want an extension, open the file twice, or start another program with its name.
 * Bytes:     directory 0700, file 0400, overwritten before it is unlinked. Its pages are locked where the limit of locked
 *            memory lets it; else a machine with swap may write them to its disk, and memory_room_swappable() says so.
 * Threads:   one. Fails: CLI_ERROR_FAILED, with what to do. */
#ifndef SENIM_CLI_MEMORY_ROOM_H
#define SENIM_CLI_MEMORY_ROOM_H

#include <glib.h>

typedef struct MemoryRoom MemoryRoom;

MemoryRoom *memory_room_new(GError **error);
/* Wipes and removes all that is in it, also what a viewer left there, and the room. */
void memory_room_free(MemoryRoom *room);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemoryRoom, memory_room_free)
/* A file of that name; its path is borrowed. Once. */
const char *memory_room_add(MemoryRoom *room, const char *name, const void *data, gsize size, GError **error);
/* A directory for what the viewer writes: its home, caches and temporary files (borrowed). */
const char *memory_room_home(const MemoryRoom *room);
/* The file may reach a disk through swap. */
gboolean memory_room_swappable(const MemoryRoom *room);
/* Has this machine swap at all, by which memory that is not locked reaches a disk? */
gboolean memory_room_machine_swaps(void);
/* Takes away rooms of this user whose makers are gone. */
void memory_room_sweep(void);

#endif
