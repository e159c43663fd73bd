/* SPDX-License-Identifier: ISC */
#include "tests/ledger-room.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/finding.h"

gint64 room_time, room_uptime;

static gint64 now(void)
{
	return room_time;
}

static gint64 uptime(void)
{
	return room_uptime;
}

void room_wait(gint64 seconds)
{
	room_time += seconds * G_USEC_PER_SEC;
	room_uptime += seconds * G_USEC_PER_SEC;
}

static Record *make_begun(const Room *room)
{
	guint8 id[CUSTODY_ID];
	g_autofree char *key = note_signer_verifier(room->signer);
	Record *begun = record_new();
	custody_key_id(room->custody, id);
	record_add_uint(begun, "time", (guint64)room_time);
	record_add_hex(begun, "store", room->store_id, sizeof room->store_id);
	record_add(begun, "mailbox", "senim@kmo.kz");
	record_add(begun, "origin", note_signer_name(room->signer));
	record_add(begun, "log-key", key);
	record_add_hex(begun, "custody-key", id, sizeof id);
	record_add(begun, "reader",
	           "aigul officer age1aigulbody age1aigulcard AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= 0");
	record_add_printf(
		begun, "reader",
		"chair escalation age1chairbody age1chaircard AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= %" G_GINT64_FORMAT,
		room_time / G_USEC_PER_SEC + 400 * 86400);
	record_add(begun, "reader", "safe recovery age1safebody - - 0");
	return begun;
}

static Room *room_at(char *top)
{
	Room *room = g_new0(Room, 1);
	g_assert_cmpint(sodium_init(), >=, 0);
	room_time = G_GINT64_CONSTANT(1795262400) * G_USEC_PER_SEC;
	room_uptime = 1000 * G_USEC_PER_SEC;
	room->top = top;
	room->directory = g_build_filename(top, "log", NULL);
	memset(room->store_id, 0x17, sizeof room->store_id);
	return room;
}

static void set_options(Room *room)
{
	room->options = (LedgerOptions){.directory = room->directory,
	                                .mailbox = "senim@kmo.kz",
	                                .origin = note_signer_name(room->signer),
	                                .store_id = room->store_id,
	                                .custody = room->custody,
	                                .signer = room->signer,
	                                .zone = g_time_zone_new_identifier("Asia/Almaty"),
	                                .now = now,
	                                .uptime = uptime};
}

Room *room_new_in(const char *base)
{
	g_autoptr(GError) error = NULL;
	char *top = g_build_filename(base != NULL ? base : g_get_tmp_dir(), "senim-ledger-XXXXXX", NULL);
	g_assert_nonnull(g_mkdtemp(top));
	Room *room = room_at(top);
	g_autofree char *custody = g_build_filename(top, "custody.key", NULL),
					*signer = g_build_filename(top, "log.sign", NULL);
	room->custody = custody_key_generate(&error);
	g_assert_no_error(error);
	room->signer = note_signer_generate_log("senim@kmo.kz", &error);
	g_assert_no_error(error);
	g_assert_true(custody_key_save(room->custody, custody, &error) && note_signer_save(room->signer, signer, &error));
	set_options(room);
	g_autoptr(Record) begun = make_begun(room);
	g_assert_true(ledger_create(&room->options, begun, &error));
	g_assert_no_error(error);
	return room;
}

Room *room_attach(const char *top)
{
	g_autoptr(GError) error = NULL;
	Room *room = room_at(g_strdup(top));
	g_autofree char *custody = g_strdup_printf("file:%s/custody.key", top),
					*signer = g_build_filename(top, "log.sign", NULL);
	room->attached = TRUE;
	room->custody = custody_key_load(custody, &error);
	g_assert_no_error(error);
	room->signer = note_signer_load(signer, &error);
	g_assert_no_error(error);
	set_options(room);
	return room;
}

Room *room_new(void)
{
	Room *room = room_new_in(NULL);
	room_open(room);
	return room;
}

void room_open(Room *room)
{
	g_autoptr(GError) error = NULL;
	room->ledger = ledger_open(&room->options, &error);
	g_assert_no_error(error);
	g_assert_nonnull(room->ledger);
}

void room_close(Room *room)
{
	g_clear_pointer(&room->ledger, ledger_close);
}

char *room_refuses(Room *room, LedgerError code)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(ledger_open(&room->options, &error));
	g_assert_error(error, LEDGER_ERROR, (gint)code);
	return g_strdup(error->message);
}

static void remove_all(const char *path)
{
	const char *name;
	g_autoptr(GDir) directory = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		remove_all(below);
	}
	g_remove(path);
}

void room_free(Room *room)
{
	room_close(room);
	if (!room->attached)
		remove_all(room->top);
	custody_key_free(room->custody);
	note_signer_free(room->signer);
	g_time_zone_unref(room->options.zone);
	g_free(room->top);
	g_free(room->directory);
	g_free(room);
}

/* --- reports ------------------------------------------------------------------------------------------------------ */

static void fill(guint8 *out, gsize size, guint seed, guint salt)
{
	guint8 key[randombytes_SEEDBYTES] = {0};
	memcpy(key, &seed, sizeof seed);
	memcpy(key + 8, &salt, sizeof salt);
	randombytes_buf_deterministic(out, size, key);
}

static void write_file(int fd, const guint8 *data, gsize size)
{
	while (size > 0) {
		gssize written = write(fd, data, size);
		g_assert_cmpint(written, >, 0);
		data += written;
		size -= (gsize)written;
	}
}

static void add_payloads(Room *room, LedgerReport *report, guint seed, gsize size)
{
	gsize octets = size > 0 ? size : 4160;
	guint8 *data = g_malloc(octets), *card = g_malloc(4200);
	fill(data, octets, seed, 1);
	fill(card, 4200, seed, 2);
	crypto_generichash(report->digest, sizeof report->digest, data, octets, NULL, 0);
	crypto_generichash(report->card_digest, sizeof report->card_digest, card, 4200, NULL, 0);
	report->size = octets;
	report->card = g_bytes_new_take(card, 4200);
	report->fd = -1;
	if (size == 0) {
		report->payload = g_bytes_new_take(data, octets);
		return;
	}
	g_autoptr(GError) error = NULL;
	report->fd = ledger_payload_file(room->ledger, &error);
	g_assert_no_error(error);
	write_file(report->fd, data, octets);
	g_free(data);
}

static void add_headers(RoomReport *room_report)
{
	static const LedgerHeader headers[] = {
		{"aigul", SEAL_PART_BODY, "age aigul body", 14}, {"aigul", SEAL_PART_CARD, "age aigul card", 14},
		{"chair", SEAL_PART_BODY, "age chair body", 14}, {"chair", SEAL_PART_CARD, "age chair card", 14},
		{"safe", SEAL_PART_BODY, "age safe body", 13},
	};
	memcpy(room_report->headers, headers, sizeof headers);
	room_report->report.headers = room_report->headers;
	room_report->report.n_headers = G_N_ELEMENTS(headers);
}

void room_report_without_aigul(RoomReport *report)
{
	memmove(report->headers, report->headers + 2, 3 * sizeof report->headers[0]);
	report->report.n_headers = 3;
}

RoomReport *room_report(Room *room, guint seed, gsize size)
{
	g_autoptr(GError) error = NULL;
	RoomReport *made = g_new0(RoomReport, 1);
	LedgerReport *report = &made->report;
	fill(report->case_id, sizeof report->case_id, seed, 3);
	fill(report->message_digest, sizeof report->message_digest, seed, 4);
	report->received = room_time;
	add_payloads(room, report, seed, size);
	add_headers(made);
	made->facts = finding_unexamined_facts();
	room_report_fact(made, "verdict", "clean");
	room_report_fact(made, "examined", "yes");
	report->letter_state = LEDGER_LETTER_OWED;
	made->letter = record_new();
	record_add_printf(made->letter, "to", "person%u@example.org", seed);
	record_add(made->letter, "message-id", "<m@example.org>");
	record_add(made->letter, "language", "kk");
	report->letter = made->letter;
	report->letter_due = room_time + 60 * G_USEC_PER_SEC;
	g_autoptr(GPtrArray) readers = ledger_readers(room->ledger, report->reader_set, &error);
	g_assert_no_error(error);
	return made;
}

void room_report_fact(RoomReport *report, const char *key, const char *value)
{
	const char *old_key, *old;
	Record *facts = record_new();
	for (guint i = 0; record_line(report->facts, i, &old_key, &old); i++)
		record_add(facts, old_key, strcmp(old_key, key) == 0 ? value : old);
	record_free(report->facts);
	report->facts = facts;
	report->report.facts = facts;
}

void room_report_free(RoomReport *report)
{
	if (report == NULL)
		return;
	record_free(report->facts);
	record_free(report->letter);
	g_clear_pointer(&report->report.payload, g_bytes_unref);
	g_clear_pointer(&report->report.card, g_bytes_unref);
	if (report->report.fd >= 0)
		close(report->report.fd);
	g_free(report);
}

LedgerOutcome room_register(Room *room, RoomReport *report)
{
	g_autoptr(GError) error = NULL;
	LedgerOutcome outcome = ledger_register(room->ledger, &report->report, &error);
	g_assert_cmpint(outcome == LEDGER_FAILED, ==, error != NULL);
	if (error != NULL)
		g_test_message("%s", error->message);
	return outcome;
}

guint64 room_take(Room *room, guint seed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(RoomReport) report = room_report(room, seed, 0);
	g_assert_cmpint(ledger_register(room->ledger, &report->report, &error), ==, LEDGER_REGISTERED);
	g_assert_no_error(error);
	g_autoptr(LedgerCase) c = ledger_case_by_id(room->ledger, report->report.case_id, &error);
	g_assert_no_error(error);
	return c->seq;
}

gboolean room_seal_anew(Room *room, RoomReport *with, guint64 seq, guint64 replaces, gboolean card, GError **error)
{
	const LedgerReport *r = &with->report;
	LedgerAnewPart parts[] = {
		{.part = SEAL_PART_BODY, .replaces = replaces, .size = r->size, .payload = r->payload, .fd = r->fd},
		{.part = SEAL_PART_CARD, .replaces = replaces, .size = g_bytes_get_size(r->card), .payload = r->card, .fd = -1},
	};
	LedgerHeader headers[8];
	LedgerAnew anew = {.parts = parts, .n_parts = card ? 2 : 1, .headers = headers};
	LedgerEntry entry = {0};
	static const guint8 check[32];
	g_autoptr(Record) record = record_new();
	memcpy(anew.id, r->case_id, SEAL_CASE);
	memcpy(parts[0].digest, r->digest, SEAL_DIGEST);
	memcpy(parts[1].digest, r->card_digest, SEAL_DIGEST);
	for (guint i = 0; i < r->n_headers; i++)
		if (card || r->headers[i].part == SEAL_PART_BODY)
			headers[anew.n_headers++] = r->headers[i];
	record_add_uint(record, "case", seq);
	record_add_hex(record, "object", anew.id, SEAL_CASE);
	record_add_uint(record, "replaces", replaces);
	record_add_uint(record, "size", r->size);
	record_add_hex(record, "digest", r->digest, SEAL_DIGEST);
	record_add_hex(record, "key-check-body", check, sizeof check);
	if (card) {
		record_add_uint(record, "card-size", parts[1].size);
		record_add_hex(record, "card-digest", r->card_digest, SEAL_DIGEST);
		record_add_hex(record, "key-check-card", check, sizeof check);
	}
	record_add(record, "reader", card ? "aigul body card" : "aigul body");
	record_add(record, "reader", card ? "chair body card" : "chair body");
	record_add(record, "reader", "safe body");
	LedgerAct act = {.kind = ENTRY_RESEALED, .record = record, .case_seq = seq, .concerns = seq, .anew = &anew};
	gboolean done = ledger_append(room->ledger, &act, &entry, error);
	if (done)
		ledger_entry_clear(&entry);
	return done;
}

guint64 room_state(Room *room, guint64 seq, SealPart part)
{
	guint64 state = 0;
	g_autoptr(GError) error = NULL;
	g_assert_true(ledger_state(room->ledger, seq, part, &state, &error));
	g_assert_no_error(error);
	return state;
}

/* --- looking and touching ----------------------------------------------------------------------------------------- */

GPtrArray *room_faults(Room *room)
{
	LedgerCheck check;
	g_autoptr(GError) error = NULL;
	g_assert_true(ledger_check(room->ledger, &check, NULL, NULL, &error));
	g_assert_no_error(error);
	GPtrArray *faults = g_steal_pointer(&check.faults);
	ledger_check_clear(&check);
	return faults;
}

void room_is_sound(Room *room)
{
	g_autoptr(GPtrArray) faults = room_faults(room);
	for (guint i = 0; i < faults->len; i++)
		g_test_message("%s", (const char *)faults->pdata[i]);
	g_assert_cmpuint(faults->len, ==, 0);
}

char *room_path(const Room *room, const char *name)
{
	return g_build_filename(room->directory, name, NULL);
}

gboolean room_has(const Room *room, const char *name)
{
	g_autofree char *path = room_path(room, name);
	return g_file_test(path, G_FILE_TEST_EXISTS);
}

void room_sql(Room *room, const char *file, const char *sql)
{
	sqlite3 *connection;
	char *message = NULL;
	g_autofree char *path = room_path(room, file);
	g_assert_cmpint(sqlite3_open(path, &connection), ==, SQLITE_OK);
	sqlite3_exec(connection, sql, NULL, NULL, &message);
	g_assert_cmpstr(message, ==, NULL);
	sqlite3_close(connection);
}

void room_copy(Room *room, const char *from, const char *to)
{
	char *data;
	gsize size;
	g_autofree char *source = room_path(room, from), *target = room_path(room, to);
	g_assert_true(g_file_get_contents(source, &data, &size, NULL));
	/* In place: the same file, as when a backup is copied over it. */
	FILE *file = g_fopen(target, "w");
	g_assert_nonnull(file);
	g_assert_cmpuint(fwrite(data, 1, size, file), ==, size);
	fclose(file);
	g_free(data);
}
