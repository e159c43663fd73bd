/* SPDX-License-Identifier: ISC */
/* tests/fuzz-main.c - runs a libFuzzer target without libFuzzer, so that `make check` exercises every target.
 *
 * fuzz-NAME                 every file of tests/seeds/NAME below $srcdir, then seeded mutations of them
 * fuzz-NAME FILE...         these inputs, once each (how a finding of libFuzzer is looked at)
 * FUZZ_RUNS=N FUZZ_SEED=N   how many mutations, from which seed; at most 20 s in all
 * FUZZ_SAVE=FILE            each mutation is written there before it runs: what is left is what died */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define INPUT_MAX (256 * 1024)
#define TIME_MAX (20 * G_USEC_PER_SEC)

static guint64 setting(const char *name, guint64 otherwise)
{
	const char *text = g_getenv(name);
	return text != NULL ? g_ascii_strtoull(text, NULL, 10) : otherwise;
}

/* A fresh copy of exact size, so that a read past the end is seen by ASan and valgrind. */
static void run(const guint8 *data, gsize size)
{
	guint8 *copy = g_malloc(size > 0 ? size : 1);
	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	g_free(copy);
}

static GBytes *load(const char *path)
{
	char *data;
	gsize size;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(path, &data, &size, &error)) {
		fprintf(stderr, "%s\n", error->message);
		exit(2);
	}
	return g_bytes_new_take(data, size);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *load_seeds(const char *program)
{
	const char *source = g_getenv("srcdir");
	g_autofree char *base = g_path_get_basename(program);
	const char *name = g_str_has_prefix(base, "fuzz-") ? base + 5 : base;
	g_autofree char *directory = g_build_filename(source != NULL ? source : ".", "tests", "seeds", name, NULL);
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *entry;
	while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL)
		g_ptr_array_add(paths, g_build_filename(directory, entry, NULL));
	g_ptr_array_sort(paths, by_name);
	GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (guint i = 0; i < paths->len; i++)
		g_ptr_array_add(seeds, load(paths->pdata[i]));
	if (seeds->len == 0) {
		fprintf(stderr, "no seeds in %s\n", directory);
		exit(2);
	}
	return seeds;
}

/* One change: a bit, an octet, a span removed, doubled, or taken from another seed, or a cut. */
static void mutate_once(GByteArray *input, GBytes *other, GRand *random)
{
	static const guint8 telling[] = {0, '\n', '\r', ' ', '%', ':', '-', '.', '<', '>', '@', '"', 0x7f, 0x80, 0xff};
	gsize other_size;
	const guint8 *other_data = g_bytes_get_data(other, &other_size);
	guint at = input->len > 0 ? g_rand_int(random) % input->len : 0;
	guint span = input->len > 0 ? 1 + g_rand_int(random) % MIN(64, input->len - at) : 0;
	switch (input->len > 0 ? g_rand_int(random) % 7 : 6) {
	case 0:
		input->data[at] ^= (guint8)(1u << g_rand_int(random) % 8);
		break;
	case 1:
		input->data[at] = (guint8)g_rand_int(random);
		break;
	case 2:
		input->data[at] = telling[g_rand_int(random) % sizeof telling];
		break;
	case 3:
		g_byte_array_remove_range(input, at, span);
		break;
	case 4: {
		g_autofree guint8 *copy = g_memdup2(input->data + at, span);
		if (input->len + span <= INPUT_MAX)
			g_byte_array_append(input, copy, span);
		break;
	}
	case 5:
		g_byte_array_set_size(input, at);
		break;
	default:
		if (other_size > 0) {
			gsize from = g_rand_int(random) % other_size;
			gsize want = 1 + g_rand_int(random) % 4096; /* MIN() evaluates twice */
			gsize take = MIN(other_size - from, want);
			g_byte_array_set_size(input, at);
			g_byte_array_append(input, other_data + from, (guint)take);
		}
	}
}

static void run_mutations(GPtrArray *seeds)
{
	guint64 runs = setting("FUZZ_RUNS", 3000);
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)setting("FUZZ_SEED", 1));
	const char *save = g_getenv("FUZZ_SAVE");
	gint64 end = g_get_monotonic_time() + TIME_MAX;
	guint64 done = 0;
	for (; done < runs && g_get_monotonic_time() < end; done++) {
		gsize size;
		const guint8 *seed = g_bytes_get_data(seeds->pdata[g_rand_int(random) % seeds->len], &size);
		g_autoptr(GByteArray) input = g_byte_array_new();
		if (size > 0)
			g_byte_array_append(input, seed, (guint)size);
		for (guint n = 1 + g_rand_int(random) % 4; n > 0; n--)
			mutate_once(input, seeds->pdata[g_rand_int(random) % seeds->len], random);
		if (save != NULL)
			g_file_set_contents(save, (const char *)input->data, input->len, NULL);
		run(input->data, input->len);
	}
	printf("%" G_GUINT64_FORMAT " mutations of %u seeds\n", done, seeds->len);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		for (int i = 1; i < argc; i++) {
			g_autoptr(GBytes) input = load(argv[i]);
			run(g_bytes_get_data(input, NULL), g_bytes_get_size(input));
		}
		return 0;
	}
	g_autoptr(GPtrArray) seeds = load_seeds(argv[0]);
	run((const guint8 *)"", 0);
	for (guint i = 0; i < seeds->len; i++)
		run(g_bytes_get_data(seeds->pdata[i], NULL), g_bytes_get_size(seeds->pdata[i]));
	run_mutations(seeds);
	return 0;
}
