/* SPDX-License-Identifier: ISC */
/* The C2SP/CCTV test kit for age (c2sp.org/CCTV/age), each file a test of its own: the verdict must be the kit's, and
 * what was given out before a failure must hash to the kit's value.
 *
 * The kit is read from $SENIM_CCTV_AGE, or from ../shared/cctv-age beside the source; without it the program says 77.
 * Files that need a post-quantum identity are left out: that recipient is reserved (FORMATS). */
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#include "store/age.h"
#include "store/armor.h"
#include "store/payload.h"

#define POST_QUANTUM "AGE-SECRET-KEY-PQ-"

typedef struct {
	char *expect, *payload; /* payload: SHA-256 of what may be given out, or NULL */
	GPtrArray *identities, *passphrases;
	gboolean armored, packed;
	GBytes *file;
} Vector;

static void vector_clear(Vector *vector)
{
	g_free(vector->expect);
	g_free(vector->payload);
	g_clear_pointer(&vector->identities, g_ptr_array_unref);
	g_clear_pointer(&vector->passphrases, g_ptr_array_unref);
	g_clear_pointer(&vector->file, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Vector, vector_clear)

static GBytes *unpack(const void *data, gsize size)
{
	g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	g_autoptr(GInputStream) packed = g_memory_input_stream_new_from_data(data, (gssize)size, NULL);
	g_autoptr(GInputStream) in = g_converter_input_stream_new(packed, G_CONVERTER(zlib));
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;
	g_output_stream_splice(out, in, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
	g_assert_no_error(error);
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
}

static void take_line(Vector *vector, const char *key, const char *value)
{
	if (strcmp(key, "expect") == 0)
		vector->expect = g_strdup(value);
	else if (strcmp(key, "payload") == 0)
		vector->payload = g_strdup(value);
	else if (strcmp(key, "identity") == 0)
		g_ptr_array_add(vector->identities, g_strdup(value));
	else if (strcmp(key, "passphrase") == 0)
		g_ptr_array_add(vector->passphrases, g_strdup(value));
	else if (strcmp(key, "armored") == 0)
		vector->armored = strcmp(value, "yes") == 0;
	else if (strcmp(key, "compressed") == 0)
		vector->packed = strcmp(value, "zlib") == 0;
	else
		g_assert_true(strcmp(key, "file key") == 0 || strcmp(key, "comment") == 0);
}

static void vector_read(Vector *vector, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	gsize size;
	g_file_get_contents(path, &data, &size, &error);
	g_assert_no_error(error);
	vector->identities = g_ptr_array_new_with_free_func(g_free);
	vector->passphrases = g_ptr_array_new_with_free_func(g_free);
	char *at = data;
	while (*at != '\n') {
		char *end = strchr(at, '\n');
		*end = '\0';
		char *colon = strstr(at, ": ");
		g_assert_nonnull(colon);
		*colon = '\0';
		take_line(vector, at, colon + 2);
		at = end + 1;
	}
	gsize left = size - (gsize)(++at - data);
	vector->file = vector->packed ? unpack(at, left) : g_bytes_new(at, left);
}

static gboolean unwrap(const Vector *vector, const AgeHeader *header, guint8 file_key[AGE_FILE_KEY], GError **error)
{
	for (guint i = 0; i < vector->identities->len; i++) {
		g_clear_error(error);
		g_autoptr(AgeIdentity) identity = age_identity_parse(vector->identities->pdata[i], error);
		g_assert_nonnull(identity);
		if (age_header_unwrap(header, identity, file_key, error))
			return TRUE;
		if (!g_error_matches(*error, AGE_ERROR, AGE_ERROR_NO_MATCH))
			return FALSE;
	}
	for (guint i = 0; i < vector->passphrases->len; i++) {
		const char *passphrase = vector->passphrases->pdata[i];
		g_clear_error(error);
		if (age_header_unwrap_passphrase(header, passphrase, strlen(passphrase), AGE_WORK_READ, file_key, error))
			return TRUE;
		if (!g_error_matches(*error, AGE_ERROR, AGE_ERROR_NO_MATCH))
			return FALSE;
	}
	return FALSE;
}

/* What was given out is in out; TRUE where the whole file opened. */
static gboolean open_vector(const Vector *vector, gsize step, GByteArray *out, GError **error)
{
	guint8 file_key[AGE_FILE_KEY];
	gsize size, used;
	const guint8 *data = g_bytes_get_data(vector->file, &size);
	g_autoptr(GBytes) binary = vector->armored ? armor_read(data, size, error) : g_bytes_ref(vector->file);
	if (binary == NULL)
		return FALSE;
	data = g_bytes_get_data(binary, &size);
	g_autoptr(AgeHeader) header = age_header_read(data, size, &used, error);
	if (header == NULL || !unwrap(vector, header, file_key, error))
		return FALSE;
	g_autoptr(PayloadReader) reader = payload_reader_new(file_key);
	for (gsize at = used; at < size; at += step)
		if (!payload_reader_write(reader, data + at, MIN(step, size - at), out, error))
			return FALSE;
	return payload_reader_finish(reader, out, error);
}

static const char *verdict(const GError *error)
{
	if (error == NULL)
		return "success";
	g_assert_true(error->domain == AGE_ERROR);
	switch ((AgeErrorCode)error->code) {
	case AGE_ERROR_HEADER:
	case AGE_ERROR_WORK:
		return "header failure";
	case AGE_ERROR_NO_MATCH:
		return "no match";
	case AGE_ERROR_MAC:
		return "HMAC failure";
	case AGE_ERROR_PAYLOAD:
		return "payload failure";
	case AGE_ERROR_ARMOR:
		return "armor failure";
	default:
		return error->message;
	}
}

static void is_judged_as_the_kit_says(gconstpointer path)
{
	static const gsize steps[] = {G_MAXSIZE / 2, 65536, 65552, 4097, 1};
	g_auto(Vector) vector = {0};
	vector_read(&vector, path);
	gsize tries = g_bytes_get_size(vector.file) > 300000 || vector.passphrases->len > 0 ? 2 : G_N_ELEMENTS(steps);
	for (gsize i = 0; i < tries; i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		gboolean good = open_vector(&vector, steps[i], out, &error);
		g_assert_true(good == (error == NULL));
		g_assert_cmpstr(verdict(error), ==, vector.expect);
		g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, out->data, out->len);
		if (vector.payload != NULL)
			g_assert_cmpstr(hash, ==, vector.payload);
		else
			g_assert_cmpuint(out->len, ==, 0);
	}
}

static gboolean needs_post_quantum(const char *path)
{
	g_auto(Vector) vector = {0};
	vector_read(&vector, path);
	for (guint i = 0; i < vector.identities->len; i++)
		if (g_str_has_prefix(vector.identities->pdata[i], POST_QUANTUM))
			return TRUE;
	return FALSE;
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	const char *source = g_getenv("srcdir"), *given = g_getenv("SENIM_CCTV_AGE");
	g_autofree char *kit =
		given != NULL ? g_strdup(given) : g_build_filename(source != NULL ? source : ".", "..", "shared", "cctv-age", NULL);
	g_autoptr(GDir) dir = g_dir_open(kit, 0, NULL);
	guint count = 0;
	for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
		g_autofree char *path = g_build_filename(kit, name, NULL), *test = g_strconcat("/cctv/", name, NULL);
		if (needs_post_quantum(path))
			continue;
		g_test_add_data_func_full(test, g_steal_pointer(&path), is_judged_as_the_kit_says, g_free);
		count++;
	}
	if (count == 0) {
		g_print("1..0 # SKIP the kit is not at %s\n", kit);
		return 77;
	}
	return g_test_run();
}
