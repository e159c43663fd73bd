/* SPDX-License-Identifier: ISC */
#include "store/custody.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/bundle.h"
#include "store/bech32.h"
#include "store/hkdf.h"
#include "store/private-file.h"
#include "store/slab.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FILE_MAX 256
#define CTRL_C 3
G_STATIC_ASSERT(CUSTODY_SEALED_MORE == NONCE + TAG);

G_DEFINE_QUARK(senim-custody-error, custody_error)

struct CustodyKey {
	guint8 *octets; /* in the slab */
};

static gboolean fail(CustodyErrorCode code, const char *what, GError **error)
{
	g_set_error(error, CUSTODY_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- the key ------------------------------------------------------------------------------------------------------ */

CustodyKey *custody_key_new(const guint8 octets[CUSTODY_KEY], GError **error)
{
	guint8 *slot = slab_take();
	if (slot == NULL) {
		fail(CUSTODY_ERROR_MEMORY, SLAB_ADVICE, error);
		return NULL;
	}
	memcpy(slot, octets, CUSTODY_KEY);
	CustodyKey *key = g_new0(CustodyKey, 1);
	key->octets = slot;
	return key;
}

CustodyKey *custody_key_generate(GError **error)
{
	guint8 octets[CUSTODY_KEY];
	randombytes_buf(octets, sizeof octets);
	CustodyKey *key = custody_key_new(octets, error);
	sodium_memzero(octets, sizeof octets);
	return key;
}

void custody_key_free(CustodyKey *key)
{
	if (key == NULL)
		return;
	slab_give(key->octets);
	g_free(key);
}

char *custody_key_text(const CustodyKey *key)
{
	return bech32_encode(CUSTODY_PREFIX, key->octets, CUSTODY_KEY);
}

/* 64 hexadecimal digits, blanks around them. */
static gboolean read_hex(const char *text, guint8 octets[CUSTODY_KEY])
{
	gsize got;
	text += strspn(text, " \t\r\n");
	gsize size = strcspn(text, " \t\r\n");
	return size == 2 * CUSTODY_KEY && text[size + strspn(text + size, " \t\r\n")] == '\0' &&
	       sodium_hex2bin(octets, CUSTODY_KEY, text, size, NULL, &got, NULL) == 0 && got == CUSTODY_KEY;
}

CustodyKey *custody_key_parse(const char *text, GError **error)
{
	guint8 octets[CUSTODY_KEY];
	if (!bech32_decode_typed(CUSTODY_PREFIX, text, octets, CUSTODY_KEY) && !read_hex(text, octets)) {
		fail(CUSTODY_ERROR_SOURCE,
		     "this is not a custody key (" CUSTODY_PREFIX "1…): compare it with the sheet, group by group", error);
		return NULL;
	}
	CustodyKey *key = custody_key_new(octets, error);
	sodium_memzero(octets, sizeof octets);
	return key;
}

/* --- where it comes from ------------------------------------------------------------------------------------------ */

static CustodyKey *key_from_file(const char *path, gboolean checked, GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autoptr(GBytes) content = private_file_read(path, FILE_MAX, checked, &inner);
	if (content == NULL) {
		g_set_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE,
		            "there is no custody key: %s: set custody-key to where it is, or put back the one of the escrow",
		            inner->message);
		return NULL;
	}
	gsize size;
	const char *data = g_bytes_get_data(content, &size);
	if (size == CUSTODY_KEY)
		return custody_key_new((const guint8 *)data, error);
	char text[FILE_MAX + 1];
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	CustodyKey *key = custody_key_parse(text, &inner);
	sodium_memzero(text, sizeof text);
	if (key == NULL && inner->code == CUSTODY_ERROR_MEMORY)
		g_propagate_error(error, g_steal_pointer(&inner));
	else if (key == NULL)
		g_set_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE,
		            "%s holds no custody key (" CUSTODY_PREFIX "1…, or 32 octets): put back the one of the escrow",
		            path);
	return key;
}

static CustodyKey *key_from_credential(const char *name, GError **error)
{
	const char *directory = g_getenv("CREDENTIALS_DIRECTORY");
	if (directory == NULL || *name == '\0' || strchr(name, '/') != NULL || strcmp(name, "..") == 0) {
		g_set_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE,
		            "there is no credential %s: start from the unit, or name another custody-key in the configuration",
		            name);
		return NULL;
	}
	g_autofree char *path = g_build_filename(directory, name, NULL);
	return key_from_file(path, FALSE, error);
}

/* One line from the terminal, unseen; Ctrl-C ends it, so that the terminal is never left without its echo. FALSE where
 * it is cut off or does not fit. */
static gboolean read_line_unseen(int tty, const char *prompt, char *line, gsize room)
{
	struct termios before, quiet;
	gsize n = 0;
	char c = '\0';
	if (tcgetattr(tty, &before) != 0)
		return FALSE;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = CTRL_C;
	/* The question comes after it: else a quick answer would be shown, and then thrown away. */
	gboolean asked = tcsetattr(tty, TCSAFLUSH, &quiet) == 0 && write(tty, prompt, strlen(prompt)) > 0;
	while (asked && n + 1 < room && c != '\n') {
		gssize got = read(tty, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != 1 || c == CTRL_C)
			break;
		line[n++] = c;
	}
	line[n] = '\0';
	tcsetattr(tty, TCSAFLUSH, &before);
	return c == '\n';
}

static CustodyKey *key_from_terminal(GError **error)
{
	static const char prompt[] = "Custody key (" CUSTODY_PREFIX "1..., from the sheet): ";
	char line[FILE_MAX];
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	gboolean good = tty >= 0 && read_line_unseen(tty, prompt, line, sizeof line);
	if (tty >= 0) {
		gssize ignored = write(tty, "\n", 1);
		(void)ignored;
		close(tty);
	}
	CustodyKey *key = NULL;
	if (good)
		key = custody_key_parse(line, error);
	else
		fail(CUSTODY_ERROR_SOURCE,
		     "custody-key = ask needs a terminal: start it there, or name a credential or file in the configuration",
		     error);
	sodium_memzero(line, sizeof line);
	return key;
}

CustodyKey *custody_key_load(const char *source, GError **error)
{
	if (g_str_has_prefix(source, "credential:"))
		return key_from_credential(source + strlen("credential:"), error);
	if (g_str_has_prefix(source, "file:"))
		return key_from_file(source + strlen("file:"), TRUE, error);
	if (strcmp(source, "ask") == 0)
		return key_from_terminal(error);
	fail(CUSTODY_ERROR_SOURCE, "custody-key is credential:NAME, file:PATH or ask", error);
	return NULL;
}

gboolean custody_key_save(const CustodyKey *key, const char *path, GError **error)
{
	g_autoptr(GError) inner = NULL;
	char *text = custody_key_text(key);
	gsize size = strlen(text);
	text[size] = '\n'; /* for the moment it is a line, not a string */
	gboolean good = private_file_write(path, text, size + 1, 0400, &inner);
	sodium_memzero(text, size + 1);
	g_free(text);
	if (!good)
		g_set_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE, "the custody key is not saved: %s", inner->message);
	return good;
}

/* --- ids and purposes --------------------------------------------------------------------------------------------- */

/* Hash(label || data)[:8] */
static void short_hash(const char *label, const void *data, gsize size, guint8 id[CUSTODY_ID])
{
	crypto_hash_sha256_state state;
	guint8 hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, strlen(label));
	crypto_hash_sha256_update(&state, data, size);
	crypto_hash_sha256_final(&state, hash);
	memcpy(id, hash, CUSTODY_ID);
}

void custody_key_id(const CustodyKey *key, guint8 id[CUSTODY_ID])
{
	guint8 hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, key->octets, CUSTODY_KEY);
	short_hash("senim/custody/1\n", hash, sizeof hash, id);
	sodium_memzero(hash, sizeof hash);
}

void custody_recipient_id(const char *recipient, guint8 id[CUSTODY_ID])
{
	short_hash("senim/recipient/1\n", recipient, strlen(recipient), id);
}

void custody_derive(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                    guint8 out[CUSTODY_KEY])
{
	static const char *const labels[] = {
		[CUSTODY_HEADER] = "senim/custody/header/1",   [CUSTODY_OUTBOX] = "senim/custody/outbox/1",
		[CUSTODY_TOKEN] = "senim/custody/token/1",     [CUSTODY_OPENING] = "senim/custody/opening/1",
		[CUSTODY_MESSAGE_ID] = "senim/custody/message-id/1", [CUSTODY_ARCHIVE] = "senim/custody/archive/1",
	};
	hkdf_sha256(out, CUSTODY_KEY, key->octets, CUSTODY_KEY, store_id, CUSTODY_STORE, labels[purpose]);
}

/* --- blobs -------------------------------------------------------------------------------------------------------- */

/* nonce || ciphertext to `out`, which has room for CUSTODY_SEALED_MORE octets more than the data. */
static void seal_to(guint8 *out, const CustodyKey *key, const guint8 *store_id, CustodyPurpose purpose,
                    const void *about, gsize about_size, const void *data, gsize size)
{
	guint8 derived[CUSTODY_KEY];
	custody_derive(key, store_id, purpose, derived);
	randombytes_buf(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, data, size, about, about_size, NULL, out, derived);
	sodium_memzero(derived, sizeof derived);
}

static GBytes *open_from(const guint8 *blob, gsize size, const CustodyKey *key, const guint8 *store_id,
                         CustodyPurpose purpose, const void *about, gsize about_size, GError **error)
{
	guint8 derived[CUSTODY_KEY];
	if (size < CUSTODY_SEALED_MORE) {
		fail(CUSTODY_ERROR_FORM, "a sealed row is shorter than one can be", error);
		return NULL;
	}
	gsize plain_size = size - CUSTODY_SEALED_MORE;
	guint8 *plain = g_malloc(plain_size + 1);
	custody_derive(key, store_id, purpose, derived);
	gboolean good = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, blob + NONCE, size - NONCE, about,
	                                                           about_size, blob, derived) == 0;
	sodium_memzero(derived, sizeof derived);
	GBytes *bytes = NULL;
	if (good)
		bytes = bundle_secret_bytes(plain, plain_size);
	else
		fail(CUSTODY_ERROR_OTHER, "a sealed row does not open: it is another's, or was altered", error);
	sodium_memzero(plain, plain_size);
	g_free(plain);
	return bytes;
}

GBytes *custody_seal(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                     const void *about, gsize about_size, const void *data, gsize size)
{
	guint8 *blob = g_malloc(size + CUSTODY_SEALED_MORE);
	seal_to(blob, key, store_id, purpose, about, about_size, data, size);
	return g_bytes_new_take(blob, size + CUSTODY_SEALED_MORE);
}

GBytes *custody_open(const CustodyKey *key, const guint8 store_id[CUSTODY_STORE], CustodyPurpose purpose,
                     const void *about, gsize about_size, const void *blob, gsize blob_size, GError **error)
{
	return open_from(blob, blob_size, key, store_id, purpose, about, about_size, error);
}

/* --- headers: "SNH1" -------------------------------------------------------------------------------------------------
 *  0  4  "SNH1"            8   8  custody key id
 *  4  1  suite             16  8  recipient id
 *  5  1  recipient type    24  4  m
 *  6  1  part              28  m  nonce || ciphertext
 *  7  1  zero */
#define HEAD 28
G_STATIC_ASSERT(CUSTODY_HEADER_EMPTY == HEAD + CUSTODY_SEALED_MORE);
#define SUITE_XCHACHA20 1
#define TYPE_X25519 1
/* bytes 0..27 || store id[16] || object id[16] || version[4] */
#define ABOUT (HEAD + CUSTODY_STORE + 16 + 4)

static void put_u32(guint8 *out, guint32 value)
{
	value = GUINT32_TO_BE(value);
	memcpy(out, &value, sizeof value);
}

/* What binds a header to its place; the first HEAD octets are the blob's own. */
static void header_about(const CustodyKey *key, const CustodyPlace *place, const guint8 recipient[CUSTODY_ID],
                         guint32 m, guint8 about[ABOUT])
{
	memcpy(about, "SNH1", 4);
	about[4] = SUITE_XCHACHA20;
	about[5] = TYPE_X25519;
	about[6] = place->part;
	about[7] = 0;
	custody_key_id(key, about + 8);
	memcpy(about + 16, recipient, CUSTODY_ID);
	put_u32(about + 24, m);
	memcpy(about + HEAD, place->store_id, CUSTODY_STORE);
	memcpy(about + HEAD + CUSTODY_STORE, place->object_id, 16);
	put_u32(about + HEAD + CUSTODY_STORE + 16, place->version);
}

static GBytes *header_wrap(const CustodyKey *key, const CustodyPlace *place, const guint8 recipient[CUSTODY_ID],
                           const void *header, gsize size)
{
	guint8 about[ABOUT];
	gsize m = size + CUSTODY_SEALED_MORE;
	header_about(key, place, recipient, (guint32)m, about);
	guint8 *blob = g_malloc(HEAD + m);
	memcpy(blob, about, HEAD);
	seal_to(blob + HEAD, key, place->store_id, CUSTODY_HEADER, about, sizeof about, header, size);
	return g_bytes_new_take(blob, HEAD + m);
}

static GBytes *header_unwrap(const CustodyKey *key, const CustodyPlace *place, const guint8 recipient[CUSTODY_ID],
                             const void *blob, gsize size, GError **error)
{
	guint8 about[ABOUT];
	header_about(key, place, recipient, (guint32)(size - HEAD), about);
	if (memcmp((const guint8 *)blob + 8, about + 8, CUSTODY_ID) != 0) {
		fail(CUSTODY_ERROR_KEY, "a header is under another custody key: this host holds the wrong one", error);
		return NULL;
	}
	if (memcmp(blob, about, HEAD) != 0) {
		fail(CUSTODY_ERROR_OTHER, "a header in custody is another reader's or another part's", error);
		return NULL;
	}
	return open_from((const guint8 *)blob + HEAD, size - HEAD, key, place->store_id, CUSTODY_HEADER, about,
	                 sizeof about, error);
}

static gboolean is_header(const void *blob, gsize size, GError **error)
{
	return (size >= HEAD + CUSTODY_SEALED_MORE && size - HEAD <= G_MAXUINT32 && memcmp(blob, "SNH1", 4) == 0) ||
	       fail(CUSTODY_ERROR_FORM, "a header in custody is of another form", error);
}

GBytes *custody_header_wrap(const CustodyKey *key, const CustodyPlace *place, const void *header, gsize size)
{
	guint8 recipient[CUSTODY_ID];
	custody_recipient_id(place->recipient, recipient);
	return header_wrap(key, place, recipient, header, size);
}

GBytes *custody_header_unwrap(const CustodyKey *key, const CustodyPlace *place, const void *blob, gsize size,
                              GError **error)
{
	guint8 recipient[CUSTODY_ID];
	custody_recipient_id(place->recipient, recipient);
	return is_header(blob, size, error) ? header_unwrap(key, place, recipient, blob, size, error) : NULL;
}

GBytes *custody_header_wrap_for(const CustodyKey *key, const CustodyPlace *place, const guint8 recipient[CUSTODY_ID],
                                const void *header, gsize size)
{
	return header_wrap(key, place, recipient, header, size);
}

GBytes *custody_header_unwrap_of(const CustodyKey *key, const CustodyPlace *place, const void *blob, gsize size, GError **error)
{
	return is_header(blob, size, error) ? header_unwrap(key, place, (const guint8 *)blob + 16, blob, size, error) : NULL;
}

GBytes *custody_header_turn(const CustodyKey *key, const CustodyKey *next, const CustodyPlace *place, const void *blob,
                            gsize size, GError **error)
{
	g_autoptr(GBytes) header = custody_header_unwrap_of(key, place, blob, size, error);
	if (header == NULL || next == NULL)
		return header != NULL ? g_bytes_new(NULL, 0) : NULL;
	gsize header_size;
	const void *text = g_bytes_get_data(header, &header_size);
	return header_wrap(next, place, (const guint8 *)blob + 16, text, header_size);
}
