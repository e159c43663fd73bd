/* SPDX-License-Identifier: ISC */
/* features BITS RULES - one text a line in; out, for each sentence of it that the model would be asked of under the rules of
 * that directory, a line: the number of the text, from 0 on, and the sentence's buckets. What policy/model/train.py trains on
 * is thus what the screening sees. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "policy/model.h"
#include "policy/screen.h"

static Rules *read_rules(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) read = files_read(directory, ".txt", RULES_OCTETS_MAX, error);
	if (read == NULL)
		return NULL;
	g_autofree RulesFile *files = g_new0(RulesFile, read->len);
	for (guint i = 0; i < read->len; i++) {
		const FilesFile *file = read->pdata[i];
		files[i] = (RulesFile){file->path, file->data, file->size};
	}
	return rules_read(files, read->len, error);
}

static void put_sentences(const Rules *rules, guint bits, guint number, const char *text, gsize size)
{
	g_autoptr(GPtrArray) asked = screen_asked(rules, &(ScreenQuestion){.text = text, .size = size});
	for (guint i = 0; i < asked->len; i++) {
		gsize n;
		const guint8 *codes = g_bytes_get_data(asked->pdata[i], &n);
		g_autoptr(GArray) features = model_features_codes(bits, codes, n);
		if (features == NULL)
			continue;
		printf("%u", number);
		for (guint j = 0; j < features->len; j++)
			printf(" %u", g_array_index(features, guint32, j));
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	guint bits = argc == 3 ? (guint)atoi(argv[1]) : 0, number = 0;
	g_autoptr(GError) error = NULL;
	char *line = NULL;
	size_t room = 0;
	if (bits < 10 || bits > 20) {
		fputs("usage: features BITS RULES (10 to 20, a directory) < TEXTS\n", stderr);
		return 2;
	}
	g_autoptr(Rules) rules = read_rules(argv[2], &error);
	if (rules == NULL) {
		fprintf(stderr, "features: %s\n", error->message);
		return 1;
	}
	while (getline(&line, &room, stdin) >= 0)
		put_sentences(rules, bits, number++, line, strcspn(line, "\n"));
	free(line);
	return ferror(stdin) || fflush(stdout) != 0;
}
