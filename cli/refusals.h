/* SPDX-License-Identifier: ISC */
/* cli/refusals.h - the desk's words for what it does not do, each with a sentence of ours and the exit code.
 *
 * The registrar says `error` and `why` (doc/architecture.md, "The desk"); what it says in English is for its own callers. The
 * more exact word, `why`, goes first. tests/cli-catalogues.sh sees that each word that store/ can send has its row here.
 * Threads: pure. */
#ifndef SENIM_CLI_REFUSALS_H
#define SENIM_CLI_REFUSALS_H

#include "cli/cli.h"

typedef struct {
	const char *word;
	CliError code;        /* FAILED: to try again may help */
	const char *sentence; /* English, for gettext */
} Refusal;
/* NULL for a word that there is not, and for NULL. */
const Refusal *refusals_find(const char *word);

#endif
