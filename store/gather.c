/* SPDX-License-Identifier: ISC */
#include "store/gather.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

#define ROOM (128 * 1024) /* thirty pages with their heads: a few reports */
#define NAME "senim-gather"

typedef struct {
	sqlite3_file file; /* first: SQLite knows nothing else of it */
	guint8 *octets;    /* gathered */
	gsize used;
	sqlite3_int64 at;  /* where they go */
} Gather;

static sqlite3_vfs vfs; /* SQLite's own, but for the opening */

/* SQLite's own file lies behind ours. */
static sqlite3_file *own(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((Gather *)(void *)file + 1);
}

static int flush(sqlite3_file *file)
{
	Gather *gather = (Gather *)(void *)file;
	gsize used = gather->used;
	gather->used = 0;
	return used > 0 ? own(file)->pMethods->xWrite(own(file), gather->octets, (int)used, gather->at) : SQLITE_OK;
}

static int gather_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
	Gather *gather = (Gather *)(void *)file;
	if (gather->used > 0 && (at != gather->at + (sqlite3_int64)gather->used || gather->used + (gsize)size > ROOM)) {
		int code = flush(file);
		if (code != SQLITE_OK)
			return code;
	}
	if ((gsize)size > ROOM)
		return own(file)->pMethods->xWrite(own(file), data, size, at);
	if (gather->used == 0)
		gather->at = at;
	memcpy(gather->octets + gather->used, data, (gsize)size);
	gather->used += (gsize)size;
	return SQLITE_OK;
}

static int gather_read(sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
	int code = flush(file);
	return code == SQLITE_OK ? own(file)->pMethods->xRead(own(file), data, size, at) : code;
}

static int gather_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = flush(file);
	return code == SQLITE_OK ? own(file)->pMethods->xTruncate(own(file), size) : code;
}

static int gather_sync(sqlite3_file *file, int flags)
{
	int code = flush(file);
	return code == SQLITE_OK ? own(file)->pMethods->xSync(own(file), flags) : code;
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int code = flush(file);
	return code == SQLITE_OK ? own(file)->pMethods->xFileSize(own(file), size) : code;
}

static int gather_close(sqlite3_file *file)
{
	int flushed = flush(file), closed = own(file)->pMethods->xClose(own(file));
	g_free(((Gather *)(void *)file)->octets);
	return flushed != SQLITE_OK ? flushed : closed;
}

static int gather_lock(sqlite3_file *file, int level)
{
	return own(file)->pMethods->xLock(own(file), level);
}

static int gather_unlock(sqlite3_file *file, int level)
{
	return own(file)->pMethods->xUnlock(own(file), level);
}

static int gather_check_lock(sqlite3_file *file, int *reserved)
{
	return own(file)->pMethods->xCheckReservedLock(own(file), reserved);
}

static int gather_control(sqlite3_file *file, int what, void *argument)
{
	return own(file)->pMethods->xFileControl(own(file), what, argument);
}

static int gather_sector_size(sqlite3_file *file)
{
	return own(file)->pMethods->xSectorSize(own(file));
}

static int gather_device(sqlite3_file *file)
{
	return own(file)->pMethods->xDeviceCharacteristics(own(file));
}

/* Version 1: what came later is asked of the database's own file, never of its WAL. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = gather_close,
	.xRead = gather_read,
	.xWrite = gather_write,
	.xTruncate = gather_truncate,
	.xSync = gather_sync,
	.xFileSize = gather_size,
	.xLock = gather_lock,
	.xUnlock = gather_unlock,
	.xCheckReservedLock = gather_check_lock,
	.xFileControl = gather_control,
	.xSectorSize = gather_sector_size,
	.xDeviceCharacteristics = gather_device,
};

static int gather_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *got)
{
	(void)self;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return real->xOpen(real, name, file, flags, got);
	Gather *gather = (Gather *)(void *)file;
	memset(gather, 0, sizeof *gather);
	int code = real->xOpen(real, name, own(file), flags, got);
	if (code != SQLITE_OK)
		return code; /* without methods SQLite does not close it */
	gather->octets = g_malloc(ROOM);
	gather->file.pMethods = &methods;
	return SQLITE_OK;
}

const char *gather_vfs(void)
{
	static gsize registered;
	if (g_once_init_enter(&registered)) {
		vfs = *sqlite3_vfs_find(NULL);
		vfs.szOsFile += (int)sizeof(Gather);
		vfs.pNext = NULL;
		vfs.zName = NAME;
		vfs.xOpen = gather_open;
		sqlite3_vfs_register(&vfs, FALSE);
		g_once_init_leave(&registered, 1);
	}
	return NAME;
}
