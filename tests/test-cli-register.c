/* SPDX-License-Identifier: ISC */
/* Pages of the register from rows made by hand: where they break, what their digests are, and what changes them. The digests
 * are golden: a sheet that was printed must be made again in a hundred years. */
#include <string.h>

#include "cli/register.h"

#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define MORNING (1795410000 * (gint64)G_USEC_PER_SEC) /* 2026-11-23 10:20 in Almaty */

typedef struct {
	RegisterBook book;
	guint64 next;   /* entry */
	GPtrArray *seen; /* "NUMBER KIND first-last code" of each page */
} Room;

static void row_clear(gpointer data)
{
	row_free(((RegisterRow *)data)->row);
	g_free(data);
}

static void room_begin(Room *room)
{
	*room = (Room){.book = {.mailbox = (char *)"senim@kmo.kz", .origin = (char *)"senim@kmo.kz/0011223344556677"}, .next = 1};
	room->book.zone = g_time_zone_new_offset(5 * 3600);
	room->book.rows = g_ptr_array_new_with_free_func(row_clear);
	room->book.sheets = g_ptr_array_new_with_free_func(g_free);
	room->seen = g_ptr_array_new_with_free_func(g_free);
}

static void room_clear(Room *room)
{
	g_time_zone_unref(room->book.zone);
	g_ptr_array_unref(room->book.rows);
	g_ptr_array_unref(room->book.sheets);
	g_ptr_array_unref(room->seen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Room, room_clear)

static RegisterRow *receive(Room *room)
{
	RegisterRow *row = g_new0(RegisterRow, 1);
	row->seq = row->since = room->next++;
	row->year = 2026;
	row->number = room->book.rows->len + 1;
	row->received = MORNING + row->number * MINUTE;
	row->channel = row->number % 2 == 0 ? "telephone" : "mail";
	g_strlcpy(row->official, "2026-11-23", sizeof row->official);
	g_ptr_array_add(room->book.rows, row);
	room->book.upto = room->next;
	return row;
}

static guint64 act(Room *room, RegisterRow *row, guint kind, const char *key, const char *value, const char *text)
{
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)(MORNING + (gint64)room->next * MINUTE));
	record_add(record, "officer", "aigul");
	if (key != NULL)
		record_add(record, key, value);
	if (kind == ENTRY_STRUCK)
		record_add(record, "field", "brief");
	row->row = row->row != NULL ? row->row : row_new();
	g_assert_true(row_fold(row->row, kind, room->next, record, text));
	room->book.upto = room->next + 1;
	return room->next++;
}

static void sheet(Room *room, guint number, gboolean change, guint first, guint last, const RegisterPage *page)
{
	RegisterSheet *one = g_new0(RegisterSheet, 1);
	*one = (RegisterSheet){.entry = room->next++, .upto = page->upto, .change = change, .year = 2026, .number = number,
	                       .first = first, .last = last};
	memcpy(one->digest, page->digest, sizeof one->digest);
	g_ptr_array_add(room->book.sheets, one);
	room->book.upto = room->next;
}

static gboolean note_page(const RegisterPage *page, gpointer user, GError **error G_GNUC_UNUSED)
{
	static const char *const kinds[] = {"draft", "final", "change"};
	Room *room = user;
	const RegisterLine *first = page->lines->pdata[0], *last = page->lines->pdata[page->lines->len - 1];
	g_autofree char *code = register_code(page);
	g_ptr_array_add(room->seen, g_strdup_printf("%u %s%s %u-%u %s", page->number, kinds[page->kind], page->holds ? "" : "!",
	                                            first->first, last->last, code));
	return TRUE;
}

static const RegisterScope kmo = {.form = REGISTER_KMO, .year = 2026};

static const char *see(Room *room, const RegisterScope *like, guint64 upto, guint page)
{
	RegisterScope scope = *like;
	scope.upto = upto != 0 ? upto : room->book.upto;
	g_ptr_array_set_size(room->seen, 0);
	g_assert_true(register_pages(&room->book, &scope, note_page, room, NULL));
	return page < room->seen->len ? room->seen->pdata[page] : NULL;
}

static void a_page_has_the_digest_that_it_will_always_have(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	RegisterRow *row = receive(&room);
	guint64 brief = act(&room, row, ENTRY_NOTED, NULL, NULL, "{\"surname\":\"Ахметов\",\"brief\":\"Қоймада ұрлық\"}");
	g_autofree char *of = g_strdup_printf("%" G_GUINT64_FORMAT, brief);
	act(&room, row, ENTRY_STRUCK, "of", of, "{\"why\":\"қате\",\"instead\":\"Қоймада жетіспеу\"}");
	receive(&room);
	g_assert_cmpstr(see(&room, &kmo, 0, 0), ==, "1 draft 1-2 4-18b4-d989-fc85-237d-86da-81f9-ca6b-52d5");
	RegisterScope ales = {.form = REGISTER_ALES, .year = 2026, .channel = "telephone"};
	g_assert_cmpstr(see(&room, &ales, 0, 0), ==, "1 draft 2-2 4-41e3-93ba-2236-b870-762d-d18e-5161-a6d7");
}

static void whatever_stands_on_a_page_stands_in_its_digest(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	RegisterRow *row = receive(&room);
	act(&room, row, ENTRY_NOTED, NULL, NULL, "{\"brief\":\"Қоймада ұрлық\"}");
	g_autofree char *was = g_strdup(see(&room, &kmo, 0, 0));
	g_assert_cmpstr(see(&room, &kmo, 0, 0), ==, was);
	((char *)((RowValue *)row_values(row->row, row_column("brief"))->pdata[0])->value)[0] ^= 1;
	g_assert_cmpstr(see(&room, &kmo, 0, 0), !=, was);
	((char *)((RowValue *)row_values(row->row, row_column("brief"))->pdata[0])->value)[0] ^= 1;
	g_assert_cmpstr(see(&room, &kmo, 0, 0), ==, was);
	row->official[9] = '4';
	g_assert_cmpstr(see(&room, &kmo, 0, 0), !=, was);
}

static void a_page_of_years_ago_is_made_again_from_the_entries_of_then(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	RegisterRow *row = receive(&room);
	act(&room, row, ENTRY_NOTED, NULL, NULL, "{\"brief\":\"бір\"}");
	guint64 then = room.book.upto;
	g_autofree char *was = g_strdup(see(&room, &kmo, 0, 0));
	act(&room, row, ENTRY_RESOLVED, NULL, NULL, "{\"measures\":\"екі\"}");
	receive(&room);
	g_assert_cmpstr(see(&room, &kmo, 0, 0), !=, was);
	g_assert_cmpstr(see(&room, &kmo, then, 0), ==, was);
}

static void rows_fill_pages_and_none_is_lost_or_doubled(void)
{
	g_auto(Room) room = {0};
	guint next = 1, number = 1;
	room_begin(&room);
	for (guint i = 0; i < 200; i++) {
		RegisterRow *row = receive(&room);
		g_autofree char *words = g_strnfill((i * 37) % 700, 'x');
		g_autofree char *text = g_strdup_printf("{\"brief\":\"%s y\"}", words);
		act(&room, row, ENTRY_NOTED, NULL, NULL, text);
	}
	see(&room, &kmo, 0, 0);
	g_assert_cmpuint(room.seen->len, >, 20);
	for (guint i = 0; i < room.seen->len; i++) {
		guint page, first, last;
		g_assert_cmpint(sscanf(room.seen->pdata[i], "%u draft %u-%u", &page, &first, &last), ==, 3);
		g_assert_cmpuint(page, ==, number++);
		g_assert_cmpuint(first, ==, next);
		next = last + 1;
	}
	g_assert_cmpuint(next, ==, 201);
}

static void a_row_that_no_page_holds_goes_on_page_after_page(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(GString) words = g_string_new("{\"brief\":\"");
	for (guint i = 0; i < 900; i++)
		g_string_append(words, "сөз ");
	g_string_append(words, "соңы\"}");
	act(&room, receive(&room), ENTRY_NOTED, NULL, NULL, words->str);
	receive(&room);
	see(&room, &kmo, 0, 0);
	g_assert_cmpuint(room.seen->len, >, 3);
	for (guint i = 0; i + 1 < room.seen->len; i++)
		g_assert_nonnull(strstr(room.seen->pdata[i], " 1-1 "));
	g_assert_nonnull(strstr(room.seen->pdata[room.seen->len - 1], " 2-2 "));
}

static void rows_set_aside_in_a_run_stand_in_one_line(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	for (guint i = 0; i < 50; i++)
		act(&room, receive(&room), ENTRY_SET_ASIDE, "reason", i < 40 ? "spam" : "test", NULL);
	receive(&room);
	g_assert_true(g_str_has_prefix(see(&room, &kmo, 0, 0), "1 draft 1-51 "));
	g_assert_cmpuint(room.seen->len, ==, 1);
}

/* The pages that --final would enter, given to the room as sheets. */
static gboolean note_lines(const RegisterPage *page, gpointer user, GError **error G_GNUC_UNUSED)
{
	for (guint i = 0; i < page->lines->len; i++)
		g_string_append_printf(user, "%s;", ((RegisterLine *)page->lines->pdata[i])->name);
	return TRUE;
}

static void rows_of_a_span_are_those_that_came_in_it_and_anothers_stand_in_one_line(void)
{
	g_auto(Room) room = {0};
	g_autoptr(GHashTable) others = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GString) lines = g_string_new(NULL);
	room_begin(&room);
	for (guint i = 0; i < 8; i++)
		receive(&room);
	for (guint i = 3; i < 7; i++) { /* 2026/4 to 2026/7 */
		RegisterRow *row = room.book.rows->pdata[i];
		row->elsewhere = TRUE;
		row->received = 0;
	}
	/* By their official day none came: they came on the day before. */
	RegisterScope scope = {.form = REGISTER_KMO, .from = "2026-11-22", .to = "2026-11-22", .upto = room.book.upto,
	                       .begin = MORNING + 2 * MINUTE, .end = MORNING + 8 * MINUTE};
	g_assert_true(register_pages(&room.book, &scope, note_lines, lines, NULL));
	g_assert_cmpstr(lines->str, ==, "");
	g_hash_table_add(others, (gpointer) "2026/4");
	g_hash_table_add(others, (gpointer) "2026/5");
	g_hash_table_add(others, (gpointer) "2026/7");
	scope.others = others;
	g_assert_true(register_pages(&room.book, &scope, note_lines, lines, NULL));
	g_assert_cmpstr(lines->str, ==, "2026/2;2026/3;2026/4 – 2026/5;2026/7;");
}

static gboolean enter(const RegisterPage *page, gpointer user, GError **error G_GNUC_UNUSED)
{
	Room *room = user;
	const RegisterLine *first = page->lines->pdata[0], *last = page->lines->pdata[page->lines->len - 1];
	if (page->entry == 0)
		sheet(room, page->number, page->kind == REGISTER_PAGE_CHANGE, first->first, last->last, page);
	return TRUE;
}

static void a_final_sheet_stays_and_its_changes_have_one_of_their_own(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	RegisterRow *row = receive(&room);
	act(&room, row, ENTRY_NOTED, NULL, NULL, "{\"brief\":\"бір\"}");
	act(&room, receive(&room), ENTRY_CLOSED, "result", "measures", NULL);
	RegisterScope final = kmo;
	final.final = TRUE;
	final.upto = room.book.upto;
	g_assert_true(register_pages(&room.book, &final, enter, &room, NULL));
	g_autofree char *was = g_strdup(see(&room, &kmo, 0, 0));
	g_assert_true(g_str_has_prefix(was, "1 final 1-2 "));
	act(&room, row, ENTRY_RESOLVED, NULL, NULL, "{\"measures\":\"екі\"}");
	g_assert_cmpstr(see(&room, &kmo, 0, 0), ==, was);
	RegisterScope now = kmo;
	now.upto = room.book.upto;
	g_assert_true(register_changes(&room.book, &now, enter, &room, NULL));
	receive(&room);
	g_assert_cmpstr(see(&room, &kmo, 0, 0), ==, was);
	g_assert_true(g_str_has_prefix(room.seen->pdata[1], "2 change 1-1 "));
	g_assert_true(g_str_has_prefix(room.seen->pdata[2], "3 draft 3-3 "));
	/* Nothing is changed any more: no further sheet. */
	guint sheets = room.book.sheets->len;
	now.upto = room.book.upto;
	g_assert_true(register_changes(&room.book, &now, enter, &room, NULL));
	g_assert_cmpuint(room.book.sheets->len, ==, sheets);
	/* What its entry says of a sheet holds against what is there now. */
	((char *)((RowValue *)row_values(row->row, row_column("brief"))->pdata[0])->value)[0] ^= 1;
	g_assert_true(g_str_has_prefix(see(&room, &kmo, 0, 0), "1 final! 1-2 "));
}

static void a_code_is_read_as_it_is_printed_and_no_other_way(void)
{
	guint64 upto;
	guint8 digest[16];
	g_assert_true(register_code_read("4711-0011-2233-4455-6677-8899-aabb-ccdd-eeff", &upto, digest));
	g_assert_cmpuint(upto, ==, 4712);
	g_assert_cmpuint(digest[15], ==, 0xff);
	g_assert_true(register_code_read("4711-00112233445566778899AABBCCDDEEFF", &upto, digest));
	for (const char *const *bad = (const char *const[]){"", "4711", "x-0011-2233-4455-6677-8899-aabb-ccdd-eeff",
	                               "4711-0011-2233-4455-6677-8899-aabb-ccdd-ee", "-1-0011-2233-4455-6677-8899-aabb-ccdd-eeff",
	                               "4711-0011-2233-4455-6677-8899-aabb-ccdd-eeffx", NULL}; *bad != NULL; bad++)
		g_assert_false(register_code_read(*bad, &upto, digest));
}

static gboolean fold_call(Row *row, guint64 seq, guint64 message, const char *part, const char *text)
{
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)MORNING);
	record_add(record, "officer", "aigul");
	record_add(record, "act", "transcript");
	record_add_uint(record, "message", message);
	record_add(record, "part", part);
	return row_fold(row, ENTRY_NOTED, seq, record, text);
}

static void a_call_written_down_once_more_strikes_what_was_written_of_it_alone(void)
{
	g_autoptr(Row) row = row_new();
	g_assert_true(fold_call(row, 5, 1, "2", "one"));
	g_assert_true(fold_call(row, 6, 1, "3", "{\"surname\": \"x\"}")); /* a text, whatever it looks like */
	g_assert_true(fold_call(row, 7, 1, "2", "two"));
	g_assert_false(fold_call(row, 8, 1, "x", "three"));
	g_assert_cmpuint(row_calls(row)->len, ==, 3);
	g_assert_cmpuint(((const RowCall *)row_calls(row)->pdata[0])->said.struck, ==, 7);
	g_assert_cmpstr(row_call(row, 1, 2)->said.value, ==, "two");
	g_assert_cmpuint(row_call(row, 1, 3)->said.entry, ==, 6);
	g_assert_null(row_call(row, 4, 2));
	g_assert_null(row_value(row, row_column("surname")));
	g_assert_true(row_has(row, 6, NULL));
	g_assert_true(fold_call(row, 9, 1, "2", NULL)); /* sealed to others: it happened, and strikes nothing */
	g_assert_cmpstr(row_call(row, 1, 2)->said.value, ==, "two");
	g_assert_cmpuint(row_events(row)->len, ==, 1);
}

/* An answer: its number fills the register's columns, may come later, and is struck without the answer. */
static void an_answer_stands_in_the_course_and_its_number_in_the_row(void)
{
	static const struct {
		guint kind;
		const char *act, *by, *number, *text;
	} entries[] = {
		{ENTRY_REPLIED, "given", "mail", "-", "{\"files\":[\"a.pdf\",\"b.pdf\"],\"text\":\"Шара\",\"to\":\"a@b.kz\"}"},
		{ENTRY_REPLIED, "numbered", "-", "7/1", NULL},
		{ENTRY_ADVISED, "given", "paper", "8", NULL}, /* not sealed to her */
	};
	g_autoptr(Row) row = row_new();
	const RowColumn *number = row_column("outgoing_number");
	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		g_autoptr(Record) record = record_new();
		record_add_uint(record, "time", (guint64)MORNING);
		record_add(record, "officer", "aigul");
		record_add(record, "act", entries[i].act);
		record_add(record, "by", entries[i].by);
		record_add(record, entries[i].kind == ENTRY_ADVISED ? "to" : "reason", entries[i].kind == ENTRY_ADVISED ? "police" : "-");
		record_add(record, "number", entries[i].number);
		record_add(record, "date", strcmp(entries[i].number, "-") != 0 ? "2026-11-22" : "-");
		g_assert_true(row_fold(row, entries[i].kind, i + 5, record, entries[i].text));
		const RowValue *value = row_value(row, number);
		g_assert_cmpstr(value != NULL ? value->value : "-", ==, entries[i].number);
	}
	const RowEvent *given = row_events(row)->pdata[0], *advised = row_events(row)->pdata[2];
	g_assert_cmpstr(given->text, ==, "Шара");
	g_assert_cmpstr(given->to, ==, "a@b.kz");
	g_assert_cmpstr(given->files, ==, "a.pdf, b.pdf");
	g_assert_cmpstr(given->what, ==, "mail");
	g_assert_cmpstr(advised->what, ==, "police");
	g_assert_null(advised->text);
	g_assert_cmpuint(((const RowValue *)row_values(row, number)->pdata[0])->struck, ==, 7); /* by the later one */
	g_autoptr(Record) strike = record_new();
	record_add_uint(strike, "time", (guint64)MORNING);
	record_add(strike, "officer", "aigul");
	record_add_uint(strike, "of", 7);
	record_add(strike, "field", "outgoing-number");
	g_assert_true(row_fold(row, ENTRY_STRUCK, 8, strike, "{\"why\":\"x\",\"instead\":\"9\"}"));
	g_assert_cmpstr(row_value(row, number)->value, ==, "9");
	g_assert_cmpuint(advised->struck, ==, 0);
	g_assert_cmpstr(row_value(row, row_column("outgoing_date"))->value, ==, "2026-11-22");
	g_autoptr(Record) bad = record_new();
	record_add_uint(bad, "time", (guint64)MORNING);
	record_add(bad, "officer", "aigul");
	g_assert_false(row_fold(row, ENTRY_REPLIED, 9, bad, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/register/a call written down once more strikes what was written of it alone",
	                a_call_written_down_once_more_strikes_what_was_written_of_it_alone);
	g_test_add_func("/register/a page has the digest that it will always have", a_page_has_the_digest_that_it_will_always_have);
	g_test_add_func("/register/whatever stands on a page stands in its digest", whatever_stands_on_a_page_stands_in_its_digest);
	g_test_add_func("/register/a page of years ago is made again from the entries of then",
	                a_page_of_years_ago_is_made_again_from_the_entries_of_then);
	g_test_add_func("/register/rows fill pages, and none is lost or doubled", rows_fill_pages_and_none_is_lost_or_doubled);
	g_test_add_func("/register/a row that no page holds goes on page after page", a_row_that_no_page_holds_goes_on_page_after_page);
	g_test_add_func("/register/rows set aside in a run stand in one line", rows_set_aside_in_a_run_stand_in_one_line);
	g_test_add_func("/register/rows of a span are those that came in it, and another's stand in one line",
	                rows_of_a_span_are_those_that_came_in_it_and_anothers_stand_in_one_line);
	g_test_add_func("/register/a final sheet stays, and its changes have one of their own",
	                a_final_sheet_stays_and_its_changes_have_one_of_their_own);
	g_test_add_func("/register/an answer stands in the course and its number in the row",
	                an_answer_stands_in_the_course_and_its_number_in_the_row);
	g_test_add_func("/register/a code is read as it is printed, and no other way", a_code_is_read_as_it_is_printed_and_no_other_way);
	return g_test_run();
}
