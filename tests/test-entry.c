/* SPDX-License-Identifier: ISC */
/* Entries: the layout octet for octet, strictness, and commitments. */
#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "store/entry.h"

static Entry sample(void)
{
	Entry entry = {.seq = 0x0102030405060708, .time = 20000 * (gint64)ENTRY_DAY, .kind = ENTRY_RECEIVED,
	               .flags = ENTRY_FLAG_PERSONAL, .concerns = ENTRY_NOTHING};
	memset(entry.commitment, 0xaa, sizeof entry.commitment);
	memset(entry.object, 0xbb, sizeof entry.object);
	return entry;
}

static void an_entry_lies_as_the_format_says(void)
{
	Entry entry = sample();
	guint8 data[ENTRY_SIZE];
	entry_encode(&entry, data);
	static const guint8 head[32] = {'S', 'E', 'N', 'I', 'M', 'R', 'G', '1', 1, 2, 3, 4, 5, 6, 7, 8,
	                                0,   0,   0,   0,   0x66, 0xff, 0x30, 0x00, 0, 2, 0, 1, 0, 0, 0, 0};
	g_assert_cmpmem(data, sizeof head, head, sizeof head);
	g_assert_cmpint(data[32], ==, 0xaa);
	g_assert_cmpint(data[95], ==, 0xbb);
	for (gsize i = 96; i < ENTRY_SIZE; i++)
		g_assert_cmpint(data[i], ==, 0xff);
	Entry again;
	g_autoptr(GError) error = NULL;
	g_assert_true(entry_decode(data, &again, &error));
	g_assert_no_error(error);
	guint8 twice[ENTRY_SIZE];
	entry_encode(&again, twice);
	g_assert_cmpmem(data, sizeof data, twice, sizeof twice);
}

static void an_octet_out_of_place_is_refused(void)
{
	static const struct {
		gsize offset;
		guint8 value;
	} rows[] = {{0, 'X'}, {7, '2'}, {23, 1}, {16, 0x80}, {26, 1}, {27, 4}, {28, 1}, {31, 1}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		Entry entry = sample();
		guint8 data[ENTRY_SIZE];
		g_autoptr(GError) error = NULL;
		entry_encode(&entry, data);
		data[rows[i].offset] = rows[i].value;
		g_assert_false(entry_decode(data, &entry, &error));
		g_assert_error(error, ENTRY_ERROR, ENTRY_ERROR_FORM);
	}
}

static void only_some_kinds_concern_an_entry_and_only_an_earlier_one(void)
{
	static const struct {
		guint16 kind;
		guint64 concerns;
		gboolean good;
	} rows[] = {
		{ENTRY_RETRY, 5, TRUE},       {ENTRY_RETRY, 9, FALSE},     {ENTRY_RETRY, ENTRY_NOTHING, FALSE},
		{ENTRY_RECEIVED, 5, FALSE},   {ENTRY_CLOSED, 8, TRUE},     {ENTRY_OPENED, ENTRY_NOTHING, TRUE},
		{999, ENTRY_NOTHING, TRUE},   {999, 3, TRUE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		Entry entry = {.seq = 9, .kind = rows[i].kind, .concerns = rows[i].concerns};
		guint8 data[ENTRY_SIZE];
		entry_encode(&entry, data);
		g_assert_cmpint(entry_decode(data, &entry, NULL), ==, rows[i].good);
	}
}

static void a_record_must_be_the_one_committed_to(void)
{
	static const char record[] = "time: 1\n";
	guint8 salt[ENTRY_SALT] = {1}, data[ENTRY_SIZE];
	Entry entry = sample();
	entry_commit(salt, record, strlen(record), entry.commitment);
	entry_encode(&entry, data);
	g_autoptr(GError) error = NULL;
	g_assert_true(entry_verify_commitment(data, salt, record, strlen(record), &error));
	g_assert_no_error(error);
	g_assert_false(entry_verify_commitment(data, salt, record, strlen(record) - 1, &error));
	g_assert_error(error, ENTRY_ERROR, ENTRY_ERROR_COMMITMENT);
	salt[31] ^= 1;
	g_assert_false(entry_verify_commitment(data, salt, record, strlen(record), NULL));
}

static void the_commitment_is_the_hash_that_the_format_names(void)
{
	guint8 salt[ENTRY_SALT], octets[15 + ENTRY_SALT + 3], expected[32], got[32];
	memset(salt, 7, sizeof salt);
	memcpy(octets, "senim/commit/1\n", 15);
	memcpy(octets + 15, salt, sizeof salt);
	memcpy(octets + 15 + sizeof salt, "a b", 3);
	crypto_hash_sha256(expected, octets, sizeof octets);
	entry_commit(salt, "a b", 3, got);
	g_assert_cmpmem(got, 32, expected, 32);
}

static void the_kinds_of_casework_are_those_that_follow_each_other(void)
{
	guint n = 0;
	for (guint kind = ENTRY_PAD; kind < 256; kind++)
		n += entry_is_casework(kind);
	g_assert_cmpuint(n, ==, 15);
	g_assert_true(entry_is_casework(ENTRY_PROLONGED));
	g_assert_true(entry_is_casework(ENTRY_REPLIED) && entry_is_casework(ENTRY_ADVISED));
	g_assert_false(entry_is_casework(ENTRY_ACCEPTED));
	g_assert_false(entry_is_casework(65535));
}

static void every_kind_has_a_name_of_its_own(void)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint kind = ENTRY_PAD; kind < 256; kind++)
		if (entry_kind_name(kind) != NULL)
			g_assert_true(g_hash_table_add(seen, (gpointer)entry_kind_name(kind)));
	g_assert_cmpuint(g_hash_table_size(seen), >, ENTRY_RECEIPT);
	g_assert_nonnull(entry_kind_name(ENTRY_WITNESSED));
	g_assert_nonnull(entry_kind_name(ENTRY_INSPECTED));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/entry/an entry lies as the format says", an_entry_lies_as_the_format_says);
	g_test_add_func("/entry/an octet out of place is refused", an_octet_out_of_place_is_refused);
	g_test_add_func("/entry/only some kinds concern an entry, and only an earlier one",
	                only_some_kinds_concern_an_entry_and_only_an_earlier_one);
	g_test_add_func("/entry/a record must be the one committed to", a_record_must_be_the_one_committed_to);
	g_test_add_func("/entry/the commitment is the hash that the format names",
	                the_commitment_is_the_hash_that_the_format_names);
	g_test_add_func("/entry/the kinds of casework are those that follow each other",
	                the_kinds_of_casework_are_those_that_follow_each_other);
	g_test_add_func("/entry/every kind has a name of its own", every_kind_has_a_name_of_its_own);
	return g_test_run();
}
