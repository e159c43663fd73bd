/* SPDX-License-Identifier: ISC */
/* The books of one mailbox through their calls: reports, numbers, retries, acts, letters, proofs. */
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/merkle.h"
#include "tests/ledger-room.h"

static LedgerCase *find(Room *room, guint year, gboolean aside, guint number)
{
	g_autoptr(GError) error = NULL;
	LedgerCase *c = ledger_case_by_number(room->ledger, year, aside, number, &error);
	g_assert_no_error(error);
	return c;
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static void a_report_comes_back_as_it_went_in(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, 1, 0);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = find(room, 2026, FALSE, 1);
	g_assert_cmpuint(c->seq, ==, 1);
	g_assert_cmpmem(c->case_id, 16, report->report.case_id, 16);
	g_assert_cmpint(c->received, ==, room_time);
	g_assert_cmpstr(c->state, ==, "new");
	g_assert_cmpstr(c->ack_state, ==, "queued");
	g_assert_cmpstr(c->ack_reason, ==, NULL);
	g_assert_cmpuint(c->size, ==, 4160);
	g_assert_cmpuint(c->card_size, ==, 4200);
	g_assert_cmpstr(record_get(c->facts, "channel"), ==, "mail");
	for (int part = SEAL_PART_BODY; part <= SEAL_PART_CARD; part++) {
		g_autoptr(GBytes) payload = NULL;
		int fd;
		g_assert_true(ledger_payload(room->ledger, 1, (SealPart)part, &payload, &fd, &error));
		g_assert_cmpint(fd, ==, -1);
		g_assert_true(g_bytes_equal(payload, part == SEAL_PART_BODY ? report->report.payload : report->report.card));
	}
	g_autoptr(GBytes) header = ledger_header(room->ledger, 1, SEAL_PART_CARD, "age1chaircard", &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(header, NULL), g_bytes_get_size(header), "age chair card", 14);
	g_assert_null(ledger_header(room->ledger, 1, SEAL_PART_CARD, "age1safebody", &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	room_is_sound(room);
	room_free(room);
}

static void a_large_payload_rests_in_the_vault(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, 1, 300000);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	g_autoptr(GBytes) payload = NULL;
	int fd;
	g_assert_true(ledger_payload(room->ledger, 1, SEAL_PART_BODY, &payload, &fd, &error));
	g_assert_no_error(error);
	g_assert_null(payload);
	g_assert_cmpint(lseek(fd, 0, SEEK_END), ==, 300000);
	close(fd);
	room_is_sound(room);
	room_close(room);
	room_open(room);
	room_is_sound(room);
	room_free(room);
}

static void the_entry_says_nothing_of_people_and_the_record_all(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, 7, 0);
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	LedgerEntry entry;
	Entry fields;
	g_assert_true(ledger_entry(room->ledger, 1, &entry, &error));
	gsize size;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_assert_true(entry_verify_commitment(entry.entry, entry.salt, text, size, &error));
	g_assert_true(entry_decode(entry.entry, &fields, &error));
	g_assert_cmpint(fields.kind, ==, ENTRY_RECEIVED);
	g_assert_cmpint(fields.time, ==, room_time / G_USEC_PER_SEC / ENTRY_DAY * ENTRY_DAY);
	g_assert_cmpmem(fields.object, 32, report->report.digest, 32);
	g_autoptr(Record) record = record_read(text, size, 0, entry_schema(ENTRY_RECEIVED), &error);
	g_assert_no_error(error);
	g_assert_cmpstr(record_get(record, "number"), ==, "2026/1");
	g_assert_cmpstr(record_get_nth(record, "reader", 2), ==, "safe recovery");
	g_assert_cmpstr(record_get(record, "letter"), ==, "owed");
	ledger_entry_clear(&entry);
	g_assert_false(ledger_entry(room->ledger, 2, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	room_free(room);
}

static void a_report_that_does_not_add_up_is_refused(void)
{
	Room *room = room_new();
	for (int i = 0; i < 9; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(RoomReport) report = room_report(room, 1, i == 7 ? 200000 : 0);
		if (i == 0)
			report->report.digest[0] ^= 1;
		else if (i == 1)
			report->report.card_digest[31] ^= 1;
		else if (i == 2)
			report->report.n_headers--;
		else if (i == 3)
			report->headers[4].reader = "stranger";
		else if (i == 4)
			report->report.received -= 2 * 3600 * (gint64)G_USEC_PER_SEC;
		else if (i == 5)
			room_report_fact(report, "verdict", "guilty");
		else if (i == 6)
			report->report.letter = NULL;
		else if (i == 7)
			report->report.size++;
		else
			record_add(report->letter, "bcc", "x@example.org");
		g_assert_cmpint(ledger_register(room->ledger, &report->report, &error), ==, LEDGER_FAILED);
		g_assert_true(error->domain == LEDGER_ERROR);
		g_assert_cmpuint(ledger_size(room->ledger), ==, 1);
	}
	room_is_sound(room);
	room_free(room);
}

static void a_case_id_serves_once(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) one = room_report(room, 1, 0), two = room_report(room, 2, 0);
	memcpy(two->report.case_id, one->report.case_id, sizeof one->report.case_id);
	g_assert_cmpint(room_register(room, one), ==, LEDGER_REGISTERED);
	g_assert_cmpint(ledger_register(room->ledger, &two->report, &error), ==, LEDGER_FAILED);
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_FORM);
	room_free(room);
}

static void another_set_of_readers_is_stale(void)
{
	Room *room = room_new();
	g_autoptr(RoomReport) report = room_report(room, 1, 0);
	room_wait(401 * 86400); /* the chair's key expires */
	report->report.received = room_time;
	g_assert_cmpint(room_register(room, report), ==, LEDGER_STALE);
	g_autoptr(GPtrArray) readers = ledger_readers(room->ledger, report->report.reader_set, NULL);
	g_assert_cmpuint(readers->len, ==, 2);
	report->headers[2] = report->headers[4];
	report->report.n_headers = 3;
	g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	room_is_sound(room);
	room_free(room);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void two_series_have_no_gaps_and_the_year_is_the_organisations(void)
{
	Room *room = room_new();
	for (guint i = 1; i <= 6; i++) {
		g_autoptr(RoomReport) report = room_report(room, i, 0);
		if (i % 2 == 0)
			room_report_fact(report, "automatic", "list");
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	}
	/* 2026-12-31 20:00 UTC is 2027 in Almaty. */
	gint64 eve = G_GINT64_CONSTANT(1798747200);
	room_wait(eve - room_time / G_USEC_PER_SEC);
	room_take(room, 7);
	for (guint i = 1; i <= 3; i++) {
		g_autoptr(LedgerCase) one = find(room, 2026, FALSE, i), aside = find(room, 2026, TRUE, i);
		g_assert_cmpuint(one->seq, ==, 2 * i - 1);
		g_assert_cmpuint(aside->seq, ==, 2 * i);
		g_assert_true(aside->aside);
	}
	g_autoptr(LedgerCase) next = find(room, 2027, FALSE, 1);
	g_assert_cmpuint(next->seq, ==, 7);
	room_is_sound(room);
	room_free(room);
}

static LedgerAct act_of(EntryKind kind, guint64 case_seq, const Record *record)
{
	return (LedgerAct){.kind = kind,
	                   .concerns = entry_kind_concerns(kind) ? case_seq : LEDGER_NOTHING,
	                   .record = record,
	                   .case_seq = case_seq};
}

static Record *act_record(guint64 case_seq)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", case_seq);
	record_add(record, "ground", "тексеру");
	return record;
}

static void accepting_an_x_gives_it_the_next_number(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	room_take(room, 1);
	g_autoptr(RoomReport) bounce = room_report(room, 2, 0);
	room_report_fact(bounce, "automatic", "bounce");
	g_assert_cmpint(room_register(room, bounce), ==, LEDGER_REGISTERED);
	g_autoptr(Record) record = act_record(2);
	LedgerAct act = act_of(ENTRY_ACCEPTED, 2, record);
	act.accept = TRUE;
	LedgerEntry entry;
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(entry.seq, ==, 3);
	g_assert_nonnull(g_strrstr_len(g_bytes_get_data(entry.record, NULL), (gssize)g_bytes_get_size(entry.record),
	                               "number: 2026/2\n"));
	ledger_entry_clear(&entry);
	g_autoptr(LedgerCase) by_x = find(room, 2026, TRUE, 1), by_number = find(room, 2026, FALSE, 2);
	g_assert_cmpuint(by_x->seq, ==, 2);
	g_assert_cmpuint(by_number->seq, ==, 2);
	g_assert_false(by_x->aside);
	g_assert_cmpuint(by_x->number, ==, 2);
	g_assert_cmpuint(by_x->accepted, ==, 3);
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NUMBERED);
	room_is_sound(room);
	room_free(room);
}

/* --- retries ------------------------------------------------------------------------------------------------------ */

static void the_same_message_within_ten_days_is_an_entry_of_the_first_case(void)
{
	Room *room = room_new();
	static const struct {
		gint64 days;
		LedgerOutcome outcome;
	} rows[] = {{0, LEDGER_RETRIED}, {4, LEDGER_RETRIED}, {5, LEDGER_RETRIED}, {3, LEDGER_REGISTERED}};
	room_take(room, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		room_wait(rows[i].days * 86400 + 1);
		if (i % 2 == 1) {
			room_close(room);
			room_open(room);
		}
		g_autoptr(RoomReport) again = room_report(room, 1, i == 1 ? 200000 : 0);
		again->report.case_id[0] ^= (guint8)(i + 1);
		g_assert_cmpint(room_register(room, again), ==, rows[i].outcome);
	}
	g_autoptr(LedgerCase) first = find(room, 2026, FALSE, 1), second = find(room, 2026, FALSE, 2);
	g_assert_cmpuint(first->retries, ==, 3);
	g_assert_cmpuint(second->retries, ==, 0);
	g_assert_cmpuint(ledger_size(room->ledger), ==, 6);
	room_is_sound(room);
	room_free(room);
}

typedef struct {
	Room *room;
	RoomReport *report;
	LedgerOutcome outcome;
} Hand;

static gpointer hand_in(gpointer data)
{
	Hand *hand = data;
	hand->outcome = ledger_register(hand->room->ledger, &hand->report->report, NULL);
	return NULL;
}

/* A hand, or an old backup: the case stands in the register and its row in the cache does not. */
static void a_retry_whose_case_the_cache_lacks_is_taken_all_the_same(void)
{
	Room *room = room_new();
	room_take(room, 1);
	room_close(room);
	room_sql(room, "custody.db", "DELETE FROM state");
	room_open(room);
	g_autoptr(RoomReport) again = room_report(room, 1, 0);
	again->report.case_id[0] ^= 0xff;
	g_assert_cmpint(room_register(room, again), ==, LEDGER_RETRIED);
	room_free(room);
}

static void many_at_once_are_one_case_each_and_twins_are_one(void)
{
	Room *room = room_new();
	Hand hands[48];
	GThread *threads[48];
	guint registered = 0, retried = 0;
	for (guint i = 0; i < G_N_ELEMENTS(hands); i++) {
		hands[i] = (Hand){room, room_report(room, 1 + i / 2, i % 6 == 0 ? 150000 : 0), LEDGER_FAILED};
		hands[i].report->report.case_id[15] = (guint8)i;
	}
	for (guint i = 0; i < G_N_ELEMENTS(hands); i++)
		threads[i] = g_thread_new("hand", hand_in, &hands[i]);
	for (guint i = 0; i < G_N_ELEMENTS(hands); i++) {
		g_thread_join(threads[i]);
		registered += hands[i].outcome == LEDGER_REGISTERED;
		retried += hands[i].outcome == LEDGER_RETRIED;
		room_report_free(hands[i].report);
	}
	g_assert_cmpuint(registered, ==, 24);
	g_assert_cmpuint(retried, ==, 24);
	g_autoptr(LedgerCase) last = find(room, 2026, FALSE, 24);
	g_assert_cmpuint(ledger_size(room->ledger), ==, 49);
	room_is_sound(room);
	room_free(room);
}

static void it_says_that_reports_come_in_and_no_act_of_an_officer_is_one(void)
{
	Room *room = room_new();
	g_assert_false(ledger_takes_reports(room->ledger));
	gint64 began;
	gboolean takes;
	guint n = 0;
	do { /* once more where this machine slept between the two */
		began = g_get_monotonic_time();
		room_take(room, ++n);
		takes = ledger_takes_reports(room->ledger);
	} while (!takes && n < 50 && g_get_monotonic_time() - began > G_USEC_PER_SEC / 10);
	g_assert_true(takes);
	gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
	while (ledger_takes_reports(room->ledger) && g_get_monotonic_time() < end)
		g_usleep(1000);
	g_assert_false(ledger_takes_reports(room->ledger));
	g_autoptr(Record) record = act_record(1);
	LedgerAct act = act_of(ENTRY_CLOSED, 1, record);
	act.state = "closed";
	LedgerEntry entry;
	g_assert_true(ledger_append(room->ledger, &act, &entry, NULL));
	ledger_entry_clear(&entry);
	g_assert_false(ledger_takes_reports(room->ledger));
	room_free(room);
}

/* --- acts --------------------------------------------------------------------------------------------------------- */

static void an_act_is_an_entry_and_changes_its_case(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	room_take(room, 1);
	room_take(room, 2);
	g_autoptr(Record) record = act_record(1);
	LedgerAct act = act_of(ENTRY_CLOSED, 1, record);
	act.state = "closed";
	LedgerEntry entry;
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
	g_autoptr(GPtrArray) open = ledger_cases(room->ledger, LEDGER_CASES_OPEN, LEDGER_NOTHING, 500, &error);
	g_autoptr(GPtrArray) all = ledger_cases(room->ledger, LEDGER_CASES_ALL, LEDGER_NOTHING, 500, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(open->len, ==, 1);
	g_assert_cmpuint(((LedgerCase *)open->pdata[0])->seq, ==, 2);
	g_assert_cmpuint(all->len, ==, 2);
	g_assert_cmpstr(((LedgerCase *)all->pdata[0])->state, ==, "closed");
	act = act_of(ENTRY_REOPENED, 3, record);
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	g_clear_error(&error);
	act = act_of(ENTRY_RECEIVED, LEDGER_NOTHING, record);
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_FORM);
	room_is_sound(room);
	room_free(room);
}

static void lists_go_on_where_they_ended_and_review_shows_what_is_not_clean(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	for (guint i = 1; i <= 30; i++) {
		g_autoptr(RoomReport) report = room_report(room, i, 0);
		if (i % 3 == 0)
			room_report_fact(report, "verdict", i % 2 == 0 ? "review" : "unexamined");
		if (i % 5 == 0)
			room_report_fact(report, "automatic", "receipt");
		g_assert_cmpint(room_register(room, report), ==, LEDGER_REGISTERED);
	}
	static const struct {
		LedgerCases which;
		guint n;
	} rows[] = {{LEDGER_CASES_OPEN, 24}, {LEDGER_CASES_REVIEW, 10}, {LEDGER_CASES_ALL, 30}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		guint64 after = LEDGER_NOTHING;
		guint n = 0;
		for (;;) {
			g_autoptr(GPtrArray) some = ledger_cases(room->ledger, rows[i].which, after, 7, &error);
			g_assert_no_error(error);
			if (some->len == 0)
				break;
			g_assert_cmpuint(some->len, <=, 7);
			for (guint k = 0; k < some->len; k++) {
				const LedgerCase *c = some->pdata[k];
				g_assert_true(after == LEDGER_NOTHING || c->seq > after);
				after = c->seq;
			}
			n += some->len;
		}
		g_assert_cmpuint(n, ==, rows[i].n);
	}
	room_free(room);
}

/* --- letters ------------------------------------------------------------------------------------------------------ */

static Record *sent_record(guint64 case_seq)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)room_time);
	record_add_uint(record, "case", case_seq);
	return record;
}

static void a_letter_waits_is_composed_once_and_goes_when_it_was_taken(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	gint64 next;
	guint day, week, hour;
	room_take(room, 5);
	g_autoptr(GPtrArray) early = ledger_letters_due(room->ledger, room_time, 10, &next, &error);
	g_assert_cmpuint(early->len, ==, 0);
	g_assert_cmpint(next, ==, room_time + 60 * G_USEC_PER_SEC);
	room_wait(61);
	g_autoptr(GPtrArray) due = ledger_letters_due(room->ledger, room_time, 10, &next, &error);
	g_assert_cmpuint(due->len, ==, 1);
	g_assert_cmpint(next, ==, G_MAXINT64);
	const LedgerLetterRow *row = due->pdata[0];
	g_assert_cmpuint(row->case_seq, ==, 1);
	g_assert_cmpstr(record_get(row->letter, "to"), ==, "person5@example.org");
	g_assert_null(row->composed);
	g_autoptr(GBytes) octets = g_bytes_new_static("Subject: x\r\n", 12);
	g_assert_true(ledger_letter_composed(room->ledger, row->id, octets, row->letter, &error));
	g_assert_true(ledger_letter_put_off(room->ledger, row->id, room_time + 5, &error));
	room_close(room);
	room_open(room);
	g_autoptr(GPtrArray) again = ledger_letters_due(room->ledger, room_time + 5, 10, &next, &error);
	g_assert_cmpuint(again->len, ==, 1);
	row = again->pdata[0];
	g_assert_cmpuint(row->attempts, ==, 1);
	g_assert_true(g_bytes_equal(row->composed, octets));
	g_autoptr(Record) record = sent_record(1);
	g_assert_true(ledger_letter_sent(room->ledger, row->id, record, &error));
	g_assert_no_error(error);
	g_assert_false(ledger_letter_sent(room->ledger, row->id, record, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_autoptr(GPtrArray) none = ledger_letters_due(room->ledger, G_MAXINT64 - 1, 10, &next, &error);
	g_assert_cmpuint(none->len, ==, 0);
	g_autoptr(LedgerCase) c = find(room, 2026, FALSE, 1);
	g_assert_cmpstr(c->ack_state, ==, "sent");
	g_assert_true(ledger_letter_counts(room->ledger, "Person5@Example.ORG", &day, &week, &hour, &error));
	g_assert_cmpuint(day, ==, 1);
	g_assert_cmpuint(week, ==, 1);
	g_assert_cmpuint(hour, ==, 1);
	room_wait(2 * 86400);
	g_assert_true(ledger_letter_counts(room->ledger, "person5@example.org", &day, &week, &hour, &error));
	g_assert_cmpuint(day, ==, 0);
	g_assert_cmpuint(week, ==, 1);
	g_assert_cmpuint(hour, ==, 0);
	g_assert_true(ledger_letter_counts(room->ledger, "person6@example.org", &day, &week, &hour, &error));
	g_assert_cmpuint(week, ==, 0);
	room_is_sound(room);
	room_free(room);
}

static void a_letter_withheld_is_an_entry_and_can_be_released(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	gint64 next;
	room_take(room, 5);
	g_assert_true(ledger_letter_withhold(room->ledger, 1, "cap", &error));
	g_autoptr(LedgerCase) held = find(room, 2026, FALSE, 1);
	g_assert_cmpstr(held->ack_state, ==, "withheld");
	g_assert_cmpstr(held->ack_reason, ==, "cap");
	g_autoptr(RoomReport) other = room_report(room, 9, 0);
	g_autoptr(Record) record = act_record(1);
	LedgerAct act = act_of(ENTRY_RELEASED, 1, record);
	LedgerEntry entry;
	act.letter = other->letter;
	act.letter_due = room_time;
	act.ack_state = "queued";
	g_assert_true(ledger_append(room->ledger, &act, &entry, &error));
	ledger_entry_clear(&entry);
	g_assert_false(ledger_append(room->ledger, &act, &entry, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_LETTER);
	g_clear_error(&error);
	g_autoptr(GPtrArray) due = ledger_letters_due(room->ledger, room_time, 10, &next, &error);
	g_assert_cmpuint(due->len, ==, 1);
	g_assert_cmpuint(((LedgerLetterRow *)due->pdata[0])->case_seq, ==, 1);
	room_is_sound(room);
	room_free(room);
}

static void a_letter_that_was_altered_does_not_hold_up_the_others(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	gint64 next;
	for (guint i = 1; i <= 3; i++)
		room_take(room, i);
	room_close(room);
	room_sql(room, "custody.db", "UPDATE outbox SET letter=(SELECT letter FROM outbox WHERE seq=2) WHERE seq=1");
	room_open(room);
	g_autoptr(GPtrArray) due = ledger_letters_due(room->ledger, G_MAXINT64 - 1, 2, &next, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(due->len, ==, 2);
	g_assert_cmpuint(((LedgerLetterRow *)due->pdata[0])->id, ==, 2);
	room_free(room);
}

/* --- proofs ------------------------------------------------------------------------------------------------------- */

static void proofs_verify_and_grow_with_the_log(void)
{
	Room *room = room_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *line = note_signer_verifier(room->signer);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, &error);
	guint64 known = 0;
	guint8 known_root[32];
	for (guint i = 1; i <= 20; i++) {
		guint64 seqs[] = {i / 2, room_take(room, i)}, size;
		guint8 root[32];
		LedgerProof proof;
		g_assert_true(ledger_prove(room->ledger, seqs, 2, known, &proof, &error));
		g_assert_no_error(error);
		g_assert_true(note_verify_checkpoint(proof.note, verifier, &size, root, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(size, ==, proof.size);
		for (guint k = 0; k < 2; k++) {
			guint8 leaf[32];
			LedgerEntry entry;
			g_assert_true(ledger_entry(room->ledger, seqs[k], &entry, &error));
			entry_leaf(entry.entry, leaf);
			ledger_entry_clear(&entry);
			g_assert_true(merkle_verify_inclusion(seqs[k], size, leaf, g_bytes_get_data(proof.inclusion[k], NULL),
			                                      g_bytes_get_size(proof.inclusion[k]) / 32, root));
		}
		g_assert_cmpint(proof.consistency != NULL, ==, known != 0);
		if (known != 0)
			g_assert_true(merkle_verify_consistency(known, known_root, size, root,
			                                        g_bytes_get_data(proof.consistency, NULL),
			                                        g_bytes_get_size(proof.consistency) / 32));
		known = size;
		memcpy(known_root, root, sizeof root);
		ledger_proof_clear(&proof);
	}
	LedgerProof proof;
	const guint64 beyond = 99;
	g_assert_false(ledger_prove(room->ledger, &beyond, 1, 0, &proof, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	g_autoptr(GBytes) entries = ledger_entries(room->ledger, 5, 1000, NULL);
	g_assert_cmpuint(g_bytes_get_size(entries), ==, 16 * ENTRY_SIZE);
	g_autoptr(GBytes) none = ledger_entries(room->ledger, 500, 10, NULL);
	g_assert_cmpuint(g_bytes_get_size(none), ==, 0);
	room_free(room);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/ledger/" #name, name)
	ADD(a_report_comes_back_as_it_went_in);
	ADD(a_large_payload_rests_in_the_vault);
	ADD(the_entry_says_nothing_of_people_and_the_record_all);
	ADD(a_report_that_does_not_add_up_is_refused);
	ADD(a_case_id_serves_once);
	ADD(another_set_of_readers_is_stale);
	ADD(two_series_have_no_gaps_and_the_year_is_the_organisations);
	ADD(accepting_an_x_gives_it_the_next_number);
	ADD(the_same_message_within_ten_days_is_an_entry_of_the_first_case);
	ADD(a_retry_whose_case_the_cache_lacks_is_taken_all_the_same);
	ADD(it_says_that_reports_come_in_and_no_act_of_an_officer_is_one);
	ADD(many_at_once_are_one_case_each_and_twins_are_one);
	ADD(an_act_is_an_entry_and_changes_its_case);
	ADD(lists_go_on_where_they_ended_and_review_shows_what_is_not_clean);
	ADD(a_letter_waits_is_composed_once_and_goes_when_it_was_taken);
	ADD(a_letter_withheld_is_an_entry_and_can_be_released);
	ADD(a_letter_that_was_altered_does_not_hold_up_the_others);
	ADD(proofs_verify_and_grow_with_the_log);
	return g_test_run();
}
