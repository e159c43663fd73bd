/* SPDX-License-Identifier: ISC */
#include "store/keyfile.h"

#include <sodium.h>
#include <string.h>

#include "base/bundle.h"
#include "store/base64.h"
#include "store/private-file.h"
#include "store/slab.h"

#define FILE_MAX 65536
#define SIGN_COMMENT "# senim-sign: "
#define PUBLIC_COMMENT "# public key: "
#define LINE_MOST 1024 /* a token's identity may carry a path */
#define SEED_BASE64 45 /* 44 characters and the NUL */
G_STATIC_ASSERT(crypto_sign_SECRETKEYBYTES <= SLAB_SLOT);
G_STATIC_ASSERT(crypto_sign_SEEDBYTES == KEYFILE_SEED && crypto_sign_PUBLICKEYBYTES == KEYFILE_SIGN);

G_DEFINE_QUARK(senim-keyfile-error, keyfile_error)

struct Keyfile {
	AgeIdentity *body, *card;
	guint8 *sign; /* slab: Ed25519 secret key, its first half the seed */
	guint8 sign_public[KEYFILE_SIGN];
};

static gboolean fail(KeyfileErrorCode code, const char *what, GError **error)
{
	g_set_error(error, KEYFILE_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- the public half ---------------------------------------------------------------------------------------------- */

static const RecordField public_schema[] = {
	{"senim-pub", 1, 1}, {"body", 1, 1}, {"card", 1, 1}, {"sign", 1, 1}, {"expires", 1, 1}, {NULL, 0, 0},
};

void keyfile_public_free(KeyfilePublic *half)
{
	if (half == NULL)
		return;
	g_free(half->body);
	g_free(half->card);
	g_free(half);
}

/* A key is good through its last day, wherever on earth: the moment is that day's end in UTC. */
gboolean keyfile_public_parse_expires(const char *text, gint64 *expires)
{
	int year, month, day;
	if (strcmp(text, "-") == 0) {
		*expires = 0;
		return TRUE;
	}
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || strspn(text, "0123456789-") != 10)
		return FALSE;
	year = (int)g_ascii_strtoull(text, NULL, 10);
	month = (int)g_ascii_strtoull(text + 5, NULL, 10);
	day = (int)g_ascii_strtoull(text + 8, NULL, 10);
	g_autoptr(GDateTime) date = g_date_time_new_utc(year, month, day, 0, 0, 0);
	g_autofree char *again = date != NULL ? g_date_time_format(date, "%Y-%m-%d") : NULL;
	if (g_strcmp0(again, text) != 0)
		return FALSE;
	*expires = g_date_time_to_unix(date) + 24 * 60 * 60;
	return *expires > 0; /* 0 is never, and nothing ended before the epoch */
}

Record *keyfile_public_record(const KeyfilePublic *half)
{
	char sign[sodium_base64_ENCODED_LEN(KEYFILE_SIGN, sodium_base64_VARIANT_ORIGINAL)];
	Record *record = record_new();
	record_add_uint(record, "senim-pub", 1);
	record_add(record, "body", half->body);
	record_add(record, "card", half->card);
	record_add(record, "sign",
	           sodium_bin2base64(sign, sizeof sign, half->sign, KEYFILE_SIGN, sodium_base64_VARIANT_ORIGINAL));
	g_autoptr(GDateTime) end = half->expires > 0 ? g_date_time_new_from_unix_utc(half->expires - 1) : NULL;
	g_autofree char *date = end != NULL ? g_date_time_format(end, "%Y-%m-%d") : g_strdup("-");
	record_add(record, "expires", date);
	return record;
}

/* Exactly `size` octets of canonical base64. */
static gboolean take_base64(const char *text, guint8 *data, gsize size)
{
	return base64_read_exactly(text, strlen(text), TRUE, data, size);
}

KeyfilePublic *keyfile_public_from_record(const Record *record, GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autoptr(KeyfilePublic) half = g_new0(KeyfilePublic, 1);
	guint8 point[AGE_X25519];
	if (!record_check(record, public_schema, &inner) || strcmp(record_get(record, "senim-pub"), "1") != 0 ||
	    !take_base64(record_get(record, "sign"), half->sign, KEYFILE_SIGN) ||
	    !keyfile_public_parse_expires(record_get(record, "expires"), &half->expires)) {
		fail(KEYFILE_ERROR_FORM, "this is not the public half of a senim key", error);
		return NULL;
	}
	half->body = g_strdup(record_get(record, "body"));
	half->card = g_strdup(record_get(record, "card"));
	if (!age_recipient_parse(half->body, point, &inner) || !age_recipient_parse(half->card, point, &inner)) {
		g_set_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM, "this is not the public half of a senim key: %s",
		            inner->message);
		return NULL;
	}
	if (strcmp(half->body, half->card) == 0) {
		fail(KEYFILE_ERROR_FORM, "body and card have one key: who lists would open; make another with `senim keygen`",
		     error);
		return NULL;
	}
	return g_steal_pointer(&half);
}

KeyfilePublic *keyfile_public_parse(const void *data, gsize size, GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autoptr(Record) record = record_read(data, size, 0, NULL, &inner);
	if (record == NULL) {
		g_set_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM, "this is not the public half of a senim key: %s",
		            inner->message);
		return NULL;
	}
	return keyfile_public_from_record(record, error);
}

/* What a file has told, with its name. */
static gboolean fail_file(GError *inner, const char *path, GError **error)
{
	if (inner->domain == KEYFILE_ERROR)
		g_set_error(error, KEYFILE_ERROR, inner->code, "%s: %s", path, inner->message);
	else
		g_set_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FILE, "%s", inner->message);
	g_error_free(inner);
	return FALSE;
}

KeyfilePublic *keyfile_public_read(const char *path, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(GBytes) content = private_file_read(path, FILE_MAX, FALSE, &inner);
	const void *data = content != NULL ? g_bytes_get_data(content, &size) : NULL;
	KeyfilePublic *half = content != NULL ? keyfile_public_parse(data, size, &inner) : NULL;
	if (half == NULL)
		fail_file(inner, path, error);
	return half;
}

gboolean keyfile_public_write(const KeyfilePublic *half, const char *path, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(Record) record = keyfile_public_record(half);
	g_autofree char *text = record_write(record, &size);
	return private_file_write(path, text, size, 0644, &inner) || fail_file(inner, path, error);
}

/* --- the key file ------------------------------------------------------------------------------------------------- */

/* Takes both identities. */
static Keyfile *keyfile_from(AgeIdentity *body, AgeIdentity *card, const guint8 seed[KEYFILE_SEED], GError **error)
{
	g_autoptr(Keyfile) keys = g_new0(Keyfile, 1);
	keys->body = body;
	keys->card = card;
	keys->sign = slab_take();
	if (body == NULL || card == NULL || keys->sign == NULL) {
		fail(KEYFILE_ERROR_MEMORY, SLAB_ADVICE, error);
		return NULL;
	}
	crypto_sign_seed_keypair(keys->sign_public, keys->sign, seed);
	return g_steal_pointer(&keys);
}

/* Takes body. */
static Keyfile *generate_with(AgeIdentity *body, GError **error)
{
	guint8 seed[KEYFILE_SEED];
	randombytes_buf(seed, sizeof seed);
	Keyfile *keys = keyfile_from(body, age_identity_generate(NULL), seed, error);
	sodium_memzero(seed, sizeof seed);
	return keys;
}

Keyfile *keyfile_generate(GError **error)
{
	return generate_with(age_identity_generate(NULL), error);
}

Keyfile *keyfile_generate_token(const char *identity, const char *recipient, GError **error)
{
	GError *inner = NULL;
	guint8 point[AGE_X25519];
	AgeIdentity *body =
		age_recipient_parse(recipient, point, &inner) ? age_identity_token(identity, recipient, &inner) : NULL;
	if (body != NULL)
		return generate_with(body, error);
	fail(KEYFILE_ERROR_FORM, inner->message, error);
	g_error_free(inner);
	return NULL;
}

void keyfile_free(Keyfile *keys)
{
	if (keys == NULL)
		return;
	age_identity_free(keys->body);
	age_identity_free(keys->card);
	slab_give(keys->sign);
	g_free(keys);
}

GBytes *keyfile_text(const Keyfile *keys)
{
	char text[4 * LINE_MOST], seed[SEED_BASE64];
	sodium_mlock(text, sizeof text);
	sodium_bin2base64(seed, sizeof seed, keys->sign, KEYFILE_SEED, sodium_base64_VARIANT_ORIGINAL);
	gint size = g_snprintf(text, sizeof text,
	                       "# senim: body, card, signature. Whoever has this reads the reports.\n"
	                       "# public key: %s\n%s\n# public key: %s\n%s\n" SIGN_COMMENT "%s\n",
	                       age_identity_recipient(keys->body), age_identity_text(keys->body),
	                       age_identity_recipient(keys->card), age_identity_text(keys->card), seed);
	GBytes *bytes = slab_bytes(text, (gsize)size);
	if (bytes == NULL) /* not a page more can be locked: wiped it is all the same */
		bytes = bundle_secret_bytes(text, (gsize)size);
	sodium_munlock(text, sizeof text); /* and wiped */
	sodium_memzero(seed, sizeof seed);
	return bytes;
}

/* What the file holds: in clear, or sealed. */
static GBytes *keyfile_content(const Keyfile *keys, const char *passphrase, gsize passphrase_size, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(GBytes) text = keyfile_text(keys);
	if (passphrase == NULL)
		return g_steal_pointer(&text);
	if (passphrase_size == 0) {
		fail(KEYFILE_ERROR_WRONG, "an empty passphrase protects nothing: choose one, or say --no-passphrase", error);
		return NULL;
	}
	const void *plain = g_bytes_get_data(text, &size);
	GBytes *sealed = age_file_seal_passphrase(plain, size, passphrase, passphrase_size, &inner);
	if (sealed == NULL) {
		fail(KEYFILE_ERROR_MEMORY, inner->message, error);
		g_error_free(inner);
	}
	return sealed;
}

typedef gboolean (*PutFile)(const char *path, const void *data, gsize size, guint mode, GError **error);

static gboolean put_file(PutFile put, const Keyfile *keys, const char *path, const char *passphrase,
                         gsize passphrase_size, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(GBytes) content = keyfile_content(keys, passphrase, passphrase_size, error);
	if (content == NULL)
		return FALSE;
	const void *data = g_bytes_get_data(content, &size);
	return put(path, data, size, 0600, &inner) || fail_file(inner, path, error);
}

gboolean keyfile_write(const Keyfile *keys, const char *path, const char *passphrase, gsize passphrase_size,
                       GError **error)
{
	return put_file(private_file_write, keys, path, passphrase, passphrase_size, error);
}

gboolean keyfile_replace(const Keyfile *keys, const char *path, const char *passphrase, gsize passphrase_size,
                         GError **error)
{
	return put_file(private_file_replace, keys, path, passphrase, passphrase_size, error);
}

gboolean keyfile_write_token(const Keyfile *keys, const char *path, const char *whom, GError **error)
{
	GError *inner = NULL;
	gsize size;
	const char *const recipients[] = {whom, NULL};
	g_autoptr(GBytes) content = keyfile_text(keys);
	const void *data = g_bytes_get_data(content, &size);
	g_autoptr(GBytes) sealed = age_file_seal(data, size, recipients, error);
	if (sealed == NULL)
		return FALSE;
	data = g_bytes_get_data(sealed, &size);
	return private_file_write(path, data, size, 0600, &inner) || fail_file(inner, path, error);
}

/* What was read so far. */
typedef struct {
	AgeIdentity *identities[2];
	guint count;
	guint8 seed[KEYFILE_SEED];
	gboolean has_seed;
	char recipient[80]; /* of the last `# public key: ` */
} Parts;

static void parts_clear(Parts *parts)
{
	age_identity_free(parts->identities[0]);
	age_identity_free(parts->identities[1]);
	sodium_memzero(parts, sizeof *parts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

/* The card identity is used for every list: it is never in a token. */
static AgeIdentity *parse_identity(const Parts *parts, const char *line)
{
	guint8 point[AGE_X25519];
	if (g_str_has_prefix(line, "AGE-PLUGIN-"))
		return parts->count == 0 && age_recipient_parse(parts->recipient, point, NULL)
		               ? age_identity_token(line, parts->recipient, NULL)
		               : NULL;
	return age_identity_parse(line, NULL);
}

static gboolean take_line(Parts *parts, const char *line)
{
	if (g_str_has_prefix(line, SIGN_COMMENT)) {
		if (parts->has_seed)
			return FALSE;
		parts->has_seed = TRUE;
		return take_base64(line + strlen(SIGN_COMMENT), parts->seed, KEYFILE_SEED);
	}
	if (g_str_has_prefix(line, PUBLIC_COMMENT))
		g_strlcpy(parts->recipient, line + strlen(PUBLIC_COMMENT), sizeof parts->recipient);
	if (line[0] == '#' || line[0] == '\0')
		return TRUE;
	if (parts->count == G_N_ELEMENTS(parts->identities))
		return FALSE;
	AgeIdentity *identity = parse_identity(parts, line);
	parts->identities[parts->count] = identity;
	parts->count += identity != NULL;
	return identity != NULL;
}

Keyfile *keyfile_parse(const void *text, gsize size, GError **error)
{
	g_auto(Parts) parts = {0};
	const char *at = text, *end = at + size;
	gboolean good = TRUE;
	while (good && at < end) {
		char line[LINE_MOST];
		const char *stop = memchr(at, '\n', (gsize)(end - at));
		gsize length = (gsize)((stop != NULL ? stop : end) - at);
		/* Comments may be of any length; a line of ours is not. */
		gsize kept = MIN(length, sizeof line - 1);
		memcpy(line, at, kept);
		line[kept] = '\0';
		if (kept > 0 && line[kept - 1] == '\r')
			line[kept - 1] = '\0';
		good = strlen(line) + 1 >= kept && (kept == length || line[0] == '#') && take_line(&parts, line);
		sodium_memzero(line, sizeof line);
		at += length + (stop != NULL ? 1 : 0);
	}
	if (!good || parts.count != G_N_ELEMENTS(parts.identities) || !parts.has_seed) {
		fail(KEYFILE_ERROR_FORM, "this is not a senim key file: body identity, card identity, senim-sign", error);
		return NULL;
	}
	return keyfile_from(g_steal_pointer(&parts.identities[0]), g_steal_pointer(&parts.identities[1]), parts.seed,
	                    error);
}

static GBytes *open_sealed(const void *data, gsize size, const char *passphrase, gsize passphrase_size, GError **error)
{
	g_autoptr(GError) inner = NULL;
	if (!age_file_takes_passphrase(data, size)) {
		fail(KEYFILE_ERROR_TOKEN, "it is sealed to a token", error);
		return NULL;
	}
	if (passphrase == NULL) {
		fail(KEYFILE_ERROR_PASSPHRASE, "it is sealed by a passphrase", error);
		return NULL;
	}
	GBytes *plain = age_file_open_passphrase(data, size, passphrase, passphrase_size, &inner);
	if (plain != NULL)
		return plain;
	if (g_error_matches(inner, AGE_ERROR, AGE_ERROR_NO_MATCH))
		fail(KEYFILE_ERROR_WRONG, inner->message, error);
	else if (g_error_matches(inner, AGE_ERROR, AGE_ERROR_MEMORY))
		fail(KEYFILE_ERROR_MEMORY, inner->message, error);
	else
		g_set_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM, "it does not open: %s", inner->message);
	return NULL;
}

static GBytes *read_private(const char *path, GError **error)
{
	GError *inner = NULL;
	GBytes *content = private_file_check_local(path, &inner) ? private_file_read(path, FILE_MAX, TRUE, &inner) : NULL;
	if (content == NULL)
		fail_file(inner, path, error);
	return content;
}

Keyfile *keyfile_read_token(const char *path, const char *identity, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(GBytes) content = read_private(path, error);
	g_autoptr(AgeIdentity) token = content != NULL ? age_identity_token(identity, NULL, error) : NULL;
	if (token == NULL)
		return NULL;
	const void *data = g_bytes_get_data(content, &size);
	g_autoptr(GBytes) plain = age_file_open(data, size, token, &inner);
	if (plain == NULL) {
		if (inner->domain != AGE_ERROR) {
			g_propagate_error(error, inner);
			return NULL;
		}
		g_set_error(error, KEYFILE_ERROR, KEYFILE_ERROR_WRONG, "%s: %s", path, inner->message);
		g_error_free(inner);
		return NULL;
	}
	data = g_bytes_get_data(plain, &size);
	return keyfile_parse(data, size, error);
}

Keyfile *keyfile_read(const char *path, const char *passphrase, gsize passphrase_size, GError **error)
{
	GError *inner = NULL;
	gsize size;
	g_autoptr(GBytes) content = read_private(path, error);
	if (content == NULL)
		return NULL;
	const void *data = g_bytes_get_data(content, &size);
	if (age_file_is(data, size)) {
		GBytes *plain = open_sealed(data, size, passphrase, passphrase_size, &inner);
		if (plain == NULL) {
			fail_file(inner, path, error);
			return NULL;
		}
		g_bytes_unref(content);
		content = plain;
		data = g_bytes_get_data(content, &size);
	}
	Keyfile *keys = keyfile_parse(data, size, &inner);
	if (keys == NULL)
		fail_file(inner, path, error);
	return keys;
}

const char *keyfile_body_identity(const Keyfile *keys)
{
	return age_identity_text(keys->body);
}

const char *keyfile_card_identity(const Keyfile *keys)
{
	return age_identity_text(keys->card);
}

KeyfilePublic *keyfile_public(const Keyfile *keys, gint64 expires)
{
	KeyfilePublic *half = g_new0(KeyfilePublic, 1);
	half->body = g_strdup(age_identity_recipient(keys->body));
	half->card = g_strdup(age_identity_recipient(keys->card));
	memcpy(half->sign, keys->sign_public, KEYFILE_SIGN);
	half->expires = expires;
	return half;
}

void keyfile_sign(const Keyfile *keys, const void *data, gsize size, guint8 signature[KEYFILE_SIGNATURE])
{
	crypto_sign_detached(signature, NULL, data, size, keys->sign);
}

gboolean keyfile_public_verify(const guint8 sign[KEYFILE_SIGN], const void *data, gsize size,
                               const guint8 signature[KEYFILE_SIGNATURE])
{
	return crypto_sign_verify_detached(signature, data, size, sign) == 0;
}
