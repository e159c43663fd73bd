/* SPDX-License-Identifier: ISC */
/* The officer's index: what was put in comes out, for her alone, and nothing else does. */
#include "cli/index.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <utime.h>

#include "cli/cli.h"
#include "cli/face.h"
#include "cli/search.h"

typedef struct {
	char *directory;
	Keyfile *keys;
	IndexPlace place;
} Room;

static void room_begin(Room *room)
{
	room->directory = g_dir_make_tmp("senim-index-XXXXXX", NULL);
	room->keys = keyfile_generate(NULL);
	room->place = (IndexPlace){room->directory, "00112233445566778899aabbccddeeff", "aigul", room->keys};
}

static void room_clear(Room *room)
{
	g_autoptr(GDir) dir = g_dir_open(room->directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(room->directory, name, NULL);
		g_unlink(path);
	}
	g_rmdir(room->directory);
	g_free(room->directory);
	keyfile_free(room->keys);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Room, room_clear)

static void add(const Room *room, guint64 seq, IndexPart part, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)index_text_free);
	g_ptr_array_add(texts, index_text_new("senim@kmo.kz", seq, seq, (gint64)seq * 1000, part, text, strlen(text)));
	g_assert_true(index_add(&room->place, texts, &error));
	g_assert_no_error(error);
}

static char *file_of(const Room *room, const char *suffix)
{
	g_autoptr(GDir) dir = g_dir_open(room->directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, suffix))
			return g_build_filename(room->directory, name, NULL);
	return NULL;
}

static char *found_by(const Room *room, const char *words)
{
	StemFault fault;
	g_autoptr(GError) error = NULL;
	g_autoptr(Index) index = index_read(&room->place, &error);
	g_assert_no_error(error);
	g_autoptr(StemQuery) query = stem_query_new(words, &fault);
	g_autoptr(GPtrArray) hits = search_find(index, query, "senim@kmo.kz");
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < hits->len; i++)
		g_string_append_printf(all, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "", ((SearchHit *)hits->pdata[i])->seq);
	return g_string_free(g_steal_pointer(&all), FALSE);
}

#define assert_found(room, words, expected) \
	do { \
		g_autofree char *found = found_by(room, words); \
		g_assert_cmpstr(found, ==, expected); \
	} while (0)

static gboolean is_seven(const IndexDoc *doc, gpointer user G_GNUC_UNUSED)
{
	return index_doc_is_of(doc, "senim@kmo.kz", 7);
}

static void test_round(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	assert_found(&room, "мектеп", "");
	add(&room, 3, INDEX_BODY, "Мектепте пара алды\nекінші жол");
	add(&room, 7, INDEX_CARD, "Тақырып: мектебіміз");
	add(&room, 7, INDEX_BODY, "взятка");
	assert_found(&room, "мектеп", "7 3");
	assert_found(&room, "мектеп взятки", "7"); /* one word in its card, one in its letter */
	assert_found(&room, "пара", "3");
	add(&room, 3, INDEX_BODY, "Басқа мәтін"); /* a part has one text: the newest */
	assert_found(&room, "пара", "");
	g_assert_true(index_rewrite(&room.place, NULL, NULL, 5, NULL));
	assert_found(&room, "мәтін", "3");
	g_assert_true(index_rewrite(&room.place, is_seven, NULL, 0, NULL));
	assert_found(&room, "мектеп", "");
	g_autoptr(Index) index = index_read(&room.place, NULL);
	g_assert_cmpint(index_checked(index), ==, 5);
	g_assert_cmpuint(index_docs(index)->len, ==, 1);
	guint n;
	g_assert_true(index_destroy(room.directory, &n, NULL));
	g_assert_cmpuint(n, ==, 1);
	assert_found(&room, "мәтін", "");
}

static void test_lines(void)
{
	StemFault fault;
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(GString) text = g_string_new("Бірінші жол\n");
	for (guint i = 0; i < 200; i++)
		g_string_append(text, "алыс сөздер ");
	g_string_append(text, "мектебіміздің директоры тағы да сөздер\nмектеп\nдиректор мектепте\n");
	add(&room, 3, INDEX_BODY, text->str);
	g_autoptr(Index) index = index_read(&room.place, NULL);
	g_autoptr(StemQuery) query = stem_query_new("мектеп директор", &fault);
	g_autoptr(GPtrArray) hits = search_find(index, query, NULL);
	g_assert_cmpuint(hits->len, ==, 1);
	g_autoptr(GPtrArray) lines = search_lines(hits->pdata[0], query);
	g_assert_cmpuint(lines->len, ==, 3);
	g_assert_nonnull(strstr(lines->pdata[0], "мектебіміздің директоры"));
	g_assert_true(g_str_has_prefix(lines->pdata[0], "…") && g_utf8_validate(lines->pdata[0], -1, NULL));
	g_assert_cmpuint(strlen(lines->pdata[0]), <, 260);
	g_assert_cmpstr(lines->pdata[1], ==, "директор мектепте");
	g_assert_cmpstr(lines->pdata[2], ==, "мектеп");
}

static void assert_refused(const IndexPlace *place)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(index_read(place, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "--forget"));
}

/* Under her name, but for another store, another file's place. */
static void test_others(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add(&room, 3, INDEX_BODY, "мектеп");
	g_assert_true(index_rewrite(&room.place, NULL, NULL, 1, NULL));
	add(&room, 4, INDEX_BODY, "мектеп");
	g_autofree char *main = file_of(&room, ".index"), *recent = file_of(&room, ".recent");
	g_autofree char *octets = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(main, &octets, &size, NULL));
	g_assert_true(g_file_set_contents(recent, octets, (gssize)size, NULL)); /* the one in the other's place */
	g_chmod(recent, 0600);
	assert_refused(&room.place);
	g_unlink(recent);
	assert_found(&room, "мектеп", "3");
	/* another store has files of another name: one that is put there is not taken */
	room.place.store = "ff112233445566778899aabbccddeeff";
	assert_found(&room, "мектеп", "");
	add(&room, 9, INDEX_BODY, "другой");
	g_autofree char *theirs = file_of(&room, ".recent");
	g_assert_true(g_file_set_contents(theirs, octets, (gssize)size, NULL));
	g_chmod(theirs, 0600);
	assert_refused(&room.place);
	g_chmod(main, 0644); /* others could have written it */
	room.place.store = "00112233445566778899aabbccddeeff";
	assert_refused(&room.place);
}

static gint sentences;
static void said(const char *sentence)
{
	g_assert_nonnull(strstr(sentence, "begins anew"));
	sentences++;
}

static guint count_files(const Room *room)
{
	g_autoptr(GDir) dir = g_dir_open(room->directory, 0, NULL);
	guint n = 0;
	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

/* Each key has its own; the newer takes over what the older had, or begins anew and says so. */
static void test_newer(void)
{
	static const Face face = {.warn = said};
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(Keyfile) newer = keyfile_generate(NULL), newest = keyfile_generate(NULL);
	Keyfile *hers = room.keys;
	face_use(&face);
	add(&room, 3, INDEX_BODY, "мектеп");
	g_assert_true(index_rewrite(&room.place, NULL, NULL, 7, NULL));
	add(&room, 4, INDEX_BODY, "мектеп");
	g_assert_cmpint(sentences, ==, 0);
	room.place.keys = newer;
	add(&room, 5, INDEX_BODY, "мектеп");
	g_assert_cmpint(sentences, ==, 1);
	assert_found(&room, "мектеп", "5");
	room.place.keys = hers;
	assert_found(&room, "мектеп", "4 3");
	g_autoptr(Index) older = index_read(&room.place, NULL);
	room.place.keys = newer;
	g_assert_true(index_take_over(&room.place, older, NULL));
	assert_found(&room, "мектеп", "5 4 3");
	g_autoptr(Index) all = index_read(&room.place, NULL);
	g_assert_cmpint(index_checked(all), ==, 7);
	g_assert_cmpuint(count_files(&room), ==, 2); /* the lock */
	g_assert_cmpint(sentences, ==, 1);
	room.place.keys = newest;
	assert_found(&room, "мектеп", "");
	g_assert_cmpint(sentences, ==, 2);
	add(&room, 6, INDEX_BODY, "мектеп");
	assert_found(&room, "мектеп", "6");
	g_assert_cmpint(sentences, ==, 3);
	g_assert_true(index_rewrite(&room.place, NULL, NULL, 8, NULL));
	g_assert_cmpuint(count_files(&room), ==, 3); /* the older one may be used yet … */
	g_autoptr(GDir) dir = g_dir_open(room.directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(room.directory, name, NULL);
		const struct utimbuf month = {.modtime = time(NULL) - 31 * 86400, .actime = time(NULL)};
		g_assert_cmpint(g_utime(path, (struct utimbuf *)&month), ==, 0);
	}
	g_assert_true(index_rewrite(&room.place, NULL, NULL, 9, NULL));
	g_assert_cmpuint(count_files(&room), ==, 2); /* … for a month */
	face_use(NULL);
}

/* Whoever knows her public key alone can seal a file to her: it is not hers. */
static void test_forged(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(Keyfile) stranger = keyfile_generate(NULL);
	g_autoptr(KeyfilePublic) hers = keyfile_public(room.keys, 0);
	add(&room, 3, INDEX_BODY, "мектеп");
	g_autofree char *path = file_of(&room, ".recent"), *sealed = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(path, &sealed, &size, NULL));
	g_autoptr(AgeIdentity) identity = age_identity_parse(keyfile_card_identity(room.keys), NULL);
	g_autoptr(GBytes) plain = age_file_open(sealed, size, identity, NULL);
	const char *recipients[] = {hers->card, NULL};
	gsize n;
	const guint8 *data = g_bytes_get_data(plain, &n);
	g_autofree guint8 *copy = g_memdup2(data, n);
	copy[120] ^= 1; /* within the document */
	g_autoptr(GBytes) forged = age_file_seal(copy, n, recipients, NULL);
	g_assert_true(g_file_set_contents(path, g_bytes_get_data(forged, NULL), (gssize)g_bytes_get_size(forged), NULL));
	g_chmod(path, 0600);
	assert_refused(&room.place);
}

static void test_altered(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add(&room, 3, INDEX_BODY, "мектеп");
	g_autofree char *path = file_of(&room, ".recent"), *octets = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(path, &octets, &size, NULL));
	g_assert_cmpuint(size, >=, 65536); /* its size tells little */
	g_assert_cmpuint(size, <, 66000);
	static const gsize sizes[] = {0, 1, 20, 200, 4096, 65535};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_assert_true(g_file_set_contents(path, octets, (gssize)sizes[i], NULL));
		g_chmod(path, 0600);
		assert_refused(&room.place);
	}
	for (gsize at = 0; at < size; at += 1999) {
		octets[at] ^= 1;
		g_assert_true(g_file_set_contents(path, octets, (gssize)size, NULL));
		g_chmod(path, 0600);
		assert_refused(&room.place);
		octets[at] ^= 1;
	}
}

/* What a kill leaves beside the index is of no use, and goes. */
static void test_left(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add(&room, 3, INDEX_BODY, "мектеп");
	g_autofree char *path = file_of(&room, ".recent"), *left = g_strconcat(path, ".deadbeef", NULL);
	g_assert_true(g_file_set_contents(left, "half", 4, NULL));
	add(&room, 4, INDEX_BODY, "мектеп");
	g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
	assert_found(&room, "мектеп", "4 3");
	/* nothing new is not written */
	struct stat before, after;
	g_stat(path, &before);
	add(&room, 4, INDEX_BODY, "мектеп");
	g_stat(path, &after);
	g_assert_cmpuint(before.st_ino, ==, after.st_ino);
}

/* Ten thousand cases: found at once, and one more put in without a wait. */
static void test_many(void)
{
	static const guint n = 10000;
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)index_text_free);
	for (guint i = 1; i <= n; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (guint k = 0; k < 20; k++)
			g_string_append_printf(text, "Жол %u: бөлім бастығы %u қаулы бойынша шешім қабылдады.\n", k, i * 31 + k);
		g_string_append_printf(text, i % 1000 == 0 ? "мектеп\n" : "бақша\n");
		g_ptr_array_add(texts, index_text_new("senim@kmo.kz", i, i, i, INDEX_BODY, text->str, text->len));
	}
	clock_t begin = clock(); /* the processor's time, whatever else this machine does */
	g_assert_true(index_add(&room.place, texts, NULL));
	clock_t added = clock();
	assert_found(&room, "мектептерінің шешімі", "10000 9000 8000 7000 6000 5000 4000 3000 2000 1000");
	clock_t searched = clock();
	add(&room, n + 1, INDEX_BODY, "мектеп шешім");
	clock_t opened = clock();
	g_test_message("10,000 cases: written in %.3f s, searched in %.3f s, one more in %.3f s", (double)(added - begin) / CLOCKS_PER_SEC,
	               (double)(searched - added) / CLOCKS_PER_SEC, (double)(opened - searched) / CLOCKS_PER_SEC);
	g_assert_cmpint(searched - added, <, 5 * CLOCKS_PER_SEC); /* under sanitizers too */
	g_assert_cmpint(opened - searched, <, CLOCKS_PER_SEC);
	assert_found(&room, "мектептерінің шешімі", "10001 10000 9000 8000 7000 6000 5000 4000 3000 2000 1000");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli-index/what was put in is found, until it is taken out", test_round);
	g_test_add_func("/cli-index/the lines that say most are shown, around the word", test_lines);
	g_test_add_func("/cli-index/what is another's is not taken", test_others);
	g_test_add_func("/cli-index/under newer keys it goes on, or begins anew and says so", test_newer);
	g_test_add_func("/cli-index/what anybody could have sealed to her is not taken", test_forged);
	g_test_add_func("/cli-index/cut or altered it is not taken", test_altered);
	g_test_add_func("/cli-index/what a kill left goes, and nothing new is not written", test_left);
	g_test_add_func("/cli-index/ten thousand cases are searched at once", test_many);
	return g_test_run();
}
