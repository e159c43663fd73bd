/* SPDX-License-Identifier: ISC */
#include "store/openpgp.h"

#include <errno.h>
#include <gpgme.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whatever the user's own gpg.conf says is not read: the home is ours. */
static const char options[] =
	"no-autostart\ndisable-dirmngr\nno-auto-key-locate\nno-auto-check-trustdb\nno-random-seed-file\ntrust-model always\n";

/* One call: a home, a context, and the key in it. */
typedef struct {
	char *home;
	gpgme_ctx_t context;
	gpgme_key_t key;
	gint64 expires;
} Work;

static gboolean fail(GError **error, OpenpgpError code, const char *what, gpgme_error_t why)
{
	char said[256] = "";
	if (why != 0)
		gpgme_strerror_r(why, said, sizeof said);
	g_set_error(error, OPENPGP_ERROR, (gint)code, "%s%s%s", what, why != 0 ? ": " : "", said);
	return FALSE;
}

/* --- the home ------------------------------------------------------------------------------------------------------- */

/* gpg makes files there, and no directories with GnuPG 2.2; with later ones one of each, which hold files. */
static void empty(const char *path, guint deep)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		if (unlink(inner) != 0 && deep > 0) {
			empty(inner, deep - 1);
			rmdir(inner);
		}
	}
}

static void work_clear(Work *work)
{
	if (work->key != NULL)
		gpgme_key_unref(work->key);
	if (work->context != NULL)
		gpgme_release(work->context);
	if (work->home != NULL) {
		empty(work->home, 2);
		rmdir(work->home);
	}
	g_free(work->home);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static gboolean make_home(Work *work, const char *place, GError **error)
{
	g_autofree char *home = g_build_filename(place, "openpgp-XXXXXX", NULL);
	if (g_mkdtemp_full(home, 0700) == NULL)
		return fail(error, OPENPGP_ERROR_PROGRAM, "no place for gpg", gpgme_error_from_errno(errno));
	work->home = g_steal_pointer(&home);
	g_autofree char *conf = g_build_filename(work->home, "gpg.conf", NULL);
	return g_file_set_contents_full(conf, options, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL) ||
	       fail(error, OPENPGP_ERROR_PROGRAM, "no place for gpg", gpgme_error_from_errno(errno));
}

/* --- the key -------------------------------------------------------------------------------------------------------- */

static gboolean begin(Work *work, const char *place, GError **error)
{
	static gsize ready;
	if (g_once_init_enter(&ready)) {
		gpgme_check_version(NULL); /* initialises it: GPGME's manual, "Library Version Check" */
		g_once_init_leave(&ready, 1);
	}
	gpgme_error_t why = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
	if (why != 0)
		return fail(error, OPENPGP_ERROR_PROGRAM, "gpg cannot be run", why);
	if (!make_home(work, place, error))
		return FALSE;
	why = gpgme_new(&work->context);
	if (why == 0)
		why = gpgme_ctx_set_engine_info(work->context, GPGME_PROTOCOL_OpenPGP, NULL, work->home);
	if (why != 0)
		return fail(error, OPENPGP_ERROR_PROGRAM, "gpg cannot be run", why);
	gpgme_set_offline(work->context, 1);
	gpgme_set_armor(work->context, 1);
	return TRUE;
}

static gboolean import(const Work *work, GBytes *file, GError **error)
{
	gsize size;
	gpgme_data_t data;
	const char *octets = g_bytes_get_data(file, &size);
	if (size > OPENPGP_FILE_MAX)
		return fail(error, OPENPGP_ERROR_FILE, "it is too large: gpg --export-options export-minimal leaves others' signatures out", 0);
	gpgme_error_t why = gpgme_data_new_from_mem(&data, octets != NULL ? octets : "", size, 0);
	if (why == 0) {
		why = gpgme_op_import(work->context, data);
		gpgme_data_release(data);
	}
	gpgme_import_result_t result = why == 0 ? gpgme_op_import_result(work->context) : NULL;
	if (result == NULL)
		return fail(error, OPENPGP_ERROR_FILE, "gpg does not read it", why);
	if (result->secret_read != 0)
		return fail(error, OPENPGP_ERROR_FILE, "it holds a secret key", 0);
	return (result->considered == 1 && result->imported == 1) || fail(error, OPENPGP_ERROR_FILE, "it does not hold one public key", 0);
}

static gint64 sooner(gint64 a, gint64 b)
{
	return a == 0 ? b : b == 0 ? a : MIN(a, b);
}

/* The last end among the subkeys that encrypt now; FALSE: there is none. */
static gboolean subkeys_end(gpgme_key_t key, gint64 *end)
{
	gboolean found = FALSE;
	*end = 0;
	for (gpgme_subkey_t sub = key->subkeys; sub != NULL; sub = sub->next) {
		if (!sub->can_encrypt || sub->revoked || sub->expired || sub->disabled || sub->invalid)
			continue;
		*end = !found ? sub->expires : *end == 0 || sub->expires == 0 ? 0 : MAX(*end, sub->expires);
		found = TRUE;
	}
	return found;
}

static gboolean has_expired_subkey(gpgme_key_t key)
{
	for (gpgme_subkey_t sub = key->subkeys; sub != NULL; sub = sub->next)
		if (sub->can_encrypt && sub->expired && !sub->revoked)
			return TRUE;
	return FALSE;
}

/* Finds it by its own fingerprint: gpg would also find it by a subkey's. */
static gboolean take_key(Work *work, const char *fingerprint, GError **error)
{
	gint64 end;
	gpgme_error_t why = gpgme_get_key(work->context, fingerprint, &work->key, 0);
	gpgme_key_t key = why == 0 ? work->key : NULL;
	if (key == NULL || key->subkeys == NULL || g_ascii_strcasecmp(key->subkeys->fpr, fingerprint) != 0)
		return fail(error, OPENPGP_ERROR_FINGERPRINT, "its fingerprint is another", 0);
	if (key->revoked)
		return fail(error, OPENPGP_ERROR_REVOKED, "it is revoked", 0);
	if (key->expired)
		return fail(error, OPENPGP_ERROR_EXPIRED, "it has expired", 0);
	if (!subkeys_end(key, &end))
		return has_expired_subkey(key) ? fail(error, OPENPGP_ERROR_EXPIRED, "what encrypts in it has expired", 0)
		                               : fail(error, OPENPGP_ERROR_NO_SUBKEY, "nothing in it encrypts", 0);
	work->expires = sooner(key->subkeys->expires, end);
	return TRUE;
}

static gboolean open_key(Work *work, const OpenpgpKey *key, GError **error)
{
	return begin(work, key->place, error) && import(work, key->file, error) && take_key(work, key->fingerprint, error);
}

gboolean openpgp_check(const OpenpgpKey *key, gint64 *expires, GError **error)
{
	g_auto(Work) work = {NULL, NULL, NULL, 0};
	if (!open_key(&work, key, error))
		return FALSE;
	*expires = work.expires;
	return TRUE;
}

/* --- sealing -------------------------------------------------------------------------------------------------------- */

static gpgme_error_t encrypt(const Work *work, gpgme_data_t plain, gpgme_data_t sealed)
{
	gpgme_key_t keys[] = {work->key, NULL};
	gpgme_error_t why = gpgme_op_encrypt(work->context, keys, GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO, plain,
	                                     sealed);
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(work->context);
	return why != 0 || result == NULL || result->invalid_recipients == NULL ? why : gpgme_error(GPG_ERR_UNUSABLE_PUBKEY);
}

GBytes *openpgp_seal(const OpenpgpKey *key, const void *plain, gsize size, gint64 *expires, GError **error)
{
	g_auto(Work) work = {NULL, NULL, NULL, 0};
	gpgme_data_t from = NULL, to = NULL;
	gsize sealed_size = 0;
	if (!open_key(&work, key, error))
		return NULL;
	gpgme_error_t why = gpgme_data_new_from_mem(&from, plain, size, 0);
	if (why == 0)
		why = gpgme_data_new(&to);
	if (why == 0)
		why = encrypt(&work, from, to);
	gpgme_data_release(from);
	char *sealed = to != NULL ? gpgme_data_release_and_get_mem(to, &sealed_size) : NULL;
	GBytes *result = why == 0 && sealed != NULL ? g_bytes_new(sealed, sealed_size) : NULL;
	gpgme_free(sealed);
	if (result == NULL)
		fail(error, OPENPGP_ERROR_PROGRAM, "gpg did not seal it", why);
	*expires = work.expires;
	return result;
}
