/* SPDX-License-Identifier: ISC */
#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/archive.h"
#include "store/base64.h"
#include "store/init.h"
#include "store/ledger-archive.h"
#include "store/private-file.h"
#include "store/stopped.h"

#define ESCROW_MOST 65536
#define RESTORING ".restoring"

G_DEFINE_QUARK(senim-restore-error, restore_error)

static gboolean fail(GError **error, gint code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean fail(GError **error, gint code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_propagate_error(error, g_error_new_valist(RESTORE_ERROR, code, format, ap));
	va_end(ap);
	return FALSE;
}

/* Errors of other modules get our domain. */
static gboolean wrap(GError **error, GError *cause)
{
	gint code = cause->domain == RESTORE_ERROR ? cause->code : RESTORE_ERROR_FAILED;
	g_set_error_literal(error, RESTORE_ERROR, code, cause->message);
	g_error_free(cause);
	return FALSE;
}

void restore_result_clear(RestoreResult *result)
{
	g_clear_pointer(&result->faults, g_ptr_array_unref);
}

Escrow *restore_escrow(const char *archive, const char *identity, GError **error)
{
	gsize size;
	GError *cause = NULL;
	g_autofree char *path = g_build_filename(archive, ARCHIVE_STORE, "recovery", "keys.age", NULL);
	g_autoptr(GBytes) file = private_file_read(path, ESCROW_MOST, FALSE, &cause);
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	Escrow *escrow = data != NULL ? escrow_open(data, size, identity, &cause) : NULL;
	if (escrow == NULL)
		wrap(error, cause);
	return escrow;
}

/* --- whose books ------------------------------------------------------------------------------------------------------ */

/* A mailbox's log by the escrow, and how its books are opened. */
typedef struct {
	LedgerOptions options;
	char *directory;
	NoteSigner *signer;
	NoteVerifier *verifier;
} Place;

static void place_clear(Place *place)
{
	note_signer_free(place->signer);
	note_verifier_free(place->verifier);
	g_free(place->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static gboolean find_log(const Escrow *escrow, const char *mailbox, const char **origin, const guint8 **seed)
{
	g_autofree char *spelled = config_mailbox_spelling(mailbox), *prefix = g_strconcat(spelled, "/", NULL);
	for (guint i = 0; escrow_log(escrow, i, origin, seed); i++)
		if (g_str_has_prefix(*origin, prefix))
			return TRUE;
	return FALSE;
}

static gboolean place_of(const RestoreRequest *request, guint i, Place *place, GError **error)
{
	const char *origin, *mailbox = request->config->mailboxes[i].address;
	const guint8 *seed;
	if (!find_log(request->escrow, mailbox, &origin, &seed))
		return fail(error, RESTORE_ERROR_KEYS, "the keys that were given have none of %s: name the right sheet, or the right mailboxes",
		            mailbox);
	g_autofree char *spelled = config_mailbox_spelling(mailbox);
	const char *state = request->state != NULL ? request->state : request->config->state_directory;
	place->directory = g_build_filename(state, spelled, NULL);
	place->signer = note_signer_from_seed(origin, seed, error);
	g_autofree char *verifier = place->signer != NULL ? note_signer_verifier(place->signer) : NULL;
	place->verifier = verifier != NULL ? note_verifier_new(verifier, error) : NULL;
	place->options = (LedgerOptions){.directory = place->directory,
	                                 .mailbox = mailbox,
	                                 .origin = note_signer_name(place->signer),
	                                 .store_id = escrow_store_id(request->escrow),
	                                 .custody = escrow_custody(request->escrow),
	                                 .signer = place->signer,
	                                 .zone = request->config->timezone};
	return place->verifier != NULL;
}

/* --- records and headers -------------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerBuild *build;
	guint64 size;   /* entries that were restored: what is told of later ones has no place */
	gboolean begun, ended;
} Lines;

static GBytes *decode(const char *text)
{
	gsize size, room = strlen(text) / 4 * 3 + 3;
	guint8 *data = g_malloc(room);
	if (base64_read(text, strlen(text), TRUE, data, room, &size))
		return g_bytes_new_with_free_func(data, size, g_free, data);
	g_free(data);
	return NULL;
}

static gboolean take_opening(Lines *lines, char **words, GError **error)
{
	guint64 seq;
	g_autoptr(GBytes) opening = decode(words[2]);
	if (opening == NULL || !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &seq, NULL))
		return fail(error, RESTORE_ERROR_DAMAGE, "a record in the archive is of another form");
	return seq >= lines->size || ledger_build_opening(lines->build, seq, opening, error);
}

static gboolean read_hex(const char *text, guint8 *out, gsize size)
{
	return strlen(text) == 2 * size && sodium_hex2bin(out, size, text, strlen(text), NULL, NULL, NULL) == 0;
}

static gboolean take_header(Lines *lines, char **words, GError **error)
{
	guint64 seq, part, version;
	LedgerCopyHeader header = {0};
	g_autoptr(GBytes) text = decode(words[6]);
	if (text == NULL || !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &seq, NULL) ||
	    !g_ascii_string_to_unsigned(words[2], 10, 0, 3, &part, NULL) ||
	    !g_ascii_string_to_unsigned(words[3], 10, 1, G_MAXUINT32, &version, NULL) ||
	    !read_hex(words[4], header.recipient, sizeof header.recipient) || !read_hex(words[5], header.object, sizeof header.object))
		return fail(error, RESTORE_ERROR_DAMAGE, "a header in the archive is of another form");
	header.part = (guint)part;
	header.version = (guint32)version;
	header.text = text;
	return seq >= lines->size || ledger_build_header(lines->build, seq, &header, error);
}

static gboolean take_line(const char *text, gpointer user, GError **error)
{
	Lines *lines = user;
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	guint n = g_strv_length(words);
	if (!lines->begun)
		return (lines->begun = n == 4 && strcmp(words[0], "senim-custody") == 0 && strcmp(words[1], "1") == 0) ||
		       fail(error, RESTORE_ERROR_DAMAGE, "what was opened is no archive of records and headers");
	if (n == 3 && strcmp(words[0], "opening") == 0)
		return take_opening(lines, words, error);
	if (n == 7 && strcmp(words[0], "header") == 0)
		return take_header(lines, words, error);
	if (n == 2 && strcmp(words[0], "token") == 0) {
		g_autoptr(GBytes) key = decode(words[1]);
		return key != NULL && ledger_build_token(lines->build, key, error);
	}
	lines->ended = n == 1 && strcmp(words[0], "end") == 0;
	return lines->ended || fail(error, RESTORE_ERROR_DAMAGE, "a line in the archive is of another form");
}

static gboolean read_custody(const RestoreRequest *request, const char *home, const ArchiveManifest *manifest, LedgerBuild *build,
                             GError **error)
{
	Lines lines = {.build = build, .size = ledger_build_size(build)};
	g_autofree char *path = g_build_filename(home, manifest->custody, NULL);
	g_autoptr(AgeIdentity) sheet =
		request->identity == NULL
			? archive_custody_identity(escrow_custody(request->escrow), escrow_store_id(request->escrow), error)
			: NULL;
	const AgeIdentity *identity = request->identity != NULL ? request->identity : sheet;
	GError *cause = NULL;
	if (identity != NULL && archive_custody_read(path, identity, take_line, &lines, &cause))
		return lines.ended || fail(error, RESTORE_ERROR_DAMAGE, "%s ends too early", path);
	if (identity != NULL && g_error_matches(cause, AGE_ERROR, AGE_ERROR_NO_MATCH)) {
		g_error_free(cause);
		return fail(error, RESTORE_ERROR_OTHER_KEY,
		            "the archive was made under another key than this one: take the sheet of that time, or the recovery key with --prove");
	}
	if (cause != NULL)
		g_propagate_error(error, cause);
	return FALSE;
}

/* --- months ------------------------------------------------------------------------------------------------------------------ */

static gboolean read_entries(const char *path, LedgerBuild *build, GError **error)
{
	gsize size;
	char *data, *note;
	g_autofree char *entries = g_build_filename(path, ARCHIVE_ENTRIES, NULL),
					*checkpoint = g_build_filename(path, ARCHIVE_CHECKPOINT, NULL);
	if (!g_file_get_contents(entries, &data, &size, error))
		return FALSE;
	gboolean done = TRUE;
	for (gsize at = 0; done && at + ENTRY_SIZE <= size; at += ENTRY_SIZE)
		done = ledger_build_entry(build, (const guint8 *)data + at, error);
	g_free(data);
	if (!done || !g_file_get_contents(checkpoint, &note, NULL, error))
		return FALSE;
	done = ledger_build_checkpoint(build, note, error);
	g_free(note);
	return done;
}

/* "4711.body" or "4711.card". */
static gboolean parse_payload(const char *name, guint64 *seq, SealPart *part)
{
	const char *dot = strchr(name, '.');
	g_autofree char *number = dot != NULL ? g_strndup(name, (gsize)(dot - name)) : NULL;
	*part = dot != NULL && strcmp(dot, ".card") == 0 ? SEAL_PART_CARD : SEAL_PART_BODY;
	return dot != NULL && (*part == SEAL_PART_CARD || strcmp(dot, ".body") == 0) &&
	       g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT64, seq, NULL);
}

static gboolean read_payload(const char *directory, const char *name, LedgerBuild *build, RestoreResult *result, GError **error)
{
	guint64 seq;
	SealPart part;
	if (!parse_payload(name, &seq, &part))
		return TRUE; /* the check has said that it does not belong there */
	g_autofree char *path = g_build_filename(directory, name, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (fd < 0)
		return fail(error, RESTORE_ERROR_FAILED, "%s cannot be read: %s", path, g_strerror(errno));
	gboolean done = ledger_build_payload(build, seq, part, fd, error);
	close(fd);
	result->payloads += done;
	return done;
}

static gboolean read_payloads(const char *month, LedgerBuild *build, RestoreResult *result, GError **error)
{
	const char *name;
	g_autofree char *directory = g_build_filename(month, ARCHIVE_PAYLOADS, NULL);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, error);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		if (!read_payload(directory, name, build, result, error))
			return FALSE;
	return dir != NULL;
}

static gboolean fill(const RestoreRequest *request, const char *home, const ArchiveManifest *manifest, LedgerBuild *build,
                     RestoreResult *result, GError **error)
{
	for (guint i = 0; i < manifest->months->len; i++) {
		g_autofree char *path = g_build_filename(home, g_array_index(manifest->months, ArchiveMonth, i).name, NULL);
		if (!read_entries(path, build, error))
			return FALSE;
	}
	if (!read_custody(request, home, manifest, build, error))
		return FALSE;
	for (guint i = 0; i < manifest->months->len; i++) {
		g_autofree char *path = g_build_filename(home, g_array_index(manifest->months, ArchiveMonth, i).name, NULL);
		if (!read_payloads(path, build, result, error))
			return FALSE;
	}
	result->entries += ledger_build_size(build);
	return ledger_build_finish(build, error);
}

/* --- one mailbox --------------------------------------------------------------------------------------------------------------- */

static gboolean check_archive(const RestoreRequest *request, const Place *place, const char *home, RestoreResult *result, GError **error)
{
	LedgerCheck check = {0};
	const ArchiveQuestion question = {.directory = home, .verifier = place->verifier};
	if (!archive_check(&question, &check, NULL, error))
		return FALSE;
	for (guint i = 0; i < check.faults->len; i++)
		g_ptr_array_add(result->faults, g_strdup(check.faults->pdata[i]));
	gboolean good = check.faults->len == 0 || request->even_so ||
	                fail(error, RESTORE_ERROR_DAMAGE, "the archive is damaged (%s, and %u more): take another copy, or restore with --even-so what is whole",
	                     (const char *)check.faults->pdata[0], check.faults->len - 1);
	ledger_check_clear(&check);
	return good;
}

static int remove_one(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED, struct FTW *walk G_GNUC_UNUSED)
{
	return remove(path);
}

static gboolean give_name(const char *from, const char *to, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(to);
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = (fd >= 0 && rename(from, to) == 0 && fsync(fd) == 0) ||
	                fail(error, RESTORE_ERROR_FAILED, "%s cannot get its name: %s", to, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}

static gboolean restore_one(const RestoreRequest *request, guint i, RestoreResult *result, GError **error)
{
	g_auto(Place) place = {0};
	if (!place_of(request, i, &place, error))
		return FALSE;
	g_autofree char *home = archive_mailbox_path(request->archive, place.options.mailbox),
					*making = g_strconcat(place.directory, RESTORING, NULL);
	if (g_file_test(place.directory, G_FILE_TEST_EXISTS))
		return fail(error, RESTORE_ERROR_THERE, "%s is there already: a restore is for a bare host; move it away if it is lost", place.directory);
	if (request->progress != NULL)
		request->progress(place.options.mailbox, request->user);
	if (!check_archive(request, &place, home, result, error))
		return FALSE;
	g_autoptr(ArchiveManifest) manifest = archive_manifest_read(home, place.verifier, error);
	if (manifest == NULL)
		return FALSE;
	if (memcmp(manifest->store_id, escrow_store_id(request->escrow), sizeof manifest->store_id) != 0)
		return fail(error, RESTORE_ERROR_STORES, "the archive and the keys are of two stores: name the right sheet");
	nftw(making, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* of a restore that was cut off */
	LedgerOptions options = place.options;
	options.directory = making;
	g_autoptr(LedgerBuild) build = ledger_build_new(&options, error);
	return build != NULL && fill(request, home, manifest, build, result, error) && give_name(making, place.directory, error);
}

gboolean restore_books(const RestoreRequest *request, RestoreResult *result, GError **error)
{
	GError *cause = NULL;
	memset(result, 0, sizeof *result);
	result->faults = g_ptr_array_new_with_free_func(g_free);
	const char *state = request->state != NULL ? request->state : request->config->state_directory;
	if (mkdir(state, 0700) != 0 && errno != EEXIST)
		return fail(error, RESTORE_ERROR_FAILED, "%s cannot be made: %s", state, g_strerror(errno));
	for (guint i = 0; i < request->config->n_mailboxes; i++)
		if (!restore_one(request, i, result, &cause))
			return wrap(error, cause);
	return TRUE;
}

gboolean restore_try(const RestoreRequest *request, guint i, LedgerCheck *check, GError **error)
{
	GError *cause = NULL;
	g_auto(Place) place = {0};
	g_autoptr(Ledger) ledger = place_of(request, i, &place, &cause) ? ledger_open(&place.options, &cause) : NULL;
	return (ledger != NULL && ledger_check(ledger, check, NULL, NULL, &cause)) || wrap(error, cause);
}

/* --- keys ---------------------------------------------------------------------------------------------------------------------- */

static gboolean write_store_id(const Config *config, const Escrow *escrow, GError **error)
{
	char hex[2 * CUSTODY_STORE + 2];
	g_autofree char *path = init_store_id_path(config->state_directory);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	sodium_bin2hex(hex, sizeof hex, escrow_store_id(escrow), CUSTODY_STORE);
	hex[2 * CUSTODY_STORE] = '\n';
	return private_file_write(path, hex, 2 * CUSTODY_STORE + 1, 0400, error);
}

static gboolean write_signers(const Config *config, const Escrow *escrow, GString *verifiers, GError **error)
{
	const char *origin;
	const guint8 *seed;
	for (guint i = 0; escrow_log(escrow, i, &origin, &seed); i++) {
		g_autofree char *mailbox = g_strndup(origin, strcspn(origin, "/")), *name = g_strconcat(mailbox, ".sign", NULL),
						*path = stopped_key_path(config, name);
		g_autoptr(NoteSigner) signer = note_signer_from_seed(origin, seed, error);
		if (signer == NULL || (!g_file_test(path, G_FILE_TEST_EXISTS) && !note_signer_save(signer, path, error)))
			return FALSE;
		g_autofree char *verifier = note_signer_verifier(signer);
		g_string_append_printf(verifiers, "%s\n", verifier);
	}
	return TRUE;
}

static gboolean write_keys(const Config *config, const Escrow *escrow, GError **error)
{
	g_autoptr(GString) verifiers = g_string_new(NULL);
	g_autofree char *keys = stopped_key_path(config, ""), *top = g_path_get_dirname(config->file),
					*log_pub = g_build_filename(top, "log.pub", NULL);
	const char *custody = g_str_has_prefix(config->custody_key, "file:") ? config->custody_key + strlen("file:") : NULL;
	if (mkdir(keys, 0700) != 0 && errno != EEXIST)
		return fail(error, RESTORE_ERROR_FAILED, "%s cannot be made: %s", keys, g_strerror(errno));
	if (custody != NULL && !g_file_test(custody, G_FILE_TEST_EXISTS) && !custody_key_save(escrow_custody(escrow), custody, error))
		return FALSE;
	return write_signers(config, escrow, verifiers, error) &&
	       (g_file_test(log_pub, G_FILE_TEST_EXISTS) || private_file_write(log_pub, verifiers->str, verifiers->len, 0644, error));
}

gboolean restore_keys(const Config *config, const Escrow *escrow, GError **error)
{
	GError *cause = NULL;
	return (write_keys(config, escrow, &cause) &&
	        (!g_file_test(config->state_directory, G_FILE_TEST_IS_DIR) || write_store_id(config, escrow, &cause))) ||
	       wrap(error, cause);
}

/* --- what is known outside -------------------------------------------------------------------------------------------------------- */

/* Of "ADDRESS:2026/17" the number, where the address is this mailbox's; of a number alone itself, where there is one mailbox. */
static const char *number_for(const Config *config, guint i, const char *text)
{
	const char *colon = strrchr(text, ':'), *address = config->mailboxes[i].address;
	if (colon == NULL)
		return config->n_mailboxes == 1 ? text : NULL;
	return strlen(address) == (gsize)(colon - text) && strncmp(address, text, (gsize)(colon - text)) == 0 ? colon + 1 : NULL;
}

static gboolean is_of(const NoteSigner *signer, const char *checkpoint)
{
	guint64 size;
	guint8 root[NOTE_ROOT];
	g_autofree char *line = note_signer_verifier(signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, NULL);
	return verifier != NULL && note_verify_checkpoint(checkpoint, verifier, &size, root, NULL);
}

static gboolean check_outside(const Stopped *stopped, const RestoreOutside *outside, GError **error)
{
	const Config *config = stopped->config;
	for (guint k = 0; outside->highest != NULL && outside->highest[k] != NULL; k++) {
		gboolean any = FALSE;
		for (guint i = 0; i < config->n_mailboxes; i++)
			any = any || number_for(config, i, outside->highest[k]) != NULL;
		if (!any)
			return fail(error, RESTORE_ERROR_NUMBER, "%s is of no mailbox here: write it like 2026/17, with several mailboxes like %s:2026/17",
			            outside->highest[k], config->mailboxes[0].address);
	}
	for (guint k = 0; outside->checkpoints != NULL && outside->checkpoints[k] != NULL; k++) {
		gboolean any = FALSE;
		for (guint i = 0; i < config->n_mailboxes && !any; i++)
			any = is_of(stopped->signers[i], outside->checkpoints[k]);
		if (!any)
			return fail(error, RESTORE_ERROR_CHECKPOINT, "the checkpoint from outside is of none of these registers, or is not signed: name another");
	}
	return TRUE;
}

/* The largest of this log. */
static const char *checkpoint_for(const NoteVerifier *verifier, const RestoreOutside *outside)
{
	const char *best = NULL;
	guint64 best_size = 0, size;
	guint8 root[NOTE_ROOT];
	for (guint k = 0; outside->checkpoints != NULL && outside->checkpoints[k] != NULL; k++)
		if (note_verify_checkpoint(outside->checkpoints[k], verifier, &size, root, NULL) && (best == NULL || size > best_size)) {
			best = outside->checkpoints[k];
			best_size = size;
		}
	return best;
}

static gboolean resume_one(const Stopped *stopped, guint i, const RestoreOutside *outside, GError **error)
{
	const LedgerOptions options = stopped_options(stopped, i, NULL);
	g_autofree char *line = note_signer_verifier(options.signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, error);
	g_autoptr(GPtrArray) highest = g_ptr_array_new();
	for (guint k = 0; outside->highest != NULL && outside->highest[k] != NULL; k++) {
		const char *number = number_for(stopped->config, i, outside->highest[k]);
		if (number != NULL)
			g_ptr_array_add(highest, (gpointer)number);
	}
	g_ptr_array_add(highest, NULL);
	const char *checkpoint = verifier != NULL ? checkpoint_for(verifier, outside) : NULL;
	g_autoptr(Ledger) ledger = verifier != NULL ? ledger_open(&options, error) : NULL;
	return ledger != NULL && ledger_resume(ledger, (const char *const *)highest->pdata, checkpoint, error);
}

gboolean restore_resume(const Config *config, const RestoreOutside *outside, GError **error)
{
	GError *cause = NULL;
	g_autoptr(Stopped) stopped = stopped_new(config, NULL, &cause);
	if (stopped == NULL || !check_outside(stopped, outside, &cause))
		return wrap(error, cause);
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (!resume_one(stopped, i, outside, &cause))
			return wrap(error, cause);
	return TRUE;
}
