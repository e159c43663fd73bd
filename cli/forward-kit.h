/* SPDX-License-Identifier: ISC */
/* cli/forward-kit.h - what a competent organisation or a department is handed (KMO 21): covering letter and annex.
 *
 * Covering letter in Kazakh and in Russian, each with a place for the chancellery's outgoing number and date; annex: the text,
 * without its writer, or with what names him where he agreed or a law asks for it. No header field, no attachment, no
 * technical trace of the letter is in it, and nothing of how it is kept.
 * Promise:   the annex carries a code of 128 random bits, drawn for this copy: without it whoever knows a letter could make
 *            its document, and find by the digest in the register which case it is.
 * Ownership: facts are borrowed. Threads: one. */
#ifndef SENIM_CLI_FORWARD_KIT_H
#define SENIM_CLI_FORWARD_KIT_H

#include "cli/page.h"

typedef struct {
	const char *organisation, *mailbox, *number;
	const char *name_kk, *name_ru, *address; /* the addressee's */
	const char *received;                    /* a moment as shown */
	const char *text;                        /* what is passed on, UTF-8 */
	const char *const *writer;               /* who wrote it, a line each; NULL-terminated; NULL: it goes without */
	const char *consent;                     /* by what word he goes along, where he does */
	const char *code;                        /* of this copy, 32 random hex digits */
} ForwardKit;

/* The page, to be looked at and rendered (transfer full). */
Page *forward_kit_page(const ForwardKit *kit);

#endif
