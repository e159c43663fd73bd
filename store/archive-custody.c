/* SPDX-License-Identifier: ISC */
#include "store/archive-custody.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/bech32.h"
#include "store/payload.h"
#include "store/slab.h"

#define IDENTITY_PREFIX "AGE-SECRET-KEY-"
#define HEADER_MOST 16384
#define LINE_MOST (1024 * 1024)

struct ArchiveCustody {
	char *path;
	int fd;
	PayloadCipher *cipher;
	guint8 *chunk; /* room for PAYLOAD_SEALED_CHUNK */
	gsize fill;
	crypto_generichash_state digest;
};

static gboolean fail(const char *what, const char *path, GError **error)
{
	int why = errno;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(why), "%s cannot be %s: %s", path, what, g_strerror(why));
	return FALSE;
}

AgeIdentity *archive_custody_identity(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], GError **error)
{
	guint8 secret[CUSTODY_KEY];
	custody_derive(key, store_id, CUSTODY_ARCHIVE, secret);
	char *text = bech32_encode(IDENTITY_PREFIX, secret, sizeof secret);
	AgeIdentity *identity = age_identity_parse(text, error);
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(text, strlen(text));
	g_free(text);
	return identity;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static gboolean put(ArchiveCustody *custody, const guint8 *data, gsize size, GError **error)
{
	crypto_generichash_update(&custody->digest, data, size);
	while (size > 0) {
		gssize step = write(custody->fd, data, size);
		if (step < 0 && errno == EINTR)
			continue;
		if (step < 0)
			return fail("written", custody->path, error);
		data += step;
		size -= (gsize)step;
	}
	return TRUE;
}

static gboolean put_chunk(ArchiveCustody *custody, gboolean last, GError **error)
{
	payload_cipher_seal(custody->cipher, custody->chunk, custody->fill, last);
	gsize size = custody->fill + PAYLOAD_TAG;
	custody->fill = 0;
	return put(custody, custody->chunk, size, error);
}

/* A key for this file alone, which nobody keeps: header, nonce, and the cipher behind them. */
static gboolean begin(ArchiveCustody *custody, const char *const *recipients, GError **error)
{
	gsize size;
	guint8 nonce[PAYLOAD_NONCE], *file_key = slab_take();
	if (file_key == NULL) {
		g_set_error_literal(error, AGE_ERROR, AGE_ERROR_MEMORY, SLAB_ADVICE);
		return FALSE;
	}
	randombytes_buf(file_key, AGE_FILE_KEY);
	randombytes_buf(nonce, sizeof nonce);
	g_autofree char *header = age_header_write(file_key, recipients, &size, error);
	custody->cipher = header != NULL ? payload_cipher_new(file_key, nonce, error) : NULL;
	slab_give(file_key);
	return custody->cipher != NULL && put(custody, (const guint8 *)header, size, error) &&
	       put(custody, nonce, sizeof nonce, error);
}

ArchiveCustody *archive_custody_create(const char *path, const char *const *recipients, GError **error)
{
	g_autoptr(ArchiveCustody) custody = g_new0(ArchiveCustody, 1);
	custody->path = g_strdup(path);
	custody->chunk = g_malloc(PAYLOAD_SEALED_CHUNK);
	crypto_generichash_init(&custody->digest, NULL, 0, ARCHIVE_DIGEST);
	custody->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (custody->fd < 0) {
		fail("made", path, error);
		return NULL;
	}
	return begin(custody, recipients, error) ? g_steal_pointer(&custody) : NULL;
}

void archive_custody_free(ArchiveCustody *custody)
{
	if (custody == NULL)
		return;
	if (custody->fd >= 0)
		close(custody->fd);
	payload_cipher_free(custody->cipher);
	sodium_memzero(custody->chunk, PAYLOAD_SEALED_CHUNK);
	g_free(custody->chunk);
	g_free(custody->path);
	g_free(custody);
}

/* A full chunk waits for one more octet: whether it is the last is part of its nonce. */
static gboolean add(ArchiveCustody *custody, const char *data, gsize size, GError **error)
{
	while (size > 0) {
		if (custody->fill == PAYLOAD_CHUNK && !put_chunk(custody, FALSE, error))
			return FALSE;
		gsize step = MIN(size, PAYLOAD_CHUNK - custody->fill);
		memcpy(custody->chunk + custody->fill, data, step);
		custody->fill += step;
		data += step;
		size -= step;
	}
	return TRUE;
}

gboolean archive_custody_line(ArchiveCustody *custody, const char *line, GError **error)
{
	return add(custody, line, strlen(line), error) && add(custody, "\n", 1, error);
}

gboolean archive_custody_finish(ArchiveCustody *custody, guint8 digest[ARCHIVE_DIGEST], GError **error)
{
	if (!put_chunk(custody, TRUE, error))
		return FALSE;
	crypto_generichash_final(&custody->digest, digest, ARCHIVE_DIGEST);
	return fsync(custody->fd) == 0 || fail("made durable", custody->path, error);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const char *path;
	int fd;
	PayloadReader *payload;
	GByteArray *plain; /* what was opened and is no whole line yet */
	gboolean (*line)(const char *text, gpointer user, GError **error);
	gpointer user;
} Reading;

/* Hands out the whole lines; the rest moves to the front. */
static gboolean give_lines(Reading *reading, GError **error)
{
	guint8 *data = reading->plain->data, *end;
	gsize left = reading->plain->len;
	gboolean good = TRUE;
	while (good && left > 0 && (end = memchr(data, '\n', left)) != NULL) {
		*end = '\0';
		good = reading->line((const char *)data, reading->user, error);
		left -= (gsize)(end + 1 - data);
		data = end + 1;
	}
	if (left > 0)
		memmove(reading->plain->data, data, left);
	sodium_memzero(reading->plain->data + left, reading->plain->len - left);
	g_byte_array_set_size(reading->plain, (guint)left);
	if (good && left > LINE_MOST) {
		g_set_error(error, AGE_ERROR, AGE_ERROR_PAYLOAD, "%s holds something else than an archive's lines", reading->path);
		good = FALSE;
	}
	return good;
}

static gssize take(const Reading *reading, guint8 *buffer, gsize size, GError **error)
{
	gssize got;
	while ((got = read(reading->fd, buffer, size)) < 0 && errno == EINTR)
		;
	if (got < 0)
		fail("read", reading->path, error);
	return got;
}

/* The header lies at the front; what was read with it is payload already. */
static gboolean open_front(Reading *reading, const AgeIdentity *identity, GError **error)
{
	guint8 front[HEADER_MOST], *file_key = slab_take();
	gsize used = 0;
	gssize got = file_key != NULL ? take(reading, front, sizeof front, error) : -1;
	if (file_key == NULL)
		g_set_error_literal(error, AGE_ERROR, AGE_ERROR_MEMORY, SLAB_ADVICE);
	g_autoptr(AgeHeader) header = got >= 0 ? age_header_read(front, (gsize)got, &used, error) : NULL;
	if (header != NULL && age_header_unwrap(header, identity, file_key, error))
		reading->payload = payload_reader_new(file_key);
	slab_give(file_key);
	return reading->payload != NULL &&
	       payload_reader_write(reading->payload, front + used, (gsize)got - used, reading->plain, error) &&
	       give_lines(reading, error);
}

static gboolean read_rest(Reading *reading, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(PAYLOAD_SEALED_CHUNK);
	gssize got;
	while ((got = take(reading, buffer, PAYLOAD_SEALED_CHUNK, error)) > 0)
		if (!payload_reader_write(reading->payload, buffer, (gsize)got, reading->plain, error) || !give_lines(reading, error))
			return FALSE;
	if (got < 0 || !payload_reader_finish(reading->payload, reading->plain, error) || !give_lines(reading, error))
		return FALSE;
	if (reading->plain->len == 0)
		return TRUE;
	g_set_error(error, AGE_ERROR, AGE_ERROR_PAYLOAD, "%s ends in the midst of a line", reading->path);
	return FALSE;
}

gboolean archive_custody_read(const char *path, const AgeIdentity *identity,
                              gboolean (*line)(const char *text, gpointer user, GError **error), gpointer user, GError **error)
{
	Reading reading = {.path = path, .line = line, .user = user};
	reading.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (reading.fd < 0)
		return fail("opened", path, error);
	reading.plain = g_byte_array_sized_new(2 * PAYLOAD_CHUNK);
	gboolean done = open_front(&reading, identity, error) && read_rest(&reading, error);
	sodium_memzero(reading.plain->data, reading.plain->len);
	g_byte_array_unref(reading.plain);
	payload_reader_free(reading.payload);
	close(reading.fd);
	return done;
}
