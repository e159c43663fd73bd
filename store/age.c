/* SPDX-License-Identifier: ISC */
#include "store/age.h"

#include <sodium.h>
#include <string.h>

#include "base/bundle.h"
#include "store/armor.h"
#include "store/base64.h"
#include "store/bech32.h"
#include "store/ephemeral.h"
#include "store/hkdf.h"
#include "store/payload.h"
#include "store/slab.h"

#define VERSION_LINE "age-encryption.org/v1\n"
#define RECIPIENT_PREFIX "age"
#define IDENTITY_PREFIX "AGE-SECRET-KEY-"
#define TOKEN_PREFIX "AGE-PLUGIN-"
#define IDENTITY_TEXT (sizeof IDENTITY_PREFIX + 1 + 52 + 6) /* with its NUL */
#define WRAPPED (AGE_FILE_KEY + 16)
#define LABEL_X25519 "age-encryption.org/v1/X25519"
#define LABEL_SCRYPT "age-encryption.org/v1/scrypt"
#define SCRYPT_SALT 16
#define MAC_SIZE 32
#define COLUMNS 64
#define STANZAS_MAX 4096
G_STATIC_ASSERT(IDENTITY_TEXT <= SLAB_SLOT);

G_DEFINE_QUARK(senim-age-error, age_error)

static gboolean fail(AgeErrorCode code, const char *what, GError **error)
{
	g_set_error(error, AGE_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- base64 without padding, canonical only ----------------------------------------------------------------------- */

static void append_base64(GString *out, const guint8 *data, gsize size)
{
	char text[sodium_base64_ENCODED_LEN(64, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
	g_assert(size <= 64);
	g_string_append(out, sodium_bin2base64(text, sizeof text, data, size, sodium_base64_VARIANT_ORIGINAL_NO_PADDING));
}

/* TRUE where text is the base64 of exactly `size` octets. */
static gboolean take_base64(const char *text, gsize text_size, guint8 *data, gsize size)
{
	return base64_read_exactly(text, text_size, FALSE, data, size);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

struct AgeIdentity {
	guint8 *secret; /* slab: the 32 octets; NULL: in a token */
	char *text;     /* slab; NULL: in a token */
	char *token;    /* its "AGE-PLUGIN-…", else NULL */
	guint8 point[AGE_X25519];
	char *recipient;
};

static AgeIdentity *identity_from(const guint8 secret[AGE_X25519], GError **error)
{
	g_autoptr(AgeIdentity) identity = g_new0(AgeIdentity, 1);
	identity->secret = slab_take();
	identity->text = slab_take();
	if (identity->secret == NULL || identity->text == NULL) {
		fail(AGE_ERROR_MEMORY, SLAB_ADVICE, error);
		return NULL;
	}
	memcpy(identity->secret, secret, AGE_X25519);
	char *text = bech32_encode(IDENTITY_PREFIX, secret, AGE_X25519);
	g_strlcpy(identity->text, text, IDENTITY_TEXT);
	sodium_memzero(text, strlen(text));
	g_free(text);
	crypto_scalarmult_curve25519_base(identity->point, secret);
	identity->recipient = bech32_encode(RECIPIENT_PREFIX, identity->point, AGE_X25519);
	return g_steal_pointer(&identity);
}

AgeIdentity *age_identity_generate(GError **error)
{
	guint8 secret[AGE_X25519];
	randombytes_buf(secret, sizeof secret);
	AgeIdentity *identity = identity_from(secret, error);
	sodium_memzero(secret, sizeof secret);
	return identity;
}

/* --- tokens: somebody else's code unwraps --- */

static const AgeToken *token_side; /* set once, before any use */
static gpointer token_user;

void age_token_use(const AgeToken *token, gpointer user)
{
	token_side = token;
	token_user = user;
}

AgeIdentity *age_identity_token(const char *text, const char *recipient, GError **error)
{
	if (token_side == NULL || !g_str_has_prefix(text, TOKEN_PREFIX)) {
		fail(AGE_ERROR_TOKEN, "this identity is in a token, which nothing here speaks with", error);
		return NULL;
	}
	AgeIdentity *identity = g_new0(AgeIdentity, 1);
	identity->token = g_strdup(text);
	identity->recipient = g_strdup(recipient);
	return identity;
}

gboolean age_identity_is_token(const AgeIdentity *identity)
{
	return identity->token != NULL;
}

AgeIdentity *age_identity_parse(const char *text, GError **error)
{
	guint8 secret[AGE_X25519];
	if (token_side != NULL && g_str_has_prefix(text, TOKEN_PREFIX))
		return age_identity_token(text, NULL, error);
	if (!bech32_decode(IDENTITY_PREFIX, text, secret, sizeof secret)) {
		fail(AGE_ERROR_IDENTITY, "this is not an X25519 identity (AGE-SECRET-KEY-1…)", error);
		return NULL;
	}
	AgeIdentity *identity = identity_from(secret, error);
	sodium_memzero(secret, sizeof secret);
	return identity;
}

void age_identity_free(AgeIdentity *identity)
{
	if (identity == NULL)
		return;
	slab_give(identity->secret);
	slab_give(identity->text);
	g_free(identity->token);
	g_free(identity->recipient);
	g_free(identity);
}

const char *age_identity_text(const AgeIdentity *identity)
{
	return identity->token != NULL ? identity->token : identity->text;
}

const char *age_identity_recipient(const AgeIdentity *identity)
{
	return identity->recipient;
}

gboolean age_recipient_parse(const char *text, guint8 point[AGE_X25519], GError **error)
{
	static const guint8 any[AGE_X25519] = {1};
	guint8 shared[AGE_X25519];
	if (!bech32_decode(RECIPIENT_PREFIX, text, point, AGE_X25519))
		return fail(AGE_ERROR_RECIPIENT, "this is not an X25519 recipient (age1…)", error);
	if (crypto_scalarmult_curve25519(shared, any, point) != 0)
		return fail(AGE_ERROR_RECIPIENT,
		            "this recipient is a point of low order: nothing sealed to it is secret", error);
	return TRUE;
}

/* --- the two kinds of stanza -------------------------------------------------------------------------------------- */

/* Wraps or unwraps the file key; the key is used once, so the nonce is zero. */
static void wrap(guint8 wrapped[WRAPPED], const guint8 file_key[AGE_FILE_KEY], const guint8 key[32])
{
	static const guint8 nonce[12];
	crypto_aead_chacha20poly1305_ietf_encrypt(wrapped, NULL, file_key, AGE_FILE_KEY, NULL, 0, NULL, nonce, key);
}

static gboolean unwrap(guint8 file_key[AGE_FILE_KEY], const guint8 wrapped[WRAPPED], const guint8 key[32])
{
	static const guint8 nonce[12];
	return crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL, wrapped, WRAPPED, NULL, 0, nonce, key) == 0;
}

/* The key of an X25519 stanza; FALSE where one of the points is of low order. */
static gboolean x25519_key(guint8 key[32], const guint8 secret[32], const guint8 theirs[32], const guint8 share[32],
                           const guint8 recipient[32])
{
	guint8 shared[32], salt[64];
	gboolean good = crypto_scalarmult_curve25519(shared, secret, theirs) == 0;
	memcpy(salt, share, 32);
	memcpy(salt + 32, recipient, 32);
	if (good)
		hkdf_sha256(key, 32, shared, sizeof shared, salt, sizeof salt, LABEL_X25519);
	sodium_memzero(shared, sizeof shared);
	return good;
}

static gboolean scrypt_key(guint8 key[32], const char *passphrase, gsize size, const guint8 salt[SCRYPT_SALT],
                           guint work, GError **error)
{
	guint8 labelled[sizeof LABEL_SCRYPT - 1 + SCRYPT_SALT];
	memcpy(labelled, LABEL_SCRYPT, sizeof LABEL_SCRYPT - 1);
	memcpy(labelled + sizeof LABEL_SCRYPT - 1, salt, SCRYPT_SALT);
	if (crypto_pwhash_scryptsalsa208sha256_ll((const guint8 *)passphrase, size, labelled, sizeof labelled,
	                                          G_GUINT64_CONSTANT(1) << work, 8, 1, key, 32) != 0)
		return fail(AGE_ERROR_MEMORY, "there is no memory to work on the passphrase (256 MiB are needed)", error);
	return TRUE;
}

/* --- writing a header --------------------------------------------------------------------------------------------- */

/* The MAC covers all up to and with "---". */
static void header_mac(guint8 mac[MAC_SIZE], const guint8 file_key[AGE_FILE_KEY], const void *text, gsize size)
{
	guint8 key[32];
	crypto_auth_hmacsha256_state state;
	hkdf_sha256(key, sizeof key, file_key, AGE_FILE_KEY, NULL, 0, "header");
	crypto_auth_hmacsha256_init(&state, key, sizeof key);
	crypto_auth_hmacsha256_update(&state, text, size);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(key, sizeof key);
	sodium_memzero(&state, sizeof state);
}

static char *finish_header(GString *out, const guint8 file_key[AGE_FILE_KEY], gsize *size)
{
	guint8 mac[MAC_SIZE];
	g_string_append(out, "---");
	header_mac(mac, file_key, out->str, out->len);
	g_string_append_c(out, ' ');
	append_base64(out, mac, sizeof mac);
	g_string_append_c(out, '\n');
	if (size != NULL)
		*size = out->len;
	return g_string_free(out, FALSE);
}

static gboolean append_x25519(GString *out, const guint8 file_key[AGE_FILE_KEY], const char *recipient, GError **error)
{
	guint8 point[32], secret[32], share[32], key[32], wrapped[WRAPPED];
	if (!bech32_decode(RECIPIENT_PREFIX, recipient, point, sizeof point))
		return fail(AGE_ERROR_RECIPIENT, "a header was asked for something that is no X25519 recipient", error);
	ephemeral_take(secret, share);
	gboolean good = x25519_key(key, secret, point, share, point);
	sodium_memzero(secret, sizeof secret);
	if (!good)
		return fail(AGE_ERROR_RECIPIENT, "a header was asked for a recipient of low order", error);
	wrap(wrapped, file_key, key);
	sodium_memzero(key, sizeof key);
	g_string_append(out, "-> X25519 ");
	append_base64(out, share, sizeof share);
	g_string_append_c(out, '\n');
	append_base64(out, wrapped, sizeof wrapped);
	g_string_append_c(out, '\n');
	return TRUE;
}

static gboolean append_stanza(GString *out, const guint8 file_key[AGE_FILE_KEY], const char *recipient, GError **error)
{
	guint8 point[AGE_X25519];
	if (token_side == NULL || bech32_decode(RECIPIENT_PREFIX, recipient, point, sizeof point))
		return append_x25519(out, file_key, recipient, error);
	g_autofree char *stanza = token_side->wrap(recipient, file_key, token_user, error);
	if (stanza != NULL)
		g_string_append(out, stanza);
	return stanza != NULL;
}

char *age_header_write(const guint8 file_key[AGE_FILE_KEY], const char *const *recipients, gsize *size, GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(256);
	g_string_append(out, VERSION_LINE);
	if (recipients[0] == NULL) {
		fail(AGE_ERROR_RECIPIENT, "a header was asked for nobody", error);
		return NULL;
	}
	for (gsize i = 0; recipients[i] != NULL; i++)
		if (!append_stanza(out, file_key, recipients[i], error))
			return NULL;
	return finish_header(g_steal_pointer(&out), file_key, size);
}

char *age_header_write_passphrase(const guint8 file_key[AGE_FILE_KEY], const char *passphrase, gsize passphrase_size,
                                  guint work, gsize *size, GError **error)
{
	guint8 salt[SCRYPT_SALT], key[32], wrapped[WRAPPED];
	randombytes_buf(salt, sizeof salt);
	if (!scrypt_key(key, passphrase, passphrase_size, salt, work, error))
		return NULL;
	wrap(wrapped, file_key, key);
	sodium_memzero(key, sizeof key);
	GString *out = g_string_new(VERSION_LINE "-> scrypt ");
	append_base64(out, salt, sizeof salt);
	g_string_append_printf(out, " %u\n", work);
	append_base64(out, wrapped, sizeof wrapped);
	g_string_append_c(out, '\n');
	return finish_header(out, file_key, size);
}

/* --- reading a header --------------------------------------------------------------------------------------------- */

typedef struct {
	char **words; /* type and arguments */
	GByteArray *body;
} Stanza;

struct AgeHeader {
	GArray *stanzas;
	GBytes *text; /* what the MAC covers */
	guint8 mac[MAC_SIZE];
};

static void stanza_clear(gpointer data)
{
	Stanza *stanza = data;
	g_strfreev(stanza->words);
	g_byte_array_unref(stanza->body);
}

void age_header_free(AgeHeader *header)
{
	if (header == NULL)
		return;
	g_array_unref(header->stanzas);
	g_clear_pointer(&header->text, g_bytes_unref);
	g_free(header);
}

typedef struct {
	const char *at;
	gsize left;
} Input;

/* The next line without its LF; FALSE where there is no whole one. */
static gboolean next_line(Input *input, const char **line, gsize *size)
{
	const char *end = input->left > 0 ? memchr(input->at, '\n', input->left) : NULL;
	if (end == NULL)
		return FALSE;
	*line = input->at;
	*size = (gsize)(end - input->at);
	input->left -= *size + 1;
	input->at = end + 1;
	return TRUE;
}

/* Words of one or more printable characters, one blank between them; NULL where a line is anything else. */
static char **split_words(const char *line, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		gboolean blank = line[i] == ' ';
		if (!blank && !g_ascii_isgraph(line[i]))
			return NULL;
		if (blank && (i == 0 || i + 1 == size || line[i - 1] == ' '))
			return NULL;
	}
	if (size == 0)
		return NULL;
	g_autofree char *text = g_strndup(line, size);
	return g_strsplit(text, " ", -1);
}

/* A stanza's body: full lines of 64 columns, then one that is shorter, possibly empty. */
static gboolean read_stanza_body(Input *input, GByteArray *body)
{
	const char *line;
	gsize size;
	do {
		guint8 octets[COLUMNS / 4 * 3];
		gsize got;
		if (!next_line(input, &line, &size) || size > COLUMNS ||
		    !base64_read(line, size, FALSE, octets, sizeof octets, &got))
			return FALSE;
		g_byte_array_append(body, octets, (guint)got);
	} while (size == COLUMNS);
	return TRUE;
}

static gboolean read_stanza(AgeHeader *header, Input *input, const char *line, gsize size)
{
	Stanza stanza = {split_words(line + 3, size - 3), g_byte_array_new()};
	gboolean good = stanza.words != NULL && read_stanza_body(input, stanza.body);
	g_array_append_val(header->stanzas, stanza);
	return good && header->stanzas->len <= STANZAS_MAX;
}

/* Types we know are of one form only; a passphrase stands alone. */
static gboolean check_stanzas(const AgeHeader *header, GError **error)
{
	for (guint i = 0; i < header->stanzas->len; i++) {
		const Stanza *stanza = &g_array_index(header->stanzas, Stanza, i);
		guint8 octets[AGE_X25519];
		guint words = g_strv_length(stanza->words);
		if (strcmp(stanza->words[0], "X25519") == 0) {
			if (words != 2 || !take_base64(stanza->words[1], strlen(stanza->words[1]), octets, AGE_X25519) ||
			    stanza->body->len != WRAPPED)
				return fail(AGE_ERROR_HEADER, "an X25519 stanza of another form", error);
		} else if (strcmp(stanza->words[0], "scrypt") == 0) {
			if (header->stanzas->len != 1)
				return fail(AGE_ERROR_HEADER, "a passphrase beside other recipients", error);
			if (words != 3 || !take_base64(stanza->words[1], strlen(stanza->words[1]), octets, SCRYPT_SALT) ||
			    stanza->body->len != WRAPPED)
				return fail(AGE_ERROR_HEADER, "a scrypt stanza of another form", error);
		}
	}
	return TRUE;
}

static gboolean read_header(AgeHeader *header, const char *data, gsize size, gsize *used)
{
	Input input = {data, size};
	const char *line;
	gsize line_size;
	if (!next_line(&input, &line, &line_size) || line_size != strlen(VERSION_LINE) - 1 ||
	    memcmp(line, VERSION_LINE, line_size) != 0)
		return FALSE;
	while (next_line(&input, &line, &line_size)) {
		if (line_size >= 3 && memcmp(line, "-> ", 3) == 0) {
			if (!read_stanza(header, &input, line, line_size))
				return FALSE;
			continue;
		}
		if (line_size < 4 || memcmp(line, "--- ", 4) != 0 || header->stanzas->len == 0)
			return FALSE;
		header->text = g_bytes_new(data, (gsize)(line - data) + 3);
		*used = (gsize)(input.at - data);
		return take_base64(line + 4, line_size - 4, header->mac, MAC_SIZE);
	}
	return FALSE;
}

AgeHeader *age_header_read(const void *data, gsize size, gsize *used, GError **error)
{
	g_autoptr(AgeHeader) header = g_new0(AgeHeader, 1);
	header->stanzas = g_array_new(FALSE, FALSE, sizeof(Stanza));
	g_array_set_clear_func(header->stanzas, stanza_clear);
	gsize end;
	if (!read_header(header, data, size, &end)) {
		fail(AGE_ERROR_HEADER, "this is not a whole age header", error);
		return NULL;
	}
	if (!check_stanzas(header, error))
		return NULL;
	if (used != NULL)
		*used = end;
	return g_steal_pointer(&header);
}

gboolean age_header_is_one(const AgeHeader *header, const char *type)
{
	return header->stanzas->len == 1 && strcmp(g_array_index(header->stanzas, Stanza, 0).words[0], type) == 0;
}

static gboolean check_mac(const AgeHeader *header, guint8 file_key[AGE_FILE_KEY], GError **error)
{
	guint8 mac[MAC_SIZE];
	gsize size;
	const void *text = g_bytes_get_data(header->text, &size);
	header_mac(mac, file_key, text, size);
	if (sodium_memcmp(mac, header->mac, sizeof mac) == 0)
		return TRUE;
	sodium_memzero(file_key, AGE_FILE_KEY);
	return fail(AGE_ERROR_MAC, "the header was altered", error);
}

/* A stanza as it stands in the header. */
static char *stanza_text(const Stanza *stanza)
{
	GString *text = g_string_new("->");
	for (char **word = stanza->words; *word != NULL; word++)
		g_string_append_printf(text, " %s", *word);
	gsize at = 0, step;
	do { /* the last line is shorter than a full one, empty where it must be */
		step = MIN(stanza->body->len - at, COLUMNS / 4 * 3);
		g_string_append_c(text, '\n');
		append_base64(text, stanza->body->data + at, step);
		at += step;
	} while (step == COLUMNS / 4 * 3);
	g_string_append_c(text, '\n');
	return g_string_free(text, FALSE);
}

static gboolean unwrap_token(const AgeHeader *header, const AgeIdentity *identity, guint8 file_key[AGE_FILE_KEY],
                             GError **error)
{
	g_autoptr(GPtrArray) stanzas = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < header->stanzas->len; i++)
		g_ptr_array_add(stanzas, stanza_text(&g_array_index(header->stanzas, Stanza, i)));
	g_ptr_array_add(stanzas, NULL);
	return token_side->unwrap(identity->token, (const char *const *)stanzas->pdata, file_key, token_user, error) &&
	       check_mac(header, file_key, error);
}

gboolean age_header_unwrap(const AgeHeader *header, const AgeIdentity *identity, guint8 file_key[AGE_FILE_KEY],
                           GError **error)
{
	if (identity->token != NULL)
		return unwrap_token(header, identity, file_key, error);
	for (guint i = 0; i < header->stanzas->len; i++) {
		const Stanza *stanza = &g_array_index(header->stanzas, Stanza, i);
		guint8 share[AGE_X25519], key[32];
		if (strcmp(stanza->words[0], "X25519") != 0)
			continue;
		take_base64(stanza->words[1], strlen(stanza->words[1]), share, sizeof share);
		if (!x25519_key(key, identity->secret, share, share, identity->point))
			return fail(AGE_ERROR_HEADER, "a stanza whose share is of low order", error);
		gboolean ours = unwrap(file_key, stanza->body->data, key);
		sodium_memzero(key, sizeof key);
		if (ours)
			return check_mac(header, file_key, error);
	}
	return fail(AGE_ERROR_NO_MATCH, "this is sealed to somebody else", error);
}

/* The work factor: decimal, no sign, no leading zero. 0 where it is anything else. */
static guint read_work(const char *text)
{
	gsize size = strlen(text);
	if (size == 0 || size > 2 || strspn(text, "0123456789") != size || text[0] == '0')
		return 0;
	return (guint)g_ascii_strtoull(text, NULL, 10);
}

gboolean age_header_unwrap_passphrase(const AgeHeader *header, const char *passphrase, gsize passphrase_size,
                                      guint work_max, guint8 file_key[AGE_FILE_KEY], GError **error)
{
	guint8 salt[SCRYPT_SALT], key[32];
	if (!age_header_is_one(header, "scrypt"))
		return fail(AGE_ERROR_NO_MATCH, "this is not sealed by a passphrase", error);
	const Stanza *stanza = &g_array_index(header->stanzas, Stanza, 0);
	guint work = read_work(stanza->words[2]);
	if (work == 0)
		return fail(AGE_ERROR_HEADER, "a scrypt stanza without a work factor", error);
	if (work > work_max)
		return fail(AGE_ERROR_WORK, "this asks for more work on the passphrase than is taken", error);
	take_base64(stanza->words[1], strlen(stanza->words[1]), salt, sizeof salt);
	if (!scrypt_key(key, passphrase, passphrase_size, salt, work, error))
		return FALSE;
	gboolean ours = unwrap(file_key, stanza->body->data, key);
	sodium_memzero(key, sizeof key);
	return ours ? check_mac(header, file_key, error) : fail(AGE_ERROR_NO_MATCH, "the passphrase is another", error);
}

/* --- whole small files -------------------------------------------------------------------------------------------- */

/* header || nonce || one chunk after another, in one buffer; takes header. */
static GBytes *seal_behind(char *header, gsize header_size, const guint8 file_key[AGE_FILE_KEY], const guint8 *data,
                           gsize size, GError **error)
{
	gsize whole = header_size + (gsize)payload_size(size);
	guint8 *file = g_malloc(whole), *at = file + header_size;
	memcpy(file, header, header_size);
	g_free(header);
	randombytes_buf(at, PAYLOAD_NONCE);
	g_autoptr(PayloadCipher) cipher = payload_cipher_new(file_key, at, error);
	if (cipher == NULL) {
		g_free(file);
		return NULL;
	}
	at += PAYLOAD_NONCE;
	gboolean last;
	do {
		gsize step = MIN(size, PAYLOAD_CHUNK);
		last = step == size;
		if (step > 0)
			memcpy(at, data, step);
		payload_cipher_seal(cipher, at, step, last);
		at += step + PAYLOAD_TAG;
		data += step;
		size -= step;
	} while (!last);
	return g_bytes_new_take(file, whole);
}

/* A slot with a fresh file key, or NULL and *error. */
static guint8 *fresh_file_key(GError **error)
{
	guint8 *file_key = slab_take();
	if (file_key != NULL)
		randombytes_buf(file_key, AGE_FILE_KEY);
	else
		fail(AGE_ERROR_MEMORY, SLAB_ADVICE, error);
	return file_key;
}

GBytes *age_file_seal(const void *data, gsize size, const char *const *recipients, GError **error)
{
	guint8 *file_key = fresh_file_key(error);
	if (file_key == NULL)
		return NULL;
	gsize header_size;
	char *header = age_header_write(file_key, recipients, &header_size, error);
	GBytes *file = header != NULL ? seal_behind(header, header_size, file_key, data, size, error) : NULL;
	slab_give(file_key);
	return file;
}

GBytes *age_file_seal_passphrase(const void *data, gsize size, const char *passphrase, gsize passphrase_size,
                                 GError **error)
{
	guint8 *file_key = fresh_file_key(error);
	if (file_key == NULL)
		return NULL;
	gsize header_size;
	char *header =
	    age_header_write_passphrase(file_key, passphrase, passphrase_size, AGE_WORK_WRITE, &header_size, error);
	GBytes *file = header != NULL ? seal_behind(header, header_size, file_key, data, size, error) : NULL;
	slab_give(file_key);
	return file;
}

static GBytes *open_behind(const guint8 *payload, gsize size, const guint8 file_key[AGE_FILE_KEY], GError **error)
{
	g_autoptr(PayloadReader) reader = payload_reader_new(file_key);
	/* Room for all of it at once: an array that grows would leave copies behind. What such a file holds are keys. */
	const gsize room = size + 1;
	GByteArray *out = g_byte_array_sized_new((guint)room);
	GBytes *plain = NULL;
	gboolean locked = sodium_mlock(out->data, room) == 0;
	if (locked && payload_reader_write(reader, payload, size, out, error) && payload_reader_finish(reader, out, error)) {
		plain = slab_bytes(out->data, out->len);
		locked = plain != NULL;
	}
	if (!locked)
		fail(AGE_ERROR_MEMORY, SLAB_ADVICE, error);
	sodium_munlock(out->data, room); /* and wiped */
	g_byte_array_unref(out);
	return plain;
}

typedef gboolean (*Unwrap)(const AgeHeader *header, gconstpointer how, guint8 file_key[AGE_FILE_KEY], GError **error);

static GBytes *open_file(const void *file, gsize size, Unwrap unwrap_with, gconstpointer how, GError **error)
{
	g_autoptr(GBytes) binary = NULL;
	if (armor_is(file, size)) {
		binary = armor_read(file, size, error);
		if (binary == NULL)
			return NULL;
		file = g_bytes_get_data(binary, &size);
	}
	gsize used;
	g_autoptr(AgeHeader) header = age_header_read(file, size, &used, error);
	guint8 *file_key = header != NULL ? fresh_file_key(error) : NULL;
	GBytes *plain = NULL;
	if (file_key != NULL && unwrap_with(header, how, file_key, error))
		plain = open_behind((const guint8 *)file + used, size - used, file_key, error);
	slab_give(file_key);
	return plain;
}

static gboolean unwrap_with_identity(const AgeHeader *header, gconstpointer how, guint8 file_key[AGE_FILE_KEY],
                                     GError **error)
{
	return age_header_unwrap(header, how, file_key, error);
}

typedef struct {
	const char *text;
	gsize size;
} Passphrase;

static gboolean unwrap_with_passphrase(const AgeHeader *header, gconstpointer how, guint8 file_key[AGE_FILE_KEY],
                                       GError **error)
{
	const Passphrase *passphrase = how;
	return age_header_unwrap_passphrase(header, passphrase->text, passphrase->size, AGE_WORK_READ, file_key, error);
}

GBytes *age_file_open(const void *file, gsize size, const AgeIdentity *identity, GError **error)
{
	return open_file(file, size, unwrap_with_identity, identity, error);
}

GBytes *age_file_open_passphrase(const void *file, gsize size, const char *passphrase, gsize passphrase_size,
                                 GError **error)
{
	Passphrase how = {passphrase, passphrase_size};
	return open_file(file, size, unwrap_with_passphrase, &how, error);
}

gboolean age_file_is(const void *data, gsize size)
{
	gsize line = strlen(VERSION_LINE);
	return armor_is(data, size) || (size >= line && memcmp(data, VERSION_LINE, line) == 0);
}

gboolean age_file_takes_passphrase(const void *file, gsize size)
{
	g_autoptr(GBytes) binary = NULL;
	if (armor_is(file, size)) {
		binary = armor_read(file, size, NULL);
		if (binary == NULL)
			return FALSE;
		file = g_bytes_get_data(binary, &size);
	}
	g_autoptr(AgeHeader) header = age_header_read(file, size, NULL, NULL);
	return header != NULL && age_header_is_one(header, "scrypt");
}
