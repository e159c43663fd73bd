/* SPDX-License-Identifier: ISC */
#include "cli/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/config.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "store/merkle.h"

struct Pins {
	GPtrArray *verifiers;
	GPtrArray *lines; /* of log.pub, one for each of them */
	char *file;  /* log.pub */
	char *state; /* directory */
	int lock;    /* of the origin that is being asked, or -1 */
	PinsAsk ask; /* or NULL */
	gpointer user;
};

#define SEEN_MAX 512

static void unlock(Pins *pins)
{
	if (pins->lock >= 0)
		close(pins->lock);
	pins->lock = -1;
}

void pins_free(Pins *pins)
{
	if (pins == NULL)
		return;
	unlock(pins);
	g_ptr_array_unref(pins->verifiers);
	g_ptr_array_unref(pins->lines);
	g_free(pins->file);
	g_free(pins->state);
	g_free(pins);
}

static gboolean read_verifiers(Pins *pins, GError **error)
{
	g_autofree char *text = NULL;
	gsize size;
	if (!g_file_get_contents(pins->file, &text, &size, NULL))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("the registers' public keys cannot be read from %s: ask the administrator for log.pub, and name it with --log-pub"),
		                pins->file);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (**line == '\0')
			continue;
		NoteVerifier *verifier = note_verifier_new(*line, NULL);
		if (verifier == NULL)
			return cli_fail(error, CLI_ERROR_USAGE, _("%s is no list of the registers' public keys: ask the administrator for log.pub"),
			                pins->file);
		g_ptr_array_add(pins->verifiers, verifier);
		g_ptr_array_add(pins->lines, g_strdup(*line));
	}
	return TRUE;
}

static gboolean make_state(Pins *pins, GError **error)
{
	if (g_mkdir_with_parents(pins->state, 0700) == 0 && access(pins->state, W_OK | X_OK) == 0)
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be made or written (%s): control marks must be kept there"),
	                pins->state, g_strerror(errno));
}

Pins *pins_load(const char *log_pub, const char *state, GError **error)
{
	g_autoptr(Pins) pins = g_new0(Pins, 1);
	pins->verifiers = g_ptr_array_new_with_free_func((GDestroyNotify)note_verifier_free);
	pins->lines = g_ptr_array_new_with_free_func(g_free);
	pins->file = g_strdup(log_pub);
	pins->lock = -1;
	pins->state = state != NULL ? g_strdup(state) : g_build_filename(g_get_user_state_dir(), "senim", NULL);
	return read_verifiers(pins, error) && make_state(pins, error) ? g_steal_pointer(&pins) : NULL;
}

void pins_ask(Pins *pins, PinsAsk ask, gpointer user)
{
	pins->ask = ask;
	pins->user = user;
}

const NoteVerifier *pins_verifier(const Pins *pins, const char *origin)
{
	for (guint i = 0; i < pins->verifiers->len; i++)
		if (strcmp(note_verifier_name(pins->verifiers->pdata[i]), origin) == 0)
			return pins->verifiers->pdata[i];
	return NULL;
}

const char *pins_origin(const Pins *pins, guint i)
{
	return i < pins->verifiers->len ? note_verifier_name(pins->verifiers->pdata[i]) : NULL;
}

const char *pins_line(const Pins *pins, const char *origin)
{
	for (guint i = 0; i < pins->verifiers->len; i++)
		if (strcmp(note_verifier_name(pins->verifiers->pdata[i]), origin) == 0)
			return pins->lines->pdata[i];
	return NULL;
}

gboolean pins_check_origin(const Pins *pins, const char *mailbox, const char *origin, GError **error)
{
	g_autofree char *spelled = config_mailbox_spelling(mailbox);
	g_autofree char *prefix = g_strconcat(spelled, "/", NULL);
	g_autofree char *shown = escape_text(mailbox, -1, ESCAPE_LINE);
	if (!g_str_has_prefix(origin, prefix) || pins_verifier(pins, origin) == NULL)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the register of %s is not one that %s vouches for, so nothing was opened: compare log.pub with the administrator's by telephone, and tell the supervisor where it differs"),
		                shown, pins->file);
	return TRUE;
}

static char *path_of(const Pins *pins, const char *origin, const char *suffix)
{
	g_autofree char *name = g_strconcat(origin, suffix, NULL);
	g_strdelimit(name, "/", '+');
	return g_build_filename(pins->state, name, NULL);
}

/* *note NULL: none is kept. */
static gboolean read_kept(const Pins *pins, const char *origin, char **note, guint64 *size, guint8 root[NOTE_ROOT],
                          GError **error)
{
	g_autofree char *path = path_of(pins, origin, ".checkpoint");
	g_autoptr(GError) cause = NULL;
	*note = NULL;
	*size = 0;
	if (!g_file_get_contents(path, note, NULL, &cause)) {
		if (g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		return cli_fail(error, CLI_ERROR_FAILED, _("the kept control mark %s cannot be read (%s): nothing is opened without it"),
		                path, cause->message);
	}
	if (note_verify_checkpoint(*note, pins_verifier(pins, origin), size, root, NULL))
		return TRUE;
	g_clear_pointer(note, g_free);
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the kept control mark %s was altered, so nothing is opened: tell the supervisor, and move the file away once that is settled"),
	                path);
}

gboolean pins_kept(const Pins *pins, const char *origin, guint64 *size, guint8 root[NOTE_ROOT], GError **error)
{
	g_autofree char *note = NULL;
	return read_kept(pins, origin, &note, size, root, error);
}

static gboolean lock(Pins *pins, const char *origin, GError **error)
{
	g_autofree char *path = path_of(pins, origin, ".lock");
	unlock(pins);
	pins->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (pins->lock < 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be made or written (%s): control marks must be kept there"),
		                pins->state, g_strerror(errno));
	while (flock(pins->lock, LOCK_EX) != 0 && errno == EINTR)
		;
	return TRUE;
}

gboolean pins_known(Pins *pins, const char *origin, guint64 *size, GError **error)
{
	guint8 root[NOTE_ROOT];
	return lock(pins, origin, error) && pins_kept(pins, origin, size, root, error);
}

/* Whole and on disk under its name, or not there. exclusive: an existing file stays. */
static gboolean write_file(const char *path, const char *text, gboolean exclusive, GError **error)
{
	g_autofree char *temporary = g_strconcat(path, exclusive ? "" : ".new", NULL);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (exclusive ? O_EXCL : O_TRUNC), 0600);
	gsize size = strlen(text);
	gboolean done = fd >= 0 && write(fd, text, size) == (gssize)size && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (done && !exclusive && rename(temporary, path) != 0) {
		why = errno;
		done = FALSE;
	}
	g_autofree char *directory = g_path_get_dirname(path);
	int at = done ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (at >= 0) {
		done = fsync(at) == 0;
		close(at);
	}
	return done || cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be written (%s): make room or mend its rights"), path,
	                        g_strerror(why));
}

static void append_hashes(GString *text, const guint8 *hashes, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *hash = g_base64_encode(hashes + i * NOTE_ROOT, NOTE_ROOT);
		g_string_append_printf(text, "%s\n", hash);
	}
}

/* --- the checkpoints that were kept before ---------------------------------------------------------------------------- */

/* A line that is none ends it: what is left out proves less, and nothing wrong. */
static GArray *read_seen(const Pins *pins, const char *origin)
{
	g_autofree char *path = path_of(pins, origin, ".seen"), *text = NULL;
	GArray *seen = g_array_new(FALSE, FALSE, sizeof(PinsSeen));
	g_auto(GStrv) lines = g_file_get_contents(path, &text, NULL, NULL) ? g_strsplit(text, "\n", -1) : NULL;
	for (char **line = lines; line != NULL && *line != NULL; line++) {
		PinsSeen one;
		gsize size = 0;
		char *blank = strchr(*line, ' ');
		g_autofree guchar *root = blank != NULL ? g_base64_decode(blank + 1, &size) : NULL;
		if (blank != NULL)
			*blank = '\0';
		if (size != NOTE_ROOT || !g_ascii_string_to_unsigned(*line, 10, 1, G_MAXINT64, &one.size, NULL))
			break;
		memcpy(one.root, root, NOTE_ROOT);
		g_array_append_val(seen, one);
	}
	return seen;
}

/* Of the older half every other one goes where there are too many: what is long past needs no fine steps. */
static gboolean write_seen(const Pins *pins, const char *origin, const GArray *seen, GError **error)
{
	g_autofree char *path = path_of(pins, origin, ".seen");
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < seen->len; i++) {
		const PinsSeen *one = &g_array_index(seen, PinsSeen, i);
		g_autofree char *root = g_base64_encode(one->root, NOTE_ROOT);
		if (seen->len <= SEEN_MAX || i >= seen->len / 2 || i % 2 == 0)
			g_string_append_printf(text, "%" G_GUINT64_FORMAT " %s\n", one->size, root);
	}
	return write_file(path, text->str, FALSE, error);
}

/* The kept one makes room for a newer: those of a register that was restored end where both part. */
static gboolean keep_seen(const Pins *pins, const char *origin, const PinsSeen *kept, guint64 below, GError **error)
{
	g_autoptr(GArray) seen = read_seen(pins, origin);
	if (kept->size > 0)
		g_array_append_val(seen, *kept);
	while (seen->len > 0 && g_array_index(seen, PinsSeen, seen->len - 1).size > below)
		g_array_set_size(seen, seen->len - 1);
	return write_seen(pins, origin, seen, error);
}

/* --- what cannot both be true ------------------------------------------------------------------------------------------- */

/* What came from the desk, as it came. */
typedef struct {
	const char *kept, *note;
	const guint8 *consistency;
	gsize n;
} Offer;

/* Both signed checkpoints contradict each other: whoever holds them can show it to anyone. The path (transfer full). */
static char *keep_evidence(const Pins *pins, const char *origin, const Offer *offer, const char *restored, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *stamp = g_date_time_format(now, ".evidence-%Y%m%dT%H%M%S");
	g_autofree char *micro = g_strdup_printf("%s.%06d", stamp, g_date_time_get_microsecond(now));
	g_autofree char *path = path_of(pins, origin, micro);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "kept:\n%s\noffered:\n%s\nconsistency proof offered (%" G_GSIZE_FORMAT "):\n", offer->kept,
	                       offer->note, offer->n);
	append_hashes(text, offer->consistency, offer->n);
	if (restored != NULL)
		g_string_append_printf(text, "\ntaken on the word of:\n%s", restored);
	return write_file(path, text->str, TRUE, error) ? g_steal_pointer(&path) : NULL;
}

static gboolean refuse(const Pins *pins, const char *origin, const Offer *offer, gboolean smaller, GError **error)
{
	g_autofree char *path = keep_evidence(pins, origin, offer, NULL, error);
	if (path == NULL)
		return FALSE;
	if (smaller)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the register is shorter than when you last looked, so nothing was opened: tell the supervisor and the other officers at once, not the administrator of the mail host alone, and give them %s"),
		                path);
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the register is not the one you last looked at: something in it was changed, so nothing was opened: tell the supervisor and the other officers at once, not the administrator of the mail host alone, and give them %s"),
	                path);
}

/* --- taking one ------------------------------------------------------------------------------------------------------- */

/* The kept one is known by its root: a file's time is that of its last copy. */
static gboolean keep_since(const Pins *pins, const char *origin, const PinsSeen *offered, GError **error)
{
	g_autofree char *root = g_base64_encode(offered->root, NOTE_ROOT);
	g_autofree char *word = g_strdup_printf("%s %" G_GINT64_FORMAT, root, g_get_real_time());
	return pins_keep_word(pins, origin, "since", word, error);
}

/* Where power went between the moment and its checkpoint, and the kept one is still the older: its file's time, never too early. */
static gint64 kept_since(const Pins *pins, const char *origin, const PinsSeen *kept)
{
	struct stat st;
	guint64 since;
	g_autofree char *word = pins_word(pins, origin, "since", NULL), *root = g_base64_encode(kept->root, NOTE_ROOT);
	g_auto(GStrv) parts = g_strsplit(word != NULL ? word : "", " ", 2);
	if (g_strv_length(parts) == 2 && strcmp(parts[0], root) == 0 &&
	    g_ascii_string_to_unsigned(parts[1], 10, 1, G_MAXINT64, &since, NULL))
		return (gint64)since;
	g_autofree char *path = path_of(pins, origin, ".checkpoint");
	return stat(path, &st) == 0 ? st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000 : G_MAXINT64;
}

static gboolean replace(const Pins *pins, const char *origin, const Offer *offer, const PinsSeen *kept, const PinsSeen *offered,
                        GError **error)
{
	g_autofree char *path = path_of(pins, origin, ".checkpoint");
	return keep_seen(pins, origin, kept, offered->size, error) && keep_since(pins, origin, offered, error) &&
	       write_file(path, offer->note, FALSE, error);
}

/* Power may go behind each step. The evidence comes first, so what she saw is always on disk; until the checkpoint is replaced
 * the same is asked once more, so the entry is used up behind it; lost there, its moment still is before the kept one's. */
static gboolean take_across(const Pins *pins, const char *origin, const Offer *offer, const PinsSeen *kept,
                            const PinsSeen *offered, GError **error)
{
	GError *cause = NULL;
	PinsTaken taken = {0};
	g_autofree char *used = pins_word(pins, origin, "restored", &cause), *evidence = NULL, *proof = NULL, *now = NULL;
	g_autoptr(GArray) seen = read_seen(pins, origin);
	const PinsBreak broken = {origin, pins_verifier(pins, origin), *kept, *offered, kept_since(pins, origin, kept), seen,
	                          used != NULL ? used : ""};
	gboolean yes = cause == NULL && pins->ask != NULL && pins->ask(&broken, &taken, pins->user, &cause);
	proof = taken.evidence;
	now = taken.used;
	if (cause != NULL) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	if (!yes)
		return refuse(pins, origin, offer, offered->size < kept->size, error);
	const PinsSeen none = {0};
	evidence = keep_evidence(pins, origin, offer, proof, error);
	return evidence != NULL && keep_seen(pins, origin, &none, taken.common, error) &&
	       replace(pins, origin, offer, &none, offered, error) && pins_keep_word(pins, origin, "restored", now, error);
}

static gboolean take(Pins *pins, const char *origin, const Offer *from, const PinsSeen *offered, GError **error)
{
	PinsSeen kept = {0};
	Offer offer = *from;
	g_autofree char *note = NULL;
	if (!read_kept(pins, origin, &note, &kept.size, kept.root, error))
		return FALSE;
	offer.kept = note;
	if (note != NULL &&
	    (offered->size < kept.size ||
	     !merkle_verify_consistency(kept.size, kept.root, offered->size, offered->root, offer.consistency, offer.n)))
		return take_across(pins, origin, &offer, &kept, offered, error);
	if (note != NULL && offered->size == kept.size)
		return TRUE;
	return replace(pins, origin, &offer, &kept, offered, error);
}

gboolean pins_take(Pins *pins, const char *origin, const char *note, const guint8 *consistency, gsize n, guint64 *size,
                   guint8 root[NOTE_ROOT], GError **error)
{
	const NoteVerifier *verifier = pins_verifier(pins, origin);
	g_return_val_if_fail(verifier != NULL, FALSE);
	if (!note_verify_checkpoint(note, verifier, size, root, NULL))
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the register's control mark is not signed with the key in %s, so nothing was opened: tell the supervisor"),
		                pins->file);
	PinsSeen offered = {.size = *size};
	memcpy(offered.root, root, NOTE_ROOT);
	const Offer offer = {NULL, note, consistency, n};
	gboolean taken = (pins->lock >= 0 || lock(pins, origin, error)) && take(pins, origin, &offer, &offered, error);
	unlock(pins);
	return taken;
}

/* --- words that are kept ---------------------------------------------------------------------------------------------- */

char *pins_word(const Pins *pins, const char *origin, const char *what, GError **error)
{
	g_autofree char *suffix = g_strconcat(".", what, NULL), *path = path_of(pins, origin, suffix);
	g_autoptr(GError) cause = NULL;
	char *word = NULL;
	if (g_file_get_contents(path, &word, NULL, &cause))
		return g_strchomp(word);
	if (!g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be read (%s): nothing is opened without it"), path, cause->message);
	return NULL;
}

gboolean pins_keep_word(const Pins *pins, const char *origin, const char *what, const char *word, GError **error)
{
	g_autofree char *suffix = g_strconcat(".", what, NULL), *path = path_of(pins, origin, suffix);
	g_autofree char *line = g_strconcat(word, "\n", NULL);
	return write_file(path, line, FALSE, error);
}

/* --- who read when she last looked ---------------------------------------------------------------------------------- */

char *pins_readers(const Pins *pins, const char *origin)
{
	g_autofree char *path = path_of(pins, origin, ".readers");
	char *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

gboolean pins_keep_readers(const Pins *pins, const char *origin, const char *text, GError **error)
{
	g_autofree char *path = path_of(pins, origin, ".readers");
	return write_file(path, text, FALSE, error);
}
