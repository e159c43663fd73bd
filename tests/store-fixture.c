/* SPDX-License-Identifier: ISC */
#include "tests/store-fixture.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/listen.h"
#include "store/entry.h"
#include "store/init.h"
#include "store/intake-commit.h"

gint64 fixture_now;

static gint64 now(void)
{
	return fixture_now != 0 ? fixture_now : g_get_real_time();
}

static Keyfile *make_keys(const Fixture *f, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *base = g_strconcat(name, ".pub", NULL);
	g_autofree char *path = g_build_filename(f->directory, base, NULL);
	Keyfile *keys = keyfile_generate(&error);
	g_assert_no_error(error);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	keyfile_public_write(half, path, &error);
	g_assert_no_error(error);
	return keys;
}

static void open_registry(Fixture *f)
{
	g_autoptr(GError) error = NULL;
	RegistryOptions options = {.now = now};
	f->registry = registry_open(f->config, &options, &error);
	g_assert_no_error(error);
}

static void make(Fixture *f, const char *const *settings, gboolean with_deputy)
{
	g_autoptr(GError) error = NULL;
	memset(f, 0, sizeof *f);
	fixture_now = 0;
	f->directory = g_dir_make_tmp("senim-XXXXXX", &error);
	g_assert_no_error(error);
	f->store = g_build_filename(f->directory, "s", NULL);
	f->aigul = make_keys(f, "aigul");
	f->chair = make_keys(f, "chair");
	f->stranger = make_keys(f, "stranger");
	g_autofree char *officer = g_strdup_printf("aigul=%s/aigul.pub", f->directory);
	g_autofree char *chair = g_strdup_printf("chair=%s/chair.pub", f->directory);
	const char *mailboxes[] = {"senim@kmo.kz", "ethics@kmo.kz", NULL};
	g_autofree char *dana = g_strdup_printf("dana=%s/dana.pub", f->directory);
	const char *officers[] = {officer, NULL}, *escalation[] = {chair, NULL}, *deputies[] = {dana, NULL};
	if (with_deputy)
		keyfile_free(make_keys(f, "dana"));
	InitRequest request = {.directory = f->store, .mailboxes = mailboxes, .officers = officers, .escalation = escalation,
	                       .deputies = with_deputy ? deputies : NULL, .settings = settings, .no_recovery = TRUE};
	init_store(&request, &error);
	g_assert_no_error(error);
	g_autofree char *conf = g_build_filename(f->store, "senim.conf", NULL);
	f->config = config_load(conf, &error);
	g_assert_no_error(error);
	open_registry(f);
}

void fixture_make(Fixture *f, const char *const *settings)
{
	make(f, settings, FALSE);
}

void fixture_make_with_deputy(Fixture *f, const char *const *settings)
{
	make(f, settings, TRUE);
}

void fixture_reopen(Fixture *f)
{
	g_clear_pointer(&f->registry, registry_close);
	open_registry(f);
}

static int remove_one(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED,
                      struct FTW *walk G_GNUC_UNUSED)
{
	return remove(path);
}

void fixture_clear(Fixture *f)
{
	g_clear_pointer(&f->registry, registry_close);
	g_clear_pointer(&f->config, config_unref);
	keyfile_free(f->aigul);
	keyfile_free(f->chair);
	keyfile_free(f->stranger);
	nftw(f->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	g_free(f->directory);
	g_free(f->store);
}

char *fixture_path(const Fixture *f, const char *name)
{
	return config_run_path(f->config, name);
}

int fixture_listen(const Fixture *f, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = fixture_path(f, name);
	int fd = listen_unix(path, 0660, NULL, &error);
	g_assert_no_error(error);
	return fd;
}

int fixture_connect(const Fixture *f, const char *name)
{
	g_autofree char *path = fixture_path(f, name);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_assert_cmpint(strlen(path), <, sizeof address.sun_path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
	return fd;
}

/* --- reports ------------------------------------------------------------------- */

static gboolean write_all(const guint8 *data, gsize size, gpointer user, GError **error)
{
	int fd = *(int *)user;
	while (size > 0) {
		gssize n = write(fd, data, size);
		if (n < 0) {
			g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "writing: %s", g_strerror(errno));
			return FALSE;
		}
		data += n;
		size -= (gsize)n;
	}
	return TRUE;
}

static SealBody *seal_message(FixtureReport *report, SealResult *result)
{
	g_autoptr(GError) error = NULL;
	const char *to[] = {report->mailbox, NULL};
	SealFields fields = {.mailbox = report->mailbox, .begun = now(), .envelope_from = "a@b.kz", .envelope_to = to};
	randombytes_buf(report->case_id, sizeof report->case_id);
	memcpy(fields.case_id, report->case_id, sizeof fields.case_id);
	SealBody *body = seal_body_new(&fields, write_all, &report->fd, &error);
	g_assert_no_error(error);
	g_autofree char *message = g_malloc(report->size);
	memset(message, 'x', report->size);
	memcpy(message, FIXTURE_MARK, MIN(report->size, strlen(FIXTURE_MARK)));
	g_assert_true(seal_body_write(body, message, report->size, &error));
	g_assert_true(seal_body_finish(body, result, &error));
	g_assert_no_error(error);
	return body;
}

static SealCard *seal_its_card(const FixtureReport *report, SealResult *result)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) card = record_new();
	const char *keys[] = {"envelope-from", "from-name", "from-address", "organisation", "subject", "date", "message-id"};
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		record_add(card, keys[i], "canary");
	SealCard *sealed = seal_card_new(report->case_id, card, result, &error);
	g_assert_no_error(error);
	return sealed;
}

static void add_headers(Bundle *bundle, const GPtrArray *readers, const SealBody *body, const SealCard *card)
{
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = g_ptr_array_index(readers, i);
		g_autofree char *body_header = seal_body_header(body, reader->body, NULL);
		g_autofree char *card_header = seal_card_header(card, reader->card, NULL);
		g_autofree char *body_name = g_strconcat("header/body/", reader->name, NULL);
		g_autofree char *card_name = g_strconcat("header/card/", reader->name, NULL);
		bundle_add_copy(bundle, body_name, body_header, strlen(body_header));
		bundle_add_copy(bundle, card_name, card_header, strlen(card_header));
	}
}

static void add_record(const FixtureReport *report, const guint8 set[32], const SealResult *body, const SealResult *card,
                       Record *r)
{
	guint8 digest[SEAL_DIGEST];
	randombytes_buf(digest, sizeof digest);
	record_add(r, "mailbox", report->mailbox);
	record_add_hex(r, "case", report->case_id, sizeof report->case_id);
	record_add_uint(r, "received", (guint64)now());
	record_add_hex(r, "set", set, 32);
	record_add(r, "payload", body->payload != NULL ? "inline" : "file");
	record_add_uint(r, "size", body->size);
	record_add_hex(r, "digest", body->digest, sizeof body->digest);
	record_add_hex(r, "card-digest", card->digest, sizeof card->digest);
	record_add_hex(r, "message-digest", digest, sizeof digest);
	record_add_hex(r, "key-check-body", body->key_check, sizeof body->key_check);
	record_add_hex(r, "key-check-card", card->key_check, sizeof card->key_check);
	record_add_hex(r, "body-check", body->body_check, sizeof body->body_check);
	record_add(r, "letter", report->letter_to != NULL ? "owed" : "withheld");
	record_add(r, "letter-reason", report->letter_to != NULL ? "-" : "never");
	record_add_uint(r, "delay", 0);
}

static Record *facts_of(const FixtureReport *report)
{
	Record *facts = record_new();
	record_add(facts, "channel", "mail");
	record_add(facts, "language", "kk");
	record_add(facts, "automatic", report->aside ? "bounce" : "-");
	record_add(facts, "verdict", report->verdict != NULL ? report->verdict : "clean");
	if (report->class != NULL)
		record_add(facts, "class", report->class);
	record_add_bool(facts, "opaque", FALSE);
	record_add_bool(facts, "examined", TRUE);
	record_add_bool(facts, "partial", FALSE);
	record_add_uint(facts, "attachments", 0);
	if (report->named != NULL)
		record_add(facts, "named", report->named);
	if (report->reference != NULL)
		record_add(facts, "reference", report->reference);
	if (report->wish != NULL)
		record_add(facts, "wish", report->wish);
	if (report->held)
		record_add_bool(facts, "held", TRUE);
	return facts;
}

Bundle *fixture_report(const Fixture *f, FixtureReport *report)
{
	guint8 set[32];
	g_autoptr(GError) error = NULL;
	SealResult body = {0}, card = {0};
	int mailbox = registry_find(f->registry, report->mailbox);
	g_assert_cmpint(mailbox, >=, 0);
	g_autoptr(Record) facts = facts_of(report);
	g_autoptr(GPtrArray) readers = ledger_readers_for(registry_ledger(f->registry, (guint)mailbox), facts, set, &error);
	g_assert_no_error(error);
	g_autoptr(SealBody) sealed_body = seal_message(report, &body);
	g_autoptr(SealCard) sealed_card = seal_its_card(report, &card);
	Bundle *bundle = bundle_new();
	add_record(report, set, &body, &card, bundle_record(bundle));
	if (body.payload != NULL)
		bundle_add(bundle, "payload", body.payload);
	bundle_add(bundle, "card", card.payload);
	bundle_add_record(bundle, "facts", facts);
	if (report->letter_to != NULL) {
		g_autoptr(Record) letter = record_new();
		record_add(letter, "to", report->letter_to);
		record_add(letter, "message-id", "<1@b.kz>");
		record_add(letter, "language", "kk");
		bundle_add_record(bundle, "letter", letter);
	}
	add_headers(bundle, readers, sealed_body, sealed_card);
	seal_result_clear(&body);
	seal_result_clear(&card);
	return bundle;
}

LedgerOutcome fixture_hand_in(const Fixture *f, FixtureReport *report)
{
	g_autoptr(GError) error = NULL;
	Ledger *ledger = registry_ledger(f->registry, (guint)registry_find(f->registry, report->mailbox));
	int fd = report->size >= SEAL_CHUNK ? ledger_payload_file(ledger, &error) : -1;
	g_assert_no_error(error);
	report->fd = fd;
	g_autoptr(Bundle) bundle = fixture_report(f, report);
	g_autoptr(GBytes) octets = bundle_write(bundle);
	g_autoptr(IntakeCommit) commit =
		intake_commit_read(g_bytes_get_data(octets, NULL), g_bytes_get_size(octets), &error);
	g_assert_no_error(error);
	commit->report.fd = fd;
	LedgerOutcome outcome = ledger_register(ledger, &commit->report, &error);
	g_assert_no_error(error);
	if (fd >= 0)
		close(fd);
	return outcome;
}

guint64 fixture_register(const Fixture *f, FixtureReport *report)
{
	g_autoptr(GError) error = NULL;
	Ledger *ledger = registry_ledger(f->registry, (guint)registry_find(f->registry, report->mailbox));
	g_assert_cmpint(fixture_hand_in(f, report), ==, LEDGER_REGISTERED);
	g_autoptr(LedgerCase) c = ledger_case_by_id(ledger, report->case_id, &error);
	g_assert_no_error(error);
	return c->seq;
}

guint fixture_count_cases(const Fixture *f)
{
	guint n = 0;
	for (guint i = 0; i < registry_count(f->registry); i++) {
		g_autoptr(GPtrArray) cases =
			ledger_cases(registry_ledger(f->registry, i), LEDGER_CASES_ALL, LEDGER_NOTHING, 1000, NULL);
		g_assert_nonnull(cases);
		n += cases->len;
	}
	return n;
}

guint fixture_count_entries(const Fixture *f, const char *mailbox, EntryKind kind)
{
	guint n = 0;
	Ledger *ledger = registry_ledger(f->registry, (guint)registry_find(f->registry, mailbox));
	g_autoptr(GBytes) entries = ledger_entries(ledger, 0, 5000, NULL);
	gsize size;
	const guint8 *data = g_bytes_get_data(entries, &size);
	for (gsize at = 0; at + ENTRY_SIZE <= size; at += ENTRY_SIZE) {
		Entry entry;
		g_assert_true(entry_decode(data + at, &entry, NULL));
		n += entry.kind == (guint)kind;
	}
	return n;
}
