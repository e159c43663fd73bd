/* SPDX-License-Identifier: ISC */
/* store/desk-rows.h - the register of a mailbox as rows: who may read them, and what leaves with them.
 *
 * Reading the rows is one entry (REGISTER_READ), which names form, period and what for; on it the slices are handed out, for
 * eight hours, to the officer who made it. A slice is a range of the whole log, proved together, so that no row can be left
 * out; opened within it are the records that rows are made of (desk_rows_is_of_a_row()), those of cases that are hers alone.
 *
 *   REGISTER_READ   she read the rows
 *   SHEET           a sheet that changes no more: its number within form, channel and year, its rows, its digest
 *   COPIED          a row was copied into the paper journal: sheet and line there, up to which entry
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_ROWS_H
#define SENIM_STORE_DESK_ROWS_H

#include "store/desk-place.h"

/* Kinds whose records a row, its sheet or its line in the paper journal is made of. */
gboolean desk_rows_is_of_a_row(guint kind);

#endif
