/* SPDX-License-Identifier: ISC */
/* A register that lacks what she saw: which entry RESTORED explains it, what is proven then, and what explains nothing. */
#include <glib.h>
#include <string.h>

#include "cli/restored.h"
#include "store/receipt.h"
#include "tests/cli-registrar.h"

#define ORIGIN "senim@kmo.kz/0123456789abcdef"
#define STORE "0123456789abcdef0123456789abcdef"
#define KEPT 90
#define LOOKED ((gint64)1000000)

typedef struct {
	NoteSigner *signer;
	NoteVerifier *verifier;
	TestRegister *lost, *offered; /* the one that she saw, and the one that goes on from its first 70 entries */
	GArray *seen;
	const char *used;
	gint64 since;
} Fixture;

static void grow(TestRegister *r, guint n, const char *word)
{
	for (guint i = 0; i < n; i++) {
		Record *record = record_new();
		record_add(record, "word", word);
		test_register_add(r, ENTRY_NOTED, record, NULL);
	}
}

static PinsSeen mark(const TestRegister *r)
{
	PinsSeen seen;
	g_autofree char *line = note_signer_verifier(r->signer), *note = test_register_checkpoint(r);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(line, NULL);
	g_assert_true(note_verify_checkpoint(note, verifier, &seen.size, seen.root, NULL));
	return seen;
}

static void add_restored(TestRegister *r, gint64 time, const char *checkpoint, const char *store)
{
	guint8 zero[32] = {0};
	Record *record = record_new();
	guint64 size = r->entries->len;
	record_add_uint(record, "time", (guint64)time);
	record_add(record, "store", store);
	record_add(record, "mailbox", "senim@kmo.kz");
	record_add(record, "origin", ORIGIN);
	record_add(record, "log-key", "key");
	record_add_hex(record, "custody-key", zero, 16);
	record_add(record, "reader", "aigul");
	record_add_uint(record, "old-register", size);
	record_add_uint(record, "old-custody", size);
	record_add(record, "old-checkpoint", checkpoint);
	record_add(record, "highest", "2026/17");
	test_register_add(r, ENTRY_RESTORED, record, NULL);
}

static void set_up(Fixture *f, gconstpointer user)
{
	(void)user;
	f->signer = note_signer_generate(ORIGIN, NULL);
	g_autofree char *line = note_signer_verifier(f->signer);
	f->verifier = note_verifier_new(line, NULL);
	f->lost = test_register_new(f->signer, ORIGIN);
	f->seen = g_array_new(FALSE, FALSE, sizeof(PinsSeen));
	f->used = "";
	f->since = LOOKED;
	for (guint i = 0; i < 3; i++) { /* marks of 30, 60, and 80 entries */
		grow(f->lost, i == 2 ? 20 : 30, "a");
		PinsSeen seen = mark(f->lost);
		g_array_append_val(f->seen, seen);
	}
	f->offered = test_register_fork(f->lost, 70);
	grow(f->lost, KEPT - 80, "lost");
}

static void tear_down(Fixture *f, gconstpointer user)
{
	(void)user;
	test_register_free(f->lost);
	test_register_free(f->offered);
	note_verifier_free(f->verifier);
	note_signer_free(f->signer);
	g_array_unref(f->seen);
}

/* The desk of the register that is offered. */
static json_t *fetch(guint64 known, gpointer user)
{
	Fixture *f = user;
	guint64 seqs[8] = {0};
	guint n = 1;
	for (guint i = 1; i < f->offered->entries->len; i++) {
		Entry entry;
		g_assert_true(entry_decode(g_array_index(f->offered->entries, TestEntry, i).data, &entry, NULL));
		if (entry.kind == ENTRY_RESTORED)
			seqs[n++] = i;
	}
	return test_register_proof(f->offered, known, seqs, n);
}

static gboolean find(Fixture *f, Restored *restored, PinsTaken *taken)
{
	const PinsBreak broken = {ORIGIN, f->verifier, mark(f->lost), mark(f->offered), f->since, f->seen, f->used};
	return restored_find(&broken, STORE, fetch, f, restored, taken);
}

static void taken_clear(PinsTaken *taken)
{
	g_free(taken->evidence);
	g_free(taken->used);
}

static void refused(Fixture *f)
{
	g_auto(Restored) restored = {0};
	PinsTaken taken = {0};
	g_assert_false(find(f, &restored, &taken));
	g_assert_null(taken.evidence);
	g_assert_null(taken.used);
}

static void an_entry_that_names_the_loss_explains_it(Fixture *f, gconstpointer user)
{
	(void)user;
	g_auto(Restored) restored = {0};
	g_auto(Receipt) receipt = {0};
	PinsTaken taken = {0};
	g_autofree char *whole = test_register_checkpoint(f->lost);
	refused(f); /* a register that is shorter, and does not say why */
	add_restored(f->offered, LOOKED + 1, whole, STORE);
	grow(f->offered, 3, "b");
	g_assert_true(find(f, &restored, &taken));
	g_assert_cmpuint(restored.seq, ==, 70);
	g_assert_cmpuint(restored.lost, ==, KEPT - 70);
	g_assert_cmpuint(restored.unknown, ==, 0);
	g_assert_cmpuint(restored.proven, ==, 60);
	g_assert_cmpuint(taken.common, ==, 60);
	g_assert_cmpuint(restored.numbers->len, ==, 1);
	g_assert_true(receipt_read(taken.evidence, strlen(taken.evidence), f->verifier, &receipt, NULL));
	taken_clear(&taken);
}

static void a_longer_register_needs_it_too(Fixture *f, gconstpointer user)
{
	(void)user;
	g_auto(Restored) restored = {0};
	PinsTaken taken = {0};
	grow(f->offered, 50, "b");
	refused(f);
	TestRegister *other = test_register_fork(f->lost, 70);
	test_register_free(f->offered);
	f->offered = other;
	add_restored(other, LOOKED + 1, "-", STORE);
	grow(other, 50, "b");
	g_assert_true(find(f, &restored, &taken));
	g_assert_cmpuint(restored.unknown, ==, KEPT - 70);
	taken_clear(&taken);
}

static void what_explained_one_break_explains_no_other(Fixture *f, gconstpointer user)
{
	(void)user;
	g_auto(Restored) restored = {0};
	PinsTaken taken = {0};
	add_restored(f->offered, LOOKED + 1, "-", STORE);
	g_assert_true(find(f, &restored, &taken));
	f->used = taken.used;
	refused(f);
	taken_clear(&taken);
	f->used = "";
	f->since = LOOKED + 1; /* it stood there when she last looked */
	refused(f);
}

static void an_entry_of_another_store_or_place_explains_nothing(Fixture *f, gconstpointer user)
{
	(void)user;
	add_restored(f->offered, LOOKED + 1, "-", "fedcba9876543210fedcba9876543210");
	refused(f);
	grow(f->offered, 30, "b");
	add_restored(f->offered, LOOKED + 1, "-", STORE); /* behind what she saw */
	refused(f);
}

static void a_mark_that_contradicts_hers_explains_nothing(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(TestRegister) fork = test_register_fork(f->lost, KEPT - 1);
	grow(fork, 1, "another last one");
	g_autofree char *note = test_register_checkpoint(fork);
	add_restored(f->offered, LOOKED + 1, note, STORE);
	refused(f);
}

static void what_was_changed_before_the_loss_is_no_restore(Fixture *f, gconstpointer user)
{
	(void)user;
	test_register_free(f->offered);
	f->offered = test_register_fork(f->lost, 59);
	grow(f->offered, 11, "exchanged");
	add_restored(f->offered, LOOKED + 1, "-", STORE);
	refused(f);
	g_array_set_size(f->seen, 1); /* who had looked at 30 entries alone cannot know */
	g_auto(Restored) restored = {0};
	PinsTaken taken = {0};
	g_assert_true(find(f, &restored, &taken));
	g_assert_cmpuint(restored.proven, ==, 30);
	taken_clear(&taken);
}

#define ADD(test, name) g_test_add("/cli/restored/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(an_entry_that_names_the_loss_explains_it, "an entry that names the loss explains it");
	ADD(a_longer_register_needs_it_too, "a longer register needs it too");
	ADD(what_explained_one_break_explains_no_other, "what explained one break explains no other");
	ADD(an_entry_of_another_store_or_place_explains_nothing, "an entry of another store or place explains nothing");
	ADD(a_mark_that_contradicts_hers_explains_nothing, "a mark that contradicts hers explains nothing");
	ADD(what_was_changed_before_the_loss_is_no_restore, "what was changed before the loss is no restore");
	return g_test_run();
}
