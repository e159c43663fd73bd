/* SPDX-License-Identifier: ISC */
#include "cli/register.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/finding.h"
#include "cli/act.h"
#include "cli/progress.h"
#include "store/merkle.h"

#define SLICE 500 /* shorter: who waits for a processor gets it sooner; each costs the registrar 10 ms */

const char *register_form_word(RegisterForm form)
{
	return form == REGISTER_ALES ? "ales" : "kmo";
}

gboolean register_form_read(const char *word, RegisterForm *form)
{
	*form = g_strcmp0(word, "ales") == 0 ? REGISTER_ALES : REGISTER_KMO;
	return g_strcmp0(word, register_form_word(*form)) == 0;
}

gboolean register_form_kept(Session *session, const char *mailbox, RegisterForm *form, GError **error)
{
	json_t *body = json_pack("{s:s}", "mailbox", mailbox);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/register/form", body, NULL, error);
	const char *word = answer != NULL ? desk_get_text(answer, "form", error) : NULL;
	return word != NULL && (register_form_read(word, form) || desk_form_error(error, "form"));
}

static void row_clear(gpointer data)
{
	RegisterRow *row = data;
	row_free(row->row);
	g_free(row);
}

static void sheet_free(gpointer data)
{
	RegisterSheet *sheet = data;
	g_free(sheet->channel);
	g_free(sheet);
}

void register_free(RegisterBook *book)
{
	if (book == NULL)
		return;
	g_free(book->mailbox);
	g_free(book->origin);
	g_ptr_array_unref(book->rows);
	g_ptr_array_unref(book->sheets);
	g_byte_array_unref(book->leaves);
	g_free(book);
}

char *register_name(const RegisterRow *row)
{
	return g_strdup_printf("%u/%u", row->year, row->number);
}

static gboolean is_within(guint64 entry, guint64 from, guint64 upto)
{
	return entry >= from && entry < upto;
}

gboolean register_changed(const RegisterRow *row, guint64 from, guint64 upto)
{
	const RowErased *erased = row->row != NULL ? row_erased(row->row) : NULL;
	if (erased != NULL && is_within(erased->entry, from, upto))
		return TRUE;
	for (const RowColumn *column = row_columns; row->row != NULL && column->key != NULL; column++) {
		const GPtrArray *values = row_values(row->row, column);
		for (guint i = 0; i < values->len; i++) {
			const RowValue *value = values->pdata[i];
			if (is_within(value->entry, from, upto) || (value->struck != 0 && is_within(value->struck, from, upto)))
				return TRUE;
		}
	}
	return FALSE;
}

gboolean register_is_done(const RegisterRow *row, guint64 upto, const char **aside)
{
	gboolean done = FALSE;
	*aside = NULL;
	const GPtrArray *events = row->row != NULL ? row_events(row->row) : NULL;
	for (guint i = 0; events != NULL && i < events->len; i++) {
		const RowEvent *event = events->pdata[i];
		if (event->entry >= upto)
			break;
		if (event->kind != ENTRY_CLOSED && event->kind != ENTRY_SET_ASIDE && event->kind != ENTRY_REOPENED)
			continue;
		done = event->kind != ENTRY_REOPENED;
		*aside = event->kind == ENTRY_SET_ASIDE ? event->what : NULL;
	}
	return done;
}

/* --- one reading -------------------------------------------------------------------------------------------------------- */

typedef struct {
	Session *session;
	RegisterBook *book;
	GHashTable *by_seq; /* RegisterRow, all of them until they are sorted out */
	GHashTable *gone;   /* entries of work whose record is not handed out */
	json_t *dates;      /* of the slice */
	GHashTable *claims; /* ERASED entries that are said to stand for a report's: Claim, by their seq */
} Reading;

/* What is left of a report that was erased came before the entry that says so. */
typedef struct {
	guint64 seq, report;
	guint8 commitment[ENTRY_HASH];
} Claim;

static gboolean refuse(GError **error, const char *what)
{
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the register does not hold (%s): tell the supervisor and the other officers, not the administrator of the mail host alone"),
	                what);
}

static gboolean begin(Reading *reading, const char *act_word, RegisterForm form, const char *period, const char *ground,
                      GError **error)
{
	RegisterBook *book = reading->book;
	g_autoptr(Record) own = record_new();
	record_add(own, "act", act_word);
	record_add(own, "form", register_form_word(form));
	record_add(own, "period", period);
	const LookAct expected = {.kind = ENTRY_REGISTER_READ, .own = own};
	g_autoptr(Act) act = act_begin(reading->session, book->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:s, s:s}", "act", act_word, "form", register_form_word(form), "period", period);
	g_autoptr(json_t) answer = act_post(act, "/v1/register", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	book->reading = verify_look_act_seq(act->look);
	return TRUE;
}

/* --- entries ------------------------------------------------------------------------------------------------------------ */

static gboolean read_number(const char *name, guint *year, guint *number)
{
	int used = 0;
	*number = 0;
	return name != NULL && sscanf(name, "%4u/%u%n", year, number, &used) == 2 && name[used] == '\0' && *number > 0;
}

static void add_date(const Reading *reading, RegisterRow *row)
{
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, row->seq);
	const char *day = json_string_value(json_object_get(reading->dates, seq));
	guint year, month, number;
	char end;
	if (day != NULL && strlen(day) == 10 && sscanf(day, "%4u-%2u-%2u%c", &year, &month, &number, &end) == 3)
		g_strlcpy(row->official, day, sizeof row->official);
}

static RegisterRow *add_row(Reading *reading, guint64 seq)
{
	RegisterRow *row = g_new0(RegisterRow, 1);
	row->seq = row->since = seq;
	g_hash_table_insert(reading->by_seq, &row->seq, row);
	return row;
}

static gboolean take_received(Reading *reading, const Entry *entry, const Record *record, GError **error)
{
	guint64 received;
	const char *channel = record_get(record, "channel");
	if (!record_check(record, entry_schema(ENTRY_RECEIVED), NULL) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, NULL))
		return refuse(error, _("an entry of another form"));
	RegisterRow *row = add_row(reading, entry->seq);
	read_number(record_get(record, "number"), &row->year, &row->number);
	row->received = finding_moment(record, (gint64)received);
	row->channel = g_intern_string(channel != NULL ? channel : "-");
	add_date(reading, row);
	return TRUE;
}

/* The report was erased: its ERASED entry, further on, has what stays of it. */
static gboolean take_erased(Reading *reading, const Entry *entry, guint64 by, const guint8 *salt, const Record *record, const void *text,
                            gsize size, GError **error)
{
	guint64 received;
	const char *channel = record_get(record, "channel");
	if (entry->kind != ENTRY_RECEIVED || !record_check(record, entry_schema(ENTRY_ERASED), NULL) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, NULL))
		return refuse(error, _("an entry of another form"));
	Claim *claim = g_new0(Claim, 1);
	claim->seq = by;
	claim->report = entry->seq;
	entry_commit(salt, text, size, claim->commitment);
	g_hash_table_replace(reading->claims, &claim->seq, claim);
	RegisterRow *row = add_row(reading, entry->seq);
	read_number(record_get(record, "number"), &row->year, &row->number);
	row->received = finding_moment(record, (gint64)received);
	row->channel = g_intern_string(channel != NULL ? channel : "-");
	add_date(reading, row);
	return TRUE;
}

/* Is that entry the one that was claimed? */
static gboolean check_claim(Reading *reading, const Entry *entry, GError **error)
{
	const Claim *claim = entry->kind == ENTRY_ERASED ? g_hash_table_lookup(reading->claims, &entry->seq) : NULL;
	if (claim == NULL)
		return TRUE;
	gboolean good = claim->report == entry->concerns && memcmp(claim->commitment, entry->commitment, ENTRY_HASH) == 0;
	g_hash_table_remove(reading->claims, &entry->seq);
	return good || refuse(error, _("an entry whose text was exchanged"));
}

/* The row that the record's `case` names; NULL: one that another reads. */
static RegisterRow *row_of(const Reading *reading, const Record *record)
{
	guint64 seq;
	return record_get_uint(record, "case", G_MAXINT64, &seq, NULL) ? g_hash_table_lookup(reading->by_seq, &seq) : NULL;
}

static gboolean take_work(Reading *reading, const Entry *entry, const Record *record, json_t *item, GError **error)
{
	RegisterRow *row = row_of(reading, record);
	guint64 after;
	g_autoptr(GError) cause = NULL;
	if (row == NULL || row->elsewhere || !record_get_uint(record, "after", G_MAXINT64, &after, NULL))
		return refuse(error, _("an entry of another form"));
	if (after != row->last && !g_hash_table_contains(reading->gone, &after))
		return refuse(error, _("an entry of a row was left out"));
	g_autoptr(WipeText) words = act_open_text(reading->session, record, item, &cause);
	if (cause != NULL)
		return refuse(error, _("a text that cannot be opened"));
	if (row->row == NULL)
		row->row = row_new();
	row->last = entry->seq;
	return row_fold(row->row, entry->kind, entry->seq, record, words) || refuse(error, _("an entry of another form"));
}

static gboolean take_sheet(Reading *reading, const Entry *entry, const Record *record, GError **error)
{
	RegisterSheet *sheet = g_new0(RegisterSheet, 1);
	guint64 year, number, after;
	const char *channel = record_get(record, "channel"), *piece = record_get(record, "piece");
	guint first_year, last_year;
	g_ptr_array_add(reading->book->sheets, sheet);
	sheet->entry = entry->seq;
	sheet->change = g_strcmp0(record_get(record, "act"), "change") == 0;
	sheet->channel = g_strdup(g_strcmp0(channel, "-") != 0 ? channel : NULL);
	gboolean good = register_form_read(record_get(record, "form"), &sheet->form) &&
	                record_get_uint(record, "year", 9999, &year, NULL) &&
	                record_get_uint(record, "sheet", G_MAXINT32, &number, NULL) &&
	                record_get_uint(record, "upto", entry->seq, &sheet->upto, NULL) &&
	                record_get_uint(record, "after", entry->seq, &after, NULL) &&
	                read_number(record_get(record, "first"), &first_year, &sheet->first) &&
	                read_number(record_get(record, "last"), &last_year, &sheet->last) &&
	                record_get_hex(record, "digest", sheet->digest, sizeof sheet->digest, NULL);
	if (!good)
		return refuse(error, _("an entry of another form"));
	sheet->year = (guint)year;
	sheet->number = (guint)number;
	sheet->piece = piece != NULL ? (guint)g_ascii_strtoull(piece, NULL, 10) : 0;
	return TRUE;
}

static gboolean take_copied(Reading *reading, const Entry *entry, const Record *record, GError **error)
{
	RegisterRow *row = row_of(reading, record);
	guint64 sheet, line, upto;
	if (row == NULL || !record_get_uint(record, "sheet", G_MAXINT32, &sheet, NULL) ||
	    !record_get_uint(record, "line", G_MAXINT32, &line, NULL) || !record_get_uint(record, "upto", entry->seq, &upto, NULL))
		return refuse(error, _("an entry of another form"));
	row->copied = entry->seq;
	row->copied_upto = upto;
	row->copied_sheet = (guint)sheet;
	row->copied_line = (guint)line;
	return TRUE;
}

static gboolean take_accepted(Reading *reading, const Entry *entry, const Record *record, GError **error)
{
	RegisterRow *row = row_of(reading, record);
	if (row == NULL || row->number != 0 || !read_number(record_get(record, "number"), &row->year, &row->number))
		return refuse(error, _("an entry of another form"));
	row->since = entry->seq;
	return TRUE;
}

/* What was opened: its record is the one that the entry commits to. */
static gboolean take_open(Reading *reading, const Entry *entry, const guint8 *data, json_t *item, GError **error)
{
	g_autoptr(GBytes) salt = desk_get_octets(item, "salt", ENTRY_SALT, error);
	g_autoptr(GBytes) octets = salt != NULL ? desk_get_octets(item, "record", 0, error) : NULL;
	if (octets == NULL)
		return FALSE;
	gsize size;
	const void *text = g_bytes_get_data(octets, &size);
	guint64 by = (guint64)MAX(json_integer_value(json_object_get(item, "erased")), 0);
	if (by == 0 && !entry_verify_commitment(data, g_bytes_get_data(salt, NULL), text, size, NULL))
		return refuse(error, _("an entry whose text was exchanged"));
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	if (record == NULL)
		return refuse(error, _("an entry of another form"));
	if (by != 0)
		return take_erased(reading, entry, by, g_bytes_get_data(salt, NULL), record, text, size, error);
	switch (entry->kind) {
	case ENTRY_RECEIVED:
		return take_received(reading, entry, record, error);
	case ENTRY_ACCEPTED:
		return take_accepted(reading, entry, record, error);
	case ENTRY_SHEET:
		return take_sheet(reading, entry, record, error);
	case ENTRY_COPIED:
		return take_copied(reading, entry, record, error);
	default:
		return take_work(reading, entry, record, item, error);
	}
}

/* A case that another reads: its number is all there is. An X is named by what it is called now. */
static void take_elsewhere(Reading *reading, const Entry *entry, json_t *item)
{
	if (entry->kind != ENTRY_RECEIVED)
		return;
	RegisterRow *row = add_row(reading, entry->seq);
	row->elsewhere = TRUE;
	row->channel = g_intern_string("-");
	read_number(json_string_value(json_object_get(item, "name")), &row->year, &row->number);
}

static gboolean is_of_a_row(guint kind)
{
	return entry_is_casework(kind) || kind == ENTRY_RECEIVED || kind == ENTRY_ACCEPTED || kind == ENTRY_SHEET ||
	       kind == ENTRY_COPIED;
}

/* Both lists of the answer are in the order of the entries. */
typedef struct {
	json_t *list;
	gsize at;
} Cursor;

static json_t *cursor_take(Cursor *cursor, guint64 seq)
{
	json_t *item = json_array_get(cursor->list, cursor->at);
	if (item == NULL || (guint64)json_integer_value(json_object_get(item, "seq")) != seq)
		return NULL;
	cursor->at++;
	return item;
}

static gboolean take_entry(Reading *reading, const guint8 *data, guint64 seq, Cursor *open, Cursor *elsewhere, GError **error)
{
	Entry entry;
	json_t *item;
	guint8 leaf[ENTRY_HASH];
	if (!entry_decode(data, &entry, NULL) || entry.seq != seq)
		return refuse(error, _("an entry of another form"));
	entry_leaf(data, leaf);
	g_byte_array_append(reading->book->leaves, leaf, sizeof leaf);
	if (!check_claim(reading, &entry, error))
		return FALSE;
	if (!is_of_a_row(entry.kind))
		return TRUE;
	if (entry.kind != ENTRY_COPIED)
		reading->book->upto = seq + 1;
	if ((item = cursor_take(open, seq)) != NULL)
		return take_open(reading, &entry, data, item, error);
	if ((item = cursor_take(elsewhere, seq)) != NULL) {
		take_elsewhere(reading, &entry, item);
		return TRUE;
	}
	reading->book->kept_back++;
	g_hash_table_add(reading->gone, g_memdup2(&seq, sizeof seq));
	return TRUE;
}

/* --- slices --------------------------------------------------------------------------------------------------------------- */

static gboolean take_slice(Reading *reading, json_t *answer, guint64 *next, guint64 size, const guint8 *root, GError **error)
{
	gsize length;
	g_autoptr(GBytes) octets = desk_get_octets(answer, "entries", 0, error);
	if (octets == NULL)
		return FALSE;
	const guint8 *data = g_bytes_get_data(octets, &length);
	gsize n = length / ENTRY_SIZE;
	if (length % ENTRY_SIZE != 0 || n == 0)
		return desk_form_error(error, "entries");
	if (!verify_look_range(*next, data, n, size, root, answer))
		return refuse(error, _("an entry is missing, or does not stand in the register"));
	Cursor open = {json_object_get(answer, "open"), 0}, elsewhere = {json_object_get(answer, "elsewhere"), 0};
	reading->dates = json_object_get(answer, "dates");
	for (gsize i = 0; i < n; i++)
		if (!take_entry(reading, data + i * ENTRY_SIZE, *next + i, &open, &elsewhere, error))
			return FALSE;
	if (open.at != json_array_size(open.list) || elsewhere.at != json_array_size(elsewhere.list))
		return desk_form_error(error, "open");
	*next += n;
	return TRUE;
}

/* Up to the end of the first slice's checkpoint: what comes in meanwhile is left for the next time. */
static gboolean fetch(Reading *reading, GError **error)
{
	RegisterBook *book = reading->book;
	guint64 next = 0, end = book->reading + 1, known, size;
	guint8 root[NOTE_ROOT];
	g_auto(Progress) progress = {.all = end};
	while (next < end) {
		const char *origin = session_origin(reading->session, book->mailbox, &known, error);
		if (origin == NULL)
			return FALSE;
		json_t *body = json_pack("{s:s, s:I, s:I, s:I, s:I}", "mailbox", book->mailbox, "from", (json_int_t)next, "most",
		                         (json_int_t)(next == 0 ? SLICE : MIN(SLICE, end - next)), "known", (json_int_t)known, "entry",
		                         (json_int_t)book->reading);
		guint64 before = next;
		g_autoptr(json_t) answer = desk_client_post(reading->session->desk, "/v1/register/slice", body, NULL, error);
		if (answer == NULL || !verify_look_checkpoint(reading->session->pins, origin, answer, &size, root, error) ||
		    !take_slice(reading, answer, &next, size, root, error))
			return FALSE;
		end = before == 0 ? MAX(end, size) : end;
		progress_register(&progress, next - before);
	}
	return TRUE;
}

/* Each was met: else it says of something that was erased what no entry says. */
static gboolean check_claims(const Reading *reading, GError **error)
{
	return g_hash_table_size(reading->claims) == 0 ||
	       cli_fail(error, CLI_ERROR_FAILED, _("a case was erased while the register was read: read it again; where that comes back, tell the supervisor"));
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	const RegisterRow *one = *(const RegisterRow *const *)a, *other = *(const RegisterRow *const *)b;
	if (one->year != other->year)
		return one->year < other->year ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

/* The rows of the reports' series in their order: no number twice. */
static gboolean sort(Reading *reading, GError **error)
{
	GHashTableIter iter;
	gpointer row;
	GPtrArray *rows = reading->book->rows;
	g_hash_table_iter_init(&iter, reading->by_seq);
	while (g_hash_table_iter_next(&iter, NULL, &row)) {
		g_hash_table_iter_steal(&iter);
		if (((RegisterRow *)row)->number > 0)
			g_ptr_array_add(rows, row);
		else
			row_clear(row);
	}
	g_ptr_array_sort(rows, by_number);
	for (guint i = 1; i < rows->len; i++)
		if (by_number(&rows->pdata[i - 1], &rows->pdata[i]) == 0)
			return refuse(error, _("two rows have one number"));
	return TRUE;
}

RegisterBook *register_read(Session *session, const char *mailbox, const char *act, RegisterForm form, const char *period,
                            const char *ground, GError **error)
{
	g_autoptr(RegisterBook) book = g_new0(RegisterBook, 1);
	book->mailbox = g_strdup(mailbox);
	book->origin = g_strdup(desk_client_origin(session->desk, mailbox));
	book->zone = desk_client_zone(session->desk);
	book->rows = g_ptr_array_new_with_free_func(row_clear);
	book->sheets = g_ptr_array_new_with_free_func(sheet_free);
	book->leaves = g_byte_array_new();
	g_autoptr(GHashTable) by_seq = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, row_clear);
	g_autoptr(GHashTable) gone = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable) claims = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	Reading reading = {.session = session, .book = book, .by_seq = by_seq, .gone = gone, .claims = claims};
	return begin(&reading, act, form, period, ground, error) && fetch(&reading, error) && check_claims(&reading, error) &&
	                       sort(&reading, error)
	               ? g_steal_pointer(&book)
	               : NULL;
}

/* --- the checkpoint --------------------------------------------------------------------------------------------------------- */

static gboolean is_root(const RegisterBook *book, guint64 size, const guint8 *root)
{
	MerkleTree tree = {0};
	guint8 made[MERKLE_HASH];
	if (size == 0 || size > book->leaves->len / MERKLE_HASH)
		return FALSE;
	for (guint64 i = 0; i < size; i++)
		if (!merkle_append(&tree, book->leaves->data + i * MERKLE_HASH, NULL, NULL, NULL))
			return FALSE;
	merkle_root(&tree, made);
	return memcmp(made, root, sizeof made) == 0;
}

char *register_checkpoint(Session *session, const RegisterBook *book, guint64 upto, GError **error)
{
	guint64 size;
	guint8 root[NOTE_ROOT];
	json_t *body = json_pack("{s:s, s:I}", "mailbox", book->mailbox, "size", (json_int_t)upto);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/register/checkpoint", body, NULL, error);
	const char *note = answer != NULL ? desk_get_text(answer, "checkpoint", error) : NULL;
	if (note == NULL)
		return NULL;
	if (!note_verify_checkpoint(note, pins_verifier(session->pins, book->origin), &size, root, NULL) || size < upto ||
	    !is_root(book, size, root)) {
		refuse(error, _("a checkpoint of another register"));
		return NULL;
	}
	return g_strdup(note);
}
