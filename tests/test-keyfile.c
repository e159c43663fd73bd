/* SPDX-License-Identifier: ISC */
/* Key files: what was written is read back, in clear and sealed; what others may read, or is no key file, is refused. */
#include <glib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "store/keyfile.h"
#include "store/private-file.h"
#include "store/slab.h"

static char *dir;

static char *path_of(const char *name)
{
	return g_build_filename(dir, name, NULL);
}

/* statfs(2)'s types as the kernel has them (linux/magic.h and each file system's own header). */
static void a_disk_of_another_host_is_known_as_one(void)
{
	static const struct {
		guint64 type;
		const char *mount;
		gboolean remote;
	} rows[] = {
		{0xef53, "ext4", FALSE},         {0x58465342, "xfs", FALSE},      {0x01021994, "tmpfs", FALSE},
		{0x4d44, "vfat", FALSE},         {0x9123683e, "btrfs", FALSE},    {0x794c7630, "overlay", FALSE},
		{0x2011bab0, "exfat", FALSE},    {0x6969, "nfs4", TRUE},          {0xff534d42, "cifs", TRUE},
		{0xfe534d42, "smb3", TRUE},      {0x01021997, "9p", TRUE},        {0x5346414f, "afs", TRUE},
		{0x65735546, "fuse.sshfs", TRUE}, {0x65735546, "fuseblk", FALSE}, {0x65735546, "fuse.gocryptfs", FALSE},
		{0x65735546, NULL, FALSE},       {0x6969, NULL, TRUE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(private_file_is_remote(rows[i].type, rows[i].mount), ==, rows[i].remote);
}

static void assert_same(const Keyfile *a, const Keyfile *b)
{
	guint8 one[KEYFILE_SIGNATURE], other[KEYFILE_SIGNATURE];
	g_assert_cmpstr(keyfile_body_identity(a), ==, keyfile_body_identity(b));
	g_assert_cmpstr(keyfile_card_identity(a), ==, keyfile_card_identity(b));
	keyfile_sign(a, "text", 4, one);
	keyfile_sign(b, "text", 4, other);
	g_assert_cmpmem(one, sizeof one, other, sizeof other);
}

static void a_key_file_in_clear_is_read_back(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	g_autofree char *path = path_of("clear");
	struct stat st;
	g_assert_true(keyfile_write(keys, path, NULL, 0, &error));
	g_assert_no_error(error);
	g_assert_cmpint(g_stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 07777, ==, 0600);
	g_autoptr(Keyfile) read = keyfile_read(path, NULL, 0, &error);
	g_assert_no_error(error);
	assert_same(keys, read);
	g_assert_cmpstr(keyfile_body_identity(keys), !=, keyfile_card_identity(keys));
}

static void a_sealed_key_file_opens_with_its_passphrase_alone(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	g_autofree char *path = path_of("sealed");
	g_assert_true(keyfile_write(keys, path, "құпия сөз", strlen("құпия сөз"), &error));
	g_autoptr(Keyfile) read = keyfile_read(path, "құпия сөз", strlen("құпия сөз"), &error);
	g_assert_no_error(error);
	assert_same(keys, read);
	g_assert_null(keyfile_read(path, NULL, 0, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_PASSPHRASE);
	g_clear_error(&error);
	g_assert_null(keyfile_read(path, "another", 7, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_WRONG);
	g_clear_error(&error);
	g_autofree char *text = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(path, &text, &size, NULL));
	g_assert_null(memmem(text, size, "AGE-SECRET-KEY-", strlen("AGE-SECRET-KEY-")));
	g_assert_false(keyfile_write(keys, path, "", 0, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_WRONG);
}

static void an_existing_file_is_never_replaced(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(NULL), others = keyfile_generate(NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	g_autofree char *path = path_of("once"), *gone = path_of("no/such/place");
	g_assert_true(keyfile_write(keys, path, NULL, 0, NULL));
	g_assert_false(keyfile_write(others, path, NULL, 0, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FILE);
	g_clear_error(&error);
	g_assert_false(keyfile_public_write(half, path, &error));
	g_clear_error(&error);
	g_autoptr(Keyfile) read = keyfile_read(path, NULL, 0, NULL);
	assert_same(keys, read);
	g_assert_false(keyfile_write(keys, gone, NULL, 0, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FILE);
	g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
	for (const char *name; (name = g_dir_read_name(entries)) != NULL;)
		g_assert_null(strchr(name, '.'));
}

static void a_key_file_that_others_may_read_is_refused(void)
{
	static const guint modes[] = {0640, 0604, 0660, 0601};
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	g_autofree char *path = path_of("open");
	g_assert_true(keyfile_write(keys, path, NULL, 0, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_autoptr(GError) error = NULL;
		g_chmod(path, (int)modes[i]);
		g_assert_null(keyfile_read(path, NULL, 0, &error));
		g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FILE);
	}
	g_chmod(path, 0400);
	g_autoptr(Keyfile) read = keyfile_read(path, NULL, 0, NULL);
	g_assert_nonnull(read);
	g_autoptr(GError) error = NULL;
	g_assert_null(keyfile_read(dir, NULL, 0, &error));
	g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FILE);
}

static void any_other_line_makes_it_no_key_file(void)
{
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	const char *body = keyfile_body_identity(keys), *card = keyfile_card_identity(keys);
	static const char seed[] = "# senim-sign: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	g_autofree char *good = g_strdup_printf("# a\n\n%s\r\n%s\n%s", body, card, seed);
	char *bad[] = {
		g_strdup(""), g_strdup_printf("%s\n%s\n", body, card), g_strdup_printf("%s\n%s\n", body, seed),
		g_strdup_printf("%s\n%s\n%s\n%s\n", body, card, card, seed),
		g_strdup_printf("%s\n%s\n%s\n%s\n", body, card, seed, seed),
		g_strdup_printf("%s\nhello\n%s\n%s\n", body, card, seed), g_strdup_printf(" %s\n%s\n%s\n", body, card, seed),
		g_strdup_printf("%s\n%s\n%.40s\n", body, card, seed),
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) read = keyfile_parse(good, strlen(good), &error);
	g_assert_no_error(error);
	g_assert_cmpstr(keyfile_card_identity(read), ==, card);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_assert_null(keyfile_parse(bad[i], strlen(bad[i]), &error));
		g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM);
		g_clear_error(&error);
		g_free(bad[i]);
	}
	g_autofree char *nul = g_strdup(good);
	nul[10] = '\0';
	g_assert_null(keyfile_parse(nul, strlen(good), NULL));
}

static void the_public_half_is_read_back(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	gint64 expires;
	g_assert_true(keyfile_public_parse_expires("2027-02-28", &expires));
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, expires);
	g_autofree char *path = path_of("half");
	struct stat st;
	g_assert_true(keyfile_public_write(half, path, &error));
	g_assert_no_error(error);
	g_assert_cmpint(g_stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 07777, ==, 0644);
	g_autoptr(KeyfilePublic) read = keyfile_public_read(path, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(read->body, ==, half->body);
	g_assert_cmpstr(read->card, ==, half->card);
	g_assert_cmpmem(read->sign, 32, half->sign, 32);
	g_assert_cmpint(read->expires, ==, expires);
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_true(g_str_has_prefix(text, "senim-pub: 1\nbody: age1"));
	g_assert_true(g_str_has_suffix(text, "\nexpires: 2027-02-28\n"));
}

static void a_public_half_of_another_form_is_refused(void)
{
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	static const struct {
		const char *key, *value;
	} bad[] = {
		{"senim-pub", "2"},  {"body", "age1"}, {"body", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsdxzt2"},
		{"card", ""},        {"sign", "AAAA"}, {"sign", "not base64"}, {"expires", "tomorrow"}, {"expires", "2027-02-29"},
		{"expires", "0"},    {"expires", "2027-2-1"}, {"expires", "1013-02-28"}, {"expires", "1969-12-31"},
	};
	g_autoptr(Record) good = keyfile_public_record(half);
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(Record) record = record_new();
		const char *key, *value;
		for (guint n = 0; record_line(good, n, &key, &value); n++)
			record_add(record, key, strcmp(key, bad[i].key) == 0 ? bad[i].value : value);
		g_autoptr(GError) error = NULL;
		g_assert_null(keyfile_public_from_record(record, &error));
		g_assert_error(error, KEYFILE_ERROR, KEYFILE_ERROR_FORM);
	}
	g_free(half->card);
	half->card = g_strdup(half->body);
	g_autoptr(Record) same = keyfile_public_record(half);
	g_assert_null(keyfile_public_from_record(same, NULL));
	g_assert_null(keyfile_public_parse("x", 1, NULL));
}

static void a_signature_is_of_one_key_and_one_text(void)
{
	g_autoptr(Keyfile) keys = keyfile_generate(NULL), others = keyfile_generate(NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0), other = keyfile_public(others, 0);
	guint8 signature[KEYFILE_SIGNATURE];
	keyfile_sign(keys, "request", 7, signature);
	g_assert_true(keyfile_public_verify(half->sign, "request", 7, signature));
	g_assert_false(keyfile_public_verify(half->sign, "requesT", 7, signature));
	g_assert_false(keyfile_public_verify(other->sign, "request", 7, signature));
	signature[63] ^= 1;
	g_assert_false(keyfile_public_verify(half->sign, "request", 7, signature));
}

static void no_key_stays_in_the_slab(void)
{
	guint before = slab_taken();
	any_other_line_makes_it_no_key_file();
	a_signature_is_of_one_key_and_one_text();
	g_assert_cmpuint(slab_taken(), ==, before);
}

static void remove_dir(void)
{
	g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
	for (const char *name; (name = g_dir_read_name(entries)) != NULL;) {
		g_autofree char *path = path_of(name);
		g_unlink(path);
	}
	g_rmdir(dir);
	g_free(dir);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	dir = g_dir_make_tmp("senim-keyfile-XXXXXX", NULL);
	g_test_add_func("/keyfile/a key file in clear is read back", a_key_file_in_clear_is_read_back);
	g_test_add_func("/keyfile/a sealed key file opens with its passphrase alone",
	                a_sealed_key_file_opens_with_its_passphrase_alone);
	g_test_add_func("/keyfile/a disk of another host is known as one", a_disk_of_another_host_is_known_as_one);
	g_test_add_func("/keyfile/an existing file is never replaced", an_existing_file_is_never_replaced);
	g_test_add_func("/keyfile/a key file that others may read is refused", a_key_file_that_others_may_read_is_refused);
	g_test_add_func("/keyfile/any other line makes it no key file", any_other_line_makes_it_no_key_file);
	g_test_add_func("/keyfile/the public half is read back", the_public_half_is_read_back);
	g_test_add_func("/keyfile/a public half of another form is refused", a_public_half_of_another_form_is_refused);
	g_test_add_func("/keyfile/a signature is of one key and one text", a_signature_is_of_one_key_and_one_text);
	g_test_add_func("/keyfile/no key stays in the slab", no_key_stays_in_the_slab);
	int code = g_test_run();
	remove_dir();
	return code;
}
