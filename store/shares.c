/* SPDX-License-Identifier: ISC */
#include "store/shares.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/private-file.h"

#define FILE_MAX 65536
#define SUFFIX ".age"

G_DEFINE_QUARK(senim-shares-error, shares_error)

static gboolean fail(GError **error, SharesErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean fail(GError **error, SharesErrorCode code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(SHARES_ERROR, (gint)code, format, ap);
	va_end(ap);
	return FALSE;
}

static gboolean wrap(GError **error, GError *cause)
{
	fail(error, SHARES_ERROR_FILE, "%s", cause->message);
	g_error_free(cause);
	return FALSE;
}

/* --- sealing ------------------------------------------------------------------------------------------------------ */

static gboolean name_is_plain(const char *name)
{
	gsize size = strlen(name);
	return size > 0 && size <= 32 && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

static gboolean check_holders(const SharesHolder *holders, guint n, guint need, GError **error)
{
	if (n < 2 || n > SHARES_HOLDERS_MAX || need < 2 || need > n)
		return fail(error, SHARES_ERROR_WORDS,
		            "a key is shared among 2 to %u holders, and 2 of them at least open it: name them with --holder",
		            SHARES_HOLDERS_MAX);
	for (guint i = 0; i < n; i++) {
		if (!name_is_plain(holders[i].name))
			return fail(error, SHARES_ERROR_WORDS, "%s is no name: take 1 to 32 of a-z, 0-9, '.', '_' and '-'",
			            holders[i].name);
		for (guint k = 0; k < i; k++)
			if (strcmp(holders[i].name, holders[k].name) == 0 ||
			    strcmp(holders[i].recipient, holders[k].recipient) == 0)
				return fail(error, SHARES_ERROR_WORDS, "%s and %s are one name or one key: give every holder her own",
				            holders[i].name, holders[k].name);
	}
	return TRUE;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const SharesHolder *)a)->name, ((const SharesHolder *)b)->name);
}

/* Sealed to each chosen holder in turn; *name is the choice's. */
static GBytes *seal_choice(GBytes *text, const SharesHolder *holders, guint n, guint chosen, char **name, GError **error)
{
	g_autoptr(GBytes) sealed = g_bytes_ref(text);
	g_autoptr(GString) names = g_string_new(NULL);
	for (guint i = 0; i < n; i++) {
		const char *const recipients[] = {holders[i].recipient, NULL};
		gsize size;
		if ((chosen & 1u << i) == 0)
			continue;
		const void *data = g_bytes_get_data(sealed, &size);
		GBytes *outer = age_file_seal(data, size, recipients, error);
		if (outer == NULL)
			return NULL;
		g_bytes_unref(sealed);
		sealed = outer;
		g_string_append_printf(names, "%s%s", names->len > 0 ? "+" : "", holders[i].name);
	}
	*name = g_strconcat(names->str, SUFFIX, NULL);
	return g_steal_pointer(&sealed);
}

static gboolean write_choice(GBytes *text, const SharesHolder *holders, guint n, guint chosen, const char *directory,
                             GError **error)
{
	gsize size;
	g_autofree char *name = NULL;
	g_autoptr(GBytes) file = seal_choice(text, holders, n, chosen, &name, error);
	if (file == NULL)
		return FALSE;
	g_autofree char *path = g_build_filename(directory, name, NULL);
	const void *data = g_bytes_get_data(file, &size);
	return private_file_write(path, data, size, 0644, error);
}

static guint ones(guint bits)
{
	return (guint)__builtin_popcount(bits);
}

/* What was made before a failure opens for the same holders, but is no whole set. */
static void take_back(const char *directory)
{
	const char *name;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		unlink(path);
	}
	rmdir(directory);
}

gboolean shares_write(const Keyfile *secret, const SharesHolder *holders, guint n, guint need, const char *directory,
                      GError **error)
{
	GError *cause = NULL;
	SharesHolder sorted[SHARES_HOLDERS_MAX];
	if (!check_holders(holders, n, need, error))
		return FALSE;
	memcpy(sorted, holders, n * sizeof *holders);
	qsort(sorted, n, sizeof *sorted, compare);
	if (mkdir(directory, 0755) != 0)
		return fail(error, SHARES_ERROR_FILE, "%s cannot be made: %s", directory, g_strerror(errno));
	g_autoptr(GBytes) text = keyfile_text(secret);
	for (guint chosen = 0; chosen < 1u << n; chosen++)
		if (ones(chosen) == need && !write_choice(text, sorted, n, chosen, directory, &cause)) {
			take_back(directory);
			return wrap(error, cause);
		}
	return TRUE;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* One seal after another goes, whosever it is; used: the keys that have opened one. NULL: these keys do not peel it. */
static Keyfile *peel(GBytes *sealed, const AgeIdentity *const *holders, guint n, guint used)
{
	gsize size;
	const void *data = g_bytes_get_data(sealed, &size);
	if (!age_file_is(data, size))
		return used != 0 ? keyfile_parse(data, size, NULL) : NULL;
	for (guint i = 0; i < n; i++) {
		if ((used & 1u << i) != 0)
			continue;
		g_autoptr(GBytes) inner = age_file_open(data, size, holders[i], NULL);
		Keyfile *keys = inner != NULL ? peel(inner, holders, n, used | 1u << i) : NULL;
		if (keys != NULL)
			return keys;
	}
	return NULL;
}

static Keyfile *peel_any(const char *directory, const AgeIdentity *const *holders, guint n, GError **error)
{
	const char *name;
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) dir = g_dir_open(directory, 0, &cause);
	if (dir == NULL) {
		fail(error, SHARES_ERROR_FILE, "the shares cannot be read: %s", cause->message);
		return NULL;
	}
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (!g_str_has_suffix(name, SUFFIX))
			continue;
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autoptr(GBytes) file = private_file_read(path, FILE_MAX, FALSE, NULL);
		Keyfile *keys = file != NULL ? peel(file, holders, n, 0) : NULL;
		if (keys != NULL)
			return keys;
	}
	fail(error, SHARES_ERROR_MISSING,
	     "these %u keys do not open any of the shares in %s: bring another holder, or the right set of shares", n, directory);
	return NULL;
}

Keyfile *shares_open(const char *directory, const Keyfile *const *holders, guint n, GError **error)
{
	AgeIdentity *identities[SHARES_HOLDERS_MAX] = {NULL};
	Keyfile *keys = NULL;
	gboolean good = n <= SHARES_HOLDERS_MAX ||
	                fail(error, SHARES_ERROR_WORDS, "there are never more than %u holders", SHARES_HOLDERS_MAX);
	for (guint i = 0; good && i < n; i++) {
		identities[i] = age_identity_parse(keyfile_body_identity(holders[i]), error);
		good = identities[i] != NULL;
	}
	if (good)
		keys = peel_any(directory, (const AgeIdentity *const *)identities, n, error);
	for (guint i = 0; i < MIN(n, SHARES_HOLDERS_MAX); i++)
		age_identity_free(identities[i]);
	return keys;
}
