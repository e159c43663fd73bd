/* SPDX-License-Identifier: ISC */
/* Destruction by order: nothing of it lies anywhere afterwards, whatever kills the registrar or fills the disk in between, and what has to
 * outlive it does. */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/finding.h"
#include "store/keyfile.h"
#include "store/ledger-archive.h"
#include "store/ledger-offline.h"
#include "store/ledger-private.h"
#include "store/letter-token.h"
#include "store/sealed-text.h"
#include "tests/ledger-room.h"

#define LARGE 100000
#define TEN_DAYS (10 * 86400)

/* --- a disk that fills up: this stands in front of the C library's, for SQLite too ---------------------------------- */

static gboolean full;

#define SEEN __attribute__((visibility("default")))

SEEN ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	if (!full)
		return syscall(SYS_pwrite64, fd, data, size, offset);
	errno = ENOSPC;
	return -1;
}

SEEN ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return pwrite64(fd, data, size, offset);
}

static const char *full_at;

static void fill_disk(const char *step)
{
	full = full || strcmp(step, full_at) == 0;
}

/* --- a case with all that a case can have --------------------------------------------------------------------------- */

typedef struct {
	guint64 seq, followup, resealed, note, opened, order;
} Story;

static guint64 append(Room *room, LedgerAct *act)
{
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	act->concerns = act->concerns != 0 ? act->concerns : LEDGER_NOTHING;
	g_assert_true(ledger_append(room->ledger, act, &entry, &error));
	g_assert_no_error(error);
	guint64 seq = entry.seq;
	ledger_entry_clear(&entry);
	return seq;
}

static LedgerCase *load(Room *room, guint64 seq)
{
	g_autoptr(GError) error = NULL;
	LedgerCase *c = ledger_case_by_seq(room->ledger, seq, &error);
	g_assert_no_error(error);
	return c;
}

static SealedText *seal(SealPart part, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	SealedText *text = sealed_text_new(part, words, &error);
	g_assert_true(sealed_text_add_reader(text, "aigul", half->card, &error));
	g_assert_no_error(error);
	return text;
}

/* An act of casework, or any other, with a text in its own words. */
static guint64 act_with_text(Room *room, guint64 seq, EntryKind kind, SealPart part, const char *key, const char *value)
{
	g_autoptr(SealedText) text = seal(part, "Her own words.");
	g_autoptr(LedgerCase) c = load(room, seq);
	g_autoptr(Record) record = record_new();
	const SealedTextHeader *made = text->headers->pdata[0];
	const LedgerTextHeader header = {part, text->id, "age1aigulcard", made->header, strlen(made->header)};
	record_add_uint(record, "time", (guint64)room_time);
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", seq);
	if (entry_is_casework(kind))
		record_add_uint(record, "after", ledger_case_last(c));
	if (key != NULL)
		record_add(record, key, value);
	sealed_text_record(text, record);
	LedgerAct act = {.kind = kind, .flags = ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED, .record = record, .case_seq = seq,
	                 .state = kind == ENTRY_OPENED ? "open" : NULL, .text_headers = &header, .n_text_headers = 1};
	return append(room, &act);
}

static guint64 erasure(Room *room, guint64 seq, const char *word, guint64 message)
{
	g_autoptr(LedgerCase) c = load(room, seq);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add(record, "officer", strcmp(word, "ordered") == 0 ? "aigul" : "chair");
	record_add_uint(record, "case", seq);
	record_add_uint(record, "after", ledger_case_last(c));
	record_add(record, "act", word);
	if (strcmp(word, "ordered") == 0) {
		record_add(record, "order", "12-К / 3");
		record_add(record, "dated", "2026-11-01");
		record_add(record, "digest", "00ff");
		if (message != 0)
			record_add_uint(record, "message", message);
	}
	LedgerAct act = {.kind = ENTRY_ERASURE, .record = record, .case_seq = seq, .chained = TRUE, .after = ledger_case_last(c)};
	return append(room, &act);
}

static guint64 follow_up(Room *room, guint seed, guint64 seq, gsize size)
{
	guint8 key[CUSTODY_KEY];
	g_autoptr(LedgerCase) c = load(room, seq);
	g_autoptr(RoomReport) report = room_report(room, seed, size);
	custody_derive(room->custody, room->store_id, CUSTODY_MESSAGE_ID, key);
	g_autofree char *reference = letter_token_reply(key, c->case_id);
	record_add(report->facts, "reference", reference);
	report->report.letter_state = LEDGER_LETTER_WITHHELD;
	report->report.letter_reason = "follow-up";
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) after = load(room, seq);
	return after->last;
}

/* In its place behind the verdict. */
static void add_class(RoomReport *report, const char *class)
{
	const char *key, *value;
	Record *facts = record_new();
	for (guint i = 0; record_line(report->facts, i, &key, &value); i++) {
		record_add(facts, key, value);
		if (strcmp(key, "verdict") == 0)
			record_add(facts, "class", class);
	}
	record_free(report->facts);
	report->report.facts = report->facts = facts;
}

static Story tell(Room *room, gsize size)
{
	Story story = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, 1, size), with = room_report(room, 11, size);
	room_report_fact(report, "verdict", "review");
	add_class(report, "threat");
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	story.seq = c->seq;
	story.followup = follow_up(room, 2, story.seq, 0);
	g_assert_true(room_seal_anew(room, with, story.seq, story.seq, TRUE, &error));
	story.resealed = room_state(room, story.seq, SEAL_PART_BODY);
	story.opened = act_with_text(room, story.seq, ENTRY_OPENED, SEAL_PART_GROUND, "part", "body");
	story.note = act_with_text(room, story.seq, ENTRY_NOTED, SEAL_PART_TEXT, NULL, NULL);
	return story;
}

static void confirm(Room *room, Story *story, guint64 message)
{
	story->order = erasure(room, story->seq, "ordered", message);
	erasure(room, story->seq, "confirmed", 0);
}

static gboolean try_erase(Room *room, guint64 seq)
{
	g_autoptr(GError) error = NULL;
	gboolean done = ledger_erase(room->ledger, seq, &error);
	if (!done)
		g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_STATE);
	return done;
}

/* --- what must be found nowhere -------------------------------------------------------------------------------------- */

/* The middle of each blob of these rows: whole it may be cut over two pages of a database. */
#define PIECE 24

static void take_pieces(Room *room, const char *sql, GPtrArray *pieces)
{
	sqlite3 *connection;
	sqlite3_stmt *rows;
	g_autofree char *path = room_path(room, "custody.db");
	g_assert_cmpint(sqlite3_open(path, &connection), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_prepare_v2(connection, sql, -1, &rows, NULL), ==, SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const guint8 *blob = sqlite3_column_blob(rows, 0);
		int size = sqlite3_column_bytes(rows, 0);
		g_assert_cmpint(size, >=, 2 * PIECE);
		g_ptr_array_add(pieces, g_bytes_new(blob + size / 2 - PIECE / 2, PIECE));
		g_ptr_array_add(pieces, g_bytes_new(blob + 28, PIECE)); /* a header's nonce, and what it begins with */
	}
	sqlite3_finalize(rows);
	sqlite3_close(connection);
}

static guint find_in(const char *path, const GPtrArray *pieces)
{
	guint found = 0;
	const char *name;
	char *data;
	gsize size;
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		found += find_in(below, pieces);
	}
	if (dir != NULL || !g_file_get_contents(path, &data, &size, NULL))
		return found;
	for (guint i = 0; i < pieces->len; i++)
		found += memmem(data, size, g_bytes_get_data(pieces->pdata[i], NULL), PIECE) != NULL;
	g_free(data);
	return found;
}

/* Of the closed room: every sealed row that is to go, and the large body's own octets. */
static GPtrArray *pieces_of(Room *room, const Story *story, gsize size)
{
	GPtrArray *pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autofree char *rows = g_strdup_printf(
		"SELECT blob FROM header WHERE seq IN (%1$" G_GUINT64_FORMAT ", %2$" G_GUINT64_FORMAT ", %3$" G_GUINT64_FORMAT
		", %4$" G_GUINT64_FORMAT ", %5$" G_GUINT64_FORMAT ") UNION ALL"
		" SELECT blob FROM payload WHERE seq IN (%1$" G_GUINT64_FORMAT ", %2$" G_GUINT64_FORMAT ", %3$" G_GUINT64_FORMAT ") UNION ALL"
		" SELECT blob FROM opening WHERE seq IN (%1$" G_GUINT64_FORMAT ", %2$" G_GUINT64_FORMAT ", %3$" G_GUINT64_FORMAT ") UNION ALL"
		" SELECT blob FROM state WHERE seq=%1$" G_GUINT64_FORMAT " UNION ALL SELECT letter FROM outbox WHERE case_seq=%1$" G_GUINT64_FORMAT,
		story->seq, story->followup, story->resealed, story->note, story->opened);
	take_pieces(room, rows, pieces);
	if (size > 0) {
		g_autofree guint8 *body = g_malloc(size);
		guint8 key[randombytes_SEEDBYTES] = {11};
		key[8] = 1;
		randombytes_buf_deterministic(body, size, key);
		g_ptr_array_add(pieces, g_bytes_new(body + size / 2, PIECE));
	}
	g_assert_cmpuint(find_in(room->directory, pieces), >=, pieces->len);
	return pieces;
}

/* --- what must be there ------------------------------------------------------------------------------------------------ */

static guint offline_faults(Room *room)
{
	LedgerCheck check;
	g_autoptr(GError) error = NULL;
	g_autofree char *key = note_signer_verifier(room->signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, &error);
	const LedgerOffline question = {.directory = room->directory, .verifier = verifier};
	g_assert_true(ledger_offline_check(&question, &check, &error));
	guint n = check.faults->len;
	for (guint i = 0; i < n; i++)
		g_test_message("%s", (const char *)check.faults->pdata[i]);
	ledger_check_clear(&check);
	return n;
}

static gboolean has_opening(Room *room, guint64 seq)
{
	LedgerEntry entry = {0};
	gboolean has = ledger_entry(room->ledger, seq, &entry, NULL);
	ledger_entry_clear(&entry);
	return has;
}

static char *state_of(Room *room, guint64 seq)
{
	gsize size;
	g_autoptr(LedgerCase) c = load(room, seq);
	g_autoptr(Record) record = record_new();
	const char *key, *value;
	record_add_printf(record, "line", "%u/%u %d %s %s %" G_GINT64_FORMAT " %u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	                  " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, c->year, c->number, c->aside, c->state, c->ack_state, c->received,
	                  c->followups, c->last, c->news, c->seen, c->size);
	for (guint i = 0; record_line(c->facts, i, &key, &value); i++)
		record_add(record, key, value);
	ledger_case_work_write(c, record);
	return record_write(record, &size);
}

/* The list of cases is the same when it is made again from what is left. */
static void is_made_again(Room *room, guint64 seq)
{
	g_autofree char *before = state_of(room, seq);
	room_close(room);
	room_sql(room, "custody.db", "UPDATE head SET cache=0");
	room_open(room);
	g_autofree char *after = state_of(room, seq);
	g_assert_cmpstr(after, ==, before);
}

static void is_erased(Room *room, const Story *story, guint64 other)
{
	guint64 by;
	LedgerErasedState state;
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerCase) c = load(room, story->seq);
	g_assert_cmpuint(c->number, ==, 1);
	g_assert_cmpuint(c->erased, !=, 0);
	g_assert_cmpstr(c->erasure->word, ==, "erased");
	g_assert_cmpstr(c->erasure->number, ==, "12-К / 3");
	g_assert_cmpstr(c->erasure->dated, ==, "2026-11-01");
	g_assert_null(record_get(c->facts, "class"));
	g_assert_null(record_get(c->facts, "verdict"));
	g_assert_false(has_opening(room, story->seq) || has_opening(room, story->followup) || has_opening(room, story->resealed));
	g_assert_true(has_opening(room, story->note) && has_opening(room, story->opened));
	g_assert_true(ledger_erased(room->ledger, story->followup, &by, &error) && by != 0);
	g_assert_true(ledger_erased(room->ledger, other, &by, &error) && by == 0);
	g_assert_true(ledger_erased_state(room->ledger, c->erased, &state, &error));
	g_assert_true(state.removed && state.custody == 0);
	g_autoptr(GPtrArray) messages = ledger_messages(room->ledger, c, 10, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(messages->len, ==, 1);
	g_assert_cmpuint(((const LedgerMessage *)messages->pdata[0])->erased, !=, 0);
	g_autoptr(GBytes) header = ledger_header(room->ledger, other, SEAL_PART_BODY, "age1aigulbody", &error);
	g_assert_no_error(error);
	room_is_sound(room);
}

static void nothing_of_an_erased_case_lies_anywhere(gconstpointer data)
{
	gsize size = GPOINTER_TO_SIZE(data);
	Room *room = room_new();
	guint64 other = room_take(room, 3);
	g_assert_cmpuint(other, ==, 1);
	room_free(room);
	room = room_new();
	Story story = tell(room, size);
	other = room_take(room, 3);
	confirm(room, &story, 0);
	room_close(room);
	g_autoptr(GPtrArray) pieces = pieces_of(room, &story, size);
	room_open(room);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	/* Open or closed, at once and after a restart. */
	g_assert_cmpuint(find_in(room->directory, pieces), ==, 0);
	is_erased(room, &story, other);
	is_made_again(room, story.seq);
	is_erased(room, &story, other);
	room_close(room);
	g_assert_cmpuint(find_in(room->directory, pieces), ==, 0);
	g_assert_cmpuint(offline_faults(room), ==, 0);
	room_free(room);
}

/* --- when --------------------------------------------------------------------------------------------------------------- */

static void it_waits_ten_days_and_can_be_stopped_or_held(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	g_assert_false(try_erase(room, story.seq));
	story.order = erasure(room, story.seq, "ordered", 0);
	room_wait(TEN_DAYS);
	g_assert_false(try_erase(room, story.seq)); /* ordered alone */
	erasure(room, story.seq, "confirmed", 0);
	g_autoptr(GArray) pending = ledger_erasures(room->ledger, NULL);
	g_assert_cmpuint(pending->len, ==, 1);
	room_wait(TEN_DAYS - 1);
	g_assert_false(try_erase(room, story.seq));
	/* Its row stays as it is meanwhile, but for a hold, which forbids the erasure. */
	g_autoptr(Record) note = record_new();
	record_add_uint(note, "time", (guint64)room_time);
	record_add(note, "officer", "aigul");
	record_add_uint(note, "case", story.seq);
	record_add(note, "hold", "on");
	LedgerAct act = {.kind = ENTRY_NOTED, .record = note, .case_seq = story.seq, .concerns = LEDGER_NOTHING};
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_ERASING);
	act.kind = ENTRY_HELD;
	append(room, &act);
	room_wait(2);
	g_assert_false(try_erase(room, story.seq));
	erasure(room, story.seq, "stopped", 0);
	g_autoptr(GArray) none = ledger_erasures(room->ledger, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	is_made_again(room, story.seq);
	g_assert_false(try_erase(room, story.seq));
	g_assert_true(has_opening(room, story.seq));
	room_free(room);
}

static void one_message_goes_and_the_others_stay(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	confirm(room, &story, story.followup);
	room_wait(TEN_DAYS);
	/* The case stays, and so do its letters: what waits to go holds it up. */
	g_assert_false(try_erase(room, story.seq));
	g_assert_true(ledger_letter_withhold(room->ledger, story.seq, "cap", NULL));
	g_assert_true(try_erase(room, story.seq));
	g_assert_true(has_opening(room, story.seq));
	g_assert_false(has_opening(room, story.followup));
	g_autoptr(GBytes) header = ledger_header(room->ledger, story.seq, SEAL_PART_BODY, "age1aigulbody", NULL);
	g_assert_nonnull(header);
	g_autoptr(LedgerCase) c = load(room, story.seq);
	g_assert_cmpuint(c->erased, ==, 0);
	g_assert_cmpstr(record_get(c->facts, "class"), ==, "threat");
	room_is_sound(room);
	is_made_again(room, story.seq);
	/* And a letter that comes behind it is there, whole, and can be erased by another order. */
	guint64 later = follow_up(room, 5, story.seq, 0);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	g_assert_false(has_opening(room, later) || has_opening(room, story.seq));
	guint64 news = follow_up(room, 6, story.seq, 0);
	g_assert_true(has_opening(room, news));
	g_autoptr(GPtrArray) open = ledger_cases(room->ledger, LEDGER_CASES_OPEN, LEDGER_NOTHING, 10, NULL);
	g_assert_cmpuint(open->len, ==, 1);
	room_is_sound(room);
	is_made_again(room, story.seq);
	room_free(room);
}

/* --- what is left undone ------------------------------------------------------------------------------------------------- */

static void counts_are(Room *room, guint ordered, guint overdue, guint undestroyed)
{
	LedgerErasureCounts counts;
	g_assert_true(ledger_erasure_counts(room->ledger, room_time, &counts, NULL));
	g_assert_cmpuint(counts.ordered, ==, ordered);
	g_assert_cmpuint(counts.overdue, ==, overdue);
	g_assert_cmpuint(counts.undestroyed, ==, undestroyed);
}

static void what_is_left_undone_is_counted(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	counts_are(room, 0, 0, 0);
	erasure(room, story.seq, "ordered", 0);
	counts_are(room, 1, 0, 0);
	erasure(room, story.seq, "stopped", 0);
	counts_are(room, 0, 0, 0);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	counts_are(room, 0, 0, 0); /* the registrar looks within a minute */
	room_wait(3600);
	counts_are(room, 0, 1, 0);
	g_assert_true(try_erase(room, story.seq));
	counts_are(room, 0, 0, 2); /* the report and its follow-up */
	room_free(room);
}

/* --- letters, and the MTA's log -------------------------------------------------------------------------------------------- */

static gboolean begin_letter(Room *room, guint64 id)
{
	g_autoptr(GError) error = NULL;
	gboolean begun = ledger_letter_begin(room->ledger, id, &error);
	if (!begun)
		g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	return begun;
}

/* Its end is entered first: an erasure in between would leave a letter that went, and of which the register knows nothing. */
static void a_letter_that_is_being_sent_is_waited_for(gconstpointer data)
{
	gboolean taken = GPOINTER_TO_INT(data);
	Room *room = room_new();
	Story story = tell(room, 0);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(begin_letter(room, story.seq));
	g_assert_true(begin_letter(room, story.seq)); /* tried again */
	g_assert_false(try_erase(room, story.seq));
	g_autoptr(LedgerCase) before = load(room, story.seq);
	g_assert_cmpstr(before->ack_state, ==, "queued");
	g_autoptr(Record) sent = record_new();
	record_add_uint(sent, "time", (guint64)room_time);
	record_add_uint(sent, "case", story.seq);
	g_assert_true(taken ? ledger_letter_sent(room->ledger, story.seq, sent, NULL)
	                    : ledger_letter_put_off(room->ledger, story.seq, room_time, NULL));
	g_assert_true(try_erase(room, story.seq));
	g_autoptr(LedgerCase) after = load(room, story.seq);
	g_assert_cmpstr(after->ack_state, ==, taken ? "sent" : "none");
	/* Who read its row before the erasure sends nothing now. */
	gint64 next;
	g_assert_false(begin_letter(room, story.seq));
	g_autoptr(GPtrArray) rows = ledger_letters_due(room->ledger, G_MAXINT64 / 2, 10, &next, NULL);
	g_assert_cmpuint(rows->len, ==, 0);
	room_is_sound(room);
	is_made_again(room, story.seq);
	room_free(room);
}

static void a_letter_of_another_case_is_not_waited_for(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	guint64 other = room_take(room, 3);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(begin_letter(room, other));
	g_assert_true(try_erase(room, story.seq));
	g_assert_true(begin_letter(room, other));
	room_free(room);
}

static gboolean is_known(Room *room, const char *queue_id, gint64 time)
{
	LedgerQueued queued = {.id = queue_id, .time = time};
	g_assert_true(ledger_queue_look(room->ledger, &queued, 1, NULL));
	return queued.known;
}

/* Else a comparison with the MTA's log would name each erased arrival as one that was lost. */
static void an_erased_arrival_is_still_known_by_its_queue_id(void)
{
	Room *room = room_new();
	gint64 came = room_time;
	Story story = {0};
	g_autoptr(RoomReport) report = room_report(room, 1, 0);
	report->report.queue_id = "4fXyZ12345z9Qk";
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, NULL);
	story.seq = c->seq;
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	g_assert_true(is_known(room, "4fXyZ12345z9Qk", came));
	g_assert_false(is_known(room, "4fXyZ12345z9Qm", came));
	room_close(room);
	room_open(room);
	g_assert_true(is_known(room, "4fXyZ12345z9Qk", came));
	room_free(room);
}

/* --- kill -9, and a full disk -------------------------------------------------------------------------------------------- */

static const struct {
	const char *step;
	gboolean stands; /* the entry, from here on */
} steps[] = {
	{"custody begins", FALSE}, {"custody commits", FALSE},      {"custody has committed", FALSE}, {"register begins", FALSE},
	{"register commits", FALSE}, {"register has committed", TRUE}, {"old rows go", TRUE},         {"old rows have gone", TRUE},
	{"an old file goes", TRUE}, {"old files have gone", TRUE},
};

static const char *die_at;

static void die_in_time(const char *step)
{
	if (strcmp(step, die_at) == 0)
		kill(getpid(), SIGKILL);
}

static void erase_and_die(const char *top, guint64 seq, const char *step)
{
	gint64 time = room_time;
	pid_t pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		Room *room = room_attach(top);
		room_time = time;
		room_open(room);
		die_at = step;
		ledger_test_step = die_in_time;
		ledger_erase(room->ledger, seq, NULL);
		_exit(0);
	}
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed_at_any_step_it_is_there_or_gone(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i].step);
		Room *room = room_new();
		Story story = tell(room, LARGE);
		guint64 other = room_take(room, 3);
		confirm(room, &story, 0);
		room_close(room);
		g_autoptr(GPtrArray) pieces = pieces_of(room, &story, LARGE);
		room_wait(TEN_DAYS);
		erase_and_die(room->top, story.seq, steps[i].step);
		room_open(room);
		g_autoptr(LedgerCase) c = load(room, story.seq);
		g_assert_cmpint(c->erased != 0, ==, steps[i].stands);
		if (!steps[i].stands) {
			g_assert_true(has_opening(room, story.seq));
			room_is_sound(room);
			g_assert_true(try_erase(room, story.seq));
		}
		is_erased(room, &story, other);
		room_close(room);
		g_assert_cmpuint(find_in(room->directory, pieces), ==, 0);
		g_assert_cmpuint(offline_faults(room), ==, 0);
		room_free(room);
	}
}

static void a_full_disk_puts_it_off(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (strcmp(steps[i].step, "old files have gone") == 0)
			continue; /* only a note is left to go */
		g_test_message("%s", steps[i].step);
		Room *room = room_new();
		Story story = tell(room, LARGE);
		guint64 other = room_take(room, 3);
		confirm(room, &story, 0);
		room_close(room);
		g_autoptr(GPtrArray) pieces = pieces_of(room, &story, LARGE);
		room_wait(TEN_DAYS);
		room_open(room);
		full_at = steps[i].step;
		ledger_test_step = fill_disk;
		g_autoptr(GError) error = NULL;
		gboolean said = ledger_erase(room->ledger, story.seq, &error);
		g_assert_cmpint(said, ==, steps[i].stands);
		full = FALSE;
		ledger_test_step = NULL;
		room_close(room);
		room_open(room);
		if (!said)
			g_assert_true(try_erase(room, story.seq));
		is_erased(room, &story, other);
		room_close(room);
		g_assert_cmpuint(find_in(room->directory, pieces), ==, 0);
		room_free(room);
	}
}

/* --- somebody's hand ------------------------------------------------------------------------------------------------------- */

static gboolean has_fault(const GPtrArray *faults, const char *what)
{
	for (guint i = 0; i < faults->len; i++)
		if (strstr(faults->pdata[i], what) != NULL)
			return TRUE;
	return FALSE;
}

static void what_is_missing_without_an_order_is_named(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	guint64 other = room_take(room, 3);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	room_close(room);
	g_autofree char *gone = g_strdup_printf("DELETE FROM opening WHERE seq=%" G_GUINT64_FORMAT, other);
	room_sql(room, "custody.db", gone);
	room_open(room);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_cmpuint(faults->len, ==, 1);
	g_assert_true(has_fault(faults, "is missing from custody.db"));
	room_free(room);
	/* Nor does a word in custody.db make an erasure of a text that no order named. */
	room = room_new();
	story = tell(room, 0);
	guint64 second = room_take(room, 4);
	confirm(room, &story, 0);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	guint64 note = act_with_text(room, second, ENTRY_NOTED, SEAL_PART_TEXT, NULL, NULL);
	room_close(room);
	g_autofree char *bare = g_strdup_printf("DELETE FROM header WHERE seq=%" G_GUINT64_FORMAT
	                                        "; UPDATE opening SET sealed=2 WHERE seq=%" G_GUINT64_FORMAT, note, note);
	room_sql(room, "custody.db", bare);
	room_open(room);
	g_autoptr(GPtrArray) texts = room_faults(room);
	g_assert_true(has_fault(texts, "a reader cannot open it"));
	room_free(room);
}

static void what_an_older_copy_brings_back_is_named(gconstpointer data)
{
	gsize size = GPOINTER_TO_SIZE(data);
	Room *room = room_new();
	Story story = tell(room, size);
	confirm(room, &story, 0);
	room_close(room);
	room_copy(room, "custody.db", "older.db");
	room_open(room);
	room_wait(TEN_DAYS);
	g_assert_true(try_erase(room, story.seq));
	room_close(room);
	g_assert_cmpuint(offline_faults(room), ==, 0);
	g_autofree char *rows = g_strdup_printf("ATTACH '%s/older.db' AS older; INSERT OR IGNORE INTO payload SELECT * FROM older.payload",
	                                        room->directory);
	room_sql(room, "custody.db", rows);
	g_assert_cmpuint(offline_faults(room), >, 0);
	room_open(room);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_true(has_fault(faults, "sealed objects of it lie there"));
	room_close(room);
	g_autofree char *openings = g_strdup_printf("ATTACH '%s/older.db' AS older; INSERT OR IGNORE INTO opening SELECT * FROM older.opening",
	                                            room->directory);
	room_sql(room, "custody.db", openings);
	room_open(room);
	g_autoptr(GPtrArray) more = room_faults(room);
	g_assert_true(has_fault(more, "and its record lies there"));
	room_free(room);
}

/* --- an archive whose parts are of different age --------------------------------------------------------------------------- */

/* What an archive has of the books at one time. */
typedef struct {
	GPtrArray *copies; /* LedgerCopy */
	GArray *payloads;  /* Payload */
} Part;
typedef struct {
	guint64 seq;
	SealPart part;
	GBytes *octets;
} Payload;

static void payload_clear(gpointer data)
{
	g_bytes_unref(((Payload *)data)->octets);
}

static Part take_part(Room *room)
{
	sqlite3 *connection;
	sqlite3_stmt *rows;
	Part part = {NULL, g_array_new(FALSE, FALSE, sizeof(Payload))};
	g_autofree char *path = room_path(room, "custody.db");
	part.copies = ledger_copies(room->ledger, 0, ledger_size(room->ledger), NULL);
	g_assert_nonnull(part.copies);
	room_close(room); /* it has the file for itself alone */
	g_array_set_clear_func(part.payloads, payload_clear);
	g_assert_cmpint(sqlite3_open(path, &connection), ==, SQLITE_OK);
	g_assert_cmpint(sqlite3_prepare_v2(connection, "SELECT seq, part, blob FROM payload", -1, &rows, NULL), ==, SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		Payload one = {(guint64)sqlite3_column_int64(rows, 0), (SealPart)sqlite3_column_int(rows, 1),
		               g_bytes_new(sqlite3_column_blob(rows, 2), (gsize)sqlite3_column_bytes(rows, 2))};
		g_array_append_val(part.payloads, one);
	}
	sqlite3_finalize(rows);
	sqlite3_close(connection);
	room_open(room);
	return part;
}

static void part_clear(Part *part)
{
	g_ptr_array_unref(part->copies);
	g_array_unref(part->payloads);
}

/* Records, headers and payloads of the entries from..to. */
static void put_back(LedgerBuild *build, const Part *part, guint64 from, guint64 to, gboolean payloads)
{
	g_autoptr(GError) error = NULL;
	for (guint i = 0; !payloads && i < part->copies->len; i++) {
		const LedgerCopy *copy = part->copies->pdata[i];
		if (copy->seq < from || copy->seq >= to)
			continue;
		g_assert_true(copy->opening == NULL || ledger_build_opening(build, copy->seq, copy->opening, &error));
		for (guint k = 0; k < copy->headers->len; k++)
			g_assert_true(ledger_build_header(build, copy->seq, copy->headers->pdata[k], &error));
	}
	for (guint i = 0; payloads && i < part->payloads->len; i++) {
		const Payload *one = &g_array_index(part->payloads, Payload, i);
		if (one->seq < from || one->seq >= to)
			continue;
		gsize size;
		const void *data = g_bytes_get_data(one->octets, &size);
		int fd = memfd_create("payload", MFD_CLOEXEC);
		g_assert_true(write(fd, data, size) == (gssize)size && lseek(fd, 0, SEEK_SET) == 0);
		g_assert_true(ledger_build_payload(build, one->seq, one->part, fd, &error));
		close(fd);
	}
	g_assert_no_error(error);
}

/* The first `cut` entries come from a part that was written before the erasure, the rest from one behind it. */
static void is_erased_again(Room *room, const Story *story, const Part *older, const Part *newer, guint64 cut, GPtrArray *pieces)
{
	g_autoptr(GError) error = NULL;
	Room second = *room;
	g_autofree char *directory = g_strdup_printf("%s/restored-%" G_GUINT64_FORMAT, room->top, cut);
	guint64 size = ledger_size(room->ledger);
	g_autoptr(GBytes) entries = ledger_entries(room->ledger, 0, (guint)size, &error);
	g_autofree char *note = ledger_checkpoint_over(room->ledger, size, &error);
	g_assert_no_error(error);
	second.directory = directory;
	second.options.directory = directory;
	LedgerBuild *build = ledger_build_new(&second.options, &error);
	g_assert_no_error(error);
	for (guint64 seq = 0; seq < size; seq++)
		g_assert_true(ledger_build_entry(build, (const guint8 *)g_bytes_get_data(entries, NULL) + seq * ENTRY_SIZE, &error));
	g_assert_true(ledger_build_checkpoint(build, note, &error));
	for (int payloads = 0; payloads <= 1; payloads++) {
		put_back(build, older, 0, cut, payloads == 1);
		put_back(build, newer, cut, size, payloads == 1);
	}
	g_assert_true(ledger_build_finish(build, &error));
	g_assert_no_error(error);
	ledger_build_free(build);
	room_open(&second);
	g_assert_true(has_opening(&second, story->seq));
	g_assert_false(has_opening(&second, story->followup));
	g_autoptr(LedgerCase) c = load(&second, story->seq);
	g_assert_cmpuint(c->erased, ==, 0);
	g_autoptr(GPtrArray) messages = ledger_messages(second.ledger, c, 10, &error);
	g_assert_cmpuint(((const LedgerMessage *)messages->pdata[0])->erased, !=, 0);
	room_is_sound(&second);
	room_close(&second);
	g_assert_cmpuint(offline_faults(&second), ==, 0);
	g_assert_cmpuint(find_in(directory, pieces), ==, 0);
}

static void one_message_stays_erased_whichever_part_of_the_archive_is_older(void)
{
	Room *room = room_new();
	Story story = tell(room, 0);
	room_close(room); /* what is read besides the ledger is in the file */
	g_autofree char *rows = g_strdup_printf("SELECT blob FROM header WHERE seq=%1$" G_GUINT64_FORMAT " AND part < 2 UNION ALL"
	                                        " SELECT blob FROM payload WHERE seq=%1$" G_GUINT64_FORMAT, story.followup);
	g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	take_pieces(room, rows, pieces);
	g_assert_cmpuint(pieces->len, >, 4);
	room_open(room);
	Part older = take_part(room);
	confirm(room, &story, story.followup);
	room_wait(TEN_DAYS);
	g_assert_true(ledger_letter_withhold(room->ledger, story.seq, "cap", NULL));
	g_assert_true(try_erase(room, story.seq));
	Part newer = take_part(room);
	const guint64 cuts[] = {0, story.followup, story.followup + 1, story.note + 1};
	for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++)
		is_erased_again(room, &story, &older, &newer, cuts[i], pieces);
	part_clear(&older);
	part_clear(&newer);
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/ledger-erase/nothing of an erased case lies anywhere (rows)", GSIZE_TO_POINTER(0),
	                     nothing_of_an_erased_case_lies_anywhere);
	g_test_add_data_func("/ledger-erase/nothing of an erased case lies anywhere (files)", GSIZE_TO_POINTER(LARGE),
	                     nothing_of_an_erased_case_lies_anywhere);
	g_test_add_func("/ledger-erase/it waits ten days and can be stopped or held", it_waits_ten_days_and_can_be_stopped_or_held);
	g_test_add_func("/ledger-erase/one message goes and the others stay", one_message_goes_and_the_others_stay);
	g_test_add_data_func("/ledger-erase/a letter that is being sent is waited for (taken)", GINT_TO_POINTER(TRUE),
	                     a_letter_that_is_being_sent_is_waited_for);
	g_test_add_data_func("/ledger-erase/a letter that is being sent is waited for (put off)", GINT_TO_POINTER(FALSE),
	                     a_letter_that_is_being_sent_is_waited_for);
	g_test_add_func("/ledger-erase/what is left undone is counted", what_is_left_undone_is_counted);
	g_test_add_func("/ledger-erase/a letter of another case is not waited for", a_letter_of_another_case_is_not_waited_for);
	g_test_add_func("/ledger-erase/an erased arrival is still known by its queue id", an_erased_arrival_is_still_known_by_its_queue_id);
	g_test_add_func("/ledger-erase/killed at any step it is there or gone", killed_at_any_step_it_is_there_or_gone);
	g_test_add_func("/ledger-erase/a full disk puts it off", a_full_disk_puts_it_off);
	g_test_add_func("/ledger-erase/what is missing without an order is named", what_is_missing_without_an_order_is_named);
	g_test_add_func("/ledger-erase/one message stays erased, whichever part of the archive is older",
	                one_message_stays_erased_whichever_part_of_the_archive_is_older);
	g_test_add_data_func("/ledger-erase/what an older copy brings back is named", GSIZE_TO_POINTER(0),
	                     what_an_older_copy_brings_back_is_named);
	return g_test_run();
}
