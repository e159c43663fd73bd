/* SPDX-License-Identifier: ISC */
/* Sealing to OpenPGP keys that a real gpg made, and that it opens again; which keys are not taken, and what stays behind. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store/openpgp.h"

static char *room;  /* of the addressee: his gpg's home, and the key files */
static char *place; /* where our gpg works */

/* A shell's output without the last line feed; the shell must succeed. */
static char *shell(const char *command)
{
	char *out = NULL;
	g_autofree char *script = g_strdup_printf("set -e; cd %s; export GNUPGHOME=%s; gpg() { command gpg --batch --quiet "
	                                          "--no-tty --pinentry-mode loopback --passphrase '' \"$@\" 2>>log; }\n%s", room, room, command);
	const char *const argv[] = {"sh", "-c", script, NULL};
	int status = -1;
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status, NULL));
	if (status != 0) {
		g_autofree char *log = g_build_filename(room, "log", NULL), *said = NULL;
		g_file_get_contents(log, &said, NULL, NULL);
		g_error("%s ended with %d: %s", command, status, said);
	}
	return g_strchomp(out);
}

static void make_keys(void)
{
	g_autofree char *out = shell(
		"new() { name=$1; shift; gpg \"$@\"; gpg --export $name@b.kz >$name.pgp; "
		"gpg --with-colons --list-keys $name@b.kz | awk -F: '$1 == \"fpr\" {print $10; exit}' >$name.fpr; }\n"
		"new good --quick-generate-key good@b.kz future-default default never\n"
		"new soon --quick-generate-key soon@b.kz future-default default 9d\n"
		"new signs --quick-generate-key signs@b.kz ed25519 sign never\n"
		"new old --faked-system-time 20200101T000000 --quick-generate-key old@b.kz future-default default 1y\n"
		"new gone --quick-generate-key gone@b.kz future-default default never\n"
		"sed 's/^:--/--/' openpgp-revocs.d/$(cat gone.fpr).rev | gpg --import; gpg --export gone@b.kz >gone.pgp\n"
		"gpg --armor --export good@b.kz >armoured.pgp; cp good.fpr armoured.fpr\n"
		"cat good.pgp soon.pgp >two.pgp; cp good.fpr two.fpr\n"
		"gpg --export-secret-keys good@b.kz >secret.pgp; cp good.fpr secret.fpr\n"
		"printf 'no key\\n' >text.pgp; cp good.fpr text.fpr\n"
		": >empty.pgp; cp good.fpr empty.fpr\n"
		"cp good.pgp other.pgp; cp soon.fpr other.fpr\n"
		"gpg --with-colons --list-keys good@b.kz | awk -F: '$1 == \"fpr\" {f = $10} END {print f}' >subkey.fpr; cp good.pgp subkey.pgp\n");
}

static GBytes *read_key(const char *name, char **fingerprint)
{
	g_autofree char *file = g_strconcat(room, "/", name, ".pgp", NULL), *print = g_strconcat(room, "/", name, ".fpr", NULL);
	char *octets;
	gsize size;
	g_assert_true(g_file_get_contents(file, &octets, &size, NULL));
	g_assert_true(g_file_get_contents(print, fingerprint, NULL, NULL));
	g_strchomp(*fingerprint);
	return g_bytes_new_take(octets, size);
}

static gboolean check(const char *name, gint64 *expires, GError **error)
{
	g_autofree char *fingerprint = NULL;
	g_autoptr(GBytes) file = read_key(name, &fingerprint);
	const OpenpgpKey key = {file, fingerprint, place};
	return openpgp_check(&key, expires, error);
}

/* Neither a file nor a process that was told of the place: an agent would be. */
static void assert_nothing_stays(void)
{
	const char *name;
	g_autoptr(GDir) directory = g_dir_open(place, 0, NULL), processes = g_dir_open("/proc", 0, NULL);
	g_assert_null(g_dir_read_name(directory));
	while ((name = g_dir_read_name(processes)) != NULL) {
		gsize size;
		g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", name), *line = NULL;
		if (g_ascii_isdigit(name[0]) && g_file_get_contents(path, &line, &size, NULL))
			g_assert_null(memmem(line, size, place, strlen(place)));
	}
}

static void the_owner_of_the_key_opens_what_was_sealed(void)
{
	static const char *const names[] = {"good", "armoured"};
	g_autoptr(GString) plain = g_string_new("Content-Type: text/plain\r\n\r\n");
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(plain, "line %u\r\n", i);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gint64 expires = -1;
		g_autofree char *fingerprint = NULL, *out = g_strconcat(room, "/sealed", NULL), *in = g_strconcat(room, "/plain", NULL);
		g_autofree char *opened = NULL;
		gsize size;
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) file = read_key(names[i], &fingerprint);
		const OpenpgpKey key = {file, fingerprint, place};
		g_autoptr(GBytes) sealed = openpgp_seal(&key, plain->str, plain->len, &expires, &error);
		g_assert_no_error(error);
		g_assert_cmpint(expires, ==, 0);
		const char *armour = g_bytes_get_data(sealed, &size);
		g_assert_true(size > 100 && g_str_has_prefix(armour, "-----BEGIN PGP MESSAGE-----\n"));
		g_assert_true(g_file_set_contents(out, armour, (gssize)size, NULL));
		g_free(shell("gpg --decrypt sealed >plain"));
		g_assert_true(g_file_get_contents(in, &opened, &size, NULL));
		g_assert_cmpmem(opened, size, plain->str, plain->len);
		assert_nothing_stays();
	}
}

static void a_key_that_cannot_be_trusted_is_not_taken(void)
{
	static const struct {
		const char *name;
		OpenpgpError code;
	} rows[] = {
		{"other", OPENPGP_ERROR_FINGERPRINT}, {"subkey", OPENPGP_ERROR_FINGERPRINT}, {"old", OPENPGP_ERROR_EXPIRED},
		{"gone", OPENPGP_ERROR_REVOKED},      {"signs", OPENPGP_ERROR_NO_SUBKEY},    {"two", OPENPGP_ERROR_FILE},
		{"secret", OPENPGP_ERROR_FILE},       {"text", OPENPGP_ERROR_FILE},          {"empty", OPENPGP_ERROR_FILE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gint64 expires;
		g_autoptr(GError) error = NULL;
		g_test_message("%s", rows[i].name);
		g_assert_false(check(rows[i].name, &expires, &error));
		g_assert_error(error, OPENPGP_ERROR, (gint)rows[i].code);
		assert_nothing_stays();
	}
}

static void the_end_of_a_key_is_known_ahead(void)
{
	gint64 expires, now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(GError) error = NULL;
	g_assert_true(check("soon", &expires, &error));
	g_assert_no_error(error);
	g_assert_cmpint(expires, >, now + 8 * 86400);
	g_assert_cmpint(expires, <=, now + 9 * 86400);
}

static void a_place_that_is_not_there_is_an_error(void)
{
	gint64 expires;
	g_autofree char *fingerprint = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) file = read_key("good", &fingerprint);
	const OpenpgpKey key = {file, fingerprint, "/nowhere"};
	g_assert_null(openpgp_seal(&key, "x", 1, &expires, &error));
	g_assert_error(error, OPENPGP_ERROR, OPENPGP_ERROR_PROGRAM);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autofree char *gpg = g_find_program_in_path("gpg");
	if (gpg == NULL) {
		g_printerr("gpg is missing: contrib/setup installs gnupg\n");
		return 77;
	}
	room = g_dir_make_tmp("senim-gpg-XXXXXX", NULL);
	place = g_dir_make_tmp("senim-place-XXXXXX", NULL);
	make_keys();
	g_test_add_func("/openpgp/the owner of the key opens what was sealed", the_owner_of_the_key_opens_what_was_sealed);
	g_test_add_func("/openpgp/a key that cannot be trusted is not taken", a_key_that_cannot_be_trusted_is_not_taken);
	g_test_add_func("/openpgp/the end of a key is known ahead", the_end_of_a_key_is_known_ahead);
	g_test_add_func("/openpgp/a place that is not there is an error", a_place_that_is_not_there_is_an_error);
	int failed = g_test_run();
	g_free(shell("gpgconf --kill gpg-agent; cd /; rm -rf \"$GNUPGHOME\""));
	g_rmdir(place);
	return failed;
}
