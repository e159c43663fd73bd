/* SPDX-License-Identifier: ISC */
/* A run of the archive: months that lack, the file of records and headers, the manifest, and only then what goes. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/archive.h"
#include "store/ledger-archive.h"
#include "store/private-file.h"
#include "store/seal.h"

#define NEW ".new"
#define COPY_SIZE (256 * 1024)
#define MONTHS_MOST 600
#define ENTRIES_AT_ONCE 4096

void (*archive_test_step)(const char *step);

static void step(const char *name)
{
	if (archive_test_step != NULL)
		archive_test_step(name);
}

typedef struct {
	const ArchiveRun *run;
	ArchiveResult *result;
	char *home;                /* DIRECTORY/MAILBOX */
	ArchiveManifest *manifest; /* the one that is being made */
	GArray *written;           /* guint: months of it that this run wrote */
	GArray *erased;            /* guint64: entries whose payloads were erased by order */
} Run;

static gboolean fail(const char *what, const char *path, GError **error)
{
	int why = errno;
	g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s cannot be %s: %s", path, what, g_strerror(why));
	return FALSE;
}

static gboolean goes_on(const ArchiveRun *run, GError **error)
{
	if (run->go_on == NULL || run->go_on(run->user))
		return TRUE;
	g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_STOPPED, "the archive was stopped in its midst: the next run goes on");
	return FALSE;
}

void archive_result_clear(ArchiveResult *result)
{
	g_clear_pointer(&result->damage, g_ptr_array_unref);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static gboolean sync_directory(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = (fd >= 0 && fsync(fd) == 0) || fail("made durable", path, error);
	if (fd >= 0)
		close(fd);
	return done;
}

static gboolean make_directory(const char *path, GError **error)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST || fail("made", path, error);
}

static int remove_one(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED, struct FTW *walk G_GNUC_UNUSED)
{
	return remove(path);
}

static gboolean remove_tree(const char *path, GError **error)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT || fail("removed", path, error);
}

/* A month in the making. */
typedef struct {
	char *path;
	GString *digests;
	guint64 payloads;
} Month;

static void month_clear(Month *month)
{
	g_free(month->path);
	if (month->digests != NULL)
		g_string_free(month->digests, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Month, month_clear)

static void list_digest(Month *month, const char *name, const guint8 digest[ARCHIVE_DIGEST])
{
	char hex[2 * ARCHIVE_DIGEST + 1];
	sodium_bin2hex(hex, sizeof hex, digest, ARCHIVE_DIGEST);
	g_string_append_printf(month->digests, "%s  %s\n", hex, name);
}

static gboolean write_file(Month *month, const char *name, const void *data, gsize size, GError **error)
{
	guint8 digest[ARCHIVE_DIGEST];
	g_autofree char *path = g_build_filename(month->path, name, NULL);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	list_digest(month, name, digest);
	return private_file_write(path, data, size, 0600, error);
}

static gboolean copy_octets(int from, int to, guint8 digest[ARCHIVE_DIGEST])
{
	crypto_generichash_state state;
	g_autofree guint8 *buffer = g_malloc(COPY_SIZE);
	gssize got;
	crypto_generichash_init(&state, NULL, 0, ARCHIVE_DIGEST);
	while ((got = read(from, buffer, COPY_SIZE)) > 0 || (got < 0 && errno == EINTR)) {
		for (gssize at = 0, put; at < got; at += put) {
			put = write(to, buffer + at, (gsize)(got - at));
			if (put < 0 && errno != EINTR)
				return FALSE;
			put = MAX(put, 0);
		}
		if (got > 0)
			crypto_generichash_update(&state, buffer, (gsize)got);
	}
	crypto_generichash_final(&state, digest, ARCHIVE_DIGEST);
	return got == 0 && fsync(to) == 0;
}

/* A file of the vault; its Digest is compared by the caller. */
static gboolean copy_file(const Month *month, const char *name, int from, guint8 digest[ARCHIVE_DIGEST], GError **error)
{
	g_autofree char *path = g_build_filename(month->path, name, NULL);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean done = (to >= 0 && copy_octets(from, to, digest)) || fail("written", path, error);
	if (to >= 0)
		close(to);
	return done;
}

/* --- payloads ------------------------------------------------------------------------------------------------------- */

/* A payload that went lawfully, or is another one by now, is left out. */
static gboolean copy_payload(const Run *run, Month *month, const Entry *entry, SealPart part,
                             const guint8 expected[ARCHIVE_DIGEST], GError **error)
{
	int fd;
	guint8 digest[ARCHIVE_DIGEST];
	GError *cause = NULL;
	g_autoptr(GBytes) bytes = NULL;
	/* What was sealed anew lies in the place of the message that it is of. */
	guint64 seq = entry->concerns != ENTRY_NOTHING ? entry->concerns : entry->seq;
	g_autofree char *name = g_strdup_printf(ARCHIVE_PAYLOADS "/%" G_GUINT64_FORMAT ".%s", entry->seq,
	                                        part == SEAL_PART_BODY ? "body" : "card");
	if (!ledger_payload(run->run->ledger, seq, part, &bytes, &fd, &cause)) {
		if (g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
			g_error_free(cause);
			return TRUE;
		}
		g_propagate_error(error, cause);
		return FALSE;
	}
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
	gboolean done = TRUE;
	if (data != NULL)
		crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	else
		done = copy_file(month, name, fd, digest, error);
	if (fd >= 0)
		close(fd);
	if (!done)
		return FALSE;
	if (memcmp(digest, expected, sizeof digest) != 0) {
		g_autofree char *path = g_build_filename(month->path, name, NULL);
		return data != NULL || unlink(path) == 0 || fail("removed", path, error);
	}
	month->payloads++;
	if (data != NULL)
		return write_file(month, name, data, size, error);
	list_digest(month, name, digest);
	return TRUE;
}

/* The card's Digest, which the record alone has. FALSE: the entry has no card, or its record was destroyed. */
static gboolean card_digest(Ledger *ledger, guint64 seq, guint8 digest[ARCHIVE_DIGEST], gboolean *has, GError **error)
{
	gsize size;
	g_autoptr(GPtrArray) copies = ledger_copies(ledger, seq, seq + 1, error);
	if (copies == NULL || copies->len != 1)
		return FALSE;
	const LedgerCopy *copy = copies->pdata[0];
	const char *text = copy->opening != NULL ? g_bytes_get_data(copy->opening, &size) : NULL;
	g_autoptr(Record) record = text != NULL ? record_read(text + ENTRY_SALT, size - ENTRY_SALT, 0, NULL, NULL) : NULL;
	*has = record != NULL && record_get_hex(record, "card-digest", digest, ARCHIVE_DIGEST, NULL);
	return TRUE;
}

static gboolean copy_payloads(const Run *run, Month *month, const guint8 *data, GError **error)
{
	static const guint8 none[ENTRY_HASH];
	guint8 card[ARCHIVE_DIGEST];
	Entry entry;
	gboolean has;
	if (!entry_decode(data, &entry, error) || !goes_on(run->run, error))
		return FALSE;
	if (memcmp(entry.object, none, sizeof none) == 0)
		return TRUE;
	return copy_payload(run, month, &entry, SEAL_PART_BODY, entry.object, error) &&
	       card_digest(run->run->ledger, entry.seq, card, &has, error) &&
	       (!has || copy_payload(run, month, &entry, SEAL_PART_CARD, card, error));
}

/* --- one month -------------------------------------------------------------------------------------------------------- */

static gboolean write_entries(const Run *run, Month *month, const ArchiveMonth *place, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	for (guint64 at = place->begin; at < place->end;) {
		gsize size;
		g_autoptr(GBytes) some =
			ledger_entries(run->run->ledger, at, (guint)MIN(ENTRIES_AT_ONCE, place->end - at), error);
		const guint8 *data = some != NULL ? g_bytes_get_data(some, &size) : NULL;
		if (data == NULL || size == 0)
			return FALSE;
		g_byte_array_append(all, data, (guint)size);
		at += size / ENTRY_SIZE;
	}
	for (guint at = 0; at < all->len; at += ENTRY_SIZE)
		if (!copy_payloads(run, month, all->data + at, error))
			return FALSE;
	return write_file(month, ARCHIVE_ENTRIES, all->data, all->len, error);
}

/* What is signed of it. */
static gboolean write_manifest(const Run *run, Month *month, ArchiveMonth *place, const guint8 root[NOTE_ROOT], GError **error)
{
	guint8 digest[ARCHIVE_DIGEST];
	gboolean whole;
	gsize size;
	Ledger *ledger = run->run->ledger;
	g_autofree char *name = archive_month_of(place->name, &whole), *path = g_build_filename(month->path, ARCHIVE_MANIFEST, NULL),
					*digests = g_build_filename(month->path, ARCHIVE_DIGESTS, NULL);
	crypto_generichash(digest, sizeof digest, (const guint8 *)month->digests->str, month->digests->len, NULL, 0);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "senim-archive-month", 1);
	record_add_hex(record, "store", ledger_store_id(ledger), 16);
	record_add(record, "origin", ledger_origin(ledger));
	record_add(record, "month", name);
	record_add_uint(record, "begin", place->begin);
	record_add_uint(record, "end", place->end);
	record_add_hex(record, "root", root, NOTE_ROOT);
	record_add_hex(record, "digests", digest, sizeof digest);
	record_add_uint(record, "payloads", month->payloads);
	g_autofree char *text = record_write(record, &size), *note = ledger_sign(ledger, text, error);
	if (note == NULL)
		return FALSE;
	crypto_generichash(place->digest, sizeof place->digest, (const guint8 *)note, strlen(note), NULL, 0);
	return private_file_write(digests, month->digests->str, month->digests->len, 0600, error) &&
	       private_file_write(path, note, strlen(note), 0600, error);
}

/* The one that lies there is a damaged one: it goes when this one is whole. */
static gboolean give_name(const Run *run, const Month *month, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(run->home, name, NULL), *aside = g_strconcat(path, ".old" NEW, NULL);
	step("a month gets its name");
	if (rename(path, aside) != 0 && errno != ENOENT)
		return fail("moved aside", path, error);
	return (rename(month->path, path) == 0 || fail("named", path, error)) && sync_directory(run->home, error) &&
	       remove_tree(aside, error);
}

static gboolean write_month(Run *run, ArchiveMonth *place, GError **error)
{
	guint64 size;
	guint8 root[NOTE_ROOT];
	g_auto(Month) month = {0};
	g_autofree char *directory = g_strconcat(place->name, NEW, NULL);
	month.path = g_build_filename(run->home, directory, NULL);
	month.digests = g_string_new(NULL);
	g_autofree char *payloads = g_build_filename(month.path, ARCHIVE_PAYLOADS, NULL),
					*note = ledger_checkpoint_over(run->run->ledger, place->end, error);
	if (note == NULL || !note_verify_checkpoint(note, run->run->verifier, &size, root, error))
		return FALSE;
	if (!remove_tree(month.path, error) || !make_directory(month.path, error) || !make_directory(payloads, error) ||
	    !write_entries(run, &month, place, error) ||
	    !write_file(&month, ARCHIVE_CHECKPOINT, note, strlen(note), error) ||
	    !write_manifest(run, &month, place, root, error) || !sync_directory(payloads, error) ||
	    !sync_directory(month.path, error) || !give_name(run, &month, place->name, error))
		return FALSE;
	run->result->months++;
	run->result->payloads += month.payloads;
	step("a month is written");
	return TRUE;
}

/* --- which months --------------------------------------------------------------------------------------------------------- */

static GDateTime *first_of_month(gint64 moment, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	return g_date_time_new(zone, g_date_time_get_year(local), g_date_time_get_month(local), 1, 0, 0, 0);
}

char *archive_month_before(gint64 now, GTimeZone *zone)
{
	g_autoptr(GDateTime) first = first_of_month(now, zone), before = g_date_time_add_months(first, -1);
	return g_date_time_format(before, "%Y-%m");
}

static const ArchiveMonth *find_month(const ArchiveManifest *manifest, const char *name)
{
	for (guint i = 0; manifest != NULL && i < manifest->months->len; i++)
		if (strcmp(g_array_index(manifest->months, ArchiveMonth, i).name, name) == 0)
			return &g_array_index(manifest->months, ArchiveMonth, i);
	return NULL;
}

/* The size that a signed checkpoint has, at or behind this one: no group lies across a month's end. */
static gboolean signed_size(const Run *run, guint64 seq, guint64 *size, GError **error)
{
	guint8 root[NOTE_ROOT];
	g_autofree char *note = ledger_checkpoint_over(run->run->ledger, MAX(seq, 1), error);
	return note != NULL && note_verify_checkpoint(note, run->run->verifier, size, root, error);
}

/* Does the month hold what was erased by order since it was written? Then it is written once more, without. */
static gboolean holds_erased(const Run *run, const ArchiveMonth *month)
{
	static const char *const parts[] = {"body", "card"};
	for (guint i = 0; i < run->erased->len; i++) {
		guint64 seq = g_array_index(run->erased, guint64, i);
		for (gsize k = 0; seq >= month->begin && seq < month->end && k < G_N_ELEMENTS(parts); k++) {
			g_autofree char *path = g_strdup_printf("%s/%s/" ARCHIVE_PAYLOADS "/%" G_GUINT64_FORMAT ".%s", run->home, month->name, seq,
			                                        parts[k]);
			if (g_file_test(path, G_FILE_TEST_EXISTS))
				return TRUE;
		}
	}
	return FALSE;
}

/* A month as the last run left it, or written now. */
static gboolean add_month(Run *run, const ArchiveManifest *before, const GPtrArray *damaged, ArchiveMonth *month, GError **error)
{
	const ArchiveMonth *old = find_month(before, month->name);
	gboolean keep = old != NULL && old->begin == month->begin && old->end == month->end &&
	                !g_ptr_array_find_with_equal_func((GPtrArray *)damaged, month->name, g_str_equal, NULL) &&
	                !holds_erased(run, old);
	if (keep)
		memcpy(month->digest, old->digest, sizeof month->digest);
	else if (!goes_on(run->run, error) || !write_month(run, month, error)) {
		g_free(month->name);
		return FALSE;
	}
	g_array_append_val(run->manifest->months, *month);
	guint index = run->manifest->months->len - 1;
	if (!keep)
		g_array_append_val(run->written, index);
	return TRUE;
}

/* Every month from the register's first entry to this one, which is not over yet. */
static gboolean add_months(Run *run, const ArchiveManifest *before, const GPtrArray *damaged, GError **error)
{
	gint64 moment;
	guint64 begin = 0;
	Ledger *ledger = run->run->ledger;
	if (!ledger_moment_of(ledger, 0, &moment, error))
		return FALSE;
	g_autoptr(GDateTime) at = first_of_month(moment, run->run->zone), today = first_of_month(run->run->now, run->run->zone);
	for (guint n = 0; n < MONTHS_MOST && g_date_time_compare(at, today) <= 0; n++) {
		gboolean over = g_date_time_compare(at, today) < 0;
		g_autoptr(GDateTime) next = g_date_time_add_months(at, 1);
		g_autofree char *name = g_date_time_format(at, "%Y-%m");
		const ArchiveMonth *old = find_month(before, name);
		guint64 end = run->manifest->size;
		if (over && old != NULL)
			end = old->end; /* what is over changes no more */
		else if (over && (!ledger_find_moment(ledger, g_date_time_to_unix(next) * G_USEC_PER_SEC, &end, error) ||
		                  !signed_size(run, end, &end, error)))
			return FALSE;
		ArchiveMonth month = {.begin = begin, .end = MAX(begin, MIN(end, run->manifest->size))};
		month.name = over ? g_strdup(name) : g_strdup_printf("%s-part-%" G_GUINT64_FORMAT, name, month.end);
		if (!add_month(run, before, damaged, &month, error))
			return FALSE;
		begin = month.end;
		g_date_time_unref(at);
		at = g_steal_pointer(&next);
	}
	return TRUE;
}

/* --- records and headers ----------------------------------------------------------------------------------------------------- */

static gboolean put_line(ArchiveCustody *custody, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean put_line(ArchiveCustody *custody, GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *line = g_strdup_vprintf(format, ap);
	va_end(ap);
	gboolean done = archive_custody_line(custody, line, error);
	sodium_memzero(line, strlen(line));
	g_free(line);
	return done;
}

static char *base64(GBytes *bytes)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(bytes, &size);
	return g_base64_encode(data, size);
}

static gboolean put_copy(ArchiveCustody *custody, const LedgerCopy *copy, GError **error)
{
	g_autofree char *opening = copy->opening != NULL ? base64(copy->opening) : NULL;
	gboolean done = opening == NULL || put_line(custody, error, "opening %" G_GUINT64_FORMAT " %s", copy->seq, opening);
	if (opening != NULL)
		sodium_memzero(opening, strlen(opening));
	for (guint i = 0; done && i < copy->headers->len; i++) {
		const LedgerCopyHeader *header = copy->headers->pdata[i];
		char recipient[2 * CUSTODY_ID + 1], object[33];
		g_autofree char *text = base64(header->text);
		sodium_bin2hex(recipient, sizeof recipient, header->recipient, CUSTODY_ID);
		sodium_bin2hex(object, sizeof object, header->object, sizeof header->object);
		done = put_line(custody, error, "header %" G_GUINT64_FORMAT " %u %u %s %s %s", copy->seq, header->part, header->version,
		                recipient, object, text);
	}
	return done;
}

static gboolean put_all(const Run *run, ArchiveCustody *custody, GError **error)
{
	Ledger *ledger = run->run->ledger;
	g_autoptr(GPtrArray) tokens = ledger_copy_tokens(ledger, error);
	if (tokens == NULL || !put_line(custody, error, "senim-custody 1 %s %" G_GUINT64_FORMAT, ledger_origin(ledger), run->manifest->size))
		return FALSE;
	for (guint i = 0; i < tokens->len; i++) {
		g_autofree char *key = base64(tokens->pdata[i]);
		if (!put_line(custody, error, "token %s", key))
			return FALSE;
		sodium_memzero(key, strlen(key));
	}
	for (guint64 seq = 0; seq < run->manifest->size;) {
		g_autoptr(GPtrArray) copies = ledger_copies(ledger, seq, run->manifest->size, error);
		if (copies == NULL || copies->len == 0 || !goes_on(run->run, error))
			return FALSE;
		for (guint i = 0; i < copies->len; i++)
			if (!put_copy(custody, copies->pdata[i], error))
				return FALSE;
		seq += copies->len;
	}
	return put_line(custody, error, "end");
}

static gboolean write_custody(Run *run, GError **error)
{
	ArchiveManifest *manifest = run->manifest;
	g_autoptr(GPtrArray) recipients = ledger_archive_recipients(run->run->ledger, error);
	if (recipients == NULL)
		return FALSE;
	manifest->custody = g_strdup_printf("custody-%" G_GUINT64_FORMAT "-%08x.age", manifest->size, randombytes_random());
	g_autofree char *path = g_build_filename(run->home, manifest->custody, NULL);
	g_autoptr(ArchiveCustody) custody = archive_custody_create(path, (const char *const *)recipients->pdata, error);
	step("custody is begun");
	return custody != NULL && put_all(run, custody, error) &&
	       archive_custody_finish(custody, manifest->custody_digest, error) && sync_directory(run->home, error);
}

/* --- the manifest, and what it does not name --------------------------------------------------------------------------------- */

static gboolean publish(const Run *run, GError **error)
{
	g_autofree char *path = g_build_filename(run->home, ARCHIVE_MANIFEST, NULL), *text = archive_manifest_text(run->manifest),
					*note = ledger_sign(run->run->ledger, text, error);
	step("the manifest is replaced");
	return note != NULL && private_file_replace(path, note, strlen(note), 0600, error);
}

/* Only what a run makes: whatever else lies there is somebody's. manifest NULL: only what no run has ended. */
static gboolean is_left(const ArchiveManifest *manifest, const char *name)
{
	gboolean whole;
	g_autofree char *month = archive_month_of(name, &whole);
	if (g_str_has_suffix(name, NEW) && g_ascii_isdigit(*name))
		return TRUE;
	if (manifest == NULL)
		return FALSE;
	if (g_str_has_prefix(name, "custody-") && g_str_has_suffix(name, ".age"))
		return strcmp(name, manifest->custody) != 0;
	return month != NULL && !whole && find_month(manifest, name) == NULL;
}

static gboolean sweep(const Run *run, const ArchiveManifest *manifest, GError **error)
{
	const char *name;
	g_autoptr(GDir) dir = g_dir_open(run->home, 0, error);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = is_left(manifest, name) ? g_build_filename(run->home, name, NULL) : NULL;
		if (path != NULL && !remove_tree(path, error))
			return FALSE;
	}
	return dir != NULL;
}

/* --- the register says so ------------------------------------------------------------------------------------------------ */

static char *entered_key(const char *month, const char *end)
{
	return g_strconcat(month, " ", end, NULL);
}

/* Which months, up to which entry, stand in the register as archived. */
static gboolean read_entered(Ledger *ledger, GHashTable *entered, GError **error)
{
	guint64 size = ledger_size(ledger);
	for (guint64 at = 0; at < size;) {
		gsize octets;
		g_autoptr(GBytes) some = ledger_entries(ledger, at, ENTRIES_AT_ONCE, error);
		const guint8 *data = some != NULL ? g_bytes_get_data(some, &octets) : NULL;
		if (data == NULL || octets == 0)
			return FALSE;
		for (gsize i = 0; i < octets; i += ENTRY_SIZE) {
			Entry entry;
			LedgerEntry found;
			if (!entry_decode(data + i, &entry, error))
				return FALSE;
			if (entry.kind != ENTRY_ARCHIVED)
				continue;
			if (!ledger_entry(ledger, entry.seq, &found, error))
				return FALSE;
			const void *text = g_bytes_get_data(found.record, &octets);
			g_autoptr(Record) record = record_read(text, octets, 0, entry_schema(ENTRY_ARCHIVED), NULL);
			if (record != NULL)
				g_hash_table_add(entered, entered_key(record_get(record, "month"), record_get(record, "end")));
			ledger_entry_clear(&found);
			octets = g_bytes_get_size(some);
		}
		at += octets / ENTRY_SIZE;
	}
	return TRUE;
}

static gboolean enter(const Run *run, const ArchiveMonth *month, const char *name, gboolean with_damage, GError **error)
{
	LedgerEntry entry;
	g_autoptr(Record) record = record_new();
	const GPtrArray *damage = run->result->damage;
	record_add_uint(record, "time", (guint64)run->run->now);
	record_add(record, "month", name);
	record_add_uint(record, "begin", month->begin);
	record_add_uint(record, "end", month->end);
	record_add_hex(record, "manifest", month->digest, sizeof month->digest);
	for (guint i = 0; with_damage && i < MIN(damage->len, 32); i++)
		record_add(record, "damage", damage->pdata[i]);
	const LedgerAct act = {
		.kind = ENTRY_ARCHIVED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(run->run->ledger, &act, &entry, error))
		return FALSE;
	ledger_entry_clear(&entry);
	return TRUE;
}

/* Each month that this run wrote, and each that is over and not in the register since a run before was cut off here. */
static gboolean enter_all(const Run *run, GError **error)
{
	g_autoptr(GHashTable) entered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean with_damage = TRUE;
	step("the register hears of it");
	if (!read_entered(run->run->ledger, entered, error))
		return FALSE;
	for (guint i = 0, next = 0; i < run->manifest->months->len; i++) {
		gboolean whole;
		const ArchiveMonth *month = &g_array_index(run->manifest->months, ArchiveMonth, i);
		g_autofree char *name = archive_month_of(month->name, &whole), *end = g_strdup_printf("%" G_GUINT64_FORMAT, month->end),
						*key = entered_key(name, end);
		gboolean written = next < run->written->len && g_array_index(run->written, guint, next) == i;
		next += written;
		if (!written && (!whole || g_hash_table_contains(entered, key)))
			continue;
		if (!enter(run, month, name, with_damage, error))
			return FALSE;
		with_damage = FALSE;
	}
	return TRUE;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------- */

/* What the last run left: NULL where there is nothing, or nothing that can be read. */
static ArchiveManifest *look_back(const Run *run, GPtrArray *damaged, GError **error)
{
	LedgerCheck check = {0};
	GError *cause = NULL;
	const ArchiveQuestion question = {
		.directory = run->home, .verifier = run->run->verifier, .go_on = run->run->go_on, .user = run->run->user};
	g_autofree char *path = g_build_filename(run->home, ARCHIVE_MANIFEST, NULL);
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return NULL;
	if (!archive_check(&question, &check, damaged, &cause)) {
		if (g_error_matches(cause, ARCHIVE_ERROR, ARCHIVE_ERROR_STOPPED)) {
			g_propagate_error(error, cause);
			return NULL;
		}
		g_ptr_array_add(run->result->damage, g_strdup(cause->message));
		g_error_free(cause);
		return NULL;
	}
	for (guint i = 0; i < check.faults->len; i++)
		g_ptr_array_add(run->result->damage, g_strdup(check.faults->pdata[i]));
	ledger_check_clear(&check);
	return archive_manifest_read(run->home, run->run->verifier, NULL);
}

static void begin_manifest(Run *run, const CustodyKey *custody)
{
	ArchiveManifest *manifest = run->manifest;
	Ledger *ledger = run->run->ledger;
	manifest->months = g_array_new(FALSE, FALSE, sizeof(ArchiveMonth));
	manifest->mailbox = g_strdup(run->run->mailbox);
	manifest->origin = g_strdup(ledger_origin(ledger));
	manifest->made = run->run->now;
	manifest->size = ledger_size(ledger);
	memcpy(manifest->store_id, ledger_store_id(ledger), sizeof manifest->store_id);
	custody_key_id(custody, manifest->custody_key);
}

static gboolean run_all(Run *run, GError **error)
{
	GError *stopped = NULL;
	g_autoptr(GPtrArray) damaged = g_ptr_array_new_with_free_func(g_free);
	if (!make_directory(run->run->directory, error) || !make_directory(run->home, error) || !sweep(run, NULL, error))
		return FALSE;
	g_autoptr(ArchiveManifest) before = look_back(run, damaged, &stopped);
	if (stopped != NULL) {
		g_propagate_error(error, stopped);
		return FALSE;
	}
	begin_manifest(run, ledger_custody_key(run->run->ledger));
	run->erased = ledger_erased_payloads(run->run->ledger, error);
	return run->erased != NULL && add_months(run, before, damaged, error) && write_custody(run, error) && publish(run, error) &&
	       sweep(run, run->manifest, error) && enter_all(run, error);
}

gboolean archive_run(const ArchiveRun *request, ArchiveResult *result, GError **error)
{
	GError *cause = NULL;
	Run run = {.run = request, .result = result};
	memset(result, 0, sizeof *result);
	result->damage = g_ptr_array_new_with_free_func(g_free);
	run.home = archive_mailbox_path(request->directory, request->mailbox);
	run.manifest = g_new0(ArchiveManifest, 1);
	run.written = g_array_new(FALSE, FALSE, sizeof(guint));
	gboolean done = run_all(&run, &cause);
	g_array_unref(run.written);
	g_clear_pointer(&run.erased, g_array_unref);
	archive_manifest_free(run.manifest);
	g_free(run.home);
	if (!done && cause == NULL)
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FORM, "the register of %s gave fewer entries than it has", request->mailbox);
	else if (!done && cause->domain == ARCHIVE_ERROR)
		g_propagate_error(error, cause);
	else if (!done) {
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE, "%s", cause->message);
		g_error_free(cause);
	}
	return done;
}
