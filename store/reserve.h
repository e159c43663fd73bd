/* SPDX-License-Identifier: ISC */
/* store/reserve.h - a file that keeps some of the disk back (`disk-reserve` of senim.conf(5)), so that a full one still takes
 * the register's own entries: alarms, a block, a withholding, what is said of the reports that were put off.
 *
 *   <state-directory>/reserve   0600, of that size: kept; empty: given up; missing: there never was room for it
 *
 * It is given up when less than a sixteenth of it is free besides. From then on reports are put off at the door, before they
 * could take what it kept, and nothing is opened (store/desk-reserve.h), until a quarter more than it takes is free: then it is
 * made again. A store on a disk too small for it (twice its size is free nowhere) has none, and takes reports to the last octet.
 * Promise:   what it was survives a restart. Threads: one. Fails: FALSE and *error (G_FILE_ERROR), as it was before. */
#ifndef SENIM_STORE_RESERVE_H
#define SENIM_STORE_RESERVE_H

#include "base/config.h"

#define RESERVE_FILE "reserve"

/* Looks once, and does what is due. *given_up: reports are to be put off; set before the room is given free, by calling
 * give_up(). */
gboolean reserve_keep(const Config *config, void (*give_up)(gpointer user), gpointer user, gboolean *given_up, GError **error);

#endif
