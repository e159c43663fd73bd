/* SPDX-License-Identifier: ISC */
/* base/words.h - the command line that the two daemons share: --config, --check-config [--json], --version, --help.
 *
 * Ownership: the caller's Words; words->config is to be freed with g_free().
 * Threads:   before the first thread.
 * Fails:     FALSE and *error (G_OPTION_ERROR), the message ready to print; --help prints and ends the process. */
#ifndef SENIM_BASE_WORDS_H
#define SENIM_BASE_WORDS_H

#include "base/config.h"

typedef struct {
	char *config; /* SYSCONFDIR/senim/senim.conf unless another was named */
	gboolean check, json, version;
} Words;

/* program: "senim-milter"; purpose: one line for --help. more: the program's own options, ended by a row without a name,
 * or NULL. */
gboolean words_read(Words *words, const char *program, const char *purpose, const GOptionEntry *more, int *argc, char ***argv,
                    GError **error);
/* What --check-config prints of a configuration that is good. */
void words_tell_config(const Words *words, const Config *config);

#endif
