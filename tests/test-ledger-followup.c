/* SPDX-License-Identifier: ISC */
/* Answers to our letters in the books: which case they join, who reads them, and what a guess gets. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/letter-token.h"
#include "tests/ledger-room.h"

/* --- references as our letters carry them ---------------------------------------------------------------------------- */

static LedgerCase *look(Room *room, guint64 seq)
{
	g_autoptr(GError) error = NULL;
	LedgerCase *c = ledger_case_by_seq(room->ledger, seq, &error);
	g_assert_no_error(error);
	return c;
}

static void token_key(const Room *room, guint8 key[CUSTODY_KEY])
{
	custody_derive(room->custody, room->store_id, CUSTODY_MESSAGE_ID, key);
}

typedef char *(*Reference)(const guint8 key[CUSTODY_KEY], const LedgerCase *c);

static char *by_message_id(const guint8 key[CUSTODY_KEY], const LedgerCase *c)
{
	return letter_token_make(key, c->case_id, 7);
}

static char *by_word(const guint8 key[CUSTODY_KEY], const LedgerCase *c)
{
	g_autofree char *word = letter_token_word(key, c->case_id);
	return g_strdup_printf("%u/%s%u-%s", c->year, c->aside ? "X-" : "", c->number, word);
}

static char *by_address(const guint8 key[CUSTODY_KEY], const LedgerCase *c)
{
	return letter_token_reply(key, c->case_id);
}

static char *refer(const Room *room, Reference reference, const LedgerCase *c)
{
	guint8 key[CUSTODY_KEY];
	token_key(room, key);
	return reference(key, c);
}

/* An answer to a letter of that case. */
static RoomReport *answer_to(Room *room, guint seed, const LedgerCase *c, Reference how)
{
	RoomReport *report = room_report(room, seed, 0);
	g_autofree char *reference = refer(room, how, c);
	record_add(report->facts, "reference", reference);
	report->report.letter_state = LEDGER_LETTER_WITHHELD;
	report->report.letter_reason = "follow-up";
	return report;
}

static guint kinds(Room *room, guint kind)
{
	g_autoptr(GBytes) entries = ledger_entries(room->ledger, 0, 1000, NULL);
	const guint8 *data = g_bytes_get_data(entries, NULL);
	guint n = 0;
	for (gsize at = 0; at < g_bytes_get_size(entries); at += ENTRY_SIZE) {
		Entry entry;
		n += entry_decode(data + at, &entry, NULL) && entry.kind == kind;
	}
	return n;
}

/* --- joining ----------------------------------------------------------------------------------------------------------- */

static void an_answer_is_an_entry_of_its_case_however_it_names_it(void)
{
	static const Reference ways[] = {by_message_id, by_word, by_address};
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = room_take(room, 1), other = room_take(room, 2), last = 0;
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(RoomReport) report = answer_to(room, 10 + i, c, ways[i]);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
		g_autoptr(LedgerCase) after = look(room, seq);
		g_assert_cmpuint(after->followups, ==, i + 1);
		g_assert_cmpuint(after->last, >, MAX(last, other));
		g_assert_cmpuint(after->news, ==, after->last);
		g_assert_cmpstr(after->ack_state, ==, "queued");
		last = after->last;
		g_autoptr(GBytes) payload = NULL;
		int fd;
		g_assert_true(ledger_payload(room->ledger, last, SEAL_PART_BODY, &payload, &fd, &error));
		g_assert_true(g_bytes_equal(payload, report->report.payload));
		g_autoptr(GBytes) header = ledger_header(room->ledger, last, SEAL_PART_CARD, "age1chaircard", &error);
		g_assert_no_error(error);
	}
	g_autoptr(LedgerCase) untouched = look(room, other);
	g_assert_cmpuint(untouched->followups, ==, 0);
	g_assert_cmpuint(untouched->number, ==, 2);
	g_assert_cmpuint(room_take(room, 3), >, last);
	g_autoptr(LedgerCase) next = ledger_case_by_number(room->ledger, 2026, FALSE, 3, &error);
	g_assert_no_error(error); /* no answer took a number */
	room_is_sound(room);
	room_free(room);
}

static void a_cases_messages_come_back_in_order_and_after_a_start(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = room_take(room, 1);
	for (guint i = 0; i < 5; i++) {
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(RoomReport) report = answer_to(room, 10 + i, c, by_message_id);
		room_report_fact(report, "language", i % 2 == 0 ? "kk" : "ru");
		g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
		room_take(room, 100 + i); /* others between them */
		room_wait(60);
	}
	for (guint round = 0; round < 3; round++) {
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(GPtrArray) messages = ledger_messages(room->ledger, c, 100, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(messages->len, ==, 5);
		for (guint i = 0; i < 5; i++) {
			const LedgerMessage *m = messages->pdata[i];
			g_assert_cmpuint(m->of, ==, seq);
			g_assert_cmpuint(m->previous, ==, i == 0 ? 0 : ((const LedgerMessage *)messages->pdata[i - 1])->seq);
			g_assert_cmpstr(record_get(m->facts, "language"), ==, i % 2 == 0 ? "kk" : "ru");
			g_assert_false(m->flood);
		}
		g_autoptr(GPtrArray) two = ledger_messages(room->ledger, c, 2, &error);
		g_assert_cmpuint(two->len, ==, 2);
		g_assert_cmpuint(((const LedgerMessage *)two->pdata[1])->seq, ==, c->last);
		room_close(room);
		if (round == 1) /* the cache is made once more, from the entries alone */
			room_sql(room, "custody.db", "UPDATE head SET cache=0");
		room_open(room);
	}
	g_assert_null(ledger_message(room->ledger, seq, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	room_is_sound(room);
	room_free(room);
}

static void the_same_answer_once_more_is_a_retry_of_it(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) first = answer_to(room, 10, c, by_message_id), again = answer_to(room, 11, c, by_message_id);
	memcpy(again->report.message_digest, first->report.message_digest, sizeof first->report.message_digest);
	g_assert_cmpint(room_register(room, first), ==, LEDGER_FOLLOWED);
	g_assert_cmpint(room_register(room, again), ==, LEDGER_RETRIED);
	g_autoptr(LedgerCase) after = look(room, seq);
	g_assert_cmpuint(after->followups, ==, 1);
	g_assert_cmpuint(kinds(room, ENTRY_RETRY), ==, 1);
	room_is_sound(room);
	room_free(room);
}

static void a_large_answer_rests_in_the_vault(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = room_report(room, 10, 300000);
	g_autofree char *reference = refer(room, by_word, c);
	record_add(report->facts, "reference", reference);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) after = look(room, seq);
	g_autoptr(GBytes) payload = NULL;
	int fd;
	g_assert_true(ledger_payload(room->ledger, after->last, SEAL_PART_BODY, &payload, &fd, &error));
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	room_is_sound(room);
	room_free(room);
}

/* --- guesses ----------------------------------------------------------------------------------------------------------- */

static void a_guessed_or_foreign_reference_is_a_case_of_its_own(void)
{
	Room *room = room_new();
	guint8 foreign[CUSTODY_KEY] = {1}, nobody[16] = {9}, key[CUSTODY_KEY];
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	token_key(room, key);
	g_autofree char *word = letter_token_word(key, c->case_id), *wrong = g_strdup(word);
	wrong[7] = wrong[7] == 'A' ? 'E' : 'A';
	char *const guesses[] = {
		letter_token_make(foreign, c->case_id, 1), letter_token_make(key, nobody, 1),  letter_token_reply(foreign, c->case_id),
		letter_token_reply(key, nobody),           g_strdup_printf("2026/1-%s", wrong), g_strdup_printf("2026/2-%s", word),
		g_strdup_printf("2025/1-%s", word),        g_strdup("2026/1-"),                 g_strdup("2026/X-1"),
		g_strdup("-"),                             g_strdup("/"),
	};
	for (guint i = 0; i < G_N_ELEMENTS(guesses); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(RoomReport) report = room_report(room, 10 + i, 0);
		record_add(report->facts, "reference", guesses[i]);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
		g_autoptr(LedgerCase) new = ledger_case_by_id(room->ledger, report->report.case_id, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(record_get(new->facts, "reference"), ==, guesses[i]); /* the hint */
		g_free(guesses[i]);
	}
	g_assert_cmpuint(kinds(room, ENTRY_FOLLOWUP), ==, 0);
	room_is_sound(room);
	room_free(room);
}

static void words_look_the_same_in_both_alphabets_and_differ_from_case_to_case(void)
{
	guint8 key[CUSTODY_KEY] = {3}, id[16] = {0};
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < 1000; i++) {
		id[0] = (guint8)i;
		id[1] = (guint8)(i >> 8);
		char *word = letter_token_word(key, id);
		g_assert_cmpuint(strlen(word), ==, LETTER_TOKEN_WORD);
		g_assert_cmpuint(strspn(word, "ABCEHIKMOPTXY"), ==, LETTER_TOKEN_WORD);
		g_assert_true(letter_token_is_word(key, id, word));
		g_assert_false(letter_token_is_word(key, id, "BABABABA") && strcmp(word, "BABABABA") != 0);
		g_hash_table_add(seen, word);
		guint8 read[16];
		g_autofree char *address = letter_token_reply(key, id);
		g_assert_cmpuint(strlen(address), ==, LETTER_TOKEN_REPLY);
		g_assert_true(letter_token_read_reply(key, address, read));
		g_assert_cmpmem(read, sizeof read, id, sizeof id);
	}
	g_assert_cmpuint(g_hash_table_size(seen), >=, 995); /* of 2 560 000 */
}

/* --- who reads ----------------------------------------------------------------------------------------------------------- */

static void grant_or_withhold(Room *room, EntryKind kind, guint64 seq, const char *name)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add_uint(record, "case", seq);
	record_add(record, kind == ENTRY_GRANTED ? "to" : "from", name);
	LedgerAct act = {.kind = kind, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq};
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

/* In front of the references, as a finding has it. */
static void accuse(RoomReport *report, const char *name)
{
	const char *key, *value;
	Record *facts = record_new();
	for (guint i = 0; record_line(report->facts, i, &key, &value); i++) {
		if (strcmp(key, "reference") == 0)
			record_add(facts, "named", name);
		record_add(facts, key, value);
	}
	record_free(report->facts);
	report->facts = facts;
	report->report.facts = facts;
}

static guint n_readers(Room *room, const Record *facts)
{
	guint8 set[32];
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) readers = ledger_readers_for(room->ledger, facts, set, &error);
	g_assert_no_error(error);
	return readers->len;
}

static void from_whom_the_case_is_kept_its_answers_are_kept_too(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = answer_to(room, 10, c, by_message_id);
	g_assert_cmpuint(n_readers(room, report->facts), ==, 3);
	grant_or_withhold(room, ENTRY_WITHHELD_FROM, seq, "aigul");
	g_assert_cmpuint(n_readers(room, report->facts), ==, 2);
	g_assert_cmpint(ledger_register(room->ledger, &report->report, &error), ==, LEDGER_FAILED); /* a header too many */
	g_clear_error(&error);
	room_report_without_aigul(report);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) after = look(room, seq);
	g_assert_null(ledger_header(room->ledger, after->last, SEAL_PART_BODY, "age1aigulbody", &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	grant_or_withhold(room, ENTRY_GRANTED, seq, "aigul");
	g_autoptr(RoomReport) next = answer_to(room, 11, c, by_message_id);
	g_assert_cmpint(room_register(room, next), ==, LEDGER_FOLLOWED);
	room_is_sound(room);
	room_free(room);
}

static void an_answer_that_accuses_an_officer_takes_the_case_from_her(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	grant_or_withhold(room, ENTRY_GRANTED, seq, "aigul");
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = answer_to(room, 10, c, by_word);
	accuse(report, "aigul");
	g_assert_cmpuint(n_readers(room, report->facts), ==, 2); /* whatever was granted before it was known */
	room_report_without_aigul(report);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	for (guint round = 0; round < 2; round++) {
		g_autoptr(LedgerCase) after = look(room, seq);
		g_assert_cmpstr(after->withheld[0], ==, "aigul");
		g_assert_null(after->granted[0]);
		room_close(room);
		room_sql(room, "custody.db", "UPDATE head SET cache=0");
		room_open(room);
	}
	room_is_sound(room);
	room_free(room);
}

static void an_answer_that_accuses_everybody_locks_nobody_out(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = answer_to(room, 10, c, by_word);
	accuse(report, "aigul");
	accuse(report, "chair");
	room_report_without_aigul(report); /* the next level of leadership stays */
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) after = look(room, seq);
	g_assert_cmpuint(g_strv_length(after->withheld), ==, 1);
	g_assert_cmpstr(after->withheld[0], ==, "aigul");
	room_free(room);
}

/* --- what a list shows ---------------------------------------------------------------------------------------------------- */

static void open_message(Room *room, guint64 seq, guint64 message)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add_uint(record, "case", seq);
	record_add_uint(record, "message", message);
	record_add(record, "part", "body");
	LedgerAct act = {.kind = ENTRY_OPENED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq};
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

static void what_was_opened_is_no_news(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = answer_to(room, 10, c, by_message_id);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) new = look(room, seq);
	g_assert_cmpuint(new->news, >, new->seen);
	open_message(room, seq, new->last);
	for (guint round = 0; round < 2; round++) {
		g_autoptr(LedgerCase) read = look(room, seq);
		g_assert_cmpuint(read->seen, ==, read->news);
		room_close(room);
		room_sql(room, "custody.db", "UPDATE head SET cache=0");
		room_open(room);
	}
	room_free(room);
}

/* A REDIRECTED entry, as the desk makes it; its sequence. */
static guint64 redirect(Room *room, guint64 seq)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	LedgerEntry entry = {0};
	Entry fields;
	record_add_uint(record, "case", seq);
	record_add(record, "act", "queued");
	record_add(record, "to", "police");
	LedgerAct act = {.kind = ENTRY_REDIRECTED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq};
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	g_assert_true(entry_decode(entry.entry, &fields, NULL));
	ledger_entry_clear(&entry);
	return fields.seq;
}

static void comes_back(Room *room, guint seed, const LedgerCase *c, LetterTokenKind kind, guint64 letter)
{
	guint8 key[CUSTODY_KEY];
	token_key(room, key);
	g_autofree char *token = letter_token_make(key, c->case_id, letter_token_number(kind, letter));
	g_autoptr(RoomReport) report = room_report(room, seed, 0);
	record_add(report->facts, "reference", token);
	room_report_fact(report, "automatic", "bounce");
	report->report.letter_state = LEDGER_LETTER_WITHHELD;
	report->report.letter_reason = "follow-up";
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
}

static void a_letter_to_law_enforcement_that_comes_back_says_so_in_its_case(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	guint64 first = redirect(room, seq), second = redirect(room, seq);
	comes_back(room, 10, c, LETTER_TOKEN_REDIRECT, first); /* the case was redirected once more meanwhile */
	g_autoptr(LedgerCase) still = look(room, seq);
	g_assert_cmpstr(still->redirected, ==, "queued");
	comes_back(room, 11, c, LETTER_TOKEN_REDIRECT, second);
	for (guint round = 0; round < 2; round++) {
		g_autoptr(LedgerCase) after = look(room, seq);
		g_assert_cmpstr(after->redirected, ==, "returned");
		g_assert_cmpuint(after->redirection, ==, second);
		g_assert_cmpstr(after->ack_state, ==, "queued"); /* the reporter's letter did not come back */
		g_assert_cmpuint(after->followups, ==, 2);
		room_close(room);
		room_sql(room, "custody.db", "UPDATE head SET cache=0");
		room_open(room);
	}
	comes_back(room, 12, c, LETTER_TOKEN_ACKNOWLEDGEMENT, seq);
	g_autoptr(LedgerCase) last = look(room, seq);
	g_assert_cmpstr(last->ack_state, ==, "bounced");
	g_assert_cmpstr(last->redirected, ==, "returned");
	room_is_sound(room);
	room_free(room);
}

static void an_urgent_answer_is_told_of_though_its_report_was_looked_at(void)
{
	Room *room = room_new();
	gint64 next;
	g_autoptr(RoomReport) report = room_report(room, 1, 0);
	room_report_fact(report, "verdict", "redirect");
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_number(room->ledger, 2026, FALSE, 1, NULL);
	g_autoptr(Record) look_at = record_new();
	record_add_uint(look_at, "case", c->seq);
	LedgerAct act = {.kind = ENTRY_LISTED, .concerns = LEDGER_NOTHING, .record = look_at, .case_seq = LEDGER_NOTHING};
	LedgerEntry entry = {0};
	g_assert_true(ledger_append(room->ledger, &act, &entry, NULL));
	ledger_entry_clear(&entry);
	g_autoptr(GArray) none = ledger_notices_due(room->ledger, G_MAXINT64 / 2, 9, &next, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	for (guint i = 0; i < 2; i++) {
		g_autoptr(RoomReport) answer = answer_to(room, 10 + i, c, by_message_id);
		room_report_fact(answer, "verdict", "redirect");
		g_assert_cmpint(room_register(room, answer), ==, LEDGER_FOLLOWED);
	}
	g_autoptr(GArray) due = ledger_notices_due(room->ledger, G_MAXINT64 / 2, 9, &next, NULL);
	g_assert_cmpuint(due->len, ==, 2);
	for (guint i = 0; i < 2; i++) {
		g_assert_cmpuint(g_array_index(due, LedgerNotice, i).case_seq, ==, c->seq);
		g_assert_cmpuint(g_array_index(due, LedgerNotice, i).seq, >, c->seq);
		g_assert_cmpuint(g_array_index(due, LedgerNotice, i).step, ==, 1);
	}
	room_free(room);
}

static void a_bounce_of_our_letter_is_its_cases_and_says_so(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(RoomReport) report = answer_to(room, 10, c, by_message_id);
	room_report_fact(report, "automatic", "bounce");
	g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	for (guint round = 0; round < 2; round++) {
		g_autoptr(LedgerCase) after = look(room, seq);
		g_assert_cmpstr(after->ack_state, ==, "bounced");
		g_assert_cmpuint(after->followups, ==, 1);
		g_assert_cmpuint(after->news, ==, 0);
		room_close(room);
		room_sql(room, "custody.db", "UPDATE head SET cache=0");
		room_open(room);
	}
	room_is_sound(room);
	room_free(room);
}

static char *by_notice(const guint8 key[CUSTODY_KEY], const LedgerCase *c)
{
	return letter_token_make(key, c->case_id, letter_token_number(LETTER_TOKEN_NOTICE, 0xffffffff));
}

static char *by_redirect(const guint8 key[CUSTODY_KEY], const LedgerCase *c)
{
	return letter_token_make(key, c->case_id, letter_token_number(LETTER_TOKEN_REDIRECT, 0));
}

static void a_bounce_of_another_letter_says_nothing_of_the_acknowledgement(void)
{
	static const struct {
		Reference how;
		const char *answers;
	} letters[] = {{by_notice, "notice"}, {by_redirect, "redirect"}};
	for (gsize i = 0; i < G_N_ELEMENTS(letters); i++) {
		Room *room = room_new();
		g_autoptr(GError) error = NULL;
		guint64 seq = room_take(room, 1);
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(RoomReport) report = answer_to(room, 10, c, letters[i].how);
		room_report_fact(report, "automatic", "bounce");
		g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
		for (guint round = 0; round < 2; round++) {
			g_autoptr(LedgerCase) after = look(room, seq);
			g_assert_cmpstr(after->ack_state, ==, c->ack_state);
			g_assert_cmpuint(after->followups, ==, 1);
			g_assert_cmpuint(after->news, ==, 0);
			g_autoptr(LedgerMessage) message = ledger_message(room->ledger, after->last, &error);
			g_assert_cmpstr(message->answers, ==, letters[i].answers);
			room_close(room);
			room_sql(room, "custody.db", "UPDATE head SET cache=0");
			room_open(room);
		}
		room_is_sound(room);
		room_free(room);
	}
}

static void more_than_twenty_a_day_are_marked(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	guint64 seq = room_take(room, 1);
	for (guint i = 0; i < LEDGER_FLOOD + 3; i++) {
		if (i == LEDGER_FLOOD + 2)
			room_wait(86400);
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(RoomReport) report = answer_to(room, 10 + i, c, by_message_id);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	}
	g_autoptr(LedgerCase) c = look(room, seq);
	g_autoptr(GPtrArray) messages = ledger_messages(room->ledger, c, 100, &error);
	g_assert_cmpuint(messages->len, ==, LEDGER_FLOOD + 3);
	for (guint i = 0; i < messages->len; i++)
		g_assert_cmpint(((const LedgerMessage *)messages->pdata[i])->flood, ==, i == LEDGER_FLOOD || i == LEDGER_FLOOD + 1);
	room_free(room);
}

static void a_message_that_is_left_out_is_found(void)
{
	Room *room = room_new();
	guint64 seq = room_take(room, 1);
	for (guint i = 0; i < 3; i++) {
		g_autoptr(LedgerCase) c = look(room, seq);
		g_autoptr(RoomReport) report = answer_to(room, 10 + i, c, by_message_id);
		g_assert_cmpint(room_register(room, report), ==, LEDGER_FOLLOWED);
	}
	room_close(room);
	room_sql(room, "custody.db", "DELETE FROM opening WHERE seq=3");
	room_open(room);
	g_autoptr(GPtrArray) faults = room_faults(room);
	g_assert_cmpuint(faults->len, ==, 2);
	g_assert_nonnull(strstr(faults->pdata[0], "entry 3"));
	g_assert_nonnull(strstr(faults->pdata[1], "the message of entry 4 does not follow"));
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/ledger-followup/" #name, name)
	ADD(an_answer_is_an_entry_of_its_case_however_it_names_it);
	ADD(a_cases_messages_come_back_in_order_and_after_a_start);
	ADD(the_same_answer_once_more_is_a_retry_of_it);
	ADD(a_large_answer_rests_in_the_vault);
	ADD(a_guessed_or_foreign_reference_is_a_case_of_its_own);
	ADD(words_look_the_same_in_both_alphabets_and_differ_from_case_to_case);
	ADD(from_whom_the_case_is_kept_its_answers_are_kept_too);
	ADD(an_answer_that_accuses_an_officer_takes_the_case_from_her);
	ADD(an_answer_that_accuses_everybody_locks_nobody_out);
	ADD(what_was_opened_is_no_news);
	ADD(a_bounce_of_our_letter_is_its_cases_and_says_so);
	ADD(a_bounce_of_another_letter_says_nothing_of_the_acknowledgement);
	ADD(a_letter_to_law_enforcement_that_comes_back_says_so_in_its_case);
	ADD(an_urgent_answer_is_told_of_though_its_report_was_looked_at);
	ADD(more_than_twenty_a_day_are_marked);
	ADD(a_message_that_is_left_out_is_found);
	return g_test_run();
}
