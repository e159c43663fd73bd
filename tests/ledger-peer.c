/* SPDX-License-Identifier: ISC */
/* tests/ledger-peer.c - a log for other programs to look at, and how fast one is written.
 *
 *   ledger-peer export DIR N   a log of N reports; DIR gets log.pub, SIZE.note for every size, entries (104 octets each),
 *                              inclusion and consistency ("INDEX SIZE HASH..." and "OLD SIZE HASH...", hex)
 *   ledger-peer write N W      N reports by W writers: reports and syncs a second, syncs a report
 *   ledger-peer cases N        N open cases, then how long lists take */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/ledger-room.h"

static gint syncs;

/* In front of the C library's, for SQLite too: each is counted. */
__attribute__((visibility("default"))) int fsync(int fd)
{
	g_atomic_int_inc(&syncs);
	return (int)syscall(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	g_atomic_int_inc(&syncs);
	return (int)syscall(SYS_fdatasync, fd);
}

/* --- export ------------------------------------------------------------------------------------------------------- */

static void save(const char *directory, const char *name, const char *text, gssize size)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_assert_true(g_file_set_contents(path, text, size, NULL));
}

static void print_hashes(FILE *file, guint64 one, guint64 two, GBytes *hashes)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(hashes, &size);
	fprintf(file, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, one, two);
	for (gsize i = 0; i < size; i++)
		fprintf(file, "%s%02x", i % 32 == 0 ? " " : "", data[i]);
	fputc('\n', file);
}

static FILE *create(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	FILE *file = fopen(path, "w");
	g_assert_nonnull(file);
	return file;
}

static void export_proofs(Room *room, const char *directory, FILE *inclusion, FILE *consistency)
{
	guint64 size = ledger_size(room->ledger);
	g_autoptr(GError) error = NULL;
	for (guint64 i = 0; i < size; i++) {
		LedgerProof proof;
		g_assert_true(ledger_prove(room->ledger, &i, 1, i + 1, &proof, &error));
		print_hashes(inclusion, i, proof.size, proof.inclusion[0]);
		print_hashes(consistency, i + 1, proof.size, proof.consistency);
		g_autofree char *name = g_strdup_printf("%" G_GUINT64_FORMAT ".note", proof.size);
		save(directory, name, proof.note, -1);
		ledger_proof_clear(&proof);
	}
}

static int export_log(const char *directory, guint n)
{
	Room *room = room_new();
	g_autofree char *verifier = note_signer_verifier(room->signer), *line = g_strconcat(verifier, "\n", NULL);
	FILE *inclusion = create(directory, "inclusion"), *consistency = create(directory, "consistency");
	save(directory, "log.pub", line, -1);
	export_proofs(room, directory, inclusion, consistency);
	for (guint i = 1; i <= n; i++) {
		room_take(room, i);
		export_proofs(room, directory, inclusion, consistency);
	}
	fclose(inclusion);
	fclose(consistency);
	g_autoptr(GBytes) entries = ledger_entries(room->ledger, 0, n + 1, NULL);
	save(directory, "entries", g_bytes_get_data(entries, NULL), (gssize)g_bytes_get_size(entries));
	room_free(room);
	return 0;
}

/* --- write -------------------------------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *reports;
	guint first, step;
	Room *room;
} Writer;

static gpointer write_reports(gpointer data)
{
	Writer *writer = data;
	for (guint i = writer->first; i < writer->reports->len; i += writer->step) {
		RoomReport *report = writer->reports->pdata[i];
		g_assert_cmpint(room_register(writer->room, report), ==, LEDGER_REGISTERED);
	}
	return NULL;
}

static double write_all(Room *room, guint first, guint n, guint writers)
{
	g_autoptr(GPtrArray) reports = g_ptr_array_new_with_free_func((GDestroyNotify)room_report_free);
	GThread *threads[64];
	Writer data[64];
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(reports, room_report(room, first + i, 0));
	g_assert_cmpuint(writers, <=, G_N_ELEMENTS(threads));
	g_atomic_int_set(&syncs, 0);
	gint64 begun = g_get_monotonic_time();
	for (guint i = 0; i < writers; i++) {
		data[i] = (Writer){reports, i, writers, room};
		threads[i] = g_thread_new("writer", write_reports, &data[i]);
	}
	for (guint i = 0; i < writers; i++)
		g_thread_join(threads[i]);
	return (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
}

static int write_log(guint n, guint writers)
{
	Room *room = room_new();
	write_all(room, 1000000, 200, writers);
	double seconds = write_all(room, 1, n, writers);
	int counted = g_atomic_int_get(&syncs);
	printf("%u writers: %.0f reports/s, %.2f syncs a report\n", writers, n / seconds, (double)counted / n);
	room_free(room);
	return 0;
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

static void time_list(Room *room, const char *name, LedgerCases which, guint64 after, guint most)
{
	gint64 begun = g_get_monotonic_time();
	g_autoptr(GPtrArray) cases = ledger_cases(room->ledger, which, after, most, NULL);
	printf("%s: %u cases in %.1f ms\n", name, cases->len, (double)(g_get_monotonic_time() - begun) / 1000);
}

static int list_cases(guint n)
{
	Room *room = room_new();
	for (guint first = 1; first <= n; first += 10000)
		write_all(room, first, MIN(10000, n - first + 1), 32);
	room_close(room);
	gint64 begun = g_get_monotonic_time();
	room_open(room);
	printf("start: %.1f ms\n", (double)(g_get_monotonic_time() - begun) / 1000);
	time_list(room, "first page", LEDGER_CASES_OPEN, LEDGER_NOTHING, 500);
	time_list(room, "last page", LEDGER_CASES_OPEN, n - 500, 500);
	time_list(room, "review, none of all", LEDGER_CASES_REVIEW, LEDGER_NOTHING, 500);
	time_list(room, "all", LEDGER_CASES_ALL, LEDGER_NOTHING, n);
	begun = g_get_monotonic_time();
	g_autoptr(LedgerCase) c = ledger_case_by_number(room->ledger, 2026, FALSE, n / 2, NULL);
	printf("one case: %.2f ms\n", (double)(g_get_monotonic_time() - begun) / 1000);
	guint64 known = 1;
	LedgerProof proof;
	begun = g_get_monotonic_time();
	g_assert_true(ledger_prove(room->ledger, &c->seq, 1, known, &proof, NULL));
	printf("one proof: %.2f ms\n", (double)(g_get_monotonic_time() - begun) / 1000);
	ledger_proof_clear(&proof);
	begun = g_get_monotonic_time();
	room_is_sound(room);
	printf("whole check: %.1f s\n", (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
	room_free(room);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "export") == 0)
		return export_log(argv[2], (guint)strtoul(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_log((guint)strtoul(argv[2], NULL, 10), (guint)strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "cases") == 0)
		return list_cases((guint)strtoul(argv[2], NULL, 10));
	fprintf(stderr, "ledger-peer export DIR N | write N WRITERS | cases N\n");
	return 2;
}
