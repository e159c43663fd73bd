/* SPDX-License-Identifier: ISC */
/* hand-store DIRECTORY FILE... - a small store with each FILE registered as one report, for doc/opening-by-hand.md; one that
 * is called answer is an answer to the letter that the first report's sender got.
 *
 * Leaves DIRECTORY/aigul with its public half, DIRECTORY/log, and on standard output the store id and the sheet's
 * spelling of the custody key, a line each. */
#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/finding.h"
#include "store/custody.h"
#include "store/keyfile.h"
#include "store/ledger.h"
#include "store/letter-token.h"
#include "store/note.h"

static const char mailbox[] = "senim@kmo.kz";

static void must(gboolean good, const GError *error)
{
	if (good)
		return;
	fprintf(stderr, "hand-store: %s\n", error != NULL ? error->message : "failed");
	exit(1);
}

static Record *begun(const LedgerOptions *options, const KeyfilePublic *aigul)
{
	guint8 id[CUSTODY_ID];
	char sign[sodium_base64_ENCODED_LEN(KEYFILE_SIGN, sodium_base64_VARIANT_ORIGINAL)];
	g_autofree char *verifier = note_signer_verifier(options->signer);
	Record *record = record_new();
	custody_key_id(options->custody, id);
	sodium_bin2base64(sign, sizeof sign, aigul->sign, KEYFILE_SIGN, sodium_base64_VARIANT_ORIGINAL);
	record_add_uint(record, "time", (guint64)g_get_real_time());
	record_add_hex(record, "store", options->store_id, CUSTODY_STORE);
	record_add(record, "mailbox", mailbox);
	record_add(record, "origin", options->origin);
	record_add(record, "log-key", verifier);
	record_add_hex(record, "custody-key", id, sizeof id);
	record_add_printf(record, "reader", "aigul officer %s %s %s 0", aigul->body, aigul->card, sign);
	return record;
}

typedef struct {
	Ledger *ledger;
	int fd;
} Into;

static gboolean to_vault(const guint8 *data, gsize size, gpointer user, GError **error)
{
	Into *into = user;
	if (into->fd < 0)
		into->fd = ledger_payload_file(into->ledger, error);
	return into->fd >= 0 && write(into->fd, data, size) == (gssize)size;
}

static Record *card_of(const char *path)
{
	Record *card = record_new();
	g_autofree char *name = g_path_get_basename(path);
	record_add(card, "subject", name);
	return card;
}

/* As the Message-ID of our letter to the first report's sender names its case. */
static char *reference_to_first(Ledger *ledger, const LedgerOptions *options)
{
	guint8 key[CUSTODY_KEY];
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) cases = ledger_cases(ledger, LEDGER_CASES_ALL, LEDGER_NOTHING, 1, &error);
	must(cases != NULL && cases->len == 1, error);
	custody_derive(options->custody, options->store_id, CUSTODY_MESSAGE_ID, key);
	return letter_token_make(key, ((const LedgerCase *)cases->pdata[0])->case_id, 1);
}

/* reference NULL: a report of its own. */
static void register_file(Ledger *ledger, const KeyfilePublic *aigul, const char *path, const char *reference)
{
	static const char *const to[] = {mailbox, NULL};
	SealFields fields = {.mailbox = mailbox, .begun = g_get_real_time(), .envelope_from = "a@b.kz", .envelope_to = to};
	SealResult sealed = {0}, sealed_card = {0};
	Into into = {ledger, -1};
	g_autoptr(GError) error = NULL;
	g_autofree char *message = NULL;
	gsize size;
	must(g_file_get_contents(path, &message, &size, &error), error);
	randombytes_buf(fields.case_id, SEAL_CASE);
	g_autoptr(SealBody) body = seal_body_new(&fields, to_vault, &into, &error);
	must(body != NULL && seal_body_write(body, message, size, &error) && seal_body_finish(body, &sealed, &error), error);
	g_autoptr(Record) record = card_of(path);
	g_autoptr(SealCard) card = seal_card_new(fields.case_id, record, &sealed_card, &error);
	must(card != NULL, error);
	g_autofree char *body_header = seal_body_header(body, aigul->body, &error);
	g_autofree char *card_header = seal_card_header(card, aigul->card, &error);
	must(body_header != NULL && card_header != NULL, error);
	const LedgerHeader headers[] = {{"aigul", SEAL_PART_BODY, body_header, strlen(body_header)},
	                                {"aigul", SEAL_PART_CARD, card_header, strlen(card_header)}};
	g_autoptr(Record) facts = finding_unexamined_facts();
	if (reference != NULL)
		record_add(facts, "reference", reference);
	LedgerReport report = {.received = g_get_real_time(), .payload = sealed.payload, .fd = into.fd, .size = sealed.size,
	                       .card = sealed_card.payload, .facts = facts, .headers = headers, .n_headers = 2,
	                       .letter_state = LEDGER_LETTER_NONE};
	memcpy(report.case_id, fields.case_id, SEAL_CASE);
	memcpy(report.digest, sealed.digest, SEAL_DIGEST);
	memcpy(report.card_digest, sealed_card.digest, SEAL_DIGEST);
	memcpy(report.key_check_body, sealed.key_check, 32);
	memcpy(report.key_check_card, sealed_card.key_check, 32);
	memcpy(report.body_check, sealed.body_check, 32);
	randombytes_buf(report.message_digest, SEAL_DIGEST);
	g_autoptr(GPtrArray) readers = ledger_readers(ledger, report.reader_set, &error);
	must(readers != NULL, error);
	must(ledger_register(ledger, &report, &error) == (reference != NULL ? LEDGER_FOLLOWED : LEDGER_REGISTERED), error);
	seal_result_clear(&sealed);
	seal_result_clear(&sealed_card);
	if (into.fd >= 0)
		close(into.fd);
}

static KeyfilePublic *make_officer(const char *directory)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	must(keys != NULL, error);
	KeyfilePublic *half = keyfile_public(keys, 0);
	g_autofree char *path = g_build_filename(directory, "aigul", NULL), *public_path = g_strconcat(path, ".pub", NULL);
	must(keyfile_write(keys, path, NULL, 0, &error) && keyfile_public_write(half, public_path, &error), error);
	return half;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	guint8 store_id[CUSTODY_STORE];
	char hex[2 * CUSTODY_STORE + 1];
	must(argc > 2 && sodium_init() >= 0, NULL);
	randombytes_buf(store_id, sizeof store_id);
	g_autoptr(CustodyKey) custody = custody_key_generate(&error);
	NoteSigner *signer = note_signer_generate_log(mailbox, &error);
	must(custody != NULL && signer != NULL, error);
	g_autofree char *directory = g_build_filename(argv[1], "log", NULL);
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	const LedgerOptions options = {.directory = directory, .mailbox = mailbox, .origin = note_signer_name(signer),
	                               .store_id = store_id, .custody = custody, .signer = signer, .zone = zone};
	g_autoptr(KeyfilePublic) aigul = make_officer(argv[1]);
	g_autoptr(Record) first = begun(&options, aigul);
	must(ledger_create(&options, first, &error), error);
	Ledger *ledger = ledger_open(&options, &error);
	must(ledger != NULL, error);
	for (int i = 2; i < argc; i++) {
		gboolean answers = g_str_has_suffix(argv[i], "/answer");
		g_autofree char *reference = answers ? reference_to_first(ledger, &options) : NULL;
		register_file(ledger, aigul, argv[i], reference);
	}
	ledger_close(ledger);
	g_autofree char *spelling = custody_key_text(custody);
	printf("%s\n%s\n", sodium_bin2hex(hex, sizeof hex, store_id, sizeof store_id), spelling);
	note_signer_free(signer);
	return 0;
}
