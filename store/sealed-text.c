/* SPDX-License-Identifier: ISC */
#include "store/sealed-text.h"

#include <sodium.h>
#include <string.h>

#include "base/bundle.h"
#include "store/base64.h"
#include "store/seal-key.h"

#define PADDED_TO 256
#define NAME_MAX_SIZE 64
#define PAYLOAD_MAX (PAYLOAD_NONCE + SEALED_TEXT_MAX + PADDED_TO + PAYLOAD_TAG)

struct SealedTextKey {
	SealKey *seal;
};

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- the object ----------------------------------------------------------------------------------------------- */

static void header_free(gpointer data)
{
	SealedTextHeader *header = data;
	g_free(header->reader);
	g_free(header->header);
	g_free(header);
}

static SealedText *text_new(SealPart part)
{
	SealedText *text = g_new0(SealedText, 1);
	text->part = part;
	text->headers = g_ptr_array_new_with_free_func(header_free);
	return text;
}

void sealed_text_free(SealedText *text)
{
	if (text == NULL)
		return;
	if (text->key != NULL)
		seal_key_free(text->key->seal);
	g_free(text->key);
	g_clear_pointer(&text->payload, g_bytes_unref);
	g_ptr_array_unref(text->headers);
	g_free(text);
}

const char *sealed_text_request_key(SealPart part)
{
	return part == SEAL_PART_GROUND ? "ground_text" : "text";
}

const char *sealed_text_record_key(SealPart part)
{
	return part == SEAL_PART_GROUND ? "ground-text" : "text";
}

/* --- sealing -------------------------------------------------------------------------------------------------- */

static gboolean is_text(const char *text, gsize size)
{
	if (size == 0 || size > SEALED_TEXT_MAX || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (gsize i = 0; i < size; i++)
		if (g_ascii_iscntrl(text[i]) && text[i] != '\n' && text[i] != '\t')
			return FALSE;
	return TRUE;
}

/* nonce || one chunk of the padded text */
static GBytes *seal_payload(const SealKey *key, const char *text, gsize size, GError **error)
{
	gsize padded = (size + PADDED_TO - 1) / PADDED_TO * PADDED_TO, whole = PAYLOAD_NONCE + padded + PAYLOAD_TAG;
	guint8 *payload = g_malloc0(whole);
	randombytes_buf(payload, PAYLOAD_NONCE);
	memcpy(payload + PAYLOAD_NONCE, text, size);
	g_autoptr(PayloadCipher) cipher = seal_key_cipher(key, payload, error);
	if (cipher != NULL) {
		payload_cipher_seal(cipher, payload + PAYLOAD_NONCE, padded, TRUE);
		return g_bytes_new_take(payload, whole);
	}
	sodium_memzero(payload, whole);
	g_free(payload);
	return NULL;
}

SealedText *sealed_text_new(SealPart part, const char *clear, GError **error)
{
	gsize size = strlen(clear);
	if (!is_text(clear, size)) {
		fail(SEAL_ERROR_FORM, "a text is 1 to 32768 octets of UTF-8 without control characters", error);
		return NULL;
	}
	g_autoptr(SealedText) text = text_new(part);
	randombytes_buf(text->id, sizeof text->id);
	text->key = g_new0(SealedTextKey, 1);
	text->key->seal = seal_key_new(part, text->id, error);
	if (text->key->seal == NULL)
		return NULL;
	seal_key_check(text->key->seal, text->check);
	text->payload = seal_payload(text->key->seal, clear, size, error);
	return text->payload != NULL ? g_steal_pointer(&text) : NULL;
}

static gint by_reader(gconstpointer a, gconstpointer b)
{
	return strcmp((*(SealedTextHeader *const *)a)->reader, (*(SealedTextHeader *const *)b)->reader);
}

/* Takes header. */
static void add_header(SealedText *text, const char *reader, char *header, const guint8 digest[SEAL_DIGEST])
{
	SealedTextHeader *one = g_new0(SealedTextHeader, 1);
	one->reader = g_strdup(reader);
	one->header = header;
	memcpy(one->digest, digest, SEAL_DIGEST);
	g_ptr_array_add(text->headers, one);
	g_ptr_array_sort(text->headers, by_reader);
}

gboolean sealed_text_add_reader(SealedText *text, const char *reader, const char *recipient, GError **error)
{
	guint8 digest[SEAL_DIGEST];
	char *header = seal_key_header(text->key->seal, recipient, error);
	if (header == NULL)
		return FALSE;
	crypto_generichash(digest, sizeof digest, (const guint8 *)header, strlen(header), NULL, 0);
	add_header(text, reader, header, digest);
	return TRUE;
}

/* --- in a request --------------------------------------------------------------------------------------------- */

static json_t *json_hex(const void *data, gsize size)
{
	g_autofree char *hex = g_malloc(2 * size + 1);
	return json_string(sodium_bin2hex(hex, 2 * size + 1, data, size));
}

void sealed_text_put(const SealedText *text, SealPart part, json_t *body, json_t *attached)
{
	if (text == NULL) {
		json_object_set_new(body, sealed_text_request_key(part), json_null());
		return;
	}
	json_t *headers = json_object();
	for (guint i = 0; i < text->headers->len; i++) {
		const SealedTextHeader *header = text->headers->pdata[i];
		json_t *digest = json_hex(header->digest, sizeof header->digest);
		json_object_set_new(attached, json_string_value(digest), json_string(header->header));
		json_object_set_new(headers, header->reader, digest);
	}
	gsize size;
	const void *data = g_bytes_get_data(text->payload, &size);
	g_autofree char *payload = g_base64_encode(data, size);
	json_object_set_new(body, sealed_text_request_key(part),
	                    json_pack("{s:o, s:s, s:o, s:o}", "id", json_hex(text->id, sizeof text->id), "payload", payload,
	                              "check", json_hex(text->check, sizeof text->check), "headers", headers));
}

static gboolean read_hex(const char *hex, guint8 *out, gsize size)
{
	size_t got;
	if (hex == NULL || strlen(hex) != 2 * size || strspn(hex, "0123456789abcdef") != 2 * size)
		return FALSE;
	return sodium_hex2bin(out, size, hex, 2 * size, NULL, &got, NULL) == 0 && got == size;
}

static gboolean read_payload(SealedText *text, const char *base64)
{
	gsize size;
	guint8 *payload = g_malloc(PAYLOAD_MAX);
	gboolean good = base64_read(base64, strlen(base64), TRUE, payload, PAYLOAD_MAX, &size) &&
	                size >= PAYLOAD_NONCE + PADDED_TO + PAYLOAD_TAG &&
	                (size - PAYLOAD_NONCE - PAYLOAD_TAG) % PADDED_TO == 0;
	if (good)
		text->payload = g_bytes_new(payload, size);
	g_free(payload);
	return good;
}

const char *sealed_text_attached(const json_t *attached, const char *hex, guint8 digest[SEAL_DIGEST])
{
	guint8 named[SEAL_DIGEST];
	gsize used, size;
	const char *header = hex != NULL ? json_string_value(json_object_get(attached, hex)) : NULL;
	size = header != NULL ? strlen(header) : 0;
	if (header == NULL || size > SEALED_TEXT_HEADER_MAX || !read_hex(hex, named, sizeof named))
		return NULL;
	crypto_generichash(digest, SEAL_DIGEST, (const guint8 *)header, size, NULL, 0);
	g_autoptr(AgeHeader) read = age_header_read(header, size, &used, NULL);
	return memcmp(digest, named, sizeof named) == 0 && read != NULL && used == size && age_header_is_one(read, "X25519")
	               ? header
	               : NULL;
}

static gboolean take_header(SealedText *text, const char *reader, const char *hex, const json_t *attached)
{
	guint8 digest[SEAL_DIGEST];
	const char *header = sealed_text_attached(attached, hex, digest);
	if (header == NULL || *reader == '\0' || strlen(reader) > NAME_MAX_SIZE || strchr(reader, ' ') != NULL)
		return FALSE;
	add_header(text, reader, g_strdup(header), digest);
	return TRUE;
}

gboolean sealed_text_take(SealPart part, const json_t *body, const json_t *attached, SealedText **result)
{
	json_t *value = json_object_get(body, sealed_text_request_key(part)), *headers, *digest;
	const char *id, *payload, *check, *reader;
	*result = NULL;
	if (value == NULL || json_is_null(value))
		return TRUE;
	g_autoptr(SealedText) text = text_new(part);
	if (json_unpack_ex(value, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:o}", "id", &id, "payload", &payload, "check", &check,
	                   "headers", &headers) != 0 ||
	    !read_hex(id, text->id, sizeof text->id) || !read_hex(check, text->check, sizeof text->check) ||
	    !read_payload(text, payload) || json_object_size(headers) == 0)
		return FALSE;
	json_object_foreach(headers, reader, digest)
		if (!take_header(text, reader, json_string_value(digest), attached))
			return FALSE;
	*result = g_steal_pointer(&text);
	return TRUE;
}

/* --- in a record ---------------------------------------------------------------------------------------------- */

void sealed_text_record(const SealedText *text, Record *record)
{
	if (text == NULL)
		return;
	const char *key = sealed_text_record_key(text->part);
	g_autofree char *key_id = g_strconcat(key, "-id", NULL), *key_check = g_strconcat(key, "-check", NULL),
	                *key_header = g_strconcat(key, "-header", NULL);
	gsize size;
	const void *data = g_bytes_get_data(text->payload, &size);
	g_autofree char *payload = g_base64_encode(data, size);
	record_add(record, key, payload);
	record_add_hex(record, key_id, text->id, sizeof text->id);
	record_add_hex(record, key_check, text->check, sizeof text->check);
	for (guint i = 0; i < text->headers->len; i++) {
		const SealedTextHeader *header = text->headers->pdata[i];
		char hex[2 * SEAL_DIGEST + 1];
		sodium_bin2hex(hex, sizeof hex, header->digest, sizeof header->digest);
		record_add_printf(record, key_header, "%s %s", header->reader, hex);
	}
}

static gboolean read_header_line(SealedText *text, const char *line)
{
	guint8 digest[SEAL_DIGEST];
	const char *blank = strchr(line, ' ');
	if (blank == NULL || blank == line || !read_hex(blank + 1, digest, sizeof digest))
		return FALSE;
	g_autofree char *reader = g_strndup(line, (gsize)(blank - line));
	add_header(text, reader, NULL, digest);
	return TRUE;
}

SealedText *sealed_text_from_record(SealPart part, const Record *record, GError **error)
{
	const char *key = sealed_text_record_key(part), *payload = record_get(record, key), *line;
	g_autofree char *key_id = g_strconcat(key, "-id", NULL), *key_check = g_strconcat(key, "-check", NULL),
	                *key_header = g_strconcat(key, "-header", NULL);
	if (payload == NULL)
		return NULL;
	g_autoptr(SealedText) text = text_new(part);
	gboolean good = read_payload(text, payload) &&
	                record_get_hex(record, key_id, text->id, sizeof text->id, NULL) &&
	                record_get_hex(record, key_check, text->check, sizeof text->check, NULL);
	for (guint i = 0; good && (line = record_get_nth(record, key_header, i)) != NULL; i++)
		good = read_header_line(text, line);
	if (good)
		return g_steal_pointer(&text);
	fail(SEAL_ERROR_FORM, "a sealed text in a record is of another form", error);
	return NULL;
}

/* --- opening -------------------------------------------------------------------------------------------------- */

/* What stands in the opened chunk, without its padding; wiped by its owner. */
static GBytes *unpad(GByteArray *plain, GError **error)
{
	gsize size = plain->len;
	while (size > 0 && plain->data[size - 1] == 0)
		size--;
	if (size > 0 && is_text((const char *)plain->data, size))
		return bundle_secret_bytes(plain->data, size);
	fail(SEAL_ERROR_FORM, "a sealed text holds something else", error);
	return NULL;
}

GBytes *sealed_text_open(const SealedText *text, const char *header, gsize header_size, const char *identity,
                         GError **error)
{
	guint8 check[32];
	gsize size;
	const void *data = g_bytes_get_data(text->payload, &size);
	g_autoptr(SealKey) key = seal_key_unwrap(text->part, text->id, header, header_size, identity, error);
	if (key == NULL)
		return NULL;
	seal_key_check(key, check);
	if (sodium_memcmp(check, text->check, sizeof check) != 0) {
		fail(SEAL_ERROR_KEY, "the key in this header is not the one that the register names for this text", error);
		return NULL;
	}
	g_autoptr(PayloadReader) reader = seal_key_reader(key);
	g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)size);
	g_autoptr(GError) inner = NULL;
	GBytes *clear = NULL;
	if (payload_reader_write(reader, data, size, plain, &inner) && payload_reader_finish(reader, plain, &inner))
		clear = unpad(plain, error);
	else
		fail(SEAL_ERROR_FORM, inner->message, error);
	sodium_memzero(plain->data, plain->len);
	return clear;
}
