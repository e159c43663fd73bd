/* SPDX-License-Identifier: ISC */
/* Custody: a header or row opens in its own place alone; the key comes back from file, sheet and escrow. */
#include <glib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "store/age.h"
#include "store/custody.h"
#include "store/escrow.h"
#include "store/hkdf.h"

static const guint8 store_id[16] = {0xaa, 1}, other_store[16] = {0xaa, 2};
static const guint8 object_id[16] = {0xbb, 1}, other_object[16] = {0xbb, 2};
static const guint8 octets[CUSTODY_KEY] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const char reader[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
static CustodyKey *key, *other_key;

static void hkdf_is_that_of_rfc_5869(void)
{
	/* Appendix A.3: salt and info are empty. */
	guint8 ikm[22], out[42], expected[42];
	memset(ikm, 0x0b, sizeof ikm);
	hkdf_sha256(out, sizeof out, ikm, sizeof ikm, NULL, 0, "");
	g_assert_cmpint(sodium_hex2bin(expected, sizeof expected,
	                               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8", 84,
	                               NULL, NULL, NULL), ==, 0);
	g_assert_cmpmem(out, sizeof out, expected, sizeof expected);
}

static void a_header_opens_in_its_own_place_alone(void)
{
	const CustodyPlace place = {store_id, object_id, 1, reader, 7};
	static const char text[] = "age-encryption.org/v1\n-> X25519 …";
	g_autoptr(GBytes) blob = custody_header_wrap(key, &place, text, strlen(text));
	gsize size;
	const guint8 *data = g_bytes_get_data(blob, &size);
	g_assert_cmpuint(size, ==, 28 + 24 + strlen(text) + 16);
	g_assert_cmpmem(data, 8, "SNH1\1\1\1\0", 8);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) back = custody_header_unwrap(key, &place, data, size, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(back, NULL), g_bytes_get_size(back), text, strlen(text));
	const CustodyPlace others[] = {
		{other_store, object_id, 1, reader, 7}, {store_id, other_object, 1, reader, 7}, {store_id, object_id, 0, reader, 7},
		{store_id, object_id, 1, "age1other", 7}, {store_id, object_id, 1, reader, 8},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_assert_null(custody_header_unwrap(key, &others[i], data, size, &error));
		g_assert_error(error, CUSTODY_ERROR, CUSTODY_ERROR_OTHER);
		g_clear_error(&error);
	}
	g_assert_null(custody_header_unwrap(other_key, &place, data, size, &error));
	g_assert_error(error, CUSTODY_ERROR, CUSTODY_ERROR_KEY);
	g_clear_error(&error);
	g_autofree guint8 *spoilt = g_memdup2(data, size);
	for (gsize at = 0; at < size; at++) {
		spoilt[at] ^= 0x10;
		g_assert_null(custody_header_unwrap(key, &place, spoilt, size, NULL));
		spoilt[at] ^= 0x10;
	}
	for (gsize cut = 0; cut < size; cut++)
		g_assert_null(custody_header_unwrap(key, &place, data, cut, NULL));
}

static void a_row_opens_for_its_purpose_and_place_alone(void)
{
	g_autoptr(GBytes) blob = custody_seal(key, store_id, CUSTODY_OUTBOX, "row 1", 5, "letter", 6);
	gsize size;
	const void *data = g_bytes_get_data(blob, &size);
	g_assert_cmpuint(size, ==, 6 + CUSTODY_SEALED_MORE);
	g_autoptr(GBytes) back = custody_open(key, store_id, CUSTODY_OUTBOX, "row 1", 5, data, size, NULL);
	g_assert_cmpmem(g_bytes_get_data(back, NULL), g_bytes_get_size(back), "letter", 6);
	g_assert_null(custody_open(key, store_id, CUSTODY_OPENING, "row 1", 5, data, size, NULL));
	g_assert_null(custody_open(key, store_id, CUSTODY_OUTBOX, "row 2", 5, data, size, NULL));
	g_assert_null(custody_open(key, other_store, CUSTODY_OUTBOX, "row 1", 5, data, size, NULL));
	g_assert_null(custody_open(other_key, store_id, CUSTODY_OUTBOX, "row 1", 5, data, size, NULL));
	g_autoptr(GError) error = NULL;
	g_assert_null(custody_open(key, store_id, CUSTODY_OUTBOX, "row 1", 5, data, CUSTODY_SEALED_MORE - 1, &error));
	g_assert_error(error, CUSTODY_ERROR, CUSTODY_ERROR_FORM);
	g_autoptr(GBytes) empty = custody_seal(key, store_id, CUSTODY_TOKEN, NULL, 0, NULL, 0);
	data = g_bytes_get_data(empty, &size);
	g_autoptr(GBytes) nothing = custody_open(key, store_id, CUSTODY_TOKEN, NULL, 0, data, size, NULL);
	g_assert_cmpuint(g_bytes_get_size(nothing), ==, 0);
}

/* The numbers were computed with Python's hashlib and hmac from FORMATS alone. */
static void ids_and_purposes_are_those_of_the_format(void)
{
	guint8 id[CUSTODY_ID], derived[CUSTODY_KEY];
	char hex[65];
	custody_key_id(key, id);
	g_assert_cmpstr(sodium_bin2hex(hex, sizeof hex, id, sizeof id), ==, "6a5c1ea73e0fa2d4");
	custody_recipient_id(reader, id);
	g_assert_cmpstr(sodium_bin2hex(hex, sizeof hex, id, sizeof id), ==, "613952ac75885ddc");
	custody_derive(key, store_id, CUSTODY_OUTBOX, derived);
	g_assert_cmpstr(sodium_bin2hex(hex, sizeof hex, derived, sizeof derived), ==,
	                "797f2fa416bbecb103285872c0a79c34e064cc31fd207267cf673ef9912b2cc7");
}

static void expect_key(const char *source, gboolean good)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CustodyKey) loaded = custody_key_load(source, &error);
	if (good) {
		g_assert_no_error(error);
		g_autofree char *a = custody_key_text(key), *b = custody_key_text(loaded);
		g_assert_cmpstr(a, ==, b);
	} else {
		g_assert_null(loaded);
		g_assert_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE);
	}
}

static void the_key_comes_from_a_private_file_or_a_credential(void)
{
	g_autofree char *dir = g_dir_make_tmp("senim-custody-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "custody", NULL), *raw = g_build_filename(dir, "raw", NULL);
	g_autofree char *source = g_strconcat("file:", path, NULL), *raw_source = g_strconcat("file:", raw, NULL);
	g_autoptr(GError) error = NULL;
	struct stat st;
	g_assert_true(custody_key_save(key, path, &error));
	g_assert_cmpint(g_stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0400);
	expect_key(source, TRUE);
	g_assert_false(custody_key_save(other_key, path, &error));
	g_assert_error(error, CUSTODY_ERROR, CUSTODY_ERROR_SOURCE);
	expect_key(source, TRUE);
	g_chmod(path, 0440);
	expect_key(source, FALSE);
	expect_key(dir, FALSE);
	g_assert_true(g_file_set_contents(raw, (const char *)octets, CUSTODY_KEY, NULL));
	g_chmod(raw, 0600);
	expect_key(raw_source, TRUE);
	g_assert_true(g_file_set_contents(raw, "not a key\n", -1, NULL));
	g_chmod(raw, 0600);
	expect_key(raw_source, FALSE);
	expect_key("file:/nonexistent/key", FALSE);
	g_setenv("CREDENTIALS_DIRECTORY", dir, TRUE);
	expect_key("credential:custody", TRUE);
	expect_key("credential:../custody", FALSE);
	expect_key("credential:", FALSE);
	g_unsetenv("CREDENTIALS_DIRECTORY");
	expect_key("credential:custody", FALSE);
	expect_key("vault", FALSE);
	g_unlink(path);
	g_unlink(raw);
	g_rmdir(dir);
}

static void what_was_typed_from_the_sheet_is_taken_and_a_slip_is_not(void)
{
	g_autofree char *text = custody_key_text(key), *lower = g_ascii_strdown(text, -1);
	g_assert_true(g_str_has_prefix(text, "SENIM-CUSTODY-1"));
	g_autoptr(CustodyKey) again = custody_key_parse(lower, NULL);
	g_assert_nonnull(again);
	g_autofree char *spaced = g_strdup_printf("  senim custody 1 %.10s - %.4s\n%s \n", text + 15, text + 25, text + 29);
	g_autoptr(CustodyKey) typed = custody_key_parse(spaced, NULL);
	g_assert_nonnull(typed);
	g_autofree char *typed_text = custody_key_text(typed);
	g_assert_cmpstr(typed_text, ==, text);
	for (gsize at = 15; at < strlen(text); at++) {
		char was = text[at];
		text[at] = was == 'Q' ? 'P' : 'Q';
		g_assert_null(custody_key_parse(text, NULL));
		text[at] = was;
	}
	char hex[65];
	sodium_bin2hex(hex, sizeof hex, octets, sizeof octets);
	g_autoptr(CustodyKey) from_hex = custody_key_parse(hex, NULL);
	g_assert_nonnull(from_hex);
	hex[63] = '\0';
	g_assert_null(custody_key_parse(hex, NULL));
	g_assert_null(custody_key_parse("", NULL));
}

static Escrow *some_escrow(void)
{
	static const guint8 seed[ESCROW_SEED] = {9, 8, 7};
	Escrow *escrow = escrow_new(store_id, 1795000000, key, NULL);
	g_assert_true(escrow_add_log(escrow, "senim@kmo.kz/0123456789abcdef", seed, NULL));
	g_assert_true(escrow_add_log(escrow, "ethics@kmo.kz/fedcba9876543210", octets, NULL));
	return escrow;
}

static void the_escrow_opens_for_each_of_its_readers_and_nobody_else(void)
{
	g_autoptr(Escrow) escrow = some_escrow();
	g_autoptr(AgeIdentity) safe = age_identity_generate(NULL), chair = age_identity_generate(NULL),
	                       stranger = age_identity_generate(NULL);
	const char *const recipients[] = {age_identity_recipient(safe), age_identity_recipient(chair), NULL};
	const AgeIdentity *const readers[] = {safe, chair};
	g_autoptr(GError) error = NULL;
	gsize size;
	g_autoptr(GBytes) file = escrow_seal(escrow, recipients, &error);
	g_assert_no_error(error);
	const void *data = g_bytes_get_data(file, &size);
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
		g_autoptr(Escrow) opened = escrow_open(data, size, age_identity_text(readers[i]), &error);
		g_assert_no_error(error);
		g_assert_true(escrow_equal(escrow, opened));
		g_assert_cmpmem(escrow_store_id(opened), 16, store_id, 16);
	}
	g_assert_null(escrow_open(data, size, age_identity_text(stranger), &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_NO_MATCH);
	g_clear_error(&error);
	g_assert_null(escrow_open(data, size - 1, age_identity_text(safe), &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_PAYLOAD);
	g_clear_error(&error);
	g_autoptr(GBytes) letter = age_file_seal("hello\n", 6, recipients, NULL);
	data = g_bytes_get_data(letter, &size);
	g_assert_null(escrow_open(data, size, age_identity_text(safe), &error));
	g_assert_error(error, ESCROW_ERROR, ESCROW_ERROR_FORM);
	g_autoptr(Escrow) other = escrow_new(store_id, 1795000000, other_key, NULL);
	g_assert_false(escrow_equal(escrow, other));
}

/* Everything between a title and the next empty line, as a person would type it. */
static char *typed_after(const char *sheet, const char *title)
{
	const char *at = strstr(sheet, title);
	g_assert_nonnull(at);
	at = strchr(at, '\n') + 1;
	const char *end = strstr(at, "\n\n");
	g_assert_nonnull(end);
	return g_strndup(at, (gsize)(end - at));
}

static void the_sheet_gives_every_key_back(void)
{
	g_autoptr(Escrow) escrow = some_escrow();
	g_autofree char *sheet = escrow_sheet(escrow);
	g_assert_true(g_utf8_validate(sheet, -1, NULL));
	g_autofree char *custody = typed_after(sheet, "Custody key");
	g_autoptr(CustodyKey) back = custody_key_parse(custody, NULL);
	g_assert_nonnull(back);
	g_autofree char *a = custody_key_text(key), *b = custody_key_text(back);
	g_assert_cmpstr(a, ==, b);
	g_autofree char *log = typed_after(sheet, "ethics@kmo.kz");
	guint8 seed[ESCROW_SEED];
	g_assert_true(escrow_seed_parse(log, seed));
	g_assert_cmpmem(seed, sizeof seed, octets, sizeof octets);
	g_assert_false(escrow_seed_parse(custody, seed));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	key = custody_key_new(octets, NULL);
	other_key = custody_key_generate(NULL);
	g_test_add_func("/custody/HKDF is that of RFC 5869", hkdf_is_that_of_rfc_5869);
	g_test_add_func("/custody/a header opens in its own place alone", a_header_opens_in_its_own_place_alone);
	g_test_add_func("/custody/a row opens for its purpose and place alone", a_row_opens_for_its_purpose_and_place_alone);
	g_test_add_func("/custody/ids and purposes are those of the format", ids_and_purposes_are_those_of_the_format);
	g_test_add_func("/custody/the key comes from a private file or a credential",
	                the_key_comes_from_a_private_file_or_a_credential);
	g_test_add_func("/custody/what was typed from the sheet is taken and a slip is not",
	                what_was_typed_from_the_sheet_is_taken_and_a_slip_is_not);
	g_test_add_func("/custody/the escrow opens for each of its readers and nobody else",
	                the_escrow_opens_for_each_of_its_readers_and_nobody_else);
	g_test_add_func("/custody/the sheet gives every key back", the_sheet_gives_every_key_back);
	int code = g_test_run();
	custody_key_free(key);
	custody_key_free(other_key);
	return code;
}
