/* SPDX-License-Identifier: ISC */
/* store/add-checkpoint.h - the request by which a log shows a witness that it has only grown (C2SP tlog-witness,
 * "add-checkpoint").
 *
 *   old DECIMAL LF
 *   BASE64 LF ...            the consistency proof from that size to the checkpoint's (RFC 6962 section 2.1.2), at most 63
 *   LF
 *   the signed checkpoint    (store/note.h), to the end
 *
 * It is the body of the daily mail to trustees. What a mail program has done to it is undone where that is certain: CR
 * before LF, what stands before the line `old` or behind the last signature line, "> " of a quotation.
 * Ownership: an AddCheckpoint owns what it holds. Threads: pure. Fails: FALSE and *error (NOTE_ERROR_FORM). */
#ifndef SENIM_STORE_ADD_CHECKPOINT_H
#define SENIM_STORE_ADD_CHECKPOINT_H

#include <glib.h>

#include "store/note.h"

#define ADD_CHECKPOINT_HASHES 63
#define ADD_CHECKPOINT_MAX (256 * 1024) /* octets that a reader takes */

typedef struct {
	guint64 old;
	GBytes *proof;   /* hashes of 32 octets */
	char *note;
	/* Read from the note's text, of which no signature was checked yet. */
	char *origin;
	guint64 size;
	guint8 root[NOTE_ROOT];
} AddCheckpoint;
void add_checkpoint_clear(AddCheckpoint *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AddCheckpoint, add_checkpoint_clear)

char *add_checkpoint_write(guint64 old, GBytes *proof, const char *note);
/* *request must be clear. */
gboolean add_checkpoint_read(const char *text, gsize size, AddCheckpoint *request, GError **error);

#endif
