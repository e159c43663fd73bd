/* SPDX-License-Identifier: ISC */
#include "cli/wipe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct WipeBuffer {
	char *data;
	gsize size, room; /* room counts the NUL */
};

WipeBuffer *wipe_buffer_new(gsize reserve)
{
	WipeBuffer *buffer = g_new0(WipeBuffer, 1);
	buffer->room = reserve + 1;
	buffer->data = g_malloc0(buffer->room);
	return buffer;
}

void wipe_buffer_free(WipeBuffer *buffer)
{
	if (buffer == NULL)
		return;
	explicit_bzero(buffer->data, buffer->room);
	g_free(buffer->data);
	g_free(buffer);
}

static void move(WipeBuffer *buffer, gsize room)
{
	char *data = g_malloc(room);
	memcpy(data, buffer->data, buffer->size + 1);
	explicit_bzero(buffer->data, buffer->room);
	g_free(buffer->data);
	buffer->data = data;
	buffer->room = room;
}

static void make_room(WipeBuffer *buffer, gsize more)
{
	gsize need = buffer->size + more + 1;
	if (need <= buffer->room)
		return;
	move(buffer, MAX(need, 2 * buffer->room));
}

void wipe_buffer_reserve(WipeBuffer *buffer, gsize more)
{
	if (buffer->size + more + 1 > buffer->room)
		move(buffer, buffer->size + more + 1);
}

void wipe_buffer_add(WipeBuffer *buffer, const void *data, gsize size)
{
	make_room(buffer, size);
	if (size > 0)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void wipe_buffer_add_text(WipeBuffer *buffer, const char *text)
{
	wipe_buffer_add(buffer, text, strlen(text));
}

const char *wipe_buffer_data(const WipeBuffer *buffer)
{
	return buffer->data;
}

gsize wipe_buffer_size(const WipeBuffer *buffer)
{
	return buffer->size;
}

gboolean wipe_buffer_read(WipeBuffer *buffer, int fd, gsize most)
{
	for (;;) {
		make_room(buffer, 16384);
		gssize n = read(fd, buffer->data + buffer->size, buffer->room - buffer->size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			buffer->data[buffer->size] = '\0';
			return n == 0;
		}
		buffer->size += (gsize)n;
		buffer->data[buffer->size] = '\0';
		if (buffer->size > most) {
			errno = EFBIG;
			return FALSE;
		}
	}
}

void wipe_text_free(WipeText *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

void wipe_bytes_free(WipeBytes *bytes)
{
	if (bytes == NULL)
		return;
	explicit_bzero(bytes->data, bytes->len);
	g_byte_array_unref(bytes);
}
