/* SPDX-License-Identifier: ISC */
#include "store/note.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base64.h"

G_DEFINE_QUARK(senim-note-error, note_error)

/* Which signatures a key makes (signed-note section "Signatures", tlog-cosignature section "Format"). */
typedef enum { ED25519 = 0x01, COSIGNATURE = 0x04 } Algorithm;
#define ID NOTE_ID
#define TIME 8
#define SEED crypto_sign_SEEDBYTES
#define PUBLIC crypto_sign_PUBLICKEYBYTES
#define SIGNATURE crypto_sign_BYTES
#define SIGNATURE_START "\xe2\x80\x94 " /* em dash, blank */
#define SIGNATURES_MAX 100
#define PRIVATE_START "PRIVATE+KEY+"
#define SIGNER_FILE_MAX 4096

struct NoteSigner {
	char *name;
	Algorithm algorithm;
	guint8 id[ID];
	guint8 public[PUBLIC];
	guint8 *secret; /* crypto_sign_SECRETKEYBYTES: the seed, then the public key; sodium_malloc */
};

struct NoteVerifier {
	char *name;
	Algorithm algorithm;
	guint8 id[ID];
	guint8 public[PUBLIC];
};

static gpointer fail(GError **error, NoteError code, const char *what)
{
	g_set_error_literal(error, NOTE_ERROR, code, what);
	return NULL;
}

gboolean note_name_is_valid(const char *name)
{
	if (*name == '\0' || !g_utf8_validate(name, -1, NULL))
		return FALSE;
	for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c == '+' || c < 0x20 || c == 0x7f || g_unichar_isspace(c))
			return FALSE;
	}
	return TRUE;
}

static void key_id(const char *name, Algorithm algorithm, const guint8 public[PUBLIC], guint8 id[ID])
{
	const guint8 between[2] = {'\n', (guint8)algorithm};
	guint8 hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)name, strlen(name));
	crypto_hash_sha256_update(&state, between, sizeof between);
	crypto_hash_sha256_update(&state, public, PUBLIC);
	crypto_hash_sha256_final(&state, hash);
	memcpy(id, hash, ID);
}

static gboolean from_base64(const char *text, gsize length, guint8 *out, gsize size)
{
	return base64_read_exactly(text, length, TRUE, out, size);
}

static char *to_base64(const guint8 *data, gsize size)
{
	gsize length = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
	char *text = g_malloc(length);
	return sodium_bin2base64(text, length, data, size, sodium_base64_VARIANT_ORIGINAL);
}

/* --- signers ------------------------------------------------------------------------------------------------------ */

static NoteSigner *signer_from_seed(const char *name, Algorithm algorithm, const guint8 seed[NOTE_SEED], GError **error)
{
	if (!note_name_is_valid(name))
		return fail(error, NOTE_ERROR_FORM, "a key's name is empty or holds blanks or a plus sign");
	if (sodium_init() < 0)
		return fail(error, NOTE_ERROR_MEMORY, "libsodium cannot be used on this machine");
	g_autoptr(NoteSigner) signer = g_new0(NoteSigner, 1);
	signer->name = g_strdup(name);
	signer->algorithm = algorithm;
	signer->secret = sodium_malloc(crypto_sign_SECRETKEYBYTES);
	/* sodium_malloc() itself is silent when it may not lock any more. */
	if (signer->secret == NULL || sodium_mlock(signer->secret, crypto_sign_SECRETKEYBYTES) != 0)
		return fail(error, NOTE_ERROR_MEMORY, "no locked memory for a signing key: raise the limit of locked memory");
	crypto_sign_seed_keypair(signer->public, signer->secret, seed);
	key_id(name, algorithm, signer->public, signer->id);
	sodium_mprotect_readonly(signer->secret);
	return g_steal_pointer(&signer);
}

NoteSigner *note_signer_from_seed(const char *name, const guint8 seed[NOTE_SEED], GError **error)
{
	return signer_from_seed(name, ED25519, seed, error);
}

static NoteSigner *signer_generate(const char *name, Algorithm algorithm, GError **error)
{
	guint8 seed[SEED];
	if (sodium_init() < 0)
		return fail(error, NOTE_ERROR_MEMORY, "libsodium cannot be used on this machine");
	randombytes_buf(seed, sizeof seed);
	NoteSigner *signer = signer_from_seed(name, algorithm, seed, error);
	sodium_memzero(seed, sizeof seed);
	return signer;
}

NoteSigner *note_signer_generate(const char *name, GError **error)
{
	return signer_generate(name, ED25519, error);
}

NoteSigner *note_witness_generate(const char *name, GError **error)
{
	return signer_generate(name, COSIGNATURE, error);
}

NoteSigner *note_signer_generate_log(const char *mailbox, GError **error)
{
	guint8 seed[SEED], public[PUBLIC], secret[crypto_sign_SECRETKEYBYTES], hash[crypto_hash_sha256_BYTES];
	char hex[2 * 8 + 1];
	if (sodium_init() < 0)
		return fail(error, NOTE_ERROR_MEMORY, "libsodium cannot be used on this machine");
	randombytes_buf(seed, sizeof seed);
	crypto_sign_seed_keypair(public, secret, seed);
	crypto_hash_sha256(hash, public, sizeof public);
	sodium_bin2hex(hex, sizeof hex, hash, 8);
	g_autofree char *origin = g_strdup_printf("%s/%s", mailbox, hex);
	NoteSigner *signer = note_signer_from_seed(origin, seed, error);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(secret, sizeof secret);
	return signer;
}

void note_signer_free(NoteSigner *signer)
{
	if (signer == NULL)
		return;
	g_free(signer->name);
	if (signer->secret != NULL)
		sodium_free(signer->secret); /* wipes */
	g_free(signer);
}

const char *note_signer_name(const NoteSigner *signer)
{
	return signer->name;
}

const guint8 *note_signer_seed(const NoteSigner *signer)
{
	return signer->secret; /* libsodium's secret key begins with it */
}

/* "NAME+KEYID+BASE64(algorithm || key)": both halves are written alike. */
static char *key_text(const char *start, const char *name, Algorithm algorithm, const guint8 id[ID], const guint8 key[PUBLIC])
{
	guint8 octets[1 + PUBLIC] = {(guint8)algorithm};
	memcpy(octets + 1, key, PUBLIC);
	char *base64 = to_base64(octets, sizeof octets);
	char *text = g_strdup_printf("%s%s+%02x%02x%02x%02x+%s", start, name, id[0], id[1], id[2], id[3], base64);
	sodium_memzero(octets, sizeof octets);
	sodium_memzero(base64, strlen(base64));
	g_free(base64);
	return text;
}

/* Takes such a text apart; name is (transfer full), key the octets after the algorithm's. */
static gboolean key_parse(const char *text, Algorithm algorithm, char **name, guint32 *id, guint8 key[PUBLIC])
{
	const char *plus = strchr(text, '+');
	guint8 octets[1 + PUBLIC];
	if (plus == NULL || strlen(plus + 1) < 9 || plus[9] != '+' || strspn(plus + 1, "0123456789abcdef") != 8)
		return FALSE;
	const char *base64 = plus + 10;
	gboolean good = from_base64(base64, strlen(base64), octets, sizeof octets) && octets[0] == algorithm;
	if (good) {
		*name = g_strndup(text, (gsize)(plus - text));
		*id = (guint32)g_ascii_strtoull(plus + 1, NULL, 16);
		memcpy(key, octets + 1, PUBLIC);
	}
	sodium_memzero(octets, sizeof octets);
	return good;
}

static guint32 id_number(const guint8 id[ID])
{
	return (guint32)id[0] << 24 | (guint32)id[1] << 16 | (guint32)id[2] << 8 | id[3];
}

char *note_signer_verifier(const NoteSigner *signer)
{
	return key_text("", signer->name, signer->algorithm, signer->id, signer->public);
}

static gboolean fail_file(GError **error, const char *path, const char *what)
{
	int number = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number),
	            "the signing key %s cannot be %s: %s: put back the one of the escrow; a mailbox that senim init was not "
	            "given has none", path, what, g_strerror(number));
	return FALSE;
}

/* The first line of the file into text, NUL-terminated. */
static gboolean read_line(const char *path, char *text, gsize max, GError **error)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail_file(error, path, "opened");
	ssize_t size = fstat(fd, &status) == 0 ? read(fd, text, max - 1) : -1;
	if (size < 0)
		fail_file(error, path, "read");
	g_close(fd, NULL);
	if (size < 0)
		return FALSE;
	text[size] = '\0';
	if ((status.st_mode & 077) != 0) {
		g_set_error(error, NOTE_ERROR, NOTE_ERROR_FORM,
		            "the signing key %s can be read by others: make its mode 0400, and look who could read it", path);
		return FALSE;
	}
	if (size == 0 || text[size - 1] != '\n' || strlen(text) != (gsize)size || strchr(text, '\n') != text + size - 1) {
		g_set_error(error, NOTE_ERROR, NOTE_ERROR_FORM, "%s is not a signing key: take it from the backup", path);
		return FALSE;
	}
	text[size - 1] = '\0';
	return TRUE;
}

static NoteSigner *signer_parse(const char *text, Algorithm algorithm, const char *path, GError **error)
{
	g_autofree char *name = NULL;
	guint8 seed[SEED];
	guint32 id;
	NoteSigner *signer = NULL;
	if (g_str_has_prefix(text, PRIVATE_START) && key_parse(text + strlen(PRIVATE_START), algorithm, &name, &id, seed)) {
		signer = signer_from_seed(name, algorithm, seed, error);
		sodium_memzero(seed, sizeof seed);
		if (signer == NULL || id_number(signer->id) == id)
			return signer;
		note_signer_free(signer);
	}
	g_set_error(error, NOTE_ERROR, NOTE_ERROR_FORM, "%s is not a signing key: take it from the backup", path);
	return NULL;
}

static NoteSigner *signer_load(const char *path, Algorithm algorithm, GError **error)
{
	char text[SIGNER_FILE_MAX];
	NoteSigner *signer = read_line(path, text, sizeof text, error) ? signer_parse(text, algorithm, path, error) : NULL;
	sodium_memzero(text, sizeof text);
	return signer;
}

NoteSigner *note_signer_load(const char *path, GError **error)
{
	return signer_load(path, ED25519, error);
}

NoteSigner *note_witness_load(const char *path, GError **error)
{
	return signer_load(path, COSIGNATURE, error);
}

static gboolean write_durably(int fd, const char *text, const char *path, GError **error)
{
	gsize left = strlen(text);
	while (left > 0) {
		ssize_t written = write(fd, text, left);
		if (written < 0)
			return fail_file(error, path, "written");
		text += written;
		left -= (gsize)written;
	}
	if (fsync(fd) != 0)
		return fail_file(error, path, "written");
	g_autofree char *directory = g_path_get_dirname(path);
	int parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = parent >= 0 && fsync(parent) == 0;
	if (!done)
		fail_file(error, path, "made durable");
	if (parent >= 0)
		g_close(parent, NULL);
	return done;
}

gboolean note_signer_save(const NoteSigner *signer, const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (fd < 0)
		return fail_file(error, path, "made");
	char *text = key_text(PRIVATE_START, signer->name, signer->algorithm, signer->id, signer->secret);
	char *line = g_strconcat(text, "\n", NULL);
	gboolean done = write_durably(fd, line, path, error);
	sodium_memzero(text, strlen(text));
	sodium_memzero(line, strlen(line));
	g_free(text);
	g_free(line);
	if (!g_close(fd, done ? error : NULL))
		done = FALSE;
	if (!done)
		unlink(path); /* it was made just now, and nothing was signed with it */
	return done;
}

/* --- verifiers ---------------------------------------------------------------------------------------------------- */

static NoteVerifier *verifier_new(const char *text, Algorithm algorithm, GError **error)
{
	g_autoptr(NoteVerifier) verifier = g_new0(NoteVerifier, 1);
	guint32 id;
	verifier->algorithm = algorithm;
	if (!key_parse(text, algorithm, &verifier->name, &id, verifier->public) || !note_name_is_valid(verifier->name))
		return fail(error, NOTE_ERROR_FORM, algorithm == COSIGNATURE
		            ? "a witness's public key is not of the form NAME+KEYID+BASE64 with a key of type 4"
		            : "a log's public key is not of the form NAME+KEYID+BASE64");
	key_id(verifier->name, algorithm, verifier->public, verifier->id);
	if (id_number(verifier->id) != id)
		return fail(error, NOTE_ERROR_FORM, "a public key does not go with its name and key id");
	return g_steal_pointer(&verifier);
}

NoteVerifier *note_verifier_new(const char *text, GError **error)
{
	return verifier_new(text, ED25519, error);
}

NoteVerifier *note_witness_new(const char *text, GError **error)
{
	return verifier_new(text, COSIGNATURE, error);
}

void note_verifier_free(NoteVerifier *verifier)
{
	if (verifier == NULL)
		return;
	g_free(verifier->name);
	g_free(verifier);
}

const char *note_verifier_name(const NoteVerifier *verifier)
{
	return verifier->name;
}

void note_verifier_id(const NoteVerifier *verifier, guint8 id[NOTE_ID])
{
	memcpy(id, verifier->id, ID);
}

/* --- notes -------------------------------------------------------------------------------------------------------- */

static gboolean text_is_valid(const char *text, gsize size)
{
	if (size == 0 || text[size - 1] != '\n' || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (gsize i = 0; i < size; i++)
		if ((guint8)text[i] < 0x20 && text[i] != '\n')
			return FALSE;
	return TRUE;
}

char *note_sign(const char *text, const NoteSigner *signer, GError **error)
{
	guint8 octets[ID + SIGNATURE];
	if (!text_is_valid(text, strlen(text)) || signer->algorithm != ED25519)
		return fail(error, NOTE_ERROR_FORM, "a text that cannot be signed as a note");
	memcpy(octets, signer->id, ID);
	crypto_sign_detached(octets + ID, NULL, (const guint8 *)text, strlen(text), signer->secret);
	g_autofree char *base64 = to_base64(octets, sizeof octets);
	return g_strdup_printf("%s\n" SIGNATURE_START "%s %s\n", text, signer->name, base64);
}

/* What a witness signs: that it saw this checkpoint, and when (tlog-cosignature "Ed25519 signed message"). */
static char *cosigned(gint64 time, const char *text, gsize size)
{
	return g_strdup_printf("cosignature/v1\ntime %" G_GINT64_FORMAT "\n%.*s", time, (int)size, text);
}

char *note_cosign(const char *text, const NoteSigner *signer, gint64 time, GError **error)
{
	guint8 octets[ID + TIME + SIGNATURE];
	if (!text_is_valid(text, strlen(text)) || strlen(text) > NOTE_MAX || signer->algorithm != COSIGNATURE || time < 0)
		return fail(error, NOTE_ERROR_FORM, "a text that cannot be cosigned as a checkpoint");
	guint64 order = GUINT64_TO_BE((guint64)time);
	g_autofree char *message = cosigned(time, text, strlen(text));
	memcpy(octets, signer->id, ID);
	memcpy(octets + ID, &order, TIME);
	crypto_sign_detached(octets + ID + TIME, NULL, (const guint8 *)message, strlen(message), signer->secret);
	g_autofree char *base64 = to_base64(octets, sizeof octets);
	return g_strdup_printf(SIGNATURE_START "%s %s\n", signer->name, base64);
}

/* What stands behind the key's id in a signature line, of a text. */
static gboolean is_signature(const guint8 *octets, gsize size, const char *text, gsize text_size, const NoteVerifier *verifier,
                             gint64 *time)
{
	guint64 order;
	if (verifier->algorithm == ED25519)
		return size == SIGNATURE && crypto_sign_verify_detached(octets, (const guint8 *)text, text_size, verifier->public) == 0;
	if (size != TIME + SIGNATURE || octets[0] > 0x7f)
		return FALSE;
	memcpy(&order, octets, TIME);
	*time = (gint64)GUINT64_FROM_BE(order);
	g_autofree char *message = cosigned(*time, text, text_size);
	return crypto_sign_verify_detached(octets + TIME, (const guint8 *)message, strlen(message), verifier->public) == 0;
}

typedef enum { LINE_BAD, LINE_OTHER, LINE_FALSE, LINE_RIGHT } LineKind;

/* One signature line without its line feed, under the text. */
static LineKind check_line(const char *line, gsize length, const char *text, gsize size, const NoteVerifier *verifier,
                           gint64 *time)
{
	gsize start = strlen(SIGNATURE_START);
	if (length < start || memcmp(line, SIGNATURE_START, start) != 0)
		return LINE_BAD;
	const char *name = line + start;
	const char *blank = memchr(name, ' ', length - start);
	if (blank == NULL)
		return LINE_BAD;
	gsize name_size = (gsize)(blank - name), base64_size = (gsize)(line + length - blank) - 1;
	g_autofree char *copy = g_strndup(name, name_size);
	g_autofree guint8 *octets = g_malloc(base64_size + 1);
	gsize got;
	if (!note_name_is_valid(copy) ||
	    !base64_read(blank + 1, base64_size, TRUE, octets, base64_size + 1, &got) || got <= ID)
		return LINE_BAD;
	if (strcmp(copy, verifier->name) != 0 || memcmp(octets, verifier->id, ID) != 0)
		return LINE_OTHER;
	return is_signature(octets + ID, got - ID, text, size, verifier, time) ? LINE_RIGHT : LINE_FALSE;
}

/* Where the signatures begin: after the last empty line. NULL where there is none. */
static const char *find_signatures(const char *note)
{
	const char *found = NULL;
	for (const char *at = note; (at = strstr(at, "\n\n")) != NULL; at++)
		found = at + 2;
	return found;
}

/* *time: of a witness's newest signature under it. */
static char *verify(const char *note, const NoteVerifier *verifier, gint64 *time, GError **error)
{
	gsize whole = strlen(note);
	const char *line = find_signatures(note);
	if (whole > NOTE_MAX || line == NULL || !text_is_valid(note, whole) || *line == '\0')
		return fail(error, NOTE_ERROR_FORM, "not a signed note");
	gsize size = (gsize)(line - note) - 1;
	gboolean right = FALSE;
	*time = 0;
	for (guint n = 0; *line != '\0'; n++) {
		const char *end = strchr(line, '\n');
		gint64 moment = 0;
		LineKind kind = check_line(line, (gsize)(end - line), note, size, verifier, &moment);
		if (kind == LINE_BAD || n >= SIGNATURES_MAX)
			return fail(error, NOTE_ERROR_FORM, "a signed note with a line that is no signature");
		if (kind == LINE_FALSE)
			return fail(error, NOTE_ERROR_SIGNATURE, "the signature under a note is false");
		right = right || kind == LINE_RIGHT;
		*time = kind == LINE_RIGHT ? MAX(*time, moment) : *time;
		line = end + 1;
	}
	if (!right)
		return fail(error, NOTE_ERROR_SIGNATURE, verifier->algorithm == COSIGNATURE
		            ? "a checkpoint without a cosignature by the witness's key" : "a note without a signature by the log's key");
	return g_strndup(note, size);
}

char *note_verify(const char *note, const NoteVerifier *verifier, GError **error)
{
	gint64 time;
	return verify(note, verifier, &time, error);
}

gboolean note_verify_cosignature(const char *note, const NoteVerifier *witness, gint64 *time, GError **error)
{
	g_autofree char *text = verify(note, witness, time, error);
	return text != NULL;
}

#define WORD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

char *note_cosignature_words(const char *text)
{
	guint8 octets[ID + TIME + SIGNATURE];
	GString *words = g_string_new(NULL);
	for (const char *at = text; *at != '\0';) {
		gsize length = strspn(at, WORD_CHARACTERS);
		if (length > 0 && from_base64(at, length, octets, sizeof octets))
			g_string_append_printf(words, "%.*s\n", (int)length, at);
		at += MAX(length, 1);
	}
	return g_string_free(words, FALSE);
}

char *note_cosignature_line(const char *word, const NoteVerifier *witness)
{
	guint8 octets[ID + TIME + SIGNATURE];
	if (witness->algorithm != COSIGNATURE || !from_base64(word, strlen(word), octets, sizeof octets) ||
	    memcmp(octets, witness->id, ID) != 0)
		return NULL;
	return g_strdup_printf(SIGNATURE_START "%s %s\n", witness->name, word);
}

/* --- checkpoints -------------------------------------------------------------------------------------------------- */

char *note_checkpoint(const char *origin, guint64 size, const guint8 root[NOTE_ROOT])
{
	g_autofree char *base64 = to_base64(root, NOTE_ROOT);
	return g_strdup_printf("%s\n%" G_GUINT64_FORMAT "\n%s\n", origin, size, base64);
}

static gboolean parse_size(const char *line, guint64 *size)
{
	gsize length = strlen(line);
	if (length == 0 || length > 19 || strspn(line, "0123456789") != length || (length > 1 && *line == '0'))
		return FALSE;
	*size = g_ascii_strtoull(line, NULL, 10);
	return *size <= G_MAXINT64;
}

gboolean note_checkpoint_parse(const char *text, const char *origin, guint64 *size, guint8 root[NOTE_ROOT],
                               GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 4);
	if (g_strv_length(lines) != 4 || *lines[0] == '\0' || !parse_size(lines[1], size) ||
	    !from_base64(lines[2], strlen(lines[2]), root, NOTE_ROOT)) {
		fail(error, NOTE_ERROR_FORM, "a note that is no checkpoint");
		return FALSE;
	}
	if (origin != NULL && strcmp(origin, lines[0]) != 0) {
		fail(error, NOTE_ERROR_ORIGIN, "a checkpoint of another log");
		return FALSE;
	}
	return TRUE;
}

gboolean note_verify_checkpoint(const char *note, const NoteVerifier *verifier, guint64 *size, guint8 root[NOTE_ROOT],
                                GError **error)
{
	g_autofree char *text = note_verify(note, verifier, error);
	return text != NULL && note_checkpoint_parse(text, verifier->name, size, root, error);
}

void note_code(const guint8 root[NOTE_ROOT], char code[NOTE_CODE_LENGTH + 1])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	for (guint i = 0; i < NOTE_CODE_LENGTH; i++) {
		guint bit = 5 * i, at = bit / 8;
		guint pair = (guint)root[at] << 8 | root[at + 1];
		code[i] = alphabet[pair >> (11 - bit % 8) & 31];
	}
	code[NOTE_CODE_LENGTH] = '\0';
}
