/* SPDX-License-Identifier: ISC */
/* store/desk-look.h - targets of the desk that show facts and the register's own octets; none of them is an entry.
 *
 * Handlers for the table of desk-acts.c, and like all of them called with a good signature. */
#ifndef SENIM_STORE_DESK_LOOK_H
#define SENIM_STORE_DESK_LOOK_H

#include "store/desk-acts.h"

void desk_look_cases(const DeskCall *call, DeskReply *reply);
void desk_look_find(const DeskCall *call, DeskReply *reply);
void desk_look_entries(const DeskCall *call, DeskReply *reply);
void desk_look_checkpoint(const DeskCall *call, DeskReply *reply);
void desk_look_verify(const DeskCall *call, DeskReply *reply);

#endif
