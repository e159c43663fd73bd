/* SPDX-License-Identifier: ISC */
/* store/payload.h - an age payload (FORMATS "Payload"): a nonce, then chunks of ChaCha20-Poly1305, either direction.
 *
 * Bytes:     16 nonce · chunks of 65536 octets of plaintext and a tag of 16, the last one shorter or full, empty only
 *            where there is nothing else. The chunk's nonce is counter[11] || last[1]: whether a chunk is the last
 *            one must be known when it is sealed and when it is opened.
 * Promise:   the opening side gives out no octet whose chunk's tag was not checked, and ends well only at the chunk
 *            that was sealed as the last. A whole chunk that checks is given out even where the failure is that
 *            something stands behind it, or is missing (so the C2SP test kit has it).
 * Ownership: the cipher holds its key in the slab. Buffers are the caller's.
 * Threads:   one object belongs to one thread at a time. */
#ifndef SENIM_STORE_PAYLOAD_H
#define SENIM_STORE_PAYLOAD_H

#include "store/age.h"

#define PAYLOAD_NONCE 16
#define PAYLOAD_CHUNK 65536
#define PAYLOAD_TAG 16
#define PAYLOAD_SEALED_CHUNK (PAYLOAD_CHUNK + PAYLOAD_TAG)

/* Size of the payload of n octets of plaintext, and the reverse (FALSE where no plaintext has this size). */
guint64 payload_size(guint64 plain);
gboolean payload_plain_size(guint64 sealed, guint64 *plain);

/* --- chunk by chunk: the caller knows which is the last ----------------------------------------------------------- */
typedef struct PayloadCipher PayloadCipher;
/* For a file key and a payload's nonce. NULL and *error: no locked memory. */
PayloadCipher *payload_cipher_new(const guint8 file_key[AGE_FILE_KEY], const guint8 nonce[PAYLOAD_NONCE],
                                  GError **error);
void payload_cipher_free(PayloadCipher *cipher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PayloadCipher, payload_cipher_free)
/* Seals chunk after chunk in place: chunk has room for size + PAYLOAD_TAG octets. */
void payload_cipher_seal(PayloadCipher *cipher, guint8 *chunk, gsize size, gboolean last);
/* Opens the next chunk to plain, size - PAYLOAD_TAG octets, which may be where chunk is. FALSE: the tag does not check,
 * plain was overwritten with zeros, and the same chunk may be tried again. */
gboolean payload_cipher_open(PayloadCipher *cipher, const guint8 *chunk, gsize size, gboolean last, guint8 *plain);

/* --- push: octets of a payload in, checked plaintext out ---------------------------------------------------------- */
typedef struct PayloadReader PayloadReader;
PayloadReader *payload_reader_new(const guint8 file_key[AGE_FILE_KEY]);
void payload_reader_free(PayloadReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PayloadReader, payload_reader_free)
/* Checked plaintext is appended to out. FALSE and *error (AGE_ERROR): the reader is good for nothing but its free. */
gboolean payload_reader_write(PayloadReader *reader, const void *data, gsize size, GByteArray *out, GError **error);
/* The end: what is left must be the last chunk. AGE_ERROR_HEADER where not even the nonce is whole, which the
 * specification counts to the header. */
gboolean payload_reader_finish(PayloadReader *reader, GByteArray *out, GError **error);

#endif
