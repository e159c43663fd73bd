/* SPDX-License-Identifier: ISC */
/* The whole check: the writer copies rows, slice by slice; hashing and unsealing happen in the caller's thread. */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/ledger-private.h"
#include "store/sealed-text.h"

#define FAULTS_MAX 1000
#define READ_SIZE (256 * 1024)

typedef struct {
	guint64 seq;
	gboolean there;
	guint8 data[ENTRY_SIZE];
	guint8 leaf[ENTRY_HASH];
	GBytes *opening;       /* sealed; NULL: none */
	GBytes *payloads[2];   /* rows of body and card; NULL: none */
	guint64 newest[2];     /* the entry whose state of that part is in force */
	gboolean outlived;     /* it is out of use and on its way out */
	GArray *nodes;         /* LedgerNode: stored subtrees that end with this entry, those that are there */
	GBytes *note;          /* the checkpoint over the entries up to this one; NULL: none */
	gint64 headers[2], texts; /* how many rows of headers: of body and card, and of sealed texts */
	gboolean bare;         /* its texts went by order, as custody.db has it */
	guint64 erased;        /* the ERASED entry by which the message went that it is of; 0: none */
	GBytes *instead;       /* that one's opening, sealed, where its own is gone */
} Row;

typedef struct {
	LedgerJob job;
	guint64 seq, end;
	GArray *rows;
} SliceJob;

typedef struct {
	Ledger *ledger;
	LedgerCheck *out;
	MerkleTree tree;
	const Row *row;
	gint64 last_day;
	GHashTable *numbers;   /* "2026/" or "2026/X-" -> the last number */
	GHashTable *threads; /* the last message of each case, by its entry */
	const People *people; /* who has no headers of old cases any more */
	guint unread;          /* records that may have had numbers and cannot be read: that was said already */
	gboolean noted;        /* the last row had a checkpoint */
	guint64 signed_up_to;  /* size of the last checkpoint that the entries lead to */
	gboolean parted;       /* they lead to none any more: said once */
	GHashTable *bare;      /* entries whose sealed texts went by order */
	GHashTable *cosigned;  /* rows of cosignatures that no entry has held yet (ledger_cosignatures()) */
} Check;

void ledger_check_clear(LedgerCheck *check)
{
	g_clear_pointer(&check->faults, g_ptr_array_unref);
	memset(check, 0, sizeof *check);
}

void ledger_check_fault(LedgerCheck *check, const char *format, ...)
{
	va_list ap;
	if (check->faults->len >= FAULTS_MAX)
		return;
	va_start(ap, format);
	g_ptr_array_add(check->faults, g_strdup_vprintf(format, ap));
	va_end(ap);
}

/* --- in the writer's thread --------------------------------------------------------------------------------------- */

static void row_clear(gpointer data)
{
	Row *row = data;
	GBytes **all[] = {&row->opening, &row->payloads[0], &row->payloads[1], &row->note, &row->instead};
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
		g_clear_pointer(all[i], g_bytes_unref);
	g_clear_pointer(&row->nodes, g_array_unref);
}

static gboolean copy_entry(Ledger *ledger, Row *row, GError **error)
{
	sqlite3_stmt *found =
		database_query(ledger->books, error, "SELECT data, leaf FROM entry WHERE seq=?", "i", (gint64)row->seq);
	int more = found != NULL ? database_next(ledger->books, found, error) : -1;
	if (more != 1)
		return more == 0;
	row->there = sqlite3_column_bytes(found, 0) == ENTRY_SIZE && sqlite3_column_bytes(found, 1) == ENTRY_HASH;
	if (row->there) {
		memcpy(row->data, sqlite3_column_blob(found, 0), ENTRY_SIZE);
		memcpy(row->leaf, sqlite3_column_blob(found, 1), ENTRY_HASH);
	}
	database_done(found);
	return TRUE;
}

static gboolean copy_blob(Database *database, sqlite3_stmt *found, GBytes **blob, GError **error)
{
	int more = found != NULL ? database_next(database, found, error) : -1;
	if (more == 1) {
		*blob = database_column(found, 0);
		database_done(found);
	}
	return more >= 0;
}

/* Levels 1 and up of the subtrees that are complete with this entry. */
static gboolean copy_nodes(Ledger *ledger, Row *row, GError **error)
{
	row->nodes = g_array_new(FALSE, FALSE, sizeof(LedgerNode));
	for (guint level = 1; ((row->seq + 1) & ((G_GUINT64_CONSTANT(1) << level) - 1)) == 0; level++) {
		LedgerNode node = {.level = level, .index = row->seq >> level};
		g_autoptr(GBytes) hash = NULL;
		sqlite3_stmt *found = database_query(ledger->books, error, "SELECT hash FROM node WHERE level=? AND ix=?", "ii",
		                                     (gint64)level, (gint64)node.index);
		if (!copy_blob(ledger->books, found, &hash, error))
			return FALSE;
		if (hash == NULL || g_bytes_get_size(hash) != MERKLE_HASH)
			continue;
		memcpy(node.hash, g_bytes_get_data(hash, NULL), MERKLE_HASH);
		g_array_append_val(row->nodes, node);
	}
	return TRUE;
}

/* Of a message, or of a state that came later; of: the message. */
static gboolean copy_objects(Ledger *ledger, Row *row, guint64 of, GError **error)
{
	Database *custody = ledger->custody;
	gint64 seq = (gint64)row->seq, outlived;
	for (gint64 part = SEAL_PART_BODY; part <= SEAL_PART_CARD; part++) {
		LedgerObject object;
		int found = ledger_object(ledger, NULL, of, (SealPart)part, &object, error);
		if (found < 0 ||
		    !copy_blob(custody, database_query(custody, error, "SELECT blob FROM payload WHERE seq=? AND part=?", "ii", seq, part),
		               &row->payloads[part], error) ||
		    !database_number(custody, error, &row->headers[part], 0, "SELECT count(*) FROM header WHERE seq=? AND part=?",
		                     "ii", seq, part))
			return FALSE;
		row->newest[part] = found == 1 ? object.seq : row->seq;
	}
	if (!database_number(custody, error, &outlived, 0, "SELECT count(*) FROM outlived WHERE seq=?", "i", seq))
		return FALSE;
	row->outlived = outlived > 0;
	if (!ledger_find_erased(ledger, of, &row->erased, error))
		return FALSE;
	sqlite3_stmt *found = row->erased == 0 || row->opening != NULL
	                          ? NULL
	                          : database_query(custody, error, "SELECT blob FROM opening WHERE seq=?", "i", (gint64)row->erased);
	return found == NULL ? row->erased == 0 || row->opening != NULL : copy_blob(custody, found, &row->instead, error);
}

static gboolean copy_row(Ledger *ledger, Row *row, GError **error)
{
	Entry entry;
	gint64 seq = (gint64)row->seq;
	sqlite3_stmt *opening, *note;
	if (!copy_entry(ledger, row, error) || !copy_nodes(ledger, row, error))
		return FALSE;
	opening = database_query(ledger->custody, error, "SELECT blob FROM opening WHERE seq=?", "i", seq);
	if (!copy_blob(ledger->custody, opening, &row->opening, error))
		return FALSE;
	note = database_query(ledger->books, error, "SELECT note FROM checkpoint WHERE size=?", "i", seq + 1);
	if (!copy_blob(ledger->books, note, &row->note, error))
		return FALSE;
	if (!row->there || !entry_decode(row->data, &entry, NULL))
		return TRUE;
	if (entry_is_message(entry.kind))
		return copy_objects(ledger, row, row->seq, error);
	if (entry.kind == ENTRY_RESEALED && !copy_objects(ledger, row, entry.concerns, error))
		return FALSE;
	if ((entry.flags & ENTRY_FLAG_SEALED) == 0)
		return TRUE;
	gint64 sealed;
	if (!database_number(ledger->custody, error, &sealed, 0, "SELECT sealed FROM opening WHERE seq=?", "i", seq))
		return FALSE;
	row->bare = sealed == 2;
	return database_number(ledger->custody, error, &row->texts, 0, "SELECT count(*) FROM header WHERE seq=? AND part >= ?", "ii", seq,
	                       (gint64)SEAL_PART_TEXT);
}

static gboolean step_slice(Ledger *ledger, LedgerJob *base)
{
	SliceJob *job = (SliceJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	for (guint i = 0; i < LEDGER_SLICE_ROWS && job->seq < job->end; i++) {
		Row row = {.seq = job->seq};
		gboolean copied = copy_row(ledger, &row, &base->error);
		g_array_append_val(job->rows, row);
		if (!copied || g_get_monotonic_time() > stop)
			break;
		job->seq++;
	}
	return TRUE;
}

/* --- in the caller's ---------------------------------------------------------------------------------------------- */

static gboolean compare_node(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	Check *check = user;
	(void)error;
	for (guint i = 0; !check->parted && i < check->row->nodes->len; i++) {
		const LedgerNode *node = &g_array_index(check->row->nodes, LedgerNode, i);
		if (node->level == level && node->index == index && memcmp(node->hash, hash, MERKLE_HASH) == 0)
			return TRUE;
	}
	if (!check->parted)
		ledger_check_fault(check->out,
		      "the stored subtree of level %u that ends with entry %" G_GUINT64_FORMAT " is not that of its entries",
		      level, check->row->seq);
	return TRUE;
}

static void check_note(Check *check)
{
	const Row *row = check->row;
	guint8 root[MERKLE_HASH], signed_root[MERKLE_HASH];
	guint64 size;
	g_autoptr(GError) reason = NULL;
	check->noted = row->note != NULL;
	if (row->note == NULL)
		return;
	gsize length;
	const char *data = g_bytes_get_data(row->note, &length);
	g_autofree char *note = g_strndup(data, length);
	merkle_root(&check->tree, root);
	if (!note_verify_checkpoint(note, check->ledger->verifier, &size, signed_root, &reason)) {
		ledger_check_fault(check->out, "the checkpoint up to entry %" G_GUINT64_FORMAT " is not one of this log: %s", row->seq,
		      reason->message);
	} else if (size != row->seq + 1) {
		ledger_check_fault(check->out, "the checkpoint up to entry %" G_GUINT64_FORMAT " is another one's", row->seq);
	} else if (memcmp(root, signed_root, sizeof root) == 0) {
		check->signed_up_to = size;
	} else if (!check->parted) {
		ledger_check_fault(check->out,
		      "an entry from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
		      " was altered: these are not those that were signed",
		      check->signed_up_to, row->seq);
		check->parted = TRUE;
	}
}

/* Into the tree goes the stored leaf, so that an entry whose octets were altered is the only one that is named. */
static gboolean check_entry(Check *check, Entry *entry)
{
	const Row *row = check->row;
	guint8 leaf[ENTRY_HASH];
	g_autoptr(GError) reason = NULL;
	if (!row->there) {
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " is missing", row->seq);
		return FALSE;
	}
	entry_leaf(row->data, leaf);
	if (memcmp(leaf, row->leaf, sizeof leaf) != 0)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " was altered: its octets do not lead to its leaf", row->seq);
	merkle_append(&check->tree, row->leaf, compare_node, check, NULL);
	check_note(check);
	if (!entry_decode(row->data, entry, &reason)) {
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT ": %s", row->seq, reason->message);
		return FALSE;
	}
	if (entry->seq != row->seq)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " calls itself entry %" G_GUINT64_FORMAT, row->seq, entry->seq);
	if (entry->time < check->last_day)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " is dated before the one that it follows", row->seq);
	check->last_day = entry->time;
	return TRUE;
}

/* The record behind the entry, or NULL with a fault. */
static Record *check_opening(Check *check, const Entry *entry)
{
	const Row *row = check->row;
	const Ledger *ledger = check->ledger;
	guint8 salt[ENTRY_SALT];
	g_autoptr(GError) reason = NULL;
	g_autoptr(GBytes) octets = NULL;
	if (row->opening == NULL) {
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT " is missing from custody.db", row->seq);
		return NULL;
	}
	g_autofree char *about = g_strdup_printf("opening\n%s\n%" G_GUINT64_FORMAT, ledger->origin, row->seq);
	gsize size;
	const void *blob = g_bytes_get_data(row->opening, &size);
	g_autoptr(GBytes) opening =
		custody_open(ledger->custody_key, ledger->store_id, CUSTODY_OPENING, about, strlen(about), blob, size, &reason);
	if (opening == NULL || !ledger_opening_split(opening, salt, &octets, &reason)) {
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT " in custody.db was altered: %s", row->seq,
		      reason->message);
		return NULL;
	}
	const void *text = g_bytes_get_data(octets, &size);
	if (!entry_verify_commitment(row->data, salt, text, size, &reason)) {
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " and its record do not go together: %s", row->seq, reason->message);
		return NULL;
	}
	Record *record = record_read(text, size, 0, entry_schema(entry->kind), &reason);
	if (record == NULL)
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT " is of another form: %s", row->seq, reason->message);
	return record;
}

static void check_number(Check *check, const char *number);
static void check_thread(Check *check, const Record *record);

/* --- what was erased by order ---------------------------------------------------------------------------------------- */

/* A sealed row of custody.db, opened; NULL with a fault where it was altered. */
static Record *open_record(Check *check, guint64 seq, GBytes *sealed, GError **reason)
{
	const Ledger *ledger = check->ledger;
	guint8 salt[ENTRY_SALT];
	g_autoptr(GBytes) octets = NULL;
	g_autofree char *about = g_strdup_printf("opening\n%s\n%" G_GUINT64_FORMAT, ledger->origin, seq);
	gsize size;
	const void *blob = g_bytes_get_data(sealed, &size);
	g_autoptr(GBytes) opening =
		custody_open(ledger->custody_key, ledger->store_id, CUSTODY_OPENING, about, strlen(about), blob, size, reason);
	if (opening == NULL || !ledger_opening_split(opening, salt, &octets, reason))
		return NULL;
	const void *text = g_bytes_get_data(octets, &size);
	return record_read(text, size, 0, entry_schema(ENTRY_ERASED), reason);
}

/* Its ERASED entry is checked where it stands; here its record says what came in this place. Nothing else may lie there. */
static void check_erased(Check *check, const Entry *entry)
{
	const Row *row = check->row;
	g_autoptr(GError) reason = NULL;
	g_autoptr(Record) erased = open_record(check, row->erased, row->instead, &reason);
	if (erased == NULL) {
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT ", by which entry %" G_GUINT64_FORMAT
		                   " was erased, was altered: %s", row->erased, row->seq, reason->message);
		check->unread++;
		return;
	}
	g_autoptr(Record) message = ledger_erased_message(erased);
	if (entry->kind == ENTRY_RECEIVED)
		check_number(check, record_get(message, "number"));
	else if (entry->kind == ENTRY_FOLLOWUP)
		check_thread(check, message);
	guint8 id[SEAL_CASE];
	int fd = entry_is_message(entry->kind) && record_get_hex(message, "case", id, sizeof id, NULL)
	             ? vault_read(check->ledger->vault, id, NULL)
	             : -1;
	gboolean there = row->payloads[0] != NULL || row->payloads[1] != NULL || row->headers[0] > 0 || row->headers[1] > 0 || fd >= 0;
	if (fd >= 0)
		close(fd);
	if (there && !row->outlived)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " was erased by entry %" G_GUINT64_FORMAT
		                   ", and sealed objects of it lie there: they came from an older copy of the store", row->seq, row->erased);
}

/* Which texts went by which order, as the ERASED records say; read when the first is met, and again where one was carried out since. */
static gboolean text_was_erased(Check *check, guint64 seq)
{
	for (guint i = 0; i < 2; i++) {
		if (g_hash_table_contains(check->bare, GSIZE_TO_POINTER(seq)))
			return TRUE;
		g_autoptr(GArray) all = i == 0 ? ledger_erased_all_texts(check->ledger, NULL) : NULL;
		for (guint k = 0; all != NULL && k < all->len; k++)
			g_hash_table_add(check->bare, GSIZE_TO_POINTER(g_array_index(all, guint64, k)));
	}
	return FALSE;
}

/* Numbers of a series follow one another in the order of their entries. */
static void check_number(Check *check, const char *number)
{
	guint year, value;
	gboolean aside;
	if (number == NULL || !ledger_number_parse(number, &year, &aside, &value)) {
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " has a number of another form", check->row->seq);
		return;
	}
	g_autofree char *series = g_strdup_printf("%u/%s", year, aside ? "X-" : "");
	guint last = GPOINTER_TO_UINT(g_hash_table_lookup(check->numbers, series));
	if (value <= last || value > last + 1 + check->unread)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " has the number %s, and the one before it in its series is %u",
		      check->row->seq, number, last);
	g_hash_table_insert(check->numbers, g_steal_pointer(&series), GUINT_TO_POINTER(value));
}

static void begin_numbers(Check *check, const Record *record)
{
	guint year, value;
	gboolean aside;
	const char *number;
	for (guint i = 0; (number = record_get_nth(record, "highest", i)) != NULL; i++)
		if (ledger_number_parse(number, &year, &aside, &value))
			g_hash_table_insert(check->numbers, g_strdup_printf("%u/%s", year, aside ? "X-" : ""),
			                    GUINT_TO_POINTER(value));
}

/* --- payloads ----------------------------------------------------------------------------------------------------- */

static gboolean digest_file(int fd, guint64 *size, guint8 digest[SEAL_DIGEST])
{
	crypto_generichash_state state;
	g_autofree guint8 *buffer = g_malloc(READ_SIZE);
	ssize_t got;
	crypto_generichash_init(&state, NULL, 0, SEAL_DIGEST);
	*size = 0;
	while ((got = read(fd, buffer, READ_SIZE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return FALSE;
		crypto_generichash_update(&state, buffer, (unsigned long long)got);
		*size += (guint64)got;
	}
	crypto_generichash_final(&state, digest, SEAL_DIGEST);
	return TRUE;
}

/* Sealed anew or erased since the row was copied: what is looked for now has gone, as it should. */
static gboolean is_replaced(const Check *check, guint64 of, SealPart part)
{
	guint64 state, by;
	if (ledger_erased(check->ledger, of, &by, NULL) && by != 0)
		return TRUE;
	return ledger_state(check->ledger, of, part, &state, NULL) && state != check->row->seq;
}

/* One part as the register has it. */
typedef struct {
	SealPart part;
	const char *what;
	guint64 of; /* the message */
	guint64 size;
	guint8 digest[SEAL_DIGEST], old_digest[SEAL_DIGEST];
	gboolean anew; /* it has an old one */
} Part;

static void check_payload(Check *check, const Part *part, guint64 stored, const guint8 stored_digest[SEAL_DIGEST])
{
	check->out->payloads++;
	if (part->size == stored && memcmp(part->digest, stored_digest, SEAL_DIGEST) == 0)
		return;
	if (part->anew && memcmp(part->old_digest, stored_digest, SEAL_DIGEST) == 0)
		ledger_check_fault(check->out,
		      "the %s of the case of entry %" G_GUINT64_FORMAT " is that of an older copy of the store: entry %" G_GUINT64_FORMAT
		      " sealed it anew", part->what, part->of, check->row->seq);
	else
		ledger_check_fault(check->out,
		      "the %s of the case of entry %" G_GUINT64_FORMAT
		      " was altered: it has not the Digest that was registered",
		      part->what, check->row->seq);
}

static void check_row_payload(Check *check, const Part *part, GBytes *payload)
{
	guint8 got[SEAL_DIGEST];
	gsize length;
	const void *data = g_bytes_get_data(payload, &length);
	crypto_generichash(got, sizeof got, data, length, NULL, 0);
	check_payload(check, part, length, got);
}

static void check_file_payload(Check *check, const Part *part, const guint8 id[SEAL_CASE])
{
	guint8 got[SEAL_DIGEST];
	guint64 length;
	g_autoptr(GError) reason = NULL;
	int fd = vault_read(check->ledger->vault, id, &reason);
	if (fd < 0 && !is_replaced(check, part->of, part->part))
		ledger_check_fault(check->out, "the body of the case of entry %" G_GUINT64_FORMAT " is missing: %s", check->row->seq,
		      reason->message);
	if (fd < 0)
		return;
	if (digest_file(fd, &length, got))
		check_payload(check, part, length, got);
	else
		ledger_check_fault(check->out, "the body of the case of entry %" G_GUINT64_FORMAT " cannot be read: %s", check->row->seq,
		      g_strerror(errno));
	close(fd);
}

/* What was sealed anew must not lie there in its old state: somebody put it back, with whatever its old key opens. */
static void check_replaced(Check *check, const Part *part, const guint8 id[SEAL_CASE])
{
	const Row *row = check->row;
	int fd = part->part == SEAL_PART_BODY && row->payloads[part->part] == NULL ? vault_read(check->ledger->vault, id, NULL) : -1;
	gboolean there = row->payloads[part->part] != NULL || row->headers[part->part] > 0 || fd >= 0;
	if (fd >= 0)
		close(fd);
	if (there && !row->outlived)
		ledger_check_fault(check->out,
		      "the %s of the case of entry %" G_GUINT64_FORMAT " lies there as it was before entry %" G_GUINT64_FORMAT
		      " sealed it anew: it came from an older copy of the store",
		      part->what, row->seq, row->newest[part->part]);
}

/* FALSE: its record has not that part. */
static gboolean read_part(const Record *record, Part *part)
{
	gboolean body = part->part == SEAL_PART_BODY;
	part->what = body ? "body" : "card";
	part->anew = record_get_hex(record, body ? "old-digest" : "old-card-digest", part->old_digest, SEAL_DIGEST, NULL);
	return record_get_hex(record, body ? "digest" : "card-digest", part->digest, SEAL_DIGEST, NULL) &&
	       record_get_uint(record, body ? "size" : "card-size", G_MAXUINT64, &part->size, NULL);
}

/* TRUE: this row's state of it is in force. */
static gboolean check_part(Check *check, const Part *part, const guint8 id[SEAL_CASE])
{
	const Row *row = check->row;
	if (row->newest[part->part] != row->seq) {
		check_replaced(check, part, id);
		return FALSE;
	}
	if (row->payloads[part->part] != NULL)
		check_row_payload(check, part, row->payloads[part->part]);
	else if (part->part == SEAL_PART_BODY)
		check_file_payload(check, part, id);
	else
		ledger_check_fault(check->out, "the card of the case of entry %" G_GUINT64_FORMAT " is missing", row->seq);
	return TRUE;
}

/* Each further message of a case names the one before it, so that none can be left out. */
static void check_thread(Check *check, const Record *record)
{
	guint64 of = 0, previous = 0;
	const char *before = record_get(record, "previous");
	gboolean form = record_get_uint(record, "of", G_MAXINT64, &of, NULL) && before != NULL &&
	                (strcmp(before, "-") == 0 || record_get_uint(record, "previous", G_MAXINT64, &previous, NULL));
	gpointer last = g_hash_table_lookup(check->threads, GSIZE_TO_POINTER(of));
	if (!form || of >= check->row->seq || previous != GPOINTER_TO_SIZE(last))
		ledger_check_fault(check->out,
		      "the message of entry %" G_GUINT64_FORMAT " does not follow the last one of its case: one was left out",
		      check->row->seq);
	g_hash_table_insert(check->threads, GSIZE_TO_POINTER(of), GSIZE_TO_POINTER(check->row->seq));
}

/* The name at the beginning of `reader` (a blank or its end behind it) is of somebody whose headers went with her. */
static gboolean is_stripped(const Check *check, const char *reader)
{
	g_autofree char *name = g_strndup(reader, strcspn(reader, " "));
	const PeoplePerson *person = people_find(check->people, name);
	return person != NULL && person->stripped > check->row->seq;
}

/* Has that reader of the record a header of the part? Of a message a recovery reads the body alone, everybody else both; what
 * was sealed anew says it of each. */
static gboolean reads_part(const Check *check, const Entry *entry, const char *reader, SealPart part)
{
	if (is_stripped(check, reader))
		return FALSE;
	if (entry->kind == ENTRY_RESEALED)
		return strstr(reader, part == SEAL_PART_BODY ? " body" : " card") != NULL;
	return part == SEAL_PART_BODY || !g_str_has_suffix(reader, " recovery");
}

static void check_objects(Check *check, const Entry *entry, const Record *record, const guint8 id[SEAL_CASE])
{
	const Row *row = check->row;
	guint expected = 0, parts = 0;
	gint64 headers = 0;
	const char *reader;
	for (SealPart which = SEAL_PART_BODY; which <= SEAL_PART_CARD; which++) {
		Part part = {.part = which, .of = entry->kind == ENTRY_RESEALED ? entry->concerns : row->seq};
		if (!read_part(record, &part) || !check_part(check, &part, id))
			continue;
		parts++;
		headers += row->headers[which];
		for (guint i = 0; (reader = record_get_nth(record, "reader", i)) != NULL; i++)
			expected += reads_part(check, entry, reader, which);
	}
	if (parts > 0 && headers < (gint64)MAX(expected, 1))
		ledger_check_fault(check->out,
		      "the case of entry %" G_GUINT64_FORMAT " has %" G_GINT64_FORMAT " headers of %u: a reader cannot open it",
		      row->seq, headers, expected);
}

static void check_case(Check *check, const Entry *entry, const Record *record)
{
	guint8 id[SEAL_CASE];
	Part body = {.part = SEAL_PART_BODY}, card = {.part = SEAL_PART_CARD};
	gboolean anew = entry->kind == ENTRY_RESEALED;
	if (entry->kind == ENTRY_RECEIVED)
		check_number(check, record_get(record, "number"));
	else if (!anew)
		check_thread(check, record);
	if (!record_get_hex(record, anew ? "object" : "case", id, sizeof id, NULL) || !read_part(record, &body) ||
	    (!anew && !read_part(record, &card))) {
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT " is of another form", check->row->seq);
		return;
	}
	if (memcmp(entry->object, body.digest, sizeof body.digest) != 0)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " and its record name different bodies", check->row->seq);
	check_objects(check, entry, record, id);
}

/* The sealed texts of an act: their form, and that each reader has her header. */
static void check_texts(Check *check, const Record *record)
{
	static const SealPart parts[] = {SEAL_PART_TEXT, SEAL_PART_GROUND};
	guint named = 0, expected = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autoptr(GError) reason = NULL;
		g_autoptr(SealedText) text = sealed_text_from_record(parts[i], record, &reason);
		if (reason != NULL)
			ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT ": %s", check->row->seq, reason->message);
		named += text != NULL ? text->headers->len : 0;
		for (guint k = 0; text != NULL && k < text->headers->len; k++)
			expected += !is_stripped(check, ((const SealedTextHeader *)text->headers->pdata[k])->reader);
	}
	if (check->row->bare && check->row->texts == 0 && text_was_erased(check, check->row->seq))
		return;
	expected = MAX(expected, 1);
	if (named == 0 || check->row->texts < (gint64)expected)
		ledger_check_fault(check->out,
		      "the text of entry %" G_GUINT64_FORMAT " has %" G_GINT64_FORMAT " headers of %u: a reader cannot open it",
		      check->row->seq, check->row->texts, expected);
}

/* --- what trustees have signed ------------------------------------------------------------------------------------ */

/* The entry holds the line, and the table hands it out. The row may have come after the rows were read: it is asked for once
 * more then. */
static void check_cosignature(Check *check, const Record *record)
{
	guint64 size;
	guint8 key[LEDGER_WITNESS_KEY];
	g_autoptr(GError) reason = NULL;
	const char *line = record_get(record, "line");
	if (g_strcmp0(record_get(record, "act"), "confirmed") != 0)
		return;
	if (line == NULL || !record_get_uint(record, "size", G_MAXINT64, &size, &reason) ||
	    !record_get_hex(record, "key", key, sizeof key, &reason)) {
		ledger_check_fault(check->out, "the record of entry %" G_GUINT64_FORMAT " is of another form", check->row->seq);
		return;
	}
	g_autofree char *name = ledger_cosignature_name(size, key);
	g_autofree char *found = g_strdup(g_hash_table_lookup(check->cosigned, name));
	if (found == NULL)
		found = ledger_cosignature_line(check->ledger, size, key, &reason);
	g_hash_table_remove(check->cosigned, name);
	if (found == NULL)
		ledger_check_fault(check->out, "the cosignature of entry %" G_GUINT64_FORMAT " is missing from its table", check->row->seq);
	else if (strcmp(found, line) != 0)
		ledger_check_fault(check->out, "the cosignature of entry %" G_GUINT64_FORMAT " was altered in its table", check->row->seq);
}

static void check_other_cosignatures(Check *check)
{
	GHashTableIter all;
	gpointer name;
	g_hash_table_iter_init(&all, check->cosigned);
	while (g_hash_table_iter_next(&all, &name, NULL))
		ledger_check_fault(check->out, "a cosignature over %.*s entries was put into its table: no entry holds it",
		                   (int)strcspn(name, " "), (const char *)name);
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static void check_row(Check *check, const Row *row)
{
	Entry entry;
	check->row = row;
	check->out->entries++;
	if (!check_entry(check, &entry))
		return;
	if (row->instead != NULL) {
		check_erased(check, &entry);
		return;
	}
	if (row->erased != 0 && !row->outlived)
		ledger_check_fault(check->out, "entry %" G_GUINT64_FORMAT " was erased by entry %" G_GUINT64_FORMAT
		                   ", and its record lies there: it came from an older copy of the store", row->seq, row->erased);
	g_autoptr(Record) record = check_opening(check, &entry);
	if (record == NULL) {
		check->unread++;
		return;
	}
	if (entry_is_message(entry.kind) || entry.kind == ENTRY_RESEALED)
		check_case(check, &entry, record);
	else if (entry.kind == ENTRY_ACCEPTED)
		check_number(check, record_get(record, "number"));
	else if (entry.kind == ENTRY_RESTORED)
		begin_numbers(check, record);
	else if (entry.kind == ENTRY_WITNESSED)
		check_cosignature(check, record);
	if (!entry_is_message(entry.kind) && (entry.flags & ENTRY_FLAG_SEALED) != 0)
		check_texts(check, record);
}

static gboolean check_slice(Check *check, guint64 *seq, guint64 end, GError **error)
{
	SliceJob job = {.job = {.step = step_slice}, .seq = *seq, .end = end};
	job.rows = g_array_new(FALSE, FALSE, sizeof(Row));
	g_array_set_clear_func(job.rows, row_clear);
	gboolean done = ledger_run(check->ledger, &job.job, error);
	g_autoptr(People) people = ledger_people(check->ledger); /* not older than the rows */
	check->people = people;
	for (guint i = 0; done && i < job.rows->len; i++)
		check_row(check, &g_array_index(job.rows, Row, i));
	*seq += job.rows->len;
	g_array_unref(job.rows);
	return done;
}

/* --- what follows from it ----------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	const LedgerCheck *check;
} VerdictJob;

/* An incident that opens, or one that is over. */
static gboolean apply_verdict(LedgerGroup *group, LedgerJob *base, GError **error)
{
	VerdictJob *job = (VerdictJob *)base;
	const GPtrArray *faults = job->check->faults;
	LedgerIncident incident = {.what = "mismatch", .details = (const char *const *)faults->pdata};
	if (faults->len == 0 && !ledger_incident_lasting(group, incident.what, &incident.of, error))
		return FALSE;
	/* One that was not entered, since the disk was full then, begins and ends here. */
	incident.from = group->now;
	incident.to = faults->len > 0 ? 0 : group->now;
	incident.n_details = MIN(faults->len, 32);
	return ledger_incident_add(group, &incident, NULL, error) &&
	       database_run(group->ledger->custody, error, "UPDATE head SET tampered=?", "i", (gint64)(faults->len > 0));
}

static gboolean conclude(Ledger *ledger, const LedgerCheck *check, GError **error)
{
	gboolean tampered = check->faults->len > 0;
	if (tampered == ledger_is_tampered(ledger))
		return TRUE;
	/* What must not be done any longer stops at once, whether or not the incident can be written. */
	g_mutex_lock(&ledger->mutex);
	ledger->tampered = ledger->tampered || tampered;
	g_mutex_unlock(&ledger->mutex);
	VerdictJob job = {.job = {.apply = apply_verdict, .appends = TRUE, .weight = 16384}, .check = check};
	if (!ledger_run(ledger, &job.job, error))
		return FALSE;
	g_mutex_lock(&ledger->mutex);
	ledger->tampered = tampered;
	g_mutex_unlock(&ledger->mutex);
	return TRUE;
}

static gboolean run(Check *check, gboolean (*progress)(guint64 done, guint64 all, gpointer), gpointer user, GError **error)
{
	guint64 seq = 0, end = ledger_size(check->ledger);
	while (seq < end) {
		if (!check_slice(check, &seq, end, error))
			return FALSE;
		if (progress != NULL && !progress(seq, end, user))
			return ledger_fail(error, LEDGER_ERROR_CLOSED, "the check was stopped before its end");
	}
	if (!check->noted)
		ledger_check_fault(check->out, "the last checkpoint does not reach entry %" G_GUINT64_FORMAT, end - 1);
	check_other_cosignatures(check);
	return TRUE;
}

gboolean ledger_check(Ledger *ledger, LedgerCheck *out, gboolean (*progress)(guint64 done, guint64 all, gpointer),
                      gpointer user, GError **error)
{
	memset(out, 0, sizeof *out);
	g_autoptr(GHashTable) cosigned = ledger_cosignatures(ledger, error); /* before the size is: each has its entry below it */
	if (cosigned == NULL)
		return FALSE;
	g_autoptr(GHashTable) numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) threads = g_hash_table_new(NULL, NULL), bare = g_hash_table_new(NULL, NULL);
	Check check = {.ledger = ledger, .out = out, .numbers = numbers, .threads = threads, .bare = bare, .cosigned = cosigned};
	out->faults = g_ptr_array_new_with_free_func(g_free);
	gboolean done = run(&check, progress, user, error) && conclude(ledger, out, error);
	if (!done)
		ledger_check_clear(out);
	return done;
}
