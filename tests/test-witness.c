/* SPDX-License-Identifier: ISC */
/* A witness: what grew is cosigned and kept, what was altered, shortened or cannot show that it grew is refused with
 * evidence, whatever a mail program made of it. Go's sumdb and openssl read the same cosignatures in tests/cli-witness.sh. */
#include <glib/gstdio.h>
#include <string.h>

#include "store/entry.h"
#include "store/merkle.h"
#include "store/receipt.h"
#include "store/witness.h"

#define NOW 1790000000

/* A log of up to a hundred entries: `twist` makes another one of every entry from there on; the entry `restored` is RESTORED. */
typedef struct {
	NoteSigner *signer;
	GHashTable *nodes;
	MerkleTree tree;
	guint8 entries[100][ENTRY_SIZE];
} Log;

static gboolean keep_node(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error G_GNUC_UNUSED)
{
	Log *log = user;
	g_hash_table_insert(log->nodes, g_strdup_printf("%u/%" G_GUINT64_FORMAT, level, index), g_memdup2(hash, MERKLE_HASH));
	return TRUE;
}

static gboolean fetch_node(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer user, GError **error G_GNUC_UNUSED)
{
	Log *log = user;
	g_autofree char *name = g_strdup_printf("%u/%" G_GUINT64_FORMAT, level, index);
	const guint8 *found = g_hash_table_lookup(log->nodes, name);
	g_assert_nonnull(found);
	memcpy(hash, found, MERKLE_HASH);
	return TRUE;
}

static Log *log_new(NoteSigner *signer, guint size, guint twist, guint restored)
{
	Log *log = g_new0(Log, 1);
	log->signer = signer;
	log->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; i < size; i++) {
		guint8 leaf[ENTRY_HASH];
		Entry entry = {.seq = i, .kind = i == restored ? ENTRY_RESTORED : ENTRY_PAD, .concerns = ENTRY_NOTHING};
		entry.commitment[0] = i >= twist;
		entry_encode(&entry, log->entries[i]);
		entry_leaf(log->entries[i], leaf);
		keep_node(0, i, leaf, log, NULL);
		g_assert_true(merkle_append(&log->tree, leaf, keep_node, log, NULL));
	}
	return log;
}

static void log_free(Log *log)
{
	g_hash_table_unref(log->nodes);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static char *note_at(Log *log, guint64 size)
{
	MerkleTree tree;
	guint8 root[NOTE_ROOT];
	g_assert_true(merkle_load(&tree, size, fetch_node, log, NULL));
	merkle_root(&tree, root);
	g_autofree char *text = note_checkpoint(note_signer_name(log->signer), size, root);
	return note_sign(text, log->signer, NULL);
}

static char *request_of(Log *log, guint64 old, guint64 size)
{
	g_autoptr(GBytes) proof = merkle_consistency(old, size, fetch_node, log, NULL);
	g_autofree char *note = note_at(log, size);
	return add_checkpoint_write(old, proof, note);
}

static char *restored_of(Log *log, guint64 seq, guint64 size)
{
	Receipt receipt = {.inclusion = merkle_inclusion(seq, size, fetch_node, log, NULL), .note = note_at(log, size)};
	memcpy(receipt.entry, log->entries[seq], ENTRY_SIZE);
	char *text = receipt_write(&receipt);
	receipt_clear(&receipt);
	return text;
}

typedef struct {
	char *directory;
	NoteSigner *log_key, *witness_key;
	NoteVerifier *cosigner;
	GPtrArray *keys;
	gboolean accept_restored;
	GError *error;
} Room;

static void room_begin(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	room->directory = g_dir_make_tmp("senim-witness-XXXXXX", NULL);
	room->log_key = note_signer_generate("senim@kmo.kz/0123456789abcdef", NULL);
	room->witness_key = note_witness_generate("union.example", NULL);
	g_autofree char *line = note_signer_verifier(room->log_key), *own = note_signer_verifier(room->witness_key);
	room->cosigner = note_witness_new(own, NULL);
	room->keys = g_ptr_array_new_with_free_func((GDestroyNotify)note_verifier_free);
	g_ptr_array_add(room->keys, note_verifier_new(line, NULL));
}

static void remove_all(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);
		if (g_file_test(below, G_FILE_TEST_IS_DIR))
			remove_all(below);
		else
			g_unlink(below);
	}
	g_rmdir(path);
}

static void room_end(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	remove_all(room->directory);
	g_free(room->directory);
	note_signer_free(room->log_key);
	note_signer_free(room->witness_key);
	note_verifier_free(room->cosigner);
	g_ptr_array_unref(room->keys);
	g_clear_error(&room->error);
}

/* The answer (transfer full), where there is one. */
static char *take_text(Room *room, const char *request, const char *restored, WitnessVerdict verdict)
{
	g_auto(WitnessResult) result = {0};
	const WitnessOptions options = {room->directory, room->keys, room->witness_key, NOW, room->accept_restored};
	g_clear_error(&room->error);
	gboolean done = witness_take(&options, request, strlen(request), restored, &result, &room->error);
	g_assert_no_error(room->error);
	g_assert_true(done);
	g_assert_cmpstr(witness_verdict_word(result.verdict), ==, witness_verdict_word(verdict));
	g_assert_true(!witness_is_refusal(verdict) || (result.evidence != NULL && g_file_test(result.evidence, G_FILE_TEST_EXISTS)));
	g_assert_true((result.answer == NULL) == witness_is_refusal(verdict));
	return g_steal_pointer(&result.answer);
}

static char *take(Room *room, Log *log, guint64 old, guint64 size, WitnessVerdict verdict)
{
	g_autofree char *request = request_of(log, old, size);
	return take_text(room, request, NULL, verdict);
}

static void expect(Room *room, Log *log, guint64 old, guint64 size, WitnessVerdict verdict)
{
	g_free(take(room, log, old, size, verdict));
}

static void what_grows_is_cosigned_and_kept(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	static const struct { guint64 old, size; WitnessVerdict verdict; } rows[] = {
		{0, 1, WITNESS_FIRST}, {1, 1, WITNESS_SAME}, {1, 7, WITNESS_GROWN}, {7, 64, WITNESS_GROWN}, {7, 64, WITNESS_SAME}, {64, 100, WITNESS_GROWN},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gint64 time;
		g_autofree char *answer = take(room, log, rows[i].old, rows[i].size, rows[i].verdict), *note = note_at(log, rows[i].size);
		g_assert_true(g_str_has_prefix(answer, note));
		g_assert_true(note_verify_cosignature(answer, room->cosigner, &time, &room->error));
		g_assert_no_error(room->error);
		g_assert_cmpint(time, ==, NOW);
		g_autofree char *text = note_verify(answer, room->keys->pdata[0], &room->error);
		g_assert_nonnull(text);
	}
}

static void a_cosignature_with_another_octet_is_none(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 3, 100, 100);
	g_autofree char *answer = take(room, log, 0, 3, WITNESS_FIRST), *note = note_at(log, 3);
	gsize log_line = strlen(note) - strlen(strstr(note, "\n\n")) + 2; /* which it says nothing of */
	gint64 time;
	for (gsize i = 0; answer[i] != '\0'; i++) {
		if (i >= log_line && i < strlen(note))
			continue;
		g_autofree char *bent = g_strdup(answer);
		bent[i] ^= 1;
		g_assert_false(note_verify_cosignature(bent, room->cosigner, &time, NULL));
	}
}

static void no_key_does_the_work_of_the_other_sort(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *log_line = note_signer_verifier(room->log_key), *own = note_signer_verifier(room->witness_key);
	g_assert_null(note_witness_new(log_line, NULL));
	g_assert_null(note_verifier_new(own, NULL));
	g_assert_null(note_sign("text\n", room->witness_key, NULL));
	g_assert_null(note_cosign("text\n", room->log_key, NOW, NULL));
	g_autofree char *path = g_build_filename(room->directory, "key", NULL);
	g_assert_true(note_signer_save(room->witness_key, path, NULL));
	g_assert_null(note_signer_load(path, NULL));
	g_autoptr(NoteSigner) again = note_witness_load(path, &room->error);
	g_assert_no_error(room->error);
	g_assert_cmpstr(note_signer_name(again), ==, "union.example");
}

static void a_forked_log_is_refused_and_kept(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100), other = log_new(room->log_key, 100, 20, 100);
	expect(room, log, 0, 16, WITNESS_FIRST);
	expect(room, log, 16, 64, WITNESS_GROWN);
	expect(room, other, 16, 64, WITNESS_FORKED);
	expect(room, other, 64, 100, WITNESS_UNPROVEN);
	expect(room, other, 16, 80, WITNESS_GAP); /* a tree that begins with 16 of ours: what it says of 64 nobody sees */
	expect(room, log, 64, 100, WITNESS_GROWN);
	expect(room, other, 16, 100, WITNESS_FORKED);
}

static void a_shortened_log_is_refused_and_an_old_mail_is_not(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	expect(room, log, 0, 16, WITNESS_FIRST);
	expect(room, log, 16, 64, WITNESS_GROWN);
	g_autofree char *answer = take(room, log, 0, 16, WITNESS_OLDER), *note = note_at(log, 64);
	g_assert_true(g_str_has_prefix(answer, note));
	expect(room, log, 16, 40, WITNESS_SHORTENED);
	expect(room, log, 0, 63, WITNESS_SHORTENED);
}

static void after_mails_were_lost_the_last_answer_is_given_again(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	expect(room, log, 0, 16, WITNESS_FIRST);
	g_autofree char *answer = take(room, log, 20, 64, WITNESS_GAP), *note = note_at(log, 16);
	g_assert_true(g_str_has_prefix(answer, note));
	expect(room, log, 0, 64, WITNESS_GAP);
	expect(room, log, 16, 64, WITNESS_GROWN);
}

static void behind_an_entry_that_says_so_it_may_go_on_from_before(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100), after = log_new(room->log_key, 100, 30, 30);
	expect(room, log, 0, 16, WITNESS_FIRST);
	expect(room, log, 16, 64, WITNESS_GROWN);
	g_autofree char *request = request_of(after, 16, 40), *explains = restored_of(after, 30, 40);
	g_autofree char *of_another = restored_of(after, 31, 40), *of_a_larger = restored_of(after, 30, 41);
	g_free(take_text(room, request, explains, WITNESS_SHORTENED)); /* nobody said that it may be */
	room->accept_restored = TRUE;
	g_free(take_text(room, request, NULL, WITNESS_SHORTENED));
	g_free(take_text(room, request, of_another, WITNESS_SHORTENED));
	g_free(take_text(room, request, of_a_larger, WITNESS_SHORTENED));
	g_autofree char *from_nowhere = request_of(after, 20, 40);
	g_free(take_text(room, from_nowhere, explains, WITNESS_SHORTENED));
	g_free(take_text(room, request, explains, WITNESS_RESTORED));
	room->accept_restored = FALSE;
	expect(room, after, 40, 64, WITNESS_GROWN); /* as large as one that was lost */
	expect(room, log, 64, 100, WITNESS_UNPROVEN);
}

static void what_is_not_signed_by_the_log_is_not_looked_at(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(NoteSigner) stranger = note_signer_generate("senim@kmo.kz/0123456789abcdef", NULL);
	g_autoptr(NoteSigner) elsewhere = note_signer_generate("other@kmo.kz/0123456789abcdef", NULL);
	NoteSigner *signers[] = {stranger, elsewhere};
	const WitnessOptions options = {room->directory, room->keys, room->witness_key, NOW, FALSE};
	for (gsize i = 0; i < G_N_ELEMENTS(signers); i++) {
		g_auto(WitnessResult) result = {0};
		g_autoptr(Log) log = log_new(signers[i], 3, 100, 100);
		g_autofree char *request = request_of(log, 0, 3);
		g_assert_false(witness_take(&options, request, strlen(request), NULL, &result, NULL));
	}
	g_autoptr(GDir) dir = g_dir_open(room->directory, 0, NULL);
	g_assert_null(g_dir_read_name(dir));
}

static void what_a_mail_program_made_of_it_is_undone(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	expect(room, log, 0, 10, WITNESS_FIRST);
	g_autofree char *request = request_of(log, 10, 77), *joined = NULL;
	g_auto(GStrv) lines = g_strsplit(g_strchomp(request), "\n", -1);
	joined = g_strjoinv("\r\n> ", lines);
	g_autofree char *mail = g_strdup_printf("Subject: x\r\nReceived: y\r\n\r\nSomebody wrote:\r\n> %s\r\n> \r\n> -- \r\n", joined);
	g_free(take_text(room, mail, NULL, WITNESS_GROWN));
}

static void every_octet_of_a_request_that_is_changed_is_refused(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	expect(room, log, 0, 10, WITNESS_FIRST);
	g_autofree char *request = request_of(log, 10, 77);
	const WitnessOptions options = {room->directory, room->keys, room->witness_key, NOW, FALSE};
	for (gsize i = 0; request[i] != '\0'; i++) {
		g_auto(WitnessResult) result = {0};
		g_autofree char *bent = g_strdup(request);
		bent[i] ^= 1;
		if (witness_take(&options, bent, strlen(bent), NULL, &result, NULL))
			g_assert_true(result.verdict == WITNESS_UNPROVEN || result.verdict == WITNESS_GAP);
	}
	expect(room, log, 10, 77, WITNESS_GROWN);
}

static void what_was_kept_and_cannot_be_read_is_not_begun_anew(Room *room, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(Log) log = log_new(room->log_key, 100, 100, 100);
	const WitnessOptions options = {room->directory, room->keys, room->witness_key, NOW, FALSE};
	expect(room, log, 0, 10, WITNESS_FIRST);
	g_autoptr(GDir) dir = g_dir_open(room->directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(room->directory, name, NULL);
		g_assert_true(g_file_set_contents(path, "senim-witness 1\n", -1, NULL));
	}
	g_auto(WitnessResult) result = {0};
	g_autofree char *request = request_of(log, 10, 77);
	g_assert_false(witness_take(&options, request, strlen(request), NULL, &result, NULL));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(Room *room, gconstpointer data);
	} rows[] = {
		{"what grows is cosigned and kept", what_grows_is_cosigned_and_kept},
		{"a cosignature with another octet is none", a_cosignature_with_another_octet_is_none},
		{"no key does the work of the other sort", no_key_does_the_work_of_the_other_sort},
		{"a forked log is refused and kept", a_forked_log_is_refused_and_kept},
		{"a shortened log is refused, and an old mail is not", a_shortened_log_is_refused_and_an_old_mail_is_not},
		{"after mails were lost the last answer is given again", after_mails_were_lost_the_last_answer_is_given_again},
		{"behind an entry that says so it may go on from before", behind_an_entry_that_says_so_it_may_go_on_from_before},
		{"what is not signed by the log is not looked at", what_is_not_signed_by_the_log_is_not_looked_at},
		{"what a mail program made of it is undone", what_a_mail_program_made_of_it_is_undone},
		{"every octet of a request that is changed is refused", every_octet_of_a_request_that_is_changed_is_refused},
		{"what was kept and cannot be read is not begun anew", what_was_kept_and_cannot_be_read_is_not_begun_anew},
	};
	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = g_strdup_printf("/witness/%s", rows[i].name);
		g_test_add(path, Room, NULL, room_begin, rows[i].test, room_end);
	}
	return g_test_run();
}
