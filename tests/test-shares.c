/* SPDX-License-Identifier: ISC */
/* A key file among three holders of whom two open it: every pair does, nobody alone, and stock age peels what we made. */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/shares.h"

#define HOLDERS 3

static const char *const names[HOLDERS] = {"cho", "ana", "bek"};

typedef struct {
	char *top, *directory;
	Keyfile *secret, *keys[HOLDERS];
	KeyfilePublic *halves[HOLDERS];
	SharesHolder holders[HOLDERS];
} Board;

/* Is the page at `at` one that the kernel does not swap, and leaves out of a core? */
static gboolean is_locked(gconstpointer at)
{
	gsize from = 0, to = 0;
	gboolean found = FALSE;
	g_autofree char *maps = NULL;
	g_assert_true(g_file_get_contents("/proc/self/smaps", &maps, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(maps, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (sscanf(*line, "%zx-%zx ", &from, &to) == 2)
			found = (gsize)at >= from && (gsize)at < to;
		else if (found && g_str_has_prefix(*line, "VmFlags:"))
			return strstr(*line, " lo") != NULL && strstr(*line, " dd") != NULL;
	}
	return FALSE;
}

static void board_make(Board *board, guint need)
{
	g_autoptr(GError) error = NULL;
	memset(board, 0, sizeof *board);
	board->top = g_dir_make_tmp("senim-shares-XXXXXX", &error);
	board->directory = g_build_filename(board->top, "shares", NULL);
	board->secret = keyfile_generate(&error);
	for (guint i = 0; i < HOLDERS; i++) {
		board->keys[i] = keyfile_generate(&error);
		board->halves[i] = keyfile_public(board->keys[i], 0);
		board->holders[i] = (SharesHolder){names[i], board->halves[i]->body};
	}
	shares_write(board->secret, board->holders, HOLDERS, need, board->directory, &error);
	g_assert_no_error(error);
}

static guint count_files(const Board *board)
{
	guint n = 0;
	g_autoptr(GDir) dir = g_dir_open(board->directory, 0, NULL);
	while (dir != NULL && g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

static void board_clear(Board *board)
{
	const char *name;
	GDir *dir = g_dir_open(board->directory, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(board->directory, name, NULL);
		g_unlink(path);
	}
	g_clear_pointer(&dir, g_dir_close);
	g_rmdir(board->directory);
	g_rmdir(board->top);
	g_free(board->directory);
	g_free(board->top);
	keyfile_free(board->secret);
	for (guint i = 0; i < HOLDERS; i++) {
		keyfile_free(board->keys[i]);
		keyfile_public_free(board->halves[i]);
	}
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Board, board_clear)

static gboolean opens(const Board *board, const Keyfile *const *keys, guint n)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) got = shares_open(board->directory, keys, n, &error);
	if (got == NULL) {
		g_assert_error(error, SHARES_ERROR, SHARES_ERROR_MISSING);
		return FALSE;
	}
	g_autoptr(GBytes) a = keyfile_text(got), b = keyfile_text(board->secret);
	g_assert_true(g_bytes_equal(a, b));
	return TRUE;
}

static void every_pair_opens_and_nobody_alone(void)
{
	g_auto(Board) board;
	board_make(&board, 2);
	g_assert_cmpuint(count_files(&board), ==, 3);
	for (guint i = 0; i < HOLDERS; i++) {
		const Keyfile *one[] = {board.keys[i]};
		const Keyfile *twice[] = {board.keys[i], board.keys[i]};
		g_assert_false(opens(&board, one, 1));
		g_assert_false(opens(&board, twice, 2));
		for (guint k = 0; k < HOLDERS; k++) {
			const Keyfile *pair[] = {board.keys[i], board.keys[k]};
			if (i != k)
				g_assert_true(opens(&board, pair, 2));
		}
	}
}

static void all_three_are_needed_where_it_was_said(void)
{
	g_auto(Board) board;
	board_make(&board, 3);
	g_assert_cmpuint(count_files(&board), ==, 1);
	const Keyfile *all[] = {board.keys[0], board.keys[1], board.keys[2]};
	g_assert_false(opens(&board, all, 2));
	g_assert_true(opens(&board, all, 3));
}

static void a_stranger_beside_a_holder_opens_nothing(void)
{
	g_auto(Board) board;
	board_make(&board, 2);
	const Keyfile *pair[] = {board.keys[0], board.secret};
	g_assert_false(opens(&board, pair, 2));
}

static void bad_words_leave_nothing_behind(void)
{
	g_auto(Board) board;
	board_make(&board, 2);
	static const struct {
		guint n, need;
		guint same; /* which holder is given the first one's key */
		const char *name;
	} rows[] = {{1, 1, 0, NULL}, {3, 1, 0, NULL}, {3, 4, 0, NULL}, {3, 2, 1, NULL}, {3, 2, 0, "../ana"}, {3, 2, 0, "cho"}};
	g_autofree char *elsewhere = g_build_filename(board.top, "other", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		SharesHolder holders[HOLDERS];
		memcpy(holders, board.holders, sizeof holders);
		if (rows[i].same > 0)
			holders[rows[i].same].recipient = holders[0].recipient;
		if (rows[i].name != NULL)
			holders[2].name = rows[i].name;
		g_assert_false(shares_write(board.secret, holders, rows[i].n, rows[i].need, elsewhere, &error));
		g_assert_error(error, SHARES_ERROR, SHARES_ERROR_WORDS);
		g_assert_false(g_file_test(elsewhere, G_FILE_TEST_EXISTS));
	}
	g_autoptr(GError) error = NULL;
	g_assert_false(shares_write(board.secret, board.holders, HOLDERS, 2, board.directory, &error));
	g_assert_error(error, SHARES_ERROR, SHARES_ERROR_FILE);
	g_assert_cmpuint(count_files(&board), ==, 3);
}

static void a_key_that_is_put_together_is_locked(void)
{
	Board board;
	gsize size;
	g_autoptr(GError) error = NULL;
#ifdef __SANITIZE_ADDRESS__
	g_test_skip("AddressSanitizer makes nothing of mlock(2)");
	return;
#endif
	board_make(&board, 2);
	g_autoptr(GBytes) text = keyfile_text(board.secret);
	g_assert_true(is_locked(g_bytes_get_data(text, &size)));
	const char *const recipients[] = {board.halves[0]->body, NULL};
	g_autoptr(GBytes) sealed = age_file_seal(g_bytes_get_data(text, NULL), size, recipients, &error);
	g_autoptr(AgeIdentity) holder = age_identity_parse(keyfile_body_identity(board.keys[0]), &error);
	g_autoptr(GBytes) opened = age_file_open(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed), holder, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(opened, text));
	g_assert_true(is_locked(g_bytes_get_data(opened, NULL)));
	const Keyfile *two[] = {board.keys[0], board.keys[2]};
	g_autoptr(Keyfile) whole = shares_open(board.directory, two, G_N_ELEMENTS(two), &error);
	g_assert_no_error(error);
	g_assert_true(is_locked(keyfile_body_identity(whole)));
	g_autofree char *heap = g_malloc0(64);
	g_assert_false(is_locked(heap));
	board_clear(&board);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/shares/every pair opens, and nobody alone", every_pair_opens_and_nobody_alone);
	g_test_add_func("/shares/all three are needed where it was said", all_three_are_needed_where_it_was_said);
	g_test_add_func("/shares/a stranger beside a holder opens nothing", a_stranger_beside_a_holder_opens_nothing);
	g_test_add_func("/shares/bad words leave nothing behind", bad_words_leave_nothing_behind);
	g_test_add_func("/shares/a key that is put together lies in locked memory from the first octet on", a_key_that_is_put_together_is_locked);
	return g_test_run();
}
