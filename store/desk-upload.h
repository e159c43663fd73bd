/* SPDX-License-Identifier: ISC */
/* store/desk-upload.h - the sealed octets of a report that an officer adds, on their way in, piece by piece.
 *
 * One upload a session, into an unnamed file of the vault's file system: what is never registered vanishes with its
 * descriptor, when the session begins another, after half an hour, with the desk, or with the process.
 * Threads:   any; one lock. Ownership: the table owns a descriptor until desk_upload_take() hands it over. */
#ifndef SENIM_STORE_DESK_UPLOAD_H
#define SENIM_STORE_DESK_UPLOAD_H

#include "store/desk-place.h"

#define DESK_UPLOAD_PIECE_MAX (512 * 1024) /* octets of one piece: base64 of it fits a request */

/* The piece that begins at offset; 0 begins anew. *size: how much there is now. FALSE with the reply filled: it does not
 * follow the last one, nothing of that size is taken, or the disk does not take it. */
gboolean desk_upload_add(const DeskCall *call, const DeskPlace *place, guint64 offset, const void *data, gsize piece,
                         guint64 *size, DeskReply *reply);
/* The session's descriptor, if it is of that mailbox and size: the caller's from now on. -1: there is none. */
int desk_upload_take(const DeskCall *call, const DeskPlace *place, guint64 size);
void desk_upload_forget_all(void);

#endif
