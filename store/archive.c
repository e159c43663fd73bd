/* SPDX-License-Identifier: ISC */
#include "store/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/private-file.h"
#include "store/stopped.h"

#define READ_SIZE (256 * 1024)
#define PUBLIC_MOST (1024 * 1024)
#define MONTHS_MAX 600 /* fifty years: a record holds no more */

G_DEFINE_QUARK(senim-archive-error, archive_error)

static const RecordField manifest_schema[] = {
	{"senim-archive", 1, 1}, {"store", 1, 1},   {"mailbox", 1, 1},        {"origin", 1, 1},
	{"made", 1, 1},          {"size", 1, 1},    {"custody", 1, 1},        {"custody-digest", 1, 1},
	{"custody-key", 1, 1},   {"month", 0, MONTHS_MAX}, {NULL, 0, 0},
};

static gboolean fail_form(GError **error, const char *what)
{
	g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FORM, "%s", what);
	return FALSE;
}

static void month_clear(gpointer data)
{
	g_free(((ArchiveMonth *)data)->name);
}

void archive_manifest_free(ArchiveManifest *manifest)
{
	if (manifest == NULL)
		return;
	g_clear_pointer(&manifest->months, g_array_unref);
	g_free(manifest->mailbox);
	g_free(manifest->origin);
	g_free(manifest->custody);
	g_free(manifest);
}

/* --- names ---------------------------------------------------------------------------------------------------------- */

char *archive_month_of(const char *name, gboolean *whole)
{
	static const char shape[] = "dddd-dd";
	for (gsize i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == 'd' ? !g_ascii_isdigit(name[i]) : name[i] != '-')
			return NULL;
	const char *rest = name + sizeof shape - 1;
	*whole = *rest == '\0';
	if (!*whole && (!g_str_has_prefix(rest, "-part-") || !g_ascii_string_to_unsigned(rest + 6, 10, 0, G_MAXINT64, NULL, NULL)))
		return NULL;
	return g_strndup(name, sizeof shape - 1);
}

char *archive_mailbox_path(const char *directory, const char *mailbox)
{
	g_autofree char *spelled = config_mailbox_spelling(mailbox);
	return g_build_filename(directory, spelled, NULL);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *archive_mailboxes(const char *directory, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, error);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	if (dir == NULL)
		return NULL;
	while ((name = g_dir_read_name(dir)) != NULL)
		if (strchr(name, '@') != NULL)
			g_ptr_array_add(list, g_strdup(name));
	g_ptr_array_sort(list, by_name);
	if (list->len > 0)
		return g_steal_pointer(&list);
	g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FORM, "%s holds no archive of a mailbox: name the directory of archive-directory",
	            directory);
	return NULL;
}

gboolean archive_digest_file(const char *path, guint8 digest[ARCHIVE_DIGEST], guint64 *size, GError **error)
{
	crypto_generichash_state state;
	g_autofree guint8 *buffer = g_malloc(READ_SIZE);
	guint64 all = 0;
	gssize got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	crypto_generichash_init(&state, NULL, 0, ARCHIVE_DIGEST);
	while (fd >= 0 && ((got = read(fd, buffer, READ_SIZE)) > 0 || (got < 0 && errno == EINTR)))
		if (got > 0) {
			crypto_generichash_update(&state, buffer, (gsize)got);
			all += (guint64)got;
		}
	if (got < 0)
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s cannot be read: %s", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	crypto_generichash_final(&state, digest, ARCHIVE_DIGEST);
	if (size != NULL)
		*size = all;
	return got == 0;
}

/* --- the manifest ----------------------------------------------------------------------------------------------------- */

static gboolean read_month(const char *line, ArchiveManifest *manifest)
{
	ArchiveMonth month = {0};
	gboolean whole;
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autofree char *name = g_strv_length(words) == 4 ? archive_month_of(words[0], &whole) : NULL;
	if (name == NULL || !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &month.begin, NULL) ||
	    !g_ascii_string_to_unsigned(words[2], 10, month.begin, G_MAXINT64, &month.end, NULL) ||
	    strlen(words[3]) != 2 * sizeof month.digest ||
	    sodium_hex2bin(month.digest, sizeof month.digest, words[3], strlen(words[3]), NULL, NULL, NULL) != 0)
		return FALSE;
	month.name = g_strdup(words[0]);
	g_array_append_val(manifest->months, month);
	return TRUE;
}

static ArchiveManifest *parse(const char *text, const char *origin, GError **error)
{
	const char *line;
	guint64 made = 0;
	g_autoptr(ArchiveManifest) manifest = g_new0(ArchiveManifest, 1);
	g_autoptr(Record) record = record_read(text, strlen(text), 0, manifest_schema, error);
	manifest->months = g_array_new(FALSE, FALSE, sizeof(ArchiveMonth));
	g_array_set_clear_func(manifest->months, month_clear);
	if (record == NULL || !record_get_hex(record, "store", manifest->store_id, sizeof manifest->store_id, error) ||
	    !record_get_hex(record, "custody-digest", manifest->custody_digest, sizeof manifest->custody_digest, error) ||
	    !record_get_hex(record, "custody-key", manifest->custody_key, sizeof manifest->custody_key, error) ||
	    !record_get_uint(record, "made", G_MAXINT64, &made, error) ||
	    !record_get_uint(record, "size", G_MAXINT64, &manifest->size, error))
		return NULL;
	manifest->made = (gint64)made;
	manifest->mailbox = g_strdup(record_get(record, "mailbox"));
	manifest->origin = g_strdup(record_get(record, "origin"));
	manifest->custody = g_strdup(record_get(record, "custody"));
	gboolean good = strcmp(record_get(record, "senim-archive"), "1") == 0 && strcmp(manifest->origin, origin) == 0 &&
	                g_str_has_prefix(manifest->custody, "custody-") && strchr(manifest->custody, '/') == NULL;
	for (guint i = 0; good && (line = record_get_nth(record, "month", i)) != NULL; i++)
		good = read_month(line, manifest);
	if (!good) {
		fail_form(error, "it is another register's manifest, or of another form");
		return NULL;
	}
	return g_steal_pointer(&manifest);
}

ArchiveManifest *archive_manifest_read(const char *directory, const NoteVerifier *verifier, GError **error)
{
	gsize size;
	g_autoptr(GError) cause = NULL;
	g_autofree char *path = g_build_filename(directory, ARCHIVE_MANIFEST, NULL), *note = NULL;
	if (!g_file_get_contents(path, &note, &size, &cause)) {
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s", cause->message);
		return NULL;
	}
	g_autofree char *text = size == strlen(note) ? note_verify(note, verifier, &cause) : NULL;
	ArchiveManifest *manifest = text != NULL ? parse(text, note_verifier_name(verifier), &cause) : NULL;
	if (manifest == NULL)
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FORM, "%s was altered, or is another register's: %s", path,
		            cause != NULL ? cause->message : "it is no text");
	return manifest;
}

char *archive_manifest_text(const ArchiveManifest *manifest)
{
	gsize size;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "senim-archive", 1);
	record_add_hex(record, "store", manifest->store_id, sizeof manifest->store_id);
	record_add(record, "mailbox", manifest->mailbox);
	record_add(record, "origin", manifest->origin);
	record_add_uint(record, "made", (guint64)manifest->made);
	record_add_uint(record, "size", manifest->size);
	record_add(record, "custody", manifest->custody);
	record_add_hex(record, "custody-digest", manifest->custody_digest, sizeof manifest->custody_digest);
	record_add_hex(record, "custody-key", manifest->custody_key, sizeof manifest->custody_key);
	for (guint i = 0; i < manifest->months->len; i++) {
		const ArchiveMonth *month = &g_array_index(manifest->months, ArchiveMonth, i);
		char hex[2 * ARCHIVE_DIGEST + 1];
		sodium_bin2hex(hex, sizeof hex, month->digest, sizeof month->digest);
		record_add_printf(record, "month", "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s", month->name, month->begin,
		                  month->end, hex);
	}
	return record_write(record, &size);
}

/* --- what stands beside the books ---------------------------------------------------------------------------------------- */

static gboolean make_directory(const char *path, GError **error)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return TRUE;
	g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s cannot be made: %s", path, g_strerror(errno));
	return FALSE;
}

/* A file that is not there is left out: a store without escrow has none. */
static gboolean copy_public(const char *from, const char *directory, const char *name, GError **error)
{
	gsize size;
	g_autoptr(GBytes) file = g_file_test(from, G_FILE_TEST_EXISTS) ? private_file_read(from, PUBLIC_MOST, FALSE, error) : NULL;
	if (file == NULL)
		return error == NULL || *error == NULL;
	g_autofree char *path = g_build_filename(directory, name, NULL);
	const void *data = g_bytes_get_data(file, &size);
	return private_file_replace(path, data, size, 0600, error);
}

static gboolean copy_halves(const ConfigOfficer *people, guint n, const char *directory, GError **error)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strconcat(people[i].name, ".pub", NULL);
		if (!copy_public(people[i].public, directory, name, error))
			return FALSE;
	}
	return TRUE;
}

/* The files of a directory, if it is there: escrow and shares, each sealed to whom it is for. */
static gboolean copy_files(const char *from, const char *to, GError **error)
{
	const char *name;
	g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
	if (dir == NULL)
		return TRUE;
	if (!make_directory(to, error))
		return FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(from, name, NULL);
		if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && !copy_public(path, to, name, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean copy_recovery(const Config *config, const char *to, GError **error)
{
	static const char *const parts[] = {"", "shares", "drill"};
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *from = stopped_recovery_path(config, parts[i]), *into = g_build_filename(to, parts[i], NULL);
		if (!copy_files(from, into, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean copy_all(const Config *config, const char *directory, GError **error)
{
	g_autofree char *store = g_build_filename(directory, ARCHIVE_STORE, NULL), *officers = g_build_filename(store, "officers", NULL),
					*recovery = g_build_filename(store, "recovery", NULL), *top = g_path_get_dirname(config->file),
					*log_pub = g_build_filename(top, "log.pub", NULL);
	return make_directory(store, error) && make_directory(officers, error) && make_directory(recovery, error) &&
	       copy_public(config->file, store, "senim.conf", error) && copy_public(log_pub, store, "log.pub", error) &&
	       copy_recovery(config, recovery, error) &&
	       copy_halves(config->officers, config->n_officers, officers, error) &&
	       copy_halves(config->recoveries, config->n_recoveries, recovery, error);
}

gboolean archive_copy_store(const Config *config, const char *directory, GError **error)
{
	GError *cause = NULL;
	gboolean done = make_directory(directory, &cause) && copy_all(config, directory, &cause);
	if (!done) {
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s", cause->message);
		g_error_free(cause);
	}
	return done;
}
