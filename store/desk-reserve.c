/* SPDX-License-Identifier: ISC */
#include "store/desk-reserve.h"

#include <sys/statvfs.h>

gboolean desk_reserve_allows(const DeskPlace *place, DeskReply *reply)
{
	struct statvfs fs;
	const Config *config = place->config;
	/* What cannot be asked is no reason to refuse: the entry itself fails where there is no room. */
	gboolean room = statvfs(config->state_directory, &fs) != 0 ||
	                (guint64)fs.f_bavail >= config->disk_reserve / MAX(fs.f_frsize, 1);
	if (room && !registry_is_full(place->registry))
		return TRUE;
	desk_acts_error(reply, 503, "room", "Too little of the disk is left: it is kept for reports, and nothing is opened.");
	return FALSE;
}
