/* SPDX-License-Identifier: ISC */
/* tests/bench/fill-register.c - fills the stopped store of a bench with cases and a note for each, as many as are asked for.
 *
 * fill-register CONFIG FILE.pub N     FILE.pub: the officer to whom the notes are sealed
 * Bodies and cards are octets that nobody opens: what is measured with it are lists, dates and the register. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/finding.h"
#include "base/process.h"
#include "store/keyfile.h"
#include "store/registry.h"
#include "store/sealed-text.h"

#define THREADS 8

static Ledger *ledger;
static KeyfilePublic *officer;
static gint taken, all;

/* A pointer to the error: it is set by what `good` is computed from. */
static void must(gboolean good, GError *const *error)
{
	if (!good)
		g_error("%s", *error != NULL ? (*error)->message : "failed");
}

static guint64 report(void)
{
	LedgerHeader headers[64];
	guint n = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) facts = finding_unexamined_facts();
	LedgerReport made = {.received = g_get_real_time(), .facts = facts, .headers = headers, .fd = -1,
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
	must(ledger_register(ledger, &made, &error) == LEDGER_REGISTERED, &error);
	g_autoptr(LedgerCase) c = ledger_case_by_id(ledger, made.case_id, &error);
	must(c != NULL, &error);
	return c->seq;
}

static void note(guint64 seq, guint i)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *words = g_strdup_printf(
		"{\"brief\":\"Қоймада жанар-жағармайдың жетіспеуі туралы хабарланды, №%u\",\"surname\":\"Ахметов\",\"phone\":\"+7 701 123 45 67\"}", i);
	g_autoptr(SealedText) text = sealed_text_new(SEAL_PART_TEXT, words, &error);
	must(text != NULL && sealed_text_add_reader(text, "aigul", officer->card, &error), &error);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)g_get_real_time());
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", seq);
	record_add_uint(record, "after", 0);
	sealed_text_record(text, record);
	record_add(record, "ground", "journal");
	const SealedTextHeader *header = text->headers->pdata[0];
	const LedgerTextHeader row = {.part = SEAL_PART_TEXT, .object_id = text->id, .recipient = officer->card, .text = header->header,
	                              .size = strlen(header->header)};
	const LedgerAct act = {.kind = ENTRY_NOTED, .flags = ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED, .concerns = LEDGER_NOTHING,
	                       .record = record, .case_seq = seq, .chained = TRUE, .text_headers = &row, .n_text_headers = 1};
	LedgerEntry entry = {0};
	must(ledger_append(ledger, &act, &entry, &error), &error);
	ledger_entry_clear(&entry);
}

static gpointer work(gpointer data)
{
	gint i;
	while ((i = g_atomic_int_add(&taken, 1)) < all)
		note(report(), (guint)i);
	return data;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	GThread *threads[THREADS];
	g_autofree char *text = NULL;
	gsize size;
	if (argc != 4 || sodium_init() < 0 || !g_file_get_contents(argv[2], &text, &size, &error))
		g_error("usage: fill-register CONFIG FILE.pub N");
	officer = keyfile_public_parse(text, size, &error);
	must(officer != NULL, &error);
	Config *config = config_load(argv[1], &error);
	must(config != NULL, &error);
	Registry *registry = registry_open(config, &(RegistryOptions){0}, &error);
	must(registry != NULL, &error);
	ledger = registry_ledger(registry, 0);
	all = atoi(argv[3]);
	for (guint i = 0; i < THREADS; i++)
		threads[i] = g_thread_new("fill", work, NULL);
	for (guint i = 0; i < THREADS; i++)
		g_thread_join(threads[i]);
	registry_close(registry);
	config_unref(config);
	keyfile_public_free(officer);
	return 0;
}
