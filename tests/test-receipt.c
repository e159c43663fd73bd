/* SPDX-License-Identifier: ISC */
/* Receipts: what the ledger proves is read back, and no octet of it can be another one. */
#include <string.h>

#include "store/receipt.h"
#include "tests/ledger-room.h"

typedef struct {
	Room *room;
	NoteVerifier *verifier;
	char *text;
} Given;

static Given give(guint64 seq, guint reports)
{
	g_autoptr(GError) error = NULL;
	Given given = {.room = room_new()};
	LedgerEntry entry;
	LedgerProof proof;
	for (guint i = 1; i <= reports; i++)
		room_take(given.room, i);
	g_assert_true(ledger_entry(given.room->ledger, seq, &entry, &error));
	g_assert_true(ledger_prove(given.room->ledger, &seq, 1, 0, &proof, &error));
	Receipt receipt = {.record = entry.record, .inclusion = proof.inclusion[0], .note = proof.note};
	memcpy(receipt.entry, entry.entry, ENTRY_SIZE);
	memcpy(receipt.salt, entry.salt, ENTRY_SALT);
	given.text = receipt_write(&receipt);
	ledger_entry_clear(&entry);
	ledger_proof_clear(&proof);
	g_autofree char *line = note_signer_verifier(given.room->signer);
	given.verifier = note_verifier_new(line, &error);
	g_assert_no_error(error);
	return given;
}

static void given_clear(Given *given)
{
	room_free(given->room);
	note_verifier_free(given->verifier);
	g_free(given->text);
}

static void a_receipt_is_read_back(void)
{
	for (guint64 seq = 0; seq <= 5; seq++) {
		Given given = give(seq, 5);
		g_autoptr(GError) error = NULL;
		g_auto(Receipt) receipt = {.record = NULL};
		g_assert_true(receipt_read(given.text, strlen(given.text), given.verifier, &receipt, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(receipt.size, ==, 6);
		Entry entry;
		g_assert_true(entry_decode(receipt.entry, &entry, NULL));
		g_assert_cmpuint(entry.seq, ==, seq);
		given_clear(&given);
	}
}

static void a_receipt_with_another_octet_or_none_is_refused(void)
{
	Given given = give(3, 5);
	gsize size = strlen(given.text);
	for (gsize i = 0; i < size; i++) {
		g_auto(Receipt) receipt = {.record = NULL};
		g_autofree char *bent = g_strdup(given.text);
		bent[i] ^= 1;
		g_assert_false(receipt_read(bent, size, given.verifier, &receipt, NULL));
		g_assert_false(receipt_read(given.text, i, given.verifier, &receipt, NULL));
	}
	given_clear(&given);
}

static void a_receipt_of_another_log_is_refused(void)
{
	Given one = give(1, 1), two = give(1, 1);
	g_autoptr(GError) error = NULL;
	g_auto(Receipt) receipt = {.record = NULL};
	g_assert_false(receipt_read(one.text, strlen(one.text), two.verifier, &receipt, &error));
	g_assert_error(error, NOTE_ERROR, NOTE_ERROR_SIGNATURE);
	given_clear(&one);
	given_clear(&two);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/receipt/a receipt is read back", a_receipt_is_read_back);
	g_test_add_func("/receipt/a receipt with another octet or none is refused",
	                a_receipt_with_another_octet_or_none_is_refused);
	g_test_add_func("/receipt/a receipt of another log is refused", a_receipt_of_another_log_is_refused);
	return g_test_run();
}
