/* SPDX-License-Identifier: ISC */
#include "store/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/base64.h"
#include "store/merkle.h"
#include "store/private-file.h"
#include "store/receipt.h"

#define FIRST_LINE "senim-witness 1\n"
#define FILE_MAX_SIZE (16 * 1024 * 1024) /* a checkpoint a day for five hundred years */

typedef struct {
	guint64 size;
	guint8 root[NOTE_ROOT];
	gint64 time;
	gboolean lost;
} Seen;

typedef struct {
	const WitnessOptions *options;
	AddCheckpoint request;
	char *path;
	char *text;  /* the file as it is; NULL: there is none */
	GArray *seen; /* Seen */
	char *note;
} Look;

static void look_clear(Look *look)
{
	add_checkpoint_clear(&look->request);
	g_free(look->path);
	g_free(look->text);
	g_clear_pointer(&look->seen, g_array_unref);
	g_free(look->note);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

void witness_result_clear(WitnessResult *result)
{
	g_free(result->origin);
	g_free(result->answer);
	g_free(result->evidence);
	memset(result, 0, sizeof *result);
}

gboolean witness_is_refusal(WitnessVerdict verdict)
{
	return verdict >= WITNESS_FORKED;
}

const char *witness_verdict_word(WitnessVerdict verdict)
{
	static const char *const words[] = {
		[WITNESS_FIRST] = "first",       [WITNESS_GROWN] = "grown",         [WITNESS_SAME] = "same",
		[WITNESS_OLDER] = "older",       [WITNESS_GAP] = "gap",             [WITNESS_RESTORED] = "restored",
		[WITNESS_FORKED] = "forked",     [WITNESS_SHORTENED] = "shortened", [WITNESS_UNPROVEN] = "unproven",
	};
	return words[verdict];
}

/* --- the file -------------------------------------------------------------------------------------------------------- */

static char *hash_name(const char *origin)
{
	guint8 hash[crypto_hash_sha256_BYTES];
	char *hex = g_malloc(2 * sizeof hash + 1);
	crypto_hash_sha256(hash, (const guint8 *)origin, strlen(origin));
	return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static gboolean read_seen(const char *line, Seen *seen)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	if (g_strv_length(words) != 4)
		return FALSE;
	guint64 time;
	seen->lost = strcmp(words[0], "lost") == 0;
	gboolean good = (seen->lost || strcmp(words[0], "seen") == 0) &&
	                g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &seen->size, NULL) &&
	                base64_read_exactly(words[2], strlen(words[2]), TRUE, seen->root, sizeof seen->root) &&
	                g_ascii_string_to_unsigned(words[3], 10, 0, G_MAXINT64, &time, NULL);
	seen->time = good ? (gint64)time : 0;
	return good;
}

static gboolean read_lines(Look *look)
{
	const char *blank = strstr(look->text, "\n\n");
	if (blank == NULL || !g_str_has_prefix(look->text, FIRST_LINE))
		return FALSE;
	g_autofree char *head = g_strndup(look->text + strlen(FIRST_LINE), (gsize)(blank - look->text) - strlen(FIRST_LINE));
	g_auto(GStrv) lines = g_strsplit(head, "\n", -1);
	if (g_strcmp0(lines[0], look->request.origin) != 0)
		return FALSE;
	for (char **line = lines + 1; *line != NULL; line++) {
		Seen seen;
		if (!read_seen(*line, &seen))
			return FALSE;
		g_array_append_val(look->seen, seen);
	}
	look->note = g_strdup(blank + 2);
	return look->seen->len > 0;
}

static gboolean read_file(Look *look, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gsize size;
	look->seen = g_array_new(FALSE, TRUE, sizeof(Seen));
	if (!g_file_get_contents(look->path, &look->text, &size, &cause)) {
		if (g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if (size <= FILE_MAX_SIZE && strlen(look->text) == size && read_lines(look))
		return TRUE;
	g_set_error(error, NOTE_ERROR, NOTE_ERROR_FORM, "%s is not what a witness has kept: put it back from a copy, and take nothing until then",
	            look->path);
	return FALSE;
}

/* The one that was taken last. */
static const Seen *last_of(const Look *look)
{
	return look->seen->len > 0 ? &g_array_index(look->seen, Seen, look->seen->len - 1) : NULL;
}

/* Of that size, and not lost; the newest. */
static const Seen *find_seen(const Look *look, guint64 size)
{
	for (guint i = look->seen->len; i > 0; i--) {
		const Seen *seen = &g_array_index(look->seen, Seen, i - 1);
		if (seen->size == size && !seen->lost)
			return seen;
	}
	return NULL;
}

static char *write_lines(const Look *look, const char *note)
{
	GString *out = g_string_new(FIRST_LINE);
	g_string_append_printf(out, "%s\n", look->request.origin);
	for (guint i = 0; i < look->seen->len; i++) {
		const Seen *seen = &g_array_index(look->seen, Seen, i);
		g_autofree char *root = g_base64_encode(seen->root, sizeof seen->root);
		g_string_append_printf(out, "%s %" G_GUINT64_FORMAT " %s %" G_GINT64_FORMAT "\n", seen->lost ? "lost" : "seen", seen->size,
		                       root, seen->time);
	}
	g_string_append_printf(out, "\n%s", note);
	return g_string_free(out, FALSE);
}

/* --- what is kept, what is refused ----------------------------------------------------------------------------------- */

/* The log's own text and signatures, and ours under it. */
static char *cosign(const Look *look, GError **error)
{
	if (look->options->signer == NULL)
		return g_strdup(look->request.note);
	const char *end = strstr(look->request.note, "\n\n");
	g_autofree char *text = g_strndup(look->request.note, (gsize)(end - look->request.note) + 1);
	g_autofree char *line = note_cosign(text, look->options->signer, look->options->now, error);
	return line != NULL ? g_strconcat(look->request.note, line, NULL) : NULL;
}

static gboolean keep(Look *look, WitnessResult *result, GError **error)
{
	const Seen *last = last_of(look);
	if (last == NULL || last->lost || last->size != look->request.size) {
		Seen seen = {.size = look->request.size, .time = look->options->now};
		memcpy(seen.root, look->request.root, sizeof seen.root);
		g_array_append_val(look->seen, seen);
	}
	g_autofree char *note = cosign(look, error);
	g_autofree char *text = note != NULL ? write_lines(look, note) : NULL;
	if (text == NULL || !private_file_replace(look->path, text, strlen(text), 0600, error))
		return FALSE;
	result->answer = g_steal_pointer(&note);
	return TRUE;
}

/* The same request brings the same file: nothing is written over, and a mail that is looked at twice fills no disk. */
static gboolean keep_evidence(const Look *look, const char *request, gsize size, WitnessResult *result, GError **error)
{
	guint8 hash[crypto_hash_sha256_BYTES];
	char hex[2 * 8 + 1];
	g_autofree char *directory = g_build_filename(look->options->directory, "evidence", NULL);
	g_autofree char *name = hash_name(look->request.origin);
	g_autoptr(GString) all = g_string_new("This request was refused:\n\n");
	g_string_append_len(all, request, (gssize)size);
	g_string_append_printf(all, "\n\nThis was kept of the register when it came:\n\n%s", look->text != NULL ? look->text : "");
	crypto_hash_sha256(hash, (const guint8 *)all->str, all->len);
	sodium_bin2hex(hex, sizeof hex, hash, 8);
	g_free(result->evidence); /* of a restore that was not accepted it was kept already */
	result->evidence = g_strdup_printf("%s/%.16s-%s-%s.txt", directory, name, witness_verdict_word(result->verdict), hex);
	if (g_mkdir_with_parents(directory, 0700) != 0) {
		g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "cannot make %s: %s", directory, g_strerror(errno));
		return FALSE;
	}
	return g_file_test(result->evidence, G_FILE_TEST_EXISTS) || private_file_write(result->evidence, all->str, all->len, 0600, error);
}

/* --- the verdict ------------------------------------------------------------------------------------------------------ */

static gboolean proof_leads(const Look *look, const guint8 root[NOTE_ROOT])
{
	gsize size;
	const AddCheckpoint *request = &look->request;
	const guint8 *proof = g_bytes_get_data(request->proof, &size);
	return merkle_verify_consistency(request->old, root, request->size, request->root, proof, size / MERKLE_HASH);
}

static WitnessVerdict judge(const Look *look)
{
	const AddCheckpoint *request = &look->request;
	const Seen *last = last_of(look), *same = find_seen(look, request->size), *from = find_seen(look, request->old);
	if (last == NULL)
		return WITNESS_FIRST;
	if (same != NULL && memcmp(same->root, request->root, sizeof same->root) != 0)
		return WITNESS_FORKED;
	if (same != NULL)
		return same == last ? WITNESS_SAME : WITNESS_OLDER;
	if (request->size < last->size)
		return WITNESS_SHORTENED;
	if (from != NULL && !proof_leads(look, from->root))
		return WITNESS_UNPROVEN;
	return from == last ? WITNESS_GROWN : WITNESS_GAP;
}

/* Does it go on from a checkpoint that was seen, behind an entry RESTORED that stands in it? */
static gboolean is_restored(const Look *look, const NoteVerifier *key, const char *restored)
{
	const AddCheckpoint *request = &look->request;
	g_auto(Receipt) receipt = {.record = NULL};
	Entry entry;
	guint64 size;
	guint8 root[NOTE_ROOT];
	const Seen *from = find_seen(look, request->old);
	return restored != NULL && receipt_read(restored, strlen(restored), key, &receipt, NULL) &&
	       entry_decode(receipt.entry, &entry, NULL) && entry.kind == ENTRY_RESTORED && entry.seq >= request->old &&
	       note_checkpoint_parse(receipt.note, request->origin, &size, root, NULL) && size == request->size &&
	       memcmp(root, request->root, sizeof root) == 0 &&
	       (request->old == 0 ? g_bytes_get_size(request->proof) == 0 : from != NULL && proof_leads(look, from->root));
}

/* What came behind the place from which it goes on is in no register any more. */
static void give_up_lost(Look *look)
{
	for (guint i = 0; i < look->seen->len; i++) {
		Seen *seen = &g_array_index(look->seen, Seen, i);
		seen->lost = seen->lost || seen->size > look->request.old;
	}
}

static gboolean decide(Look *look, const NoteVerifier *key, const char *request, gsize size, const char *restored, WitnessResult *result,
                       GError **error)
{
	const Seen *last = last_of(look);
	result->origin = g_strdup(look->request.origin);
	result->size = look->request.size;
	result->kept = last != NULL ? last->size : 0;
	result->verdict = judge(look);
	if (result->verdict >= WITNESS_GAP)
		result->restored = is_restored(look, key, restored);
	if (result->restored && !keep_evidence(look, request, size, result, error))
		return FALSE;
	if (result->restored && look->options->accept_restored) {
		give_up_lost(look);
		result->verdict = WITNESS_RESTORED;
		return keep(look, result, error);
	}
	if (witness_is_refusal(result->verdict))
		return keep_evidence(look, request, size, result, error);
	if (result->verdict == WITNESS_OLDER || result->verdict == WITNESS_GAP)
		result->answer = g_strdup(look->note);
	return result->answer != NULL || keep(look, result, error);
}

/* By the key of that log, where it is among those; with NULL *error says why none would do. */
static const NoteVerifier *verify(const Look *look, GError **error)
{
	g_autoptr(GError) cause = NULL;
	guint64 size;
	guint8 root[NOTE_ROOT];
	for (guint i = 0; i < look->options->keys->len; i++) {
		const NoteVerifier *key = look->options->keys->pdata[i];
		if (strcmp(note_verifier_name(key), look->request.origin) != 0)
			continue;
		g_clear_error(&cause);
		if (note_verify_checkpoint(look->request.note, key, &size, root, &cause))
			return key;
	}
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	else
		g_set_error_literal(error, NOTE_ERROR, NOTE_ERROR_ORIGIN, "a checkpoint of a log whose key was not given");
	return NULL;
}

static gboolean is_sound(const AddCheckpoint *request, GError **error)
{
	guint8 empty[NOTE_ROOT];
	MerkleTree tree = {0};
	merkle_root(&tree, empty);
	if (request->old <= request->size && (request->size > 0 || memcmp(empty, request->root, sizeof empty) == 0) &&
	    (request->old > 0 || g_bytes_get_size(request->proof) == 0))
		return TRUE;
	g_set_error_literal(error, NOTE_ERROR, NOTE_ERROR_FORM, "a request that proves from a size which cannot be");
	return FALSE;
}

/* One after another, whoever asks. */
static int lock(const char *directory, GError **error)
{
	g_autofree char *path = g_build_filename(directory, "lock", NULL);
	int fd = g_mkdir_with_parents(directory, 0700) == 0 ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "cannot lock %s: %s", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

gboolean witness_take(const WitnessOptions *options, const char *request, gsize size, const char *restored, WitnessResult *result,
                      GError **error)
{
	g_auto(Look) look = {.options = options};
	if (!add_checkpoint_read(request, size, &look.request, error) || !is_sound(&look.request, error))
		return FALSE;
	const NoteVerifier *key = verify(&look, error);
	int fd = key != NULL ? lock(options->directory, error) : -1;
	if (fd < 0)
		return FALSE;
	g_autofree char *name = hash_name(look.request.origin);
	look.path = g_build_filename(options->directory, name, NULL);
	gboolean done = read_file(&look, error) && decide(&look, key, request, size, restored, result, error);
	close(fd);
	return done;
}
