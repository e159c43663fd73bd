/* SPDX-License-Identifier: ISC */
#include "cli/index.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/octets.h"
#include "cli/cli.h"
#include "cli/face.h"
#include "policy/stem.h"
#include "store/age.h"
#include "store/private-file.h"

#define MAGIC "SENIMIX1"
#define HEAD 88
#define SIGNED_FROM 72
#define LEAST (64u * 1024)
#define FILE_MAX (128u * 1024 * 1024)
#define DOC_HEAD 42 /* octets of a document before its texts, behind its length */
#define PREFIX "search-"

struct Index {
	GBytes *main, *recent; /* decrypted */
	GArray *docs;
	gint64 checked;
};

struct IndexText {
	WipeBuffer *octets; /* the document as it lies in a file */
};

/* --- files --------------------------------------------------------------------------------------------------------- */

static char *directory_of(const char *directory)
{
	return directory != NULL ? g_strdup(directory) : g_build_filename(g_get_user_state_dir(), "senim", NULL);
}

static char *digest_of(const char *first, const char *second)
{
	g_autofree char *text = g_strdup_printf("senim-index/1\n%s\n%s", first, second);
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

/* The name says nothing but that it is another one for another store, officer or key; what NULL: how those of all her keys begin. */
static char *path_of(const IndexPlace *place, const char *what)
{
	g_autofree char *whose = digest_of(place->store, place->officer), *directory = directory_of(place->directory);
	g_autoptr(KeyfilePublic) mine = keyfile_public(place->keys, 0);
	g_autofree char *key = digest_of(whose, mine->card);
	g_autofree char *name = what == NULL                ? g_strdup_printf(PREFIX "%.16s-", whose)
	                        : strcmp(what, "lock") == 0 ? g_strdup_printf(PREFIX "%.16s.lock", whose)
	                                                    : g_strdup_printf(PREFIX "%.16s-%.8s.%s", whose, key, what);
	return g_build_filename(directory, name, NULL);
}

static gboolean fail_file(const char *path, const char *why, GError **error)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE), *reason = escape_text(why, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the search index %s cannot be used (%s): senim search --forget destroys it, and searching begins anew"),
	                shown, reason);
}

/* The lock goes with the descriptor. */
static int lock_it(const IndexPlace *place, GError **error)
{
	g_autofree char *path = path_of(place, "lock");
	g_autofree char *directory = g_path_get_dirname(path);
	g_mkdir_with_parents(directory, 0700);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), locked = -1;
	if (fd >= 0)
		do
			locked = flock(fd, LOCK_EX);
		while (locked != 0 && errno == EINTR);
	if (locked == 0)
		return fd;
	fail_file(path, g_strerror(errno), error);
	if (fd >= 0)
		close(fd);
	return -1;
}

typedef int Lock;
static void lock_clear(Lock *lock)
{
	if (*lock >= 0)
		close(*lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lock, lock_clear)

/* --- one file ------------------------------------------------------------------------------------------------------- */

static char *signed_text(const IndexPlace *place, const char *what, const guint8 *content, gsize n)
{
	guint8 digest[32];
	char hex[2 * sizeof digest + 1];
	crypto_generichash(digest, sizeof digest, content + SIGNED_FROM, HEAD - SIGNED_FROM + n, NULL, 0);
	return g_strdup_printf("senim-index/1\n%s\n%s\n%s\n", place->store, what, sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

/* What was decrypted is hers, whole, and of this place: *n octets of documents. */
static gboolean check(const IndexPlace *place, const char *what, const guint8 *content, gsize size, gsize *n)
{
	if (size < LEAST || memcmp(content, MAGIC, strlen(MAGIC)) != 0 || octets_get(content + SIGNED_FROM, 8) > size - HEAD)
		return FALSE;
	*n = (gsize)octets_get(content + SIGNED_FROM, 8);
	g_autofree char *text = signed_text(place, what, content, *n);
	g_autoptr(KeyfilePublic) mine = keyfile_public(place->keys, 0);
	return keyfile_public_verify(mine->sign, text, strlen(text), content + strlen(MAGIC));
}

/* Decrypted (transfer full); NULL without *error: there is none. */
static GBytes *read_file(const IndexPlace *place, const char *what, gsize *n, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *path = path_of(place, what);
	gsize size;
	struct stat st = {0};
	*n = 0;
	if (stat(path, &st) != 0 && errno == ENOENT)
		return NULL;
	/* Its own size, not the largest: all that room would be wiped behind it, at each opening. */
	g_autoptr(GBytes) file = private_file_read(path, (gsize)CLAMP(st.st_size, 1, FILE_MAX), TRUE, &cause);
	g_autoptr(AgeIdentity) identity = file != NULL ? age_identity_parse(keyfile_card_identity(place->keys), &cause) : NULL;
	const void *data = identity != NULL ? g_bytes_get_data(file, &size) : NULL;
	g_autoptr(GBytes) plain = data != NULL ? age_file_open(data, size, identity, &cause) : NULL;
	if (plain == NULL) {
		gboolean other = g_error_matches(cause, AGE_ERROR, AGE_ERROR_NO_MATCH);
		fail_file(path, other ? _("it is sealed to another key") : cause->message, error);
		return NULL;
	}
	const guint8 *content = g_bytes_get_data(plain, &size);
	if (check(place, what, content, size, n))
		return g_steal_pointer(&plain);
	fail_file(path, _("it was altered, or is that of another store"), error);
	return NULL;
}

static gsize padded(gsize size)
{
	gsize whole = LEAST;
	while (whole < size)
		whole *= 2;
	return whole;
}

/* What a kill left of an earlier writing: sealed, and of no use. */
static void sweep(const char *path)
{
	g_autofree char *directory = g_path_get_dirname(path), *base = g_path_get_basename(path);
	g_autofree char *prefix = g_strconcat(base, ".", NULL);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *left = g_str_has_prefix(name, prefix) ? g_build_filename(directory, name, NULL) : NULL;
		if (left != NULL)
			unlink(left);
	}
}

/* --- under other keys of hers --------------------------------------------------------------------------------------- */

#define OTHERS_STAY (30 * (gint64)86400) /* seconds: as long as a change of keys may take */

/* Their paths (transfer full); age: whose last change lies so many seconds back. */
static GPtrArray *others_of(const IndexPlace *place, gint64 age)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *all = path_of(place, NULL), *mine = path_of(place, ""), *directory = g_path_get_dirname(all);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		struct stat st;
		if (g_str_has_prefix(path, all) && !g_str_has_prefix(path, mine) && lstat(path, &st) == 0 &&
		    g_get_real_time() / G_USEC_PER_SEC - st.st_mtime >= age)
			g_ptr_array_add(paths, g_steal_pointer(&path));
	}
	return paths;
}

/* What cannot be removed now is removed another day: it is sealed. */
static void remove_others(const IndexPlace *place, gint64 age)
{
	g_autoptr(GPtrArray) paths = others_of(place, age);
	for (guint i = 0; i < paths->len; i++)
		(void)private_file_remove(paths->pdata[i], NULL);
}

/* There is nothing under these keys yet, and something under others: she would believe that it was never there. */
static void say_anew(const IndexPlace *place)
{
	g_autoptr(GPtrArray) others = others_of(place, 0);
	g_autofree char *main = path_of(place, "index"), *recent = path_of(place, "recent");
	if (others->len > 0 && access(main, F_OK) != 0 && access(recent, F_OK) != 0)
		face_warn(_("your search index is sealed to other keys of yours, and begins anew: what you open now is found, and senim search --all-cards puts the cards of all cases in"));
}

/* --- documents ------------------------------------------------------------------------------------------------------ */

/* The one at data; *used: its octets. FALSE: of another form. */
static gboolean read_doc(const guint8 *data, gsize size, IndexDoc *doc, gsize *used)
{
	if (size < 4 + DOC_HEAD || octets_get(data, 4) > size - 4 || octets_get(data, 4) < DOC_HEAD)
		return FALSE;
	const guint8 *at = data + 4;
	*used = 4 + (gsize)octets_get(data, 4);
	doc->seq = octets_get(at, 8);
	doc->entry = octets_get(at + 8, 8);
	doc->received = (gint64)octets_get(at + 16, 8);
	doc->added = (gint64)octets_get(at + 24, 8);
	doc->part = (IndexPart)at[32];
	doc->mailbox_size = at[33];
	doc->text_size = (gsize)octets_get(at + 34, 4);
	doc->folded_size = (gsize)octets_get(at + 38, 4);
	doc->mailbox = (const char *)at + DOC_HEAD;
	doc->text = doc->mailbox + doc->mailbox_size;
	doc->folded = doc->text + doc->text_size;
	return 4 + DOC_HEAD + doc->mailbox_size + doc->text_size + doc->folded_size == *used;
}

static gboolean read_docs(const guint8 *content, gsize n, GArray *docs)
{
	for (gsize at = HEAD, used; at < HEAD + n; at += used) {
		IndexDoc doc;
		if (!read_doc(content + at, HEAD + n - at, &doc, &used))
			return FALSE;
		g_array_append_val(docs, doc);
	}
	return TRUE;
}

/* Where it begins, and its octets. */
static const guint8 *octets_of(const IndexDoc *doc, gsize *size)
{
	*size = 4 + DOC_HEAD + doc->mailbox_size + doc->text_size + doc->folded_size;
	return (const guint8 *)doc->mailbox - DOC_HEAD - 4;
}

static gboolean write_file(const IndexPlace *place, const char *what, const GArray *docs, gint64 checked, GError **error)
{
	static const guint8 nothing[4096];
	g_autoptr(GError) cause = NULL;
	g_autofree char *path = path_of(place, what);
	g_autoptr(KeyfilePublic) mine = keyfile_public(place->keys, 0);
	const char *const recipients[] = {mine->card, NULL};
	gsize n = 0, size;
	for (guint i = 0; i < docs->len; i++) {
		octets_of(&g_array_index(docs, IndexDoc, i), &size);
		n += size;
	}
	gsize whole = padded(HEAD + n);
	g_autoptr(WipeBuffer) content = wipe_buffer_new(whole);
	guint8 head[HEAD] = MAGIC;
	octets_put(head + SIGNED_FROM, n, 8);
	octets_put(head + SIGNED_FROM + 8, (guint64)checked, 8);
	wipe_buffer_add(content, head, sizeof head);
	for (guint i = 0; i < docs->len; i++) {
		const guint8 *octets = octets_of(&g_array_index(docs, IndexDoc, i), &size);
		wipe_buffer_add(content, octets, size);
	}
	while (wipe_buffer_size(content) < whole)
		wipe_buffer_add(content, nothing, MIN(sizeof nothing, whole - wipe_buffer_size(content)));
	guint8 *data = (guint8 *)wipe_buffer_data(content);
	g_autofree char *text = signed_text(place, what, data, n);
	keyfile_sign(place->keys, text, strlen(text), data + strlen(MAGIC));
	g_autoptr(GBytes) sealed = age_file_seal(data, whole, recipients, &cause);
	sweep(path);
	if (sealed != NULL && private_file_replace(path, g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed), 0600, &cause))
		return TRUE;
	return fail_file(path, cause->message, error);
}

static char *key_of(const IndexDoc *doc)
{
	return g_strdup_printf("%.*s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %d", (int)doc->mailbox_size, doc->mailbox, doc->seq,
	                       doc->entry, (int)doc->part);
}

/* Of each part the document that comes last, in their order. */
static GArray *newest(const GArray *docs)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GArray *left = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	for (guint i = docs->len; i-- > 0;) {
		const IndexDoc *doc = &g_array_index(docs, IndexDoc, i);
		if (g_hash_table_add(seen, key_of(doc)))
			g_array_append_val(left, *doc);
	}
	for (guint i = 0; i < left->len / 2; i++) {
		IndexDoc *one = &g_array_index(left, IndexDoc, i), *other = &g_array_index(left, IndexDoc, left->len - 1 - i), kept = *one;
		*one = *other;
		*other = kept;
	}
	return left;
}

/* Those that were added first go where all together are too many. */
static void bound(GArray *docs)
{
	gsize n = 0, size;
	guint first = docs->len;
	while (first > 0) {
		octets_of(&g_array_index(docs, IndexDoc, first - 1), &size);
		if (n + size > INDEX_MAX)
			break;
		n += size;
		first--;
	}
	g_array_remove_range(docs, 0, first);
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

void index_free(Index *index)
{
	if (index == NULL)
		return;
	g_array_unref(index->docs);
	g_clear_pointer(&index->main, g_bytes_unref);
	g_clear_pointer(&index->recent, g_bytes_unref);
	g_free(index);
}

/* Under the lock. */
static Index *read_both(const IndexPlace *place, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Index) index = g_new0(Index, 1);
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	gsize n_main, n_recent;
	index->docs = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	index->main = read_file(place, "index", &n_main, &cause);
	if (cause == NULL)
		index->recent = read_file(place, "recent", &n_recent, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	const guint8 *content = index->main != NULL ? g_bytes_get_data(index->main, NULL) : NULL;
	gboolean good = content == NULL || read_docs(content, n_main, all);
	index->checked = content != NULL ? (gint64)octets_get(content + SIGNED_FROM + 8, 8) : 0;
	content = index->recent != NULL ? g_bytes_get_data(index->recent, NULL) : NULL;
	if (!good || (content != NULL && !read_docs(content, n_recent, all))) {
		g_autofree char *path = path_of(place, "index");
		fail_file(path, _("it is of another form"), error);
		return NULL;
	}
	g_array_unref(index->docs);
	index->docs = newest(all);
	return g_steal_pointer(&index);
}

Index *index_read(const IndexPlace *place, GError **error)
{
	g_auto(Lock) lock = lock_it(place, error);
	if (lock >= 0)
		say_anew(place);
	return lock >= 0 ? read_both(place, error) : NULL;
}

const GArray *index_docs(const Index *index)
{
	return index->docs;
}

gint64 index_checked(const Index *index)
{
	return index->checked;
}

gboolean index_doc_is_of(const IndexDoc *doc, const char *mailbox, guint64 seq)
{
	return doc->seq == seq && doc->mailbox_size == strlen(mailbox) && memcmp(doc->mailbox, mailbox, doc->mailbox_size) == 0;
}

/* --- adding --------------------------------------------------------------------------------------------------------- */

/* Cut between two characters. */
static gsize cut(const char *text, gsize size)
{
	if (size <= INDEX_TEXT_MAX)
		return size;
	size = INDEX_TEXT_MAX;
	while (size > 0 && ((guchar)text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

IndexText *index_text_new(const char *mailbox, guint64 seq, guint64 entry, gint64 received, IndexPart part, const char *text,
                          gsize size)
{
	guint8 head[4 + DOC_HEAD] = {0};
	IndexText *made = g_new0(IndexText, 1);
	size = cut(text, size);
	GString *folded = stem_fold(text, size);
	gsize n = strlen(mailbox);
	octets_put(head, DOC_HEAD + n + size + folded->len, 4);
	octets_put(head + 4, seq, 8);
	octets_put(head + 12, entry, 8);
	octets_put(head + 20, (guint64)received, 8);
	octets_put(head + 28, (guint64)g_get_real_time(), 8);
	head[36] = (guint8)part;
	head[37] = (guint8)n;
	octets_put(head + 38, size, 4);
	octets_put(head + 42, folded->len, 4);
	made->octets = wipe_buffer_new(sizeof head + n + size + folded->len);
	wipe_buffer_add(made->octets, head, sizeof head);
	wipe_buffer_add(made->octets, mailbox, n);
	wipe_buffer_add(made->octets, text, size);
	wipe_buffer_add(made->octets, folded->str, folded->len);
	stem_wipe(folded);
	return made;
}

void index_text_free(IndexText *text)
{
	if (text == NULL)
		return;
	wipe_buffer_free(text->octets);
	g_free(text);
}

static gboolean same_doc(const IndexDoc *a, const IndexDoc *b)
{
	return a->seq == b->seq && a->entry == b->entry && a->part == b->part && a->mailbox_size == b->mailbox_size &&
	       memcmp(a->mailbox, b->mailbox, a->mailbox_size) == 0 && a->text_size == b->text_size &&
	       memcmp(a->text, b->text, a->text_size) == 0;
}

static gboolean has_doc(const GArray *docs, const IndexDoc *wanted)
{
	for (guint i = docs->len; i-- > 0;)
		if (same_doc(&g_array_index(docs, IndexDoc, i), wanted))
			return TRUE;
	return FALSE;
}

static gsize total(const GArray *docs)
{
	gsize n = 0, size;
	for (guint i = 0; i < docs->len; i++) {
		octets_of(&g_array_index(docs, IndexDoc, i), &size);
		n += size;
	}
	return n;
}

/* The recent file into the other, which is durable before that goes: a kill between the two leaves it twice. */
static gboolean merge(const IndexPlace *place, GArray *docs, gint64 checked, GError **error)
{
	g_autofree char *recent = path_of(place, "recent");
	bound(docs);
	return write_file(place, "index", docs, checked, error) &&
	       (unlink(recent) == 0 || errno == ENOENT || fail_file(recent, g_strerror(errno), error));
}

/* The recent documents and these; all of them into the main file where they are too many. */
static gboolean put_in(const IndexPlace *place, const GArray *recent, GError **error)
{
	g_autoptr(GArray) left = newest(recent);
	if (total(left) <= INDEX_RECENT_MAX)
		return write_file(place, "recent", left, 0, error);
	g_autoptr(Index) index = read_both(place, error);
	if (index == NULL)
		return FALSE;
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	g_array_append_vals(all, index->docs->data, index->docs->len);
	g_array_append_vals(all, left->data, left->len);
	g_autoptr(GArray) whole = newest(all);
	return merge(place, whole, index->checked, error);
}

gboolean index_add(const IndexPlace *place, const GPtrArray *texts, GError **error)
{
	GError *cause = NULL;
	g_auto(Lock) lock = lock_it(place, &cause);
	g_autoptr(GArray) docs = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	gsize n, used;
	if (lock >= 0)
		say_anew(place);
	g_autoptr(GBytes) recent = lock >= 0 ? read_file(place, "recent", &n, &cause) : NULL;
	if (cause != NULL) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	if (recent != NULL && !read_docs(g_bytes_get_data(recent, NULL), n, docs)) {
		g_autofree char *path = path_of(place, "recent");
		return fail_file(path, _("it is of another form"), error);
	}
	guint before = docs->len;
	for (guint i = 0; i < texts->len; i++) {
		const WipeBuffer *octets = ((const IndexText *)texts->pdata[i])->octets;
		IndexDoc doc;
		if (read_doc((const guint8 *)wipe_buffer_data(octets), wipe_buffer_size(octets), &doc, &used) && !has_doc(docs, &doc))
			g_array_append_val(docs, doc);
	}
	return docs->len == before || put_in(place, docs, error);
}

gboolean index_checked_within(const IndexPlace *place, gint64 microseconds)
{
	struct stat st;
	g_autofree char *path = path_of(place, "lock");
	gint64 since = stat(path, &st) == 0 ? g_get_real_time() - (gint64)st.st_mtime * G_USEC_PER_SEC : -1;
	return since >= 0 && since < microseconds;
}

gboolean index_rewrite(const IndexPlace *place, IndexGone gone, gpointer user, gint64 checked, GError **error)
{
	g_auto(Lock) lock = lock_it(place, error);
	g_autoptr(Index) index = lock >= 0 ? read_both(place, error) : NULL;
	if (index == NULL)
		return FALSE;
	g_autoptr(GArray) left = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	for (guint i = 0; i < index->docs->len; i++) {
		const IndexDoc *doc = &g_array_index(index->docs, IndexDoc, i);
		if (gone == NULL || !gone(doc, user))
			g_array_append_val(left, *doc);
	}
	if (!merge(place, left, checked != 0 ? checked : index->checked, error))
		return FALSE;
	remove_others(place, OTHERS_STAY);
	if (checked != 0)
		futimens(lock, NULL); /* where that fails it is asked again soon */
	return TRUE;
}

gboolean index_take_over(const IndexPlace *place, const Index *older, GError **error)
{
	g_auto(Lock) lock = lock_it(place, error);
	g_autoptr(Index) index = lock >= 0 ? read_both(place, error) : NULL;
	if (index == NULL)
		return FALSE;
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(IndexDoc));
	g_array_append_vals(all, older->docs->data, older->docs->len);
	g_array_append_vals(all, index->docs->data, index->docs->len);
	g_autoptr(GArray) whole = newest(all);
	if (!merge(place, whole, older->checked, error))
		return FALSE;
	remove_others(place, 0);
	return TRUE;
}

/* --- the end of it -------------------------------------------------------------------------------------------------- */

gboolean index_destroy(const char *directory, guint *n, GError **error)
{
	g_autofree char *place = directory_of(directory);
	g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	*n = 0;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_prefix(name, PREFIX) && !g_str_has_suffix(name, ".lock")) /* which another may hold, and says nothing */
			g_ptr_array_add(names, g_build_filename(place, name, NULL));
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) cause = NULL;
		if (!private_file_remove(names->pdata[i], &cause)) {
			g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
			return cli_fail(error, CLI_ERROR_FAILED, _("the search index was not destroyed: %s"), why);
		}
		(*n)++;
	}
	return TRUE;
}
