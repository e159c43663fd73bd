/* SPDX-License-Identifier: ISC */
/* Whether an archive is whole: every octet of it against the digests, these against the signed manifests, the entries against
 * the signed checkpoints, each sealed body against its entry. No secret is needed. */
#include <sodium.h>
#include <string.h>

#include "store/archive.h"
#include "store/merkle.h"

#define SEQ "%" G_GUINT64_FORMAT

static const RecordField month_schema[] = {
	{"senim-archive-month", 1, 1}, {"store", 1, 1}, {"origin", 1, 1}, {"month", 1, 1}, {"begin", 1, 1},
	{"end", 1, 1},                 {"root", 1, 1},  {"digests", 1, 1}, {"payloads", 1, 1}, {NULL, 0, 0},
};

typedef struct {
	const ArchiveQuestion *question;
	LedgerCheck *out;
	GPtrArray *damaged;
	ArchiveManifest *manifest;
	const ArchiveMonth *month;
	char *path;           /* of the month */
	guint64 month_faults; /* faults when this month began */
	gboolean stopped;
	MerkleTree tree;
	gboolean broken;      /* entries are missing: no tree can be built any more */
	gint64 last_day;
	GHashTable *objects;  /* this month's: entry -> Digest of its body, for every entry that has one */
	GHashTable *bodies;   /* entries of this month whose body lies there */
	GHashTable *gone;     /* entries whose body went lawfully: erased, or sealed anew */
	GHashTable *anew;     /* message -> the last entry under which it was sealed anew */
	GArray *lacking;      /* guint64: entries without their body */
} Check;

/* --- one month's files -------------------------------------------------------------------------------------------------- */

static void fault_month(Check *check, const char *what)
{
	ledger_check_fault(check->out, "%s: %s", check->month->name, what);
}

static GBytes *read_file(Check *check, const char *name)
{
	char *data;
	gsize size;
	g_autofree char *path = g_build_filename(check->path, name, NULL);
	if (g_file_get_contents(path, &data, &size, NULL))
		return g_bytes_new_take(data, size);
	ledger_check_fault(check->out, "%s: the file %s is missing or cannot be read", check->month->name, name);
	return NULL;
}

static gboolean is_digest(GBytes *data, const guint8 expected[ARCHIVE_DIGEST])
{
	guint8 got[ARCHIVE_DIGEST];
	gsize size;
	const void *octets = g_bytes_get_data(data, &size);
	crypto_generichash(got, sizeof got, octets, size, NULL, 0);
	return memcmp(got, expected, sizeof got) == 0;
}

static char *as_text(GBytes *data)
{
	gsize size;
	const char *text = g_bytes_get_data(data, &size);
	return size > 0 && memchr(text, '\0', size) == NULL ? g_strndup(text, size) : NULL;
}

/* The month's own manifest: the archive's names it by digest, and the log's key signed both. NULL with a fault. */
static Record *month_manifest(Check *check)
{
	const ArchiveMonth *month = check->month;
	guint8 store_id[16];
	guint64 begin, end;
	gboolean whole;
	g_autoptr(GBytes) data = read_file(check, ARCHIVE_MANIFEST);
	if (data == NULL)
		return NULL;
	if (!is_digest(data, month->digest)) {
		fault_month(check, "its manifest is not the one that the archive's manifest names: it was swapped or altered");
		return NULL;
	}
	g_autofree char *note = as_text(data), *text = note != NULL ? note_verify(note, check->question->verifier, NULL) : NULL;
	g_autofree char *name = archive_month_of(month->name, &whole);
	g_autoptr(Record) record = text != NULL ? record_read(text, strlen(text), 0, month_schema, NULL) : NULL;
	if (record == NULL || !record_get_hex(record, "store", store_id, sizeof store_id, NULL) ||
	    memcmp(store_id, check->manifest->store_id, sizeof store_id) != 0 ||
	    strcmp(record_get(record, "origin"), check->manifest->origin) != 0 || strcmp(record_get(record, "month"), name) != 0 ||
	    !record_get_uint(record, "begin", G_MAXINT64, &begin, NULL) || begin != month->begin ||
	    !record_get_uint(record, "end", G_MAXINT64, &end, NULL) || end != month->end) {
		fault_month(check, "its manifest is another month's or another register's, or is not signed with the register's key");
		return NULL;
	}
	return g_steal_pointer(&record);
}

/* "payloads/SEQ.body"; FALSE: another file. */
static gboolean parse_body(const char *name, guint64 *seq)
{
	g_autofree char *number = NULL;
	if (!g_str_has_prefix(name, ARCHIVE_PAYLOADS "/") || !g_str_has_suffix(name, ".body"))
		return FALSE;
	name += strlen(ARCHIVE_PAYLOADS "/");
	number = g_strndup(name, strlen(name) - strlen(".body"));
	return g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT64, seq, NULL);
}

static void check_body(Check *check, guint64 seq, const guint8 digest[ARCHIVE_DIGEST])
{
	const guint8 *object = g_hash_table_lookup(check->objects, GSIZE_TO_POINTER(seq));
	g_hash_table_add(check->bodies, GSIZE_TO_POINTER(seq));
	if (object == NULL || memcmp(object, digest, ARCHIVE_DIGEST) != 0)
		ledger_check_fault(check->out, "%s: the sealed body of entry " SEQ " is not the one that was registered", check->month->name, seq);
}

/* A line of `digests`, as b2sum writes it. */
static void check_line(Check *check, const char *line, GHashTable *listed)
{
	guint8 expected[ARCHIVE_DIGEST], got[ARCHIVE_DIGEST];
	guint64 seq;
	const char *name = line + 2 * ARCHIVE_DIGEST + 2;
	if (strlen(line) <= 2 * ARCHIVE_DIGEST + 2 || memcmp(name - 2, "  ", 2) != 0 || strstr(name, "..") != NULL || *name == '/' ||
	    sodium_hex2bin(expected, sizeof expected, line, 2 * ARCHIVE_DIGEST, NULL, NULL, NULL) != 0) {
		fault_month(check, "a line of its digests is of another form");
		return;
	}
	g_autofree char *path = g_build_filename(check->path, name, NULL);
	g_hash_table_add(listed, g_strdup(name));
	if (!archive_digest_file(path, got, NULL, NULL)) {
		ledger_check_fault(check->out, "%s: the file %s is missing or cannot be read", check->month->name, name);
		return;
	}
	if (g_str_has_prefix(name, ARCHIVE_PAYLOADS "/"))
		check->out->payloads++;
	if (memcmp(got, expected, sizeof got) != 0)
		ledger_check_fault(check->out, "%s: the file %s was altered: it has not the Digest that was written down", check->month->name,
		                   name);
	else if (parse_body(name, &seq))
		check_body(check, seq, got);
}

static void check_strangers(Check *check, const char *below, GHashTable *listed)
{
	g_autofree char *path = g_build_filename(check->path, below, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *file = *below == '\0' ? g_strdup(name) : g_build_filename(below, name, NULL);
		static const char *const known[] = {ARCHIVE_MANIFEST, ARCHIVE_DIGESTS, ARCHIVE_PAYLOADS, NULL};
		if (!g_hash_table_contains(listed, file) && !g_strv_contains(known, file))
			ledger_check_fault(check->out, "%s: the file %s does not belong to it", check->month->name, file);
	}
}

static void check_files(Check *check, const Record *record)
{
	guint8 digest[ARCHIVE_DIGEST];
	g_autoptr(GBytes) data = read_file(check, ARCHIVE_DIGESTS);
	if (data == NULL)
		return;
	if (!record_get_hex(record, "digests", digest, sizeof digest, NULL) || !is_digest(data, digest)) {
		fault_month(check, "its list of digests was altered");
		return;
	}
	g_autofree char *text = as_text(data);
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	g_autoptr(GHashTable) listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (char **line = lines; *line != NULL && !check->stopped; line++) {
		if (**line != '\0')
			check_line(check, *line, listed);
		check->stopped = check->question->go_on != NULL && !check->question->go_on(check->question->user);
	}
	check_strangers(check, "", listed);
	check_strangers(check, ARCHIVE_PAYLOADS, listed);
}

/* --- entries ---------------------------------------------------------------------------------------------------------- */

static void note_object(Check *check, const Entry *entry)
{
	static const guint8 none[ENTRY_HASH];
	gboolean has = memcmp(entry->object, none, sizeof none) != 0;
	if (has)
		g_hash_table_insert(check->objects, GSIZE_TO_POINTER(entry->seq), g_memdup2(entry->object, ENTRY_HASH));
	/* Erased, or sealed anew under the entry that says so: then what it was before that is gone too. */
	if (entry->concerns == ENTRY_NOTHING || (entry->kind != ENTRY_ERASED && !has))
		return;
	gpointer message = GSIZE_TO_POINTER(entry->concerns), before = g_hash_table_lookup(check->anew, message);
	g_hash_table_add(check->gone, message);
	if (before != NULL)
		g_hash_table_add(check->gone, before);
	if (has)
		g_hash_table_insert(check->anew, message, GSIZE_TO_POINTER(entry->seq));
}

static void check_known(Check *check)
{
	guint8 root[MERKLE_HASH];
	merkle_root(&check->tree, root);
	if (check->tree.size == check->question->known_size && memcmp(root, check->question->known_root, sizeof root) != 0)
		ledger_check_fault(check->out, "the first " SEQ " entries are not those of the checkpoint that was kept here",
		                   check->tree.size);
}

static gboolean take_entry(Check *check, const guint8 *data)
{
	Entry entry;
	guint8 leaf[ENTRY_HASH];
	if (!entry_decode(data, &entry, NULL) || entry.seq != check->tree.size) {
		ledger_check_fault(check->out, "%s: entry " SEQ " is cut out, altered or in the wrong place", check->month->name, check->tree.size);
		return FALSE;
	}
	if (entry.time < check->last_day)
		ledger_check_fault(check->out, "%s: entry " SEQ " is dated before the one in front of it", check->month->name, entry.seq);
	check->last_day = MAX(check->last_day, entry.time);
	note_object(check, &entry);
	entry_leaf(data, leaf);
	check->out->entries++;
	gboolean good = merkle_append(&check->tree, leaf, NULL, NULL, NULL);
	check_known(check);
	return good;
}

static gboolean check_entries(Check *check)
{
	const ArchiveMonth *month = check->month;
	gsize size;
	g_autoptr(GBytes) data = read_file(check, ARCHIVE_ENTRIES);
	const guint8 *octets = data != NULL ? g_bytes_get_data(data, &size) : NULL;
	if (data == NULL)
		return FALSE;
	if (size != (month->end - month->begin) * ENTRY_SIZE) {
		ledger_check_fault(check->out, "%s: its entries are cut or grown: %" G_GSIZE_FORMAT " octets where " SEQ " entries belong",
		                   month->name, size, month->end - month->begin);
		return FALSE;
	}
	for (gsize at = 0; at < size; at += ENTRY_SIZE)
		if (!take_entry(check, octets + at))
			return FALSE;
	return TRUE;
}

static void check_checkpoint(Check *check)
{
	guint64 size;
	guint8 root[MERKLE_HASH], signed_root[NOTE_ROOT];
	g_autoptr(GBytes) data = read_file(check, ARCHIVE_CHECKPOINT);
	g_autofree char *note = data != NULL ? as_text(data) : NULL;
	if (data == NULL)
		return;
	merkle_root(&check->tree, root);
	if (note == NULL || !note_verify_checkpoint(note, check->question->verifier, &size, signed_root, NULL))
		fault_month(check, "its checkpoint is another register's, or is not signed with the register's key");
	else if (size != check->month->end || memcmp(signed_root, root, sizeof root) != 0)
		ledger_check_fault(check->out, "%s: the entries up to " SEQ " are not those that its checkpoint was signed over",
		                   check->month->name, check->month->end);
}

static void note_lacking(Check *check)
{
	GHashTableIter iter;
	gpointer seq;
	g_hash_table_iter_init(&iter, check->objects);
	while (g_hash_table_iter_next(&iter, &seq, NULL)) {
		guint64 number = GPOINTER_TO_SIZE(seq);
		if (!g_hash_table_contains(check->bodies, seq))
			g_array_append_val(check->lacking, number);
	}
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static void check_month(Check *check, const ArchiveMonth *month)
{
	check->month = month;
	check->month_faults = check->out->faults->len;
	check->path = g_build_filename(check->question->directory, month->name, NULL);
	g_hash_table_remove_all(check->objects);
	g_hash_table_remove_all(check->bodies);
	if (!g_file_test(check->path, G_FILE_TEST_IS_DIR)) {
		ledger_check_fault(check->out, "%s: the month is missing", month->name);
		check->broken = TRUE;
	} else {
		if (!check->broken && month->begin != check->tree.size) {
			ledger_check_fault(check->out, "%s: it begins with entry " SEQ ", and the month before it ends at " SEQ ": one is missing",
			                   month->name, month->begin, check->tree.size);
			check->broken = TRUE;
		}
		check->broken = check->broken || !check_entries(check);
		if (!check->broken)
			check_checkpoint(check);
		g_autoptr(Record) record = month_manifest(check);
		if (record != NULL)
			check_files(check, record);
		if (record != NULL && !check->broken)
			note_lacking(check);
	}
	if (check->damaged != NULL && check->out->faults->len > check->month_faults)
		g_ptr_array_add(check->damaged, g_strdup(month->name));
	g_clear_pointer(&check->path, g_free);
}

static void check_custody(Check *check)
{
	guint8 digest[ARCHIVE_DIGEST];
	g_autofree char *path = g_build_filename(check->question->directory, check->manifest->custody, NULL);
	if (!archive_digest_file(path, digest, NULL, NULL))
		ledger_check_fault(check->out, "%s is missing or cannot be read: no letter of any month opens without it",
		                   check->manifest->custody);
	else if (memcmp(digest, check->manifest->custody_digest, sizeof digest) != 0)
		ledger_check_fault(check->out, "%s was altered: it has not the Digest that was written down", check->manifest->custody);
}

static void check_end(Check *check)
{
	if (check->broken)
		ledger_check_fault(check->out, "of what lies behind the missing entries only the files could be checked, not the register");
	for (guint i = 0; i < check->lacking->len; i++) {
		guint64 seq = g_array_index(check->lacking, guint64, i);
		if (!g_hash_table_contains(check->gone, GSIZE_TO_POINTER(seq)))
			ledger_check_fault(check->out, "the sealed body of entry " SEQ " is in no month", seq);
	}
}

static gboolean check_all(Check *check, GError **error)
{
	check->manifest = archive_manifest_read(check->question->directory, check->question->verifier, error);
	if (check->manifest == NULL)
		return FALSE;
	check_custody(check);
	for (guint i = 0; i < check->manifest->months->len && !check->stopped; i++)
		check_month(check, &g_array_index(check->manifest->months, ArchiveMonth, i));
	if (check->stopped) {
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_STOPPED, "the check of the archive was stopped before its end");
		return FALSE;
	}
	check_end(check);
	return TRUE;
}

gboolean archive_check(const ArchiveQuestion *question, LedgerCheck *out, GPtrArray *damaged, GError **error)
{
	Check check = {.question = question, .out = out, .damaged = damaged};
	memset(out, 0, sizeof *out);
	out->faults = g_ptr_array_new_with_free_func(g_free);
	check.objects = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	check.bodies = g_hash_table_new(NULL, NULL);
	check.gone = g_hash_table_new(NULL, NULL);
	check.anew = g_hash_table_new(NULL, NULL);
	check.lacking = g_array_new(FALSE, FALSE, sizeof(guint64));
	gboolean done = check_all(&check, error);
	archive_manifest_free(check.manifest);
	g_hash_table_unref(check.objects);
	g_hash_table_unref(check.bodies);
	g_hash_table_unref(check.gone);
	g_hash_table_unref(check.anew);
	g_array_unref(check.lacking);
	if (!done)
		ledger_check_clear(out);
	return done;
}
