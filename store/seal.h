/* SPDX-License-Identifier: ISC */
/* store/seal.h - sealed objects: a message sealed while it arrives, a card sealed at once, both opened again.
 *
 * A sealed object is a file key used for nothing else, one payload (FORMATS "Payload": age v1 behind its header) and one
 * header per reader. `cat header payload | age -d -i key` opens it without us.
 *
 *   SealBody   push: message octets go in as they arrive, sealed chunks leave through the sink; the first chunk stays in
 *              memory until the object outgrows it. Memory: one chunk and its sealed form.
 *   seal_card  one call.
 *   SealOpener push: payload octets go in, checked plaintext comes out; the end checks size, Digest and framing.
 *
 * Ownership: as said at each. File keys live in one locked slab (store/age.h) and are wiped by the free functions.
 * Threads:   one object belongs to one thread at a time; callbacks of one connection may run on different threads.
 * Fails:     FALSE or NULL and *error (SEAL_ERROR). After a failure the object is good for nothing but its free. */
#ifndef SENIM_STORE_SEAL_H
#define SENIM_STORE_SEAL_H

#include <glib.h>

#include "base/record.h"

typedef enum {
	SEAL_ERROR_SINK,   /* the sink failed: no disk, no file */
	SEAL_ERROR_MEMORY, /* no locked memory for a file key */
	SEAL_ERROR_FORM,   /* not a sealed object, or cut, or another kind (a card where a body was asked for) */
	SEAL_ERROR_KEY,    /* this identity opens no stanza, or the key check differs */
	SEAL_ERROR_DIGEST, /* size or Digest differs from the register's */
	SEAL_ERROR_CASE,   /* X-Senim-Case is another case's */
} SealErrorCode;
#define SEAL_ERROR (seal_error_quark())
GQuark seal_error_quark(void);

#define SEAL_CHUNK 65536
#define SEAL_CASE 16
#define SEAL_DIGEST 32
#define SEAL_MINIMUM 4096      /* smallest padded plaintext of a body */
#define SEAL_CARD_MINIMUM 2048 /* and of a card: a usual card's size tells nothing */

typedef enum { SEAL_PART_BODY = 0, SEAL_PART_CARD = 1, SEAL_PART_TEXT = 2, SEAL_PART_GROUND = 3 } SealPart;

/* The whole plaintext's size with its padding, from that without (fields, message and trailer; or lines and record). */
guint64 seal_padded_size(SealPart part, guint64 size);

/* Where sealed octets go once the object has outgrown its first chunk. The first call is the payload's offset 0.
 * FALSE and *error: the object fails. */
typedef gboolean (*SealSink)(const guint8 *data, gsize size, gpointer user, GError **error);

/* The seven fields (FORMATS "Body plaintext"); strings borrowed during the call. client NULL: "-". */
typedef struct {
	guint8 case_id[SEAL_CASE];
	const char *mailbox;
	gint64 begun; /* time of DATA, microseconds UTC */
	const char *envelope_from;
	const char *const *envelope_to; /* this mailbox's recipients, NULL-terminated */
	const char *client;
} SealFields;

typedef struct {
	guint64 size;                  /* of the payload as stored */
	guint8 digest[SEAL_DIGEST];    /* BLAKE2b-256 of the payload as stored */
	guint8 key_check[32];          /* FORMATS "key check" */
	guint8 body_check[32];         /* of the message; zero for a card */
	GBytes *payload;               /* set where all of it stayed in memory (one chunk), else NULL */
	guint64 message_size;          /* octets of the message */
} SealResult;
void seal_result_clear(SealResult *result);

typedef struct SealBody SealBody;

SealBody *seal_body_new(const SealFields *fields, SealSink sink, gpointer user, GError **error);
void seal_body_free(SealBody *body); /* wipes; NULL is harmless; no I/O */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealBody, seal_body_free)
/* Octets of the message. */
gboolean seal_body_write(SealBody *body, const void *data, gsize size, GError **error);
/* Octets of the message so far. */
guint64 seal_body_message_size(const SealBody *body);
/* Padding, trailer, last chunk. Once. */
gboolean seal_body_finish(SealBody *body, SealResult *result, GError **error);
/* The age header text for one recipient ("age1…"), valid for this object's file key (transfer full). After or before
 * finish. For the recipient's string an X25519 one; anything else is SEAL_ERROR_KEY. */
char *seal_body_header(const SealBody *body, const char *recipient, GError **error);

/* The message once more, for the examination, after finish: from memory, or decrypted from fd (the file that the sink
 * wrote; read with pread, so its offset stays where it is; borrowed). Gives spans of the message alone, without our
 * fields, padding and trailer. The body must live longer than its replay; one replay after another may be made. */
typedef struct SealReplay SealReplay;
SealReplay *seal_replay_new(const SealBody *body, int fd);
void seal_replay_free(SealReplay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealReplay, seal_replay_free)
/* 1: *data, *size are the next octets (valid until the next call); 0: the end; -1: *error. */
int seal_replay_next(SealReplay *replay, const guint8 **data, gsize *size, GError **error);

/* A card: key of its own, sealed at once; result->payload is always set. Headers via seal_card_header() as above. */
typedef struct SealCard SealCard;
SealCard *seal_card_new(const guint8 case_id[SEAL_CASE], const Record *card, SealResult *result, GError **error);
void seal_card_free(SealCard *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealCard, seal_card_free)
char *seal_card_header(const SealCard *card, const char *recipient, GError **error);

/* --- the retry's message digest (DESIGN 2, Retry) ----------------------------------------------------------------- */
/* BLAKE2b-256 over all header fields in order but for Received, Return-Path, Delivered-To, X-Original-To and
 * Authentication-Results, a blank line and the body. Fields as they are sealed ("Name:" value CRLF). */
typedef struct SealMessageDigest SealMessageDigest;
SealMessageDigest *seal_message_digest_new(void);
void seal_message_digest_free(SealMessageDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealMessageDigest, seal_message_digest_free)
/* One header field: its name, and its octets as sealed. */
void seal_message_digest_field(SealMessageDigest *digest, const char *name, const void *data, gsize size);
void seal_message_digest_body(SealMessageDigest *digest, const void *data, gsize size);
void seal_message_digest_finish(SealMessageDigest *digest, guint8 out[SEAL_DIGEST]);

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* What the register says of one state of an object. */
typedef struct {
	guint64 size;
	guint8 digest[SEAL_DIGEST];
	guint8 key_check[32];
} SealState;

/* What the register says of the object, to be checked against it. */
typedef struct {
	SealPart part;
	guint8 case_id[SEAL_CASE];
	guint64 size;
	guint8 digest[SEAL_DIGEST];
	guint8 key_check[32];
	/* Sealed anew since it arrived: the id that it has from then on, and what was registered at its arrival. */
	gboolean anew;
	guint8 anew_id[SEAL_CASE];
	SealState arrival;
} SealExpect;
/* The id to which its header and key check are bound (borrowed). */
const guint8 *seal_expect_id(const SealExpect *expect);

/* Of an object that was sealed anew the line that proves its arrival is not given out. Each octet of the plaintext goes
 * once more under the key and nonce of the arrival: at the end size and Digest of that are the arrival's, or it fails. */
typedef struct SealOpener SealOpener;
/* identity: "AGE-SECRET-KEY-1…". Unwraps the header, compares the key check (constant time) before any chunk. */
SealOpener *seal_opener_new(const char *header, gsize header_size, const char *identity, const SealExpect *expect,
                            GError **error);
void seal_opener_free(SealOpener *opener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealOpener, seal_opener_free)
/* Payload octets in; each plaintext chunk is appended to out only after its tag was checked. An empty out is given room
 * for all of it at once, since an array that grows leaves copies behind. */
gboolean seal_opener_write(SealOpener *opener, const void *data, gsize size, GByteArray *out, GError **error);
/* The end: size and Digest, then the last chunk: it is given out only when both are the register's; then the arrival's. */
gboolean seal_opener_finish(SealOpener *opener, GByteArray *out, GError **error);
/* The message of an opened body against the body-check of its arrival's record (SEAL_ERROR_DIGEST). */
gboolean seal_opener_body_check(const SealOpener *opener, const void *message, gsize size, const guint8 expected[32],
                                GError **error);
/* The check key of the text: whoever has it and a message can show that this message is the one whose body-check stands in the
 * register, and of any other that it is not; it opens nothing. */
#define SEAL_TEXT_KEY 32
void seal_opener_text_key(const SealOpener *opener, guint8 key[SEAL_TEXT_KEY]);
/* Is that the message of this body-check? */
gboolean seal_text_check(const guint8 key[SEAL_TEXT_KEY], const void *message, gsize size, const guint8 expected[32]);
/* The header for one more reader: that of one reader opened with her identity, the key check compared, and the file key
 * sealed to `recipient` ("age1…"). object_id: the case's, or the text's. What is sealed is not looked at (transfer full). */
char *seal_rewrap(SealPart part, const guint8 object_id[SEAL_CASE], const guint8 key_check[32], const char *header,
                  gsize header_size, const char *identity, const char *recipient, GError **error);
/* The checked plaintext of a body as its seven fields and the span of the message; of a card as its record.
 * Both check X-Senim-Case, and that every octet is where it belongs. *fields (may be NULL): format, case, mailbox,
 * begun, envelope-from, envelope-to*, client. */
gboolean seal_parse_body(const void *plain, gsize size, const guint8 case_id[SEAL_CASE], Record **fields,
                         gsize *message_offset, gsize *message_size, GError **error);
Record *seal_parse_card(const void *plain, gsize size, const guint8 case_id[SEAL_CASE], GError **error);

/* --- sealed anew -------------------------------------------------------------------------------------------------- */

/* An opened object under a fresh file key: in front of its plaintext a line with key and nonce of its arrival, by which
 * whoever opens it makes the registered octets again (doc/formats.md "Sealed anew"). */
typedef struct SealAnew SealAnew;
#define SEAL_ANEW_LINE 83 /* octets by which it is longer */
/* opener: one that has finished; borrowed during the call. id: 16 fresh random octets. Octets of the plaintext as the
 * opener gave it out; the sink as for seal_body_new(). */
SealAnew *seal_anew_new(const SealOpener *opener, const guint8 id[SEAL_CASE], SealSink sink, gpointer user, GError **error);
void seal_anew_free(SealAnew *anew);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealAnew, seal_anew_free)
gboolean seal_anew_write(SealAnew *anew, const void *data, gsize size, GError **error);
/* Once; of the result body_check and message_size are zero. */
gboolean seal_anew_finish(SealAnew *anew, SealResult *result, GError **error);
char *seal_anew_header(const SealAnew *anew, const char *recipient, GError **error);

#endif
