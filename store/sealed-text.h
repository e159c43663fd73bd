/* SPDX-License-Identifier: ISC */
/* store/sealed-text.h - what a person types that may name somebody: sealed before it leaves her machine.
 *
 * The text of a ground, of a note, of a reason is no part of the register's clear records: it lies in the act's record
 * sealed under a file key of its own, with one header for each of its readers in custody.db, where it can be wrapped for
 * another reader, withheld and destroyed like a case's.
 *
 * In a request: "text" or "ground_text" is {"id", "payload", "check", "headers": {NAME: hex BLAKE2b-256 of the header}},
 *   or null. The headers themselves stand in a second line of the request's body, {hex digest: header}, which the
 *   signature covers through those digests: whoever holds the record can build the first line again and check who signed
 *   it, long after the headers are gone (doc/architecture.md).
 * In the act's record, KEY being `text` or `ground-text`: KEY (base64 of the payload), KEY-id (hex), KEY-check (hex, the
 *   key check of FORMATS with the id as object and this part), KEY-header* ("NAME HEXDIGEST").
 * Plaintext: UTF-8 without control characters but LF and TAB, then octets 0x00 up to a multiple of 256, so that the size
 *   tells little. At most SEALED_TEXT_MAX octets of text.
 *
 * Readers have the header of their card key. Ownership: a SealedText owns all of it, and its file key while it is new.
 * Threads: one at a time. Fails: NULL or FALSE and *error (SEAL_ERROR). */
#ifndef SENIM_STORE_SEALED_TEXT_H
#define SENIM_STORE_SEALED_TEXT_H

#include "store/json.h"
#include "store/seal.h"

#define SEALED_TEXT_MAX 32768
#define SEALED_TEXT_ID 16
#define SEALED_TEXT_HEADER_MAX 1024

typedef struct {
	char *reader;
	char *header; /* age header; NULL where only its digest is known (from a record) */
	guint8 digest[SEAL_DIGEST];
} SealedTextHeader;

typedef struct SealedTextKey SealedTextKey;

typedef struct {
	SealPart part; /* SEAL_PART_TEXT or SEAL_PART_GROUND */
	guint8 id[SEALED_TEXT_ID], check[32];
	GBytes *payload;
	GPtrArray *headers; /* SealedTextHeader, in the order of their readers' names */
	SealedTextKey *key; /* of a new one; else NULL */
} SealedText;

/* Seals the text; then each reader is added, at least one. */
SealedText *sealed_text_new(SealPart part, const char *text, GError **error);
gboolean sealed_text_add_reader(SealedText *text, const char *reader, const char *recipient, GError **error);
void sealed_text_free(SealedText *text); /* wipes; NULL is harmless */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SealedText, sealed_text_free)

/* "text" and "text", or "ground_text" and "ground-text": its key in a request, its key in a record. */
const char *sealed_text_request_key(SealPart part);
const char *sealed_text_record_key(SealPart part);

/* Puts it into a request; attached: the second line's object. text NULL puts null. */
void sealed_text_put(const SealedText *text, SealPart part, json_t *body, json_t *attached);
/* Out of a request: FALSE where it is of another form, or attached lacks a header that it names. null gives NULL. */
gboolean sealed_text_take(SealPart part, const json_t *body, const json_t *attached, SealedText **text);
/* A header out of the second line, as its digest (hex) names it: of one X25519 stanza, and nothing behind it. Borrowed;
 * NULL where there is none, or of another form. */
const char *sealed_text_attached(const json_t *attached, const char *hex, guint8 digest[SEAL_DIGEST]);
/* Its lines at the end of a record; NULL adds none. */
void sealed_text_record(const SealedText *text, Record *record);
/* NULL without *error: the record has none. */
SealedText *sealed_text_from_record(SealPart part, const Record *record, GError **error);
/* The text (a secret, transfer full), with the header that the desk hands out; identity: "AGE-SECRET-KEY-1…". */
GBytes *sealed_text_open(const SealedText *text, const char *header, gsize header_size, const char *identity,
                         GError **error);

#endif
