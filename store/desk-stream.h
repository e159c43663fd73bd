/* SPDX-License-Identifier: ISC */
/* store/desk-stream.h - a large payload on its way to one officer: it stops the moment she is no longer let in.
 *
 * Ownership: takes fd, also where it fails. Threads: libmicrohttpd calls it from the connection's. Fails: NULL. */
#ifndef SENIM_STORE_DESK_STREAM_H
#define SENIM_STORE_DESK_STREAM_H

#include <microhttpd.h>

#include "store/registry.h"

/* size octets of fd from the octet `from` on, for the person of that name and key in that register. */
struct MHD_Response *desk_stream_new(const Registry *registry, guint mailbox, const char *officer, const guint8 sign[32],
                                     int fd, guint64 from, guint64 size);

#endif
