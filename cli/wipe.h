/* SPDX-License-Identifier: ISC */
/* cli/wipe.h - memory that forgets: what was read, decrypted or typed is gone when its buffer goes.
 *
 * WipeBuffer grows by copying and wiping what it leaves, so no octet of a report stays behind in the heap.
 * The text types hand their octets to nobody; borrowed pointers are valid until the next append or the free.
 * Threads: one owner at a time. */
#ifndef SENIM_CLI_WIPE_H
#define SENIM_CLI_WIPE_H

#include <glib.h>

typedef struct WipeBuffer WipeBuffer;

WipeBuffer *wipe_buffer_new(gsize reserve);
void wipe_buffer_free(WipeBuffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WipeBuffer, wipe_buffer_free)
/* Makes room for that many octets more, so that nothing is copied on the way there. */
void wipe_buffer_reserve(WipeBuffer *buffer, gsize more);
void wipe_buffer_add(WipeBuffer *buffer, const void *data, gsize size);
void wipe_buffer_add_text(WipeBuffer *buffer, const char *text);
/* data[size] is always a NUL. */
const char *wipe_buffer_data(const WipeBuffer *buffer);
gsize wipe_buffer_size(const WipeBuffer *buffer);
/* Reads fd to its end: FALSE and errno where read(2) fails, or EFBIG past most octets. */
gboolean wipe_buffer_read(WipeBuffer *buffer, int fd, gsize most);

/* Wipes a string and frees it; NULL is harmless. WipeText is a string that does so by itself: g_autoptr(WipeText). */
typedef char WipeText;
void wipe_text_free(WipeText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WipeText, wipe_text_free)
/* A GByteArray is wiped before it goes: WipeBytes. */
typedef GByteArray WipeBytes;
void wipe_bytes_free(WipeBytes *bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WipeBytes, wipe_bytes_free)

#endif
