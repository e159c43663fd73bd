/* SPDX-License-Identifier: ISC */
/* age: spellings of keys, headers, the stream, the pool of pairs. The C2SP kit is tests/test-cctv.c, the stock tool
 * tests/age-interop.sh. */
#include <glib.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/age.h"
#include "store/armor.h"
#include "store/base64.h"
#include "store/bech32.h"
#include "store/ephemeral.h"
#include "store/payload.h"
#include "store/slab.h"

/* The specification's own pair (c2sp.org/age "X25519 recipient stanza" of the test kit). */
static const char known_identity[] = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

static void a_key_has_one_spelling(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(AgeIdentity) identity = age_identity_parse(known_identity, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(age_identity_text(identity), ==, known_identity);
	const char *recipient = age_identity_recipient(identity);
	guint8 point[AGE_X25519];
	g_assert_true(age_recipient_parse(recipient, point, &error));
	g_autofree char *lower = g_ascii_strdown(known_identity, -1), *upper = g_ascii_strup(recipient, -1);
	g_assert_null(age_identity_parse(lower, NULL));
	g_assert_false(age_recipient_parse(upper, point, NULL));
	g_assert_null(age_identity_parse(recipient, NULL));
	g_assert_false(age_recipient_parse(known_identity, point, NULL));
	g_autofree char *spoilt = g_strdup(recipient);
	for (gsize at = 0; at < strlen(spoilt); at++)
		for (const char *c = "qpl1Q \xd2"; *c != '\0'; c++) {
			char was = spoilt[at];
			if (was == *c)
				continue;
			spoilt[at] = *c;
			g_assert_false(age_recipient_parse(spoilt, point, NULL));
			spoilt[at] = was;
		}
	for (gsize cut = 0; cut < strlen(spoilt); cut++) {
		g_autofree char *part = g_strndup(spoilt, cut);
		g_assert_false(age_recipient_parse(part, point, NULL));
	}
}

/* libsodium 1.0.18 alone takes every octet from 0x80 up. */
static void base64_has_one_spelling(void)
{
	guint8 out[8];
	for (gint c = 0; c < 256; c++) {
		const char text[] = {(char)c, 'A', 'A', 'A'};
		gboolean belongs = c < 128 && (g_ascii_isalnum((char)c) || c == '+' || c == '/');
		g_assert_true(base64_read_exactly(text, sizeof text, TRUE, out, 3) == belongs);
		g_assert_true(base64_read_exactly(text, sizeof text, FALSE, out, 3) == belongs);
	}
	g_assert_true(base64_read_exactly("AA==", 4, TRUE, out, 1));
	g_assert_false(base64_read_exactly("AA==", 4, FALSE, out, 1));
	g_assert_false(base64_read_exactly("AA", 2, TRUE, out, 1));
	g_assert_true(base64_read_exactly("AA", 2, FALSE, out, 1));
	g_assert_false(base64_read_exactly("AB", 2, FALSE, out, 1));
	g_assert_false(base64_read_exactly("A", 1, FALSE, out, 1));
	g_assert_false(base64_read_exactly("AA=A", 4, TRUE, out, 2));
	g_assert_false(base64_read_exactly("AAAA", 4, TRUE, out, 2));
}

static void a_recipient_of_low_order_is_refused(void)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(points); i++) {
		guint8 point[AGE_X25519], file_key[AGE_FILE_KEY] = {0};
		g_autoptr(GError) error = NULL;
		sodium_hex2bin(point, sizeof point, points[i], 64, NULL, NULL, NULL);
		g_autofree char *text = bech32_encode("age", point, sizeof point);
		g_assert_false(age_recipient_parse(text, point, &error));
		g_assert_error(error, AGE_ERROR, AGE_ERROR_RECIPIENT);
		g_clear_error(&error);
		const char *const recipients[] = {text, NULL};
		g_assert_null(age_header_write(file_key, recipients, NULL, &error));
		g_assert_error(error, AGE_ERROR, AGE_ERROR_RECIPIENT);
	}
}

static void a_header_opens_for_each_of_its_readers(void)
{
	g_autoptr(AgeIdentity) one = age_identity_generate(NULL), two = age_identity_generate(NULL),
	                       stranger = age_identity_generate(NULL);
	const char *const recipients[] = {age_identity_recipient(one), age_identity_recipient(two), NULL};
	const AgeIdentity *const readers[] = {one, two};
	guint8 file_key[AGE_FILE_KEY], got[AGE_FILE_KEY];
	g_autoptr(GError) error = NULL;
	gsize size, used;
	randombytes_buf(file_key, sizeof file_key);
	g_autofree char *text = age_header_write(file_key, recipients, &size, &error);
	g_assert_no_error(error);
	g_autoptr(AgeHeader) header = age_header_read(text, size, &used, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(used, ==, size);
	g_assert_false(age_header_is_one(header, "X25519"));
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
		g_assert_true(age_header_unwrap(header, readers[i], got, &error));
		g_assert_cmpmem(got, sizeof got, file_key, sizeof file_key);
	}
	g_assert_false(age_header_unwrap(header, stranger, got, &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_NO_MATCH);
	g_clear_error(&error);
	g_assert_false(age_header_unwrap_passphrase(header, "x", 1, AGE_WORK_READ, got, &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_NO_MATCH);
	g_clear_error(&error);
	static const char *const nobody[] = {NULL};
	g_assert_null(age_header_write(file_key, nobody, NULL, &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_RECIPIENT);
	for (gsize cut = 0; cut < size; cut++)
		g_assert_null(age_header_read(text, cut, NULL, NULL));
}

static void more_work_than_is_taken_is_refused(void)
{
	guint8 file_key[AGE_FILE_KEY] = {1}, got[AGE_FILE_KEY];
	g_autoptr(GError) error = NULL;
	gsize size;
	g_autofree char *text = age_header_write_passphrase(file_key, "p", 1, 5, &size, &error);
	g_autoptr(AgeHeader) header = age_header_read(text, size, NULL, &error);
	g_assert_true(age_header_is_one(header, "scrypt"));
	g_assert_true(age_header_unwrap_passphrase(header, "p", 1, 5, got, &error));
	g_assert_false(age_header_unwrap_passphrase(header, "p", 1, 4, got, &error));
	g_assert_error(error, AGE_ERROR, AGE_ERROR_WORK);
}

static void a_file_of_any_size_comes_back(void)
{
	static const gsize sizes[] = {0, 1, 65535, 65536, 65537, 131072, 131073};
	g_autoptr(AgeIdentity) identity = age_identity_generate(NULL);
	const char *const recipients[] = {age_identity_recipient(identity), NULL};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree guint8 *plain = g_malloc(sizes[i] + 1);
		g_autoptr(GError) error = NULL;
		guint64 back_size;
		gsize size;
		randombytes_buf(plain, sizes[i]);
		g_autoptr(GBytes) file = age_file_seal(plain, sizes[i], recipients, &error);
		g_assert_no_error(error);
		const guint8 *data = g_bytes_get_data(file, &size);
		g_assert_true(age_file_is(data, size));
		g_autoptr(GBytes) back = age_file_open(data, size, identity, &error);
		g_assert_no_error(error);
		g_assert_cmpmem(g_bytes_get_data(back, NULL), g_bytes_get_size(back), plain, sizes[i]);
		g_assert_true(payload_plain_size(payload_size(sizes[i]), &back_size));
		g_assert_cmpuint(back_size, ==, sizes[i]);
		g_assert_null(age_file_open(data, size - 1, identity, &error));
		g_assert_error(error, AGE_ERROR, AGE_ERROR_PAYLOAD);
	}
	guint64 plain;
	static const guint64 impossible[] = {0, 16, 31, 32 + 65536 + 1, 32 + 65536 + 16, 32 + 65536 + 15};
	for (gsize i = 0; i < G_N_ELEMENTS(impossible); i++)
		g_assert_false(payload_plain_size(impossible[i], &plain));
}

/* Chunks that change places, are lost, doubled, or of another file: nothing of them is given out. */
static void chunks_stay_where_they_are(void)
{
	guint8 file_key[AGE_FILE_KEY] = {5}, nonce[PAYLOAD_NONCE] = {6};
	g_autoptr(PayloadCipher) cipher = payload_cipher_new(file_key, nonce, NULL);
	guint8 *chunks[3];
	for (guint i = 0; i < 3; i++) {
		chunks[i] = g_malloc0(PAYLOAD_SEALED_CHUNK);
		chunks[i][0] = (guint8)i;
		payload_cipher_seal(cipher, chunks[i], PAYLOAD_CHUNK, i == 2);
	}
	static const struct {
		gint order[5];
		guint given; /* whole chunks */
		gboolean good;
	} runs[] = {
		{{0, 1, 2, -1}, 3, TRUE},     {{1, 0, 2, -1}, 0, FALSE}, {{0, 2, -1}, 1, FALSE},       {{0, 1, -1}, 2, FALSE},
		{{0, 0, 1, 2, -1}, 1, FALSE}, {{2, -1}, 0, FALSE},       {{0, 1, 2, 2, -1}, 3, FALSE}, {{-1}, 0, FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(runs); i++) {
		g_autoptr(PayloadReader) reader = payload_reader_new(file_key);
		g_autoptr(GByteArray) out = g_byte_array_new();
		gboolean good = payload_reader_write(reader, nonce, sizeof nonce, out, NULL);
		for (guint n = 0; good && runs[i].order[n] >= 0; n++)
			good = payload_reader_write(reader, chunks[runs[i].order[n]], PAYLOAD_SEALED_CHUNK, out, NULL);
		good = good && payload_reader_finish(reader, out, NULL);
		g_assert_true(good == runs[i].good);
		g_assert_cmpuint(out->len, ==, runs[i].given * PAYLOAD_CHUNK);
		g_assert_false(payload_reader_finish(reader, out, NULL));
		g_assert_false(payload_reader_write(reader, "x", 1, out, NULL));
	}
	for (guint i = 0; i < 3; i++)
		g_free(chunks[i]);
}

static gpointer take_many(gpointer user)
{
	GByteArray *shares = user;
	for (guint i = 0; i < 400; i++) {
		guint8 secret[32], share[32], expected[32];
		ephemeral_take(secret, share);
		crypto_scalarmult_curve25519_base(expected, secret);
		g_assert_cmpmem(share, 32, expected, 32);
		g_byte_array_append(shares, share, 32);
	}
	return NULL;
}

static gpointer refill_many(gpointer user)
{
	(void)user;
	for (guint i = 0; i < 50; i++)
		ephemeral_refill(10);
	return NULL;
}

static int compare_shares(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void a_pair_is_given_out_once(void)
{
	GThread *threads[4];
	GByteArray *shares[3];
	g_autoptr(GByteArray) all = g_byte_array_new();
	g_assert_cmpuint(ephemeral_refill(EPHEMERAL_POOL + 10), ==, EPHEMERAL_POOL);
	g_assert_cmpuint(ephemeral_waiting(), ==, EPHEMERAL_POOL);
	g_assert_cmpuint(ephemeral_refill(1), ==, 0);
	threads[3] = g_thread_new("refill", refill_many, NULL);
	for (guint i = 0; i < 3; i++) {
		shares[i] = g_byte_array_new();
		threads[i] = g_thread_new("take", take_many, shares[i]);
	}
	for (guint i = 0; i < 4; i++)
		g_thread_join(threads[i]);
	for (guint i = 0; i < 3; i++) {
		g_byte_array_append(all, shares[i]->data, shares[i]->len);
		g_byte_array_unref(shares[i]);
	}
	qsort(all->data, all->len / 32, 32, compare_shares);
	for (guint i = 1; i < all->len / 32; i++)
		g_assert_true(memcmp(all->data + 32 * (i - 1), all->data + 32 * i, 32) != 0);
}

/* In the child the pool is empty and the slab zero: the same pair must not leave two processes. */
static void a_forked_child_has_none_of_the_keys(void)
{
	guint8 *slot = slab_take();
	memset(slot, 0x55, SLAB_SLOT);
	ephemeral_refill(3);
	g_assert_cmpuint(ephemeral_waiting(), >, 0);
	pid_t child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0)
		_exit(ephemeral_waiting() == 0 && sodium_is_zero(slot, SLAB_SLOT) ? 0 : 1);
	int status;
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	g_assert_cmpint(slot[SLAB_SLOT - 1], ==, 0x55);
	slab_give(slot);
}

static void slots_are_zero_when_taken_and_never_shared(void)
{
	guint8 *slots[600];
	guint before = slab_taken();
	for (guint i = 0; i < G_N_ELEMENTS(slots); i++) {
		slots[i] = slab_take();
		g_assert_nonnull(slots[i]);
		g_assert_true(sodium_is_zero(slots[i], SLAB_SLOT));
		memset(slots[i], (int)(i % 255) + 1, SLAB_SLOT);
	}
	for (guint i = 0; i < G_N_ELEMENTS(slots); i++) {
		for (guint at = 0; at < SLAB_SLOT; at++)
			g_assert_cmpuint(slots[i][at], ==, i % 255 + 1);
		slab_give(slots[i]);
	}
	g_assert_cmpuint(slab_taken(), ==, before);
	guint8 *slot = slab_take();
	g_assert_true(sodium_is_zero(slot, SLAB_SLOT));
	slab_give(slot);
	slab_give(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_add_func("/age/a key has one spelling", a_key_has_one_spelling);
	g_test_add_func("/age/base64 has one spelling", base64_has_one_spelling);
	g_test_add_func("/age/a recipient of low order is refused", a_recipient_of_low_order_is_refused);
	g_test_add_func("/age/a header opens for each of its readers", a_header_opens_for_each_of_its_readers);
	g_test_add_func("/age/more work than is taken is refused", more_work_than_is_taken_is_refused);
	g_test_add_func("/age/a file of any size comes back", a_file_of_any_size_comes_back);
	g_test_add_func("/age/chunks stay where they are", chunks_stay_where_they_are);
	g_test_add_func("/age/a pair is given out once", a_pair_is_given_out_once);
	g_test_add_func("/age/a forked child has none of the keys", a_forked_child_has_none_of_the_keys);
	g_test_add_func("/age/slots are zero when taken and never shared", slots_are_zero_when_taken_and_never_shared);
	return g_test_run();
}
