/* SPDX-License-Identifier: ISC */
/* cli/search.h - cases of an officer's index (cli/index.h) in which all words of a query stand, and the lines of it.
 *
 * Nothing of it is shown before the registrar has said that the case is still hers (/v1/search, /v1/extract).
 * Ownership: hits borrow mailbox and texts from the index. Threads: pure. */
#ifndef SENIM_CLI_SEARCH_H
#define SENIM_CLI_SEARCH_H

#include "cli/index.h"
#include "policy/stem.h"

#define SEARCH_LINES 3

typedef struct {
	char *mailbox;
	guint64 seq;
	gint64 received;  /* of the report; of its first message in the index where that is not in it */
	guint32 terms;    /* that stand in some text of it */
	GPtrArray *docs;  /* const IndexDoc, of the case */
} SearchHit;

/* Cases of that mailbox (NULL: of all) in whose texts every term stands, the newest first. Elements SearchHit. */
GPtrArray *search_find(const Index *index, const StemQuery *query, const char *mailbox);
/* The lines that say most, at most SEARCH_LINES: each around its word and one line long, not escaped (elements WipeText). */
GPtrArray *search_lines(const SearchHit *hit, const StemQuery *query);

#endif
