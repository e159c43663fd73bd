/* SPDX-License-Identifier: ISC */
/* store/seal-writer.h - plaintext in, an age payload out, chunk by chunk. Private to store/seal*.c.
 *
 * The first chunk stays in memory until one more octet comes; from then on sealed chunks go to the sink as they are full.
 * Under the same key and nonce the same plaintext gives the same octets: that is how a registered Digest is made again.
 * Memory:    one chunk. Ownership: borrows the key, which must live longer. seal_writer_clear() wipes; zeroed is clear.
 * Threads:   one object belongs to one thread at a time.
 * Fails:     FALSE and *error (SEAL_ERROR); then it is good for nothing but its clear. */
#ifndef SENIM_STORE_SEAL_WRITER_H
#define SENIM_STORE_SEAL_WRITER_H

#include "store/seal-key.h"

typedef struct {
	crypto_generichash_state digest; /* first: aligned to 64 */
	SealSink sink; /* NULL: nobody wants the octets, only their Digest */
	gpointer user;
	PayloadCipher *cipher;
	guint8 nonce[PAYLOAD_NONCE];
	guint8 *buffer; /* nonce || plaintext of the chunk || tag */
	gsize room;     /* for plaintext */
	gsize used;     /* of it */
	gboolean spilled;
	guint64 sealed; /* octets of the payload so far */
} SealWriter;

/* nonce NULL: a fresh one. */
gboolean seal_writer_init(SealWriter *writer, const SealKey *key, const guint8 *nonce, SealSink sink, gpointer user,
                          GError **error);
void seal_writer_clear(SealWriter *writer);
gboolean seal_writer_add(SealWriter *writer, const void *data, gsize size, GError **error);
/* The last chunk: size and digest of the result, and its payload where all of it stayed in memory. What was one chunk lies
 * in the buffer still, as plaintext. */
gboolean seal_writer_end(SealWriter *writer, SealResult *result, GError **error);

#endif
