/* SPDX-License-Identifier: ISC */
/* store/cases.h - how a case is called (DESIGN 4): YEAR/N, YEAR/X-N, N; with MAILBOX: in front where it is asked for.
 *
 * Threads: any. Ownership: results are (transfer full). */
#ifndef SENIM_STORE_CASES_H
#define SENIM_STORE_CASES_H

#include "store/ledger.h"

/* "2026/17", "2026/X-5". */
char *cases_name(const LedgerCase *c);

typedef struct {
	char *mailbox; /* the part before the colon as typed, or NULL */
	guint year;    /* 0: none was typed */
	gboolean aside;
	guint number;
} CasesName;
void cases_name_clear(CasesName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CasesName, cases_name_clear)

/* FALSE where text is no such name: "17", "X-5", "2026/17", "2026/X-5", each with "senim:" or "senim@kmo.kz:" before. */
gboolean cases_parse(const char *text, CasesName *name);
/* TRUE where `typed` (the local part, or the whole address) means that mailbox; NULL means every one. */
gboolean cases_mailbox_matches(const char *typed, const char *mailbox);

#endif
