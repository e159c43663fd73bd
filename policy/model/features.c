/* SPDX-License-Identifier: ISC */
/* features BITS - one text a line in; its features out, one line each, as liblinear reads them: "BUCKET:VALUE ...", buckets
 * from 1 on, of length 1 as a vector. What policy/model/train.py trains on is thus what the screening sees. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/model.h"

int main(int argc, char **argv)
{
	guint bits = argc == 2 ? (guint)atoi(argv[1]) : 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	if (bits < 10 || bits > 20) {
		fputs("usage: features BITS (10 to 20) < TEXTS\n", stderr);
		return 2;
	}
	while ((n = getline(&line, &room, stdin)) >= 0) {
		gsize size = strcspn(line, "\n");
		g_autoptr(GArray) features = model_features(bits, line, size);
		for (guint i = 0; i < features->len; i++)
			printf("%s%u:%.6f", i > 0 ? " " : "", g_array_index(features, guint32, i) + 1, 1 / sqrt((double)features->len));
		putchar('\n');
	}
	free(line);
	return ferror(stdin) || fflush(stdout) != 0;
}
