/* SPDX-License-Identifier: ISC */
/* tests/bench/fill-register.c - fills the stopped store of a bench with cases, a note for each, and a result for most.
 *
 * fill-register CONFIG FILE.pub N OPEN     FILE.pub: the officer to whom the notes are sealed; all but OPEN are closed
 * Bodies and cards are octets that nobody opens: what is measured with it are lists, dates and the register. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "base/process.h"
#include "store/keyfile.h"
#include "store/registry.h"
#include "store/sealed-text.h"

#define THREADS 64

static Ledger *ledger;
static KeyfilePublic *officer;
static gint taken, all, open_cases;

/* A pointer to the error: it is set by what `good` is computed from. */
static void must(gboolean good, GError *const *error)
{
	if (!good)
		g_error("%s", *error != NULL ? (*error)->message : "failed");
}

/* A letter in Kazakh that the rules find nothing in. */
static Record *read_facts(void)
{
	const char *key, *value;
	g_autoptr(Record) plain = finding_unexamined_facts();
	Record *facts = record_new();
	for (guint i = 0; record_line(plain, i, &key, &value); i++)
		if (strcmp(key, "language") == 0)
			record_add(facts, key, "kk");
		else if (strcmp(key, "verdict") == 0)
			record_add(facts, key, "clean");
		else if (strcmp(key, "examined") == 0)
			record_add_bool(facts, key, TRUE);
		else
			record_add(facts, key, value);
	return facts;
}

/* The cases came one after the other in the last thirty days: some terms are over, some not. */
static gint64 now(void)
{
	gint64 left = all - MIN(g_atomic_int_get(&taken), all);
	return g_get_real_time() - 30 * G_TIME_SPAN_DAY * left / all;
}

static guint64 report(void)
{
	LedgerHeader headers[64];
	guint n = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) facts = read_facts();
	LedgerReport made = {.received = now(), .facts = facts, .headers = headers, .fd = -1,
	                     .letter_state = LEDGER_LETTER_WITHHELD, .letter_reason = "never"};
	guint8 octets[64];
	randombytes_buf(octets, sizeof octets);
	randombytes_buf(made.case_id, sizeof made.case_id);
	randombytes_buf(made.message_digest, sizeof made.message_digest);
	g_autoptr(GBytes) payload = g_bytes_new(octets, sizeof octets);
	made.payload = made.card = payload;
	made.size = sizeof octets;
	crypto_generichash(made.digest, sizeof made.digest, octets, sizeof octets, NULL, 0);
	memcpy(made.card_digest, made.digest, sizeof made.digest);
	g_autoptr(GPtrArray) readers = ledger_readers_for(ledger, facts, made.reader_set, &error);
	must(readers != NULL, &error);
	for (guint k = 0; k < readers->len && n + 2 <= G_N_ELEMENTS(headers); k++) {
		const PeoplePerson *reader = readers->pdata[k];
		headers[n++] = (LedgerHeader){reader->name, SEAL_PART_BODY, "body", 4};
		if (reader->card != NULL)
			headers[n++] = (LedgerHeader){reader->name, SEAL_PART_CARD, "card", 4};
	}
	made.n_headers = n;
	while (ledger_register(ledger, &made, &error) != LEDGER_REGISTERED) {
		must(g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK), &error); /* others moved it meanwhile */
		g_clear_error(&error);
		made.received = now();
	}
	g_autoptr(LedgerCase) c = ledger_case_by_id(ledger, made.case_id, &error);
	must(c != NULL, &error);
	return c->seq;
}

/* The lines with which every record of casework begins. */
static Record *begin_work(guint64 seq, guint64 after)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)now());
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", seq);
	record_add_uint(record, "after", after);
	return record;
}

static guint64 append(const LedgerAct *act)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	Entry read;
	must(ledger_append(ledger, act, &entry, &error) && entry_decode(entry.entry, &read, &error), &error);
	ledger_entry_clear(&entry);
	return read.seq;
}

static void close_case(guint64 seq, guint64 after)
{
	g_autoptr(Record) record = begin_work(seq, after);
	record_add(record, "result", "measures");
	record_add(record, "ground", "resolution");
	const LedgerAct act = {.kind = ENTRY_CLOSED, .concerns = seq, .record = record, .case_seq = seq, .state = "closed",
	                       .chained = TRUE, .after = after};
	append(&act);
}

/* The entry that it became. */
static guint64 note(guint64 seq, guint i)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *words = g_strdup_printf(
		"{\"brief\":\"Қоймада жанар-жағармайдың жетіспеуі туралы хабарланды, №%u\",\"surname\":\"Ахметов\",\"phone\":\"+7 701 123 45 67\"}", i);
	g_autoptr(SealedText) text = sealed_text_new(SEAL_PART_TEXT, words, &error);
	must(text != NULL && sealed_text_add_reader(text, "aigul", officer->card, &error), &error);
	g_autoptr(Record) record = begin_work(seq, 0);
	sealed_text_record(text, record);
	record_add(record, "ground", "journal");
	const SealedTextHeader *header = text->headers->pdata[0];
	const LedgerTextHeader row = {.part = SEAL_PART_TEXT, .object_id = text->id, .recipient = officer->card, .text = header->header,
	                              .size = strlen(header->header)};
	const LedgerAct act = {.kind = ENTRY_NOTED, .flags = ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED, .concerns = LEDGER_NOTHING,
	                       .record = record, .case_seq = seq, .chained = TRUE, .text_headers = &row, .n_text_headers = 1};
	return append(&act);
}

static gpointer work(gpointer data)
{
	gint i;
	while ((i = g_atomic_int_add(&taken, 1)) < all) {
		guint64 seq = report(), noted = note(seq, (guint)i);
		if (i < all - open_cases)
			close_case(seq, noted);
	}
	return data;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	GThread *threads[THREADS];
	g_autofree char *text = NULL;
	gsize size;
	if (argc != 5 || sodium_init() < 0 || !g_file_get_contents(argv[2], &text, &size, &error))
		g_error("usage: fill-register CONFIG FILE.pub N OPEN");
	officer = keyfile_public_parse(text, size, &error);
	must(officer != NULL, &error);
	all = MAX(atoi(argv[3]), 1);
	open_cases = atoi(argv[4]);
	Config *config = config_load(argv[1], &error);
	must(config != NULL, &error);
	Registry *registry = registry_open(config, &(RegistryOptions){.now = now}, &error);
	must(registry != NULL, &error);
	ledger = registry_ledger(registry, 0);
	for (guint i = 0; i < THREADS; i++)
		threads[i] = g_thread_new("fill", work, NULL);
	for (guint i = 0; i < THREADS; i++)
		g_thread_join(threads[i]);
	registry_close(registry);
	config_unref(config);
	keyfile_public_free(officer);
	return 0;
}
