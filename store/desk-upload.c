/* SPDX-License-Identifier: ISC */
#include "store/desk-upload.h"

#include <string.h>
#include <unistd.h>

#include "base/octets.h"

#define AT_ONCE 8
#define LIVES (30 * 60 * (gint64)G_USEC_PER_SEC)

typedef struct {
	char *session; /* NULL: this place is free */
	guint mailbox;
	int fd;
	guint64 size;
	gint64 begun; /* monotonic */
} Upload;

static GMutex lock;
static Upload uploads[AT_ONCE]; /* under the lock */

static void forget(Upload *upload)
{
	if (upload->session != NULL)
		close(upload->fd);
	g_free(upload->session);
	memset(upload, 0, sizeof *upload);
}

static Upload *find(const char *session)
{
	gint64 now = g_get_monotonic_time();
	Upload *found = NULL;
	for (gsize i = 0; i < AT_ONCE; i++) {
		if (uploads[i].session != NULL && now - uploads[i].begun > LIVES)
			forget(&uploads[i]);
		if (g_strcmp0(uploads[i].session, session) == 0)
			found = &uploads[i];
	}
	return found;
}

static Upload *begin(const DeskCall *call, const DeskPlace *place, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	Upload *upload = find(call->session);
	if (upload != NULL)
		forget(upload);
	for (gsize i = 0; upload == NULL && i < AT_ONCE; i++)
		upload = uploads[i].session == NULL ? &uploads[i] : NULL;
	if (upload == NULL) {
		desk_acts_error(reply, 503, "busy", "Too many reports are being added at once: try again in a while.");
		return NULL;
	}
	int fd = ledger_payload_file(place->ledger, &error);
	if (fd < 0) {
		desk_place_fail_ledger(reply, error);
		return NULL;
	}
	*upload = (Upload){g_strdup(call->session), place->index, fd, 0, g_get_monotonic_time()};
	return upload;
}

static gboolean add(const DeskCall *call, const DeskPlace *place, guint64 offset, const void *data, gsize piece, guint64 *size,
                    DeskReply *reply)
{
	Upload *upload = offset == 0 ? begin(call, place, reply) : find(call->session);
	guint64 most = call->config->max_message_size + call->config->max_message_size / 4; /* padding, tags */
	if (offset == 0 && upload == NULL)
		return FALSE;
	if (upload == NULL || upload->mailbox != place->index || upload->size != offset) {
		desk_acts_deny(reply, 409, "upload", "This piece does not follow the last one: begin again.");
		return FALSE;
	}
	if (upload->size + piece > most) {
		forget(upload);
		return desk_acts_deny(reply, 400, "too-large", "The report is larger than max-message-size allows.");
	}
	if (!octets_write(upload->fd, data, piece)) {
		forget(upload);
		desk_acts_error(reply, 503, "books", "The vault takes no more: its disk is full, or broken.");
		return FALSE;
	}
	*size = upload->size += piece;
	return TRUE;
}

gboolean desk_upload_add(const DeskCall *call, const DeskPlace *place, guint64 offset, const void *data, gsize piece,
                         guint64 *size, DeskReply *reply)
{
	g_mutex_lock(&lock);
	gboolean added = add(call, place, offset, data, piece, size, reply);
	g_mutex_unlock(&lock);
	return added;
}

int desk_upload_take(const DeskCall *call, const DeskPlace *place, guint64 size)
{
	int fd = -1;
	g_mutex_lock(&lock);
	Upload *upload = find(call->session);
	if (upload != NULL && upload->mailbox == place->index && upload->size == size) {
		fd = upload->fd;
		g_free(upload->session);
		memset(upload, 0, sizeof *upload);
	}
	g_mutex_unlock(&lock);
	return fd;
}

void desk_upload_forget_all(void)
{
	g_mutex_lock(&lock);
	for (gsize i = 0; i < AT_ONCE; i++)
		forget(&uploads[i]);
	g_mutex_unlock(&lock);
}
